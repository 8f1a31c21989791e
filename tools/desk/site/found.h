/* found.h - a ledger record that was looked for, with the storage it borrows from. */
#pragma once

#include "site/log.h"

typedef struct {
	VeilRecord record;
	gpointer storage;
} VeilFound;

/* The latest record of this act with this value; *out_found NULL when there is none. */
gboolean veil_log_find(VeilLog *log, const char *act, const char *key, const char *value, VeilFound **out_found, GError **error);
/* "" when the record has no such field. */
const char *veil_found_get(const VeilFound *found, const char *key);
void veil_found_free(VeilFound *found);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilFound, veil_found_free)
