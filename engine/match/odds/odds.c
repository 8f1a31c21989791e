/* odds.c - method draw: from an instance to odds.
 *
 * Projects and their nested rules become sets (nest.c), the prices of overloaded reviewers are found (odds-price.c) with every project at its own level (odds-level.c), and the amounts
 * become whole odds by a circulation between neighbouring units (odds-flow.c). Where odds alone would not do a lottery is made (lottery.c). docs/design/matching.md, "Odds", has the mathematics and what was rejected.
 */
#include <stdlib.h>
#include <string.h>

#include "odds/odds-solver.h"

enum { FIRST_ROUNDS = 60, MORE_ROUNDS = 400, FIRST_PATIENCE = 8, MORE_PATIENCE = 100, TOLERANCE = PARTS / 256, SMOOTH_ENOUGH = 300000, SMOOTH_ROUNDS = 20 };

void
veil_odds_free(VeilOdds *odds)
{
	if (odds == NULL)
		return;
	g_free(odds->places);
	g_free(odds->cap);
	g_free(odds->odds);
	g_free(odds->price);
	g_free(odds->open);
	g_free(odds->witness.projects);
	g_free(odds->witness.reviewers);
	g_free(odds->witness.price);
	g_free(odds->witness.share_price);
	g_free(odds->weight);
	g_free(odds->panels);
	g_free(odds);
}

guint32
veil_odds_cap(const VeilInstance *in, guint32 p, guint32 cap, guint32 reserves)
{
	if (reserves == 0 || in->demand[p] == 0)
		return cap;
	for (guint32 b = 0; b < in->n_bounds; b++)
		if (!in->bounds[b].each && in->bounds[b].min != NULL && in->bounds[b].min[p] > 0)
			return cap;
	return (guint32)MIN((guint64)cap * ((guint64)in->demand[p] + reserves) / in->demand[p], VEIL_ODDS_WHOLE);
}

guint32
veil_odds_smallest_set(guint32 demand)
{
	return demand > 5 ? (demand > G_MAXUINT32 / 6 ? G_MAXUINT32 : 6 * demand) : 30;
}

/* --- what comes in ---------------------------------------------------------------------------------------------------- */

static gboolean
bad(GError **error, const char *what)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "odds: %s", what);
	return FALSE;
}

static gboolean
check(const VeilInstance *in, const VeilOddsOptions *options, GError **error)
{
	guint64 slots = 0;

	if (options->cap == 0 || options->cap > VEIL_ODDS_WHOLE)
		return bad(error, "the cap must be above 0 and at most 1");
	if (options->band < 0 || options->band > VEIL_MAX_SCORE)
		return bad(error, "the band must not be negative");
	if (options->perturbation != 0 && (options->perturbation < 10000 || options->perturbation > 1000000))
		return bad(error, "the perturbation must be from 0.01 to 1");
	if (in->n_projects >= G_MAXINT32 / 2 || in->n_reviewers >= G_MAXINT32 / 2 || in->offset[in->n_projects] >= G_MAXINT32 / 2)
		return bad(error, "too many projects, reviewers or pairs");
	for (guint32 p = 0; p < in->n_projects; p++) {
		if (in->offset[p + 1] < in->offset[p] || in->offset[p + 1] - in->offset[p] > in->n_reviewers)
			return bad(error, "a project's row is out of range");
		if (in->cut != NULL && in->cut[p] != VEIL_NO_CUT && (in->cut[p] > VEIL_MAX_SCORE || in->cut[p] < -VEIL_MAX_SCORE))
			return bad(error, "a cut is out of range");
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			if (in->reviewer[i] >= in->n_reviewers || (i > in->offset[p] && in->reviewer[i] <= in->reviewer[i - 1]))
				return bad(error, "reviewers are not in ascending order, repeat, or are out of range");
			if (in->score[i] > VEIL_MAX_SCORE || in->score[i] < -VEIL_MAX_SCORE)
				return bad(error, "a score is out of range");
		}
		slots += (guint64)in->demand[p] + (options->reserves != NULL ? options->reserves[p] : 0);
	}
	for (guint32 r = 0; in->min_load != NULL && r < in->n_reviewers; r++)
		if (in->min_load[r] > in->max_load[r])
			return bad(error, "a minimum load above the maximum load");
	if (slots > G_MAXINT32 && slots <= in->offset[in->n_projects])
		return bad(error, "more than 2^31 places");
	return TRUE;
}

gint64
veil_odds__band(gint64 score, gint64 band)
{
	gint64 below;

	if (band <= 1)
		return score;
	below = score / band * band;
	return below > score ? below - band : below;
}

