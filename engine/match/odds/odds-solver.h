/* odds-solver.h - the state that the parts of the odds solver share. Private to this room.
 *
 * Fixed point: prices and scores in billionths; amounts in parts, PARTS to a unit of odds (VEIL_ODDS_WHOLE units are a place); a slope says how many parts an amount falls when
 * its price rises by a billionth, times 2^SLOPE_BITS. Every amount is floor(slope x (b - price - level)), held between 0 and the project's cap. Levels are finer than prices, by
 * LEVEL_BITS, so that a project's sum is right to a few parts.
 */
#pragma once

#include <veil/odds.h>

enum { PARTS = 65536, SLOPE_BITS = 40, LEVEL_BITS = 10, NANO = 1000 };

/* No price is farther from 0: a level is then below 4.2 x 10^18 as fine as it is, and no difference of a value and a level leaves 64 bits, whatever the scores. */
#define ODDS_FARTHEST G_GINT64_CONSTANT(3000000000000000)

#define WHOLE_PARTS ((gint64)VEIL_ODDS_WHOLE * PARTS)

typedef struct {
	gint64 b;     /* billionths, the band's score */
	gint64 slope; /* > 0 */
	guint32 reviewer;
	guint32 pair; /* place in the instance's row */
} OddsEntry;

/* Entries of equal worth that have something at the levels looked at, or nearly. */
typedef struct {
	gint64 value, slope; /* value: b - price, as fine as levels */
	gint64 count;
} OddsNear;

/* A set of a project (the first is the project itself), in preorder; its own entries (those in no smaller set) lie together, best first. */
typedef struct {
	guint32 parent; /* among the project's sets */
	guint32 last;	/* sets up to here, exclusive, are inside it */
	guint64 begin, end;
	guint64 filled; /* its own entries from here on have no amount */
	gint64 lo, hi;	/* parts */
	gint64 level; /* billionths x 2^LEVEL_BITS */
	guint32 block; /* the set whose level this is: itself where a bound is met */
} OddsSet;

typedef struct {
	const VeilInstance *in;
	const VeilInstance *given; /* what was asked; in: the same, or with loads that cannot be other than they are (odds.c, "one load only") */
	VeilOddsOptions options;
	guint32 *places, *cap; /* n_projects */
	guint64 *first_set;    /* n_projects + 1 */
	OddsSet *sets;
	OddsEntry *entries;
	guint32 *amount; /* by entry, parts */
	gint64 *price, *load; /* by reviewer: billionths, parts */
	gint64 *nearest, off; /* prices on the way of veil_odds__prices() at which the largest residual was smallest, and that, where it is mendable */
	guint8 *moved;	      /* by reviewer: his price has changed since the levels were made */
	gint64 lowest;	      /* no price is below; at most 0 */
	gint64 lowest_before; /* the same when the levels were made */
	gint64 steepest;      /* the largest |b|, and no less than the least curvature: the scale of prices */
	guint slope_bits;     /* SLOPE_BITS + LEVEL_BITS, and more while the problem is made smoother than it is */
	/* room for one project */
	OddsNear *near_by;	/* from each set's first entry on: its own entries of a value above near_from */
	gint64 *near_from;	/* by set; G_MAXINT64: not gathered yet */
	guint32 *n_near;	/* by set */
	gint64 *raw;	/* by set: what its members would hold without its own bounds */
	__int128 *bend; /* by set: slopes of the members that follow the level */
} Odds;

/* odds.c. The score rounded down to its band; and the sum of score x odds (odds->expected). */
gint64 veil_odds__band(gint64 score, gint64 band);
gboolean veil_odds__expect(const VeilInstance *in, VeilOdds *odds, GError **error);
/* The odds for odds->places and odds->cap, where every project's rules nest (*out_nested); teams and shares are not looked at. */
gboolean veil_odds__by_prices(const VeilInstance *in, const VeilOddsOptions *options, VeilOdds *odds, gboolean *out_nested, GError **error);

/* Whether the rules of every project nest as far as they bind under the caps. */
gboolean veil_odds__nests(const VeilInstance *in, const guint32 *places, const guint32 *cap);

