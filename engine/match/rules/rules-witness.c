/* rules-witness.c - why there is no assignment under panel rules.
 *
 * One unit without a legal panel is its own witness: whoever can find a best panel sees that there is none. For more, prices of 1 (or -1) on a
 * closed set of reviewers: with every score 0 the bound is negative, yet every assignment has 0. Where the minimum of one rule is the
 * whole reason a witness of that rule is given, which can be counted by hand.
 */
#include "rules/rules-private.h"

static void
add_open(const Rules *rules, const GArray *units, VeilMatch *match)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

	match->witness.complete = TRUE;
	for (guint i = 0; i < units->len; i++) {
		const Unit *unit = &rules->units[g_array_index(units, guint32, i)];

		if (!unit->cut)
			continue;
		match->witness.complete = FALSE;
		g_array_append_vals(open, rules->member + unit->first, unit->size);
	}
	match->n_open = open->len;
	match->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
}

static int
compare_u32(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

static void
set_projects(const Rules *rules, const GArray *units, VeilWitness *witness)
{
	GArray *projects = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint i = 0; i < units->len; i++) {
		const Unit *unit = &rules->units[g_array_index(units, guint32, i)];

		g_array_append_vals(projects, rules->member + unit->first, unit->size);
	}
	g_array_sort(projects, compare_u32);
	witness->n_projects = projects->len;
	witness->projects = (guint32 *)g_array_free(projects, FALSE);
}

/* One rule whose minimum this one project cannot meet. */
static gboolean
lone_rule(const Rules *rules, guint32 u, VeilMatch *match)
{
	const VeilInstance *in = rules->in;
	const Unit *unit = &rules->units[u];

	for (guint32 k = 0; k < unit->size; k++)
		for (guint32 b = 0; b < in->n_bounds; b++) {
			guint32 p = rules->member[unit->first + k], want = in->bounds[b].min ? in->bounds[b].min[p] : 0, n = 0;

			for (guint32 i = 0; i < unit->n && want > 0; i++)
				n += veil_bound_at(in, &in->bounds[b], in->offset[p] + i) != 0 && in->max_load[unit->reviewer[i]] > 0;
			if (n >= want)
				continue;
			match->witness.kind = VEIL_WITNESS_RULE;
			match->witness.rule = b;
			match->witness.short_by = want - n;
			match->witness.projects = g_memdup2(&p, sizeof p);
			match->witness.n_projects = 1;
			match->witness.reviewers = g_new(guint32, (gsize)unit->n + 1);
			for (guint32 i = 0; i < unit->n; i++) /* with nothing to give they count among the reviewers */
				if (veil_bound_at(in, &in->bounds[b], in->offset[p] + i) != 0 && in->max_load[unit->reviewer[i]] == 0)
					match->witness.reviewers[match->witness.n_reviewers++] = unit->reviewer[i];
			return TRUE;
		}
	return FALSE;
}

void
veil_match__panel_witness(const Rules *rules, guint32 u, VeilMatch *match)
{
	g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(guint32));

	match->status = VEIL_MATCH_INFEASIBLE;
	g_array_append_val(units, u);
	add_open(rules, units, match);
	if (lone_rule(rules, u, match))
		return;
	match->witness.kind = VEIL_WITNESS_PANEL;
	match->witness.short_by = 1;
	match->witness.reviewers = g_new0(guint32, 1);
	set_projects(rules, units, &match->witness);
}

/* Whom the rule counts: himself, or on some project. */
static guint8 *
counted_by(const VeilInstance *in, const VeilPanelBound *bound)
{
	guint8 *counted = g_malloc0((gsize)in->n_reviewers + 1);

	for (guint32 r = 0; bound->pairs == 0 && r < in->n_reviewers; r++)
		counted[r] = bound->label[r] != 0;
	for (guint64 i = 0; bound->pairs != 0 && i < in->offset[in->n_projects]; i++)
		counted[in->reviewer[i]] |= veil_bound_at(in, bound, i) != 0;
	return counted;
}

/* The minima of one rule against what its members give: those of the set their loads, others one each. */
static gboolean
rule_witness(const Core *c, VeilMatch *match)
{
	const Rules *rules = c->rules;
	const VeilInstance *in = rules->in;

	for (guint32 b = 0; b < in->n_bounds; b++) {
		g_autoptr(GArray) projects = g_array_new(FALSE, FALSE, sizeof(guint32)), reviewers = g_array_new(FALSE, FALSE, sizeof(guint32));
		g_autofree guint8 *counted = NULL;
		gint64 sum = 0;

		if (in->bounds[b].min == NULL)
			continue;
		counted = counted_by(in, &in->bounds[b]);
		for (guint32 r = 0; r < in->n_reviewers; r++)
			if (c->stuck[r] && counted[r]) {
				sum -= in->max_load[r];
				g_array_append_val(reviewers, r);
			}
		for (guint32 p = 0; p < in->n_projects; p++) {
			gint64 want = in->bounds[b].min[p];

			for (guint64 i = in->offset[p]; i < in->offset[p + 1] && want > 0; i++)
				want -= veil_bound_at(in, &in->bounds[b], i) != 0 && !c->stuck[in->reviewer[i]];
			if (want > 0) {
				sum += want;
				g_array_append_val(projects, p);
			}
		}
		if (sum <= 0)
			continue;
		match->witness.kind = VEIL_WITNESS_RULE;
		match->witness.rule = b;
		match->witness.short_by = (guint64)sum;
		match->witness.n_projects = projects->len;
		match->witness.n_reviewers = reviewers->len;
		match->witness.projects = (guint32 *)g_array_free(g_steal_pointer(&projects), FALSE);
		match->witness.reviewers = (guint32 *)g_array_free(g_steal_pointer(&reviewers), FALSE);
		return TRUE;
	}
	return FALSE;
}

gboolean
veil_match__stuck_witness(Core *c, VeilMatch *match, GError **error)
{
	const Rules *rules = c->rules;
	const VeilInstance *in = rules->in;
	gboolean full = c->outcome == OUTCOME_TOO_FULL;
	g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(guint32));
	Wide bound;

	match->status = VEIL_MATCH_INFEASIBLE;
	for (guint32 u = 0; u < rules->n_units; u++) {
		gboolean touches = !full;

		for (guint32 i = c->panels->seat_offset[u]; i < c->panels->seat_offset[u + 1] && !touches; i++)
			touches = c->stuck[seated(c->panels, i)];
		if (touches)
			g_array_append_val(units, u);
	}
	add_open(rules, units, match);
	if (full && rule_witness(c, match))
		return TRUE;
	match->witness.kind = VEIL_WITNESS_PRICES;
	match->witness.price = g_new0(gint64, (gsize)in->n_reviewers + 1);
	match->witness.reviewers = g_new(guint32, (gsize)in->n_reviewers + 1);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (c->stuck[r]) {
			match->witness.price[r] = full ? 1 : -1;
			match->witness.reviewers[match->witness.n_reviewers++] = r;
		}
	set_projects(rules, units, &match->witness);
	/* Only the listed candidates: dummies of cut lists would hide it, and `complete` says whether there are such lists. */
	for (guint32 u = 0; u < rules->n_units; u++)
		rules->units[u].cut = FALSE;
	if (!veil_match__rules_bound(rules, match->witness.price, NULL, TRUE, &bound, NULL, error))
		return FALSE;
	g_assert(bound < 0);
	match->witness.short_by = (guint64)-bound;
	return TRUE;
}
