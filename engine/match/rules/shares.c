/* shares.c - batch-wide shares: one price each, found by halving; where two neighbouring prices leave too many and too few places, panels change
 * over one by one until the share is just kept.
 */
#include <string.h>

#include "rules/rules-private.h"

static guint64
held(const Core *c, guint32 s)
{
	const VeilInstance *in = c->rules->in;
	guint64 sum = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		sum += in->shares[s].label[r] ? c->panels->load[r] : 0;
	return sum;
}

gboolean
veil_match__shares_kept(const Core *c)
{
	const VeilInstance *in = c->rules->in;

	for (guint32 s = 0; s < in->n_shares; s++) {
		guint64 n = held(c, s);

		if (n < in->shares[s].min_places || n > in->shares[s].max_places)
			return FALSE;
	}
	return TRUE;
}

static void
set_share_price(Core *c, guint32 s, gint64 price)
{
	const VeilInstance *in = c->rules->in;
	Panels *x = c->panels;

	if (x->share_part == NULL)
		x->share_part = g_new0(gint64, (gsize)in->n_reviewers + 1);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->shares[s].label[r]) {
			x->price[r] += price - c->share_price[s];
			x->share_part[r] += price - c->share_price[s];
		}
	c->share_price[s] = price;
	veil_match__prices_changed(x);
}

/* The rounds at this price; 1: too many places, -1: too few, 0: kept. */
static gboolean
try_price(Core *c, guint32 s, gint64 price, int *out_verdict, GError **error)
{
	const VeilBatchShare *share = &c->rules->in->shares[s];
	guint64 n;

	set_share_price(c, s, price);
	if (!veil_match__rounds(c, error))
		return FALSE;
	n = held(c, s);
	*out_verdict = n > share->max_places ? 1 : n < share->min_places ? -1 : 0;
	return TRUE;
}

static gint64
largest_price(const Core *c)
{
	gint64 most = 1;

	for (guint64 i = 0; i < c->rules->in->offset[c->rules->in->n_projects]; i++)
		most = MAX(most, ABS(c->rules->in->score[i]));
	return most * 8;
}

/* Panels change one by one from those of the price that keeps the share to those of its neighbour, as long as it is kept. */
static gboolean
change_over(Core *c, guint32 s, gint64 beyond, GError **error)
{
	const Rules *rules = c->rules;
	guint32 steps = 0;

	set_share_price(c, s, beyond);
	for (guint32 u = 0; u < rules->n_units && steps < 500; u++) {
		Question question = {.price = c->panels->price, .at_least = veil_match__panel_value(c->panels, u)};
		gint64 value;
		PanelAnswer answer = veil_match__panel(c->oracle, u, &question, &value, c->places);

		if (answer == PANEL_TOO_HARD)
			return veil_match__too_hard(rules, u, error);
		if (answer != PANEL_FOUND)
			continue;
		steps++;
		veil_match__panel_put(c->panels, u, c->places);
		if (!veil_match__settle(c, error))
			return FALSE;
		if (!veil_match__shares_kept(c))
			return TRUE;
		veil_match__keep_assignment(c);
	}
	return TRUE;
}

/* One share by its price, the others' as they are. */
static gboolean
find_price(Core *c, guint32 s, GError **error)
{
	gint64 limit = largest_price(c), kept = 0, broken = c->share_price[s], step;
	int verdict, side;

	if (!try_price(c, s, broken, &verdict, error))
		return FALSE;
	if (verdict == 0 && broken == 0)
		return TRUE;
	if (verdict == 0) { /* perhaps less will do */
		kept = broken;
		broken = 0;
		if (!try_price(c, s, 0, &verdict, error))
			return FALSE;
		if (verdict == 0)
			return TRUE;
		side = verdict;
	} else {
		side = verdict;
		for (step = MAX(limit / 512, 1); verdict == side; step *= 2) {
			broken = c->share_price[s];
			if (step > limit)
				return TRUE;
			if (!try_price(c, s, c->share_price[s] + side * step, &verdict, error))
				return FALSE;
		}
		kept = c->share_price[s];
	}
	while (ABS(kept - broken) > 1) {
		gint64 middle = broken + (kept - broken) / 2;

		if (!try_price(c, s, middle, &verdict, error))
			return FALSE;
		if (verdict == side)
			broken = middle;
		else
			kept = middle;
	}
	return try_price(c, s, kept, &verdict, error) && change_over(c, s, broken, error);
}

