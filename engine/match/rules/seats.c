/* seats.c - who sits where: panels, loads and counts kept together. */
#include <string.h>

#include "rules/seats.h"

Panels *
veil_match__panels_new(const Rules *rules, Oracle *oracle)
{
	Panels *x = g_new0(Panels, 1);
	gsize n_r = (gsize)rules->in->n_reviewers + 1, n_u = (gsize)rules->n_units + 1;
	guint32 n = 0;

	x->rules = rules;
	x->oracle = oracle;
	x->price = g_new0(gint64, n_r);
	x->load = g_new0(guint32, n_r);
	x->first = g_new(guint32, n_r);
	memset(x->first, 0xff, n_r * sizeof *x->first);
	x->seat_offset = g_new(guint32, n_u);
	for (guint32 u = 0; u < rules->n_units; u++) {
		x->seat_offset[u] = n;
		n += rules->units[u].demand;
	}
	x->seat_offset[rules->n_units] = n;
	x->seats = g_new(Seat, (gsize)n + 1);
	for (guint32 u = 0; u < rules->n_units; u++)
		for (guint32 i = x->seat_offset[u]; i < x->seat_offset[u + 1]; i++)
			x->seats[i] = (Seat){u, NOBODY, NOBODY, NOBODY, NOBODY};
	x->count = g_new0(guint32, n_u * rules->n_counted + 1);
	x->dist = g_new(gint64, n_r);
	x->hops = g_new(guint32, n_r);
	x->seen = g_new0(guint32, n_r);
	x->done = g_new0(guint32, n_r);
	x->via = g_new(Move, n_r);
	x->banned = g_new0(guint32, n_u);
	for (guint32 u = 0; u < rules->n_units; u++)
		x->most_listed = MAX(x->most_listed, rules->units[u].n);
	if (x->most_listed > 2 * NEAR) {
		x->near = g_new(Listing, n_u * NEAR);
		x->near_phase = g_new0(guint32, n_u);
		x->near_rest = g_new(gint64, n_u);
		x->sieve = g_new(Pick, (gsize)x->most_listed + 1);
	}
	x->phase = 1;
	x->full_back = rules->in->n_shares > 0; /* a least share makes prices negative, as minimum loads do */
	for (guint32 r = 0; r < rules->in->n_reviewers; r++)
		x->full_back = x->full_back || least(x, r) > 0;
	x->low = g_new0(gint64, n_u);
	x->seat_profit = g_new0(gint64, (gsize)n + 1);
	x->slack = g_new0(guint8, n_r);
	x->total = g_new0(gint64, n_u);
	x->settled = g_array_new(FALSE, FALSE, sizeof(guint32));
	x->moves = g_array_new(FALSE, FALSE, sizeof(Move));
	return x;
}

void
veil_match__panels_free(Panels *x)
{
	if (x == NULL)
		return;
	g_free(x->price);
	g_free(x->share_part);
	g_free(x->load);
	g_free(x->first);
	g_free(x->seats);
	g_free(x->seat_offset);
	g_free(x->count);
	g_free(x->dist);
	g_free(x->hops);
	g_free(x->seen);
	g_free(x->done);
	g_free(x->banned);
	g_free(x->via);
	g_free(x->heap);
	g_array_unref(x->settled);
	g_array_unref(x->moves);
	g_free(x->back_offset);
	g_free(x->back);
	g_free(x->near);
	g_free(x->near_phase);
	g_free(x->near_rest);
	g_free(x->sieve);
	g_free(x->low);
	g_free(x->seat_profit);
	g_free(x->slack);
	g_free(x->total);
	g_free(x);
}

static inline void
find_slack(Panels *x, guint32 r)
{
	guint32 right = rightful(x, r);

	x->slack[r] = x->load[r] < right || right < x->rules->in->max_load[r];
}

