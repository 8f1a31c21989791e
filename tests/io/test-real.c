/* test-real.c - the damaged lists and the big ones, against what their makers say is in them. */
#include "helper.h"

static const char *data;

static VeilTable *
open_data(const char *name, VeilEncoding encoding, GError **error)
{
	g_autofree char *path = g_build_filename(data, name, NULL);

	return veil_table_open(path, encoding, error);
}

typedef struct {
	guint sound, defects;
	GString *named; /* "LINE cause" of every defect, one a line */
	char *digest;	/* of the records joined by U+001E, fields by U+001F, header first; defective ones with all their cells included */
} Reading;

static Reading
read_list(VeilTable *table)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	Reading reading = {.named = g_string_new(NULL)};
	GError *error = NULL;
	VeilRow row;
	int more;

	for (guint i = 0; i < veil_table_n_columns(table); i++) {
		g_checksum_update(sum, (const guchar *)"\x1f", i > 0);
		g_checksum_update(sum, (const guchar *)veil_table_column(table, i), -1);
	}
	while ((more = veil_table_next(table, &row, &error)) > 0) {
		g_checksum_update(sum, (const guchar *)"\x1e", 1);
		for (guint i = 0; i < row.n_fields; i++) {
			g_checksum_update(sum, (const guchar *)"\x1f", i > 0);
			g_checksum_update(sum, (const guchar *)row.field[i], (gssize)row.length[i]);
		}
		reading.sound += row.defect == NULL;
		reading.defects += row.defect != NULL;
		if (row.defect != NULL)
			g_string_append_printf(reading.named, "%" G_GUINT64_FORMAT " %s\n", row.line, row.defect);
	}
	assert_int_equal(more, 0);
	reading.digest = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return reading;
}

static void
clear_reading(Reading *reading)
{
	g_string_free(reading->named, TRUE);
	g_free(reading->digest);
}

static void
test_h01_gb18030(void **state)
{
	g_autoptr(VeilTable) table = open_data("hard/h01_gb18030.csv", VEIL_ENCODING_AUTO, NULL);
	Reading reading = read_list(table);
	guint64 line;

	(void)state;
	assert_int_equal(veil_table_encoding(table), VEIL_ENCODING_GB18030);
	assert_int_equal(veil_table_n_columns(table), 20);
	assert_int_equal(reading.sound, 395);
	assert_int_equal(reading.defects, 0);
	assert_int_equal(veil_table_private_use(table, &line), 2);
	assert_string_equal(reading.digest, "9ba2c88adfa9d107f423deae712140b63bd901c60a7acd542c283b092a82cb8f");
	clear_reading(&reading);
}

static void
test_h02_bom_crlf_multiline(void **state)
{
	g_autoptr(VeilTable) table = open_data("hard/h02_bom_crlf_multiline.csv", VEIL_ENCODING_AUTO, NULL);
	Reading reading = read_list(table);

	(void)state;
	assert_string_equal(veil_table_column(table, 0), "项目批准号");
	assert_int_equal(reading.sound, 150);
	assert_int_equal(reading.defects, 7);
	assert_string_equal(reading.named->str, "274 the header line again\n297 every cell is empty\n298 every cell is empty\n299 every cell is empty\n"
						"300 every cell is empty\n301 every cell is empty\n302 the header line again\n");
	assert_string_equal(reading.digest, "dc440c1497c661bb7ee0bd693ba88905aef7a30313d65fc202d57e3794fd7059");
	clear_reading(&reading);
}

static void
test_h06_ragged(void **state)
{
	g_autoptr(VeilTable) table = open_data("hard/h06_ragged.csv", VEIL_ENCODING_AUTO, NULL);
	Reading reading = read_list(table);

	(void)state;
	assert_int_equal(reading.sound, 53);
	assert_string_equal(reading.named->str, "7 1 cell too few (19 instead of 20)\n12 1 cell too many (21 instead of 20)\n"
						"17 quote inside the unquoted cell of column 4\n22 NUL byte in column 4\n"
						"27 1 cell too few (19 instead of 20)\n32 1 cell too many (21 instead of 20)\n"
						"62 the quote opened in column 4 is never closed\n");
	clear_reading(&reading);
}

