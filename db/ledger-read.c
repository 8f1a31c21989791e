/* ledger-read.c - looking into the ledger: every record strictly parsed, or the reader is told which one is not.
 *
 * Where the index (ledger-index.c) can tell, it says which records to read; else all of them are.
 */
#include "ledger-private.h"

#include <string.h>

gboolean
veil_ledger__parse(VeilLedger *ledger, guint64 seq, const guint8 *bytes, gsize len, VeilRecord *out_record, gpointer *out_storage, GError **error)
{
	VeilRecord record;
	gpointer storage = NULL;
	const char *fault = NULL;
	if (!veil_record_parse(bytes, len, &record, &storage, NULL))
		fault = "is not in its canonical form";
	else if (record.seq != seq)
		fault = "bears another number";
	else if (strcmp(record.origin, ledger->origin) != 0)
		fault = "is of another log";
	if (fault != NULL) {
		veil_record_storage_free(storage);
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " %s: it was altered", seq, fault);
		return FALSE;
	}
	*out_record = record;
	*out_storage = storage;
	return TRUE;
}

static gboolean
holds_one(const guint8 *bytes, gsize len, const char *const *texts)
{
	while (*texts != NULL && (bytes == NULL || memmem(bytes, len, *texts, strlen(*texts)) == NULL))
		texts++;
	return *texts != NULL;
}

