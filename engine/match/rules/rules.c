/* rules.c - method total under panel rules, teams and batch-wide shares.
 *
 * 1. Without the rules the instance is solved as ever; its prices are where this begins, and if it has no solution this has none.
 * 2. Every unit takes its best legal panel at these prices (panel.c).
 * 3. Reviewers outbid and undercut each other (outbid.c), then chains of exchanges (chains.c) set the loads right and move the prices.
 * 4. Rounds: each unit asks again for its best panel at the present prices and takes it when it is better than what it has, and loads are set
 *    right again. Where the rules of a panel nest nothing changes in the first round and the bound is met. Where they cross, the best assignment and
 *    the best bound of some rounds are kept; what is left between them is the gap.
 *
 * A chain that finds no end closes a set of reviewers that are all full. Then the unit that can leave this set at the least loss takes another
 * panel and their prices rise by that loss; when none can leave, prices of 1 on the set prove that no assignment exists.
 */
#include <string.h>

#include "rules/rules-private.h"

#define BUDGET G_GUINT64_CONSTANT(20000000) /* candidates: about a tenth of a second */

gboolean
veil_match__too_hard(const Rules *rules, guint32 u, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the panel rules of project %u are too entangled to find its best panel",
		    rules->member[rules->units[u].first]);
	return FALSE;
}

/* --- setting loads right ------------------------------------------------------------------------------------------ */

typedef struct {
	guint32 unit;
	gint64 loss;
	guint32 moved;
} Way;

/* How many members of the set a panel (of places) has. */
static guint32
members_in(const Rules *rules, guint32 u, const guint32 *place, const guint8 *set)
{
	guint32 n = 0;

	for (guint32 i = 0; i < rules->units[u].demand; i++)
		n += set[rules->units[u].reviewer[place[i]]];
	return n;
}

/* The best panel of u with as few (drain) or as many members of the set as it can have. */
static PanelAnswer
extreme_panel(Core *c, guint32 u, const guint8 *set, gboolean drain, guint32 *out_place, gint64 *out_value)
{
	const Rules *rules = c->rules;
	const Unit *unit = &rules->units[u];
	gint64 low = G_MAXINT64, high = G_MININT64, big;
	Question question = {.price = c->scratch, .at_least = G_MININT64};
	PanelAnswer answer;
	guint32 size = unit->size;

	for (guint32 i = 0; i < unit->n; i++) {
		gint64 value = profit(c->panels, u, i);

		low = MIN(low, value);
		high = MAX(high, value);
	}
	big = (high - low) / size * (gint64)(2 * unit->demand) + 2;
	for (guint32 i = 0; i < unit->n; i++) {
		guint32 r = unit->reviewer[i];

		c->scratch[r] = c->panels->price[r] + (set[r] ? (drain ? big : -big) : 0);
	}
	answer = veil_match__panel(c->oracle, u, &question, out_value, out_place);
	if (answer == PANEL_FOUND) {
		*out_value = 0;
		for (guint32 i = 0; i < unit->demand; i++)
			*out_value += profit(c->panels, u, out_place[i]);
	}
	return answer;
}

/* Changes a whole panel where chains are at their end; *out_found FALSE: no unit can. */
static gboolean
relieve(Core *c, gboolean drain, gboolean *out_found, GError **error)
{
	const Rules *rules = c->rules;
	Panels *x = c->panels;
	g_autofree guint8 *set = g_new0(guint8, (gsize)rules->in->n_reviewers + 1);
	g_autofree guint32 *place = g_new(guint32, 2 * ((gsize)rules->most + 1));
	guint32 *present = place + rules->most + 1;
	Way best = {NOBODY, 0, 1};
	gint64 step;

	for (guint i = 0; i < x->settled->len; i++)
		set[g_array_index(x->settled, guint32, i)] = 1;
	for (guint32 u = 0; u < rules->n_units; u++) {
		guint32 before, after;
		gint64 value;

		veil_match__panel_get(x, u, present);
		before = members_in(rules, u, present, set);
		if (drain ? before == 0 : before == rules->units[u].demand)
			continue;
		if (extreme_panel(c, u, set, drain, place, &value) != PANEL_FOUND)
			return veil_match__too_hard(rules, u, error);
		after = members_in(rules, u, place, set);
		if (x->floors && !veil_match__floors_met(c, u, place))
			continue;
		if (drain ? after < before : after > before) {
			Way way = {u, veil_match__panel_value(x, u) - value, (drain ? before - after : after - before) * rules->units[u].size};

			if (best.unit == NOBODY || (Wide)way.loss * best.moved < (Wide)best.loss * way.moved)
				best = way;
		}
	}
	*out_found = best.unit != NOBODY;
	if (!*out_found) {
		memcpy(c->stuck, set, rules->in->n_reviewers);
		return TRUE;
	}
	if (extreme_panel(c, best.unit, set, drain, place, &step) != PANEL_FOUND)
		return veil_match__too_hard(rules, best.unit, error);
	veil_match__panel_put(x, best.unit, place);
	step = best.loss > 0 ? (best.loss + best.moved - 1) / best.moved : 0;
	for (guint i = 0; i < x->settled->len; i++)
		veil_match__price_add(x, g_array_index(x->settled, guint32, i), drain ? step : -step);
	return TRUE;
}

