/* test-odds.c - method draw: odds inside every rule, proved best by their own prices, equal for the equally fit; infeasible only where nothing exists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <veil/draw.h>
#include <veil/hash.h>

#include "instance.h"

enum { WHOLE = VEIL_ODDS_WHOLE, MAX_R = 24, MAX_P = 8, MOST_R = 120 };

/* Regions (1, 2; 0 not said) hold towns, towns hold employers: rules about them nest. */
typedef struct {
	Instance *x;
	guint32 region[MOST_R], town[MOST_R], employer[MOST_R], reserves[MAX_P];
	guint32 min[MAX_P], region_max[MAX_P], town_max[MAX_P], one[MAX_P];
	VeilPanelBound bounds[3];
	VeilOddsOptions options;
} Case;

static void
add_rules(Case *c, GRand *random)
{
	VeilInstance *in = &c->x->in;

	for (guint32 r = 0; r < in->n_reviewers; r++) {
		guint32 region = (guint32)g_rand_int_range(random, 0, 3), town = region == 0 ? 0 : 2 * region + (guint32)g_rand_int_range(random, 0, 2);

		c->region[r] = region == 1;
		c->town[r] = town;
		c->employer[r] = town == 0 ? 0 : 3 * town + (guint32)g_rand_int_range(random, 0, 3);
	}
	for (guint32 p = 0; p < in->n_projects; p++) {
		c->min[p] = in->demand[p] > 1 ? (guint32)g_rand_int_range(random, 0, 2) : 0;
		c->region_max[p] = g_rand_boolean(random) ? G_MAXUINT32 : MAX(in->demand[p], 2) - 1;
		c->town_max[p] = (guint32)g_rand_int_range(random, 1, 3);
		c->one[p] = 1;
	}
	c->bounds[0] = (VeilPanelBound){c->region, FALSE, c->min, c->region_max, 0};
	c->bounds[1] = (VeilPanelBound){c->town, TRUE, NULL, c->town_max, 0};
	c->bounds[2] = (VeilPanelBound){c->employer, TRUE, NULL, c->one, 0};
	in->bounds = c->bounds;
	in->n_bounds = 3;
	in->group = NULL;
}

static void
make_case(Case *c, GRand *random, guint32 cap)
{
	Shape shape = {
		.projects = (guint32)g_rand_int_range(random, 1, 6),
		.reviewers = (guint32)g_rand_int_range(random, 2, cap == WHOLE ? 8 : MAX_R),
		.demand = (guint32)g_rand_int_range(random, 1, 4),
		.max_load = (guint32)g_rand_int_range(random, 1, 5),
		.min_load = g_rand_boolean(random) ? (guint32)g_rand_int_range(random, 0, 3) : 0,
		.groups = g_rand_boolean(random) ? (guint32)g_rand_int_range(random, 1, 5) : 0,
		.low = g_rand_boolean(random) ? -50000 : 0,
		.high = g_rand_boolean(random) ? 10 : 1000000,
		.density = g_rand_double_range(random, 0.5, 1.1),
	};

	memset(c, 0, sizeof *c);
	c->x = instance_random(random, &shape);
	c->options = (VeilOddsOptions){.cap = cap, .band = g_rand_boolean(random) ? 0 : 100000, .perturbation = g_rand_boolean(random) ? 0 : 500000};
	if (g_rand_boolean(random))
		add_rules(c, random);
}

static gint64
band_of(gint64 score, gint64 band)
{
	return band == 0 ? score : (score - ((score % band) + band) % band);
}

static void
assert_rule(const VeilInstance *in, const VeilOdds *odds, guint32 p, const guint32 *label, guint8 pairs, gboolean each, guint32 min, guint32 max)
{
	guint32 sum[64] = {0};

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
		guint32 value = pairs ? in->mark[i] & pairs : label[in->reviewer[i]];

		sum[each ? value : value != 0] += odds->odds[i];
	}
	for (guint32 v = 1; v < 64; v++)
		assert_true(max == G_MAXUINT32 || sum[v] <= (guint64)max * WHOLE);
	assert_true(sum[1] >= (guint64)min * WHOLE);
}

