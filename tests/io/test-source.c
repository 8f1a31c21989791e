/* test-source.c - gzip, pipes and encodings: what is taken, and that nothing is taken half. */
#include "helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sniff.h"

static GByteArray *
gzip(const void *bytes, gsize n)
{
	g_autoptr(GConverter) press = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
	GByteArray *out = g_byte_array_new();
	gsize used = 0;
	GConverterResult result;

	do {
		guint8 chunk[4096];
		gsize took, made;

		result = g_converter_convert(press, (const guint8 *)bytes + used, n - used, chunk, sizeof chunk, G_CONVERTER_INPUT_AT_END, &took, &made, NULL);
		assert_int_not_equal(result, G_CONVERTER_ERROR);
		used += took;
		g_byte_array_append(out, chunk, (guint)made);
	} while (result != G_CONVERTER_FINISHED);
	return out;
}

static char *
rows_of(const void *bytes, gsize n)
{
	GError *error = NULL;
	g_autoptr(VeilTable) table = open_bytes(bytes, n, VEIL_ENCODING_AUTO, &error);

	if (table == NULL)
		fail_msg("refused: %s", error->message);
	return read_all(table);
}

static void
test_gzip_like_plain(void **state)
{
	g_autoptr(GString) list = g_string_new("a,b\n");
	g_autofree char *plain = NULL, *packed = NULL;
	g_autoptr(GByteArray) gz = NULL;

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append_printf(list, "%d,\"%d 学\"\n", i, i * 7919);
	gz = gzip(list->str, list->len);
	plain = rows_of(list->str, list->len);
	packed = rows_of(gz->data, gz->len);
	assert_string_equal(plain, packed);
}

static void
test_gzip_of_several_members(void **state)
{
	g_autoptr(GByteArray) gz = gzip(LITERAL("a,b\n1,2\n3,")), second = gzip(LITERAL("4\n5,6\n")), empty = gzip("", 0);
	g_autofree char *rows = NULL, *padded = NULL;

	(void)state;
	g_byte_array_append(gz, empty->data, empty->len);
	g_byte_array_append(gz, second->data, second->len);
	rows = rows_of(gz->data, gz->len);
	assert_string_equal(rows, "2:1|2\n3:3|4\n4:5|6\n");
	g_byte_array_append(gz, (const guint8 *)"\0\0\0\0\0\0\0", 7);
	padded = rows_of(gz->data, gz->len);
	assert_string_equal(padded, rows);
	g_byte_array_append(gz, (const guint8 *)"a,b\n", 4);
	assert_refused_as(gz->data, gz->len, VEIL_ENCODING_AUTO, VEIL_ERROR_INPUT, "other data follows the end of the gzip data");
	g_byte_array_set_size(empty, empty->len);
	assert_refused_as(empty->data, empty->len, VEIL_ENCODING_AUTO, VEIL_ERROR_INPUT, "is empty");
}

/* Cut anywhere, a compressed list is refused; never a shorter list. */
static void
test_gzip_cut_anywhere(void **state)
{
	g_autoptr(GByteArray) gz = gzip(LITERAL("a,b\n1,2\n3,4\n5,6\n7,8\n"));

	(void)state;
	for (guint n = 3; n < gz->len; n++)
		assert_refused_as(gz->data, n, VEIL_ENCODING_AUTO, VEIL_ERROR_INPUT, "gzip data is cut short");
}

/* A flipped bit is found, or it was one that says nothing about the content: in the 10 bytes of the header, in the padding of the last byte. */
static void
test_gzip_flipped_bits(void **state)
{
	g_autoptr(GByteArray) gz = gzip(LITERAL("a,b\n1,2\n3,4\n5,6\n7,8\n"));
	guint found = 0;

	(void)state;
	for (guint bit = 16; bit < gz->len * 8; bit++) {
		GError *error = NULL;

		gz->data[bit / 8] ^= (guint8)(1u << bit % 8);
		g_autoptr(VeilTable) table = open_bytes(gz->data, gz->len, VEIL_ENCODING_AUTO, &error);

		if (table != NULL) {
			g_autofree char *rows = read_all(table);

			assert_string_equal(rows, "2:1|2\n3:3|4\n4:5|6\n5:7|8\n");
		} else {
			assert_int_equal(error->code, VEIL_ERROR_INPUT);
			g_error_free(error);
			found++;
		}
		gz->data[bit / 8] ^= (guint8)(1u << bit % 8);
	}
	assert_true(found >= (gz->len - 10) * 8 - 7);
}

static void
test_gzip_bomb(void **state)
{
	g_autofree guint8 *zeros = g_malloc0(64 << 20);
	g_autoptr(GByteArray) gz = gzip(zeros, 64 << 20);

	(void)state;
	assert_true(gz->len < 100000);
	assert_refused_as(gz->data, gz->len, VEIL_ENCODING_AUTO, VEIL_ERROR_INPUT, "line 1 is longer than 16 MB");
}

