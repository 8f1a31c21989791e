/* ruled.c - see ruled.h. Panels are subsets of at most 16 reviewers, as bits: nothing here knows how the solver works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ruled.h"

static guint32 *
bounds_random(GRand *random, guint32 P, guint32 low, guint32 high, guint32 otherwise)
{
	guint32 *list = g_new(guint32, P + 1);

	for (guint32 p = 0; p < P; p++)
		list[p] = g_rand_int_range(random, 0, 4) == 0 ? otherwise : (guint32)g_rand_int_range(random, (gint32)low, (gint32)high + 1);
	return list;
}

/* Teams of neighbours: same demand, same candidates. */
static void
make_teams(GRand *random, Ruled *y)
{
	Instance *x = y->x;
	guint32 P = x->in.n_projects;

	y->team = g_new0(guint32, P + 1);
	for (guint32 p = 0; p < P; p++) {
		y->team[p] = g_rand_boolean(random) ? (guint32)g_rand_int_range(random, 1, 3) : 0;
		for (guint32 q = 0; q < p && y->team[p] != 0; q++)
			if (y->team[q] == y->team[p]) {
				guint64 n = x->offset[q + 1] - x->offset[q], old = x->offset[p + 1] - x->offset[p], rest = x->offset[P] - x->offset[p + 1];
				guint32 *reviewer = g_new(guint32, x->offset[P] + n + 1);
				gint64 *score = g_new(gint64, x->offset[P] + n + 1);

				memcpy(reviewer, x->reviewer, x->offset[p] * sizeof *reviewer);
				memcpy(score, x->score, x->offset[p] * sizeof *score);
				memcpy(reviewer + x->offset[p], x->reviewer + x->offset[q], n * sizeof *reviewer);
				for (guint64 i = 0; i < n; i++)
					score[x->offset[p] + i] = g_rand_int_range(random, 0, 50);
				memcpy(reviewer + x->offset[p] + n, x->reviewer + x->offset[p + 1], rest * sizeof *reviewer);
				memcpy(score + x->offset[p] + n, x->score + x->offset[p + 1], rest * sizeof *score);
				for (guint32 k = p + 1; k <= P; k++)
					x->offset[k] += n - old;
				g_free(x->reviewer);
				g_free(x->score);
				x->in.reviewer = x->reviewer = reviewer;
				x->in.score = x->score = score;
				x->demand[p] = x->demand[q];
				x->cut[p] = VEIL_NO_CUT;
				x->cut[q] = VEIL_NO_CUT;
				break;
			}
	}
}

/* Bit b of a mark for rule b; in nested ones only below the bit before. A team's projects have the marks of its first. */
static void
mark_pairs(GRand *random, Ruled *y, const RuledShape *shape)
{
	const VeilInstance *in = &y->in;
	guint8 used = 0;

	for (guint32 b = 0; b < shape->counted; b++)
		if (shape->nested || g_rand_int_range(random, 0, 3) > 0) {
			y->bounds[b].label = NULL;
			y->bounds[b].pairs = (guint8)(1u << b);
			used |= y->bounds[b].pairs;
		}
	y->mark = g_new0(guint8, in->offset[in->n_projects] + 1);
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 first = p;

		for (guint32 q = 0; in->team != NULL && in->team[p] != 0 && first == p && q < p; q++)
			first = in->team[q] == in->team[p] ? q : p;
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			guint8 bits = (guint8)g_rand_int_range(random, 0, 16);

			for (guint32 b = 1; shape->nested && b < 4; b++)
				bits &= (guint8)(bits >> (b - 1) & 1 ? 0xff : ~(1u << b));
			y->mark[i] = first == p ? bits & used : y->mark[in->offset[first] + i - in->offset[p]];
		}
	}
	y->in.mark = y->mark;
}

