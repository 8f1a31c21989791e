/* witness.c - why there is no assignment: a set of projects and the reviewers they would need more of.
 *
 * Infeasible needs no prices: what follows is plain augmenting paths (breadth first). When no place can be filled any more, the projects and
 * reviewers that can be reached from an unfilled place are a set of Hall's kind: all these reviewers are full, and full with these projects alone.
 * Reached from a project that lacks exactly one place, the set is minimal: were any other project dropped, its reviewers would fill
 * the gap. Where every project lacks several, projects are dropped one by one as long as a gap remains.
 */
#include <string.h>

#include "solver.h"

enum { MAX_TRIALS = 2000 }; /* a larger set is left as it is: nobody reads it anyway */

typedef struct {
	Solver *s;
	guint32 *queue;	 /* reviewers reached, in order */
	guint32 n_queue;
	guint8 *reached; /* by reviewer */
	guint8 *touched; /* by project: 1 in the set */
	guint8 *dropped; /* by project */
} Reach;

static gboolean
reach_enter(Reach *reach, guint32 p, guint32 slot, guint32 only_group, guint32 *out_end)
{
	Solver *s = reach->s;

	for (guint64 i = s->in->offset[p]; i < s->in->offset[p + 1]; i++) {
		guint32 r = s->in->reviewer[i];
		Reviewer *reviewer = &s->reviewers[r];

		if (reach->reached[r] || reviewer->max_load == 0 || (only_group != 0 && s->group[r] != only_group))
			continue;
		if (!may_enter(s, p, r, slot))
			continue;
		reach->reached[r] = 1;
		reviewer->via = slot;
		reviewer->via_score = s->in->score[i];
		if (reviewer->load < reviewer->max_load) {
			*out_end = r;
			return TRUE;
		}
		reach->queue[reach->n_queue++] = r;
	}
	return FALSE;
}

static void
reach_clear(Reach *reach)
{
	memset(reach->reached, 0, reach->s->n_reviewers);
	memset(reach->touched, 0, reach->s->n_projects);
	reach->n_queue = 0;
}

static gboolean
reach_source(Reach *reach, guint32 p, guint32 *out_end)
{
	guint32 slot = (guint32)(reach->s->slot_offset[p] + reach->s->projects[p].filled);

	reach->touched[p] = 1;
	return reach_enter(reach, p, slot, 0, out_end);
}

/* Follows the queue; TRUE when somebody with room is reached. */
static gboolean
reach_all(Reach *reach, guint32 *out_end)
{
	Solver *s = reach->s;

	for (guint32 i = 0; i < reach->n_queue; i++) {
		const Reviewer *r = &s->reviewers[reach->queue[i]];

		for (guint32 slot = r->first; slot != NOBODY; slot = s->slots[slot].next) {
			guint32 p = s->slots[slot].project;

			if (!reach->touched[p]) {
				reach->touched[p] = 1;
				if (reach_enter(reach, p, slot, 0, out_end))
					return TRUE;
			} else if (s->group != NULL && s->group[reach->queue[i]] != 0 &&
				   reach_enter(reach, p, slot, s->group[reach->queue[i]], out_end)) {
				return TRUE;
			}
		}
	}
	return FALSE;
}

/* Fills one place of p if it can be; prices are not kept. */
static gboolean
augment(Reach *reach, guint32 p)
{
	Solver *s = reach->s;
	guint32 new_slot = (guint32)(s->slot_offset[p] + s->projects[p].filled), end;

	if (!reach_source(reach, p, &end) && !reach_all(reach, &end))
		return FALSE;
	for (guint32 incoming = end;;) {
		guint32 slot = s->reviewers[incoming].via, outgoing = s->holder[slot];

		if (slot != new_slot)
			veil_match__slot_take(s, slot);
		veil_match__slot_put(s, slot, incoming, s->reviewers[incoming].via_score);
		if (slot == new_slot)
			break;
		incoming = outgoing;
	}
	s->projects[p].filled++;
	return TRUE;
}

/* Fills what can be filled. What a failed search reached stays marked: no later search can leave it. */
static void
fill_all(Reach *reach)
{
	Solver *s = reach->s;
	g_autofree guint8 *dead = g_malloc0((gsize)s->n_reviewers + 1);

	for (guint32 p = 0; p < s->n_projects; p++)
		while (s->projects[p].filled < s->in->demand[p]) {
			memcpy(reach->reached, dead, s->n_reviewers);
			memset(reach->touched, 0, s->n_projects);
			reach->n_queue = 0;
			if (!augment(reach, p)) {
				memcpy(dead, reach->reached, s->n_reviewers);
				break;
			}
		}
}

