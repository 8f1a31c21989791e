/* test-twin.c - what the engine does and what the checker does by other code from the same text are the same, to the byte: rounding, tickets, best panels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <veil/draw.h>
#include <veil/odds.h>

#include "verify.h"

enum { MAX_P = 6, MAX_R = 14, MAX_RULES = 4 };

/* The same small problem in the words of both. In the checker's the people stand in another order: theirs is that of the ids. */
typedef struct {
	VeilInstance in;
	guint32 demand[MAX_P], load[MAX_R], min_load[MAX_R], reviewer[MAX_P * MAX_R], label[MAX_RULES][MAX_R], min[MAX_RULES][MAX_P], max[MAX_RULES][MAX_P], team[MAX_P];
	guint64 offset[MAX_P + 1];
	gint64 score[MAX_P * MAX_R], price[MAX_R], cut[MAX_P];
	VeilPanelBound bounds[MAX_RULES];
	guint8 mark[MAX_P * MAX_R];
	guint32 odds[MAX_P * MAX_R];
	Instance x;
	guint32 theirs[MAX_R]; /* number in x of reviewer r */
	PanelRule rules[MAX_RULES];
} Twin;

static void
set_rule(Twin *t, guint b, gboolean each, guint32 min, guint32 max)
{
	static char names[MAX_RULES][8], *none[] = {NULL};
	Bound bound = {&t->rules[b], g_new0(guint32, MAX_R + 1), 0, each, g_new0(gint64, MAX_P + 1), g_new0(gint64, MAX_P + 1)};

	g_snprintf(names[b], sizeof names[b], "r%u", b);
	t->rules[b] = (PanelRule){names[b], names[b], (char *)"", none, min, max == G_MAXUINT32 ? -1 : (gint64)max, -1, -1, FALSE};
	for (guint32 p = 0; p < t->in.n_projects; p++) {
		t->min[b][p] = min;
		t->max[b][p] = max;
		bound.min[p] = min;
		bound.max[p] = max == G_MAXUINT32 ? G_MAXINT64 : max;
	}
	for (guint32 r = 0; r < t->in.n_reviewers; r++)
		bound.label[t->theirs[r]] = t->label[b][r];
	t->bounds[b] = (VeilPanelBound){t->label[b], each, each ? NULL : t->min[b], t->max[b], 0};
	g_array_append_val(t->x.bounds, bound);
}

/* The rules that count count pairs from now on: the first bit 1 of their marks, the third bit 2, which is inside. A team's projects have the same marks. */
static void
count_pairs(Twin *t, GRand *random)
{
	for (guint b = 0; b < t->in.n_bounds; b += 2) {
		Bound *bound = &g_array_index(t->x.bounds, Bound, b);

		t->bounds[b].label = NULL;
		t->bounds[b].pairs = bound->mark = (guint8)(1u << b / 2);
		g_clear_pointer(&bound->label, g_free);
	}
	for (guint32 p = 0; p < t->in.n_projects; p++) {
		Project *project = PROJECT(&t->x, p);
		guint32 leader = project->leader;

		for (guint64 k = t->offset[p]; k < t->offset[p + 1]; k++) {
			t->mark[k] = leader == p ? (guint8[]){0, 0, 1, 3}[g_rand_int_range(random, 0, 4)] : t->mark[t->offset[leader] + k - t->offset[p]];
			for (guint32 i = 0; i < project->n_offers; i++)
				if (project->offer[i].reviewer == t->theirs[t->reviewer[k]])
					project->offer[i].mark = t->mark[k];
		}
	}
	t->in.mark = t->mark;
}

