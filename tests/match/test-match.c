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

/* --- laws -------------------------------------------------------------------------------------------------------- */

static Shape
middle_shape(GRand *random)
{
	return (Shape){
		.projects = (guint32)g_rand_int_range(random, 5, 40), .reviewers = (guint32)g_rand_int_range(random, 10, 60),
		.demand = 4, .max_load = 4, .min_load = (guint32)g_rand_int_range(random, 0, 2),
		.groups = (guint32)g_rand_int_range(random, 0, 12), .low = -3, .high = g_rand_boolean(random) ? 20 : 100000,
		.density = g_rand_double_range(random, 0.4, 1.0),
	};
}

static VeilMatch *
solve(const VeilInstance *in, const guint32 *order)
{
	g_autoptr(GError) error = NULL;
	VeilMatch *match = veil_match_total(in, order, &error);

	if (match == NULL)
		fail_msg("%s", error->message);
	return match;
}

static void
shuffle(GRand *random, guint32 *list, guint32 n)
{
	for (guint32 i = 0; i < n; i++)
		list[i] = i;
	for (guint32 i = n; i > 1; i--) {
		guint32 j = (guint32)g_rand_int_range(random, 0, (gint32)i), x = list[i - 1];

		list[i - 1] = list[j];
		list[j] = x;
	}
}

/* The same instance with reviewers renamed (new name of r: name[r]) and projects in the order `from`. */
static Instance *
renamed(const Instance *x, const guint32 *name, const guint32 *from, gint64 times, gint64 plus)
{
	Instance *y = g_new0(Instance, 1);
	guint32 P = x->in.n_projects, R = x->in.n_reviewers;
	gsize n = 0, pairs = x->offset[P];
	g_autofree gint64 *row = g_new(gint64, R + 1);

	y->demand = g_new0(guint32, P + 1);
	y->min_load = g_new0(guint32, R + 1);
	y->max_load = g_new0(guint32, R + 1);
	y->group = g_new0(guint32, R + 1);
	y->offset = g_new0(guint64, P + 1);
	y->reviewer = g_new0(guint32, pairs + 1);
	y->score = g_new0(gint64, pairs + 1);
	for (guint32 r = 0; r < R; r++) {
		y->min_load[name[r]] = x->min_load[r];
		y->max_load[name[r]] = x->max_load[r];
		y->group[name[r]] = x->group[r];
	}
	for (guint32 p = 0; p < P; p++) {
		for (guint32 r = 0; r < R; r++)
			row[r] = G_MAXINT64;
		for (guint64 i = x->offset[from[p]]; i < x->offset[from[p] + 1]; i++)
			row[name[x->reviewer[i]]] = x->score[i] * times + plus;
		for (guint32 r = 0; r < R; r++)
			if (row[r] != G_MAXINT64) {
				y->reviewer[n] = r;
				y->score[n++] = row[r];
			}
		y->offset[p + 1] = n;
		y->demand[p] = x->demand[from[p]];
	}
	y->in = (VeilInstance){.n_projects = P, .n_reviewers = R, .demand = y->demand, .min_load = y->min_load, .max_load = y->max_load,
			       .offset = y->offset, .reviewer = y->reviewer, .score = y->score, .group = x->in.group ? y->group : NULL};
	return y;
}

