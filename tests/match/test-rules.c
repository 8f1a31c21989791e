/* test-rules.c - panel rules, teams and shares against brute force, and the laws their results obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ruled.h"

#define RESULTS "41e2819924168a96d6eb46c8c4376a0206cd7d3240c50e59908274949412924c"

static Shape
tiny(GRand *random)
{
	return (Shape){
		.projects = (guint32)g_rand_int_range(random, 1, 5),
		.reviewers = (guint32)g_rand_int_range(random, 2, 8),
		.demand = (guint32)g_rand_int_range(random, 1, 4),
		.max_load = (guint32)g_rand_int_range(random, 1, 5),
		.min_load = g_rand_int_range(random, 0, 3) == 0 ? 1 : 0,
		.groups = 0,
		.low = g_rand_boolean(random) ? -5 : 0,
		.high = g_rand_boolean(random) ? 3 : 1000,
		.density = g_rand_double_range(random, 0.5, 1.2),
	};
}

typedef struct {
	guint optimal, gap, infeasible[4], unknown;
	gdouble lost, bound_lost;
} Tally;

static void
check_one(const VeilInstance *in, gboolean exact, guint seed, Tally *tally)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = veil_match_total(in, NULL, &error);
	RuledBest best = {0};
	gboolean feasible = ruled_brute_force(in, &best);

	if (match == NULL) {
		if (exact || !g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED))
			fail_msg("seed %u: %s", seed, error->message);
		tally->unknown++;
		return;
	}
	if (feasible != (match->status != VEIL_MATCH_INFEASIBLE))
		fail_msg("seed %u: feasible %d, status %d", seed, feasible, match->status);
	if (!feasible) {
		gint64 shortage = ruled_shortage(in, &match->witness);

		if (shortage <= 0 || (guint64)shortage != match->witness.short_by)
			fail_msg("seed %u: witness kind %d says short by %d, counted %d", seed, match->witness.kind, (int)match->witness.short_by, (int)shortage);
		tally->infeasible[match->witness.kind]++;
		return;
	}
	ruled_assert_legal(in, match);
	if (ruled_bound(in, match->price, match->share_price, match->weight, NULL) != match->bound)
		fail_msg("seed %u: bound %d", seed, (int)match->bound);
	if (match->bound < best.total || match->objective > best.total)
		fail_msg("seed %u: %d <= best %d <= %d", seed, (int)match->objective, (int)best.total, (int)match->bound);
	if (exact && match->n_open == 0 && match->status != VEIL_MATCH_OPTIMAL)
		fail_msg("seed %u: nested, yet %d < %d (best %d)", seed, (int)match->objective, (int)match->bound, (int)best.total);
	tally->optimal += match->status == VEIL_MATCH_OPTIMAL;
	tally->gap += match->status == VEIL_MATCH_FEASIBLE;
	tally->lost += best.total != 0 ? (gdouble)(best.total - match->objective) / (gdouble)ABS(best.total) : 0;
	tally->bound_lost += best.total != 0 ? (gdouble)(match->bound - best.total) / (gdouble)ABS(best.total) : 0;
}

static void
report(const char *name, const Tally *t)
{
	print_message("# %s: %u optimal, %u with a gap (mean loss %.4f, bound above %.4f), infeasible: %u plain, %u rule, %u panel, %u prices; %u unknown\n", name,
		      t->optimal, t->gap, t->gap ? t->lost / t->gap : 0, t->gap ? t->bound_lost / t->gap : 0, t->infeasible[0], t->infeasible[1], t->infeasible[2],
		      t->infeasible[3], t->unknown);
}

static guint
how_many(void **state)
{
	return GPOINTER_TO_UINT(*state);
}

static void
test_rules__nested_are_exact(void **state)
{
	Tally tally = {0};

	for (guint seed = 0; seed < how_many(state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		gboolean groups = g_rand_boolean(random);
		RuledShape shape = {.shape = tiny(random), .nested = TRUE, .minima = g_rand_boolean(random)};
		g_autoptr(Ruled) y = NULL;

		/* At most one of a group, or classes one in the other: both are laminar by themselves. */
		shape.shape.groups = groups ? 3 : 0;
		shape.counted = groups ? 0 : (guint32)g_rand_int_range(random, 1, 4);
		shape.each = groups && g_rand_boolean(random) ? 1 : 0;
		if (shape.each)
			shape.shape.groups = 0;
		shape.shape.cuts = g_rand_boolean(random);
		shape.pairs = g_rand_boolean(random);
		y = ruled_random(random, &shape);
		check_one(&y->in, TRUE, seed, &tally);
	}
	report("nested", &tally);
}

