/* odds.c - method draw: are the odds those that the rules ask for? (docs/design/matching.md, "Odds")
 *
 * Odds n are whole numbers over 10,000. Nothing is solved. Three things make them right:
 *   held     every project's odds add up to its places, no pair passes the cap, loads and panel rules hold for the sums;
 *   equal    with the prices y (billionths) each project has one level such that every n is within a unit of (b - y - level) / (2 beta c), held between 0 and the cap,
 *            b being the score rounded down to its band and c the larger of b and a floor: so equally fit reviewers have equal odds. Inside a panel rule that binds
 *            the level may be another, on the side that the bound pushes to. A price stands only where a load is at its bound;
 *   best     no odds under the cap can expect more than the bound that the same prices prove.
 */
#include <string.h>

#include "judge/odds.h"

#define NANO 1000		 /* billionths in a millionth */
#define CURVATURE 1000		 /* the least c, millionths */
#define FINE ((Wide)10000000)	 /* of a billionth: in these units levels are whole numbers */
#define ENDLESS ((Wide)1 << 120)

typedef struct {
	const Place *pair; /* of one project: those with odds above 0; by reviewer */
	guint n;
	gint64 places, cap;
	gboolean idle; /* sets count those whose maximum load is 0 as well: the bound goes over everybody listed */
} Panel;

/* A set of a project's candidates that a rule bounds: who counts, over the list of offers. */
typedef struct {
	guint8 *in; /* by offer */
	guint32 size;
	gint64 min, max, parent;
	gint64 used;
	Wide low, high; /* of its level */
} Set;

static void
clear_set(gpointer data)
{
	g_free(((Set *)data)->in);
}

static gint64
odds_of(const Panel *panel, guint32 reviewer)
{
	for (guint i = 0; i < panel->n; i++)
		if (panel->pair[i].reviewer == reviewer)
			return panel->pair[i].score;
	return 0;
}

/* Where reserves are drawn with the panel and their order is random, a place on the panel keeps the cap; a minimum makes the order less than random. */
static gint64
cap_of(const Odds *o, guint32 p, gint64 places)
{
	gint64 demand = PROJECT(o->x, p)->demand;

	if (places == demand || demand == 0)
		return o->c->odds_cap;
	for (guint b = 0; b < o->x->bounds->len; b++)
		if (!g_array_index(o->x->bounds, Bound, b).each && g_array_index(o->x->bounds, Bound, b).min[p] > 0)
			return o->c->odds_cap;
	return MIN((gint64)((Wide)o->c->odds_cap * places / demand), ODDS_ONE);
}

static Panel
panel_of(const Odds *o, guint32 p)
{
	Panel panel = {PLACE(o->odds, o->start[p]), o->start[p + 1] - o->start[p], 0, 0, FALSE};

	for (guint i = 0; i < panel.n; i++)
		panel.places += panel.pair[i].score;
	panel.places /= ODDS_ONE;
	panel.cap = cap_of(o, p, panel.places);
	return panel;
}

/* --- held --------------------------------------------------------------------------------------------------------- */

static gboolean
bound_holds(const Instance *x, const Bound *bound, guint32 p, const Panel *panel)
{
	const Project *project = PROJECT(x, p);
	gint64 all = 0;

	for (guint i = 0; i < panel->n; i++) {
		gint64 same = 0;

		all += bound_label(x, bound, p, panel->pair[i].reviewer) ? panel->pair[i].score : 0;
		for (guint k = 0; k < panel->n && bound->each && bound->max[p] != G_MAXINT64; k++)
			same += bound->label[panel->pair[i].reviewer] && bound->label[panel->pair[k].reviewer] == bound->label[panel->pair[i].reviewer] ? panel->pair[k].score : 0;
		if (bound->max[p] != G_MAXINT64 && same > bound->max[p] * ODDS_ONE)
			return verdict_reject("odds: project %s: those of one %s pass what rule %s allows", project->id, bound->rule->attribute, bound->rule->name);
	}
	if (!bound->each && (all < bound->min[p] * ODDS_ONE || (bound->max[p] != G_MAXINT64 && all > bound->max[p] * ODDS_ONE)))
		return verdict_reject("odds: project %s: rule %s does not hold for them", project->id, bound->rule->name);
	return TRUE;
}

