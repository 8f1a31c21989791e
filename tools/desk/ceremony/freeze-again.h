/* freeze-again.h - a batch frozen once more: a reason, a second operator, and nothing of the earlier freeze lost. */
#pragma once

#include "site/batch.h"
#include "site/log.h"

#include <veil/registry.h>

/**
 * veil_refreeze_begin:
 * The id and the date of the freeze that replaces the batch's present one. Its intent is in the ledger when this returns: written under an approval of
 * purpose `freeze`, or found, when an interruption came after it. day: --as-of; day_given FALSE: it may be another for an interrupted one.
 * Errors: VEIL_ERROR_REFUSED no approval yet (the message names the request), no reason, a settled batch; VEIL_ERROR_USAGE.
 */
gboolean veil_refreeze_begin(VeilLog *log, const VeilBatchRow *row, VeilDay day, gboolean day_given, const char *reason, char out_freeze_id[33],
			     VeilDay *out_as_of, GError **error);
/* Before the files of freeze `number` get their names: those of the one before become NAME.F(number-1).veil, .audit and .drawn. Done already is fine. */
gboolean veil_refreeze_keep_older(const VeilSite *site, const char *name, gint64 number, GError **error);
/* The freeze that this one replaced; "" for a first one. (transfer full) */
char *veil_refreeze_replaced(VeilLog *log, const char *freeze_id, GError **error);
