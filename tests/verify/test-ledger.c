/* test-ledger.c - `veil-verify ledger`: rewritten, cut, forked and mis-spelt logs; checkpoints and keys that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "site.h"

#define ORIGIN "test.example/veil"

/* --- records: what a reader must not take ------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	guint record;
	const char *from, *to;
	const char *reason; /* NULL: passes */
} Edit;

/* Made before the tree and the checkpoint: the log is consistent, only its records are not what they must be. */
static const Edit edits[] = {
	{"good", 0, "site.init", "site.init", NULL},
	{"good: an escaped blank at both ends", 1, "kind experts", "kind %20experts%20", NULL},
	{"good: time may go back, with a note", 2, "01:22Z", "01:00Z", NULL},
	{"another first line", 0, "veil-log/v1", "veil-log/v3", "record 0 is no canonical record: it does not begin"},
	{"version 2 without a signature", 0, "veil-log/v1", "veil-log/v2", "record 0 is no canonical record: it bears no signature"},
	{"lower-case escape", 1, "%C3", "%c3", "record 1 is no canonical record"},
	{"needless escape", 1, "kind experts", "kind %65xperts", "record 1"},
	{"escaped blank inside", 1, "kind experts", "kind ex%20perts", "record 1"},
	{"escape of no UTF-8", 1, "%C3%A9", "%C3", "record 1"},
	{"escaped NUL", 1, "%C3%A9", "%00", "record 1"},
	{"half an escape", 1, "b%25r", "b%2", "record 1"},
	{"raw UTF-8", 1, "%C3%A9", "\303\251", "record 1"},
	{"raw control character", 1, "kind experts", "kind exp\terts", "record 1"},
	{"carriage return", 1, "kind experts\n", "kind experts\r\n", "record 1"},
	{"blank first", 1, "kind experts", "kind  experts", "record 1"},
	{"blank last", 1, "kind experts", "kind experts ", "record 1"},
	{"empty value", 1, "kind experts", "kind ", "record 1"},
	{"no value", 1, "kind experts", "kind", "record 1"},
	{"keys out of order", 1, "kind experts\nnew 14\n", "new 14\nkind experts\n", "out of order"},
	{"a key twice", 1, "kind experts\n", "kind experts\nkind experts\n", "stands twice"},
	{"a head key among the fields", 1, "kind experts\n", "kind experts\nkinds x\nrole y\n", "a key stands twice, out of order"},
	{"a key in capitals", 1, "kind experts", "Kind experts", "record 1"},
	{"head in another order", 1, "actor op7\nrole registrar\n", "role registrar\nactor op7\n", "head is not written"},
	{"no actor", 1, "actor op7\n", "", "head is not written"},
	{"no blind", 1, "\nblind ", "\nz ", "record 1"},
	{"short blind", 0, "blind aa", "blind a", "blind is not 64"},
	{"blind in capitals", 0, "blind aa", "blind AA", "blind is not 64"},
	{"a line behind blind", 1, "\nkind experts", "\nblind bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nkind experts", "record 1"},
	{"garbage behind the last line", 0, "blind aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
	 "blind aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n", "something follows"},
	{"no line feed at the end", 0, "aaaaaaaa\n", "aaaaaaaa", "record 0"},
	{"leading zero in seq", 1, "seq 1\n", "seq 01\n", "number is not written"},
	{"plus in seq", 1, "seq 1\n", "seq +1\n", "number is not written"},
	{"another record's number", 1, "seq 1\n", "seq 2\n", "record 1 bears another number"},
	{"seconds in time", 1, "01:21Z", "01:21:00Z", "no UTC minute"},
	{"no such day", 1, "2026-03-02", "2026-02-29", "no UTC minute"},
	{"a year that no record is of", 1, "time 2026", "time 4026", "no UTC minute"},
	{"no such hour", 1, "T01:", "T24:", "no UTC minute"},
	{"another origin from the middle on", 3, "origin " ORIGIN, "origin other.example/veil", "record 3 names another origin"},
	{"another origin throughout", 0, "origin " ORIGIN, "origin other.example/veil", "record 1 names another origin"},
	{"freeze without intent", 2, "act batch.freeze.intent", "act batch.explain", "record 3 (batch.freeze) has no intent"},
	{"draw without intent", 4, "act batch.draw.intent", "act batch.explain", "record 5 (batch.draw) has no intent"},
	{"intent of another freeze", 2, "freeze-id 0123", "freeze-id 1123", "has no intent"},
	{"intent with another seed", 4, "seed 0011", "seed 1111", "records 4 and 5 name different seeds"},
	{"two freezes of one freeze-id", 6, "act batch.explain", "act batch.freeze", "two results (batch.freeze)"},
	{"two draws of one freeze-id", 6, "act batch.explain", "act batch.draw", "record 6 (batch.draw) has no intent"},
	{"a freeze without freeze-id", 3, "freeze-id 0123456789abcdef0123456789abcdef\n", "", "record 3 (batch.freeze) has no freeze-id"},
};

