/* prices.c - the price bound: for any prices y of the reviewers,
 *
 *     best total <= sum over projects V_p(y) + sum over reviewers max(max_load * y, min_load * y)
 *
 * where V_p(y) is the best panel of project p at score minus price. Nothing has to be solved: prices that prove an optimum prove it to whoever adds up.
 * Offers are taken from the best down, one a group; the unlisted reviewers, who share one score, come cheapest first and only as far as
 * needed, so no table of projects times reviewers is ever built.
 */
#include "verify.h"

typedef struct {
	gint64 profit;
	guint32 group;
} Profit;

static int
dearest_first(gconstpointer a, gconstpointer b)
{
	gint64 x = ((const Profit *)a)->profit, y = ((const Profit *)b)->profit;

	return (x < y) - (x > y);
}

static int
by_price(gconstpointer a, gconstpointer b, gpointer data)
{
	const gint64 *price = data;
	gint64 x = price[*(const guint32 *)a], y = price[*(const guint32 *)b];

	return (x > y) - (x < y);
}

gboolean
fits_int64(Wide value)
{
	return value >= G_MININT64 && value <= G_MAXINT64;
}

gboolean
prices_init(Prices *prices, guint32 n, const gint64 *price, const guint32 *group, guint32 n_groups)
{
	*prices = (Prices){.n = n, .price = price, .group = group};
	prices->by_price = g_new(guint32, n + 1);
	prices->listed = g_new0(guint32, n + 1);
	prices->taken = g_new0(guint32, n_groups + 1);
	prices->offers = g_array_new(FALSE, FALSE, sizeof(Profit));
	for (guint32 i = 0; i < n; i++) {
		prices->by_price[i] = i;
		if (price[i] > MAX_PRICE || price[i] < -MAX_PRICE)
			return verdict_reject("a price makes no sense: it is beyond 2^61");
	}
	g_qsort_with_data(prices->by_price, (gint)n, sizeof(guint32), by_price, (gpointer)price);
	return TRUE;
}

void
prices_clear(Prices *prices)
{
	g_free(prices->by_price);
	g_free(prices->listed);
	g_free(prices->taken);
	g_clear_pointer(&prices->offers, g_array_unref);
}

static gboolean
is_taken(const Prices *prices, guint32 group)
{
	return group != 0 && prices->taken[group] == prices->stamp;
}

gboolean
prices_best_panel(Prices *prices, const Offer *offer, guint32 n, const guint32 *barred, guint32 n_barred, guint64 places, Rest rest,
		  gint64 rest_score, Wide *out_value)
{
	guint32 i = 0, cheapest = 0;
	const Profit *listed;
	Wide value = 0;

	prices->stamp++;
	g_array_set_size(prices->offers, 0);
	for (guint32 k = 0; k < n; k++) {
		guint32 r = offer[k].reviewer;
		Profit profit = {offer[k].score - prices->price[r], prices->group[r]};

		prices->listed[r] = prices->stamp;
		g_array_append_val(prices->offers, profit);
	}
	for (guint32 k = 0; k < n_barred; k++)
		prices->listed[barred[k]] = prices->stamp;
	g_array_sort(prices->offers, dearest_first);
	listed = (const Profit *)prices->offers->data;
	for (guint64 place = 0; place < places; place++) {
		Profit next;
		guint32 r = 0;

		while (i < n && is_taken(prices, listed[i].group))
			i++;
		for (; rest != REST_NONE && cheapest < prices->n; cheapest++) {
			r = prices->by_price[cheapest];
			if (prices->listed[r] != prices->stamp && (rest == REST_DUMMIES || !is_taken(prices, prices->group[r])))
				break;
		}
		if (rest != REST_NONE && cheapest < prices->n && (i == n || rest_score - prices->price[r] > listed[i].profit)) {
			next = (Profit){rest_score - prices->price[r], rest == REST_REAL ? prices->group[r] : 0};
			cheapest += rest == REST_REAL;
		} else if (i < n) {
			next = listed[i++];
		} else {
			return FALSE;
		}
		prices->taken[next.group] = prices->stamp;
		value += next.profit;
	}
	*out_value = value;
	return TRUE;
}

Wide
prices_load_term(gint64 price, gint64 min_load, gint64 max_load)
{
	return MAX((Wide)price * max_load, (Wide)price * min_load);
}
