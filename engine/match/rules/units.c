/* units.c - from an instance with panel rules to units, types and bounds: done once, so that the searches look nothing up. */
#include <string.h>

#include "rules/rules.h"

#define MAX_WEIGHT G_GINT64_CONSTANT(1000000000) /* a floor's weight: at most a thousand times the score */

guint32
veil_bound_of(const VeilInstance *in, const VeilPanelBound *bound, guint32 p, guint32 reviewer)
{
	guint64 low = in->offset[p], high = in->offset[p + 1];

	if (bound->pairs == 0)
		return bound->label[reviewer];
	while (low < high) {
		guint64 middle = low + (high - low) / 2;

		if (in->reviewer[middle] < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < in->offset[p + 1] && in->reviewer[low] == reviewer && veil_bound_at(in, bound, low);
}

gboolean
veil_match__has_rules(const VeilInstance *in)
{
	return in->n_bounds > 0 || in->n_shares > 0 || in->team != NULL || in->floor != NULL;
}

static gboolean
bad_rule(GError **error, const char *what, guint32 n)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: %s (number %u)", what, n);
	return FALSE;
}

static gboolean
check_bounds(const VeilInstance *in, GError **error)
{
	guint32 n_counted = 0;

	for (guint32 b = 0; b < in->n_bounds; b++) {
		const VeilPanelBound *bound = &in->bounds[b];

		if ((bound->label == NULL) != (bound->pairs != 0) || (bound->each && (bound->min != NULL || bound->pairs != 0)))
			return bad_rule(error, "a panel rule lacks its labels, or asks for a minimum of each value", b);
		n_counted += !bound->each;
	}
	if (n_counted > 32)
		return bad_rule(error, "more than 32 panel rules that count a class", n_counted);
	for (guint32 s = 0; s < in->n_shares; s++)
		if (in->shares[s].label == NULL || in->shares[s].min_places > in->shares[s].max_places || in->shares[s].max_places > G_MAXINT32)
			return bad_rule(error, "a share lacks its labels or its bounds are out of range", s);
	return TRUE;
}

/* Projects of one team: the same demand and candidates as the first of the team. */
static gboolean
check_teams(const VeilInstance *in, GError **error)
{
	g_autoptr(GHashTable) first = g_hash_table_new(g_direct_hash, g_direct_equal);

	for (guint32 p = 0; in->team != NULL && p < in->n_projects; p++) {
		guint32 q;
		guint64 n = in->offset[p + 1] - in->offset[p];

		if (in->team[p] == 0)
			continue;
		q = GPOINTER_TO_UINT(g_hash_table_lookup(first, GUINT_TO_POINTER(in->team[p])));
		if (q == 0) {
			g_hash_table_insert(first, GUINT_TO_POINTER(in->team[p]), GUINT_TO_POINTER(p + 1));
			continue;
		}
		q--;
		if (in->demand[p] != in->demand[q] || n != in->offset[q + 1] - in->offset[q] ||
		    (in->cut != NULL && (in->cut[p] == VEIL_NO_CUT) != (in->cut[q] == VEIL_NO_CUT)) ||
		    (n > 0 && memcmp(in->reviewer + in->offset[p], in->reviewer + in->offset[q], n * sizeof(guint32)) != 0) ||
		    (n > 0 && in->mark != NULL && memcmp(in->mark + in->offset[p], in->mark + in->offset[q], n) != 0))
			return bad_rule(error, "a project of a team differs from the others in demand, candidates or their marks", p);
	}
	return TRUE;
}

gboolean
veil_match__rules_check(const VeilInstance *in, GError **error)
{
	gint64 most = 1, range = 0;

	if (!check_bounds(in, error) || !check_teams(in, error))
		return FALSE;
	for (guint32 p = 0; p < in->n_projects; p++) {
		if (in->floor != NULL && (in->floor[p] > VEIL_MAX_SCORE * 1000 || in->floor[p] < -VEIL_MAX_SCORE * 1000))
			return bad_rule(error, "a floor is out of range", p);
		most = MAX(most, (gint64)in->demand[p]);
	}
	for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
		range = MAX(range, ABS(in->score[i]));
	/* The best of a panel is compared as one sum of 64 bits, at prices that are sums along chains. */
	if ((Wide)range * most * 16 * ((Wide)MIN(in->n_projects, in->n_reviewers) + 2) > G_MAXINT64 / 4) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: scores too large for so many projects with panel rules: sums may not fit 64 bits");
		return FALSE;
	}
	return TRUE;
}

/* --- types ------------------------------------------------------------------------------------------------------- */

static gboolean
two_of_a_group(const VeilInstance *in)
{
	return in->group != NULL;
}

