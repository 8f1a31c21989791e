/* test-match.c - method total against brute force, and the laws its results obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instance.h"

static Shape
tiny_shape(GRand *random)
{
	return (Shape){
		.projects = (guint32)g_rand_int_range(random, 1, 5),
		.reviewers = (guint32)g_rand_int_range(random, 1, 7),
		.demand = (guint32)g_rand_int_range(random, 1, 4),
		.max_load = (guint32)g_rand_int_range(random, 1, 5),
		.min_load = g_rand_boolean(random) ? (guint32)g_rand_int_range(random, 0, 3) : 0,
		.groups = g_rand_boolean(random) ? (guint32)g_rand_int_range(random, 1, 5) : 0,
		.low = g_rand_boolean(random) ? -5 : 0,
		.high = g_rand_boolean(random) ? 3 : 1000,
		.density = g_rand_double_range(random, 0.3, 1.1),
		.cuts = g_rand_boolean(random),
	};
}

/* Optimal where brute force says so, to the unit; the price bound equal; infeasible otherwise, with a witness that counts. */
/* tally: optimal, feasible, short of places, short of loads. */
static void
check_one(const VeilInstance *in, guint seed, guint tally[4])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = veil_match_total(in, NULL, &error);
	gint64 best = 0, bound = 0;
	gboolean feasible = brute_force(in, &best), enters = FALSE;

	if (match == NULL)
		fail_msg("seed %u: %s", seed, error->message);
	if (feasible != (match->status != VEIL_MATCH_INFEASIBLE))
		fail_msg("seed %u: feasible %d, status %d", seed, feasible, match->status);
	tally[feasible ? (guint)(match->status == VEIL_MATCH_FEASIBLE) : 2u + (guint)match->witness.minimum]++;
	if (!feasible) {
		gint64 shortage = witness_shortage(in, &match->witness);

		if (shortage <= 0 || (guint64)shortage != match->witness.short_by)
			fail_msg("seed %u: witness says short by %d, counted %d", seed, (int)match->witness.short_by, (int)shortage);
		return;
	}
	if (match->objective != best)
		fail_msg("seed %u: objective %d, best %d", seed, (int)match->objective, (int)best);
	assert_legal(in, match);
	assert_true(bound_by_sorting(in, match->price, &enters) == match->bound);
	assert_true(veil_match_bound(in, match->price, &bound, NULL, &error));
	assert_int_equal(bound, match->bound);
	assert_int_equal(enters, match->n_open > 0);
	if (!enters)
		assert_int_equal(match->bound, best);
	assert_true(match->bound >= best);
	assert_int_equal(match->status, match->bound == best ? VEIL_MATCH_OPTIMAL : VEIL_MATCH_FEASIBLE);
}

static void
test_match__equals_brute_force(void **state)
{
	guint n = GPOINTER_TO_UINT(*state), tally[4] = {0};

	for (guint seed = 0; seed < n; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = tiny_shape(random);
		g_autoptr(Instance) x = instance_random(random, &shape);

		check_one(&x->in, seed, tally);
	}
	print_message("# %u optimal, %u with a cut too short, %u short of places, %u short of loads\n", tally[0], tally[1], tally[2], tally[3]);
	for (guint i = 0; i < 4; i++) /* else the shapes test nothing */
		assert_true(tally[i] > n / 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_match__equals_brute_force, GUINT_TO_POINTER(60000)),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