/* Sums, caps, loads, rules. */
static void
assert_odds_legal(const VeilInstance *in, const VeilOdds *odds)
{
	guint64 load[MOST_R] = {0};

	for (guint32 p = 0; p < in->n_projects; p++) {
		guint64 sum = 0;

		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			assert_true(odds->odds[i] <= odds->cap[p]);
			sum += odds->odds[i];
			load[in->reviewer[i]] += odds->odds[i];
		}
		assert_int_equal(sum, (guint64)odds->places[p] * WHOLE);
		if (in->group != NULL)
			assert_rule(in, odds, p, in->group, 0, TRUE, 0, 1);
		for (guint32 b = 0; b < in->n_bounds; b++) {
			const VeilPanelBound *bound = &in->bounds[b];

			assert_rule(in, odds, p, bound->label, bound->pairs, bound->each, bound->min ? bound->min[p] : 0, bound->max ? bound->max[p] : G_MAXUINT32);
		}
	}
	for (guint32 r = 0; r < in->n_reviewers; r++)
		assert_true(load[r] <= (guint64)in->max_load[r] * WHOLE && load[r] >= (guint64)in->min_load[r] * WHOLE && (odds->price[r] <= 0 || load[r] == (guint64)in->max_load[r] * WHOLE) &&
			    (odds->price[r] >= 0 || load[r] == (guint64)in->min_load[r] * WHOLE));
}

/* The odds maximise a concave sum exactly when they are best for the linear sum of their own marginal gains. Prices bound that linear sum by other code (veil_odds_bound), and odds that
 * meet the bound are best: Lagrange, without a solver. A unit on every pair, and a millionth, are what rounding may cost. */
static void
assert_best(const VeilInstance *in, const VeilOdds *odds, const VeilOddsOptions *options, guint seed)
{
	g_autofree gint64 *gain = g_new(gint64, in->offset[in->n_projects] + 1);
	VeilInstance marginal = *in;
	g_autoptr(GError) error = NULL;
	gint64 beta = options->perturbation ? options->perturbation : VEIL_ODDS_PERTURBATION, bound;
	__int128 sum = 0;
	double slack = 0;

	marginal.score = gain;
	for (guint64 i = 0; i < in->offset[in->n_projects]; i++) {
		gint64 b = band_of(in->score[i], options->band), c = MAX(b, VEIL_ODDS_CURVATURE);

		gain[i] = b - (gint64)((__int128)2 * beta * c * odds->odds[i] / ((__int128)1000000 * WHOLE));
		sum += (__int128)gain[i] * odds->odds[i];
		slack += 2.0 * (2.0 * (double)beta / 1e6 * (double)c / WHOLE + 1);
	}
	assert_true(veil_odds_bound(&marginal, odds->places, odds->cap, odds->price, &bound, &error));
	if ((double)bound - (double)(sum / WHOLE) > slack || bound < (gint64)(sum / WHOLE) - 1)
		fail_msg("seed %u: gains of %f, bound %f, slack %f", seed, (double)(sum / WHOLE), (double)bound, slack);
	assert_true(odds->expected <= odds->bound);
}

/* Same project, same band, same price, same labels: at most a unit apart. */
static void
assert_equal_odds(const Case *c, const VeilOdds *odds)
{
	const VeilInstance *in = &c->x->in;

	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
			for (guint64 k = in->offset[p]; k < i; k++) {
				guint32 a = in->reviewer[i], b = in->reviewer[k];
				gboolean same = band_of(in->score[i], c->options.band) == band_of(in->score[k], c->options.band) && odds->price[a] == odds->price[b] &&
						(in->group == NULL || in->group[a] == in->group[b]) && c->employer[a] == c->employer[b] && in->max_load[a] > 0 && in->max_load[b] > 0;

				if (same)
					assert_true(odds->odds[i] + 1 >= odds->odds[k] && odds->odds[k] + 1 >= odds->odds[i]);
			}
}

/* Whether there are odds. */
static gboolean
check_case(const Case *c, guint seed)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilOdds) odds = veil_odds_solve(&c->x->in, &c->options, &error);

	if (odds == NULL)
		fail_msg("seed %u: %s", seed, error->message);
	if (odds->status == VEIL_MATCH_INFEASIBLE) {
		if (odds->witness.short_by == 0 || odds->witness.short_by > 1000 || !odds->witness.complete)
			fail_msg("seed %u: short by %d", seed, (int)odds->witness.short_by);
		return FALSE;
	}
	assert_odds_legal(&c->x->in, odds);
	assert_best(&c->x->in, odds, &c->options, seed);
	assert_equal_odds(c, odds);
	return TRUE;
}

