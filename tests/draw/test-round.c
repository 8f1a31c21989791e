/* test-round.c - drawing from odds: every rule in every outcome, every pair as often as its odds say, the same people for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <veil/draw.h>
#include <veil/hash.h>
#include <veil/odds.h>

enum { WHOLE = VEIL_ODDS_WHOLE, MAX_P = 8, MAX_R = 16, MAX_RULES = 4 };

/* All pairs of a small instance are listed. Odds are mixed from legal assignments, so they obey every rule. */
typedef struct {
	VeilInstance in;
	guint32 demand[MAX_P], load[MAX_R], reviewer[MAX_P * MAX_R], group[MAX_R], label[MAX_RULES][MAX_R], min[MAX_RULES][MAX_P], max[MAX_RULES][MAX_P];
	guint64 offset[MAX_P + 1];
	gint64 score[MAX_P * MAX_R];
	VeilPanelBound bounds[MAX_RULES];
	guint32 odds[MAX_P * MAX_R];
} Case;

static void
seed_of(guint64 n, guint8 seed[32])
{
	memset(seed, 0, 32);
	veil_put_u64(seed, n);
}

/* Regions and towns inside them: rule 0 counts region 1 (min and max), rule 1 towns (each), rule 2 one town of region 1 (max). */
static void
make_case(Case *c, GRand *random, guint32 n_projects, guint32 n_reviewers, guint32 demand, gboolean rules)
{
	memset(c, 0, sizeof *c);
	c->in = (VeilInstance){.n_projects = n_projects, .n_reviewers = n_reviewers, .demand = c->demand, .max_load = c->load, .offset = c->offset, .reviewer = c->reviewer,
			       .score = c->score, .group = c->group};
	for (guint32 r = 0; r < n_reviewers; r++) {
		guint32 town = (guint32)g_rand_int_range(random, 0, 5); /* 0 not said; 1, 2 in region 1 */

		c->load[r] = n_projects;
		c->label[0][r] = town == 1 || town == 2;
		c->label[1][r] = town;
		c->label[2][r] = town == 1;
		c->group[r] = !rules || town == 0 ? 0 : 10 * town + (guint32)g_rand_int_range(random, 0, 3);
	}
	for (guint32 p = 0; p < n_projects; p++) {
		c->demand[p] = demand;
		c->min[0][p] = 1;
		c->max[0][p] = demand - 1;
		c->max[1][p] = 2;
		c->max[2][p] = 1;
		for (guint32 r = 0; r < n_reviewers; r++)
			c->reviewer[p * n_reviewers + r] = r;
		c->offset[p + 1] = c->offset[p] + n_reviewers;
	}
	c->bounds[0] = (VeilPanelBound){c->label[0], FALSE, c->min[0], c->max[0], 0};
	c->bounds[1] = (VeilPanelBound){c->label[1], TRUE, NULL, c->max[1], 0};
	c->bounds[2] = (VeilPanelBound){c->label[2], FALSE, NULL, c->max[2], 0};
	c->in.bounds = c->bounds;
	c->in.n_bounds = rules ? 3 : 0;
}

/* A random legal panel by trial; FALSE when luck runs out. */
static gboolean
random_panel(const Case *c, GRand *random, guint32 p, guint32 *out)
{
	for (guint trial = 0; trial < 400; trial++) {
		guint32 n = 0;

		for (guint guard = 0; n < c->demand[p] && guard < 200; guard++) {
			guint32 r = (guint32)g_rand_int_range(random, 0, (gint32)c->in.n_reviewers);
			gboolean have = FALSE;

			for (guint32 i = 0; i < n; i++)
				have = have || out[i] == r;
			if (!have)
				out[n++] = r;
		}
		if (n == c->demand[p] && veil_draw_legal(&c->in, p, out, n))
			return TRUE;
	}
	return FALSE;
}

static gboolean
mix_odds(Case *c, GRand *random)
{
	guint32 left = WHOLE;

	memset(c->odds, 0, sizeof c->odds);
	while (left > 0) {
		guint32 weight = (guint32)g_rand_int_range(random, 1, 3500), panel[MAX_R];

		weight = MIN(weight, left);
		for (guint32 p = 0; p < c->in.n_projects; p++) {
			if (!random_panel(c, random, p, panel))
				return FALSE;
			for (guint32 i = 0; i < c->demand[p]; i++)
				c->odds[c->offset[p] + panel[i]] += weight;
		}
		left -= weight;
	}
	return TRUE;
}

static void
draw(const Case *c, guint64 n, guint64 *offset, guint32 *drawn)
{
	g_autoptr(GError) error = NULL;
	guint8 seed[32];

	seed_of(n, seed);
	if (!veil_draw_round(&c->in, c->odds, seed, offset, drawn, &error))
		fail_msg("%s", error->message);
}

