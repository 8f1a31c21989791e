/* floors.c - a least total for every project: the floor's weight makes a project's score count for more until its best panel reaches it.
 *
 * A project below its floor gets the smallest weight at which its best legal panel at the present prices meets the floor, takes that panel, and
 * chains set the loads right; they may leave nobody below his floor (seats.c), so the number of projects below falls with every lift.
 * In the bound the weights are the prices of the floors (Lagrange). Where many projects are at their floor the first weights are far too large:
 * they then follow what each project has above or below its floor, in ever smaller steps, and now and then an assignment is repaired from there.
 */
#include <string.h>

#include "rules/rules-private.h"

#define LIFT_BUDGET 200000000u /* candidates looked at: a few tenths of a second */
#define LARGEST G_GINT64_CONSTANT(1000000000)

gboolean
veil_match__floors_met(const Core *c, guint32 u, const guint32 *place)
{
	const Unit *unit = &c->rules->units[u];
	const VeilInstance *in = c->rules->in;

	for (guint32 k = 0; k < unit->size; k++) {
		guint32 p = c->rules->member[unit->first + k];
		gint64 sum = 0;

		for (guint32 i = 0; i < unit->demand; i++)
			sum += in->score[in->offset[p] + place[i]];
		if (sum < in->floor[p])
			return FALSE;
	}
	return TRUE;
}

/* What the panel has above the floor of the project that has least above it. */
static gint64
floor_slack(const Core *c, guint32 u)
{
	const Unit *unit = &c->rules->units[u];
	const VeilInstance *in = c->rules->in;
	gint64 slack = G_MAXINT64;

	for (guint32 k = 0; k < unit->size; k++) {
		guint32 p = c->rules->member[unit->first + k];
		gint64 sum = -in->floor[p];

		for (guint32 i = c->panels->seat_offset[u]; i < c->panels->seat_offset[u + 1]; i++)
			sum += in->score[in->offset[p] + c->panels->seats[i].place];
		slack = MIN(slack, sum);
	}
	return slack;
}

gboolean
veil_match__floors_met_now(const Core *c, guint32 u)
{
	veil_match__panel_get(c->panels, u, c->places);
	return veil_match__floors_met(c, u, c->places);
}

void
veil_match__weigh(Core *c, guint32 u, gint64 weight)
{
	if (c->weight[u] == weight)
		return;
	c->weight[u] = weight;
	veil_match__unit_reweigh(c->rules, u, weight);
	veil_match__scores_changed(c->panels, u);
}

/* The best panel at this weight, in c->places; whether it meets the floor. */
static PanelAnswer
panel_at(Core *c, guint32 u, gint64 weight, gboolean *out_met, gint64 *out_value)
{
	Question question = {.price = c->panels->price, .at_least = G_MININT64};
	PanelAnswer answer;

	veil_match__weigh(c, u, weight);
	c->panels->work += (guint64)8 * c->rules->units[u].n;
	answer = veil_match__panel(c->oracle, u, &question, out_value, c->places);
	*out_met = answer == PANEL_FOUND && veil_match__floors_met(c, u, c->places);
	return answer;
}

/* The smallest weight, to one part in 64, whose best panel meets the floor; that panel is left in c->places. */
PanelAnswer
veil_match__tune_weight(Core *c, guint32 u, gboolean *out_met, gint64 *out_value)
{
	gint64 low = 0, high = MAX(c->weight[u], 1000);
	PanelAnswer answer = panel_at(c, u, 0, out_met, out_value);

	if (*out_met || answer != PANEL_FOUND)
		return answer;
	while (answer == PANEL_FOUND && !(answer = panel_at(c, u, high, out_met, out_value), *out_met) && answer == PANEL_FOUND && high < LARGEST) {
		low = high;
		high = MIN(high * 4, LARGEST);
	}
	if (answer != PANEL_FOUND || !*out_met)
		return answer;
	while (high - low > 1 + high / 64) {
		gint64 middle = low + (high - low) / 2;
		gboolean met;

		answer = panel_at(c, u, middle, &met, out_value);
		if (answer != PANEL_FOUND)
			return answer;
		if (met)
			high = middle;
		else
			low = middle;
	}
	return panel_at(c, u, high, out_met, out_value);
}

/* Lifts a project; *out_lifted FALSE: no weight does it. */
static gboolean
lift_one(Core *c, guint32 u, gboolean *out_lifted, GError **error)
{
	gint64 value, before = MIN(c->weight[u] + c->weight[u] / 8 + (c->weight[u] > 0 ? 20000 : 0), LARGEST);

	if (veil_match__tune_weight(c, u, out_lifted, &value) == PANEL_TOO_HARD)
		return veil_match__too_hard(c->rules, u, error);
	if (*out_lifted && c->weight[u] < before && panel_at(c, u, before, out_lifted, &value) == PANEL_TOO_HARD)
		return veil_match__too_hard(c->rules, u, error);
	if (*out_lifted)
		veil_match__panel_put(c->panels, u, c->places);
	c->most_reliefs = c->reliefs + 50;
	return TRUE;
}

/* One sweep over those below their floor; *out_below: how many there were. FALSE: an error, or c->outcome says that loads cannot be set right. */
static gboolean
sweep(Core *c, guint64 until, guint32 *out_below, GError **error)
{
	gboolean lifted;

	*out_below = 0;
	for (guint32 u = 0; u < c->rules->n_units; u++) {
		if (veil_match__floors_met_now(c, u))
			continue;
		(*out_below)++;
		if (!lift_one(c, u, &lifted, error))
			return FALSE;
		if (!lifted || c->panels->work > until) {
			c->outcome = OUTCOME_UNKNOWN;
			return FALSE;
		}
		if (!veil_match__settle(c, error))
			return FALSE;
	}
	return TRUE;
}

