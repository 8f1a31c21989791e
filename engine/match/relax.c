/* relax.c - the cheapest changes that would make an infeasible instance feasible.
 *
 * Everything here is a maximum flow (flow.c). If it lacks D places, every way out by loads costs D units of load, and every way out by fewer places D
 * places: a flow that fills all but D fills the rest as soon as somebody may take more. Which loads are raised is a choice; that of the reviewer whom
 * most of the projects that share the want list, one after the other, so that few people need to be asked (how few at best is a covering problem, and
 * nobody claims to have solved it). Minimum loads are the same question with the sides exchanged (Turned).
 */
#include <string.h>

#include "flow.h"

enum { MAX_ASKED = 64, MAX_STEPS = 64 };

typedef struct {
	const VeilInstance *in;
	const VeilWitness *witness;
	GArray *found;
	guint64 places, loads; /* what is lacking of either */
	gboolean minima;       /* somebody has a minimum load */
	gboolean plain;	       /* no rules that flows do not see */
} Relax;

static void
relaxation_clear(gpointer data)
{
	VeilRelaxation *x = data;

	g_free(x->who);
	g_free(x->by);
}

/* by: of each of n, 0 for those that are not concerned; NULL for none. */
static void
add(Relax *x, VeilRelaxationKind kind, const guint32 *by, guint32 n, guint32 load, gboolean exact)
{
	VeilRelaxation found = {.kind = kind, .load = load, .exact = exact && x->plain};

	for (guint32 i = 0; by != NULL && i < n; i++)
		found.n += by[i] > 0;
	found.who = g_new(guint32, (gsize)found.n + 1);
	found.by = g_new(guint32, (gsize)found.n + 1);
	for (guint32 i = 0, k = 0; by != NULL && i < n; i++)
		if (by[i] > 0) {
			found.who[k] = i;
			found.by[k++] = by[i];
			found.units += by[i];
		}
	g_array_append_val(x->found, found);
}

static guint64
lacking(const Flow *flow)
{
	guint64 n = 0;

	for (guint32 p = 0; p < flow->in->n_projects; p++)
		n += flow->in->demand[p] - flow->filled[p];
	return n;
}

static guint32 *
listings(const VeilInstance *in)
{
	guint32 *n = g_new0(guint32, (gsize)in->n_reviewers + 1);

	for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
		n[in->reviewer[i]]++;
	return n;
}

/* Whom most of the projects that share the want list but do not have; G_MAXUINT32: nobody who could take more. */
static guint32
most_wanted(const Flow *flow, const guint32 *listed)
{
	const VeilInstance *in = flow->in;
	g_autofree guint32 *wanted = g_new0(guint32, (gsize)in->n_reviewers + 1);
	guint32 best = G_MAXUINT32;

	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; flow->touched[p] != 0 && i < in->offset[p + 1]; i++)
			wanted[in->reviewer[i]]++;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (flow->mark[r] != 0 && flow->capacity[r] > 0 && flow->capacity[r] < listed[r] && (best == G_MAXUINT32 || wanted[r] > wanted[best]))
			best = r;
	return best;
}

