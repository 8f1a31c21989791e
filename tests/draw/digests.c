/* digests.c - what odds, lotteries, draws and totals come to on instances of a generator of its own, one digest a line: compilers.py holds these lines of several builds against each other. */
#include <stdio.h>
#include <string.h>

#include <veil/draw.h>
#include <veil/hash.h>

enum { P = 50, R = 80, K = 40 };

static guint32 demand[P], reserves[P], min_load[R], max_load[R], reviewer[P * K], group[R], label[3][R], least[3][P], most[3][P];
static guint64 offset[P + 1];
static gint64 score[P * K];
static VeilPanelBound bounds[3];

static guint32
next(guint64 *state, guint32 below)
{
	*state = *state * G_GUINT64_CONSTANT(6364136223846793005) + 1442695040888963407;
	return (guint32)(*state >> 33) % below;
}

static void
fill(guint64 state, gboolean tight, VeilInstance *out)
{
	*out = (VeilInstance){.n_projects = P, .n_reviewers = R, .demand = demand, .min_load = min_load, .max_load = max_load, .offset = offset, .reviewer = reviewer, .score = score,
			      .bounds = bounds};
	for (guint32 r = 0; r < R; r++) {
		min_load[r] = r % 5 == 0;
		max_load[r] = tight ? 2 : 4;
		group[r] = next(&state, 30);
		label[0][r] = group[r] % 3 == 0; /* employers lie inside regions, ranks across both */
		label[1][r] = next(&state, 2);
		label[2][r] = next(&state, 4);
	}
	for (guint32 p = 0; p < P; p++) {
		demand[p] = 3;
		reserves[p] = tight ? 0 : 1;
		offset[p + 1] = offset[p] + K;
		for (guint b = 0; b < 3; b++)
			least[b][p] = b < 2, most[b][p] = 2;
		for (guint32 i = 0; i < K; i++) {
			reviewer[p * K + i] = 2 * i + p % 2;
			score[p * K + i] = (gint64)next(&state, 1000) * 1000 - 50000;
		}
	}
	bounds[0] = (VeilPanelBound){.label = label[0], .min = least[0], .max = most[0]};
	bounds[1] = (VeilPanelBound){.label = label[1], .min = least[1]};
	bounds[2] = (VeilPanelBound){.label = label[2], .each = TRUE, .max = most[2]};
}

static void
say(const char *what, guint64 number, gconstpointer bytes, gsize size)
{
	guint8 digest[32];
	char hex[65];

	veil_sha256(bytes, size, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	printf("%s %u %s\n", what, (guint)number, hex);
}

static void
draw(guint64 number, const VeilInstance *in, const VeilOddsOptions *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilOdds) odds = veil_odds_solve(in, options, &error);
	guint64 out[P + 1];
	guint32 people[P * 8];
	guint8 seed[32] = {(guint8)number};

	if (odds == NULL || odds->status == VEIL_MATCH_INFEASIBLE) {
		printf("odds %u none: %s\n", (guint)number, error ? error->message : "infeasible");
		return;
	}
	say(odds->n_lottery > 0 ? "lottery" : "odds", number, odds->odds, sizeof *odds->odds * P * K);
	say("prices", number, odds->price, sizeof *odds->price * R);
	printf("expected %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", (guint)number, odds->expected, odds->bound);
	if (!veil_draw_odds(in, odds, seed, out, people, &error))
		printf("no draw: %s\n", error->message);
	else
		say("people", number, people, sizeof *people * out[P]);
}

int
main(void)
{
	static const guint32 perturbations[] = {500000, 100000, 10000};

	for (guint64 number = 0; number < 12; number++) {
		VeilInstance in;
		VeilOddsOptions options = {.cap = 3000, .band = number % 2 ? 0 : 50000, .perturbation = perturbations[number % 3]};
		g_autoptr(GError) error = NULL;
		g_autoptr(VeilMatch) match = NULL;

		fill(number, number % 3 == 0, &in);
		in.group = number % 4 < 3 ? group : NULL;
		in.n_bounds = number % 4;
		options.reserves = reserves;
		draw(number, &in, &options);
		match = veil_match_total(&in, NULL, &error);
		if (match != NULL && match->status != VEIL_MATCH_INFEASIBLE)
			say("total", number, match->assigned, sizeof *match->assigned * match->assigned_offset[P]);
	}
	return 0;
}