/* --- pipes ------------------------------------------------------------------------------------------------------- */

/* A child that writes bytes (for ever when endless) to the descriptor. */
static pid_t
write_in_child(int fd, int other, const void *bytes, gsize n, gboolean endless)
{
	pid_t child = fork();

	if (child == 0) {
		signal(SIGPIPE, SIG_DFL);
		if (other >= 0)
			close(other);
		do {
			const char *p = bytes;

			for (gsize left = n; left > 0;) {
				ssize_t did = write(fd, p, MIN(left, 1000));

				if (did <= 0)
					_exit(0);
				p += did;
				left -= (gsize)did;
			}
		} while (endless);
		_exit(0);
	}
	return child;
}

/* What is read from standard input while it gives these bytes. */
static char *
from_stdin(const void *bytes, gsize n, gboolean endless)
{
	int ends[2], kept = dup(0), status;
	GError *error = NULL;
	VeilTable *table;
	char *rows;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = write_in_child(ends[1], ends[0], bytes, n, endless);
	close(ends[1]);
	dup2(ends[0], 0);
	close(ends[0]);
	table = veil_table_open("-", VEIL_ENCODING_AUTO, &error);
	rows = table != NULL ? read_all(table) : g_strdup(error->message);
	g_clear_error(&error);
	veil_table_free(table);
	dup2(kept, 0);
	close(kept);
	waitpid(child, &status, 0);
	return rows;
}

static void
test_standard_input(void **state)
{
	g_autoptr(GString) list = g_string_new("a,b\n");
	g_autofree char *plain = NULL, *packed = NULL, *expected = NULL, *endless = NULL, *empty = NULL;
	g_autoptr(GByteArray) gz = NULL;
	g_autofree char *zeros = g_malloc0(1 << 20);

	(void)state;
	for (int i = 0; i < 50000; i++)
		g_string_append_printf(list, "%d,学\n", i);
	gz = gzip(list->str, list->len);
	expected = rows_of(list->str, list->len);
	plain = from_stdin(list->str, list->len, FALSE);
	packed = from_stdin(gz->data, gz->len, FALSE);
	assert_string_equal(plain, expected);
	assert_string_equal(packed, expected);
	endless = from_stdin(zeros, 1 << 20, TRUE);
	assert_string_equal(endless, "standard input: line 1 is longer than 16 MB; this is no list, or its line ends are lost");
	empty = from_stdin("", 0, FALSE);
	assert_string_equal(empty, "standard input: is empty; a list starts with a line of column names");
}

static void
test_named_pipe(void **state)
{
	g_autofree char *path = path_of("pipe.csv");
	g_autofree char *rows = NULL;
	g_autoptr(VeilTable) table = NULL;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	if (child == 0) {
		int fd = open(path, O_WRONLY);

		_exit(write(fd, "a,b\n1,2\n", 8) != 8);
	}
	table = veil_table_open(path, VEIL_ENCODING_AUTO, NULL);
	assert_non_null(table);
	rows = read_all(table);
	assert_string_equal(rows, "2:1|2\n");
	waitpid(child, &status, 0);
}

/* --- encodings --------------------------------------------------------------------------------------------------- */

static void
test_gb18030(void **state)
{
	guint64 line = 0;
	g_autoptr(VeilTable) table = NULL;
	g_autofree char *rows = NULL;

	(void)state;
	/* 国,一 then U+20BB7 and U+2022 (four bytes each), then U+E26A (private use). */
	table = open_bytes(LITERAL("\xb9\xfa,\xd2\xbb\n\x95\x34\xb2\x35,\x81\x36\xa6\x31\n\xf8\xd7,\xd2\xbb\n"), VEIL_ENCODING_AUTO, NULL);
	assert_non_null(table);
	assert_int_equal(veil_table_encoding(table), VEIL_ENCODING_GB18030);
	assert_string_equal(veil_table_column(table, 0), "国");
	rows = read_all(table);
	assert_string_equal(rows, "2:𠮷|•\n3:\xee\x89\xaa|一\n");
	assert_int_equal(veil_table_private_use(table, &line), 1);
	assert_int_equal(line, 3);
	/* Its own BOM; a quoted newline; bytes of a character that look like a quote's neighbours do not split it. */
	assert_list("\x84\x31\x95\x33\xb9\xfa,\xd2\xbb\n\"\xb9\xfa\n\xd2\xbb\",\"\xd2\xbb\"\"\"\n", "2:国\n一|一\"\n");
}

