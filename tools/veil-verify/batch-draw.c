/* batch-draw.c - the draws: their records, the panels, the proof. Steps 6 and 7 of docs/design/formats.md 3. */
#include <string.h>

#include "verify.h"

static gboolean
draw_record_check(const Check *c, const Draw *draw, const Record *record)
{
	GHashTable *table = c->batch.meta;
	g_autofree char *n = g_strdup_printf("%" G_GINT64_FORMAT, draw->n), *objective = g_strdup_printf("%" G_GINT64_FORMAT, draw->objective);
	g_autofree char *bound = g_strdup_printf("%" G_GINT64_FORMAT, draw->bound);
	char root[65];
	const char *const fields[][2] = {{"batch", meta(table, "batch")}, {"draw", n}, {"seed", draw->seed}, {"seed-source", draw->seed_source},
					 {"method", draw->method}, {"objective", objective}, {"bound", bound}, {"draw-root", root}};

	hex_of(draw->root, 32, root);
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (!field_is(record, fields[i][0], fields[i][1], "batch file"))
			return FALSE;
	if (strcmp(draw->method, meta(table, "method")) != 0)
		return verdict_reject("batch file: it was drawn by method %s, the freeze says %s", draw->method, meta(table, "method"));
	if (strcmp(draw->seed_source, "system") != 0 && (strcmp(draw->seed_source, "given") != 0 || strcmp(meta(table, "rehearsal"), "1") != 0))
		return verdict_reject("batch file: the seed was %s, which only a rehearsal may do", draw->seed_source);
	verdict_ok("draw", "seed, method, result and draw-root are those of ledger record %" G_GUINT64_FORMAT, record->seq);
	return TRUE;
}

static gboolean
panels_check(const Check *c)
{
	for (guint i = 0, reserves = 0; i < c->batch.places->len; i++) {
		const Place *place = PLACE(c->batch.places, i);
		const Project *project = place->project != NONE ? PROJECT(&c->batch.x, place->project) : NULL;
		const Offer *offer = project && place->reviewer != NONE ? project_offer(project, place->reviewer) : NULL;

		if (offer == NULL)
			return verdict_reject("assignment: place %" G_GUINT64_FORMAT ": this reviewer is no candidate of project %s", place->row, project ? project->id : "?");
		if (offer->score != place->score)
			return verdict_reject("assignment: project %s, reviewer %s: its score is not the frozen one", project->id, REVIEWER(&c->batch.x, place->reviewer)->id);
		reserves = i > 0 && place[-1].project == place->project ? reserves : 0;
		reserves += place->reserve;
		if (reserves > c->policy.reserves)
			return verdict_reject("assignment: project %s has more reserves than the policy gives", PROJECT(&c->batch.x, place->project)->id);
	}
	if (!places_legal(&c->batch.x, c->batch.places))
		return FALSE;
	verdict_ok("panels", "%u places: every project has its demand, no load is exceeded, no score was changed%s", c->batch.places->len,
		   c->batch.x.bounds->len ? ", panel rules hold" : "");
	return TRUE;
}

static gboolean
proof_check(const Check *c, const Draw *draw)
{
	gboolean plain = c->batch.x.bounds->len <= 1 && c->batch.x.shares->len == 0; /* at most one of an employer leaves no gap */
	Certificate certificate = {.method = draw->method, .status = (char *)(plain ? "optimal" : "feasible"), .objective = draw->objective,
				   .bound = draw->bound, .price = draw->prices};

	if (strcmp(draw->method, "total") != 0)
		return verdict_reject("batch file: this checker knows the method total only");
	return proof_total(&c->batch.x, &certificate, c->batch.places);
}

gboolean
draw_check(const Check *c)
{
	const Record *record = find_record(&c->ledger, "batch.draw", meta(c->batch.meta, "freeze_id"), NULL);
	const Draw *draw = c->batch.draws->len ? &g_array_index(c->batch.draws, Draw, 0) : NULL;

	if (draw == NULL && record != NULL)
		return verdict_reject("batch file: it has no draw, but ledger record %" G_GUINT64_FORMAT " has drawn it", record->seq);
	if (draw == NULL) {
		verdict_note("nothing is drawn yet: the freeze alone was checked");
		return TRUE;
	}
	if (record == NULL)
		return verdict_reject("ledger: it has no batch.draw for the draw in the batch file (interrupted? run `veil batch draw` again)");
	return draw_record_check(c, draw, record) && panels_check(c) && proof_check(c, draw);
}