/* flow: filled as far as can be at the maxima. */
static void
relax_raise(Relax *x, Flow *flow)
{
	const VeilInstance *in = x->in;
	g_autofree guint32 *listed = listings(in), *by = g_new0(guint32, (gsize)in->n_reviewers + 1);
	guint64 empty = lacking(flow);

	for (guint32 p = 0; p < in->n_projects; p++)
		if (in->demand[p] > flow->demand[p])
			return; /* more than the list is long: no load can help */
	for (guint32 asked = 0; empty > 0; asked++) {
		guint32 r = most_wanted(flow, listed);

		if (r == G_MAXUINT32)
			return; /* their lists are too short: no load can help */
		flow->capacity[r] = listed[r];
		for (guint32 q = 0; asked >= MAX_ASKED && q < in->n_reviewers; q++) /* more than a person would ask one by one */
			flow->capacity[q] = flow->capacity[q] > 0 ? MAX(flow->capacity[q], listed[q]) : 0;
		veil_match__flow_fill(flow);
		empty = lacking(flow);
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		by[r] = flow->load[r] > in->max_load[r] ? flow->load[r] - in->max_load[r] : 0;
	add(x, VEIL_RELAX_RAISE, by, in->n_reviewers, 0, x->loads == 0);
}

/* With nobody's maximum below load; what stays empty. */
static guint64
empty_at(Flow *flow, guint32 load)
{
	for (guint32 r = 0; r < flow->in->n_reviewers; r++)
		if (flow->capacity[r] > 0)
			flow->capacity[r] = MAX(flow->capacity[r], load);
	veil_match__flow_fill(flow);
	return lacking(flow);
}

static gboolean
relax_max_load(Relax *x, GError **error)
{
	const VeilInstance *in = x->in;
	g_autoptr(Flow) flow = veil_match__flow_new(in, error);
	guint32 least = G_MAXUINT32, low, high;

	if (flow == NULL)
		return FALSE;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->max_load[r] > 0)
			least = MIN(least, in->max_load[r]);
	if (least >= in->n_projects)
		return TRUE;
	/* One more each time: what is filled stays filled. Beyond some dozens steps, by halves. */
	for (low = least; low < in->n_projects && low - least < MAX_STEPS; low++)
		if (empty_at(flow, low + 1) == 0) {
			add(x, VEIL_RELAX_MAX_LOAD, NULL, 0, low + 1, x->loads == 0);
			return TRUE;
		}
	high = in->n_projects;
	if (low >= high || empty_at(flow, high) > 0)
		return TRUE;
	while (low + 1 < high) {
		guint32 middle = low + (high - low) / 2;
		g_autoptr(Flow) again = veil_match__flow_new(in, error);

		if (again == NULL)
			return FALSE;
		if (empty_at(again, middle) == 0)
			high = middle;
		else
			low = middle;
	}
	add(x, VEIL_RELAX_MAX_LOAD, NULL, 0, high, x->loads == 0);
	return TRUE;
}

/* What minimum loads lack when projects have these demands and nobody's minimum is above limit; by (nullable): by reviewer. */
static guint64
loads_lacking(const VeilInstance *in, const guint32 *demand, guint32 limit, guint32 *by, GError **error)
{
	g_autoptr(Turned) turned = veil_match__turned_new(in);
	g_autofree guint32 *minimum = g_new0(guint32, (gsize)in->n_reviewers + 1);
	g_autoptr(Flow) flow = NULL;
	guint64 n = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		minimum[r] = MIN(in->min_load[r], limit);
	turned->in.demand = minimum;
	turned->in.max_load = demand;
	flow = veil_match__flow_new(&turned->in, error);
	if (flow == NULL)
		return G_MAXUINT64;
	veil_match__flow_fill(flow);
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		if (by != NULL)
			by[r] = minimum[r] - flow->filled[r];
		n += minimum[r] - flow->filled[r];
	}
	return n;
}

static gboolean
relax_places(Relax *x, const Flow *flow, GError **error)
{
	const VeilInstance *in = x->in;
	g_autofree guint32 *by = g_new0(guint32, (gsize)in->n_projects + 1);
	gboolean enough = x->loads == 0;

	for (guint32 p = 0; p < in->n_projects; p++)
		by[p] = in->demand[p] - flow->filled[p];
	if (enough && x->minima) { /* these panels, smaller, may no longer have room for the minimum loads */
		guint64 n = in->group ? 1 : loads_lacking(in, flow->filled, G_MAXUINT32, NULL, error);

		if (n == G_MAXUINT64)
			return FALSE;
		enough = n == 0;
	}
	add(x, VEIL_RELAX_PLACES, by, in->n_projects, 0, enough);
	return TRUE;
}