static guint32
lacking(const Solver *s, guint32 p)
{
	return s->in->demand[p] - s->projects[p].filled;
}

/* The set reached from p; *out_short is what all its projects lack. */
static guint32
set_of(Reach *reach, guint32 p, guint64 *out_short)
{
	guint32 end, n = 0;

	reach_clear(reach);
	if (!reach_source(reach, p, &end))
		reach_all(reach, &end);
	*out_short = 0;
	for (guint32 q = 0; q < reach->s->n_projects; q++)
		if (reach->touched[q]) {
			n++;
			*out_short += lacking(reach->s, q);
		}
	return n;
}

static guint32
least_lacking(const Reach *reach, const guint8 *among)
{
	const Solver *s = reach->s;
	guint32 found = NOBODY;

	for (guint32 p = 0; p < s->n_projects; p++)
		if ((among == NULL || among[p]) && !reach->dropped[p] && lacking(s, p) > 0 &&
		    (found == NOBODY || lacking(s, p) < lacking(s, found)))
			found = p;
	return found;
}

static void
empty_project(Solver *s, guint32 p)
{
	for (guint32 i = s->projects[p].filled; i-- > 0;)
		veil_match__slot_take(s, (guint32)(s->slot_offset[p] + i));
	s->projects[p].filled = 0;
}

/* A copy of the panels of some projects, to go back to. */
typedef struct {
	guint32 n, *project, *filled;
	GArray *seats;
} Saved;

static void
save(const Solver *s, const guint8 *which, Saved *saved)
{
	saved->n = 0;
	saved->project = g_new(guint32, s->n_projects);
	saved->filled = g_new(guint32, s->n_projects);
	saved->seats = g_array_new(FALSE, FALSE, sizeof(Entry));
	for (guint32 p = 0; p < s->n_projects; p++) {
		if (!which[p])
			continue;
		saved->project[saved->n] = p;
		saved->filled[saved->n++] = s->projects[p].filled;
		for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p] + s->projects[p].filled; i++) {
			Entry seat = {s->slots[i].score, s->holder[i]};

			g_array_append_val(saved->seats, seat);
		}
	}
}

static void
restore(Solver *s, const Saved *saved)
{
	guint at = 0;

	for (guint32 i = 0; i < saved->n; i++)
		empty_project(s, saved->project[i]);
	for (guint32 i = 0; i < saved->n; i++) {
		guint32 p = saved->project[i];

		for (guint32 k = 0; k < saved->filled[i]; k++, at++) {
			const Entry *seat = &g_array_index(saved->seats, Entry, at);

			veil_match__slot_put(s, (guint32)(s->slot_offset[p] + k), seat->reviewer, seat->score);
		}
		s->projects[p].filled = saved->filled[i];
	}
}

static void
saved_clear(Saved *saved)
{
	g_free(saved->project);
	g_free(saved->filled);
	g_array_unref(saved->seats);
}

/* Tries to do without q: TRUE when a gap remains, and *set is the smaller set then. */
static gboolean
try_without(Reach *reach, guint8 *set, guint32 q)
{
	Solver *s = reach->s;
	Saved saved;
	guint32 p;
	guint64 total;

	save(s, set, &saved);
	empty_project(s, q);
	reach->dropped[q] = 1;
	for (p = 0; p < s->n_projects; p++) {
		if (!set[p] || reach->dropped[p])
			continue;
		while (lacking(s, p) > 0) {
			reach_clear(reach);
			if (!augment(reach, p))
				break;
		}
	}
	p = least_lacking(reach, set);
	if (p == NOBODY) {
		reach->dropped[q] = 0;
		restore(s, &saved);
	} else {
		set_of(reach, p, &total);
		memcpy(set, reach->touched, s->n_projects);
	}
	saved_clear(&saved);
	return p != NOBODY;
}

static void
shrink(Reach *reach, guint32 *p)
{
	Solver *s = reach->s;
	g_autofree guint8 *set = NULL;
	guint64 total;
	guint32 n = set_of(reach, *p, &total);

	if (total <= 1 || n > MAX_TRIALS)
		return;
	set = g_memdup2(reach->touched, s->n_projects);
	for (guint32 q = 0; q < s->n_projects; q++)
		if (set[q] && n > 1)
			try_without(reach, set, q);
	*p = least_lacking(reach, set);
	set_of(reach, *p, &total);
}

