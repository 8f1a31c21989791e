/* table.c - a list as rows: header, shapes, defects.
 *
 * A list of forty thousand rows always has some that are broken. Each must be named by its line and cause, none may shift the
 * columns of its neighbours, and none may take its neighbours with it.
 */
#include <string.h>

#include "sniff.h"
#include "table-parts.h"

enum { MAX_COLUMNS = 4096 };

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
	char why[VEIL_DEFECT_BYTES];

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
	more = veil_table_read_record(table, error);
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

		g_snprintf(table->defect, VEIL_DEFECT_BYTES, "%u cell%s too %s (%u instead of %u)", off, off == 1 ? "" : "s",
			   record->n_fields > n ? "many" : "few", record->n_fields, n);
		return;
	}
	for (guint i = 0; i < n; i++) {
		total += record->length[i];
		if (record->length[i] > 0 && memchr(record->field[i], '\0', record->length[i]) != NULL) {
			g_snprintf(table->defect, VEIL_DEFECT_BYTES, "NUL byte in column %u", i + 1);
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
	int more = veil_table_read_record(table, error);

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
