/* helper.h - lists made on the spot, for the tests of engine/io. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <veil/io.h>

/* A folder of its own for the whole program; removed by clear_folder. */
static char *folder;

static inline int
make_folder(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("veil-io-XXXXXX", NULL);
	return folder == NULL;
}

static inline int
clear_folder(void **state)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	(void)state;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_chmod(path, 0700);
		g_remove(path);
	}
	g_rmdir(folder);
	g_free(folder);
	return 0;
}

static inline char *
path_of(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static inline char *
put(const char *name, const void *bytes, gsize n)
{
	char *path = path_of(name);

	FILE *file;

	/* A file that is rewritten in place, or by g_file_set_contents, is synced by many file systems: more time than all the reading. */
	g_remove(path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
	return path;
}

#define LITERAL(text) (text), sizeof(text) - 1

static inline VeilTable *
open_bytes(const void *bytes, gsize n, VeilEncoding encoding, GError **error)
{
	g_autofree char *path = put("list.csv", bytes, n);

	return veil_table_open(path, encoding, error);
}

/* All rows as text: `LINE:cell|cell` or `LINE!defect`, one a line. */
static inline char *
read_all(VeilTable *table)
{
	GString *out = g_string_new(NULL);
	GError *error = NULL;
	VeilRow row;
	int more;

	while ((more = veil_table_next(table, &row, &error)) > 0) {
		g_string_append_printf(out, "%" G_GUINT64_FORMAT "%s", row.line, row.defect != NULL ? "!" : ":");
		if (row.defect != NULL)
			g_string_append(out, row.defect);
		for (guint i = 0; row.defect == NULL && i < row.n_fields; i++) {
			assert_int_equal(strlen(row.field[i]), row.length[i]);
			g_string_append_printf(out, "%s%s", i > 0 ? "|" : "", row.field[i]);
		}
		g_string_append_c(out, '\n');
	}
	if (more < 0)
		g_string_append_printf(out, "ERROR %s\n", error->message);
	g_clear_error(&error);
	return g_string_free(out, FALSE);
}

#define assert_list(literal, expected) assert_list_as(LITERAL(literal), VEIL_ENCODING_AUTO, expected)

static inline void
assert_list_as(const void *bytes, gsize n, VeilEncoding encoding, const char *expected)
{
	GError *error = NULL;
	g_autoptr(VeilTable) table = open_bytes(bytes, n, encoding, &error);
	g_autofree char *got = NULL;

	if (table == NULL)
		fail_msg("refused: %s", error->message);
	got = read_all(table);
	assert_string_equal(got, expected);
}

static inline void
assert_refused_as(const void *bytes, gsize n, VeilEncoding encoding, VeilErrorCode code, const char *words)
{
	GError *error = NULL;
	g_autoptr(VeilTable) table = open_bytes(bytes, n, encoding, &error);

	assert_null(table);
	assert_int_equal(error->domain, VEIL_ERROR);
	assert_int_equal(error->code, code);
	assert_true(g_str_has_prefix(error->message, "list.csv: "));
	if (strstr(error->message, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
	g_error_free(error);
}

#define assert_refused(literal, words) assert_refused_as(LITERAL(literal), VEIL_ENCODING_AUTO, VEIL_ERROR_INPUT, words)
