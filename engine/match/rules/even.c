/* even.c - method fair with equity of loads: the worst-served project first, then the smallest common cap on loads, then the sum.
 *
 * The floor is that of fair.c. Caps are halved between what one panel or a minimum load takes, below which nobody needs a proof, and everybody's own
 * maximum; a cap holds when all projects reach the floor under it. That a cap is too small is shown in one of two ways, and both are the same inequality:
 * prices of reviewers, and weights on the projects' scores, at which the bound of the weighted total is below the weights times the floor. Where the capped
 * instance has no assignment at all its witness gives the prices, and the weights are 0. Else weights follow what the projects have above or below
 * the floor in the assignment of the best weighted total (Polyak's step, to below 0), which bounds every mixture of assignments. What neither shows stays open: the cap
 * is printed with the largest one that is proved to be too small.
 *
 * Rejected: the sum of squared loads, or the largest smallest load, beside the cap. Where panels must keep floors the vectors of loads are no base of a
 * polymatroid any more, so that no one of them is best for all such measures (decisions/0022); and a least load for everybody is what min_load is for.
 */
#include <string.h>

#include "rules/rules-private.h"

#define MOST_PROOFS 6 /* caps tried for a proof alone */

/* The instance under a cap, while it is solved. */
typedef struct {
	VeilInstance in;
	guint32 *max_load;
	gint64 *floor;
	Core core;
	VeilMatch *match;
} Capped;

typedef struct {
	const VeilInstance *in;
	const guint32 *held, *order;
	guint32 project; /* who can have least, and how much */
	gint64 most, value;
	GArray *open;
	guint32 least_cap; /* the most projects of one panel, or of a minimum load */
	/* the largest cap that is proved to be too small, and why; least_cap - 1: none */
	guint32 proved;
	gint64 *weight, *price, *share_price;
} Even;

guint32
veil_match_capped_load(const VeilInstance *in, const guint32 *held, guint32 r, guint32 cap)
{
	guint32 taken = held ? held[r] : 0, room = cap > taken ? cap - taken : 0;

	return MIN(in->max_load[r], room);
}

/* Solved by total, without floors. */
static gboolean
capped_begin(Capped *t, const Even *e, guint32 cap, GError **error)
{
	memset(t, 0, sizeof *t);
	t->in = *e->in;
	t->max_load = g_new(guint32, (gsize)t->in.n_reviewers + 1);
	t->floor = g_new(gint64, (gsize)t->in.n_projects + 1);
	for (guint32 r = 0; r < t->in.n_reviewers; r++)
		t->max_load[r] = veil_match_capped_load(e->in, e->held, r, cap);
	t->in.max_load = t->max_load;
	t->in.floor = t->floor;
	for (guint32 p = 0; p < t->in.n_projects; p++)
		t->floor[p] = VEIL_NO_FLOOR;
	return veil_match__begin(&t->core, &t->in, e->order, &t->match, error);
}

static void
capped_end(Capped *t)
{
	veil_match__end(&t->core);
	veil_match_free(t->match);
	g_free(t->max_load);
	g_free(t->floor);
}

/* --- a cap is too small ---------------------------------------------------------------------------------------------- */

/* Whether these prices and weights show it, over all pairs; kept if so. */
static gboolean
shows(Even *e, const Capped *t, guint32 cap, const gint64 *weight, const gint64 *price, const gint64 *share_price)
{
	VeilInstance in = t->in;
	g_autoptr(Rules) rules = NULL;
	Wide bound, wanted = 0;

	in.floor = NULL;
	rules = veil_match__rules_new(&in, NULL, weight, TRUE, NULL);
	if (rules == NULL || !veil_match__rules_bound(rules, price, share_price, FALSE, &bound, NULL, NULL))
		return FALSE;
	for (guint32 p = 0; p < in.n_projects; p++)
		wanted += (Wide)weight[p] * e->value;
	if (bound >= wanted)
		return FALSE;
	e->proved = cap;
	memcpy(e->weight, weight, in.n_projects * sizeof *weight);
	memcpy(e->price, price, in.n_reviewers * sizeof *price);
	for (guint32 s = 0; s < in.n_shares; s++)
		e->share_price[s] = share_price ? share_price[s] : 0;
	return TRUE;
}

