/* batch-draw.c - the draw: its record, the panels, the price bound. Steps 6 and 7 of docs/design/formats.md 3. */
#include <string.h>

#include "verify.h"

static gboolean
draw_record_check(const Check *c, const Record *record)
{
	GHashTable *table = c->batch.meta;
	const char *method = c->batch.method;
	g_autofree char *draw = g_strdup_printf("%" G_GINT64_FORMAT, c->batch.draw);
	g_autofree char *objective = g_strdup_printf("%" G_GINT64_FORMAT, c->batch.objective);
	g_autofree char *bound = g_strdup_printf("%" G_GINT64_FORMAT, c->batch.bound);
	char root[65];

	hex_of(c->batch.draw_root, 32, root);
	if (!field_is(record, "batch", meta(table, "batch"), "batch file") || !field_is(record, "draw", draw, "batch file") ||
	    !field_is(record, "seed", c->batch.seed, "batch file") || !field_is(record, "seed-source", c->batch.seed_source, "batch file") ||
	    !field_is(record, "method", method, "batch file") || !field_is(record, "objective", objective, "batch file") ||
	    !field_is(record, "bound", bound, "batch file") || !field_is(record, "draw-root", root, "batch file"))
		return FALSE;
	if (strcmp(method, "total") != 0 || strcmp(meta(table, "method"), "total") != 0)
		return verdict_reject("batch file: this checker knows the method total only");
	if (strcmp(c->batch.seed_source, "system") != 0 &&
	    (strcmp(c->batch.seed_source, "given") != 0 || strcmp(meta(table, "rehearsal"), "1") != 0))
		return verdict_reject("batch file: the seed was %s, which only a rehearsal may do", c->batch.seed_source);
	verdict_ok("draw", "seed, method, result and draw-root are those of ledger record %" G_GUINT64_FORMAT, record->seq);
	return TRUE;
}

static const Candidate *
find_candidate(const Project *project, guint32 reviewer)
{
	guint32 low = 0, high = project->n_candidates;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;

		if (project->candidates[middle].reviewer < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < project->n_candidates && project->candidates[low].reviewer == reviewer ? &project->candidates[low] : NULL;
}

/* Places come sorted by project, reviewer. */
static gboolean
panels_check(const Check *c, Wide *out_objective)
{
	g_autofree guint64 *load = g_new0(guint64, c->batch.reviewers->len + 1);
	g_autofree guint32 *panel = g_new0(guint32, c->batch.projects->len + 1), *reserve = g_new0(guint32, c->batch.projects->len + 1);
	g_autofree guint32 *taken = g_new0(guint32, c->n_groups + 1);

	for (guint i = 0; i < c->batch.places->len; i++) {
		const Place *place = &g_array_index(c->batch.places, Place, i);
		guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(c->batch.project_index, place->project));
		guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(c->batch.reviewer_index, place->reviewer));
		const Candidate *candidate = p && r ? find_candidate(PROJECT(c->batch.projects, p - 1), r - 1) : NULL;

		if (candidate == NULL)
			return verdict_reject("assignment: place %u: this reviewer is no candidate of project %s", i + 1, place->project);
		if (candidate->score != place->score)
			return verdict_reject("assignment: project %s, reviewer %s: its score is not the frozen one", place->project, place->reviewer);
		if (c->group[r - 1] != 0 && taken[c->group[r - 1]] == p)
			return verdict_reject("assignment: project %s has two reviewers of one employer", place->project);
		taken[c->group[r - 1]] = p;
		load[r - 1]++;
		*(place->reserve ? &reserve[p - 1] : &panel[p - 1]) += 1;
		*out_objective += place->reserve ? 0 : place->score;
	}
	for (guint p = 0; p < c->batch.projects->len; p++) {
		const Project *project = PROJECT(c->batch.projects, p);

		if (panel[p] != project->demand)
			return verdict_reject("assignment: project %s has %u reviewers, its demand is %" G_GINT64_FORMAT, project->code, panel[p], project->demand);
		if (reserve[p] > c->policy.reserves)
			return verdict_reject("assignment: project %s has more reserves than the policy gives", project->code);
	}
	for (guint r = 0; r < c->batch.reviewers->len; r++) {
		const Reviewer *reviewer = REVIEWER(&c->batch, r);

		if ((gint64)load[r] > reviewer->max_load || (gint64)load[r] < reviewer->min_load)
			return verdict_reject("assignment: reviewer %s has %" G_GUINT64_FORMAT " projects, which is outside the load bounds", reviewer->code, load[r]);
	}
	verdict_ok("panels", "%u places: every project has its demand, no load is exceeded, no score was changed%s", c->batch.places->len,
		   c->policy.group_attribute ? ", nobody sits beside a colleague" : "");
	return TRUE;
}

