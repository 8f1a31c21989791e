/* replay.c - from odds and a seed to people, again (docs/design/draw.md).
 *
 * The odds are amounts on the arcs of a network: source to reviewers, reviewers to projects, through nested sets of a project where a panel rule
 * binds. In steps, each a multiple of the last, all amounts become multiples of the step, and whole places in the end. A walk along arcs whose amount is
 * none yet finds a cycle; the seed says which way round it is pushed until an arc is one. So every sum ends next to where it began and every pair is drawn
 * with exactly its odds. Nothing here chooses: it only follows.
 */
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

typedef struct {
	guint32 from, to;
	gint64 amount; /* over ODDS_ONE */
} Arc;

typedef struct {
	guint32 *arcs, n, first; /* first: the arcs before it are whole */
} Node;

/* A set of a project's open pairs that a rule bounds. */
typedef struct {
	guint32 *members, n; /* places in the list of the project's open pairs */
	guint32 node;
	gint64 parent; /* another set, or -1: the project */
} Set;

typedef struct {
	const Instance *x;
	guint32 *project_order, *reviewer_order; /* in the order of their ids' bytes */
	guint32 *reviewer_rank;
	GArray *arcs, *ends; /* Arc; guint32 pairs (node, arc) in the order of the node's arcs */
	guint32 n_nodes;
} Network;

static int
by_project_id(gconstpointer a, gconstpointer b, gpointer data)
{
	return strcmp(PROJECT((const Instance *)data, *(const guint32 *)a)->id, PROJECT((const Instance *)data, *(const guint32 *)b)->id);
}

static int
by_reviewer_id(gconstpointer a, gconstpointer b, gpointer data)
{
	return strcmp(REVIEWER((const Instance *)data, *(const guint32 *)a)->id, REVIEWER((const Instance *)data, *(const guint32 *)b)->id);
}

static guint32 *
numbers(guint n, GCompareDataFunc compare, const Instance *x)
{
	guint32 *order = g_new(guint32, (gsize)n + 1);

	for (guint32 i = 0; i < n; i++)
		order[i] = i;
	g_qsort_with_data(order, (gint)n, sizeof(guint32), compare, (gpointer)x);
	return order;
}

/* --- sets --------------------------------------------------------------------------------------------------------- */

static gboolean
is_open(gint64 amount)
{
	return amount % ODDS_ONE != 0;
}

/* The open pairs of the project that `bound` counts (value 0: whoever it counts). Kept only where the rule could be broken. */
static void
add_set(const Instance *x, const Bound *bound, guint32 value, guint32 p, const Place *pair, guint n, gint64 places, GArray *sets)
{
	Set set = {g_new(guint32, n), 0, 0, -1};
	gint64 up = 0, low = 0;
	guint32 open = 0;

	for (guint i = 0; i < n; i++) {
		guint32 label = bound_label(x, bound, p, pair[i].reviewer);

		if (is_open(pair[i].score) && label != 0 && (value == 0 || label == value))
			set.members[set.n++] = open;
		open += is_open(pair[i].score);
		if (label == 0 || (value != 0 && label != value))
			continue;
		up += pair[i].score > 0;
		low += pair[i].score == ODDS_ONE;
	}
	if (set.n > 0 && set.n < open && ((bound->max[p] < places && bound->max[p] < up) || bound->min[p] > low))
		g_array_append_val(sets, set);
	else
		g_free(set.members);
}

/* More members first, then the lower first member; equal sets side by side. */
static int
by_size(gconstpointer a, gconstpointer b)
{
	const Set *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	for (guint32 i = 0; i < x->n; i++)
		if (x->members[i] != y->members[i])
			return x->members[i] > y->members[i] ? 1 : -1;
	return 0;
}

static gboolean
holds(const Set *set, guint32 member)
{
	for (guint32 i = 0; i < set->n; i++)
		if (set->members[i] == member)
			return TRUE;
	return FALSE;
}