/* FALSE: an error, or c->outcome says what is the matter. */
static gboolean
set_right(Core *c, guint32 r, gboolean drain, GError **error)
{
	Panels *x = c->panels;
	gboolean found;

	while (drain ? x->load[r] > rightful(x, r) : x->load[r] < rightful(x, r)) {
		if (drain ? veil_match__drain(x, r) : veil_match__supply(x, r))
			continue;
		if (++c->reliefs > c->most_reliefs) {
			c->outcome = OUTCOME_UNKNOWN;
			return FALSE;
		}
		if (!relieve(c, drain, &found, error))
			return FALSE;
		if (!found) {
			c->outcome = drain ? OUTCOME_TOO_FULL : OUTCOME_TOO_EMPTY;
			return FALSE;
		}
	}
	return TRUE;
}

/* bids: first those of outbid.c, which are quick where much is wrong. */
static gboolean
settle(Core *c, gboolean bids, GError **error)
{
	Panels *x = c->panels;
	gboolean again = TRUE;

	while (again) {
		again = FALSE;
		for (int drain = 1; drain >= 0; drain--) {
			if (bids && drain)
				veil_match__outbid(x);
			else if (bids)
				veil_match__undercut(x);
			for (guint32 r = 0; r < c->rules->in->n_reviewers; r++) {
				guint32 right = rightful(x, r);

				if (drain ? x->load[r] <= right : x->load[r] >= right)
					continue;
				again = TRUE;
				if (!set_right(c, r, drain, error))
					return FALSE;
			}
		}
		bids = FALSE;
	}
	return TRUE;
}

gboolean
veil_match__settle(Core *c, GError **error)
{
	return settle(c, FALSE, error);
}

/* --- rounds -------------------------------------------------------------------------------------------------------- */

/* What a candidate adds to the total of the unit's projects, weights aside. */
static gint64
unit_score(const Rules *rules, guint32 u, guint32 place)
{
	const Unit *unit = &rules->units[u];
	gint64 sum = 0;

	for (guint32 k = 0; k < unit->size; k++)
		sum += rules->in->score[rules->in->offset[rules->member[unit->first + k]] + place];
	return sum;
}

void
veil_match__keep_assignment(Core *c)
{
	Wide total = 0;

	if (!veil_match__shares_kept(c))
		return;
	for (guint32 r = 0; r < c->rules->in->n_reviewers; r++)
		if (c->panels->load[r] > c->rules->in->max_load[r] || c->panels->load[r] < least(c->panels, r))
			return;
	for (guint32 u = 0; u < c->rules->n_units; u++) {
		if (c->with_floors && !veil_match__floors_met_now(c, u))
			return;
		for (guint32 i = c->panels->seat_offset[u]; i < c->panels->seat_offset[u + 1]; i++)
			total += unit_score(c->rules, u, c->panels->seats[i].place);
	}
	if (c->has_best && total <= c->best_total)
		return;
	c->has_best = TRUE;
	c->best_total = total;
	for (guint32 i = 0; i < c->panels->seat_offset[c->rules->n_units]; i++)
		c->best_place[i] = c->panels->seats[i].place;
}