static void
test_every_outcome_is_legal(void **unused)
{
	guint tried = 0;

	(void)unused;
	for (guint32 s = 0; s < 400; s++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(s);
		Case c;

		make_case(&c, random, 1 + s % 6, 8 + s % 8, 2 + s % 3, s % 4 != 0);
		if (!mix_odds(&c, random))
			continue;
		tried++;
		for (guint64 n = 0; n < 40; n++) {
			guint64 offset[MAX_P + 1];
			guint32 drawn[MAX_P * MAX_R], load[MAX_R] = {0};

			draw(&c, n, offset, drawn);
			for (guint32 p = 0; p < c.in.n_projects; p++) {
				assert_int_equal(offset[p + 1] - offset[p], c.demand[p]);
				assert_true(veil_draw_legal(&c.in, p, drawn + offset[p], c.demand[p]));
				for (guint64 i = offset[p]; i < offset[p + 1]; i++) {
					assert_true(i == offset[p] || drawn[i] > drawn[i - 1]);
					assert_true(c.odds[c.offset[p] + drawn[i]] > 0);
					load[drawn[i]]++;
				}
			}
			for (guint32 r = 0; r < c.in.n_reviewers; r++) {
				guint32 sum = 0;

				for (guint32 p = 0; p < c.in.n_projects; p++)
					sum += c.odds[c.offset[p] + r];
				assert_true(load[r] >= sum / WHOLE && load[r] <= (sum + WHOLE - 1) / WHOLE);
			}
		}
	}
	assert_true(tried > 250);
}

/* Many draws (100,000 in the slow suite): every pair's count within five standard deviations of its odds (fixed seeds: it cannot flicker), and for the projects of one place, where the counts are
 * multinomial, chi-square. */
static void
test_frequencies_are_the_odds(void **state)
{
	guint64 n_draws = GPOINTER_TO_UINT(*state);

	for (guint32 s = 0; s < 4; s++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(100 + s);
		guint32 count[MAX_P * MAX_R] = {0};
		Case c;

		do
			make_case(&c, random, 3, 9, s == 0 ? 1 : 3, s > 1);
		while (!mix_odds(&c, random));
		for (guint64 n = 0; n < n_draws; n++) {
			guint64 offset[MAX_P + 1];
			guint32 drawn[MAX_P * MAX_R];

			draw(&c, n, offset, drawn);
			for (guint32 p = 0; p < c.in.n_projects; p++)
				for (guint64 i = offset[p]; i < offset[p + 1]; i++)
					count[c.offset[p] + drawn[i]]++;
		}
		for (guint32 p = 0; p < c.in.n_projects; p++) {
			double chi = 0;

			for (guint64 i = c.offset[p]; i < c.offset[p + 1]; i++) {
				double odds = (double)c.odds[i] / WHOLE, expected = odds * (double)n_draws, off = (double)count[i] - expected;

				assert_true(fabs(off) <= 5 * sqrt(expected * (1 - odds)) + 1e-9);
				chi += c.odds[i] > 0 ? off * off / expected : 0;
			}
			if (s == 0)
				assert_true(chi < 36); /* 8 degrees of freedom at most: 2e-5 */
		}
	}
}

static void
test_bad_odds_are_refused(void **unused)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	g_autoptr(GError) error = NULL;
	guint64 offset[MAX_P + 1];
	guint32 drawn[MAX_P * MAX_R];
	guint8 seed[32] = {0};
	Case c;

	(void)unused;
	make_case(&c, random, 1, 4, 2, FALSE);
	c.odds[0] = WHOLE + 1, c.odds[1] = WHOLE - 1;
	assert_false(veil_draw_round(&c.in, c.odds, seed, offset, drawn, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_INPUT));
	g_clear_error(&error);
	c.odds[0] = 5000, c.odds[1] = 4999;
	assert_false(veil_draw_round(&c.in, c.odds, seed, offset, drawn, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_INPUT));
}

/* Three reviewers that pairwise share an attribute capped at one: odds of 1/2 each cannot be drawn (DESIGN 4). */
static void
test_crossing_rules_are_refused(void **unused)
{
	static const guint32 label[3][3] = {{1, 1, 0}, {0, 1, 1}, {1, 0, 1}};
	static const guint32 one[1] = {1};
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	g_autoptr(GError) error = NULL;
	guint64 offset[MAX_P + 1];
	guint32 drawn[MAX_P * MAX_R];
	guint8 seed[32] = {0};
	Case c;

	(void)unused;
	make_case(&c, random, 1, 4, 2, FALSE);
	for (guint b = 0; b < 3; b++)
		c.bounds[b] = (VeilPanelBound){label[b], FALSE, NULL, one, 0};
	c.in.n_reviewers = 3;
	c.offset[1] = 3;
	c.in.n_bounds = 3;
	c.odds[0] = c.odds[1] = 6667, c.odds[2] = 6666;
	assert_false(veil_draw_round(&c.in, c.odds, seed, offset, drawn, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_REFUSED));
}

