/* round.c - one assignment sampled from given odds: dependent rounding along cycles.
 *
 * The method of Gandhi, Khuller, Parthasarathy and Srinivasan (2006) for bipartite graphs, on the two trees of a bihierarchy (Budish, Che, Kojima and Milgrom 2013): panel rules
 * above the pairs on the side of projects, loads on the side of reviewers. Where an arc's amount is no whole number, there is a cycle of such arcs, and shifting along it by a
 * random amount of mean 0 makes at least one of them whole. docs/design/draw.md, 2, has every order to the byte: `veil-verify` follows the same text.
 *
 * Amounts are not made whole at once but multiples of 2, 4, 8, 16, 80, 400, 2000 and WHOLE in turn. A shift then ends at the next multiple of the step, for a good part of the
 * cycle's arcs at once instead of for one: each arc is walked a few times a step, however long the cycles are, and those of a tight supply are long (162 arcs on average, measured).
 *
 * An arc stands in the lists of both its ends; lists lie one behind the other. In a step an arc is its digit: what its amount is above the last multiple of the step, in units of the
 * step before. It is open while that is neither 0 nor the ratio of the two, and a bit says so, so that passing over closed arcs touches nothing else. They do not
 * open again within the step: a node keeps its first two open arcs at hand and the place from which others may follow, and the whole costs as much as the cycles are long.
 */
#include <string.h>

#include <veil/draw.h>

#include "words.h"

#define NONE G_MAXUINT32
enum { WHOLE = VEIL_ODDS_WHOLE };

/* Each divides the next; small ratios make many arcs end together. */
static const guint16 steps[] = {2, 4, 8, 16, 80, 400, 2000, WHOLE};

/* Directed from end 0 to end 1. */
typedef struct {
	guint32 end[2];
} Arc;

/* An arc as one of its ends sees it: number x 2, plus 1 where it leaves here in its direction; and where it leads. */
typedef struct {
	guint32 arc, to;
} Leaf;

typedef struct {
	Leaf ahead[2];	   /* its first two arcs that were open when last looked at; arc NONE: there is none */
	guint32 next, end; /* places in the list of arcs: those ahead lie before next */
	guint32 at;	   /* position on the path + 1, 0: not on it */
} Node;

typedef struct {
	guint32 node, arc; /* the arc by which the path came there; NONE at its beginning */
	gboolean forward;
} Move;

/* Nodes: 0 the source, then the reviewers, then projects and sets. That projects come before reviewers in the text makes no difference: every open arc has an end at the source
 * or at a project or set, so no path ever begins at a reviewer. */
typedef struct {
	const VeilInstance *in;
	const guint32 *odds;
	GArray *arcs, *amounts; /* Arc; guint16: modulo WHOLE at first, 0 or WHOLE at the end */
	guint32 n_nodes;
	Node *nodes;
	Leaf *list;	   /* of all nodes */
	guint8 *digit;	   /* by arc, in the present step */
	guint64 *open;	   /* a bit an arc: so few that they stay in the cache */
	guint16 unit;	   /* of digits: the step before */
	guint8 ratio;	   /* of the present step to it */
	GArray *path;	   /* Move */
	guint32 *pair_arc; /* n_projects: the arc of its first open pair, the others follow */
	guint32 n_fixed;   /* nodes before the first project */
} Network;

static inline guint16
amount_of(const Network *net, guint32 arc)
{
	return g_array_index(net->amounts, guint16, arc);
}

static inline gboolean
is_open(const Network *net, guint32 arc)
{
	return net->open[arc / 64] >> arc % 64 & 1;
}

/* An arc that is closed from the start is left out. */
static void
add_arc(Network *net, guint32 from, guint32 to, guint64 amount)
{
	Arc arc = {{from, to}};
	guint16 rest = (guint16)(amount % WHOLE);

	if (rest == 0)
		return;
	g_array_append_val(net->arcs, arc);
	g_array_append_val(net->amounts, rest);
}