static void
check_edit(void **state)
{
	const Edit *edit = *state;
	Site *site = site_new();
	g_autofree char *text = NULL;
	int status;

	site_edit_record(site, edit->record, edit->from, edit->to);
	site_seal(site);
	site_close(site);
	status = run_verify(&text, "ledger", site->ledger_path, "--key", site->vkey, NULL);
	if (status != (edit->reason ? 5 : 0) || (edit->reason && strstr(text, edit->reason) == NULL))
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", edit->name, status, edit->reason ? edit->reason : "VERIFIED", text);
	site_free(site);
}

/* --- tampering behind a checkpoint -------------------------------------------------------------------------------- */

typedef struct {
	const char *name, *sql, *reason;
} Tampering;

static const Tampering tamperings[] = {
	{"a record flipped", "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'op7', 'op8') AS BLOB) WHERE seq = 1", "are not those that the checkpoint signs"},
	{"only the last record flipped", "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'op7', 'op8') AS BLOB) WHERE seq = 6", "checkpoint: the first 7 records"},
	{"an early record flipped", "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'op7', 'op8') AS BLOB) WHERE seq = 2", "3.note: the first 3 records"},
	{"the tail cut off", "DELETE FROM leaf WHERE seq >= 5", "its tail is cut off"},
	{"the log emptied", "DELETE FROM leaf", "its tail is cut off"},
	{"a record removed from the middle", "DELETE FROM leaf WHERE seq = 2", "record 2 is missing"},
	{"the first record removed", "DELETE FROM leaf WHERE seq = 0", "record 0 is missing"},
	{"a record removed and the rest moved up", "DELETE FROM leaf WHERE seq = 2; UPDATE leaf SET seq = seq - 1 WHERE seq > 2", "record 2 bears another number"},
	{"two records swapped", "UPDATE leaf SET seq = -1 WHERE seq = 1; UPDATE leaf SET seq = 1 WHERE seq = 2; UPDATE leaf SET seq = 2 WHERE seq = -1", "bears another number"},
	{"a record before the first", "INSERT INTO leaf SELECT -1, record FROM leaf WHERE seq = 0", "record 0 is missing"},
	{"a record that is text", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'BLOB NOT NULL', 'TEXT NOT NULL'); PRAGMA writable_schema = RESET; UPDATE leaf SET record = 'x' WHERE seq = 3", "leaf"},
	{"no table", "DROP TABLE leaf", "it has no table leaf"},
	{"a view in its place", "ALTER TABLE leaf RENAME TO old; CREATE VIEW leaf AS SELECT seq, record FROM old", "it has no table leaf"},
	{"a newer version", "PRAGMA user_version = 3", "its format 3 is not 1 or 2"},
};

static void
check_tampering(void **state)
{
	const Tampering *t = *state;
	Site *site = site_new();
	g_autofree char *text = NULL;
	int status;

	site_seal(site);
	site_sql(site->ledger, t->sql);
	site_close(site);
	status = run_verify(&text, "ledger", site->ledger_path, "--key", site->vkey, NULL);
	if (status != 5 || strstr(text, t->reason) == NULL)
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", t->name, status, t->reason, text);
	site_free(site);
}

