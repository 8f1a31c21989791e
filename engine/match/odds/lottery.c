/* lottery.c - method draw where odds alone do not say who may sit together: rules that cross, teams, shares of the whole batch.
 *
 * T legal assignments of equal weight, in which no pair stands more often than its cap allows. They are made one after the other by the solver for panel rules (rules.c), which keeps
 * every rule of every panel, every load, team and share; what the earlier ones hold decides what the next is asked for:
 *
 *   scores   b - 2 beta c x, x being how often the pair stands in those that there are: the slope of the perturbed sum of veil/odds.h. This is Frank and Wolfe's method on the mixtures
 *            of legal assignments, so that what is expected comes near to the best that such a mixture can have, and equally fit people near to equal odds. Neither is promised;
 *   quota    a pair that is ahead of the cap at this point is worth less than any that is not, so that pairs are not used up long before the end;
 *   cap      a pair that stands as often as its cap allows in all T is no candidate any more.
 *
 * So the cap holds by construction, and every outcome is legal; what can fail is that nothing legal is left before T are made. Then T is larger once, and then it is refused.
 *
 * Prices, and the reason where the cap leaves nothing, are those of the odds under as many of the rules as lie in one another: every mixture of legal assignments is among these.
 */
#include <string.h>

#include "odds/odds-solver.h"

enum { PENALTY = 4, SPAN = 16 };
#define MOST_WORK G_GUINT64_CONSTANT(200000000) /* pairs listed x assignments */

/* How many assignments: they divide VEIL_ODDS_WHOLE. */
static const guint32 sizes[] = {20, 25, 40, 50, 100, 125, 200, 250, 400, 500};

typedef struct {
	const VeilInstance *in;
	const VeilOddsOptions *options;
	VeilOdds *odds;
	guint32 size;	/* T */
	guint32 *limit; /* n_projects: how often a pair may stand in all */
	guint32 *count; /* by pair: how often it does */
	guint32 *panels, *at;
	guint64 places;
	guint shift; /* scores are scaled down so far that penalties fit */
	gint64 steepest;
	/* what is asked for next */
	guint64 *offset;
	guint32 *reviewer;
	gint64 *score;
	guint8 *mark;
} Lottery;

/* --- one assignment ----------------------------------------------------------------------------------------------------- */

static gint64
score_now(const Lottery *x, guint32 p, guint64 i, guint32 made)
{
	gint64 b = veil_odds__band(x->in->score[i], x->options->band), curvature = MAX(b, VEIL_ODDS_CURVATURE);
	guint32 perturbation = x->options->perturbation ? x->options->perturbation : VEIL_ODDS_PERTURBATION;
	guint64 quota = ((guint64)x->odds->cap[p] * (made + 1) + VEIL_ODDS_WHOLE - 1) / VEIL_ODDS_WHOLE;
	gint64 slope = b, over = (gint64)x->count[i] + 1 - (gint64)quota;

	if (made > 0)
		slope -= (gint64)((__int128)2 * perturbation * curvature * x->count[i] / ((gint64)made * 1000000));
	if (over > 0)
		slope -= MIN(over, 3) * PENALTY * x->steepest;
	return slope >> x->shift;
}

static void
ask(Lottery *x, guint32 made, VeilInstance *out)
{
	const VeilInstance *in = x->in;
	guint64 n = 0;

	x->offset[0] = 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			if (x->count[i] >= x->limit[p])
				continue;
			x->reviewer[n] = in->reviewer[i];
			if (in->mark != NULL)
				x->mark[n] = in->mark[i];
			x->score[n++] = score_now(x, p, i, made);
		}
		x->offset[p + 1] = n;
	}
	*out = *in;
	out->demand = x->odds->places;
	out->offset = x->offset;
	out->reviewer = x->reviewer;
	out->score = x->score;
	out->mark = in->mark != NULL ? x->mark : NULL;
	out->cut = NULL;
}

/* Whether k of the n people (from the first on) can be chosen so that every minimum of p is met; maxima hold for any of them. need: by bound, what is still missing. */
static gboolean
can_choose(const VeilInstance *in, guint32 p, const guint32 *people, guint32 n, guint32 k, gint64 *need)
{
	gboolean met = TRUE, found;

	for (guint32 b = 0; b < in->n_bounds; b++)
		met = met && need[b] <= 0;
	if (n < k || (k == 0 && !met))
		return FALSE;
	if (met)
		return TRUE;
	for (guint32 b = 0; b < in->n_bounds; b++)
		need[b] -= !in->bounds[b].each && veil_bound_of(in, &in->bounds[b], p, people[0]) != 0;
	found = can_choose(in, p, people + 1, n - 1, k - 1, need);
	for (guint32 b = 0; b < in->n_bounds; b++)
		need[b] += !in->bounds[b].each && veil_bound_of(in, &in->bounds[b], p, people[0]) != 0;
	return found || can_choose(in, p, people + 1, n - 1, k, need);
}

