/* test-table.c - lists read row by row: shapes, line numbers, defects, and what is refused. */
#include "helper.h"

static void
test_plain_shapes(void **state)
{
	(void)state;
	assert_list("a,b\n1,2\n3,4\n", "2:1|2\n3:3|4\n");
	assert_list("a,b\r\n1,2\r\n3,4", "2:1|2\n3:3|4\n"); /* CRLF, last line without end */
	assert_list("a,b\r\n1,2\r", "2:1|2\n");		  /* cut between CR and LF */
	assert_list("a\tb\n1,5\t2\n", "2:1,5|2\n");
	assert_list("a;b\n1,5;2\n", "2:1,5|2\n");
	assert_list("a\n1\n\n2\n", "2:1\n4:2\n"); /* blank lines are skipped and counted */
	assert_list("\n\na,b\n1,2\n", "4:1|2\n");
	assert_list("a,b\n , x \n", "2: | x \n"); /* as typed */
	assert_list("a,b\n", "");
	assert_list("a,b", "");
}

static void
test_quotes(void **state)
{
	(void)state;
	assert_list("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "2:x,y|say \"hi\"\n");
	assert_list("a,b\n\"1\n2\r\n3\",x\n4,5\n", "2:1\n2\r\n3|x\n5:4|5\n");
	assert_list("a,b\r\n\"1\n2\",\"x\"\r\n4,5\r\n", "2:1\n2|x\n4:4|5\n");
	assert_list("\"a\",\"b\"\n\"\",\"\"\n1,\n", "2!every cell is empty\n3:1|\n");
	assert_list("a,b\n\"  x  \",\"y\t\"\n", "2:  x  |y\t\n");
	assert_list("a,b\n1,\"2\"", "2:1|2\n");
}

static void
test_header_forms(void **state)
{
	g_autoptr(VeilTable) table = NULL;

	(void)state;
	table = open_bytes(LITERAL("\xef\xbb\xbf\"two\nlines\",b\n1,2\n"), VEIL_ENCODING_AUTO, NULL);
	assert_non_null(table);
	assert_int_equal(veil_table_n_columns(table), 2);
	assert_string_equal(veil_table_column(table, 0), "two\nlines");
	assert_string_equal(veil_table_name(table), "list.csv");
	{
		g_autofree char *rows = read_all(table);

		assert_string_equal(rows, "3:1|2\n");
	}
	assert_list("\xef\xbb\xbf" "a,b\n1,2\n", "2:1|2\n");
	assert_refused("a,b,a\n", "columns 1 and 3 have the same name");
	assert_refused("a,,c\n", "column 2 has no name");
	assert_refused("a, \t,c\n", "column 2 has no name");
	assert_refused("a,b\0c\n1,2\n", "column 2 has a NUL byte");
	assert_refused("a,\"b\nc,d\n", "header (line 1): the quote opened in column 2 is never closed");
	assert_refused("a,b\"c\n1,2\n", "header (line 1): quote inside the unquoted cell of column 2");
}

static void
test_ragged_rows_shift_nobody(void **state)
{
	(void)state;
	assert_list("a,b,c\n1,2\n1,2,3\n1,2,3,4,5\n4,5,6\n",
		    "2!1 cell too few (2 instead of 3)\n3:1|2|3\n4!2 cells too many (5 instead of 3)\n5:4|5|6\n");
	assert_list("a,b\n\"x\"\ny,z\n", "2!1 cell too few (1 instead of 2)\n3:y|z\n");
}

static void
test_bad_cells(void **state)
{
	(void)state;
	assert_list("a,b\n1,2\0\n3,4\n", "2!NUL byte in column 2\n3:3|4\n");
	assert_list("a,b\n\"1\0\",2\n3,4\n", "2!NUL byte in column 1\n3:3|4\n");
	assert_list("a,b\n1,x\"y\"\n3,4\n", "2!quote inside the unquoted cell of column 2\n3:3|4\n");
	assert_list("a,b\n1,\"x\"y\n3,4\n", "2!text after the closing quote of column 2\n3:3|4\n");
	assert_list("a,b\n1,\"x\" \n3,4\n", "2!text after the closing quote of column 2\n3:3|4\n");
	assert_list("a,b,c,d\na,b,0,d\n1,2,3,4\n", "2!the header line again\n3:1|2|3|4\n");
	assert_list("a,b,c,d\n,b,c,d\na,x,y,z\n", "2!the header line again\n3:a|x|y|z\n");
	assert_list("name\nname\nx\n", "2!the header line again\n3:x\n");
}

