/* over-all.c - the optimum over all pairs, of which only those are looked at that matter.
 *
 * Three ways to the same end. Where lists can only be had as they are, best first, they are doubled until no cut hides anything. Where scores
 * are a function, the solver itself asks for the best few at its prices whenever its shelves no longer prove that nobody else is better
 * (shelf.c): one run, no lists at all. That needs prices that only rise; with minimum loads or employers, columns are generated instead: lists are solved, their
 * prices tell for each project who is missing, and when nobody is, the optimum of the lists is that of all pairs.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "solver.h"

enum { MAX_PAIRS = 100000000, FIRST = 32 };

/* --- lists that can be had longer -------------------------------------------------------------------------------- */

/* Asks for twice as much where the match is open; FALSE when nothing can grow. */
static gboolean
double_open(const VeilInstance *in, const VeilMatch *match, guint32 *want, guint32 *total)
{
	gboolean any = FALSE;

	memset(want, 0, sizeof *want * in->n_projects);
	for (guint32 i = 0; i < match->n_open; i++) {
		guint32 p = match->open[i];
		guint64 length = MAX(in->offset[p + 1] - in->offset[p], 8);

		if (in->cut == NULL || in->cut[p] == VEIL_NO_CUT)
			continue;
		want[p] = total[p] = (guint32)MIN(2 * MAX(length, total[p]), in->n_reviewers);
		any = TRUE;
	}
	return any;
}

static VeilMatch *
by_lists(const VeilInstance *problem, const VeilScoreSource *source, const guint32 *order, GError **error)
{
	VeilInstance in = *problem;
	g_autofree guint32 *want = g_memdup2(source->first, sizeof(guint32) * in.n_projects);
	g_autofree guint32 *total = g_memdup2(source->first, sizeof(guint32) * in.n_projects);

	for (;;) {
		g_autoptr(VeilMatch) match = NULL;

		if (!source->lengthen(source->data, want, &in, error))
			return NULL;
		match = (source->solve ? source->solve : veil_match_total)(&in, order, error);
		if (match == NULL)
			return NULL;
		if ((match->status == VEIL_MATCH_INFEASIBLE && match->witness.complete) || !double_open(&in, match, want, total)) {
			if (source->out_want != NULL)
				memcpy(source->out_want, total, sizeof *total * in.n_projects);
			return g_steal_pointer(&match);
		}
	}
}

/* --- score functions: rows in memory ----------------------------------------------------------------------------- */

static int
by_reviewer(const void *a, const void *b)
{
	const VeilPair *x = a, *y = b;

	return x->reviewer < y->reviewer ? -1 : x->reviewer > y->reviewer;
}

typedef struct {
	VeilInstance in;
	GArray *row; /* by project: GArray of VeilPair, ascending reviewer */
	guint8 *whole; /* by project: the row is all there is */
	guint64 *offset;
	guint32 *reviewer;
	gint64 *score;
} Columns;

static GArray *
row_of(Columns *c, guint32 p)
{
	return g_array_index(c->row, GArray *, p);
}

/* From rows to one block, which the solver reads. */
static gboolean
pack(Columns *c, GError **error)
{
	guint64 n = 0;

	for (guint32 p = 0; p < c->in.n_projects; p++)
		n += row_of(c, p)->len;
	if (n > MAX_PAIRS) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "too many pairs would have to be looked at to settle this instance");
		return FALSE;
	}
	c->reviewer = g_renew(guint32, c->reviewer, n + 1);
	c->score = g_renew(gint64, c->score, n + 1);
	n = 0;
	for (guint32 p = 0; p < c->in.n_projects; p++) {
		const GArray *row = row_of(c, p);

		for (guint i = 0; i < row->len; i++, n++) {
			c->reviewer[n] = g_array_index(row, VeilPair, i).reviewer;
			c->score[n] = g_array_index(row, VeilPair, i).score;
		}
		c->offset[p + 1] = n;
	}
	c->in.reviewer = c->reviewer;
	c->in.score = c->score;
	return TRUE;
}

