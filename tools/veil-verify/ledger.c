/* ledger.c - the log as a whole: records, tree, checkpoints, and the order of intent and result.
 *
 * The file's owner can rewrite everything in it, the tree included. What he cannot rewrite is a checkpoint that somebody else holds: its
 * size must not be larger than the log (a tail cut off) and its root must be that of the log's first `size` records.
 */
#include <string.h>

#include "verify.h"

static const TableSpec leaf_table[] = {{"leaf", "seq record", "IB", "seq"}, {NULL, NULL, NULL, NULL}};

typedef struct {
	const char *label;
	Tree tree;
	Ledger *ledger;
	Operators *operators;
	GArray *checkpoints; /* Checkpoint, by size */
	guint next;	     /* the first checkpoint not yet reached */
	char *time;
	guint64 backwards;   /* records whose time is earlier than that of the record before */
} Reading;

/* The checkpoints that speak of exactly so many records. */
static gboolean
check_roots(Reading *reading)
{
	guint8 root[32];

	tree_root(&reading->tree, root);
	for (; reading->next < reading->checkpoints->len; reading->next++) {
		const Checkpoint *point = &g_array_index(reading->checkpoints, Checkpoint, reading->next);

		if (point->size > reading->tree.size)
			return TRUE;
		if (memcmp(point->root, root, 32) != 0)
			return verdict_reject("%s: the first %" G_GUINT64_FORMAT " records of the ledger are not those that the checkpoint signs",
					      point->file, point->size);
	}
	return TRUE;
}

static gboolean
read_leaf(sqlite3_stmt *row, gpointer data)
{
	Reading *reading = data;
	gint64 seq = sqlite3_column_int64(row, 0);
	const guint8 *bytes = sqlite3_column_blob(row, 1);
	gsize len = (gsize)sqlite3_column_bytes(row, 1);
	const char *why = NULL;
	Record *record;
	gboolean ok = TRUE;

	if (seq != (gint64)reading->tree.size)
		return verdict_reject("%s: record %" G_GUINT64_FORMAT " is missing", reading->label, reading->tree.size);
	record = record_parse(bytes, len, &why);
	if (record == NULL)
		return verdict_reject("%s: record %" G_GINT64_FORMAT " is no canonical record: %s", reading->label, seq, why);
	if (record->seq != (guint64)seq)
		ok = verdict_reject("%s: record %" G_GINT64_FORMAT " bears another number", reading->label, seq);
	if (reading->ledger->origin == NULL)
		reading->ledger->origin = g_strdup(record->origin);
	if (ok && strcmp(reading->ledger->origin, record->origin) != 0)
		ok = verdict_reject("%s: record %" G_GINT64_FORMAT " names another origin than those before", reading->label, seq);
	reading->backwards += reading->time != NULL && strcmp(record->time, reading->time) < 0;
	g_free(reading->time);
	reading->time = g_strdup(record->time);
	tree_add(&reading->tree, bytes, len);
	leaf_hash(bytes, len, record->leaf);
	ok = ok && operators_judge(reading->operators, record);
	if (ok && g_str_has_prefix(record->act, "batch."))
		g_ptr_array_add(reading->ledger->records, g_steal_pointer(&record));
	record_free(record);
	return ok && check_roots(reading);
}