/* No assignment at all: the witness as prices. Its reviewers are full, so whatever they give beyond their loads is too much. */
static gboolean
show_by_witness(Even *e, const Capped *t, guint32 cap)
{
	const VeilWitness *w = &t->match->witness;
	g_autofree gint64 *weight = g_new0(gint64, (gsize)t->in.n_projects + 1), *price = g_new0(gint64, (gsize)t->in.n_reviewers + 1);

	if (w->kind == VEIL_WITNESS_PRICES)
		memcpy(price, w->price, t->in.n_reviewers * sizeof *price);
	for (guint32 i = 0; w->kind != VEIL_WITNESS_PRICES && i < w->n_reviewers; i++)
		price[w->reviewers[i]] = w->minimum ? -1 : 1;
	return shows(e, t, cap, weight, price, w->share_price);
}

/* The instance whose scores count as often as their project's weight says. */
typedef struct {
	VeilInstance in;
	gint64 *weight, *score, *cut, *slack;
	gint64 largest; /* weight: sums must fit */
} Weighted;

static gboolean
weighted_init(Weighted *w, const Capped *t)
{
	const VeilInstance *in = &t->in;
	gint64 range = 1, most = 1;
	gsize n_p = (gsize)in->n_projects + 1;
	Wide room;

	for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
		range = MAX(range, ABS(in->score[i]));
	for (guint32 p = 0; p < in->n_projects; p++) {
		most = MAX(most, (gint64)in->demand[p]);
		if (in->cut != NULL && in->cut[p] != VEIL_NO_CUT)
			range = MAX(range, ABS(in->cut[p]));
	}
	room = (Wide)(G_MAXINT64 / 8) / ((Wide)range * most * 16 * ((Wide)MIN(in->n_projects, in->n_reviewers) + 2));
	room = MIN(room, VEIL_MAX_SCORE / range);
	*w = (Weighted){.in = *in, .largest = (gint64)MIN(room, 1000000)};
	w->in.floor = NULL;
	w->weight = g_new0(gint64, n_p);
	w->slack = g_new0(gint64, n_p);
	w->score = g_new(gint64, (gsize)in->offset[in->n_projects] + 1);
	w->in.score = w->score;
	if (in->cut != NULL)
		w->in.cut = w->cut = g_new(gint64, n_p);
	return w->largest >= 100;
}

static void
weighted_clear(Weighted *w)
{
	g_free(w->weight);
	g_free(w->slack);
	g_free(w->score);
	g_free(w->cut);
}

/* The largest becomes `largest`; FALSE: all are 0. */
static gboolean
normalise(Weighted *w)
{
	gint64 most = 0;

	for (guint32 p = 0; p < w->in.n_projects; p++)
		most = MAX(most, w->weight[p]);
	for (guint32 p = 0; most > 0 && p < w->in.n_projects; p++)
		w->weight[p] = (gint64)((Wide)w->weight[p] * w->largest / most);
	return most > 0;
}

/* What each project has above the floor in this assignment. */
static void
find_slack(Weighted *w, const Even *e, const VeilMatch *match)
{
	const VeilInstance *in = e->in;

	for (guint32 p = 0; p < in->n_projects; p++) {
		guint64 i = in->offset[p];

		w->slack[p] = -e->value;
		for (guint64 k = match->assigned_offset[p]; k < match->assigned_offset[p + 1]; k++) {
			while (in->reviewer[i] != match->assigned[k])
				i++;
			w->slack[p] += in->score[i];
		}
		if (in->demand[p] == 0 || (w->weight[p] == 0 && w->slack[p] > 0))
			w->slack[p] = 0;
	}
}

