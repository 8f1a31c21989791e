/* instance.c - random instances, brute force, and the checkers. Plain and slow on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "instance.h"

Instance *
instance_random(GRand *random, const Shape *shape)
{
	Instance *x = g_new0(Instance, 1);
	guint32 n = 0, P = shape->projects, R = shape->reviewers;

	x->demand = g_new0(guint32, P + 1);
	x->min_load = g_new0(guint32, R + 1);
	x->max_load = g_new0(guint32, R + 1);
	x->group = g_new0(guint32, R + 1);
	x->offset = g_new0(guint64, P + 1);
	x->reviewer = g_new0(guint32, (gsize)P * R + 1);
	x->score = g_new0(gint64, (gsize)P * R + 1);
	x->cut = g_new0(gint64, P + 1);
	for (guint32 r = 0; r < R; r++) {
		x->max_load[r] = (guint32)g_rand_int_range(random, 0, (gint32)shape->max_load + 1);
		x->min_load[r] = (guint32)g_rand_int_range(random, 0, (gint32)shape->min_load + 1);
		x->min_load[r] = MIN(x->min_load[r], x->max_load[r]);
		x->group[r] = shape->groups ? (guint32)g_rand_int_range(random, 0, (gint32)shape->groups + 1) : 0;
	}
	for (guint32 p = 0; p < P; p++) {
		gint64 low = VEIL_MAX_SCORE;

		for (guint32 r = 0; r < R; r++)
			if (g_rand_double(random) < shape->density) {
				x->reviewer[n] = r;
				x->score[n] = g_rand_int_range(random, (gint32)shape->low, (gint32)shape->high + 1);
				low = MIN(low, x->score[n]);
				n++;
			}
		x->offset[p + 1] = n;
		x->demand[p] = (guint32)g_rand_int_range(random, 0, (gint32)shape->demand + 1);
		x->cut[p] = g_rand_boolean(random) || low == VEIL_MAX_SCORE ? VEIL_NO_CUT : low + (gint64)g_rand_int_range(random, -2, 2);
	}
	x->in = (VeilInstance){.n_projects = P, .n_reviewers = R, .demand = x->demand, .min_load = x->min_load, .max_load = x->max_load,
			       .offset = x->offset, .reviewer = x->reviewer, .score = x->score,
			       .cut = shape->cuts ? x->cut : NULL, .group = shape->groups ? x->group : NULL};
	return x;
}

void
instance_free(Instance *x)
{
	g_free(x->demand);
	g_free(x->min_load);
	g_free(x->max_load);
	g_free(x->group);
	g_free(x->offset);
	g_free(x->reviewer);
	g_free(x->score);
	g_free(x->cut);
	g_free(x);
}

typedef struct {
	const VeilInstance *in;
	guint32 load[16];
	gboolean found;
	gint64 best;
} Brute;

static void
try_project(Brute *b, guint32 p, gint64 sum)
{
	const VeilInstance *in = b->in;
	guint64 first;
	guint32 n;

	if (p == in->n_projects) {
		for (guint32 r = 0; r < in->n_reviewers; r++)
			if (in->min_load && b->load[r] < in->min_load[r])
				return;
		if (!b->found || sum > b->best)
			b->best = sum;
		b->found = TRUE;
		return;
	}
	first = in->offset[p];
	n = (guint32)(in->offset[p + 1] - first);
	for (guint32 mask = 0; mask < 1u << n; mask++) {
		guint64 groups = 0;
		gint64 gain = 0;
		gboolean legal = (guint32)__builtin_popcount(mask) == in->demand[p];

		for (guint32 i = 0; legal && i < n; i++) {
			guint32 r = in->reviewer[first + i], g = in->group ? in->group[r] : 0;

			if (!(mask >> i & 1))
				continue;
			legal = b->load[r] < in->max_load[r] && (g == 0 || !(groups >> g & 1));
			groups |= g ? G_GUINT64_CONSTANT(1) << g : 0;
			gain += in->score[first + i];
		}
		if (!legal)
			continue;
		for (guint32 i = 0; i < n; i++)
			b->load[in->reviewer[first + i]] += mask >> i & 1;
		try_project(b, p + 1, sum + gain);
		for (guint32 i = 0; i < n; i++)
			b->load[in->reviewer[first + i]] -= mask >> i & 1;
	}
}

gboolean
brute_force(const VeilInstance *in, gint64 *out_best)
{
	Brute b = {.in = in};

	g_assert(in->n_reviewers <= G_N_ELEMENTS(b.load));
	try_project(&b, 0, 0);
	*out_best = b.best;
	return b.found;
}

void
assert_legal(const VeilInstance *in, const VeilMatch *match)
{
	g_autofree guint32 *load = g_new0(guint32, in->n_reviewers + 1);
	gint64 sum = 0;

	for (guint32 p = 0; p < in->n_projects; p++) {
		guint64 a = match->assigned_offset[p], b = match->assigned_offset[p + 1];

		assert_int_equal(b - a, in->demand[p]);
		for (guint64 i = a; i < b; i++) {
			guint32 r = match->assigned[i];
			gboolean listed = FALSE;

			assert_true(i == a || match->assigned[i - 1] < r);
			load[r]++;
			for (guint64 k = in->offset[p]; k < in->offset[p + 1]; k++)
				if (in->reviewer[k] == r) {
					listed = TRUE;
					sum += in->score[k];
				}
			assert_true(listed);
			for (guint64 k = a; k < i; k++)
				assert_false(in->group && in->group[r] && in->group[match->assigned[k]] == in->group[r]);
		}
	}
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		assert_true(load[r] <= in->max_load[r]);
		assert_true(in->min_load == NULL || load[r] >= in->min_load[r]);
	}
	assert_int_equal(sum, match->objective);
}

typedef struct {
	gint64 profit;
	guint32 group;
	gboolean dummy;
} Offer;

static int
by_profit(const void *a, const void *b)
{
	const Offer *x = a, *y = b;

	if (x->profit != y->profit)
		return x->profit > y->profit ? -1 : 1;
	return x->dummy - y->dummy; /* a dummy enters only where it is better */
}

