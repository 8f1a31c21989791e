/* odds.h - the odds of a draw while they are judged. Inside judge only. */
#pragma once

#include "judge/judge.h"

typedef struct {
	const Instance *x;
	const Certificate *c;
	const GArray *odds; /* by project and reviewer */
	guint *start;	    /* of each project */
	gint64 *load;
} Odds;

/* Every project's odds add up to its places, no pair passes the cap, loads and panel rules hold for the sums. */
gboolean odds_hold(const Odds *o);
/* Equally fit reviewers of a project have equal odds, but for what prices and rules take. */
gboolean odds_equal(const Odds *o);
/* The expected total is the one that is said, and the prices prove the bound that is said. */
gboolean odds_expected(const Odds *o);
/* Do rules on one panel of project p cross, so that odds do not say all? Without a verdict. */
gboolean odds_rules_cross(const Odds *o, guint32 p);
