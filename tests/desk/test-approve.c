/* test-approve.c - the second person, and whoever would do without: THREATS 2, 30. */
#include "people-fixture.h"

#define FREEZE "00112233445566778899aabbccddeeff"

static int
set_up(void **state)
{
	int status = people_set_up(state);
	People *p = *state;

	people_add(p, "reg2", "registrar");
	people_add(p, "draw1", "drawer");
	people_add(p, "req1", "requester");
	people_add(p, "audit", "auditor");
	return status;
}

static void
request(People *p, const char *handle, const char *purpose, char id[VEIL_REQUEST_ID_BYTES])
{
	g_autoptr(VeilLog) log = people_log(p, handle);
	people_must(p, veil_request_log(log, "anyone", purpose, id, &p->error, "batch", "B", "freeze-id", FREEZE, "project", "P1", "reason", "because", NULL));
}

static gboolean
approve(People *p, const char *handle, const char *id)
{
	g_autoptr(VeilLog) log = people_log(p, handle);
	return veil_approve(log, id, &p->error);
}

static gboolean
use(People *p, const char *handle, const char *id)
{
	g_autoptr(VeilLog) log = people_log(p, handle);
	return veil_approval_use(log, id, "anyone", "deed", &p->error, "batch", "B", NULL);
}

static void
state_is(People *p, const char *id, VeilApprovalState wanted)
{
	g_autoptr(VeilLog) log = people_log(p, "draw1");
	g_autoptr(VeilApproval) a = veil_approval_find(log, id, &p->error);
	people_must(p, a != NULL);
	assert_int_equal(a->state, wanted);
}

/* --- tests ------------------------------------------------------------------------------------------------------------- */

static void
approve__the_good_way_once(void **state)
{
	People *p = *state;
	char id[VEIL_REQUEST_ID_BYTES];
	request(p, "first", "freeze", id);
	assert_int_equal(strlen(id), 16);
	state_is(p, id, VEIL_APPROVAL_WAITING);
	people_refused(p, use(p, "first", id), VEIL_ERROR_REFUSED, "waits for another operator");
	g_autofree char *upper = g_ascii_strup(id, -1);
	people_must(p, approve(p, "reg2", upper));
	state_is(p, id, VEIL_APPROVAL_GIVEN);
	people_must(p, use(p, "first", id));
	state_is(p, id, VEIL_APPROVAL_USED);
	people_refused(p, use(p, "first", id), VEIL_ERROR_REFUSED, "serves once");
	people_refused(p, approve(p, "audit", id), VEIL_ERROR_REFUSED, "serves once");
	assert_int_equal(people_count(p, "deed"), 1);
	g_autoptr(VeilLog) log = people_log(p, "audit");
	g_autoptr(VeilApproval) a = veil_approval_find(log, id, &p->error);
	assert_string_equal(a->requester, "first");
	assert_string_equal(a->approvers[0], "reg2");
	assert_null(a->approvers[1]);
	assert_string_equal(veil_approval_get(a, "reason"), "because");
	assert_string_equal(veil_approval_get(a, "purpose"), "");
}

static void
approve__not_by_who_asks_nor_twice_nor_by_any_role(void **state)
{
	People *p = *state;
	char id[VEIL_REQUEST_ID_BYTES];
	request(p, "first", "freeze", id);
	people_refused(p, approve(p, "first", id), VEIL_ERROR_REFUSED, "who asks does not approve");
	people_refused(p, approve(p, "draw1", id), VEIL_ERROR_REFUSED, "roles do not allow");
	people_refused(p, approve(p, "req1", id), VEIL_ERROR_REFUSED, "roles do not allow");
	/* Each try on a request that exists is logged. */
	assert_int_equal(people_count(p, "approve.refused"), 3);
	assert_int_equal(people_count(p, "approve"), 0);
	people_must(p, approve(p, "audit", id));
	people_refused(p, approve(p, "reg2", id), VEIL_ERROR_REFUSED, "all the approvals");
	/* A request nobody made: said, not logged. */
	people_refused(p, approve(p, "audit", "0123456789abcdef"), VEIL_ERROR_REFUSED, "no such request");
	people_refused(p, approve(p, "audit", ""), VEIL_ERROR_REFUSED, "no such request");
	people_refused(p, approve(p, "audit", "0123456789abcdef\nact approve"), VEIL_ERROR_REFUSED, "no such request");
	assert_int_equal(people_count(p, "approve.refused"), 4);
	assert_int_equal(people_count(p, "approve"), 1);
	request(p, "first", "unmask", id);
	people_refused(p, approve(p, "reg2", id), VEIL_ERROR_REFUSED, "roles do not allow");
	people_must(p, approve(p, "audit", id));
}

