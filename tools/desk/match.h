/* match.h - `veil match`: published instances in, an assignment and its certificate out.
 *
 * match-read.c reads the lists into a VeilPublished, match-solve.c solves it, match-write.c writes what came out.
 */
#pragma once

#include <veil/io.h>
#include <veil/match.h>
#include <veil/policy.h>

typedef struct {
	const char *scores, *conflicts, *loads, *demands, *attributes, *policy; /* paths, NULL: not given */
	const char *missing_score, *demand, *max_load, *min_load, *method, *seed, *odds; /* as typed, NULL: not given */
	const char *out, *certificate;
	gboolean json, quiet;
} VeilMatchOptions;

/* A published instance. Projects and reviewers are numbered in the order of their ids' bytes, so nothing depends on the order of rows. */
typedef struct {
	char **project, **reviewer; /* ids */
	guint32 n_projects, n_reviewers;
	guint32 *demand, *min_load, *max_load;
	guint32 *group;		   /* NULL: no panel rule */
	guint64 *offset;	   /* n_projects + 1; listed pairs, conflicts removed */
	guint32 *listed;	   /* reviewers of the listed pairs, ascending within a project */
	gint64 *score;
	guint64 *conflict_offset;  /* n_projects + 1 */
	guint32 *conflict;	   /* ascending reviewer, no repeats */
	gboolean has_missing;
	gint64 missing; /* score of every pair that is neither listed nor in conflict */
	guint64 n_pairs; /* allowed pairs, those included */
	guint8 seed[32];
	gboolean has_seed;
} VeilPublished;

VeilPublished *veil_published_read(const VeilMatchOptions *options, GError **error);
void veil_published_free(VeilPublished *published);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilPublished, veil_published_free)

/* Optimal, or infeasible with a witness that holds for all pairs. */
VeilMatch *veil_published_solve(const VeilPublished *published, GError **error);
/* The score of an allowed pair. */
gint64 veil_published_score(const VeilPublished *published, guint32 project, guint32 reviewer);

typedef struct {
	gdouble read, solve, write; /* seconds */
} VeilMatchTimes;

/* Assignment (unless infeasible) and certificate; adds what it took to times->write. */
gboolean veil_published_write(const VeilPublished *published, const VeilMatch *match, const VeilMatchOptions *options, VeilMatchTimes *times,
			      GError **error);
/* The summary on standard output: text or one JSON object. */
void veil_published_print(const VeilPublished *published, const VeilMatch *match, gboolean json, const VeilMatchTimes *times);

/* The whole command. FALSE with VEIL_ERROR_INFEASIBLE when there is no assignment: everything is written and printed by then. */
gboolean veil_match_run(const VeilMatchOptions *options, GError **error);