static void
keep_bound(Core *c, Wide bound)
{
	const Panels *x = c->panels;
	const VeilInstance *in = c->rules->in;

	for (guint32 r = 0; r < in->n_reviewers; r++) {
		gint64 y = own_price(x, r);

		bound += (Wide)y * (y > 0 ? in->max_load[r] : least(x, r));
	}
	for (guint32 s = 0; s < in->n_shares; s++)
		bound += (Wide)c->share_price[s] * (Wide)(c->share_price[s] > 0 ? in->shares[s].max_places : in->shares[s].min_places);
	for (guint32 p = 0; c->with_floors && p < in->n_projects; p++) {
		Wide product = (Wide)c->weight[c->rules->unit_of[p]] * in->floor[p];

		bound -= product >= 0 ? product / 1000000 : -((-product + 999999) / 1000000);
	}
	c->last_bound = bound;
	if (c->has_bound && bound >= c->best_bound)
		return;
	c->has_bound = TRUE;
	c->best_bound = bound;
	memcpy(c->best_weight, c->weight, c->rules->n_units * sizeof *c->weight);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		c->best_price[r] = own_price(x, r);
	if (in->n_shares > 0)
		memcpy(c->best_share_price, c->share_price, in->n_shares * sizeof *c->share_price);
}

/* A better panel needs somebody who is above the lowest member of this one. */
static gboolean
outsider_above(const Panels *x, guint32 u)
{
	const Unit *unit = &x->rules->units[u];
	gint64 low = x->low[u];
	guint32 n = 0, members = 0;

	for (guint32 i = 0; i < unit->n; i++)
		n += unit->score[i] - (gint64)unit->size * x->price[unit->reviewer[i]] > low;
	for (guint32 seat = x->seat_offset[u]; seat < x->seat_offset[u + 1]; seat++)
		members += x->seat_profit[seat] > low;
	return n > members;
}

static PanelAnswer
bid(Core *c, guint32 u, gint64 *out_value, gboolean *out_changed)
{
	Panels *x = c->panels;
	Question question = {.price = x->price, .at_least = veil_match__panel_value(x, u)};
	PanelAnswer answer = PANEL_NONE;

	*out_value = question.at_least;
	if (outsider_above(x, u))
		answer = veil_match__panel(c->oracle, u, &question, out_value, c->places);
	if (answer == PANEL_FOUND && (!x->floors || veil_match__floors_met(c, u, c->places))) {
		veil_match__panel_put(x, u, c->places);
		*out_changed = TRUE;
	}
	return answer;
}

/* The floor's weight is tuned first where it matters: where the best panel without it would be below. */
static PanelAnswer
bid_above_floor(Core *c, guint32 u, gint64 *out_value, gboolean *out_changed)
{
	Panels *x = c->panels;
	PanelAnswer answer = PANEL_NONE;
	gboolean met;

	if (c->weight[u] == 0) {
		answer = bid(c, u, out_value, out_changed);
		if (answer != PANEL_FOUND || *out_changed)
			return answer;
	}
	answer = veil_match__tune_weight(c, u, &met, out_value);
	if (answer != PANEL_FOUND || !met || *out_value <= veil_match__panel_value(x, u))
		return answer;
	veil_match__panel_put(x, u, c->places);
	*out_changed = TRUE;
	return answer;
}

/* Every unit asks for its best panel and takes it when that is better than what it has. */
gboolean
veil_match__bid_again(Core *c, guint32 *out_changed, GError **error)
{
	const Rules *rules = c->rules;
	Panels *x = c->panels;
	Wide bound = 0;

	*out_changed = 0;
	for (guint32 u = 0; u < rules->n_units; u++) {
		gint64 value;
		gboolean changed = FALSE;
		PanelAnswer answer = x->floors ? bid_above_floor(c, u, &value, &changed) : bid(c, u, &value, &changed);

		if (answer == PANEL_TOO_HARD)
			return veil_match__too_hard(rules, u, error);
		*out_changed += changed;
		bound += value;
	}
	keep_bound(c, bound);
	return TRUE;
}

/* Rounds end when nobody changes or the bound is met; else when the work is spent, which is counted in candidates looked at, and is more
 * while the gap is wide. */
