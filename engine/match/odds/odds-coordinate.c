/* odds-coordinate.c - prices by one reviewer at a time, for the few instances where Newton's steps wander.
 *
 * The dual is convex and smooth but for kinks of single prices at 0, so that going down along one price after the other, each to the very price at which the load is right with every
 * level following, ends at the optimum. Where prices have to fall together (minimum loads that take all places) each round takes them a little way in one direction: this is then followed
 * as far as the dual falls, in doubled steps (the pattern moves of Hooke and Jeeves, 1961). It can need hundreds of rounds where projects share few reviewers, which is why it is the last
 * resort (about one small instance in forty thousand) and why its work is bounded: where the bound is spent the caller says that the prices did not settle.
 */
#include <string.h>

#include "odds/odds-solver.h"

enum { MOST_ROUNDS = 20000, FIRST_STEP = 64, CIRCULATION = 8, FARTHEST_STEP = 1 << 30 };
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
	at_zero = odds_residual(o, r);
	if (at_zero != 0)
		settle_side(x, r, start, at_zero > 0 ? 1 : -1);
}

/* Prices = from + step x length, none beyond 0. Whether the dual still falls there along the step. */
static gboolean
falls_at(Search *x, const gint64 *from, const gint64 *step, gint64 length)
{
	Odds *o = x->o;
	__int128 rise = 0;

	o->lowest_before = o->lowest;
	o->lowest = 0;
	for (guint32 r = 0; r < o->in->n_reviewers; r++) {
		__int128 price = from[r] + (__int128)step[r] * length;

		if ((from[r] > 0 && price < 0) || (from[r] < 0 && price > 0))
			price = 0;
		price = CLAMP(price, -x->reach, x->reach);
		o->moved[r] = price != o->price[r];
		o->price[r] = (gint64)price;
		o->lowest = MIN(o->lowest, o->price[r]);
	}
	veil_odds__levels(o, FALSE);
	memset(o->moved, 0, o->in->n_reviewers);
	x->work += x->entries;
	for (guint32 r = 0; r < o->in->n_reviewers; r++)
		rise += (__int128)odds_residual(o, r) * step[r];
	return rise > 0;
}

/* On in the direction of the last round, for as long as that leads down. */
static void
follow(Search *x, const gint64 *before, gint64 *from, gint64 *step)
{
	Odds *o = x->o;
	gint64 length = 1;

	for (guint32 r = 0; r < o->in->n_reviewers; r++) {
		from[r] = o->price[r];
		step[r] = from[r] - before[r];
	}
	while (length < FARTHEST_STEP && falls_at(x, from, step, length))
		length *= 2;
	falls_at(x, from, step, length / 2);
}

gboolean
veil_odds__coordinates(Odds *o, guint32 *out_odds)
{
	Search x = {.o = o, .entries = o->in->offset[o->in->n_projects] + o->in->n_projects, .reach = MIN(64 * o->steepest, ODDS_FARTHEST)};
	gint64 tolerance = PARTS / 2;

	g_autofree gint64 *before = g_new(gint64, (gsize)o->in->n_reviewers + 1), *from = g_new(gint64, (gsize)o->in->n_reviewers + 1),
			  *step = g_new(gint64, (gsize)o->in->n_reviewers + 1);

	memset(o->moved, 0, o->in->n_reviewers);
	for (guint round = 0; round < MOST_ROUNDS && tolerance > 0 && x.work < MOST_WORK; round++) {
		gint64 off = 0;

		memcpy(before, o->price, sizeof *before * o->in->n_reviewers);
		for (guint32 r = 0; r < o->in->n_reviewers && x.work < MOST_WORK; r++)
			if (ABS(odds_residual(o, r)) > tolerance)
				settle(&x, r);
		for (guint32 r = 0; r < o->in->n_reviewers; r++)
			off = MAX(off, ABS(odds_residual(o, r)));
		if (off <= ODDS_MENDABLE) {
			x.work += CIRCULATION * x.entries;
			if (veil_odds__whole(o, FALSE, out_odds, NULL, NULL))
				return TRUE;
		}
		if (off <= tolerance)
			tolerance /= 4;
		else
			follow(&x, before, from, step);
	}
	return FALSE;
}
