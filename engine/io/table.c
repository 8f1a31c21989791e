/* table.c - a list as rows: header, records, defects.
 *
 * A list of forty thousand rows always has some that are broken. Each must be named by its line and cause, none may shift the
 * columns of its neighbours, and none may take its neighbours with it. The hard case is a quote that is never closed: to the letter it
 * swallows everything up to the next quote, or to the end. So the text of a record is kept until the record is known to be sound; if
 * it is not, the first swallowed line that makes a full record by itself is where reading goes on (resume_behind), and
 * the defect says which lines went with it. Cost stays linear: a line with an even number of quotes is read at most twice, and one
 * with an odd number ends the trial.
 */
#include <string.h>

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include <veil/io.h>

#include "record.h"
#include "sniff.h"

enum { MAX_COLUMNS = 4096, DEFECT_BYTES = 240 };

struct VeilTable {
	VeilSource *source;
	VeilLines *lines;
	VeilEncoding encoding;
	UConverter *gb;	    /* only for GB18030 */
	GArray *utf16;	    /* UChar, scratch */
	GByteArray *text;   /* scratch: a decoded line */
	VeilRecord record, trial;
	GPtrArray *columns; /* char* */
	guint64 private_rows, private_line;
	char defect[DEFECT_BYTES];
	VeilLine line; /* the last one read, decoded: text and length are UTF-8 */
};

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
			g_snprintf(table->defect, DEFECT_BYTES, "bytes that GB18030 does not have, in line %" G_GUINT64_FORMAT, line->number);
			return FALSE;
		}
	} else {
		gsize good = veil_utf8_valid_bytes(line->text, line->length, NULL);

		if (good < line->length) {
			g_snprintf(table->defect, DEFECT_BYTES, "not UTF-8 at byte %" G_GUINT64_FORMAT " of the file", line->offset + good);
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
	char why[DEFECT_BYTES];
	VeilPlace at = from;
	VeilLine line;

	memcpy(why, table->defect, DEFECT_BYTES);
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
		g_snprintf(table->defect, DEFECT_BYTES, "%s; lines %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are lost with it", why,
			   from.number, at.number - 1);
	else
		memcpy(table->defect, why, DEFECT_BYTES);
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
			g_snprintf(table->defect, DEFECT_BYTES, "the quote opened in column %u is not closed within %u MB", opened,
				   VEIL_MAX_FIELD_BYTES >> 20);
			break;
		}
		switch (veil_lines_next(table->lines, &line, error)) {
		case -1:
			return -1;
		case 0:
			g_snprintf(table->defect, DEFECT_BYTES, "the quote opened in column %u is never closed", opened);
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
		g_snprintf(table->defect, DEFECT_BYTES, "%u cells instead of %u; the quote opened in column %u may not be closed",
			   record->n_fields, table->columns->len, opened);
		limit = veil_lines_place(table->lines);
	} else if (state == VEIL_RECORD_BAD) {
		char why[96];

		veil_record_why(record, why);
		if (opened == 0)
			g_snprintf(table->defect, DEFECT_BYTES, "%s", why);
		else
			g_snprintf(table->defect, DEFECT_BYTES,
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

/* Reads the next record that is not a blank line. 1 (table->defect may say why there is none), 0, -1. */
static int
read_record(VeilTable *table, GError **error)
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

/* --- header ------------------------------------------------------------------------------------------------------ */

/* The mark that stands most often in the header line outside quotes; comma when none does. */
static guchar
sniff_delimiter(const guint8 *text, gsize length)
{
	static const char marks[] = ",\t;";
	guint count[3] = {0, 0, 0}, best = 0;
	gboolean quoted = FALSE;

	for (gsize i = 0; i < length; i++) {
		quoted ^= text[i] == '"';
		for (guint m = 0; !quoted && m < 3; m++)
			count[m] += text[i] == (guint8)marks[m];
	}
	for (guint m = 1; m < 3; m++)
		if (count[m] > count[best])
			best = m;
	return (guchar)marks[best];
}

static gboolean
find_delimiter(VeilTable *table, GError **error)
{
	VeilPlace start = veil_lines_mark(table->lines);
	VeilLine line;
	guchar delimiter;
	int more;

	while ((more = veil_lines_next(table->lines, &line, error)) > 0 && line.length == 0)
		;
	if (more < 0)
		return FALSE;
	delimiter = more > 0 ? sniff_delimiter(line.text, line.length) : ',';
	veil_lines_seek(table->lines, start);
	veil_record_init(&table->record, delimiter, MAX_COLUMNS + 1);
	veil_record_init(&table->trial, delimiter, 0);
	return TRUE;
}

static gboolean
header_error(VeilTable *table, const char *why, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: header (line %" G_GUINT64_FORMAT "): %s", veil_table_name(table), table->line.number,
		    why);
	return FALSE;
}

/* Column numbers, not names: a list that lacks its header has people in its first line. */
static gboolean
take_header(VeilTable *table, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const VeilRecord *record = &table->record;
	char why[DEFECT_BYTES];

	if (record->n_fields > MAX_COLUMNS)
		return header_error(table, "more than 4096 columns", error);
	for (guint i = 0; i < record->n_fields; i++) {
		char *name = g_strndup(record->field[i], record->length[i]);
		gboolean has_nul = strlen(name) != record->length[i];
		guint before;

		g_ptr_array_add(table->columns, name);
		g_snprintf(why, sizeof why, "column %u has %s", i + 1, has_nul ? "a NUL byte in its name" : "no name; name it or delete it");
		if (has_nul || name[strspn(name, " \t\r\n")] == '\0')
			return header_error(table, why, error);
		before = GPOINTER_TO_UINT(g_hash_table_lookup(seen, name));
		g_snprintf(why, sizeof why, "columns %u and %u have the same name; rename one", before, i + 1);
		if (before != 0)
			return header_error(table, why, error);
		g_hash_table_insert(seen, name, GUINT_TO_POINTER(i + 1));
	}
	return TRUE;
}

static gboolean
read_header(VeilTable *table, GError **error)
{
	int more;

	if (!find_delimiter(table, error))
		return FALSE;
	more = read_record(table, error);
	if (more < 0)
		return FALSE;
	if (more == 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: changed while it was read; try again", veil_table_name(table));
		return FALSE;
	}
	if (table->defect[0] != '\0')
		return header_error(table, table->defect, error);
	if (!take_header(table, error))
		return FALSE;
	table->record.max_kept = table->columns->len;
	table->private_rows = 0;
	return TRUE;
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

/* Exports pasted together: not every cell repeats its column's name (typed columns show a filler), but most of the filled ones do. */
static gboolean
repeats_header(const VeilTable *table)
{
	guint n = table->columns->len, same = 0, filled = 0;

	for (guint i = 0; i < n; i++) {
		filled += table->record.length[i] > 0;
		same += strcmp(table->record.field[i], g_ptr_array_index(table->columns, i)) == 0;
	}
	return same >= MIN(n, 3) && same * 2 > filled;
}

static void
judge(VeilTable *table)
{
	const VeilRecord *record = &table->record;
	guint n = table->columns->len;
	gsize total = 0;

	if (record->n_fields != n) {
		guint off = record->n_fields > n ? record->n_fields - n : n - record->n_fields;

		g_snprintf(table->defect, DEFECT_BYTES, "%u cell%s too %s (%u instead of %u)", off, off == 1 ? "" : "s",
			   record->n_fields > n ? "many" : "few", record->n_fields, n);
		return;
	}
	for (guint i = 0; i < n; i++) {
		total += record->length[i];
		if (record->length[i] > 0 && memchr(record->field[i], '\0', record->length[i]) != NULL) {
			g_snprintf(table->defect, DEFECT_BYTES, "NUL byte in column %u", i + 1);
			return;
		}
	}
	if (total == 0)
		strcpy(table->defect, "every cell is empty");
	else if (repeats_header(table))
		strcpy(table->defect, "the header line again");
}

int
veil_table_next(VeilTable *table, VeilRow *out_row, GError **error)
{
	int more = read_record(table, error);

	if (more <= 0)
		return more;
	if (table->defect[0] == '\0')
		judge(table);
	*out_row = (VeilRow){.line = table->line.number,
			     .n_fields = table->record.n_kept,
			     .field = table->record.field,
			     .length = table->record.length,
			     .defect = table->defect[0] != '\0' ? table->defect : NULL};
	return 1;
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

VeilTable *
veil_table_open(const char *path, VeilEncoding encoding, GError **error)
{
	g_autoptr(VeilTable) table = g_new0(VeilTable, 1);
	UErrorCode status = U_ZERO_ERROR;

	table->source = veil_source_open(path, error);
	if (table->source == NULL)
		return NULL;
	table->lines = veil_lines_new(table->source, FALSE);
	if (!veil_sniff(table->lines, veil_table_name(table), encoding, &table->encoding, error) || !veil_source_rewind(table->source, error))
		return NULL;
	g_clear_pointer(&table->lines, veil_lines_free);
	table->lines = veil_lines_new(table->source, TRUE);
	table->columns = g_ptr_array_new_with_free_func(g_free);
	if (table->encoding == VEIL_ENCODING_GB18030) {
		table->gb = ucnv_open("gb18030", &status);
		if (U_FAILURE(status)) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "ICU has no GB18030 converter: %s", u_errorName(status));
			return NULL;
		}
		ucnv_setToUCallBack(table->gb, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
		table->utf16 = g_array_new(FALSE, FALSE, sizeof(UChar));
		table->text = g_byte_array_new();
	}
	return read_header(table, error) ? g_steal_pointer(&table) : NULL;
}

void
veil_table_free(VeilTable *table)
{
	if (table == NULL)
		return;
	veil_record_clear(&table->record);
	veil_record_clear(&table->trial);
	g_clear_pointer(&table->lines, veil_lines_free);
	g_clear_pointer(&table->source, veil_source_free);
	g_clear_pointer(&table->gb, ucnv_close);
	g_clear_pointer(&table->utf16, g_array_unref);
	g_clear_pointer(&table->text, g_byte_array_unref);
	g_clear_pointer(&table->columns, g_ptr_array_unref);
	g_free(table);
}

const char *
veil_table_name(const VeilTable *table)
{
	return veil_source_name(table->source);
}

guint
veil_table_n_columns(const VeilTable *table)
{
	return table->columns->len;
}

const char *
veil_table_column(const VeilTable *table, guint i)
{
	return g_ptr_array_index(table->columns, i);
}

const char *
veil_table_digest(VeilTable *table)
{
	return veil_lines_digest(table->lines);
}

VeilEncoding
veil_table_encoding(const VeilTable *table)
{
	return table->encoding;
}

guint64
veil_table_private_use(const VeilTable *table, guint64 *out_first_line)
{
	if (table->private_rows > 0 && out_first_line != NULL)
		*out_first_line = table->private_line;
	return table->private_rows;
}
