/* test-store.c - the ledger on disk under cuts, flips, races, kills and full disks. */
#include "ledger-test.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME "2026-03-02T01:22Z"

typedef struct {
	char *dir;
} Fixture;

static char *
at(Fixture *f, const char *name)
{
	return g_build_filename(f->dir, name, NULL);
}

static void
fixed_random(void *out, gsize n, gpointer data)
{
	memset(out, GPOINTER_TO_INT(data), n);
}

static void
remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *inside = g_build_filename(path, name, NULL);
		if (g_file_test(inside, G_FILE_TEST_IS_DIR))
			remove_tree(inside);
		else
			g_unlink(inside);
	}
	if (dir != NULL)
		g_dir_close(dir);
	g_rmdir(path);
}

static gboolean
append(VeilLedger *ledger, const char *act, const char *value, GError **error)
{
	static const guint8 blind[32] = {7};
	VeilField fields[] = {{"n", value}, {"batch", "2026A"}};
	return veil_ledger_append(ledger, "op7", "registrar", act, fields, 2, TIME, blind, NULL, error);
}

static void
append_many(VeilLedger *ledger, guint n)
{
	for (guint i = 0; i < n; i++) {
		GError *error = NULL;
		char value[32];
		counted(i, value);
		assert_ok(append(ledger, "test.append", value, &error), error);
	}
}

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	GError *error = NULL;
	f->dir = g_dir_make_tmp("veil-ledger-XXXXXX", NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_create(f->dir, "log.example/veil", fixed_random, GINT_TO_POINTER(5), &error);
	assert_ok(ledger != NULL, error);
	append_many(ledger, 21);
	assert_ok(veil_ledger_checkpoint_quick(ledger, &error), error);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	remove_tree(f->dir);
	g_free(f->dir);
	g_free(f);
	return 0;
}

/* What an attacker with the file does: triggers dropped, SQL at will. */
static void
tamper(Fixture *f, const char *sql)
{
	g_autofree char *path = at(f, "ledger.db");
	sqlite3 *db;
	char *message = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "DROP TRIGGER leaf_appends; DROP TRIGGER leaf_stays; DROP TRIGGER leaf_remains", NULL, NULL, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	sqlite3_close(db);
}

