/* bundle.h - a folder of all of it. */
#pragma once

#include "batch/batch.h"

/* --- bundle.c ----------------------------------------------------------------------------------------------------- */

typedef struct {
	char *path;
	guint64 length;
	char sha256[65];
} BundleFile;

/* (transfer full) BundleFile; NULL after a verdict. */
GArray *bundle_list_parse(const char *text, gsize len);
const char *bundle_kind(const char *path); /* ledger, checkpoint, key, batch, facts, statement; NULL: in no bundle */
gboolean bundle_verify(const char *dir, const char *audit_key, LedgerOptions *options);
