/* dates.c - dates as lists write them: a year, a month, a day, in several spellings. */
#include <string.h>

#include "demo.h"

DemoDate
demo_date_none(void)
{
	return (DemoDate){.text = "", .low = 0, .high = 99999999};
}

DemoDate
demo_date_year(int year)
{
	DemoDate date = {.low = year * 10000 + 101, .high = year * 10000 + 1231};

	g_snprintf(date.text, sizeof date.text, "%d", year);
	return date;
}

static int
last_day(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : days[month - 1];
}

DemoDate
demo_date_month(int year, int month)
{
	int base = year * 10000 + month * 100;
	DemoDate date = {.low = base + 1, .high = base + last_day(year, month)};

	g_snprintf(date.text, sizeof date.text, "%d-%02d", year, month);
	return date;
}

DemoDate
demo_date_day(int year, int month, int day)
{
	int number = year * 10000 + month * 100 + day;
	DemoDate date = {.low = number, .high = number};

	g_snprintf(date.text, sizeof date.text, "%d-%02d-%02d", year, month, day);
	return date;
}

DemoDate
demo_date_random(DemoRng *rng, int first_year, int last_year)
{
	int year = first_year + (int)demo_below(rng, (guint32)(last_year - first_year + 1));
	int month = (int)demo_between(rng, 1, 12), day = (int)demo_between(rng, 1, 28);
	guint32 form = demo_below(rng, 10);
	DemoDate date;

	if (form < 4)
		return demo_date_year(year);
	if (form < 7)
		return demo_date_month(year, month);
	date = demo_date_day(year, month, day);
	if (form == 9)
		g_snprintf(date.text, sizeof date.text, "%d/%d/%d", year, month, day);
	return date;
}
