/* solve-veil.c - solves one instance file with veil's matcher: prints status, objective, seconds. */
#include <time.h>

#include <veil/match.h>

#include "instance-file.h"

int
main(int argc, char **argv)
{
	InstanceFile x = instance_read(argv[argc - 1]);
	VeilInstance in = {.n_projects = (guint32)x.projects, .n_reviewers = (guint32)x.reviewers, .demand = x.demand, .min_load = x.min_load,
			   .max_load = x.max_load, .offset = (guint64 *)x.offset, .reviewer = x.reviewer, .score = (gint64 *)x.score};
	struct timespec a, b;
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = NULL;

	clock_gettime(CLOCK_MONOTONIC, &a);
	match = veil_match_total(&in, NULL, &error);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (match == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	printf("%s %ld %.4f\n", match->status == VEIL_MATCH_INFEASIBLE ? "infeasible" : "optimal",
	       match->status == VEIL_MATCH_INFEASIBLE ? 0 : (long)match->objective,
	       (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 0;
}
