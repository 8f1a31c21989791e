/* test-desk.c - the commands' log, the auditor's copy, and where a passphrase comes from. */
#include "ledger-test.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "site/ledger.h"
#include "site/log.h"
#include "site/passphrase.h"

typedef struct {
	char *dir, *ledger, *file;
} Fixture;

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	f->dir = g_dir_make_tmp("veil-log-XXXXXX", NULL);
	f->ledger = g_build_filename(f->dir, "ledger", NULL);
	f->file = g_build_filename(f->dir, "pass", NULL);
	g_mkdir(f->ledger, 0700);
	g_autoptr(VeilLedger) ledger = veil_ledger_create(f->ledger, "log.example/veil", veil_random_system, NULL, NULL);
	assert_non_null(ledger);
	/* A rehearsal, whose operators come into being when they first act. */
	static const VeilField rehearsal[] = {{"rehearsal", "1"}};
	static const guint8 blind[32];
	assert_true(veil_ledger_append(ledger, "op0", "registrar", "site.init", rehearsal, 1, "2026-03-02T01:22Z", blind, NULL, NULL));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	g_free(f->dir), g_free(f->ledger), g_free(f->file), g_free(f);
	return 0;
}

/* --- the log ------------------------------------------------------------------------------------------------------- */

static void
log_appends_and_signs(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autofree char *checkpoint = g_build_filename(f->ledger, "checkpoint", NULL), *note = NULL;
	g_autoptr(VeilLog) log = veil_log_open(f->dir, "op7", &error);
	assert_ok(log != NULL, error);
	const char *absent = NULL;
	assert_ok(veil_log_append(log, "drawer", "batch.draw.intent", &error, "seed", "00ff", "batch", "2026A", "reason", absent, "z", "1", NULL), error);
	assert_ok(veil_log_append(log, "drawer", "bare", &error, NULL), error);
	VeilRecord record, bare;
	gpointer storage = NULL, other = NULL;
	assert_ok(veil_ledger_find_last(veil_log_ledger(log), "batch.draw.intent", "batch", "2026A", &record, &storage, &error), error);
	assert_non_null(storage);
	assert_string_equal(record.actor, "op7");
	assert_string_equal(record.role, "drawer");
	assert_int_equal(record.n_fields, 3);
	assert_null(veil_record_get(&record, "reason"));
	assert_string_equal(veil_record_get(&record, "z"), "1");
	/* The minute is now, in UTC. */
	char now[32], before[32];
	time_t t = time(NULL), u = t - 60;
	strftime(now, sizeof now, "%Y-%m-%dT%H:%MZ", gmtime(&t));
	strftime(before, sizeof before, "%Y-%m-%dT%H:%MZ", gmtime(&u));
	assert_true(strcmp(record.time, now) == 0 || strcmp(record.time, before) == 0);
	assert_ok(veil_ledger_find_last(veil_log_ledger(log), "bare", NULL, NULL, &bare, &other, &error), error);
	assert_memory_not_equal(bare.blind, record.blind, 32);
	veil_record_storage_free(storage);
	veil_record_storage_free(other);
	/* Signed without being asked. */
	guint64 size = 0;
	assert_true(g_file_get_contents(checkpoint, &note, NULL, NULL));
	assert_ok(veil_checkpoint_open(note, strlen(note), veil_ledger_vkey(veil_log_ledger(log)), NULL, &size, NULL, &error), error);
	assert_int_equal(size, 4); /* with the rehearsal's first record and the operator's own */
	g_autofree char *nowhere = g_build_filename(f->dir, "none", NULL);
	assert_null(veil_log_open(nowhere, "op7", &error));
	assert_failed_with(error, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
}

static void
export_is_a_whole_copy(void **state)
{
	Fixture *f = *state;
	GError *error = NULL;
	g_autoptr(VeilLog) log = veil_log_open(f->dir, "op7", &error);
	for (int i = 0; i < 9; i++)
		assert_ok(veil_log_append(log, "drawer", "x", &error, NULL), error);
	VeilSite site = {.dir = f->dir, .origin = (char *)"log.example/veil"};
	g_autofree char *copy_dir = g_build_filename(f->dir, "copy", NULL), *copy = g_build_filename(copy_dir, "ledger.db", NULL);
	g_autofree char *note = g_strconcat(copy, ".checkpoint", NULL), *key = g_strconcat(copy, ".vkey", NULL);
	g_mkdir(copy_dir, 0700);
	assert_ok(veil_desk_ledger_export(&site, copy, &error), error);
	/* In the places of a ledger it is one. */
	g_autofree char *note_to = g_build_filename(copy_dir, "checkpoint", NULL), *key_to = g_build_filename(copy_dir, "vkey", NULL);
	assert_int_equal(g_rename(note, note_to), 0);
	assert_int_equal(g_rename(key, key_to), 0);
	guint8 a[32], b[32];
	guint64 n = 0, m = 0;
	g_autoptr(VeilLedger) read = veil_ledger_open_read(copy_dir, &error);
	assert_ok(read != NULL, error);
	assert_ok(veil_ledger_size(read, &n, a, &error), error);
	assert_ok(veil_ledger_size(veil_log_ledger(log), &m, b, &error), error);
	assert_int_equal(n, 11);
	assert_memory_equal(a, b, 32);
	/* Never over anything, and then nothing of the three is left. */
	assert_false(veil_desk_ledger_export(&site, copy, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_false(g_file_test(note, G_FILE_TEST_EXISTS));
	assert_false(g_file_test(key, G_FILE_TEST_EXISTS));
	char *bad = veil_desk_ledger_prove(&site, "-1", &error);
	assert_null(bad);
	assert_failed_with(error, VEIL_ERROR_USAGE);
	g_clear_error(&error);
}

/* --- passphrases --------------------------------------------------------------------------------------------------- */

static void
from_a_file(void **state)
{
	Fixture *f = *state;
	static const struct {
		const char *content, *passphrase; /* NULL: refused */
	} cases[] = {
		{"secret", "secret"},	     {"secret\n", "secret"},  {"secret\r\n", "secret"},	  {"secret\nsecond line\n", "secret"},
		{" two words \n", " two words "}, {"口令 电池\n", "口令 电池"}, {"a\rb\n", "a\rb"}, {"", NULL},
		{"\n", NULL},		     {"\r\n", NULL},	      {"\xff\xfe\n", NULL},
	};
	g_setenv("VEIL_PASSPHRASE_FILE", f->file, TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		assert_true(g_file_set_contents(f->file, cases[i].content, -1, NULL));
		g_auto(VeilPassphrase) got = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, &error);
		if (cases[i].passphrase != NULL)
			assert_string_equal(got, cases[i].passphrase);
		else {
			assert_null(got);
			assert_failed_with(error, VEIL_ERROR_REFUSED);
		}
	}
	g_autofree char *longest = g_strnfill(1024, 'x');
	g_autoptr(GError) error = NULL;
	assert_true(g_file_set_contents(f->file, longest, 1024, NULL));
	assert_null(veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_true(g_file_set_contents(f->file, longest, 1023, NULL));
	g_auto(VeilPassphrase) got = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, &error);
	assert_int_equal(strlen(got), 1023);
	g_unlink(f->file);
	assert_null(veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, &error));
	assert_failed_with(error, VEIL_ERROR_FAILED);
	assert_null(strstr(error->message, f->dir)); /* the name of the file, not where it lies */
	g_clear_error(&error);
	g_setenv("VEIL_PASSPHRASE_FILE", f->dir, TRUE);
	assert_null(veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, &error));
	g_unsetenv("VEIL_PASSPHRASE_FILE");
}

