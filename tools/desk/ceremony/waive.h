/* waive.h - a conflict of a rule that may be waived (forbid*), waived for one pair by two persons and a reason. */
#pragma once

#include <veil/conflict.h>
#include <veil/registry.h>

#include "site/batch.h"
#include "site/log.h"

typedef struct {
	const char *project, *reviewer; /* a source's ids */
	const char *source;		/* NULL: local */
	const char *rule;		/* "C13" */
	const char *reason;
} VeilWaiver;

/**
 * veil_step_waive:
 * Asks for the waiver; another operator approves it (approve.h), and the batch's next freeze uses it. TRUE when it is approved already. The answer does not
 * depend on whether the pair has a conflict at all. Opens the registry and the ledger, which gets a salted digest and no id.
 * Errors: VEIL_ERROR_NOT_AVAILABLE no such batch, project or expert; VEIL_ERROR_REFUSED a rule that is not forbid* or not enabled, no approval yet, a
 * closed batch; VEIL_ERROR_USAGE.
 */
gboolean veil_step_waive(const VeilStep *step, const char *name, const VeilWaiver *waiver, GError **error);

/**
 * veil_waivers_apply:
 * For the freeze: takes the waived rules out of the exclusions. Each one used is in the ledger as `batch.waiver` when this returns; those of an interrupted
 * freeze are found there. A pair that keeps rules of severity flag only becomes a flagged one.
 */
gboolean veil_waivers_apply(VeilLog *log, VeilRegistry *registry, const VeilBatchRow *row, const char *freeze_id, const VeilPolicy *policy,
			    const VeilBatchKey *key, const VeilFacts *facts, VeilExclusions *exclusions, GError **error);
