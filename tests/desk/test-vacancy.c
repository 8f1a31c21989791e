/* test-vacancy.c - what becomes of places after a draw, on real batch files and a real ledger.
 *
 * Laws: the same vacancies give the same panels in any order; one event moves one seat; panel and reserves together obey the maxima; whoever left never comes back.
 * Attacks: a record whose line was cut off, a seed that is known before the journal is closed, sealed reserves asked for.
 */
#include <unistd.h>

#include <veil/policy.h>

#include "../../tools/desk/site/batch-files.h"
#include "../../tools/desk/custody/close.h"
#include "../../tools/desk/site/log.h"
#include "../../tools/desk/draw/vacancy.h"
#include "site-fixture.h"

enum { REVIEWERS = 60, PROJECTS = 8 };

static const char *const rules = "[batch]\ndemand=3\nreserves=2\nmax_load=3\nsmallest_set=0\nodds=0.9\n";

typedef struct {
	Fixture *site;
	VeilStep step;
	char *path;
} Case;

/* One number of a fixed sequence: the same batch in every run. */
static guint32
number(guint32 *state, guint32 below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

static void
write_batch(Case *c, const char *policy_text, const char *team, guint32 seed)
{
	g_autoptr(VeilPolicy) policy = veil_policy_parse(policy_text, strlen(policy_text), "test", NULL);
	g_autoptr(VeilBatch) batch = veil_batch_new();
	guint32 state = seed;
	guint64 n = 0;
	guint8 root[32];
	char hex[65];
	g_autoptr(VeilLog) log = NULL;

	assert_non_null(policy);
	veil_batch_set(batch, "format", VEIL_BATCH_FORMAT);
	veil_batch_set(batch, "batch", "T");
	veil_batch_set(batch, "freeze_id", "00112233445566778899aabbccddeeff");
	veil_batch_set(batch, "policy", policy->canonical);
	veil_batch_set(batch, "rehearsal", "1");
	batch->n_reviewers = REVIEWERS;
	batch->reviewers = g_new0(VeilBatchReviewer, REVIEWERS);
	for (guint r = 0; r < REVIEWERS; r++) {
		g_snprintf(batch->reviewers[r].code, VEIL_BATCH_CODE_BYTES, "R%05u", r);
		g_snprintf(batch->reviewers[r].employer, 20, "e%u", number(&state, 25));
		batch->reviewers[r].max_load = 3;
		batch->reviewers[r].kind = number(&state, 3) == 0 ? "finance" : "technical";
	}
	batch->n_projects = PROJECTS;
	batch->projects = g_new0(VeilBatchProject, PROJECTS);
	batch->offset = g_new0(guint64, PROJECTS + 1);
	batch->reviewer = g_new(guint32, PROJECTS * REVIEWERS);
	batch->score = g_new(gint64, PROJECTS * REVIEWERS);
	for (guint p = 0; p < PROJECTS; p++) {
		g_snprintf(batch->projects[p].code, VEIL_BATCH_CODE_BYTES, "P%05u", p);
		batch->projects[p].demand = 3;
		batch->projects[p].cut = -1;
		batch->projects[p].team = team && p < 3 ? team : NULL;
		for (guint r = 0; r < REVIEWERS; r++) {
			if (number(&state, 10) == 0 && batch->projects[p].team == NULL)
				continue; /* excluded */
			batch->reviewer[n] = r;
			batch->score[n++] = 1000 * number(&state, 1000);
		}
		batch->offset[p + 1] = n;
	}
	g_unlink(c->path);
	assert_true(veil_batch_write(c->path, batch, root, NULL));
	veil_hex_encode(root, sizeof root, hex);
	log = veil_log_open(c->site->dir, "op1", NULL);
	assert_true(veil_log_append(log, "registrar", "batch.freeze", NULL, "batch", "T", "freeze-id", veil_batch_get(batch, "freeze_id"), "batch-root", hex, NULL));
}

static void
begin(Case *c, void **state)
{
	assert_int_equal(fixture_set_up(state), 0);
	c->site = *state;
	c->step = (VeilStep){.site = c->site->site, .operator_handle = "op1", .now_unix_s = 1780000000, .quiet = TRUE};
	c->path = veil_batch_path(c->site->site, VEIL_FOLDER_DRAW, "T", "veil");
}

static void
end(Case *c, void **state)
{
	g_free(c->path);
	fixture_tear_down(state);
}

static void
draw(Case *c)
{
	VeilDrawOptions options = {.seed_hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
	g_autoptr(GError) error = NULL;

	if (!veil_step_draw(&c->step, "T", &options, &error))
		fail_msg("%s", error->message);
}

/* The exit code of a vacancy, -1 for done; what it prints is thrown away. */
static int
vacate(Case *c, VeilVacancyKind kind, const char *project, const char *reviewer, const char *reason, char **out_message)
{
	VeilVacancy vacancy = {kind, project, reviewer, reason, NULL};
	g_autoptr(GError) error = NULL;
	int out = dup(STDOUT_FILENO);
	gboolean done;

	fflush(stdout);
	assert_non_null(freopen("/dev/null", "w", stdout));
	done = veil_step_vacancy(&c->step, "T", &vacancy, VEIL_PRINT_CSV, &error);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	if (out_message != NULL)
		*out_message = error ? g_strdup(error->message) : NULL;
	return done ? -1 : error->code;
}

/* "P00000:R00001,R00007;P00001:..." of those who sit. */
static char *
panels(const Case *c)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilBatch) batch = veil_batch_read(c->path, &error);
	GString *text = g_string_new(NULL);

	if (batch == NULL)
		fail_msg("%s", error->message);
	for (guint64 i = 0; i < batch->n_places; i++)
		if (batch->places[i].seat == VEIL_SEAT_SITTING)
			g_string_append_printf(text, "%u:%u ", batch->places[i].project, batch->places[i].reviewer);
	return g_string_free(text, FALSE);
}

