/* veil/match.h - the assignment problem, its optimum, and the prices that prove it.
 *
 * Projects p need exactly demand[p] distinct reviewers; reviewer r takes between min_load[r] and max_load[r]; only listed pairs
 * exist; at most one reviewer of one group (employer) a project; maximise the sum of scores (method total).
 *
 * Certificate (DESIGN 4). For any prices y of either sign
 *     OPT <= sum_p V_p(y) + sum_r max(max_load_r * y_r, min_load_r * y_r)
 * where V_p(y) is the best demand[p] listed candidates, one a group at most, at profit score - y; where a list is cut (cut[p] !=
 * VEIL_NO_CUT) demand[p] dummies of profit cut[p] - min(y over unlisted reviewers) and no group join the candidates. The bound is met with equality
 * at the optimum unless a dummy enters a best panel: then the projects in `open` need longer lists.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_NO_CUT G_MININT64
#define VEIL_MAX_SCORE G_GINT64_CONSTANT(1000000000000) /* |score| <= 10^12 */

typedef struct {
	guint32 n_projects, n_reviewers;
	const guint32 *demand;	 /* n_projects */
	const guint32 *min_load; /* n_reviewers, or NULL: all 0 */
	const guint32 *max_load; /* n_reviewers */
	const guint64 *offset;	 /* n_projects + 1: CSR, row = project */
	const guint32 *reviewer; /* ascending within a project, no repeats */
	const gint64 *score;
	const gint64 *cut;	 /* n_projects, or NULL: every list is complete */
	const guint32 *group;	 /* n_reviewers, 0 = none, or NULL */
} VeilInstance;

typedef enum { VEIL_MATCH_OPTIMAL, VEIL_MATCH_FEASIBLE, VEIL_MATCH_INFEASIBLE } VeilMatchStatus;

/* Why there is none. `places` witness: even if every reviewer of `reviewers` took his maximum and every other candidate of
 * `projects` (one a group at most) took one each, `short_by` places of `projects` stay empty. `minimum` witness: the projects
 * that list `reviewers` cannot give them all their minimum loads; short_by is what is missing. */
typedef struct {
	gboolean minimum;
	guint32 *projects, *reviewers; /* ascending */
	guint32 n_projects, n_reviewers;
	guint64 short_by;
	gboolean complete; /* no list of these projects is cut: the witness holds for all pairs, not only for the listed */
} VeilWitness;

typedef struct {
	VeilMatchStatus status;
	guint64 *assigned_offset; /* n_projects + 1 */
	guint32 *assigned;	  /* reviewers of each project, ascending */
	gint64 *price;		  /* n_reviewers */
	gint64 objective, bound;  /* bound - objective is the gap; overflow is an error, never a wrap */
	guint32 *open;		  /* projects whose list is too short for the bound, or for feasibility */
	guint32 n_open;
	VeilWitness witness;	  /* when infeasible */
} VeilMatch;

/**
 * veil_match_total:
 * Exact. Errors: VEIL_ERROR_INPUT for a malformed instance (index out of range, unsorted, repeated pair, overflow).
 * Determinism: the instance alone. order (nullable, n_reviewers): a permutation that breaks ties between equally good
 * assignments; the objective never depends on it.
 * Cost: near-linear in listed pairs where supply is ample; memory at most 12 bytes a listed pair beyond the input.
 */
VeilMatch *veil_match_total(const VeilInstance *instance, const guint32 *order, GError **error);
void veil_match_free(VeilMatch *match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilMatch, veil_match_free)

/* The bound that prices give, by the formula above, and the projects where a dummy enters. out_open nullable (GArray of guint32). */
gboolean veil_match_bound(const VeilInstance *instance, const gint64 *price, gint64 *out_bound, GArray *out_open, GError **error);

G_END_DECLS
