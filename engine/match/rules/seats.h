/* seats.h - the assignment under panel rules while it is being made: panels, loads, prices. Private to this room.
 *
 * Every unit always has a legal panel. What may be wrong are loads, and prices against loads: a reviewer has an excess when he holds more
 * than his maximum, or more than his minimum at a negative price; a lack when less than his minimum, or less than his maximum at a
 * positive price. Without any, and with every panel a best one at the prices, the assignment is optimal.
 */
#pragma once

#include "rules/rules.h"

#define NEAR 40

typedef struct {
	gint64 dist;
	guint32 hops, node;
} Far;

typedef struct {
	guint32 unit, place; /* of the unit's list; NOBODY: empty */
	guint32 reviewer;
	guint32 next, prev;  /* seats of the same reviewer */
} Seat;

typedef struct {
	guint32 seat, place;
} Move; /* whoever sits there gives way to the candidate at this place */

typedef struct {
	gint64 score;
	guint32 unit, place;
} Listing;

typedef struct {
	const Rules *rules;
	Oracle *oracle;
	gint64 *price;	      /* by reviewer, those of his shares included */
	gint64 *share_part;   /* of it; NULL without shares */
	guint32 *load, *first;
	Seat *seats;
	guint32 *seat_offset; /* n_units + 1 */
	guint32 *count;	      /* n_units x n_counted: members in the panel */
	/* searches */
	gint64 *dist;
	guint32 *hops, *seen, *done, *banned; /* stamps; banned by unit */
	Move *via;
	guint32 stamp, ban_stamp;
	Far *heap;
	guint32 heap_n, heap_room;
	GArray *settled, *moves; /* guint32; Move */
	guint64 work;		 /* candidates looked at: what a budget is counted in */
	/* What spares looking at everybody. near: of each unit's list the NEAR best when it was first looked at, and what none of the others
	 * exceeds, true while prices only rise. low: what no member of its panel is below. */
	Listing *near;
	guint32 *near_phase, phase;
	gint64 *near_rest, *low, *seat_profit;
	/* Floors: chains leave a project with at least its floor, or what it has. */
	gboolean floors;
	gint64 *total; /* by unit of one project: its panel's score, without weights */
	guint8 *slack; /* by reviewer: a chain of drain may end with him, at the cost of his price when it is negative */
	Pick *sieve; /* to find the near ones */
	/* by reviewer: the units that list him */
	guint64 *back_offset;
	Listing *back;
	gboolean back_holds, full_back; /* full: all pairs, so that it always holds; scores are looked up, they may have changed */
	guint32 most_listed;
} Panels;

Panels *veil_match__panels_new(const Rules *rules, Oracle *oracle);
void veil_match__panels_free(Panels *x);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Panels, veil_match__panels_free)

static inline gint64
own_price(const Panels *x, guint32 r)
{
	return x->price[r] - (x->share_part ? x->share_part[r] : 0);
}

static inline guint32
least(const Panels *x, guint32 r)
{
	return x->rules->in->min_load ? x->rules->in->min_load[r] : 0;
}

/* What the prices say he should hold. */
static inline guint32
rightful(const Panels *x, guint32 r)
{
	gint64 y = own_price(x, r);
	guint32 low = least(x, r), high = x->rules->in->max_load[r];

	return y > 0 ? high : y < 0 ? low : CLAMP(x->load[r], low, high);
}

static inline guint32
seated(const Panels *x, guint32 seat)
{
	return x->seats[seat].reviewer;
}

static inline gint64
profit(const Panels *x, guint32 unit, guint32 place)
{
	const Unit *u = &x->rules->units[unit];

	return u->score[place] - (gint64)u->size * x->price[u->reviewer[place]];
}

/* A candidate's score for the first project of the unit, without weights. */
static inline gint64
raw_score(const Panels *x, guint32 unit, guint32 place)
{
	const VeilInstance *in = x->rules->in;

	return in->score[in->offset[x->rules->member[x->rules->units[unit].first]] + place];
}

static inline gint64
floor_of(const Panels *x, guint32 unit)
{
	return x->rules->in->floor[x->rules->member[x->rules->units[unit].first]];
}

/* Every change of a price goes through here: the profits of his seats follow. */
void veil_match__price_add(Panels *x, guint32 r, gint64 add);
/* All prices were set anew. */
void veil_match__prices_changed(Panels *x);
/* The unit's scores were. */
void veil_match__scores_changed(Panels *x, guint32 unit);

/* The unit's panel becomes these places (its first panel when it has none). */
void veil_match__panel_put(Panels *x, guint32 unit, const guint32 *place);
void veil_match__panel_get(const Panels *x, guint32 unit, guint32 *out_place);
gint64 veil_match__panel_value(const Panels *x, guint32 unit);
void veil_match__seat_move(Panels *x, guint32 seat, guint32 place);
/* The seat's reviewer may give way to the candidate at this place: nobody twice, every rule kept. */
gboolean veil_match__may_swap(const Panels *x, guint32 seat, guint32 place);
/* The same without a look at floors. */
gboolean veil_match__rules_allow(const Panels *x, guint32 seat, guint32 place);
/* Bits of the types that the counted rules let in for this seat's reviewer; all of them set when there are more than 64 types. */
guint64 veil_match__types_for(const Panels *x, guint32 seat);

/* chains.c: the unit's near ones at hand, found anew where prices have fallen. Of a unit that lists more than 2 NEAR. */
const Listing *veil_match__near(Panels *x, guint32 unit);
/* chains.c: x->back says by reviewer which units list him and may want him. */
void veil_match__listings(Panels *x);
/* outbid.c: who has more than his maximum sheds it panel by panel, prices rising; who has less and a price finds takers, prices falling. What is left is for chains. */
void veil_match__outbid(Panels *x);
void veil_match__undercut(Panels *x);
/* chains.c: moves one unit of excess away from r, or of lack to r, by the cheapest chain of exchanges, and the prices with it. FALSE:
 * there is none; x->settled are the reviewers it reached. */
gboolean veil_match__drain(Panels *x, guint32 r);
gboolean veil_match__supply(Panels *x, guint32 r);
