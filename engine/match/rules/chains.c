/* chains.c - cheapest chains of exchanges: one panel lets a reviewer go and takes another, whose other panel does the same, until load is right.
 *
 * Nodes are reviewers; an arc a -> b is a unit that may exchange a for b within its rules, at what it loses by it at the present prices.
 * When every panel is a best one these lengths are not negative, Dijkstra's algorithm finds the cheapest chain, and moving the prices of the
 * reviewers it settled keeps every panel best: weighted matroid intersection (Edmonds, Frank) when the rules of each panel nest, so that the
 * best panels are the bases of a valuated matroid. Among cheapest chains the one of fewest steps is taken, which there makes several exchanges in one
 * panel legal together. Where rules cross, a chain may be illegal as a whole: its unit is left out and the search begins anew; and
 * single exchanges do not see everything, which rules.c makes up for by asking for whole panels.
 *
 * Teams move several units of load at once: their panels change only as a whole, in rules.c.
 */
#include <string.h>

#include "rules/seats.h"

static void
far_push(Panels *x, gint64 dist, guint32 hops, guint32 node)
{
	guint32 i;

	if (x->heap_n == x->heap_room) {
		x->heap_room = MAX(2 * x->heap_room, 256);
		x->heap = g_renew(Far, x->heap, x->heap_room);
	}
	for (i = x->heap_n++; i > 0; i = (i - 1) / 2) {
		const Far *up = &x->heap[(i - 1) / 2];

		if (up->dist < dist || (up->dist == dist && (up->hops < hops || (up->hops == hops && up->node <= node))))
			break;
		x->heap[i] = *up;
	}
	x->heap[i] = (Far){dist, hops, node};
}

static inline gboolean
nearer(const Far *a, const Far *b)
{
	return a->dist != b->dist ? a->dist < b->dist : a->hops != b->hops ? a->hops < b->hops : a->node < b->node;
}

static Far
far_pop(Panels *x)
{
	Far top = x->heap[0], last = x->heap[--x->heap_n];
	guint32 i = 0;

	for (;;) {
		guint32 k = 2 * i + 1;

		if (k >= x->heap_n)
			break;
		if (k + 1 < x->heap_n && nearer(&x->heap[k + 1], &x->heap[k]))
			k++;
		if (!nearer(&x->heap[k], &last))
			break;
		x->heap[i] = x->heap[k];
		i = k;
	}
	x->heap[i] = last;
	return top;
}

/* The end of the best chain so far. */
typedef struct {
	gint64 dist;
	guint32 node, hops;
} End;

/* A chain may end where there is room for what it carries, or where the price lets the rightful load change: at what more it costs. */
static inline void
try_end(const Panels *x, End *end, gboolean drain, guint32 r, gint64 dist, guint32 hops)
{
	guint32 right = rightful(x, r);
	gint64 y = own_price(x, r);

	if (hops > 0 && (drain ? x->load[r] < right : x->load[r] > right))
		y = 0;
	else if (drain ? right >= x->rules->in->max_load[r] : right <= least(x, r))
		return;
	dist += ABS(y);
	if (dist < end->dist || (dist == end->dist && hops < end->hops))
		*end = (End){dist, r, hops};
}

static inline void
reach(Panels *x, End *end, gboolean drain, guint32 node, gint64 dist, guint32 hops, guint32 seat, guint32 place)
{
	if (dist > end->dist || x->done[node] == x->stamp)
		return;
	if (x->seen[node] == x->stamp && (x->dist[node] < dist || (x->dist[node] == dist && x->hops[node] <= hops)))
		return;
	if (!veil_match__may_swap(x, seat, place))
		return;
	x->seen[node] = x->stamp;
	x->dist[node] = dist;
	x->hops[node] = hops;
	x->via[node] = (Move){seat, place};
	far_push(x, dist, hops, node);
	try_end(x, end, drain, node, dist, hops);
}

/* The NEAR best of the unit's list at the present prices come first in the sieve (Hoare's selection). */
static void
find_near(Panels *x, guint32 u)
{
	const Unit *unit = &x->rules->units[u];
	Pick *sieve = x->sieve;
	guint32 low = 0, high = unit->n - 1;

	for (guint32 i = 0; i < unit->n; i++)
		sieve[i] = (Pick){.profit = unit->score[i] - x->price[unit->reviewer[i]], .place = i};
	while (low < high) {
		gint64 pivot = sieve[low + (high - low) / 2].profit;
		guint32 i = low, j = high;

		for (;;) {
			while (sieve[i].profit > pivot)
				i++;
			while (sieve[j].profit < pivot)
				j--;
			if (i >= j)
				break;
			Pick swap = sieve[i];

			sieve[i++] = sieve[j];
			sieve[j--] = swap;
		}
		if (NEAR - 1 <= j)
			high = j;
		else
			low = j + 1;
	}
	x->near_rest[u] = G_MININT64;
	for (guint32 i = NEAR; i < unit->n; i++)
		x->near_rest[u] = MAX(x->near_rest[u], sieve[i].profit);
	for (guint32 i = 0; i < NEAR; i++)
		x->near[(gsize)u * NEAR + i] = (Listing){unit->score[sieve[i].place], unit->reviewer[sieve[i].place], sieve[i].place};
	x->near_phase[u] = x->phase;
	x->work += unit->n;
}

