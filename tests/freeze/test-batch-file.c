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
	batch->reviewers[4].attributes = g_string_chunk_insert(batch->strings, "{\"level\":\"leaf\"}");
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
		batch->projects[p].project_class = p == 2 ? "key" : NULL;
		batch->projects[p].team = p != 2 ? "t1" : NULL;
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

static const VeilBatchPlace panels[] = {
	{.project = 0, .reviewer = 0, .score = 900000, .place = 1},
	{.project = 0, .reviewer = 2, .score = 0, .role = VEIL_ROLE_RESERVE, .place = 1},
	{.project = 0, .reviewer = 5, .score = 12000, .role = VEIL_ROLE_RESERVE, .place = 2},
	{.project = 1, .reviewer = 2, .score = 1000000, .place = 1},
	{.project = 2, .reviewer = 4, .score = 3000, .place = 1},
};

static VeilBatchDraw
make_draw(guint32 n)
{
	static gint64 prices[REVIEWERS] = {-5, 0, 7, 0, 0, 0, G_MININT64 / 4};
	static guint64 odds_offset[] = {0, 2, 2, 3};
	static guint32 odds_reviewer[] = {0, 5, 4}, odds[] = {2000, 1, 10000}, weight[] = {4000, 6000}, lottery[] = {0, 2, 4, 5, 3, 4};
	VeilBatchDraw draw = {.n = n, .kind = "draw", .prices = prices, .certificate = (char *)"{\"a\":1}",
			      .odds_offset = odds_offset, .odds_reviewer = odds_reviewer, .odds = odds,
			      .n_lottery = 2, .lottery_places = 3, .lottery_weight = weight, .lottery_reviewer = lottery};

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
	VeilBatchDraw draw = make_draw(1);

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
	assert_string_equal(back->reviewers[4].attributes, "{\"level\":\"leaf\"}");
	assert_null(back->reviewers[3].attributes);
	assert_string_equal(back->projects[2].project_class, "key");
	assert_null(back->projects[0].project_class);
	assert_string_equal(back->projects[0].team, "t1");
	assert_int_equal(back->projects[1].cut, 500);
	assert_int_equal(back->projects[0].cut, -1);
	assert_string_equal(veil_batch_get(back, "batch"), "2026甲");
	assert_int_equal(back->n_draws, 0);
	assert_true(veil_batch_roots(f->path, 1, again, draw_before, NULL));
	assert_memory_equal(root, again, 32);

	assert_true(veil_batch_store_draw(f->path, back, &draw, panels, G_N_ELEMENTS(panels), NULL));
	g_clear_pointer(&back, veil_batch_free);
	back = veil_batch_read(f->path, NULL);
	assert_int_equal(back->n_draws, 1);
	assert_string_equal(back->draws[0].kind, "draw");
	assert_string_equal(back->draws[0].certificate, "{\"a\":1}");
	assert_null(back->draws[0].request);
	assert_memory_equal(back->draws[0].prices, draw.prices, sizeof(gint64) * REVIEWERS);
	assert_memory_equal(back->draws[0].odds_offset, draw.odds_offset, sizeof(guint64) * (PROJECTS + 1));
	assert_memory_equal(back->draws[0].odds_reviewer, draw.odds_reviewer, sizeof(guint32) * 3);
	assert_memory_equal(back->draws[0].odds, draw.odds, sizeof(guint32) * 3);
	assert_int_equal(back->draws[0].n_lottery, 2);
	assert_memory_equal(back->draws[0].lottery_weight, draw.lottery_weight, sizeof(guint32) * 2);
	assert_memory_equal(back->draws[0].lottery_reviewer, draw.lottery_reviewer, sizeof(guint32) * 6);
	assert_int_equal(back->n_places, G_N_ELEMENTS(panels));
	for (guint i = 0; i < G_N_ELEMENTS(panels); i++) {
		assert_int_equal(back->places[i].project, panels[i].project);
		assert_int_equal(back->places[i].reviewer, panels[i].reviewer);
		assert_int_equal(back->places[i].score, panels[i].score);
		assert_int_equal(back->places[i].role, panels[i].role);
		assert_int_equal(back->places[i].place, panels[i].place);
		assert_int_equal(back->places[i].draw, 1);
		assert_int_equal(back->places[i].seat, panels[i].role == VEIL_ROLE_PANEL ? VEIL_SEAT_SITTING : VEIL_SEAT_WAITING);
	}
	assert_int_equal(back->place_offset[1], 3);
	assert_int_equal(veil_batch_score(back, 1, 2), 1000000);
	/* A draw changes nothing of the freeze. */
	assert_true(veil_batch_roots(f->path, 1, again, draw_after, NULL));
	assert_memory_equal(root, again, 32);
	assert_memory_not_equal(draw_before, draw_after, 32);
}