static Columns *
columns_new(const VeilInstance *problem)
{
	Columns *c = g_new0(Columns, 1);

	c->in = *problem;
	c->in.cut = NULL;
	c->row = g_array_new(FALSE, FALSE, sizeof(GArray *));
	c->whole = g_malloc0((gsize)problem->n_projects + 1);
	c->offset = g_new0(guint64, (gsize)problem->n_projects + 1);
	c->in.offset = c->offset;
	for (guint32 p = 0; p < problem->n_projects; p++) {
		GArray *row = g_array_new(FALSE, FALSE, sizeof(VeilPair));

		g_array_append_val(c->row, row);
	}
	return c;
}

static void
columns_free(Columns *c)
{
	if (c == NULL)
		return;
	for (guint32 p = 0; p < c->in.n_projects; p++)
		g_array_unref(row_of(c, p));
	g_array_unref(c->row);
	g_free(c->whole);
	g_free(c->offset);
	g_free(c->reviewer);
	g_free(c->score);
	g_free(c);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Columns, columns_free)

/* Adds to p's row those of its n best at `price` that are worth more than `bar`, however many they are; how many were new. */
static guint32
add_best(Columns *c, const VeilScoreSource *source, guint32 p, const gint64 *price, guint32 n, gint64 bar)
{
	GArray *row = row_of(c, p);
	guint32 before = row->len, kept = 0, got;

	for (;; n *= 2) {
		g_autofree VeilPair *best = g_new(VeilPair, (gsize)n + 1);
		gint64 beyond = G_MININT64;

		n = MIN(n, c->in.n_reviewers);
		got = source->best(source->data, p, price, n, best, &beyond);
		if (got == n && n < c->in.n_reviewers && beyond > bar && bar != G_MININT64)
			continue;
		for (guint32 i = 0; i < got; i++)
			if (best[i].score - price[best[i].reviewer] > bar)
				g_array_append_val(row, best[i]);
		if (bar == G_MININT64 && (got < n || n == c->in.n_reviewers))
			c->whole[p] = 1;
		break;
	}
	if (row->len > 1)
		qsort(row->data, row->len, sizeof(VeilPair), by_reviewer);
	for (guint32 i = 0; i < row->len; i++)
		if (i == 0 || g_array_index(row, VeilPair, i).reviewer != g_array_index(row, VeilPair, kept - 1).reviewer)
			g_array_index(row, VeilPair, kept++) = g_array_index(row, VeilPair, i);
	g_array_set_size(row, kept);
	return kept - before;
}

/* The least worth in p's panel: whoever is worth more must be listed. */
static gint64
panel_floor(const Columns *c, const VeilMatch *match, guint32 p)
{
	gint64 floor = G_MAXINT64;
	guint64 at = c->offset[p];

	for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++) {
		while (c->reviewer[at] != match->assigned[i])
			at++;
		floor = MIN(floor, c->score[at] - match->price[match->assigned[i]]);
	}
	return floor;
}

/* Longer rows for those that the witness names; FALSE when they are whole: the witness stands. */
static gboolean
add_for_witness(Columns *c, const VeilScoreSource *source, const VeilWitness *witness, gint64 *price)
{
	guint32 added = 0;

	memset(price, 0, sizeof *price * c->in.n_reviewers);
	for (guint32 i = 0; witness->minimum && i < witness->n_reviewers; i++) /* those who need places come first in every row */
		price[witness->reviewers[i]] = -4 * VEIL_MAX_SCORE;
	for (guint32 i = 0; i < (witness->minimum ? c->in.n_projects : witness->n_projects); i++) {
		guint32 p = witness->minimum ? i : witness->projects[i];

		if (!c->whole[p])
			added += add_best(c, source, p, price, 2 * MAX(row_of(c, p)->len, FIRST), G_MININT64);
	}
	return added > 0;
}