/* The lists, in the order in which arcs were added. */
static void
index_arcs(Network *net)
{
	const Arc *arcs = (const Arc *)(gpointer)net->arcs->data;
	guint32 n = net->arcs->len, sum = 0;

	net->nodes = g_new0(Node, (gsize)net->n_nodes + 1);
	net->list = g_new(Leaf, 2 * (gsize)n + 1);
	net->digit = g_new(guint8, (gsize)n + 1);
	net->open = g_new0(guint64, (gsize)n / 64 + 1);
	for (guint32 i = 0; i < n; i++)
		for (guint end = 0; end < 2; end++)
			net->nodes[arcs[i].end[end]].end++;
	for (guint32 v = 0; v < net->n_nodes; v++) {
		Node *node = &net->nodes[v];
		guint32 degree = node->end;

		node->end = sum;
		sum += degree;
	}
	for (guint32 i = 0; i < n; i++)
		for (guint end = 0; end < 2; end++)
			net->list[net->nodes[arcs[i].end[end]].end++] = (Leaf){2 * i + (end == 0), arcs[i].end[1 - end]};
}

/* --- the network -------------------------------------------------------------------------------------------------- */

static gboolean
add_project(Network *net, VeilNest *nest, guint32 p, GArray *entries, GArray *amounts, GError **error)
{
	const VeilInstance *in = net->in;
	const VeilNestSet *sets;
	const guint32 *inner;
	guint32 n_sets, base = net->n_nodes;
	guint64 sum = 0;

	g_array_set_size(entries, 0);
	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
		VeilNestEntry entry = {in->reviewer[i], WHOLE, net->odds[i] == WHOLE ? WHOLE : 0, net->odds[i] % WHOLE != 0};

		sum += net->odds[i];
		if (net->odds[i] > 0)
			g_array_append_val(entries, entry);
	}
	if (!veil_nest_project(nest, p, (guint32)(sum / WHOLE), (const VeilNestEntry *)(gpointer)entries->data, entries->len, &sets, &n_sets, &inner)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "draw: panel rules of project %u cross each other: they need a lottery", p);
		return FALSE;
	}
	if (sets[0].size == 0)
		return TRUE;
	g_array_set_size(amounts, n_sets);
	memset(amounts->data, 0, sizeof(guint64) * n_sets);
	net->n_nodes += n_sets;
	for (guint64 i = in->offset[p], e = 0; i < in->offset[p + 1]; i++)
		if (net->odds[i] > 0) {
			if (net->odds[i] < WHOLE)
				g_array_index(amounts, guint64, inner[e]) += net->odds[i];
			e++;
		}
	for (guint32 s = n_sets; s-- > 1;) /* children come behind their parents */
		g_array_index(amounts, guint64, sets[s].parent) += g_array_index(amounts, guint64, s);
	for (guint32 s = 1; s < n_sets; s++)
		add_arc(net, base + s, base + sets[s].parent, g_array_index(amounts, guint64, s));
	net->pair_arc[p] = net->arcs->len;
	for (guint64 i = in->offset[p], e = 0; i < in->offset[p + 1]; i++)
		if (net->odds[i] > 0)
			add_arc(net, 1 + in->reviewer[i], base + inner[e++], net->odds[i]);
	return TRUE;
}

static gboolean
check(const Network *net, guint64 *out_open, GError **error)
{
	const VeilInstance *in = net->in;

	*out_open = 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint64 sum = 0;
		gboolean sound = TRUE;

		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			sound = sound && net->odds[i] <= WHOLE;
			sum += net->odds[i];
			*out_open += net->odds[i] % WHOLE != 0;
		}
		if (sound && sum % WHOLE == 0)
			continue;
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "draw: project %u: odds above %d, or that do not sum to whole places", p, WHOLE);
		return FALSE;
	}
	if (*out_open + in->n_reviewers < G_MAXINT32)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "draw: more than 2^31 open pairs");
	return FALSE;
}

