/* test-hard.c - real lists damaged in known ways (VEIL_TEST_DATA/hard): what a careful importer reports. */
#include "site-fixture.h"

#include <stdlib.h>

static char *
hard(const char *name)
{
	return g_build_filename(g_getenv("VEIL_TEST_DATA"), "hard", name, NULL);
}

/* A key file for --map. */
static char *
map_of(Fixture *fixture, const char *lines)
{
	g_autofree char *text = g_strconcat("[columns]\n", lines, NULL);

	return fixture_file(fixture, "map.ini", text, -1);
}

static void
test_gb18030_is_detected(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h01_gb18030.csv"), *map = map_of(fixture, "id=项目批准号\nname=项目负责人\norganisation=工作单位\n");

	fixture->options.map = map;
	if (!fixture_import_file(fixture, "experts", path))
		fail_msg("%s", fixture->message);
	assert_int_equal(fixture->last->rows, 395);
	assert_true(fixture->last->new_rows > 300);
}

static void
test_ragged_rows_are_named_and_the_rest_is_taken(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h06_ragged.csv"), *map = map_of(fixture, "id=项目批准号\nname=项目负责人\norganisation=工作单位\n");

	fixture->options.map = map;
	if (!fixture_import_file(fixture, "experts", path))
		fail_msg("%s", fixture->message);
	assert_true(fixture->last->rejected >= 6);
	assert_true(fixture->last->new_rows + fixture->last->duplicates >= 50);
	for (guint i = 0; i < fixture->last->rejects->len; i++)
		assert_true(g_array_index(fixture->last->rejects, VeilImportNote, i).line > 1);
}

static void
test_mixed_encodings_are_refused(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h07_mixed_encoding.csv"), *map = map_of(fixture, "id=项目批准号\nname=项目负责人\n");

	fixture->options.map = map;
	assert_false(fixture_import_file(fixture, "experts", path));
	assert_int_equal(fixture->code, VEIL_ERROR_INPUT);
	assert_non_null(strstr(fixture->message, "5396"));
}

static void
test_missing_ids_are_rejected_one_by_one(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h04_missing_ids.csv"), *map = map_of(fixture, "id=项目批准号\nname=项目负责人\norganisation=工作单位\n");
	guint empty = 0;

	fixture->options.map = map;
	assert_true(fixture_import_file(fixture, "experts", path));
	assert_int_equal(fixture->last->rows, 291);
	for (guint i = 0; i < fixture->last->rejects->len; i++)
		empty += strcmp(g_array_index(fixture->last->rejects, VeilImportNote, i).what, "id") == 0 &&
			 strcmp(g_array_index(fixture->last->rejects, VeilImportNote, i).text, "is empty") == 0;
	assert_int_equal(empty, 201);
}

/* 30 numbers repeat identically (38 duplicates), 40 with other fields, 30 under other persons: nothing is overwritten in file order. */
static void
test_duplicate_ids_are_sorted_out(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h05_duplicate_ids.csv");
	g_autofree char *map = map_of(fixture, "id=项目批准号\nname=项目负责人\norganisation=工作单位\nprofile=成果名称\nkeywords=项目名称\n");

	fixture->options.map = map;
	assert_true(fixture_import_file(fixture, "experts", path));
	assert_int_equal(fixture->last->rows, 212);
	assert_int_equal(fixture->last->new_rows, 100);
	assert_true(fixture->last->duplicates >= 38);
	assert_true(fixture->last->rejected >= 30);
	for (guint i = 0; i < fixture->last->rejects->len; i++)
		assert_non_null(strstr(g_array_index(fixture->last->rejects, VeilImportNote, i).text, "line "));
}

static void
test_homonyms_are_so_many_persons(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h08_homonyms.csv"), *map = map_of(fixture, "id=expert_id\nname=name\norganisation=org\n");
	g_autoptr(VeilFacts) facts = NULL;

	fixture->options.map = map;
	assert_true(fixture_import_file(fixture, "experts", path));
	assert_int_equal(fixture->last->new_rows, 167);
	fixture->options.map = NULL;
	assert_true(fixture_batch(fixture, "B", "id,title\nP1,t\n", NULL));
	fixture_load(fixture, "B", &facts, NULL);
	assert_int_equal(facts->persons->len, 167);
}

static void
test_broken_disciplines(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = hard("h09_disciplines_broken.csv"), *text = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GString) list = g_string_new(NULL);

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
		g_string_append_printf(list, "%s,%s\n", i == 0 ? "scheme" : "GB", lines[i]);
	assert_true(fixture_import(fixture, "disciplines", list->str));
	fixture_counts(fixture, "130 124 0 0 6 0");
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_gb18030_is_detected),
		CASE(test_ragged_rows_are_named_and_the_rest_is_taken),
		CASE(test_mixed_encodings_are_refused),
		CASE(test_missing_ids_are_rejected_one_by_one),
		CASE(test_duplicate_ids_are_sorted_out),
		CASE(test_homonyms_are_so_many_persons),
		CASE(test_broken_disciplines),
	};

	if (g_getenv("VEIL_TEST_DATA") == NULL) {
		print_message("VEIL_TEST_DATA is not set: the hard lists are skipped\n");
		return 77;
	}
	return cmocka_run_group_tests_name("hard", tests, NULL, NULL);
}