static VeilMatch *
by_columns(const VeilInstance *problem, const VeilScoreSource *source, const guint32 *order, GError **error)
{
	g_autoptr(Columns) c = columns_new(problem);
	g_autofree gint64 *zero = g_new0(gint64, (gsize)problem->n_reviewers + 1);

	for (guint32 p = 0; p < problem->n_projects; p++)
		add_best(c, source, p, zero, (guint32)MIN(FIRST + 2 * (guint64)problem->demand[p], problem->n_reviewers), G_MININT64);
	for (;;) {
		g_autoptr(VeilMatch) match = NULL;
		guint32 added = 0;

		if (!pack(c, error))
			return NULL;
		match = veil_match_total(&c->in, order, error);
		if (match == NULL)
			return NULL;
		if (match->status == VEIL_MATCH_INFEASIBLE) {
			if (!add_for_witness(c, source, &match->witness, zero))
				return g_steal_pointer(&match);
			continue;
		}
		for (guint32 p = 0; p < problem->n_projects; p++)
			if (!c->whole[p] && problem->demand[p] > 0)
				added += add_best(c, source, p, match->price, problem->demand[p] + 8, panel_floor(c, match, p));
		if (added == 0)
			return g_steal_pointer(&match);
	}
}

/* --- score functions: shelves ------------------------------------------------------------------------------------ */

typedef struct {
	const VeilInstance *in;
	const VeilScoreSource *source;
	const gint64 *price;
	GMutex lock;
	gint next;
	__int128 sum;
	gboolean short_of;
} Pass;

/* Sums the best panels of some projects at a time; integers, so that the order of threads does not matter. */
static gpointer
sum_panels(gpointer data)
{
	Pass *pass = data;
	const VeilInstance *in = pass->in;
	VeilPair *best = NULL;
	gint64 beyond;
	guint32 room = 0;
	__int128 sum = 0;
	gboolean short_of = FALSE;

	for (;;) {
		guint32 first = (guint32)g_atomic_int_add(&pass->next, 64), end = MIN(first + 64, in->n_projects);

		if (first >= in->n_projects)
			break;
		for (guint32 p = first; p < end; p++) {
			guint32 d = MIN(in->demand[p], in->n_reviewers), n;

			if (d > room) {
				room = d;
				best = g_renew(VeilPair, best, room);
			}
			n = d > 0 ? pass->source->best(pass->source->data, p, pass->price, d, best, &beyond) : 0;
			short_of |= n < in->demand[p];
			for (guint32 i = 0; i < n; i++)
				sum += best[i].score - pass->price[best[i].reviewer];
		}
	}
	g_free(best);
	g_mutex_lock(&pass->lock);
	pass->sum += sum;
	pass->short_of |= short_of;
	g_mutex_unlock(&pass->lock);
	return NULL;
}

gboolean
veil_match_bound_over_all(const VeilInstance *in, const VeilScoreSource *source, const gint64 *price, gint64 *out_bound, GError **error)
{
	Pass pass = {.in = in, .source = source, .price = price};
	guint n_threads = CLAMP(source->n_threads, 1, 64);
	GThread *threads[64];

	if (in->group != NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a score function is bounded without groups only");
		return FALSE;
	}
	g_mutex_init(&pass.lock);
	for (guint i = 1; i < n_threads; i++)
		threads[i] = g_thread_new("bound", sum_panels, &pass);
	sum_panels(&pass);
	for (guint i = 1; i < n_threads; i++)
		g_thread_join(threads[i]);
	g_mutex_clear(&pass.lock);
	if (pass.short_of) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE, "a project has fewer candidates than it needs; there is no bound");
		return FALSE;
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		pass.sum += (__int128)price[r] * (price[r] > 0 ? in->max_load[r] : in->min_load ? in->min_load[r] : 0);
	if (pass.sum > G_MAXINT64 || pass.sum < G_MININT64) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "the bound does not fit 64 bits; use smaller scores or loads");
		return FALSE;
	}
	*out_bound = (gint64)pass.sum;
	return TRUE;
}

