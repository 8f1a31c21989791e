/* witness.c - why there is no assignment: a set of projects and the reviewers they would need more of, as small as can be.
 *
 * Infeasible needs no prices: flow.c fills what can be filled. The projects and reviewers that can be reached from an empty place are a set of
 * Hall's kind: all these reviewers are full, and full with these projects alone. Of all such sets the smallest of some dozens is taken. Reached from
 * a project that lacks exactly one place, it is minimal: were any other project dropped, its reviewers would fill the gap. Where more
 * is lacking, projects are dropped one by one as long as a gap remains. At the end no project can be dropped (the others
 * could be filled) and no reviewer (fewer places would be short). Only a set of very many projects may keep some it could do without: trying them all
 * has a limit, and nobody reads it anyway.
 *
 * Minimum loads are the same question with the sides exchanged.
 */
#include <string.h>

#include "flow.h"
#include "solver.h"

enum { MAX_ROOTS = 48, MAX_GROUPED = 2000, MAX_TRIAL_WORK = 50000000 }; /* work in pairs looked at: some tenths of a second */

/* The best root: of those that lack a place in `among` (NULL: all) the one that reaches fewest projects; G_MAXUINT32: none lacks any. */
static guint32
best_root(Flow *flow, const guint8 *among)
{
	guint32 best = G_MAXUINT32, fewest = G_MAXUINT32, tried = 0;
	guint64 limit = flow->work + MAX_TRIAL_WORK / 4;

	for (guint32 p = 0; p < flow->in->n_projects && tried < MAX_ROOTS && flow->work < limit; p++) {
		guint32 n;

		if ((among != NULL && !among[p]) || flow_lacks(flow, p) == 0)
			continue;
		tried++;
		n = veil_match__flow_reach(flow, p);
		if (n < fewest || (n == fewest && flow_lacks(flow, p) < flow_lacks(flow, best))) {
			fewest = n;
			best = p;
		}
	}
	return best;
}

/* The set that `root` reaches, into set (by project); how many places it lacks. */
static guint64
set_of(Flow *flow, guint32 root, guint8 *set)
{
	guint64 lacking = 0;

	veil_match__flow_reach(flow, root);
	for (guint32 p = 0; p < flow->in->n_projects; p++) {
		set[p] = flow->touched[p] != 0;
		lacking += set[p] ? flow_lacks(flow, p) : 0;
	}
	return lacking;
}

/* Who is not in the set wants nothing any more: what the set gives up must not go to others who lack as well. */
static void
keep_only(Flow *flow, const guint8 *set)
{
	for (guint32 p = 0; p < flow->in->n_projects; p++)
		if (!set[p]) {
			veil_match__flow_empty(flow, p);
			flow->demand[p] = 0;
		}
}

/* Panels of a set, to go back to. */
static GArray *
save(const Flow *flow, const guint8 *set)
{
	GArray *saved = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 p = 0; p < flow->in->n_projects; p++)
		if (set[p])
			g_array_append_vals(saved, flow->holder + flow->first[p], flow->filled[p]);
	return saved;
}

static void
restore(Flow *flow, const guint8 *set, const guint32 *filled, const GArray *saved)
{
	guint at = 0;

	for (guint32 p = 0; p < flow->in->n_projects; p++)
		if (set[p])
			veil_match__flow_empty(flow, p);
	for (guint32 p = 0; p < flow->in->n_projects; p++)
		for (guint32 i = 0; set[p] && i < filled[p]; i++)
			veil_match__flow_give(flow, p, g_array_index(saved, guint32, at++));
}

/* Does without q for good if a gap remains: then set is the smaller set. */
static void
try_without(Flow *flow, guint8 *set, guint32 q)
{
	guint32 demand = flow->demand[q], root;
	g_autoptr(GArray) saved = save(flow, set);
	g_autofree guint32 *filled = g_memdup2(flow->filled, sizeof(guint32) * flow->in->n_projects);

	veil_match__flow_empty(flow, q);
	flow->demand[q] = 0;
	veil_match__flow_fill(flow);
	root = best_root(flow, set);
	if (root != G_MAXUINT32) {
		set_of(flow, root, set);
		keep_only(flow, set);
		return;
	}
	flow->demand[q] = demand;
	restore(flow, set, filled, saved);
}

/* What `places` counts: see VeilWitness. members: 1 for each reviewer of the witness. */
static gint64
places_short(const VeilInstance *in, const guint32 *group, const guint8 *set, const guint8 *members)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	gint64 n = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		n -= members[r] ? (gint64)in->max_load[r] : 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		if (!set[p])
			continue;
		g_hash_table_remove_all(seen);
		n += in->demand[p];
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			guint32 r = in->reviewer[i], g = group ? group[r] : 0;

			if (!members[r] && (g == 0 || g_hash_table_add(seen, GUINT_TO_POINTER(g))))
				n--;
		}
	}
	return n;
}