Ruled *
ruled_random(GRand *random, const RuledShape *shape)
{
	Ruled *y = g_new0(Ruled, 1);
	guint32 P, R, k = 0;

	y->x = instance_random(random, &shape->shape);
	P = y->x->in.n_projects;
	R = y->x->in.n_reviewers;
	if (shape->teams)
		make_teams(random, y);
	y->in = y->x->in;
	y->in.team = y->team;
	for (guint32 b = 0; b < shape->counted + shape->each; b++, k++) {
		gboolean each = b >= shape->counted;

		y->label[k] = g_new0(guint32, R + 1);
		for (guint32 r = 0; r < R; r++) {
			gboolean inside = !shape->nested || b == 0 || y->label[b - 1][r] != 0;

			y->label[k][r] = inside ? (guint32)g_rand_int_range(random, 0, each ? 4 : 2) : 0;
		}
		if (each || g_rand_boolean(random))
			y->max[b] = bounds_random(random, P, each || !shape->minima ? 1 : 0, 2, G_MAXUINT32);
		if (!each && shape->minima && (y->max[b] == NULL || g_rand_boolean(random)))
			y->min[b] = bounds_random(random, P, 0, 2, 0);
		for (guint32 p = 0; p < P && y->min[b] != NULL; p++) {
			y->min[b][p] = MIN(y->min[b][p], y->in.demand[p]);
			if (y->max[b] != NULL)
				y->max[b][p] = MAX(y->max[b][p], y->min[b][p]);
		}
		y->bounds[b] = (VeilPanelBound){y->label[k], each, y->min[b], y->max[b], 0};
	}
	if (shape->pairs)
		mark_pairs(random, y, shape);
	y->in.bounds = y->bounds;
	y->in.n_bounds = shape->counted + shape->each;
	for (guint32 s = 0; s < shape->shares; s++, k++) {
		guint64 places = 0;

		y->label[k] = g_new0(guint32, R + 1);
		for (guint32 r = 0; r < R; r++)
			y->label[k][r] = g_rand_boolean(random);
		for (guint32 p = 0; p < P; p++)
			places += y->in.demand[p];
		y->shares[s].label = y->label[k];
		y->shares[s].min_places = g_rand_boolean(random) ? places / 3 : 0;
		y->shares[s].max_places = MAX(places * 2 / 3, y->shares[s].min_places);
	}
	y->in.shares = y->shares;
	y->in.n_shares = shape->shares;
	return y;
}

void
ruled_free(Ruled *y)
{
	for (guint i = 0; i < G_N_ELEMENTS(y->label); i++)
		g_free(y->label[i]);
	for (guint i = 0; i < G_N_ELEMENTS(y->min); i++) {
		g_free(y->min[i]);
		g_free(y->max[i]);
	}
	g_free(y->team);
	g_free(y->mark);
	g_free(y->floor);
	instance_free(y->x);
	g_free(y);
}

/* --- panels --------------------------------------------------------------------------------------------------------- */

/* The score of each listed pair, or G_MININT64. */
static gint64
score_of(const VeilInstance *in, guint32 p, guint32 r)
{
	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		if (in->reviewer[i] == r)
			return in->score[i];
	return G_MININT64;
}

/* What a rule says of a reviewer on a project. */
static guint32
said_of(const VeilInstance *in, const VeilPanelBound *bound, guint32 p, guint32 r)
{
	if (bound->label != NULL)
		return bound->label[r];
	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		if (in->reviewer[i] == r)
			return (in->mark[i] & bound->pairs) != 0;
	return 0;
}

static gboolean
panel_is_legal(const VeilInstance *in, guint32 p, guint32 panel, guint32 n_dummies)
{
	guint32 size = 1;

	for (guint32 q = 0; in->team != NULL && in->team[p] != 0 && q < in->n_projects; q++)
		size += q != p && in->team[q] == in->team[p];
	if ((guint32)__builtin_popcount(panel) + n_dummies != in->demand[p])
		return FALSE;
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		if (!(panel >> r & 1))
			continue;
		if (score_of(in, p, r) == G_MININT64 || in->max_load[r] < size)
			return FALSE;
		for (guint32 q = 0; q < r; q++)
			if ((panel >> q & 1) && in->group != NULL && in->group[r] != 0 && in->group[q] == in->group[r])
				return FALSE;
	}
	for (guint32 b = 0; b < in->n_bounds; b++) {
		const VeilPanelBound *bound = &in->bounds[b];
		guint32 min = bound->min ? bound->min[p] : 0, max = bound->max ? bound->max[p] : G_MAXUINT32, n = 0;

		for (guint32 r = 0; r < in->n_reviewers; r++) {
			guint32 same = 0;

			if (!(panel >> r & 1) || said_of(in, bound, p, r) == 0)
				continue;
			n++;
			for (guint32 q = 0; q < in->n_reviewers; q++)
				same += bound->each && (panel >> q & 1) && bound->label[q] == bound->label[r];
			if (bound->each && same > max)
				return FALSE;
		}
		if (!bound->each && (n + n_dummies < min || n > max))
			return FALSE;
	}
	return TRUE;
}

static gboolean
first_of_team(const VeilInstance *in, guint32 p)
{
	for (guint32 q = 0; in->team != NULL && in->team[p] != 0 && q < p; q++)
		if (in->team[q] == in->team[p])
			return FALSE;
	return TRUE;
}

static gboolean
same_unit(const VeilInstance *in, guint32 p, guint32 q)
{
	return p == q || (in->team != NULL && in->team[p] != 0 && in->team[p] == in->team[q]);
}