static void
collect_open(const Solver *s, const guint8 *which, VeilMatch *match)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 p = 0; s->in->cut != NULL && p < s->n_projects; p++)
		if ((which == NULL || which[p]) && s->in->cut[p] != VEIL_NO_CUT)
			g_array_append_val(open, p);
	match->n_open = open->len;
	match->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
}

static guint32 *
members(const guint8 *flags, guint32 n, guint32 *out_n)
{
	guint32 *list = g_new(guint32, (gsize)n + 1), k = 0;

	for (guint32 i = 0; i < n; i++)
		if (flags[i])
			list[k++] = i;
	*out_n = k;
	return list;
}

/* Candidates of the set that may take nobody are as good as full: they belong to the reviewers of the witness. */
static void
add_powerless(Reach *reach)
{
	const Solver *s = reach->s;

	for (guint32 p = 0; p < s->n_projects; p++)
		for (guint64 i = s->in->offset[p]; reach->touched[p] && i < s->in->offset[p + 1]; i++)
			if (s->reviewers[s->in->reviewer[i]].max_load == 0)
				reach->reached[s->in->reviewer[i]] = 1;
}

void
veil_match__places_witness(Solver *s, VeilMatch *match)
{
	Reach reach = {.s = s};
	VeilWitness *witness = &match->witness;
	guint32 p, end;

	reach.queue = g_new(guint32, (gsize)s->n_reviewers + 1);
	reach.reached = g_malloc0((gsize)s->n_reviewers + 1);
	reach.touched = g_malloc0((gsize)s->n_projects + 1);
	reach.dropped = g_malloc0((gsize)s->n_projects + 1);
	fill_all(&reach);
	reach_clear(&reach);
	for (p = 0; p < s->n_projects; p++)
		if (lacking(s, p) > 0)
			reach_source(&reach, p, &end);
	reach_all(&reach, &end);
	collect_open(s, reach.touched, match);
	p = least_lacking(&reach, NULL);
	shrink(&reach, &p);
	set_of(&reach, p, &witness->short_by);
	add_powerless(&reach);
	match->status = VEIL_MATCH_INFEASIBLE;
	witness->projects = members(reach.touched, s->n_projects, &witness->n_projects);
	witness->reviewers = members(reach.reached, s->n_reviewers, &witness->n_reviewers);
	witness->complete = TRUE;
	for (guint32 i = 0; s->in->cut != NULL && i < witness->n_projects; i++)
		witness->complete &= s->in->cut[witness->projects[i]] == VEIL_NO_CUT;
	g_free(reach.queue);
	g_free(reach.reached);
	g_free(reach.touched);
	g_free(reach.dropped);
}

/* What project p can give the flagged reviewers: one a group, its demand at most. */
static guint32
can_give(const Solver *s, guint32 p, const guint8 *flagged, GHashTable *groups)
{
	guint32 n = 0;

	g_hash_table_remove_all(groups);
	for (guint64 i = s->in->offset[p]; i < s->in->offset[p + 1] && n < s->in->demand[p]; i++) {
		guint32 r = s->in->reviewer[i], group = s->group ? s->group[r] : 0;

		if (flagged[r] && (group == 0 || g_hash_table_add(groups, GUINT_TO_POINTER(group))))
			n++;
	}
	return n;
}

void
veil_match__minimum_witness(Solver *s, VeilMatch *match)
{
	VeilWitness *witness = &match->witness;
	g_autofree guint8 *flagged = g_malloc0((gsize)s->n_reviewers + 1);
	g_autofree guint8 *listing = g_malloc0((gsize)s->n_projects + 1);
	g_autoptr(GHashTable) groups = g_hash_table_new(g_direct_hash, g_direct_equal);
	guint64 wanted = 0, given = 0;

	for (guint32 i = 0; i < s->n_settled; i++) {
		guint32 r = s->settled[i];

		flagged[r] = s->in->min_load[r] > 0; /* the others share the way, not the want */
		wanted += s->in->min_load[r];
	}
	for (guint32 p = 0; p < s->n_projects; p++) {
		guint32 n = can_give(s, p, flagged, groups);

		listing[p] = n > 0;
		given += n;
	}
	g_assert(wanted > given);
	collect_open(s, NULL, match);
	match->status = VEIL_MATCH_INFEASIBLE;
	witness->minimum = TRUE;
	witness->short_by = wanted - given;
	witness->projects = members(listing, s->n_projects, &witness->n_projects);
	witness->reviewers = members(flagged, s->n_reviewers, &witness->n_reviewers);
	witness->complete = match->n_open == 0;
}