static void
count_member(Panels *x, guint32 unit, guint32 place, gint add)
{
	const Unit *u = &x->rules->units[unit];
	guint32 *count = x->count + (gsize)unit * x->rules->n_counted, mask = x->rules->mask[type_at(x->rules, u, place)], r = u->reviewer[place];

	for (guint32 c = 0; c < x->rules->n_counted; c++)
		if (mask >> c & 1)
			count[c] += (guint32)add;
	x->load[r] += (guint32)add * u->size;
	find_slack(x, r);
}

static void
find_low(Panels *x, guint32 unit)
{
	gint64 low = G_MAXINT64 / 4; /* a panel of nobody; still safe to add to */

	for (guint32 seat = x->seat_offset[unit]; seat < x->seat_offset[unit + 1]; seat++)
		low = MIN(low, x->seat_profit[seat]);
	x->low[unit] = low;
}

void
veil_match__seat_move(Panels *x, guint32 seat, guint32 place)
{
	Seat *s = &x->seats[seat];

	if (s->place != NOBODY) {
		guint32 r = seated(x, seat);

		if (s->prev != NOBODY)
			x->seats[s->prev].next = s->next;
		else
			x->first[r] = s->next;
		if (s->next != NOBODY)
			x->seats[s->next].prev = s->prev;
		count_member(x, s->unit, s->place, -1);
		x->total[s->unit] -= raw_score(x, s->unit, s->place);
	}
	s->place = place;
	if (place != NOBODY) {
		guint32 r = s->reviewer = x->rules->units[s->unit].reviewer[place];

		s->prev = NOBODY;
		s->next = x->first[r];
		if (s->next != NOBODY)
			x->seats[s->next].prev = seat;
		x->first[r] = seat;
		count_member(x, s->unit, place, 1);
		x->total[s->unit] += raw_score(x, s->unit, place);
		x->seat_profit[seat] = profit(x, s->unit, place);
		find_low(x, s->unit);
	}
}

void
veil_match__price_add(Panels *x, guint32 r, gint64 add)
{
	x->price[r] += add;
	find_slack(x, r);
	if (add < 0)
		x->phase++;
	else
		x->back_holds = x->back_holds && x->full_back;
	for (guint32 seat = x->first[r]; seat != NOBODY; seat = x->seats[seat].next) {
		x->seat_profit[seat] -= add * x->rules->units[x->seats[seat].unit].size;
		find_low(x, x->seats[seat].unit);
	}
}

void
veil_match__scores_changed(Panels *x, guint32 u)
{
	x->phase++; /* what is near of all others is found anew too: it happens seldom */
	x->back_holds = x->back_holds && x->full_back;
	for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++)
		if (x->seats[seat].place != NOBODY)
			x->seat_profit[seat] = profit(x, u, x->seats[seat].place);
	find_low(x, u);
}

void
veil_match__prices_changed(Panels *x)
{
	x->phase++;
	x->back_holds = x->back_holds && x->full_back;
	for (guint32 r = 0; r < x->rules->in->n_reviewers; r++)
		find_slack(x, r);
	for (guint32 u = 0; u < x->rules->n_units; u++) {
		for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++)
			if (x->seats[seat].place != NOBODY)
				x->seat_profit[seat] = profit(x, u, x->seats[seat].place);
		find_low(x, u);
	}
}

static gboolean
holds(const guint32 *place, guint32 n, guint32 wanted)
{
	for (guint32 i = 0; i < n; i++)
		if (place[i] == wanted)
			return TRUE;
	return FALSE;
}

void
veil_match__panel_put(Panels *x, guint32 unit, const guint32 *place)
{
	guint32 first = x->seat_offset[unit], n = x->seat_offset[unit + 1] - first, next = 0;

	x->back_holds = x->back_holds && x->full_back;
	/* Who stays keeps his seat. */
	for (guint32 i = 0; i < n; i++)
		if (x->seats[first + i].place != NOBODY && !holds(place, n, x->seats[first + i].place))
			veil_match__seat_move(x, first + i, NOBODY);
	for (guint32 i = 0; i < n; i++) {
		gboolean sits = FALSE;

		for (guint32 k = 0; k < n && !sits; k++)
			sits = x->seats[first + k].place == place[i];
		if (sits)
			continue;
		while (x->seats[first + next].place != NOBODY)
			next++;
		veil_match__seat_move(x, first + next, place[i]);
	}
}

