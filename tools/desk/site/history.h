/* history.h - how often a batch was frozen and drawn, and whether anything may still be done with a freeze. */
#pragma once

#include "site/log.h"

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
