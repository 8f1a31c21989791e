/* places.c - fills one place: the cheapest chain of moves from a project to a reviewer with room.
 *
 * Dijkstra's algorithm over the residual network with the prices as potentials. A chain reads: p takes r1, who gives up his place at q, which
 * takes r2 instead, ... until somebody has room. Its cost is what the total loses against p's best wish; with reduced costs no step is
 * negative. Nothing of the network is stored: a project's arcs are its shelf. Whoever is not on the shelf is worth no more than `beyond`
 * and so no nearer than base - beyond: at that distance the project waits in the queue (a pause), and only when its turn
 * comes is the shelf doubled.
 *
 * Two more kinds of nodes are in the queue: reviewers, and projects that a reviewer would leave at a loss (value above pi). With the
 * group rule a filled place is a node as well: its reviewer may be replaced by one of his own group whatever became of the project.
 */
#include "solver.h"

/* Where a project's shelf ended too early. */
typedef struct {
	gint64 base;
	guint32 project, slot, only_group;
} Pause;

typedef struct {
	Solver *s;
	gint64 best; /* length of the shortest chain known */
	guint32 end; /* the reviewer with room where it ends */
	GArray *pauses;
} Search;

/* Offers what p has when `slot` becomes free, at distance base - value. only_group: 0 any, else this group alone. */
static void
offer(Search *search, guint32 p, guint32 slot, gint64 base, guint32 only_group)
{
	Solver *s = search->s;
	const Shelf *shelf = &s->shelves[p];
	const guint32 stamp = s->stamp;

	for (guint32 i = 0; i < shelf->n; i++) {
		Entry e = shelf->entry[i];
		gint64 dist = base - e.score + s->price[e.reviewer];
		Reviewer *r;

		if (dist >= search->best)
			continue;
		r = &s->reviewers[e.reviewer];
		if ((r->stamp == stamp && dist >= r->dist) || r->settled == stamp)
			continue;
		if (only_group != 0 && s->group[e.reviewer] != only_group)
			continue;
		if (!may_enter(s, p, e.reviewer, slot))
			continue;
		r->stamp = stamp;
		r->dist = dist;
		r->via = slot;
		r->via_score = e.score;
		if (r->load < r->max_load) {
			search->best = dist;
			search->end = e.reviewer;
		} else {
			veil_match__heap_push(s, dist, e.reviewer);
		}
	}
	if (shelf->beyond != G_MININT64 && base - shelf->beyond < search->best) {
		Pause pause = {base, p, slot, only_group};

		g_array_append_val(search->pauses, pause);
		veil_match__heap_push(s, base - shelf->beyond, s->n_reviewers + s->n_projects + search->pauses->len - 1);
	}
}

static void
resume(Search *search, guint32 number, gint64 key)
{
	Pause pause = g_array_index(search->pauses, Pause, number);

	/* Somebody else's turn may have doubled the shelf meanwhile. */
	if (pause.base - search->s->shelves[pause.project].beyond == key)
		veil_match__shelf_renew(search->s, pause.project, TRUE);
	offer(search, pause.project, pause.slot, pause.base, pause.only_group);
}

static gint64
panel_floor(const Solver *s, guint32 p)
{
	gint64 pi = INFINITE;

	for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p] + s->projects[p].filled; i++) {
		gint64 value = s->slots[i].score - s->price[s->holder[i]];

		pi = MIN(pi, value);
	}
	return pi;
}

static void
settle_project(Search *search, guint32 p, guint32 slot, gint64 dist)
{
	Project *project = &search->s->projects[p];

	project->settled = search->s->stamp;
	offer(search, p, slot, dist + project->pi, 0);
}

static void
settle_reviewer(Search *search, guint32 reviewer)
{
	Solver *s = search->s;
	Reviewer *r = &s->reviewers[reviewer];

	r->settled = s->stamp; /* once a search: settled has room for no more, and a price is raised once */
	s->settled[s->n_settled++] = reviewer;
	for (guint32 slot = r->first; slot != NOBODY; slot = s->slots[slot].next) {
		guint32 p = s->slots[slot].project;
		Project *project = &s->projects[p];
		gint64 value = s->slots[slot].score - s->price[reviewer], dist;

		if (project->stamp != s->stamp) {
			project->stamp = s->stamp;
			project->dist = INFINITE;
			project->pi = panel_floor(s, p);
		}
		dist = r->dist + value - project->pi;
		if (project->settled != s->stamp && dist < project->dist && dist < search->best) {
			project->dist = dist;
			project->via = slot;
			if (dist == r->dist) {
				settle_project(search, p, slot, dist);
				continue;
			}
			veil_match__heap_push(s, dist, s->n_reviewers + p);
		}
		if (s->group != NULL && s->group[reviewer] != 0)
			offer(search, p, slot, r->dist + value, s->group[reviewer]);
	}
}

static void
apply_chain(Solver *s, guint32 end, guint32 new_slot)
{
	guint32 incoming = end;

	for (;;) {
		guint32 slot = s->reviewers[incoming].via, outgoing = s->holder[slot];

		if (slot != new_slot)
			veil_match__slot_take(s, slot);
		veil_match__slot_put(s, slot, incoming, s->reviewers[incoming].via_score);
		if (slot == new_slot)
			return;
		incoming = outgoing;
	}
}

gboolean
veil_match__fill(Solver *s, guint32 p)
{
	guint32 slot = (guint32)(s->slot_offset[p] + s->projects[p].filled);
	g_autoptr(GArray) pauses = g_array_new(FALSE, FALSE, sizeof(Pause));
	Search search = {s, INFINITE, NOBODY, pauses};

	veil_match__next_stamp(s);
	offer(&search, p, slot, 0, 0);
	while (s->heap_n > 0 && s->heap[0].key < search.best) {
		HeapItem item = veil_match__heap_pop(s);

		if (item.node >= s->n_reviewers + s->n_projects) {
			resume(&search, item.node - s->n_reviewers - s->n_projects, item.key);
		} else if (item.node >= s->n_reviewers) {
			guint32 q = item.node - s->n_reviewers;

			if (s->projects[q].settled != s->stamp && s->projects[q].dist == item.key)
				settle_project(&search, q, s->projects[q].via, item.key);
		} else if (s->reviewers[item.node].dist == item.key) {
			settle_reviewer(&search, item.node);
		}
	}
	if (search.end == NOBODY)
		return FALSE;
	for (guint32 i = 0; i < s->n_settled; i++)
		s->price[s->settled[i]] += search.best - s->reviewers[s->settled[i]].dist;
	apply_chain(s, search.end, slot);
	s->projects[p].filled++;
	return TRUE;
}
