/* test-over-all.c - the optimum over all pairs, however few are looked at, is the one with all pairs listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instance.h"

/* A score function that reads a listed instance, sorts by worth, and counts what it was asked for. */
typedef struct {
	const VeilInstance *in;
	gint asked;
	/* lengthen */
	guint32 *n;
	guint64 *offset;
	guint32 *reviewer;
	gint64 *score, *cut;
} Source;

typedef struct {
	gint64 worth;
	VeilPair pair;
} Ranked;

static int
by_worth(const void *a, const void *b)
{
	const Ranked *x = a, *y = b;

	if (x->worth != y->worth)
		return x->worth > y->worth ? -1 : 1;
	return x->pair.reviewer < y->pair.reviewer ? -1 : 1;
}

static guint32
best(gpointer data, guint32 p, const gint64 *price, guint32 n, VeilPair *out, gint64 *out_beyond)
{
	Source *source = data;
	const VeilInstance *in = source->in;
	g_autofree Ranked *row = g_new(Ranked, in->n_reviewers + 1);
	guint32 m = 0;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		row[m++] = (Ranked){in->score[i] - price[in->reviewer[i]], {in->score[i], in->reviewer[i]}};
	qsort(row, m, sizeof *row, by_worth);
	for (guint32 i = 0; i < MIN(n, m); i++)
		out[i] = row[i].pair;
	*out_beyond = m > n ? row[n].worth : G_MININT64;
	g_atomic_int_add(&source->asked, 1);
	return MIN(n, m);
}

static int
by_reviewer(const void *a, const void *b)
{
	const Ranked *x = a, *y = b;

	return x->pair.reviewer < y->pair.reviewer ? -1 : 1;
}

/* The want[p] best of each row, as lists with a cut. */
static gboolean
lengthen(gpointer data, const guint32 *want, VeilInstance *out, GError **error)
{
	Source *source = data;
	const VeilInstance *in = source->in;
	guint64 k = 0;

	(void)error;
	for (guint32 p = 0; p < in->n_projects; p++) {
		g_autofree Ranked *row = g_new(Ranked, in->n_reviewers + 1);
		guint32 m = 0;

		source->n[p] = MAX(source->n[p], want[p]);
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			row[m++] = (Ranked){in->score[i], {in->score[i], in->reviewer[i]}};
		qsort(row, m, sizeof *row, by_worth);
		source->cut[p] = m > source->n[p] ? row[source->n[p]].worth : VEIL_NO_CUT;
		m = MIN(m, source->n[p]);
		qsort(row, m, sizeof *row, by_reviewer);
		for (guint32 i = 0; i < m; i++, k++) {
			source->reviewer[k] = row[i].pair.reviewer;
			source->score[k] = row[i].pair.score;
		}
		source->offset[p + 1] = k;
	}
	out->offset = source->offset;
	out->reviewer = source->reviewer;
	out->score = source->score;
	out->cut = source->cut;
	source->asked++;
	return TRUE;
}

static VeilMatch *
by_lists(const VeilInstance *in, guint32 first)
{
	guint64 pairs = in->offset[in->n_projects];
	g_autofree guint32 *n = g_new0(guint32, in->n_projects + 1), *reviewer = g_new(guint32, pairs + 1), *want = g_new(guint32, in->n_projects + 1);
	g_autofree guint64 *offset = g_new0(guint64, in->n_projects + 1);
	g_autofree gint64 *score = g_new(gint64, pairs + 1), *cut = g_new(gint64, in->n_projects + 1);
	Source source = {.in = in, .n = n, .offset = offset, .reviewer = reviewer, .score = score, .cut = cut};
	VeilScoreSource over = {.data = &source, .lengthen = lengthen, .first = want};

	for (guint32 p = 0; p < in->n_projects; p++)
		want[p] = first;
	return veil_match_over_all(in, &over, NULL, NULL);
}

static VeilMatch *
by_function(const VeilInstance *in, guint n_threads)
{
	Source source = {.in = in};
	VeilScoreSource over = {.data = &source, .best = best, .n_threads = n_threads};
	VeilInstance problem = *in;
	VeilMatch *match;

	problem.offset = NULL; /* its rows are none of our business */
	problem.reviewer = NULL;
	problem.score = NULL;
	match = veil_match_over_all(&problem, &over, NULL, NULL);
	assert_non_null(match);
	if (match->status != VEIL_MATCH_INFEASIBLE && in->group == NULL) {
		gint64 bound;

		assert_true(veil_match_bound_over_all(&problem, &over, match->price, &bound, NULL));
		assert_int_equal(bound, match->bound);
	}
	return match;
}

