/* outbid.c - reviewers whom too many panels hold ask for more, until enough of the panels take somebody else: what an auction does before chains. Those with a price whom too few
 * hold then ask for less, until enough take them.
 *
 * A reviewer with an excess of e looks at what each of his panels would lose by its best exchange of him for another. The e that lose least make the exchange, and his price
 * rises to what the next one would lose, so that those who stay have nothing better and he stays full: loads and prices fit together as chains leave them, and where rules nest
 * every panel is still a best one (the best base of a valuated matroid changes by one exchange when one element becomes dearer). Whoever has become too many now asks next. One look at a
 * panel's near candidates is far cheaper than a search; where bids go on between the same few, chains.c does the rest. Asking for more leaves nobody with less than he should
 * have, asking for less nobody with more, so that one goes after the other.
 */
#include "rules/seats.h"

#define MOST_VISITS 12 /* of one reviewer */

typedef struct {
	gint64 loss;
	guint32 seat, place;
} Reply;

static inline void
consider(const Panels *x, guint32 seat, guint64 types, gint64 value, guint32 place, gint64 *best, guint32 *out_place)
{
	guint32 type;

	if (value <= *best)
		return;
	type = type_at(x->rules, &x->rules->units[x->seats[seat].unit], place);
	if (type == NOBODY || !(types >> (type & 63) & 1) || !veil_match__may_swap(x, seat, place))
		return;
	*best = value;
	*out_place = place;
}

/* The best exchange of whoever sits there; FALSE: nobody may take the seat. */
static gboolean
best_reply(Panels *x, guint32 seat, Reply *out)
{
	guint32 u = x->seats[seat].unit, place = NOBODY;
	const Unit *unit = &x->rules->units[u];
	guint64 types = veil_match__types_for(x, seat);
	gint64 best = G_MININT64;
	gboolean all = unit->n <= 2 * NEAR;

	if (!all) {
		const Listing *near = veil_match__near(x, u);

		x->work += NEAR;
		for (guint32 k = 0; k < NEAR; k++)
			consider(x, seat, types, near[k].score - x->price[near[k].unit], near[k].place, &best, &place);
		all = place == NOBODY || best < x->near_rest[u];
	}
	if (all)
		x->work += unit->n;
	for (guint32 i = 0; all && i < unit->n; i++)
		consider(x, seat, types, unit->score[i] - x->price[unit->reviewer[i]], i, &best, &place);
	if (place == NOBODY)
		return FALSE;
	*out = (Reply){x->seat_profit[seat] - best, seat, place};
	return TRUE;
}

static int
compare_replies(gconstpointer a, gconstpointer b)
{
	const Reply *x = a, *y = b;

	return x->loss != y->loss ? (x->loss < y->loss ? -1 : 1) : x->seat < y->seat ? -1 : x->seat > y->seat;
}

/* Who has too many now joins the queue. */
static void
ask(Panels *x, guint32 r, GArray *replies, GArray *queue)
{
	guint32 excess = x->load[r] - x->rules->in->max_load[r];
	gint64 rise;

	g_array_set_size(replies, 0);
	for (guint32 seat = x->first[r]; seat != NOBODY; seat = x->seats[seat].next) {
		Reply reply;

		if (x->rules->units[x->seats[seat].unit].size == 1 && best_reply(x, seat, &reply))
			g_array_append_val(replies, reply);
	}
	if (replies->len < excess || x->first[r] == NOBODY)
		return;
	g_array_sort(replies, compare_replies);
	rise = g_array_index(replies, Reply, MIN(excess, replies->len - 1)).loss;
	if (rise > 0)
		veil_match__price_add(x, r, rise);
	for (guint32 i = 0; i < excess; i++) {
		const Reply *reply = &g_array_index(replies, Reply, i);
		guint32 in = x->rules->units[x->seats[reply->seat].unit].reviewer[reply->place];

		veil_match__seat_move(x, reply->seat, reply->place);
		if (x->load[in] == x->rules->in->max_load[in] + 1)
			g_array_append_val(queue, in);
	}
}

void
veil_match__outbid(Panels *x)
{
	const VeilInstance *in = x->rules->in;
	g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint32)), replies = g_array_new(FALSE, FALSE, sizeof(Reply));
	g_autofree guint8 *visits = g_new0(guint8, (gsize)in->n_reviewers + 1);

	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (x->load[r] > in->max_load[r])
			g_array_append_val(queue, r);
	for (guint i = 0; i < queue->len; i++) {
		guint32 r = g_array_index(queue, guint32, i);

		if (x->load[r] > in->max_load[r] && own_price(x, r) >= 0 && visits[r] < MOST_VISITS) {
			visits[r]++;
			ask(x, r, replies, queue);
		}
	}
}

