/* history.c - see history.h. The ledger is asked and not the batch file: that holds one freeze, and the ledger all of them. */
#include "site/history.h"

#include <string.h>

#include "site/found.h"

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

typedef struct {
	const char *batch;
	VeilHistory *history;
	guint64 latest_draws;
} Count;

static gboolean
count_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Count *count = data;

	(void)bytes, (void)len, (void)error;
	if (g_strcmp0(veil_record_get(record, "batch"), count->batch) != 0)
		return TRUE;
	if (strcmp(record->act, "batch.freeze") == 0) {
		count->history->freezes++;
		g_free(count->history->latest);
		count->history->latest = g_strdup(veil_record_get(record, "freeze-id"));
		count->latest_draws = 0;
	} else {
		count->history->draws++;
		count->latest_draws++;
	}
	return TRUE;
}

gboolean
veil_history_read(VeilLedger *ledger, const char *batch, VeilHistory *out, GError **error)
{
	static const char *const concerned[] = {"\nact batch.freeze\n", "\nact batch.draw\n", NULL};
	Count count = {batch, out, 0};

	*out = (VeilHistory){0};
	if (!veil_ledger_each_with(ledger, concerned, count_one, &count, error)) {
		veil_history_clear(out);
		return FALSE;
	}
	out->earlier_draws = out->draws - count.latest_draws;
	return TRUE;
}

void
veil_history_clear(VeilHistory *history)
{
	g_clear_pointer(&history->latest, g_free);
}

gboolean
veil_history_check_unsettled(VeilLog *log, const char *freeze_id, GError **error)
{
	g_autoptr(VeilFound) settled = NULL;

	if (!veil_log_find(log, "batch.settle", "freeze-id", freeze_id, &settled, error))
		return FALSE;
	return settled == NULL || refuse(error, "this batch is settled: its panels stand, and complaints are made against them; what has to be reviewed again goes into a batch of "
						"its own (`veil batch new`)");
}

gboolean
veil_history_check_latest(VeilLedger *ledger, const char *batch, const char *freeze_id, GError **error)
{
	VeilHistory history;

	if (!veil_history_read(ledger, batch, &history, error))
		return FALSE;
	gboolean latest = history.latest == NULL || strcmp(history.latest, freeze_id) == 0;
	veil_history_clear(&history);
	return latest || refuse(error, "a later freeze has replaced this one: nothing is drawn from it any more");
}
