/* ledger.c - the log as a whole: records, tree, checkpoints, and the order of intent and result.
 *
 * The file's owner can rewrite everything in it, the tree included. What he cannot rewrite is a checkpoint that somebody else holds: its
 * size must not be larger than the log (a tail cut off) and its root must be that of the log's first `size` records. Witnesses whom the auditor trusts
 * have held the log to that before: the records up to the largest checkpoint that enough of them cosigned stand against the owner too.
 */
#include <string.h>

#include "log/log.h"

/* Beside batch.*: what a later question counts or compares. */
static const char *const kept_acts[] = {"import", "expert.suspend", "expert.merge", "escrow.open", "unmask.open", "site.witnesses", NULL};
/* Of batch.*, what nothing asks for: most of a long log are looks, which change nothing. They are judged like any other and forgotten. */
static const char *const look_acts[] = {"batch.explain", "batch.conflicts", "batch.cycles", "batch.minutes", NULL};
/* What puts a code beside a person, or could have. */
static const char *const opening_acts[] = {"batch.codes", "escrow.open", "unmask.open", NULL};

static const TableSpec leaf_table[] = {{"leaf", "seq record", "IB", "seq"}, {NULL, NULL, NULL, NULL}};

enum { AHEAD = 4096 }; /* records read before they are judged, so that their signatures are tried together */

typedef struct {
	const char *label;
	Tree tree;
	Ledger *ledger;
	GPtrArray *ahead; /* Record, NULL where it was kept */
	Operators *operators;
	NoteKey key;	     /* name NULL: none */
	GArray *witnesses;   /* NoteKey */
	GArray *checkpoints; /* Checkpoint, by size */
	GArray *statements;  /* Statement */
	guint next;	     /* the first checkpoint not yet reached */
	char *time;
	guint64 backwards;   /* records whose time is earlier than that of the record before */
	char *promised;	     /* by when the heartbeat before promised the next record */
	guint64 late;	     /* records that came later than that */
	guint64 checked;     /* so many had their signatures verified before */
} Reading;