static void
test_unclosed_quotes(void **state)
{
	(void)state;
	/* To the end of the file: the rest is not swallowed. */
	assert_list("a,b\n1,\"2\n3,4\n5,6\n", "2!the quote opened in column 2 is never closed\n3:3|4\n4:5|6\n");
	assert_list("a,b\n1,\"2", "2!the quote opened in column 2 is never closed\n");
	assert_list("a,b\n1,\"2\nx\n5,6\n", "2!the quote opened in column 2 is never closed; lines 3 to 3 are lost with it\n4:5|6\n");
	/* Up to the next quote, lines later. */
	assert_list("a,b\n1,\"2\n3,4\n5,\"6\"\n7,8\n",
		    "2!the quote opened in column 2 is not closed properly (line 4: text after the closing quote of column 2)\n"
		    "3:3|4\n4:5|6\n5:7|8\n");
	/* The next quote opens a cell of two lines, which must survive. */
	assert_list("a,b\n1,\"2\n5,\"6\n7\"\n8,9\n",
		    "2!the quote opened in column 2 is not closed properly (line 3: text after the closing quote of column 2)\n"
		    "3:5|6\n7\n5:8|9\n");
	/* Closed by chance, so that two rows look like one of the wrong width. */
	assert_list("a,b,c\n1,\"2,3\n4,5,\",6,7\n6,7,8\n9,10,11\n",
		    "2!4 cells instead of 3; the quote opened in column 2 may not be closed; lines 3 to 3 are lost with it\n4:6|7|8\n5:9|10|11\n");
	/* Blank lines among the swallowed ones are no records. */
	assert_list("a\n\"1\n\n2\n", "2!the quote opened in column 1 is never closed; lines 3 to 3 are lost with it\n4:2\n");
}

static void
test_two_readings_agree(void **state)
{
	static const char letters[] = "ab ;,\t\xe5\r.";
	g_autoptr(GRand) random = g_rand_new_with_seed(20240101);

	(void)state;
	/* The same cells, once bare and once in quotes: the fast reading and libcsv's must give the same rows. */
	for (int round = 0; round < 300; round++) {
		g_autoptr(GString) bare = g_string_new("x,y,z\n"), quoted = g_string_new("x,y,z\n");
		g_autofree char *first = NULL, *second = NULL;

		for (int row = 0; row < 20; row++)
			for (int cell = 0; cell < 3; cell++) {
				g_autoptr(GString) text = g_string_new("k");

				for (guint n = (guint)g_rand_int_range(random, 0, 6); n > 0; n--) {
					char c = letters[g_rand_int_range(random, 0, (int)sizeof letters - 1)];

					if (c == '\xe5')
						g_string_append(text, "学");
					else if (c != ',' && c != '\r')
						g_string_append_c(text, c);
				}
				g_string_append_printf(bare, "%s%s", text->str, cell < 2 ? "," : "\n");
				g_string_append_printf(quoted, "\"%s\"%s", text->str, cell < 2 ? "," : "\n");
			}
		{
			g_autoptr(VeilTable) a = open_bytes(bare->str, bare->len, VEIL_ENCODING_AUTO, NULL);

			first = read_all(a);
		}
		{
			g_autoptr(VeilTable) b = open_bytes(quoted->str, quoted->len, VEIL_ENCODING_AUTO, NULL);

			second = read_all(b);
		}
		assert_string_equal(first, second);
		assert_null(strchr(first, '!'));
	}
}

static void
test_long_lines(void **state)
{
	g_autoptr(GString) list = g_string_new("a,b\n1,");
	g_autofree char *path = NULL;
	GError *error = NULL;
	g_autoptr(VeilTable) table = NULL;
	VeilRow row;

	(void)state;
	/* As long as allowed, to the byte; then one more. */
	g_string_set_size(list, list->len + VEIL_MAX_FIELD_BYTES - 2);
	memset(list->str + 6, 'x', VEIL_MAX_FIELD_BYTES - 2);
	g_string_append(list, "\n3,4\n");
	path = put("long.csv", list->str, list->len);
	table = veil_table_open(path, VEIL_ENCODING_AUTO, &error);
	assert_non_null(table);
	assert_int_equal(veil_table_next(table, &row, &error), 1);
	assert_null(row.defect);
	assert_int_equal(row.length[1], VEIL_MAX_FIELD_BYTES - 2);
	assert_int_equal(veil_table_next(table, &row, &error), 1);
	assert_string_equal(row.field[1], "4");
	g_string_insert_c(list, 6, 'x');
	assert_refused_as(list->str, list->len, VEIL_ENCODING_AUTO, VEIL_ERROR_INPUT, "line 2 is longer than 16 MB");
}

static void
test_sparse_gigabyte(void **state)
{
	g_autofree char *path = path_of("sparse.csv");
	GError *error = NULL;

	(void)state;
	assert_true(g_file_set_contents(path, "a,b\n1,2\n", -1, NULL));
	assert_int_equal(truncate(path, 1 << 30), 0);
	assert_null(veil_table_open(path, VEIL_ENCODING_AUTO, &error));
	assert_string_equal(error->message, "sparse.csv: line 3 is longer than 16 MB; this is no list, or its line ends are lost");
	g_error_free(error);
}