static gint64
slope_of(gint64 b, guint32 perturbation)
{
	__int128 numerator = ((__int128)WHOLE_PARTS << SLOPE_BITS) * 1000000;
	gint64 curvature = MAX(b, VEIL_ODDS_CURVATURE) * NANO;

	return MAX((gint64)(numerator / ((__int128)2 * perturbation * curvature)), 1);
}

/* --- sets and entries -------------------------------------------------------------------------------------------------- */

typedef struct {
	OddsEntry entry;
	guint32 set;
} Sorting;

static int
compare_sorting(gconstpointer a, gconstpointer b)
{
	const Sorting *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	if (x->entry.b != y->entry.b)
		return x->entry.b > y->entry.b ? -1 : 1;
	return x->entry.pair < y->entry.pair ? -1 : 1;
}

/* The sets in preorder: out_place[s] for set s as the nest has them. */
static void
add_sets(GArray *all, const VeilNestSet *sets, guint32 n_sets, guint32 *out_place)
{
	guint32 n = 0, first = all->len;
	guint32 top = 0; /* walks the tree without a stack: parents come before children in `sets` */
	g_autofree gboolean *done = g_new0(gboolean, n_sets);

	while (n < n_sets) {
		guint32 next = n_sets;
		OddsSet set = {.block = 0};

		if (n == 0) {
			next = 0;
		} else {
			for (guint32 s = 1; s < n_sets && next == n_sets; s++)
				if (!done[s] && sets[s].parent == top)
					next = s;
			if (next == n_sets) { /* no child left: back to the parent */
				g_array_index(all, OddsSet, first + out_place[top]).last = n;
				top = sets[top].parent;
				continue;
			}
		}
		done[next] = TRUE;
		out_place[next] = n++;
		set.parent = next == 0 ? 0 : out_place[sets[next].parent];
		set.lo = (gint64)sets[next].min * WHOLE_PARTS;
		set.hi = sets[next].max == G_MAXUINT32 ? G_MAXINT64 / 4 : (gint64)sets[next].max * WHOLE_PARTS;
		g_array_append_val(all, set);
		top = next;
	}
	for (;; top = sets[top].parent) {
		g_array_index(all, OddsSet, first + out_place[top]).last = n;
		if (top == 0)
			break;
	}
}

/* FALSE: the rules of this project cross. */
static gboolean
add_project(Odds *o, VeilNest *nest, guint32 p, GArray *all_sets, VeilNestEntry *nest_entries, Sorting *sorting, GArray *place, guint64 *n_entries)
{
	const VeilInstance *in = o->in;
	const VeilNestSet *sets;
	const guint32 *inner;
	guint32 n_sets, n = 0, e = 0, first = all_sets->len;
	guint64 guess;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		if (in->max_load[in->reviewer[i]] > 0)
			nest_entries[n++] = (VeilNestEntry){in->reviewer[i], o->cap[p], 0, TRUE};
	if (!veil_nest_project(nest, p, o->places[p], nest_entries, n, &sets, &n_sets, &inner))
		return FALSE;
	g_array_set_size(place, n_sets);
	add_sets(all_sets, sets, n_sets, (guint32 *)(gpointer)place->data);
	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
		gint64 b = veil_odds__band(in->score[i], o->options.band);
		Sorting item = {{.b = b * NANO, .reviewer = in->reviewer[i], .pair = (guint32)(i - in->offset[p])}, 0};

		if (in->max_load[in->reviewer[i]] == 0)
			continue;
		item.set = g_array_index(place, guint32, inner[e]);
		o->steepest = MAX(o->steepest, ABS(item.entry.b));
		sorting[e++] = item;
	}
	if (n > 0)
		qsort(sorting, n, sizeof *sorting, compare_sorting);
	for (guint32 i = 0; i < n; i++) {
		const Sorting *item = &sorting[i];
		OddsSet *set = &g_array_index(all_sets, OddsSet, first + item->set);

		if (set->end == 0)
			set->begin = *n_entries;
		o->entries[*n_entries] = item->entry;
		o->entries[*n_entries].slope = i > 0 && item[-1].entry.b == item->entry.b ? o->entries[*n_entries - 1].slope
											  : slope_of(item->entry.b / NANO, o->options.perturbation);
		set->end = ++*n_entries;
	}
	for (guint32 s = first; s < all_sets->len; s++) {
		OddsSet *set = &g_array_index(all_sets, OddsSet, s);

		if (set->end == 0)
			set->begin = set->end = *n_entries - n;
	}
	guess = o->cap[p] > 0 ? (guint64)o->places[p] * VEIL_ODDS_WHOLE / o->cap[p] : 0;
	if (n > 0)
		g_array_index(all_sets, OddsSet, first).level = o->entries[*n_entries - n + MIN(guess, n - 1)].b * ((gint64)1 << LEVEL_BITS);
	return TRUE;
}

