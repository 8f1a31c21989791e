/* mapping.c - which column of a file is which column of its kind.
 *
 * By name alone, never by position or content: a guess that is wrong once puts phone numbers where employers are looked for. Two
 * headers that claim one column are an error, since picking either would be such a guess.
 */
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <veil/io.h>

/* NFKC case folding; white space, '_', '-', BOM and the mark of a mandatory field left out. Not UTF-8: the text itself. */
static char *
fold_header(const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&status);
	int32_t length = (int32_t)strlen(text), units = 0, folded_units;
	g_autofree UChar *utf16 = g_new(UChar, (gsize)length + 1);
	g_autofree UChar *folded = g_new(UChar, (gsize)length * 18 + 1);
	GString *out = g_string_new(NULL);

	u_strFromUTF8(utf16, length + 1, &units, text, length, &status);
	folded_units = unorm2_normalize(nfkc, utf16, units, folded, length * 18 + 1, &status);
	if (U_FAILURE(status)) {
		g_string_assign(out, text);
		return g_string_free(out, FALSE);
	}
	for (int32_t i = 0; i < folded_units;) {
		UChar32 c;
		guint8 bytes[4];
		int32_t n = 0;

		U16_NEXT(folded, i, folded_units, c);
		if (u_isUWhiteSpace(c) || c == '_' || c == '-' || c == '*' || c == 0xfeff || c == 0x200b)
			continue;
		U8_APPEND_UNSAFE(bytes, n, c);
		g_string_append_len(out, (const char *)bytes, n);
	}
	return g_string_free(out, FALSE);
}

static gboolean
column_has_header(const VeilColumn *column, const char *folded)
{
	g_autofree char *name = fold_header(column->name);

	if (strcmp(name, folded) == 0)
		return TRUE;
	for (guint i = 0; column->headers[i] != NULL; i++) {
		g_autofree char *spelling = fold_header(column->headers[i]);

		if (strcmp(spelling, folded) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
claim(VeilMapping *mapping, const VeilTable *table, guint column, int field, GError **error)
{
	int before = mapping->field[column];

	if (before >= 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "%s: columns \"%s\" and \"%s\" both mean %s; rename one or say which with --map", veil_table_name(table),
			    veil_table_column(table, (guint)before), veil_table_column(table, (guint)field),
			    mapping->kind->columns[column].name);
		return FALSE;
	}
	mapping->field[column] = field;
	return TRUE;
}

static int
find_field(const VeilTable *table, const char *header)
{
	g_autofree char *wanted = fold_header(header);

	for (guint i = 0; i < veil_table_n_columns(table); i++)
		if (strcmp(veil_table_column(table, i), header) == 0)
			return (int)i;
	for (guint i = 0; i < veil_table_n_columns(table); i++) {
		g_autofree char *have = fold_header(veil_table_column(table, i));

		if (strcmp(have, wanted) == 0)
			return (int)i;
	}
	return -1;
}

static gboolean
map_line(VeilMapping *mapping, const VeilTable *table, GKeyFile *file, const char *map_name, const char *key, GError **error)
{
	int column = veil_kind_column(mapping->kind, key);
	g_autoptr(GError) cause = NULL;
	g_autofree char *header = g_key_file_get_string(file, "columns", key, &cause);
	int field;

	if (column < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [columns] %s: %s have no such column", map_name, key, mapping->kind->name);
		return FALSE;
	}
	if (header == NULL || cause != NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [columns] %s: not readable text", map_name, key);
		return FALSE;
	}
	field = find_field(table, header);
	if (field < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [columns] %s=%s: %s has no column of this name", map_name, key, header,
			    veil_table_name(table));
		return FALSE;
	}
	for (guint c = 0; c < mapping->kind->n_columns; c++)
		if (mapping->field[c] == field) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [columns] %s and %s both take column \"%s\"", map_name,
				    mapping->kind->columns[c].name, key, header);
			return FALSE;
		}
	return claim(mapping, table, (guint)column, field, error);
}