void
veil_match__panel_get(const Panels *x, guint32 unit, guint32 *out_place)
{
	guint32 first = x->seat_offset[unit], n = x->seat_offset[unit + 1] - first;

	for (guint32 i = 0; i < n; i++)
		out_place[i] = x->seats[first + i].place;
}

gint64
veil_match__panel_value(const Panels *x, guint32 unit)
{
	gint64 sum = 0;

	for (guint32 i = x->seat_offset[unit]; i < x->seat_offset[unit + 1]; i++)
		sum += x->seat_profit[i];
	return sum;
}

guint64
veil_match__types_for(const Panels *x, guint32 seat)
{
	const Rules *rules = x->rules;
	guint32 u = x->seats[seat].unit, leaves = rules->mask[type_at(rules, &rules->units[u], x->seats[seat].place)], may_leave = 0, may_enter = 0;
	const guint32 *count = x->count + (gsize)u * rules->n_counted, *min = rules->min + (gsize)u * rules->n_counted,
		      *max = rules->max + (gsize)u * rules->n_counted;
	guint64 types = 0;

	if (rules->n_types > 64)
		return ~types;
	for (guint32 c = 0; c < rules->n_counted; c++) {
		may_leave |= (guint32)(count[c] > min[c]) << c;
		may_enter |= (guint32)(count[c] < max[c]) << c;
	}
	for (guint32 t = 0; t < rules->n_types; t++)
		types |= (guint64)((leaves & ~rules->mask[t] & ~may_leave) == 0 && (rules->mask[t] & ~leaves & ~may_enter) == 0) << t;
	return types;
}

gboolean
veil_match__may_swap(const Panels *x, guint32 seat, guint32 place)
{
	guint32 u = x->seats[seat].unit;

	if (x->floors) {
		gint64 change = raw_score(x, u, place) - raw_score(x, u, x->seats[seat].place);

		if (change < 0 && x->total[u] + change < floor_of(x, u))
			return FALSE;
	}
	return veil_match__rules_allow(x, seat, place);
}

gboolean
veil_match__rules_allow(const Panels *x, guint32 seat, guint32 place)
{
	const Rules *rules = x->rules;
	guint32 u = x->seats[seat].unit, in = rules->units[u].reviewer[place];
	guint32 type_out = type_at(rules, &rules->units[u], x->seats[seat].place), type_in = type_at(rules, &rules->units[u], place);
	const guint32 *count = x->count + (gsize)u * rules->n_counted;

	if (rules->in->max_load[in] < rules->units[u].size)
		return FALSE;
	for (guint32 i = x->seat_offset[u]; i < x->seat_offset[u + 1]; i++)
		if (x->seats[i].place == place)
			return FALSE;
	if (type_out != type_in) {
		guint32 enters = rules->mask[type_in], leaves = rules->mask[type_out], change = enters ^ leaves;

		for (guint32 c = 0; c < rules->n_counted && change >> c != 0; c++) {
			if (!(change >> c & 1))
				continue;
			if (enters >> c & 1 ? count[c] >= rules->max[(gsize)u * rules->n_counted + c]
					    : count[c] <= rules->min[(gsize)u * rules->n_counted + c])
				return FALSE;
		}
	}
	for (guint32 e = 0; e < rules->n_each; e++) {
		guint32 mine = rules->value[e][in], n = 0;

		if (mine == 0)
			continue;
		for (guint32 i = x->seat_offset[u]; i < x->seat_offset[u + 1]; i++)
			n += i != seat && rules->value[e][seated(x, i)] == mine;
		if (n >= rules->cap[(gsize)u * rules->n_each + e])
			return FALSE;
	}
	return TRUE;
}