static gboolean
project_holds(const Odds *o, guint32 p)
{
	const Project *project = PROJECT(o->x, p);
	Panel panel = panel_of(o, p);
	gint64 sum = 0;

	for (guint i = 0; i < panel.n; i++)
		sum += panel.pair[i].score;
	if (sum % ODDS_ONE != 0 || panel.places < project->demand)
		return verdict_reject("odds: project %s: they do not add up to its places", project->id);
	for (guint i = 0; i < panel.n; i++) {
		const Place *pair = &panel.pair[i];

		if (i > 0 && pair->reviewer == pair[-1].reviewer)
			return verdict_reject("odds: project %s: one reviewer has two odds", project->id);
		if (pair->score < 1 || pair->score > panel.cap)
			return verdict_reject("odds: project %s: a pair has odds of %" G_GINT64_FORMAT ", the cap is %" G_GINT64_FORMAT, project->id, pair->score, panel.cap);
		if (!project_offer(project, pair->reviewer) && (project->rest != REST_REAL || project_bars(project, pair->reviewer)))
			return verdict_reject("odds: project %s: somebody has odds who is no candidate", project->id);
	}
	for (guint b = 0; b < o->x->bounds->len; b++)
		if (!bound_holds(o->x, &g_array_index(o->x->bounds, Bound, b), p, &panel))
			return FALSE;
	return TRUE;
}

gboolean
odds_hold(const Odds *o)
{
	if (o->c->odds_cap < 1 || o->c->odds_cap > ODDS_ONE)
		return verdict_reject("odds: a cap of %" G_GINT64_FORMAT " is none", o->c->odds_cap);
	for (guint p = 0; p < o->x->projects->len; p++)
		if (!project_holds(o, p))
			return FALSE;
	for (guint r = 0; r < o->x->reviewers->len; r++)
		if (o->load[r] > REVIEWER(o->x, r)->max_load * ODDS_ONE || o->load[r] < REVIEWER(o->x, r)->min_load * ODDS_ONE)
			return verdict_reject("odds: a reviewer's do not stay inside his load bounds");
	verdict_ok("odds", "%u pairs may be drawn, none with more than %" G_GINT64_FORMAT " in 10000 for a place; loads%s hold for the odds", o->odds->len, o->c->odds_cap,
		   o->x->bounds->len ? " and panel rules" : "");
	return TRUE;
}

/* --- sets --------------------------------------------------------------------------------------------------------- */

static int
larger_first(gconstpointer a, gconstpointer b)
{
	guint32 x = ((const Set *)a)->size, y = ((const Set *)b)->size;

	return (x < y) - (x > y);
}

static void
add_set(GArray *sets, const Odds *o, const Project *project, const Bound *bound, guint32 value, gint64 min, gint64 max, const Panel *panel)
{
	Set set = {.in = g_new0(guint8, (gsize)project->n_offers + 1), .min = min, .max = MIN(max, panel->places), .parent = -1};

	for (guint32 i = 0; i < project->n_offers; i++) {
		guint32 label = bound->mark ? (project->offer[i].mark & bound->mark) != 0 : bound->label[project->offer[i].reviewer];

		set.in[i] = label != 0 && (value == 0 || label == value) && (panel->idle || REVIEWER(o->x, project->offer[i].reviewer)->max_load > 0);
		set.size += set.in[i];
	}
	if (min > 0 || (set.max < panel->places && (Wide)set.max * ODDS_ONE < (Wide)set.size * panel->cap))
		g_array_append_val(sets, set);
	else
		g_free(set.in);
}

