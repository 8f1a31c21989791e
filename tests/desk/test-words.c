/* test-words.c - THREATS 2.40 and PKP's event log: what people type beside a code is nobody's name, and turns no line round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "site/words.h"

static gboolean
takes(const char *reason)
{
	g_autoptr(GError) error = NULL;
	gboolean good = veil_reason_check(reason, &error);

	assert_int_equal(good, error == NULL);
	if (error != NULL) {
		assert_int_equal(error->code, VEIL_ERROR_USAGE);
		if (reason != NULL && strlen(reason) > 3)
			assert_null(strstr(error->message, reason)); /* never repeated: it may be what must not be said */
	}
	return good;
}

static void
a_reason_is_a_sentence_without_a_person(void **state)
{
	g_autofree char *longest = g_strnfill(200, 'x'), *longer = g_strnfill(201, 'x');

	(void)state;
	assert_true(takes("a party protested"));
	assert_true(takes("评审意见相差过大，依规定补充一轮；见 2026-03-01 会议纪要"));
	assert_true(takes("file 20260301-14"));
	assert_true(takes(longest));
	assert_false(takes(longer));
	assert_false(takes(NULL));
	assert_false(takes(""));
	assert_false(takes("two\nlines"));
	assert_false(takes("a bell\a"));
	assert_false(takes("broken \xff\xfe"));
	assert_false(takes("turned \342\200\256 round"));	     /* U+202E */
	assert_false(takes("isolated \342\201\246 round"));	     /* U+2066 */
	assert_false(takes("nothing\342\200\213 wide"));	     /* U+200B */
	assert_false(takes("call 13800000001"));
	assert_false(takes("call 138 0000 0001"));
	assert_false(takes("call 138-0000-0001 back"));
	assert_false(takes("１３８０００００００１"));			     /* full-width digits */
	assert_false(takes("身份证11010519491231002X"));
	assert_false(takes("wrote from x@y.example"));
	assert_false(takes("wrote from x＠y.example"));
}

static void
a_reference_is_a_number(void **state)
{
	g_autofree char *longest = g_strnfill(64, '.');

	(void)state;
	longest[3] = '7';
	assert_true(veil_reference_valid("2026/014"));
	assert_true(veil_reference_valid("[2026]-letter-14"));
	assert_true(veil_reference_valid("call_20260301_2"));
	assert_true(veil_reference_valid(longest));
	assert_false(veil_reference_valid(NULL));
	assert_false(veil_reference_valid(""));
	assert_false(veil_reference_valid("ZhangSan"));		     /* no number at all */
	assert_false(veil_reference_valid("关于赵云飞"));
	assert_false(veil_reference_valid("赵云飞 2026/014"));
	assert_false(veil_reference_valid("Zhang San 14"));
	assert_false(veil_reference_valid("13800000001"));
	assert_false(veil_reference_valid("a@b.example-1"));
	assert_false(veil_reference_valid("2026/014\n"));
	assert_false(veil_reference_valid("2026/\320\26014"));	     /* a Cyrillic letter that looks like a Latin one */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_is_a_sentence_without_a_person),
		cmocka_unit_test(a_reference_is_a_number),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
