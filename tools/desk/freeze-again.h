/* freeze-again.h - a batch frozen once more: a reason, a second operator, and nothing of the earlier freeze lost. */
#pragma once

#include "batch.h"
#include "log.h"

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

/* Freezes and draws of a batch over its whole life, as the ledger counts them. */
typedef struct {
	guint64 freezes, draws; /* batch.freeze, batch.draw */
	guint64 earlier_draws;	/* of freezes that were replaced */
	char *latest;		/* id of the latest freeze, NULL: none */
} VeilHistory;
gboolean veil_history_read(VeilLedger *ledger, const char *batch, VeilHistory *out, GError **error);
void veil_history_clear(VeilHistory *history);
/* May anything be drawn from this freeze? VEIL_ERROR_REFUSED when a later one has replaced it. */
gboolean veil_history_check_latest(VeilLedger *ledger, const char *batch, const char *freeze_id, GError **error);
/* May anybody still be drawn, or leave his place? VEIL_ERROR_REFUSED once the batch is settled: the term for complaints runs against panels that stand. */
gboolean veil_history_check_unsettled(VeilLog *log, const char *freeze_id, GError **error);
