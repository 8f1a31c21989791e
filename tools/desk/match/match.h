/* match.h - `veil match`: published instances in, an assignment and its certificate out.
 *
 * match-read.c reads the lists into a VeilPublished, match-solve.c solves it, match-write.c writes what came out.
 */
#pragma once

#include <json-glib/json-glib.h>

#include <veil/io.h>
#include <veil/match.h>
#include <veil/policy.h>

typedef struct {
	const char *scores, *conflicts, *loads, *demands, *attributes, *policy; /* paths, NULL: not given */
	const char *missing_score, *demand, *max_load, *min_load, *method, *seed, *odds, *band, *perturbation; /* as typed, NULL: not given */
	const char *out, *certificate;
	gboolean json, quiet;
} VeilMatchOptions;

typedef struct _VeilPublishedDraw VeilPublishedDraw;

/* A published instance. Projects and reviewers are numbered in the order of their ids' bytes, so nothing depends on the order of rows. */
typedef struct {
	char **project, **reviewer; /* ids */
	guint32 n_projects, n_reviewers;
	guint32 *demand, *min_load, *max_load;
	guint32 *group;		   /* NULL: no panel rule allows one of each value at most */
	GArray *bounds, *shares;   /* VeilPanelBound, VeilBatchShare: the other rules */
	GPtrArray *bound_name, *share_name; /* the policy's names of them */
	guint32 *team;		   /* by project, NULL: no teams */
	gboolean ruled;		   /* more than one of each value at most: certificate 2 */
	VeilMethod method;
	gboolean equity;
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
	VeilPublishedDraw *draw; /* method draw: what was asked for, and what came of it */
} VeilPublished;

/* What the lists say about those whom rules speak of. */
typedef struct {
	GPtrArray *columns;		/* attributes */
	GPtrArray *values;		/* by reviewer, then column; NULL not said */
	const char **class_name, **team_name; /* by project; NULL none */
} VeilPublishedFacts;

/* match-rules.c: group, bounds, shares and teams of x, whose ids, demands and loads are known. policy nullable. */
gboolean veil_published_rules(VeilPublished *x, const VeilPolicy *policy, const VeilPublishedFacts *facts, GError **error);
/* Whoever one project of a team may not have, none of it has: conflicts are closed over the team, pairs without a score too. */
void veil_published_close_teams(VeilPublished *x);
void veil_published_rules_free(VeilPublished *x);

VeilPublished *veil_published_read(const VeilMatchOptions *options, GError **error);
void veil_published_free(VeilPublished *published);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilPublished, veil_published_free)

/* Optimal, or infeasible with a witness that holds for all pairs. */
VeilMatch *veil_published_solve(const VeilPublished *published, GError **error);
/* match-draw.c. The options of method draw; without --seed the system's randomness makes one. */
gboolean veil_published_draw_options(VeilPublished *x, const VeilMatchOptions *options, const VeilPolicy *policy, GError **error);
void veil_published_draw_free(VeilPublishedDraw *draw);
/* The drawn assignment; objective and bound are the expected score of the odds. VEIL_ERROR_REFUSED where the cap alone, or too few candidates, stand in the way. */
VeilMatch *veil_published_draw(const VeilPublished *x, GError **error);
/* What method draw adds to the certificate, to the JSON summary and, in place of the total, to the text. */
void veil_published_draw_certify(const VeilPublished *x, JsonBuilder *builder);
void veil_published_draw_json(const VeilPublished *x, GString *json);
void veil_published_draw_print(const VeilPublished *x, const VeilMatch *match);

/* The instance of the listed pairs. With --missing-score lists stand in for all pairs: each project's own scores and `want` of those that share the missing one. */
void veil_published_instance(const VeilPublished *x, VeilInstance *out);
typedef struct _VeilPublishedLists VeilPublishedLists;
/* out_first (n_projects): how many to begin with. */
VeilPublishedLists *veil_published_lists_new(const VeilPublished *x, guint32 *out_first);
void veil_published_lists_free(VeilPublishedLists *lists);
/* Makes lists no shorter than want and points instance to them; lists: a VeilPublishedLists. */
gboolean veil_published_lists_lengthen(gpointer lists, const guint32 *want, VeilInstance *instance, GError **error);

/* For an infeasible match: what would help (veil_match_relax), over all allowed pairs; empty where those are more than can be listed. */
GArray *veil_published_relax(const VeilPublished *published, const VeilMatch *match, GError **error);
/* The score of an allowed pair. */
gint64 veil_published_score(const VeilPublished *published, guint32 project, guint32 reviewer);

typedef struct {
	gdouble read, solve, write; /* seconds */
} VeilMatchTimes;

/* Assignment (unless infeasible) and certificate; adds what it took to times->write. */
gboolean veil_published_write(const VeilPublished *published, const VeilMatch *match, const VeilMatchOptions *options, VeilMatchTimes *times,
			      GError **error);
/* The summary on standard output: text or one JSON object. relaxations: nullable. */
void veil_published_print(const VeilPublished *published, const VeilMatch *match, const GArray *relaxations, gboolean json, const VeilMatchTimes *times);

/* The whole command. FALSE with VEIL_ERROR_INFEASIBLE when there is no assignment: everything is written and printed by then. */
gboolean veil_match_run(const VeilMatchOptions *options, GError **error);