const Listing *
veil_match__near(Panels *x, guint32 u)
{
	if (x->near_phase[u] != x->phase)
		find_near(x, u);
	return x->near + (gsize)u * NEAR;
}

/* A seat of r and who could take it. */
typedef struct {
	guint32 r, seat;
	gint64 key;
	guint64 types;
	const Unit *unit;
} Leave;

static inline void
look_at(Panels *x, const Leave *l, guint32 in, gint64 score, guint32 place, End *end)
{
	gint64 dist = l->key - (score - x->price[in]);

	if (dist > end->dist || !(l->types >> (type_at(x->rules, l->unit, place) & 63) & 1))
		return;
	reach(x, end, TRUE, in, MAX(dist, x->dist[l->r]), x->hops[l->r] + 1, l->seat, place);
}

/* The near ones where the chain could end, so that fewer of the others are worth a look. */
static void
look_for_end(Panels *x, const Leave *l, const Listing *near, End *end)
{
	for (guint32 k = 0; k < NEAR; k++)
		if (x->slack[near[k].unit])
			look_at(x, l, near[k].unit, near[k].score, near[k].place, end);
}

/* Everybody who could take a place of r. */
static void
expand_drain(Panels *x, guint32 r, End *end)
{
	for (int pass = x->near == NULL; pass < 2; pass++)
		for (guint32 seat = x->first[r]; seat != NOBODY; seat = x->seats[seat].next) {
			guint32 u = x->seats[seat].unit;
			const Unit *unit = &x->rules->units[u];
			Leave l = {r, seat, x->dist[r] + x->seat_profit[seat], 0, unit};
			const Listing *near = x->near + (gsize)u * NEAR;

			if (unit->size > 1 || x->banned[u] == x->ban_stamp || (pass == 0 && unit->n <= 2 * NEAR))
				continue;
			l.types = veil_match__types_for(x, seat);
			if (unit->n > 2 * NEAR) {
				veil_match__near(x, u);
				x->work += NEAR;
				if (pass == 0) {
					look_for_end(x, &l, near, end);
					continue;
				}
				for (guint32 k = 0; k < NEAR; k++)
					look_at(x, &l, near[k].unit, near[k].score, near[k].place, end);
				if (end->dist != INFINITE && l.key - x->near_rest[u] > end->dist)
					continue;
			}
			x->work += unit->n;
			for (guint32 i = 0; i < unit->n; i++)
				if (x->rules->type[unit->reviewer[i]] != NOBODY)
					look_at(x, &l, unit->reviewer[i], unit->score[i], i, end);
		}
}

/* Everybody who could give r a place. */
static void
expand_supply(Panels *x, guint32 r, End *end)
{
	gint64 base = x->dist[r] + x->price[r];

	x->work += x->back_offset[r + 1] - x->back_offset[r];
	for (guint64 i = x->back_offset[r]; i < x->back_offset[r + 1]; i++) {
		guint32 u = x->back[i].unit, place = x->back[i].place;
		gint64 key = base - (x->full_back ? x->rules->units[u].score[place] : x->back[i].score);

		if (key + x->low[u] > end->dist || x->banned[u] == x->ban_stamp)
			continue;
		x->work += x->rules->units[u].demand;
		for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++) {
			gint64 dist = key + x->seat_profit[seat];

			if (dist <= end->dist)
				reach(x, end, FALSE, seated(x, seat), MAX(dist, x->dist[r]), x->hops[r] + 1, seat, place);
		}
	}
}

static End
search(Panels *x, guint32 source, gboolean drain)
{
	End end = {INFINITE, NOBODY, 0};

	x->stamp++;
	x->heap_n = 0;
	g_array_set_size(x->settled, 0);
	x->seen[source] = x->stamp;
	x->dist[source] = 0;
	x->hops[source] = 0;
	x->via[source] = (Move){NOBODY, NOBODY};
	far_push(x, 0, 0, source);
	try_end(x, &end, drain, source, 0, 0);
	while (x->heap_n > 0) {
		Far top = far_pop(x);

		if (x->done[top.node] == x->stamp || top.dist != x->dist[top.node] || top.hops != x->hops[top.node])
			continue;
		if (top.dist > end.dist || (top.dist == end.dist && top.hops >= end.hops))
			break;
		x->done[top.node] = x->stamp;
		g_array_append_val(x->settled, top.node);
		if (end.dist == top.dist && end.hops <= top.hops + 1)
			continue;
		if (drain)
			expand_drain(x, top.node, &end);
		else
			expand_supply(x, top.node, &end);
	}
	return end;
}