/* One solve and one step; TRUE: the proof is found, or *out_on FALSE: it will not be. */
static gboolean
step(Weighted *w, Even *e, const Capped *t, guint32 cap, gboolean *out_on)
{
	const VeilInstance *in = e->in;
	g_autoptr(VeilMatch) match = NULL;
	Wide excess, squares = 0;

	for (guint32 p = 0; p < in->n_projects; p++) {
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			w->score[i] = in->score[i] * w->weight[p];
		if (w->cut != NULL)
			w->cut[p] = in->cut[p] == VEIL_NO_CUT ? VEIL_NO_CUT : in->cut[p] * w->weight[p];
	}
	match = veil_match_total(&w->in, e->order, NULL);
	*out_on = match != NULL && match->status != VEIL_MATCH_INFEASIBLE;
	if (!*out_on || shows(e, t, cap, w->weight, match->price, match->share_price))
		return *out_on;
	find_slack(w, e, match);
	excess = match->objective;
	for (guint32 p = 0; p < in->n_projects; p++) {
		excess -= (Wide)w->weight[p] * e->value;
		squares += (Wide)w->slack[p] * w->slack[p];
	}
	*out_on = excess >= 0 && squares > 0;
	excess += excess / 4 + w->largest / 16;
	for (guint32 p = 0; *out_on && p < in->n_projects; p++) {
		Wide move = excess / MAX(squares / MAX(ABS(w->slack[p]), 1), 1);

		w->weight[p] = (gint64)CLAMP(w->weight[p] - (w->slack[p] > 0 ? move : w->slack[p] < 0 ? -move : 0), 0, (Wide)w->largest * 1000);
	}
	*out_on = *out_on && normalise(w);
	return FALSE;
}

static gboolean
show_by_weights(Even *e, const Capped *t, guint32 cap)
{
	Weighted w;
	gboolean found = FALSE, on = weighted_init(&w, t);
	guint32 rounds = (guint32)CLAMP(G_GUINT64_CONSTANT(12000000) / MAX(t->core.pairs, 1), 8, 120);

	/* Those that lifting was hardest on, or everybody. */
	for (guint32 p = 0; p < t->in.n_projects; p++)
		w.weight[p] = t->in.demand[p] > 0 ? t->core.weight[t->core.rules->unit_of[p]] : 0;
	if (!normalise(&w))
		for (guint32 p = 0; p < t->in.n_projects; p++)
			w.weight[p] = t->in.demand[p] > 0 ? w.largest : 0;
	for (guint32 i = 0; i < rounds && on && !found; i++)
		found = step(&w, e, t, cap, &on);
	weighted_clear(&w);
	return found;
}

/* --- caps -------------------------------------------------------------------------------------------------------------- */