/* The checkpoints that speak of exactly so many records. */
static gboolean
check_roots(Reading *reading)
{
	guint8 root[32];

	if (reading->next == reading->checkpoints->len || g_array_index(reading->checkpoints, Checkpoint, reading->next).size > reading->tree.size)
		return TRUE;
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

/* The next record of the log, which becomes the list's no more when it is kept. */
static gboolean
take_record(Reading *reading, Record **place)
{
	Record *record = *place;

	if (record->seq != reading->tree.size)
		return verdict_reject("%s: record %" G_GUINT64_FORMAT " bears another number", reading->label, reading->tree.size);
	if (reading->ledger->origin == NULL)
		reading->ledger->origin = g_strdup(record->origin);
	if (strcmp(reading->ledger->origin, record->origin) != 0)
		return verdict_reject("%s: record %" G_GUINT64_FORMAT " names another origin than those before", reading->label, reading->tree.size);
	reading->backwards += reading->time != NULL && strcmp(record->time, reading->time) < 0;
	reading->late += reading->promised != NULL && strcmp(record->time, reading->promised) > 0;
	g_free(reading->promised);
	reading->promised = strcmp(record->act, "ledger.heartbeat") == 0 ? g_strdup(record_get(record, "next")) : NULL;
	g_free(reading->time);
	reading->time = g_strdup(record->time);
	tree_add_hash(&reading->tree, record->leaf);
	if (!operators_judge(reading->operators, record))
		return FALSE;
	if (g_str_has_prefix(record->act, "batch.") ? !g_strv_contains(look_acts, record->act) : g_strv_contains(kept_acts, record->act)) {
		record->tried = NULL; /* the key goes with the operators, the record stays */
		g_ptr_array_add(reading->ledger->records, record);
		*place = NULL;
	}
	return check_roots(reading);
}

/* Those read ahead, in their order. */
static gboolean
take_records(Reading *reading)
{
	gboolean ok = TRUE;

	operators_try(reading->operators, reading->ahead);
	for (guint i = 0; i < reading->ahead->len && ok; i++)
		ok = take_record(reading, (Record **)&reading->ahead->pdata[i]);
	g_ptr_array_set_size(reading->ahead, 0);
	return ok;
}

/* Whatever is wrong with a record, those before it come first. */
static gboolean
read_leaf(sqlite3_stmt *row, gpointer data)
{
	Reading *reading = data;
	gint64 seq = sqlite3_column_int64(row, 0), next = (gint64)(reading->tree.size + reading->ahead->len);
	const guint8 *bytes = sqlite3_column_blob(row, 1);
	gsize len = (gsize)sqlite3_column_bytes(row, 1);
	const char *why = NULL;
	Record *record;

	if (seq != next)
		return take_records(reading) && verdict_reject("%s: record %" G_GINT64_FORMAT " is missing", reading->label, next);
	record = record_parse(bytes, len, &why);
	if (record == NULL)
		return take_records(reading) && verdict_reject("%s: record %" G_GINT64_FORMAT " is no canonical record: %s", reading->label, seq, why);
	leaf_hash(bytes, len, record->leaf);
	g_ptr_array_add(reading->ahead, record);
	return reading->ahead->len < AHEAD || take_records(reading);
}

static gboolean
add_note(Reading *reading, const char *name, const char *note, gsize len)
{
	Checkpoint point = {0};
	gboolean ok = checkpoint_open(name, note, len, &reading->key, reading->witnesses, &point);

	g_array_append_val(reading->checkpoints, point);
	return ok;
}

static gboolean
add_checkpoint(Reading *reading, const char *path)
{
	g_autofree char *note = NULL, *name = g_path_get_basename(path);
	gsize len = 0;

	return read_whole_file(path, &note, &len) && add_note(reading, name, note, len);
}

/* Its checkpoint is one like any other, and must be of the size that is stated. */
static gboolean
add_statement(Reading *reading, const char *path)
{
	g_autofree char *text = NULL, *name = g_path_get_basename(path);
	Statement statement = {0};
	gsize len = 0;
	gboolean ok = read_whole_file(path, &text, &len) && statement_parse(name, text, len, reading->key.name, &statement);

	g_array_append_val(reading->statements, statement);
	if (!ok || !add_note(reading, name, statement.note, strlen(statement.note)))
		return FALSE;
	return g_array_index(reading->checkpoints, Checkpoint, reading->checkpoints->len - 1).size == statement.size ||
	       verdict_reject("%s: its checkpoint is of another size than it states", name);
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

/* The latest checkpoint is made again from the records and not synced: a power cut may leave its name without its bytes. */
static gboolean
says_something(const char *path)
{
	g_autofree char *text = NULL;
	gsize len = 0, i = 0;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return FALSE;
	if (!g_file_get_contents(path, &text, &len, NULL))
		return TRUE; /* let it be found unreadable */
	while (i < len && text[i] == '\0')
		i++;
	return i < len;
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
	if (says_something(latest))
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
		return note_key_parse(options->key, NOTE_LOG, out_key);
	if (options->key == NULL && !g_file_test(beside, G_FILE_TEST_EXISTS))
		return verdict_reject("there is a checkpoint but no key to check it with: give --key");
	if (!read_whole_file(options->key ? options->key : beside, &text, &len))
		return FALSE;
	if (options->key == NULL)
		verdict_note("the key was read from the site itself: self-asserted; give --key with the key you hold");
	return note_key_parse(text, NOTE_LOG, out_key);
}

static gboolean
add_witness(GArray *witnesses, const char *line)
{
	NoteKey key = {0};

	if (!note_key_parse(line, NOTE_WITNESS, &key))
		return FALSE;
	for (guint i = 0; i < witnesses->len; i++)
		if (memcmp(g_array_index(witnesses, NoteKey, i).key, key.key, 32) == 0) {
			g_free(key.name);
			return verdict_reject("two witnesses have one key: each counts once");
		}
	g_array_append_val(witnesses, key);
	return TRUE;
}

/* Key lines, or files with one a line. */
static gboolean
find_witnesses(const LedgerOptions *options, GArray *witnesses)
{
	for (guint i = 0; options->witnesses && options->witnesses[i]; i++) {
		const char *given = options->witnesses[i];
		g_autofree char *text = NULL;
		g_auto(GStrv) line = NULL;
		gsize len;

		if (g_file_test(given, G_FILE_TEST_IS_REGULAR) && !read_whole_file(given, &text, &len))
			return FALSE;
		line = g_strsplit(text ? text : given, "\n", -1);
		for (guint k = 0; line[k]; k++)
			if (line[k][0] && !add_witness(witnesses, line[k]))
				return FALSE;
	}
	if (options->quorum < 0 || (guint)options->quorum > witnesses->len)
		return verdict_reject("a quorum of %d of %u witnesses makes no sense: name each with --witness", options->quorum, witnesses->len);
	return TRUE;
}

/* What was logged of one freeze, or of one of its draws. */
typedef struct {
	const Record *first, *result; /* of all its records; NULL: none */
	guint intents;
} Step;

/* The step that the record is of: freeze-id, and which draw of it. */
static Step *
step_of(GHashTable *steps, const Record *record, gboolean draw)
{
	const char *which = draw ? record_get(record, "draw") : NULL;
	g_autofree char *key = g_strdup_printf("%c %s %s", draw ? 'd' : 'f', record_get(record, "freeze-id"), which ? which : "");
	Step *step = g_hash_table_lookup(steps, key);

	if (step == NULL) {
		step = g_new0(Step, 1);
		step->first = record;
		g_hash_table_insert(steps, g_steal_pointer(&key), step);
	}
	return step;
}

static gboolean
take_step(const char *label, Step *step, const Record *record, gboolean draw)
{
	if (draw && g_strcmp0(record_get(step->first, "seed"), record_get(record, "seed")) != 0)
		return verdict_reject("%s: records %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " name different seeds for one freeze", label, step->first->seq, record->seq);
	if (g_str_has_suffix(record->act, ".intent")) {
		step->intents++;
		return TRUE;
	}
	if (step->result != NULL)
		return verdict_reject("%s: records %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " are two results (%s) for one freeze-id", label, step->result->seq, record->seq,
				      record->act);
	step->result = record;
	return step->intents > 0 || verdict_reject("%s: record %" G_GUINT64_FORMAT " (%s) has no intent before it", label, record->seq, record->act);
}

/* Every result has its intent before it; one freeze-id, one freeze, and one result of each of its draws; all intents of a draw bear one seed.
 * The records come in the order of the log, so one pass sees it all. */
static gboolean
check_order(const char *label, const GPtrArray *records)
{
	g_autoptr(GHashTable) steps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	GHashTableIter iter;
	gpointer step;
	guint open = 0;

	for (guint i = 0; i < records->len; i++) {
		const Record *record = records->pdata[i];
		gboolean draw = g_str_has_prefix(record->act, "batch.draw");
		const char *id = record_get(record, "freeze-id");

		if (!draw && !g_str_has_prefix(record->act, "batch.freeze"))
			continue;
		if (id == NULL || !is_hex(id, 32))
			return verdict_reject("%s: record %" G_GUINT64_FORMAT " (%s) has no freeze-id", label, record->seq, record->act);
		if (!take_step(label, step_of(steps, record, draw), record, draw))
			return FALSE;
	}
	g_hash_table_iter_init(&iter, steps);
	while (g_hash_table_iter_next(&iter, NULL, &step))
		open += ((const Step *)step)->result == NULL ? ((const Step *)step)->intents : 0;
	if (open > 0)
		verdict_note("%u intent(s) without a result: a step was begun and refused, found nothing legal, or was interrupted", open);
	return TRUE;
}

/* The largest checkpoint that enough witnesses cosigned. */
static gboolean
judge_witnesses(const Reading *reading, int quorum)
{
	guint n = reading->witnesses->len, wanted = quorum > 0 ? (guint)quorum : n, most = 0;
	guint64 covered = 0;
	const Checkpoint *best = NULL;

	for (guint i = 0; i < reading->checkpoints->len; i++) {
		const Checkpoint *point = &g_array_index(reading->checkpoints, Checkpoint, i);
		guint have = 0;

		for (guint w = 0; w < n; w++)
			have += point->cosigned[w] != 0;
		most = MAX(most, have);
		best = have >= wanted ? point : best; /* by size: the last one is the largest */
	}
	if (n == 0)
		return TRUE;
	if (best == NULL)
		return verdict_reject("no checkpoint bears the cosignatures of %u of your %u witnesses (the best has %u)", wanted, n, most);
	covered = best->size;
	verdict_ok("witnesses", "%u of your %u witnesses, as many as you ask for or more, cosigned a checkpoint over the first %" G_GUINT64_FORMAT " records (%s)", MAX(wanted, most), n,
		   covered, best->file);
	verdict_number("witnessed_records", (gint64)covered);
	if (covered < reading->tree.size)
		verdict_open("The last %" G_GUINT64_FORMAT " record(s) were not yet cosigned by enough witnesses: for them the log's own signature has to do.",
			     reading->tree.size - covered);
	return TRUE;
}

guint
ledger_openings(const Ledger *ledger, const char *batch, guint64 size, const Record **out_first)
{
	guint n = 0;

	for (guint i = 0; i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		if (record->seq >= size || g_strcmp0(record_get(record, "batch"), batch) != 0 || !g_strv_contains(opening_acts, record->act))
			continue;
		if (n++ == 0 && out_first)
			*out_first = record;
	}
	return n;
}

static gboolean
judge_statement(const Statement *statement, const Ledger *ledger)
{
	guint freezes = 0;
	const Record *first = NULL;

	if (ledger_openings(ledger, statement->batch, statement->size, &first) > 0)
		return verdict_reject("%s: record %" G_GUINT64_FORMAT " (%s) is an opening of batch %s", statement->file, first->seq, first->act, statement->batch);
	for (guint i = 0; i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		freezes += record->seq < statement->size && strcmp(record->act, "batch.freeze") == 0 && g_strcmp0(record_get(record, "batch"), statement->batch) == 0;
	}
	if (freezes == 0)
		return verdict_reject("%s: batch %s was never frozen among the first %" G_GUINT64_FORMAT " records", statement->file, statement->batch, statement->size);
	verdict_ok("openings", "batch %s: among the first %" G_GUINT64_FORMAT " records there is no opening of it", statement->batch, statement->size);
	return TRUE;
}

static gboolean
judge(const LedgerOptions *options, Reading *reading)
{
	const NoteKey *key = &reading->key;
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
	if (!judge_witnesses(reading, options->quorum))
		return FALSE;
	for (guint i = 0; i < reading->statements->len; i++)
		if (!judge_statement(&g_array_index(reading->statements, Statement, i), reading->ledger))
			return FALSE;
	if (reading->checked > 0)
		verdict_note("the signatures of the first %" G_GUINT64_FORMAT " records were not verified again: they stand under the checkpoint that you kept", reading->checked);
	if (reading->late > 0)
		verdict_note("%" G_GUINT64_FORMAT " record(s) came later than the heartbeat before them promised: the log was silent, or was cut", reading->late);
	if (reading->backwards > 0)
		verdict_note("%" G_GUINT64_FORMAT " record(s) are dated before the record in front of them", reading->backwards);
	return TRUE;
}

static void
clear_key(gpointer key)
{
	g_free(((NoteKey *)key)->name);
}

static void
reading_clear(Reading *reading)
{
	g_ptr_array_unref(reading->ahead);
	g_array_unref(reading->checkpoints);
	g_array_unref(reading->witnesses);
	g_array_unref(reading->statements);
	operators_free(reading->operators);
	g_free(reading->time);
	g_free(reading->promised);
	g_free(reading->key.name);
}

static gboolean
add_procedure(Reading *reading, const char *path)
{
	g_autofree char *text = NULL, *name = g_path_get_basename(path), *note = NULL;
	gsize len = 0;

	return read_whole_file(path, &text, &len) && (note = procedure_note(name, text, len)) != NULL && add_note(reading, name, note, strlen(note));
}

/* What the log is to be held to: keys, notes, statements. */
static gboolean
take_options(const LedgerOptions *options, Reading *reading)
{
	g_autoptr(GPtrArray) paths = find_checkpoints(options);
	gboolean ok = TRUE;

	if (paths->len > 0 || options->checked != NULL || options->key != NULL || options->statements != NULL || options->procedure != NULL)
		ok = find_key(options, &reading->key);
	ok = ok && find_witnesses(options, reading->witnesses);
	for (guint i = 0; ok && i < paths->len; i++)
		ok = add_checkpoint(reading, paths->pdata[i]);
	if (ok && options->checked != NULL && (ok = add_checkpoint(reading, options->checked)))
		operators_checked(reading->operators, reading->checked = g_array_index(reading->checkpoints, Checkpoint, reading->checkpoints->len - 1).size);
	for (guint i = 0; ok && options->statements && options->statements[i]; i++)
		ok = add_statement(reading, options->statements[i]);
	ok = ok && (options->procedure == NULL || add_procedure(reading, options->procedure));
	g_array_sort(reading->checkpoints, by_size);
	return ok;
}

gboolean
ledger_verify(const LedgerOptions *options, Ledger *out)
{
	g_autofree char *label = g_path_get_basename(options->ledger);
	Reading reading = {.label = label, .ledger = out, .operators = operators_new()};
	sqlite3 *db = db_open(options->ledger, label, leaf_table, leaf_table, FALSE);
	gboolean ok = db != NULL;

	out->records = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
	reading.ahead = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
	reading.checkpoints = g_array_new(FALSE, TRUE, sizeof(Checkpoint));
	reading.witnesses = g_array_new(FALSE, TRUE, sizeof(NoteKey));
	reading.statements = g_array_new(FALSE, TRUE, sizeof(Statement));
	g_array_set_clear_func(reading.checkpoints, (GDestroyNotify)checkpoint_clear);
	g_array_set_clear_func(reading.witnesses, clear_key);
	g_array_set_clear_func(reading.statements, (GDestroyNotify)statement_clear);
	ok = ok && take_options(options, &reading);
	ok = ok && check_roots(&reading) && table_read(db, label, leaf_table, NULL, NULL, read_leaf, &reading) && take_records(&reading);
	out->size = reading.tree.size;
	out->rehearsal = operators_rehearsal(reading.operators);
	out->exceptions = operators_exceptions(reading.operators);
	ok = ok && judge(options, &reading);
	reading_clear(&reading);
	sqlite3_close(db);
	return ok;
}

void
ledger_clear(Ledger *ledger)
{
	g_clear_pointer(&ledger->origin, g_free);
	g_clear_pointer(&ledger->records, g_ptr_array_unref);
	g_clear_pointer(&ledger->exceptions, g_hash_table_unref);
}

const Record *
find_record(const Ledger *ledger, const char *act, const char *freeze_id, const char *draw)
{
	for (guint i = 0; i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		if (strcmp(record->act, act) == 0 && g_strcmp0(record_get(record, "freeze-id"), freeze_id) == 0 &&
		    (draw == NULL || g_strcmp0(record_get(record, "draw"), draw) == 0))
			return record;
	}
	return NULL;
}

gboolean
field_is(const Record *record, const char *key, const char *value, const char *what)
{
	if (g_strcmp0(record_get(record, key), value) == 0)
		return TRUE;
	return verdict_reject("ledger record %" G_GUINT64_FORMAT " (%s): its %s is not that of the %s", record->seq, record->act, key, what);
}
