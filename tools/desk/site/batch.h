/* batch.h - the steps of a batch (DESIGN 2), one function a step. */
#pragma once

#include <veil/batch.h>
#include <veil/match.h>

#include "site/site.h"

typedef struct {
	const VeilSite *site;
	const char *operator_handle;
	gint64 now_unix_s;
	gboolean quiet;
} VeilStep;

typedef struct {
	const char *as_of;  /* NULL: today (UTC) */
	gboolean again;	    /* a freeze that replaces the one there is */
	const char *reason; /* of that */
} VeilFreezeOptions;

/**
 * veil_step_freeze:
 * Writes draw/NAME.veil and audit/NAME.audit. A freeze that was interrupted is completed with the id, the key and the date it began with; another --as-of is
 * refused then. again: needs an approval of purpose `freeze`; the files of the freeze before are kept as NAME.F1.veil and so on.
 * Errors: VEIL_ERROR_REFUSED a second freeze, no approval yet, wrong passphrase; VEIL_ERROR_NOT_AVAILABLE no such batch.
 */
gboolean veil_step_freeze(const VeilStep *step, const char *name, const VeilFreezeOptions *options, GError **error);

typedef struct {
	const char *seed_hex; /* 64 hex digits; only a rehearsal without a ceremony may give one */
	gboolean top_up;      /* fill the seats that no waiting reserve can take */
	guint32 add;	      /* > 0: a further round of so many places a project */
	char **projects;      /* of the round; NULL: all */
	const char *reason;   /* of a top-up or a round; printed in the minutes */
} VeilDrawOptions;

/**
 * veil_step_draw:
 * One first draw a freeze; top-ups and rounds keep every place there is and are draws of their own. An interrupted draw is completed with the seed and the request it began with.
 * Errors: VEIL_ERROR_REFUSED a second first draw, no seed, odds or an allowed set that the method cannot have; VEIL_ERROR_INFEASIBLE with the witness in words.
 */
gboolean veil_step_draw(const VeilStep *step, const char *name, const VeilDrawOptions *options, GError **error);
/* (transfer full) an HTML file of what stands in the batch file and the ledger. */
char *veil_step_minutes(const VeilStep *step, const char *name, GError **error);
