/* fair.c - method fair: the worst-served project first, then the sum.
 *
 * No assignment gives project p more than its own best legal panel, so the smallest of these bounds the minimum: that one project is
 * the proof. From the assignment of the largest total every project below a floor is lifted to it (floors.c); the floor is that bound, or where
 * it is not reached the largest of some tried by halving. Then rounds improve the total as ever, nobody falling below.
 */
#include <string.h>

#include "rules/rules-private.h"

#define TRIALS 14

/* What p gets when it may choose first; dummies stand for who is not listed. */
static gboolean
own_best(const VeilInstance *in, guint32 p, gint64 *weight, gint64 *zero, gint64 *out_best, GArray *open, GError **error)
{
	g_autoptr(Rules) rules = NULL;
	g_autoptr(Oracle) oracle = NULL;
	g_autofree guint32 *place = g_new(guint32, (gsize)in->demand[p] + 1);
	Question question = {.price = zero, .at_least = G_MININT64};
	const Unit *unit;
	PanelAnswer answer;

	weight[p] = 1;
	rules = veil_match__rules_new(in, NULL, weight, TRUE, error);
	weight[p] = 0;
	if (rules == NULL)
		return FALSE;
	oracle = veil_match__oracle_new(rules);
	unit = &rules->units[rules->unit_of[p]];
	question.dummies = unit->cut && unit->n < in->n_reviewers;
	question.dummy = unit->cut_score;
	answer = veil_match__panel(oracle, rules->unit_of[p], &question, out_best, place);
	if (answer != PANEL_FOUND)
		return veil_match__too_hard(rules, rules->unit_of[p], error);
	if (open != NULL && place[unit->demand - 1] == NOBODY)
		g_array_append_val(open, p);
	return TRUE;
}

gboolean
veil_match__poorest(Core *c, guint32 *out_project, gint64 *out_best, GArray *open, GError **error)
{
	const VeilInstance *in = c->rules->in;
	g_autofree gint64 *zero = g_new0(gint64, (gsize)in->n_reviewers + 1), *weight = g_new0(gint64, (gsize)in->n_projects + 1);

	*out_project = NOBODY;
	*out_best = 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 u = c->rules->unit_of[p];
		const Unit *unit = &c->rules->units[u];
		Question question = {.price = zero, .at_least = G_MININT64, .dummies = unit->cut && unit->n < in->n_reviewers, .dummy = unit->cut_score};
		gint64 best;

		if (in->demand[p] == 0)
			continue;
		if (unit->size > 1) {
			if (!own_best(in, p, weight, zero, &best, NULL, error))
				return FALSE;
		} else if (veil_match__panel(c->oracle, u, &question, &best, NULL) != PANEL_FOUND) {
			return veil_match__too_hard(c->rules, u, error);
		}
		if (*out_project == NOBODY || best < *out_best) {
			*out_project = p;
			*out_best = best;
		}
	}
	return *out_project == NOBODY || own_best(in, *out_project, weight, zero, out_best, open, error);
}

gint64
veil_match__smallest(const VeilInstance *in, const Core *c)
{
	gint64 least_total = G_MAXINT64;

	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 first = c->panels->seat_offset[c->rules->unit_of[p]];
		gint64 sum = 0;

		for (guint32 i = 0; i < in->demand[p]; i++)
			sum += in->score[in->offset[p] + c->best_place[first + i]];
		if (in->demand[p] > 0)
			least_total = MIN(least_total, sum);
	}
	return least_total;
}

void
veil_match__set_floors(const VeilInstance *in, gint64 *floor, gint64 value)
{
	for (guint32 p = 0; p < in->n_projects; p++)
		floor[p] = in->demand[p] > 0 ? value : VEIL_NO_FLOOR;
}

/* The assignment of the largest total, where every trial begins. */
typedef struct {
	guint32 *place;
	gint64 *price;
} Start;

static gboolean
attempt(Core *c, const Start *start, gint64 *floor, gint64 value, gboolean with_weights, gboolean *out_reached,
	GError **error)
{
	const Rules *rules = c->rules;

	c->panels->floors = c->with_floors = FALSE;
	for (guint32 u = 0; u < rules->n_units; u++) {
		veil_match__weigh(c, u, 0);
		veil_match__panel_put(c->panels, u, start->place + c->panels->seat_offset[u]);
	}
	memcpy(c->panels->price, start->price, rules->in->n_reviewers * sizeof(gint64));
	for (guint32 r = 0; r < rules->in->n_reviewers && c->panels->share_part != NULL; r++)
		c->panels->price[r] += c->panels->share_part[r];
	veil_match__prices_changed(c->panels);
	veil_match__set_floors(rules->in, floor, value);
	c->outcome = OUTCOME_NONE;
	if (!veil_match__settle(c, error))
		return FALSE;
	return veil_match__lift(c, with_weights, out_reached, error);
}

