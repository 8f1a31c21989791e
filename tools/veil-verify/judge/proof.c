/* proof.c - does the certificate prove its result? Methods total and fair, and why no assignment exists. */
#include <string.h>

#include "judge/judge.h"

static gboolean
same(Wide value, gint64 said)
{
	return fits_int64(value) && (gint64)value == said;
}

/* --- total and fair ----------------------------------------------------------------------------------------------- */

/* The worst-served project, and why no assignment serves its worst better: for weights w >= 0 that sum to a million,
 * smallest total <= weighted mean of the totals <= bound of the weighted scores. */
static gboolean
minimum_holds(const Instance *x, const Certificate *c, const GArray *places)
{
	g_autofree Wide *total = g_new0(Wide, x->projects->len + 1);
	Wide least = 0, weights = 0, bound = 0;
	gboolean any = FALSE;

	for (guint i = 0; i < places->len; i++)
		total[PLACE(places, i)->project] += PLACE(places, i)->score;
	for (guint p = 0; p < x->projects->len; p++) {
		if (c->min_weight[p] < 0 || c->min_weight[p] > MILLION || c->lambda[p] < 0 || c->lambda[p] > (gint64)1000 * MILLION)
			return verdict_reject("certificate: a weight of project %s is below 0 or beyond all measure", PROJECT(x, p)->id);
		if (c->min_weight[p] > 0 && PROJECT(x, p)->demand == 0)
			return verdict_reject("certificate: project %s has a weight and no places", PROJECT(x, p)->id);
		weights += c->min_weight[p];
		if (PROJECT(x, p)->demand == 0)
			continue;
		least = any ? MIN(least, total[p]) : total[p];
		any = TRUE;
	}
	if (!same(least, c->minimum))
		return verdict_reject("certificate: its minimum is not the total of the worst-served project");
	if (any && weights != MILLION)
		return verdict_reject("certificate: the weights of its minimum do not sum to a million");
	if (!dual_bound(x, &(Dual){.price = c->min_price, .share = c->min_share_price, .weight = c->min_weight}, &bound))
		return FALSE;
	bound = floor_div(bound, MILLION); /* totals are whole */
	if (!same(any ? bound : 0, c->minimum_bound))
		return verdict_reject("certificate: its weights and prices do not give the bound of its minimum");
	if (any && bound < least)
		return verdict_reject("certificate: the bound of its minimum is below the minimum");
	if (strcmp(c->status, "optimal") == 0 && any && bound != least)
		return verdict_reject("certificate: it says optimal, but its minimum is not proved to be the best");
	verdict_ok("minimum", "the worst-served project has %" G_GINT64_FORMAT " millionths, no legal assignment can give its worst more than %" G_GINT64_FORMAT,
		   c->minimum, c->minimum_bound);
	verdict_number("minimum", c->minimum);
	verdict_number("minimum_bound", c->minimum_bound);
	return TRUE;
}

gboolean
cap_asked_for(const Policy *policy, const Certificate *c)
{
	gboolean wanted = policy->equity && strcmp(c->method, "fair") == 0;

	if (wanted && c->cap_weight == NULL)
		return verdict_reject("certificate: the policy asks for equity of loads, and it has no cap on them");
	return wanted || c->cap_weight == NULL || verdict_reject("certificate: it has a cap on loads, and the policy asks for none");
}

/* The instance in which nobody takes more than the cap, all draws together. To be freed: reviewers. */
static void
cap_loads(const Instance *x, gint64 cap, Instance *out)
{
	*out = *x;
	out->reviewers = g_array_new(FALSE, FALSE, sizeof(Reviewer));
	for (guint32 r = 0; r < x->reviewers->len; r++) {
		Reviewer reviewer = *REVIEWER(x, r);

		reviewer.max_load = MIN(reviewer.max_load, MAX(cap - reviewer.held, 0));
		g_array_append_val(out->reviewers, reviewer);
	}
}

/* The largest minimum load, or the most projects that share one panel: somebody has as many. */
static gint64
least_cap(const Instance *x)
{
	g_autofree gint64 *size = g_new0(gint64, x->projects->len + 1);
	gint64 most = 0;

	for (guint32 p = 0; p < x->projects->len; p++) {
		size[PROJECT(x, p)->leader] += PROJECT(x, p)->demand > 0;
		most = MAX(most, size[PROJECT(x, p)->leader]);
	}
	for (guint32 r = 0; r < x->reviewers->len; r++)
		most = MAX(most, REVIEWER(x, r)->min_load);
	return most;
}

/* Below its bound no cap leaves everybody the minimum: for weights w >= 0, the sum of w times the minimum <= the weighted sum of the totals <= its bound by prices,
 * and these contradict each other under a cap of one less. */