/* The number of this mask among those known so far. */
static guint32
number_of(guint32 mask, GHashTable *known, GArray *masks)
{
	gpointer number;

	if (!g_hash_table_lookup_extended(known, GUINT_TO_POINTER(mask), NULL, &number)) {
		number = GUINT_TO_POINTER(masks->len);
		g_hash_table_insert(known, GUINT_TO_POINTER(mask), number);
		g_array_append_val(masks, mask);
	}
	return GPOINTER_TO_UINT(number);
}

/* Where rules count pairs: what a mark adds to a reviewer's type, for the combinations that are listed. */
static void
make_marked_types(Rules *x, GArray **masks)
{
	const VeilInstance *in = x->in;
	g_autoptr(GHashTable) known = g_hash_table_new(g_direct_hash, g_direct_equal);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(guint32));
	gsize n = (gsize)(*masks)->len << 8;

	x->marked_type = g_new(guint32, n + 1);
	memset(x->marked_type, 0xff, n * sizeof *x->marked_type);
	for (guint64 i = 0; i < in->offset[in->n_projects]; i++) {
		guint32 base = x->type[in->reviewer[i]], mask, bit = 0, *type;

		if (base == NOBODY || *(type = &x->marked_type[(gsize)base << 8 | in->mark[i]]) != NOBODY)
			continue;
		mask = g_array_index(*masks, guint32, base);
		for (guint32 b = 0; b < in->n_bounds; b++)
			if (!in->bounds[b].each)
				mask |= (guint32)((in->mark[i] & in->bounds[b].pairs) != 0) << bit++;
		*type = number_of(mask, known, all);
	}
	g_array_unref(*masks);
	*masks = all;
}

static void
make_types(Rules *x)
{
	const VeilInstance *in = x->in;
	g_autoptr(GHashTable) known = g_hash_table_new(g_direct_hash, g_direct_equal);
	GArray *masks = g_array_new(FALSE, FALSE, sizeof(guint32));
	gboolean pairs = FALSE;
	guint32 e = 0;

	x->type = g_new(guint32, (gsize)in->n_reviewers + 1);
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		guint32 mask = 0, bit = 0;

		x->type[r] = NOBODY;
		if (in->max_load[r] == 0)
			continue;
		for (guint32 b = 0; b < in->n_bounds; b++)
			if (!in->bounds[b].each)
				mask |= (guint32)(in->bounds[b].pairs == 0 && in->bounds[b].label[r] != 0) << bit++;
		x->type[r] = number_of(mask, known, masks);
	}
	for (guint32 b = 0; b < in->n_bounds; b++)
		pairs |= in->bounds[b].pairs != 0;
	if (pairs && in->mark != NULL)
		make_marked_types(x, &masks);
	x->n_types = masks->len;
	x->mask = (guint32 *)g_array_free(masks, FALSE);
	x->value = g_new(const guint32 *, (gsize)x->n_each + 1);
	if (two_of_a_group(in))
		x->value[e++] = in->group;
	for (guint32 b = 0; b < in->n_bounds; b++)
		if (in->bounds[b].each)
			x->value[e++] = in->bounds[b].label;
}

/* --- units ------------------------------------------------------------------------------------------------------- */

/* (1000000 + l) score / 1000000 rounded up; with only_weight l score. */
static gint64
weighted(gint64 score, gint64 weight, gboolean only_weight)
{
	Wide product;

	if (only_weight)
		return score * weight;
	if (weight == 0)
		return score;
	product = (Wide)score * weight;
	return score + (gint64)(product >= 0 ? (product + 999999) / 1000000 : -(-product / 1000000));
}

static gboolean
fill_scores(Rules *x, Unit *unit, const gint64 *weight, gboolean only_weight, GError **error)
{
	const VeilInstance *in = x->in;

	unit->cut = in->cut != NULL && in->cut[x->member[unit->first]] != VEIL_NO_CUT;
	if (unit->size > 1 || weight != NULL)
		unit->own_score = g_new0(gint64, (gsize)unit->n + 1);
	else
		unit->score = in->score + in->offset[x->member[unit->first]];
	for (guint32 k = 0; k < unit->size; k++) {
		guint32 p = x->member[unit->first + k];
		gint64 w = weight ? weight[p] : 0;
		const gint64 *score = in->score + in->offset[p];

		if (w < 0 || w > MAX_WEIGHT)
			return bad_rule(error, "a weight is out of range", p);
		for (guint32 i = 0; unit->own_score != NULL && i < unit->n; i++)
			unit->own_score[i] += weighted(score[i], w, only_weight);
		if (unit->cut)
			unit->cut_score += weighted(in->cut[p], w, only_weight);
	}
	if (unit->own_score != NULL)
		unit->score = unit->own_score;
	return TRUE;
}

