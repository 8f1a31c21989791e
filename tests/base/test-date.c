/* test-date.c - days, the intervals that dates cover, and windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <veil/base.h>

static const int month_days[2][12] = {{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}, {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}};

static int
is_leap(int y)
{
	return y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
}

/* Counted day by day over 3,000 years: no formula in common with the code. */
static void
test_every_day_both_ways(void **state)
{
	VeilDay day = veil_day_from_civil(1, 1, 1);

	(void)state;
	assert_int_equal(veil_day_from_civil(1970, 1, 1), 0);
	assert_int_equal(day, -719162);
	for (int y = 1; y <= 3000; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= month_days[is_leap(y)][m - 1]; d++, day++) {
				int y2, m2, d2;

				assert_int_equal(veil_day_from_civil(y, m, d), day);
				veil_day_to_civil(day, &y2, &m2, &d2);
				assert_true(y2 == y && m2 == m && d2 == d);
			}
}

static void
test_ends_of_the_range(void **state)
{
	static const VeilDay far[] = {VEIL_DAY_MIN + 1, -719469, -719468, -1, 0, 1, VEIL_DAY_MAX - 1};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(far); i++) {
		int y, m, d, y2, m2, d2;

		veil_day_to_civil(far[i], &y, &m, &d);
		assert_in_range(m, 1, 12);
		assert_in_range(d, 1, month_days[is_leap(y)][m - 1]);
		veil_day_to_civil(far[i] - (far[i] > 0), &y2, &m2, &d2);
		assert_true(y2 < y || (y2 == y && (m2 < m || (m2 == m && d2 <= d))));
	}
}

static void
covers(const char *text, const char *since, const char *until)
{
	VeilInterval when;
	char a[12], b[12];

	if (!veil_interval_parse(text, &when))
		fail_msg("%s is refused", text);
	veil_day_format(when.since, a);
	veil_day_format(when.until, b);
	assert_string_equal(a, since);
	assert_string_equal(b, until);
}

static void
test_dates_cover_what_they_say(void **state)
{
	(void)state;
	covers("2024", "2024-01-01", "2024-12-31");
	covers("2024-02", "2024-02-01", "2024-02-29");
	covers("2023-02", "2023-02-01", "2023-02-28");
	covers("1900-02", "1900-02-01", "1900-02-28");
	covers("2000-02", "2000-02-01", "2000-02-29");
	covers("2024-05-01", "2024-05-01", "2024-05-01");
	covers("2024/5/1", "2024-05-01", "2024-05-01");
	covers("2024.5", "2024-05-01", "2024-05-31");
	covers("2024.05.31", "2024-05-31", "2024-05-31");
	covers("20240229", "2024-02-29", "2024-02-29");
	covers("2024年", "2024-01-01", "2024-12-31");
	covers("2024年5月", "2024-05-01", "2024-05-31");
	covers("2024年5月1日", "2024-05-01", "2024-05-01");
	covers("2016-09-20 00:00:00", "2016-09-20", "2016-09-20");
	covers("2016/9/20 8:05", "2016-09-20", "2016-09-20");
	covers("2016-09-20T23:59:60.125", "2016-09-20", "2016-09-20");
	covers("1000", "1000-01-01", "1000-12-31");
	covers("2999", "2999-01-01", "2999-12-31");
}

static void
test_impossible_dates(void **state)
{
	static const char *const bad[] = {
		"", "-", "0", "999", "3000", "24-05-01", "0000-00-00", "2014-11-00", "2014-00-11", "2014-00", "2023-02-29", "1900-02-29",
		"2024-04-31", "2024-13", "2024-13-01", "2024-1-32", "2024-", "2024-5-", "2024-5-1-", "2024-05/01", "2024/05-01", "20240230",
		"20241301", "20240100", "2024050", "202405011", "2024 ", " 2024", "2024-05-01 ", "2024-005", "02024", "２０２４", "2024年月", "2024年5", "2024年5月1",
		"2024年13月", "2024年2月30日", "2024年5月1日 ", "2024,5", "2024-05-01 24:00", "2024-05-01 1:60", "2024-05-01 12", "2024-05-01 12:00x",
		"2024-05 12:00", "2024-05-01 :00", "-2024", "+2024", "99999999999999999999", "2024-99999999999",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		VeilInterval when = {1, 2};

		if (veil_interval_parse(bad[i], &when))
			fail_msg("\"%s\" is taken", bad[i]);
		assert_true(when.since == 1 && when.until == 2);
	}
}

