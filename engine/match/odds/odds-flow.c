/* odds-flow.c - from amounts to whole odds, exactly; and whether there are any odds at all.
 *
 * Places flow from the projects through the sets of their panel rules to the reviewers and round again; every arc has a least and a greatest amount. Amounts that are right to a
 * fraction of a unit leave each pair the choice between two neighbouring units: a circulation inside those limits keeps every sum exactly, and one exists because the amounts themselves
 * are one (whole limits, whole solution). Found by Dinic's algorithm, whose first phase does nearly all; with the limits 0 and the cap it decides whether odds exist, and the cut it
 * ends with says why not.
 */
#include <string.h>

#include "odds/odds-solver.h"

enum { ROUND = 0, FROM = 1, TO = 2, FIRST_REVIEWER = 3 }; /* nodes; then reviewers, then sets */

typedef struct {
	guint32 n_nodes;
	GArray *to, *room; /* guint32, gint64: by half arc; i and i ^ 1 belong together */
	gint64 *excess;	   /* what the least amounts bring to a node more than they take */
	guint32 *first, *arcs; /* half arcs of a node: CSR */
	guint32 *depth, *next, *queue;
} Flow;

static void
add_arc(Flow *f, guint32 from, guint32 to, gint64 least, gint64 most)
{
	gint64 none = 0, room = most - least;

	f->excess[to] += least;
	f->excess[from] -= least;
	if (room <= 0)
		return;
	g_array_append_val(f->to, to);
	g_array_append_val(f->room, room);
	g_array_append_val(f->to, from);
	g_array_append_val(f->room, none);
}

static void
index_arcs(Flow *f)
{
	guint32 n = f->to->len;

	f->first = g_new0(guint32, (gsize)f->n_nodes + 2);
	f->arcs = g_new(guint32, (gsize)n + 1);
	for (guint32 i = 0; i < n; i++)
		f->first[g_array_index(f->to, guint32, i ^ 1) + 2]++;
	for (guint32 v = 1; v < f->n_nodes + 2; v++)
		f->first[v] += f->first[v - 1];
	for (guint32 i = 0; i < n; i++)
		f->arcs[f->first[g_array_index(f->to, guint32, i ^ 1) + 1]++] = i;
}

/* Depths from FROM; TRUE when TO is reached. Depth 0: not reached. */
static gboolean
layer(Flow *f)
{
	const guint32 *to = (const guint32 *)(gpointer)f->to->data;
	const gint64 *room = (const gint64 *)(gpointer)f->room->data;
	guint32 head = 0, tail = 0;

	memset(f->depth, 0, sizeof *f->depth * f->n_nodes);
	f->depth[FROM] = 1;
	f->queue[tail++] = FROM;
	while (head < tail && f->depth[TO] == 0) {
		guint32 v = f->queue[head++];

		for (guint32 k = f->first[v]; k < f->first[v + 1]; k++) {
			guint32 w = to[f->arcs[k]];

			if (room[f->arcs[k]] == 0 || f->depth[w] != 0)
				continue;
			f->depth[w] = f->depth[v] + 1;
			f->queue[tail++] = w;
		}
	}
	return f->depth[TO] != 0;
}

/* One path from FROM to TO along the layers, as much as it takes; 0 when there is none. The path is kept in `queue` (half arcs). */
static gint64
augment(Flow *f)
{
	const guint32 *to = (const guint32 *)(gpointer)f->to->data;
	gint64 *room = (gint64 *)(gpointer)f->room->data, most = G_MAXINT64;
	guint32 v = FROM, n = 0;

	while (v != TO) {
		guint32 k = f->next[v];

		while (k < f->first[v + 1] && (room[f->arcs[k]] == 0 || f->depth[to[f->arcs[k]]] != f->depth[v] + 1))
			k++;
		f->next[v] = k;
		if (k < f->first[v + 1]) {
			f->queue[n++] = f->arcs[k];
			v = to[f->arcs[k]];
			continue;
		}
		if (v == FROM)
			return 0;
		v = to[f->queue[--n] ^ 1]; /* a dead end */
		f->next[v]++;
	}
	for (guint32 i = 0; i < n; i++)
		most = MIN(most, room[f->queue[i]]);
	for (guint32 i = 0; i < n; i++) {
		room[f->queue[i]] -= most;
		room[f->queue[i] ^ 1] += most;
	}
	return most;
}