/* The rules of a project that could bind, as sets that lie in one another; the first is the project itself. FALSE where they cross. */
static gboolean
find_sets(const Odds *o, guint32 p, const Panel *panel, GArray *sets)
{
	const Project *project = PROJECT(o->x, p);
	Set whole = {.in = g_malloc((gsize)project->n_offers + 1), .size = G_MAXUINT32, .min = panel->places, .max = panel->places, .parent = -1};

	memset(whole.in, 1, (gsize)project->n_offers + 1);
	g_array_append_val(sets, whole);
	for (guint b = 0; b < o->x->bounds->len; b++) {
		const Bound *bound = &g_array_index(o->x->bounds, Bound, b);
		g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

		if (bound->max[p] == G_MAXINT64 && bound->min[p] == 0)
			continue;
		if (!bound->each)
			add_set(sets, o, project, bound, 0, bound->min[p], bound->max[p], panel);
		for (guint32 i = 0; bound->each && i < project->n_offers; i++) {
			guint32 value = bound->label[project->offer[i].reviewer];

			if (value != 0 && g_hash_table_add(seen, GUINT_TO_POINTER(value)))
				add_set(sets, o, project, bound, value, 0, bound->max[p], panel);
		}
	}
	g_array_sort(sets, larger_first);
	for (guint s = 1; s < sets->len; s++)
		for (guint t = 0; t < s; t++) {
			Set *inner = &g_array_index(sets, Set, s);
			guint32 shared = 0;

			for (guint32 i = 0; i < project->n_offers; i++)
				shared += inner->in[i] && g_array_index(sets, Set, t).in[i];
			if (shared != 0 && shared != inner->size)
				return FALSE;
			inner->parent = shared ? (gint64)t : inner->parent;
		}
	return TRUE;
}

/* The smallest set that offer i lies in: the last, for they come larger first. */
static guint
inner_set(const GArray *sets, guint32 offer)
{
	guint s = sets->len - 1;

	while (s > 0 && !g_array_index(sets, Set, s).in[offer])
		s--;
	return s;
}

gboolean
odds_rules_cross(const Odds *o, guint32 p)
{
	g_autoptr(GArray) sets = g_array_new(FALSE, TRUE, sizeof(Set));
	Panel panel = panel_of(o, p);

	g_array_set_clear_func(sets, clear_set);
	panel.cap = ODDS_ONE; /* in one outcome */
	return !find_sets(o, p, &panel, sets);
}

/* --- equal -------------------------------------------------------------------------------------------------------- */

/* The levels, in units of 1 / FINE billionths, at which these odds are within one unit of what the level gives. */
static void
levels_of(const Odds *o, gint64 score, gint64 price, gint64 n, gint64 cap, Wide *out_low, Wide *out_high)
{
	gint64 b = o->c->band > 0 ? (gint64)floor_div(score, o->c->band) * o->c->band : score;
	Wide worth = ((Wide)b * NANO - price) * FINE, step = (Wide)2 * o->c->perturbation * MAX(b, CURVATURE);

	*out_low = n + 1 >= cap ? -ENDLESS : worth - step * (n + 1);
	*out_high = n <= 1 ? ENDLESS : worth - step * (n - 1);
}

static gboolean
project_equal(const Odds *o, guint32 p)
{
	const Project *project = PROJECT(o->x, p);
	Panel panel = panel_of(o, p);
	g_autoptr(GArray) sets = g_array_new(FALSE, TRUE, sizeof(Set));
	gboolean ok;

	g_array_set_clear_func(sets, clear_set);
	if (panel.places == 0)
		return TRUE;
	if (!find_sets(o, p, &panel, sets))
		return verdict_reject("odds: the panel rules of project %s cross: that takes a lottery", project->id);
	for (guint s = 0; s < sets->len; s++)
		g_array_index(sets, Set, s).low = -ENDLESS, g_array_index(sets, Set, s).high = ENDLESS;
	for (guint32 i = 0; i < project->n_offers; i++) {
		guint32 r = project->offer[i].reviewer;
		gint64 n = odds_of(&panel, r);
		Set *set = &g_array_index(sets, Set, inner_set(sets, i));
		Wide low, high;

		levels_of(o, project->offer[i].score, o->c->price[r], n, panel.cap, &low, &high);
		set->low = MAX(set->low, low), set->high = MIN(set->high, high);
		for (gint64 s = (gint64)inner_set(sets, i); s >= 0; s = g_array_index(sets, Set, s).parent)
			g_array_index(sets, Set, s).used += n;
	}
	ok = TRUE;
	for (guint s = sets->len; ok && s-- > 0;) {
		const Set *set = &g_array_index(sets, Set, s);
		Set *parent = set->parent >= 0 ? &g_array_index(sets, Set, set->parent) : NULL;

		ok = set->low <= set->high;
		if (parent && set->used < set->max * ODDS_ONE - set->size) /* its maximum, but for the units that odds may be off, does not push it */
			parent->low = MAX(parent->low, set->low);
		if (parent && set->used > set->min * ODDS_ONE + set->size)
			parent->high = MIN(parent->high, set->high);
	}
	return ok || verdict_reject("odds: project %s: they are not those of one level: equally fit reviewers would have unequal odds", project->id);
}

