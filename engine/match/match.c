/* match.c - method total: checks the instance, fills the places, raises minimum loads, and proves the result.
 *
 * An auction fills most places (auction.c), cheapest chains the rest (places.c): successive shortest paths (Jewell, Iri, Busacker and Gowen; with prices after Edmonds, Karp and Tomizawa): after each step the places filled so
 * far are filled in the best way and the prices prove it. docs/design/matching.md has the proof and what was rejected.
 */
#include "flow.h"
#include "solver.h"

static gboolean
bad(GError **error, const char *what, guint32 p)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: project %u: %s", p, what);
	return FALSE;
}

gboolean
veil_match__check_sizes(const VeilInstance *in, GError **error)
{
	guint64 slots = 0;

	if (in->n_projects >= G_MAXINT32 || in->n_reviewers >= G_MAXINT32) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: too many projects or reviewers");
		return FALSE;
	}
	for (guint32 p = 0; p < in->n_projects; p++)
		slots += MIN(in->demand[p], in->n_reviewers); /* absurd demands are infeasible, not an error */
	if (slots >= G_MAXUINT32) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: more than 2^32 places");
		return FALSE;
	}
	for (guint32 r = 0; in->min_load != NULL && r < in->n_reviewers; r++)
		if (in->min_load[r] > in->max_load[r]) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: reviewer %u: minimum load above maximum load", r);
			return FALSE;
		}
	return TRUE;
}

/* Shape, order and ranges; also that no price, distance or sum can leave 64 bits. */
static gboolean
check(const VeilInstance *in, GError **error)
{
	gint64 low = 0, high = 0;

	if (!veil_match__check_sizes(in, error))
		return FALSE;
	for (guint32 p = 0; p < in->n_projects; p++) {
		if (in->offset[p + 1] < in->offset[p] || in->offset[p + 1] - in->offset[p] > in->n_reviewers)
			return bad(error, "its row is out of range", p);
		if (in->cut != NULL && in->cut[p] != VEIL_NO_CUT && (in->cut[p] > VEIL_MAX_SCORE || in->cut[p] < -VEIL_MAX_SCORE))
			return bad(error, "its cut is out of range", p);
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			if (in->reviewer[i] >= in->n_reviewers)
				return bad(error, "a reviewer index is out of range", p);
			if (i > in->offset[p] && in->reviewer[i] <= in->reviewer[i - 1])
				return bad(error, "reviewers are not in ascending order or repeat", p);
			low = MIN(low, in->score[i]);
			high = MAX(high, in->score[i]);
		}
	}
	if (high > VEIL_MAX_SCORE || low < -VEIL_MAX_SCORE) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: a score is out of range");
		return FALSE;
	}
	/* A chain visits each project and each reviewer at most once; a price is the cost of a chain. */
	if ((__int128)(high - low) * 4 * ((__int128)MIN(in->n_projects, in->n_reviewers) + 2) > G_MAXINT64 / 2) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: scores too large for so many projects: sums may not fit 64 bits");
		return FALSE;
	}
	return TRUE;
}

/* Nobody with maximum load 0 may look attractive: his price is whatever keeps him out of every best panel. It costs U x y = 0. */
static void
price_out(Solver *s)
{
	const VeilInstance *in = s->in;
	gboolean any = FALSE;

	for (guint32 r = 0; r < s->n_reviewers && !any; r++)
		any = s->reviewers[r].max_load == 0;
	if (!any)
		return;
	for (guint32 p = 0; p < s->n_projects; p++) {
		gint64 floor = INFINITE;

		for (guint64 i = s->slot_offset[p]; i < s->slot_offset[p + 1]; i++) {
			gint64 value = s->slots[i].score - s->price[s->holder[i]];

			floor = MIN(floor, value);
		}
		for (guint64 i = in->offset[p]; i < in->offset[p + 1] && floor != INFINITE; i++) {
			guint32 r = in->reviewer[i];

			if (in->max_load[r] == 0)
				s->price[r] = MAX(s->price[r], in->score[i] - floor);
		}
	}
}

