/* test-writer.c - rows out: whole or absent, harmless in a spreadsheet, and read back as they were. */
#include "helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
write_rows(const char *path, VeilCsvStyle style, const char *const *cells, guint n_columns, guint n_rows)
{
	GError *error = NULL;
	VeilWriter *writer = veil_writer_open(path, style, &error);

	assert_non_null(writer);
	for (guint r = 0; r < n_rows; r++) {
		for (guint c = 0; c < n_columns; c++)
			veil_writer_field(writer, cells[r * n_columns + c]);
		veil_writer_end_row(writer);
	}
	if (!veil_writer_close(writer, &error))
		fail_msg("%s", error->message);
}

static void
writes(VeilCsvStyle style, const char *const *cells, guint n_columns, guint n_rows, const char *expected)
{
	g_autofree char *path = path_of("out.csv"), *got = NULL;

	write_rows(path, style, cells, n_columns, n_rows);
	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(got, expected);
}

static guint
count_files(void)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

static void
test_bytes(void **state)
{
	static const char *const cells[] = {"id", "text", "1", "a,b", "2", "say \"hi\"", "3", "two\nlines", "4", "", " 5", "=x"};
	static const char *const one[] = {"a", "", "b"};

	(void)state;
	writes(VEIL_CSV_PLAIN, cells, 2, 6, "id,text\n1,\"a,b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n4,\n 5,=x\n");
	writes(VEIL_CSV_PLAIN, one, 1, 3, "a\n\"\"\nb\n"); /* an empty row is not a blank line */
	writes(VEIL_CSV_SPREADSHEET, cells + 8, 2, 2, "\xef\xbb\xbf" "4,\r\n 5,'=x\r\n");
}

static void
test_formulas(void **state)
{
	static const char *const cells[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1", "=\"a,b\"", "a=1", "1-2"};

	(void)state;
	writes(VEIL_CSV_SPREADSHEET, cells, 13, 1,
	       "\xef\xbb\xbf'=1+1,'+1,'-1,'@SUM(A1),'\t=1,\"'\r=1\",'＝1,'＋1,'－1,'＠1,\"'=\"\"a,b\"\"\",a=1,1-2\r\n");
	/* Scripts get ids and numbers as they are. */
	writes(VEIL_CSV_PLAIN, cells, 4, 1, "=1+1,+1,-1,@SUM(A1)\n");
}

/* Any cells, in either style, come back through the reader. */
static void
test_round_trip(void **state)
{
	static const char *const pieces[] = {"\"", ",", "\n", "\r\n", "\r", "学", "a", " ", ";", "\t", "="};
	g_autoptr(GRand) random = g_rand_new_with_seed(17);
	g_autofree char *path = path_of("trip.csv");

	(void)state;
	for (int round = 0; round < 200; round++) {
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
		gboolean spreadsheet = round % 2;
		GError *error = NULL;
		VeilRow row;

		g_ptr_array_add(cells, g_strdup("x"));
		g_ptr_array_add(cells, g_strdup("y"));
		for (int c = 0; c < 20; c++) {
			GString *text = g_string_new(c % 2 == 0 ? "k" : "");

			for (int n = g_rand_int_range(random, 0, 8); n > 0; n--)
				g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
			g_ptr_array_add(cells, g_string_free(text, FALSE));
		}
		write_rows(path, spreadsheet ? VEIL_CSV_SPREADSHEET : VEIL_CSV_PLAIN, (const char *const *)cells->pdata, 2, 11);
		g_autoptr(VeilTable) table = veil_table_open(path, VEIL_ENCODING_AUTO, &error);

		assert_non_null(table);
		for (guint r = 1; r < 11; r++) {
			assert_int_equal(veil_table_next(table, &row, &error), 1);
			assert_null(row.defect);
			for (guint c = 0; c < 2; c++) {
				const char *was = g_ptr_array_index(cells, r * 2 + c), *is = row.field[c];

				if (spreadsheet && *is == '\'')
					is++;
				assert_string_equal(is, was);
			}
		}
		assert_int_equal(veil_table_next(table, &row, &error), 0);
	}
}

static void
test_whole_or_absent(void **state)
{
	g_autofree char *path = path_of("whole.csv"), *got = NULL;
	VeilWriter *writer;
	struct stat info;
	guint before;

	(void)state;
	assert_true(g_file_set_contents(path, "old", -1, NULL));
	before = count_files();
	writer = veil_writer_open(path, VEIL_CSV_PLAIN, NULL);
	for (int i = 0; i < 100000; i++) {
		veil_writer_field(writer, "new");
		veil_writer_end_row(writer);
	}
	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(got, "old"); /* until it is closed */
	veil_writer_abandon(writer);
	assert_int_equal(count_files(), before);
	writer = veil_writer_open(path, VEIL_CSV_PLAIN, NULL);
	veil_writer_field(writer, "new");
	veil_writer_end_row(writer);
	assert_true(veil_writer_close(writer, NULL));
	assert_int_equal(count_files(), before);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(info.st_size, 4);
}

static void
fails(const char *path, guint rows, VeilErrorCode code)
{
	GError *error = NULL;
	VeilWriter *writer = veil_writer_open(path, VEIL_CSV_PLAIN, &error);

	for (guint i = 0; writer != NULL && i < rows; i++) {
		veil_writer_field(writer, "0123456789");
		veil_writer_end_row(writer);
	}
	if (writer != NULL)
		assert_false(veil_writer_close(writer, &error));
	assert_int_equal(error->domain, VEIL_ERROR);
	assert_int_equal(error->code, code);
	assert_null(strchr(error->message, '/'));
	g_error_free(error);
}

static void
test_no_room(void **state)
{
	g_autofree char *path = path_of("room.csv"), *nowhere = g_build_filename(folder, "none", "x.csv", NULL);
	struct rlimit was, small;
	struct stat full;
	guint before = count_files();

	(void)state;
	if (stat("/dev/full", &full) == 0 && S_ISCHR(full.st_mode)) {
		fails("/dev/full", 1, VEIL_ERROR_FAILED);
		fails("/dev/full", 100000, VEIL_ERROR_FAILED);
	} else {
		print_message("skipped: no device /dev/full on this machine\n");
	}
	fails(nowhere, 1, VEIL_ERROR_FAILED);
	fails(folder, 1, VEIL_ERROR_FAILED);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &small);
	fails(path, 50000, VEIL_ERROR_FAILED);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(count_files(), before);
}

static void
test_standard_output(void **state)
{
	g_autofree char *path = path_of("stdout.csv"), *got = NULL;
	int kept = dup(1), fd = g_creat(path, 0600);

	(void)state;
	fflush(stdout);
	dup2(fd, 1);
	printf("first\n"); /* still in stdio's buffer */
	write_rows(NULL, VEIL_CSV_PLAIN, (const char *const[]){"a", "b"}, 2, 1);
	write_rows("-", VEIL_CSV_PLAIN, (const char *const[]){"c", "d"}, 2, 1);
	dup2(kept, 1);
	close(kept);
	close(fd);
	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(got, "first\na,b\nc,d\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),		cmocka_unit_test(test_formulas), cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_whole_or_absent), cmocka_unit_test(test_no_room),	 cmocka_unit_test(test_standard_output),
	};

	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
