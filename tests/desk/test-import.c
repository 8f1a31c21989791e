/* test-import.c - lists that lie, repeat themselves, come in the wrong order or come again. */
#include "site-fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the same again ------------------------------------------------------------------------------------------------ */

static void
test_a_list_taken_twice_changes_not_a_byte(void **state)
{
	Fixture *fixture = *state;
	static const char experts[] = "编号,姓名,手机,工作单位,学科代码,回避单位\nE1,张三,13800138000,武汉大学,GB:110=2,北京大学\nE2, Zoë  Müller ,,Ｗuhan University,,\n";
	static const char works[] = "work,person,date,kind,title\nW1,E1,2023-05,paper,On Trees\nW1,X9,2023-05,paper,On Trees\n";
	g_autofree char *before = NULL, *after = NULL;

	fixture_must(fixture, "experts", experts);
	fixture_counts(fixture, "2 2 0 0 0 0");
	fixture_must(fixture, "works", works);
	fixture_counts(fixture, "2 2 0 0 0 0");
	before = fixture_digest(fixture);
	fixture_must(fixture, "experts", experts);
	fixture_counts(fixture, "2 0 0 2 0 0");
	fixture_must(fixture, "works", works);
	fixture_counts(fixture, "2 0 0 2 0 0");
	after = fixture_digest(fixture);
	assert_string_equal(before, after);
}

/* The same content in another order of rows and columns, another encoding and line end is the same list. */
static void
test_presentation_is_no_change(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *gb = NULL, *path = NULL;
	gsize len;

	fixture_must(fixture, "experts", "id,name,organisation\nE1,张三,武汉大学\nE2,李四,湖北大学\n");
	gb = g_convert("工作单位,编号,姓名\r\n湖北大学,E2,李四\r\n武汉大学,E1,\"张三\"\r\n", -1, "GB18030", "UTF-8", NULL, &len, NULL);
	path = fixture_file(fixture, "gb.csv", gb, (gssize)len);
	assert_true(fixture_import_file(fixture, "experts", path));
	fixture_counts(fixture, "2 0 0 2 0 0");
}

static void
test_empty_keeps_dash_clears(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "experts", "id,name,organisation,max_load,province,avoid\nE1,张三,武汉大学,3,湖北,甲厂;乙厂\n");
	fixture_must(fixture, "experts", "id,name,organisation,max_load,province,avoid\nE1,,,,,\n");
	fixture_counts(fixture, "1 0 0 1 0 0");
	fixture_must(fixture, "experts", "id,name,organisation,max_load,province,avoid\nE1,,-,-,-,-\n");
	fixture_counts(fixture, "1 0 1 0 0 0");
	fixture_must(fixture, "experts", "id,name,organisation,max_load,province,avoid\nE1,,-,-,-,-\n");
	fixture_counts(fixture, "1 0 0 1 0 0");
	assert_true(fixture_batch(fixture, "B", "id,title\nP1,t\n", NULL));
	fixture_load(fixture, "B", &facts, NULL);
	assert_int_equal(facts->persons->len, 1);
	assert_int_equal(veil_facts_at(facts->persons, VeilPerson, 0)->max_load, -1);
	assert_int_equal(veil_facts_at(facts->persons, VeilPerson, 0)->province, VEIL_NONE);
	assert_int_equal(facts->posts->len, 0);
	assert_int_equal(facts->avoids->len, 0);
}

static void
test_dry_run_shows_and_writes_nothing(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *before = NULL, *after = NULL;
	const VeilImportNote *note;

	fixture_must(fixture, "experts", "id,name,phone,rank\nE1,张三,13800138000,教授\nE2,李四,,\n");
	before = fixture_digest(fixture);
	fixture->options.dry_run = TRUE;
	fixture_must(fixture, "experts", "id,name,phone,rank\nE1,张三,13900139000,研究员\nE2,李四,,\nE3,王五,,\n");
	fixture_counts(fixture, "3 1 1 1 0 0");
	after = fixture_digest(fixture);
	assert_string_equal(before, after);
	assert_int_equal(fixture->last->differences->len, 2);
	note = &g_array_index(fixture->last->differences, VeilImportNote, 0);
	assert_int_equal(note->line, 2);
	assert_string_equal(note->what, "changed");
	assert_string_equal(note->text, "phone, rank");
	note = &g_array_index(fixture->last->differences, VeilImportNote, 1);
	assert_int_equal(note->line, 4);
	assert_string_equal(note->what, "new");
}