/* How many projects of the set list r and nobody else of his group outside the witness: what he counts for as one of the others. */
static guint64
counts_as_other(const VeilInstance *in, const guint32 *group, const guint8 *set, const guint8 *members, guint32 r)
{
	guint64 n = 0;

	for (guint32 p = 0; p < in->n_projects; p++) {
		gboolean listed = FALSE, other = FALSE;

		for (guint64 i = in->offset[p]; set[p] && i < in->offset[p + 1]; i++) {
			guint32 q = in->reviewer[i];

			listed |= q == r;
			other |= q != r && !members[q] && group[q] == group[r];
		}
		n += listed && !other;
	}
	return n;
}

/* Reviewers who could take every project of the set that lists them are no part of the shortage. */
static void
drop_reviewers(const VeilInstance *in, const guint32 *group, const guint8 *set, guint8 *members)
{
	g_autofree guint32 *listed = g_new0(guint32, (gsize)in->n_reviewers + 1);
	guint32 n_grouped = 0;

	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; set[p] && i < in->offset[p + 1]; i++)
			listed[in->reviewer[i]]++;
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		if (members[r] && (group == NULL || group[r] == 0))
			members[r] = in->max_load[r] < listed[r];
		else
			n_grouped += members[r];
	}
	for (guint32 r = 0; n_grouped <= MAX_GROUPED && group != NULL && r < in->n_reviewers; r++)
		if (members[r] && group[r] != 0)
			members[r] = in->max_load[r] < counts_as_other(in, group, set, members, r);
}

static guint32 *
chosen(const guint8 *flags, guint32 n, guint32 *out_n)
{
	guint32 *list = g_new(guint32, (gsize)n + 1), k = 0;

	for (guint32 i = 0; i < n; i++)
		if (flags[i])
			list[k++] = i;
	*out_n = k;
	return list;
}

/* set, members: the smallest shortage found in a flow that was filled and lacks places. How many places are short. */
static guint64
smallest(Flow *flow, guint8 *set, guint8 *members)
{
	const VeilInstance *in = flow->in;
	guint64 limit = flow->work + MAX_TRIAL_WORK, lacking;
	guint32 root = best_root(flow, NULL);
	gint64 n_short;

	lacking = set_of(flow, root, set);
	keep_only(flow, set);
	for (guint32 q = 0; lacking > 1 && q < in->n_projects && flow->work < limit; q++)
		if (set[q])
			try_without(flow, set, q);
	set_of(flow, best_root(flow, set), set);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		members[r] = flow->mark[r] != 0;
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; set[p] && i < in->offset[p + 1]; i++)
			members[in->reviewer[i]] |= in->max_load[in->reviewer[i]] == 0; /* as good as full */
	drop_reviewers(in, flow->group, set, members);
	n_short = places_short(in, flow->group, set, members);
	g_assert(n_short > 0);
	return (guint64)n_short;
}

static void
collect_open(const VeilInstance *in, const guint32 *which, VeilMatch *match)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 p = 0; in->cut != NULL && p < in->n_projects; p++)
		if ((which == NULL || which[p] != 0) && in->cut[p] != VEIL_NO_CUT)
			g_array_append_val(open, p);
	match->n_open = open->len;
	match->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
}

static void
set_witness(const VeilInstance *in, const guint8 *set, const guint8 *members, guint64 n_short, VeilMatch *match)
{
	VeilWitness *witness = &match->witness;

	match->status = VEIL_MATCH_INFEASIBLE;
	witness->short_by = n_short;
	witness->projects = chosen(set, in->n_projects, &witness->n_projects);
	witness->reviewers = chosen(members, in->n_reviewers, &witness->n_reviewers);
	witness->complete = TRUE;
	for (guint32 i = 0; in->cut != NULL && i < witness->n_projects; i++)
		witness->complete &= in->cut[witness->projects[i]] == VEIL_NO_CUT;
}

void
veil_match__lone_witness(const VeilInstance *in, guint32 p, VeilMatch *match)
{
	g_autofree guint8 *set = g_malloc0((gsize)in->n_projects + 1), *members = g_malloc0((gsize)in->n_reviewers + 1);

	set[p] = 1;
	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		members[in->reviewer[i]] = in->max_load[in->reviewer[i]] == 0;
	drop_reviewers(in, in->group, set, members);
	set_witness(in, set, members, (guint64)places_short(in, in->group, set, members), match);
}

void
veil_match__places_witness(Flow *flow, VeilMatch *match)
{
	const VeilInstance *in = flow->in;
	g_autofree guint8 *set = g_malloc0((gsize)in->n_projects + 1), *members = g_malloc0((gsize)in->n_reviewers + 1);
	guint64 n_short;

	collect_open(in, flow->touched, match); /* what the last round of the fill reached: everybody who shares a want */
	n_short = smallest(flow, set, members);
	set_witness(in, set, members, n_short, match);
}