/* The n-th of this role (by place) of a project in the first draw. */
static char *
who(const Case *c, guint project, VeilRole role, guint32 place)
{
	g_autoptr(VeilBatch) batch = veil_batch_read(c->path, NULL);

	for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++)
		if (batch->places[i].role == role && batch->places[i].place == place && batch->places[i].draw == 1)
			return g_strdup(batch->reviewers[batch->places[i].reviewer].code);
	return NULL;
}

/* --- laws ---------------------------------------------------------------------------------------------------------- */

/* Whoever sits or waits: who left counts for no rule any more, but his load does. */
static gboolean
counts(const VeilBatchPlace *place)
{
	return place->seat == VEIL_SEAT_SITTING || place->seat == VEIL_SEAT_WAITING;
}

static void
check_joint(const Case *c)
{
	g_autoptr(VeilBatch) batch = veil_batch_read(c->path, NULL);
	guint32 load[REVIEWERS] = {0};

	for (guint64 i = 0; i < batch->n_places; i++) {
		load[batch->places[i].reviewer]++;
		for (guint64 j = batch->place_offset[batch->places[i].project]; j < i; j++)
			if (counts(&batch->places[i]) && counts(&batch->places[j]))
				assert_string_not_equal(batch->reviewers[batch->places[i].reviewer].employer, batch->reviewers[batch->places[j].reviewer].employer);
	}
	for (guint r = 0; r < REVIEWERS; r++)
		assert_true(load[r] <= 3);
}

static void
test_panel_and_reserves_obey_every_maximum_together(void **state)
{
	static const char *const methods[] = {"total", "fair", "draw"};

	for (guint m = 0; m < G_N_ELEMENTS(methods); m++) {
		g_autofree char *text = g_strdup_printf("%smethod=%s\n", rules, methods[m]);
		Case c;

		begin(&c, state);
		write_batch(&c, text, NULL, 7 + m);
		draw(&c);
		check_joint(&c);
		for (guint p = 0; p < PROJECTS; p++) {
			g_autofree char *last = who(&c, p, VEIL_ROLE_RESERVE, 2);

			assert_non_null(last);
		}
		end(&c, state);
	}
}

