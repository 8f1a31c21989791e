/* odds-witness.c - why there are no odds.
 *
 * Whoever may take nobody counts among the reviewers of a witness of places, with nothing: he may be allowed although no list names him, and would otherwise be thought to give a place.
 *
 * A project alone: too few candidates for its places under the cap, or rules that its candidates cannot meet. Else the cut of the circulation (odds-flow.c): with plain rules it is
 * counted in places as in veil/match.h, every pair giving the cap at most; with nested rules it is said by prices, at which the bound with every score 0 is below 0.
 */
#include <string.h>

#include "odds/odds-solver.h"

static guint64
to_places(gint64 units)
{
	return ((guint64)units + VEIL_ODDS_WHOLE - 1) / VEIL_ODDS_WHOLE;
}

static gboolean
is_cut(const VeilInstance *in, guint32 p)
{
	return in->cut != NULL && in->cut[p] != VEIL_NO_CUT;
}

/* How much of the project's places its candidates cannot hold under caps and rules, in units; a minimum that cannot be met counts as well. */
static gint64
lone_shortage(const Odds *o, guint32 p, gint64 *most, gint64 *need)
{
	const OddsSet *sets = o->sets + o->first_set[p];
	guint32 n = (guint32)(o->first_set[p + 1] - o->first_set[p]);
	gint64 missing = 0;

	memset(most, 0, sizeof *most * n);
	memset(need, 0, sizeof *need * n);
	for (guint32 s = n; s-- > 0;) {
		gint64 lo = sets[s].lo / PARTS, hi = sets[s].hi / PARTS;

		most[s] = MIN(most[s] + (gint64)(sets[s].end - sets[s].begin) * o->cap[p], hi);
		need[s] = MAX(need[s], lo);
		missing = MAX(missing, MAX(lo - most[s], need[s] - hi));
		if (s > 0)
			most[sets[s].parent] += most[s], need[sets[s].parent] += need[s];
	}
	return missing;
}

/* What the members of a rule that wants some cannot give; a rule without any member forms no set. */
static gint64
minimum_shortage(const VeilInstance *in, gint64 cap, guint32 p)
{
	gint64 missing = 0;

	for (guint32 b = 0; b < in->n_bounds; b++) {
		const VeilPanelBound *bound = &in->bounds[b];
		gint64 given = 0;

		if (bound->each || bound->min == NULL || bound->min[p] == 0)
			continue;
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			given += veil_bound_at(in, bound, i) != 0 && in->max_load[in->reviewer[i]] > 0 ? cap : 0;
		missing = MAX(missing, (gint64)bound->min[p] * VEIL_ODDS_WHOLE - given);
	}
	return missing;
}

/* What is missing by the number of candidates alone. */
static gint64
plain_shortage(const Odds *o, guint32 p)
{
	const VeilInstance *in = o->in;
	gint64 missing = (gint64)o->places[p] * VEIL_ODDS_WHOLE;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		missing -= in->max_load[in->reviewer[i]] > 0 ? o->cap[p] : 0;
	return missing;
}

/* Project p alone lacks so many units; open: every project of which that is so and whose list is cut. */
static void
lacks(const VeilInstance *in, guint32 p, VeilWitnessKind kind, gint64 missing, VeilOdds *odds, GArray *open)
{
	VeilWitness *w = &odds->witness;

	if (is_cut(in, p))
		g_array_append_val(open, p);
	if (w->n_projects > 0)
		return;
	odds->status = VEIL_MATCH_INFEASIBLE;
	w->projects = g_memdup2(&p, sizeof p);
	w->n_projects = 1;
	w->reviewers = g_new(guint32, (gsize)in->n_reviewers + 1);
	w->kind = kind;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->max_load[r] == 0)
			w->reviewers[w->n_reviewers++] = r;
	w->short_by = to_places(missing);
	w->complete = !is_cut(in, p);
}

static gboolean
lone_found(VeilOdds *odds, GArray *open)
{
	g_free(odds->open);
	odds->n_open = open->len;
	odds->open = (guint32 *)g_array_free(open, FALSE);
	return odds->witness.n_projects > 0;
}

/* A reviewer whose minimum load is more than all projects that list him may give him. What prices would take long to say: his falls without end. */
static gboolean
lone_reviewer(const VeilInstance *in, VeilOdds *odds)
{
	g_autofree gint64 *most = g_new0(gint64, (gsize)in->n_reviewers + 1);
	VeilWitness *w = &odds->witness;
	guint32 lonely = G_MAXUINT32;

	if (in->min_load == NULL)
		return FALSE;
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			most[in->reviewer[i]] += MIN((gint64)odds->cap[p], (gint64)odds->places[p] * VEIL_ODDS_WHOLE);
	for (guint32 r = 0; r < in->n_reviewers && lonely == G_MAXUINT32; r++)
		lonely = most[r] < (gint64)in->min_load[r] * VEIL_ODDS_WHOLE ? r : lonely;
	if (lonely == G_MAXUINT32)
		return FALSE;
	odds->status = VEIL_MATCH_INFEASIBLE;
	w->minimum = w->complete = TRUE;
	w->kind = VEIL_WITNESS_PLAIN;
	w->short_by = to_places((gint64)in->min_load[lonely] * VEIL_ODDS_WHOLE - most[lonely]);
	w->reviewers = g_memdup2(&lonely, sizeof lonely);
	w->n_reviewers = 1;
	w->projects = g_new(guint32, (gsize)in->n_projects + 1);
	g_free(odds->open);
	odds->open = g_new(guint32, (gsize)in->n_projects + 1);
	odds->n_open = 0;
	for (guint32 p = 0; p < in->n_projects; p++) {
		gboolean listed = FALSE;

		for (guint64 i = in->offset[p]; i < in->offset[p + 1] && !listed; i++)
			listed = in->reviewer[i] == lonely;
		if (listed)
			w->projects[w->n_projects++] = p;
		else if (is_cut(in, p)) /* a longer list might have him */
			odds->open[odds->n_open++] = p;
	}
	w->complete = odds->n_open == 0;
	return TRUE;
}