/* --- notes -------------------------------------------------------------------------------------------------------- */

/* The site's latest checkpoint with an edit in its text. */
typedef struct {
	const char *name, *from, *to, *reason;
} NoteEdit;

static const NoteEdit note_edits[] = {
	{"good: a stranger's signature beside", "\n\n", "\n\n\342\200\224 witness.example/w AAAAAAAA\n", NULL},
	{"size raised", "\n7\n", "\n8\n", "the signature does not hold"},
	{"size lowered", "\n7\n", "\n6\n", "the signature does not hold"},
	{"leading zero", "\n7\n", "\n07\n", "size is not a decimal"},
	{"size not a number", "\n7\n", "\n7x\n", "size is not a decimal"},
	{"another origin", ORIGIN "\n7", "other.example/veil\n7", "another log"},
	{"carriage returns", "\n7\n", "\r\n7\r\n", "control character"},
	{"an extension line", "=\n\n", "=\nextension\n\n", "three lines"},
	{"no blank line", "\n\n", "\n", "no signed note"},
	{"no signature", "\n\n\342\200\224", "\n\n", "does not begin with a dash"},
	{"signature under another name", "\342\200\224 " ORIGIN, "\342\200\224 other.example/veil", "not signed by the key"},
	{"signature that is no base64", "\342\200\224 " ORIGIN " ", "\342\200\224 " ORIGIN " !", "malformed"},
	{"a signature line with three words", "\342\200\224 " ORIGIN, "\342\200\224 " ORIGIN " x", "malformed"},
	{"root that is no base64", "=\n\n", "\n\n", "root is not 32 bytes"},
	{"bytes that are no text", ORIGIN "\n7", "\377\n7", "no UTF-8"},
};

static void
check_note(void **state)
{
	const NoteEdit *edit = *state;
	Site *site = site_new();
	g_autofree char *note = NULL, *path = NULL, *text = NULL, *forged = NULL;
	g_auto(GStrv) parts = NULL;
	int status;

	site_seal(site);
	note = site_note(site, 7, site->seed, ORIGIN);
	parts = g_strsplit(note, edit->from, -1);
	assert_true(g_strv_length(parts) >= 2);
	forged = g_strjoinv(edit->to, parts);
	write_file(site->dir, "own.note", forged);
	path = g_build_filename(site->dir, "own.note", NULL);
	site_close(site);
	status = run_verify(&text, "ledger", site->ledger_path, "--checkpoint", path, "--key", site->vkey, NULL);
	if (status != (edit->reason ? 5 : 0) || (edit->reason && strstr(text, edit->reason) == NULL))
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", edit->name, status, edit->reason ? edit->reason : "VERIFIED", text);
	site_free(site);
}

static void
test_own_note_beyond_the_log(void **state)
{
	Site *site = site_new();
	g_autofree char *path = NULL, *text = NULL;

	(void)state;
	site_seal(site);
	path = g_build_filename(site->dir, "ledger", "mine.note", NULL);
	site_checkpoint(site, "mine.note", 9, site->seed, ORIGIN);
	site_close(site);
	assert_int_equal(run_verify(&text, "ledger", site->ledger_path, "--checkpoint", path, "--key", site->vkey, NULL), 5);
	assert_non_null(strstr(text, "mine.note: it signs 9 records, the ledger has 7"));
	site_free(site);
}

/* The whole log rewritten and signed again by the site's own key: only the note that somebody else kept can tell. */
static void
test_rewritten_history_against_a_kept_note(void **state)
{
	Site *site = site_new();
	g_autofree char *kept = NULL, *path = NULL, *text = NULL, *alone = NULL;

	(void)state;
	kept = site_note(site, 3, site->seed, ORIGIN);
	site_edit_record(site, 1, "new 14", "new 13");
	site_seal(site);
	write_file(site->dir, "kept.note", kept);
	path = g_build_filename(site->dir, "kept.note", NULL);
	site_close(site);
	assert_int_equal(run_verify(&alone, "ledger", site->ledger_path, "--key", site->vkey, NULL), 0);
	assert_int_equal(run_verify(&text, "ledger", site->ledger_path, "--checkpoint", path, "--key", site->vkey, NULL), 5);
	assert_non_null(strstr(text, "kept.note: the first 3 records"));
	site_free(site);
}

