/* test-seed.c - a seed ceremony on a site that is no rehearsal, and what is tried against it. */
#include "people-fixture.h"

#include "ceremony/seed.h"

#define FREEZE "00112233445566778899aabbccddeeff"
#define BEACON "2026-01-01T01:00Z" /* MINUTES(60) */

static void
freeze(People *p)
{
	g_autoptr(VeilLog) log = people_log(p, "first");
	people_must(p, veil_log_append(log, "registrar", "batch.freeze.intent", &p->error, "batch", "B", "freeze-id", FREEZE, NULL));
	people_must(p, veil_log_append(log, "registrar", "batch.freeze", &p->error, "batch", "B", "freeze-id", FREEZE, NULL));
}

static int
set_up(void **state)
{
	int status = people_set_up(state);
	People *p = *state;

	people_add(p, "draw1", "drawer");
	people_add(p, "chief", "requester");
	people_add(p, "inspect", "auditor");
	people_add(p, "audit", "auditor");
	freeze(p);
	return status;
}

/* --- moves ------------------------------------------------------------------------------------------------------------- */

static gboolean
plan_of(People *p, const char *handle, const char *parties, const char *beacon_time)
{
	VeilSeedPlan plan = {parties, "lottery 3D, draw 2026001", beacon_time, NULL};
	VeilStep step = people_act(p, handle);
	return veil_seed_plan(&step, "B", 0, &plan, &p->error);
}

static void
plan(People *p)
{
	people_must(p, plan_of(p, "draw1", "chief,inspect; audit", BEACON));
}

static char *
secret_file(People *p, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".secret", NULL);
	return g_build_filename(p->folder, file, NULL);
}

static gboolean
commit_draw(People *p, const char *handle, const char *secret, guint draw)
{
	g_autofree char *path = secret_file(p, secret);
	VeilStep step = people_act(p, handle);
	return veil_seed_commit(&step, "B", draw, path, &p->error);
}

static gboolean
commit(People *p, const char *handle)
{
	return commit_draw(p, handle, handle, 0);
}

static gboolean
reveal_as(People *p, const char *handle, const char *secret)
{
	g_autofree char *path = secret_file(p, secret);
	VeilStep step = people_act(p, handle);
	return veil_seed_reveal(&step, "B", 0, path, &p->error);
}

static gboolean
reveal(People *p, const char *handle)
{
	return reveal_as(p, handle, handle);
}

static gboolean
beacon(People *p, const char *handle, const char *value, gboolean *out_ready)
{
	VeilStep step = people_act(p, handle);
	*out_ready = FALSE;
	return veil_seed_beacon(&step, "B", 0, value, out_ready, &p->error);
}

static void
commit_all(People *p)
{
	people_must(p, commit(p, "chief"));
	people_must(p, commit(p, "inspect"));
	people_must(p, commit(p, "audit"));
}

static void
state_is(People *p, const char *wanted, char seed[65])
{
	g_autoptr(VeilLog) log = people_log(p, "draw1");
	char state[VEIL_SEED_STATE_BYTES];
	people_must(p, veil_seed_find(log, FREEZE, 1, seed, state, &p->error));
	assert_string_equal(state, wanted);
	assert_int_equal(*seed != '\0', strcmp(wanted, "ready") == 0);
}

static void
agree(People *p, const char *value)
{
	gboolean ready;
	people_must(p, beacon(p, "draw1", value, &ready));
	assert_false(ready);
	people_must(p, beacon(p, "audit", value, &ready));
	assert_true(ready);
}

/* --- the seed by other code: GLib's HMAC over the text of ledger-format.md --------------------------------------------- */

static void
lp(GByteArray *to, const void *bytes, guint32 len)
{
	guint8 length[4] = {(guint8)len, (guint8)(len >> 8), (guint8)(len >> 16), (guint8)(len >> 24)};
	g_byte_array_append(to, length, 4);
	g_byte_array_append(to, bytes, len);
}

