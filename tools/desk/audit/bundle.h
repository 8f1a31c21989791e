/* bundle.h - what an outside auditor is handed: log, signed states, batches, statements, in one folder with a list (docs/design/bundle.md). */
#pragma once

#include "site/site.h"

typedef struct {
	const char *const *batches; /* NULL-terminated names; may be none */
	gboolean with_facts;	    /* the audit files too */
} VeilBundleOptions;

/**
 * veil_bundle_write:
 * Verifies the whole log, then makes dir, which must not exist; whatever fails leaves nothing of it behind. A batch that was never opened gets its statement of that.
 * Every batch file is one that the log commits to, at the moment of the copy. out_digest: of the list, hex, 65 bytes.
 * VEIL_ERROR_REFUSED: dir exists; VEIL_ERROR_NOT_AVAILABLE: no such batch; VEIL_ERROR_VERIFY: log or file does not hold.
 */
gboolean veil_bundle_write(const VeilSite *site, const char *dir, const VeilBundleOptions *options, char *out_digest, GError **error);