static gboolean
add_checkpoint(GArray *list, const char *path, const NoteKey *key)
{
	g_autofree char *note = NULL, *name = g_path_get_basename(path);
	gsize len = 0;
	Checkpoint point = {0};

	if (!read_whole_file(path, &note, &len) || !checkpoint_open(name, note, len, key, &point))
		return FALSE;
	g_array_append_val(list, point);
	return TRUE;
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
by_size(gconstpointer a, gconstpointer b)
{
	guint64 x = ((const Checkpoint *)a)->size, y = ((const Checkpoint *)b)->size;

	return (x > y) - (x < y);
}

/* Everything that is signed: beside the ledger, and what the user brought. */
static GPtrArray *
find_checkpoints(const LedgerOptions *options)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folder = g_path_get_dirname(options->ledger);
	g_autofree char *latest = g_build_filename(folder, "checkpoint", NULL);
	g_autofree char *older = g_build_filename(folder, "checkpoints", NULL);
	GDir *dir = g_dir_open(older, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(name, ".note"))
			g_ptr_array_add(paths, g_build_filename(older, name, NULL));
	if (dir != NULL)
		g_dir_close(dir);
	g_ptr_array_sort(paths, by_name);
	if (g_file_test(latest, G_FILE_TEST_EXISTS))
		g_ptr_array_add(paths, g_steal_pointer(&latest));
	for (guint i = 0; options->checkpoints && options->checkpoints[i]; i++)
		g_ptr_array_add(paths, g_strdup(options->checkpoints[i]));
	return paths;
}

static gboolean
find_key(const LedgerOptions *options, NoteKey *out_key)
{
	g_autofree char *text = NULL, *folder = g_path_get_dirname(options->ledger);
	g_autofree char *beside = g_build_filename(folder, "vkey", NULL);
	gsize len;

	if (options->key != NULL && !g_file_test(options->key, G_FILE_TEST_IS_REGULAR))
		return note_key_parse(options->key, out_key);
	if (options->key == NULL && !g_file_test(beside, G_FILE_TEST_EXISTS))
		return verdict_reject("there is a checkpoint but no key to check it with: give --key");
	if (!read_whole_file(options->key ? options->key : beside, &text, &len))
		return FALSE;
	if (options->key == NULL)
		verdict_note("the key was read from the site itself: self-asserted; give --key with the key you hold");
	return note_key_parse(text, out_key);
}

/* What a freeze or a draw is: freeze-id, and which draw of it. */
static gboolean
same_step(const Record *a, const Record *b, gboolean draw)
{
	return g_str_has_prefix(b->act, draw ? "batch.draw" : "batch.freeze") && g_strcmp0(record_get(a, "freeze-id"), record_get(b, "freeze-id")) == 0 &&
	       (!draw || g_strcmp0(record_get(a, "draw"), record_get(b, "draw")) == 0);
}

/* Every result has its intent before it; one freeze-id, one freeze, and one result of each of its draws; all intents of a draw bear one seed. */
static gboolean
check_order(const char *label, const GPtrArray *records)
{
	guint open = 0;

	for (guint i = 0; i < records->len; i++) {
		const Record *result = records->pdata[i];
		gboolean freeze = g_str_has_prefix(result->act, "batch.freeze"), draw = g_str_has_prefix(result->act, "batch.draw");
		gboolean intent = g_str_has_suffix(result->act, ".intent"), seen = FALSE, done = FALSE;
		const char *id = record_get(result, "freeze-id");

		if (!freeze && !draw)
			continue;
		if (id == NULL || !is_hex(id, 32))
			return verdict_reject("%s: record %" G_GUINT64_FORMAT " (%s) has no freeze-id", label, result->seq, result->act);
		for (guint j = 0; j < records->len; j++) {
			const Record *other = records->pdata[j];

			if (j == i || !same_step(result, other, draw))
				continue;
			if (draw && g_strcmp0(record_get(other, "seed"), record_get(result, "seed")) != 0)
				return verdict_reject("%s: records %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " name different seeds for one freeze",
						      label, MIN(result->seq, other->seq), MAX(result->seq, other->seq));
			if (g_str_has_suffix(other->act, ".intent"))
				seen = seen || other->seq < result->seq;
			else if (!intent)
				return verdict_reject("%s: records %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " are two results (%s) for one freeze-id",
						      label, MIN(result->seq, other->seq), MAX(result->seq, other->seq), result->act);
			else
				done = TRUE;
		}
		if (!intent && !seen)
			return verdict_reject("%s: record %" G_GUINT64_FORMAT " (%s) has no intent before it", label, result->seq, result->act);
		open += intent && !done;
	}
	if (open > 0)
		verdict_note("%u intent(s) without a result: a step was begun and refused, found nothing legal, or was interrupted", open);
	return TRUE;
}