/* *out_reached: everybody has the floor under this cap. If not, a proof that nobody could is kept where there is one. */
static gboolean
try_cap(Even *e, guint32 cap, gboolean *out_reached, GError **error)
{
	Capped t;
	g_autoptr(GError) local = NULL;
	gboolean ok = capped_begin(&t, e, cap, &local);

	*out_reached = FALSE;
	if (ok && t.match->status == VEIL_MATCH_INFEASIBLE) {
		show_by_witness(e, &t, cap);
	} else if (ok) {
		ok = veil_match__reach_floor(&t.core, t.floor, e->value, out_reached, &local);
		*out_reached = ok && *out_reached && veil_match__shares_kept(&t.core);
		if (ok && !*out_reached)
			show_by_weights(e, &t, cap);
	}
	capped_end(&t);
	if (ok || g_error_matches(local, VEIL_ERROR, VEIL_ERROR_REFUSED)) /* nothing found either way: it stays open */
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

/* *inout_cap: from one that holds to the smallest that was found to. first: the one to try first. */
static gboolean
find_cap(Even *e, guint32 first, guint32 *inout_cap, GError **error)
{
	guint32 low = e->least_cap, high = *inout_cap, cap = CLAMP(first, low, high);
	gboolean reached;

	while (low < high) {
		cap = cap >= high ? low + (high - low) / 2 : cap;
		if (!try_cap(e, cap, &reached, error))
			return FALSE;
		if (reached)
			high = cap;
		else
			low = cap + 1;
		cap = low + (high - low) / 2;
	}
	*inout_cap = high;
	for (guint i = 0, below = high - 1; i < MOST_PROOFS && e->proved < below; i++) { /* as close below it as a proof goes */
		cap = e->proved + (below - e->proved) / 2;
		if (cap == e->proved)
			break;
		if (!try_cap(e, cap, &reached, error))
			return FALSE;
		if (e->proved < cap)
			below = cap;
	}
	return TRUE;
}

/* What cap the present panels keep. */
static guint32
cap_kept(const Even *e, const Core *c)
{
	guint32 most = e->least_cap;

	for (guint32 r = 0; r < e->in->n_reviewers; r++)
		if (c->panels->load[r] > 0)
			most = MAX(most, c->panels->load[r] + (e->held ? e->held[r] : 0));
	return most;
}

/* Without a cap: the floor, and caps to begin with. */
static gboolean
find_value(Even *e, guint32 *out_kept, guint32 *out_widest, VeilMatch **out_match, GError **error)
{
	Capped t;
	gboolean ok = capped_begin(&t, e, G_MAXUINT32, error);

	if (ok && t.match->status != VEIL_MATCH_INFEASIBLE) {
		gint64 low = veil_match__smallest(e->in, &t.core);

		ok = veil_match__poorest(&t.core, &e->project, &e->most, e->open, error);
		for (guint32 u = 0; u < t.core.rules->n_units; u++)
			if (t.core.rules->units[u].demand > 0)
				e->least_cap = MAX(e->least_cap, t.core.rules->units[u].size);
		for (guint32 r = 0; r < e->in->n_reviewers && e->in->min_load != NULL; r++)
			e->least_cap = MAX(e->least_cap, e->in->min_load[r]);
		e->proved = MAX(e->least_cap, 1) - 1;
		if (ok && e->project != NOBODY) {
			ok = veil_match__find_floor(&t.core, t.floor, low, MAX(e->most, low), error);
			e->value = veil_match__shares_kept(&t.core) ? t.floor[e->project] : low;
			*out_kept = cap_kept(e, &t.core);
		}
		*out_widest = e->least_cap;
		for (guint32 r = 0; r < e->in->n_reviewers; r++)
			*out_widest = MAX(*out_widest, e->in->max_load[r] + (e->held ? e->held[r] : 0));
	} else if (ok) {
		*out_match = g_steal_pointer(&t.match);
	}
	capped_end(&t);
	return ok;
}

static void
forget_proof(Even *e)
{
	e->proved = e->least_cap - 1;
	memset(e->weight, 0, e->in->n_projects * sizeof *e->weight);
	memset(e->price, 0, e->in->n_reviewers * sizeof *e->price);
	memset(e->share_price, 0, e->in->n_shares * sizeof *e->share_price);
}

static gboolean
finish(Even *e, guint32 cap, VeilMatch **out_match, GError **error)
{
	Capped t;
	gboolean reached = FALSE, ok = capped_begin(&t, e, cap, error);

	if (ok && e->project != NOBODY)
		ok = veil_match__reach_floor(&t.core, t.floor, e->value, &reached, error);
	if (ok && reached && veil_match__shares_kept(&t.core))
		ok = veil_match__improve_floors(&t.core, error);
	ok = ok && veil_match__prove_fair(&t.core, &t.in, t.floor, t.match, e->project, e->most, e->open, error);
	if (ok && t.match->minimum < e->value) /* the total's assignment, where floors and shares were not kept together: what was proved is of more than that */
		forget_proof(e);
	if (ok) {
		t.match->even = TRUE;
		t.match->load_cap = e->project == NOBODY ? 0 : cap;
		t.match->load_cap_bound = e->project == NOBODY ? 0 : e->proved + 1;
		t.match->cap_weight = g_steal_pointer(&e->weight);
		t.match->cap_price = g_steal_pointer(&e->price);
		t.match->cap_share_price = g_steal_pointer(&e->share_price);
		if (t.match->load_cap != t.match->load_cap_bound)
			t.match->status = VEIL_MATCH_FEASIBLE;
		*out_match = g_steal_pointer(&t.match);
	}
	capped_end(&t);
	return ok;
}

VeilMatch *
veil_match__even(const VeilInstance *in, const guint32 *held, const guint32 *order, GError **error)
{
	Even e = {.in = in, .held = held, .order = order, .project = NOBODY, .open = g_array_new(TRUE, FALSE, sizeof(guint32))};
	VeilMatch *match = NULL;
	guint32 kept = 0, cap = 0;
	gboolean ok;

	e.weight = g_new0(gint64, (gsize)in->n_projects + 1);
	e.price = g_new0(gint64, (gsize)in->n_reviewers + 1);
	e.share_price = g_new0(gint64, (gsize)in->n_shares + 1);
	ok = find_value(&e, &kept, &cap, &match, error);
	if (ok && match == NULL && e.project != NOBODY)
		ok = find_cap(&e, kept, &cap, error);
	if (ok && match == NULL)
		finish(&e, cap, &match, error);
	g_array_unref(e.open);
	g_free(e.weight);
	g_free(e.price);
	g_free(e.share_price);
	return match;
}
