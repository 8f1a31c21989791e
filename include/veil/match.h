/* veil/match.h - the assignment problem, its optimum, and the prices that prove it.
 *
 * Projects p need exactly demand[p] distinct reviewers; reviewer r takes between min_load[r] and max_load[r]; only listed pairs
 * exist; at most one reviewer of one group (employer) a project; maximise the sum of scores (method total).
 *
 * Panel rules bound a panel by what its reviewers are (VeilPanelBound), shares the whole batch (VeilBatchShare), teams make projects share
 * one panel, floors give every project a least total.
 *
 * Certificate (DESIGN 4). For any prices y (reviewers) and z (shares) of either sign and weights l >= 0 (floors)
 *     OPT <= sum_p V_p + sum_r max(max_load_r y_r, min_load_r y_r) + sum_s max(max_places_s z_s, min_places_s z_s) - sum_p l_p floor_p
 * where V_p is the best legal panel of p: demand[p] listed candidates that obey groups and bounds (floors are no part of that: their
 * weights stand for them), at profit (1 + l_p) score - y - sum of z over the shares that count the reviewer; a team's V is the best
 * panel that is legal for each of its projects, profits added over them. l in millionths, (1000000 + l) score / 1000000
 * rounded up, l floor / 1000000 down. Under rules a reviewer whose max_load is below the number of a team's projects (1 without a team)
 * is no candidate. Where a list is cut (cut[p] != VEIL_NO_CUT) demand[p] dummies join the candidates: profit
 * (1 + l) cut - min(y + z over unlisted reviewers), of no group, counted by no maximum and by every minimum. Without rules that cross
 * the bound is met with equality at the optimum unless a dummy enters a best panel: then the projects in `open` need longer lists.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_NO_CUT G_MININT64
#define VEIL_MAX_SCORE G_GINT64_CONSTANT(1000000000000) /* |score| <= 10^12 */

/* One panel rule, its bounds worked out for each project. */
typedef struct {
	const guint32 *label; /* n_reviewers. each: number of the value, 0 = not said (counts nowhere); !each: 1 counts, 0 does not. NULL with `pairs` */
	gboolean each;	      /* TRUE: max holds for every value by itself, min is NULL; FALSE: min and max for those with label != 0 together */
	const guint32 *min;   /* n_projects, or NULL: 0 */
	const guint32 *max;   /* n_projects, or NULL: no bound; G_MAXUINT32 = none for this project */
	guint8 pairs;	      /* not 0: what counts is not the reviewer but the listed pair, if its mark has this bit; !each */
} VeilPanelBound;

/* Over the whole batch: places held by reviewers with label != 0. */
typedef struct {
	const guint32 *label;
	guint64 min_places, max_places;
} VeilBatchShare;

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
	/* All that follows may be zero: no such rule. */
	const VeilPanelBound *bounds;
	guint32 n_bounds;
	const guint8 *mark; /* by listed pair, or NULL: none has any bit. Projects of one team have the same marks */
	const VeilBatchShare *shares;
	guint32 n_shares;
	const guint32 *team; /* n_projects, 0 = none, or NULL: projects of one team have the very same panel. Same demand, same candidates
			      * (the caller intersects the lists); load counts each project */
	const gint64 *floor; /* n_projects, or NULL: least total score of the project's panel */
} VeilInstance;

typedef enum { VEIL_MATCH_OPTIMAL, VEIL_MATCH_FEASIBLE, VEIL_MATCH_INFEASIBLE } VeilMatchStatus;

/* Why there is none. `places` witness: even if every reviewer of `reviewers` took his maximum and every other candidate of
 * `projects` (one a group at most) took one each, `short_by` places of `projects` stay empty. `minimum` witness: the projects
 * that list `reviewers` cannot give them all their minimum loads; short_by is what is missing. */
typedef enum {
	VEIL_WITNESS_PLAIN,  /* places or minimum, as `minimum` says */
	VEIL_WITNESS_RULE,   /* one rule: the minima of bound `rule` in `projects` exceed what its members give: all loads of those in
			      * `reviewers`, one of every other listed member (one a group at most); short_by is what is missing */
	VEIL_WITNESS_PANEL,  /* the one project (or team) has no legal panel among its listed candidates whose max_load is not 0 */
	VEIL_WITNESS_PRICES, /* the bound at `price` and `share_price` with every score 0 is -short_by: below what any assignment has */
} VeilWitnessKind;

