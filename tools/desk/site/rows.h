/* rows.h - rows to standard output as text, CSV or one JSON object: every listing command prints through this. */
#pragma once

#include <json-glib/json-glib.h>

#include <veil/io.h>

typedef enum { VEIL_PRINT_TEXT, VEIL_PRINT_CSV, VEIL_PRINT_SPREADSHEET, VEIL_PRINT_JSON } VeilPrint;

typedef struct {
	VeilPrint how;
	VeilWriter *writer;
	JsonBuilder *json;
	const char *const *columns; /* a column named "score" is a number in JSON */
	guint n_columns;
} VeilRows;

/* name: the member of the JSON object that holds the rows. */
gboolean veil_rows_begin(VeilRows *rows, VeilPrint how, const char *name, const char *const *columns, guint n_columns, GError **error);
void veil_rows_add(VeilRows *rows, const char *const *cells);
gboolean veil_rows_end(VeilRows *rows, GError **error);

/* Prints the object on one line and frees the builder. */
void veil_json_print(JsonBuilder *builder);
