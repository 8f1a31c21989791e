/* staff.h - operators who have a stake in a batch do not act in it: S01, S02 and C20 of RULES. */
#pragma once

#include <veil/conflict.h>
#include <veil/registry.h>

#include "site/log.h"

/**
 * veil_staff_bar:
 * For the freeze: which operators (`import staff`) stand behind a project of this batch, are tied to one (C02 to C10, whether or not the policy excludes experts for
 * it), or are in its pool themselves. Their handles go into the ledger as `batch.barred`, "-" when there are none; no project, no rule. Nothing is written
 * where no staff was imported. VEIL_ERROR_REFUSED when the log's own operator is among them.
 */
gboolean veil_staff_bar(VeilLog *log, VeilRegistry *registry, const char *batch, const char *freeze_id, const VeilPolicy *policy, VeilFacts *facts,
			VeilDay as_of, GError **error);

/* Is this operator barred from the batch, by its latest `batch.barred`? VEIL_ERROR_REFUSED, one text for every reason. May be asked inside the ledger's
 * transaction. batch NULL: nothing to ask. */
gboolean veil_staff_check(VeilLedger *ledger, const char *batch, const char *handle, GError **error);