static void
test_rules__crossing_are_legal_and_bounded(void **state)
{
	Tally tally = {0};

	for (guint seed = 0; seed < how_many(state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		RuledShape shape = {.shape = tiny(random), .minima = TRUE, .counted = (guint32)g_rand_int_range(random, 1, 4)};
		g_autoptr(Ruled) y = NULL;

		shape.each = (guint32)g_rand_int_range(random, 0, 2);
		shape.shape.groups = g_rand_boolean(random) ? 4 : 0;
		shape.shape.cuts = g_rand_boolean(random);
		shape.pairs = g_rand_boolean(random);
		y = ruled_random(random, &shape);
		check_one(&y->in, FALSE, seed, &tally);
	}
	report("crossing", &tally);
}

static void
test_rules__teams_share_one_panel(void **state)
{
	Tally tally = {0};

	for (guint seed = 0; seed < how_many(state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		RuledShape shape = {.shape = tiny(random), .teams = TRUE, .minima = TRUE, .counted = (guint32)g_rand_int_range(random, 0, 3)};
		g_autoptr(Ruled) y = NULL;

		shape.shape.groups = g_rand_boolean(random) ? 4 : 0;
		shape.pairs = g_rand_boolean(random);
		y = ruled_random(random, &shape);
		check_one(&y->in, FALSE, seed, &tally);
	}
	report("teams", &tally);
}

static void
test_rules__shares_are_kept(void **state)
{
	Tally tally = {0};

	for (guint seed = 0; seed < how_many(state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		RuledShape shape = {.shape = tiny(random), .minima = TRUE, .counted = (guint32)g_rand_int_range(random, 0, 2)};
		g_autoptr(Ruled) y = NULL;

		shape.shares = (guint32)g_rand_int_range(random, 1, 3);
		shape.teams = g_rand_int_range(random, 0, 4) == 0;
		y = ruled_random(random, &shape);
		check_one(&y->in, FALSE, seed, &tally);
	}
	report("shares", &tally);
}

static void
check_fair(const VeilInstance *in, guint seed, guint tally[4])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = veil_match_fair(in, NULL, &error);
	g_autofree gint64 *floor = g_new0(gint64, in->n_projects + 1);
	VeilInstance floored = *in;
	RuledBest best = {0};
	gboolean feasible = ruled_brute_force(in, &best);
	guint32 weights = 0;

	if (match == NULL) {
		if (!g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED))
			fail_msg("seed %u: %s", seed, error->message);
		tally[3]++;
		return;
	}
	if (feasible != (match->status != VEIL_MATCH_INFEASIBLE))
		fail_msg("seed %u: feasible %d, status %d", seed, feasible, match->status);
	if (!feasible)
		return;
	for (guint32 p = 0; p < in->n_projects; p++) {
		floor[p] = in->demand[p] > 0 ? match->minimum : -VEIL_MAX_SCORE;
		weights += (guint32)match->min_weight[p];
	}
	floored.floor = floor;
	ruled_assert_legal(&floored, match);
	if (best.minimum == G_MAXINT64) /* nobody needs anything */
		return;
	assert_int_equal(weights, 1000000);
	if (match->minimum > best.minimum || match->minimum_bound < best.minimum)
		fail_msg("seed %u: minimum %d <= best %d <= %d", seed, (int)match->minimum, (int)best.minimum, (int)match->minimum_bound);
	if (ruled_bound(in, match->min_price, match->min_share_price, NULL, match->min_weight) / 1000000 != match->minimum_bound)
		fail_msg("seed %u: bound of the minimum", seed);
	if (ruled_bound(&floored, match->price, match->share_price, match->weight, NULL) != match->bound)
		fail_msg("seed %u: bound", seed);
	if (match->minimum == best.minimum && (match->bound < best.fair_total || match->objective > best.fair_total))
		fail_msg("seed %u: %d <= best %d <= %d", seed, (int)match->objective, (int)best.fair_total, (int)match->bound);
	tally[0]++;
	tally[1] += match->minimum == best.minimum;
	tally[2] += match->minimum == best.minimum && match->objective == best.fair_total;
}

static void
test_rules__fair_is_proved(void **state)
{
	guint tally[4] = {0};

	for (guint seed = 0; seed < how_many(state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		RuledShape shape = {.shape = tiny(random), .minima = TRUE, .counted = (guint32)g_rand_int_range(random, 0, 3)};
		g_autoptr(Ruled) y = NULL;

		shape.teams = g_rand_int_range(random, 0, 4) == 0;
		shape.shape.groups = g_rand_boolean(random) ? 4 : 0;
		shape.pairs = g_rand_boolean(random);
		shape.shape.low = 0; /* rounding of the bound is checked where quotients are not negative */
		y = ruled_random(random, &shape);
		check_fair(&y->in, seed, tally);
	}
	print_message("# fair: %u solved, %u of them with the best minimum, %u with the best total as well; %u unknown\n", tally[0], tally[1], tally[2], tally[3]);
}

/* The proof of a cap, by trying every panel: below it no assignment has this minimum. */
static void
check_cap(const VeilInstance *in, const VeilMatch *match, guint32 least_cap, guint seed)
{
	g_autofree guint32 *load = g_new(guint32, in->n_reviewers + 1);
	VeilInstance capped = *in;
	__int128 bound, wanted = 0;

	if (match->load_cap_bound < least_cap || match->load_cap_bound > match->load_cap)
		fail_msg("seed %u: cap %u, bound %u, least %u", seed, match->load_cap, match->load_cap_bound, least_cap);
	if (match->load_cap_bound == least_cap)
		return;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		load[r] = veil_match_capped_load(in, NULL, r, match->load_cap_bound - 1);
	capped.max_load = load;
	bound = ruled_bound(&capped, match->cap_price, match->cap_share_price, NULL, match->cap_weight);
	for (guint32 p = 0; p < in->n_projects; p++)
		wanted += (__int128)match->cap_weight[p] * match->minimum;
	if (bound >= wanted)
		fail_msg("seed %u: the cap %u is not proved", seed, match->load_cap_bound);
}

static guint32
least_possible_cap(const VeilInstance *in)
{
	guint32 most = 0;

	for (guint32 r = 0; r < in->n_reviewers && in->min_load != NULL; r++)
		most = MAX(most, in->min_load[r]);
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 n = 0;

		for (guint32 q = 0; q < in->n_projects && in->demand[p] > 0; q++)
			n += p == q || (in->team != NULL && in->team[p] != 0 && in->team[p] == in->team[q]);
		most = MAX(most, n);
	}
	return most;
}

static void
check_even(const VeilInstance *in, guint seed, guint tally[5])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = veil_match_fair_even(in, NULL, NULL, &error);
	g_autofree gint64 *floor = g_new0(gint64, in->n_projects + 1);
	g_autofree guint32 *load = g_new(guint32, in->n_reviewers + 1);
	guint32 least_cap = least_possible_cap(in);
	VeilInstance capped = *in;
	RuledBest best = {0};
	gboolean feasible = ruled_brute_force(in, &best);

	if (match == NULL) {
		if (!g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED))
			fail_msg("seed %u: %s", seed, error->message);
		tally[4]++;
		return;
	}
	if (feasible != (match->status != VEIL_MATCH_INFEASIBLE))
		fail_msg("seed %u: feasible %d, status %d", seed, feasible, match->status);
	if (!feasible || least_cap == 0)
		return;
	for (guint32 p = 0; p < in->n_projects; p++)
		floor[p] = in->demand[p] > 0 ? match->minimum : -VEIL_MAX_SCORE;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		load[r] = veil_match_capped_load(in, NULL, r, match->load_cap);
	capped.floor = floor;
	capped.max_load = load;
	ruled_assert_legal(&capped, match);
	check_cap(in, match, least_cap, seed);
	if (ruled_bound(&capped, match->price, match->share_price, match->weight, NULL) != match->bound)
		fail_msg("seed %u: bound", seed);
	if (match->minimum > best.minimum || match->minimum_bound < best.minimum)
		fail_msg("seed %u: minimum %d <= best %d <= %d", seed, (int)match->minimum, (int)best.minimum, (int)match->minimum_bound);
	tally[0]++;
	if (match->minimum != best.minimum)
		return;
	tally[1]++;
	best.even_cap = MAX(best.even_cap, least_cap);
	if (match->load_cap < best.even_cap || match->load_cap_bound > best.even_cap)
		fail_msg("seed %u: cap %u <= best %u <= %u", seed, match->load_cap_bound, best.even_cap, match->load_cap);
	tally[2] += match->load_cap == best.even_cap;
	tally[3] += match->load_cap_bound == best.even_cap;
	if (match->load_cap == best.even_cap && (match->bound < best.even_total || match->objective > best.even_total))
		fail_msg("seed %u: %d <= best %d <= %d", seed, (int)match->objective, (int)best.even_total, (int)match->bound);
}

