/* freeze-wide.c - lists of projects that a plain cut does not serve: minima of panel rules, and teams.
 *
 * A panel that must hold somebody from finance finds nobody on a list of the 300 best, all of whom are chemists. So for each minimum the best of
 * those who count for it are listed too, in proportion to the places they may get and never too few to draw from. The projects of a
 * team are reviewed by the same people: whoever is on the list of one and allowed for all is on the list of each, and whoever may not review one of them is on none.
 *
 * These lists are made from the project's whole row of scores, so their cut is exact: the best score of an allowed reviewer who is not listed.
 */
#include <string.h>

#include "freeze/freeze-wide.h"
#include "solve/instance.h"

typedef struct {
	guint8 *counts; /* by reviewer; NULL: whoever has the mark of the pair */
	guint8 pairs;
	guint32 *min;	/* by project in code order */
} Minimum;

struct VeilWide {
	const VeilFreezeInput *input;
	const VeilExclusions *exclusions;
	const VeilPlaces *places;
	const VeilAffinity *affinity;
	const guint64 *spin; /* by project of the facts */
	const VeilBatch *batch;
	VeilPeers *peers;    /* NULL: no rule counts pairs */
	Minimum *minima;
	guint n_minima;
	gboolean *asks;	     /* by project: some minimum binds it */
	guint32 *team;	     /* NULL without */
	guint32 *mates, *first_mate, *n_mates; /* projects of a team lie together in mates */
	gint32 *row;
	guint8 *state;	     /* by reviewer: one project's or team's */
};

enum { BARRED = 1, LISTED = 2 };

/* --- what there is to serve ------------------------------------------------------------------------------------------ */

static guint8 *
who_counts(const VeilBatch *batch, const char *attribute, const char *value)
{
	guint8 *counts = g_new0(guint8, MAX(batch->n_reviewers, 1));

	for (guint32 r = 0; r < batch->n_reviewers; r++)
		counts[r] = (guint8)veil_rule_value_counts(value, veil_batch_said(batch, r, attribute));
	return counts;
}

static void
add_minimum(VeilWide *wide, guint8 pairs, const char *attribute, const char *value, guint32 *min)
{
	gboolean any = FALSE;

	for (guint32 p = 0; p < wide->batch->n_projects; p++)
		any |= min[p] > 0;
	if (!any) {
		g_free(min);
		return;
	}
	for (guint32 p = 0; p < wide->batch->n_projects; p++)
		wide->asks[p] |= min[p] > 0;
	wide->minima[wide->n_minima++] = (Minimum){pairs ? NULL : who_counts(wide->batch, attribute, value), pairs, min};
}

/* A share of the whole batch is asked of every project in proportion: its lists must be able to give what the batch must have. */
static void
find_minima(VeilWide *wide)
{
	const VeilPolicy *policy = wide->input->policy;
	guint32 n = wide->batch->n_projects;

	wide->minima = g_new0(Minimum, policy->n_panel + policy->n_share + 1);
	for (guint i = 0; i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];
		guint32 *min = g_new0(guint32, MAX(n, 1)), max;

		for (guint32 p = 0; p < n; p++)
			if (veil_panel_rule_binds(rule, wide->batch->projects[p].project_class))
				veil_panel_rule_counts(rule, wide->batch->projects[p].demand, &min[p], &max);
		add_minimum(wide, veil_peer_mark(rule), rule->attribute, rule->value, min);
	}
	for (guint i = 0; i < policy->n_share; i++) {
		guint32 *min = g_new0(guint32, MAX(n, 1));

		for (guint32 p = 0; p < n; p++) {
			guint64 least, most;

			veil_share_rule_counts(&policy->share[i], wide->batch->projects[p].demand, &least, &most);
			min[p] = (guint32)least;
		}
		add_minimum(wide, 0, policy->share[i].attribute, policy->share[i].value, min);
	}
}

/* Projects of a team one after the other, teams and lone projects in code order of their first. */
static void
find_mates(VeilWide *wide, const guint32 *team)
{
	guint32 n = wide->batch->n_projects, n_teams = 0;
	g_autofree guint32 *next = NULL;

	wide->mates = g_new(guint32, MAX(n, 1));
	wide->first_mate = g_new(guint32, MAX(n, 1));
	wide->n_mates = g_new(guint32, MAX(n, 1));
	wide->team = team ? g_memdup2(team, sizeof *team * MAX(n, 1)) : NULL;
	for (guint32 p = 0; team != NULL && p < n; p++)
		n_teams = MAX(n_teams, team[p]);
	next = g_new0(guint32, (gsize)n_teams + 2);
	for (guint32 p = 0; team != NULL && p < n; p++)
		next[team[p] + 1] += team[p] != 0;
	for (guint32 t = 1; t <= n_teams; t++)
		next[t + 1] += next[t];
	/* lone projects behind the teams */
	for (guint32 p = 0, lone = next[n_teams + 1]; p < n; p++) {
		guint32 t = team ? team[p] : 0;

		wide->mates[t ? next[t]++ : lone++] = p;
	}
	for (guint32 i = 0, end; i < n; i = end) {
		guint32 t = team ? team[wide->mates[i]] : 0;

		for (end = i + 1; t != 0 && end < n && team[wide->mates[end]] == t; end++)
			;
		for (guint32 k = i; k < end; k++) {
			wide->first_mate[wide->mates[k]] = i;
			wide->n_mates[wide->mates[k]] = end - i;
		}
	}
}