typedef struct {
	gboolean minimum;
	guint32 *projects, *reviewers; /* ascending */
	guint32 n_projects, n_reviewers;
	guint64 short_by;
	gboolean complete; /* no list of these projects is cut: the witness holds for all pairs, not only for the listed */
	VeilWitnessKind kind;
	guint32 rule;		     /* VEIL_WITNESS_RULE: which of the bounds */
	gint64 *price, *share_price; /* VEIL_WITNESS_PRICES */
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
	gint64 *share_price;	  /* n_shares, NULL without */
	gint64 *weight;		  /* n_projects: the floors' weights l in millionths, NULL without floors */
	/* Method fair: the smallest total of a project with demand, and why none can be larger: for weights w >= 0 that sum to 1000000 and
	 * prices v: smallest x 1000000 <= the bound above with scores w_p score, prices v and no floors (min_weight, min_price). */
	gint64 minimum, minimum_bound;
	gint64 *min_weight, *min_price, *min_share_price;
	/* With equity: nobody has more than load_cap, and no assignment with this minimum keeps everybody at less than load_cap_bound: with scores
	 * cap_weight_p score, prices cap_price and cap_share_price, and loads capped at load_cap_bound - 1, the bound above without floors is less than the sum of
	 * cap_weight_p minimum. No proof (all 0) where load_cap_bound is the largest minimum load or the most projects that share one panel: somebody has as many. */
	gboolean even;
	guint32 load_cap, load_cap_bound;
	gint64 *cap_weight, *cap_price, *cap_share_price;
} VeilMatch;

/* A pair, as a score function hands it over. */
typedef struct {
	gint64 score;
	guint32 reviewer;
} __attribute__((packed, aligned(4))) VeilPair;

/* Where candidates come from when not all pairs are listed. One of the two functions. */
typedef struct {
	gpointer data;
	/* Scores are a function of the pair. Puts into out the n allowed reviewers who are worth most to the project at score - price, in any order
	 * (among equals any, but for the same question always the same), and returns how many there are. *out_beyond: no other allowed one
	 * is worth more than that (their largest worth, or the smallest in out); G_MININT64 when there is no other. Called from several
	 * threads at once, for different projects. */
	guint32 (*best)(gpointer data, guint32 project, const gint64 *price, guint32 n, VeilPair *out, gint64 *out_beyond);
	guint n_threads; /* 0, 1: one. The result does not depend on it */
	/* Lists that can be had longer, their best first. want: by project, how many it shall list, 0: as it is. Sets offset, reviewer, score and
	 * cut of the instance, which stay the source's. */
	gboolean (*lengthen)(gpointer data, const guint32 *want, VeilInstance *instance, GError **error);
	const guint32 *first;	  /* lengthen: how many each project lists at first */
	guint32 *out_want;	  /* lengthen, nullable, n_projects: what each was asked for in the end */
	/* lengthen, nullable: what to solve; NULL: veil_match_total. */
	VeilMatch *(*solve)(const VeilInstance *instance, const guint32 *order, GError **error);
} VeilScoreSource;

/**
 * veil_match_total:
 * Exact. Errors: VEIL_ERROR_INPUT for a malformed instance (index out of range, unsorted, repeated pair, overflow).
 * Determinism: the instance alone. order (nullable, n_reviewers): a permutation that breaks ties between equally good
 * assignments; the objective never depends on it.
 * Cost: near-linear in listed pairs where supply is ample; memory at most 12 bytes a listed pair beyond the input.
 */
VeilMatch *veil_match_total(const VeilInstance *instance, const guint32 *order, GError **error);

/**
 * veil_match_fair:
 * The worst-served project first, then the sum: match->minimum is what every project with demand gets at least, minimum_bound what no
 * assignment can exceed; objective and bound are those of the instance with that minimum as everybody's floor.
 */
VeilMatch *veil_match_fair(const VeilInstance *instance, const guint32 *order, GError **error);

/**
 * veil_match_fair_even:
 * The worst-served project first, then the smallest common cap on loads that this leaves possible, then the sum: match->minimum is proved over all assignments, objective
 * and bound are those of assignments that keep both. held (nullable, n_reviewers): places that somebody has from before; they count under the cap.
 */