/* Replay: these bytes were drawn once and are drawn for ever (docs/design/draw.md). */
static void
test_known_draw(void **unused)
{
	static const char expected[] = "df3e11613f1ea16399888e7eb2ad74b92c7ffc7667e336891fae8808e9b2de3e";
	GString *text = g_string_new(NULL);
	guint8 digest[32];
	char hex[65];

	(void)unused;
	for (guint32 s = 0; s < 60; s++) {
		guint64 state = s, offset[MAX_P + 1];
		guint32 drawn[MAX_P * MAX_R];
		g_autoptr(GRand) random = g_rand_new_with_seed(s);
		Case c;

		make_case(&c, random, 6, 12, 3, FALSE);
		for (guint32 p = 0; p < 6; p++)
			for (guint32 turn = 0; turn < 30; turn++) { /* odds by moves of a fixed generator, not of GLib's */
				guint32 a, b, move;

				if (turn == 0)
					for (guint32 r = 0; r < 12; r++)
						c.odds[p * 12 + r] = 2500;
				state = state * G_GUINT64_CONSTANT(6364136223846793005) + 1442695040888963407;
				a = p * 12 + (guint32)(state >> 33) % 12, b = p * 12 + (guint32)(state >> 45) % 12;
				move = MIN(c.odds[a], MIN(WHOLE - c.odds[b], (guint32)(state >> 20) % 2000));
				c.odds[a] -= move, c.odds[b] += move;
			}
		draw(&c, s, offset, drawn);
		for (guint64 i = 0; i < offset[6]; i++)
			g_string_append_printf(text, "%u ", drawn[i]);
	}
	veil_sha256(text->str, text->len, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	g_string_free(text, TRUE);
	assert_string_equal(hex, expected);
}

static void
test_lottery_follows_weights(void **unused)
{
	static const guint32 weights[4] = {1000, 0, 2500, 6500};
	guint32 count[4] = {0};
	double chi = 0;

	(void)unused;
	for (guint64 n = 0; n < 40000; n++) {
		guint8 seed[32];

		seed_of(n, seed);
		count[veil_draw_lottery(seed, weights, 4)]++;
	}
	assert_int_equal(count[1], 0);
	for (guint i = 0; i < 4; i += i == 0 ? 2 : 1)
		chi += ((double)count[i] - 4.0 * weights[i]) * ((double)count[i] - 4.0 * weights[i]) / (4.0 * weights[i]);
	assert_true(chi < 20);
}

static void
test_panel_is_the_first_legal_choice(void **unused)
{
	static const char *const codes[] = {"R0", "R1", "R2", "R3", "R4", "R5"};
	guint32 people[6], first[3] = {0};
	guint8 seed[32];
	g_autoptr(GRand) random = g_rand_new_with_seed(9);
	Case c;

	(void)unused;
	make_case(&c, random, 1, 6, 2, FALSE);
	/* without rules: the order of tickets, whatever order they came in */
	for (guint64 n = 0; n < 3000; n++) {
		guint32 other[6];

		seed_of(n, seed);
		for (guint32 i = 0; i < 6; i++)
			people[i] = i, other[i] = 5 - i;
		assert_true(veil_draw_panel(&c.in, 0, seed, "P", codes, people, 6));
		assert_true(veil_draw_panel(&c.in, 0, seed, "P", codes, other, 6));
		assert_memory_equal(people, other, sizeof people);
		for (guint32 i = 1; i < 6; i++)
			assert_true(veil_draw_ticket(seed, "P", codes[people[i - 1]]) < veil_draw_ticket(seed, "P", codes[people[i]]));
		first[people[0] / 2]++;
	}
	for (guint i = 0; i < 3; i++)
		assert_true(first[i] > 870 && first[i] < 1130);
	/* with a minimum that only two can fill: one of them is always on the panel, the others keep their order */
	c.label[0][0] = c.label[0][1] = 1;
	for (guint32 i = 2; i < 6; i++)
		c.label[0][i] = 0;
	c.min[0][0] = 1, c.max[0][0] = 1;
	c.in.n_bounds = 1;
	for (guint64 n = 0; n < 200; n++) {
		seed_of(n, seed);
		for (guint32 i = 0; i < 6; i++)
			people[i] = i;
		assert_true(veil_draw_panel(&c.in, 0, seed, "P", codes, people, 6));
		assert_int_equal((people[0] < 2) + (people[1] < 2), 1);
		for (guint32 i = 3; i < 6; i++)
			assert_true(veil_draw_ticket(seed, "P", codes[people[i - 1]]) < veil_draw_ticket(seed, "P", codes[people[i]]));
	}
	c.min[0][0] = 3, c.max[0][0] = 3;
	assert_false(veil_draw_panel(&c.in, 0, seed, "P", codes, people, 6));
}

int
main(int argc, char **argv)
{
	guint n_draws = argc > 1 && strcmp(argv[1], "slow") == 0 ? 100000 : 5000;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_outcome_is_legal),
		cmocka_unit_test_prestate(test_frequencies_are_the_odds, GUINT_TO_POINTER(n_draws)),
		cmocka_unit_test(test_bad_odds_are_refused),
		cmocka_unit_test(test_crossing_rules_are_refused),
		cmocka_unit_test(test_known_draw),
		cmocka_unit_test(test_lottery_follows_weights),
		cmocka_unit_test(test_panel_is_the_first_legal_choice),
	};

	return cmocka_run_group_tests_name("round", tests, NULL, NULL);
}
