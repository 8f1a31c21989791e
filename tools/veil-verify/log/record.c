/* record.c - canonical log records (docs/design/ledger-format.md).
 *
 * There is one spelling of every record. The parser takes nothing that an encoder could not have written: escapes only where they are
 * needed, keys ascending, no blank too many. So nobody can hide a second meaning in the bytes that the tree commits to.
 */
#include <string.h>

#include "log/log.h"

static const char *const head[] = {"seq", "time", "origin", "actor", "role", "act"};

gboolean
record_wrong(const Record *record, const char *what)
{
	return verdict_reject("ledger record %" G_GUINT64_FORMAT " (%s): %s", record->seq, record->act, what);
}

gboolean
read_day(const char *text, gint64 *out_day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y, m, d, leap;
	gint64 n;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return FALSE;
	for (int i = 0; i < 10; i++)
		if (i != 4 && i != 7 && !g_ascii_isdigit(text[i]))
			return FALSE;
	y = (int)g_ascii_strtoll(text, NULL, 10);
	m = (text[5] - '0') * 10 + text[6] - '0';
	d = (text[8] - '0') * 10 + text[9] - '0';
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > days[m - 1] + (m == 2 && leap))
		return FALSE;
	n = (gint64)(y - 1) * 365 + (y - 1) / 4 - (y - 1) / 100 + (y - 1) / 400; /* days before this year, from 0001-01-01 */
	for (int i = 1; i < m; i++)
		n += days[i - 1] + (i == 2 && leap);
	*out_day = n + d - 1 - 719162;
	return TRUE;
}

gint64
day_minus_months(gint64 day, gint64 months)
{
	char text[16];
	gint64 year = 1, month = 1, of_month, first;

	/* The civil date of `day`: step down from a year and a month that are not too early. */
	for (year = 1970 + day / 365 + 1; year > 1; year--) {
		g_snprintf(text, sizeof text, "%04d-01-01", (int)year);
		if (read_day(text, &first) && first <= day)
			break;
	}
	for (month = 12; month > 1; month--) {
		g_snprintf(text, sizeof text, "%04d-%02d-01", (int)year, (int)month);
		if (read_day(text, &first) && first <= day)
			break;
	}
	g_snprintf(text, sizeof text, "%04d-%02d-01", (int)year, (int)month);
	if (!read_day(text, &first))
		return G_MININT64;
	of_month = day - first + 1;
	months = year * 12 + month - 1 - months;
	if (months < 12)
		return G_MININT64; /* before year 1: no limit */
	for (;; of_month--) {
		g_snprintf(text, sizeof text, "%04d-%02d-%02d", (int)(months / 12), (int)(months % 12 + 1), (int)of_month);
		if (read_day(text, &first))
			return first;
	}
}

gboolean
is_minute(const char *text)
{
	gint64 day;
	char date[11];

	if (text == NULL || strlen(text) != 17 || text[10] != 'T' || text[13] != ':' || text[16] != 'Z')
		return FALSE;
	memcpy(date, text, 10);
	date[10] = '\0';
	if ((date[0] != '1' && date[0] != '2') || !read_day(date, &day) || strspn(text + 11, "0123456789") != 2 || strspn(text + 14, "0123456789") != 2)
		return FALSE;
	return memcmp(text + 11, "23", 2) <= 0 && memcmp(text + 14, "59", 2) <= 0;
}

/* One value as written, decoded; NULL unless it is written the one right way. */
static char *
decode(const char *p, gsize len)
{
	g_autofree char *out = g_malloc(len + 1); /* never longer than it is written */
	const char *end = p + len;
	gboolean ascii = TRUE;
	gsize n = 0;

	for (const char *q = p; q < end; q++) {
		guchar c = (guchar)*q;
		gboolean edge = q == p || q + 1 == end;

		if (c == '%') {
			int high = q + 2 < end ? g_ascii_xdigit_value(q[1]) : -1;
			int low = q + 2 < end ? g_ascii_xdigit_value(q[2]) : -1;

			if (high < 0 || low < 0 || g_ascii_islower(q[1]) || g_ascii_islower(q[2]))
				return NULL;
			c = (guchar)(high << 4 | low);
			edge = q == p || q + 3 == end;
			if (c == 0 || (c >= 0x21 && c <= 0x7e && c != '%') || (c == ' ' && !edge))
				return NULL;
			q += 2;
			ascii = ascii && c < 0x80;
		} else if (c < 0x20 || c > 0x7e || (c == ' ' && edge)) {
			return NULL;
		}
		out[n++] = (char)c;
	}
	if (n == 0 || (!ascii && !g_utf8_validate(out, (gssize)n, NULL)))
		return NULL;
	out[n] = '\0';
	return g_steal_pointer(&out);
}

