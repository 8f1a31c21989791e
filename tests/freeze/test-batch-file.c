/* test-batch-file.c - the batch file: round trip, roots, one draw, and what a damaged one is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include <veil/batch.h>

enum { REVIEWERS = 7, PROJECTS = 3 };

typedef struct {
	char *dir, *path;
	VeilBatch *batch;
} Fixture;

static VeilBatch *
make_batch(void)
{
	static const guint32 candidates[] = {0, 2, 5, 1, 2, 3, 6, 4};
	static const gint64 scores[] = {900000, 0, 12000, 5000, 1000000, 7000, 1000, 3000};
	VeilBatch *batch = veil_batch_new();

	veil_batch_set(batch, "format", VEIL_BATCH_FORMAT);
	veil_batch_set(batch, "batch", "2026甲");
	batch->n_reviewers = REVIEWERS;
	batch->reviewers = g_new0(VeilBatchReviewer, REVIEWERS);
	for (int r = 0; r < REVIEWERS; r++) {
		g_snprintf(batch->reviewers[r].code, VEIL_BATCH_CODE_BYTES, "R%017d", r);
		batch->reviewers[r].max_load = 2;
	}
	g_strlcpy(batch->reviewers[1].employer, "0123456789abcdef", 20);
	batch->reviewers[3].kind = g_string_chunk_insert(batch->strings, "technical");
	batch->n_projects = PROJECTS;
	batch->projects = g_new0(VeilBatchProject, PROJECTS);
	batch->offset = g_new0(guint64, PROJECTS + 1);
	batch->offset[1] = 3;
	batch->offset[2] = 7;
	batch->offset[3] = 8;
	for (int p = 0; p < PROJECTS; p++) {
		g_snprintf(batch->projects[p].code, VEIL_BATCH_CODE_BYTES, "P%017d", p);
		batch->projects[p].demand = 1;
		batch->projects[p].cut = p == 1 ? 500 : -1;
	}
	batch->reviewer = g_memdup2(candidates, sizeof candidates);
	batch->score = g_memdup2(scores, sizeof scores);
	return batch;
}

static int
set_up(void **state)
{
	Fixture *f = g_new0(Fixture, 1);

	f->dir = g_dir_make_tmp("veil-test-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "b.veil", NULL);
	f->batch = make_batch();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *f = *state;
	g_autofree char *journal = g_strconcat(f->path, "-journal", NULL);

	g_unlink(f->path);
	g_unlink(journal);
	g_rmdir(f->dir);
	veil_batch_free(f->batch);
	g_free(f->path);
	g_free(f->dir);
	g_free(f);
	return 0;
}

static VeilBatchDraw
make_draw(const VeilBatch *batch, guint32 n)
{
	static guint64 offset[] = {0, 1, 2, 3};
	static guint32 reviewers[] = {0, 2, 4};
	static gint64 prices[REVIEWERS] = {-5, 0, 7, 0, 0, 0, G_MININT64 / 4};
	VeilBatchDraw draw = {.n = n, .offset = offset, .reviewer = reviewers, .prices = prices};

	(void)batch;
	memset(draw.seed, 'a', 64);
	g_strlcpy(draw.seed_source, "system", sizeof draw.seed_source);
	g_strlcpy(draw.method, "total", sizeof draw.method);
	g_strlcpy(draw.time, "2026-03-02T01:22Z", sizeof draw.time);
	draw.operator_handle = (char *)"op1";
	draw.objective = 1903000;
	draw.bound = 1903000;
	return draw;
}

static void
test_round_trip(void **state)
{
	Fixture *f = *state;
	g_autoptr(VeilBatch) back = NULL;
	guint8 root[32], again[32], draw_before[32], draw_after[32];
	VeilBatchDraw draw = make_draw(f->batch, 1);

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	back = veil_batch_read(f->path, NULL);
	assert_non_null(back);
	assert_int_equal(back->n_reviewers, REVIEWERS);
	assert_int_equal(back->n_projects, PROJECTS);
	assert_memory_equal(back->offset, f->batch->offset, sizeof(guint64) * (PROJECTS + 1));
	assert_memory_equal(back->reviewer, f->batch->reviewer, sizeof(guint32) * 8);
	assert_memory_equal(back->score, f->batch->score, sizeof(gint64) * 8);
	assert_string_equal(back->reviewers[1].employer, "0123456789abcdef");
	assert_string_equal(back->reviewers[3].kind, "technical");
	assert_null(back->reviewers[2].kind);
	assert_int_equal(back->projects[1].cut, 500);
	assert_int_equal(back->projects[0].cut, -1);
	assert_string_equal(veil_batch_get(back, "batch"), "2026甲");
	assert_int_equal(back->draw.n, 0);
	assert_true(veil_batch_roots(f->path, again, draw_before, NULL));
	assert_memory_equal(root, again, 32);

	assert_true(veil_batch_store_draw(f->path, back, &draw, NULL));
	g_clear_pointer(&back, veil_batch_free);
	back = veil_batch_read(f->path, NULL);
	assert_int_equal(back->draw.n, 1);
	assert_memory_equal(back->draw.offset, draw.offset, sizeof(guint64) * (PROJECTS + 1));
	assert_memory_equal(back->draw.reviewer, draw.reviewer, sizeof(guint32) * 3);
	assert_memory_equal(back->draw.prices, draw.prices, sizeof(gint64) * REVIEWERS);
	assert_int_equal(veil_batch_score(back, 1, 2), 1000000);
	/* A draw changes nothing of the freeze. */
	assert_true(veil_batch_roots(f->path, again, draw_after, NULL));
	assert_memory_equal(root, again, 32);
	assert_memory_not_equal(draw_before, draw_after, 32);
}