static gboolean
judge(const LedgerOptions *options, Reading *reading, const NoteKey *key)
{
	const GArray *points = reading->checkpoints;
	guint8 root[32];
	char hex[65];

	if (reading->next < points->len) {
		const Checkpoint *point = &g_array_index(points, Checkpoint, reading->next);

		return verdict_reject("%s: it signs %" G_GUINT64_FORMAT " records, the ledger has %" G_GUINT64_FORMAT ": its tail is cut off",
				      point->file, point->size, reading->tree.size);
	}
	if (key->name != NULL && reading->ledger->origin != NULL && strcmp(key->name, reading->ledger->origin) != 0)
		return verdict_reject("%s: its origin is not the one that the key names", reading->label);
	if (!check_order(reading->label, reading->ledger->records) || !seeds_judge(reading->ledger))
		return FALSE;
	tree_root(&reading->tree, root);
	hex_of(root, 32, hex);
	verdict_ok("records", "%" G_GUINT64_FORMAT " canonical records without a gap, tree root %s; %s", reading->tree.size, hex,
		   operators_named(reading->operators) ? "since there are operators each is signed by one, in a role of his, with second persons where they must be"
						       : "no operator's key is in it: who wrote a record is what the record says");
	verdict_number("operators", operators_named(reading->operators));
	verdict_number("records", (gint64)reading->tree.size);
	verdict_number("checkpoints", points->len);
	if (points->len > 0)
		verdict_ok("checkpoints", "%u signed by %s (%s); the log continues each of them, the latest covers %" G_GUINT64_FORMAT " records",
			   points->len, key->name, options->key ? "key given" : "self-asserted",
			   g_array_index(points, Checkpoint, points->len - 1).size);
	else
		verdict_note("no checkpoint: nobody outside could tell whether this log was rewritten or cut");
	if (reading->backwards > 0)
		verdict_note("%" G_GUINT64_FORMAT " record(s) are dated before the record in front of them", reading->backwards);
	return TRUE;
}

gboolean
ledger_verify(const LedgerOptions *options, Ledger *out)
{
	g_autofree char *label = g_path_get_basename(options->ledger);
	g_autoptr(GPtrArray) paths = find_checkpoints(options);
	Reading reading = {.label = label, .ledger = out};
	NoteKey key = {0};
	sqlite3 *db = db_open(options->ledger, label, leaf_table, NULL, FALSE);
	gboolean ok = db != NULL;

	out->records = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
	reading.operators = operators_new();
	reading.checkpoints = g_array_new(FALSE, TRUE, sizeof(Checkpoint));
	if (ok && (paths->len > 0 || options->key != NULL))
		ok = find_key(options, &key);
	for (guint i = 0; ok && i < paths->len; i++)
		ok = add_checkpoint(reading.checkpoints, paths->pdata[i], &key);
	g_array_sort(reading.checkpoints, by_size);
	ok = ok && check_roots(&reading) && table_read(db, label, leaf_table, NULL, NULL, read_leaf, &reading);
	out->size = reading.tree.size;
	out->rehearsal = operators_rehearsal(reading.operators);
	ok = ok && judge(options, &reading, &key);
	for (guint i = 0; i < reading.checkpoints->len; i++)
		g_free(g_array_index(reading.checkpoints, Checkpoint, i).file);
	g_array_unref(reading.checkpoints);
	operators_free(reading.operators);
	g_free(reading.time);
	g_free(key.name);
	sqlite3_close(db);
	return ok;
}

void
ledger_clear(Ledger *ledger)
{
	g_clear_pointer(&ledger->origin, g_free);
	g_clear_pointer(&ledger->records, g_ptr_array_unref);
}
