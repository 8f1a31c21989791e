/* veil/odds.h - method draw: the odds of every pair, and why they are the right ones.
 *
 * Odds are integers over VEIL_ODDS_WHOLE. A project's odds sum to its places (demand and reserves together), a reviewer's stay inside his loads, no pair exceeds the
 * cap, every panel rule holds for the sums. Among all such odds the solver finds those that maximise
 *     sum b (x - beta x^2),   b = the score rounded down to its band, x = odds / VEIL_ODDS_WHOLE
 * (perturbed maximisation, PM-Q of Xu et al., NeurIPS 2023): unique, and equally fit reviewers of a project at the same price have the same odds up to one unit.
 *
 * Certificate. With prices y (reviewers, billionths) there is a level pi for each project such that every odds is within one unit of
 *     clamp((b - y - pi) / (2 beta c), 0, cap)         c = max(b, VEIL_ODDS_CURVATURE)
 * where a reviewer inside a rule whose bound is met has pi + gamma instead, gamma >= 0 at a maximum and <= 0 at a minimum, added over the nested rules.
 * The expected score of any odds under the cap is at most  sum_p V_p(y) + sum_r max(max_load y, min_load y),  V_p the best fractional panel at score - y.
 */
#pragma once

#include <veil/match.h>

G_BEGIN_DECLS

#define VEIL_ODDS_WHOLE 10000
#define VEIL_ODDS_CURVATURE 1000      /* millionths: scores below it, negative ones too, are perturbed like this one */
#define VEIL_ODDS_PERTURBATION 100000 /* the default beta, millionths */

/* --- odds --------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint32 cap;	      /* 1 ... VEIL_ODDS_WHOLE: the largest odds of a place on a panel */
	gint64 band;	      /* millionths; 0: every score is a band of its own */
	guint32 perturbation; /* beta in millionths, 10000 ... 1000000; 0: VEIL_ODDS_PERTURBATION */
	const guint32 *reserves; /* n_projects: people beyond demand that are drawn with the panel; or NULL: none */
	gboolean no_lottery;	 /* where one would have to be made: VEIL_ERROR_REFUSED instead */
} VeilOddsOptions;

typedef struct {
	VeilMatchStatus status; /* VEIL_MATCH_FEASIBLE: here they are; or VEIL_MATCH_INFEASIBLE */
	guint32 *places;	/* n_projects: demand and reserves */
	guint32 *cap;		/* n_projects: veil_odds_cap */
	guint32 *odds;		/* by listed pair */
	gint64 *price;		/* n_reviewers, billionths */
	gint64 expected, bound; /* millionths, rounded down: sum of score x odds over all places; what no odds under the caps exceed, over all allowed pairs */
	guint32 *open;		/* projects whose list is too short: somebody who is not listed might deserve odds, or is needed */
	guint32 n_open;
	VeilWitness witness;	/* when infeasible: reviewers take max_load, and every pair the project's cap at most, of a place (short_by in places, rounded up) */
	/* Where panel rules cross, with teams and with shares: legal assignments (n_projects rows of `places` reviewers, ascending) with weights that sum to VEIL_ODDS_WHOLE; odds are
	 * their marginals. Promised is that every one is legal and that no pair passes the cap; equal odds of equally fit people are aimed at and not promised. */
	guint32 n_lottery;
	guint32 *weight, *panels;
} VeilOdds;

/* The largest odds of one pair of p: the cap, larger by (k + r) / k where r reserves are drawn with k panel members whose order is random, so that a place on the panel keeps the
 * cap; where a rule has a minimum for p the order is not, and the cap stays. */
guint32 veil_odds_cap(const VeilInstance *instance, guint32 p, guint32 cap, guint32 reserves);

/* The fewest allowed candidates of a project of k places from whom may be drawn: max(30, 6 k). */
guint32 veil_odds_smallest_set(guint32 demand);

/**
 * veil_odds_solve:
 * Errors: VEIL_ERROR_INPUT for a malformed instance or option; VEIL_ERROR_REFUSED where a lottery is needed and none under the cap was found, or for what a draw cannot hold
 * (floors; shares together with reserves); the message says which.
 * Cost of a lottery: 20 to 500 assignments under rules, one after the other.
 * Determinism: the instance and options alone; integers only.
 */
VeilOdds *veil_odds_solve(const VeilInstance *instance, const VeilOddsOptions *options, GError **error);
void veil_odds_free(VeilOdds *odds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilOdds, veil_odds_free)

/* The bound that prices (billionths) prove, in millionths, rounded down: docs/design/matching.md, Odds. */
gboolean veil_odds_bound(const VeilInstance *instance, const guint32 *places, const guint32 *cap, const gint64 *price, gint64 *out_bound, GError **error);

/* --- nested rules ------------------------------------------------------------------------------------------------- */

/* One listed reviewer of a project. Only sets of open ones are formed; upper and lower (over VEIL_ODDS_WHOLE) say how much a reviewer may contribute at most and at least, so
 * that rules which cannot bind are left out. */
typedef struct {
	guint32 reviewer, upper, lower;
	gboolean open;
} VeilNestEntry;

typedef struct {
	guint32 parent;	  /* the smallest set around it; 0 = the whole project */
	guint32 size;	  /* open members */
	guint32 first;	  /* the first open member: index into the entries */
	guint32 min, max; /* places; max G_MAXUINT32: none */
} VeilNestSet;

typedef struct _VeilNest VeilNest;

VeilNest *veil_nest_new(const VeilInstance *instance);
void veil_nest_free(VeilNest *nest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilNest, veil_nest_free)

/**
 * veil_nest_project:
 * The sets that the panel rules (groups and bounds) of project p form among its open entries (ascending reviewers). A set is left out when it cannot bind: its max is at least
 * `places` or at least the sum of its upper, and its min at most the sum of its lower (sums over all entries, divided by VEIL_ODDS_WHOLE); and when it has no open member.
 * Sets with the same open members are one, with the tighter bounds. Order: more members first, then the lower first member; set 0 is the project itself (min = max = places,
 * unless a rule about all of them is tighter).
 * out_sets, out_inner (the smallest set of each entry): nest's own, until the next call. FALSE when two sets cross: neither nested nor disjoint.
 */
gboolean veil_nest_project(VeilNest *nest, guint32 p, guint32 places, const VeilNestEntry *entries, guint32 n, const VeilNestSet **out_sets, guint32 *out_n_sets,
			   const guint32 **out_inner);

G_END_DECLS