/* All of them at most, all too few: nothing needs to be listed to see that. */
static gboolean
everybody_is_too_few(const VeilInstance *in, VeilMatch *match)
{
	VeilWitness *witness = &match->witness;
	guint64 demand = 0, supply = 0;

	for (guint32 p = 0; p < in->n_projects; p++)
		demand += in->demand[p];
	for (guint32 r = 0; r < in->n_reviewers; r++)
		supply += in->max_load[r];
	if (demand <= supply)
		return FALSE;
	match->status = VEIL_MATCH_INFEASIBLE;
	witness->complete = TRUE;
	witness->short_by = demand - supply;
	witness->projects = g_new(guint32, in->n_projects);
	witness->reviewers = g_new(guint32, (gsize)in->n_reviewers + 1);
	for (guint32 p = 0; p < in->n_projects; p++)
		if (in->demand[p] > 0)
			witness->projects[witness->n_projects++] = p;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		witness->reviewers[witness->n_reviewers++] = r;
	return TRUE;
}

/* Somebody cannot be filled: with every pair listed, the plain solver says why. */
static VeilMatch *
explain(const VeilInstance *in, const VeilScoreSource *source, const guint32 *order, GError **error)
{
	g_autoptr(Columns) c = columns_new(in);
	g_autofree gint64 *zero = g_new0(gint64, (gsize)in->n_reviewers + 1);
	g_autoptr(VeilMatch) match = g_new0(VeilMatch, 1);

	if (everybody_is_too_few(in, match))
		return g_steal_pointer(&match);
	if ((guint64)in->n_projects * in->n_reviewers > MAX_PAIRS) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "no assignment exists; too many pairs to say why");
		return NULL;
	}
	for (guint32 p = 0; p < in->n_projects; p++)
		add_best(c, source, p, zero, in->n_reviewers, G_MININT64);
	return pack(c, error) ? veil_match_total(&c->in, order, error) : NULL;
}

static gboolean
fill_all(Solver *s)
{
	const VeilInstance *in = s->in;

	for (guint32 p = 0; p < s->n_projects; p++) {
		guint32 n = 0;

		for (guint32 i = 0; i < s->shelves[p].n; i++)
			n += in->max_load[s->shelves[p].entry[i].reviewer] > 0;
		if (n < in->demand[p])
			return FALSE;
	}
	veil_match__auction(s);
	for (guint32 p = 0; p < s->n_projects; p++)
		while (s->projects[p].filled < in->demand[p])
			if (!veil_match__fill(s, p))
				return FALSE;
	return TRUE;
}

static gboolean
solve_on_shelves(const VeilInstance *in, const VeilScoreSource *source, const guint32 *order, VeilMatch *match, gboolean *out_full, GError **error)
{
	g_autoptr(Solver) s = veil_match__solver_new(in, source, order);

	*out_full = fill_all(s);
	if (!*out_full)
		return TRUE;
	veil_match__shelves_close(s);
	return veil_match__take_panels(s, match, error) && veil_match_bound_over_all(in, source, match->price, &match->bound, error);
}

static VeilMatch *
by_shelves(const VeilInstance *in, const VeilScoreSource *source, const guint32 *order, GError **error)
{
	g_autoptr(VeilMatch) match = g_new0(VeilMatch, 1);
	gboolean full = FALSE;

	if (everybody_is_too_few(in, match))
		return g_steal_pointer(&match);
	for (guint32 p = 0; p < in->n_projects; p++)
		if (in->demand[p] > in->n_reviewers)
			return explain(in, source, order, error);
	if (!solve_on_shelves(in, source, order, match, &full, error))
		return NULL;
	if (!full)
		return explain(in, source, order, error);
	match->status = match->bound == match->objective ? VEIL_MATCH_OPTIMAL : VEIL_MATCH_FEASIBLE;
	return g_steal_pointer(&match);
}

VeilMatch *
veil_match_over_all(const VeilInstance *problem, const VeilScoreSource *source, const guint32 *order, GError **error)
{
	gboolean plain = problem->group == NULL;

	if (source->lengthen != NULL)
		return by_lists(problem, source, order, error);
	if (problem->n_bounds > 0 || problem->n_shares > 0 || problem->team != NULL || problem->floor != NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "panel rules over a score function: give lists that can be lengthened");
		return NULL;
	}
	if (!veil_match__check_sizes(problem, error))
		return NULL;
	for (guint32 r = 0; problem->min_load != NULL && r < problem->n_reviewers; r++)
		plain &= problem->min_load[r] == 0;
	return (plain ? by_shelves : by_columns)(problem, source, order, error);
}