typedef struct {
	guint8 leaf[32];
} FreezeLeaf;

static gboolean
take_leaf(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize n = 32;
	(void)record, (void)error;
	g_checksum_update(sum, (const guchar *)"", 1);
	g_checksum_update(sum, bytes, (gssize)len);
	g_checksum_get_digest(sum, ((FreezeLeaf *)data)->leaf, &n);
	g_checksum_free(sum);
	return TRUE;
}

static char *
expected_seed(People *p, const char *const *parties, const char *value)
{
	static const char *const texts[] = {"\nact batch.freeze\n", NULL};
	g_autofree char *dir = veil_site_path(p->site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, NULL);
	g_autoptr(GByteArray) text = g_byte_array_new();
	FreezeLeaf leaf;
	assert_true(veil_ledger_each_with(ledger, texts, take_leaf, &leaf, NULL));
	lp(text, "B", 1);
	lp(text, FREEZE, 32);
	lp(text, "1", 1);
	lp(text, leaf.leaf, 32);
	for (; *parties != NULL; parties++) {
		g_autofree char *path = secret_file(p, *parties), *hex = NULL;
		guint8 secret[32];
		assert_true(g_file_get_contents(path, &hex, NULL, NULL));
		hex[64] = '\0';
		assert_true(veil_hex_decode(hex, secret, 32));
		lp(text, secret, 32);
	}
	lp(text, value, (guint32)strlen(value));
	return g_compute_hmac_for_data(G_CHECKSUM_SHA256, (const guchar *)"veil/seed/1", 11, text->data, text->len);
}

/* --- tests ------------------------------------------------------------------------------------------------------------- */