/* With every score 0 and a price of 1 on the share that is broken: a bound below 0 proves that it cannot be kept. */
static gboolean
share_witness(Core *c, const gint64 *z, gboolean complete, VeilMatch *match, GError **error)
{
	const VeilInstance *in = c->rules->in;
	g_autofree gint64 *zero = g_new0(gint64, (gsize)in->offset[in->n_projects] + 1), *price = g_new0(gint64, (gsize)in->n_reviewers + 1);
	VeilInstance bare = *in;
	g_autoptr(VeilMatch) least = NULL;
	Wide bound;

	/* Who counts for a share scores -z: the best total is the fewest, or most, places they can hold. */
	bare.score = zero;
	bare.n_shares = 0;
	bare.floor = NULL;
	bare.cut = NULL;
	for (guint32 s = 0; s < in->n_shares; s++)
		for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
			zero[i] -= in->shares[s].label[in->reviewer[i]] ? z[s] : 0;
	least = veil_match__total_with_rules(&bare, NULL, error);
	if (least == NULL)
		return FALSE;
	if (least->status == VEIL_MATCH_INFEASIBLE)
		return TRUE;
	memcpy(price, least->price, in->n_reviewers * sizeof *price);
	match->witness.share_price = g_memdup2(z, in->n_shares * sizeof *z);
	if (!veil_match__rules_bound(c->rules, price, match->witness.share_price, TRUE, &bound, NULL, error))
		return FALSE;
	if (bound >= 0) {
		g_clear_pointer(&match->witness.share_price, g_free);
		return TRUE;
	}
	match->status = VEIL_MATCH_INFEASIBLE;
	match->witness.kind = VEIL_WITNESS_PRICES;
	match->witness.price = g_steal_pointer(&price);
	match->witness.short_by = (guint64)-bound;
	match->witness.projects = g_new0(guint32, (gsize)in->n_projects + 1);
	for (guint32 p = 0; p < in->n_projects; p++)
		match->witness.projects[match->witness.n_projects++] = p;
	match->witness.reviewers = g_new0(guint32, (gsize)in->n_reviewers + 1);
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		gboolean counts = FALSE;

		for (guint32 s = 0; s < in->n_shares; s++)
			counts = counts || (z[s] != 0 && in->shares[s].label[r]);
		if (counts)
			match->witness.reviewers[match->witness.n_reviewers++] = r;
	}
	match->witness.complete = complete;
	if (!complete) {
		match->open = g_memdup2(match->witness.projects, sizeof(guint32) * ((gsize)in->n_projects + 1));
		match->n_open = in->n_projects;
	}
	return TRUE;
}

/* Each share that is not kept, by itself; then all that stand at a bound or beyond it, together. */
static gboolean
explain(Core *c, VeilMatch *match, GError **error)
{
	const VeilInstance *in = c->rules->in;
	g_autofree gint64 *one = g_new0(gint64, (gsize)in->n_shares + 1), *all = g_new0(gint64, (gsize)in->n_shares + 1);
	gboolean complete = TRUE;

	for (guint32 u = 0; u < c->rules->n_units; u++) {
		complete = complete && !c->rules->units[u].cut;
		c->rules->units[u].cut = FALSE;
	}
	for (guint32 s = 0; s < in->n_shares; s++) {
		guint64 n = held(c, s);

		all[s] = n >= in->shares[s].max_places ? 1 : n <= in->shares[s].min_places ? -1 : 0;
		if (n >= in->shares[s].min_places && n <= in->shares[s].max_places)
			continue;
		one[s] = n > in->shares[s].max_places ? 1 : -1;
		if (!share_witness(c, one, complete, match, error))
			return FALSE;
		if (match->status == VEIL_MATCH_INFEASIBLE)
			return TRUE;
		one[s] = 0;
	}
	if (!share_witness(c, all, complete, match, error))
		return FALSE;
	if (match->status == VEIL_MATCH_INFEASIBLE)
		return TRUE;
	c->outcome = OUTCOME_UNKNOWN;
	return FALSE;
}

gboolean
veil_match__settle_shares(Core *c, VeilMatch *match, GError **error)
{
	const VeilInstance *in = c->rules->in;

	if (c->has_best && veil_match__shares_kept(c))
		return TRUE;
	for (guint sweep = 0; sweep < 3; sweep++) {
		for (guint32 s = 0; s < in->n_shares; s++)
			if (!find_price(c, s, error))
				return FALSE;
		if (c->has_best)
			return TRUE;
	}
	return explain(c, match, error);
}