static gboolean
relax_minimum(Relax *x, const guint32 *by, GError **error)
{
	const VeilInstance *in = x->in;
	guint32 low = 0, high = 0;

	add(x, VEIL_RELAX_MIN_LOAD, by, in->n_reviewers, 0, x->places == 0);
	for (guint32 r = 0; r < in->n_reviewers; r++)
		high = MAX(high, in->min_load[r]);
	while (low + 1 < high) { /* low will do, high will not */
		guint32 middle = low + (high - low) / 2;
		guint64 n = loads_lacking(in, in->demand, middle, NULL, error);

		if (n == G_MAXUINT64)
			return FALSE;
		*(n == 0 ? &low : &high) = middle;
	}
	add(x, VEIL_RELAX_MIN_LOAD_ALL, NULL, 0, low, x->places == 0);
	return TRUE;
}

/* Cut lists of those who share the want (named: by the witness alone, where no flow says more). */
static void
relax_lists(Relax *x, const guint8 *wanting)
{
	const VeilInstance *in = x->in;
	g_autofree guint32 *which = g_new0(guint32, (gsize)in->n_projects + 1);
	gboolean any = FALSE;

	for (guint32 p = 0; in->cut != NULL && p < in->n_projects; p++)
		which[p] = in->cut[p] != VEIL_NO_CUT && wanting[p];
	for (guint32 i = 0; in->cut != NULL && i < x->witness->n_projects; i++)
		which[x->witness->projects[i]] = in->cut[x->witness->projects[i]] != VEIL_NO_CUT;
	for (guint32 p = 0; p < in->n_projects && !any; p++)
		any = which[p] > 0;
	if (!any)
		return;
	add(x, VEIL_RELAX_LISTS, which, in->n_projects, 0, FALSE);
	g_clear_pointer(&g_array_index(x->found, VeilRelaxation, x->found->len - 1).by, g_free);
	g_array_index(x->found, VeilRelaxation, x->found->len - 1).units = 0;
}

static void
relax_rule(Relax *x)
{
	VeilRelaxation found = {.kind = VEIL_RELAX_RULE, .units = x->witness->short_by, .load = x->witness->rule, .n = x->witness->n_projects};

	found.who = g_memdup2(x->witness->projects, sizeof(guint32) * found.n);
	g_array_append_val(x->found, found);
}

static gboolean
find_all(Relax *x, GError **error)
{
	const VeilInstance *in = x->in;
	g_autoptr(Flow) flow = veil_match__flow_new(in, error);
	g_autofree guint8 *wanting = g_malloc0((gsize)in->n_projects + 1);
	g_autofree guint32 *by = g_new0(guint32, (gsize)in->n_reviewers + 1);

	if (flow == NULL)
		return FALSE;
	veil_match__flow_fill(flow);
	x->places = lacking(flow);
	if (x->minima && in->group == NULL)
		x->loads = loads_lacking(in, in->demand, G_MAXUINT32, by, error);
	if (x->loads == G_MAXUINT64)
		return FALSE;
	if (x->minima && in->group != NULL && x->witness->minimum)
		x->loads = x->witness->short_by;
	for (guint32 p = 0; p < in->n_projects; p++)
		wanting[p] = x->places > 0 && flow->touched[p] != 0;
	if (x->places > 0) {
		g_autoptr(Flow) copy = veil_match__flow_new(in, error);

		if (copy == NULL)
			return FALSE;
		veil_match__flow_fill(copy);
		relax_raise(x, copy);
		if (!relax_max_load(x, error) || !relax_places(x, flow, error))
			return FALSE;
	}
	if (x->loads > 0 && in->group == NULL && !relax_minimum(x, by, error))
		return FALSE;
	if (x->witness->kind == VEIL_WITNESS_RULE)
		relax_rule(x);
	relax_lists(x, wanting);
	return TRUE;
}

GArray *
veil_match_relax(const VeilInstance *instance, const VeilWitness *witness, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(VeilRelaxation));
	Relax x = {.in = instance, .witness = witness, .found = found};

	g_array_set_clear_func(found, relaxation_clear);
	x.plain = instance->n_bounds == 0 && instance->n_shares == 0 && instance->team == NULL && instance->floor == NULL;
	for (guint32 r = 0; instance->min_load != NULL && r < instance->n_reviewers; r++)
		x.minima |= instance->min_load[r] > 0;
	x.plain &= instance->group == NULL || !x.minima;
	return find_all(&x, error) ? g_steal_pointer(&found) : NULL;
}