/* --- minimum loads ----------------------------------------------------------------------------------------------- */

/* What project p can give the flagged reviewers: one a group, its demand at most. */
static guint32
can_give(const VeilInstance *in, guint32 p, const guint8 *flagged, GHashTable *groups)
{
	guint32 n = 0;

	g_hash_table_remove_all(groups);
	for (guint64 i = in->offset[p]; i < in->offset[p + 1] && n < in->demand[p]; i++) {
		guint32 r = in->reviewer[i], group = in->group ? in->group[r] : 0;

		if (flagged[r] && (group == 0 || g_hash_table_add(groups, GUINT_TO_POINTER(group))))
			n++;
	}
	return n;
}

/* What is missing for the minimum loads of the flagged; listing (nullable): who lists any of them. */
static gint64
loads_short(const VeilInstance *in, const guint8 *flagged, guint8 *listing)
{
	g_autoptr(GHashTable) groups = g_hash_table_new(g_direct_hash, g_direct_equal);
	gint64 n_short = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		n_short += flagged[r] ? (gint64)in->min_load[r] : 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 n = can_give(in, p, flagged, groups);

		n_short -= n;
		if (listing != NULL)
			listing[p] = n > 0;
	}
	return n_short;
}

Turned *
veil_match__turned_new(const VeilInstance *in)
{
	Turned *turned = g_new0(Turned, 1);
	guint64 n_pairs = in->offset[in->n_projects];
	guint64 *at;

	turned->offset = g_new0(guint64, (gsize)in->n_reviewers + 2);
	turned->project = g_new(guint32, n_pairs + 1);
	for (guint64 i = 0; i < n_pairs; i++)
		turned->offset[in->reviewer[i] + 1]++;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		turned->offset[r + 1] += turned->offset[r];
	at = g_memdup2(turned->offset, sizeof *at * ((gsize)in->n_reviewers + 1));
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			turned->project[at[in->reviewer[i]]++] = p;
	g_free(at);
	turned->in.n_projects = in->n_reviewers;
	turned->in.n_reviewers = in->n_projects;
	turned->in.demand = in->min_load;
	turned->in.max_load = in->demand;
	turned->in.offset = turned->offset;
	turned->in.reviewer = turned->project;
	return turned;
}

void
veil_match__turned_free(Turned *turned)
{
	if (turned == NULL)
		return;
	g_free(turned->offset);
	g_free(turned->project);
	g_free(turned);
}

/* Without groups: projects as those who give, reviewers as those who want. */
static void
smallest_by_flow(const VeilInstance *in, guint8 *flagged)
{
	g_autoptr(Turned) turned = veil_match__turned_new(in);
	g_autoptr(Flow) flow = veil_match__flow_new(&turned->in, NULL);
	g_autofree guint8 *giving = g_malloc0((gsize)in->n_projects + 1), *wanting = g_malloc0((gsize)in->n_reviewers + 1);
	guint64 empty = flow ? veil_match__flow_fill(flow) : 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->min_load[r] > turned->offset[r + 1] - turned->offset[r]) { /* too few list him: he alone is the shortage */
			memset(flagged, 0, in->n_reviewers);
			flagged[r] = 1;
			return;
		}
	if (empty == 0) /* cannot be; what the search reached is a witness as well */
		return;
	smallest(flow, wanting, giving);
	memcpy(flagged, wanting, in->n_reviewers);
}

/* With groups: what the search reached, less what the count can do without. */
static void
smallest_by_count(const VeilInstance *in, guint8 *flagged)
{
	guint32 n = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		n += flagged[r];
	for (guint32 r = 0; n <= MAX_GROUPED / 10 && r < in->n_reviewers; r++)
		if (flagged[r]) {
			flagged[r] = 0;
			if (loads_short(in, flagged, NULL) <= 0)
				flagged[r] = 1;
		}
}

void
veil_match__minimum_witness(const VeilInstance *in, guint8 *flagged, VeilMatch *match)
{
	VeilWitness *witness = &match->witness;
	g_autofree guint8 *listing = g_malloc0((gsize)in->n_projects + 1);
	gint64 n_short;

	if (in->group == NULL)
		smallest_by_flow(in, flagged);
	else
		smallest_by_count(in, flagged);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		flagged[r] &= in->min_load[r] > 0; /* the others share the way, not the want */
	n_short = loads_short(in, flagged, listing);
	g_assert(n_short > 0);
	collect_open(in, NULL, match);
	match->status = VEIL_MATCH_INFEASIBLE;
	witness->minimum = TRUE;
	witness->short_by = (guint64)n_short;
	witness->projects = chosen(listing, in->n_projects, &witness->n_projects);
	witness->reviewers = chosen(flagged, in->n_reviewers, &witness->n_reviewers);
	witness->complete = match->n_open == 0;
}
