/* show.c - prints the drawer's view: a summary, the panels, the candidate lists.
 *
 * Rows lie in the order of project code, then reviewer code: the order of the file, and nobody's. Numbers of the summary are over the whole batch; a
 * count over people that is under five is printed as "<5".
 */
#include <stdio.h>
#include <string.h>

#include "show.h"

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
	guint64 places, listed;
	guint32 shortest, longest, drawn, max_load, complete;
	gint64 worst_project; /* sum over its panel */
} Summary;

static void
summarise(const VeilBatch *batch, Summary *s)
{
	g_autofree guint32 *loads = veil_batch_loads(batch);

	*s = (Summary){.shortest = G_MAXUINT32, .worst_project = G_MAXINT64};
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 length = (guint32)(batch->offset[p + 1] - batch->offset[p]);
		gint64 sum = 0;

		s->places += batch->projects[p].demand;
		s->listed += length;
		s->shortest = MIN(s->shortest, length);
		s->longest = MAX(s->longest, length);
		s->complete += batch->projects[p].cut < 0;
		if (batch->n_draws == 0)
			continue;
		for (guint64 k = batch->place_offset[p]; k < batch->place_offset[p + 1]; k++)
			sum += batch->places[k].seat == VEIL_SEAT_SITTING ? batch->places[k].score : 0;
		s->worst_project = MIN(s->worst_project, sum);
	}
	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		s->drawn += loads[r] > 0;
		s->max_load = MAX(s->max_load, loads[r]);
	}
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
	if (batch->n_draws) {
		add_number(json, "draws", batch->n_draws);
		add_text(json, "method", batch->draws[0].method);
		add_text(json, "seed", batch->draws[0].seed);
		add_text(json, "seed_source", batch->draws[0].seed_source);
		add_micro(json, "objective", batch->draws[0].objective);
		add_micro(json, "bound", batch->draws[0].bound);
		add_micro(json, "gap", batch->draws[0].bound - batch->draws[0].objective);
		add_micro(json, "min_project_score", s->worst_project);
		add_number(json, "reviewers_drawn", s->drawn);
		add_number(json, "max_load", s->max_load);
	}
	json_builder_end_object(json);
	veil_json_print(json);
}

static void
print_summary_text(const VeilBatch *batch, const Summary *s)
{
	char objective[32], bound[32], worst[32];

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
	veil_micro_format(batch->draws[0].objective, objective);
	veil_micro_format(batch->draws[0].bound, bound);
	veil_micro_format(s->worst_project, worst);
	printf("draw        method %s, seed %s (%s)\n", batch->draws[0].method, batch->draws[0].seed,
	       strcmp(batch->draws[0].seed_source, "given") == 0 ? "given" : "from the system");
	printf("result      total score %s, bound over all allowed pairs %s%s\n", objective, bound,
	       batch->draws[0].bound == batch->draws[0].objective ? ": proved optimal" : "");
	printf("            worst-served project %s; %u reviewers drawn, at most %u projects each\n", worst, s->drawn, s->max_load);
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