/* lottery.c: what odds->places and odds->cap ask for, by legal assignments with weights. */
gboolean veil_odds__lottery(const VeilInstance *in, const VeilOddsOptions *options, VeilOdds *odds, GError **error);

/* odds-level.c: levels and amounts of every project with a moved reviewer (or all), loads brought up to date. */
void veil_odds__levels(Odds *o, gboolean all);
static inline gint64
fine(gint64 price)
{
	return price * ((gint64)1 << LEVEL_BITS);
}

/* What `room` (as fine as levels) between value and level gives, in parts. */
static inline gint64
odds_amount(gint64 slope, guint slope_bits, gint64 room, gint64 cap)
{
	guint64 amount;

	if (room <= 0)
		return 0;
	if (G_UNLIKELY(room >> slope_bits != 0)) {
		__int128 much = (__int128)slope * room >> slope_bits;

		return much >= cap ? cap : (gint64)much;
	}
	amount = (guint64)((unsigned __int128)(guint64)slope * ((guint64)room << (64 - slope_bits)) >> 64); /* the same, in one multiplication */
	return amount >= (guint64)cap ? cap : (gint64)amount;
}

/* Whole odds leave every pair the choice between two units, so that a load that is a few units off can still be mended; where it cannot, the circulation says so. */
#define ODDS_MENDABLE ((gint64)16 * PARTS)

/* What load r has too much, or (negative) too little, at its price: at a price other than 0 it must stand at its bound. */
static inline gint64
odds_residual(const Odds *o, guint32 r)
{
	gint64 load = o->load[r], most = (gint64)MIN(o->in->max_load[r], (guint32)G_MAXINT32) * WHOLE_PARTS;
	gint64 least = o->in->min_load == NULL ? 0 : (gint64)MIN(o->in->min_load[r], (guint32)G_MAXINT32) * WHOLE_PARTS;

	if (o->price[r] > 0 || (o->price[r] == 0 && load > most))
		return load - most;
	if (o->price[r] < 0 || load < least)
		return load - least;
	return 0;
}

/* odds-price.c: prices at which every load is inside its bounds to within `tolerance` parts a reviewer, in `rounds` steps at most, or until `patience` of them on end
 * have made it hardly better; FALSE when that does not come about (then perhaps no odds exist). warm: the prices are good already. */
gboolean veil_odds__prices(Odds *o, gint64 tolerance, guint rounds, guint patience, gboolean warm);

/* The nearest prices become the prices, and these the nearest. FALSE: none were mendable. */
gboolean veil_odds__swap_nearest(Odds *o);

/* odds-coordinate.c: the same by one price after the other, and the whole odds; the last resort. FALSE when its work is spent. */
gboolean veil_odds__coordinates(Odds *o, guint32 *out_odds);

/* odds-flow.c. Whole odds: each pair's is its amount in units rounded down or up (`any`: anything from 0 to the cap), every sum inside its bounds. out_odds by listed pair of the
 * instance. FALSE when there are none; then out_price (nullable, n_reviewers) gets 1 or -1 where the reviewer is part of the reason,
 * out_short (nullable, n_projects) 1 for the projects that would have to give. */
gboolean veil_odds__whole(const Odds *o, gboolean any, guint32 *out_odds, gint8 *out_price, guint8 *out_short);

/* odds-bound.c: sum_p V_p + sum_r max(U y, L y) in billionths x units; with no_scores every score is 0. out_projects (nullable, GArray of guint32): where V_p is not 0. */
__int128 veil_odds__value(const VeilInstance *in, const guint32 *places, const guint32 *cap, const gint64 *price, gboolean no_scores, GArray *out_projects);

/* odds-witness.c: match->witness, when a project alone cannot be filled (TRUE), or after veil_odds__whole has said why there are none. */
gboolean veil_odds__lone_witness(const Odds *o, VeilOdds *odds);
/* The same for a rule's minimum that its members cannot meet under the cap. */
gboolean veil_odds__minimum_witness(const VeilInstance *in, VeilOdds *odds);
void veil_odds__witness(const Odds *o, const gint8 *price, const guint8 *is_short, VeilOdds *odds);