static gboolean
set_up(Odds *o)
{
	const VeilInstance *in = o->in;
	g_autoptr(VeilNest) nest = veil_nest_new(in);
	g_autoptr(GArray) sets = g_array_new(FALSE, TRUE, sizeof(OddsSet)), place = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autofree VeilNestEntry *nest_entries = g_new(VeilNestEntry, (gsize)in->n_reviewers + 1);
	g_autofree Sorting *sorting = g_new(Sorting, (gsize)in->n_reviewers + 1);
	guint64 n_entries = 0, longest = 1, most_sets = 1;
	gboolean nested = TRUE;

	o->steepest = (gint64)VEIL_ODDS_CURVATURE * NANO;
	o->first_set = g_new0(guint64, (gsize)in->n_projects + 1);
	o->entries = g_new(OddsEntry, in->offset[in->n_projects] + 1);
	for (guint32 p = 0; p < in->n_projects && nested; p++) {
		o->first_set[p] = sets->len;
		nested = add_project(o, nest, p, sets, nest_entries, sorting, place, &n_entries);
		longest = MAX(longest, in->offset[p + 1] - in->offset[p]);
		most_sets = MAX(most_sets, sets->len - o->first_set[p]);
	}
	o->first_set[in->n_projects] = sets->len;
	o->sets = (OddsSet *)g_array_free(g_steal_pointer(&sets), FALSE);
	o->amount = g_new0(guint32, n_entries + 1);
	o->price = g_new0(gint64, (gsize)in->n_reviewers + 1);
	o->nearest = g_new0(gint64, (gsize)in->n_reviewers + 1);
	o->load = g_new0(gint64, (gsize)in->n_reviewers + 1);
	o->moved = g_new0(guint8, (gsize)in->n_reviewers + 1);
	o->near_by = g_new(OddsNear, longest);
	o->near_from = g_new(gint64, most_sets);
	o->n_near = g_new(guint32, most_sets);
	o->raw = g_new(gint64, most_sets);
	o->bend = g_new(__int128, most_sets);
	return nested;
}

static void
clear(Odds *o)
{
	gpointer all[] = {o->first_set, o->sets, o->entries, o->amount, o->price, o->nearest, o->load, o->moved, o->near_by, o->near_from, o->n_near, o->raw, o->bend};

	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		g_free(all[i]);
}

/* --- what comes out ---------------------------------------------------------------------------------------------------- */

/* Whoever may take nothing is priced out of every project. */
static void
price_out(Odds *o)
{
	const VeilInstance *in = o->in;

	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 level = G_MAXINT64;

		if (o->places[p] == 0)
			continue;
		for (guint64 s = o->first_set[p]; s < o->first_set[p + 1]; s++)
			level = MIN(level, o->sets[s].level >> LEVEL_BITS);
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			guint32 r = in->reviewer[i];

			if (in->max_load[r] == 0)
				o->price[r] = MAX(o->price[r], MAX(veil_odds__band(in->score[i], o->options.band), in->score[i]) * NANO - level);
		}
	}
}

/* Projects where somebody who is not listed might deserve odds. */
static void
find_open(const Odds *o, VeilOdds *odds)
{
	const VeilInstance *in = o->in;
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 p = 0; p < in->n_projects && in->cut != NULL; p++) {
		gint64 level = G_MAXINT64;

		if (o->places[p] == 0 || in->cut[p] == VEIL_NO_CUT)
			continue;
		for (guint64 s = o->first_set[p]; s < o->first_set[p + 1]; s++)
			level = MIN(level, o->sets[s].level >> LEVEL_BITS);
		if (veil_odds__band(in->cut[p], o->options.band) * NANO - o->lowest > level)
			g_array_append_val(open, p);
	}
	g_clear_pointer(&odds->open, g_free);
	odds->n_open = open->len;
	odds->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
}

gboolean
veil_odds__expect(const VeilInstance *in, VeilOdds *odds, GError **error)
{
	__int128 sum = 0, expected;

	for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
		sum += (__int128)in->score[i] * odds->odds[i];
	expected = sum / VEIL_ODDS_WHOLE;
	if (expected * VEIL_ODDS_WHOLE > sum)
		expected--;
	if (expected > G_MAXINT64 || expected < G_MININT64)
		return bad(error, "the expected score does not fit 64 bits");
	odds->expected = (gint64)expected;
	return TRUE;
}