static void
assert_open_fails(Fixture *f, VeilErrorCode code, const char *words)
{
	g_autoptr(GError) error = NULL;
	if (veil_ledger_open(f->dir, &error) != NULL)
		fail_msg("opened");
	assert_failed_with(error, code);
	if (strstr(error->message, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
}

static void
assert_checkpoint_fails(Fixture *f, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = at(f, "checkpoint"), *before = NULL, *after = NULL;
	assert_true(g_file_get_contents(path, &before, NULL, NULL));
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	assert_ok(ledger != NULL, error);
	assert_false(veil_ledger_checkpoint(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	if (strstr(error->message, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
	assert_true(g_file_get_contents(path, &after, NULL, NULL));
	assert_string_equal(before, after); /* nothing was signed */
}

static gboolean
keep_value(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	(void)bytes, (void)len, (void)error;
	GPtrArray *values = data;
	assert_int_equal(record->seq, values->len);
	g_ptr_array_add(values, g_strdup(veil_record_get(record, "n")));
	return TRUE;
}

static void
what_was_appended_is_there(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(f->dir, &error);
	assert_ok(ledger != NULL, error);
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	assert_ok(veil_ledger_each(ledger, 0, keep_value, values, &error), error);
	assert_int_equal(values->len, 21);
	assert_string_equal(values->pdata[20], "value 20");
	assert_string_equal(veil_ledger_origin(ledger), "log.example/veil");

	/* The stored root is that of the bytes, by the streaming tree. */
	g_autoptr(VeilTree) tree = veil_tree_new();
	guint8 want[32], have[32], leaf[32];
	guint64 size = 0;
	for (guint64 i = 0; i < 21; i++) {
		g_autoptr(GBytes) record = veil_ledger_record(ledger, i, &error);
		gsize len;
		const void *bytes = g_bytes_get_data(record, &len);
		veil_tree_leaf(bytes, len, leaf);
		veil_tree_add(tree, leaf);
	}
	veil_tree_root(tree, want);
	assert_ok(veil_ledger_size(ledger, &size, have, &error), error);
	assert_int_equal(size, 21);
	assert_memory_equal(have, want, 32);
	assert_null(veil_ledger_record(ledger, 21, &error));
	assert_failed_with(error, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
	/* A reader cannot append. */
	assert_false(append(ledger, "x", "y", &error));
	g_clear_error(&error);
}

static void
files_have_their_modes(void **state)
{
	Fixture *f = *state;
	struct stat st;
	g_autofree char *key = at(f, "ledger.key"), *db = at(f, "ledger.db");
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(db, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	g_autoptr(GError) error = NULL;
	assert_null(veil_ledger_create(f->dir, "log.example/veil", fixed_random, NULL, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_null(veil_ledger_create(f->dir, "log example", fixed_random, NULL, &error));
	assert_failed_with(error, VEIL_ERROR_USAGE);
	g_autofree char *still = NULL;
	assert_true(g_file_get_contents(key, &still, NULL, NULL));
}

static void
finds_the_last(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	VeilRecord record;
	gpointer storage = NULL;
	assert_ok(append(ledger, "batch.freeze", "one", &error), error);
	assert_ok(append(ledger, "batch.freeze.intent", "one", &error), error);
	assert_ok(append(ledger, "batch.freeze", "two", &error), error);
	assert_ok(append(ledger, "test.append", "batch.freeze", &error), error);
	assert_ok(veil_ledger_find_last(ledger, "batch.freeze", NULL, NULL, &record, &storage, &error), error);
	assert_int_equal(record.seq, 23);
	veil_record_storage_free(storage);
	assert_ok(veil_ledger_find_last(ledger, "batch.freeze", "n", "one", &record, &storage, &error), error);
	assert_int_equal(record.seq, 21);
	assert_string_equal(veil_record_get(&record, "batch"), "2026A");
	veil_record_storage_free(storage);
	assert_ok(veil_ledger_find_last(ledger, "batch.freeze", "n", "three", &record, &storage, &error), error);
	assert_null(storage);
	assert_ok(veil_ledger_find_last(ledger, "batch.fr", NULL, NULL, &record, &storage, &error), error);
	assert_null(storage);
	guint64 n = 99;
	assert_ok(veil_ledger_count(ledger, "batch.freeze", "batch", "2026A", &n, &error), error);
	assert_int_equal(n, 2);
}

static void
bad_fields_leave_nothing(void **state)
{
	Fixture *f = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, NULL);
	guint64 size = 0;
	assert_false(append(ledger, "test.append", "", &error));
	assert_failed_with(error, VEIL_ERROR_FAILED);
	g_clear_error(&error);
	assert_false(append(ledger, "test.append", "\xff", &error));
	g_clear_error(&error);
	assert_ok(veil_ledger_size(ledger, &size, NULL, &error), error);
	assert_int_equal(size, 21);
	assert_ok(append(ledger, "test.append", "fine", &error), error);
}

/* The triggers stop accidents, INSERT OR REPLACE included. */
static void
leaves_only_grow(void **state)
{
	Fixture *f = *state;
	static const char *const never[] = {
		"UPDATE leaf SET record = x'00' WHERE seq = 3",
		"DELETE FROM leaf WHERE seq = 20",
		"DELETE FROM leaf",
		"INSERT OR REPLACE INTO leaf VALUES (3, x'00')",
		"REPLACE INTO leaf VALUES (20, x'00')",
		"INSERT INTO leaf VALUES (22, x'00')",
		"INSERT INTO leaf VALUES (-1, x'00')",
		"INSERT INTO leaf(record) VALUES (x'00')",
		"INSERT INTO leaf VALUES (21, 'text')",
		"INSERT INTO leaf VALUES (3, x'00') ON CONFLICT (seq) DO UPDATE SET record = excluded.record",
	};
	g_autofree char *path = at(f, "ledger.db");
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
		if (sqlite3_exec(db, never[i], NULL, NULL, NULL) == SQLITE_OK)
			fail_msg("allowed: %s", never[i]);
	sqlite3_close(db);
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	assert_ok(ledger != NULL && veil_ledger_checkpoint(ledger, &error), error);
}

static void
cut_tail_is_noticed_on_opening(void **state)
{
	Fixture *f = *state;
	tamper(f, "DELETE FROM leaf WHERE seq >= 18; DELETE FROM node WHERE (level = 0 AND idx >= 18) OR (level = 1 AND idx >= 9) OR (level = 2 AND idx "
		  ">= 4)");
	assert_open_fails(f, VEIL_ERROR_VERIFY, "21 records, 18 are there");
}

static void
cut_leaves_alone_are_noticed(void **state)
{
	Fixture *f = *state;
	tamper(f, "DELETE FROM leaf WHERE seq >= 18");
	assert_open_fails(f, VEIL_ERROR_VERIFY, "contradicts itself");
}

static void
missing_hash_is_noticed(void **state)
{
	Fixture *f = *state;
	tamper(f, "DELETE FROM node WHERE level = 4");
	assert_open_fails(f, VEIL_ERROR_VERIFY, "contradicts itself");
}

static void
flipped_leaf_stops_the_thorough_checkpoint(void **state)
{
	Fixture *f = *state;
	/* Still a canonical record: value 4 becomes value 9. */
	tamper(f, "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'n value 4', 'n value 9') AS BLOB) WHERE seq = 4");
	assert_checkpoint_fails(f, "record 4 was altered");
	/* One that is none any more. */
	tamper(f, "UPDATE leaf SET record = CAST(x'20' || record AS BLOB) WHERE seq = 2");
	assert_checkpoint_fails(f, "record 2");
}

static void
swapped_records_are_noticed(void **state)
{
	Fixture *f = *state;
	tamper(f, "UPDATE leaf SET record = (SELECT record FROM leaf WHERE seq = 6) WHERE seq = 5");
	assert_checkpoint_fails(f, "record 5 bears another number");
}

static void
flipped_inner_hash_is_noticed(void **state)
{
	Fixture *f = *state;
	/* (1, 3) lies under the root, which is stored higher up, so opening cannot see it. */
	tamper(f, "UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND idx = 3");
	assert_checkpoint_fails(f, "stored hash");
	tamper(f, "UPDATE node SET hash = zeroblob(32) WHERE level = 4");
	assert_open_fails(f, VEIL_ERROR_VERIFY, "altered");
}

/* Record altered and every hash over it recomputed: only the signed checkpoint stands against it. */
static void
rewritten_history_is_noticed(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autofree char *dir = g_dir_make_tmp("veil-ledger-XXXXXX", NULL);
	g_autoptr(VeilLedger) other = veil_ledger_create(dir, "log.example/veil", fixed_random, GINT_TO_POINTER(5), &error);
	for (guint i = 0; i < 25; i++) {
		char value[32];
		counted(i == 4 ? 9 : i, value);
		assert_ok(append(other, "test.append", value, &error), error);
	}
	g_clear_pointer(&other, veil_ledger_free);
	g_autofree char *from = g_build_filename(dir, "ledger.db", NULL), *to = at(f, "ledger.db"), *bytes = NULL;
	gsize len;
	assert_true(g_file_get_contents(from, &bytes, &len, NULL));
	assert_true(g_file_set_contents(to, bytes, (gssize)len, NULL));
	remove_tree(dir);
	assert_open_fails(f, VEIL_ERROR_VERIFY, "does not continue ledger/checkpoint");
}

/* The latest checkpoint thrown away, an older kept one still stands. */
static void
kept_checkpoints_stand(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	g_autofree char *path = NULL, *again = NULL, *want = at(f, "checkpoints/21.note"), *latest = at(f, "checkpoint"), *note = NULL;
	assert_ok(veil_ledger_checkpoint_named(ledger, &path, &error), error);
	assert_string_equal(path, want);
	assert_ok(veil_ledger_checkpoint_named(ledger, &again, &error), error);
	append_many(ledger, 5);
	assert_ok(veil_ledger_checkpoint(ledger, &error), error);
	g_unlink(latest);
	tamper(f, "DELETE FROM leaf WHERE seq >= 20; DELETE FROM node WHERE (level = 0 AND idx >= 20) OR (level = 1 AND idx >= 10) OR (level = 2 AND "
		  "idx >= 5) OR (level = 3 AND idx >= 2)");
	/* Whoever opens it now sees it; one who had it open cannot sign. */
	assert_open_fails(f, VEIL_ERROR_VERIFY, "checkpoints/21.note covers 21 records, 20 are there");
	assert_false(veil_ledger_checkpoint(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	assert_non_null(strstr(error->message, "checkpoints/21.note covers 21 records, 20 are there"));
	g_clear_error(&error);
	assert_false(g_file_test(latest, G_FILE_TEST_EXISTS));
	/* Grown again past it, with other records. */
	append_many(ledger, 8);
	assert_false(veil_ledger_checkpoint(ledger, &error));
	assert_non_null(strstr(error->message, "does not continue ledger/checkpoints/21.note"));
	g_clear_error(&error);
	/* A forged note in the folder is no way around. */
	assert_true(g_file_get_contents(want, &note, NULL, NULL));
	note[strlen("log.example/veil\n2")] = '2';
	assert_true(g_file_set_contents(want, note, -1, NULL));
	assert_false(veil_ledger_checkpoint(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
}

static void
quick_checkpoint_never_covers_a_cut(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	/* Cut behind the back of a process that has the ledger open already. */
	tamper(f, "DELETE FROM leaf WHERE seq >= 20; DELETE FROM node WHERE (level = 0 AND idx >= 20)");
	assert_false(veil_ledger_checkpoint_quick(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
	append_many(ledger, 1); /* one in its place, with other content */
	assert_false(veil_ledger_checkpoint_quick(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
}

static void
same_size_keeps_witnesses(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autofree char *path = at(f, "checkpoint"), *note = NULL, *after = NULL;
	assert_true(g_file_get_contents(path, &note, NULL, NULL));
	g_autofree char *cosigned = g_strconcat(note, "\xE2\x80\x94 witness.example/w1 AAAAAAAA\n", NULL);
	assert_true(g_file_set_contents(path, cosigned, -1, NULL));
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	assert_ok(veil_ledger_checkpoint_quick(ledger, &error), error);
	assert_ok(veil_ledger_checkpoint(ledger, &error), error);
	assert_true(g_file_get_contents(path, &after, NULL, NULL));
	assert_string_equal(after, cosigned);
}

static void
wrong_or_missing_keys(void **state)
{
	Fixture *f = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *key = at(f, "ledger.key"), *vkey = at(f, "vkey"), *text = NULL, *line = NULL, *checkpoint = at(f, "checkpoint");
	guint8 seed[32] = {9};
	assert_true(g_file_get_contents(key, &text, NULL, NULL));
	assert_true(g_file_get_contents(vkey, &line, NULL, NULL));
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	append_many(ledger, 1);

	char *other = veil_note_skey("log.example/veil", seed);
	assert_true(g_file_set_contents(key, other, -1, NULL));
	veil_note_skey_free(other);
	assert_false(veil_ledger_checkpoint_quick(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
	assert_true(g_file_set_contents(key, "PRIVATE+KEY+", -1, NULL));
	assert_false(veil_ledger_checkpoint_quick(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
	g_unlink(key);
	assert_false(veil_ledger_checkpoint_quick(ledger, &error));
	assert_failed_with(error, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
	assert_true(g_file_set_contents(key, text, -1, NULL));
	assert_ok(veil_ledger_checkpoint_quick(ledger, &error), error);
	g_clear_pointer(&ledger, veil_ledger_free);

	/* Another public key: the checkpoint is not by it. */
	g_autofree char *other_vkey = veil_note_vkey("log.example/veil", seed);
	assert_true(g_file_set_contents(vkey, other_vkey, -1, NULL));
	assert_open_fails(f, VEIL_ERROR_VERIFY, "no signature by the log's key");
	assert_true(g_file_set_contents(vkey, "nonsense", -1, NULL));
	assert_open_fails(f, VEIL_ERROR_VERIFY, "vkey");
	g_unlink(vkey);
	assert_open_fails(f, VEIL_ERROR_VERIFY, "vkey");
	assert_true(g_file_set_contents(vkey, line, -1, NULL));
	assert_true(g_file_set_contents(checkpoint, "nonsense", -1, NULL));
	assert_open_fails(f, VEIL_ERROR_VERIFY, "ledger/checkpoint");
	(void)text;
}

static void
newer_version_is_refused(void **state)
{
	Fixture *f = *state;
	tamper(f, "PRAGMA user_version = 3");
	assert_open_fails(f, VEIL_ERROR_REFUSED, "newer");
}

static void
truncated_file_is_damaged(void **state)
{
	Fixture *f = *state;
	g_autofree char *path = at(f, "ledger.db"), *bytes = NULL;
	gsize len;
	assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	/* Every whole page and some odd places. */
	for (gsize cut = 0; cut < len; cut += 1024) {
		g_autoptr(GError) error = NULL;
		assert_true(g_file_set_contents_full(path, bytes, (gssize)cut, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
		g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
		if (ledger != NULL && veil_ledger_checkpoint(ledger, &error))
			fail_msg("a ledger cut to %zu bytes passes", cut);
		assert_non_null(error);
	}
	g_unlink(path);
	assert_open_fails(f, VEIL_ERROR_NOT_AVAILABLE, "no such ledger");
}

/* Two processes, no lost and no doubled seq. */
static void
two_processes_append_at_once(void **state)
{
	Fixture *f = *state;
	enum { EACH = 60, N = 2 };
	pid_t children[N];
	for (int p = 0; p < N; p++) {
		children[p] = fork();
		if (children[p] == 0) {
			g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, NULL);
			for (int i = 0; ledger != NULL && i < EACH; i++) {
				char value[32];
				g_snprintf(value, sizeof value, "%d-%d", p, i);
				if (!append(ledger, "race", value, NULL) || !veil_ledger_checkpoint_quick(ledger, NULL))
					_exit(1);
			}
			_exit(ledger == NULL);
		}
	}
	for (int p = 0; p < N; p++) {
		int status;
		waitpid(children[p], &status, 0);
		assert_int_equal(status, 0);
	}
	GError *error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	assert_ok(veil_ledger_each(ledger, 0, keep_value, values, &error), error);
	assert_int_equal(values->len, 21 + N * EACH);
	int next[N] = {0};
	for (guint i = 21; i < values->len; i++) {
		int p = 0, k = -1;
		assert_int_equal(sscanf(values->pdata[i], "%d-%d", &p, &k), 2);
		assert_int_equal(k, next[p]++); /* each one's own order, none missing */
	}
	assert_ok(veil_ledger_checkpoint(ledger, &error), error);
}

/* Killed at any moment: what was acknowledged is there, what is there is whole. */
static void
killed_while_appending(void **state)
{
	Fixture *f = *state;
	guint64 before = 21;
	for (int round = 0; round < 12; round++) {
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, NULL);
			close(ends[0]);
			for (;;) {
				if (ledger == NULL || !append(ledger, "kill", "x", NULL) || write(ends[1], "a", 1) != 1 ||
				    !veil_ledger_checkpoint_quick(ledger, NULL))
					_exit(1);
			}
		}
		close(ends[1]);
		char byte;
		guint64 acknowledged = 0;
		/* Some acknowledged, then the knife at an odd moment. */
		while (acknowledged < 2 && read(ends[0], &byte, 1) == 1)
			acknowledged++;
		g_usleep((gulong)(round * 397));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(ends[0], &byte, 1) == 1)
			acknowledged++;
		close(ends[0]);

		GError *error = NULL;
		guint64 size = 0;
		g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
		assert_ok(ledger != NULL, error);
		assert_ok(veil_ledger_size(ledger, &size, NULL, &error), error);
		assert_true(size == before + acknowledged || size == before + acknowledged + 1);
		assert_ok(veil_ledger_checkpoint(ledger, &error), error);
		before = size;
	}
}

static void
full_disk_leaves_nothing_half(void **state)
{
	Fixture *f = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	g_autofree char *path = at(f, "ledger.db");
	struct stat st;
	struct rlimit before, tight;
	guint64 size = 0, n = 0;
	assert_int_equal(stat(path, &st), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	tight = before;
	tight.rlim_cur = (rlim_t)st.st_size + 4096;
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tight);
	while (error == NULL && n < 10000)
		n += append(ledger, "full", "0123456789 0123456789 0123456789 0123456789", &error);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, old);
	assert_failed_with(error, VEIL_ERROR_FAILED);
	g_clear_error(&error);
	assert_ok(veil_ledger_size(ledger, &size, NULL, &error), error);
	assert_int_equal(size, 21 + n);
	/* What the disk has kept is not known, so this handle takes nothing more; opened anew it goes on, and all of it holds. */
	assert_false(append(ledger, "full", "x", &error));
	assert_failed_with(error, VEIL_ERROR_FAILED);
	g_clear_error(&error);
	g_clear_pointer(&ledger, veil_ledger_free);
	ledger = veil_ledger_open(f->dir, &error);
	assert_ok(ledger != NULL, error);
	append_many(ledger, 3);
	assert_ok(veil_ledger_checkpoint(ledger, &error), error);
}

static void
unwritable_checkpoint_is_an_error(void **state)
{
	Fixture *f = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	g_autofree char *path = at(f, "checkpoint"), *before = NULL, *after = NULL;
	struct rlimit normal, tight;
	append_many(ledger, 1);
	assert_true(g_file_get_contents(path, &before, NULL, NULL));
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &normal);
	tight = normal;
	tight.rlim_cur = 20;
	setrlimit(RLIMIT_FSIZE, &tight);
	gboolean ok = veil_ledger_checkpoint_quick(ledger, &error);
	setrlimit(RLIMIT_FSIZE, &normal);
	signal(SIGXFSZ, old);
	assert_false(ok);
	assert_failed_with(error, VEIL_ERROR_FAILED);
	g_clear_error(&error);
	assert_true(g_file_get_contents(path, &after, NULL, NULL));
	assert_string_equal(before, after);
	assert_ok(veil_ledger_checkpoint_quick(ledger, &error), error);
}

static void
proofs_of_every_record(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autoptr(VeilLedger) ledger = veil_ledger_open(f->dir, &error);
	for (guint64 seq = 0; seq < 21; seq++) {
		g_autofree char *proof = veil_ledger_prove(ledger, seq, &error);
		assert_ok(proof != NULL, error);
		g_autofree char *head = g_strdup_printf("c2sp.org/tlog-proof@v1\nindex %" G_GUINT64_FORMAT "\n", seq);
		assert_true(g_str_has_prefix(proof, head));
		char *blank = strstr(proof, "\n\n");
		guint8 root[32], leaf[32];
		guint64 size = 0;
		assert_ok(veil_checkpoint_open(blank + 2, strlen(blank + 2), veil_ledger_vkey(ledger), NULL, &size, root, &error), error);
		g_autoptr(GByteArray) hashes = g_byte_array_new();
		blank[0] = '\0';
		g_auto(GStrv) lines = g_strsplit(strlen(proof) >= strlen(head) ? proof + strlen(head) : "", "\n", -1);
		for (char **line = lines; *line != NULL; line++) {
			gsize n;
			g_autofree guint8 *hash = g_base64_decode(*line, &n);
			assert_int_equal(n, 32);
			g_byte_array_append(hashes, hash, 32);
		}
		g_autoptr(GBytes) record = veil_ledger_record(ledger, seq, &error);
		gsize len;
		const void *bytes = g_bytes_get_data(record, &len);
		veil_tree_leaf(bytes, len, leaf);
		assert_true(veil_tree_verify_inclusion(seq, size, leaf, hashes->data, hashes->len / 32, root));
	}
	assert_null(veil_ledger_prove(ledger, 21, &error));
	assert_failed_with(error, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
	tamper(f, "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'n value 4', 'n value 9') AS BLOB) WHERE seq = 4");
	assert_null(veil_ledger_prove(ledger, 4, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_appended_is_there),
		T(files_have_their_modes),
		T(finds_the_last),
		T(bad_fields_leave_nothing),
		T(leaves_only_grow),
		T(cut_tail_is_noticed_on_opening),
		T(cut_leaves_alone_are_noticed),
		T(missing_hash_is_noticed),
		T(flipped_leaf_stops_the_thorough_checkpoint),
		T(swapped_records_are_noticed),
		T(flipped_inner_hash_is_noticed),
		T(rewritten_history_is_noticed),
		T(kept_checkpoints_stand),
		T(quick_checkpoint_never_covers_a_cut),
		T(same_size_keeps_witnesses),
		T(wrong_or_missing_keys),
		T(newer_version_is_refused),
		T(truncated_file_is_damaged),
		T(two_processes_append_at_once),
		T(killed_while_appending),
		T(full_disk_leaves_nothing_half),
		T(unwritable_checkpoint_is_an_error),
		T(proofs_of_every_record),
	};
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("ledger-store", tests, NULL, NULL);
}