/* The sets of a project, sorted, each once, with parents. FALSE where they cross. */
static gboolean
find_sets(const Network *net, guint32 p, const Place *pair, guint n, gint64 places, GArray *sets)
{
	for (guint b = 0; b < net->x->bounds->len; b++) {
		const Bound *bound = &g_array_index(net->x->bounds, Bound, b);

		if (!bound->each)
			add_set(net->x, bound, 0, p, pair, n, places, sets);
		for (guint i = 0; i < n && bound->each; i++) {
			gboolean before = FALSE;

			for (guint k = 0; k < i && !before; k++)
				before = bound->label[pair[k].reviewer] == bound->label[pair[i].reviewer];
			if (bound->label[pair[i].reviewer] != 0 && !before)
				add_set(net->x, bound, bound->label[pair[i].reviewer], p, pair, n, places, sets);
		}
	}
	g_array_sort(sets, by_size);
	for (guint i = 1; i < sets->len;) {
		Set *set = &g_array_index(sets, Set, i);

		if (by_size(set, set - 1) == 0) {
			g_free(set->members);
			g_array_remove_index(sets, i);
		} else {
			i++;
		}
	}
	for (guint i = 0; i < sets->len; i++) {
		Set *set = &g_array_index(sets, Set, i);

		for (guint k = 0; k < i; k++) {
			guint32 shared = 0;

			for (guint32 m = 0; m < set->n; m++)
				shared += holds(set - (i - k), set->members[m]);
			if (shared != 0 && shared != set->n)
				return verdict_reject("certificate: the panel rules of project %s cross: odds alone do not say who is drawn", PROJECT(net->x, p)->id);
			set->parent = shared ? (gint64)k : set->parent;
		}
	}
	return TRUE;
}

/* --- network ------------------------------------------------------------------------------------------------------ */

static guint32
add_arc(Network *net, guint32 from, guint32 to, gint64 amount)
{
	Arc arc = {from, to, amount};

	g_array_append_val(net->arcs, arc);
	return net->arcs->len - 1;
}

static void
add_end(Network *net, guint32 node, guint32 arc)
{
	g_array_append_val(net->ends, node);
	g_array_append_val(net->ends, arc);
}

/* One project: its node, its sets' nodes, the arcs between them and those of its pairs, in the order that each node asks them. */
static gboolean
add_project(Network *net, guint32 p, const Place *pair, guint n, gint64 places, GArray *pairs)
{
	g_autoptr(GArray) sets = g_array_new(FALSE, FALSE, sizeof(Set));
	g_autofree guint32 *open = g_new(guint32, (gsize)n + 1);
	g_autofree gint64 *inner = g_new(gint64, (gsize)n + 1);
	guint32 n_open = 0, node = net->n_nodes, *up;
	gboolean ok;

	for (guint i = 0; i < n; i++)
		if (is_open(pair[i].score))
			open[n_open++] = i;
	if (n_open == 0)
		return TRUE;
	ok = find_sets(net, p, pair, n, places, sets);
	net->n_nodes += 1 + sets->len;
	up = g_new(guint32, sets->len + 1);
	for (guint32 m = 0; m < n_open; m++)
		inner[m] = -1;
	for (guint i = 0; ok && i < sets->len; i++) {
		Set *set = &g_array_index(sets, Set, i);
		gint64 sum = 0;

		set->node = node + 1 + i;
		for (guint32 m = 0; m < set->n; m++) {
			inner[set->members[m]] = i;
			sum += pair[open[set->members[m]]].score;
		}
		up[i] = add_arc(net, set->node, set->parent < 0 ? node : node + 1 + (guint32)set->parent, sum);
		add_end(net, set->node, up[i]);
	}
	for (gint64 at = -1; ok && at < (gint64)sets->len; at++)
		for (guint i = 0; i < sets->len; i++)
			if (g_array_index(sets, Set, i).parent == at)
				add_end(net, at < 0 ? node : node + 1 + (guint32)at, up[i]);
	for (guint32 m = 0; ok && m < n_open; m++) {
		guint32 to = inner[m] < 0 ? node : node + 1 + (guint32)inner[m];
		Place drawn = {.project = p, .reviewer = pair[open[m]].reviewer, .row = add_arc(net, 0, to, pair[open[m]].score)};

		add_end(net, to, (guint32)drawn.row);
		g_array_append_val(pairs, drawn);
	}
	for (guint i = 0; i < sets->len; i++)
		g_free(g_array_index(sets, Set, i).members);
	g_free(up);
	return ok;
}

