/* match.c - `veil-verify match`: does this assignment obey the published instance, and do the prices prove its total?
 *
 * The people: whoever stands in scores, loads or attributes; the projects: whatever stands in scores or demands. Conflicts with others say nothing.
 * Messages name rows and projects, never a reviewer: a published instance may use names as ids.
 */
#include <string.h>

#include "verify.h"

static gboolean
place_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.project_index, field[0]));
	guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.reviewer_index, field[1]));
	Pair place = {p - 1, r - 1, 0, row};
	const Pair *listed;

	if (p == 0 || r == 0)
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " names a project or a reviewer that is not in the inputs", row);
	if (!micro_parse(field[2], &place.score))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT ": its score is no number", row);
	listed = instance_find(m->x.scores, m->x.score_start, place.project, place.reviewer);
	if (instance_find(m->x.conflicts, m->x.conflict_start, place.project, place.reviewer))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): this pair is in conflict", row, field[0]);
	if (listed == NULL && !m->x.has_missing)
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): this pair is not allowed, it has no score", row, field[0]);
	if (place.score != (listed ? listed->score : m->x.missing))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): the score is not that of the inputs", row, field[0]);
	g_array_append_val(m->places, place);
	return TRUE;
}

static gboolean
check_places(Match *m, Wide *out_objective)
{
	const Instance *x = &m->x;
	g_autofree guint64 *load = g_new0(guint64, x->reviewers->len + 1), *panel = g_new0(guint64, x->projects->len + 1);
	g_autofree guint32 *taken = g_new0(guint32, x->n_groups + 1);

	g_array_sort(m->places, pair_compare);
	for (guint i = 0; i < m->places->len; i++) {
		const Pair *place = &g_array_index(m->places, Pair, i);
		guint32 group = x->group[place->reviewer];

		if (i > 0 && pair_compare(place, place - 1) == 0)
			return verdict_reject("assignment: rows %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " give the same pair", place[-1].row, place->row);
		if (group != 0 && taken[group] == place->project + 1)
			return verdict_reject("assignment: row %" G_GUINT64_FORMAT ": project %s has two reviewers of one %s", place->row,
					      (const char *)x->projects->pdata[place->project], m->policy.group_attribute);
		taken[group] = place->project + 1;
		panel[place->project]++;
		load[place->reviewer]++;
		*out_objective += place->score;
	}
	for (guint p = 0; p < x->projects->len; p++)
		if ((gint64)panel[p] != x->demand[p])
			return verdict_reject("assignment: project %s has %" G_GUINT64_FORMAT " reviewers, its demand is %" G_GINT64_FORMAT,
					      (const char *)x->projects->pdata[p], panel[p], x->demand[p]);
	for (guint r = 0; r < x->reviewers->len; r++)
		if ((gint64)load[r] > x->max_load[r] || (gint64)load[r] < x->min_load[r])
			return verdict_reject("assignment: a reviewer has %" G_GUINT64_FORMAT " projects; the bounds are %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
					      load[r], x->min_load[r], x->max_load[r]);
	return TRUE;
}

static gboolean
check_bound(Match *m, Wide objective)
{
	const Instance *x = &m->x;
	g_autoptr(GArray) offers = g_array_new(FALSE, FALSE, sizeof(Offer)), barred = g_array_new(FALSE, FALSE, sizeof(guint32));
	Prices prices;
	Wide bound = 0, value = 0;
	gboolean ok = prices_init(&prices, x->reviewers->len, m->prices, x->group, x->n_groups);

	for (guint32 p = 0; ok && p < x->projects->len; p++) {
		g_array_set_size(offers, 0);
		g_array_set_size(barred, 0);
		for (guint64 i = x->conflict_start[p]; i < x->conflict_start[p + 1]; i++)
			g_array_append_val(barred, g_array_index(x->conflicts, Pair, i).reviewer);
		for (guint64 i = x->score_start[p]; i < x->score_start[p + 1]; i++) {
			const Pair *pair = &g_array_index(x->scores, Pair, i);
			Offer offer = {pair->reviewer, pair->score};

			if (!instance_find(x->conflicts, x->conflict_start, p, pair->reviewer))
				g_array_append_val(offers, offer);
		}
		if (!prices_best_panel(&prices, (const Offer *)(gpointer)offers->data, offers->len, (const guint32 *)(gpointer)barred->data,
				       barred->len, (guint64)x->demand[p], x->has_missing ? REST_REAL : REST_NONE, x->missing, &value))
			ok = verdict_reject("project %s has fewer allowed reviewers than its demand", (const char *)x->projects->pdata[p]);
		bound += value;
	}
	for (guint32 r = 0; ok && r < x->reviewers->len; r++)
		bound += prices_load_term(m->prices[r], x->min_load[r], x->max_load[r]);
	prices_clear(&prices);
	if (!ok)
		return FALSE;
	if (!fits_int64(objective) || (gint64)objective != m->objective)
		return verdict_reject("certificate: its objective is not the sum of the assignment's scores");
	if (!fits_int64(bound) || (gint64)bound != m->bound)
		return verdict_reject("certificate: its prices do not give its bound");
	if (bound < objective)
		return verdict_reject("certificate: its bound is below its objective");
	if (strcmp(m->status, "optimal") == 0 && bound != objective)
		return verdict_reject("certificate: it says optimal, but the prices leave a gap");
	return TRUE;
}

static gboolean
verify_assignment(Match *m)
{
	static const char *const columns[] = {"project", "reviewer", "score", NULL};
	const Instance *x = &m->x;
	g_autofree char *bytes = NULL;
	gsize len = 0;
	char digest[65];
	Wide objective = 0;

	if (m->options->assignment == NULL)
		return verdict_reject("the certificate is that of an assignment: give --assignment");
	if (!read_whole_file(m->options->assignment, &bytes, &len))
		return FALSE;
	if (!csv_each(m->options->assignment, columns, place_row, m) || !check_places(m, &objective))
		return FALSE;
	verdict_ok("assignment", "%u places: every project has its demand, loads hold, no pair is in conflict, scores are those of the inputs%s",
		   m->places->len, m->policy.group_attribute ? ", panel rule holds" : "");
	sha256_hex(bytes, len, digest);
	if (strcmp(digest, m->digest) != 0)
		return verdict_reject("certificate: it is that of another assignment");
	if (!check_bound(m, objective))
		return FALSE;
	if (m->bound == m->objective)
		verdict_ok("optimum", "objective %" G_GINT64_FORMAT " millionths = price bound over all allowed pairs: no legal assignment has a better total",
			   m->objective);
	else
		verdict_ok("bound", "objective %" G_GINT64_FORMAT " millionths, no legal assignment can have more than %" G_GINT64_FORMAT ": gap %" G_GINT64_FORMAT,
			   m->objective, m->bound, m->bound - m->objective);
	verdict_number("objective", m->objective);
	verdict_number("bound", m->bound);
	verdict_number("projects", x->projects->len);
	verdict_number("reviewers", x->reviewers->len);
	return TRUE;
}

static void
match_init(Match *m)
{
	m->x.project_index = g_hash_table_new(g_str_hash, g_str_equal);
	m->x.reviewer_index = g_hash_table_new(g_str_hash, g_str_equal);
	m->x.projects = g_ptr_array_new_with_free_func(g_free);
	m->x.reviewers = g_ptr_array_new_with_free_func(g_free);
	m->x.scores = g_array_new(FALSE, FALSE, sizeof(Pair));
	m->x.conflicts = g_array_new(FALSE, FALSE, sizeof(Pair));
	m->demand = g_array_new(FALSE, FALSE, sizeof(gint64));
	m->min_load = g_array_new(FALSE, FALSE, sizeof(gint64));
	m->max_load = g_array_new(FALSE, FALSE, sizeof(gint64));
	m->group = g_array_new(FALSE, FALSE, sizeof(guint32));
	m->places = g_array_new(FALSE, FALSE, sizeof(Pair));
	m->group_index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	m->seen = g_hash_table_new(NULL, NULL);
}

static void
match_clear(Match *m)
{
	GArray *arrays[] = {m->x.scores, m->x.conflicts, m->demand, m->min_load, m->max_load, m->group, m->places};
	GHashTable *tables[] = {m->x.project_index, m->x.reviewer_index, m->group_index, m->seen};

	for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
		g_array_unref(arrays[i]);
	for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
		g_hash_table_unref(tables[i]);
	g_ptr_array_unref(m->x.projects);
	g_ptr_array_unref(m->x.reviewers);
	g_free(m->x.score_start), g_free(m->x.conflict_start);
	g_free(m->prices), g_free(m->project_in), g_free(m->reviewer_in), g_free(m->status), g_free(m->digest);
	policy_clear(&m->policy);
}

gboolean
match_verify(const MatchOptions *options)
{
	Match m = {.options = options};
	gboolean ok;

	match_init(&m);
	ok = instance_read(&m);
	if (ok)
		verdict_ok("inputs", "%u projects, %u reviewers, %u scores, %u conflicts", m.x.projects->len, m.x.reviewers->len, m.x.scores->len,
			   m.x.conflicts->len);
	ok = ok && certificate_read(&m);
	if (ok && m.infeasible && options->assignment && g_file_test(options->assignment, G_FILE_TEST_EXISTS))
		ok = verdict_reject("certificate: it says infeasible, and yet there is an assignment");
	if (ok)
		ok = m.infeasible ? witness_verify(&m.x, m.minimum, m.project_in, m.reviewer_in, m.short_by) : verify_assignment(&m);
	match_clear(&m);
	return ok;
}
