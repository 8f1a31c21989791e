/* odds-veil.c - odds of one instance file with veil, and one draw from them: odds-veil CAP BAND PERTURBATION FILE (cap over 10000, the others in millionths).
 * Prints status, expected score, value of the perturbed sum, seconds for the odds, seconds for the draw, peak memory in MB. */
#include <sys/resource.h>
#include <time.h>

#include <veil/draw.h>

#include "instance-file.h"

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* sum of b (x - beta x^2), the curvature's floor left aside: what the peers maximise. */
static double
perturbed(const VeilInstance *in, const VeilOdds *odds, const VeilOddsOptions *options)
{
	double sum = 0, beta = options->perturbation / 1e6;

	for (guint64 i = 0; i < in->offset[in->n_projects]; i++) {
		double x = odds->odds[i] / 1e4, b = (double)(options->band > 0 ? in->score[i] / options->band * options->band : in->score[i]) / 1e6;

		sum += b * (x - beta * x * x);
	}
	return sum;
}

int
main(int argc, char **argv)
{
	InstanceFile x = instance_read(argv[argc - 1]);
	VeilInstance in = {.n_projects = (guint32)x.projects, .n_reviewers = (guint32)x.reviewers, .demand = x.demand, .min_load = x.min_load,
			   .max_load = x.max_load, .offset = (guint64 *)x.offset, .reviewer = x.reviewer, .score = (gint64 *)x.score};
	VeilOddsOptions options = {.cap = (guint32)atoi(argv[1]), .band = atoi(argv[2]), .perturbation = (guint32)atoi(argv[3])};
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilOdds) odds = NULL;
	guint8 seed[32] = {1};
	double a = now(), b, c;
	struct rusage usage;

	odds = veil_odds_solve(&in, &options, &error);
	b = now();
	if (odds == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	if (odds->status == VEIL_MATCH_INFEASIBLE) {
		printf("infeasible 0 0 %.4f 0 0\n", b - a);
		return 0;
	}
	guint64 *offset = g_new(guint64, in.n_projects + 1), places = 0;
	for (guint32 p = 0; p < in.n_projects; p++)
		places += odds->places[p];
	guint32 *drawn = g_new(guint32, places + 1);
	if (!veil_draw_odds(&in, odds, seed, offset, drawn, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	c = now();
	getrusage(RUSAGE_SELF, &usage);
	printf("odds %.6f %.4f %.4f %.4f %ld bound %.6f\n", (double)odds->expected / 1e6, perturbed(&in, odds, &options), b - a, c - b, usage.ru_maxrss / 1024, (double)odds->bound / 1e6);
	return 0;
}