gboolean
veil_match__rounds(Core *c, GError **error)
{
	guint64 work = 0, before = c->panels->work;
	guint32 idle = 0;

	for (;;) {
		Wide total = c->best_total, bound = c->best_bound, narrow;
		guint32 changed;

		if (!settle(c, !c->panels->floors, error))
			return FALSE;
		veil_match__keep_assignment(c);
		if (!veil_match__bid_again(c, &changed, error))
			return FALSE;
		work += 10 * c->pairs;
		if (changed == 0 || (c->has_best && c->best_bound == c->best_total))
			return TRUE;
		idle = c->best_total == total && c->best_bound == bound ? idle + 1 : 0;
		narrow = (c->best_bound - c->best_total) * 2500;
		if (idle >= 4 || c->panels->work - before + work > BUDGET * (narrow <= (c->best_bound < 0 ? -c->best_bound : c->best_bound) ? 1 : 16))
			return TRUE;
	}
}

/* --- from beginning to end ------------------------------------------------------------------------------------------ */

void
veil_match__end(Core *c)
{
	veil_match__rules_free(c->rules);
	g_free(c->weight);
	g_free(c->best_weight);
	veil_match__panels_free(c->panels);
	veil_match__oracle_free(c->oracle);
	g_free(c->scratch);
	g_free(c->places);
	g_free(c->best_place);
	g_free(c->best_price);
	g_free(c->share_price);
	g_free(c->best_share_price);
	g_free(c->stuck);
}

static void
core_init(Core *c, Rules *rules)
{
	gsize n_r = (gsize)rules->in->n_reviewers + 1;

	*c = (Core){.rules = rules};
	c->oracle = veil_match__oracle_new(rules);
	c->panels = veil_match__panels_new(rules, c->oracle);
	c->scratch = g_new0(gint64, n_r);
	c->places = g_new(guint32, (gsize)rules->most + 1);
	c->best_place = g_new(guint32, (gsize)c->panels->seat_offset[rules->n_units] + 1);
	c->best_price = g_new0(gint64, n_r);
	c->share_price = g_new0(gint64, (gsize)rules->in->n_shares + 1);
	c->best_share_price = g_new0(gint64, (gsize)rules->in->n_shares + 1);
	c->stuck = g_new0(guint8, n_r);
	c->weight = g_new0(gint64, (gsize)rules->n_units + 1);
	c->best_weight = g_new0(gint64, (gsize)rules->n_units + 1);
	c->most_reliefs = 4 * rules->n_units + 100;
	for (guint32 u = 0; u < rules->n_units; u++)
		c->pairs += rules->units[u].n;
}

/* The panel of the plain solution, which is a best one at its prices; TRUE when it is legal too. */
static gboolean
plain_panel(const Rules *rules, guint32 u, const VeilMatch *plain, guint32 *out_place)
{
	const Unit *unit = &rules->units[u];
	guint32 p = rules->member[unit->first], place = 0;

	if (unit->size > 1)
		return FALSE;
	for (guint32 i = 0; i < unit->demand; i++) {
		guint32 r = plain->assigned[plain->assigned_offset[p] + i];

		while (unit->reviewer[place] != r)
			place++;
		out_place[i] = place++;
	}
	return veil_match__panel_legal(rules, u, out_place);
}

/* A first panel for everybody: the one of the plain solution where it is legal, else the best at its prices. */
static gboolean
first_panels(Core *c, const VeilMatch *plain, guint32 *out_none, GError **error)
{
	const Rules *rules = c->rules;

	*out_none = NOBODY;
	memcpy(c->panels->price, plain->price, rules->in->n_reviewers * sizeof(gint64));
	veil_match__prices_changed(c->panels);
	for (guint32 u = 0; u < rules->n_units; u++) {
		Question question = {.price = c->panels->price, .at_least = G_MININT64};
		gint64 value;
		PanelAnswer answer = PANEL_FOUND;

		if (plain->status != VEIL_MATCH_OPTIMAL || !plain_panel(rules, u, plain, c->places))
			answer = veil_match__panel(c->oracle, u, &question, &value, c->places);
		if (answer == PANEL_TOO_HARD)
			return veil_match__too_hard(rules, u, error);
		if (answer == PANEL_NONE) {
			*out_none = u;
			return TRUE;
		}
		veil_match__panel_put(c->panels, u, c->places);
	}
	return TRUE;
}