static void
test_only_one_draw(void **state)
{
	Fixture *f = *state;
	guint8 root[32];
	VeilBatchDraw first = make_draw(1), third = make_draw(3);
	g_autoptr(GError) error = NULL;

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	assert_false(veil_batch_store_draw(f->path, f->batch, &third, panels, G_N_ELEMENTS(panels), &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
	g_clear_error(&error);
	assert_true(veil_batch_store_draw(f->path, f->batch, &first, panels, G_N_ELEMENTS(panels), NULL));
	assert_false(veil_batch_store_draw(f->path, f->batch, &first, panels, G_N_ELEMENTS(panels), &error));
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
		assert_true(veil_batch_roots(f->path, 0, after, NULL, NULL));
		assert_memory_not_equal(root, after, 32);
	}
}

static void
test_triggers_stop_slips(void **state)
{
	static const char *const slips[] = {
		"UPDATE meta SET value = 'x'", "DELETE FROM reviewer", "UPDATE project SET demand = 0", "DELETE FROM draw",
		"DELETE FROM assignment", "UPDATE assignment SET score = 1", "INSERT OR REPLACE INTO draw SELECT * FROM draw",
		"INSERT OR REPLACE INTO assignment SELECT project, reviewer, 1, role, place, draw FROM assignment",
		"INSERT OR REPLACE INTO odds SELECT draw, project, x'00' FROM odds", "DELETE FROM odds", "UPDATE lottery SET weight = 1",
		"INSERT OR REPLACE INTO lottery SELECT draw, n, 7, panels FROM lottery", "DELETE FROM event", "UPDATE event SET reason = 'ill'",
		"INSERT INTO event VALUES (3, 'vacate', 'P00000000000000000', 'R00000000000000000', 'ill', NULL, 'x', 't', 'o')",
		"INSERT OR REPLACE INTO event SELECT * FROM event",
	};
	Fixture *f = *state;
	VeilBatchDraw draw = make_draw(1);
	guint8 root[32];
	sqlite3 *db;

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	assert_true(veil_batch_store_draw(f->path, f->batch, &draw, panels, G_N_ELEMENTS(panels), NULL));
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO event VALUES (1, 'vacate', 'P00000000000000000', 'R00000000000000000', 'ill', NULL, 'x', 't', 'o')",
				      NULL, NULL, NULL), SQLITE_OK);
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

/* --- format 1 ------------------------------------------------------------------------------------------------------ */

extern const char veil_sql_batch_0001[];

