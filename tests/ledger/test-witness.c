/* test-witness.c - a witness whose clock and log are the test's: silence, gaps, cosignatures that do not arrive, a clock that runs backwards; proofs of all sizes. */
#include "ledger-test.h"

#include <stdlib.h>

#include <veil/blind.h>

#include "site/ledger.h"
#include "witness/witness-cosign.h"
#include "witness/witness-read.h"

/* 2026-03-02T00:00Z */
#define DAY 1772409600
#define HOUR 3600

typedef struct {
	char *dir, *log, *witness, *copy;
	VeilLedger *ledger;
	VeilWitnessState *state;
} Fixture;

static void
append(Fixture *f, const char *time, const char *act, const char *next, const char *tally)
{
	static const guint8 blind[32] = {9};
	const VeilField fields[] = {{"next", next}, {"tally", tally}};
	GError *error = NULL;
	gboolean ok = veil_ledger_append(f->ledger, "op7", "anyone", act, fields, next != NULL ? 2 : 0, time, blind, NULL, &error);

	assert_ok(ok, error);
}

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	GError *error = NULL;

	f->dir = g_dir_make_tmp("veil-witness-XXXXXX", NULL);
	f->log = g_build_filename(f->dir, "log", NULL);
	f->witness = g_build_filename(f->dir, "witness", NULL);
	f->copy = g_build_filename(f->dir, "copy", NULL);
	g_mkdir(f->log, 0700);
	f->ledger = veil_ledger_create(f->log, "log.example/veil", veil_random_system, NULL, &error);
	assert_ok(f->ledger != NULL, error);
	append(f, "2026-03-01T09:00Z", "site.init", NULL, NULL);
	gboolean made = veil_witness_create(f->witness, "w.example", veil_ledger_vkey(f->ledger), NULL, &error);
	assert_ok(made, error);
	f->state = veil_witness_open(f->witness, FALSE, &error);
	assert_ok(f->state != NULL, error);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", f->dir);

	veil_ledger_free(f->ledger);
	veil_witness_free(f->state);
	assert_int_equal(system(command), 0);
	g_free(f->dir), g_free(f->log), g_free(f->witness), g_free(f->copy), g_free(f);
	return 0;
}

/* The warnings, joined; "refused" with the code when it is. */
static char *
shown(Fixture *f, const char *path, gint64 now)
{
	const char *files[] = {path, NULL};
	VeilWitnessInput input = {.files = files, .first = TRUE, .silence_s = 48 * HOUR, .now_unix_s = now};
	g_auto(VeilWitnessResult) result = {0};
	g_autoptr(GError) error = NULL;

	if (!veil_witness_cosign(f->state, &input, &result, &error))
		return g_strdup_printf("refused %d: %s", error->code, error->message);
	g_ptr_array_add(result.warnings, NULL);
	return g_strjoinv("; ", (char **)result.warnings->pdata);
}

static char *
export(Fixture *f, gint64 now)
{
	g_autofree char *note_path = g_strconcat(f->copy, ".checkpoint", NULL), *latest = g_build_filename(f->log, "checkpoint", NULL), *note = NULL;
	GError *error = NULL;

	g_unlink(f->copy), g_unlink(note_path);
	gboolean ok = veil_ledger_checkpoint(f->ledger, &error) && veil_ledger_export(f->ledger, f->copy, &error) &&
		      g_file_get_contents(latest, &note, NULL, &error) && g_file_set_contents(note_path, note, -1, &error);
	assert_ok(ok, error);
	return shown(f, f->copy, now);
}

