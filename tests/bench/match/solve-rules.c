/* solve-rules.c - three panel rules that cross: at most one of an employer, at least two from another province, at least one for finance.
 *
 * solve-rules FILE: solves without the rules and with them, prints both times, their ratio and the gap. Attributes are drawn from the number of
 * the reviewer: about ten to an employer, half of them in the province of the projects, one in eight for finance.
 */
#include <stdio.h>
#include <time.h>

#include <veil/match.h>

#include "instance-file.h"

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static double
run(const VeilInstance *in, VeilMatch **out)
{
	struct timespec a, b;
	g_autoptr(GError) error = NULL;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	*out = veil_match_total(in, NULL, &error);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	if (*out == NULL) {
		fprintf(stderr, "%s\n", error->message);
		exit(1);
	}
	return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
}

int
main(int argc, char **argv)
{
	InstanceFile x = instance_read(argv[argc - 1]);
	guint32 R = (guint32)x.reviewers, P = (guint32)x.projects;
	guint32 *employer = g_new(guint32, R), *outside = g_new(guint32, R), *finance = g_new(guint32, R), *two = g_new(guint32, P), *one = g_new(guint32, P);
	VeilPanelBound bounds[2] = {{outside, FALSE, two, NULL}, {finance, FALSE, one, NULL}};
	VeilInstance plain = {.n_projects = P, .n_reviewers = R, .demand = x.demand, .min_load = x.min_load, .max_load = x.max_load,
			      .offset = (guint64 *)x.offset, .reviewer = x.reviewer, .score = (gint64 *)x.score}, ruled;
	VeilMatch *a, *b;
	double before, with;

	for (guint32 r = 0; r < R; r++) {
		employer[r] = 1 + (guint32)(mix(r) % (R / 10 + 1));
		outside[r] = mix(r + 1000003) % 2 == 0;
		finance[r] = mix(r + 2000003) % 8 == 0;
	}
	for (guint32 p = 0; p < P; p++) {
		two[p] = 2;
		one[p] = 1;
	}
	ruled = plain;
	ruled.group = employer;
	ruled.bounds = bounds;
	ruled.n_bounds = 2;
	before = run(&plain, &a);
	with = run(&ruled, &b);
	printf("plain %.3f s total %.6f, with three rules %.3f s (%.2f times): status %d total %.6f bound %.6f gap %.4f %%\n", before,
	       (double)a->objective / 1e6, with, with / before, b->status, (double)b->objective / 1e6, (double)b->bound / 1e6,
	       100.0 * (double)(b->bound - b->objective) / (double)b->bound);
	if (b->status == VEIL_MATCH_INFEASIBLE)
		printf("infeasible: kind %d, rule %u, %u projects, %u reviewers, short by %" G_GUINT64_FORMAT "\n", b->witness.kind, b->witness.rule,
		       b->witness.n_projects, b->witness.n_reviewers, b->witness.short_by);
	return 0;
}