/* Signatures under a kept checkpoint are not verified again, those behind it are; and the log is held to it. */
static void
test_checked_before(void **state)
{
	Site *good = site_new(), *rewritten = site_new();
	g_autofree char *kept = site_note(good, 3, good->seed, ORIGIN), *path = NULL, *said = NULL, *refused = NULL, *unreadable = NULL;

	(void)state;
	site_seal(good);
	site_close(good);
	write_file(good->dir, "checked.note", kept);
	path = g_build_filename(good->dir, "checked.note", NULL);
	assert_int_equal(run_verify(&said, "ledger", good->ledger_path, "--checked", path, "--key", good->vkey, NULL), 0);
	assert_non_null(strstr(said, "the signatures of the first 3 records were not verified again"));
	site_edit_record(rewritten, 1, "new 14", "new 13");
	site_seal(rewritten);
	site_close(rewritten);
	assert_int_equal(run_verify(&refused, "ledger", rewritten->ledger_path, "--checked", path, "--key", good->vkey, NULL), 5);
	assert_non_null(strstr(refused, "checked.note: the first 3 records"));
	assert_int_equal(run_verify(&unreadable, "ledger", good->ledger_path, "--checked", good->dir, "--key", good->vkey, NULL), 1);
	site_free(good);
	site_free(rewritten);
}

/* Signed by another key, the vkey beside changed with it: the site agrees with itself, the auditor's key does not. */
static void
test_resigned_with_another_key(void **state)
{
	Site *site = site_new();
	g_autofree char *vkey = g_strdup(site->vkey), *other = NULL, *text = NULL, *self = NULL;

	(void)state;
	memset(site->seed, 9, sizeof site->seed);
	other = site_vkey(ORIGIN, site->seed);
	g_free(site->vkey);
	site->vkey = g_strdup(other);
	site_seal(site);
	site_close(site);
	assert_int_equal(run_verify(&self, "ledger", site->ledger_path, NULL), 0);
	assert_non_null(strstr(self, "self-asserted"));
	assert_int_equal(run_verify(&text, "ledger", site->ledger_path, "--key", vkey, NULL), 5);
	assert_non_null(strstr(text, "not signed by the key"));
	site_free(site);
}

static void
test_keys_that_are_none(void **state)
{
	/* name+id+key: wrong id, not base64, other type, small order (y = 1), y = 2^255 - 19 + 1. */
	static const char *const keys[][2] = {
		{"test.example/veil", "not of the form"},
		{"test.example/veil+00000000+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB", "its id is not that"},
		{"test.example/veil+00000000+????", "holds no Ed25519"},
		{"test.example/veil+00000000+BAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB", "holds no Ed25519"},
		{"test.example/ve il+00000000+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB", "not of the form"},
		{"test.example/veil+0000000G+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB", "not of the form"},
	};
	Site *site = site_new();

	(void)state;
	site_seal(site);
	site_close(site);
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *text = NULL;

		assert_int_equal(run_verify(&text, "ledger", site->ledger_path, "--key", keys[i][0], NULL), 5);
		assert_non_null(strstr(text, keys[i][1]));
	}
	site_free(site);
}