static void
twin_init(Twin *t, GRand *random, guint32 n_p, guint32 n_r, guint32 demand)
{
	memset(t, 0, sizeof *t);
	t->in = (VeilInstance){.n_projects = n_p, .n_reviewers = n_r, .demand = t->demand, .min_load = t->min_load, .max_load = t->load, .offset = t->offset,
			       .reviewer = t->reviewer, .score = t->score, .bounds = t->bounds};
	instance_init(&t->x);
	for (guint32 r = 0; r < n_r; r++)
		t->theirs[r] = r;
	for (guint32 r = n_r; r > 1; r--) {
		guint32 j = (guint32)g_rand_int_range(random, 0, (gint32)r), swap = t->theirs[r - 1];

		t->theirs[r - 1] = t->theirs[j], t->theirs[j] = swap;
	}
	for (guint32 i = 0; i < n_r; i++)
		for (guint32 r = 0; r < n_r; r++)
			if (t->theirs[r] == i) {
				g_autofree char *id = g_strdup_printf("r%02u", r);

				instance_reviewer(&t->x, id);
			}
	for (guint32 r = 0; r < n_r; r++) {
		t->load[r] = n_p;
		*REVIEWER(&t->x, t->theirs[r]) = (Reviewer){REVIEWER(&t->x, t->theirs[r])->id, 0, n_p};
	}
	for (guint32 p = 0; p < n_p; p++) {
		g_autofree char *id = g_strdup_printf("p%u", p);
		Project *project;

		instance_project(&t->x, id);
		project = PROJECT(&t->x, p);
		project->demand = t->demand[p] = demand;
		project->offer = g_new(Offer, n_r);
		project->n_offers = n_r;
		for (guint32 r = 0; r < n_r; r++) {
			t->reviewer[p * n_r + r] = r;
			t->score[p * n_r + r] = g_rand_int_range(random, -200, 1000);
			project->offer[t->theirs[r]] = (Offer){t->theirs[r], t->score[p * n_r + r], 0};
		}
		t->offset[p + 1] = (guint64)(p + 1) * n_r;
	}
}

static void
seed_of(guint n, guint8 seed[32])
{
	memset(seed, 0, 32);
	memcpy(seed, &n, sizeof n);
}

/* Odds that add up to places; they need not obey the rules for the walk to be the same walk. */
static void
make_odds(Twin *t, GRand *random)
{
	for (guint32 p = 0; p < t->in.n_projects; p++) {
		guint32 *odds = t->odds + t->offset[p], n = t->in.n_reviewers;

		for (guint32 i = 0; i < t->demand[p]; i++)
			odds[i] = ODDS_ONE;
		for (guint32 i = 0; i < 3 * n; i++) {
			guint32 a = (guint32)g_rand_int_range(random, 0, (gint32)n), b = (guint32)g_rand_int_range(random, 0, (gint32)n);
			guint32 most = MIN(odds[a], ODDS_ONE - odds[b]);
			guint32 move = a == b ? 0 : g_rand_boolean(random) ? most : (guint32)g_rand_int_range(random, 0, (gint32)most + 1);

			odds[a] -= move, odds[b] += move;
		}
	}
}

static void
test_rounding_is_replayed_to_the_letter(void **state)
{
	GRand *random = g_rand_new_with_seed(5);
	guint crossed = 0, drawn = 0;

	(void)state;
	for (guint round = 0; round < 3000; round++) {
		Twin t;
		guint8 seed[32];
		g_autofree guint64 *offset = g_new0(guint64, MAX_P + 1);
		g_autofree guint32 *people = g_new0(guint32, MAX_P * MAX_R);
		g_autoptr(GArray) odds = g_array_new(FALSE, FALSE, sizeof(Place)), places = g_array_new(FALSE, FALSE, sizeof(Place));
		gboolean ours, crossing = round % 10 == 9;
		guint at = 0;

		twin_init(&t, random, (guint32)g_rand_int_range(random, 1, MAX_P + 1), (guint32)g_rand_int_range(random, 5, MAX_R + 1), (guint32)g_rand_int_range(random, 1, 5));
		for (guint32 r = 0; r < t.in.n_reviewers; r++) {
			guint32 town = (guint32)g_rand_int_range(random, 0, 5);

			t.label[0][r] = town == 1 || town == 2;
			t.label[1][r] = town;
			t.label[2][r] = crossing ? (guint32)g_rand_int_range(random, 0, 2) : town == 1;
			t.label[3][r] = town == 0 ? 0 : 10 * town + (guint32)g_rand_int_range(random, 0, 3);
		}
		t.in.n_bounds = round % 3 == 0 ? 0 : MAX_RULES;
		for (guint b = 0; b < t.in.n_bounds; b++)
			set_rule(&t, b, b % 2, b == 0 ? 1 : 0, b == 0 ? 3 : b == 1 ? 2 : 1);
		if (round % 30 == 7) { /* without each rules: those would cross */
			t.bounds[1].max = t.bounds[3].max = NULL;
			for (guint b = 1; b < t.in.n_bounds; b += 2)
				for (guint32 p = 0; p < t.in.n_projects; p++)
					g_array_index(t.x.bounds, Bound, b).max[p] = G_MAXINT64;
			count_pairs(&t, random);
		}
		make_odds(&t, random);
		for (guint32 p = 0; p < t.in.n_projects; p++)
			for (guint32 r = 0; r < t.in.n_reviewers; r++)
				if (t.odds[t.offset[p] + r] > 0) {
					Place pair = {.project = p, .reviewer = t.theirs[r], .score = t.odds[t.offset[p] + r]};

					g_array_append_val(odds, pair);
				}
		g_array_sort(odds, place_compare);
		seed_of(round, seed);
		ours = veil_draw_round(&t.in, t.odds, seed, offset, people, NULL);
		verdict_forget();
		if (replay_round(&t.x, odds, seed, places) != ours)
			fail_msg("round %u: the engine %s, the checker: %s", round, ours ? "draws" : "refuses", verdict_reason() ? verdict_reason() : "draws");
		crossed += !ours;
		drawn += ours;
		for (guint32 p = 0; ours && p < t.in.n_projects; p++)
			for (guint64 i = offset[p]; i < offset[p + 1]; i++, at++) {
				gboolean found = FALSE;

				for (guint k = 0; k < places->len; k++)
					found = found || (PLACE(places, k)->project == p && PLACE(places, k)->reviewer == t.theirs[people[i]]);
				if (!found)
					fail_msg("round %u: project %u: reviewer %u is drawn by the engine alone", round, p, people[i]);
			}
		if (ours)
			assert_int_equal(at, places->len);
		instance_clear(&t.x);
	}
	assert_true(crossed > 20 && drawn > 2500);
	g_rand_free(random);
}

