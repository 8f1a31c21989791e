/* table-read.c - one record of a table: decoded, its lines joined, and what happens when it is broken.
 *
 * The hard case is a quote that is never closed: to the letter it swallows everything up to the next quote, or to the end. So the text of a record
 * is kept until the record is known to be sound; if it is not, the first swallowed line that makes a full record by itself is where
 * reading goes on (resume_behind), and the defect says which lines went with it. Cost stays linear: a line with an even number of quotes is
 * read at most twice, and one with an odd number ends the trial.
 */
#include <string.h>

#include <unicode/ustring.h>

#include "sniff.h"
#include "table-parts.h"

/* --- one decoded line -------------------------------------------------------------------------------------------- */

/* Private-use characters are how old systems stored rare name characters: kept, but somebody should look. */
static gboolean
has_private_use(const guint8 *text, gsize length)
{
	for (gsize i = 0; i + 2 < length; i++) {
		if (text[i] < 0xee)
			continue;
		if (text[i] == 0xee || (text[i] == 0xef && text[i + 1] <= 0xa3) || (text[i] == 0xf3 && text[i + 1] >= 0xb0) || text[i] == 0xf4)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_ascii(const guint8 *text, gsize length)
{
	guint8 any = 0;

	for (gsize i = 0; i < length; i++)
		any |= text[i];
	return any < 0x80;
}

static gboolean
decode_gb(VeilTable *table, VeilLine *line)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t units, bytes;

	g_array_set_size(table->utf16, (guint)line->length + 1);
	units = ucnv_toUChars(table->gb, (UChar *)(void *)table->utf16->data, (int32_t)table->utf16->len, (const char *)line->text,
			      (int32_t)line->length, &status);
	if (U_FAILURE(status))
		return FALSE;
	g_byte_array_set_size(table->text, (guint)units * 3 + 1);
	u_strToUTF8((char *)table->text->data, (int32_t)table->text->len, &bytes, (const UChar *)(void *)table->utf16->data, units, &status);
	if (U_FAILURE(status))
		return FALSE;
	line->text = table->text->data;
	line->length = (gsize)bytes;
	return TRUE;
}

static gboolean
decode(VeilTable *table, VeilLine *line)
{
	if (is_ascii(line->text, line->length))
		return TRUE;
	if (table->encoding == VEIL_ENCODING_GB18030) {
		if (!decode_gb(table, line)) {
			g_snprintf(table->defect, VEIL_DEFECT_BYTES, "bytes that GB18030 does not have, in line %" G_GUINT64_FORMAT, line->number);
			return FALSE;
		}
	} else {
		gsize good = veil_utf8_valid_bytes(line->text, line->length, NULL);

		if (good < line->length) {
			g_snprintf(table->defect, VEIL_DEFECT_BYTES, "not UTF-8 at byte %" G_GUINT64_FORMAT " of the file", line->offset + good);
			return FALSE;
		}
	}
	if (has_private_use(line->text, line->length) && table->private_rows++ == 0)
		table->private_line = line->number;
	return TRUE;
}

/* --- one record -------------------------------------------------------------------------------------------------- */

/* Whether a full record of n_columns starts at the next line and ends before `limit`. */
static gboolean
is_full_record(VeilTable *table, guint64 limit)
{
	VeilRecordState state = VEIL_RECORD_MORE;
	VeilLine line;

	veil_record_begin(&table->trial);
	while (state == VEIL_RECORD_MORE) {
		if (veil_lines_place(table->lines).offset >= limit || veil_lines_next(table->lines, &line, NULL) <= 0)
			return FALSE;
		if (line.length == 0 && table->trial.n_fields == 0)
			return FALSE;
		if (!decode(table, &line))
			return FALSE;
		state = veil_record_feed(&table->trial, (const char *)line.text, line.length, line.crlf);
	}
	return state == VEIL_RECORD_DONE && table->trial.n_fields == table->columns->len;
}

/* After a record that began in the line before `from` went wrong: reads on at the first full record from there, else at `limit`. Says so. */
static void
resume_behind(VeilTable *table, VeilPlace from, VeilPlace limit)
{
	guint64 private_rows = table->private_rows, private_line = table->private_line;
	char why[VEIL_DEFECT_BYTES];
	VeilPlace at = from;
	VeilLine line;

	memcpy(why, table->defect, VEIL_DEFECT_BYTES);
	for (;;) {
		veil_lines_seek(table->lines, at);
		if (at.offset >= limit.offset || is_full_record(table, limit.offset))
			break;
		veil_lines_seek(table->lines, at);
		if (veil_lines_next(table->lines, &line, NULL) <= 0)
			break;
		at = veil_lines_place(table->lines);
	}
	veil_lines_seek(table->lines, at);
	table->private_rows = private_rows;
	table->private_line = private_line;
	if (at.number > from.number)
		g_snprintf(table->defect, VEIL_DEFECT_BYTES, "%s; lines %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are lost with it", why,
			   from.number, at.number - 1);
	else
		memcpy(table->defect, why, VEIL_DEFECT_BYTES);
}

/* A record with a quote in it. 1 fields or a defect (then no fields), -1 an error. table->line is its first line. */
static int
read_quoted(VeilTable *table, GError **error)
{
	VeilRecord *record = &table->record;
	guint64 start = table->line.offset, first = table->line.number;
	VeilPlace behind_first = veil_lines_place(table->lines), limit = behind_first;
	VeilRecordState state = VEIL_RECORD_MORE;
	VeilLine line = table->line;
	guint opened = 0;

	veil_record_begin(record);
	for (;;) {
		state = veil_record_feed(record, (const char *)line.text, line.length, line.crlf);
		if (state != VEIL_RECORD_MORE)
			break;
		if (opened == 0)
			opened = record->n_fields + 1;
		limit = veil_lines_place(table->lines);
		if (limit.offset - start > VEIL_MAX_FIELD_BYTES) {
			g_snprintf(table->defect, VEIL_DEFECT_BYTES, "the quote opened in column %u is not closed within %u MB", opened,
				   VEIL_MAX_FIELD_BYTES >> 20);
			break;
		}
		switch (veil_lines_next(table->lines, &line, error)) {
		case -1:
			return -1;
		case 0:
			g_snprintf(table->defect, VEIL_DEFECT_BYTES, "the quote opened in column %u is never closed", opened);
			goto broken;
		default:
			if (!decode(table, &line))
				goto broken;
		}
	}
	if (state == VEIL_RECORD_DONE && (opened == 0 || table->columns->len == 0 || record->n_fields == table->columns->len))
		return 1;
	if (state == VEIL_RECORD_DONE) {
		/* A closing quote met by chance: the record is whole but of the wrong shape. */
		g_snprintf(table->defect, VEIL_DEFECT_BYTES, "%u cells instead of %u; the quote opened in column %u may not be closed",
			   record->n_fields, table->columns->len, opened);
		limit = veil_lines_place(table->lines);
	} else if (state == VEIL_RECORD_BAD) {
		char why[96];

		veil_record_why(record, why);
		if (opened == 0)
			g_snprintf(table->defect, VEIL_DEFECT_BYTES, "%s", why);
		else
			g_snprintf(table->defect, VEIL_DEFECT_BYTES,
				   "the quote opened in column %u is not closed properly (line %" G_GUINT64_FORMAT ": %s)", opened,
				   line.number, why);
	}
broken:
	record->n_fields = record->n_kept = 0;
	if (opened != 0 && table->columns->len != 0)
		resume_behind(table, behind_first, limit);
	table->line.number = first;
	return 1;
}

int
veil_table_read_record(VeilTable *table, GError **error)
{
	VeilLine *line = &table->line;
	int more;

	table->defect[0] = '\0';
	do {
		veil_lines_mark(table->lines);
		more = veil_lines_next(table->lines, line, error);
	} while (more > 0 && line->length == 0);
	if (more <= 0)
		return more;
	table->record.n_fields = table->record.n_kept = 0;
	if (!decode(table, line))
		return 1;
	if (line->number == 1 && line->length >= 3 && memcmp(line->text, "\xef\xbb\xbf", 3) == 0) {
		line->text += 3;
		line->length -= 3;
	}
	if (memchr(line->text, '"', line->length) != NULL || memchr(line->text, '\r', line->length) != NULL)
		return read_quoted(table, error);
	veil_record_plain(&table->record, (char *)line->text, line->length);
	return 1;
}