/* Source 0, projects and their sets, then reviewers. */
static gboolean
build(Network *net, const GArray *odds, GArray *pairs)
{
	const Instance *x = net->x;
	guint n_r = x->reviewers->len;
	g_autofree gint64 *sum = g_new0(gint64, n_r + 1);
	g_autofree guint *start = g_new0(guint, x->projects->len + 2);
	guint32 reviewers;

	net->n_nodes = 1;
	for (guint i = 0; i < odds->len; i++) {
		start[PLACE(odds, i)->project + 1]++;
		sum[PLACE(odds, i)->reviewer] += PLACE(odds, i)->score;
	}
	for (guint p = 0; p < x->projects->len; p++)
		start[p + 1] += start[p];
	for (guint k = 0; k < x->projects->len; k++) {
		guint32 p = net->project_order[k];
		guint n = start[p + 1] - start[p];
		g_autofree Place *pair = g_memdup2(n ? PLACE(odds, start[p]) : NULL, n * sizeof(Place));
		gint64 all = 0;

		for (guint i = 0; i < n; i++) {
			pair[i].order = net->reviewer_rank[pair[i].reviewer];
			all += pair[i].score;
		}
		for (guint i = 1; i < n; i++) /* by the reviewers' ids */
			for (guint j = i; j > 0 && pair[j].order < pair[j - 1].order; j--) {
				Place swap = pair[j];

				pair[j] = pair[j - 1], pair[j - 1] = swap;
			}
		if (all % ODDS_ONE != 0)
			return verdict_reject("certificate: the odds of project %s do not add up to whole places", PROJECT(x, p)->id);
		if (!add_project(net, p, pair, n, all / ODDS_ONE, pairs))
			return FALSE;
	}
	reviewers = net->n_nodes;
	net->n_nodes += n_r;
	for (guint k = 0; k < n_r; k++) {
		guint32 arc = add_arc(net, 0, reviewers + k, sum[net->reviewer_order[k]]);

		add_end(net, 0, arc);
		add_end(net, reviewers + k, arc);
	}
	for (guint i = 0; i < pairs->len; i++) {
		Arc *arc = &g_array_index(net->arcs, Arc, PLACE(pairs, i)->row);

		arc->from = reviewers + net->reviewer_rank[PLACE(pairs, i)->reviewer];
		add_end(net, arc->from, (guint32)PLACE(pairs, i)->row);
	}
	return TRUE;
}

/* --- walk --------------------------------------------------------------------------------------------------------- */

typedef struct {
	Arc *arc;
	Node *nodes;
	gint64 step; /* what amounts become multiples of */
	guint32 *path, *by, n; /* nodes; by[i]: the arc that led to path[i] */
	gint64 *at;	       /* of a node: its place on the path, -1 */
} Walk;

static guint32
first_open(Walk *w, guint32 node, gint64 not_this)
{
	Node *at = &w->nodes[node];

	while (at->first < at->n && w->arc[at->arcs[at->first]].amount % w->step == 0)
		at->first++;
	for (guint32 i = at->first; i < at->n; i++)
		if (at->arcs[i] != not_this && w->arc[at->arcs[i]].amount % w->step != 0)
			return at->arcs[i];
	return NONE;
}

/* path[from] .. the end, and the arc `last` back to path[from]. */
static void
push_cycle(Walk *w, guint32 from, guint32 last, Stream *stream)
{
	gint64 up = w->step, down = w->step, push;

	for (int pass = 0; pass < 2; pass++) {
		if (pass == 1)
			push = stream_below(stream, (guint64)(up + down)) < (guint64)down ? up : -down;
		for (guint32 i = from; i < w->n; i++) {
			Arc *arc = &w->arc[i + 1 < w->n ? w->by[i + 1] : last];
			gboolean forward = arc->from == w->path[i];
			gint64 over = arc->amount % w->step;

			if (pass == 1) {
				arc->amount += forward ? push : -push;
				continue;
			}
			up = MIN(up, forward ? w->step - over : over);
			down = MIN(down, forward ? over : w->step - over);
		}
	}
}

static gboolean
walk(Walk *w, guint32 n_nodes, Stream *stream)
{
	guint32 start = 0;

	for (;;) {
		guint32 last, reached;
		gint64 came = w->n > 1 ? (gint64)w->by[w->n - 1] : -1;

		if (w->n == 0) {
			while (start < n_nodes && first_open(w, start, -1) == NONE)
				start++;
			if (start == n_nodes)
				return TRUE;
			w->path[0] = start, w->at[start] = 0, w->n = 1;
			continue;
		}
		last = first_open(w, w->path[w->n - 1], came);
		if (last == NONE)
			return verdict_reject("certificate: its odds do not balance");
		reached = w->arc[last].from == w->path[w->n - 1] ? w->arc[last].to : w->arc[last].from;
		if (w->at[reached] < 0) {
			w->at[reached] = w->n, w->path[w->n] = reached, w->by[w->n++] = last;
			continue;
		}
		push_cycle(w, (guint32)w->at[reached], last, stream);
		while (w->n > (guint32)w->at[reached] + 1)
			w->at[w->path[--w->n]] = -1;
		if (w->n == 1)
			w->at[reached] = -1, w->n = 0;
	}
}