static void
test_panels_and_reserves_are_the_same(void **state)
{
	GRand *random = g_rand_new_with_seed(6);

	(void)state;
	for (guint round = 0; round < 2000; round++) {
		Twin t;
		guint8 seed[32];
		guint32 people[MAX_R], n;
		Place place[MAX_R] = {{0}};
		const char *codes[MAX_R];
		gboolean ours;

		twin_init(&t, random, 1, MAX_R, (guint32)g_rand_int_range(random, 2, 5));
		for (guint b = 0; b < 2; b++)
			for (guint32 r = 0; r < MAX_R; r++)
				t.label[b][r] = (guint32)g_rand_int_range(random, 0, b == 0 ? 2 : 6);
		t.in.n_bounds = 2;
		set_rule(&t, 0, FALSE, (guint32)g_rand_int_range(random, 0, 3), 3);
		set_rule(&t, 1, TRUE, 0, 2);
		if (round % 3 == 0)
			count_pairs(&t, random);
		n = t.demand[0] + (guint32)g_rand_int_range(random, 0, 4);
		for (guint32 i = 0; i < n; i++)
			people[i] = (round + 3 * i) % MAX_R, place[i].reviewer = t.theirs[people[i]];
		for (guint32 r = 0; r < MAX_R; r++)
			codes[r] = REVIEWER(&t.x, t.theirs[r])->id;
		seed_of(round, seed);
		ours = veil_draw_panel(&t.in, 0, seed, "p0", codes, people, n);
		assert_int_equal(replay_panel(&t.x, 0, seed, place, n), ours);
		for (guint32 i = 0; ours && i < n; i++) {
			assert_int_equal(place[i].reviewer, t.theirs[people[i]]);
			assert_int_equal(place[i].reserve, i >= t.demand[0]);
			assert_int_equal(place[i].order, i < t.demand[0] ? i + 1 : i - t.demand[0] + 1);
		}
		instance_clear(&t.x);
	}
	g_rand_free(random);
}

