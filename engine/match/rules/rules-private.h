/* rules-private.h - the state of method total under rules, shared by rules.c, rules-shares.c and rules-witness.c. */
#pragma once

#include "rules/seats.h"

#define VEIL_NO_FLOOR (-VEIL_MAX_SCORE * 1000)

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

/* fair.c. The project that can have least, and how much that is; NOBODY and 0 where nobody wants anything. open: that project where its list is cut too short to say. */
gboolean veil_match__poorest(Core *c, guint32 *out_project, gint64 *out_best, GArray *open, GError **error);
/* The smallest total of a project with demand in the best assignment. */
gint64 veil_match__smallest(const VeilInstance *in, const Core *c);
void veil_match__set_floors(const VeilInstance *in, gint64 *floor, gint64 value);
/* From the assignment of the largest total (the best kept): everybody to this floor, or not. The core is left where that ended. */
gboolean veil_match__reach_floor(Core *c, gint64 *floor, gint64 value, gboolean *out_reached, GError **error);
/* The largest floor that is reached, from low, which is, to high. */
gboolean veil_match__find_floor(Core *c, gint64 *floor, gint64 low, gint64 high, GError **error);
/* The best assignment kept, its bounds, and why the minimum can be no larger: `project` alone cannot have more than `bound`. */
gboolean veil_match__prove_fair(Core *c, const VeilInstance *in, gint64 *floor, VeilMatch *match, guint32 project, gint64 bound, GArray *open, GError **error);

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