void
veil_match__unit_reweigh(Rules *x, guint32 u, gint64 weight)
{
	const VeilInstance *in = x->in;
	Unit *unit = &x->units[u];

	if (unit->own_score == NULL)
		unit->own_score = g_new(gint64, (gsize)unit->n + 1);
	memset(unit->own_score, 0, unit->n * sizeof *unit->own_score);
	unit->cut_score = 0;
	for (guint32 k = 0; k < unit->size; k++) {
		guint32 p = x->member[unit->first + k];
		const gint64 *score = in->score + in->offset[p];

		for (guint32 i = 0; i < unit->n; i++)
			unit->own_score[i] += weighted(score[i], weight, FALSE);
		if (unit->cut)
			unit->cut_score += weighted(in->cut[p], weight, FALSE);
	}
	unit->score = unit->own_score;
}

static void
fill_bounds(Rules *x, guint32 u)
{
	const VeilInstance *in = x->in;
	const Unit *unit = &x->units[u];
	guint32 *min = x->min + (gsize)u * x->n_counted, *max = x->max + (gsize)u * x->n_counted, *cap = x->cap + (gsize)u * x->n_each;
	guint32 c = 0, e = 0;

	if (two_of_a_group(in))
		cap[e++] = 1;
	for (guint32 b = 0; b < in->n_bounds; b++) {
		guint32 low = 0, high = G_MAXUINT32;

		for (guint32 k = 0; k < unit->size; k++) {
			guint32 p = x->member[unit->first + k];

			low = MAX(low, in->bounds[b].min ? in->bounds[b].min[p] : 0);
			high = MIN(high, in->bounds[b].max ? in->bounds[b].max[p] : G_MAXUINT32);
		}
		if (in->bounds[b].each) {
			cap[e++] = high;
		} else {
			min[c] = low;
			max[c++] = high;
		}
	}
}

static void
make_units(Rules *x)
{
	const VeilInstance *in = x->in;
	g_autoptr(GHashTable) known = g_hash_table_new(g_direct_hash, g_direct_equal);
	g_autofree guint32 *filled = NULL;
	guint32 n = 0, first = 0;

	x->unit_of = g_new(guint32, (gsize)in->n_projects + 1);
	x->member = g_new(guint32, (gsize)in->n_projects + 1);
	x->units = g_new0(Unit, (gsize)in->n_projects + 1);
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 team = in->team ? in->team[p] : 0, u = n;
		gpointer number;

		if (team != 0 && g_hash_table_lookup_extended(known, GUINT_TO_POINTER(team), NULL, &number))
			u = GPOINTER_TO_UINT(number);
		else
			n++;
		if (u == n - 1 && x->units[u].size == 0) {
			x->units[u].demand = in->demand[p];
			x->units[u].n = (guint32)(in->offset[p + 1] - in->offset[p]);
			x->units[u].reviewer = in->reviewer + in->offset[p];
			x->units[u].mark = x->marked_type != NULL ? in->mark + in->offset[p] : NULL;
			if (team != 0)
				g_hash_table_insert(known, GUINT_TO_POINTER(team), GUINT_TO_POINTER(u));
		}
		x->units[u].size++;
		x->unit_of[p] = u;
		x->most = MAX(x->most, in->demand[p]);
	}
	x->n_units = n;
	filled = g_new0(guint32, (gsize)n + 1);
	for (guint32 u = 0; u < n; u++) {
		x->units[u].first = first;
		first += x->units[u].size;
	}
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 u = x->unit_of[p];

		x->member[x->units[u].first + filled[u]++] = p;
	}
}

Rules *
veil_match__rules_new(const VeilInstance *in, const guint32 *order, const gint64 *weight, gboolean only_weight, GError **error)
{
	g_autoptr(Rules) x = g_new0(Rules, 1);

	x->in = in;
	x->order = order;
	x->n_each = two_of_a_group(in);
	for (guint32 b = 0; b < in->n_bounds; b++) {
		x->n_each += in->bounds[b].each;
		x->n_counted += !in->bounds[b].each;
	}
	make_types(x);
	make_units(x);
	x->min = g_new0(guint32, (gsize)x->n_units * x->n_counted + 1);
	x->max = g_new0(guint32, (gsize)x->n_units * x->n_counted + 1);
	x->cap = g_new0(guint32, (gsize)x->n_units * x->n_each + 1);
	for (guint32 u = 0; u < x->n_units; u++) {
		fill_bounds(x, u);
		if (!fill_scores(x, &x->units[u], weight, only_weight, error))
			return NULL;
	}
	return g_steal_pointer(&x);
}

void
veil_match__rules_free(Rules *x)
{
	if (x == NULL)
		return;
	for (guint32 u = 0; x->units != NULL && u < x->n_units; u++)
		g_free(x->units[u].own_score);
	g_free(x->units);
	g_free(x->mask);
	g_free(x->type);
	g_free(x->marked_type);
	g_free((gpointer)x->value);
	g_free(x->min);
	g_free(x->max);
	g_free(x->cap);
	g_free(x->member);
	g_free(x->unit_of);
	g_free(x);
}