/* "key SP value LF"; both to be freed. */
static gboolean
take_line(const char **p, const char *end, char **out_key, char **out_value)
{
	const char *eol = memchr(*p, '\n', (gsize)(end - *p));
	const char *blank = eol ? memchr(*p, ' ', (gsize)(eol - *p)) : NULL;

	if (blank == NULL || !g_ascii_islower(**p))
		return FALSE;
	for (const char *q = *p; q < blank; q++)
		if (!g_ascii_islower(*q) && !g_ascii_isdigit(*q) && *q != '-')
			return FALSE;
	*out_value = decode(blank + 1, (gsize)(eol - blank - 1));
	if (*out_value == NULL)
		return FALSE;
	*out_key = g_strndup(*p, (gsize)(blank - *p));
	*p = eol + 1;
	return TRUE;
}

static gboolean
read_head(const char **p, const char *end, Record *record, const char **out_why)
{
	char **place[] = {NULL, &record->time, &record->origin, &record->actor, &record->role, &record->act};

	for (guint i = 0; i < G_N_ELEMENTS(head); i++) {
		g_autofree char *key = NULL, *value = NULL;

		*out_why = "its head is not written as it must be";
		if (!take_line(p, end, &key, &value) || strcmp(key, head[i]) != 0)
			return FALSE;
		if (i > 0) {
			*place[i] = g_steal_pointer(&value);
			continue;
		}
		*out_why = "its number is not written as it must be";
		if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT64, &record->seq, NULL) || (value[0] == '0' && value[1]) ||
		    !g_ascii_isdigit(value[0]))
			return FALSE;
	}
	*out_why = "its time is no UTC minute";
	return is_minute(record->time);
}

/* One line behind the head: a field; at last `sig` (version 2) and `blind`. FALSE with *out_why; *out_done after blind. */
static gboolean
read_field(const char **p, const char *end, Record *record, const char *first, gboolean *out_done, const char **out_why)
{
	const char *line = *p, *last = record->fields->len ? record->fields->pdata[record->fields->len - 2] : "";
	g_autofree char *key = NULL, *value = NULL;

	*out_why = "a line is not written as it must be";
	if (*p >= end || !take_line(p, end, &key, &value))
		return FALSE;
	if (strcmp(key, "blind") == 0) {
		*out_done = TRUE;
		*out_why = record->version == 2 && record->signature == NULL ? "it bears no signature" : "its blind is not 64 hex digits";
		return is_hex(value, 64) && (record->version == 1 || record->signature != NULL);
	}
	if (record->version == 2 && strcmp(key, "sig") == 0 && record->signature == NULL) {
		gsize n = 0;

		record->signature = base64_strict(value, &n);
		record->signed_text = g_byte_array_new();
		g_byte_array_append(record->signed_text, (const guint8 *)first, (guint)(line - first));
		g_byte_array_append(record->signed_text, (const guint8 *)*p, (guint)(end - *p));
		*out_why = "its signature is not 64 bytes in base 64";
		return record->signature != NULL && n == 64;
	}
	*out_why = record->signature ? "its signature is not its last line but one" : "a key stands twice, out of order or is one of the head's";
	if (record->signature || strcmp(key, last) <= 0)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(head); i++)
		if (strcmp(key, head[i]) == 0)
			return FALSE;
	g_ptr_array_add(record->fields, g_steal_pointer(&key));
	g_ptr_array_add(record->fields, g_steal_pointer(&value));
	return TRUE;
}

Record *
record_parse(const guint8 *bytes, gsize len, const char **out_why)
{
	static const char first[] = "veil-log/v1\n";
	const char *p = (const char *)bytes, *end = p + len;
	Record *record = g_new0(Record, 1);
	gboolean done = FALSE;

	record->fields = g_ptr_array_new_with_free_func(g_free);
	record->version = len >= strlen(first) && p[10] == '2' ? 2 : 1;
	*out_why = "it does not begin with veil-log/v1 or v2";
	if (len < strlen(first) || memcmp(p, first, 10) != 0 || (p[10] != '1' && p[10] != '2') || p[11] != '\n')
		goto bad;
	p += strlen(first);
	if (!read_head(&p, end, record, out_why))
		goto bad;
	while (!done)
		if (!read_field(&p, end, record, (const char *)bytes, &done, out_why))
			goto bad;
	*out_why = "something follows its last line";
	if (p == end)
		return record;
bad:
	record_free(record);
	return NULL;
}

void
record_free(Record *record)
{
	if (record == NULL)
		return;
	g_ptr_array_unref(record->fields);
	g_clear_pointer(&record->signed_text, g_byte_array_unref);
	g_free(record->signature);
	g_free(record->time);
	g_free(record->origin);
	g_free(record->actor);
	g_free(record->role);
	g_free(record->act);
	g_free(record);
}

const char *
record_get(const Record *record, const char *key)
{
	for (guint i = 0; i + 1 < record->fields->len; i += 2)
		if (strcmp(record->fields->pdata[i], key) == 0)
			return record->fields->pdata[i + 1];
	return NULL;
}