/* Without a terminal it says how, and does not wait. */
static void
without_a_terminal(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		g_autoptr(GError) error = NULL;
		setsid();
		char *got = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, &error);
		_exit(got == NULL && g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED) && strstr(error->message, "VEIL_PASSPHRASE_FILE") ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* What the child says at the end: 0 the expected passphrase, 3 refused, 1 anything else. */
static int
type_at_a_terminal(gboolean confirm, const char *first, const char *second, const char *expected, GString *seen)
{
	int master;
	pid_t child = forkpty(&master, NULL, NULL, NULL);
	if (child == 0) {
		g_autoptr(GError) error = NULL;
		struct termios after;

		signal(SIGINT, SIG_DFL); /* whoever started the tests may ignore it */
		alarm(60);
		char *got = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, confirm, &error);
		gboolean echo = tcgetattr(0, &after) == 0 && after.c_lflag & ECHO;
		int code = !echo ? 1 : got == NULL ? (g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED) ? 3 : 1) : g_strcmp0(got, expected) == 0 ? 0 : 1;
		_exit(code);
	}
	const char *answers[] = {first, second};
	guint next = 0;
	char byte;
	/* An answer for each prompt; until it is there, echo is off already. */
	while (read(master, &byte, 1) == 1) {
		g_string_append_c(seen, byte);
		if (next < 2 && answers[next] != NULL && g_str_has_suffix(seen->str, next == 0 ? "assphrase: " : "again: ")) {
			assert_int_equal(write(master, answers[next], strlen(answers[next])), strlen(answers[next]));
			next++;
		}
	}
	int status;
	waitpid(child, &status, 0);
	close(master);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static void
at_a_terminal(void **state)
{
	(void)state;
	g_autoptr(GString) seen = g_string_new(NULL);
	assert_int_equal(type_at_a_terminal(FALSE, "typed 口令\n", NULL, "typed 口令", seen), 0);
	assert_null(strstr(seen->str, "typed")); /* unseen */
	g_string_truncate(seen, 0);
	assert_int_equal(type_at_a_terminal(TRUE, "one two\n", "one two\n", "one two", seen), 0);
	assert_null(strstr(seen->str, "two"));
	g_string_truncate(seen, 0);
	assert_int_equal(type_at_a_terminal(TRUE, "one two\n", "one twp\n", NULL, seen), 3);
	g_string_truncate(seen, 0);
	assert_int_equal(type_at_a_terminal(FALSE, "\n", NULL, NULL, seen), 3);
	/* Interrupted: gone by the signal, as a shell expects. */
	g_string_truncate(seen, 0);
	assert_int_equal(type_at_a_terminal(FALSE, "half\x03", NULL, NULL, seen), 100 + SIGINT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {T(log_appends_and_signs), T(export_is_a_whole_copy), T(from_a_file), T(without_a_terminal), T(at_a_terminal)};
	g_unsetenv("VEIL_PASSPHRASE_FILE");
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("ledger-desk", tests, NULL, NULL);
}
