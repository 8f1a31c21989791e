/* committed.c - see committed.h.
 *
 * One pass over the records of this freeze. veil-verify does the same with code of its own, and much more; this is what keeps veil from working on, or printing for signature, what
 * veil-verify would refuse afterwards.
 */
#include "site/committed.h"

#include <string.h>

typedef struct {
	const VeilBatch *batch;
	const char *freeze_id;
	char batch_root[65];
	char (*draw_roots)[65]; /* of draw 1, 2, ... */
	guint32 n_draws;
	gboolean freeze_found;
	guint8 *draw_found, *event_found;
} Held;

static const char *
get(const VeilRecord *record, const char *key)
{
	const char *value = veil_record_get(record, key);

	return value != NULL ? value : "";
}

static gboolean
is_line(const VeilRecord *record, const VeilBatchEvent *event)
{
	return strcmp(get(record, "kind"), event->kind) == 0 && strcmp(get(record, "project"), event->project) == 0 && strcmp(get(record, "reviewer"), event->reviewer) == 0 &&
	       strcmp(get(record, "reason"), event->reason) == 0 && strcmp(get(record, "promoted"), event->promoted) == 0;
}

static gboolean
compare(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Held *h = data;
	guint64 n;

	(void)bytes, (void)len, (void)error;
	if (strcmp(get(record, "freeze-id"), h->freeze_id) != 0)
		return TRUE;
	if (strcmp(record->act, "batch.freeze") == 0) {
		h->freeze_found = h->freeze_found || strcmp(get(record, "batch-root"), h->batch_root) == 0;
	} else if (strcmp(record->act, "batch.draw") == 0) {
		n = g_ascii_strtoull(get(record, "draw"), NULL, 10);
		if (n > 0 && n <= h->n_draws && strcmp(get(record, "draw-root"), h->draw_roots[n - 1]) == 0)
			h->draw_found[n - 1] = 1;
	} else {
		n = g_ascii_strtoull(get(record, "event"), NULL, 10);
		if (n > 0 && n <= h->batch->n_events && is_line(record, &h->batch->events[n - 1]))
			h->event_found[n - 1] = 1;
	}
	return TRUE;
}

static gboolean
other(GError **error, const char *what, guint32 n)
{
	g_autofree char *number = n > 0 ? g_strdup_printf(" %u", n) : g_strdup("");

	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the batch file is not the one that the ledger names: %s%s is another; if a command was interrupted run it again, else put the file back as it was", what, number);
	return FALSE;
}

static gboolean
find_roots(Held *h, const char *path, GError **error)
{
	guint8 root[32], draw_root[32];

	if (!veil_batch_roots(path, 0, root, NULL, error))
		return FALSE;
	veil_hex_encode(root, sizeof root, h->batch_root);
	for (guint32 n = 1; n <= h->n_draws; n++) {
		if (!veil_batch_roots(path, n, root, draw_root, error))
			return FALSE;
		veil_hex_encode(draw_root, sizeof draw_root, h->draw_roots[n - 1]);
	}
	return TRUE;
}

gboolean
veil_batch_check_committed(VeilLedger *ledger, const char *path, const VeilBatch *batch, guint32 n_draws, GError **error)
{
	static const char *const concerned[] = {"\nact batch.freeze\n", "\nact batch.draw\n", "\nact batch.vacancy\n", NULL};
	g_autofree char(*roots)[65] = g_malloc0_n(MAX(n_draws, 1), sizeof *roots);
	g_autofree guint8 *draws = g_malloc0(n_draws + 1), *events = g_malloc0((gsize)batch->n_events + 1);
	Held h = {.batch = batch, .freeze_id = veil_batch_get(batch, "freeze_id"), .draw_roots = roots, .n_draws = n_draws, .draw_found = draws, .event_found = events};

	if (h.freeze_id == NULL)
		return other(error, "the freeze", 0);
	if (!find_roots(&h, path, error) || !veil_ledger_each_with(ledger, concerned, compare, &h, error))
		return FALSE;
	if (!h.freeze_found)
		return other(error, "the freeze", 0);
	for (guint32 n = 0; n < n_draws; n++)
		if (!draws[n])
			return other(error, "draw", n + 1);
	for (guint32 n = 0; n < batch->n_events; n++)
		if (!events[n])
			return other(error, "line of the journal", n + 1);
	return TRUE;
}
