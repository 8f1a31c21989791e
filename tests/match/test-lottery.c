/* test-lottery.c - method draw where rules cross, with teams and shares: every assignment of the lottery legal, weights whole, no pair above its cap, nothing refused that is easy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <veil/draw.h>
#include <veil/hash.h>

#include "ruled.h"

enum { WHOLE = VEIL_ODDS_WHOLE };

typedef struct {
	guint lotteries, rounded, refused, infeasible;
} Tally;

/* Every assignment by itself, the odds as their marginals, and what is expected below what the prices allow. */
static void
assert_lottery(const VeilInstance *in, const VeilOdds *odds)
{
	guint64 n = in->offset[in->n_projects], weights = 0, places = 0;
	g_autofree guint64 *marginal = g_new0(guint64, n + 1);
	gint64 bound;

	for (guint32 p = 0; p < in->n_projects; p++)
		places += odds->places[p];
	for (guint32 t = 0; t < odds->n_lottery; t++) {
		g_autofree guint64 *offset = g_new0(guint64, (gsize)in->n_projects + 1);
		VeilMatch match = {.assigned_offset = offset, .assigned = odds->panels + t * places};
		VeilInstance drawn = *in;

		drawn.demand = odds->places;
		weights += odds->weight[t];
		assert_true(odds->weight[t] > 0);
		for (guint32 p = 0; p < in->n_projects; p++) {
			offset[p + 1] = offset[p] + odds->places[p];
			for (guint64 i = offset[p]; i < offset[p + 1]; i++) {
				guint64 k = in->offset[p];

				assert_true(i == offset[p] || match.assigned[i] > match.assigned[i - 1]);
				while (k < in->offset[p + 1] && in->reviewer[k] != match.assigned[i])
					k++;
				assert_true(k < in->offset[p + 1]);
				marginal[k] += odds->weight[t];
				match.objective += in->score[k];
			}
		}
		ruled_assert_legal(&drawn, &match);
	}
	assert_int_equal(weights, WHOLE);
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			assert_int_equal(marginal[i], odds->odds[i]);
			assert_true(odds->odds[i] <= odds->cap[p]);
		}
	assert_true(odds->expected <= odds->bound);
	assert_true(veil_odds_bound(in, odds->places, odds->cap, odds->price, &bound, NULL));
	assert_int_equal(bound, odds->bound);
}

