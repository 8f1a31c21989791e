/* test-operators.c - who may sign: keys, roles, and how a second person is not to be made. */
#include <sys/wait.h>

#include "people-fixture.h"

#include <stdlib.h>

#include <veil/ledger.h>

static char *
public_of(People *p, const char *handle)
{
	g_autofree char *path = people_key(p, handle), *file = g_strconcat(path, ".pub", NULL);
	char *text = NULL;
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	return text;
}

static gboolean
add(People *p, const char *by, const char *handle, const char *roles, const char *key_of)
{
	g_autofree char *key = public_of(p, key_of);
	VeilStep step = people_act(p, by);
	return veil_step_operator_add(&step, handle, veil_roles_parse(roles), key, NULL, &p->error);
}

static gboolean
append(People *p, const char *handle, const char *role, const char *act)
{
	g_autoptr(VeilLog) log = people_log(p, handle);
	return veil_log_append(log, role, act, &p->error, NULL);
}

/* --- every record ------------------------------------------------------------------------------------------------------ */

static gboolean
signed_by_its_actor(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	const VeilOperators *operators = data;
	guint n_right = 0;
	(void)bytes, (void)len, (void)error;
	for (guint i = 0; i < operators->list->len; i++) {
		const VeilOperator *one = operators->list->pdata[i];
		gboolean own = strcmp(one->handle, record->actor) == 0;
		assert_int_equal(veil_record_signed_by(record, one->key), own);
		n_right += own;
	}
	assert_int_equal(n_right, 1);
	return TRUE;
}

static void
operators__every_record_is_signed_by_its_actor_and_nobody_else(void **state)
{
	People *p = *state;
	g_autofree char *dir = veil_site_path(p->site, VEIL_FOLDER_LEDGER, NULL);
	people_add(p, "draw1", "drawer");
	people_add(p, "audit", "auditor;registrar");
	people_must(p, append(p, "draw1", "drawer", "x"));
	people_must(p, append(p, "audit", "auditor", "y"));
	people_must(p, append(p, "first", "anyone", "z"));
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, &p->error);
	g_autoptr(VeilOperators) operators = veil_operators_read(ledger, &p->error);
	people_must(p, operators != NULL && veil_ledger_each(ledger, 0, signed_by_its_actor, operators, &p->error));
	assert_int_equal(operators->list->len, 3);
	assert_false(operators->rehearsal);
	guint64 n = 0;
	people_must(p, veil_ledger_size(ledger, &n, NULL, &p->error));
	assert_int_equal(n, 6);
}

/* Every bit of the text counts, the blind and the number too. */
static void
operators__a_signature_covers_the_whole_record(void **state)
{
	People *p = *state;
	g_autofree char *dir = veil_site_path(p->site, VEIL_FOLDER_LEDGER, NULL);
	people_must(p, append(p, "first", "registrar", "batch.freeze"));
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, &p->error);
	g_autoptr(VeilOperators) operators = veil_operators_read(ledger, &p->error);
	const guint8 *key = veil_operators_find(operators, "first")->key;
	g_autoptr(GBytes) record = veil_ledger_record(ledger, 1, &p->error);
	gsize len = 0;
	const guint8 *bytes = g_bytes_get_data(record, &len);
	guint parsed = 0;
	for (gsize i = 0; i < len * 8; i++) {
		g_autofree guint8 *bad = g_memdup2(bytes, len);
		VeilRecord out;
		gpointer storage = NULL;
		bad[i / 8] ^= (guint8)(1 << i % 8);
		if (!veil_record_parse(bad, len, &out, &storage, NULL))
			continue;
		parsed++;
		assert_false(veil_record_signed_by(&out, key));
		veil_record_storage_free(storage);
	}
	assert_true(parsed > 500);
}