/* The bound of arbitrary prices, to the unit: panels searched by two programs; lists cut or complete, teams, floors' weights, shares. */
static void
test_bounds_agree_to_the_unit(void **state)
{
	GRand *random = g_rand_new_with_seed(7);
	guint bounded = 0, refused = 0;

	(void)state;
	for (guint round = 0; round < 6000; round++) {
		Twin t;
		gint64 theirs = 0, price[MAX_R + 1] = {0}, lambda[MAX_P + 1] = {0}, z[1] = {0};
		guint32 share_label[MAX_R] = {0}, n_bounds = (guint32)g_rand_int_range(random, 0, MAX_RULES + 1);
		VeilBatchShare share = {share_label, 1, 9};
		gboolean ours, fair = round % 4 == 1;
		Wide bound = 0;
		g_autoptr(GError) error = NULL;

		twin_init(&t, random, (guint32)g_rand_int_range(random, 1, MAX_P + 1), (guint32)g_rand_int_range(random, 6, MAX_R + 1), (guint32)g_rand_int_range(random, 1, 6));
		for (guint32 r = 0; r < t.in.n_reviewers; r++) {
			t.label[0][r] = (guint32)g_rand_int_range(random, 0, 2);
			t.label[1][r] = (guint32)g_rand_int_range(random, 0, 5);
			t.label[2][r] = (guint32)g_rand_int_range(random, 0, 2);
			t.label[3][r] = (guint32)g_rand_int_range(random, 0, 4);
			t.price[r] = price[t.theirs[r]] = g_rand_int_range(random, -100, 300);
			share_label[r] = (guint32)g_rand_int_range(random, 0, 2);
			t.load[r] = (guint32)g_rand_int_range(random, 0, 4);
			REVIEWER(&t.x, t.theirs[r])->max_load = t.load[r];
		}
		t.in.n_bounds = n_bounds;
		for (guint b = 0; b < n_bounds; b++)
			set_rule(&t, b, b % 2, b % 2 ? 0 : (guint32)g_rand_int_range(random, 0, 3), (guint32)g_rand_int_range(random, 1, 4));
		if (round % 3 == 0) { /* cut lists: every third reviewer is not listed */
			guint64 kept = 0;

			for (guint32 p = 0; p < t.in.n_projects; p++) {
				Project *project = PROJECT(&t.x, p);
				guint64 from = kept;

				project->n_offers = 0;
				for (guint32 r = 0; r < t.in.n_reviewers; r++)
					if (r % 3 != 2) {
						t.score[kept] = t.score[(guint64)p * t.in.n_reviewers + r];
						t.reviewer[kept++] = r;
					}
				for (guint32 i = 0; i < t.in.n_reviewers; i++) /* in their order */
					for (guint64 k = from; k < kept; k++)
						if (t.theirs[t.reviewer[k]] == i)
							project->offer[project->n_offers++] = (Offer){i, t.score[k], 0};
				t.offset[p + 1] = kept;
				t.cut[p] = project->rest_score = 300;
				project->rest = REST_DUMMIES;
			}
			t.in.cut = t.cut;
		}
		for (guint32 p = 0; p < t.in.n_projects && round % 5 == 2; p++) {
			t.team[p] = p / 2 + 1;
			PROJECT(&t.x, p)->leader = p - p % 2;
			PROJECT(&t.x, p)->team = g_strdup("t");
			t.in.team = t.team;
		}
		for (guint32 p = 0; p < t.in.n_projects; p++)
			lambda[p] = fair ? g_rand_int_range(random, 0, 2000000) : 0;
		if (round % 2 == 0) {
			PanelRule *rule = &t.rules[0];
			Share ours_share = {rule, g_new0(guint32, MAX_R + 1), 1, 9};

			for (guint32 r = 0; r < t.in.n_reviewers; r++)
				ours_share.label[t.theirs[r]] = share_label[r];
			g_array_append_val(t.x.shares, ours_share);
			t.in.shares = &share, t.in.n_shares = 1;
			z[0] = g_rand_int_range(random, -50, 50);
		}
		if (fair)
			t.in.floor = g_new0(gint64, MAX_P);
		if (round % 7 < 3)
			count_pairs(&t, random);
		verdict_forget();
		ours = dual_bound(&t.x, &(Dual){.price = price, .share = z, .lambda = fair ? lambda : NULL}, &bound);
		if (veil_match_bound_with_rules(&t.in, t.price, t.in.n_shares ? z : NULL, fair ? lambda : NULL, &theirs, NULL, &error) != ours)
			fail_msg("round %u: the engine: %s; the checker: %s", round, error ? error->message : "bounds it", verdict_reason() ? verdict_reason() : "bounds it");
		if (ours && (gint64)bound != theirs)
			fail_msg("round %u: the engine's bound is %" G_GINT64_FORMAT ", the checker's %" G_GINT64_FORMAT, round, theirs, (gint64)bound);
		bounded += ours, refused += !ours;
		g_free((gpointer)t.in.floor);
		instance_clear(&t.x);
	}
	assert_true(bounded > 2000 && refused > 100);
	g_rand_free(random);
}