/* --- rows that cannot be right ------------------------------------------------------------------------------------- */

static void
test_bad_cells_are_named_and_never_quoted(void **state)
{
	static const struct {
		const char *kind, *header, *row, *column, *fragment;
	} cases[] = {
		{"experts", "id,name", ",canary7", "id", "empty"},
		{"experts", "id,name", "-,canary7", "id", "empty"},
		{"experts", "id,name", "canary7,", "name", "nobody"},
		{"experts", "id,name", "canary7,-", "name", "nobody"},
		{"experts", "id,name", "1.23E+17,canary7", "id", "spreadsheet"},
		{"experts", "id,name,id_number", "E1,canary7,4.20106E+17", "id_number", "spreadsheet"},
		{"experts", "id,name,phone", "E1,canary7,1.38E+10", "phone", "spreadsheet"},
		{"experts", "id,name,max_load", "E1,canary7,-1", "max_load", "whole number"},
		{"experts", "id,name,max_load", "E1,canary7,99999999999999999999", "max_load", "whole number"},
		{"experts", "id,name,max_load", "E1,canary7,2.5", "max_load", "whole number"},
		{"experts", "id,name,kind", "E1,canary7,wizard", "kind", "technical"},
		{"experts", "id,name,status", "E1,canary7,asleep", "status", "active"},
		{"experts", "id,name,birth", "E1,canary7,1970-13", "birth", "date"},
		{"experts", "id,name,confirmed_on", "E1,canary7,0000-00-00", "confirmed_on", "date"},
		{"experts", "id,name,disciplines", "E1,canary7,110", "disciplines", "SCHEME:CODE"},
		{"experts", "id,name,disciplines", "E1,canary7,GB:110=-1", "disciplines", "SCHEME:CODE"},
		{"experts", "id,name,disciplines", "E1,canary7,GB:110=nan", "disciplines", "SCHEME:CODE"},
		{"experts", "id,name,disciplines", "E1,canary7,GB:110=1;:5", "disciplines", "entry 2"},
		{"works", "work,person,date", ",canary7,2024", "work", "empty"},
		{"works", "work,person,date", "canary7,,2024", "person", "nobody"},
		{"works", "work,person,date", "W1,canary7,", "date", "empty"},
		{"works", "work,person,date", "W1,canary7,2014-11-00", "date", "date"},
		{"works", "work,person,date", "W1,canary7,2023-02-30", "date", "date"},
		{"works", "work,person,date", "W1,1.2e+9,2023", "person", "spreadsheet"},
		{"works", "work,person,date,kind", "W1,canary7,2023,song", "kind", "paper"},
		{"posts", "person,organisation,since,until", "canary7,Wuhan,2024,2023", "since", "after until"},
		{"posts", "person,organisation,since,until", ",canary7,2023,2024", "person", "nobody"},
		{"posts", "person,organisation,since,until", "canary7,无,2023,2024", "organisation", "filler"},
		{"posts", "person,organisation,kind", "canary7,Wuhan,janitor", "kind", "employee"},
		{"relations", "kind,a,b", "friend,canary7,canary8", "kind", "kin"},
		{"relations", "kind,a,b", "kin,canary7,canary7", "b", "same person"},
		{"relations", "kind,a,b", "kin,,canary7", "a", "nobody"},
		{"relations", "kind,a,b,since", "kin,canary7,canary8,yesterday", "since", "date"},
		{"bans", "person,since,until", "canary7,,2024", "since", "empty"},
		{"bans", "person,since,until", "canary7,2025,2024", "since", "after until"},
		{"organisations", "code,name", ",canary7", "code", "empty"},
		{"organisations", "code,name", "canary7,", "name", "empty"},
		{"disciplines", "scheme,code,parent,name", "GB,,,canary7", "code", "empty"},
		{"disciplines", "scheme,code,parent,name", "GB,110,,", "name", "empty"},
		{"disciplines", "scheme,code,parent,name", "GB,110,109,canary7", "parent", "neither"},
		{"disciplines", "scheme,code,parent,name", "GB,110,110,canary7", "parent", "cycle"},
	};
	Fixture *fixture = *state;

	fixture->options.schema_changed = TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("%s\n%s\n", cases[i].header, cases[i].row);

		if (!fixture_import(fixture, cases[i].kind, text))
			fail_msg("case %u: %s", i, fixture->message);
		fixture_counts(fixture, "1 0 0 0 1 0");
		fixture_reject(fixture, 2, cases[i].column, cases[i].fragment);
		assert_null(strstr(g_array_index(fixture->last->rejects, VeilImportNote, 0).text, "canary"));
		for (guint w = 0; w < fixture->last->warnings->len; w++)
			assert_null(strstr(g_ptr_array_index(fixture->last->warnings, w), "canary"));
	}
	assert_false(fixture_holds(fixture->dir, "canary", 6));
}

