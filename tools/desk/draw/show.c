/* show.c - prints the drawer's view: a summary, the panels, the candidate lists.
 *
 * Rows lie in the order of project code, then reviewer code: the order of the file, and nobody's. Panels are those who sit now, after every event of the journal. Who waits as a
 * reserve is sealed until a vacancy is logged: reserves are counted, never listed (docs/decisions/0011).
 */
#include <stdio.h>
#include <string.h>

#include "draw/show.h"

guint32 *
veil_batch_loads(const VeilBatch *batch)
{
	guint32 *loads = g_new0(guint32, MAX(batch->n_reviewers, 1));

	for (guint64 i = 0; i < batch->n_places; i++)
		loads[batch->places[i].reviewer] += batch->places[i].seat == VEIL_SEAT_SITTING;
	return loads;
}

static gboolean
show_assignments(const VeilBatch *batch, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"project", "reviewer", "score", "role"};
	char score[32];
	VeilRows rows;

	if (batch->n_draws == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this batch is not drawn yet; run `veil batch draw`");
		return FALSE;
	}
	if (!veil_rows_begin(&rows, how, "assignments", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint64 i = 0; i < batch->n_places; i++) {
		const VeilBatchPlace *place = &batch->places[i];
		const char *cells[] = {batch->projects[place->project].code, batch->reviewers[place->reviewer].code, score, "panel"};

		if (place->seat != VEIL_SEAT_SITTING)
			continue;
		veil_micro_format(place->score, score);
		veil_rows_add(&rows, cells);
	}
	return veil_rows_end(&rows, error);
}

static gboolean
show_candidates(const VeilBatch *batch, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"project", "reviewer", "score"};
	char score[32];
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "candidates", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint32 p = 0; p < batch->n_projects; p++)
		for (guint64 k = batch->offset[p]; k < batch->offset[p + 1]; k++) {
			const char *cells[] = {batch->projects[p].code, batch->reviewers[batch->reviewer[k]].code, score};

			veil_micro_format(batch->score[k], score);
			veil_rows_add(&rows, cells);
		}
	return veil_rows_end(&rows, error);
}

/* --- summary --------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 places, listed, empty, waiting, vacated, reserves; /* reserves: as drawn */
	guint32 shortest, longest, drawn, max_load, highest_odds;
	gint64 worst_project, total; /* sums over those who sit */
} Summary;

static void
summarise_panels(const VeilBatch *batch, Summary *s)
{
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 seats = veil_batch_seats(batch, p), sitting = 0;
		gboolean released = FALSE;
		gint64 sum = 0;

		for (guint64 k = batch->place_offset[p]; k < batch->place_offset[p + 1]; k++) {
			const VeilBatchPlace *place = &batch->places[k];

			released = released || place->seat == VEIL_SEAT_RELEASED;
			s->reserves += place->role == VEIL_ROLE_RESERVE;
			s->waiting += place->seat == VEIL_SEAT_WAITING;
			s->vacated += place->seat == VEIL_SEAT_VACATED;
			sitting += place->seat == VEIL_SEAT_SITTING;
			sum += place->seat == VEIL_SEAT_SITTING ? place->score : 0;
		}
		s->total += sum;
		if (released || seats == 0)
			continue;
		s->empty += seats - MIN(seats, sitting);
		s->worst_project = MIN(s->worst_project, sum);
	}
	if (s->worst_project == G_MAXINT64)
		s->worst_project = 0;
}

static void
summarise(const VeilBatch *batch, Summary *s)
{
	g_autofree guint32 *loads = veil_batch_loads(batch);

	*s = (Summary){.shortest = G_MAXUINT32, .worst_project = G_MAXINT64};
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 length = (guint32)(batch->offset[p + 1] - batch->offset[p]);

		s->places += batch->n_draws ? veil_batch_seats(batch, p) : batch->projects[p].demand;
		s->listed += length;
		s->shortest = MIN(s->shortest, length);
		s->longest = MAX(s->longest, length);
	}
	if (batch->n_draws > 0)
		summarise_panels(batch, s);
	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		s->drawn += loads[r] > 0;
		s->max_load = MAX(s->max_load, loads[r]);
	}
	for (guint32 d = 0; d < batch->n_draws; d++)
		for (guint64 k = 0; batch->draws[d].odds_offset != NULL && k < batch->draws[d].odds_offset[batch->n_projects]; k++)
			s->highest_odds = MAX(s->highest_odds, batch->draws[d].odds[k]);
	if (batch->n_projects == 0)
		s->shortest = 0;
}

static void
add_text(JsonBuilder *json, const char *name, const char *value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_string_value(json, value ? value : "");
}

static void
add_number(JsonBuilder *json, const char *name, gint64 value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_int_value(json, value);
}

static void
add_micro(JsonBuilder *json, const char *name, gint64 micro)
{
	json_builder_set_member_name(json, name);
	json_builder_add_double_value(json, (double)micro / 1e6);
}

static gboolean
is_rehearsal(const VeilBatch *batch)
{
	return g_strcmp0(veil_batch_get(batch, "rehearsal"), "1") == 0;
}

