/* polish.c - cycles of exchanges that raise the total, every rule and floor kept: for what chains at weighted scores leave behind.
 *
 * Labels are corrected from everybody at once (Bellman and Ford) over the exchange graph of chains.c, at true scores, reduced by the prices so that few
 * arcs are negative; one node more stands for room: who has load to spare gives it, who may take more takes it. A chain changes no panel twice, so that
 * whatever closes to a negative cycle is legal as a whole. The first such cycle is carried out and the labels begin anew.
 */
#include <string.h>

#include "rules/rules-private.h"

#define LONGEST 12 /* exchanges of a cycle */
#define SHAKES 64

typedef struct {
	Core *c;
	Panels *x;
	guint32 room;	 /* the node for room: n_reviewers */
	guint64 budget;
	GArray *queue;	 /* guint32 */
	GArray *seats;	 /* guint32: of the node looked at */
	guint8 *waits;
	guint64 salt; /* scores are shaken by up to `shake`, each pair by its own amount */
	gint64 shake;
} Polish;

static inline gint64
shaken_score(const Polish *l, guint32 u, guint32 place)
{
	gint64 score = raw_score(l->x, u, place);

	if (l->shake > 0) {
		guint64 z = ((guint64)u << 32 | place) * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) + l->salt;

		z = (z ^ z >> 30) * G_GUINT64_CONSTANT(0xBF58476D1CE4E5B9);
		z = (z ^ z >> 27) * G_GUINT64_CONSTANT(0x94D049BB133111EB);
		score += (gint64)((z ^ z >> 31) % (guint64)(2 * l->shake + 1)) - l->shake;
	}
	return score;
}

/* The unit of an arc; NOBODY for those from and to room. */
static guint32
arc_unit(const Panels *x, const Move *via)
{
	return via->seat == NOBODY ? NOBODY : x->seats[via->seat].unit;
}

static guint32
arc_from(const Polish *l, const Move *via)
{
	return via->seat == NOBODY ? via->place : l->x->seats[via->seat].reviewer;
}

static gint64
swap_cost(const Polish *l, guint32 seat, guint32 place)
{
	guint32 u = l->x->seats[seat].unit;

	return shaken_score(l, u, l->x->seats[seat].place) - shaken_score(l, u, place);
}

/* What the way back from v does to the unit of an arc. */
typedef struct {
	gboolean closes; /* w is on it */
	guint32 times;	 /* exchanges in the unit */
	gint64 change;	 /* of its total by these */
} Way;

/* Follows the labels back from v; FALSE when the way is long, uses the seat, or goes in a circle. */
static gboolean
way_back(const Polish *l, guint32 v, guint32 w, const Move *arc, Way *way)
{
	const Panels *x = l->x;
	guint32 u = arc_unit(x, arc);

	*way = (Way){v == w, 0, 0};
	for (guint n = 0; !way->closes; n++) {
		const Move *via = &x->via[v];

		if (x->hops[v] == 0)
			return TRUE;
		if (n >= LONGEST || (u != NOBODY && (via->seat == arc->seat || (arc_unit(x, via) == u && via->place == arc->place))))
			return FALSE;
		if (u != NOBODY && arc_unit(x, via) == u) {
			way->times++;
			way->change += raw_score(x, u, via->place) - raw_score(x, u, x->seats[via->seat].place);
		}
		v = arc_from(l, via);
		way->closes = v == w;
	}
	return TRUE;
}

/* Whether the arc may follow its way: alone in its unit it must be legal by itself; a second exchange there may use what the first has won. */
static gboolean
may_follow(const Polish *l, const Move *arc, const Way *way)
{
	const Panels *x = l->x;
	guint32 u = arc_unit(x, arc);
	gint64 change;

	if (u == NOBODY)
		return TRUE;
	if (way->times == 0)
		return veil_match__may_swap(x, arc->seat, arc->place);
	change = way->change + raw_score(x, u, arc->place) - raw_score(x, u, x->seats[arc->seat].place);
	return way->times == 1 && (!x->floors || x->total[u] + change >= floor_of(x, u)) && veil_match__rules_allow(x, arc->seat, arc->place);
}

/* After the moves of a cycle: every panel that changed is legal and has its floor. */
static gboolean
all_legal(const Polish *l)
{
	const Panels *x = l->x;

	for (guint i = 0; i < x->moves->len; i++) {
		guint32 u = x->seats[g_array_index(x->moves, Move, i).seat].unit;

		veil_match__panel_get(x, u, l->c->places);
		if (!veil_match__panel_legal(x->rules, u, l->c->places) || (x->floors && x->total[u] < floor_of(x, u)))
			return FALSE;
	}
	return TRUE;
}

/* The cycle w ... -> w by this last arc: carried out when it gains and is legal as a whole. */
static gboolean
close_cycle(Polish *l, guint32 w, Move last)
{
	Panels *x = l->x;
	gint64 cost = 0;
	guint32 n = 0, v;

	g_array_set_size(x->moves, 0);
	for (Move via = last;; via = x->via[v]) {
		if (via.seat != NOBODY) {
			cost += swap_cost(l, via.seat, via.place);
			g_array_append_val(x->moves, via);
		}
		v = arc_from(l, &via);
		if (v == w)
			break;
		if (n++ > LONGEST || x->hops[v] == 0)
			return FALSE;
	}
	if (cost >= 0)
		return FALSE;
	for (guint i = 0; i < x->moves->len; i++) {
		Move *move = &g_array_index(x->moves, Move, i);
		guint32 before = x->seats[move->seat].place;

		veil_match__seat_move(x, move->seat, move->place);
		move->place = before;
	}
	if (all_legal(l))
		return TRUE;
	for (guint i = x->moves->len; i > 0; i--)
		veil_match__seat_move(x, g_array_index(x->moves, Move, i - 1).seat, g_array_index(x->moves, Move, i - 1).place);
	return FALSE;
}