static void
test_two_encodings_in_one_file(void **state)
{
	(void)state;
	assert_refused("编号,姓名\n1,\xb9\xfa\n", "line 2: byte 16 is not UTF-8 while other lines are");
	assert_refused("a,b\n1,\xb9\xfa\n2,国家人\n", "line 2: byte 6 is not UTF-8 while other lines are");
	assert_refused("\xef\xbb\xbf编号,姓名\n1,\xb9\xfa\n", "line 2: byte 19 is not UTF-8");
	/* Told which, the rows in the other are named. */
	assert_list_as(LITERAL("编号,姓名\n1,\xb9\xfa\n2,国\n"), VEIL_ENCODING_UTF8, "2!not UTF-8 at byte 16 of the file\n3:2|国\n");
	assert_list_as(LITERAL("a,b\n1,\xb9\n2,\xb9\xfa\n3,\xff\n"), VEIL_ENCODING_GB18030,
		       "2!bytes that GB18030 does not have, in line 2\n3:2|国\n4!bytes that GB18030 does not have, in line 4\n");
	/* Inside a quoted cell of two lines. */
	assert_list_as(LITERAL("a,b\n1,\"x\n\xff\"\n2,3\n"), VEIL_ENCODING_UTF8, "2!not UTF-8 at byte 9 of the file\n3!not UTF-8 at byte 9 of the file\n4:2|3\n");
	assert_refused_as(LITERAL("a,\xff\n1,2\n"), VEIL_ENCODING_UTF8, VEIL_ERROR_INPUT, "header (line 1): not UTF-8 at byte 2");
}

static void
test_wrong_guesses_are_refused(void **state)
{
	(void)state;
	/* Latin-1: every accent would pass for a hanzi. */
	assert_refused("id,name\n1,G\xe9za\n2,Fran\xe7ois\n3,J\xfcrgen\n", "looks like a Western single-byte encoding");
	assert_refused("id,name\n1,Andr\xe9\n", "neither UTF-8 (line 2, byte 14) nor GB18030 (line 2, byte 14)");
	assert_refused("a,b\n1,\xff\n", "neither UTF-8");
	/* UTF-8 that is called GB18030 would be stored as mojibake. */
	assert_refused_as(LITERAL("编号,姓名\n1,国\n"), VEIL_ENCODING_GB18030, VEIL_ERROR_INPUT, "is UTF-8 from end to end");
	assert_list_as(LITERAL("a,b\n1,2\n"), VEIL_ENCODING_GB18030, "2:1|2\n");
}

static void
test_utf8_forms(void **state)
{
	(void)state;
	assert_list("a,b\n\xf0\xa0\xae\xb7,\xc3\xa9\n", "2:𠮷|é\n");
	/* A surrogate, a code point too high, overlong forms. */
	assert_list_as(LITERAL("a,b\n\xed\xa0\x80,1\n\xf4\x90\x80\x80,1\n\xe0\x80\x80,1\n\xf0\x80\x80\x80,1\n\xc0\xaf,1\n"), VEIL_ENCODING_UTF8,
		       "2!not UTF-8 at byte 4 of the file\n3!not UTF-8 at byte 10 of the file\n4!not UTF-8 at byte 17 of the file\n"
		       "5!not UTF-8 at byte 23 of the file\n6!not UTF-8 at byte 30 of the file\n");
}

/* Our check against GLib's, on bytes that are nearly UTF-8. */
static void
test_utf8_check_against_glib(void **state)
{
	static const guint8 likely[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
					0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
	g_autoptr(GRand) random = g_rand_new_with_seed(13);
	guint sound = 0;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		guint8 bytes[24];
		guint n = (guint)g_rand_int_range(random, 0, 1 + round % 24);
		const char *end;
		gsize good;

		for (guint i = 0; i < n; i++) {
			bytes[i] = likely[g_rand_int_range(random, 1, G_N_ELEMENTS(likely))];
			if (round % 2 == 0 && g_rand_int_range(random, 0, 3) > 0)
				bytes[i] = 'x';
		}
		good = veil_utf8_valid_bytes(bytes, n, NULL);
		sound += g_utf8_validate_len((const char *)bytes, n, &end);
		assert_int_equal(good, (gsize)(end - (const char *)bytes));
	}
	assert_in_range(sound, 1000, 299000);
	assert_int_equal(veil_utf8_valid_bytes((const guint8 *)"a\0b", 3, NULL), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip_like_plain),
		cmocka_unit_test(test_gzip_of_several_members),
		cmocka_unit_test(test_gzip_cut_anywhere),
		cmocka_unit_test(test_gzip_flipped_bits),
		cmocka_unit_test(test_gzip_bomb),
		cmocka_unit_test(test_standard_input),
		cmocka_unit_test(test_named_pipe),
		cmocka_unit_test(test_gb18030),
		cmocka_unit_test(test_two_encodings_in_one_file),
		cmocka_unit_test(test_wrong_guesses_are_refused),
		cmocka_unit_test(test_utf8_forms),
		cmocka_unit_test(test_utf8_check_against_glib),
	};

	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