typedef struct {
	const VeilInstance *in;
	guint32 load[16], panel[16];
	RuledBest *best;
	gboolean found;
} Trial;

static void
judge(Trial *t)
{
	const VeilInstance *in = t->in;
	gint64 total = 0, minimum = G_MAXINT64;
	guint32 cap = 0;

	for (guint32 r = 0; r < in->n_reviewers; r++)
		if (in->min_load && t->load[r] < in->min_load[r])
			return;
	for (guint32 s = 0; s < in->n_shares; s++) {
		guint64 held = 0;

		for (guint32 r = 0; r < in->n_reviewers; r++)
			held += in->shares[s].label[r] ? t->load[r] : 0;
		if (held < in->shares[s].min_places || held > in->shares[s].max_places)
			return;
	}
	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 sum = 0;

		for (guint32 r = 0; r < in->n_reviewers; r++)
			if (t->panel[p] >> r & 1)
				sum += score_of(in, p, r);
		if (in->floor != NULL && sum < in->floor[p])
			return;
		total += sum;
		if (in->demand[p] > 0)
			minimum = MIN(minimum, sum);
	}
	if (!t->found || total > t->best->total)
		t->best->total = total;
	if (!t->found || minimum > t->best->minimum || (minimum == t->best->minimum && total > t->best->fair_total)) {
		t->best->minimum = minimum;
		t->best->fair_total = total;
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		cap = MAX(cap, t->load[r]);
	if (!t->found || minimum > t->best->even_minimum || (minimum == t->best->even_minimum && (cap < t->best->even_cap || (cap == t->best->even_cap && total > t->best->even_total)))) {
		t->best->even_minimum = minimum;
		t->best->even_cap = cap;
		t->best->even_total = total;
	}
	t->found = TRUE;
}

static void
try_project(Trial *t, guint32 p)
{
	const VeilInstance *in = t->in;

	while (p < in->n_projects && !first_of_team(in, p))
		p++;
	if (p == in->n_projects) {
		judge(t);
		return;
	}
	for (guint32 panel = 0; panel < 1u << in->n_reviewers; panel++) {
		gboolean legal = (guint32)__builtin_popcount(panel) == in->demand[p];

		for (guint32 q = p; q < in->n_projects && legal; q++)
			legal = !same_unit(in, p, q) || panel_is_legal(in, q, panel, 0);
		if (!legal)
			continue;
		for (guint32 q = p; q < in->n_projects; q++)
			if (same_unit(in, p, q)) {
				t->panel[q] = panel;
				for (guint32 r = 0; r < in->n_reviewers; r++)
					t->load[r] += panel >> r & 1;
			}
		for (guint32 r = 0; r < in->n_reviewers && legal; r++)
			legal = t->load[r] <= in->max_load[r];
		if (legal)
			try_project(t, p + 1);
		for (guint32 q = p; q < in->n_projects; q++)
			for (guint32 r = 0; r < in->n_reviewers && same_unit(in, p, q); r++)
				t->load[r] -= panel >> r & 1;
	}
}

gboolean
ruled_brute_force(const VeilInstance *in, RuledBest *out)
{
	Trial t = {.in = in, .best = out};

	try_project(&t, 0);
	return t.found;
}

void
ruled_assert_legal(const VeilInstance *in, const VeilMatch *match)
{
	guint32 load[16] = {0}, panel[16] = {0};
	gint64 total = 0;

	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 sum = 0;

		for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++) {
			panel[p] |= 1u << match->assigned[i];
			load[match->assigned[i]]++;
			sum += score_of(in, p, match->assigned[i]);
		}
		assert_int_equal(match->assigned_offset[p + 1] - match->assigned_offset[p], in->demand[p]);
		assert_true(panel_is_legal(in, p, panel[p], 0));
		for (guint32 q = 0; q < p; q++)
			assert_true(!same_unit(in, p, q) || panel[p] == panel[q]);
		assert_true(in->floor == NULL || sum >= in->floor[p]);
		total += sum;
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		assert_true(load[r] <= in->max_load[r] && (!in->min_load || load[r] >= in->min_load[r]));
	for (guint32 s = 0; s < in->n_shares; s++) {
		guint64 held = 0;

		for (guint32 r = 0; r < in->n_reviewers; r++)
			held += in->shares[s].label[r] ? load[r] : 0;
		assert_true(held >= in->shares[s].min_places && held <= in->shares[s].max_places);
	}
	assert_int_equal(total, match->objective);
}

/* --- the bound --------------------------------------------------------------------------------------------------------- */