static int
compare_u32(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

gboolean
veil_match__take_panels(Solver *s, VeilMatch *match, GError **error)
{
	__int128 objective = 0;

	match->price = g_steal_pointer(&s->price);
	match->assigned_offset = g_memdup2(s->slot_offset, sizeof(guint64) * (s->n_projects + 1));
	match->assigned = g_new(guint32, s->n_slots + 1);
	for (guint64 i = 0; i < s->n_slots; i++) {
		match->assigned[i] = s->holder[i];
		objective += s->slots[i].score;
	}
	for (guint32 p = 0; p < s->n_projects; p++)
		qsort(match->assigned + s->slot_offset[p], s->in->demand[p], sizeof(guint32), compare_u32);
	if (objective > G_MAXINT64 || objective < G_MININT64) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: the total does not fit 64 bits");
		return FALSE;
	}
	match->objective = (gint64)objective;
	return TRUE;
}

static gboolean
finish(Solver *s, VeilMatch *match, GError **error)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

	price_out(s);
	if (!veil_match__take_panels(s, match, error) || !veil_match_bound(s->in, match->price, &match->bound, open, error))
		return FALSE;
	match->status = match->bound == match->objective ? VEIL_MATCH_OPTIMAL : VEIL_MATCH_FEASIBLE;
	match->n_open = open->len;
	match->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
	return TRUE;
}

/* Projects that cannot be filled even alone: TRUE when there are some; the cut ones are open, the first is the witness. */
static gboolean
find_lone(const VeilInstance *in, VeilMatch *match)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GHashTable) groups = g_hash_table_new(g_direct_hash, g_direct_equal);
	gboolean found = FALSE;

	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 n = 0;

		/* Cheap for nearly every project: stops as soon as the demand is met. */
		g_hash_table_remove_all(groups);
		for (guint64 i = in->offset[p]; i < in->offset[p + 1] && n < in->demand[p]; i++) {
			guint32 r = in->reviewer[i], group = in->group ? in->group[r] : 0;

			if (in->max_load[r] > 0 && (group == 0 || g_hash_table_add(groups, GUINT_TO_POINTER(group))))
				n++;
		}
		if (n >= in->demand[p])
			continue;
		if (!found)
			veil_match__lone_witness(in, p, match);
		found = TRUE;
		if (in->cut != NULL && in->cut[p] != VEIL_NO_CUT)
			g_array_append_val(open, p);
	}
	match->n_open = open->len;
	match->open = (guint32 *)g_array_free(g_steal_pointer(&open), FALSE);
	return found;
}

/* More places than everybody together can take: no need to try. */
static gboolean
is_too_much(const VeilInstance *in)
{
	g_autofree guint32 *listed = g_new0(guint32, (gsize)in->n_reviewers + 1);
	guint64 demand = 0, supply = 0;

	for (guint64 i = 0; i < in->offset[in->n_projects]; i++)
		listed[in->reviewer[i]]++;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		supply += MIN(in->max_load[r], listed[r]);
	for (guint32 p = 0; p < in->n_projects; p++)
		demand += in->demand[p];
	return demand > supply;
}

/* s (nullable): what is filled already. */
static gboolean
explain_places(const VeilInstance *in, const Solver *s, VeilMatch *match, GError **error)
{
	g_autoptr(Flow) flow = veil_match__flow_new(in, error);

	if (flow == NULL)
		return FALSE;
	for (guint32 p = 0; s != NULL && p < in->n_projects; p++)
		for (guint32 i = 0; i < s->projects[p].filled; i++)
			veil_match__flow_give(flow, p, s->holder[s->slot_offset[p] + i]);
	if (veil_match__flow_fill(flow) == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the solver contradicts itself; please report this instance");
		return FALSE;
	}
	veil_match__places_witness(flow, match);
	return TRUE;
}

static void
explain_minimum(const Solver *s, VeilMatch *match)
{
	g_autofree guint8 *flagged = g_malloc0((gsize)s->n_reviewers + 1);

	for (guint32 i = 0; i < s->n_settled; i++)
		flagged[s->settled[i]] = s->in->min_load[s->settled[i]] > 0;
	veil_match__minimum_witness(s->in, flagged, match);
}

static gboolean
solve(const VeilInstance *instance, const guint32 *order, gboolean with_auction, VeilMatch *match, GError **error)
{
	g_autoptr(Solver) s = veil_match__solver_new(instance, NULL, order);

	if (with_auction && !veil_match__auction(s))
		return explain_places(instance, s, match, error);
	for (guint32 p = 0; p < s->n_projects; p++)
		while (s->projects[p].filled < instance->demand[p])
			if (!veil_match__fill(s, p))
				return explain_places(instance, s, match, error);
	if (veil_match__raise_minimum(s))
		return finish(s, match, error);
	explain_minimum(s, match);
	return TRUE;
}