/* Three vacancies and a conflict found late, in every one of some orders. */
static void
test_the_order_of_vacancies_does_not_matter(void **state)
{
	static const guint orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
	static const char *const methods[] = {"total", "draw"};

	for (guint trial = 0; trial < 4; trial++) {
		g_autofree char *text = g_strdup_printf("%smethod=%s\n", rules, methods[trial % 2]), *first = NULL;

		for (guint o = 0; o < G_N_ELEMENTS(orders); o++) {
			g_autofree char *result = NULL, *before = NULL;
			char *left[3], *struck;
			Case c;

			begin(&c, state);
			write_batch(&c, text, NULL, 100 + trial);
			draw(&c);
			before = panels(&c);
			for (guint i = 0; i < 3; i++)
				left[i] = who(&c, i < 2 ? trial : trial + 1, VEIL_ROLE_PANEL, i + 1);
			struck = who(&c, trial, VEIL_ROLE_RESERVE, 1 + trial % 2);
			for (guint i = 0; i < 4; i++) {
				g_autofree char *project = g_strdup_printf("P%05u", orders[o][i] < 2 || orders[o][i] == 3 ? trial : trial + 1);

				if (orders[o][i] == 3)
					assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, project, struck, NULL, NULL), -1);
				else
					assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, project, left[orders[o][i]], "declined", NULL), -1);
			}
			result = panels(&c);
			assert_string_not_equal(result, before);
			if (first == NULL)
				first = g_strdup(result);
			assert_string_equal(result, first);
			for (guint i = 0; i < 3; i++)
				g_free(left[i]);
			g_free(struck);
			end(&c, state);
		}
	}
}

static void
test_one_event_moves_one_seat(void **state)
{
	g_autofree char *before = NULL, *after = NULL, *reviewer = NULL, *reserve = NULL;
	g_auto(GStrv) old = NULL, new = NULL;
	guint gone = 0, came = 0;
	Case c;

	begin(&c, state);
	write_batch(&c, rules, NULL, 3);
	draw(&c);
	before = panels(&c);
	reviewer = who(&c, 4, VEIL_ROLE_PANEL, 2);
	reserve = who(&c, 4, VEIL_ROLE_RESERVE, 1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00004", reviewer, "no-reply", NULL), -1);
	after = panels(&c);
	old = g_strsplit(before, " ", -1);
	new = g_strsplit(after, " ", -1);
	for (guint i = 0; old[i] != NULL; i++)
		gone += !g_strv_contains((const char *const *)new, old[i]);
	for (guint i = 0; new[i] != NULL; i++)
		came += !g_strv_contains((const char *const *)old, new[i]);
	assert_int_equal(gone, 1);
	assert_int_equal(came, 1);
	/* Run again it changes nothing more; with another reason it is no seat any more. */
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00004", reviewer, "no-reply", NULL), -1);
	g_clear_pointer(&before, g_free);
	before = panels(&c);
	assert_string_equal(before, after);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00004", reviewer, "ill", NULL), VEIL_ERROR_NOT_AVAILABLE);
	end(&c, state);
}

static void
test_a_team_keeps_one_panel(void **state)
{
	g_autofree char *reviewer = NULL, *text = g_strconcat(rules, "method=total\n", NULL);
	g_autoptr(VeilBatch) batch = NULL;
	Case c;

	begin(&c, state);
	write_batch(&c, text, "t1", 5);
	draw(&c);
	reviewer = who(&c, 1, VEIL_ROLE_PANEL, 1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00001", reviewer, "ill", NULL), -1);
	batch = veil_batch_read(c.path, NULL);
	assert_int_equal(batch->n_events, 3);
	for (guint e = 1; e < 3; e++) {
		assert_string_equal(batch->events[e].promoted, batch->events[0].promoted);
		assert_string_equal(batch->events[e].reviewer, reviewer);
	}
	for (guint p = 1; p < 3; p++)
		for (guint64 i = 0; i < 5; i++) {
			assert_int_equal(batch->places[batch->place_offset[p] + i].reviewer, batch->places[i].reviewer);
			assert_int_equal(batch->places[batch->place_offset[p] + i].seat, batch->places[i].seat);
		}
	end(&c, state);
}

/* Nothing more happens to a withdrawn project, and its team goes on without it. */
static void
test_a_withdrawn_project_is_left_alone(void **state)
{
	g_autofree char *text = g_strconcat(rules, "method=total\n", NULL), *sitting = NULL, *outside = NULL;
	g_autoptr(VeilBatch) batch = NULL;
	guint32 anybody = 0;
	Case c;

	begin(&c, state);
	write_batch(&c, text, "t1", 5);
	draw(&c);
	sitting = who(&c, 0, VEIL_ROLE_PANEL, 1);
	batch = veil_batch_read(c.path, NULL);
	for (guint64 i = 0; i < batch->place_offset[1]; i++)
		if (batch->places[i].reviewer == anybody)
			anybody++, i = (guint64)-1;
	outside = g_strdup(batch->reviewers[anybody].code);
	g_clear_pointer(&batch, veil_batch_free);
	assert_int_equal(vacate(&c, VEIL_VACANCY_WITHDRAW, "P00001", NULL, NULL, NULL), -1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, "P00001", outside, NULL, NULL), VEIL_ERROR_NOT_AVAILABLE);
	assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, "P00001", sitting, NULL, NULL), VEIL_ERROR_NOT_AVAILABLE);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00001", sitting, "ill", NULL), VEIL_ERROR_NOT_AVAILABLE);
	batch = veil_batch_read(c.path, NULL);
	assert_int_equal(batch->n_events, 1);
	g_clear_pointer(&batch, veil_batch_free);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", sitting, "ill", NULL), -1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, "P00002", outside, NULL, NULL), -1);
	batch = veil_batch_read(c.path, NULL);
	assert_int_equal(batch->n_events, 5);
	for (guint e = 1; e < 5; e++)
		assert_string_not_equal(batch->events[e].project, "P00001");
	end(&c, state);
}