static void
test_a_repeated_id_is_counted_or_refused(void **state)
{
	Fixture *fixture = *state;

	assert_true(fixture_import(fixture, "experts", "id,name,phone\nE1,张三,13800138000\nE1,张三,13800138000\nE1,张三丰,13800138000\n Ｅ1 ,张三,13800138000\n"));
	fixture_counts(fixture, "4 1 0 0 2 1"); /* the full-width E is the same id, typed otherwise: other content */
	assert_int_equal(g_array_index(fixture->last->rejects, VeilImportNote, 0).line, 4);
	assert_non_null(strstr(g_array_index(fixture->last->rejects, VeilImportNote, 0).text, "line 2"));
	assert_true(fixture_import(fixture, "works", "work,person,date,title\nW1,E1,2023,a\nW1,E1,2023,a\nW1,E1,2024,a\nW1,E2,2023,b\nW1,E3,2023,\n"));
	fixture_counts(fixture, "5 2 0 0 2 1");
	assert_true(fixture_import(fixture, "organisations", "code,name\nU1,a\nU1,a\nU1,b\n"));
	fixture_counts(fixture, "3 1 0 0 1 1");
	assert_true(fixture_import(fixture, "posts", "person,organisation,since,until\nE1,a,2020,2021\nE1,a,2020,2021\nE1,a,2020,2022\nE1,a,2019,2022\n"));
	fixture_counts(fixture, "4 2 0 0 1 1");
}

static void
test_reversed_relations_are_one_unless_they_have_a_direction(void **state)
{
	Fixture *fixture = *state;

	fixture_must(fixture, "relations", "kind,a,b,since,until,evidence\ncollaborator,N1,N2,2012,2012,x\ncollaborator,N2,N1,2012,2012,x\n"
					   "collaborator,N1,N2,2012,2012,y\nadvisor,N1,N2,2012,,\nadvisor,N2,N1,2012,,\n");
	fixture_counts(fixture, "5 4 0 0 0 1");
	fixture_must(fixture, "relations", "kind,a,b,since,until,evidence\ncollaborator,N2,N1,2012,2012,x\nadvisor,N1,N2,2012,2015,\n");
	fixture_counts(fixture, "2 0 1 1 0 0");
}

static void
test_whole_files_are_refused_with_nothing_taken(void **state)
{
	static const struct {
		const char *text;
		gssize len;
	} cases[] = {
		{"", 0}, {"id\nE1\n", -1}, {"name\nx\n", -1}, {"id,name,id\nE1,x,y\n", -1}, {"\x1f\x8b\x08\0\0\0\0\0\0\3garbage", 17},
		{"id,name\nE1,\xff\xfe\xff\n", -1},
	};
	Fixture *fixture = *state;
	g_autofree char *before = NULL, *after = NULL;

	fixture_must(fixture, "experts", "id,name\nE0,x\n");
	before = fixture_digest(fixture);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = fixture_file(fixture, "bad.csv", cases[i].text, cases[i].len);

		assert_false(fixture_import_file(fixture, "experts", path));
		assert_int_equal(fixture->code, VEIL_ERROR_INPUT);
	}
	assert_false(fixture_import_file(fixture, "experts", fixture->folder));
	assert_int_equal(fixture->code, VEIL_ERROR_INPUT);
	assert_false(fixture_import(fixture, "people", "project,person\nP1,E1\n"));
	assert_int_equal(fixture->code, VEIL_ERROR_USAGE);
	fixture->options.strict = TRUE;
	assert_false(fixture_import(fixture, "experts", "id,name\nE1,good\nE2,\n"));
	assert_int_equal(fixture->code, VEIL_ERROR_INPUT);
	fixture->options.strict = FALSE;
	fixture->options.source = "../etc";
	assert_false(fixture_import(fixture, "experts", "id,name\nE1,good\n"));
	assert_int_equal(fixture->code, VEIL_ERROR_USAGE);
	after = fixture_digest(fixture);
	assert_string_equal(before, after);
}