/* Where every load stands at its bound all prices may move together, and must then have the sign of that bound. */
static void
shift_prices(Odds *o)
{
	guint32 n = o->in->n_reviewers;
	gboolean at_minimum = o->in->max_load == o->given->min_load;
	gint64 far = 0;

	if (o->in == o->given)
		return;
	for (guint32 r = 0; r < n; r++)
		far = at_minimum ? MAX(far, o->price[r]) : MIN(far, o->price[r]);
	for (guint32 r = 0; r < n; r++)
		o->price[r] -= far;
}

static gboolean
finish(Odds *o, VeilOdds *odds, GError **error)
{
	const VeilInstance *in = o->given;

	if (!veil_odds__expect(in, odds, error))
		return FALSE;
	odds->status = VEIL_MATCH_FEASIBLE;
	price_out(o);
	find_open(o, odds);
	shift_prices(o);
	odds->price = g_memdup2(o->price, sizeof *o->price * ((gsize)in->n_reviewers + 1));
	return veil_odds_bound(in, odds->places, odds->cap, odds->price, &odds->bound, error);
}

/* --- one load only ----------------------------------------------------------------------------------------------------- *
 *
 * Where the minimum loads together take every place, or the maxima have none to spare, nobody's load can be other than that. With both bounds there a price may have either sign, and
 * what the places lack is found at once; with the other bound left where it is, the one reviewer whose price has come to 0 takes what is over, and all others crawl after him. */

static gboolean
one_load_only(const VeilInstance *in, const guint32 *places, VeilInstance *out_tight)
{
	guint64 all = 0, least = 0, most = 0;

	for (guint32 p = 0; p < in->n_projects; p++)
		all += places[p];
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		least += in->min_load == NULL ? 0 : in->min_load[r];
		most += in->max_load[r];
	}
	if (all == 0 || least == most || (all != least && all != most))
		return FALSE;
	out_tight->min_load = out_tight->max_load = all == least ? in->min_load : in->max_load;
	return TRUE;
}

/* FALSE: there are no odds, and odds->witness says why. */
static gboolean
is_possible(Odds *o, VeilOdds *odds)
{
	g_autofree gint8 *reason = g_new0(gint8, (gsize)o->in->n_reviewers + 1);
	g_autofree guint8 *is_short = g_new0(guint8, (gsize)o->in->n_projects + 1);

	if (veil_odds__whole(o, TRUE, odds->odds, reason, is_short))
		return TRUE;
	veil_odds__witness(o, reason, is_short, odds);
	return FALSE;
}

/* Whole odds at the nearest prices there were; without them the prices are as before. */
static gboolean
whole_at_nearest(Odds *o, guint32 *out_odds)
{
	if (!veil_odds__swap_nearest(o))
		return FALSE;
	if (veil_odds__whole(o, FALSE, out_odds, NULL, NULL))
		return TRUE;
	veil_odds__swap_nearest(o);
	return FALSE;
}

/* Prices, then whole odds; closer prices when they are not yet good enough for that. */
static gboolean
solve(Odds *o, VeilOdds *odds, GError **error)
{
	gboolean possible = FALSE, warm = FALSE;

	/* A small perturbation is nearly linear and hard to begin with: first a larger one, halved again and again. */
	for (o->slope_bits = SLOPE_BITS + LEVEL_BITS; o->options.perturbation << (o->slope_bits - SLOPE_BITS - LEVEL_BITS) < SMOOTH_ENOUGH; o->slope_bits++)
		;
	for (; o->slope_bits > SLOPE_BITS + LEVEL_BITS; o->slope_bits--) {
		veil_odds__levels(o, TRUE);
		warm = veil_odds__prices(o, (gint64)PARTS * VEIL_ODDS_WHOLE / 8, SMOOTH_ROUNDS, FIRST_PATIENCE, warm);
	}
	veil_odds__levels(o, TRUE);
	for (gint64 tolerance = TOLERANCE; tolerance > 0; tolerance /= 16) {
		gboolean settled = veil_odds__prices(o, tolerance, possible ? MORE_ROUNDS : FIRST_ROUNDS, possible ? MORE_PATIENCE : FIRST_PATIENCE, warm || possible);

		if (settled ? veil_odds__whole(o, FALSE, odds->odds, NULL, NULL) : whole_at_nearest(o, odds->odds))
			return finish(o, odds, error);
		if (!possible && !(possible = is_possible(o, odds)))
			return TRUE;
	}
	if (veil_odds__coordinates(o, odds->odds))
		return finish(o, odds, error);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "odds: the prices of the reviewers did not settle");
	return FALSE;
}