/* A reserve whose entry would leave the panel without the one it must have is passed over, and stays the next for other seats. */
static void
test_a_minimum_is_kept(void **state)
{
	g_autofree char *text = g_strconcat(rules, "method=total\n[panel.money]\nattribute=kind\nvalue=finance\nmin=1\n", NULL);

	for (guint32 seed = 1; seed <= 6; seed++) {
		g_autoptr(VeilBatch) batch = NULL;
		guint32 finance[PROJECTS] = {0}, seats[PROJECTS] = {0};
		Case c;

		begin(&c, state);
		write_batch(&c, text, NULL, seed);
		draw(&c);
		for (guint p = 0; p < PROJECTS; p++) {
			g_autofree char *project = g_strdup_printf("P%05u", p), *reviewer = who(&c, p, VEIL_ROLE_PANEL, 1 + p % 3);

			assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, project, reviewer, "declared", NULL), -1);
		}
		batch = veil_batch_read(c.path, NULL);
		for (guint64 i = 0; i < batch->n_places; i++)
			if (batch->places[i].seat == VEIL_SEAT_SITTING) {
				seats[batch->places[i].project]++;
				finance[batch->places[i].project] += strcmp(batch->reviewers[batch->places[i].reviewer].kind, "finance") == 0;
			}
		for (guint p = 0; p < PROJECTS; p++)
			assert_true(finance[p] >= 1 || seats[p] < 3);
		end(&c, state);
	}
}

/* --- further draws ------------------------------------------------------------------------------------------------- */

