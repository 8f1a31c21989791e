/* floors.c - a least total for every project: the floor's weight makes a project's score count for more until its best panel reaches it.
 *
 * A project below its floor gets the smallest weight at which its best legal panel at the present prices meets the floor, takes that panel, and
 * chains set the loads right; they may leave nobody below his floor (seats.c), so the number of projects below falls with every lift.
 * In the bound the weights are the prices of the floors (Lagrange): they are tuned at the prices of each round.
 */
#include <string.h>

#include "rules-private.h"

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

/* Everybody to his floor. *out_reached FALSE: somebody could not be lifted. */
gboolean
veil_match__lift(Core *c, gboolean *out_reached, GError **error)
{
	const Rules *rules = c->rules;

	*out_reached = FALSE;
	c->panels->floors = TRUE;
	for (guint32 sweep = 0; sweep < 8; sweep++) {
		gboolean all = TRUE;

		for (guint32 u = 0; u < rules->n_units; u++) {
			gboolean met;
			gint64 value;

			if (veil_match__floors_met_now(c, u))
				continue;
			all = FALSE;
			if (veil_match__tune_weight(c, u, &met, &value) == PANEL_TOO_HARD)
				return veil_match__too_hard(rules, u, error);
			if (!met)
				return TRUE;
			veil_match__panel_put(c->panels, u, c->places);
			c->most_reliefs = c->reliefs + 50;
			if (!veil_match__settle(c, error))
				return c->outcome != OUTCOME_NONE;
		}
		if (all) {
			*out_reached = TRUE;
			return TRUE;
		}
	}
	return TRUE;
}