/* Odds of the engine, as the checker judges them: held, equal, best, and drawn. */
static void
test_odds_are_accepted_and_bent_ones_are_not(void **state)
{
	GRand *random = g_rand_new_with_seed(8);
	guint accepted = 0, bent = 0, caught = 0, lotteries = 0;

	(void)state;
	for (guint round = 0; round < 600; round++) {
		Twin t;
		VeilOddsOptions options = {.cap = (guint32)g_rand_int_range(random, 3000, 9000), .band = round % 3 ? 0 : 100, .perturbation = (guint32)g_rand_int_range(random, 10000, 1000000)};
		g_autoptr(VeilOdds) odds = NULL;
		g_autoptr(GError) error = NULL;
		g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(Place)), places = g_array_new(FALSE, FALSE, sizeof(Place));
		g_autofree guint64 *offset = g_new0(guint64, MAX_P + 1);
		g_autofree guint32 *people = g_new0(guint32, MAX_P * MAX_R);
		gint64 price[MAX_R + 1] = {0};
		guint8 seed[32];
		char hex[65];
		Certificate c = {.method = (char *)"draw", .status = (char *)"optimal", .odds_cap = options.cap, .band = options.band, .perturbation = options.perturbation, .price = price};

		twin_init(&t, random, (guint32)g_rand_int_range(random, 1, MAX_P + 1), (guint32)g_rand_int_range(random, 8, MAX_R + 1), (guint32)g_rand_int_range(random, 1, 4));
		for (guint32 r = 0; r < t.in.n_reviewers; r++) {
			guint32 town = (guint32)g_rand_int_range(random, 0, 4);

			t.label[0][r] = town == 1 || town == 2;
			t.label[1][r] = town;
			t.load[r] = (guint32)g_rand_int_range(random, 1, 4);
			REVIEWER(&t.x, t.theirs[r])->max_load = t.load[r];
		}
		for (guint64 i = 0; i < t.offset[t.in.n_projects]; i++) { /* millionths of real scores */
			guint32 p = (guint32)(i / t.in.n_reviewers), r = (guint32)(i % t.in.n_reviewers);

			t.score[i] *= 1000;
			PROJECT(&t.x, p)->offer[t.theirs[r]].score = t.score[i];
		}
		t.in.n_bounds = round % 2 ? 2 : 0;
		if (t.in.n_bounds) {
			set_rule(&t, 0, FALSE, round % 4 == 1 ? 1 : 0, t.demand[0]);
			set_rule(&t, 1, TRUE, 0, 2);
		}
		odds = veil_odds_solve(&t.in, &options, &error);
		if (odds != NULL && odds->status == VEIL_MATCH_FEASIBLE && odds->n_lottery == 0) {
			seed_of(round, seed);
			hex_of(seed, 32, hex);
			c.seed = hex;
			c.objective = c.expected = odds->expected;
			c.bound = odds->bound;
			for (guint32 r = 0; r < t.in.n_reviewers; r++)
				price[t.theirs[r]] = odds->price[r];
			for (guint32 p = 0; p < t.in.n_projects; p++)
				for (guint64 i = t.offset[p]; i < t.offset[p + 1]; i++)
					if (odds->odds[i] > 0)
						g_array_append_val(pairs, ((Place){.project = p, .reviewer = t.theirs[t.reviewer[i]], .score = odds->odds[i]}));
			g_array_sort(pairs, place_compare);
			c.odds = pairs;
			assert_true(veil_draw_round(&t.in, odds->odds, seed, offset, people, NULL));
			for (guint32 p = 0; p < t.in.n_projects; p++)
				for (guint64 i = offset[p]; i < offset[p + 1]; i++) {
					Place place = {.project = p, .reviewer = t.theirs[people[i]], .score = t.score[t.offset[p] + people[i]]};

					c.drawn_total += place.score;
					g_array_append_val(places, place);
				}
			g_array_sort(places, place_compare);
			verdict_forget();
			if (!proof_draw(&t.x, &c, places))
				fail_msg("round %u: %s", round, verdict_reason());
			accepted++;
			for (guint k = 0; k < 20; k++) { /* odds moved between two of one project: sums stay */
				Place *a = PLACE(pairs, g_rand_int_range(random, 0, (gint32)pairs->len)), *b = PLACE(pairs, g_rand_int_range(random, 0, (gint32)pairs->len));
				gint64 move = g_rand_int_range(random, 4, 400);

				if (a == b || a->project != b->project || a->score <= move)
					continue;
				a->score -= move, b->score += move;
				verdict_forget();
				bent++;
				caught += !proof_draw(&t.x, &c, places);
				a->score += move, b->score -= move;
			}
		} else {
			lotteries += odds != NULL && odds->n_lottery > 0;
		}
		instance_clear(&t.x);
	}
	print_message("# %u odds accepted, %u lotteries passed over, %u of %u bent ones caught\n", accepted, lotteries, caught, bent);
	assert_true(accepted > 100);
	assert_int_equal(caught, bent);
	g_rand_free(random);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounding_is_replayed_to_the_letter),
		cmocka_unit_test(test_panels_and_reserves_are_the_same),
		cmocka_unit_test(test_bounds_agree_to_the_unit),
		cmocka_unit_test(test_odds_are_accepted_and_bent_ones_are_not),
	};

	return cmocka_run_group_tests_name("twin", tests, NULL, NULL);
}