/* Whether the counted rules let r in for whoever sits there: most exchanges fail here, and this is quicker than all of may_swap. */
static inline gboolean
counts_let_in(const Panels *x, guint32 u, guint32 seat, guint32 enters)
{
	const Rules *rules = x->rules;
	guint32 leaves = rules->mask[type_at(rules, &rules->units[u], x->seats[seat].place)], change = enters ^ leaves;
	const guint32 *count = x->count + (gsize)u * rules->n_counted, *min = rules->min + (gsize)u * rules->n_counted, *max = rules->max + (gsize)u * rules->n_counted;

	for (guint32 c = 0; change >> c != 0; c++)
		if ((change >> c & 1) && (enters >> c & 1 ? count[c] >= max[c] : count[c] <= min[c]))
			return FALSE;
	return TRUE;
}

/* Of this panel the one seat that r could take, where a value of his may stand once and does; NOBODY: any. FALSE: none. */
static gboolean
only_seat(const Panels *x, guint32 u, guint32 r, guint32 *out_seat)
{
	const Rules *rules = x->rules;

	*out_seat = NOBODY;
	for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++)
		if (seated(x, seat) == r)
			return FALSE;
	for (guint32 e = 0; e < rules->n_each; e++) {
		guint32 mine = rules->value[e][r];

		if (mine == 0 || rules->cap[(gsize)u * rules->n_each + e] != 1)
			continue;
		for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++) {
			if (rules->value[e][seated(x, seat)] != mine)
				continue;
			if (*out_seat != NOBODY && *out_seat != seat)
				return FALSE;
			*out_seat = seat;
		}
	}
	return TRUE;
}

/* The seat of this unit that would lose least to r; FALSE: none at a loss below `limit`. */
static gboolean
cheapest_seat(Panels *x, guint32 r, const Listing *listing, gint64 worth, gint64 limit, Reply *out)
{
	guint32 u = listing->unit, only, enters;
	gint64 best = limit;

	if (x->low[u] - worth >= limit || x->rules->type[r] == NOBODY)
		return FALSE;
	x->work += x->rules->units[u].demand;
	if (!only_seat(x, u, r, &only))
		return FALSE;
	enters = x->rules->mask[type_at(x->rules, &x->rules->units[u], listing->place)];
	for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++)
		if ((only == NOBODY || only == seat) && x->seat_profit[seat] - worth < best && counts_let_in(x, u, seat, enters) &&
		    veil_match__may_swap(x, seat, listing->place)) {
			best = x->seat_profit[seat] - worth;
			*out = (Reply){best, seat, listing->place};
		}
	return best < limit;
}

/* The `most` that lose least, in order. */
static void
keep_least(GArray *replies, const Reply *reply, guint32 most)
{
	guint at = replies->len;

	g_array_append_val(replies, *reply);
	for (; at > 0 && compare_replies(&g_array_index(replies, Reply, at - 1), reply) > 0; at--)
		g_array_index(replies, Reply, at) = g_array_index(replies, Reply, at - 1);
	g_array_index(replies, Reply, at) = *reply;
	if (replies->len > most)
		g_array_set_size(replies, most);
}

/* r has a price and room: it falls until panels take him, or to nothing. */
static void
offer(Panels *x, guint32 r, GArray *replies, GArray *queue)
{
	guint32 lack = x->rules->in->max_load[r] - x->load[r], takers;
	gint64 price = own_price(x, r), limit = price, fall;

	g_array_set_size(replies, 0);
	x->work += x->back_offset[r + 1] - x->back_offset[r];
	for (guint64 i = x->back_offset[r]; i < x->back_offset[r + 1]; i++) {
		const Listing *listing = &x->back[i];
		gint64 score = x->full_back ? x->rules->units[listing->unit].score[listing->place] : listing->score;
		Reply reply;

		if (!cheapest_seat(x, r, listing, score - x->price[r], limit, &reply))
			continue;
		keep_least(replies, &reply, lack + 1);
		limit = replies->len > lack ? g_array_index(replies, Reply, lack).loss : price;
	}
	takers = MIN(lack, replies->len);
	fall = replies->len > lack ? g_array_index(replies, Reply, lack).loss : replies->len == lack ? g_array_index(replies, Reply, lack - 1).loss : price;
	if (fall > 0)
		veil_match__price_add(x, r, -fall);
	for (guint32 i = 0; i < takers; i++) {
		const Reply *reply = &g_array_index(replies, Reply, i);
		guint32 out = seated(x, reply->seat);

		veil_match__seat_move(x, reply->seat, reply->place);
		if (own_price(x, out) > 0 && x->load[out] + 1 == x->rules->in->max_load[out])
			g_array_append_val(queue, out);
	}
}

void
veil_match__undercut(Panels *x)
{
	const VeilInstance *in = x->rules->in;
	g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint32)), replies = g_array_new(FALSE, FALSE, sizeof(Reply));
	g_autofree guint8 *visits = g_new0(guint8, (gsize)in->n_reviewers + 1);

	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (x->load[r] < in->max_load[r] && own_price(x, r) > 0)
			g_array_append_val(queue, r);
	if (queue->len > 0)
		veil_match__listings(x);
	for (guint i = 0; i < queue->len; i++) {
		guint32 r = g_array_index(queue, guint32, i);

		if (x->load[r] < in->max_load[r] && own_price(x, r) > 0 && visits[r] < MOST_VISITS) {
			visits[r]++;
			offer(x, r, replies, queue);
		}
	}
}