static gint64
full_price(const VeilInstance *in, const gint64 *price, const gint64 *share_price, guint32 r)
{
	gint64 y = price[r];

	for (guint32 s = 0; s < in->n_shares && share_price != NULL; s++)
		y += in->shares[s].label[r] ? share_price[s] : 0;
	return y;
}

static gint64
up(gint64 score, gint64 weight)
{
	gint64 product = score * weight, quotient = product / 1000000;

	return score + quotient + (product % 1000000 > 0);
}

__int128
ruled_bound(const VeilInstance *in, const gint64 *price, const gint64 *share_price, const gint64 *weight, const gint64 *scale)
{
	__int128 bound = 0;

	for (guint32 p = 0; p < in->n_projects; p++) {
		gint64 best = G_MININT64, cheapest = G_MAXINT64;
		guint32 n_dummies = 0;

		if (in->floor != NULL && weight != NULL) {
			gint64 product = weight[p] * in->floor[p];

			bound -= product / 1000000 - (product % 1000000 < 0);
		}
		if (!first_of_team(in, p))
			continue;
		for (guint32 r = 0; r < in->n_reviewers; r++)
			if (score_of(in, p, r) == G_MININT64)
				cheapest = MIN(cheapest, full_price(in, price, share_price, r));
		if (in->cut != NULL && in->cut[p] != VEIL_NO_CUT && cheapest != G_MAXINT64)
			n_dummies = in->demand[p];
		for (guint32 panel = 0; panel < 1u << in->n_reviewers; panel++) {
			guint32 members = (guint32)__builtin_popcount(panel), empty = in->demand[p] - members;
			gint64 value = 0;
			gboolean legal = members <= in->demand[p] && empty <= n_dummies;

			for (guint32 q = p; q < in->n_projects && legal; q++) {
				if (!same_unit(in, p, q))
					continue;
				legal = panel_is_legal(in, q, panel, empty);
				for (guint32 r = 0; r < in->n_reviewers && legal; r++)
					if (panel >> r & 1) {
						gint64 s = scale ? scale[q] * score_of(in, q, r) : score_of(in, q, r);

						value += up(s, weight ? weight[q] : 0) - full_price(in, price, share_price, r);
					}
				if (empty > 0 && legal)
					value += empty * (up(scale ? scale[q] * in->cut[q] : in->cut[q], weight ? weight[q] : 0) - cheapest);
			}
			if (legal)
				best = MAX(best, value);
		}
		assert_true(best != G_MININT64);
		bound += best;
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		bound += (__int128)price[r] * (price[r] > 0 ? in->max_load[r] : in->min_load ? in->min_load[r] : 0);
	for (guint32 s = 0; s < in->n_shares && share_price != NULL; s++)
		bound += (__int128)share_price[s] * (share_price[s] > 0 ? in->shares[s].max_places : in->shares[s].min_places);
	return bound;
}

gint64
ruled_shortage(const VeilInstance *in, const VeilWitness *w)
{
	gint64 sum = 0;

	if (w->kind == VEIL_WITNESS_PLAIN)
		return witness_shortage(in, w);
	if (w->kind == VEIL_WITNESS_PRICES) {
		g_autofree gint64 *zero = g_new0(gint64, in->n_projects + 1);
		VeilInstance listed = *in;

		listed.cut = NULL;
		listed.floor = NULL;
		return (gint64)-ruled_bound(&listed, w->price, w->share_price, NULL, zero);
	}
	if (w->kind == VEIL_WITNESS_PANEL) {
		for (guint32 panel = 0; panel < 1u << in->n_reviewers; panel++) {
			gboolean legal = TRUE;

			for (guint32 q = 0; q < in->n_projects && legal; q++)
				legal = !same_unit(in, w->projects[0], q) || panel_is_legal(in, q, panel, 0);
			if (legal)
				return 0;
		}
		return 1;
	}
	for (guint32 i = 0; i < w->n_reviewers; i++) {
		gboolean counts = FALSE;

		for (guint32 p = 0; p < in->n_projects; p++)
			counts = counts || said_of(in, &in->bounds[w->rule], p, w->reviewers[i]) != 0;
		if (!counts)
			return -1;
		sum -= in->max_load[w->reviewers[i]];
	}
	for (guint32 k = 0; k < w->n_projects; k++) {
		guint32 p = w->projects[k];

		sum += in->bounds[w->rule].min[p];
		for (guint32 r = 0; r < in->n_reviewers; r++) {
			gboolean named = FALSE;

			for (guint32 i = 0; i < w->n_reviewers; i++)
				named = named || w->reviewers[i] == r;
			sum -= !named && said_of(in, &in->bounds[w->rule], p, r) != 0 && score_of(in, p, r) != G_MININT64;
		}
	}
	return sum;
}