static void
check_seed(guint seed, guint *solved, guint *infeasible)
{
	static const guint32 caps[] = {WHOLE, 8000, 5000, 3333, 2000};
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	guint32 cap = caps[seed % G_N_ELEMENTS(caps)];
	gboolean found;
	Case c;

	make_case(&c, random, cap);
	found = check_case(&c, seed);
	++*(found ? solved : infeasible);
	if (cap == WHOLE && c.x->in.n_bounds == 0) { /* odds of 1 are allowed: there are odds where there is an assignment */
		gint64 best;

		assert_int_equal(brute_force(&c.x->in, &best), found);
	}
	instance_free(c.x);
}

/* Minimum loads that take every place there is: no load can be other than it is, and all prices could rise or fall together. */
static void
test_odds__minima_take_every_place(void **state)
{
	static const Shape shapes[] = {{.projects = 8, .reviewers = 12, .demand = 3, .min_load = 2}, {.projects = 8, .reviewers = 24, .demand = 3, .min_load = 1},
				       {.projects = 6, .reviewers = 8, .demand = 4, .min_load = 3},  {.projects = 8, .reviewers = 20, .demand = 5, .min_load = 2},
				       {.projects = 80, .reviewers = MOST_R, .demand = 3, .min_load = 2}};
	static const guint32 caps[] = {WHOLE, 8000, 6000, 5000, 4000, 3334, 3000, 2500};
	guint solved = 0, infeasible = 0;

	for (guint seed = 0; seed < GPOINTER_TO_UINT(*state); seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = shapes[seed % G_N_ELEMENTS(shapes)];
		gboolean found;
		Case c = {.options = {.cap = caps[seed / G_N_ELEMENTS(shapes) % G_N_ELEMENTS(caps)], .perturbation = seed % 3 == 0 ? 0 : 500000}};

		shape.max_load = shape.min_load + (guint32)g_rand_int_range(random, 0, 3);
		shape.high = 1000000;
		shape.density = g_rand_double_range(random, 0.8, 1.1);
		c.x = instance_random(random, &shape);
		for (guint32 r = 0; r < c.x->in.n_reviewers; r++) { /* the random instance has loads of its own */
			c.x->min_load[r] = shape.min_load;
			c.x->max_load[r] = shape.max_load;
		}
		for (guint32 p = 0; p < c.x->in.n_projects; p++)
			c.x->demand[p] = shape.demand;
		for (guint64 i = 0; i < c.x->in.offset[c.x->in.n_projects]; i++) /* where a score says little the odds hardly follow the price, or jump */
			c.x->score[i] = seed % 2 == 0 || c.x->score[i] > 300000 ? c.x->score[i] : c.x->score[i] % 7 == 0 ? c.x->score[i] % 1000 : 0;
		found = check_case(&c, seed);
		++*(found ? &solved : &infeasible);
		instance_free(c.x);
	}
	print_message("# minima that take every place: %u solved, %u infeasible\n", solved, infeasible);
	assert_true(solved > infeasible);
}

static void
test_odds__are_legal_and_best(void **state)
{
	guint n = GPOINTER_TO_UINT(*state), solved = 0, infeasible = 0;

	for (guint seed = 0; seed < n; seed++)
		check_seed(seed, &solved, &infeasible);
	print_message("# %u solved, %u infeasible\n", solved, infeasible);
	assert_true(solved > n / 10 && infeasible > n / 10);
}

/* Where Newton's steps used to wander about the kink of a price at 0, to shrink to nothing, or to end a hair beside the optimum. */
static void
test_odds__hard_cases(void **state)
{
	static const guint seeds[] = {17656, 23765, 45785, 546510, 553511, 600555, 679263, 715835, 938315, 1119371, 1343631, 1498250};
	guint solved = 0, infeasible = 0;

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(seeds); i++)
		check_seed(seeds[i], &solved, &infeasible);
	assert_int_equal(solved, G_N_ELEMENTS(seeds));
}