/* Everybody to his floor, with floors that chains respect; with_weights: before that by weights alone, which chains of others may undo again.
 * *out_reached FALSE: somebody could not be lifted. */
gboolean
veil_match__lift(Core *c, gboolean with_weights, gboolean *out_reached, GError **error)
{
	guint64 until = c->panels->work + LIFT_BUDGET + 8 * c->pairs;

	*out_reached = FALSE;
	if (!c->panels->full_back) {
		c->panels->full_back = TRUE;
		c->panels->back_holds = FALSE;
	}
	for (int hard = !with_weights; hard < 2; hard++) {
		c->panels->floors = hard;
		for (guint32 i = 0; i < (hard ? 8u : 40u); i++) {
			guint32 below;

			if (!sweep(c, until, &below, error))
				return c->outcome != OUTCOME_NONE;
			if (below == 0)
				break;
		}
	}
	for (guint32 u = 0; u < c->rules->n_units; u++)
		if (!veil_match__floors_met_now(c, u))
			return TRUE;
	*out_reached = TRUE;
	return TRUE;
}

/* Less weight for who has more than his floor, more for who has less: a step along the bound's subgradient of the length of Polyak, from the
 * present bound to the best assignment, times part / 16. */
static void
follow(Core *c, gint64 part)
{
	guint32 n = c->rules->n_units;
	g_autofree gint64 *slack = g_new(gint64, (gsize)n + 1);
	Wide squares = 0, gap = c->last_bound - c->best_total;

	for (guint32 u = 0; u < n; u++) {
		slack[u] = c->rules->units[u].demand > 0 ? floor_slack(c, u) : 0;
		if (c->weight[u] == 0 && slack[u] > 0)
			slack[u] = 0;
		squares += (Wide)slack[u] * slack[u];
	}
	for (guint32 u = 0; u < n && squares > 0; u++) {
		Wide weight = c->weight[u] - gap * 1000000 / 16 * part / MAX(squares / (slack[u] != 0 ? slack[u] : 1), 1) * (slack[u] != 0);

		if (slack[u] < 0)
			weight = c->weight[u] + gap * 1000000 / 16 * part / MAX(squares / -slack[u], 1);
		veil_match__weigh(c, u, (gint64)CLAMP(weight, 0, LARGEST));
	}
}

static gboolean
repair(Core *c, GError **error)
{
	const Rules *rules = c->rules;
	g_autofree gint64 *weight = g_memdup2(c->weight, sizeof *weight * ((gsize)rules->n_units + 1));
	guint64 until = c->panels->work + LIFT_BUDGET / 16 + 4 * c->pairs;
	gboolean ok = TRUE;

	c->panels->floors = TRUE;
	c->most_reliefs = c->reliefs + 50;
	ok = veil_match__settle(c, error); /* the last bids may have moved loads */
	for (guint32 i = 0; ok && i < 6; i++) {
		guint32 below;

		ok = sweep(c, until, &below, error);
		if (ok && below == 0)
			break;
	}
	if (!ok && c->outcome == OUTCOME_NONE)
		return FALSE;
	c->outcome = OUTCOME_NONE;
	if (ok) {
		veil_match__polish(c, 4000000);
		veil_match__keep_assignment(c);
	}
	c->panels->floors = FALSE;
	for (guint32 u = 0; u < rules->n_units; u++)
		veil_match__weigh(c, u, weight[u]);
	return TRUE;
}

/* Panels best at the weights, loads right, the bound and the assignment kept if they are better. */
static gboolean
soft_round(Core *c, GError **error)
{
	guint32 changed;

	if (!veil_match__bid_again(c, &changed, error))
		return FALSE;
	c->most_reliefs = c->reliefs + 50;
	if (!veil_match__settle(c, error)) {
		if (c->outcome == OUTCOME_NONE)
			return FALSE;
		c->outcome = OUTCOME_NONE;
		return TRUE;
	}
	veil_match__keep_assignment(c);
	return veil_match__bid_again(c, &changed, error);
}

/* What was found before stands; without any, that is all there is to say. */
static gboolean
after_failed_rounds(const Core *c, GError **error)
{
	if (!c->has_best && c->outcome != OUTCOME_NONE)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "no assignment that keeps every floor was found again");
	return c->has_best && c->outcome != OUTCOME_NONE;
}

/* From where everybody has his floor. */
gboolean
veil_match__improve_floors(Core *c, GError **error)
{
	guint64 until;

	c->has_best = c->has_bound = FALSE;
	c->with_floors = TRUE;
	c->panels->floors = TRUE;
	if (!veil_match__rounds(c, error))
		return after_failed_rounds(c, error);
	until = c->panels->work + LIFT_BUDGET / 2 + 20 * c->pairs;
	for (guint32 i = 0; i < 24 && c->panels->work < until; i++) {
		Wide wide = (c->best_bound - c->best_total) * 10000;

		if (wide <= (c->best_bound < 0 ? -c->best_bound : c->best_bound))
			return TRUE;
		c->panels->floors = FALSE;
		follow(c, MAX(16 - (gint64)i / 3, 2));
		if (!soft_round(c, error) || (i % 4 == 3 && !repair(c, error)))
			return FALSE;
	}
	c->panels->floors = TRUE;
	veil_match__shake(c, 60000000);
	return TRUE;
}