/* texts NULL: all. */
static gboolean
walk(VeilLedger *ledger, guint64 from, const char *const *texts, VeilLedgerFunc func, gpointer data, GError **error)
{
	gboolean go_on = TRUE;
	g_autoptr(GError) inner = NULL;
	guint64 expected = from;

	veil_stmt_bind_int(ledger->forward, 1, from > G_MAXINT64 ? G_MAXINT64 : (gint64)from);
	while (go_on && veil_stmt_step(ledger->forward, &inner) == 1) {
		gsize len = 0;
		guint64 seq = (guint64)veil_stmt_int(ledger->forward, 0);
		const guint8 *bytes = veil_stmt_blob(ledger->forward, 1, &len);
		VeilRecord record;
		gpointer storage = NULL;
		if (seq != expected) {
			g_set_error(&inner, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " is missing", expected);
			break;
		}
		expected++;
		if (texts != NULL && !holds_one(bytes, len, texts))
			continue;
		if (!veil_ledger__parse(ledger, seq, bytes, len, &record, &storage, &inner))
			break;
		go_on = func(&record, bytes, len, data, &inner);
		veil_record_storage_free(storage);
	}
	veil_stmt_reset(ledger->forward);
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_ledger_each(VeilLedger *ledger, guint64 from, VeilLedgerFunc func, gpointer data, GError **error)
{
	return walk(ledger, from, NULL, func, data, error);
}

gboolean
veil_ledger_scan(VeilLedger *ledger, const char *const *texts, VeilLedgerFunc func, gpointer data, GError **error)
{
	return walk(ledger, 0, texts, func, data, error);
}

/* The records that the index points at, each of which must be what was asked for. */
static gboolean
walk_picked(VeilLedger *ledger, const GArray *seqs, const char *const *texts, VeilLedgerFunc func, gpointer data, GError **error)
{
	gboolean go_on = TRUE;
	g_autoptr(GError) inner = NULL;

	for (guint i = 0; go_on && inner == NULL && i < seqs->len; i++) {
		guint64 seq = g_array_index(seqs, guint64, i);
		VeilRecord record;
		gpointer storage = NULL;
		gsize len = 0;

		veil_stmt_bind_int(ledger->picked, 1, (gint64)seq);
		if (veil_stmt_step(ledger->picked, &inner) < 0)
			break;
		const guint8 *bytes = veil_stmt_blob(ledger->picked, 0, &len);
		if (!holds_one(bytes, len, texts))
			veil_ledger__index_disagrees(seq, &inner);
		else if (veil_ledger__parse(ledger, seq, bytes, len, &record, &storage, &inner))
			go_on = func(&record, bytes, len, data, &inner);
		veil_record_storage_free(storage);
		veil_stmt_reset(ledger->picked);
	}
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_ledger_each_with(VeilLedger *ledger, const char *const *texts, VeilLedgerFunc func, gpointer data, GError **error)
{
	g_autoptr(GError) inner = NULL;
	g_autoptr(GArray) seqs = veil_ledger__marked(ledger, texts, &inner);

	if (seqs != NULL)
		return walk_picked(ledger, seqs, texts, func, data, error);
	if (inner == NULL)
		return walk(ledger, 0, texts, func, data, error);
	g_propagate_error(error, g_steal_pointer(&inner));
	return FALSE;
}

static gboolean
matches(const VeilRecord *record, const char *act, const char *key, const char *value)
{
	return strcmp(record->act, act) == 0 && (key == NULL || g_strcmp0(veil_record_get(record, key), value) == 0);
}

/* Acts are plain words, which a record holds as they are. */
static char *
line_of_act(const char *act)
{
	gboolean plain = *act != '\0' && strspn(act, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(act);

	return plain ? g_strdup_printf("\nact %s\n", act) : NULL;
}

/* Backwards over all records; line, if not NULL, spares parsing most of the others. */
static gboolean
find_back(VeilLedger *ledger, const char *line, const char *act, const char *key, const char *value, VeilRecord *out_record, gpointer *out_storage,
	  GError **error)
{
	gpointer found = NULL;
	VeilRecord record;
	int got = 0;
	gboolean ok = TRUE;

	while (found == NULL && ok && (got = veil_stmt_step(ledger->backward, error)) == 1) {
		gsize len = 0;
		guint64 seq = (guint64)veil_stmt_int(ledger->backward, 0);
		const guint8 *bytes = veil_stmt_blob(ledger->backward, 1, &len);
		if (line != NULL && (bytes == NULL || memmem(bytes, len, line, strlen(line)) == NULL))
			continue;
		ok = veil_ledger__parse(ledger, seq, bytes, len, &record, &found, error);
		if (ok && !matches(&record, act, key, value))
			g_clear_pointer(&found, veil_record_storage_free);
	}
	veil_stmt_reset(ledger->backward);
	if (got < 0 || !ok)
		return FALSE;
	if (found != NULL)
		*out_record = record;
	*out_storage = found;
	return TRUE;
}

typedef struct {
	const char *act, *key, *value;
	VeilRecord *record;
	gpointer *storage;
	VeilLedger *ledger;
} Search;

/* The same over what the index has of this act. */
static gboolean
find_marked(const Search *s, const char *line, GError **error)
{
	g_autofree char *mark = g_strndup(line + 1, strlen(line) - 2);
	const char *texts[] = {line, NULL};
	gpointer found = NULL;
	VeilRecord record;
	int got = 0;
	gboolean ok = TRUE;

	veil_stmt_bind_text(s->ledger->marked_back, 1, mark);
	while (found == NULL && ok && (got = veil_stmt_step(s->ledger->marked_back, error)) == 1) {
		guint64 seq = (guint64)veil_stmt_int(s->ledger->marked_back, 0);
		g_autoptr(GBytes) bytes = veil_ledger_record(s->ledger, seq, error);
		gsize len = 0;
		const guint8 *data = bytes != NULL ? g_bytes_get_data(bytes, &len) : NULL;

		ok = data != NULL && (holds_one(data, len, texts) || veil_ledger__index_disagrees(seq, error)) && veil_ledger__parse(s->ledger, seq, data, len, &record, &found, error);
		if (ok && !matches(&record, s->act, s->key, s->value))
			g_clear_pointer(&found, veil_record_storage_free);
	}
	veil_stmt_reset(s->ledger->marked_back);
	if (got < 0 || !ok)
		return FALSE;
	if (found != NULL)
		*s->record = record;
	*s->storage = found;
	return TRUE;
}

gboolean
veil_ledger_find_last(VeilLedger *ledger, const char *act, const char *key, const char *value, VeilRecord *out_record, gpointer *out_storage,
		      GError **error)
{
	g_autofree char *line = line_of_act(act);
	Search search = {act, key, value, out_record, out_storage, ledger};

	return ledger->indexed && line != NULL ? find_marked(&search, line, error) : find_back(ledger, line, act, key, value, out_record, out_storage, error);
}

gboolean
veil_ledger_has(VeilLedger *ledger, const char *act, gboolean *out_has, GError **error)
{
	VeilRecord record;
	gpointer storage = NULL;

	if (!veil_ledger_find_last(ledger, act, NULL, NULL, &record, &storage, error))
		return FALSE;
	*out_has = storage != NULL;
	veil_record_storage_free(storage);
	return TRUE;
}

typedef struct {
	const char *act, *key, *value;
	guint64 n;
} Count;

static gboolean
count_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Count *count = data;
	(void)bytes, (void)len, (void)error;
	count->n += matches(record, count->act, count->key, count->value);
	return TRUE;
}

gboolean
veil_ledger_count(VeilLedger *ledger, const char *act, const char *key, const char *value, guint64 *out_n, GError **error)
{
	Count count = {act, key, value, 0};
	g_autofree char *line = line_of_act(act);
	const char *texts[] = {line, NULL};
	if (!(line != NULL ? veil_ledger_each_with(ledger, texts, count_one, &count, error) : veil_ledger_each(ledger, 0, count_one, &count, error)))
		return FALSE;
	*out_n = count.n;
	return TRUE;
}

GBytes *
veil_ledger_record(VeilLedger *ledger, guint64 seq, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	veil_stmt_bind_int(ledger->one, 1, seq > G_MAXINT64 ? -1 : (gint64)seq);
	int got = veil_stmt_step(ledger->one, error);
	if (got < 0)
		return NULL;
	if (got == 1) {
		gsize len = 0;
		const guint8 *record = veil_stmt_blob(ledger->one, 0, &len);
		bytes = g_bytes_new(record, len);
	}
	veil_stmt_reset(ledger->one);
	if (bytes == NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "the ledger has no record %" G_GUINT64_FORMAT, seq);
	return g_steal_pointer(&bytes);
}