static void
compare(const VeilInstance *in, const VeilMatch *match, const VeilMatch *whole, guint seed)
{
	if (match->status != whole->status)
		fail_msg("seed %u: status %d, with all pairs listed %d", seed, match->status, whole->status);
	if (whole->status == VEIL_MATCH_INFEASIBLE) {
		assert_true(match->witness.complete);
		assert_true(witness_shortage(in, &match->witness) == (gint64)match->witness.short_by);
		return;
	}
	if (match->objective != whole->objective || match->bound != whole->objective)
		fail_msg("seed %u: objective %d, bound %d, with all pairs listed %d", seed, (int)match->objective, (int)match->bound, (int)whole->objective);
	assert_legal(in, match);
}

static void
test_over_all__is_the_optimum_of_all_pairs(void **state)
{
	guint tally[3] = {0};

	(void)state;
	for (guint seed = 0; seed < 3000; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		gboolean large = seed % 10 == 0;
		Shape shape = {
			.projects = (guint32)g_rand_int_range(random, 1, large ? 90 : 12), .reviewers = (guint32)g_rand_int_range(random, 1, large ? 260 : 40),
			.demand = 4, .max_load = (guint32)g_rand_int_range(random, 1, 6), .min_load = g_rand_int_range(random, 0, 4) == 0 ? 1 : 0,
			.groups = g_rand_int_range(random, 0, 4) == 0 ? 9 : 0, .low = g_rand_boolean(random) ? -5 : 0,
			.high = g_rand_boolean(random) ? 4 : 100000, .density = g_rand_double_range(random, 0.5, 1.1),
		};
		g_autoptr(Instance) x = instance_random(random, &shape);
		g_autoptr(VeilMatch) whole = veil_match_total(&x->in, NULL, NULL), one = by_function(&x->in, 1), two = by_function(&x->in, 3);
		g_autoptr(VeilMatch) lists = by_lists(&x->in, (guint32)g_rand_int_range(random, 1, 6));

		tally[whole->status]++;
		compare(&x->in, one, whole, seed);
		compare(&x->in, lists, whole, seed);
		assert_int_equal(one->status, two->status);
		if (one->status == VEIL_MATCH_INFEASIBLE)
			continue;
		/* threads change nothing at all */
		assert_memory_equal(one->assigned, two->assigned, sizeof(guint32) * one->assigned_offset[x->in.n_projects]);
		assert_memory_equal(one->price, two->price, sizeof(gint64) * x->in.n_reviewers);
	}
	print_message("# %u optimal, %u infeasible\n", tally[VEIL_MATCH_OPTIMAL], tally[VEIL_MATCH_INFEASIBLE]);
	assert_true(tally[VEIL_MATCH_OPTIMAL] > 500 && tally[VEIL_MATCH_INFEASIBLE] > 200);
}

/* Few scores are asked for: each project's best a few times, not every pair for every bid. */
static void
test_over_all__asks_for_little(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(3);
	Shape shape = {.projects = 300, .reviewers = 1200, .demand = 4, .max_load = 3, .high = 1000000, .density = 1.1};
	g_autoptr(Instance) x = instance_random(random, &shape);
	Source source = {.in = &x->in};
	VeilScoreSource over = {.data = &source, .best = best};
	g_autoptr(VeilMatch) match = veil_match_over_all(&x->in, &over, NULL, NULL);

	(void)state;
	assert_non_null(match);
	assert_int_equal(match->status, VEIL_MATCH_OPTIMAL);
	assert_true(source.asked < 4 * 300);
}

static void
test_over_all__what_it_does_not_do(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(3);
	Shape shape = {.projects = 3, .reviewers = 8, .demand = 2, .max_load = 3, .high = 100, .density = 1.1, .groups = 3};
	g_autoptr(Instance) x = instance_random(random, &shape);
	Source source = {.in = &x->in};
	VeilScoreSource over = {.data = &source, .best = best};
	g_autoptr(GError) error = NULL;
	g_autofree gint64 *floor = g_new0(gint64, 4), *price = g_new0(gint64, 9);
	gint64 bound = 5;

	(void)state;
	assert_false(veil_match_bound_over_all(&x->in, &over, price, &bound, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_int_equal(bound, 5);
	g_clear_error(&error);
	x->in.floor = floor;
	assert_null(veil_match_over_all(&x->in, &over, NULL, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_over_all__is_the_optimum_of_all_pairs),
		cmocka_unit_test(test_over_all__asks_for_little),
		cmocka_unit_test(test_over_all__what_it_does_not_do),
	};

	return cmocka_run_group_tests_name("over-all", tests, NULL, NULL);
}