static void
test_endless_quoted_cell(void **state)
{
	g_autoptr(GString) list = g_string_new("a,b\n1,\"x\n");
	g_autoptr(VeilTable) table = NULL;
	GError *error = NULL;
	VeilRow row;
	guint rows = 0;

	(void)state;
	/* 20 MB of sound short rows behind a quote nobody closes. */
	while (list->len < (20u << 20))
		g_string_append(list, "22222222222222222222222222222222,3333333333333333333333333333333333333333333333333\n");
	table = open_bytes(list->str, list->len, VEIL_ENCODING_AUTO, &error);
	assert_non_null(table);
	assert_int_equal(veil_table_next(table, &row, &error), 1);
	assert_int_equal(row.line, 2);
	assert_string_equal(row.defect, "the quote opened in column 2 is not closed within 16 MB");
	while (veil_table_next(table, &row, &error) == 1) {
		assert_null(row.defect);
		rows++;
	}
	assert_null(error);
	assert_int_equal(rows, (list->len - 9) / 83);
}

static void
test_files_that_are_no_lists(void **state)
{
	GError *error = NULL;
	g_autofree char *path = path_of("none.csv");

	(void)state;
	assert_refused("", "is empty");
	assert_refused("\n\r\n\n", "is empty");
	assert_refused("a,b\r1,2\r3,4\r", "CR alone");
	assert_refused("\xff\xfe" "a\0,\0b\0\n\0", "UTF-16");
	assert_refused("\xfe\xff\0a\0,\0b\0\n", "UTF-16");
	assert_refused("a\0,\0b\0\n\0", "UTF-16");
	assert_refused("PK\x03\x04 whatever\n", "spreadsheet");
	assert_refused("\xd0\xcf\x11\xe0 whatever\n", "spreadsheet");
	assert_refused("BZh9 whatever\n", "other than gzip");
	assert_null(veil_table_open(path, VEIL_ENCODING_AUTO, &error));
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	assert_string_equal(error->message, "none.csv: no such file");
	g_clear_error(&error);
	assert_null(veil_table_open(folder, VEIL_ENCODING_AUTO, &error));
	assert_int_equal(error->code, VEIL_ERROR_INPUT);
	assert_non_null(strstr(error->message, "is a folder"));
	assert_null(strchr(error->message, '/'));
	g_clear_error(&error);
}

static void
test_digest_is_of_the_bytes(void **state)
{
	static const char text[] = "\xef\xbb\xbf" "a,b\r\n1,2\r\n";
	g_autofree char *expected = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, sizeof text - 1);
	g_autoptr(VeilTable) table = open_bytes(text, sizeof text - 1, VEIL_ENCODING_AUTO, NULL);
	VeilRow row;

	(void)state;
	while (veil_table_next(table, &row, NULL) > 0)
		;
	assert_string_equal(veil_table_digest(table), expected);
}

/* Whatever the bytes: no crash, no overrun (run under the sanitizers), line numbers that rise, and an end. */
static void
test_random_bytes(void **state)
{
	static const char *const pieces[] = {"\"", "\"\"", ",", "\n", "\r\n", "\r", "\0", "a", "学", "\xb9\xfa", "\x81\x30\x81\x30", "\xff", ";", "\t", " "};
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		g_autoptr(GString) list = g_string_new(round % 3 == 0 ? "" : "a,b,c\n");
		guint n = (guint)g_rand_int_range(random, 0, 60);
		GError *error = NULL;

		for (guint i = 0; i < n; i++) {
			guint which = (guint)g_rand_int_range(random, 0, G_N_ELEMENTS(pieces));

			g_string_append_len(list, pieces[which], which == 6 ? 1 : (gssize)strlen(pieces[which]));
			if (round % 7 == 0)
				g_string_append_c(list, (char)g_rand_int_range(random, 0, 256));
		}
		g_autoptr(VeilTable) table = open_bytes(list->str, list->len, (VeilEncoding)(round % 3), &error);
		guint64 line = 0;
		VeilRow row;
		int more;

		if (table == NULL) {
			assert_int_equal(error->domain, VEIL_ERROR);
			g_clear_error(&error);
			continue;
		}
		while ((more = veil_table_next(table, &row, &error)) > 0) {
			assert_true(row.line > line);
			line = row.line;
			assert_true(row.n_fields <= veil_table_n_columns(table));
			if (row.defect == NULL)
				assert_int_equal(row.n_fields, veil_table_n_columns(table));
			for (guint i = 0; i < row.n_fields; i++) {
				assert_int_equal(row.field[i][row.length[i]], 0);
				assert_true(g_utf8_validate_len(row.field[i], strlen(row.field[i]), NULL));
			}
		}
		assert_int_equal(more, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_shapes),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_header_forms),
		cmocka_unit_test(test_ragged_rows_shift_nobody),
		cmocka_unit_test(test_bad_cells),
		cmocka_unit_test(test_unclosed_quotes),
		cmocka_unit_test(test_two_readings_agree),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_sparse_gigabyte),
		cmocka_unit_test(test_endless_quoted_cell),
		cmocka_unit_test(test_files_that_are_no_lists),
		cmocka_unit_test(test_digest_is_of_the_bytes),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