static void
test_match__names_and_units_do_not_matter(void **state)
{
	guint feasible = 0;

	(void)state;
	for (guint seed = 0; seed < 400; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = middle_shape(random);
		g_autoptr(Instance) x = instance_random(random, &shape);
		g_autofree guint32 *name = g_new(guint32, x->in.n_reviewers + 1), *from = g_new(guint32, x->in.n_projects + 1);
		g_autoptr(VeilMatch) a = solve(&x->in, NULL);
		g_autoptr(Instance) y = NULL;
		g_autoptr(VeilMatch) b = NULL, c = NULL, again = solve(&x->in, NULL);
		gint64 places = 0;

		for (guint32 p = 0; p < x->in.n_projects; p++)
			places += x->demand[p];
		shuffle(random, name, x->in.n_reviewers);
		shuffle(random, from, x->in.n_projects);
		y = renamed(x, name, from, 7, 1000);
		b = solve(&y->in, NULL);
		c = solve(&x->in, name);
		assert_int_equal(a->status, b->status);
		assert_int_equal(a->status, c->status);
		if (a->status == VEIL_MATCH_INFEASIBLE) {
			assert_true(witness_shortage(&x->in, &a->witness) == (gint64)a->witness.short_by);
			assert_true(witness_shortage(&y->in, &b->witness) == (gint64)b->witness.short_by);
			continue;
		}
		feasible++;
		assert_legal(&x->in, a);
		assert_legal(&x->in, c);
		assert_int_equal(a->objective * 7 + places * 1000, b->objective);
		assert_int_equal(a->objective, c->objective);
		assert_int_equal(a->bound, a->objective);
		assert_int_equal(c->bound, a->objective);
		assert_memory_equal(a->assigned, again->assigned, sizeof(guint32) * (gsize)places);
		assert_memory_equal(a->price, again->price, sizeof(gint64) * x->in.n_reviewers);
	}
	assert_true(feasible > 100);
}

static void
test_match__one_reviewer_more_never_hurts(void **state)
{
	(void)state;
	for (guint seed = 0; seed < 400; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = middle_shape(random);
		g_autoptr(Instance) x = instance_random(random, &shape);
		guint32 last = x->in.n_reviewers - 1, max = x->max_load[last];
		g_autoptr(VeilMatch) without = NULL, with = NULL;

		x->min_load[last] = 0;
		x->max_load[last] = 0;
		without = solve(&x->in, NULL);
		x->max_load[last] = MAX(max, 1);
		with = solve(&x->in, NULL);
		if (without->status == VEIL_MATCH_INFEASIBLE)
			continue;
		assert_int_equal(with->status, VEIL_MATCH_OPTIMAL);
		assert_true(with->objective >= without->objective);
	}
}

/* Lists cut at the best w, lengthened where `open` says so, end at the optimum over all pairs. */
static void
test_match__cut_lists_close_on_the_whole(void **state)
{
	guint longer = 0;

	(void)state;
	for (guint seed = 0; seed < 300; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = middle_shape(random);
		g_autoptr(Instance) x = instance_random(random, &shape);
		guint32 P = x->in.n_projects;
		g_autofree guint32 *want = g_new(guint32, P + 1), *reviewer = g_new(guint32, x->offset[P] + 1);
		g_autofree gint64 *score = g_new(gint64, x->offset[P] + 1), *cut = g_new(gint64, P + 1);
		g_autofree guint64 *offset = g_new0(guint64, P + 1);
		g_autoptr(VeilMatch) whole = solve(&x->in, NULL), match = NULL;
		VeilInstance in = x->in;

		for (guint32 p = 0; p < P; p++)
			want[p] = x->demand[p] + 1;
		for (;;) {
			in.offset = offset, in.reviewer = reviewer, in.score = score, in.cut = cut;
			for (guint32 p = 0; p < P; p++) {
				offset[p + 1] = offset[p];
				cut[p] = VEIL_NO_CUT;
				for (guint64 i = x->offset[p]; i < x->offset[p + 1]; i++) {
					guint32 better = 0;

					for (guint64 k = x->offset[p]; k < x->offset[p + 1]; k++)
						better += x->score[k] > x->score[i] || (x->score[k] == x->score[i] && k < i);
					if (better < want[p]) {
						reviewer[offset[p + 1]] = x->reviewer[i];
						score[offset[p + 1]++] = x->score[i];
					} else if (better == want[p]) {
						cut[p] = x->score[i];
					}
				}
			}
			match = solve(&in, NULL);
			if (match->n_open == 0)
				break;
			longer++;
			for (guint32 i = 0; i < match->n_open; i++) {
				assert_true(cut[match->open[i]] != VEIL_NO_CUT);
				want[match->open[i]] *= 2;
			}
			g_clear_pointer(&match, veil_match_free);
		}
		assert_int_equal(match->status, whole->status);
		if (match->status == VEIL_MATCH_OPTIMAL)
			assert_int_equal(match->objective, whole->objective);
		else
			assert_true(match->witness.complete);
	}
	assert_true(longer > 100);
}

/* --- edges ------------------------------------------------------------------------------------------------------- */

