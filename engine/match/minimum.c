/* minimum.c - raises reviewers to their minimum loads, one place at a time.
 *
 * Once every place is filled at the best total without minimum loads, a reviewer below his minimum gets a place by the cheapest chain that
 * ends at somebody who has more than his minimum: q takes r for r3, who gets a place elsewhere instead, ... The search runs backwards from r
 * and lowers prices, below zero where need be: a negative price is what the minimum load costs. Whether both bounds can be met together
 * needs no search of its own: if places alone and minimum loads alone can be met, so can both (linking principle of Ford and Fulkerson).
 */
#include "solver.h"

/* Project rows by reviewer; only for instances with minimum loads, and after the shelves, which no longer hold when a price falls, have made
 * room for them. */
static void
build_back(Solver *s)
{
	const VeilInstance *in = s->in;
	guint64 n_pairs = in->offset[s->n_projects];
	g_autofree guint64 *at = NULL;

	veil_match__shelves_close(s);
	s->back_offset = g_new0(guint64, s->n_reviewers + 1);
	for (guint64 i = 0; i < n_pairs; i++)
		s->back_offset[in->reviewer[i] + 1]++;
	for (guint32 r = 0; r < s->n_reviewers; r++)
		s->back_offset[r + 1] += s->back_offset[r];
	s->back = g_new(Back, n_pairs + 1);
	at = g_memdup2(s->back_offset, sizeof *at * (s->n_reviewers + 1));
	for (guint32 p = 0; p < s->n_projects; p++)
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			s->back[at[in->reviewer[i]]++] = (Back){in->score[i], p};
}

typedef struct {
	Solver *s;
	gint64 best;
	guint32 end;
	guint32 *taker; /* by reviewer: who takes the slot he leaves */
} Search;

/* The reviewer of `slot` may leave it at distance dist. */
static void
release(Search *search, guint32 slot, gint64 dist, guint32 incoming, gint64 incoming_score)
{
	Solver *s = search->s;
	guint32 reviewer = s->holder[slot];
	Reviewer *r = &s->reviewers[reviewer];

	if (dist >= search->best || r->settled == s->stamp || (r->stamp == s->stamp && dist >= r->dist))
		return;
	r->stamp = s->stamp;
	r->dist = dist;
	r->via = slot;
	search->taker[reviewer] = incoming;
	r->via_score = incoming_score;
	if (r->load > s->in->min_load[reviewer] && dist + MAX(s->price[reviewer], 0) < search->best) {
		search->best = dist + MAX(s->price[reviewer], 0);
		search->end = reviewer;
	}
	veil_match__heap_push(s, dist, reviewer);
}

/* The smallest value in p's panel; worked out once a search. */
static gint64
panel_floor(Solver *s, guint32 p)
{
	Project *project = &s->projects[p];

	if (project->stamp == s->stamp)
		return project->pi;
	project->stamp = s->stamp;
	project->dist = INFINITE;
	project->pi = INFINITE;
	for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p + 1]; i++) {
		gint64 value = s->slots[i].score - s->price[s->holder[i]];

		project->pi = MIN(project->pi, value);
	}
	return project->pi;
}

/* The one slot of p that `reviewer` may take because his group fills it; NOBODY: any. */
static guint32
slot_of_group(const Solver *s, guint32 p, guint32 reviewer)
{
	if (s->group == NULL || s->group[reviewer] == 0)
		return NOBODY;
	for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p + 1]; i++)
		if (s->group[s->holder[i]] == s->group[reviewer])
			return (guint32)i;
	return NOBODY;
}

static gboolean
is_in_panel(const Solver *s, guint32 p, guint32 reviewer)
{
	for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p + 1]; i++)
		if (s->holder[i] == reviewer)
			return TRUE;
	return FALSE;
}

/* Everybody who would make room for `reviewer` in some panel. */
static void
settle(Search *search, guint32 reviewer)
{
	Solver *s = search->s;
	gint64 dist = s->reviewers[reviewer].dist + s->price[reviewer];

	for (guint64 i = s->back_offset[reviewer]; i < s->back_offset[reviewer + 1]; i++) {
		guint32 p = s->back[i].project, only;
		gint64 base = dist - s->back[i].score;

		if (s->in->demand[p] == 0)
			continue;
		/* Nobody leaves p at less than its floor; and from here on p adds nothing to a cheaper visit. */
		if (base + panel_floor(s, p) >= search->best || base >= s->projects[p].dist || is_in_panel(s, p, reviewer))
			continue;
		only = slot_of_group(s, p, reviewer);
		if (only == NOBODY)
			s->projects[p].dist = base;
		for (guint64 k = s->slot_offset[p]; k < s->slot_offset[p + 1]; k++)
			if (only == NOBODY || only == k)
				release(search, (guint32)k, base + s->slots[k].score - s->price[s->holder[k]], reviewer,
					s->back[i].score);
	}
}

/* One place more for `reviewer`; FALSE when nobody can spare one: then s->settled are those who share the shortage. */
static gboolean
raise_one(Solver *s, guint32 reviewer, guint32 *taker)
{
	Search search = {s, INFINITE, NOBODY, taker};

	veil_match__next_stamp(s);
	s->reviewers[reviewer].stamp = s->stamp;
	s->reviewers[reviewer].dist = 0;
	veil_match__heap_push(s, 0, reviewer);
	while (s->heap_n > 0 && s->heap[0].key < search.best) {
		HeapItem item = veil_match__heap_pop(s);

		if (s->reviewers[item.node].dist != item.key || s->reviewers[item.node].settled == s->stamp)
			continue;
		s->reviewers[item.node].settled = s->stamp;
		s->settled[s->n_settled++] = item.node;
		settle(&search, item.node);
	}
	if (search.end == NOBODY)
		return FALSE;
	for (guint32 i = 0; i < s->n_settled; i++)
		s->price[s->settled[i]] -= search.best - s->reviewers[s->settled[i]].dist;
	for (guint32 leaving = search.end; leaving != reviewer; leaving = taker[leaving]) {
		guint32 slot = s->reviewers[leaving].via;

		veil_match__slot_take(s, slot);
		veil_match__slot_put(s, slot, taker[leaving], s->reviewers[leaving].via_score);
	}
	return TRUE;
}

gboolean
veil_match__raise_minimum(Solver *s)
{
	const guint32 *min_load = s->in->min_load;
	g_autofree guint32 *taker = NULL;

	for (guint32 r = 0; min_load != NULL && r < s->n_reviewers; r++)
		while (s->reviewers[r].load < min_load[r]) {
			if (s->back_offset == NULL) {
				build_back(s);
				taker = g_new(guint32, s->n_reviewers + 1);
			}
			if (!raise_one(s, r, taker))
				return FALSE;
		}
	return TRUE;
}
