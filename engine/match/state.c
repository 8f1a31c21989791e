/* state.c - the solver's state: set up, torn down, and the one way a place is given and taken. */
#include <string.h>

#include "solver.h"

/* A group of one binds nobody: its member is treated as ungrouped. */
static void
read_groups(Solver *s)
{
	const VeilInstance *in = s->in;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	gboolean any = FALSE;

	if (in->group == NULL)
		return;
	s->group = g_new0(guint32, (gsize)s->n_reviewers + 1);
	for (guint32 r = 0; r < s->n_reviewers; r++) {
		gpointer key = GUINT_TO_POINTER(in->group[r]);

		if (in->group[r] != 0)
			g_hash_table_insert(seen, key, GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(seen, key)) + 1));
	}
	for (guint32 r = 0; r < s->n_reviewers; r++) {
		if (in->group[r] == 0 || GPOINTER_TO_UINT(g_hash_table_lookup(seen, GUINT_TO_POINTER(in->group[r]))) < 2)
			continue;
		s->group[r] = in->group[r];
		any = TRUE;
	}
	if (!any)
		g_clear_pointer(&s->group, g_free);
}

Solver *
veil_match__solver_new(const VeilInstance *in, const VeilScoreSource *source, const guint32 *order)
{
	Solver *s = g_new0(Solver, 1);

	s->in = in;
	s->source = source;
	s->order = order;
	s->n_projects = in->n_projects;
	s->n_reviewers = in->n_reviewers;
	s->projects = g_new0(Project, s->n_projects + 1);
	s->reviewers = g_new0(Reviewer, s->n_reviewers + 1);
	s->slot_offset = g_new0(guint64, s->n_projects + 1);
	for (guint32 p = 0; p < s->n_projects; p++)
		s->slot_offset[p + 1] = s->slot_offset[p] + in->demand[p];
	s->n_slots = s->slot_offset[s->n_projects];
	s->slots = g_new0(Slot, s->n_slots + 1);
	s->holder = g_new(guint32, s->n_slots + 1);
	s->price = g_new0(gint64, (gsize)s->n_reviewers + 1);
	for (guint32 p = 0; p < s->n_projects; p++)
		for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p + 1]; i++)
			s->holder[i] = NOBODY, s->slots[i].project = p;
	for (guint32 r = 0; r < s->n_reviewers; r++) {
		s->reviewers[r].max_load = in->max_load[r];
		s->reviewers[r].first = NOBODY;
	}
	for (guint32 r = 0; source != NULL && r < s->n_reviewers; r++)
		if (in->max_load[r] == 0) /* a function does not know who may take nobody: at this price nobody wants him */
			s->price[r] = G_MAXINT64 / 16;
	read_groups(s);
	s->settled = g_new(guint32, s->n_reviewers + 1);
	veil_match__shelves_open(s);
	return s;
}

void
veil_match__solver_free(Solver *s)
{
	if (s == NULL)
		return;
	veil_match__shelves_close(s);
	g_free(s->projects);
	g_free(s->reviewers);
	g_free(s->slots);
	g_free(s->holder);
	g_free(s->price);
	g_free(s->group);
	g_free(s->slot_offset);
	g_free(s->heap);
	g_free(s->settled);
	g_free(s->back_offset);
	g_free(s->back);
	g_free(s);
}

void
veil_match__slot_put(Solver *s, guint32 slot, guint32 reviewer, gint64 score)
{
	Reviewer *r = &s->reviewers[reviewer];
	Slot *at = &s->slots[slot];

	s->holder[slot] = reviewer;
	at->score = score;
	at->prev = NOBODY;
	at->next = r->first;
	if (r->first != NOBODY)
		s->slots[r->first].prev = slot;
	r->first = slot;
	r->load++;
}

void
veil_match__slot_take(Solver *s, guint32 slot)
{
	Slot *at = &s->slots[slot];
	Reviewer *r = &s->reviewers[s->holder[slot]];

	if (at->prev != NOBODY)
		s->slots[at->prev].next = at->next;
	else
		r->first = at->next;
	if (at->next != NOBODY)
		s->slots[at->next].prev = at->prev;
	s->holder[slot] = NOBODY;
	r->load--;
}

guint32
veil_match__next_stamp(Solver *s)
{
	if (++s->stamp == 0) { /* after 2^32 searches old stamps would look new */
		for (guint32 r = 0; r < s->n_reviewers; r++)
			s->reviewers[r].stamp = s->reviewers[r].settled = 0;
		for (guint32 p = 0; p < s->n_projects; p++)
			s->projects[p].stamp = s->projects[p].settled = 0;
		s->stamp = 1;
	}
	s->n_settled = 0;
	s->heap_n = 0;
	return s->stamp;
}