/* Two files of one call: the second is bad, so the first is not taken either. */
static void
test_several_files_are_one_transaction(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *good = fixture_file(fixture, "good.csv", "id,name\nE1,x\n", -1);
	g_autofree char *bad = fixture_file(fixture, "bad.csv", "id,nme\nE2,x\n", -1);
	g_autofree char *other = fixture_file(fixture, "other.csv", "id,name\nE1,y\nE3,z\n", -1);
	const char *const files[] = {good, bad, NULL}, *const both[] = {good, other, NULL};
	g_autoptr(GError) error = NULL;

	assert_false(veil_import_run(fixture->site, "experts", files, &fixture->options, &fixture->last, &error));
	g_clear_pointer(&fixture->last, veil_import_result_free);
	assert_true(veil_import_run(fixture->site, "experts", both, &fixture->options, &fixture->last, NULL));
	fixture_counts(fixture, "3 2 0 0 1 0");
	fixture_reject(fixture, 2, "id", "line 2 of good.csv");
}

static void
test_a_lost_column_stops_until_it_is_meant(void **state)
{
	Fixture *fixture = *state;

	fixture_must(fixture, "experts", "id,name,phone\nE1,x,13800138000\n");
	assert_false(fixture_import(fixture, "experts", "id,name\nE1,x\n"));
	assert_int_equal(fixture->code, VEIL_ERROR_INPUT);
	assert_non_null(strstr(fixture->message, "phone"));
	fixture->options.source = "other"; /* another source never had it */
	fixture_must(fixture, "experts", "id,name\nE1,x\n");
	fixture->options.source = NULL;
	fixture->options.schema_changed = TRUE;
	fixture_must(fixture, "experts", "id,name\nE1,x\n");
	fixture->options.schema_changed = FALSE;
	fixture_must(fixture, "experts", "id,name\nE1,x\n");
}

static void
test_rejects_file_has_line_column_reason(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *path = g_build_filename(fixture->folder, "rejects.csv", NULL), *text = NULL;

	fixture->options.rejects = path;
	assert_true(fixture_import(fixture, "experts", "id,name,max_load\nE1,\"two\nlines\",1\nE2,,1\nE3,x,-4\n"));
	fixture_counts(fixture, "3 1 0 0 2 0");
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_true(g_str_has_prefix(text, "line,column,reason\n4,name,"));
	assert_non_null(strstr(text, "\n5,max_load,"));
}

/* --- trees --------------------------------------------------------------------------------------------------------- */

static void
test_discipline_trees_in_any_order_and_without_rings(void **state)
{
	Fixture *fixture = *state;

	fixture_must(fixture, "disciplines", "scheme,code,parent,name\nGB,11010,110,b\nGB,110,,a\nXX,110,,other scheme\n");
	fixture_counts(fixture, "3 3 0 0 0 0");
	fixture_must(fixture, "disciplines", "scheme,code,parent,name\nGB,1101010,11010,c\n");
	/* an update that closes a ring through what is in the registry already */
	assert_true(fixture_import(fixture, "disciplines", "scheme,code,parent,name\nGB,110,1101010,a\n"));
	fixture_counts(fixture, "1 0 0 0 1 0");
	/* a ring of two, and what hangs on it, and what hangs on a rejected row */
	assert_true(fixture_import(fixture, "disciplines", "scheme,code,parent,name\nGB,1,2,x\nGB,2,1,x\nGB,3,1,x\nGB,4,9,x\nGB,5,4,x\nGB,6,110,x\n"));
	fixture_counts(fixture, "6 1 0 0 5 0");
	/* a parent of another scheme is no parent */
	assert_true(fixture_import(fixture, "disciplines", "scheme,code,parent,name\nXX,5,11010,x\n"));
	fixture_reject(fixture, 2, "parent", "neither");
	fixture_must(fixture, "disciplines", "scheme,code,parent,name\nGB,110,,a\nGB,11010,-,b\n");
	fixture_counts(fixture, "2 0 1 1 0 0");
}