static gboolean
round_network(Network *net, const guint8 seed[32])
{
	guint32 n = net->n_nodes, m = net->ends->len / 2;
	static const gint64 steps[] = {2, 4, 8, 16, 80, 400, 2000, ODDS_ONE};
	Walk w = {(Arc *)(gpointer)net->arcs->data, g_new0(Node, n + 1), 0, g_new(guint32, n + 1), g_new(guint32, n + 1), 0, g_new(gint64, n + 1)};
	g_autofree guint32 *all = g_new(guint32, (gsize)m + 1);
	const guint32 *ends = (const guint32 *)(gpointer)net->ends->data;
	guint32 used = 0;
	Stream stream;
	gboolean ok = TRUE;

	for (guint32 i = 0; i < m; i++)
		w.nodes[ends[(gsize)2 * i]].n++;
	for (guint32 v = 0; v < n; v++) {
		w.nodes[v].arcs = all + used;
		used += w.nodes[v].n;
		w.nodes[v].n = 0;
		w.at[v] = -1;
	}
	for (guint32 i = 0; i < m; i++)
		w.nodes[ends[(gsize)2 * i]].arcs[w.nodes[ends[(gsize)2 * i]].n++] = ends[(gsize)2 * i + 1];
	stream_init(&stream, seed, "veil/draw/round/2");
	for (guint s = 0; ok && s < G_N_ELEMENTS(steps); s++) {
		w.step = steps[s];
		for (guint32 v = 0; v < n; v++)
			w.nodes[v].first = 0;
		ok = walk(&w, n, &stream);
	}
	stream_clear(&stream);
	g_free(w.nodes), g_free(w.path), g_free(w.by), g_free(w.at);
	return ok;
}

gboolean
replay_round(const Instance *x, const GArray *odds, const guint8 seed[32], GArray *out_places)
{
	Network net = {.x = x, .project_order = numbers(x->projects->len, by_project_id, x), .reviewer_order = numbers(x->reviewers->len, by_reviewer_id, x)};
	g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(Place)); /* the open ones; row: their arc */
	gboolean ok;

	net.reviewer_rank = g_new(guint32, x->reviewers->len + 1);
	for (guint32 k = 0; k < x->reviewers->len; k++)
		net.reviewer_rank[net.reviewer_order[k]] = k;
	net.arcs = g_array_new(FALSE, FALSE, sizeof(Arc));
	net.ends = g_array_new(FALSE, FALSE, sizeof(guint32));
	ok = build(&net, odds, pairs) && round_network(&net, seed);
	g_array_set_size(out_places, 0);
	for (guint i = 0; ok && i < odds->len; i++)
		if (PLACE(odds, i)->score == ODDS_ONE)
			g_array_append_val(out_places, *PLACE(odds, i));
	for (guint i = 0; ok && i < pairs->len; i++)
		if (g_array_index(net.arcs, Arc, PLACE(pairs, i)->row).amount == ODDS_ONE)
			g_array_append_val(out_places, *PLACE(pairs, i));
	g_array_sort(out_places, place_compare);
	g_free(net.project_order), g_free(net.reviewer_order), g_free(net.reviewer_rank);
	g_array_unref(net.arcs);
	g_array_unref(net.ends);
	return ok;
}

guint
replay_lottery(const GArray *tickets, const guint8 seed[32])
{
	Stream stream;
	gint64 left;
	guint i = 0;

	stream_init(&stream, seed, "veil/draw/lottery/1");
	left = (gint64)stream_below(&stream, ODDS_ONE);
	stream_clear(&stream);
	while (i + 1 < tickets->len && left >= g_array_index(tickets, Ticket, i).weight)
		left -= g_array_index(tickets, Ticket, i++).weight;
	return i;
}

/* --- panel and reserves --------------------------------------------------------------------------------------------- */

