/* record.c - one record of a list: its fields.
 *
 * libcsv, in strict mode, is the judge of everything with a quote in it. It calls back for each character's worth of state, which is slow for
 * the common case; a line without any quote has only one reading, so that one is cut at its delimiters in place
 * (tests/io/test-table.c holds both readings against each other).
 *
 * libcsv's own trimming is switched off (cells come as typed) and only LF ends a record: the CR of a CRLF is fed as the one character
 * that counts as white space, because libcsv drops white space between a closing quote and the record's end.
 */
#include <string.h>

#include "record.h"

static int
is_cr(unsigned char c)
{
	return c == '\r';
}

static int
is_lf(unsigned char c)
{
	return c == '\n';
}

static void
keep_field(VeilRecord *record, const char *text, gsize length)
{
	record->n_fields++;
	if (record->n_kept == record->max_kept)
		return;
	if (record->n_kept == record->capacity) {
		record->capacity = MAX(32, record->capacity * 2);
		record->field = g_renew(const char *, record->field, record->capacity);
		record->length = g_renew(gsize, record->length, record->capacity);
	}
	record->field[record->n_kept] = text;
	record->length[record->n_kept++] = length;
}

void
veil_record_plain(VeilRecord *record, char *text, gsize length)
{
	char *end = text + length, *cut;

	record->n_fields = record->n_kept = 0;
	*end = '\0';
	while ((cut = memchr(text, record->delimiter, (gsize)(end - text))) != NULL) {
		*cut = '\0';
		keep_field(record, text, (gsize)(cut - text));
		text = cut + 1;
	}
	keep_field(record, text, (gsize)(end - text));
}

static void
on_field(void *text, size_t length, void *data)
{
	VeilRecord *record = data;

	keep_field(record, NULL, length);
	if (record->n_fields > record->n_kept)
		return;
	g_byte_array_append(record->bytes, text, (guint)length);
	g_byte_array_append(record->bytes, (const guint8 *)"", 1);
}

static void
on_row(int terminator, void *data)
{
	VeilRecord *record = data;
	const char *text = (const char *)record->bytes->data;

	(void)terminator;
	record->done = TRUE;
	/* Only now: the bytes moved while they grew. */
	for (guint i = 0; i < record->n_kept; i++) {
		record->field[i] = text;
		text += record->length[i] + 1;
	}
}

static void
start_csv(VeilRecord *record)
{
	if (csv_init(&record->csv, CSV_STRICT) != 0)
		g_error("libcsv refuses to start");
	csv_set_delim(&record->csv, record->delimiter);
	csv_set_space_func(&record->csv, is_cr);
	csv_set_term_func(&record->csv, is_lf);
	csv_set_blk_size(&record->csv, 64 << 10);
	record->csv_fresh = TRUE;
}

void
veil_record_init(VeilRecord *record, guchar delimiter, guint max_kept)
{
	memset(record, 0, sizeof *record);
	record->delimiter = delimiter;
	record->max_kept = max_kept;
	record->bytes = g_byte_array_new();
	start_csv(record);
}

void
veil_record_clear(VeilRecord *record)
{
	if (record->bytes == NULL)
		return;
	csv_free(&record->csv);
	g_byte_array_unref(record->bytes);
	g_free(record->field);
	g_free(record->length);
	record->bytes = NULL;
}

void
veil_record_begin(VeilRecord *record)
{
	if (!record->csv_fresh) {
		csv_free(&record->csv);
		start_csv(record);
	}
	g_byte_array_set_size(record->bytes, 0);
	record->n_fields = record->n_kept = 0;
	record->done = FALSE;
}

static gboolean
feed(VeilRecord *record, const char *text, gsize length)
{
	return csv_parse(&record->csv, text, length, on_field, on_row, record) == length;
}

VeilRecordState
veil_record_feed(VeilRecord *record, const char *text, gsize length, gboolean crlf)
{
	record->csv_fresh = FALSE;
	if (!feed(record, text, length) || !feed(record, &"\r\n"[!crlf], 1u + crlf))
		return VEIL_RECORD_BAD;
	if (!record->done)
		return VEIL_RECORD_MORE;
	/* A parser that has just ended a row is as good as a new one. */
	record->csv_fresh = TRUE;
	return VEIL_RECORD_DONE;
}

void
veil_record_why(const VeilRecord *record, char *out)
{
	g_snprintf(out, 96, record->csv.quoted ? "text after the closing quote of column %u" : "quote inside the unquoted cell of column %u",
		   record->n_fields + 1);
}