static gboolean
cap_proved(const Instance *x, const Certificate *c)
{
	Instance capped;
	Wide wanted = 0, bound = 0;
	gint64 least = least_cap(x);
	gboolean any = FALSE, ok;

	for (guint p = 0; p < x->projects->len; p++) {
		if (c->cap_weight[p] < 0 || c->cap_weight[p] > (gint64)1000 * MILLION || (c->cap_weight[p] > 0 && PROJECT(x, p)->demand == 0))
			return verdict_reject("certificate: a weight of project %s in the proof of its cap is below 0, beyond all measure, or of no places", PROJECT(x, p)->id);
		wanted += (Wide)c->cap_weight[p] * c->minimum;
		any = any || c->cap_weight[p] != 0;
	}
	for (guint r = 0; r < x->reviewers->len; r++)
		any = any || c->cap_price[r] != 0;
	if (c->load_cap_bound < least || c->load_cap_bound > c->load_cap || c->load_cap > G_MAXINT32)
		return verdict_reject("certificate: the bound of its cap on loads is above the cap, or below what one panel or a minimum load takes");
	if (c->load_cap_bound == least)
		return !any || verdict_reject("certificate: its cap on loads needs no proof and has one");
	cap_loads(x, c->load_cap_bound - 1, &capped);
	ok = dual_bound(&capped, &(Dual){.price = c->cap_price, .share = c->cap_share_price, .weight = c->cap_weight}, &bound);
	g_array_unref(capped.reviewers);
	return ok && (bound < wanted || verdict_reject("certificate: its prices and weights do not show that a smaller cap on loads is impossible"));
}

/* *out: the instance under the cap. */
static gboolean
cap_holds(const Instance *x, const Certificate *c, const GArray *places, Instance *out)
{
	g_autofree gint64 *load = g_new0(gint64, x->reviewers->len + 1);
	gboolean ok = cap_proved(x, c);

	cap_loads(x, CLAMP(c->load_cap, 0, G_MAXINT32), out);
	for (guint i = 0; i < places->len; i++)
		load[PLACE(places, i)->reviewer]++;
	for (guint32 r = 0; ok && r < x->reviewers->len; r++)
		ok = load[r] <= REVIEWER(out, r)->max_load || verdict_reject("assignment: a reviewer has %" G_GINT64_FORMAT " projects, its cap on loads is %" G_GINT64_FORMAT,
									     load[r] + REVIEWER(x, r)->held, c->load_cap);
	if (ok && strcmp(c->status, "optimal") == 0 && c->load_cap != c->load_cap_bound)
		ok = verdict_reject("certificate: it says optimal, but its cap on loads is not proved to be the smallest");
	if (!ok)
		return FALSE;
	if (c->load_cap == c->load_cap_bound)
		verdict_ok("load-cap", "nobody has more than %" G_GINT64_FORMAT ": no smaller cap leaves every project this minimum", c->load_cap);
	else
		verdict_ok("load-cap", "nobody has more than %" G_GINT64_FORMAT "; no cap below %" G_GINT64_FORMAT " leaves every project this minimum",
			   c->load_cap, c->load_cap_bound);
	verdict_number("load_cap", c->load_cap);
	verdict_number("load_cap_bound", c->load_cap_bound);
	return TRUE;
}

static const char *
of_what(const Certificate *c)
{
	return c->cap_weight ? " of this minimum and cap" : c->lambda ? " of this minimum" : "";
}

static gboolean
total_holds(const Instance *x, const Certificate *c, const GArray *places)
{
	Wide objective = 0, bound = 0;

	if (!dual_bound(x, &(Dual){.price = c->price, .share = c->share_price, .lambda = c->lambda}, &bound))
		return FALSE;
	for (guint p = 0; c->lambda && p < x->projects->len; p++)
		bound -= PROJECT(x, p)->demand > 0 ? floor_div((Wide)c->lambda[p] * c->minimum, MILLION) : 0;
	for (guint i = 0; i < places->len; i++)
		objective += PLACE(places, i)->reserve ? 0 : PLACE(places, i)->score;
	if (!same(objective, c->objective))
		return verdict_reject("certificate: its objective is not the sum of the assignment's scores");
	if (!same(bound, c->bound))
		return verdict_reject("certificate: its prices do not give its bound");
	if (bound < objective)
		return verdict_reject("certificate: its bound is below its objective");
	if (strcmp(c->status, "optimal") == 0 && bound != objective)
		return verdict_reject("the prices leave a gap of %" G_GINT64_FORMAT " millionths: this assignment is not proved to be the best", (gint64)(bound - objective));
	if (bound == objective)
		verdict_ok("optimum", "objective %" G_GINT64_FORMAT " millionths = price bound over all allowed pairs: no legal assignment%s has a better total",
			   c->objective, of_what(c));
	else
		verdict_ok("bound", "objective %" G_GINT64_FORMAT " millionths, no legal assignment%s can have more than %" G_GINT64_FORMAT ": gap %" G_GINT64_FORMAT,
			   c->objective, of_what(c), c->bound, c->bound - c->objective);
	verdict_number("objective", c->objective);
	verdict_number("bound", c->bound);
	return TRUE;
}

