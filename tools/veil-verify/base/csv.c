/* csv.c - CSV rows (plain or gzip) and decimal numbers, exactly.
 *
 * Ids are taken byte for byte. Scores become millionths by moving digits, rounded half away from zero; no floating point.
 */
#include <errno.h>
#include <string.h>

#include <csv.h>
#include <zlib.h>

#include "base/base.h"

enum { MAX_COLUMNS = 256, MAX_FIELD = 1 << 20, CHUNK = 1 << 16 };

typedef struct {
	char *label;
	const char *const *columns;
	guint n_columns;
	CsvFunc func;
	gpointer data;
	GPtrArray *cells;
	int place[MAX_COLUMNS]; /* cell of each wanted column, -1: an optional one that is not there */
	guint n_header;
	guint64 row; /* 1: the header */
	gboolean ok;
} Csv;

static gboolean
header(Csv *csv)
{
	g_autofree char *first = NULL;

	csv->n_header = csv->cells->len;
	first = csv->n_header ? csv->cells->pdata[0] : NULL;
	if (first && g_str_has_prefix(first, "\357\273\277")) { /* byte order mark */
		csv->cells->pdata[0] = g_strdup(first + 3);
	} else {
		first = NULL;
	}
	for (guint i = 0; i < csv->n_columns; i++) {
		gboolean optional = csv->columns[i][0] == '?';
		const char *wanted = csv->columns[i] + optional;

		csv->place[i] = -1;
		for (guint k = 0; k < csv->n_header; k++) {
			g_autofree char *name = g_strstrip(g_strdup(csv->cells->pdata[k]));

			if (g_ascii_strcasecmp(name, wanted) != 0)
				continue;
			if (csv->place[i] >= 0)
				return verdict_reject("%s: the column %s stands twice", csv->label, wanted);
			csv->place[i] = (int)k;
		}
		if (!optional && csv->place[i] < 0)
			return verdict_reject("%s: it has no column %s", csv->label, wanted);
	}
	return TRUE;
}

static void
end_of_row(int c, void *data)
{
	Csv *csv = data;
	char *field[MAX_COLUMNS + 1] = {NULL};

	(void)c;
	csv->row++;
	if (!csv->ok)
		return;
	if (csv->row == 1) {
		csv->ok = header(csv);
	} else if (csv->cells->len != csv->n_header) {
		csv->ok = verdict_reject("%s: row %" G_GUINT64_FORMAT " has %u cells, the header has %u", csv->label, csv->row, csv->cells->len, csv->n_header);
	} else {
		for (guint i = 0; i < csv->n_columns; i++)
			field[i] = csv->place[i] >= 0 ? csv->cells->pdata[csv->place[i]] : NULL;
		csv->ok = csv->func(field, csv->row, csv->data) ||
			  verdict_reject("%s: row %" G_GUINT64_FORMAT " does not make sense", csv->label, csv->row);
	}
	g_ptr_array_set_size(csv->cells, 0);
}

static void
end_of_cell(void *text, size_t len, void *data)
{
	Csv *csv = data;

	if (!csv->ok)
		return;
	if (len > MAX_FIELD || !g_utf8_validate(text ? text : "", (gssize)len, NULL))
		csv->ok = verdict_reject("%s: row %" G_GUINT64_FORMAT ": a cell is no UTF-8 text, holds a NUL or is too long", csv->label, csv->row + 1);
	g_ptr_array_add(csv->cells, g_strndup(text ? text : "", len));
}

static int
never(unsigned char c)
{
	(void)c;
	return 0;
}

/* Comma, TAB or semicolon: the first of them that the header line has. */
static guchar
delimiter(const char *chunk, gsize len)
{
	const char *eol = memchr(chunk, '\n', len);
	gsize n = eol ? (gsize)(eol - chunk) : len;

	return memchr(chunk, ',', n) ? ',' : memchr(chunk, '\t', n) ? '\t' : memchr(chunk, ';', n) ? ';' : ',';
}