static void
expect_input_error(const VeilInstance *in)
{
	g_autoptr(GError) error = NULL;

	assert_null(veil_match_total(in, NULL, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_INPUT));
}

static void
test_match__malformed_instances_are_errors(void **state)
{
	guint32 demand[] = {1, 1}, load[] = {1, 1}, none[] = {0, 0}, row[] = {0, 1, 0, 1};
	guint64 offset[] = {0, 2, 4};
	gint64 score[] = {1, 2, 3, 4}, cut[] = {VEIL_NO_CUT, VEIL_MAX_SCORE + 1};
	VeilInstance in = {.n_projects = 2, .n_reviewers = 2, .demand = demand, .min_load = none, .max_load = load, .offset = offset, .reviewer = row, .score = score};
	g_autoptr(VeilMatch) good = solve(&in, NULL);

	(void)state;
	assert_int_equal(good->objective, 5);
	row[3] = 0; /* repeats */
	expect_input_error(&in);
	row[3] = 2; /* nobody */
	expect_input_error(&in);
	row[3] = 1;
	offset[1] = 5;
	expect_input_error(&in);
	offset[1] = 2;
	score[0] = VEIL_MAX_SCORE + 1;
	expect_input_error(&in);
	score[0] = G_MININT64;
	expect_input_error(&in);
	score[0] = 1;
	in.cut = cut;
	expect_input_error(&in);
	in.cut = NULL;
	in.min_load = load;
	in.max_load = none;
	expect_input_error(&in);
}

static void
test_match__the_largest_numbers_hold(void **state)
{
	guint32 demand[] = {1, 2}, load[] = {G_MAXUINT32, 1000000000, 1}, row[] = {0, 1, 0, 1, 2};
	guint64 offset[] = {0, 2, 5};
	gint64 score[] = {VEIL_MAX_SCORE, -VEIL_MAX_SCORE, VEIL_MAX_SCORE, VEIL_MAX_SCORE, -VEIL_MAX_SCORE};
	VeilInstance in = {.n_projects = 2, .n_reviewers = 3, .demand = demand, .max_load = load, .offset = offset, .reviewer = row, .score = score};
	g_autoptr(VeilMatch) match = solve(&in, NULL), short_of = NULL, empty = NULL;
	VeilInstance nothing = {0};
	guint64 zero = 0;

	(void)state;
	assert_int_equal(match->objective, 3 * VEIL_MAX_SCORE);
	assert_int_equal(match->bound, match->objective);
	demand[0] = G_MAXUINT32;
	short_of = solve(&in, NULL);
	assert_int_equal(short_of->status, VEIL_MATCH_INFEASIBLE);
	assert_int_equal(short_of->witness.short_by, G_MAXUINT32 - 2u);
	nothing.offset = &zero;
	empty = solve(&nothing, NULL);
	assert_int_equal(empty->status, VEIL_MATCH_OPTIMAL);
	assert_int_equal(empty->objective, 0);
}

/* Wrong prices give a bound above the optimum, never below. */
static void
test_match__any_prices_bound_from_above(void **state)
{
	(void)state;
	for (guint seed = 0; seed < 300; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = middle_shape(random);
		g_autoptr(Instance) x = instance_random(random, &shape);
		g_autoptr(VeilMatch) match = solve(&x->in, NULL);
		gboolean enters;
		gint64 bound;

		if (match->status == VEIL_MATCH_INFEASIBLE)
			continue;
		for (guint32 r = 0; r < x->in.n_reviewers; r++)
			match->price[r] += g_rand_int_range(random, -50, 50);
		assert_true(veil_match_bound(&x->in, match->price, &bound, NULL, NULL));
		assert_true(bound >= match->objective);
		assert_true(bound_by_sorting(&x->in, match->price, &enters) == bound);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_match__equals_brute_force, GUINT_TO_POINTER(60000)),
		cmocka_unit_test(test_match__names_and_units_do_not_matter),
		cmocka_unit_test(test_match__one_reviewer_more_never_hurts),
		cmocka_unit_test(test_match__cut_lists_close_on_the_whole),
		cmocka_unit_test(test_match__malformed_instances_are_errors),
		cmocka_unit_test(test_match__the_largest_numbers_hold),
		cmocka_unit_test(test_match__any_prices_bound_from_above),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