/* A price only where a load is at its bound, up to the unit that each of his odds may be off. */
static gboolean
prices_stand(const Odds *o)
{
	g_autofree gint64 *pairs = g_new0(gint64, o->x->reviewers->len + 1);

	for (guint p = 0; p < o->x->projects->len; p++)
		for (guint32 i = 0; i < PROJECT(o->x, p)->n_offers; i++)
			pairs[PROJECT(o->x, p)->offer[i].reviewer]++;
	for (guint r = 0; r < o->x->reviewers->len; r++) {
		const Reviewer *reviewer = REVIEWER(o->x, r);

		if (o->c->price[r] > MAX_PRICE || o->c->price[r] < -MAX_PRICE)
			return verdict_reject("odds: a price makes no sense");
		if ((o->c->price[r] > 0 && o->load[r] < reviewer->max_load * ODDS_ONE - pairs[r]) ||
		    (o->c->price[r] < 0 && o->load[r] > reviewer->min_load * ODDS_ONE + pairs[r]))
			return verdict_reject("odds: a reviewer has a price although his load is not at its bound: his odds were bent");
	}
	return TRUE;
}

gboolean
odds_equal(const Odds *o)
{
	if (o->c->perturbation < 1 || o->c->perturbation > MILLION || o->c->band < 0)
		return verdict_reject("odds: a perturbation or a band makes no sense");
	for (guint p = 0; p < o->x->projects->len; p++)
		if (!project_equal(o, p))
			return FALSE;
	if (!prices_stand(o))
		return FALSE;
	verdict_ok("equal odds", "reviewers of the same band have the same odds for a project, but for what their loads and panel rules make them give up");
	return TRUE;
}

/* --- best --------------------------------------------------------------------------------------------------------- */

typedef struct {
	Wide profit;
	guint32 offer; /* NONE: the dummy */
} Choice;

static int
best_first(gconstpointer a, gconstpointer b)
{
	const Choice *x = a, *y = b;

	return x->profit != y->profit ? (x->profit < y->profit ? 1 : -1) : (x->offer > y->offer) - (x->offer < y->offer);
}

/* What the minima inside set s still keep for themselves. */
static gint64
kept(const GArray *sets, guint s)
{
	const Set *set = &g_array_index(sets, Set, s);
	gint64 inside = 0;

	for (guint t = s + 1; t < sets->len; t++)
		if (g_array_index(sets, Set, t).parent == (gint64)s)
			inside += kept(sets, t);
	return MAX(MAX(set->min * ODDS_ONE - set->used, 0), inside);
}

/* How much more a candidate of set s may have: in every set around him what is left when the minima of the others in it are met. */
static gint64
room(const GArray *sets, guint s)
{
	gint64 most = G_MAXINT64, others = 0;

	for (gint64 at = s, below = -1; at >= 0; below = at, at = g_array_index(sets, Set, at).parent) {
		const Set *set = &g_array_index(sets, Set, at);

		for (guint t = (guint)at + 1; t < sets->len; t++)
			if (g_array_index(sets, Set, t).parent == at && (gint64)t != below)
				others += kept(sets, t);
		most = MIN(most, set->max * ODDS_ONE - set->used - others);
	}
	return MAX(most, 0);
}

/* Best first, each as much as there is room for: the best fractional panel where rules lie in one another. dummy NULL: there is none. */
static Wide
fill(const GArray *choices, GArray *sets, gint64 cap, const Wide *dummy, gboolean *out_dummy)
{
	Wide value = 0;
	Set *whole = &g_array_index(sets, Set, 0);

	for (guint s = 0; s < sets->len; s++)
		g_array_index(sets, Set, s).used = 0;
	for (guint i = 0; i < choices->len; i++) {
		const Choice *choice = &g_array_index(choices, Choice, i);
		guint s = sets->len > 1 ? inner_set(sets, choice->offer) : 0;
		gint64 amount = MIN(cap, room(sets, s));

		if ((dummy && choice->profit < *dummy) || whole->used == whole->max * ODDS_ONE)
			break;
		value += choice->profit * amount;
		for (gint64 at = s; at >= 0; at = g_array_index(sets, Set, at).parent)
			g_array_index(sets, Set, at).used += amount;
	}
	*out_dummy = whole->used < whole->max * ODDS_ONE;
	return dummy ? value + *dummy * (whole->max * ODDS_ONE - whole->used) : value;
}