static void
test_every_date_of_some_years(void **state)
{
	static const int years[] = {1900, 1999, 2000, 2023, 2024};
	static const char *const forms[] = {"%04d-%02d-%02d", "%d/%d/%d", "%d.%d.%d", "%04d%02d%02d", "%d年%d月%d日"};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(years); i++)
		for (int m = 0; m <= 13; m++)
			for (int d = 0; d <= 32; d++)
				for (guint f = 0; f < G_N_ELEMENTS(forms); f++) {
					gboolean real = m >= 1 && m <= 12 && d >= 1 && d <= month_days[is_leap(years[i])][m - 1];
					char text[40];
					VeilInterval when;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
					g_snprintf(text, sizeof text, forms[f], years[i], m, d);
#pragma GCC diagnostic pop
					assert_int_equal(veil_interval_parse(text, &when), real);
					if (real)
						assert_true(when.since == when.until && when.since == veil_day_from_civil(years[i], m, d));
				}
}

static void
test_overlap(void **state)
{
	(void)state;
	/* Against the definition: some day lies in both. */
	for (VeilDay a = 0; a < 5; a++)
		for (VeilDay b = a; b < 5; b++)
			for (VeilDay c = 0; c < 5; c++)
				for (VeilDay d = c; d < 5; d++) {
					gboolean common = FALSE;

					for (VeilDay x = 0; x < 5; x++)
						common |= a <= x && x <= b && c <= x && x <= d;
					assert_int_equal(veil_interval_overlaps((VeilInterval){a, b}, (VeilInterval){c, d}), common);
				}
	assert_true(veil_interval_overlaps((VeilInterval){VEIL_DAY_MIN, 5}, (VeilInterval){5, VEIL_DAY_MAX}));
	assert_false(veil_interval_overlaps((VeilInterval){VEIL_DAY_MIN, 4}, (VeilInterval){5, VEIL_DAY_MAX}));
}

static void
window_starts(int y, int m, int d, int months, const char *since)
{
	VeilInterval w = veil_window(veil_day_from_civil(y, m, d), months);
	char text[12];

	veil_day_format(w.since, text);
	assert_string_equal(text, since);
	assert_int_equal(w.until, veil_day_from_civil(y, m, d));
}

static void
test_windows(void **state)
{
	(void)state;
	window_starts(2024, 1, 1, 36, "2021-01-01");
	window_starts(2024, 3, 31, 1, "2024-02-29");
	window_starts(2023, 3, 31, 1, "2023-02-28");
	window_starts(2024, 2, 29, 12, "2023-02-28");
	window_starts(2024, 2, 29, 48, "2020-02-29");
	window_starts(2024, 5, 31, 3, "2024-02-29");
	window_starts(2024, 12, 31, 1, "2024-11-30");
	window_starts(2024, 1, 15, 1, "2023-12-15");
	window_starts(2024, 1, 15, 0, "2024-01-15");
	window_starts(2024, 1, 15, -1, "-");
	window_starts(2024, 1, 15, 1200, "1924-01-15");
	window_starts(2024, 1, 15, G_MAXINT, "-");
}

static void
test_a_longer_window_holds_the_shorter(void **state)
{
	(void)state;
	for (VeilDay as_of = veil_day_from_civil(2023, 1, 1); as_of < veil_day_from_civil(2025, 1, 1); as_of++)
		for (int months = 1; months < 40; months++) {
			VeilInterval longer = veil_window(as_of, months), shorter = veil_window(as_of, months - 1);

			assert_true(longer.since < shorter.since);
			assert_true(longer.since >= veil_window(as_of - 1, months).since);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day_both_ways),
		cmocka_unit_test(test_ends_of_the_range),
		cmocka_unit_test(test_dates_cover_what_they_say),
		cmocka_unit_test(test_impossible_dates),
		cmocka_unit_test(test_every_date_of_some_years),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_a_longer_window_holds_the_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