__int128
bound_by_sorting(const VeilInstance *in, const gint64 *price, gboolean *out_dummy_enters)
{
	__int128 sum = 0;

	*out_dummy_enters = FALSE;
	for (guint32 p = 0; p < in->n_projects; p++) {
		g_autoptr(GArray) offers = g_array_new(FALSE, FALSE, sizeof(Offer));
		gint64 cheapest = G_MAXINT64;
		guint32 taken = 0;

		for (guint32 r = 0; r < in->n_reviewers; r++) {
			gboolean listed = FALSE;

			for (guint64 k = in->offset[p]; k < in->offset[p + 1]; k++)
				if (in->reviewer[k] == r) {
					Offer o = {in->score[k] - price[r], in->group ? in->group[r] : 0, FALSE};

					listed = TRUE;
					g_array_append_val(offers, o);
				}
			if (!listed)
				cheapest = MIN(cheapest, price[r]);
		}
		if (in->cut && in->cut[p] != VEIL_NO_CUT && cheapest != G_MAXINT64)
			for (guint32 i = 0; i < in->demand[p]; i++) {
				Offer o = {in->cut[p] - cheapest, 0, TRUE};

				g_array_append_val(offers, o);
			}
		if (offers->len > 1)
			qsort(offers->data, offers->len, sizeof(Offer), by_profit);
		for (guint i = 0; i < offers->len && taken < in->demand[p]; i++) {
			const Offer *o = &g_array_index(offers, Offer, i);
			gboolean blocked = FALSE;

			for (guint k = 0; k < i; k++) /* a better one of the group came before: it was taken, or blocked likewise */
				blocked |= o->group != 0 && g_array_index(offers, Offer, k).group == o->group;
			if (blocked)
				continue;
			sum += o->profit;
			*out_dummy_enters |= o->dummy;
			taken++;
		}
		assert_int_equal(taken, in->demand[p]);
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		sum += (__int128)price[r] * (price[r] > 0 ? in->max_load[r] : in->min_load ? in->min_load[r] : 0);
	return sum;
}

static gboolean
contains(const guint32 *list, guint32 n, guint32 x)
{
	for (guint32 i = 0; i < n; i++)
		if (list[i] == x)
			return TRUE;
	return FALSE;
}

/* Candidates of p inside or outside the list, one a group. */
static gint64
count(const VeilInstance *in, guint32 p, const guint32 *list, guint32 n_list, gboolean inside)
{
	guint64 seen[64] = {0};
	gint64 n = 0;

	for (guint64 k = in->offset[p]; k < in->offset[p + 1]; k++) {
		guint32 r = in->reviewer[k], g = in->group ? in->group[r] : 0;

		if (contains(list, n_list, r) != inside || (g != 0 && seen[g]++))
			continue;
		n++;
	}
	return n;
}

gint64
witness_shortage(const VeilInstance *in, const VeilWitness *w)
{
	gint64 wanted = 0, given = 0;

	if (w->minimum) {
		for (guint32 i = 0; i < w->n_reviewers; i++)
			wanted += in->min_load[w->reviewers[i]];
		for (guint32 p = 0; p < in->n_projects; p++) {
			gint64 n = MIN((gint64)in->demand[p], count(in, p, w->reviewers, w->n_reviewers, TRUE));

			assert_true(n == 0 || contains(w->projects, w->n_projects, p));
			given += n;
		}
		return wanted - given;
	}
	for (guint32 i = 0; i < w->n_reviewers; i++)
		given += in->max_load[w->reviewers[i]];
	for (guint32 i = 0; i < w->n_projects; i++) {
		guint32 p = w->projects[i];

		wanted += in->demand[p];
		given += count(in, p, w->reviewers, w->n_reviewers, FALSE);
	}
	return wanted - given;
}