static gboolean
apply_map(VeilMapping *mapping, const VeilTable *table, const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) cause = NULL;
	g_autofree char *name = g_path_get_basename(path);
	g_auto(GStrv) groups = NULL;
	g_auto(GStrv) keys = NULL;

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_TRANSLATIONS, &cause)) {
		gboolean missing = cause->domain == G_FILE_ERROR;

		g_set_error(error, VEIL_ERROR, missing ? VEIL_ERROR_FAILED : VEIL_ERROR_INPUT, "%s: %s", name,
			    missing ? "cannot be read" : "is no key file; write [columns] and under it lines column=Header");
		return FALSE;
	}
	groups = g_key_file_get_groups(file, NULL);
	for (guint i = 0; groups[i] != NULL; i++)
		if (strcmp(groups[i], "columns") != 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: unknown group [%s]; there is only [columns]", name, groups[i]);
			return FALSE;
		}
	keys = g_key_file_get_keys(file, "columns", NULL, NULL);
	if (keys == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: has no group [columns]", name);
		return FALSE;
	}
	for (guint i = 0; keys[i] != NULL; i++)
		if (!map_line(mapping, table, file, name, keys[i], error))
			return FALSE;
	return TRUE;
}

/* Headers that the map has not spoken for. */
static gboolean
apply_names(VeilMapping *mapping, const VeilTable *table, const gboolean *column_mapped, const gboolean *field_mapped, GError **error)
{
	for (guint i = 0; i < veil_table_n_columns(table); i++) {
		g_autofree char *folded = fold_header(veil_table_column(table, i));
		guint c = 0;

		if (field_mapped[i])
			continue;
		while (c < mapping->kind->n_columns && (column_mapped[c] || !column_has_header(&mapping->kind->columns[c], folded)))
			c++;
		if (c == mapping->kind->n_columns)
			g_ptr_array_add(mapping->unknown, g_strdup(veil_table_column(table, i)));
		else if (!claim(mapping, table, c, (int)i, error))
			return FALSE;
	}
	return TRUE;
}

static void
name_missing(GString *out, const VeilColumn *column)
{
	g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", column->name);
	for (guint i = 0; column->headers[i] != NULL; i++)
		g_string_append_printf(out, "%s%s", i == 0 ? " (" : " / ", column->headers[i]);
	g_string_append_c(out, ')');
}

static gboolean
check_required(const VeilMapping *mapping, const VeilTable *table, GError **error)
{
	static const struct {
		VeilKind kind;
		const char *first, *second;
	} either[] = {{VEIL_KIND_PEOPLE, "person", "name"}, {VEIL_KIND_POSTS, "organisation", "organisation_code"}};
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint c = 0; c < mapping->kind->n_columns; c++)
		if (mapping->kind->columns[c].required && mapping->field[c] < 0)
			name_missing(missing, &mapping->kind->columns[c]);
	for (guint i = 0; i < G_N_ELEMENTS(either); i++) {
		int first = veil_kind_column(mapping->kind, either[i].first), second = veil_kind_column(mapping->kind, either[i].second);

		if (mapping->kind->kind != either[i].kind || mapping->field[first] >= 0 || mapping->field[second] >= 0)
			continue;
		name_missing(missing, &mapping->kind->columns[first]);
		g_string_append(missing, " or ");
		g_string_append_printf(missing, "%s", either[i].second);
	}
	if (missing->len == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: no column for %s; rename the columns or say which they are with --map",
		    veil_table_name(table), missing->str);
	return FALSE;
}

VeilMapping *
veil_mapping_new(const VeilTable *table, const VeilKindInfo *kind, const char *map_path, GError **error)
{
	g_autoptr(VeilMapping) mapping = g_new0(VeilMapping, 1);
	g_autofree gboolean *column_mapped = g_new0(gboolean, kind->n_columns);
	g_autofree gboolean *field_mapped = g_new0(gboolean, veil_table_n_columns(table));

	mapping->kind = kind;
	mapping->field = g_new(int, kind->n_columns);
	mapping->unknown = g_ptr_array_new_with_free_func(g_free);
	for (guint c = 0; c < kind->n_columns; c++)
		mapping->field[c] = -1;
	if (map_path != NULL && !apply_map(mapping, table, map_path, error))
		return NULL;
	for (guint c = 0; c < kind->n_columns; c++)
		if (mapping->field[c] >= 0)
			column_mapped[c] = field_mapped[mapping->field[c]] = TRUE;
	if (!apply_names(mapping, table, column_mapped, field_mapped, error) || !check_required(mapping, table, error))
		return NULL;
	return g_steal_pointer(&mapping);
}

void
veil_mapping_free(VeilMapping *mapping)
{
	if (mapping == NULL)
		return;
	g_free(mapping->field);
	g_clear_pointer(&mapping->unknown, g_ptr_array_unref);
	g_free(mapping);
}

const char *
veil_mapping_get(const VeilMapping *mapping, const VeilRow *row, guint column)
{
	int field = mapping->field[column];

	return field >= 0 && (guint)field < row->n_fields ? row->field[field] : "";
}
