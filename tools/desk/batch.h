/* batch.h - the steps of a batch (DESIGN 2), one function a step. */
#pragma once

#include <veil/batch.h>
#include <veil/match.h>

#include "site.h"

typedef struct {
	const VeilSite *site;
	const char *operator_handle;
	gint64 now_unix_s;
	gboolean quiet;
} VeilStep;

/**
 * veil_step_freeze:
 * Writes draw/NAME.veil and audit/NAME.audit. as_of: NULL = today (UTC). A freeze that was interrupted is completed with the id, the key and the
 * date it began with; another --as-of is refused then.
 * Errors: VEIL_ERROR_REFUSED a second freeze, wrong passphrase; VEIL_ERROR_NOT_AVAILABLE no such batch.
 */
gboolean veil_step_freeze(const VeilStep *step, const char *name, const char *as_of, GError **error);

/**
 * veil_step_draw:
 * One draw a freeze. seed_hex (nullable, 64 hex digits): only a rehearsal may give one. An interrupted draw is completed with the seed it began with.
 * Errors: VEIL_ERROR_REFUSED a second draw, a policy this version cannot draw by; VEIL_ERROR_INFEASIBLE with the witness in words.
 */
gboolean veil_step_draw(const VeilStep *step, const char *name, const char *seed_hex, GError **error);

/* (transfer full) an HTML file of what stands in the batch file and the ledger. */
char *veil_step_minutes(const VeilStep *step, const char *name, GError **error);