static void
start_init(Start *start, const Core *c)
{
	start->place = g_memdup2(c->best_place, sizeof(guint32) * ((gsize)c->panels->seat_offset[c->rules->n_units] + 1));
	start->price = g_memdup2(c->best_price, sizeof(gint64) * ((gsize)c->rules->in->n_reviewers + 1));
}

static void
start_clear(Start *start)
{
	g_free(start->place);
	g_free(start->price);
}

gboolean
veil_match__reach_floor(Core *c, gint64 *floor, gint64 value, gboolean *out_reached, GError **error)
{
	Start start;
	gboolean ok;

	start_init(&start, c);
	ok = attempt(c, &start, floor, value, FALSE, out_reached, error);
	if (ok && !*out_reached)
		ok = attempt(c, &start, floor, value, TRUE, out_reached, error);
	start_clear(&start);
	return ok;
}

gboolean
veil_match__find_floor(Core *c, gint64 *floor, gint64 low, gint64 high, GError **error)
{
	Start start;
	gint64 wanted = high;
	gboolean reached = FALSE, ok = TRUE, weights = FALSE;
	guint64 until = c->panels->work + 300000000 + 40 * c->pairs;

	start_init(&start, c);
	for (guint trial = 0; ok && trial < TRIALS && c->panels->work < until; trial++) {
		/* At the bound itself both ways are tried, the quick one first; below it the quick one alone. */
		ok = attempt(c, &start, floor, wanted, FALSE, &reached, error);
		if (ok && !reached && trial == 0)
			ok = attempt(c, &start, floor, wanted, weights = TRUE, &reached, error);
		if (!ok)
			break;
		weights = weights && reached;
		if (reached)
			low = wanted;
		else
			high = wanted;
		if (high - low <= 1 || (reached && low == high))
			break;
		wanted = low + (high - low) / 2;
	}
	if (ok && !(reached && low == wanted))
		ok = attempt(c, &start, floor, low, weights, &reached, error);
	if (ok && !reached) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "no assignment that keeps the worst-served project's score was found again");
		ok = FALSE;
	}
	start_clear(&start);
	return ok;
}

gboolean
veil_match__prove_fair(Core *c, const VeilInstance *in, gint64 *floor, VeilMatch *match, guint32 project, gint64 bound, GArray *open, GError **error)
{
	match->minimum = project == NOBODY ? 0 : veil_match__smallest(in, c);
	match->minimum_bound = project == NOBODY ? 0 : bound;
	match->min_weight = g_new0(gint64, (gsize)in->n_projects + 1);
	match->min_price = g_new0(gint64, (gsize)in->n_reviewers + 1);
	if (in->n_shares > 0)
		match->min_share_price = g_new0(gint64, in->n_shares);
	if (project != NOBODY)
		match->min_weight[project] = 1000000;
	veil_match__set_floors(in, floor, match->minimum);
	if (!veil_match__finish(c, match, error) ||
	    !veil_match_bound_with_rules(in, match->price, match->share_price, match->weight, &match->bound, NULL, error))
		return FALSE;
	match->status = match->bound == match->objective && match->minimum == match->minimum_bound ? VEIL_MATCH_OPTIMAL : VEIL_MATCH_FEASIBLE;
	for (guint32 i = 0; i < match->n_open; i++)
		g_array_append_val(open, match->open[i]);
	g_array_sort(open, veil_match__compare_u32);
	g_free(match->open);
	match->n_open = 0;
	for (guint i = 0; i < open->len; i++)
		if (i == 0 || g_array_index(open, guint32, i) != g_array_index(open, guint32, i - 1))
			g_array_index(open, guint32, match->n_open++) = g_array_index(open, guint32, i);
	match->open = g_memdup2(open->data, sizeof(guint32) * ((gsize)match->n_open + 1));
	return TRUE;
}

VeilMatch *
veil_match__fair(const VeilInstance *instance, const guint32 *order, GError **error)
{
	VeilInstance in = *instance;
	g_autofree gint64 *floor = g_new0(gint64, (gsize)in.n_projects + 1);
	g_autoptr(VeilMatch) match = NULL;
	g_autoptr(GArray) open = g_array_new(TRUE, FALSE, sizeof(guint32));
	guint32 project;
	gint64 high, low;
	Core core;
	gboolean ok;

	in.floor = floor;
	veil_match__set_floors(&in, floor, VEIL_NO_FLOOR);
	ok = veil_match__begin(&core, &in, order, &match, error);
	if (ok && match->status != VEIL_MATCH_INFEASIBLE) {
		ok = veil_match__poorest(&core, &project, &high, open, error);
		low = veil_match__smallest(&in, &core);
		if (ok && project != NOBODY) {
			ok = veil_match__find_floor(&core, floor, low, MAX(high, low), error);
			ok = ok && veil_match__improve_floors(&core, error);
		}
		ok = ok && veil_match__prove_fair(&core, &in, floor, match, project, high, open, error);
	}
	veil_match__end(&core);
	return ok ? g_steal_pointer(&match) : NULL;
}