VeilMatch *veil_match_fair_even(const VeilInstance *instance, const guint32 *held, const guint32 *order, GError **error);
/* What reviewer r may take under the cap: his own maximum, or less. */
guint32 veil_match_capped_load(const VeilInstance *instance, const guint32 *held, guint32 r, guint32 cap);

/**
 * veil_match_over_all:
 * The optimum over all pairs that the source allows, of which only those are ever looked at that prices cannot rule out. problem: demands,
 * loads, groups; its rows are ignored. With `lengthen`, lists are doubled and solved again wherever the bound or feasibility needs it, under any rules that `solve`
 * knows. With `best`, shelves of some dozens a project are filled anew at the prices of the moment; panel rules, shares, teams and floors are VEIL_ERROR_REFUSED there.
 * The bound is over all pairs, and so is a witness (complete). Memory with `best`: some KB a project; an infeasible instance of more than 100 million pairs gets
 * a witness only where everybody's load together is too small, else VEIL_ERROR_FAILED.
 */
VeilMatch *veil_match_over_all(const VeilInstance *problem, const VeilScoreSource *source, const guint32 *order, GError **error);

/* The bound that prices give over all pairs of a score function; no groups. */
gboolean veil_match_bound_over_all(const VeilInstance *problem, const VeilScoreSource *source, const gint64 *price, gint64 *out_bound, GError **error);

/* What a rule says of the reviewer of listed pair i: a value's number, or 1 and 0. */
static inline guint32
veil_bound_at(const VeilInstance *in, const VeilPanelBound *bound, guint64 i)
{
	return bound->pairs == 0 ? bound->label[in->reviewer[i]] : in->mark != NULL && (in->mark[i] & bound->pairs) != 0;
}

/* The same of a reviewer on project p; whom p does not list no rule on pairs counts. */
guint32 veil_bound_of(const VeilInstance *in, const VeilPanelBound *bound, guint32 p, guint32 reviewer);

void veil_match_free(VeilMatch *match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilMatch, veil_match_free)

/* What would make an infeasible instance feasible. Never that a conflict is overlooked, and nobody with maximum load 0 is asked. */
typedef enum {
	VEIL_RELAX_RAISE,	 /* reviewers `who` take `by` projects more than their maximum; units in all, the fewest possible */
	VEIL_RELAX_MAX_LOAD,	 /* nobody's maximum load is below `load`, the smallest that will do (0 stays 0) */
	VEIL_RELAX_PLACES,	 /* projects `who` give up `by` places; units in all, the fewest possible */
	VEIL_RELAX_MIN_LOAD,	 /* reviewers `who` are let off `by` of their minimum load; units in all, the fewest possible */
	VEIL_RELAX_MIN_LOAD_ALL, /* nobody's minimum load is above `load`, the largest that will do */
	VEIL_RELAX_RULE,	 /* bound `load` (its number) asks for less in projects `who`; units in all at least */
	VEIL_RELAX_LISTS,	 /* projects `who` have cut lists: longer ones or wider disciplines may hold the reviewers they lack */
} VeilRelaxationKind;

typedef struct {
	VeilRelaxationKind kind;
	guint64 units;
	guint32 load;
	guint32 n;
	guint32 *who, *by; /* n, ascending; by NULL where kind does not say it */
	gboolean exact;	   /* by itself it makes the instance feasible, and nothing smaller of its kind would; `who` is one choice of several */
} VeilRelaxation;

/**
 * veil_match_relax:
 * For an infeasible instance and its witness: what could be changed. GArray of VeilRelaxation, in the order of the kinds. Maximum flows, no scores:
 * exact but for panel rules, shares, teams and floors, which the flows do not see (exact is FALSE there), for minimum loads together with groups
 * (not worked out), and for instances that lack both places and minimum loads (each is listed, neither is enough).
 */
GArray *veil_match_relax(const VeilInstance *instance, const VeilWitness *witness, GError **error);

/* The bound that prices give, by the formula above, and the projects where a dummy enters. out_open nullable (GArray of guint32). */
gboolean veil_match_bound(const VeilInstance *instance, const gint64 *price, gint64 *out_bound, GArray *out_open, GError **error);
/* The same under rules: share_price and weight (of the floors) are nullable. */
gboolean veil_match_bound_with_rules(const VeilInstance *instance, const gint64 *price, const gint64 *share_price, const gint64 *weight,
				     gint64 *out_bound, GArray *out_open, GError **error);

G_END_DECLS