static gboolean
build(Network *net, GError **error)
{
	const VeilInstance *in = net->in;
	g_autoptr(VeilNest) nest = veil_nest_new(in);
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(VeilNestEntry)), amounts = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_autofree guint64 *load = g_new0(guint64, (gsize)in->n_reviewers + 1);
	guint64 n_open;

	if (!check(net, &n_open, error))
		return FALSE;
	net->arcs = g_array_sized_new(FALSE, FALSE, sizeof(Arc), (guint)(n_open + in->n_reviewers));
	net->amounts = g_array_sized_new(FALSE, FALSE, sizeof(guint16), (guint)(n_open + in->n_reviewers));
	net->n_nodes = net->n_fixed = in->n_reviewers + 1;
	for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
		load[in->reviewer[i]] += net->odds[i];
	for (guint32 r = 0; r < in->n_reviewers; r++)
		add_arc(net, 0, 1 + r, load[r]);
	for (guint32 p = 0; p < in->n_projects; p++)
		if (!add_project(net, nest, p, entries, amounts, error))
			return FALSE;
	index_arcs(net);
	return TRUE;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

/* The next open arc of the node's list. */
static Leaf
look_ahead(Network *net, Node *node)
{
	while (node->next < node->end) {
		Leaf leaf = net->list[node->next++];

		if (is_open(net, leaf.arc / 2))
			return leaf;
	}
	return (Leaf){NONE, 0};
}

static inline gboolean
is_closed(const Network *net, Leaf leaf)
{
	return leaf.arc != NONE && !is_open(net, leaf.arc / 2);
}

/* The first open arc of the node that is not `came`; NULL when it has none. */
static inline const Leaf *
leave(Network *net, guint32 number, guint32 came)
{
	Node *node = &net->nodes[number];
	const Leaf *leaf;

	if (is_closed(net, node->ahead[1]))
		node->ahead[1] = look_ahead(net, node);
	if (is_closed(net, node->ahead[0])) {
		node->ahead[0] = node->ahead[1];
		node->ahead[1] = look_ahead(net, node);
	}
	leaf = &node->ahead[node->ahead[0].arc / 2 == came];
	return leaf->arc != NONE ? leaf : NULL;
}

/* Shifts the cycle of the path from `from` on; its last arc leads back to the node where it begins. */
static void
shift(Network *net, guint from, Words *words)
{
	const Move *moves = (const Move *)(gpointer)net->path->data;
	guint n = net->path->len;
	guint8 ratio = net->ratio, up = ratio, down = ratio;
	gboolean rises;

	for (guint i = from; i < n; i++) {
		guint8 digit = net->digit[moves[i].arc], ahead = (guint8)(moves[i].forward ? ratio - digit : digit);

		up = MIN(up, ahead);
		down = MIN(down, (guint8)(ratio - ahead));
	}
	rises = veil_draw__below(words, (guint64)net->unit * (up + down)) < (guint64)net->unit * down;
	for (guint i = from; i < n; i++) {
		guint32 arc = moves[i].arc;
		guint8 by = rises ? up : down, digit = net->digit[arc];

		digit = (guint8)(rises == moves[i].forward ? digit + by : digit - by);
		net->digit[arc] = digit;
		if (digit == 0 || digit == ratio)
			net->open[arc / 64] &= ~((guint64)1 << arc % 64);
	}
}

/* Goes on from the last node of the path until a cycle is found and shifted. */
static void
find_cycle(Network *net, Words *words)
{
	for (;;) {
		const Move *last = &g_array_index(net->path, Move, net->path->len - 1);
		const Leaf *leaf = leave(net, last->node, last->arc);
		Move move = {leaf->to, leaf->arc / 2, leaf->arc % 2};
		guint32 at = net->nodes[move.node].at;

		g_array_append_val(net->path, move);
		if (at == 0) {
			net->nodes[move.node].at = net->path->len;
			continue;
		}
		shift(net, at, words);
		for (guint i = at; i + 1 < net->path->len; i++)
			net->nodes[g_array_index(net->path, Move, i).node].at = 0;
		g_array_set_size(net->path, at);
		return;
	}
}

