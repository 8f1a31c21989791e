/* rows.c - one way to print a list, so that --csv, --for-spreadsheet and --json mean the same everywhere.
 *
 * Text is the same columns with tabs between them: a person reads it, `cut` and `sort` do too.
 */
#include <stdio.h>
#include <string.h>

#include "site/rows.h"

gboolean
veil_rows_begin(VeilRows *rows, VeilPrint how, const char *name, const char *const *columns, guint n_columns, GError **error)
{
	*rows = (VeilRows){.how = how, .columns = columns, .n_columns = n_columns};
	if (how == VEIL_PRINT_JSON) {
		rows->json = json_builder_new();
		json_builder_begin_object(rows->json);
		json_builder_set_member_name(rows->json, name);
		json_builder_begin_array(rows->json);
		return TRUE;
	}
	if (how == VEIL_PRINT_TEXT) {
		for (guint i = 0; i < n_columns; i++)
			printf("%s%s", columns[i], i + 1 < n_columns ? "\t" : "\n");
		return TRUE;
	}
	rows->writer = veil_writer_open(NULL, how == VEIL_PRINT_SPREADSHEET ? VEIL_CSV_SPREADSHEET : VEIL_CSV_PLAIN, error);
	if (rows->writer == NULL)
		return FALSE;
	for (guint i = 0; i < n_columns; i++)
		veil_writer_field(rows->writer, columns[i]);
	veil_writer_end_row(rows->writer);
	return TRUE;
}

void
veil_rows_add(VeilRows *rows, const char *const *cells)
{
	if (rows->how == VEIL_PRINT_JSON) {
		json_builder_begin_object(rows->json);
		for (guint i = 0; i < rows->n_columns; i++) {
			json_builder_set_member_name(rows->json, rows->columns[i]);
			if (strcmp(rows->columns[i], "score") == 0)
				json_builder_add_double_value(rows->json, g_ascii_strtod(cells[i], NULL));
			else
				json_builder_add_string_value(rows->json, cells[i]);
		}
		json_builder_end_object(rows->json);
		return;
	}
	for (guint i = 0; i < rows->n_columns; i++) {
		if (rows->how == VEIL_PRINT_TEXT)
			printf("%s%s", cells[i], i + 1 < rows->n_columns ? "\t" : "\n");
		else
			veil_writer_field(rows->writer, cells[i]);
	}
	if (rows->writer)
		veil_writer_end_row(rows->writer);
}

void
veil_json_print(JsonBuilder *builder)
{
	g_autoptr(JsonNode) root = json_builder_get_root(builder);
	g_autofree char *text = json_to_string(root, FALSE);

	puts(text);
	g_object_unref(builder);
}

gboolean
veil_rows_end(VeilRows *rows, GError **error)
{
	if (rows->how == VEIL_PRINT_JSON) {
		json_builder_end_array(rows->json);
		json_builder_end_object(rows->json);
		veil_json_print(rows->json);
		return TRUE;
	}
	return rows->writer == NULL || veil_writer_close(rows->writer, error);
}