/* odds (nullable): what the draw would see of these, for rules that the cap keeps from binding in the sums bind in the people drawn all the same, and may cross there. */
static gboolean
nests(const VeilInstance *in, const guint32 *places, const guint32 *cap, const guint32 *odds)
{
	g_autoptr(VeilNest) nest = veil_nest_new(in);
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(VeilNestEntry));
	const VeilNestSet *sets;
	const guint32 *inner;
	gboolean nested = TRUE;
	guint32 n_sets;

	for (guint32 p = 0; nested && (in->n_bounds > 0 || in->group != NULL) && p < in->n_projects; p++) {
		g_array_set_size(entries, 0);
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			guint32 n = odds != NULL ? odds[i] : 0;
			VeilNestEntry entry = {in->reviewer[i], odds != NULL ? VEIL_ODDS_WHOLE : cap[p], n == VEIL_ODDS_WHOLE ? n : 0, n < VEIL_ODDS_WHOLE};

			if (odds != NULL ? n > 0 : in->max_load[in->reviewer[i]] > 0)
				g_array_append_val(entries, entry);
		}
		nested = veil_nest_project(nest, p, places[p], (const VeilNestEntry *)(gpointer)entries->data, entries->len, &sets, &n_sets, &inner);
	}
	return nested;
}

gboolean
veil_odds__nests(const VeilInstance *in, const guint32 *places, const guint32 *cap)
{
	return nests(in, places, cap, NULL);
}

/* Odds alone do not say who may sit together. */
static gboolean
make_lottery(const VeilInstance *in, const VeilOddsOptions *options, VeilOdds *odds, GError **error)
{
	if (options->no_lottery) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "odds: panel rules cross, or there are teams or shares: a lottery has to be made");
		return FALSE;
	}
	g_clear_pointer(&odds->price, g_free);
	return veil_odds__lottery(in, options, odds, error);
}

gboolean
veil_odds__by_prices(const VeilInstance *in, const VeilOddsOptions *options, VeilOdds *odds, gboolean *out_nested, GError **error)
{
	Odds o = {.in = in, .given = in, .options = *options, .places = odds->places, .cap = odds->cap};
	VeilInstance tight = *in;
	gboolean ok = TRUE;

	if (o.options.perturbation == 0)
		o.options.perturbation = VEIL_ODDS_PERTURBATION;
	*out_nested = set_up(&o);
	if (*out_nested && !veil_odds__lone_witness(&o, odds)) {
		if (one_load_only(in, odds->places, &tight) && (ok = is_possible(&o, odds))) {
			clear(&o);
			o = (Odds){.in = &tight, .given = in, .options = o.options, .places = odds->places, .cap = odds->cap};
			set_up(&o);
		}
		ok = !ok || solve(&o, odds, error);
	}
	clear(&o);
	return ok;
}

VeilOdds *
veil_odds_solve(const VeilInstance *instance, const VeilOddsOptions *options, GError **error)
{
	g_autoptr(VeilOdds) odds = g_new0(VeilOdds, 1);
	gboolean nested = instance->n_shares == 0 && instance->team == NULL;

	if (!check(instance, options, error))
		return NULL;
	odds->places = g_new(guint32, (gsize)instance->n_projects + 1);
	odds->cap = g_new(guint32, (gsize)instance->n_projects + 1);
	odds->odds = g_new0(guint32, instance->offset[instance->n_projects] + 1);
	for (guint32 p = 0; p < instance->n_projects; p++) {
		guint32 reserves = options->reserves != NULL ? options->reserves[p] : 0;

		odds->places[p] = (guint32)MIN((guint64)instance->demand[p] + reserves, G_MAXINT32);
		odds->cap[p] = veil_odds_cap(instance, p, options->cap, reserves);
	}
	if (instance->floor != NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "odds: method draw knows no floors");
		return NULL;
	}
	if (nested && !veil_odds__by_prices(instance, options, odds, &nested, error))
		return NULL;
	if (nested && (odds->status == VEIL_MATCH_INFEASIBLE || nests(instance, odds->places, odds->cap, odds->odds)))
		return g_steal_pointer(&odds);
	return make_lottery(instance, options, odds, error) ? g_steal_pointer(&odds) : NULL;
}
