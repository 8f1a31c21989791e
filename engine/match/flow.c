/* flow.c - the most places that can be filled, by augmenting paths from all empty places at once.
 *
 * Each round is one breadth-first search that grows a tree from every project with an empty place; trees do not overlap, and the first
 * reviewer with room that a tree meets fills one place of its root. So a round fills many places for one look at the pairs (Hopcroft and Karp's
 * idea without their layers: Pothen and Fan), and the round that fills none leaves exactly what no empty place can leave: Hall's set.
 *
 * One a group: a place whose reviewer has a group is a node too. From it, others of his group can be reached whatever became of the project.
 */
#include <string.h>

#include "flow.h"

/* A group of one binds nobody. */
static guint32 *
binding_groups(const VeilInstance *in)
{
	g_autoptr(GHashTable) seen = NULL;
	guint32 *group;

	if (in->group == NULL)
		return NULL;
	seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	group = g_new0(guint32, (gsize)in->n_reviewers + 1);
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		gpointer key = GUINT_TO_POINTER(in->group[r]);
		guint before = GPOINTER_TO_UINT(g_hash_table_lookup(seen, key));

		if (in->group[r] != 0)
			g_hash_table_insert(seen, key, GUINT_TO_POINTER(MIN(before + 1, 2)));
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->group[r] != 0 && GPOINTER_TO_UINT(g_hash_table_lookup(seen, GUINT_TO_POINTER(in->group[r]))) == 2)
			group[r] = in->group[r];
	return group;
}

Flow *
veil_match__flow_new(const VeilInstance *in, GError **error)
{
	g_autoptr(Flow) flow = g_new0(Flow, 1);
	guint64 n = 0;

	flow->in = in;
	flow->group = binding_groups(in);
	flow->demand = g_new(guint32, (gsize)in->n_projects + 1);
	flow->first = g_new(guint64, (gsize)in->n_projects + 1);
	for (guint32 p = 0; p < in->n_projects; p++) {
		flow->demand[p] = (guint32)MIN(in->demand[p], in->offset[p + 1] - in->offset[p]);
		flow->first[p] = n;
		n += flow->demand[p];
	}
	if (n >= NO_SLOT) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: more than 2^32 places");
		return NULL;
	}
	flow->filled = g_new0(guint32, (gsize)in->n_projects + 1);
	flow->touched = g_new0(guint32, (gsize)in->n_projects + 1);
	flow->holder = g_new(guint32, n + 1);
	flow->slot_project = g_new(guint32, n + 1);
	flow->next = g_new(guint32, n + 1);
	flow->prev = g_new(guint32, n + 1);
	flow->capacity = g_memdup2(in->max_load, sizeof(guint32) * in->n_reviewers);
	flow->load = g_new0(guint32, (gsize)in->n_reviewers + 1);
	flow->head = g_new(guint32, (gsize)in->n_reviewers + 1);
	flow->mark = g_new0(guint32, (gsize)in->n_reviewers + 1);
	flow->via = g_new(guint32, (gsize)in->n_reviewers + 1);
	flow->queue = g_new(guint32, (gsize)in->n_reviewers + 1);
	memset(flow->head, 0xff, sizeof(guint32) * in->n_reviewers);
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = flow->first[p]; i < flow->first[p] + flow->demand[p]; i++)
			flow->slot_project[i] = p;
	return g_steal_pointer(&flow);
}

void
veil_match__flow_free(Flow *flow)
{
	if (flow == NULL)
		return;
	g_free(flow->group);
	g_free(flow->demand);
	g_free(flow->capacity);
	g_free(flow->first);
	g_free(flow->filled);
	g_free(flow->holder);
	g_free(flow->slot_project);
	g_free(flow->next);
	g_free(flow->prev);
	g_free(flow->load);
	g_free(flow->head);
	g_free(flow->mark);
	g_free(flow->via);
	g_free(flow->queue);
	g_free(flow->touched);
	g_free(flow);
}

static void
put(Flow *flow, guint32 slot, guint32 r)
{
	flow->holder[slot] = r;
	flow->prev[slot] = NO_SLOT;
	flow->next[slot] = flow->head[r];
	if (flow->head[r] != NO_SLOT)
		flow->prev[flow->head[r]] = slot;
	flow->head[r] = slot;
	flow->load[r]++;
}

static void
take(Flow *flow, guint32 slot)
{
	guint32 r = flow->holder[slot];

	if (flow->prev[slot] != NO_SLOT)
		flow->next[flow->prev[slot]] = flow->next[slot];
	else
		flow->head[r] = flow->next[slot];
	if (flow->next[slot] != NO_SLOT)
		flow->prev[flow->next[slot]] = flow->prev[slot];
	flow->load[r]--;
}

void
veil_match__flow_give(Flow *flow, guint32 p, guint32 reviewer)
{
	put(flow, (guint32)(flow->first[p] + flow->filled[p]++), reviewer);
}

void
veil_match__flow_empty(Flow *flow, guint32 p)
{
	while (flow->filled[p] > 0)
		take(flow, (guint32)(flow->first[p] + --flow->filled[p]));
}