static gboolean
read_all(gzFile file, Csv *csv)
{
	struct csv_parser parser;
	g_autofree char *chunk = g_malloc(CHUNK);
	gboolean first = TRUE;
	int n = 0, code = Z_OK;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
		return verdict_unreadable("out of memory");
	csv_set_space_func(&parser, never);
	while (csv->ok && (n = gzread(file, chunk, CHUNK)) > 0) {
		if (first)
			csv_set_delim(&parser, delimiter(chunk, (gsize)n));
		first = FALSE;
		if (csv_parse(&parser, chunk, (size_t)n, end_of_cell, end_of_row, csv) != (size_t)n && csv->ok)
			csv->ok = verdict_reject("%s: row %" G_GUINT64_FORMAT " is malformed CSV", csv->label, csv->row + 1);
	}
	gzerror(file, &code);
	if (csv->ok && (n < 0 || (code != Z_OK && code != Z_STREAM_END)))
		csv->ok = verdict_reject("%s: it is damaged or cut off", csv->label);
	if (csv->ok && csv_fini(&parser, end_of_cell, end_of_row, csv) != 0 && csv->ok)
		csv->ok = verdict_reject("%s: its last row is malformed CSV", csv->label);
	csv_free(&parser);
	if (csv->ok && csv->row == 0)
		csv->ok = verdict_reject("%s: it is empty", csv->label);
	return csv->ok;
}

gboolean
csv_each(const char *path, const char *const *columns, CsvFunc func, gpointer data)
{
	Csv csv = {.label = g_path_get_basename(path), .columns = columns, .func = func, .data = data, .ok = TRUE};
	gboolean input = strcmp(path, "-") == 0, ok = FALSE;
	gzFile file = NULL;

	while (columns[csv.n_columns] && csv.n_columns < MAX_COLUMNS)
		csv.n_columns++;
	csv.cells = g_ptr_array_new_with_free_func(g_free);
	if (!input && g_file_test(path, G_FILE_TEST_IS_DIR))
		verdict_unreadable("cannot read %s: it is a folder", path);
	else if ((file = input ? gzdopen(0, "rb") : gzopen(path, "rb")) == NULL)
		verdict_unreadable("cannot read %s: %s", path, g_strerror(errno));
	else
		ok = read_all(file, &csv);
	if (file != NULL && gzclose_r(file) != Z_OK && ok)
		ok = verdict_reject("%s: it is damaged or cut off", csv.label);
	g_ptr_array_unref(csv.cells);
	g_free(csv.label);
	return ok;
}

gboolean
count_parse(const char *text, gint64 *out_count)
{
	g_autofree char *clean = g_strstrip(g_strdup(text));

	return g_ascii_isdigit(clean[0]) && g_ascii_string_to_signed(clean, 10, 0, G_MAXINT32, out_count, NULL);
}

/* [sign] digits [. digits] [e [sign] digits], blanks around it allowed. */
gboolean
micro_parse(const char *text, gint64 *out_micro)
{
	g_autofree char *clean = g_strstrip(g_strdup(text));
	g_autoptr(GString) digits = g_string_new(NULL);
	const char *p = clean;
	gboolean minus = *p == '-';
	gint64 exponent = 0, keep, value = 0;

	p += *p == '-' || *p == '+';
	for (; g_ascii_isdigit(*p); p++)
		g_string_append_c(digits, *p);
	keep = (gint64)digits->len;
	if (*p == '.')
		for (p++; g_ascii_isdigit(*p); p++)
			g_string_append_c(digits, *p);
	if (digits->len == 0)
		return FALSE;
	if (*p == 'e' || *p == 'E') {
		const char *from = p + 1 + (p[1] == '+' || p[1] == '-');

		if (!g_ascii_isdigit(*from))
			return FALSE;
		for (; g_ascii_isdigit(*from); from++)
			exponent = MIN(exponent * 10 + (*from - '0'), 1000000);
		exponent = p[1] == '-' ? -exponent : exponent;
		p = from;
	}
	if (*p != '\0')
		return FALSE;
	keep += exponent + 6; /* so many digits stand before the sixth decimal place ends */
	for (gint64 i = 0; i < keep; i++) {
		if (i >= (gint64)digits->len && value == 0)
			break;
		value = value * 10 + (i < (gint64)digits->len ? digits->str[i] - '0' : 0);
		if (value > MAX_SCORE)
			return FALSE;
	}
	if (keep >= 0 && keep < (gint64)digits->len && digits->str[keep] >= '5')
		value++;
	if (value > MAX_SCORE)
		return FALSE;
	*out_micro = minus ? -value : value;
	return TRUE;
}