/* Rules that count pairs: another class in every project, and one class inside the other nests wherever people sit. */
static void
test_odds__rules_on_pairs(void **unused)
{
	guint solved = 0, infeasible = 0;

	(void)unused;
	for (guint seed = 0; seed < 300; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilOdds) odds = NULL;
		Shape shape = {.projects = 4, .reviewers = 12, .demand = 3, .max_load = 2, .low = 1, .high = 1000000, .density = 0.9};
		guint8 mark[MAX_P * MAX_R];
		Case c = {0};

		c.x = instance_random(random, &shape);
		c.options = (VeilOddsOptions){.cap = seed % 2 ? WHOLE : 7000, .perturbation = 500000};
		for (guint64 i = 0; i < c.x->in.offset[4]; i++)
			mark[i] = (guint8[]){0, 0, 2, 3}[g_rand_int_range(random, 0, 4)];
		for (guint32 p = 0; p < 4; p++) {
			c.min[p] = c.x->demand[p] > 0 ? (guint32)g_rand_int_range(random, 0, 2) : 0;
			c.region_max[p] = (guint32)g_rand_int_range(random, 1, 4);
			c.town_max[p] = (guint32)g_rand_int_range(random, 2, 4);
		}
		c.bounds[0] = (VeilPanelBound){NULL, FALSE, c.min, c.region_max, 1};
		c.bounds[1] = (VeilPanelBound){NULL, FALSE, c.min, c.town_max, 2};
		c.x->in.bounds = c.bounds, c.x->in.n_bounds = 2, c.x->in.mark = mark, c.x->in.group = NULL;
		odds = veil_odds_solve(&c.x->in, &c.options, &error);
		if (odds == NULL)
			fail_msg("seed %u: %s", seed, error->message);
		infeasible += odds->status == VEIL_MATCH_INFEASIBLE;
		if (odds->status != VEIL_MATCH_INFEASIBLE) {
			guint64 offset[MAX_P + 1];
			guint32 drawn[MAX_P * 3];
			guint8 key[32] = {(guint8)seed, 7};

			solved++;
			assert_odds_legal(&c.x->in, odds);
			assert_best(&c.x->in, odds, &c.options, seed);
			assert_true(veil_draw_odds(&c.x->in, odds, key, offset, drawn, &error));
			for (guint32 p = 0; p < 4; p++)
				assert_true(veil_draw_legal(&c.x->in, p, drawn + offset[p], (guint32)(offset[p + 1] - offset[p])));
		}
		instance_free(c.x);
	}
	assert_true(solved > 60 && infeasible > 20);
}

/* Tight supply: every load is met exactly, and reserves share the panel's cap. */
static void
test_odds__tight_supply_and_reserves(void **unused)
{
	(void)unused;
	for (guint seed = 0; seed < 60; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilOdds) odds = NULL;
		Case c;
		Shape shape = {.projects = 8, .reviewers = 16, .demand = 1, .max_load = 1, .low = 1, .high = 1000000, .density = 1.1};

		memset(&c, 0, sizeof c);
		c.x = instance_random(random, &shape);
		for (guint32 p = 0; p < 8; p++)
			c.x->demand[p] = 3, c.reserves[p] = 1;
		for (guint32 r = 0; r < 16; r++)
			c.x->max_load[r] = 2, c.x->min_load[r] = seed % 2 ? 2 : 0;
		c.options = (VeilOddsOptions){.cap = 3000, .reserves = c.reserves};
		odds = veil_odds_solve(&c.x->in, &c.options, &error);
		assert_non_null(odds);
		assert_int_equal(odds->status, VEIL_MATCH_FEASIBLE);
		assert_int_equal(odds->cap[0], 4000);
		assert_odds_legal(&c.x->in, odds);
		assert_best(&c.x->in, odds, &c.options, seed);
		instance_free(c.x);
	}
}

/* A draw from solved odds, many times: as often as the certificate says, every outcome legal. */
static void
test_odds__draws_agree(void **state)
{
	guint n_draws = GPOINTER_TO_UINT(*state), cases = 0;

	for (guint seed = 0; cases < 6; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(1000 + seed);
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilOdds) odds = NULL;
		guint32 count[MAX_P * MAX_R] = {0};
		Case c;

		make_case(&c, random, 5000);
		odds = veil_odds_solve(&c.x->in, &c.options, &error);
		assert_non_null(odds);
		for (guint n = 0; odds->status == VEIL_MATCH_FEASIBLE && n < n_draws; n++) {
			guint64 offset[MAX_P + 1];
			guint32 drawn[MAX_P * MAX_R], load[MAX_R] = {0};
			guint8 draw_seed[32] = {0};

			veil_put_u32(draw_seed, n);
			assert_true(veil_draw_odds(&c.x->in, odds, draw_seed, offset, drawn, &error));
			for (guint32 p = 0; p < c.x->in.n_projects; p++) {
				guint64 k = c.x->in.offset[p];

				assert_true(veil_draw_legal(&c.x->in, p, drawn + offset[p], (guint32)(offset[p + 1] - offset[p])));
				for (guint64 i = offset[p]; i < offset[p + 1]; i++) {
					while (c.x->in.reviewer[k] != drawn[i])
						k++;
					count[k]++;
					load[drawn[i]]++;
				}
			}
			for (guint32 r = 0; r < c.x->in.n_reviewers; r++)
				assert_true(load[r] >= c.x->min_load[r] && load[r] <= c.x->max_load[r]);
		}
		for (guint64 i = 0; odds->status == VEIL_MATCH_FEASIBLE && i < c.x->in.offset[c.x->in.n_projects]; i++) {
			double q = odds->odds[i] / (double)WHOLE, off = (double)count[i] - q * n_draws;

			assert_true(off * off <= 25 * q * (1 - q) * n_draws + 1e-9);
		}
		cases += odds->status == VEIL_MATCH_FEASIBLE;
		instance_free(c.x);
	}
}