/* r is not in p's panel, nor anybody of his group, the slot `except` aside. */
static gboolean
may_enter(const Flow *flow, guint32 p, guint32 r, guint32 except)
{
	guint32 group = flow->group ? flow->group[r] : 0;

	for (guint64 i = flow->first[p]; i < flow->first[p] + flow->filled[p]; i++) {
		if (flow->holder[i] == r)
			return FALSE;
		if (group != 0 && flow->group[flow->holder[i]] == group && i != except)
			return FALSE;
	}
	return TRUE;
}

/* The chain of moves that ends at r, who has room, begins at the empty place of the root. */
static void
augment(Flow *flow, guint32 root, guint32 r)
{
	guint32 new_slot = (guint32)(flow->first[root] + flow->filled[root]);

	for (;;) {
		guint32 slot = flow->via[r], outgoing = slot == new_slot ? NO_SLOT : flow->holder[slot];

		if (slot != new_slot)
			take(flow, slot);
		put(flow, slot, r);
		if (slot == new_slot)
			break;
		r = outgoing;
	}
	flow->filled[root]++;
}

/* Whoever may take `slot` of p joins the tree of `root`; TRUE when one of them had room. */
static gboolean
enter(Flow *flow, guint32 p, guint32 slot, guint32 only_group, guint32 root)
{
	const VeilInstance *in = flow->in;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
		guint32 r = in->reviewer[i];

		if (flow->mark[r] != 0 || flow->capacity[r] == 0 || (only_group != 0 && flow->group[r] != only_group))
			continue;
		if (!may_enter(flow, p, r, slot))
			continue;
		flow->mark[r] = root + 1;
		flow->via[r] = slot;
		if (flow->load[r] < flow->capacity[r]) {
			flow->work += i - in->offset[p];
			augment(flow, root, r);
			return TRUE;
		}
		flow->queue[flow->n_queue++] = r;
	}
	flow->work += in->offset[p + 1] - in->offset[p];
	return FALSE;
}

/* Goes on from the reviewers in the queue. Roots that have got their place (done, by project) grow no further; how many did. */
static guint64
grow(Flow *flow, guint8 *done)
{
	guint64 n = 0;

	for (guint32 i = 0; i < flow->n_queue; i++) {
		guint32 r = flow->queue[i], root = flow->mark[r] - 1;

		for (guint32 slot = flow->head[r]; slot != NO_SLOT && !done[root]; slot = flow->next[slot]) {
			guint32 p = flow->slot_project[slot];
			gboolean first = flow->touched[p] == 0, found = FALSE;

			if (first)
				flow->touched[p] = root + 1;
			if (first || (flow->group != NULL && flow->group[r] != 0))
				found = enter(flow, p, slot, first ? 0 : flow->group[r], root);
			if (found) {
				done[root] = 1;
				n++;
				break;
			}
		}
	}
	return n;
}

static void
forget(Flow *flow)
{
	memset(flow->mark, 0, sizeof(guint32) * flow->in->n_reviewers);
	memset(flow->touched, 0, sizeof(guint32) * flow->in->n_projects);
	flow->n_queue = 0;
}

guint64
veil_match__flow_fill(Flow *flow)
{
	const VeilInstance *in = flow->in;
	g_autofree guint8 *done = g_malloc((gsize)in->n_projects + 1);
	guint64 n_empty = 0, n_filled;

	/* What needs no chain first. */
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; flow_lacks(flow, p) > 0 && i < in->offset[p + 1]; i++) {
			guint32 r = in->reviewer[i];

			if (flow->load[r] < flow->capacity[r] && may_enter(flow, p, r, NO_SLOT))
				veil_match__flow_give(flow, p, r);
		}
	do {
		forget(flow);
		memset(done, 0, in->n_projects);
		n_empty = n_filled = 0;
		for (guint32 p = 0; p < in->n_projects; p++) {
			n_empty += flow_lacks(flow, p);
			if (flow_lacks(flow, p) > 0 && flow->touched[p] == 0)
				flow->touched[p] = p + 1;
		}
		for (guint32 p = 0; n_empty > 0 && p < in->n_projects; p++)
			if (flow_lacks(flow, p) > 0 && enter(flow, p, (guint32)(flow->first[p] + flow->filled[p]), 0, p))
				n_filled += done[p] = 1;
		n_filled += grow(flow, done);
	} while (n_filled > 0 && n_filled < n_empty);
	return n_empty - n_filled;
}

guint32
veil_match__flow_reach(Flow *flow, guint32 p)
{
	g_autofree guint8 *done = g_malloc0((gsize)flow->in->n_projects + 1);
	guint32 n = 0;

	forget(flow);
	flow->touched[p] = p + 1;
	if (!enter(flow, p, (guint32)(flow->first[p] + flow->filled[p]), 0, p))
		grow(flow, done);
	for (guint32 q = 0; q < flow->in->n_projects; q++)
		n += flow->touched[q] != 0;
	return n;
}
