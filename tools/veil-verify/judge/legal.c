/* legal.c - does an assignment obey the rules?
 *
 * Messages name projects and rules, never a reviewer: a published instance may use names as ids.
 */
#include <string.h>

#include "judge/judge.h"

/* One project's places against one rule. Reserves count for maxima only: whoever of them moves up, the panel stays legal. */
static gboolean
bound_holds(const Instance *x, const Bound *bound, guint32 p, const Place *place, guint n)
{
	const Project *project = PROJECT(x, p);
	gint64 all = 0, panel = 0;

	for (guint i = 0; i < n && bound->max[p] != G_MAXINT64 && bound->each; i++) {
		gint64 same = 0;

		for (guint j = 0; j < n; j++)
			same += bound->label[place[i].reviewer] != 0 && bound->label[place[j].reviewer] == bound->label[place[i].reviewer];
		if (same > bound->max[p] && bound->max[p] == 1)
			return verdict_reject("assignment: project %s has two reviewers of one %s", project->id, bound->rule->attribute);
		if (same > bound->max[p])
			return verdict_reject("assignment: project %s has %" G_GINT64_FORMAT " reviewers of one %s, rule %s allows %" G_GINT64_FORMAT, project->id,
					      same, bound->rule->attribute, bound->rule->name, bound->max[p]);
	}
	for (guint i = 0; i < n && !bound->each; i++) {
		gboolean counts = bound_label(x, bound, p, place[i].reviewer) != 0;

		all += counts;
		panel += counts && !place[i].reserve;
	}
	if (!bound->each && all > bound->max[p])
		return verdict_reject("assignment: project %s has %" G_GINT64_FORMAT " reviewers that rule %s counts, which allows %" G_GINT64_FORMAT, project->id, all,
				      bound->rule->name, bound->max[p]);
	if (!bound->each && panel < bound->min[p])
		return verdict_reject("assignment: project %s has %" G_GINT64_FORMAT " reviewers that rule %s counts, which asks for %" G_GINT64_FORMAT, project->id,
				      panel, bound->rule->name, bound->min[p]);
	return TRUE;
}

static gboolean
project_legal(const Instance *x, guint32 p, const Place *place, guint n)
{
	const Project *project = PROJECT(x, p);
	gint64 panel = 0;

	for (guint i = 0; i < n; i++)
		panel += !place[i].reserve;
	if (panel != project->demand)
		return verdict_reject("assignment: project %s has %" G_GINT64_FORMAT " reviewers, its demand is %" G_GINT64_FORMAT, project->id, panel, project->demand);
	for (guint b = 0; b < x->bounds->len; b++)
		if (!bound_holds(x, &g_array_index(x->bounds, Bound, b), p, place, n))
			return FALSE;
	return TRUE;
}

/* The panel of a team's project is that of its first. */
static gboolean
team_legal(const Instance *x, guint32 p, const Place *place, guint n, const Place *leader, guint n_leader)
{
	gboolean same = n == n_leader;

	for (guint i = 0; same && i < n; i++)
		same = place[i].reviewer == leader[i].reviewer && place[i].reserve == leader[i].reserve;
	return same || verdict_reject("assignment: projects %s and %s are of one team, but their panels differ", PROJECT(x, PROJECT(x, p)->leader)->id,
				      PROJECT(x, p)->id);
}

static gboolean
loads_legal(const Instance *x, const GArray *places)
{
	g_autofree gint64 *load = g_new0(gint64, x->reviewers->len + 1);

	for (guint i = 0; i < places->len; i++)
		load[PLACE(places, i)->reviewer]++;
	for (guint r = 0; r < x->reviewers->len; r++)
		if (load[r] > REVIEWER(x, r)->max_load || load[r] < REVIEWER(x, r)->min_load)
			return verdict_reject("assignment: a reviewer has %" G_GINT64_FORMAT " projects; the load bounds are %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
					      load[r], REVIEWER(x, r)->min_load, REVIEWER(x, r)->max_load);
	for (guint s = 0; s < x->shares->len; s++) {
		const Share *share = &g_array_index(x->shares, Share, s);
		gint64 held = 0;

		for (guint i = 0; i < places->len; i++)
			held += !PLACE(places, i)->reserve && share->label[PLACE(places, i)->reviewer];
		if (held < share->min || held > share->max)
			return verdict_reject("assignment: %" G_GINT64_FORMAT " places of the batch are of share %s, which allows %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
					      held, share->rule->name, share->min, share->max);
	}
	return TRUE;
}

gboolean
places_legal(const Instance *x, const GArray *places)
{
	g_autofree guint *start = g_new0(guint, x->projects->len + 2);

	for (guint i = 0; i < places->len; i++) {
		start[PLACE(places, i)->project + 1]++;
		if (i > 0 && place_compare(PLACE(places, i), PLACE(places, i - 1)) == 0)
			return verdict_reject("assignment: rows %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " give the same pair", PLACE(places, i - 1)->row,
					      PLACE(places, i)->row);
	}
	for (guint p = 0; p < x->projects->len; p++) {
		guint32 leader = PROJECT(x, p)->leader;

		start[p + 1] += start[p];
		if (!project_legal(x, p, PLACE(places, start[p]), start[p + 1] - start[p]))
			return FALSE;
		if (leader != p && !team_legal(x, p, PLACE(places, start[p]), start[p + 1] - start[p], PLACE(places, start[leader]), start[leader + 1] - start[leader]))
			return FALSE;
	}
	return loads_legal(x, places);
}

gboolean
panel_fits(const Instance *x, guint32 p, gint64 places, const guint32 *reviewers, guint n)
{
	for (guint b = 0; b < x->bounds->len; b++) {
		const Bound *bound = &g_array_index(x->bounds, Bound, b);
		gint64 counted = 0, min, max;

		rule_range(bound->rule, PROJECT(x, p), places, &min, &max);
		for (guint i = 0; i < n; i++) {
			gint64 same = 0;

			counted += bound_label(x, bound, p, reviewers[i]) != 0;
			for (guint j = 0; j < n && bound->each; j++)
				same += bound->label[reviewers[i]] != 0 && bound->label[reviewers[j]] == bound->label[reviewers[i]];
			if (same > max)
				return FALSE;
		}
		if (!bound->each && (counted > max || min - counted > places - n))
			return FALSE;
	}
	return TRUE;
}