static void
seed__is_what_everybody_can_compute_from_the_ledger(void **state)
{
	People *p = *state;
	static const char *const all[] = {"chief", "inspect", "audit", NULL};
	char seed[65];
	g_autofree char *path = secret_file(p, "chief");
	GStatBuf info;

	state_is(p, "none", seed);
	plan(p);
	state_is(p, "planned", seed);
	commit_all(p);
	assert_int_equal(g_stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	state_is(p, "committed", seed);
	for (guint i = 0; i < 3; i++)
		people_must(p, reveal(p, all[i]));
	state_is(p, "revealed", seed);
	p->now = MINUTES(60);
	/* Blanks and full-width digits are one spelling. */
	gboolean ready;
	people_must(p, beacon(p, "draw1", "  \357\274\224  7\t1 ", &ready));
	state_is(p, "beacon", seed);
	people_must(p, beacon(p, "audit", "4 7 1", &ready));
	assert_true(ready);
	state_is(p, "ready", seed);
	g_autofree char *expected = expected_seed(p, all, "4 7 1");
	assert_string_equal(seed, expected);
	assert_int_equal(people_count(p, "batch.seed"), 1);
	assert_int_equal(people_count(p, "batch.seed.missing"), 0);
	/* It is made: nothing more is taken. */
	people_refused(p, beacon(p, "chief", "4 7 1", &ready), VEIL_ERROR_REFUSED, "made already");
	people_refused(p, reveal(p, "chief"), VEIL_ERROR_REFUSED, "revealed already");
}

static void
seed__plan_names_real_operators_and_a_future(void **state)
{
	People *p = *state;
	people_refused(p, plan_of(p, "draw1", "chief;inspect", "2026-01-01T00:00Z"), VEIL_ERROR_REFUSED, "not in the future");
	people_refused(p, plan_of(p, "draw1", "chief;inspect", "2025-12-31T23:59Z"), VEIL_ERROR_REFUSED, "not in the future");
	people_refused(p, plan_of(p, "draw1", "chief;inspect", "2027-06-01T00:00Z"), VEIL_ERROR_REFUSED, "more than a year");
	people_refused(p, plan_of(p, "draw1", "chief;inspect", "2026-02-30T00:00Z"), VEIL_ERROR_USAGE, "--beacon-time");
	people_refused(p, plan_of(p, "draw1", "chief;inspect", "2026-01-01 01:00"), VEIL_ERROR_USAGE, "--beacon-time");
	people_refused(p, plan_of(p, "draw1", "chief", BEACON), VEIL_ERROR_REFUSED, "2 to 16 parties");
	people_refused(p, plan_of(p, "draw1", "chief;chief", BEACON), VEIL_ERROR_REFUSED, "named twice");
	people_refused(p, plan_of(p, "draw1", "chief;nobody", BEACON), VEIL_ERROR_REFUSED, "party 2 is no operator");
	people_refused(p, plan_of(p, "draw1", "chief;a/b", BEACON), VEIL_ERROR_USAGE, "handle");
	people_refused(p, plan_of(p, "chief", "chief;inspect", BEACON), VEIL_ERROR_REFUSED, "role drawer");
	plan(p);
	people_refused(p, plan_of(p, "draw1", "draw1;inspect", BEACON), VEIL_ERROR_REFUSED, "planned already");
	assert_int_equal(people_count(p, "batch.seed.plan"), 1);
}

static void
seed__no_plan_once_a_draw_is_begun(void **state)
{
	People *p = *state;
	g_autoptr(VeilLog) log = people_log(p, "draw1");
	people_must(p, veil_log_append(log, "drawer", "batch.draw.intent", &p->error, "freeze-id", FREEZE, "draw", "1", NULL));
	people_refused(p, plan_of(p, "draw1", "chief;inspect", BEACON), VEIL_ERROR_REFUSED, "begun without a ceremony");
}

static void
seed__wrong_party_and_second_commitment(void **state)
{
	People *p = *state;
	people_refused(p, commit(p, "chief"), VEIL_ERROR_REFUSED, "no plan yet");
	plan(p);
	people_refused(p, commit(p, "draw1"), VEIL_ERROR_REFUSED, "no party");
	people_must(p, commit(p, "chief"));
	people_refused(p, commit_draw(p, "chief", "another", 0), VEIL_ERROR_REFUSED, "committed already");
	/* A refusal leaves no secret behind. */
	g_autofree char *path = secret_file(p, "another");
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	people_refused(p, reveal(p, "draw1"), VEIL_ERROR_REFUSED, "no party");
	people_refused(p, reveal(p, "inspect"), VEIL_ERROR_REFUSED, "has not committed");
	/* Somebody else's key under a party's handle. */
	g_autofree char *key = people_key(p, "draw1");
	VeilStep step = people_act(p, "inspect");
	veil_operator_use_key_file(key);
	g_autofree char *other = secret_file(p, "other");
	people_refused(p, veil_seed_commit(&step, "B", 0, other, &p->error), VEIL_ERROR_REFUSED, "not the one the ledger names");
}

static void
seed__commitments_end_at_their_time_and_at_the_first_reveal(void **state)
{
	People *p = *state;
	plan(p);
	people_must(p, commit(p, "chief"));
	people_must(p, commit(p, "inspect"));
	/* One party cannot shut another out by revealing early. */
	people_refused(p, reveal(p, "chief"), VEIL_ERROR_REFUSED, "has not committed yet");
	p->now = MINUTES(30);
	people_refused(p, commit(p, "audit"), VEIL_ERROR_REFUSED, "time for commitments is over");
	people_must(p, reveal(p, "chief"));
	p->now = MINUTES(29); /* a clock that goes back does not open it again */
	people_refused(p, commit(p, "audit"), VEIL_ERROR_REFUSED, "no commitment comes after that");
}

static void
seed__a_secret_that_does_not_fit_is_refused_and_logged(void **state)
{
	People *p = *state;
	g_autofree char *bad = secret_file(p, "bad"), *broken = secret_file(p, "broken");
	plan(p);
	commit_all(p);
	assert_true(g_file_set_contents(bad, "00000000000000000000000000000000000000000000000000000000000000ff\n", -1, NULL));
	people_refused(p, reveal_as(p, "chief", "bad"), VEIL_ERROR_REFUSED, "not the secret");
	assert_int_equal(people_count(p, "batch.seed.refused"), 1);
	/* Another party's secret is none of mine. */
	people_refused(p, reveal_as(p, "chief", "inspect"), VEIL_ERROR_REFUSED, "not the secret");
	assert_int_equal(people_count(p, "batch.seed.refused"), 2);
	assert_true(g_file_set_contents(broken, "00112233\n", -1, NULL));
	people_refused(p, reveal_as(p, "chief", "broken"), VEIL_ERROR_VERIFY, "damaged or no secret");
	people_refused(p, reveal_as(p, "chief", "absent"), VEIL_ERROR_FAILED, "cannot read");
	people_must(p, reveal(p, "chief"));
	people_refused(p, reveal(p, "chief"), VEIL_ERROR_REFUSED, "revealed already");
}

static void
seed__what_comes_after_the_beacon_is_not_taken(void **state)
{
	People *p = *state;
	static const char *const two[] = {"chief", "audit", NULL};
	char seed[65];
	plan(p);
	commit_all(p);
	people_must(p, reveal(p, "chief"));
	people_must(p, reveal(p, "audit"));
	p->now = MINUTES(60);
	people_refused(p, reveal(p, "inspect"), VEIL_ERROR_REFUSED, "beacon's time has come");
	agree(p, "471");
	/* The silent party is named, skipped, and has no influence. */
	assert_int_equal(people_count(p, "batch.seed.missing"), 1);
	state_is(p, "ready", seed);
	g_autofree char *expected = expected_seed(p, two, "471");
	assert_string_equal(seed, expected);
}

static void
seed__beacon_early_twice_by_one_and_differently(void **state)
{
	People *p = *state;
	gboolean ready;
	char seed[65];
	plan(p);
	commit_all(p);
	people_must(p, reveal(p, "chief"));
	p->now = MINUTES(59);
	people_refused(p, beacon(p, "draw1", "471", &ready), VEIL_ERROR_REFUSED, "time has not come");
	p->now = MINUTES(60);
	people_refused(p, beacon(p, "draw1", "", &ready), VEIL_ERROR_USAGE, "beacon");
	people_refused(p, beacon(p, "draw1", "4\342\200\25671", &ready), VEIL_ERROR_USAGE, "beacon"); /* a direction override */
	people_must(p, beacon(p, "draw1", "471", &ready));
	people_refused(p, beacon(p, "draw1", "471", &ready), VEIL_ERROR_REFUSED, "entered this value already");
	people_refused(p, beacon(p, "audit", "417", &ready), VEIL_ERROR_REFUSED, "another value");
	state_is(p, "beacon", seed);
	/* One operator who changes his mind agrees with nobody. */
	people_refused(p, beacon(p, "draw1", "471 ", &ready), VEIL_ERROR_REFUSED, "entered this value already");
	people_must(p, beacon(p, "audit", "471", &ready));
	assert_true(ready);
	state_is(p, "ready", seed);
	assert_int_equal(people_count(p, "batch.seed.beacon"), 3);
	assert_int_equal(people_count(p, "batch.seed.missing"), 2);
}

static void
seed__an_interrupted_sealing_is_completed(void **state)
{
	People *p = *state;
	gboolean ready;
	char seed[65];
	plan(p);
	commit_all(p);
	p->now = MINUTES(60);
	people_must(p, beacon(p, "draw1", "471", &ready));
	{
		g_autoptr(VeilLog) log = people_log(p, "audit");
		people_must(p, veil_log_append(log, "anyone", "batch.seed.beacon", &p->error, "batch", "B", "freeze-id", FREEZE, "draw", "1", "value", "471",
					       NULL));
	}
	state_is(p, "beacon", seed);
	people_must(p, beacon(p, "chief", "whatever", &ready));
	assert_true(ready);
	state_is(p, "ready", seed);
	static const char *const nobody[] = {NULL};
	g_autofree char *expected = expected_seed(p, nobody, "471");
	assert_string_equal(seed, expected);
	assert_int_equal(people_count(p, "batch.seed.beacon"), 2);
}

static void
seed__a_secret_serves_once(void **state)
{
	People *p = *state;
	VeilSeedPlan again = {"chief;inspect", "lottery", BEACON, NULL};
	plan(p);
	people_must(p, commit(p, "chief"));
	/* The next draw of the same freeze: the old secret, public by then, would be no secret. */
	VeilStep step = people_act(p, "draw1");
	people_must(p, veil_seed_plan(&step, "B", 2, &again, &p->error));
	people_refused(p, commit_draw(p, "chief", "chief", 2), VEIL_ERROR_REFUSED, "serves once");
	people_must(p, commit_draw(p, "chief", "fresh", 2));
}

/* THREATS 2, 32: whoever tries seeds at home needs values that come later. */
static void
seed__a_thousand_seeds_tried_offline_are_worth_nothing(void **state)
{
	People *p = *state;
	static const char *const all[] = {"chief", "inspect", "audit", NULL}, *const own[] = {"chief", NULL};
	g_autoptr(GHashTable) tried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char seed[65];
	plan(p);
	commit_all(p);
	for (int i = 0; i < 1000; i++) {
		g_autofree char *guess = g_strdup_printf("%d", i);
		g_hash_table_add(tried, expected_seed(p, own, guess));
	}
	for (guint i = 0; i < 3; i++)
		people_must(p, reveal(p, all[i]));
	p->now = MINUTES(60);
	agree(p, "471");
	state_is(p, "ready", seed);
	assert_int_equal(g_hash_table_size(tried), 1000);
	assert_false(g_hash_table_contains(tried, seed));
}

static void
seed__nothing_is_planned_once_the_batch_is_settled(void **state)
{
	People *p = *state;
	g_autoptr(VeilLog) log = people_log(p, "first");

	people_must(p, veil_log_append(log, "anyone", "batch.settle", &p->error, "batch", "B", "freeze-id", FREEZE, NULL));
	people_refused(p, plan_of(p, "draw1", "chief;inspect", BEACON), VEIL_ERROR_REFUSED, "settled");
	assert_int_equal(people_count(p, "batch.seed.plan"), 0);
}

static void
seed__a_batch_without_freeze_has_no_ceremony(void **state)
{
	People *p = *state;
	VeilSeedPlan wanted = {"chief;inspect", "lottery", BEACON, NULL};
	VeilStep step = people_act(p, "draw1");
	people_refused(p, veil_seed_plan(&step, "C", 0, &wanted, &p->error), VEIL_ERROR_NOT_AVAILABLE, "no freeze");
	people_refused(p, veil_seed_plan(&step, "../B", 0, &wanted, &p->error), VEIL_ERROR_USAGE, "name");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, people_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(seed__is_what_everybody_can_compute_from_the_ledger),
		TEST(seed__plan_names_real_operators_and_a_future),
		TEST(seed__no_plan_once_a_draw_is_begun),
		TEST(seed__wrong_party_and_second_commitment),
		TEST(seed__commitments_end_at_their_time_and_at_the_first_reveal),
		TEST(seed__a_secret_that_does_not_fit_is_refused_and_logged),
		TEST(seed__what_comes_after_the_beacon_is_not_taken),
		TEST(seed__beacon_early_twice_by_one_and_differently),
		TEST(seed__an_interrupted_sealing_is_completed),
		TEST(seed__a_secret_serves_once),
		TEST(seed__a_thousand_seeds_tried_offline_are_worth_nothing),
		TEST(seed__a_batch_without_freeze_has_no_ceremony),
		TEST(seed__nothing_is_planned_once_the_batch_is_settled),
	};
	return cmocka_run_group_tests_name("desk-seed", tests, NULL, NULL);
}
