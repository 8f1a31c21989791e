/* rules-private.h - the state of method total under rules, shared by rules.c, rules-shares.c and rules-witness.c. */
#pragma once

#include "seats.h"

typedef enum { OUTCOME_NONE, OUTCOME_UNKNOWN, OUTCOME_TOO_FULL, OUTCOME_TOO_EMPTY } Outcome;

typedef struct {
	Rules *rules;
	Oracle *oracle;
	Panels *panels;
	gint64 *scratch;  /* by reviewer */
	guint32 *places;  /* of one panel */
	guint8 *stuck;	  /* by reviewer: the closed set of the outcome */
	Outcome outcome;
	guint32 reliefs, most_reliefs;
	guint64 pairs; /* of all units: what budgets are measured against */
	gint64 *share_price;
	/* the best so far */
	gboolean has_best, has_bound;
	Wide best_total, best_bound, last_bound;
	guint32 *best_place; /* by seat */
	gint64 *best_price, *best_share_price, *best_weight;
	gint64 *weight; /* by unit: of the floors, in millionths */
	gboolean with_floors; /* the assignment must keep them, and the bound counts their weights; panels->floors: chains respect them too */
} Core;

/* rules.c: begin solves by total without floors, and FALSE is an error; match infeasible: why. end clears, also after an error. */
gboolean veil_match__begin(Core *c, const VeilInstance *in, const guint32 *order, VeilMatch **out_match, GError **error);
void veil_match__end(Core *c);
/* Loads and prices set right. FALSE: an error, or c->outcome says what is the matter. */
gboolean veil_match__settle(Core *c, GError **error);
void veil_match__keep_assignment(Core *c);
gboolean veil_match__rounds(Core *c, GError **error);
/* The best assignment and bound that were kept. */
gboolean veil_match__finish(Core *c, VeilMatch *match, GError **error);
gboolean veil_match__too_hard(const Rules *rules, guint32 unit, GError **error);
int veil_match__compare_u32(gconstpointer a, gconstpointer b);

/* floors.c: the floors of the instance; c->places is where panels are left. */
gboolean veil_match__floors_met(const Core *c, guint32 unit, const guint32 *place);
gboolean veil_match__floors_met_now(const Core *c, guint32 unit);
void veil_match__weigh(Core *c, guint32 unit, gint64 weight);
PanelAnswer veil_match__tune_weight(Core *c, guint32 unit, gboolean *out_met, gint64 *out_value);
gboolean veil_match__lift(Core *c, gboolean with_weights, gboolean *out_reached, GError **error);
/* Better weights, and with them assignments, by following what each project has above or below its floor. */
gboolean veil_match__improve_floors(Core *c, GError **error);
gboolean veil_match__bid_again(Core *c, guint32 *out_changed, GError **error);

/* shares.c: prices for the batch-wide shares. */
gboolean veil_match__settle_shares(Core *c, VeilMatch *match, GError **error);
/* Whether every share is kept by the present panels. */
gboolean veil_match__shares_kept(const Core *c);

/* rules-witness.c: fill in match as infeasible. Unit u has no legal panel; c->stuck is a set that no panel can leave, or enter. */
void veil_match__panel_witness(const Rules *rules, guint32 unit, VeilMatch *match);
gboolean veil_match__stuck_witness(Core *c, VeilMatch *match, GError **error);

/* polish.c: raises the total of the present assignment by cycles of exchanges; looks at so many candidates at most. Leaves loads right, but not prices. */
void veil_match__polish(Core *c, guint64 work);
/* The same from the best assignment kept, with scores shaken now and then to get away from it; a better one is kept. */
void veil_match__shake(Core *c, guint64 work);
