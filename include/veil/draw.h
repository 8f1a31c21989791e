/* veil/draw.h - what a seed decides: orders, the drawn assignment, panel and reserves. docs/design/draw.md has all of it to the byte.
 *
 * Determinism: the seed and the arguments. Streams are ChaCha20 (veil/hash.h) under a label each, numbers below a bound by rejection, so without bias. Integers only.
 */
#pragma once

#include <veil/odds.h>

G_BEGIN_DECLS

/* A permutation of 0..n-1, each equally likely over seeds: Fisher-Yates, from the end. */
void veil_draw_order(const guint8 seed[32], const char *label, guint32 *out_order, guint32 n);

/**
 * veil_draw_round:
 * One assignment, sampled so that every listed pair (CSR of instance) is in it with a probability of exactly odds / VEIL_ODDS_WHOLE, every project has sum(odds) / VEIL_ODDS_WHOLE
 * people, and every load and every panel rule (group, bounds) stands at its expected value rounded down or up: whatever holds for the odds holds for every outcome.
 * Of instance: the sizes, offset, reviewer, group and bounds; loads, demands and scores are not looked at.
 * out_offset (n_projects + 1), out_drawn (caller's, one for each place): reviewers of each project, ascending.
 * Errors: VEIL_ERROR_INPUT when odds exceed VEIL_ODDS_WHOLE or a project's do not sum to a multiple of it; VEIL_ERROR_REFUSED when the rules of a project cross: then no draw of
 * given odds need exist, and a lottery (veil/odds.h) has to be made.
 * Cost: some 16 visits to each pair whose odds are neither 0 nor whole, however tight supply is; under 30 bytes each.
 */
gboolean veil_draw_round(const VeilInstance *instance, const guint32 *odds, const guint8 seed[32], guint64 *out_offset, guint32 *out_drawn, GError **error);

/* The same from solved odds: by rounding, or, where there is a lottery, by that. Rows in ascending reviewers. */
gboolean veil_draw_odds(const VeilInstance *instance, const VeilOdds *odds, const guint8 seed[32], guint64 *out_offset, guint32 *out_drawn, GError **error);

/* One of n with probability weight / sum(weights); sum(weights) > 0. */
guint32 veil_draw_lottery(const guint8 seed[32], const guint32 *weights, guint32 n);

/* The ticket of a pair: independent of all other pairs and of any order. */
guint64 veil_draw_ticket(const guint8 seed[32], const char *project, const char *reviewer);

/* Whether n people are a legal panel of project p: groups, bounds with minima and maxima; no repeats. Distinctness is the caller's. */
gboolean veil_draw_legal(const VeilInstance *instance, guint32 p, const guint32 *people, guint32 n);

/**
 * veil_draw_panel:
 * Sorts the drawn people of project p by ticket (ties by code) and puts the panel first: the first in that order, position by position, that is a legal panel of demand[p], also by
 * the rules of the other projects of its team; the others follow in their order and are the reserves. codes: by reviewer. FALSE (people in order of tickets) when no choice of demand[p] is legal.
 */
gboolean veil_draw_panel(const VeilInstance *instance, guint32 p, const guint8 seed[32], const char *project, const char *const *codes, guint32 *people, guint32 n);

G_END_DECLS