/* Carries the chain out; FALSE, and nothing done, when a panel would break its rules: that unit is banned then. */
static gboolean
carry_out(Panels *x, guint32 source, guint32 node, gboolean drain)
{
	g_autofree guint32 *place = g_new(guint32, (gsize)x->rules->most + 1);
	gboolean legal = TRUE;

	g_array_set_size(x->moves, 0);
	while (node != source) {
		Move move = x->via[node];

		g_array_append_val(x->moves, move);
		node = drain ? seated(x, move.seat) : x->rules->units[x->seats[move.seat].unit].reviewer[move.place];
	}
	for (guint i = 0; i < x->moves->len; i++) {
		Move *move = &g_array_index(x->moves, Move, i);
		guint32 before = x->seats[move->seat].place;

		veil_match__seat_move(x, move->seat, move->place);
		move->place = before;
	}
	for (guint i = 0; i < x->moves->len && legal; i++) {
		guint32 u = x->seats[g_array_index(x->moves, Move, i).seat].unit;
		guint n = 0;

		for (guint k = i + 1; k < x->moves->len; k++)
			n += x->seats[g_array_index(x->moves, Move, k).seat].unit == u;
		if (n == 0)
			continue;
		veil_match__panel_get(x, u, place);
		legal = veil_match__panel_legal(x->rules, u, place) && (!x->floors || x->total[u] >= floor_of(x, u));
		if (!legal)
			x->banned[u] = x->ban_stamp;
	}
	for (guint i = x->moves->len; i > 0 && !legal; i--)
		veil_match__seat_move(x, g_array_index(x->moves, Move, i - 1).seat, g_array_index(x->moves, Move, i - 1).place);
	return legal;
}

static gboolean
move_one(Panels *x, guint32 source, gboolean drain)
{
	x->ban_stamp++;
	for (;;) {
		End end = search(x, source, drain);

		if (end.node == NOBODY)
			return FALSE;
		if (!carry_out(x, source, end.node, drain))
			continue;
		for (guint i = 0; i < x->settled->len; i++) {
			guint32 r = g_array_index(x->settled, guint32, i);

			if (x->dist[r] < end.dist)
				veil_match__price_add(x, r, drain ? end.dist - x->dist[r] : x->dist[r] - end.dist);
		}
		return TRUE;
	}
}

gboolean
veil_match__drain(Panels *x, guint32 r)
{
	return move_one(x, r, TRUE);
}

/* Whether the pair could ever be part of a chain before prices rise or a panel changes as a whole: no chain is worth more than a price, so a
 * candidate who would not enter the panel for nothing will not enter it; and a chain ends with whoever has no price. Negative prices (minimum loads) make this untrue. */
static inline gboolean
worth_listing(const Panels *x, guint32 u, guint32 i)
{
	return x->full_back || (x->rules->units[u].score[i] >= x->low[u] && own_price(x, x->rules->units[u].reviewer[i]) != 0);
}

/* By reviewer: the units that list him and may want him. */
static void
make_back(Panels *x)
{
	const Rules *rules = x->rules;
	guint32 n_r = rules->in->n_reviewers;
	guint64 *offset;

	if (x->back_offset == NULL)
		x->back_offset = g_new(guint64, (gsize)n_r + 2);
	offset = x->back_offset;
	memset(offset, 0, ((gsize)n_r + 2) * sizeof *offset);
	for (guint32 u = 0; u < rules->n_units; u++)
		for (guint32 i = 0; i < rules->units[u].n && rules->units[u].size == 1; i++)
			if (worth_listing(x, u, i))
				offset[rules->units[u].reviewer[i] + 2]++;
	for (guint32 r = 0; r < n_r; r++)
		offset[r + 2] += offset[r + 1];
	x->back = g_renew(Listing, x->back, (gsize)offset[n_r + 1] + 1);
	for (guint32 u = 0; u < rules->n_units; u++)
		for (guint32 i = 0; i < rules->units[u].n && rules->units[u].size == 1; i++)
			if (worth_listing(x, u, i))
				x->back[offset[rules->units[u].reviewer[i] + 1]++] = (Listing){rules->units[u].score[i], u, i};
	x->back_holds = TRUE;
}

void
veil_match__listings(Panels *x)
{
	if (!x->back_holds)
		make_back(x);
}

gboolean
veil_match__supply(Panels *x, guint32 r)
{
	veil_match__listings(x);
	return move_one(x, r, FALSE);
}