VeilWide *
veil_wide_new(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, const guint32 *team,
	      const VeilAffinity *affinity, const guint64 *spin, VeilPeers *peers, const VeilBatch *batch)
{
	VeilWide *wide = g_new0(VeilWide, 1);

	wide->input = input;
	wide->exclusions = exclusions;
	wide->places = places;
	wide->affinity = affinity;
	wide->spin = spin;
	wide->batch = batch;
	wide->peers = peers;
	wide->asks = g_new0(gboolean, MAX(batch->n_projects, 1));
	find_minima(wide);
	find_mates(wide, team);
	if (wide->n_minima == 0 && team == NULL) {
		veil_wide_free(wide);
		return NULL;
	}
	wide->row = g_new(gint32, MAX(batch->n_reviewers, 1));
	wide->state = g_new(guint8, MAX(batch->n_reviewers, 1));
	return wide;
}

void
veil_wide_free(VeilWide *wide)
{
	if (wide == NULL)
		return;
	for (guint i = 0; i < wide->n_minima; i++) {
		g_free(wide->minima[i].counts);
		g_free(wide->minima[i].min);
	}
	g_free(wide->minima);
	g_free(wide->asks);
	g_free(wide->team);
	g_free(wide->mates);
	g_free(wide->first_mate);
	g_free(wide->n_mates);
	g_free(wide->row);
	g_free(wide->state);
	g_free(wide);
}

gboolean
veil_wide_serves(const VeilWide *wide, guint32 project)
{
	return wide != NULL && (wide->asks[project] || wide->n_mates[project] > 1);
}

const guint32 *
veil_wide_mates(const VeilWide *wide, guint32 project, guint32 *out_n)
{
	*out_n = wide->n_mates[project];
	return wide->mates + wide->first_mate[project];
}

/* --- the lists ------------------------------------------------------------------------------------------------------- */

static void
bar_excluded(VeilWide *wide, guint32 project)
{
	guint32 fact = wide->places->project_fact[project];

	for (guint64 i = wide->exclusions->offset[fact]; i < wide->exclusions->offset[fact + 1]; i++) {
		guint32 reviewer = wide->places->person_reviewer[wide->exclusions->pairs[i].person];

		if (reviewer != VEIL_NONE)
			wide->state[reviewer] |= BARRED;
	}
}

/* How many who count for a minimum are listed at least. */
static guint32
room(const VeilWide *wide, guint32 project, guint32 min, guint32 want)
{
	const VeilPolicy *policy = wide->input->policy;
	guint64 demand = MAX(wide->batch->projects[project].demand, 1);
	guint64 share = (guint64)want * min / demand, capped = ((guint64)min * 1000000 + (guint64)policy->odds_micro - 1) / (guint64)policy->odds_micro;

	return (guint32)MIN(MAX(MAX(share, capped), 6 * (guint64)min), G_MAXUINT32);
}

static int
descending(const void *a, const void *b)
{
	guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

	return (x < y) - (x > y);
}

/* The n largest keys to the front, in no order: quickselect with a pivot from the middle. */
static void
select_largest(guint64 *keys, guint32 len, guint32 n)
{
	guint32 low = 0, high = len;

	while (high - low > 64 && n > low && n < high) {
		guint64 pivot = keys[low + (high - low) / 2];
		guint32 i = low, j = high - 1;

		for (;;) {
			while (keys[i] > pivot)
				i++;
			while (keys[j] < pivot)
				j--;
			if (i >= j)
				break;
			{
				guint64 t = keys[i];

				keys[i++] = keys[j];
				keys[j--] = t;
			}
		}
		if (n <= j + 1)
			high = j + 1;
		else
			low = j + 1;
	}
	qsort(keys + low, high - low, sizeof *keys, descending);
}

/* The best by the row join the list until `wanted` of them (who count, or of all: counts NULL) are there. Ties in cyclic order from the project's own
 * starting point. */