static void
test_a_top_up_keeps_all_and_brings_nobody_back(void **state)
{
	VeilDrawOptions top_up = {.top_up = TRUE}, round = {.add = 2, .reason = "more opinions"};
	g_autoptr(GError) error = NULL;
	g_autofree char *struck = NULL, *gone = NULL;
	g_autoptr(VeilBatch) batch = NULL;
	guint32 seats[PROJECTS] = {0};
	Case c;

	begin(&c, state);
	write_batch(&c, rules, NULL, 11);
	assert_false(veil_step_draw(&c.step, "T", &top_up, &error));
	g_clear_error(&error);
	draw(&c);
	assert_false(veil_step_draw(&c.step, "T", &top_up, &error)); /* nothing is empty */
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	for (guint32 i = 1; i <= 3; i++) {
		g_autofree char *reviewer = who(&c, 2, VEIL_ROLE_PANEL, i);

		assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00002", reviewer, "ill", NULL), -1);
	}
	batch = veil_batch_read(c.path, NULL);
	for (guint64 k = batch->offset[2]; struck == NULL && k < batch->offset[3]; k++) {
		gboolean placed = FALSE;

		for (guint64 i = batch->place_offset[2]; i < batch->place_offset[3]; i++)
			placed = placed || batch->places[i].reviewer == batch->reviewer[k];
		struck = placed ? NULL : g_strdup(batch->reviewers[batch->reviewer[k]].code);
	}
	g_clear_pointer(&batch, veil_batch_free);
	assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, "P00002", struck, NULL, NULL), -1);
	gone = who(&c, 5, VEIL_ROLE_PANEL, 1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_WITHDRAW, NULL, gone, NULL, NULL), -1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_WITHDRAW, "P00007", NULL, NULL, NULL), -1);
	if (!veil_step_draw(&c.step, "T", &top_up, &error))
		fail_msg("%s", error->message);
	if (!veil_step_draw(&c.step, "T", &round, &error))
		fail_msg("%s", error->message);
	check_joint(&c);
	batch = veil_batch_read(c.path, NULL);
	assert_int_equal(batch->n_draws, 3);
	assert_string_equal(batch->draws[1].kind, "top-up");
	assert_string_equal(batch->draws[2].kind, "round");
	for (guint64 i = 0; i < batch->n_places; i++) {
		const VeilBatchPlace *place = &batch->places[i];

		seats[place->project] += place->seat == VEIL_SEAT_SITTING;
		assert_false(place->draw > 1 && place->project == 2 && strcmp(batch->reviewers[place->reviewer].code, struck) == 0);
		assert_false(place->draw > 1 && strcmp(batch->reviewers[place->reviewer].code, gone) == 0);
		assert_false(place->draw > 1 && place->project == 7);
	}
	for (guint p = 0; p < PROJECTS; p++)
		assert_int_equal(seats[p], p == 7 ? 0 : 5);
	end(&c, state);
}

/* --- attacks ------------------------------------------------------------------------------------------------------- */

static void
test_sealed_excluded_and_unknown_answer_alike(void **state)
{
	g_autofree char *reserve = NULL, *a = NULL, *b = NULL, *c_ = NULL;
	g_autoptr(GString) expected = g_string_new(NULL);
	Case c;

	begin(&c, state);
	write_batch(&c, rules, NULL, 21);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", "R00000", "ill", NULL), VEIL_ERROR_REFUSED); /* not drawn */
	draw(&c);
	reserve = who(&c, 0, VEIL_ROLE_RESERVE, 1);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", reserve, "ill", &a), VEIL_ERROR_NOT_AVAILABLE);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", "RXXXXX", "ill", &b), VEIL_ERROR_NOT_AVAILABLE);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "PXXXXX", "RXXXXX", "ill", &c_), VEIL_ERROR_NOT_AVAILABLE);
	g_string_printf(expected, "reviewer %s has no seat on the panel of project P00000", reserve);
	assert_string_equal(a, expected->str);
	assert_string_equal(b, "reviewer RXXXXX has no seat on the panel of project P00000");
	assert_string_equal(c_, "reviewer RXXXXX has no seat on the panel of project PXXXXX");
	assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, "P00000", "RXXXXX", NULL, NULL), VEIL_ERROR_NOT_AVAILABLE);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", reserve, "bored", NULL), VEIL_ERROR_USAGE);
	end(&c, state);
}

/* The record is durable, the line is lost: whoever comes next writes it first, and it is the same. */
static void
test_a_cut_off_line_is_completed(void **state)
{
	g_autofree char *first = NULL, *second = NULL, *copy = NULL, *whole = NULL, *again = NULL;
	gsize len;
	Case c;

	begin(&c, state);
	write_batch(&c, rules, NULL, 31);
	draw(&c);
	first = who(&c, 0, VEIL_ROLE_PANEL, 1);
	second = who(&c, 1, VEIL_ROLE_PANEL, 1);
	assert_true(g_file_get_contents(c.path, &copy, &len, NULL));
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", first, "ill", NULL), -1);
	whole = panels(&c);
	assert_true(g_file_set_contents(c.path, copy, (gssize)len, NULL));
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", "RXXXXX", "ill", NULL), VEIL_ERROR_NOT_AVAILABLE);
	again = panels(&c);
	assert_string_equal(again, whole);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00001", second, "ill", NULL), -1);
	end(&c, state);
}