guint64
replay_ticket(const Instance *x, guint32 project, guint32 reviewer, const guint8 seed[32])
{
	const char *codes[] = {PROJECT(x, PROJECT(x, project)->leader)->id, REVIEWER(x, reviewer)->id};
	g_autoptr(GByteArray) text = g_byte_array_new();
	guint8 hash[32];
	guint64 ticket = 0;

	g_byte_array_append(text, (const guint8 *)"veil/ticket/1", 13);
	put_lp(text, codes[0], strlen(codes[0]));
	put_lp(text, codes[1], strlen(codes[1]));
	hmac_sha256(seed, 32, text->data, text->len, hash);
	for (guint k = 0; k < 8; k++)
		ticket = ticket << 8 | hash[k];
	return ticket;
}

typedef struct {
	guint64 ticket;
	const char *code;
	Place place;
} Drawn;

static int
by_ticket(gconstpointer a, gconstpointer b)
{
	const Drawn *x = a, *y = b;

	return x->ticket != y->ticket ? (x->ticket > y->ticket ? 1 : -1) : strcmp(x->code, y->code);
}

/* Panels of the project's demand, as the instance bounds it. */
static gboolean
is_panel(const Instance *x, guint32 p, const guint32 *people, guint n)
{
	for (guint b = 0; b < x->bounds->len; b++) {
		const Bound *bound = &g_array_index(x->bounds, Bound, b);
		gint64 all = 0;

		for (guint i = 0; i < n; i++) {
			gint64 same = 0;

			all += bound_label(x, bound, p, people[i]) != 0;
			for (guint k = 0; k < n && bound->each; k++)
				same += bound->label[people[i]] != 0 && bound->label[people[k]] == bound->label[people[i]];
			if (same > bound->max[p])
				return FALSE;
		}
		if (!bound->each && (all > bound->max[p] || all < bound->min[p]))
			return FALSE;
	}
	return TRUE;
}

/* A panel by the rules of every project that has it: a team's are bound by those of all. */
static gboolean
is_panel_of_all(const Instance *x, guint32 p, const guint32 *people, guint n)
{
	gboolean ok = is_panel(x, p, people, n);

	for (guint32 q = 0; ok && PROJECT(x, p)->team != NULL && q < x->projects->len; q++)
		ok = PROJECT(x, q)->leader != PROJECT(x, p)->leader || is_panel(x, q, people, n);
	return ok;
}

/* The first choice, position by position, that is legal: from `at` on so many more; *left bounds how many are tried. */
static gboolean
choose(const Instance *x, guint32 project, const Drawn *drawn, guint n, guint at, guint more, guint32 *chosen, guint n_chosen, gboolean *in, gint64 *left)
{
	if (more == 0)
		return is_panel_of_all(x, project, chosen, n_chosen);
	for (guint i = at; i + more <= n && --*left > 0; i++) {
		in[i] = TRUE;
		chosen[n_chosen] = drawn[i].place.reviewer;
		if (choose(x, project, drawn, n, i + 1, more - 1, chosen, n_chosen + 1, in, left))
			return TRUE;
		in[i] = FALSE;
	}
	return FALSE;
}

gboolean
replay_panel(const Instance *x, guint32 project, const guint8 seed[32], Place *place, guint n)
{
	const Project *p = PROJECT(x, project);
	g_autofree Drawn *drawn = g_new0(Drawn, (gsize)n + 1);
	g_autofree guint32 *chosen = g_new(guint32, (gsize)n + 1);
	g_autofree gboolean *in = g_new0(gboolean, (gsize)n + 1);
	gint64 left = 1000000, order[2] = {0};
	guint at[2] = {0, (guint)p->demand};

	for (guint i = 0; i < n; i++)
		drawn[i] = (Drawn){replay_ticket(x, project, place[i].reviewer, seed), REVIEWER(x, place[i].reviewer)->id, place[i]};
	qsort(drawn, n, sizeof *drawn, by_ticket);
	if (n < p->demand || !choose(x, project, drawn, n, 0, (guint)p->demand, chosen, 0, in, &left))
		return FALSE;
	for (guint i = 0; i < n; i++) {
		guint reserve = !in[i];

		place[at[reserve]] = drawn[i].place;
		place[at[reserve]].reserve = !in[i];
		place[at[reserve]++].order = ++order[reserve];
	}
	return TRUE;
}
