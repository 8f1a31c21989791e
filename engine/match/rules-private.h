/* rules-private.h - the state of method total under rules, shared by rules.c, rules-shares.c and rules-witness.c. */
#pragma once

#include "panels.h"

typedef enum { OUTCOME_NONE, OUTCOME_UNKNOWN, OUTCOME_TOO_FULL, OUTCOME_TOO_EMPTY } Outcome;

typedef struct {
	const Rules *rules;
	Oracle *oracle;
	Panels *panels;
	gint64 *scratch;  /* by reviewer */
	guint32 *places;  /* of one panel */
	guint8 *stuck;	  /* by reviewer: the closed set of the outcome */
	Outcome outcome;
	guint32 reliefs, most_reliefs;
	gint64 *share_price;
	/* the best so far */
	gboolean has_best, has_bound;
	Wide best_total, best_bound;
	guint32 *best_place; /* by seat */
	gint64 *best_price, *best_share_price;
} Core;

/* rules-witness.c: fill in match as infeasible. Unit u has no legal panel; c->stuck is a set that no panel can leave, or enter. */
void veil_match__panel_witness(const Rules *rules, guint32 unit, VeilMatch *match);
gboolean veil_match__stuck_witness(Core *c, VeilMatch *match, GError **error);