static void
try_case(GRand *random, const RuledShape *shape, guint32 cap, Tally *tally)
{
	g_autoptr(Ruled) y = ruled_random(random, shape);
	VeilOddsOptions options = {.cap = cap, .perturbation = 500000};
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilOdds) odds = veil_odds_solve(&y->in, &options, &error), again = NULL;
	RuledBest best;

	if (odds == NULL) {
		g_autoptr(GError) other = NULL;

		assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
		assert_true(cap < WHOLE); /* without a cap one legal assignment is enough */
		tally->refused++;
		assert_null(veil_odds_solve(&y->in, &options, &other));
		assert_string_equal(error->message, other->message);
		return;
	}
	if (odds->status == VEIL_MATCH_INFEASIBLE) {
		assert_true(cap < WHOLE || !ruled_brute_force(&y->in, &best));
		tally->infeasible++;
		return;
	}
	if (odds->n_lottery == 0) {
		tally->rounded++;
		return;
	}
	tally->lotteries++;
	assert_lottery(&y->in, odds);
	again = veil_odds_solve(&y->in, &options, &error);
	assert_memory_equal(again->odds, odds->odds, sizeof *odds->odds * y->in.offset[y->in.n_projects]);
	options.no_lottery = TRUE;
	assert_null(veil_odds_solve(&y->in, &options, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
}

static void
test_lottery__every_assignment_is_legal(void **unused)
{
	static const guint32 caps[] = {WHOLE, 5000, 4000};
	Tally tally = {0};

	(void)unused;
	for (guint32 seed = 0; seed < 240; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		RuledShape shape = {
			.shape = {.projects = 1 + seed % 4, .reviewers = 8 + seed % 5, .demand = 1 + seed % 3, .max_load = 2 + seed % 3, .low = 0, .high = 1000000, .density = 1.1},
			.counted = seed % 3,
			.each = seed % 2,
			.teams = seed % 4 == 1,
			.minima = seed % 5 < 2,
			.shares = seed % 6 == 2,
			.pairs = seed % 7 == 3,
		};

		try_case(random, &shape, caps[seed % 3], &tally);
	}
	print_message("# %u lotteries, %u by odds, %u infeasible, %u refused\n", tally.lotteries, tally.rounded, tally.infeasible, tally.refused);
	assert_true(tally.lotteries > 50 && tally.refused * 4 < tally.lotteries);
}

/* Three that pairwise share an attribute capped at one: no panel holds two of them (DESIGN 4), and every panel of the lottery obeys that although odds of 1/2 each would satisfy every rule. */
static void
test_lottery__three_who_exclude_each_other(void **unused)
{
	static const guint32 label[3][6] = {{1, 1, 0, 0, 0, 0}, {0, 1, 1, 0, 0, 0}, {1, 0, 1, 0, 0, 0}}, one[1] = {1}, demand[1] = {2}, load[6] = {1, 1, 1, 1, 1, 1};
	static const guint32 reviewer[6] = {0, 1, 2, 3, 4, 5};
	static const guint64 offset[2] = {0, 6};
	static const gint64 score[6] = {900000, 900000, 900000, 100000, 100000, 100000};
	VeilPanelBound bounds[3] = {{.label = label[0], .max = one}, {.label = label[1], .max = one}, {.label = label[2], .max = one}};
	VeilInstance in = {.n_projects = 1, .n_reviewers = 6, .demand = demand, .max_load = load, .offset = offset, .reviewer = reviewer, .score = score, .bounds = bounds, .n_bounds = 3};
	VeilOddsOptions options = {.cap = 4000, .perturbation = 500000};
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilOdds) odds = veil_odds_solve(&in, &options, &error);
	guint32 first[6] = {0};

	(void)unused;
	assert_non_null(odds);
	assert_true(odds->n_lottery > 0);
	for (guint32 t = 0; t < odds->n_lottery; t++)
		assert_true(odds->panels[2 * t + 1] > 2); /* ascending: at most one of the three */
	for (guint32 r = 0; r < 6; r++)
		assert_true(odds->odds[r] >= 3000 && odds->odds[r] <= 4000); /* equally fit, nearly equal odds */
	/* the draw takes them by their weights */
	for (guint32 n = 0; n < 3000; n++) {
		guint64 out[2];
		guint32 people[2];
		guint8 seed[32] = {0};

		veil_put_u64(seed, n);
		assert_true(veil_draw_odds(&in, odds, seed, out, people, &error));
		for (guint i = 0; i < 2; i++)
			first[people[i]]++;
	}
	for (guint32 r = 0; r < 6; r++)
		assert_true(ABS((gint64)first[r] * WHOLE - (gint64)odds->odds[r] * 3000) < 130 * WHOLE); /* five standard deviations */
}

/* Reserves count for the maxima, and among those drawn there is always a legal panel; shares and reserves together are refused. */
static void
test_lottery__reserves(void **unused)
{
	static const guint32 reserves[4] = {2, 2, 2, 2};
	guint made = 0;

	(void)unused;
	for (guint32 seed = 0; seed < 200; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		RuledShape shape = {.shape = {.projects = 2, .reviewers = 12, .demand = 2, .max_load = 2, .low = 0, .high = 1000000, .density = 1.1}, .counted = 3, .minima = TRUE};
		g_autoptr(Ruled) y = ruled_random(random, &shape);
		VeilOddsOptions options = {.cap = 8000, .perturbation = 500000, .reserves = reserves};
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilOdds) odds = veil_odds_solve(&y->in, &options, &error);
		static const char *const codes[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
		const guint32 *at;

		if (odds == NULL || odds->n_lottery == 0)
			continue;
		made++;
		at = odds->panels;
		for (guint32 t = 0; t < odds->n_lottery; t++)
			for (guint32 p = 0; p < y->in.n_projects; p++) {
				guint32 people[8];
				guint8 key[32] = {(guint8)t};

				memcpy(people, at, sizeof *people * odds->places[p]);
				assert_true(veil_draw_panel(&y->in, p, key, "p", codes, people, odds->places[p]));
				at += odds->places[p];
			}
	}
	print_message("# %u with reserves\n", made);
	assert_true(made > 10);
	{
		g_autoptr(GRand) random = g_rand_new_with_seed(2);
		RuledShape shape = {.shape = {.projects = 2, .reviewers = 12, .demand = 2, .max_load = 2, .low = 0, .high = 9, .density = 1.1}, .shares = 1};
		g_autoptr(Ruled) y = ruled_random(random, &shape);
		VeilOddsOptions options = {.cap = 8000, .reserves = reserves};
		g_autoptr(GError) error = NULL;

		assert_null(veil_odds_solve(&y->in, &options, &error));
		assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED) && strstr(error->message, "reserves") != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lottery__every_assignment_is_legal),
		cmocka_unit_test(test_lottery__three_who_exclude_each_other),
		cmocka_unit_test(test_lottery__reserves),
	};

	return cmocka_run_group_tests_name("lottery", tests, NULL, NULL);
}