static gboolean
bound_check(const Check *c, Wide objective)
{
	g_autoptr(GArray) offers = g_array_new(FALSE, FALSE, sizeof(Offer));
	Prices prices;
	Wide bound = 0, value = 0;
	gboolean ok = prices_init(&prices, c->batch.reviewers->len, c->batch.prices, c->group, c->n_groups);

	for (guint p = 0; ok && p < c->batch.projects->len; p++) {
		const Project *project = PROJECT(c->batch.projects, p);

		g_array_set_size(offers, 0);
		for (guint32 i = 0; i < project->n_candidates; i++) {
			Offer offer = {project->candidates[i].reviewer, project->candidates[i].score};

			g_array_append_val(offers, offer);
		}
		if (!prices_best_panel(&prices, (const Offer *)offers->data, offers->len, NULL, 0, (guint64)project->demand,
				       project->has_cut ? REST_DUMMIES : REST_NONE, project->cut, &value))
			ok = verdict_reject("batch file: project %s lists too few candidates for its demand", project->code);
		bound += value;
	}
	for (guint r = 0; ok && r < c->batch.reviewers->len; r++)
		bound += prices_load_term(c->batch.prices[r], REVIEWER(&c->batch, r)->min_load, REVIEWER(&c->batch, r)->max_load);
	prices_clear(&prices);
	if (!ok)
		return FALSE;
	if (!fits_int64(objective) || (gint64)objective != c->batch.objective)
		return verdict_reject("batch file: the stored objective is not the sum of the panels' scores");
	if (!fits_int64(bound) || (gint64)bound != c->batch.bound)
		return verdict_reject("batch file: the prices do not give the stored bound");
	if (bound != objective)
		return verdict_reject("batch file: the prices leave a gap of %" G_GINT64_FORMAT " millionths: this assignment is not proved to be the best",
				      (gint64)(bound - objective));
	verdict_ok("optimum", "objective %" G_GINT64_FORMAT " millionths = price bound over all allowed pairs: no legal assignment has a better total",
		   (gint64)objective);
	verdict_number("objective", (gint64)objective);
	verdict_number("bound", (gint64)bound);
	return TRUE;
}

gboolean
draw_check(const Check *c)
{
	const Record *record = find_record(&c->ledger, "batch.draw", meta(c->batch.meta, "freeze_id"));
	Wide objective = 0;

	if (c->batch.n_draws == 0 && record != NULL)
		return verdict_reject("batch file: it has no draw, but ledger record %" G_GUINT64_FORMAT " has drawn it", record->seq);
	if (c->batch.n_draws == 0 && c->batch.places->len > 0)
		return verdict_reject("batch file: it has an assignment without a draw");
	if (c->batch.n_draws == 0) {
		verdict_note("nothing is drawn yet: the freeze alone was checked");
		return TRUE;
	}
	if (record == NULL)
		return verdict_reject("ledger: it has no batch.draw for the draw in the batch file (interrupted? run `veil batch draw` again)");
	return draw_record_check(c, record) && panels_check(c, &objective) && bound_check(c, objective);
}
