/* test-micro.c - decimal numbers in millionths, against 128-bit integers; ids, hex and byte order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <veil/base.h>

#define LIMIT ((unsigned __int128)1000000000000)

/* digits x 10^exponent in millionths, half away from zero; FALSE above 10^6. */
static gboolean
reference(guint64 digits, int exponent, gint64 *out)
{
	unsigned __int128 value = digits, divisor = 1;
	int shift = exponent + 6;

	for (; shift > 0 && value != 0; shift--) {
		value *= 10;
		if (value > LIMIT)
			return FALSE;
	}
	for (; shift < 0 && divisor < (unsigned __int128)digits * 4; shift++)
		divisor *= 10;
	value = (2 * value + divisor) / (2 * divisor);
	*out = (gint64)value;
	return value <= LIMIT;
}

static void
check(const char *text, gboolean taken, gint64 expected)
{
	gint64 got = 42;
	gboolean sound = veil_micro_parse(text, strlen(text), &got);

	if (sound != taken || got != (taken ? expected : 42))
		fail_msg("\"%s\": %s %" G_GINT64_FORMAT, text, sound ? "taken as" : "refused", got);
}

static void
test_against_wide_integers(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(3);
	guint taken = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		int n = g_rand_int_range(random, 1, 19), places = g_rand_int_range(random, 0, n + 1);
		int exponent = g_rand_int_range(random, -22, 9);
		gboolean negative = g_rand_boolean(random), with_exponent = g_rand_boolean(random), sound;
		guint64 digits = 0;
		gint64 expected = 0;
		GString *text = g_string_new(negative ? "-" : "");

		for (int i = 0; i < n; i++) {
			/* Many fives, nines and zeros: where rounding is decided. */
			int digit = g_rand_boolean(random) ? "0459"[g_rand_int_range(random, 0, 4)] - '0' : g_rand_int_range(random, 0, 10);

			if (i == n - places)
				g_string_append_c(text, '.');
			g_string_append_c(text, (char)('0' + digit));
			digits = digits * 10 + (guint64)digit;
		}
		if (with_exponent)
			g_string_append_printf(text, "%c%s%d", "eE"[round & 1], exponent >= 0 && (round & 2) ? "+" : "", exponent);
		sound = reference(digits, (with_exponent ? exponent : 0) - places, &expected);
		check(text->str, sound, negative ? -expected : expected);
		taken += sound;
		g_string_free(text, TRUE);
	}
	assert_in_range(taken, 50000, 199000);
}

static void
test_edges(void **state)
{
	(void)state;
	check("0.0000005", TRUE, 1);
	check("-0.0000005", TRUE, -1);
	check("0.00000049999999999999999999999999999999999999", TRUE, 0);
	check("0.0000005e-1", TRUE, 0);
	check("-0", TRUE, 0);
	check("-1.5e-3", TRUE, -1500);
	check("1000000", TRUE, 1000000000000);
	check("-1000000.0000004", TRUE, -1000000000000);
	check("1000000.0000005", FALSE, 0);
	check("1000001", FALSE, 0);
	check("1e6", TRUE, 1000000000000);
	check("1e7", FALSE, 0);
	check("0e99999999999999999999", TRUE, 0);
	check("1e-99999999999999999999", TRUE, 0);
	check("1e99999999999999999999", FALSE, 0);
	check(".5", TRUE, 500000);
	check("5.", TRUE, 5000000);
	check("+7", TRUE, 7000000);
	check(" 7\t", TRUE, 7000000);
	check("000000000000000000000000000000000007", TRUE, 7000000);
}

static void
test_what_is_no_number(void **state)
{
	static const char *const bad[] = {"", " ", ".", "-", "+", "e5", ".e5", "1e", "1e+", "1e1.5", "1.2.3", "--1", "+-1", "1 2", "0x10", "nan", "inf",
					  "1,5", "1f", "１", "1_000", "1e5e5", "- 1"};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		check(bad[i], FALSE, 0);
	{
		gint64 got;

		assert_false(veil_micro_parse("1\0002", 3, &got));
		assert_true(veil_micro_parse("12345", 2, &got)); /* len counts, not the NUL */
		assert_int_equal(got, 12000000);
	}
}

static void
test_very_long_numbers(void **state)
{
	g_autoptr(GString) text = g_string_new("0.");

	(void)state;
	/* 1 = 0.000...01 x 10^1200001, and a third written out far beyond what can matter. */
	for (int i = 0; i < 1200000; i++)
		g_string_append_c(text, '0');
	g_string_append(text, "1e1200001");
	check(text->str, TRUE, 1000000);
	g_string_assign(text, "0.");
	for (int i = 0; i < 5000; i++)
		g_string_append_c(text, '3');
	check(text->str, TRUE, 333333);
	g_string_append(text, "e3");
	check(text->str, TRUE, 333333333);
}

static void
test_format_round_trip(void **state)
{
	static const gint64 some[] = {0, 1, -1, 999999, -999999, 1000000, -1500, 1000000000000, -1000000000000};
	g_autoptr(GRand) random = g_rand_new_with_seed(5);
	char text[32];
	gint64 back;

	(void)state;
	veil_micro_format(-1500, text);
	assert_string_equal(text, "-0.001500");
	veil_micro_format(G_MININT64, text);
	assert_string_equal(text, "-9223372036854.775808");
	for (guint i = 0; i < G_N_ELEMENTS(some) + 10000; i++) {
		gint64 micro = i < G_N_ELEMENTS(some) ? some[i] : (gint64)(g_rand_double_range(random, -1e12, 1e12));

		veil_micro_format(micro, text);
		assert_true(veil_micro_parse(text, strlen(text), &back));
		assert_int_equal(back, micro);
	}
}

static void
test_hex_and_order(void **state)
{
	guint8 bytes[4] = {9, 9, 9, 9}, all[256];
	char text[513];
	VeilId a = {{0}}, b = {{0}};

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (guint8)i;
	veil_hex_encode(all, 256, text);
	memset(all, 0, sizeof all);
	assert_true(veil_hex_decode(text, all, 256));
	for (int i = 0; i < 256; i++)
		assert_int_equal(all[i], i);
	assert_true(veil_hex_decode("DEADbeef", bytes, 4));
	assert_memory_equal(bytes, "\xde\xad\xbe\xef", 4);
	assert_false(veil_hex_decode("deadbee", bytes, 4));
	assert_false(veil_hex_decode("deadbeef0", bytes, 4));
	assert_false(veil_hex_decode("deadbeeg", bytes, 4));
	assert_false(veil_hex_decode("", bytes, 4));
	assert_memory_equal(bytes, "\xde\xad\xbe\xef", 4); /* untouched */
	assert_true(veil_hex_decode("", bytes, 0));
	a.b[15] = 1;
	b.b[0] = 0x80;
	assert_true(veil_id_compare(&a, &b) < 0 && veil_id_compare(&b, &a) > 0);
	assert_false(veil_id_equal(&a, &b));
	veil_put_u64(all, G_GUINT64_CONSTANT(0xf123456789abcdef));
	assert_memory_equal(all, "\xef\xcd\xab\x89\x67\x45\x23\xf1", 8);
	assert_true(veil_get_u64(all) == G_GUINT64_CONSTANT(0xf123456789abcdef));
	assert_int_equal(veil_get_u32(all + 4), 0xf1234567);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_wide_integers), cmocka_unit_test(test_edges),	     cmocka_unit_test(test_what_is_no_number),
		cmocka_unit_test(test_very_long_numbers),     cmocka_unit_test(test_format_round_trip), cmocka_unit_test(test_hex_and_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