static Wide
best_fraction(const Odds *o, guint32 p, const guint32 *by_price, guint32 *stamp)
{
	const Project *project = PROJECT(o->x, p);
	Panel panel = panel_of(o, p);
	g_autoptr(GArray) sets = g_array_new(FALSE, TRUE, sizeof(Set)), choices = g_array_new(FALSE, FALSE, sizeof(Choice));
	gboolean has_dummy = FALSE, minima = FALSE, uses_dummy = FALSE;
	Wide dummy = 0, value, other;

	g_array_set_clear_func(sets, clear_set);
	panel.idle = TRUE;
	if (!find_sets(o, p, &panel, sets))
		g_array_set_size(sets, 1); /* rules that cross are left out: that bounds no less */
	for (guint32 i = 0; i < project->n_offers; i++) {
		Choice choice = {(Wide)project->offer[i].score * NANO - o->c->price[project->offer[i].reviewer], i};

		stamp[project->offer[i].reviewer] = p + 1;
		g_array_append_val(choices, choice);
	}
	for (guint32 i = 0; project->rest == REST_DUMMIES && i < o->x->reviewers->len && !has_dummy; i++)
		if (stamp[by_price[i]] != p + 1) {
			has_dummy = TRUE;
			dummy = (Wide)project->rest_score * NANO - o->c->price[by_price[i]];
		}
	g_array_sort(choices, best_first);
	for (guint s = 1; s < sets->len; s++)
		minima = minima || g_array_index(sets, Set, s).min > 0;
	if (!has_dummy)
		return fill(choices, sets, panel.cap, NULL, &uses_dummy);
	value = sets->len > 1 ? fill(choices, sets, panel.cap, NULL, &uses_dummy) : -ENDLESS;
	for (guint s = 1; s < sets->len; s++)
		g_array_index(sets, Set, s).min = 0; /* where somebody unlisted is better, minima are left out */
	other = fill(choices, sets, panel.cap, &dummy, &uses_dummy);
	return !minima || uses_dummy ? MAX(value, other) : value;
}

static int
cheapest_first(gconstpointer a, gconstpointer b, gpointer data)
{
	const gint64 *price = data;
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return price[x] != price[y] ? (price[x] > price[y] ? 1 : -1) : (x > y) - (x < y);
}

gboolean
odds_expected(const Odds *o)
{
	guint n = o->x->reviewers->len;
	g_autofree guint32 *by_price = g_new(guint32, (gsize)n + 1), *stamp = g_new0(guint32, (gsize)n + 1);
	Wide expected = 0, bound = 0;

	for (guint32 r = 0; r < n; r++)
		by_price[r] = r;
	g_qsort_with_data(by_price, (gint)n, sizeof(guint32), cheapest_first, o->c->price);
	for (guint i = 0; i < o->odds->len; i++) {
		const Project *project = PROJECT(o->x, PLACE(o->odds, i)->project);
		const Offer *offer = project_offer(project, PLACE(o->odds, i)->reviewer);

		expected += (Wide)(offer ? offer->score : project->rest_score) * PLACE(o->odds, i)->score;
	}
	for (guint32 p = 0; p < o->x->projects->len; p++)
		bound += o->start[p + 1] > o->start[p] ? best_fraction(o, p, by_price, stamp) : 0;
	for (guint r = 0; r < n; r++)
		bound += MAX((Wide)o->c->price[r] * REVIEWER(o->x, r)->max_load, (Wide)o->c->price[r] * REVIEWER(o->x, r)->min_load) * ODDS_ONE;
	expected = floor_div(expected, ODDS_ONE);
	bound = floor_div(bound, (Wide)NANO * ODDS_ONE);
	if (expected != o->c->expected || expected != o->c->objective)
		return verdict_reject("odds: the expected total is not the one that is said");
	if (bound != o->c->bound)
		return verdict_reject("odds: the prices do not give the bound that is said");
	if (expected > bound)
		return verdict_reject("odds: the bound is below what is expected");
	verdict_ok("expected", "total %" G_GINT64_FORMAT " millionths on average; no odds under the cap can expect more than %" G_GINT64_FORMAT, o->c->expected, o->c->bound);
	verdict_number("expected", o->c->expected);
	verdict_number("bound", o->c->bound);
	return TRUE;
}
