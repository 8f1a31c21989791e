/* test-registry.c - the registry's schema and statements, its versions, its root, its batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "../../db/registry-private.h"

typedef struct {
	char *folder, *path;
	VeilRegistry *registry;
} Place;

static int
set_up(void **state)
{
	Place *place = g_new0(Place, 1);

	place->folder = g_dir_make_tmp("veil-registry-XXXXXX", NULL);
	place->path = g_build_filename(place->folder, "registry.db", NULL);
	assert_true(veil_registry_create(place->path, NULL));
	place->registry = veil_registry_open(place->path, VEIL_REGISTRY_WRITE, NULL);
	assert_non_null(place->registry);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	Place *place = *state;
	g_autofree char *journal = g_strconcat(place->path, "-journal", NULL);

	veil_registry_free(place->registry);
	g_unlink(place->path);
	g_unlink(journal);
	g_rmdir(place->folder);
	g_free(place->path);
	g_free(place->folder);
	g_free(place);
	return 0;
}

static gint64
number(const Place *place, const char *sql)
{
	gint64 value;

	assert_true(veil_db_int(place->registry->db, sql, -1, &value, NULL));
	return value;
}

static void
test_every_statement_fits_the_schema(void **state)
{
	const Place *place = *state;

	for (int i = 0; i < VEIL_N_SQL; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilStmt) stmt = veil_stmt_new(place->registry->db, veil_registry_sql[i], &error);

		if (stmt == NULL)
			fail_msg("%s: %s", veil_registry_sql[i], error->message);
	}
}

/* STRICT, and without row numbers wherever rows of people or projects could be counted in the order they came. */
static void
test_tables_are_strict_and_without_row_numbers(void **state)
{
	const Place *place = *state;

	assert_true(number(place, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'") > 15);
	assert_int_equal(number(place, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' "
				       "AND strict = 0"), 0);
	assert_int_equal(number(place, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' "
				       "AND name <> 'seal_key' AND wr = 0"), 0);
}

static void
test_a_newer_registry_is_refused(void **state)
{
	Place *place = *state;
	g_autoptr(GError) error = NULL;

	assert_true(veil_db_exec(place->registry->db, "PRAGMA user_version = 99", NULL));
	g_clear_pointer(&place->registry, veil_registry_free);
	assert_null(veil_registry_open(place->path, VEIL_REGISTRY_WRITE, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_non_null(strstr(error->message, "newer version"));
	g_clear_error(&error);
	assert_null(veil_registry_open(place->path, VEIL_REGISTRY_READ, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
}

extern const char veil_sql_registry_0001[];

/* A registry of the first version: what stood in it stands, what it did not have is unknown. */
static void
test_an_older_registry_is_migrated(void **state)
{
	static const char *const first[] = {veil_sql_registry_0001};
	static const VeilDbSchema schema = {.what = "registry", .migrations = first, .n_migrations = 1, .landmark = "entry", .page_size = 16384};
	Place *place = *state;
	g_autoptr(VeilFacts) facts = NULL;
	VeilDb *db;

	g_clear_pointer(&place->registry, veil_registry_free);
	g_unlink(place->path);
	db = veil_db_open(place->path, &schema, VEIL_DB_CREATE, NULL);
	assert_non_null(db);
	assert_true(veil_db_exec(db, "INSERT INTO batch(name, state, policy, freezes) VALUES ('B', 'draft', '', 0);"
				     "INSERT INTO project(id, batch, source, token, key, sealed_id) VALUES (randomblob(16), 'B', 's', randomblob(16), 1, x'00');"
				     "INSERT INTO entry(id, person, source, key, in_pool, status, max_load, confirmed_on) "
				     "VALUES (randomblob(16), randomblob(16), 's', 1, 1, 0, -1, 0);", NULL));
	veil_db_free(db);
	place->registry = veil_registry_open(place->path, VEIL_REGISTRY_WRITE, NULL);
	assert_non_null(place->registry);
	assert_true(veil_registry_begin(place->registry, NULL));
	assert_true(veil_registry_load(place->registry, "B", &facts, NULL, NULL));
	veil_registry_rollback(place->registry);
	assert_int_equal(facts->projects->len, 1);
	assert_int_equal(veil_facts_at(facts->projects, VeilProject, 0)->project_class, VEIL_NONE);
	assert_false(veil_facts_at(facts->projects, VeilProject, 0)->has_team);
	assert_int_equal(veil_facts_at(facts->persons, VeilPerson, 0)->city, VEIL_NONE);
}

static VeilId
id_of(int n)
{
	VeilId id = {{0}};

	veil_put_u32(id.b, (guint32)n * 2654435761u);
	veil_put_u32(id.b + 8, (guint32)n);
	return id;
}

static void
put_entry(const Place *place, int n, int person, gint32 max_load)
{
	VeilEntry entry = {.id = id_of(n), .person = id_of(person), .source = "local", .key = n, .in_pool = TRUE, .max_load = max_load,
			   .confirmed_on = VEIL_DAY_MIN};

	assert_true(veil_registry_put_entry(place->registry, &entry, NULL));
}

static void
put_authorship(const Place *place, int work, int entry, int year)
{
	VeilAuthorshipRow row = {id_of(work), id_of(entry), VEIL_WORK_PAPER,
				 {veil_day_from_civil(year, 1, 1), veil_day_from_civil(year, 12, 31)}};

	assert_true(veil_registry_put_authorship(place->registry, &row, NULL));
}

/* Every fact is in the root; sealing again is not; the order of writing is not. */
static void
test_the_root_moves_with_every_fact(void **state)
{
	Place *place = *state;
	VeilCell cell = {.owner = id_of(1), .field = "name", .key = 1, .digest = 7, .text = {(const guint8 *)"xx", 2}};
	guint8 before[32], after[32];

	put_entry(place, 1, 1, -1);
	assert_true(veil_registry_put_cell(place->registry, &cell, NULL));
	assert_true(veil_registry_root(place->registry, before, NULL));
	cell.key = 2;
	cell.text.bytes = (const guint8 *)"yy";
	assert_true(veil_registry_put_cell(place->registry, &cell, NULL));
	assert_true(veil_registry_root(place->registry, after, NULL));
	assert_memory_equal(before, after, 32);
	cell.digest = 8;
	assert_true(veil_registry_put_cell(place->registry, &cell, NULL));
	assert_true(veil_registry_root(place->registry, after, NULL));
	assert_memory_not_equal(before, after, 32);
	memcpy(before, after, 32);
	put_entry(place, 1, 1, 5);
	assert_true(veil_registry_root(place->registry, after, NULL));
	assert_memory_not_equal(before, after, 32);
	memcpy(before, after, 32);
	put_authorship(place, 9, 1, 2020);
	assert_true(veil_registry_root(place->registry, after, NULL));
	assert_memory_not_equal(before, after, 32);
	for (int order = 0; order < 2; order++) {
		put_authorship(place, 20 + order, 1, 2021);
		put_authorship(place, 21 - order, 1, 2021);
		assert_true(veil_registry_root(place->registry, order ? after : before, NULL));
	}
	assert_memory_equal(before, after, 32);
}

/* Two entries of one person: the smaller load, and one authorship over the hull of their days. */
static void
test_entries_fold_into_persons(void **state)
{
	Place *place = *state;
	g_autoptr(VeilFacts) facts = NULL;

	put_entry(place, 1, 50, 8);
	put_entry(place, 2, 50, 3);
	put_entry(place, 3, 60, -1);
	put_authorship(place, 9, 1, 2019);
	put_authorship(place, 9, 2, 2021);
	put_authorship(place, 9, 3, 2020);
	assert_true(veil_registry_load(place->registry, "B", &facts, NULL, NULL));
	assert_int_equal(facts->persons->len, 2);
	assert_int_equal(facts->authorships->len, 2);
	for (guint i = 0; i < 2; i++) {
		const VeilAuthorship *row = veil_facts_at(facts->authorships, VeilAuthorship, i);
		const VeilPerson *person = veil_facts_at(facts->persons, VeilPerson, row->person);
		VeilId joined = id_of(50);

		if (!veil_id_equal(&person->id, &joined))
			continue;
		assert_int_equal(person->max_load, 3);
		assert_int_equal(row->when.since, veil_day_from_civil(2019, 1, 1));
		assert_int_equal(row->when.until, veil_day_from_civil(2021, 12, 31));
	}
}

static void
test_batches_move_one_way(void **state)
{
	Place *place = *state;
	static const guint8 key[72] = {1};
	g_autoptr(VeilBatchRow) row = NULL;
	g_autoptr(GError) error = NULL;

	assert_null(veil_registry_batch_get(place->registry, "B", &error));
	assert_int_equal(error->code, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
	assert_true(veil_registry_batch_add(place->registry, "B", "policy", NULL));
	assert_false(veil_registry_batch_add(place->registry, "B", "policy", &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_false(veil_registry_batch_set_frozen(place->registry, "B", "f1", NULL));
	assert_true(veil_registry_batch_set_freezing(place->registry, "B", "f1", 100, key, sizeof key, NULL));
	assert_false(veil_registry_batch_set_freezing(place->registry, "B", "f2", 100, key, sizeof key, NULL));
	assert_false(veil_registry_batch_set_frozen(place->registry, "B", "f2", NULL));
	assert_true(veil_registry_batch_set_frozen(place->registry, "B", "f1", NULL));
	assert_true(veil_registry_batch_set_freezing(place->registry, "B", "f2", 200, key, sizeof key, NULL));
	row = veil_registry_batch_get(place->registry, "B", NULL);
	assert_string_equal(row->state, "freezing");
	assert_string_equal(row->freeze_id, "f2");
	assert_int_equal(row->freezes, 2);
	assert_int_equal(row->as_of, 200);
	assert_int_equal(row->n_wrapped_key, sizeof key);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_every_statement_fits_the_schema),
		CASE(test_tables_are_strict_and_without_row_numbers),
		CASE(test_a_newer_registry_is_refused),
		CASE(test_an_older_registry_is_migrated),
		CASE(test_the_root_moves_with_every_fact),
		CASE(test_entries_fold_into_persons),
		CASE(test_batches_move_one_way),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