gboolean
veil_odds__lone_witness(const Odds *o, VeilOdds *odds)
{
	const VeilInstance *in = o->in;
	GArray *open = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint64 longest = 1;

	for (guint32 p = 0; p < in->n_projects; p++)
		longest = MAX(longest, o->first_set[p + 1] - o->first_set[p]);
	g_autofree gint64 *most = g_new(gint64, longest), *need = g_new(gint64, longest);

	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 minimum = minimum_shortage(in, o->cap[p], p), missing = o->places[p] == 0 ? 0 : MAX(lone_shortage(o, p, most, need), minimum);
		gboolean plain = o->first_set[p + 1] - o->first_set[p] == 1 && minimum <= 0 && plain_shortage(o, p) == missing;

		if (missing > 0)
			lacks(in, p, plain ? VEIL_WITNESS_PLAIN : VEIL_WITNESS_PANEL, missing, odds, open);
	}
	if (lone_found(odds, open))
		return TRUE;
	return lone_reviewer(in, odds);
}

gboolean
veil_odds__minimum_witness(const VeilInstance *in, VeilOdds *odds)
{
	GArray *open = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 missing = odds->places[p] == 0 ? 0 : minimum_shortage(in, odds->cap[p], p);

		if (missing > 0)
			lacks(in, p, VEIL_WITNESS_PANEL, missing, odds, open);
	}
	if (odds->witness.n_projects > 0)
		return lone_found(odds, open);
	g_array_unref(open);
	return FALSE;
}

/* Listed pairs of p with the marked reviewers, or with all others. */
static gint64
count(const VeilInstance *in, guint32 p, const gint8 *price, gboolean marked)
{
	gint64 n = 0;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		n += (price[in->reviewer[i]] != 0) == marked && in->max_load[in->reviewer[i]] > 0;
	return n;
}

static void
plain_witness(const Odds *o, const gint8 *price, const guint8 *is_short, VeilWitness *w)
{
	const VeilInstance *in = o->in;
	gint64 wanted = 0, given = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		w->minimum = w->minimum || price[r] < 0;
	w->n_reviewers = 0;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->max_load[r] == 0 ? !w->minimum : price[r] != 0) /* who may take nobody has no minimum, and a project that lists him gives him nothing */
			w->reviewers[w->n_reviewers++] = r;
	for (guint32 i = 0; i < w->n_reviewers; i++) {
		guint32 r = w->reviewers[i];

		wanted += price[r] < 0 ? (gint64)in->min_load[r] * VEIL_ODDS_WHOLE : 0;
		given += price[r] > 0 ? (gint64)in->max_load[r] * VEIL_ODDS_WHOLE : 0;
	}
	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 places = (gint64)o->places[p] * VEIL_ODDS_WHOLE, n = count(in, p, price, w->minimum);

		if (w->minimum ? n == 0 : !is_short[p])
			continue;
		w->projects[w->n_projects++] = p;
		wanted += w->minimum ? 0 : places;
		given += w->minimum ? MIN(places, n * o->cap[p]) : n * o->cap[p];
	}
	w->short_by = to_places(wanted - given);
}

static void
price_witness(const Odds *o, const gint8 *price, VeilWitness *w)
{
	const VeilInstance *in = o->in;
	g_autoptr(GArray) projects = g_array_new(FALSE, FALSE, sizeof(guint32));
	__int128 value;

	w->kind = VEIL_WITNESS_PRICES;
	w->price = g_new(gint64, (gsize)in->n_reviewers + 1);
	w->share_price = g_new0(gint64, 1);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		w->price[r] = in->max_load[r] == 0 ? 1 : price[r]; /* costs nothing, and keeps out whoever may take nothing */
	value = veil_odds__value(in, o->places, o->cap, w->price, TRUE, projects);
	w->short_by = to_places((gint64)-value);
	w->n_projects = projects->len;
	if (projects->len > 0)
		memcpy(w->projects, projects->data, sizeof *w->projects * projects->len);
}

void
veil_odds__witness(const Odds *o, const gint8 *price, const guint8 *is_short, VeilOdds *odds)
{
	const VeilInstance *in = o->in;
	VeilWitness *w = &odds->witness;
	gboolean nested = o->first_set[in->n_projects] > in->n_projects;

	odds->status = VEIL_MATCH_INFEASIBLE;
	w->projects = g_new(guint32, (gsize)in->n_projects + 1);
	w->reviewers = g_new(guint32, (gsize)in->n_reviewers + 1);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (price[r] != 0)
			w->reviewers[w->n_reviewers++] = r;
	if (nested)
		price_witness(o, price, w);
	else
		plain_witness(o, price, is_short, w);
	g_clear_pointer(&odds->open, g_free);
	odds->open = g_new(guint32, (gsize)w->n_projects + 1);
	odds->n_open = 0;
	for (guint32 i = 0; i < w->n_projects; i++)
		if (is_cut(o->in, w->projects[i]))
			odds->open[odds->n_open++] = w->projects[i];
	w->complete = odds->n_open == 0;
}
