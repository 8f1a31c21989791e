/* date.c - days, and the closed interval that a date of any precision covers.
 *
 * A rule that loses half a year because a list says only "2021" is a wrong verdict, so a year is its 365 days, a month its
 * days, and an unknown side is open. Civil-day arithmetic follows the well-known era method (days counted from 1 March, so that
 * the leap day comes last), which needs no tables and no time zone.
 */
#include <string.h>

#include <veil/base.h>

VeilDay
veil_day_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

void
veil_day_to_civil(VeilDay day, int *out_year, int *out_month, int *out_day)
{
	gint64 z = (gint64)day + 719468;
	gint64 era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = (int)(z - era * 146097);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*out_day = doy - (153 * mp + 2) / 5 + 1;
	*out_month = mp < 10 ? mp + 3 : mp - 9;
	*out_year = (int)(yoe + era * 400) + (*out_month <= 2);
}

void
veil_day_format(VeilDay day, char *out)
{
	int y, m, d;

	if (day == VEIL_DAY_MIN || day == VEIL_DAY_MAX) {
		strcpy(out, "-");
		return;
	}
	veil_day_to_civil(day, &y, &m, &d);
	g_snprintf(out, 12, "%04d-%02d-%02d", y, m, d);
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Digits up to max_digits; -1 when there is none or a further digit follows. */
static int
take_number(const char **p, int max_digits)
{
	int value = 0, n = 0;

	while (n < max_digits && g_ascii_isdigit(**p)) {
		value = value * 10 + (*(*p)++ - '0');
		n++;
	}
	return n == 0 || g_ascii_isdigit(**p) ? -1 : value;
}

static gboolean
skip(const char **p, const char *mark)
{
	gsize n = strlen(mark);

	if (strncmp(*p, mark, n) != 0)
		return FALSE;
	*p += n;
	return TRUE;
}

static gboolean
read_compact(const char *text, int *y, int *m, int *d)
{
	for (int i = 0; i < 8; i++)
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
	if (text[8] != '\0')
		return FALSE;
	*y = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
	*m = (text[4] - '0') * 10 + (text[5] - '0');
	*d = (text[6] - '0') * 10 + (text[7] - '0');
	return TRUE;
}

/* The end, or the time of day that databases and spreadsheets put behind a date ("00:00:00", "T08:30"): it names no other day. */
static gboolean
at_end(const char *p)
{
	int hour, minute;

	if (*p == '\0')
		return TRUE;
	if (!skip(&p, " ") && !skip(&p, "T"))
		return FALSE;
	if ((hour = take_number(&p, 2)) < 0 || hour > 23 || !skip(&p, ":") || (minute = take_number(&p, 2)) < 0 || minute > 59)
		return FALSE;
	if (skip(&p, ":") && ((minute = take_number(&p, 2)) < 0 || minute > 60))
		return FALSE;
	if (skip(&p, ".") && take_number(&p, 9) < 0)
		return FALSE;
	return *p == '\0';
}

/* Year, then month and day where they are given; 0 stands for "not given". */
static gboolean
read_parts(const char *p, int *y, int *m, int *d)
{
	const char *mark;

	*m = *d = 0;
	if (read_compact(p, y, m, d))
		return *m != 0 && *d != 0;
	if ((*y = take_number(&p, 4)) < 0)
		return FALSE;
	if (skip(&p, "年")) {
		if (*p == '\0')
			return TRUE;
		if ((*m = take_number(&p, 2)) <= 0 || !skip(&p, "月"))
			return FALSE;
		if (*p == '\0')
			return TRUE;
		return (*d = take_number(&p, 2)) > 0 && skip(&p, "日") && *p == '\0';
	}
	if (*p == '\0')
		return TRUE;
	mark = *p == '-' ? "-" : *p == '/' ? "/" : ".";
	if (!skip(&p, mark) || (*m = take_number(&p, 2)) <= 0)
		return FALSE;
	if (*p == '\0')
		return TRUE;
	return skip(&p, mark) && (*d = take_number(&p, 2)) > 0 && at_end(p);
}

gboolean
veil_interval_parse(const char *text, VeilInterval *out_interval)
{
	int y, m, d;

	if (!read_parts(text, &y, &m, &d) || y < 1000 || y > 2999 || m > 12)
		return FALSE;
	if (m != 0 && d > days_in_month(y, m))
		return FALSE;
	out_interval->since = veil_day_from_civil(y, m ? m : 1, d ? d : 1);
	out_interval->until = veil_day_from_civil(y, m ? m : 12, d ? d : days_in_month(y, m ? m : 12));
	return TRUE;
}

gboolean
veil_interval_overlaps(VeilInterval a, VeilInterval b)
{
	return a.since <= b.until && b.since <= a.until;
}

VeilInterval
veil_window(VeilDay as_of, int months)
{
	VeilInterval window = {VEIL_DAY_MIN, as_of};
	int y, m, d;
	gint64 index;

	if (months < 0)
		return window;
	veil_day_to_civil(as_of, &y, &m, &d);
	index = (gint64)y * 12 + (m - 1) - months;
	y = (int)(index / 12);
	m = (int)(index % 12) + 1;
	if (y < 1)
		return window;
	window.since = veil_day_from_civil(y, m, MIN(d, days_in_month(y, m)));
	return window;
}