gboolean
proof_total(const Instance *x, const Certificate *c, const GArray *places)
{
	Instance capped = {0};
	gboolean ok;

	if (c->lambda && !minimum_holds(x, c, places))
		return FALSE;
	if (c->cap_weight == NULL)
		return total_holds(x, c, places);
	ok = cap_holds(x, c, places, &capped) && total_holds(&capped, c, places);
	g_array_unref(capped.reviewers);
	return ok;
}

/* --- infeasible --------------------------------------------------------------------------------------------------- */

/* Whoever sits in a project of a team sits in all of them: may review each, and has a load for each. */
static gboolean
team_may_have(const Instance *x, guint32 p, guint32 r)
{
	gint64 size = 0;

	if (PROJECT(x, p)->team == NULL)
		return TRUE;
	for (guint32 q = PROJECT(x, p)->leader; q < x->projects->len; q++) {
		const Project *other = PROJECT(x, q);

		if (other->leader != PROJECT(x, p)->leader)
			continue;
		size++;
		if (project_bars(other, r) || (other->rest == REST_NONE && project_offer(other, r) == NULL))
			return FALSE;
	}
	return REVIEWER(x, r)->max_load >= size;
}

/* How many of the reviewers with in[r] == which project p may have together, at most: as many as the strictest of its rules leaves of them.
 * rule: all of those that it counts. */
static gint64
count_allowed(const Instance *x, guint32 p, const guint8 *in, guint8 which, const Bound *rule)
{
	const Project *project = PROJECT(x, p);
	g_autoptr(GArray) allowed = g_array_new(FALSE, FALSE, sizeof(guint32));
	gboolean listed = project->rest == REST_NONE;
	gint64 most;

	for (guint32 i = 0; i < (listed ? project->n_offers : x->reviewers->len); i++) {
		guint32 r = listed ? project->offer[i].reviewer : i;

		if (in[r] == which && (rule == NULL || bound_label(x, rule, p, r) != 0) && (listed || !project_bars(project, r)) && team_may_have(x, p, r))
			g_array_append_val(allowed, r);
	}
	most = allowed->len;
	for (guint b = 0; b < x->bounds->len && rule == NULL; b++) {
		const Bound *bound = &g_array_index(x->bounds, Bound, b);
		g_autoptr(GHashTable) held = g_hash_table_new(NULL, NULL);
		gint64 n = 0;

		for (guint i = 0; i < allowed->len && bound->max[p] != G_MAXINT64; i++) {
			gpointer value = GUINT_TO_POINTER(bound_label(x, bound, p, g_array_index(allowed, guint32, i)));
			gint64 before = GPOINTER_TO_UINT(g_hash_table_lookup(held, value));

			if (value != NULL && before >= bound->max[p])
				continue;
			n++;
			g_hash_table_insert(held, value, GUINT_TO_POINTER(before + 1));
		}
		most = bound->max[p] != G_MAXINT64 ? MIN(most, n) : most;
	}
	return most;
}

static gboolean
rule_holds(const Instance *x, const Witness *w, const Bound **out)
{
	for (guint b = 0; b < x->bounds->len; b++) {
		*out = &g_array_index(x->bounds, Bound, b);
		if (!(*out)->each && strcmp((*out)->rule->name, w->rule) == 0)
			return TRUE;
	}
	return verdict_reject("certificate: the witness names a rule %s that is not there", w->rule);
}

/* Without rules and teams, or with at most one of each value alone, a count shows neither more nor less than is missing. */
static gboolean
counts_exactly(const Instance *x)
{
	const PanelRule *rule = x->bounds->len > 0 ? g_array_index(x->bounds, Bound, 0).rule : NULL;

	if (instance_has_teams(x)) /* a witness of the instance without its teams holds, and is short of more: whoever has no room for a whole team is in none */
		return FALSE;
	return rule == NULL || (x->bounds->len == 1 && rule->value[0] == '\0' && rule->max == 1 && rule->max_share < 0 && MAX(rule->min, rule->min_share) <= 0 && !rule->odd &&
				(rule->classes == NULL || rule->classes[0] == NULL));
}