/* A better label for w by an arc from v; TRUE when a cycle was carried out. */
static gboolean
relax(Polish *l, guint32 v, guint32 w, gint64 dist, Move via)
{
	Panels *x = l->x;
	Way way;

	if (dist >= x->dist[w] || x->hops[v] >= LONGEST)
		return FALSE;
	x->work += LONGEST;
	if (!way_back(l, v, w, &via, &way) || !may_follow(l, &via, &way))
		return FALSE;
	if (way.closes)
		return close_cycle(l, w, via);
	x->dist[w] = dist;
	x->hops[w] = x->hops[v] + 1;
	x->via[w] = via;
	if (!l->waits[w]) {
		l->waits[w] = 1;
		g_array_append_val(l->queue, w);
	}
	return FALSE;
}

static gboolean
relax_from(Polish *l, guint32 v)
{
	Panels *x = l->x;
	const VeilInstance *in = x->rules->in;

	if (v == l->room) {
		x->work += in->n_reviewers;
		for (guint32 r = 0; r < in->n_reviewers; r++)
			if (x->load[r] > least(x, r) && relax(l, v, r, x->dist[v] + x->price[r], (Move){NOBODY, v}))
				return TRUE;
		return FALSE;
	}
	if (x->load[v] < in->max_load[v] && relax(l, v, l->room, x->dist[v] - x->price[v], (Move){NOBODY, v}))
		return TRUE;
	g_array_set_size(l->seats, 0); /* a cycle that is tried and undone leaves the list of his seats in another order: it would be begun again, for ever */
	for (guint32 seat = x->first[v]; seat != NOBODY; seat = x->seats[seat].next)
		g_array_append_val(l->seats, seat);
	for (guint k = 0; k < l->seats->len; k++) {
		guint32 seat = g_array_index(l->seats, guint32, k), u = x->seats[seat].unit;
		const Unit *unit = &x->rules->units[u];
		gint64 base = x->dist[v] + shaken_score(l, u, x->seats[seat].place) - x->price[v];

		if (unit->size > 1)
			continue;
		x->work += unit->n;
		for (guint32 i = 0; i < unit->n; i++) {
			guint32 w = unit->reviewer[i];
			gint64 dist = base - shaken_score(l, u, i) + x->price[w];

			if (dist < x->dist[w] && relax(l, v, w, dist, (Move){seat, i}))
				return TRUE;
		}
	}
	return FALSE;
}

/* One cycle found and carried out; FALSE: there is none, or the work is spent. */
static gboolean
one_cycle(Polish *l)
{
	Panels *x = l->x;

	g_array_set_size(l->queue, 0);
	for (guint32 v = 0; v <= l->room; v++) {
		x->dist[v] = 0;
		x->hops[v] = 0;
		l->waits[v] = 1;
		g_array_append_val(l->queue, v);
	}
	for (guint i = 0; i < l->queue->len && x->work < l->budget; i++) {
		guint32 v = g_array_index(l->queue, guint32, i);

		l->waits[v] = 0;
		if (relax_from(l, v))
			return TRUE;
	}
	return FALSE;
}

static Wide
present_total(const Core *c)
{
	Wide total = 0;

	for (guint32 i = 0; i < c->panels->seat_offset[c->rules->n_units]; i++)
		total += raw_score(c->panels, c->panels->seats[i].unit, c->panels->seats[i].place);
	return total;
}

static void
put_all(Core *c, const guint32 *place)
{
	for (guint32 u = 0; u < c->rules->n_units; u++)
		veil_match__panel_put(c->panels, u, place + c->panels->seat_offset[u]);
}

/* From the present assignment: a few cycles at shaken scores, then all there are at true ones; what is no better is undone. */
static void
shake(Polish *l)
{
	Core *c = l->c;
	guint32 n = c->panels->seat_offset[c->rules->n_units];
	g_autofree guint32 *place = g_new(guint32, (gsize)n + 1);
	Wide best = present_total(c), now;
	gint64 mean = (gint64)((best < 0 ? -best : best) / MAX(n, 1));

	for (guint round = 0; round < SHAKES && c->panels->work < l->budget; round++) {
		for (guint32 i = 0; i < n; i++)
			place[i] = c->panels->seats[i].place;
		l->salt = round * G_GUINT64_CONSTANT(0xD1B54A32D192ED03);
		l->shake = mean / (gint64)(8 << round % 4);
		for (guint i = 0; i < 12 && one_cycle(l); i++)
			;
		l->shake = 0;
		while (one_cycle(l))
			;
		now = present_total(c);
		if (now < best)
			put_all(c, place);
		else
			best = now;
	}
}

static void
run(Core *c, guint64 work, gboolean with_shakes)
{
	Polish l = {c, c->panels, c->rules->in->n_reviewers, c->panels->work + work, g_array_new(FALSE, FALSE, sizeof(guint32)), g_array_new(FALSE, FALSE, sizeof(guint32)),
		    g_malloc0((gsize)c->rules->in->n_reviewers + 1), 0, 0};

	if (c->rules->in->n_shares == 0) { /* a cycle may change what a share counts */
		while (one_cycle(&l))
			;
		if (with_shakes && c->rules->in->team == NULL)
			shake(&l);
	}
	g_array_unref(l.queue);
	g_array_unref(l.seats);
	g_free(l.waits);
}

void
veil_match__polish(Core *c, guint64 work)
{
	run(c, work, FALSE);
}

void
veil_match__shake(Core *c, guint64 work)
{
	put_all(c, c->best_place);
	run(c, work, TRUE);
	veil_match__keep_assignment(c);
}