/* With reserves the panel is some of the people drawn: there must be a choice that is legal. */
static gboolean
seats_panel(const Lottery *x, guint32 p, const guint32 *people)
{
	const VeilInstance *in = x->in;
	g_autofree gint64 *need = g_new0(gint64, (gsize)in->n_bounds + 1);

	if (x->odds->places[p] == in->demand[p])
		return TRUE;
	for (guint32 b = 0; b < in->n_bounds; b++)
		need[b] = in->bounds[b].each || in->bounds[b].min == NULL ? 0 : in->bounds[b].min[p];
	return can_choose(in, p, people, x->odds->places[p], in->demand[p], need);
}

/* One more assignment. FALSE: it is not good, for a project has no legal panel in it. */
static gboolean
add(Lottery *x, const VeilMatch *match)
{
	const VeilInstance *in = x->in;

	for (guint32 p = 0; p < in->n_projects; p++) {
		guint64 k = in->offset[p];

		if (!seats_panel(x, p, match->assigned + match->assigned_offset[p]))
			return FALSE;
		for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++) {
			while (in->reviewer[k] != match->assigned[i])
				k++;
			x->count[k]++;
			*x->at++ = match->assigned[i];
		}
	}
	return TRUE;
}

/* All T. FALSE without an error: nothing legal was left before there were as many. */
static gboolean
make(Lottery *x, GError **error)
{
	const VeilInstance *in = x->in;

	memset(x->count, 0, sizeof *x->count * in->offset[in->n_projects]);
	x->at = x->panels = g_renew(guint32, x->panels, x->places * x->size + 1);
	for (guint32 p = 0; p < in->n_projects; p++)
		x->limit[p] = (guint32)((guint64)x->odds->cap[p] * x->size / VEIL_ODDS_WHOLE);
	for (guint32 p = 0; in->team != NULL && p < in->n_projects; p++) /* a team stays one list */
		for (guint32 q = 0; q < p; q++)
			if (in->team[p] != 0 && in->team[p] == in->team[q])
				x->limit[p] = x->limit[q] = MIN(x->limit[p], x->limit[q]);
	for (guint32 made = 0; made < x->size; made++) {
		g_autoptr(VeilMatch) match = NULL;
		g_autoptr(GError) failed = NULL;
		VeilInstance now;

		ask(x, made, &now);
		match = veil_match_total(&now, NULL, &failed);
		if (match == NULL && g_error_matches(failed, VEIL_ERROR, VEIL_ERROR_INPUT)) {
			g_propagate_error(error, g_steal_pointer(&failed));
			return FALSE;
		}
		if (match == NULL || match->status == VEIL_MATCH_INFEASIBLE || !add(x, match))
			return FALSE;
	}
	return TRUE;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------- */

static gboolean
refuse(const char *why, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "odds: %s", why);
	return FALSE;
}

/* As many of the rules as lie in one another, in their order; employers come first. */
static void
keep_nested(const VeilInstance *in, const guint32 *places, const guint32 *cap, VeilInstance *plain, VeilPanelBound *kept)
{
	plain->bounds = kept;
	plain->n_bounds = 0;
	for (guint32 b = 0; b < in->n_bounds; b++) {
		kept[plain->n_bounds++] = in->bounds[b];
		if (!veil_odds__nests(plain, places, cap))
			plain->n_bounds--;
	}
}

/* The other rules aside: prices, the lists that are too short, or why there is nothing. */
static gboolean
relax(const Lottery *x, GError **error)
{
	VeilInstance plain = *x->in;
	VeilOdds *odds = x->odds;
	g_autofree VeilPanelBound *kept = g_new(VeilPanelBound, (gsize)x->in->n_bounds + 1);
	g_autoptr(VeilOdds) relaxed = g_new0(VeilOdds, 1);
	gboolean nested;

	plain.team = NULL;
	plain.n_shares = 0;
	keep_nested(x->in, odds->places, odds->cap, &plain, kept);
	relaxed->places = g_memdup2(odds->places, sizeof *odds->places * ((gsize)plain.n_projects + 1));
	relaxed->cap = g_memdup2(odds->cap, sizeof *odds->cap * ((gsize)plain.n_projects + 1));
	relaxed->odds = g_new0(guint32, plain.offset[plain.n_projects] + 1);
	if (!veil_odds__by_prices(&plain, x->options, relaxed, &nested, error))
		return FALSE;
	odds->status = relaxed->status;
	odds->price = g_steal_pointer(&relaxed->price);
	g_free(odds->open);
	odds->open = g_steal_pointer(&relaxed->open);
	odds->n_open = relaxed->n_open;
	odds->witness = relaxed->witness;
	memset(&relaxed->witness, 0, sizeof relaxed->witness);
	return TRUE;
}