static void
test_only_one_draw(void **state)
{
	Fixture *f = *state;
	guint8 root[32];
	VeilBatchDraw first = make_draw(f->batch, 1), third = make_draw(f->batch, 3);
	g_autoptr(GError) error = NULL;

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	assert_false(veil_batch_store_draw(f->path, f->batch, &third, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
	g_clear_error(&error);
	assert_true(veil_batch_store_draw(f->path, f->batch, &first, NULL));
	assert_false(veil_batch_store_draw(f->path, f->batch, &first, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
}

static void
test_a_file_is_never_overwritten(void **state)
{
	Fixture *f = *state;
	guint8 root[32];
	g_autoptr(GError) error = NULL;

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	assert_false(veil_batch_write(f->path, f->batch, root, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
}

static void
tamper(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TRIGGER meta_fixed_u; DROP TRIGGER project_fixed_u; DROP TRIGGER reviewer_fixed_u", NULL, NULL,
				      NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
test_tampering_is_noticed_or_changes_the_root(void **state)
{
	static const struct {
		const char *sql;
		int code; /* of reading; -1: reads, but with another root */
	} attacks[] = {
		{"UPDATE project SET candidates = x'00000000000000' WHERE cut IS NULL", VEIL_ERROR_VERIFY},
		{"UPDATE project SET candidates = x'01000000000000000100000000000000'", VEIL_ERROR_VERIFY},
		{"UPDATE project SET candidates = x'0700000000000000'", VEIL_ERROR_VERIFY},
		{"UPDATE meta SET value = 'veil-batch/9' WHERE key = 'format'", VEIL_ERROR_VERIFY},
		{"UPDATE reviewer SET code = 'R00000000000000000000000000000000000001' WHERE max_load = 2 AND employer IS NOT NULL", VEIL_ERROR_VERIFY},
		{"PRAGMA user_version = 99", VEIL_ERROR_REFUSED},
		{"UPDATE project SET cut = 400 WHERE cut = 500", -1},
		{"UPDATE reviewer SET employer = NULL WHERE employer IS NOT NULL", -1},
		{"UPDATE meta SET value = '2026乙' WHERE key = 'batch'", -1},
	};
	Fixture *f = *state;

	for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilBatch) back = NULL;
		guint8 root[32], after[32];

		g_unlink(f->path);
		assert_true(veil_batch_write(f->path, f->batch, root, NULL));
		tamper(f->path, attacks[i].sql);
		back = veil_batch_read(f->path, &error);
		if (attacks[i].code >= 0) {
			assert_null(back);
			assert_true(g_error_matches(error, VEIL_ERROR, attacks[i].code));
			continue;
		}
		assert_non_null(back);
		assert_true(veil_batch_roots(f->path, after, NULL, NULL));
		assert_memory_not_equal(root, after, 32);
	}
}

static void
test_triggers_stop_slips(void **state)
{
	static const char *const slips[] = {
		"UPDATE meta SET value = 'x'", "DELETE FROM reviewer", "UPDATE project SET demand = 0", "DELETE FROM draw",
		"DELETE FROM assignment", "UPDATE assignment SET score = 1", "INSERT OR REPLACE INTO draw SELECT * FROM draw",
		"INSERT OR REPLACE INTO assignment SELECT project, reviewer, 1, role FROM assignment",
	};
	Fixture *f = *state;
	VeilBatchDraw draw = make_draw(f->batch, 1);
	guint8 root[32];
	sqlite3 *db;

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	assert_true(veil_batch_store_draw(f->path, f->batch, &draw, NULL));
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	for (gsize i = 0; i < G_N_ELEMENTS(slips); i++)
		assert_int_not_equal(sqlite3_exec(db, slips[i], NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
test_missing_and_foreign_files(void **state)
{
	Fixture *f = *state;
	g_autoptr(GError) error = NULL;

	assert_null(veil_batch_read(f->path, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE));
	g_clear_error(&error);
	assert_true(g_file_set_contents(f->path, "not a database, but long enough to look at: 0123456789abcdef0123456789abcdef", -1, NULL));
	assert_null(veil_batch_read(f->path, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_VERIFY));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_round_trip),
		CASE(test_only_one_draw),
		CASE(test_a_file_is_never_overwritten),
		CASE(test_tampering_is_noticed_or_changes_the_root),
		CASE(test_triggers_stop_slips),
		CASE(test_missing_and_foreign_files),
	};

	return cmocka_run_group_tests_name("batch-file", tests, NULL, NULL);
}