int
veil_match__compare_u32(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

gboolean
veil_match__finish(Core *c, VeilMatch *match, GError **error)
{
	const Rules *rules = c->rules;
	const VeilInstance *in = rules->in;
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

	match->assigned_offset = g_new0(guint64, (gsize)in->n_projects + 1);
	for (guint32 p = 0; p < in->n_projects; p++)
		match->assigned_offset[p + 1] = match->assigned_offset[p] + in->demand[p];
	match->assigned = g_new(guint32, (gsize)match->assigned_offset[in->n_projects] + 1);
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 u = rules->unit_of[p], first = c->panels->seat_offset[u];
		guint32 *row = match->assigned + match->assigned_offset[p];

		for (guint32 i = 0; i < in->demand[p]; i++)
			row[i] = rules->units[u].reviewer[c->best_place[first + i]];
		qsort(row, in->demand[p], sizeof *row, veil_match__compare_u32);
	}
	if (c->best_total > G_MAXINT64 || c->best_total < G_MININT64) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: the total does not fit 64 bits");
		return FALSE;
	}
	match->objective = (gint64)c->best_total;
	match->price = g_steal_pointer(&c->best_price);
	if (in->n_shares > 0)
		match->share_price = g_steal_pointer(&c->best_share_price);
	if (in->floor != NULL) {
		match->weight = g_new0(gint64, (gsize)in->n_projects + 1);
		for (guint32 p = 0; p < in->n_projects; p++)
			match->weight[p] = c->best_weight[rules->unit_of[p]];
	}
	match->bound = (gint64)c->best_bound;
	if ((in->cut != NULL || c->best_bound > G_MAXINT64 || c->best_bound < G_MININT64) && /* dummies are not among what the rounds saw */
	    !veil_match_bound_with_rules(in, match->price, match->share_price, match->weight, &match->bound, open, error))
		return FALSE;
	match->status = match->bound == match->objective ? VEIL_MATCH_OPTIMAL : VEIL_MATCH_FEASIBLE;
	match->n_open = open->len;
	g_array_sort(open, veil_match__compare_u32);
	match->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
	return TRUE;
}

gboolean
veil_match__begin(Core *c, const VeilInstance *in, const guint32 *order, VeilMatch **out_match, GError **error)
{
	VeilInstance stripped = *in;
	g_autoptr(VeilMatch) plain = NULL;
	Rules *rules;
	guint32 none;

	memset(c, 0, sizeof *c);
	stripped.bounds = NULL;
	stripped.shares = NULL;
	stripped.team = NULL;
	stripped.floor = NULL;
	stripped.n_bounds = stripped.n_shares = 0;
	plain = veil_match_total(&stripped, order, error);
	if (plain == NULL)
		return FALSE;
	if (plain->status == VEIL_MATCH_INFEASIBLE) {
		*out_match = g_steal_pointer(&plain);
		return TRUE;
	}
	rules = veil_match__rules_new(in, order, NULL, FALSE, error);
	if (rules == NULL)
		return FALSE;
	core_init(c, rules);
	*out_match = g_new0(VeilMatch, 1);
	if (!first_panels(c, plain, &none, error))
		return FALSE;
	if (none != NOBODY) {
		veil_match__panel_witness(rules, none, *out_match);
		return TRUE;
	}
	g_clear_pointer(&plain, veil_match_free);
	if (veil_match__rounds(c, error) && (in->n_shares == 0 || veil_match__settle_shares(c, *out_match, error)))
		return TRUE;
	if (c->outcome == OUTCOME_TOO_FULL || c->outcome == OUTCOME_TOO_EMPTY)
		return veil_match__stuck_witness(c, *out_match, error);
	if (c->outcome == OUTCOME_UNKNOWN)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "no assignment within the panel rules was found, nor a proof that there is none; loosen a rule or raise the loads");
	return FALSE;
}

VeilMatch *
veil_match__total_with_rules(const VeilInstance *in, const guint32 *order, GError **error)
{
	g_autoptr(VeilMatch) match = NULL;
	Core core;
	gboolean ok = veil_match__begin(&core, in, order, &match, error), reached = TRUE;

	if (ok && match->status != VEIL_MATCH_INFEASIBLE && in->floor != NULL) {
		ok = veil_match__lift(&core, TRUE, &reached, error);
		if (ok && !reached) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "no assignment that keeps every floor was found");
			ok = FALSE;
		}
		ok = ok && veil_match__improve_floors(&core, error);
	}
	if (ok && match->status != VEIL_MATCH_INFEASIBLE)
		ok = veil_match__finish(&core, match, error);
	veil_match__end(&core);
	return ok ? g_steal_pointer(&match) : NULL;
}