static void
operators__wrong_role_wrong_key_no_operator(void **state)
{
	People *p = *state;
	people_add(p, "draw1", "drawer;notifier");
	people_refused(p, append(p, "draw1", "registrar", "batch.freeze"), VEIL_ERROR_REFUSED, "role registrar");
	people_refused(p, append(p, "draw1", "auditor", "x"), VEIL_ERROR_REFUSED, "role auditor");
	people_must(p, append(p, "draw1", "notifier", "x"));
	people_refused(p, append(p, "stranger", "anyone", "x"), VEIL_ERROR_REFUSED, "no operator");
	g_autofree char *key = people_key(p, "stranger");
	g_autoptr(VeilLog) log = people_log(p, "draw1");
	veil_operator_use_key_file(key);
	people_refused(p, veil_log_append(log, "drawer", "x", &p->error, NULL), VEIL_ERROR_REFUSED, "not the one the ledger names");
	/* Without any key. */
	veil_operator_use_key_file(NULL);
	g_autoptr(VeilLog) bare = veil_log_open(p->dir, "draw1", &p->error);
	people_refused(p, veil_log_append(bare, "drawer", "x", &p->error, NULL), VEIL_ERROR_REFUSED, "name your key");
}

static void
operators__a_public_half_is_not_believed(void **state)
{
	People *p = *state;
	g_autofree char *key = people_key(p, "mine"), *file = g_strconcat(key, ".pub", NULL), *first = public_of(p, "first");
	/* Who claims the first operator's public half for his own key finds a handle, and signs nothing. */
	assert_true(g_file_set_contents(file, first, -1, NULL));
	g_autofree char *dir = veil_site_path(p->site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, NULL);
	veil_operator_use_key_file(key);
	g_autofree char *handle = veil_operator_handle_of_key(ledger, &p->error);
	assert_string_equal(handle, "first");
	g_autoptr(VeilLog) log = veil_log_open(p->dir, handle, &p->error);
	people_refused(p, veil_log_append(log, "registrar", "x", &p->error, NULL), VEIL_ERROR_REFUSED, "not the one the ledger names");
}

