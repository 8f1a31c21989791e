/* bound.c - the dual bound that prices give: one pass over the pairs, no solver.
 *
 * It shares nothing with the searches, so that equality with the objective is a proof of both.
 */
#include <string.h>

#include "by-price.h"
#include "solver.h"

typedef struct {
	gint64 profit;
	guint32 group; /* 0: none */
} Choice;

/* The best d choices so far, best first; one a group at most. */
typedef struct {
	Choice *best;
	guint32 n, d;
} Panel;

static inline void
panel_add(Panel *panel, gint64 profit, guint32 group)
{
	Choice *best = panel->best;
	guint32 at = panel->n;

	if (at == panel->d && (at == 0 || profit <= best[at - 1].profit))
		return;
	if (group != 0)
		for (guint32 i = 0; i < panel->n; i++)
			if (best[i].group == group) {
				if (profit <= best[i].profit)
					return;
				memmove(&best[i], &best[i + 1], (panel->n - i - 1) * sizeof *best);
				panel->n--;
				break;
			}
	at = panel->n < panel->d ? panel->n++ : panel->d - 1;
	for (; at > 0 && best[at - 1].profit < profit; at--)
		best[at] = best[at - 1];
	best[at] = (Choice){profit, group};
}

/* Reviewers in the order of price; only as many as may be needed to find one that a list lacks. */
typedef struct {
	guint32 *by_price;
	guint32 n_sorted, n;
	const gint64 *price;
} Cheapest;

int
veil_match__compare_price(gconstpointer a, gconstpointer b, gpointer data)
{
	const gint64 *price = data;
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	if (price[x] != price[y])
		return price[x] < price[y] ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Smallest price among the reviewers that the ascending row lacks; FALSE when it lacks none. */
static gboolean
cheapest_unlisted(Cheapest *cheapest, const guint32 *row, guint32 n_row, gint64 *out_price)
{
	if (n_row >= cheapest->n)
		return FALSE;
	for (guint32 i = 0; i <= n_row; i++) {
		guint32 r = cheapest->by_price[i], low = 0, high = n_row;

		while (low < high) {
			guint32 middle = low + (high - low) / 2;

			if (row[middle] < r)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == n_row || row[low] != r) {
			*out_price = cheapest->price[r];
			return TRUE;
		}
	}
	return FALSE;
}

/* The cheapest `want` reviewers, found without sorting all of them: everybody at or below the want-th price. */
static void
cheapest_init(Cheapest *cheapest, const gint64 *price, guint32 n)
{
	cheapest->n = n;
	cheapest->price = price;
	cheapest->by_price = g_new(guint32, n + 1);
	for (guint32 i = 0; i < n; i++)
		cheapest->by_price[i] = i;
	g_qsort_with_data(cheapest->by_price, (gint)n, sizeof(guint32), veil_match__compare_price, (gpointer)price);
}

static __int128
panel_value(const Panel *panel, guint32 n_dummies, __int128 dummy, gboolean *out_dummy_enters)
{
	__int128 sum = 0;

	*out_dummy_enters = FALSE;
	for (guint32 i = 0, used = 0; i < panel->d; i++) {
		if (i - used < panel->n && (used == n_dummies || panel->best[i - used].profit >= dummy)) {
			sum += panel->best[i - used].profit;
		} else {
			sum += dummy;
			used++;
			*out_dummy_enters = TRUE;
		}
	}
	return sum;
}

gboolean
veil_match_bound(const VeilInstance *in, const gint64 *price, gint64 *out_bound, GArray *out_open, GError **error)
{
	g_autofree Choice *best = NULL;
	Cheapest cheapest = {0};
	__int128 bound = 0;
	guint32 most = 0;

	for (guint32 p = 0; p < in->n_projects; p++)
		most = MAX(most, in->demand[p]);
	best = g_new(Choice, (gsize)most + 1);
	if (in->cut != NULL)
		cheapest_init(&cheapest, price, in->n_reviewers);
	for (guint32 p = 0; p < in->n_projects; p++) {
		Panel panel = {best, 0, in->demand[p]};
		guint64 first = in->offset[p];
		guint32 n_row = (guint32)(in->offset[p + 1] - first), n_dummies = 0;
		gint64 low = 0;
		gboolean enters;

		for (guint64 i = first; i < in->offset[p + 1]; i++) {
			guint32 r = in->reviewer[i];

			panel_add(&panel, in->score[i] - price[r], in->group ? in->group[r] : 0);
		}
		if (in->cut != NULL && in->cut[p] != VEIL_NO_CUT &&
		    cheapest_unlisted(&cheapest, in->reviewer + first, n_row, &low))
			n_dummies = panel.d;
		if (panel.n + (guint64)n_dummies < panel.d) {
			g_free(cheapest.by_price);
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE,
				    "project %u lists fewer candidates than it needs; there is no bound", p);
			return FALSE;
		}
		bound += panel_value(&panel, n_dummies, n_dummies ? (__int128)in->cut[p] - low : 0, &enters);
		if (enters && out_open != NULL)
			g_array_append_val(out_open, p);
	}
	g_free(cheapest.by_price);
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		guint32 load = price[r] > 0 ? in->max_load[r] : in->min_load ? in->min_load[r] : 0;

		bound += (__int128)price[r] * load;
	}
	if (bound > G_MAXINT64 || bound < G_MININT64) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "the bound does not fit 64 bits; use smaller scores or loads");
		return FALSE;
	}
	*out_bound = (gint64)bound;
	return TRUE;
}