VeilMatch *
veil_match_total(const VeilInstance *instance, const guint32 *order, GError **error)
{
	g_autoptr(VeilMatch) match = g_new0(VeilMatch, 1);

	if (!check(instance, error))
		return NULL;
	if (veil_match__has_rules(instance))
		return veil_match__rules_check(instance, error) ? veil_match__total_with_rules(instance, order, error) : NULL;
	if (find_lone(instance, match))
		return g_steal_pointer(&match);
	g_clear_pointer(&match->open, g_free);
	if (is_too_much(instance))
		return explain_places(instance, NULL, match, error) ? g_steal_pointer(&match) : NULL;
	if (!solve(instance, order, TRUE, match, error))
		return NULL;
	if (match->status != VEIL_MATCH_FEASIBLE || match->n_open > 0)
		return g_steal_pointer(&match);
	/* The auction is a head start, never a reason for a worse answer: a gap that no cut explains is solved again by searches alone. */
	g_clear_pointer(&match, veil_match_free);
	match = g_new0(VeilMatch, 1);
	if (!solve(instance, order, FALSE, match, error))
		return NULL;
	return g_steal_pointer(&match);
}

static gboolean
check_fair(const VeilInstance *instance, GError **error)
{
	if (!check(instance, error) || !veil_match__rules_check(instance, error))
		return FALSE;
	if (instance->floor != NULL)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: floors are what method fair finds; it takes none");
	return instance->floor == NULL;
}

/* Whether a floor at its bound is found can hang on who of equal people comes first. Where it was not, other orders are tried, as long as that costs little. */
#define MOST_ORDERS 4
#define MOST_PAIRS_AGAIN 500000

static VeilMatch *
fair_once(const VeilInstance *instance, gboolean even, const guint32 *held, const guint32 *order, GError **error)
{
	return even ? veil_match__even(instance, held, order, error) : veil_match__fair(instance, order, error);
}

static gboolean
is_fairer(const VeilMatch *a, const VeilMatch *b)
{
	return a->minimum != b->minimum ? a->minimum > b->minimum : a->objective > b->objective;
}

static VeilMatch *
fair(const VeilInstance *instance, gboolean even, const guint32 *held, const guint32 *order, GError **error)
{
	g_autoptr(VeilMatch) best = check_fair(instance, error) ? fair_once(instance, even, held, order, error) : NULL;
	guint32 n = instance->n_reviewers;
	g_autofree guint32 *other = g_new(guint32, (gsize)n + 1);

	if (best == NULL || instance->offset[instance->n_projects] > MOST_PAIRS_AGAIN)
		return g_steal_pointer(&best);
	for (guint32 k = 1; k < MOST_ORDERS && best->status != VEIL_MATCH_INFEASIBLE && best->minimum < best->minimum_bound; k++) {
		for (guint32 r = 0; r < n; r++) {
			guint32 turned = (guint32)(((guint64)(order ? order[r] : r) + (guint64)n * k / MOST_ORDERS) % n);

			other[r] = k % 2 == 1 ? n - 1 - turned : turned;
		}
		g_autoptr(VeilMatch) again = fair_once(instance, even, held, other, NULL);
		if (again != NULL && is_fairer(again, best)) {
			g_clear_pointer(&best, veil_match_free);
			best = g_steal_pointer(&again);
		}
	}
	return g_steal_pointer(&best);
}

VeilMatch *
veil_match_fair(const VeilInstance *instance, const guint32 *order, GError **error)
{
	return fair(instance, FALSE, NULL, order, error);
}

VeilMatch *
veil_match_fair_even(const VeilInstance *instance, const guint32 *held, const guint32 *order, GError **error)
{
	return fair(instance, TRUE, held, order, error);
}

void
veil_match_free(VeilMatch *match)
{
	if (match == NULL)
		return;
	g_free(match->assigned_offset);
	g_free(match->assigned);
	g_free(match->price);
	g_free(match->open);
	g_free(match->witness.projects);
	g_free(match->witness.reviewers);
	g_free(match->witness.price);
	g_free(match->witness.share_price);
	g_free(match->share_price);
	g_free(match->weight);
	g_free(match->min_weight);
	g_free(match->min_price);
	g_free(match->min_share_price);
	g_free(match->cap_weight);
	g_free(match->cap_price);
	g_free(match->cap_share_price);
	g_free(match);
}