/* A single legal assignment, caps aside: whether there is one, and if not, why. */
static gboolean
try_one(const Lottery *x, GError **error)
{
	VeilInstance now = *x->in;
	VeilOdds *odds = x->odds;
	g_autoptr(VeilMatch) match = NULL;

	now.demand = odds->places;
	match = veil_match_total(&now, NULL, error);
	if (match == NULL)
		return FALSE;
	if (match->status != VEIL_MATCH_INFEASIBLE)
		return TRUE;
	odds->status = VEIL_MATCH_INFEASIBLE;
	odds->witness = match->witness;
	memset(&match->witness, 0, sizeof match->witness);
	g_free(odds->open);
	odds->open = g_steal_pointer(&match->open);
	odds->n_open = match->n_open;
	return TRUE;
}

/* The first size that leaves of no cap more than an eighth unused. */
static guint
first_size(const Lottery *x)
{
	const VeilInstance *in = x->in;
	guint64 pairs = in->offset[in->n_projects];
	guint32 least = pairs <= 500000 ? 100 : pairs <= 2000000 ? 50 : 20;

	for (guint s = 0; s < G_N_ELEMENTS(sizes); s++) {
		gboolean fits = sizes[s] >= least;

		for (guint32 p = 0; fits && p < in->n_projects; p++) {
			guint64 most = (guint64)x->odds->cap[p] * sizes[s], whole = most / VEIL_ODDS_WHOLE * VEIL_ODDS_WHOLE;

			fits = x->odds->places[p] == 0 || 8 * whole >= 7 * most;
		}
		if (fits)
			return s;
	}
	return G_N_ELEMENTS(sizes);
}

static gboolean
search(Lottery *x, GError **error)
{
	const VeilInstance *in = x->in;
	GError *failed = NULL;
	guint first = first_size(x);

	for (guint s = first; s < G_N_ELEMENTS(sizes); s++) {
		if (s > first && sizes[s] != 2 * sizes[first])
			continue;
		if (sizes[s] * in->offset[in->n_projects] > MOST_WORK)
			break;
		x->size = sizes[s];
		if (make(x, &failed))
			return TRUE;
		if (failed != NULL) {
			g_propagate_error(error, failed);
			return FALSE;
		}
	}
	return refuse(x->size > 0 ? "no lottery of legal panels under the cap was found; let the panel rules nest, widen the lists, or raise the odds"
				  : "the panel rules cross, and a lottery of legal panels for so large an instance, or so small odds, is not searched for; let the rules nest",
		      error);
}

static gboolean
keep(Lottery *x, GError **error)
{
	VeilOdds *odds = x->odds;
	guint32 weight = VEIL_ODDS_WHOLE / x->size;

	odds->status = VEIL_MATCH_FEASIBLE;
	for (guint64 i = 0; i < x->in->offset[x->in->n_projects]; i++)
		odds->odds[i] = x->count[i] * weight;
	odds->n_lottery = x->size;
	odds->weight = g_new(guint32, x->size);
	for (guint32 t = 0; t < x->size; t++)
		odds->weight[t] = weight;
	odds->panels = g_steal_pointer(&x->panels);
	return veil_odds__expect(x->in, odds, error) && veil_odds_bound(x->in, odds->places, odds->cap, odds->price, &odds->bound, error);
}

gboolean
veil_odds__lottery(const VeilInstance *in, const VeilOddsOptions *options, VeilOdds *odds, GError **error)
{
	guint64 n = in->offset[in->n_projects];
	Lottery x = {.in = in, .options = options, .odds = odds, .steepest = VEIL_ODDS_CURVATURE};
	gboolean ok;

	for (guint32 p = 0; p < in->n_projects; p++) {
		x.places += odds->places[p];
		if (in->n_shares > 0 && odds->places[p] != in->demand[p])
			return refuse("method draw holds a share of the whole batch only where no reserves are drawn: nobody knows who of them will sit; set reserves to 0", error);
	}
	ok = try_one(&x, error);
	if (!ok || odds->status == VEIL_MATCH_INFEASIBLE)
		return ok;
	ok = relax(&x, error);
	if (!ok || odds->status == VEIL_MATCH_INFEASIBLE || veil_odds__minimum_witness(in, odds))
		return ok;
	for (guint64 i = 0; i < n; i++)
		x.steepest = MAX(x.steepest, ABS(in->score[i]) + options->band);
	while (x.steepest >> x.shift > VEIL_MAX_SCORE / SPAN)
		x.shift++;
	x.limit = g_new(guint32, (gsize)in->n_projects + 1);
	x.count = g_new(guint32, n + 1);
	x.offset = g_new(guint64, (gsize)in->n_projects + 1);
	x.reviewer = g_new(guint32, n + 1);
	x.score = g_new(gint64, n + 1);
	x.mark = in->mark != NULL ? g_new(guint8, n + 1) : NULL;
	ok = search(&x, error) && keep(&x, error);
	g_free(x.limit);
	g_free(x.count);
	g_free(x.offset);
	g_free(x.reviewer);
	g_free(x.score);
	g_free(x.mark);
	g_free(x.panels);
	return ok;
}