/* Whoever knows the next seed may not choose any more what it is drawn from. */
static void
test_a_begun_draw_closes_the_journal(void **state)
{
	g_autofree char *reviewer = NULL;
	g_autoptr(VeilLog) log = NULL;
	Case c;

	begin(&c, state);
	write_batch(&c, rules, NULL, 41);
	draw(&c);
	reviewer = who(&c, 0, VEIL_ROLE_PANEL, 1);
	log = veil_log_open(c.site->dir, "op1", NULL);
	assert_true(veil_log_append(log, "drawer", "batch.draw.intent", NULL, "batch", "T", "freeze-id", "00112233445566778899aabbccddeeff", "draw", "2", "seed",
				    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "seed-source", "system", "asked", "{}", NULL));
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00000", reviewer, "ill", NULL), VEIL_ERROR_REFUSED);
	end(&c, state);
}

static void
test_what_is_settled_stands(void **state)
{
	VeilDrawOptions top_up = {.top_up = TRUE}, round = {.add = 1, .reason = "more opinions"};
	g_autofree char *first = NULL, *second = NULL, *before = NULL, *after = NULL, *message = NULL;
	g_autoptr(GError) error = NULL;
	Case c;

	begin(&c, state);
	write_batch(&c, rules, NULL, 5);
	draw(&c);
	first = who(&c, 1, VEIL_ROLE_PANEL, 1);
	second = who(&c, 1, VEIL_ROLE_PANEL, 2);
	{ /* a draw that was begun is finished first */
		g_autoptr(VeilLog) log = veil_log_open(c.site->dir, "op1", NULL);

		assert_true(veil_log_append(log, "drawer", "batch.draw.intent", NULL, "batch", "T", "freeze-id", "00112233445566778899aabbccddeeff", "draw", "2", "seed",
					    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "seed-source", "given", NULL));
	}
	assert_false(veil_step_settle(&c.step, "T", &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	end(&c, state);

	begin(&c, state);
	write_batch(&c, rules, NULL, 5);
	draw(&c);
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00001", first, "ill", NULL), -1);
	before = panels(&c);
	assert_true(veil_step_settle(&c.step, "T", &error));
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00001", second, "ill", &message), VEIL_ERROR_REFUSED);
	assert_non_null(strstr(message, "veil batch new"));
	assert_int_equal(vacate(&c, VEIL_VACANCY_REPLACE, "P00001", first, "ill", NULL), VEIL_ERROR_REFUSED);
	assert_int_equal(vacate(&c, VEIL_VACANCY_STRIKE, "P00001", second, NULL, NULL), VEIL_ERROR_REFUSED);
	assert_int_equal(vacate(&c, VEIL_VACANCY_WITHDRAW, NULL, second, NULL, NULL), VEIL_ERROR_REFUSED);
	assert_int_equal(vacate(&c, VEIL_VACANCY_WITHDRAW, "P00002", NULL, NULL, NULL), VEIL_ERROR_REFUSED);
	assert_false(veil_step_draw(&c.step, "T", &top_up, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_false(veil_step_draw(&c.step, "T", &round, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	after = panels(&c);
	assert_string_equal(before, after);
	end(&c, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_panel_and_reserves_obey_every_maximum_together),
		cmocka_unit_test(test_the_order_of_vacancies_does_not_matter),
		cmocka_unit_test(test_one_event_moves_one_seat),
		cmocka_unit_test(test_a_team_keeps_one_panel),
		cmocka_unit_test(test_a_withdrawn_project_is_left_alone),
		cmocka_unit_test(test_a_minimum_is_kept),
		cmocka_unit_test(test_a_top_up_keeps_all_and_brings_nobody_back),
		cmocka_unit_test(test_sealed_excluded_and_unknown_answer_alike),
		cmocka_unit_test(test_a_cut_off_line_is_completed),
		cmocka_unit_test(test_a_begun_draw_closes_the_journal),
		cmocka_unit_test(test_what_is_settled_stands),
	};

	return cmocka_run_group_tests_name("vacancy", tests, NULL, NULL);
}