static void
approve__expires(void **state)
{
	People *p = *state;
	char id[VEIL_REQUEST_ID_BYTES], late[VEIL_REQUEST_ID_BYTES], day[VEIL_REQUEST_ID_BYTES];
	request(p, "first", "freeze", id);
	request(p, "first", "freeze", late);
	request(p, "first", "unmask", day);
	people_must(p, approve(p, "audit", id));
	people_must(p, approve(p, "audit", day));
	p->now = MINUTES(24 * 60);
	state_is(p, day, VEIL_APPROVAL_GIVEN);
	p->now = MINUTES(24 * 60 + 1);
	state_is(p, day, VEIL_APPROVAL_EXPIRED);
	people_refused(p, use(p, "first", day), VEIL_ERROR_REFUSED, "expired");
	p->now = MINUTES(7 * 24 * 60 + 1);
	people_refused(p, use(p, "first", id), VEIL_ERROR_REFUSED, "expired");
	people_refused(p, approve(p, "audit", late), VEIL_ERROR_REFUSED, "expired");
	assert_int_equal(people_count(p, "deed"), 0);
}

static void
approve__an_exception_takes_three(void **state)
{
	People *p = *state;
	char id[VEIL_REQUEST_ID_BYTES], found[VEIL_REQUEST_ID_BYTES];
	request(p, "first", "exception", id);
	static const char *const three[] = {"req1", "draw1", "audit"};
	for (gsize i = 0; i < 3; i++) {
		g_autoptr(VeilLog) log = people_log(p, "draw1");
		people_must(p, veil_exception_find(log, FREEZE, "P1", found, &p->error));
		assert_string_equal(found, "");
		people_must(p, approve(p, three[i], id));
		people_refused(p, approve(p, three[i], id), VEIL_ERROR_REFUSED, i < 2 ? "approved the request already" : "approved the request already");
	}
	/* It holds for this project of this freeze, and after its week. */
	p->now = MINUTES(30 * 24 * 60);
	g_autoptr(VeilLog) log = people_log(p, "draw1");
	people_must(p, veil_exception_find(log, FREEZE, "P1", found, &p->error));
	assert_string_equal(found, id);
	people_must(p, veil_exception_find(log, FREEZE, "P2", found, &p->error));
	assert_string_equal(found, "");
	people_must(p, veil_exception_find(log, "ffffffffffffffffffffffffffffffff", "P1", found, &p->error));
	assert_string_equal(found, "");
}

static void
approve__what_was_asked_is_what_is_found_again(void **state)
{
	People *p = *state;
	char id[VEIL_REQUEST_ID_BYTES] = "", other[VEIL_REQUEST_ID_BYTES] = "";
	g_autoptr(VeilLog) log = people_log(p, "first");
	people_refused(p, veil_approval_require(log, "registrar", "freeze", id, &p->error, "batch", "B", "reason", "a", NULL), VEIL_ERROR_REFUSED, "veil approve");
	people_refused(p, veil_approval_require(log, "registrar", "freeze", other, &p->error, "batch", "C", "reason", "a", NULL), VEIL_ERROR_REFUSED, "waits");
	assert_string_not_equal(id, other);
	people_must(p, approve(p, "audit", id));
	log = (veil_log_free(log), people_log(p, "first"));
	people_refused(p, veil_approval_require(log, "registrar", "freeze", other, &p->error, "batch", "B", "reason", "b", NULL), VEIL_ERROR_REFUSED, "waits");
	people_must(p, veil_approval_require(log, "registrar", "freeze", other, &p->error, "batch", "B", "reason", "a", NULL));
	assert_string_equal(id, other);
	/* Another operator's approval is not mine. */
	g_autoptr(VeilLog) reg2 = people_log(p, "reg2");
	people_refused(p, veil_approval_require(reg2, "registrar", "freeze", other, &p->error, "batch", "B", "reason", "a", NULL), VEIL_ERROR_REFUSED, "waits");
	assert_int_equal(people_count(p, "request"), 4);
}

static void
approve__a_rehearsal_needs_a_second_handle_all_the_same(void **state)
{
	People *p = *state;
	char id[VEIL_REQUEST_ID_BYTES];
	request(p, "op1", "freeze", id);
	people_refused(p, approve(p, "op1", id), VEIL_ERROR_REFUSED, "who asks does not approve");
	people_must(p, approve(p, "op2", id));
	people_must(p, use(p, "op1", id));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, people_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(approve__the_good_way_once),
		TEST(approve__not_by_who_asks_nor_twice_nor_by_any_role),
		TEST(approve__expires),
		TEST(approve__an_exception_takes_three),
		TEST(approve__what_was_asked_is_what_is_found_again),
		cmocka_unit_test_setup_teardown(approve__a_rehearsal_needs_a_second_handle_all_the_same, people_set_up_rehearsal, people_tear_down),
	};
	return cmocka_run_group_tests_name("desk-approve", tests, NULL, NULL);
}
