/* test-close.c - terms in years and days, by a clock that is set: not before, and from that minute on. */
#include "site-fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../../tools/desk/ceremony/approve.h"
#include "../../tools/desk/site/batch.h"
#include "../../tools/desk/custody/close.h"
#include "../../tools/desk/custody/codes.h"
#include "../../tools/desk/site/found.h"

#define DAY 86400
#define START ((gint64)1772409600) /* 2026-03-02T00:00Z */

static VeilStep
at(const Fixture *f, gint64 when, const char *who)
{
	return (VeilStep){.site = f->site, .operator_handle = who, .now_unix_s = when, .quiet = TRUE};
}

/* A record of a minute that has to be. */
static void
put_record(const Fixture *f, gint64 when, const char *act, const char *freeze_id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLog) log = veil_log_open(f->dir, "op1", &error);

	assert_non_null(log);
	veil_log_set_now(log, when);
	if (!veil_log_append(log, "drawer", act, &error, "batch", "T", "freeze-id", freeze_id, NULL))
		fail_msg("%s", error->message);
}

static char *
frozen(Fixture *f)
{
	g_autoptr(GString) experts = g_string_new("id,name,organisation,disciplines,keywords\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilFound) found = NULL;
	VeilStep step = at(f, START, "op1");

	for (int i = 0; i < 40; i++)
		g_string_append_printf(experts, "E%d,甲乙%d,单位%d,X:1=1,激光\n", i, i, i);
	fixture_must(f, "experts", experts->str);
	if (!fixture_batch(f, "T", "id,title,disciplines,organisation\nP1,激光,X:1=1,申报单位\n", NULL))
		fail_msg("%s", f->message);
	if (!veil_step_freeze(&step, "T", &(VeilFreezeOptions){.as_of = "2026-03-01"}, &error))
		fail_msg("%s", error->message);
	g_autoptr(VeilLog) log = veil_log_open(f->dir, "op1", &error);
	assert_true(veil_log_find(log, "batch.freeze", "batch", "T", &found, &error));
	return g_strdup(veil_found_get(found, "freeze-id"));
}

static gboolean
closes(Fixture *f, gint64 when, const char *fragment)
{
	VeilStep step = at(f, when, "op1");
	g_autoptr(GError) error = NULL;
	guint openable = 7;
	gboolean ok = veil_step_close(&step, "T", &openable, &error);

	if (ok)
		assert_int_equal(openable, 0);
	else if (strstr(error->message, fragment) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", error->message, fragment);
	return ok;
}

static gboolean
destroys(Fixture *f, gint64 when, const char *fragment)
{
	VeilStep step = at(f, when, "op1");
	g_autoptr(GError) error = NULL;
	gboolean ok = veil_step_escrow_destroy(&step, "T", &error);

	if (!ok && strstr(error->message, fragment) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", error->message, fragment);
	return ok;
}

/* Whatever waits, by somebody else. */
static void
approve(const Fixture *f, gint64 when)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLog) log = veil_log_open(f->dir, "op2", &error);

	veil_log_set_now(log, when);
	g_autoptr(GPtrArray) all = veil_approval_list(log, &error);
	assert_non_null(all);
	for (guint i = 0; i < all->len; i++) {
		const VeilApproval *a = all->pdata[i];
		if (a->state == VEIL_APPROVAL_WAITING && !veil_approve(log, a->id, &error))
			fail_msg("%s", error->message);
	}
}

static void
terms_are_kept_to_the_minute(void **state)
{
	Fixture *f = *state;
	g_autofree char *freeze_id = frozen(f);
	g_autoptr(GError) error = NULL;
	VeilStep step = at(f, START + 3 * DAY, "op1");
	g_autofree char *live = g_build_filename(f->dir, "registry/live", freeze_id, NULL);
	gint64 settled = START + 3 * DAY, closed = settled + 15 * DAY, year_15;

	assert_false(veil_step_settle(&step, "T", &error)); /* not drawn */
	g_clear_error(&error);
	put_record(f, START + DAY, "batch.draw", freeze_id);
	assert_false(closes(f, START + 90 * DAY, "not settled"));
	assert_true(veil_step_settle(&step, "T", &error));
	assert_false(closes(f, closed - 60, "15 days from 2026-03-05"));
	assert_false(closes(f, closed, "veil approve"));
	/* Approved, but used too late: it has expired, and is asked for anew. */
	approve(f, closed);
	assert_false(closes(f, closed + 31 * DAY, "veil approve"));
	approve(f, closed + 31 * DAY);
	assert_true(g_file_test(live, G_FILE_TEST_EXISTS));
	assert_true(closes(f, closed + 31 * DAY, ""));
	assert_false(g_file_test(live, G_FILE_TEST_EXISTS));
	assert_false(closes(f, closed + 32 * DAY, "closed already"));

	/* Closed on 2026-04-20: fifteen years later, leap days and all. */
	year_15 = veil_day_from_civil(2041, 4, 20) * (gint64)DAY;
	assert_false(destroys(f, year_15 - 60, "15 years from 2026-04-20"));
	assert_false(destroys(f, year_15, "veil approve"));
	approve(f, year_15);
	assert_true(destroys(f, year_15 + 60, ""));
	assert_false(destroys(f, year_15 + 120, "already"));
}

static void
a_draft_has_nothing_to_close(void **state)
{
	Fixture *f = *state;

	if (!fixture_batch(f, "T", "id,title,disciplines,organisation\nP1,激光,X:1=1,申报单位\n", NULL))
		fail_msg("%s", f->message);
	assert_false(closes(f, START, "never frozen"));
	assert_false(destroys(f, START, "never frozen"));
}

/* Quietly: what is printed is another test's affair, and TAP is on standard output. */
static gboolean
codes_of(const Fixture *f, gint64 when, const char *who, GError **error)
{
	VeilStep step = at(f, when, who);
	int out = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	fflush(stdout);
	dup2(nowhere, STDOUT_FILENO);
	gboolean ok = veil_codes_print(&step, "T", "P1", NULL, VEIL_PRINT_CSV, error);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(nowhere);
	return ok;
}

static void
codes_of_projects_are_few_a_day(void **state)
{
	Fixture *f = *state;
	g_autofree char *id = frozen(f);
	g_autoptr(GError) error = NULL;

	f->site->rehearsal = FALSE; /* to this step; its records are still a rehearsal's */
	for (int i = 0; i < 20; i++)
		assert_true(codes_of(f, START + 60 * i, "op1", NULL));
	assert_false(codes_of(f, START + 20 * 60, "op1", &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_non_null(strstr(error->message, "20 projects"));
	assert_true(codes_of(f, START + 20 * 60, "op2", NULL)); /* each operator by himself */
	assert_false(codes_of(f, START + DAY - 60, "op1", NULL));
	assert_true(codes_of(f, START + DAY, "op1", NULL)); /* the first is a day old */
	assert_false(codes_of(f, START + DAY, "op1", NULL));

	g_autoptr(VeilLog) log = veil_log_open(f->dir, "op1", NULL);
	g_autoptr(VeilFound) refused = NULL;
	assert_true(veil_log_find(log, "batch.codes.refused", "freeze-id", id, &refused, NULL));
	assert_non_null(refused);
	assert_string_equal(veil_found_get(refused, "why"), "rate");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(terms_are_kept_to_the_minute, fixture_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_draft_has_nothing_to_close, fixture_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(codes_of_projects_are_few_a_day, fixture_set_up, fixture_tear_down),
	};

	return cmocka_run_group_tests_name("desk-close", tests, NULL, NULL);
}