static void
assert_says(char *said, const char *words)
{
	if (*words == '\0' ? *said != '\0' : strstr(said, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", said, words);
	g_free(said);
}

static void
silence(void **state)
{
	Fixture *f = *state;

	assert_says(export(f, DAY), "");
	/* Without a promise the witness's own patience counts. */
	assert_says(export(f, DAY + 24 * HOUR), "");
	assert_says(export(f, DAY + 36 * HOUR), "SILENCE");
	append(f, "2026-03-03T12:00Z", "ledger.heartbeat", "2026-03-04T12:00Z", "-");
	assert_says(export(f, DAY + 40 * HOUR), "");
	assert_says(export(f, DAY + 60 * HOUR), ""); /* to the minute */
	assert_says(export(f, DAY + 60 * HOUR + 60), "promised another one by 2026-03-04T12:00Z");
	/* Kept, or broken: a gap stays one. */
	append(f, "2026-03-04T12:00Z", "ledger.heartbeat", "2026-03-05T12:00Z", "-");
	append(f, "2026-03-05T12:01Z", "ledger.heartbeat", "2026-03-06T12:00Z", "-");
	assert_says(export(f, DAY + 85 * HOUR), "GAP: 1 record(s) came later than the heartbeat before them promised, the first is 3");
	append(f, "2026-03-05T12:02Z", "import", NULL, NULL);
	assert_says(export(f, DAY + 85 * HOUR), "GAP");
}

/* Nothing but the note: the witness's own memory of when he saw this size first. */
static void
silence_by_size(void **state)
{
	Fixture *f = *state;
	g_autofree char *note = g_build_filename(f->log, "checkpoint", NULL);

	assert_says(export(f, DAY), "");
	assert_says(shown(f, note, DAY + 47 * HOUR), "");
	assert_says(shown(f, note, DAY + 49 * HOUR), "has not grown");
	assert_says(shown(f, note, DAY + 48 * HOUR), "refused 6"); /* his clock ran backwards */
	assert_int_equal(f->state->time, DAY + 49 * HOUR);
	assert_int_equal(f->state->since, DAY);
	assert_int_equal(f->state->count, 3);
}

static void
tally(void **state)
{
	Fixture *f = *state;
	g_autoptr(GString) entry = g_string_new(NULL);
	guint64 size = 0;
	gint64 time = 0;

	assert_says(export(f, DAY), "");
	veil_tally_add(entry, f->state->vkey, 1, DAY);
	assert_true(veil_tally_find(entry->str, f->state->vkey, &size, &time));
	assert_int_equal(size, 1);
	assert_int_equal(time, DAY);
	static const char *const never[] = {"", "-", "x", "=1@2", "00000000=1@2", ";;", "=", "@", "@="};
	for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
		assert_false(veil_tally_find(never[i], f->state->vkey, &size, &time));
	assert_false(veil_tally_find(NULL, f->state->vkey, &size, &time));

	append(f, "2026-03-02T01:00Z", "ledger.heartbeat", "2026-03-09T01:00Z", entry->str);
	assert_says(export(f, DAY + HOUR), "");
	/* Three days on, the log's heartbeats still know the first cosignature only. */
	append(f, "2026-03-04T23:00Z", "ledger.heartbeat", "2026-03-09T01:00Z", entry->str);
	assert_says(export(f, DAY + 72 * HOUR), "");
	append(f, "2026-03-05T01:00Z", "ledger.heartbeat", "2026-03-09T01:00Z", entry->str);
	assert_says(export(f, DAY + 73 * HOUR), "do not arrive");
	/* One of a size, or a time, that he knows nothing of. */
	g_string_truncate(entry, 0);
	veil_tally_add(entry, f->state->vkey, f->state->size, DAY + 80 * HOUR);
	append(f, "2026-03-05T09:00Z", "ledger.heartbeat", "2026-03-09T01:00Z", entry->str);
	assert_says(export(f, DAY + 81 * HOUR), "your state");
	assert_int_equal(f->state->size, 4);
}

/* Each two sizes: the proof leads from one to the other, and from nowhere else. */
static void
proofs_of_all_sizes(void **state)
{
	Fixture *f = *state;
	enum { N = 23 };
	guint8 roots[N + 1][32];
	GError *error = NULL;

	for (guint n = 1; n <= N; n++) {
		guint64 size;
		if (n > 1)
			append(f, "2026-03-02T01:00Z", "import", NULL, NULL);
		gboolean ok = veil_ledger_size(f->ledger, &size, roots[n], &error) && veil_ledger_checkpoint_named(f->ledger, NULL, &error);
		assert_ok(ok, error);
	}
	for (guint n = 1; n <= N; n++)
		for (guint m = 1; m <= n; m++) {
			g_autofree char *proof = veil_ledger_prove_consistency(f->ledger, m, n, &error), *head = g_strdup_printf("old %u\n", m);
			assert_ok(proof != NULL, error);
			assert_true(g_str_has_prefix(proof, head));
			g_autoptr(GByteArray) hashes = g_byte_array_new();
			char *end = strstr(proof, "\n\n");
			for (char *at = strchr(proof, '\n') + 1; at < end; at = strchr(at, '\n') + 1) {
				gsize len = 0;
				g_autofree char *line = g_strndup(at, 44);
				g_autofree guint8 *hash = g_base64_decode(line, &len);
				assert_int_equal(len, 32);
				g_byte_array_append(hashes, hash, 32);
			}
			for (guint k = 1; k <= n; k++)
				assert_true(veil_tree_verify_consistency(k, n, roots[m], roots[n], hashes->data, hashes->len / 32) == (k == m));
		}
	assert_null(veil_ledger_prove_consistency(f->ledger, N + 1, 0, &error));
	assert_failed_with(error, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
	assert_null(veil_ledger_prove_consistency(f->ledger, 1, N + 1, &error));
	assert_failed_with(error, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
}

/* Several records in one commit: all of them or none, and nobody else's in between. */
static void
groups(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	static const guint8 blind[32] = {1};
	guint64 size = 0;

	gboolean ok = veil_ledger_group_begin(f->ledger, &error);
	assert_ok(ok, error);
	append(f, "2026-03-02T01:00Z", "import", NULL, NULL);
	append(f, "2026-03-02T01:00Z", "import", NULL, NULL);
	ok = veil_ledger_group_end(f->ledger, &error);
	assert_ok(ok, error);
	assert_true(veil_ledger_size(f->ledger, &size, NULL, NULL));
	assert_int_equal(size, 3);
	ok = veil_ledger_group_begin(f->ledger, &error);
	assert_ok(ok, error);
	append(f, "2026-03-02T01:00Z", "import", NULL, NULL);
	const VeilField bad = {"NOT A KEY", "x"};
	assert_false(veil_ledger_append(f->ledger, "op7", "anyone", "import", &bad, 1, "2026-03-02T01:00Z", blind, NULL, &error));
	g_clear_error(&error);
	veil_ledger_group_undo(f->ledger);
	assert_true(veil_ledger_size(f->ledger, &size, NULL, NULL));
	assert_int_equal(size, 3);
	append(f, "2026-03-02T01:00Z", "import", NULL, NULL);
	ok = veil_ledger_checkpoint(f->ledger, &error);
	assert_ok(ok, error);
}

/* A quick checkpoint whose bytes a power cut took says nothing; one that is damaged otherwise stops everybody. */
static void
lost_checkpoint(void **state)
{
	Fixture *f = *state;
	g_autofree char *path = g_build_filename(f->log, "checkpoint", NULL);
	GError *error = NULL;
	static const char zeroes[200];

	for (gssize len = 0; len <= (gssize)sizeof zeroes; len += 100) {
		assert_true(g_file_set_contents(path, zeroes, len, NULL));
		g_autoptr(VeilLedger) ledger = veil_ledger_open(f->log, &error);
		assert_ok(ledger != NULL, error);
		gboolean ok = veil_ledger_checkpoint_quick(ledger, &error);
		assert_ok(ok, error);
	}
	assert_true(g_file_set_contents(path, "\0x", 2, NULL));
	assert_null(veil_ledger_open(f->log, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {T(silence), T(silence_by_size), T(tally), T(proofs_of_all_sizes), T(groups), T(lost_checkpoint)};

	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("ledger-witness", tests, NULL, NULL);
}
