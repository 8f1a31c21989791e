/* match.h - `veil-verify match`: published lists. */
#pragma once

#include "judge/judge.h"

/* --- match.c, lists.c --------------------------------------------------------------------------------------------- */

typedef struct {
	char *scores, *conflicts, *loads, *demands, *attributes, *missing_score, *method, *policy, *assignment, *certificate;
	char *demand, *max_load, *min_load, *odds, *band, *perturbation, *seed, *out;
} MatchOptions;

typedef struct {
	guint64 scores, conflicts;
} ListCounts;

gboolean lists_read(const MatchOptions *options, Instance *x, Policy *policy, ListCounts *out_counts);
gboolean match_verify(const MatchOptions *options);