/* Objective and bound are those of the first draw, which are proved; the rest is what stands now. */
static void
add_draw(JsonBuilder *json, const VeilBatch *batch, const Summary *s)
{
	const VeilBatchDraw *draw = &batch->draws[0];

	add_number(json, "draws", batch->n_draws);
	add_text(json, "method", draw->method);
	add_text(json, "seed", draw->seed);
	add_text(json, "seed_source", draw->seed_source);
	add_micro(json, "objective", draw->objective);
	add_micro(json, "bound", draw->bound);
	add_micro(json, "gap", draw->bound - draw->objective);
	add_micro(json, "total", s->total);
	add_micro(json, "min_project_score", s->worst_project);
	add_number(json, "reviewers_drawn", s->drawn);
	add_number(json, "max_load", s->max_load);
	add_number(json, "reserves_waiting", (gint64)s->waiting);
	add_number(json, "events", batch->n_events);
	add_number(json, "empty_seats", (gint64)s->empty);
	if (s->highest_odds > 0) {
		json_builder_set_member_name(json, "highest_odds");
		json_builder_add_double_value(json, s->highest_odds / (double)VEIL_ODDS_WHOLE);
	}
}

static void
print_summary_json(const VeilBatch *batch, const Summary *s)
{
	JsonBuilder *json = json_builder_new();

	json_builder_begin_object(json);
	add_text(json, "batch", veil_batch_get(batch, "batch"));
	add_text(json, "state", batch->n_draws ? "drawn" : "frozen");
	add_text(json, "as_of", veil_batch_get(batch, "as_of"));
	add_text(json, "freeze_id", veil_batch_get(batch, "freeze_id"));
	json_builder_set_member_name(json, "rehearsal");
	json_builder_add_boolean_value(json, is_rehearsal(batch));
	add_number(json, "projects", batch->n_projects);
	add_number(json, "reviewers", batch->n_reviewers);
	add_number(json, "places", (gint64)s->places);
	add_number(json, "candidates", (gint64)s->listed);
	if (batch->n_draws > 0)
		add_draw(json, batch, s);
	json_builder_end_object(json);
	veil_json_print(json);
}

static const char *
seed_words(const char *source)
{
	return strcmp(source, "given") == 0 ? "given" : strcmp(source, "ceremony") == 0 ? "from the seed ceremony" : "from the system";
}

static void
print_result(const VeilBatchDraw *draw, const Summary *s)
{
	char objective[32], bound[32], total[32];

	veil_micro_format(draw->objective, objective);
	veil_micro_format(draw->bound, bound);
	veil_micro_format(s->total, total);
	if (strcmp(draw->method, "draw") == 0) {
		printf("odds        expected total %s%s; no odds under the cap can expect more than %s; highest odds %.4f%s\n", objective, s->reserves > 0 ? ", reserves too" : "", bound,
		       s->highest_odds / (double)VEIL_ODDS_WHOLE, s->reserves > 0 ? " (panel and reserves together)" : "");
		if (draw->n_lottery > 0)
			printf("lottery     of %u legal assignments, for its rules cross, or there are teams or shares; equal odds of equally fit reviewers were aimed at, not promised\n",
			       draw->n_lottery);
		printf("result      total score %s\n", total);
	} else {
		printf("result      total score %s, bound over all allowed pairs %s%s\n", objective, bound,
		       draw->bound == draw->objective ? ": proved optimal" : "");
	}
}

static void
print_journal(const VeilBatch *batch, const Summary *s)
{
	if (s->waiting > 0)
		printf("reserves    %" G_GUINT64_FORMAT " places, sealed until a vacancy is logged\n", s->waiting);
	if (batch->n_draws > 1)
		printf("draws       %u: the first and %u %s\n", batch->n_draws, batch->n_draws - 1, batch->n_draws == 2 ? "top-up or round" : "top-ups or rounds");
	if (batch->n_events > 0)
		printf("journal     %u events, %" G_GUINT64_FORMAT " places vacated, %" G_GUINT64_FORMAT " seats empty%s\n", batch->n_events, s->vacated, s->empty,
		       s->empty > 0 ? "; `veil batch draw NAME --top-up` fills them" : "");
}

static void
print_summary_text(const VeilBatch *batch, const Summary *s)
{
	char worst[32];

	if (is_rehearsal(batch))
		puts("REHEARSAL: one person may hold all roles here; this is no official draw");
	printf("batch       %s, frozen as of %s\n", veil_batch_get(batch, "batch"), veil_batch_get(batch, "as_of"));
	printf("projects    %u, %" G_GUINT64_FORMAT " places\n", batch->n_projects, s->places);
	printf("reviewers   %u may be drawn\n", batch->n_reviewers);
	printf("candidates  %" G_GUINT64_FORMAT " pairs, %u to %u a project\n", s->listed, s->shortest, s->longest);
	if (batch->n_draws == 0) {
		puts("draw        not yet");
		return;
	}
	veil_micro_format(s->worst_project, worst);
	printf("draw        method %s, seed %s (%s)\n", batch->draws[0].method, batch->draws[0].seed, seed_words(batch->draws[0].seed_source));
	print_result(&batch->draws[0], s);
	printf("            worst-served project %s; %u reviewers drawn, at most %u projects each\n", worst, s->drawn, s->max_load);
	print_journal(batch, s);
}

gboolean
veil_show(const VeilBatch *batch, VeilShow what, VeilPrint how, GError **error)
{
	Summary summary;

	switch (what) {
	case VEIL_SHOW_ASSIGNMENTS:
		return show_assignments(batch, how, error);
	case VEIL_SHOW_CANDIDATES:
		return show_candidates(batch, how, error);
	case VEIL_SHOW_SUMMARY:
		break;
	}
	summarise(batch, &summary);
	if (how == VEIL_PRINT_JSON)
		print_summary_json(batch, &summary);
	else
		print_summary_text(batch, &summary);
	return TRUE;
}