static void
walk(Network *net, Words *words)
{
	guint32 start = 0;

	while (start < net->n_nodes) {
		Move first = {start, NONE, FALSE};

		if (leave(net, start, NONE) == NULL) {
			start = start == 0 ? net->n_fixed : start + 1;
			continue;
		}
		g_array_append_val(net->path, first);
		net->nodes[start].at = 1;
		do
			find_cycle(net, words);
		while (net->path->len > 1);
		net->nodes[start].at = 0;
		g_array_set_size(net->path, 0);
	}
}

/* Every amount to a multiple of `step`; all are multiples of `before`. */
static void
round_to(Network *net, guint16 before, guint16 step, Words *words)
{
	guint16 *amounts = (guint16 *)(gpointer)net->amounts->data;
	guint32 n = net->arcs->len, begin = 0;

	net->unit = before;
	net->ratio = (guint8)(step / before);
	for (guint32 i = 0; i < n; i++) {
		guint16 rest = amounts[i] % step;

		net->digit[i] = (guint8)(rest / before);
		net->open[i / 64] |= (guint64)(rest != 0) << i % 64;
		amounts[i] -= rest;
	}
	for (guint32 v = 0; v < net->n_nodes; v++) {
		Node *node = &net->nodes[v];

		node->next = begin;
		begin = node->end;
		node->ahead[0] = look_ahead(net, node);
		node->ahead[1] = look_ahead(net, node);
	}
	walk(net, words);
	for (guint32 i = 0; i < n; i++)
		amounts[i] += net->digit[i] != 0 ? step : 0;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void
collect(Network *net, guint64 *out_offset, guint32 *out_drawn)
{
	const VeilInstance *in = net->in;
	guint64 n = 0;

	out_offset[0] = 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 arc = net->pair_arc[p];

		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			guint32 amount = net->odds[i] % WHOLE == 0 ? net->odds[i] : amount_of(net, arc++);

			if (amount == WHOLE)
				out_drawn[n++] = in->reviewer[i];
		}
		out_offset[p + 1] = n;
	}
}

gboolean
veil_draw_round(const VeilInstance *instance, const guint32 *odds, const guint8 seed[32], guint64 *out_offset, guint32 *out_drawn, GError **error)
{
	Network net = {.in = instance, .odds = odds};
	g_auto(Words) words = {0};
	gboolean ok;

	net.pair_arc = g_new0(guint32, (gsize)instance->n_projects + 1);
	net.path = g_array_new(FALSE, FALSE, sizeof(Move));
	ok = build(&net, error);
	if (ok) {
		veil_draw__words_init(&words, seed, "veil/draw/round/2");
		for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
			round_to(&net, i == 0 ? 1 : steps[i - 1], steps[i], &words);
		collect(&net, out_offset, out_drawn);
	}
	g_clear_pointer(&net.arcs, g_array_unref);
	g_clear_pointer(&net.amounts, g_array_unref);
	g_free(net.nodes);
	g_free(net.list);
	g_free(net.digit);
	g_free(net.open);
	g_array_unref(net.path);
	g_free(net.pair_arc);
	return ok;
}

gboolean
veil_draw_odds(const VeilInstance *instance, const VeilOdds *odds, const guint8 seed[32], guint64 *out_offset, guint32 *out_drawn, GError **error)
{
	guint32 chosen;

	if (odds->n_lottery == 0)
		return veil_draw_round(instance, odds->odds, seed, out_offset, out_drawn, error);
	chosen = veil_draw_lottery(seed, odds->weight, odds->n_lottery);
	out_offset[0] = 0;
	for (guint32 p = 0; p < instance->n_projects; p++)
		out_offset[p + 1] = out_offset[p] + odds->places[p];
	memcpy(out_drawn, odds->panels + chosen * out_offset[instance->n_projects], sizeof *out_drawn * out_offset[instance->n_projects]);
	return TRUE;
}