static void
test_rules__loads_are_as_even_as_the_minimum_allows(void **state)
{
	guint tally[5] = {0};

	for (guint seed = 0; seed < how_many(state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed + 7000000);
		RuledShape shape = {.shape = tiny(random), .minima = TRUE, .counted = (guint32)g_rand_int_range(random, 0, 3)};
		g_autoptr(Ruled) y = NULL;

		shape.teams = g_rand_int_range(random, 0, 4) == 0;
		shape.shares = g_rand_int_range(random, 0, 5) == 0;
		shape.shape.groups = g_rand_boolean(random) ? 4 : 0;
		shape.shape.low = 0;
		shape.shape.max_load += 1;
		y = ruled_random(random, &shape);
		check_even(&y->in, seed, tally);
	}
	print_message("# even: %u solved, %u with the best minimum, of these %u with the smallest cap, %u with the smallest cap proved; %u unknown\n", tally[0], tally[1], tally[2],
		      tally[3], tally[4]);
	assert_true(tally[2] * 100 >= tally[1] * 99 && tally[3] * 100 >= tally[1] * 95);
}

/* Employers inside provinces inside the country: classes of reviewers that lie one in the other, more candidates than are looked at first. */
static Ruled *
large_nested(GRand *random, guint32 projects, guint32 reviewers)
{
	RuledShape shape = {.shape = {.projects = projects, .reviewers = reviewers, .demand = 5, .max_load = 4, .groups = reviewers / 4, .low = 0, .high = 100000, .density = 0.8}};
	Ruled *y;

	shape.shape.min_load = (guint32)g_rand_int_range(random, 0, 2);
	y = ruled_random(random, &shape);
	for (guint32 b = 0; b < 2; b++) {
		y->label[b] = g_new0(guint32, reviewers + 1);
		y->min[b] = g_new0(guint32, projects + 1);
		y->max[b] = g_new0(guint32, projects + 1);
		for (guint32 r = 0; r < reviewers; r++)
			y->label[b][r] = y->in.group[r] % 4 == 1 || (b == 1 && y->in.group[r] % 4 == 2);
		for (guint32 p = 0; p < projects; p++) {
			y->min[b][p] = MIN(b + (guint32)(p % 2), y->in.demand[p]);
			y->max[b][p] = MAX(y->min[b][p], 2 + b);
		}
		y->bounds[b] = (VeilPanelBound){y->label[b], FALSE, y->min[b], y->max[b], 0};
	}
	y->in.n_bounds = 2;
	return y;
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
test_rules__large_nested_close_the_gap(void **state)
{
	guint optimal = 0;

	(void)state;
	for (guint seed = 0; seed < 20; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		g_autoptr(Ruled) y = large_nested(random, 60, 240);
		g_autoptr(VeilMatch) match = solve(&y->in, NULL);
		g_autoptr(GError) error = NULL;
		gint64 bound, total = 0;

		if (match->status == VEIL_MATCH_INFEASIBLE)
			continue;
		if (match->status != VEIL_MATCH_OPTIMAL)
			fail_msg("seed %u: %" G_GINT64_FORMAT " < %" G_GINT64_FORMAT, seed, match->objective, match->bound);
		assert_true(veil_match_bound_with_rules(&y->in, match->price, NULL, NULL, &bound, NULL, &error));
		assert_int_equal(bound, match->bound);
		for (guint32 p = 0; p < y->in.n_projects; p++)
			for (guint64 i = match->assigned_offset[p], k = y->in.offset[p]; i < match->assigned_offset[p + 1]; i++) {
				while (y->in.reviewer[k] != match->assigned[i])
					k++;
				total += y->in.score[k];
			}
		assert_int_equal(total, match->objective);
		optimal++;
	}
	assert_true(optimal > 5);
}

/* A new name for every reviewer changes nothing but names; an order decides between equals only; somebody more never lowers the optimum. */
static void
test_rules__names_and_company_do_not_matter(void **state)
{
	(void)state;
	for (guint seed = 0; seed < 20; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		g_autoptr(Ruled) y = large_nested(random, 20, 60);
		g_autoptr(VeilMatch) whole = solve(&y->in, NULL), again = solve(&y->in, NULL), without = NULL, ordered = NULL;
		g_autofree guint32 *order = g_new(guint32, 61), *load = g_memdup2(y->in.max_load, 60 * sizeof(guint32));
		VeilInstance fewer = y->in;

		assert_int_equal(whole->status, again->status);
		if (whole->status == VEIL_MATCH_INFEASIBLE)
			continue;
		assert_memory_equal(whole->assigned, again->assigned, sizeof(guint32) * whole->assigned_offset[20]);
		assert_memory_equal(whole->price, again->price, sizeof(gint64) * 60);
		for (guint32 r = 0; r < 60; r++)
			order[r] = 59 - r;
		ordered = solve(&y->in, order);
		assert_int_equal(ordered->objective, whole->objective);
		load[seed] = 0;
		fewer.max_load = load;
		fewer.min_load = NULL;
		without = solve(&fewer, NULL);
		if (y->in.min_load[seed] == 0 && without->status != VEIL_MATCH_INFEASIBLE) {
			VeilInstance free = y->in;
			g_autoptr(VeilMatch) more = NULL;

			free.min_load = NULL;
			more = solve(&free, NULL);
			assert_true(more->objective >= without->objective);
		}
	}
}

/* Of everything that a result says. */
static void
add_result(GChecksum *sum, const VeilMatch *match, const VeilInstance *in)
{
	gint64 numbers[] = {match->status, match->objective, match->bound, match->minimum, match->minimum_bound, match->load_cap, match->load_cap_bound};

	g_checksum_update(sum, (const guchar *)numbers, sizeof numbers);
	if (match->status == VEIL_MATCH_INFEASIBLE)
		return;
	g_checksum_update(sum, (const guchar *)match->assigned, (gssize)(match->assigned_offset[in->n_projects] * sizeof *match->assigned));
	g_checksum_update(sum, (const guchar *)match->price, (gssize)(in->n_reviewers * sizeof *match->price));
	if (match->weight != NULL)
		g_checksum_update(sum, (const guchar *)match->weight, (gssize)(in->n_projects * sizeof *match->weight));
	if (match->cap_price != NULL)
		g_checksum_update(sum, (const guchar *)match->cap_price, (gssize)(in->n_reviewers * sizeof *match->cap_price));
}

/* The same bytes from every compiler at every level of optimisation: what is written here changes with the algorithm, and with nothing else. Whoever changes that
 * writes the digest that the test prints, and builds with the other compiler (CC=clang, -Doptimization=0 and 3) before. */
static void
test_rules__results_do_not_depend_on_the_compiler(void **state)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	VeilMatch *(*const solvers[])(const VeilInstance *, const guint32 *, GError **) = {veil_match_total, veil_match_fair, NULL};

	(void)state;
	for (guint seed = 0; seed < 12; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed + 500);
		RuledShape shape = {.shape = {.projects = 12, .reviewers = 16, .demand = 3, .max_load = 4, .groups = 9, .low = 0, .high = 1000000, .density = 0.9}, .minima = TRUE,
				    .counted = seed % 3, .each = seed % 2, .teams = seed % 4 == 3, .shares = seed % 5 == 4};
		g_autoptr(Ruled) y = seed % 6 == 5 ? large_nested(random, 20, 60) : ruled_random(random, &shape);

		for (guint i = 0; i < G_N_ELEMENTS(solvers); i++) {
			g_autoptr(GError) error = NULL;
			g_autoptr(VeilMatch) match = solvers[i] ? solvers[i](&y->in, NULL, &error) : veil_match_fair_even(&y->in, NULL, NULL, &error);

			if (match != NULL)
				add_result(sum, match, &y->in);
			else
				assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
		}
	}
	if (strcmp(g_checksum_get_string(sum), RESULTS) != 0)
		fail_msg("the digest is %s", g_checksum_get_string(sum));
}

int
main(void)
{
	const gboolean slow = g_getenv("VEIL_SLOW") != NULL;
	gpointer many = GUINT_TO_POINTER(slow ? 100000u : 3000u);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_rules__nested_are_exact, many),
		cmocka_unit_test_prestate(test_rules__crossing_are_legal_and_bounded, many),
		cmocka_unit_test_prestate(test_rules__teams_share_one_panel, many),
		cmocka_unit_test_prestate(test_rules__shares_are_kept, many),
		cmocka_unit_test_prestate(test_rules__fair_is_proved, many),
		cmocka_unit_test_prestate(test_rules__loads_are_as_even_as_the_minimum_allows, GUINT_TO_POINTER(slow ? 30000u : 1500u)),
		cmocka_unit_test(test_rules__large_nested_close_the_gap),
		cmocka_unit_test(test_rules__names_and_company_do_not_matter),
		cmocka_unit_test(test_rules__results_do_not_depend_on_the_compiler),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