/* Whether every least amount can be had. */
static gboolean
run(Flow *f)
{
	gint64 wanted = 0;

	for (guint32 v = 0; v < f->n_nodes; v++) {
		if (f->excess[v] > 0) {
			wanted += f->excess[v];
			add_arc(f, FROM, v, 0, f->excess[v]);
		} else if (f->excess[v] < 0) {
			add_arc(f, v, TO, 0, -f->excess[v]);
		}
	}
	index_arcs(f);
	f->depth = g_new(guint32, f->n_nodes);
	f->next = g_new(guint32, f->n_nodes);
	f->queue = g_new(guint32, f->n_nodes);
	while (wanted > 0 && layer(f)) {
		gint64 flow;

		memcpy(f->next, f->first, sizeof *f->next * f->n_nodes);
		while ((flow = augment(f)) > 0)
			wanted -= flow;
	}
	return wanted == 0;
}

/* --- the circulation of an instance ---------------------------------------------------------------------------------- */

/* What a pair may end with, in units. */
static void
limits(const Odds *o, guint32 p, guint64 i, gboolean any, gint64 *out_least, gint64 *out_most)
{
	gint64 cap = o->cap[p], units = o->amount[i] / PARTS;

	*out_least = any ? 0 : units;
	*out_most = any ? cap : o->amount[i] == 0 ? 0 : MIN(units + 1, cap);
}

static void
build(Flow *f, const Odds *o, gboolean any)
{
	const VeilInstance *in = o->in;
	guint32 base = FIRST_REVIEWER + in->n_reviewers;

	for (guint32 r = 0; r < in->n_reviewers; r++) { /* a price stands only where a load is at its bound */
		gint64 least = in->min_load == NULL ? 0 : (gint64)in->min_load[r] * VEIL_ODDS_WHOLE, most = (gint64)in->max_load[r] * VEIL_ODDS_WHOLE;

		add_arc(f, FIRST_REVIEWER + r, ROUND, !any && o->price[r] > 0 ? most : least, !any && o->price[r] < 0 ? least : most);
	}
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 s = o->first_set[p]; s < o->first_set[p + 1]; s++) {
			const OddsSet *set = &o->sets[s];

			add_arc(f, s == o->first_set[p] ? ROUND : base + (guint32)(o->first_set[p] + set->parent), base + (guint32)s, set->lo / PARTS, set->hi / PARTS);
			for (guint64 i = set->begin; i < set->end; i++) {
				gint64 least, most;

				limits(o, p, i, any, &least, &most);
				add_arc(f, base + (guint32)s, FIRST_REVIEWER + o->entries[i].reviewer, least, most);
			}
		}
}

/* The pairs' arcs were added in the order of the entries, behind others: least amount and what flowed. */
static void
read_odds(const Flow *f, const Odds *o, gboolean any, guint32 *out_odds)
{
	const VeilInstance *in = o->in;
	guint32 base = FIRST_REVIEWER + in->n_reviewers, at = 0;

	memset(out_odds, 0, sizeof *out_odds * in->offset[in->n_projects]);
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 s = o->first_set[p]; s < o->first_set[p + 1]; s++)
			for (guint64 i = o->sets[s].begin; i < o->sets[s].end; i++) {
				gint64 least, most, flow = 0;

				limits(o, p, i, any, &least, &most);
				if (most > least) {
					guint32 head = FIRST_REVIEWER + o->entries[i].reviewer;

					while (g_array_index(f->to, guint32, at) != head || g_array_index(f->to, guint32, at + 1) != base + s)
						at += 2;
					flow = g_array_index(f->room, gint64, at + 1);
					at += 2;
				}
				out_odds[in->offset[p] + o->entries[i].pair] = (guint32)(least + flow);
			}
}

gboolean
veil_odds__whole(const Odds *o, gboolean any, guint32 *out_odds, gint8 *out_price, guint8 *out_short)
{
	const VeilInstance *in = o->in;
	Flow f = {.n_nodes = FIRST_REVIEWER + in->n_reviewers + (guint32)o->first_set[in->n_projects]};
	gboolean ok;

	f.to = g_array_new(FALSE, FALSE, sizeof(guint32));
	f.room = g_array_new(FALSE, FALSE, sizeof(gint64));
	f.excess = g_new0(gint64, f.n_nodes);
	build(&f, o, any);
	ok = run(&f);
	if (ok)
		read_odds(&f, o, any, out_odds);
	for (guint32 r = 0; !ok && out_price != NULL && r < in->n_reviewers; r++)
		out_price[r] = (gint8)((f.depth[FIRST_REVIEWER + r] != 0) - (f.depth[ROUND] != 0));
	for (guint32 p = 0; !ok && out_short != NULL && p < in->n_projects; p++)
		out_short[p] = o->first_set[p] < o->first_set[p + 1] && f.depth[FIRST_REVIEWER + in->n_reviewers + o->first_set[p]] != 0;
	g_array_unref(f.to);
	g_array_unref(f.room);
	g_free(f.excess);
	g_free(f.first);
	g_free(f.arcs);
	g_free(f.depth);
	g_free(f.next);
	g_free(f.queue);
	return ok;
}