static void
list_best(VeilWide *wide, guint32 project, const guint8 *counts, guint32 wanted)
{
	guint32 n = wide->batch->n_reviewers, listed = 0, others = 0;
	guint32 start = n ? (guint32)(wide->spin[wide->places->project_fact[project]] % n) : 0;
	g_autofree guint64 *keys = NULL;

	for (guint32 r = 0; r < n; r++)
		if ((counts == NULL || counts[r]) && !(wide->state[r] & BARRED)) {
			listed += wide->state[r] == LISTED;
			others += wide->state[r] == 0;
		}
	if (listed >= wanted || others == 0)
		return;
	keys = g_new(guint64, others);
	others = 0;
	for (guint32 r = 0; r < n; r++)
		if ((counts == NULL || counts[r]) && wide->state[r] == 0)
			keys[others++] = (guint64)(guint32)wide->row[r] << 32 | (G_MAXUINT32 - (r >= start ? r - start : r + n - start));
	wanted = MIN(wanted - listed, others);
	select_largest(keys, others, wanted);
	for (guint32 i = 0; i < wanted; i++) {
		guint32 turn = G_MAXUINT32 - (guint32)keys[i];

		wide->state[(guint32)(((guint64)turn + start) % n)] = LISTED;
	}
}

/* A team's row: the sum of its projects'. */
static void
add_rows(VeilWide *wide, const guint32 *mates, guint32 n_mates)
{
	guint32 n = wide->batch->n_reviewers;
	g_autofree gint32 *sum = g_new0(gint32, MAX(n, 1));

	for (guint32 m = 0; m < n_mates; m++) {
		veil_affinity_row(wide->affinity, wide->places->project_fact[mates[m]], wide->row);
		for (guint32 r = 0; r < n; r++)
			sum[r] = (gint32)MIN((gint64)sum[r] + wide->row[r], G_MAXINT32);
	}
	memcpy(wide->row, sum, sizeof *sum * n);
}

/* Scores of one project for everybody on the list, and the best of who is not. */
static void
fill_list(VeilWide *wide, guint32 project, guint32 n_listed, VeilWideList *out)
{
	*out = (VeilWideList){g_new(guint32, n_listed + 1), g_new(gint64, n_listed + 1), 0, -1};
	veil_affinity_row(wide->affinity, wide->places->project_fact[project], wide->row);
	for (guint32 r = 0; r < wide->batch->n_reviewers; r++) {
		if (wide->state[r] == LISTED) {
			out->reviewer[out->n] = r;
			out->score[out->n++] = wide->row[r];
		} else if (wide->state[r] == 0) {
			out->cut = MAX(out->cut, wide->row[r]);
		}
	}
}

/* Who counts for a minimum in this project; *out_own: (transfer full) where it is made for the occasion. */
static const guint8 *
counted_in(VeilWide *wide, const Minimum *minimum, guint32 project, guint8 **out_own)
{
	const guint8 *mark = minimum->counts == NULL ? veil_peers_of(wide->peers, project) : NULL;

	if (minimum->counts != NULL)
		return minimum->counts;
	*out_own = g_new0(guint8, MAX(wide->batch->n_reviewers, 1));
	for (guint32 r = 0; mark != NULL && r < wide->batch->n_reviewers; r++)
		(*out_own)[r] = mark[r] & minimum->pairs;
	return *out_own;
}

void
veil_wide_lists(VeilWide *wide, const guint32 *mates, guint32 n_mates, const VeilWideList *base, guint32 want, VeilWideList *out)
{
	guint32 n_listed = 0;

	memset(wide->state, 0, wide->batch->n_reviewers);
	for (guint32 m = 0; m < n_mates; m++)
		bar_excluded(wide, mates[m]);
	for (guint32 m = 0; m < n_mates; m++)
		for (guint32 i = 0; i < base[m].n; i++)
			if (!(wide->state[base[m].reviewer[i]] & BARRED))
				wide->state[base[m].reviewer[i]] = LISTED;
	if (n_mates > 1) {
		add_rows(wide, mates, n_mates);
		list_best(wide, mates[0], NULL, want);
	}
	for (guint32 m = 0; m < n_mates; m++) {
		if (!wide->asks[mates[m]])
			continue;
		veil_affinity_row(wide->affinity, wide->places->project_fact[mates[m]], wide->row);
		for (guint i = 0; i < wide->n_minima; i++)
			if (wide->minima[i].min[mates[m]] > 0) {
				g_autofree guint8 *own = NULL;

				list_best(wide, mates[m], counted_in(wide, &wide->minima[i], mates[m], &own),
					  room(wide, mates[m], wide->minima[i].min[mates[m]], want));
			}
	}
	for (guint32 r = 0; r < wide->batch->n_reviewers; r++)
		n_listed += wide->state[r] == LISTED;
	for (guint32 m = 0; m < n_mates; m++)
		fill_list(wide, mates[m], n_listed, &out[m]);
}

void
veil_wide_list_clear(VeilWideList *list)
{
	g_free(list->reviewer);
	g_free(list->score);
	*list = (VeilWideList){NULL, NULL, 0, -1};
}