static void
test_h07_mixed_encoding(void **state)
{
	GError *error = NULL;
	g_autoptr(VeilTable) utf8 = NULL, gb = NULL;
	Reading reading;

	(void)state;
	assert_null(open_data("hard/h07_mixed_encoding.csv", VEIL_ENCODING_AUTO, &error));
	assert_int_equal(error->code, VEIL_ERROR_INPUT);
	assert_non_null(strstr(error->message, "byte 5396"));
	g_clear_error(&error);
	utf8 = open_data("hard/h07_mixed_encoding.csv", VEIL_ENCODING_UTF8, &error);
	assert_non_null(utf8);
	reading = read_list(utf8);
	assert_int_equal(reading.sound, 30);
	assert_int_equal(reading.defects, 31);
	assert_true(g_str_has_prefix(reading.named->str, "32 not UTF-8 at byte 5396 of the file\n33 "));
	clear_reading(&reading);
}

static void
test_other_hard_lists(void **state)
{
	static const struct {
		const char *name;
		guint rows;
	} lists[] = {{"hard/h04_missing_ids.csv", 291}, {"hard/h05_duplicate_ids.csv", 212}, {"hard/h08_homonyms.csv", 167},
		     {"hard/h09_disciplines_broken.csv", 130}, {"hard/h10_org_spellings.csv", 180}, {"hard/h11_anonymity_leaks.csv", 73},
		     {"hard/h13_relations_defects.csv", 68}};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autoptr(VeilTable) table = open_data(lists[i].name, VEIL_ENCODING_AUTO, NULL);
		Reading reading = read_list(table);

		assert_int_equal(reading.sound, lists[i].rows);
		assert_int_equal(reading.defects, 0);
		clear_reading(&reading);
	}
}

/* The real lists map without help: every column known, the rows as many as announced. */
static void
test_whole_lists(void **state)
{
	static const struct {
		const char *name;
		VeilKind kind;
		guint rows;
	} lists[] = {
		{"acl/experts.csv.gz", VEIL_KIND_EXPERTS, 45925},   {"acl/works.csv.gz", VEIL_KIND_WORKS, 300763},
		{"acl/projects.csv.gz", VEIL_KIND_PROJECTS, 2793},  {"acl/people.csv.gz", VEIL_KIND_PEOPLE, 0},
		{"cn/experts.csv.gz", VEIL_KIND_EXPERTS, 51975},    {"cn/works.csv.gz", VEIL_KIND_WORKS, 69080},
		{"cn/projects.csv.gz", VEIL_KIND_PROJECTS, 6731},   {"cn/people.csv.gz", VEIL_KIND_PEOPLE, 0},
		{"cn/relations.csv.gz", VEIL_KIND_RELATIONS, 477},  {"cn/organisations.csv.gz", VEIL_KIND_ORGANISATIONS, 3816},
		{"cn/disciplines.csv.gz", VEIL_KIND_DISCIPLINES, 9672},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
		GError *error = NULL;
		g_autoptr(VeilTable) table = open_data(lists[i].name, VEIL_ENCODING_AUTO, &error);
		g_autoptr(VeilMapping) mapping = veil_mapping_new(table, veil_kind_info(lists[i].kind), NULL, &error);
		Reading reading = read_list(table);

		assert_non_null(mapping);
		assert_int_equal(mapping->unknown->len, 0);
		assert_int_equal(reading.defects, 0);
		if (lists[i].rows > 0)
			assert_int_equal(reading.sound, lists[i].rows);
		clear_reading(&reading);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_h01_gb18030),	   cmocka_unit_test(test_h02_bom_crlf_multiline), cmocka_unit_test(test_h06_ragged),
		cmocka_unit_test(test_h07_mixed_encoding), cmocka_unit_test(test_other_hard_lists),	  cmocka_unit_test(test_whole_lists),
	};

	data = g_getenv("VEIL_TEST_DATA");
	if (data == NULL) {
		puts("VEIL_TEST_DATA is not set: the real lists are not read");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
