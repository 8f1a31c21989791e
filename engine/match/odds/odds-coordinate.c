/* odds-coordinate.c - prices by one reviewer at a time, for the few instances where Newton's steps wander.
 *
 * The dual is convex and smooth but for kinks of single prices at 0, so that going down along one price after the other, each to the very price at which the load is right with every
 * level following, ends at the optimum. It needs hundreds of rounds where projects share few reviewers, which is why it is the last resort (about one small instance in forty thousand)
 * and why its work is bounded: where the bound is spent the caller says that the prices did not settle.
 */
#include <string.h>

#include "odds/odds-solver.h"

enum { MOST_ROUNDS = 20000, FIRST_STEP = 64 };
#define MOST_WORK G_GUINT64_CONSTANT(400000000) /* entries looked at */

typedef struct {
	Odds *o;
	guint64 work, entries;
	gint64 reach;
} Search;

static void
set_price(Search *x, guint32 r, gint64 price)
{
	Odds *o = x->o;

	o->lowest_before = o->lowest;
	o->lowest = MIN(o->lowest, price);
	o->price[r] = price;
	o->moved[r] = 1;
	veil_odds__levels(o, FALSE);
	o->moved[r] = 0;
	x->work += x->entries;
}

static gint64
bound_of(guint32 load)
{
	return (gint64)MIN(load, (guint32)G_MAXINT32) * WHOLE_PARTS;
}

/* What the load is beyond its bounds: above the maximum, or (negative) below the minimum. At a price other than 0 the load must stand at its bound. */
static gint64
wrong(const Odds *o, guint32 r)
{
	gint64 most = bound_of(o->in->max_load[r]), least = o->in->min_load == NULL ? 0 : bound_of(o->in->min_load[r]), load = o->load[r];

	if (o->price[r] > 0)
		return load - most;
	if (o->price[r] < 0)
		return load - least;
	return load > most ? load - most : load < least ? load - least : 0;
}

/* The smallest price on this side of 0 (away: 1 above, -1 below) that takes the load to its bound; from `start` outwards in growing steps, then by halves. */
static void
settle_side(Search *x, guint32 r, gint64 start, int away)
{
	Odds *o = x->o;
	gint64 target = away > 0 ? bound_of(o->in->max_load[r]) : bound_of(o->in->min_load[r]), near = 0, far = MAX(start, 1), step = FIRST_STEP;

	/* near: not yet enough (0 is known to be so), far: enough */
	set_price(x, r, away * far);
	if (away > 0 ? o->load[r] <= target : o->load[r] >= target) {
		for (gint64 try = far - step; try > 0; try -= step, step *= 4) {
			set_price(x, r, away * try);
			if (away > 0 ? o->load[r] > target : o->load[r] < target) {
				near = try;
				break;
			}
			far = try;
		}
	} else {
		do {
			near = far;
			far = MIN(far + step, x->reach);
			step *= 4;
			set_price(x, r, away * far);
		} while (far < x->reach && (away > 0 ? o->load[r] > target : o->load[r] < target));
	}
	while (far - near > 1) {
		gint64 middle = near + (far - near) / 2;

		set_price(x, r, away * middle);
		if (away > 0 ? o->load[r] > target : o->load[r] < target)
			near = middle;
		else
			far = middle;
	}
	set_price(x, r, away * far);
}

static void
settle(Search *x, guint32 r)
{
	Odds *o = x->o;
	gint64 start = ABS(o->price[r]), at_zero;

	set_price(x, r, 0);
	at_zero = wrong(o, r);
	if (at_zero != 0)
		settle_side(x, r, start, at_zero > 0 ? 1 : -1);
}

gboolean
veil_odds__coordinates(Odds *o, guint32 *out_odds)
{
	Search x = {.o = o, .entries = o->in->offset[o->in->n_projects] + o->in->n_projects, .reach = MIN(64 * o->steepest, ODDS_FARTHEST)};
	gint64 tolerance = PARTS / 2;

	memset(o->moved, 0, o->in->n_reviewers);
	for (guint round = 0; round < MOST_ROUNDS && tolerance > 0 && x.work < MOST_WORK; round++) {
		gboolean all_right = TRUE;

		for (guint32 r = 0; r < o->in->n_reviewers && x.work < MOST_WORK; r++)
			if (ABS(wrong(o, r)) > tolerance) {
				all_right = FALSE;
				settle(&x, r);
			}
		if (!all_right)
			continue;
		if (veil_odds__whole(o, FALSE, out_odds, NULL, NULL))
			return TRUE;
		tolerance /= 4;
	}
	return FALSE;
}
