/* rules-bound.c - the dual bound under panel rules: one best legal panel a unit, no search over assignments.
 *
 * Like bound.c it shares nothing with the searches but the oracle of one panel.
 */
#include <string.h>

#include "by-price.h"
#include "rules/rules.h"

/* The smallest price among reviewers that the unit does not list; FALSE: it lists all. */
static gboolean
cheapest_unlisted(const Unit *unit, const guint32 *by_price, guint32 n, const gint64 *price, gint64 *out_price)
{
	for (guint32 i = 0; i < n && i <= unit->n; i++) {
		guint32 r = by_price[i], low = 0, high = unit->n;

		while (low < high) {
			guint32 middle = low + (high - low) / 2;

			if (unit->reviewer[middle] < r)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == unit->n || unit->reviewer[low] != r) {
			*out_price = price[r];
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean
bound_error(PanelAnswer answer, guint32 p, GError **error)
{
	if (answer == PANEL_TOO_HARD)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the panel rules of project %u are too entangled to find its best panel", p);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE, "project %u has no legal panel among its candidates; there is no bound", p);
	return FALSE;
}

static gboolean
add_units(const Rules *x, const gint64 *full, gboolean no_score, Wide *bound, GArray *open, GError **error)
{
	guint32 n_r = x->in->n_reviewers;
	g_autoptr(Oracle) oracle = veil_match__oracle_new(x);
	g_autofree guint32 *place = g_new(guint32, (gsize)x->most + 1), *by_price = NULL;

	for (guint32 u = 0; u < x->n_units; u++) {
		const Unit *unit = &x->units[u];
		Question question = {.price = full, .no_score = no_score, .at_least = G_MININT64};
		gint64 value = 0, low;
		PanelAnswer answer;

		if (unit->cut) {
			if (by_price == NULL) {
				by_price = g_new(guint32, (gsize)n_r + 1);
				for (guint32 r = 0; r < n_r; r++)
					by_price[r] = r;
				g_qsort_with_data(by_price, (gint)n_r, sizeof(guint32), veil_match__compare_price, (gpointer)full);
			}
			question.dummies = cheapest_unlisted(unit, by_price, n_r, full, &low);
			if (question.dummies)
				question.dummy = (no_score ? 0 : unit->cut_score) - unit->size * low;
		}
		answer = veil_match__panel(oracle, u, &question, &value, place);
		if (answer != PANEL_FOUND)
			return bound_error(answer, x->member[unit->first], error);
		*bound += value;
		if (open != NULL && unit->demand > 0 && place[unit->demand - 1] == NOBODY)
			g_array_append_vals(open, x->member + unit->first, unit->size);
	}
	return TRUE;
}

gboolean
veil_match__rules_bound(const Rules *x, const gint64 *price, const gint64 *share_price, gboolean no_score, Wide *out_bound, GArray *open,
			GError **error)
{
	const VeilInstance *in = x->in;
	g_autofree gint64 *full = g_new(gint64, (gsize)in->n_reviewers + 1);
	gint64 limit = (G_GINT64_CONSTANT(1) << 61) / (2 * ((gint64)x->most + 1));
	Wide bound = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++) {
		Wide sum = price[r];

		for (guint32 s = 0; s < in->n_shares && share_price != NULL; s++)
			sum += in->shares[s].label[r] ? share_price[s] : 0;
		if (sum > limit || sum < -limit) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "a price is too large for the bound; use smaller scores");
			return FALSE;
		}
		full[r] = (gint64)sum;
		bound += (Wide)price[r] * (price[r] > 0 ? in->max_load[r] : in->min_load ? in->min_load[r] : 0);
	}
	for (guint32 s = 0; s < in->n_shares && share_price != NULL; s++)
		bound += (Wide)share_price[s] * (Wide)(share_price[s] > 0 ? in->shares[s].max_places : in->shares[s].min_places);
	if (!add_units(x, full, no_score, &bound, open, error))
		return FALSE;
	*out_bound = bound;
	return TRUE;
}

/* floor(l floor / 1000000) for each project, which the bound takes off. */
static Wide
floors_part(const VeilInstance *in, const gint64 *weight)
{
	Wide sum = 0;

	for (guint32 p = 0; in->floor != NULL && weight != NULL && p < in->n_projects; p++) {
		Wide product = (Wide)weight[p] * in->floor[p];

		sum += product >= 0 ? product / 1000000 : -((-product + 999999) / 1000000);
	}
	return sum;
}

gboolean
veil_match_bound_with_rules(const VeilInstance *in, const gint64 *price, const gint64 *share_price, const gint64 *weight, gint64 *out_bound,
			    GArray *open, GError **error)
{
	g_autoptr(Rules) rules = veil_match__rules_new(in, NULL, in->floor ? weight : NULL, FALSE, error);
	Wide bound;

	if (rules == NULL || !veil_match__rules_bound(rules, price, share_price, FALSE, &bound, open, error))
		return FALSE;
	bound -= floors_part(in, weight);
	if (bound > G_MAXINT64 || bound < G_MININT64) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "the bound does not fit 64 bits; use smaller scores or loads");
		return FALSE;
	}
	*out_bound = (gint64)bound;
	return TRUE;
}
