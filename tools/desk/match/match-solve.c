/* match-solve.c - a published instance to the solver and back.
 *
 * With --missing-score every pair that is not in conflict is allowed, and a table of all would be projects x reviewers. Beyond a few
 * million pairs each project is therefore listed with its own scores and some of those that share the missing score; the cut is that
 * score. Where the solver finds a list too short it is doubled, so that the result holds for all pairs.
 */
#include <string.h>

#include <veil/draw.h>

#include "match/match.h"

enum { DENSE_PAIRS = 4000000, MOST_EXPLAINED = 50000000, MAX_PAIRS = 400000000 };

struct _VeilPublishedLists {
	const VeilPublished *x;
	guint32 *want; /* by project: how many of those that share the missing score */
	guint32 *mark; /* by reviewer: project + 1 where listed or in conflict */
	guint64 *offset;
	gint64 *cut;
	GArray *reviewer, *score;
};
typedef VeilPublishedLists Lists;

gint64
veil_published_score(const VeilPublished *x, guint32 project, guint32 reviewer)
{
	guint64 low = x->offset[project], high = x->offset[project + 1];

	while (low < high) {
		guint64 middle = low + (high - low) / 2;

		if (x->listed[middle] < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < x->offset[project + 1] && x->listed[low] == reviewer ? x->score[low] : x->missing;
}

static void
append(Lists *lists, guint32 reviewer, gint64 score)
{
	g_array_append_val(lists->reviewer, reviewer);
	g_array_append_val(lists->score, score);
}

static int
compare_u32(const void *a, const void *b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

/* The row of p: its own pairs and, from a place of its own on, `want` of the others. */
static void
list_project(Lists *lists, guint32 p, guint32 *extra)
{
	const VeilPublished *x = lists->x;
	guint32 n_extra = 0, at = x->n_reviewers ? (guint32)((p * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> 32) % x->n_reviewers) : 0;
	guint32 tried = 0, e = 0;

	for (guint64 i = x->offset[p]; i < x->offset[p + 1]; i++)
		lists->mark[x->listed[i]] = p + 1;
	for (guint64 i = x->conflict_offset[p]; i < x->conflict_offset[p + 1]; i++)
		lists->mark[x->conflict[i]] = p + 1;
	for (; tried < x->n_reviewers && n_extra < lists->want[p]; tried++) {
		if (lists->mark[at] != p + 1)
			extra[n_extra++] = at;
		at = at + 1 == x->n_reviewers ? 0 : at + 1;
	}
	lists->cut[p] = tried < x->n_reviewers ? x->missing : VEIL_NO_CUT;
	qsort(extra, n_extra, sizeof *extra, compare_u32);
	for (guint64 i = x->offset[p]; i < x->offset[p + 1]; i++) {
		for (; e < n_extra && extra[e] < x->listed[i]; e++)
			append(lists, extra[e], x->missing);
		append(lists, x->listed[i], x->score[i]);
	}
	for (; e < n_extra; e++)
		append(lists, extra[e], x->missing);
	lists->offset[p + 1] = lists->reviewer->len;
}

gboolean
veil_published_lists_lengthen(gpointer data, const guint32 *want, VeilInstance *instance, GError **error)
{
	Lists *lists = data;
	const VeilPublished *x = lists->x;
	g_autofree guint32 *extra = g_new(guint32, (gsize)x->n_reviewers + 1);

	g_array_set_size(lists->reviewer, 0);
	g_array_set_size(lists->score, 0);
	memset(lists->mark, 0, sizeof *lists->mark * x->n_reviewers);
	for (guint32 p = 0; p < x->n_projects; p++) {
		lists->want[p] = MAX(lists->want[p], want[p]);
		list_project(lists, p, extra);
		if (lists->reviewer->len > MAX_PAIRS) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED,
					    "with this --missing-score too many pairs would have to be looked at; list the pairs that matter");
			return FALSE;
		}
	}
	instance->offset = lists->offset;
	instance->cut = lists->cut;
	instance->reviewer = (const guint32 *)(gpointer)lists->reviewer->data;
	instance->score = (const gint64 *)(gpointer)lists->score->data;
	return TRUE;
}

void
veil_published_instance(const VeilPublished *x, VeilInstance *out)
{
	*out = (VeilInstance){.n_projects = x->n_projects, .n_reviewers = x->n_reviewers, .demand = x->demand, .min_load = x->min_load, .max_load = x->max_load,
			      .offset = x->offset, .reviewer = x->listed, .score = x->score, .group = x->group, .team = x->team,
			      .bounds = (const VeilPanelBound *)(gpointer)x->bounds->data, .n_bounds = x->bounds->len,
			      .shares = (const VeilBatchShare *)(gpointer)x->shares->data, .n_shares = x->shares->len};
}

VeilPublishedLists *
veil_published_lists_new(const VeilPublished *x, guint32 *out_first)
{
	VeilPublishedLists *lists = g_new0(VeilPublishedLists, 1);
	gboolean dense = (guint64)x->n_projects * x->n_reviewers <= DENSE_PAIRS;

	lists->x = x;
	lists->want = g_new0(guint32, (gsize)x->n_projects + 1);
	lists->mark = g_new0(guint32, (gsize)x->n_reviewers + 1);
	lists->offset = g_new0(guint64, (gsize)x->n_projects + 1);
	lists->cut = g_new(gint64, (gsize)x->n_projects + 1);
	lists->reviewer = g_array_new(FALSE, FALSE, sizeof(guint32));
	lists->score = g_array_new(FALSE, FALSE, sizeof(gint64));
	for (guint32 p = 0; p < x->n_projects; p++)
		out_first[p] = dense || (x->team != NULL && x->team[p] != 0) ? x->n_reviewers
									     : (guint32)MIN((guint64)x->n_reviewers, 4 * (guint64)x->demand[p] + 16);
	return lists;
}

void
veil_published_lists_free(VeilPublishedLists *lists)
{
	g_free(lists->want);
	g_free(lists->mark);
	g_free(lists->offset);
	g_free(lists->cut);
	g_array_unref(lists->reviewer);
	g_array_unref(lists->score);
	g_free(lists);
}

static VeilMatch *
solve_even(const VeilInstance *in, const guint32 *order, GError **error)
{
	return veil_match_fair_even(in, NULL, order, error);
}

VeilMatch *
veil_published_solve(const VeilPublished *x, GError **error)
{
	g_autofree guint32 *order = NULL, *first = NULL;
	VeilMatch *(*solve)(const VeilInstance *, const guint32 *, GError **) = x->equity		       ? solve_even
										 : x->method == VEIL_METHOD_FAIR ? veil_match_fair
														 : veil_match_total;
	VeilScoreSource source = {.lengthen = veil_published_lists_lengthen, .solve = solve};
	VeilInstance in;
	VeilMatch *match;

	veil_published_instance(x, &in);
	if (x->has_seed) {
		order = g_new(guint32, (gsize)x->n_reviewers + 1);
		veil_draw_order(x->seed, "veil/order/reviewers", order, x->n_reviewers);
	}
	if (!x->has_missing)
		return solve(&in, order, error);
	source.first = first = g_new(guint32, (gsize)x->n_projects + 1);
	source.data = veil_published_lists_new(x, first);
	match = veil_match_over_all(&in, &source, order, error);
	veil_published_lists_free(source.data);
	return match;
}

GArray *
veil_published_relax(const VeilPublished *x, const VeilMatch *match, GError **error)
{
	VeilInstance in;
	VeilPublishedLists *lists = NULL;
	g_autofree guint32 *all = NULL;
	GArray *found = NULL;

	veil_published_instance(x, &in);
	if (x->has_missing && (guint64)x->n_projects * x->n_reviewers > MOST_EXPLAINED)
		return g_array_new(FALSE, FALSE, sizeof(VeilRelaxation));
	if (x->has_missing) {
		all = g_new(guint32, (gsize)x->n_projects + 1);
		lists = veil_published_lists_new(x, all);
		for (guint32 p = 0; p < x->n_projects; p++)
			all[p] = x->n_reviewers;
	}
	if (lists == NULL || veil_published_lists_lengthen(lists, all, &in, error))
		found = veil_match_relax(&in, &match->witness, error);
	if (lists != NULL)
		veil_published_lists_free(lists);
	return found;
}