static void
operators__two_handles_need_two_keys(void **state)
{
	People *p = *state;
	people_add(p, "draw1", "drawer");
	people_refused(p, add(p, "first", "draw2", "drawer", "draw1"), VEIL_ERROR_REFUSED, "another operator's");
	people_refused(p, add(p, "first", "draw1", "drawer", "draw2"), VEIL_ERROR_REFUSED, "operator's already");
	people_refused(p, add(p, "first", "a;b", "drawer", "draw2"), VEIL_ERROR_USAGE, "handle");
	people_refused(p, add(p, "first", "-a", "drawer", "draw2"), VEIL_ERROR_USAGE, "handle");
	people_refused(p, add(p, "draw1", "draw2", "drawer", "draw2"), VEIL_ERROR_REFUSED, "role registrar");
	VeilStep step = people_act(p, "first");
	static const char *const bad[] = {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
					  "7P///////////////////////////////////////38=", "2 EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		people_refused(p, veil_step_operator_add(&step, "draw2", VEIL_ROLE_DRAWER, bad[i], NULL, &p->error), VEIL_ERROR_USAGE, "--public-key");
	people_refused(p, veil_step_operator_add(&step, "draw2", VEIL_ROLE_DRAWER, NULL, NULL, &p->error), VEIL_ERROR_REFUSED, "a key is missing");
}

static void
operators__revoked_is_for_ever(void **state)
{
	People *p = *state;
	people_add(p, "draw1", "drawer");
	VeilStep step = people_act(p, "first");
	people_refused(p, veil_step_operator_revoke(&step, "nobody", NULL, &p->error), VEIL_ERROR_REFUSED, "no operator of this handle");
	people_refused(p, veil_step_operator_revoke(&step, "first", NULL, &p->error), VEIL_ERROR_REFUSED, "last registrar");
	people_must(p, veil_step_operator_revoke(&step, "draw1", "left", &p->error));
	people_refused(p, append(p, "draw1", "drawer", "x"), VEIL_ERROR_REFUSED, "no operator of this site, or no longer");
	people_refused(p, add(p, "first", "draw1", "drawer", "fresh"), VEIL_ERROR_REFUSED, "does not come back");
	people_refused(p, add(p, "first", "draw2", "drawer", "draw1"), VEIL_ERROR_REFUSED, "another operator's");
}

/* Else one registrar could approve his own requests under a second handle. */
static void
operators__no_second_person_is_made_alone(void **state)
{
	People *p = *state;
	people_add(p, "audit", "auditor");
	people_add(p, "draw1", "drawer");
	people_must(p, append(p, "first", "registrar", "import"));
	people_refused(p, add(p, "first", "ghost", "auditor", "ghost"), VEIL_ERROR_REFUSED, "waits for another operator");
	people_refused(p, add(p, "first", "ghost", "auditor", "ghost"), VEIL_ERROR_REFUSED, "waits for another operator");
	assert_int_equal(people_count(p, "request"), 1);
	g_autoptr(VeilLog) log = people_log(p, "first");
	g_autoptr(GPtrArray) list = veil_approval_list(log, &p->error);
	assert_int_equal(list->len, 1);
	const VeilApproval *a = list->pdata[0];
	people_refused(p, veil_approve(log, a->id, &p->error), VEIL_ERROR_REFUSED, "who asks does not approve");
	g_autoptr(VeilLog) drawer = people_log(p, "draw1");
	people_refused(p, veil_approve(drawer, a->id, &p->error), VEIL_ERROR_REFUSED, "roles do not allow");
	g_autoptr(VeilLog) auditor = people_log(p, "audit");
	people_must(p, veil_approve(auditor, a->id, &p->error));
	/* What was approved is this key and these roles. */
	people_refused(p, add(p, "first", "ghost", "auditor,registrar", "ghost"), VEIL_ERROR_REFUSED, "waits for");
	people_refused(p, add(p, "first", "ghost", "auditor", "another"), VEIL_ERROR_REFUSED, "waits for");
	people_must(p, add(p, "first", "ghost", "auditor", "ghost"));
	people_must(p, append(p, "ghost", "auditor", "x"));
}

static void
operators__a_rehearsal_makes_its_own(void **state)
{
	People *p = *state;
	g_autofree char *key = g_build_filename(p->dir, "ledger", "operators", "op2.key", NULL);
	GStatBuf info;
	people_must(p, append(p, "op2", "auditor", "x"));
	people_must(p, append(p, "op2", "drawer", "x"));
	assert_int_equal(g_stat(key, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(people_count(p, "operator.add"), 1);
	people_refused(p, append(p, "../../x", "drawer", "x"), VEIL_ERROR_USAGE, "handle");
	VeilStep step = people_act(p, "first");
	people_must(p, veil_step_operator_revoke(&step, "op2", NULL, &p->error));
	people_refused(p, append(p, "op2", "drawer", "x"), VEIL_ERROR_REFUSED, "revoked");
}

/* A key wrapped with a passphrase, and what a wrong one says. */
static void
operators__a_wrapped_key(void **state)
{
	People *p = *state;
	g_autofree char *path = g_build_filename(p->folder, "w.key", NULL), *wrong = g_build_filename(p->folder, "wrong", NULL);
	g_autoptr(VeilOperatorKey) key = veil_operator_key_create(path, "hush", TRUE, veil_random_system, NULL, &p->error);
	people_must(p, key != NULL);
	assert_null(veil_operator_key_create(path, "hush", TRUE, veil_random_system, NULL, &p->error));
	people_refused(p, FALSE, VEIL_ERROR_REFUSED, "");
	assert_true(g_file_set_contents(wrong, "hash\n", -1, NULL));
	g_setenv("VEIL_OPERATOR_PASSPHRASE_FILE", wrong, TRUE);
	assert_null(veil_operator_key_of_file(path, &p->error));
	people_refused(p, FALSE, VEIL_ERROR_REFUSED, "wrong passphrase");
	assert_true(g_file_set_contents(wrong, "hush\n", -1, NULL));
	people_must(p, veil_operator_key_of_file(path, &p->error) != NULL);
	g_unsetenv("VEIL_OPERATOR_PASSPHRASE_FILE");
	/* Damage anywhere in the file gives one error and no key. */
	g_autofree char *bytes = NULL, *bad = g_build_filename(p->folder, "bad.key", NULL);
	gsize len = 0;
	assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	for (gsize i = 0; i < len; i++) {
		bytes[i] ^= 1;
		assert_true(g_file_set_contents(bad, bytes, (gssize)len, NULL));
		assert_null(veil_operator_key_open(bad, "hush", &p->error));
		people_refused(p, FALSE, VEIL_ERROR_VERIFY, "bad.key: damaged");
		bytes[i] ^= 1;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, people_set_up, people_tear_down)

static void
operators__nobody_has_two_roles_in_one_batch(void **state)
{
	People *p = *state;
	g_autoptr(GError) error = NULL;

	people_add(p, "both", "registrar;drawer");
	g_autoptr(VeilLog) log = people_log(p, "both");
	if (!veil_log_append(log, "registrar", "batch.new", &error, "batch", "A", NULL))
		fail_msg("%s", error->message);
	assert_true(veil_log_append(log, "registrar", "batch.freeze.intent", NULL, "batch", "A", NULL));
	assert_false(veil_log_append(log, "drawer", "batch.draw.intent", &error, "batch", "A", NULL));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_non_null(strstr(error->message, "as registrar"));
	assert_true(veil_log_append(log, "drawer", "batch.draw.intent", NULL, "batch", "B", NULL)); /* another batch, another role */
	assert_false(veil_log_append(log, "registrar", "batch.new", NULL, "batch", "B", NULL));
	assert_true(veil_log_append(log, "anyone", "approve.refused", NULL, "batch", "B", NULL)); /* which is no role */
}

static const char *verify; /* the checker; it shares no code with what wrote the log */

static void
checker_says(People *p, int status, const char *text)
{
	g_autofree char *path = g_build_filename(p->dir, "ledger", "ledger.db", NULL), *out = NULL, *err = NULL;
	const char *argv[] = {verify, "ledger", path, NULL};
	int got = 0;

	assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &got, NULL));
	if (WEXITSTATUS(got) != status || (text != NULL && strstr(err, text) == NULL))
		fail_msg("exit %d: %s%s", WEXITSTATUS(got), out, err);
}

/* A record by an engine that asks nothing, under his own key. */
static void
forge(People *p, const char *handle, const char *role, const char *batch)
{
	g_autofree char *path = people_key(p, handle);
	g_autoptr(VeilOperatorKey) key = veil_operator_key_open(path, NULL, &p->error);
	g_autoptr(VeilLog) log = people_log(p, handle);
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	VeilField field = {"batch", batch};

	people_must(p, key != NULL);
	g_array_append_val(fields, field);
	people_must(p, veil_log_append_self(log, key, role, "batch.explain", fields, NULL, NULL, &p->error));
}

static void
operators__the_checker_finds_two_roles(void **state)
{
	People *p = *state;

	people_add(p, "both", "registrar;drawer");
	forge(p, "both", "registrar", "A");
	forge(p, "both", "drawer", "B");
	forge(p, "both", "anyone", "B");
	checker_says(p, 0, NULL);
	forge(p, "both", "drawer", "A");
	checker_says(p, 5, "has acted in this batch in another role");
}

static void
operators__the_checker_finds_whoever_was_barred(void **state)
{
	People *p = *state;

	people_add(p, "tied", "drawer");
	g_autoptr(VeilLog) log = people_log(p, "first");
	people_must(p, veil_log_append(log, "registrar", "batch.barred", &p->error, "batch", "A", "freeze-id", "00", "operators", "other;tied", NULL));
	forge(p, "tied", "drawer", "B");
	checker_says(p, 0, NULL);
	people_must(p, veil_log_append(log, "registrar", "batch.barred", &p->error, "batch", "A", "freeze-id", "01", "operators", "-", NULL));
	forge(p, "tied", "drawer", "A"); /* the later freeze counts */
	checker_says(p, 0, NULL);
	people_must(p, veil_log_append(log, "registrar", "batch.barred", &p->error, "batch", "A", "freeze-id", "02", "operators", "tied", NULL));
	forge(p, "tied", "anyone", "A");
	checker_says(p, 5, "has a part or a tie in this batch");
}

/* A command at work while another one does what ought to have stopped it: what was asked before the record's own transaction does not count. */
static void
operators__a_revoked_one_stops_in_the_middle(void **state)
{
	People *p = *state;

	people_add(p, "slow", "drawer");
	g_autoptr(VeilLog) log = people_log(p, "slow");
	people_must(p, veil_log_append(log, "drawer", "batch.explain", &p->error, "batch", "A", NULL));
	VeilStep step = people_act(p, "first");
	people_must(p, veil_step_operator_revoke(&step, "slow", "left", &p->error));
	people_refused(p, veil_log_append(log, "drawer", "batch.explain", &p->error, "batch", "A", NULL), VEIL_ERROR_REFUSED, "no operator of this site");
	checker_says(p, 0, NULL);
}

enum { RACERS = 6, RACES = 5 };

static void
operators__two_roles_at_once(void **state)
{
	People *p = *state;

	people_add(p, "both", "registrar;drawer");
	for (guint race = 0; race < RACES; race++) {
		g_autofree char *batch = g_strdup_printf("B%u", race);
		pid_t child[RACERS];
		guint done = 0;
		int gate[2];

		assert_int_equal(pipe(gate), 0);
		for (guint i = 0; i < RACERS; i++) {
			child[i] = fork();
			if (child[i] == 0) {
				g_autoptr(VeilLog) log = people_log(p, "both");
				char go;

				close(gate[1]);
				if (read(gate[0], &go, 1) != 0) /* until the gate is closed */
					_exit(2);
				_exit(veil_log_append(log, i % 2 ? "drawer" : "registrar", "batch.explain", NULL, "batch", batch, NULL) ? 0 : 1);
			}
		}
		close(gate[0]);
		close(gate[1]);
		for (guint i = 0; i < RACERS; i++) {
			int status = 0;

			assert_int_equal(waitpid(child[i], &status, 0), child[i]);
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
			done += WEXITSTATUS(status) == 0;
		}
		assert_int_equal(done, RACERS / 2);
	}
	checker_says(p, 0, NULL);
}

int
main(int argc, char **argv)
{
	verify = argc > 1 ? argv[1] : "veil-verify";
	const struct CMUnitTest tests[] = {
		TEST(operators__every_record_is_signed_by_its_actor_and_nobody_else),
		TEST(operators__a_signature_covers_the_whole_record),
		TEST(operators__wrong_role_wrong_key_no_operator),
		TEST(operators__a_public_half_is_not_believed),
		TEST(operators__two_handles_need_two_keys),
		TEST(operators__revoked_is_for_ever),
		TEST(operators__no_second_person_is_made_alone),
		TEST(operators__a_wrapped_key),
		cmocka_unit_test_setup_teardown(operators__a_rehearsal_makes_its_own, people_set_up_rehearsal, people_tear_down),
		TEST(operators__nobody_has_two_roles_in_one_batch),
		TEST(operators__the_checker_finds_two_roles),
		TEST(operators__the_checker_finds_whoever_was_barred),
		TEST(operators__a_revoked_one_stops_in_the_middle),
		TEST(operators__two_roles_at_once),
	};
	return cmocka_run_group_tests_name("desk-operators", tests, NULL, NULL);
}