/* Integers only: these odds are the same for any compiler and any level of optimisation. Scores and lists from a generator of our own. */
static void
test_odds__known_bytes(void **unused)
{
	enum { P = 60, R = 90, K = 30 };
	static guint32 demand[P], min_load[R], max_load[R], reviewer[P * K], group[R];
	static guint64 offset[P + 1];
	static gint64 score[P * K];
	VeilInstance in = {.n_projects = P, .n_reviewers = R, .demand = demand, .min_load = min_load, .max_load = max_load, .offset = offset, .reviewer = reviewer, .score = score,
			   .group = group};
	VeilOddsOptions options = {.cap = 3000};
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilOdds) odds = NULL;
	guint64 state = 7;
	guint8 digest[32];
	char hex[65];

	(void)unused;
	for (guint32 r = 0; r < R; r++)
		min_load[r] = r % 3 == 0, max_load[r] = 2 + r % 2, group[r] = r % 7 == 0 ? 1 + r / 14 : 0;
	for (guint32 p = 0; p < P; p++) {
		demand[p] = 3;
		offset[p + 1] = offset[p] + K;
		for (guint32 i = 0; i < K; i++) {
			state = state * G_GUINT64_CONSTANT(6364136223846793005) + 1442695040888963407;
			reviewer[p * K + i] = (p % 3) + 3 * i;
			score[p * K + i] = (gint64)((state >> 33) % 1000) * (10 - (gint64)i / 4) * 100;
		}
	}
	odds = veil_odds_solve(&in, &options, &error);
	assert_non_null(odds);
	assert_int_equal(odds->status, VEIL_MATCH_FEASIBLE);
	veil_sha256(odds->odds, sizeof *odds->odds * P * K, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	assert_string_equal(hex, "b84252b7413242329124326c987c9927f1efe1e97d624dec522e9e5c1f870050");
}

static void
test_odds__bad_input(void **unused)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(3);
	Shape shape = {.projects = 3, .reviewers = 6, .demand = 1, .max_load = 3, .low = 0, .high = 9, .density = 1.1};
	g_autoptr(Instance) x = instance_random(random, &shape);
	static const VeilOddsOptions wrong[] = {{.cap = 0}, {.cap = WHOLE + 1}, {.cap = 1, .band = -1}, {.cap = 1, .perturbation = 9999}, {.cap = 1, .perturbation = 1000001}};

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(veil_odds_solve(&x->in, &wrong[i], &error));
		assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_INPUT));
	}
}

int
main(int argc, char **argv)
{
	gboolean slow = argc > 1 && strcmp(argv[1], "slow") == 0;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_odds__are_legal_and_best, GUINT_TO_POINTER(slow ? 20000u : 1500u)),
		cmocka_unit_test_prestate(test_odds__minima_take_every_place, GUINT_TO_POINTER(slow ? 8000u : 1000u)),
		cmocka_unit_test(test_odds__rules_on_pairs),
		cmocka_unit_test(test_odds__tight_supply_and_reserves),
		cmocka_unit_test(test_odds__hard_cases),
		cmocka_unit_test_prestate(test_odds__draws_agree, GUINT_TO_POINTER(slow ? 100000u : 4000u)),
		cmocka_unit_test(test_odds__known_bytes),
		cmocka_unit_test(test_odds__bad_input),
	};

	return cmocka_run_group_tests_name("odds", tests, NULL, NULL);
}