/*
 * places:  the projects P need the sum of their demands. The reviewers R give at most their maximum loads; everybody else who may review a project of P
 *          gives it one place, as far as its caps let them.
 * minimum: the reviewers R must get their minimum loads together. Each project gives them at most its demand, and no more than R has for it.
 * rule:    as places, for what one rule's minima need, of those that it counts.
 */
static gboolean
count_holds(const Instance *x, const Witness *w)
{
	const Bound *rule = NULL;
	Wide wanted = 0, given = 0, missing;

	if (w->kind == WITNESS_RULE && !rule_holds(x, w, &rule))
		return FALSE;
	for (guint32 r = 0; r < x->reviewers->len; r++) {
		if (w->reviewer_in[r] && rule && rule->label && rule->label[r] == 0)
			return verdict_reject("certificate: the witness names a reviewer whom its rule does not count");
		if (w->reviewer_in[r])
			*(w->kind == WITNESS_MINIMUM ? &wanted : &given) += w->kind == WITNESS_MINIMUM ? REVIEWER(x, r)->min_load : REVIEWER(x, r)->max_load;
	}
	for (guint32 p = 0; p < x->projects->len; p++) {
		if (w->kind == WITNESS_MINIMUM) {
			given += MIN(PROJECT(x, p)->demand, count_allowed(x, p, w->reviewer_in, 1, NULL));
		} else if (w->project_in[p]) {
			wanted += rule ? rule->min[p] : PROJECT(x, p)->demand;
			given += count_allowed(x, p, w->reviewer_in, 0, rule);
		}
	}
	missing = wanted - given;
	/* Exactly; but where other rules say how many may sit together, the count may show even more than was said. */
	if (w->short_by < 1 || missing < w->short_by || ((rule || counts_exactly(x)) && missing != w->short_by))
		return verdict_reject("certificate: the witness does not show what it says: counted again, %" G_GINT64_FORMAT " places are missing, it says %" G_GINT64_FORMAT,
				      fits_int64(missing) ? MAX((gint64)missing, 0) : 0, w->short_by);
	if (w->kind == WITNESS_RULE)
		verdict_ok("infeasible", "rule %s: the projects of the witness lack %" G_GINT64_FORMAT " reviewers that it counts, whoever is chosen", w->rule, w->short_by);
	else
		verdict_ok("infeasible", w->kind == WITNESS_MINIMUM ? "the reviewers of the witness cannot get their minimum loads: %" G_GINT64_FORMAT " places are missing, whoever is chosen"
								    : "the projects of the witness stay %" G_GINT64_FORMAT " places short, whoever is chosen", w->short_by);
	return TRUE;
}

static gboolean
panel_witness_holds(const Instance *x, const Witness *w)
{
	guint32 one = NONE;

	for (guint32 p = 0; p < x->projects->len; p++) {
		if (w->project_in[p] && one != NONE && PROJECT(x, one)->leader != PROJECT(x, p)->leader)
			return verdict_reject("certificate: its witness is of one panel and names several projects");
		one = w->project_in[p] ? p : one;
	}
	if (one == NONE || w->short_by != 1 || !panel_impossible(x, one))
		return verdict_reject("certificate: the witness does not show what it says: project %s has a legal panel, or none is known not to exist",
				      one == NONE ? "?" : PROJECT(x, one)->id);
	verdict_ok("infeasible", "project %s has no legal panel among all that it may have", PROJECT(x, one)->id);
	return TRUE;
}

/* Every assignment has the total 0 where scores count nothing; prices that bound it below 0 show that there is none. */
static gboolean
price_witness_holds(const Instance *x, const Witness *w)
{
	Wide bound = 0;

	if (!dual_bound(x, &(Dual){.price = w->price, .share = w->share_price, .blank = TRUE}, &bound))
		return FALSE;
	if (w->short_by < 1 || !same(-bound, w->short_by))
		return verdict_reject("certificate: the witness does not show what it says: its prices do not bound below 0 what every assignment has");
	verdict_ok("infeasible", "loads, shares and panel rules cannot all hold, whoever is chosen: priced, they lack %" G_GINT64_FORMAT " millionths", w->short_by);
	return TRUE;
}

gboolean
proof_infeasible(const Instance *x, const Witness *w)
{
	gboolean ok = w->kind == WITNESS_PANEL ? panel_witness_holds(x, w) : w->kind == WITNESS_PRICES ? price_witness_holds(x, w) : count_holds(x, w);

	if (ok)
		verdict_number("short_by", w->short_by);
	return ok;
}