static void
test_without_key_or_checkpoint(void **state)
{
	Site *site = site_new();
	g_autofree char *vkey = NULL, *checkpoint = NULL, *older = NULL, *a = NULL, *b = NULL;

	(void)state;
	site_seal(site);
	site_close(site);
	vkey = g_build_filename(site->dir, "ledger", "vkey", NULL);
	checkpoint = g_build_filename(site->dir, "ledger", "checkpoint", NULL);
	older = g_build_filename(site->dir, "ledger", "checkpoints", "3.note", NULL);
	assert_int_equal(g_remove(vkey), 0);
	assert_int_equal(run_verify(&a, "ledger", site->ledger_path, NULL), 5);
	assert_non_null(strstr(a, "no key to check it with"));
	assert_int_equal(g_remove(checkpoint), 0);
	assert_int_equal(g_remove(older), 0);
	assert_int_equal(run_verify(&b, "ledger", site->ledger_path, NULL), 0);
	assert_non_null(strstr(b, "no checkpoint"));
	site_free(site);
}

static void
test_intent_without_result_is_a_note(void **state)
{
	Site *site = site_new();
	g_autofree char *text = NULL;

	(void)state;
	while ((int)site->records->len > site->draw_record)
		g_ptr_array_remove_index(site->records, site->records->len - 1);
	site_seal(site);
	site_close(site);
	assert_int_equal(run_verify(&text, "ledger", site->ledger_path, NULL), 0);
	assert_non_null(strstr(text, "1 intent(s) without a result"));
	site_free(site);
}

static void
test_usage_and_missing_files(void **state)
{
	static const char *const none[] = {NULL};
	g_autofree char *a = NULL, *b = NULL, *c = NULL, *d = NULL, *e = NULL, *f = NULL;
	Site *site = site_new();

	(void)state;
	(void)none;
	site_seal(site);
	site_close(site);
	assert_int_equal(run_verify(&a, "ledger", "/nowhere/ledger.db", NULL), 1);
	assert_int_equal(run_verify(&b, "ledger", site->ledger_path, "--checkpoint", "/nowhere/note", NULL), 1);
	assert_int_equal(run_verify(&c, "ledger", NULL), 2);
	assert_int_equal(run_verify(&d, "ledgers", site->ledger_path, NULL), 2);
	assert_int_equal(run_verify(&e, "ledger", site->ledger_path, "--frobnicate", NULL), 2);
	assert_int_equal(run_verify(&f, "ledger", site->dir, NULL), 1);
	site_free(site);
}

/* Not a database at all; a database cut in the middle. */
static void
test_damaged_files(void **state)
{
	Site *site = site_new();
	g_autofree char *bytes = NULL, *a = NULL, *b = NULL;
	gsize len = 0;

	(void)state;
	site_seal(site);
	site_close(site);
	assert_true(g_file_get_contents(site->ledger_path, &bytes, &len, NULL));
	assert_true(g_file_set_contents(site->ledger_path, bytes, (gssize)len - 4096, NULL));
	assert_int_equal(run_verify(&a, "ledger", site->ledger_path, NULL), 5);
	assert_true(g_file_set_contents(site->ledger_path, "this is no database, whatever its name says", -1, NULL));
	assert_int_equal(run_verify(&b, "ledger", site->ledger_path, NULL), 5);
	site_free(site);
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(edits) + G_N_ELEMENTS(tamperings) + G_N_ELEMENTS(note_edits) + 9];
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(edits); i++)
		tests[n++] = (struct CMUnitTest){edits[i].name, check_edit, NULL, NULL, (void *)&edits[i]};
	for (guint i = 0; i < G_N_ELEMENTS(tamperings); i++)
		tests[n++] = (struct CMUnitTest){tamperings[i].name, check_tampering, NULL, NULL, (void *)&tamperings[i]};
	for (guint i = 0; i < G_N_ELEMENTS(note_edits); i++)
		tests[n++] = (struct CMUnitTest){note_edits[i].name, check_note, NULL, NULL, (void *)&note_edits[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_own_note_beyond_the_log);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_rewritten_history_against_a_kept_note);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_checked_before);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_resigned_with_another_key);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_keys_that_are_none);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_without_key_or_checkpoint);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_intent_without_result_is_a_note);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_usage_and_missing_files);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_damaged_files);
	return _cmocka_run_group_tests("ledger", tests, n, NULL, NULL);
}