/* A file as the first version wrote it: three projects, seven reviewers, drawn or not. */
static void
write_format_1(const Fixture *f, gboolean drawn)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA application_id = 0x5645494C", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, veil_sql_batch_0001, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "INSERT INTO meta VALUES ('format', 'veil-batch/1'), ('batch', 'old');"
				      "INSERT INTO reviewer VALUES ('R1', 0, 2, 'e', 'finance', NULL, NULL), ('R2', 0, 2, 'e', NULL, NULL, NULL);"
				      "INSERT INTO project VALUES ('P1', 1, NULL, x'0000000040420F000100000001000000'), ('P2', 1, 7, x'0100000009000000');",
				      NULL, NULL, NULL), SQLITE_OK);
	if (drawn)
		assert_int_equal(sqlite3_exec(db,
					      "INSERT INTO draw VALUES (1, 'aa', 'system', 'total', '2026-03-02T01:22Z', 'op', 1000009, 1000009, zeroblob(16));"
					      "INSERT INTO assignment VALUES ('P1', 'R1', 1000000, 'panel'), ('P2', 'R2', 9, 'panel');",
					      NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
test_format_1_is_read_and_drawn_as_it_stands(void **state)
{
	Fixture *f = *state;
	static gint64 prices[2];
	static const VeilBatchPlace places[] = {{.project = 0, .reviewer = 0, .score = 1000000, .place = 1}, {.project = 1, .reviewer = 1, .score = 9, .place = 1}};
	VeilBatchDraw draw = {.n = 1, .kind = "draw", .seed = "aa", .seed_source = "system", .method = "total", .time = "2026-03-02T01:22Z",
			      .operator_handle = (char *)"op", .objective = 1000009, .bound = 1000009, .prices = prices};
	guint8 root[2][32], draw_root[2][32];
	g_autoptr(GError) error = NULL;

	for (int drawn = 1; drawn >= 0; drawn--) {
		g_autoptr(VeilBatch) batch = NULL;

		g_unlink(f->path);
		write_format_1(f, drawn);
		batch = veil_batch_read(f->path, NULL);
		assert_non_null(batch);
		assert_false(veil_batch_is_current(batch));
		assert_int_equal(batch->projects[1].cut, 7);
		assert_null(batch->projects[0].team);
		assert_int_equal(batch->n_draws, drawn);
		if (!drawn)
			assert_true(veil_batch_store_draw(f->path, batch, &draw, places, 2, NULL));
		/* The same rows give the same roots, whoever wrote them. */
		assert_true(veil_batch_roots(f->path, 1, root[drawn], draw_root[drawn], NULL));
	}
	assert_memory_equal(root[0], root[1], 32);
	assert_memory_equal(draw_root[0], draw_root[1], 32);
	{
		g_autoptr(VeilBatch) batch = veil_batch_read(f->path, NULL);

		assert_int_equal(batch->n_places, 2);
		assert_int_equal(batch->places[1].place, 1);
		assert_int_equal(batch->places[1].draw, 1);
	}
	assert_null(veil_batch_desk_open(f->path, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
}

/* --- the journal --------------------------------------------------------------------------------------------------- */

static void
add_event(VeilBatchDesk *desk, const char *kind, const char *project, const char *reviewer, const char *promoted)
{
	VeilBatchEvent event = {.seq = veil_batch_desk_events(desk) + 1, .reason = "ill", .record = (char *)"letter 7", .time = "2026-03-02T01:22Z",
				.operator_handle = (char *)"op"};

	g_strlcpy(event.kind, kind, sizeof event.kind);
	g_strlcpy(event.project, project, sizeof event.project);
	g_strlcpy(event.reviewer, reviewer, sizeof event.reviewer);
	g_strlcpy(event.promoted, promoted, sizeof event.promoted);
	assert_true(veil_batch_desk_add(desk, &event, NULL));
}

#define P(n) "P0000000000000000" #n
#define R(n) "R0000000000000000" #n

static void
test_seats_follow_the_journal(void **state)
{
	Fixture *f = *state;
	VeilBatchDraw draw = make_draw(1);
	guint8 root[32], before[32], after[32];
	g_autoptr(VeilBatch) whole = NULL, one = NULL;
	g_autoptr(VeilBatchDesk) desk = NULL;
	gboolean has, withdrawn, lists;

	assert_true(veil_batch_write(f->path, f->batch, root, NULL));
	assert_true(veil_batch_store_draw(f->path, f->batch, &draw, panels, G_N_ELEMENTS(panels), NULL));
	assert_true(veil_batch_roots(f->path, 1, root, before, NULL));
	desk = veil_batch_desk_open(f->path, NULL);
	assert_non_null(desk);
	assert_int_equal(veil_batch_desk_draws(desk), 1);
	add_event(desk, "vacate", P(0), R(0), R(2));
	add_event(desk, "withdraw", "", R(6), "");
	add_event(desk, "withdraw-project", P(2), "", "");
	add_event(desk, "strike", P(1), R(1), "");
	assert_true(veil_batch_desk_commit(desk, NULL));
	g_clear_pointer(&desk, veil_batch_desk_free);

	desk = veil_batch_desk_open(f->path, NULL);
	one = veil_batch_desk_project(desk, P(0), NULL);
	assert_non_null(one);
	assert_int_equal(one->n_places, 3);
	assert_int_equal(one->n_events, 1);
	assert_int_equal(one->places[0].seat, VEIL_SEAT_VACATED);
	assert_int_equal(one->places[1].seat, VEIL_SEAT_SITTING);
	assert_int_equal(one->places[1].since, 1);
	assert_int_equal(one->places[2].seat, VEIL_SEAT_WAITING);
	assert_null(veil_batch_desk_project(desk, P(7), NULL));
	assert_true(veil_batch_desk_has_reviewer(desk, R(6), &has, &withdrawn, NULL) && has && withdrawn);
	assert_true(veil_batch_desk_has_reviewer(desk, R(5), &has, &withdrawn, NULL) && has && !withdrawn);
	assert_true(veil_batch_desk_lists(desk, P(0), R(5), &lists, NULL) && lists);
	assert_true(veil_batch_desk_lists(desk, P(0), R(1), &lists, NULL) && !lists);
	g_clear_pointer(&desk, veil_batch_desk_free);

	whole = veil_batch_read(f->path, NULL);
	assert_non_null(whole);
	assert_int_equal(whole->n_events, 4);
	for (guint i = 0; i < 3; i++)
		assert_int_equal(whole->places[i].seat, one->places[i].seat);
	assert_int_equal(whole->places[4].seat, VEIL_SEAT_RELEASED);
	/* What became of places changes nothing of how they were drawn. */
	assert_true(veil_batch_roots(f->path, 1, root, after, NULL));
	assert_memory_equal(before, after, 32);
}

static void
test_an_impossible_journal_is_damage(void **state)
{
	static const char *const lines[] = {
		"(1, 'vacate', '" P(0) "', '" R(3) "', 'ill', NULL, 'x', 't', 'o')",
		"(1, 'vacate', '" P(0) "', '" R(0) "', 'ill', '" R(4) "', 'x', 't', 'o')",
		"(1, 'vacate', '" P(0) "', '" R(0) "', 'ill', '" R(2) "', 'x', 't', 'o'), (2, 'vacate', '" P(0) "', '" R(2) "', 'ill', '" R(2) "', 'x', 't', 'o')",
	};
	Fixture *f = *state;
	VeilBatchDraw draw = make_draw(1);

	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *sql = g_strconcat("INSERT INTO event VALUES ", lines[i], NULL);
		g_autoptr(GError) error = NULL;
		guint8 root[32];
		sqlite3 *db;

		g_unlink(f->path);
		assert_true(veil_batch_write(f->path, f->batch, root, NULL));
		assert_true(veil_batch_store_draw(f->path, f->batch, &draw, panels, G_N_ELEMENTS(panels), NULL));
		assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		assert_null(veil_batch_read(f->path, &error));
		assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_VERIFY));
	}
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
		CASE(test_format_1_is_read_and_drawn_as_it_stands),
		CASE(test_seats_follow_the_journal),
		CASE(test_an_impossible_journal_is_damage),
	};

	return cmocka_run_group_tests_name("batch-file", tests, NULL, NULL);
}