/* --- faults -------------------------------------------------------------------------------------------------------- */

static char *
many_experts(guint n)
{
	GString *text = g_string_new("id,name,phone,profile\n");

	for (guint i = 0; i < n; i++)
		g_string_append_printf(text, "E%u,name %u,139%08u,work on trees and forests number %u of many\n", i, i, i, i);
	return g_string_free(text, FALSE);
}

/* Kills an import when its pages reach the database file. FALSE when the import was faster than we. */
static gboolean
kill_while_writing(Fixture *fixture, const char *path)
{
	g_autofree char *database = veil_site_path(fixture->site, VEIL_FOLDER_REGISTRY, "registry.db");
	g_autofree char *journal = g_strconcat(database, "-journal", NULL);
	const char *const files[] = {path, NULL};
	struct stat before, now;
	pid_t child;
	int status;

	assert_int_equal(stat(database, &before), 0);
	child = fork();
	if (child == 0) {
		VeilImportResult *result = NULL;

		_exit(veil_import_run(fixture->site, "experts", files, &fixture->options, &result, NULL) ? 0 : 1);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		if (stat(database, &now) == 0 && now.st_size > before.st_size) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			break;
		}
	return WIFSIGNALED(status) && stat(journal, &now) == 0 && now.st_size > 0;
}

/* The file is half new, the journal holds the old pages: the next reader sees the old state whole. */
static void
test_a_killed_import_leaves_what_was_there(void **state)
{
	g_autofree char *text = many_experts(20000);
	gboolean caught = FALSE;

	for (int attempt = 0; attempt < 10 && !caught; attempt++) {
		Fixture *fixture = *state;
		g_autofree char *path = fixture_file(fixture, "many.csv", text, -1);

		fixture_must(fixture, "experts", "id,name,phone,profile\nB1,before,,\n");
		caught = kill_while_writing(fixture, path);
		if (caught) {
			fixture_must(fixture, "experts", "id,name,phone,profile\nB1,before,,\n");
			fixture_counts(fixture, "1 0 0 1 0 0");
			assert_true(fixture_import_file(fixture, "experts", path));
			fixture_counts(fixture, "20000 20000 0 0 0 0");
		} else {
			fixture_tear_down(state);
			fixture_set_up(state);
		}
	}
	assert_true(caught);
}

static void
test_a_full_disk_is_a_plain_error(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *text = many_experts(3000);
	g_autofree char *path = fixture_file(fixture, "many.csv", text, -1);
	int status;
	pid_t child;

	fixture_must(fixture, "experts", "id,name,phone,profile\nB1,before,,\n");
	child = fork();
	if (child == 0) {
		struct rlimit limit = {600000, 600000};
		const char *const files[] = {path, NULL};
		VeilImportResult *result = NULL;
		GError *error = NULL;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		if (veil_import_run(fixture->site, "experts", files, &fixture->options, &result, &error))
			_exit(1);
		_exit(error->code == VEIL_ERROR_FAILED && strstr(error->message, "nothing was taken") != NULL ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	fixture_must(fixture, "experts", "id,name,phone,profile\nB1,before,,\n");
	fixture_counts(fixture, "1 0 0 1 0 0");
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_a_list_taken_twice_changes_not_a_byte),
		CASE(test_presentation_is_no_change),
		CASE(test_empty_keeps_dash_clears),
		CASE(test_dry_run_shows_and_writes_nothing),
		CASE(test_bad_cells_are_named_and_never_quoted),
		CASE(test_a_repeated_id_is_counted_or_refused),
		CASE(test_reversed_relations_are_one_unless_they_have_a_direction),
		CASE(test_whole_files_are_refused_with_nothing_taken),
		CASE(test_several_files_are_one_transaction),
		CASE(test_a_lost_column_stops_until_it_is_meant),
		CASE(test_rejects_file_has_line_column_reason),
		CASE(test_discipline_trees_in_any_order_and_without_rings),
		CASE(test_a_killed_import_leaves_what_was_there),
		CASE(test_a_full_disk_is_a_plain_error),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
