/* odds-price.c - prices at which nobody's load leaves its bounds.
 *
 * With every project at its level for given prices, the dual of the problem is a function of the prices alone: convex, smooth, piecewise quadratic; its gradient is what a reviewer's
 * load lacks to its bound. Most reviewers never reach a bound and keep the price 0. For the others: a few rounds of single steps (each price to where the load would be right if
 * nobody else moved; from below this never goes too far), then Newton's method. The Newton system is a sum of one block for each level, (slopes) - (slopes)(slopes)' / (their
 * sum), so it is never written down; conjugate gradients solve it. A step that overshoots is shortened until the dual no longer rises at its end.
 *
 * All numbers are integers. In the linear solver vectors are scaled by a power of two so that the largest residual has RESIDUAL_BITS; what that loses is corrected by the next step.
 */
#include <string.h>

#include "odds/odds-solver.h"

enum { RESIDUAL_BITS = 44, RATIO_BITS = 30, DIAGONAL_BITS = 50, DAMPING_BITS = 14, INNER_STEPS = 60, SINGLE_ROUNDS = 3, FINEST = 64, WHOLE_STEP = 65536, LENGTHS = 12 };

/* An entry of an active reviewer. */
typedef struct {
	gint64 slope, worth; /* worth: the price above which he gets nothing here, as fine as levels */
	gint64 cap;
	guint32 active; /* index of the reviewer among the active */
} Arc;

/* One whose amount follows the price: all that Newton's system is made of. */
typedef struct {
	gint64 slope;
	guint32 active;
} Bend;

typedef struct {
	guint64 begin, end; /* bends */
	__int128 slopes;    /* of all entries that follow this level */
} Block;

typedef struct {
	Odds *o;
	guint32 n;
	guint32 *reviewer, *index; /* active ones; by reviewer: index + 1, 0 not active */
	gint64 *residual;	   /* what the load has above its bound, parts */
	gint64 *before;		   /* prices before the step */
	gint64 *diagonal, *step, *rest, *direction, *image, *scaled;
	GArray *arcs, *bends, *blocks;
	guint32 *by_active, *first; /* arcs of each active one: CSR */
	guint8 *stuck;		    /* by reviewer: for how many rounds on end he has had no arc to follow */
	guint streak;		    /* for how many rounds on end the residuals have hardly become smaller */
	gint64 moved;		    /* the longest step of the last round before it was lengthened */
	guint shift;		    /* slopes are scaled down by so many bits */
} Prices;

static inline gint64
mul(gint64 a, gint64 b, guint bits)
{
	return (gint64)((__int128)a * b >> bits);
}

/* --- who is active, and where they stand ----------------------------------------------------------------------------- */

/* Returns the sum of all residuals. */
static gint64
find_active(Prices *x)
{
	const Odds *o = x->o;
	gint64 total = 0;

	x->n = 0;
	for (guint32 r = 0; r < o->in->n_reviewers; r++) {
		gint64 residual = odds_residual(o, r);

		x->index[r] = 0;
		if (o->price[r] == 0 && residual == 0)
			continue;
		x->reviewer[x->n] = r;
		x->residual[x->n] = residual;
		x->index[r] = ++x->n;
		total += MIN(ABS(residual), WHOLE_PARTS * 1000);
	}
	return total;
}

/* Returns the slopes of the entries that bend. */
static __int128
collect_set(Prices *x, const OddsSet *set, gint64 cap)
{
	const Odds *o = x->o;
	guint n_arcs = x->arcs->len, n_bends = x->bends->len;
	__int128 slopes = 0;

	g_array_set_size(x->arcs, n_arcs + (guint)(set->end - set->begin)); /* room for all */
	g_array_set_size(x->bends, n_bends + (guint)(set->end - set->begin));
	for (guint64 i = set->begin; i < set->end && fine(o->entries[i].b - o->lowest) > set->level; i++) {
		const OddsEntry *entry = &o->entries[i];
		guint32 active = x->index[entry->reviewer];
		gboolean bends = o->amount[i] > 0 && o->amount[i] < (guint32)cap;

		slopes += bends ? entry->slope : 0;
		if (active == 0)
			continue;
		g_array_index(x->arcs, Arc, n_arcs++) = (Arc){entry->slope, fine(entry->b) - set->level, cap, active - 1};
		if (bends)
			g_array_index(x->bends, Bend, n_bends++) = (Bend){entry->slope, active - 1};
	}
	g_array_set_size(x->arcs, n_arcs);
	g_array_set_size(x->bends, n_bends);
	return slopes;
}

static void
collect_project(Prices *x, guint32 p)
{
	const Odds *o = x->o;
	const OddsSet *sets = o->sets + o->first_set[p];
	guint32 n_sets = (guint32)(o->first_set[p + 1] - o->first_set[p]);
	gint64 cap = (gint64)o->cap[p] * PARTS;

	/* A block is the sets that share a level; there are few, and nearly always one. */
	for (guint32 b = 0; b < n_sets; b++) {
		Block block = {.begin = x->bends->len};

		if (sets[b].block != b)
			continue;
		for (guint32 s = b; s < sets[b].last; s++)
			if (sets[s].block == b)
				block.slopes += collect_set(x, &sets[s], cap);
		block.end = x->bends->len;
		if (block.end > block.begin)
			g_array_append_val(x->blocks, block);
	}
}

static void
collect(Prices *x)
{
	const Odds *o = x->o;
	const Arc *arcs;

	g_array_set_size(x->arcs, 0);
	g_array_set_size(x->bends, 0);
	g_array_set_size(x->blocks, 0);
	for (guint32 p = 0; p < o->in->n_projects; p++)
		if (o->places[p] > 0)
			collect_project(x, p);
	arcs = (const Arc *)(gpointer)x->arcs->data;
	x->by_active = g_renew(guint32, x->by_active, (gsize)x->arcs->len + 1);
	memset(x->first, 0, sizeof *x->first * ((gsize)x->n + 2));
	for (guint32 i = 0; i < x->arcs->len; i++)
		x->first[arcs[i].active + 2]++;
	for (guint32 i = 1; i < x->n + 2; i++)
		x->first[i] += x->first[i - 1];
	for (guint32 i = 0; i < x->arcs->len; i++)
		x->by_active[x->first[arcs[i].active + 1]++] = i;
}

/* --- single steps ---------------------------------------------------------------------------------------------------- */

static gint64
load_at(const Prices *x, guint32 active, gint64 price, __int128 *out_bend)
{
	const Arc *arcs = (const Arc *)(gpointer)x->arcs->data;
	gint64 load = 0;

	*out_bend = 0;
	for (guint32 k = x->first[active]; k < x->first[active + 1]; k++) {
		const Arc *arc = &arcs[x->by_active[k]];
		gint64 amount = odds_amount(arc->slope, x->o->slope_bits, arc->worth - fine(price), arc->cap);

		load += amount;
		if (arc->worth > fine(price) && amount < arc->cap)
			*out_bend += arc->slope;
	}
	return load;
}

/* The dual has a kink where this price is 0; where both bounds of a load are the same it has none. */
static gboolean
has_kink(const Odds *o, guint32 r)
{
	return o->in->min_load == NULL || o->in->min_load[r] < o->in->max_load[r];
}

/* The price at which the load would be right if no level moved; between the price it has and where it must end. */
static gint64
single_step(const Prices *x, guint32 active)
{
	const Odds *o = x->o;
	guint32 r = x->reviewer[active];
	gint64 target = o->load[r] - x->residual[active], price = o->price[r], low, high;
	gint64 reach = 4 * o->steepest + ABS(price) + 4;
	gboolean up = x->residual[active] > 0;
	__int128 bend;

	if (x->residual[active] == 0)
		return price;
	/* low: too much there; high: not too much there */
	low = up ? price : MAX(price - reach, price > 0 && has_kink(o, r) ? 0 : -ODDS_FARTHEST);
	high = up ? MIN(price + reach, price < 0 && has_kink(o, r) ? 0 : ODDS_FARTHEST) : price;
	if (up ? load_at(x, active, high, &bend) > target : load_at(x, active, low, &bend) <= target)
		return up ? high : low;
	while (high - low > 1) {
		gint64 middle = low + (high - low) / 2, next = middle, load = load_at(x, active, middle, &bend);

		if (load > target)
			low = middle;
		else
			high = middle;
		if (bend > 0) { /* one Newton step saves most halvings */
			__int128 ahead = (__int128)(load - target) * ((__int128)1 << (o->slope_bits - LEVEL_BITS)) / bend;

			next = middle + (gint64)CLAMP(ahead, -(__int128)reach, (__int128)reach);
			if (next > low && next < high) {
				if (load_at(x, active, next, &bend) > target)
					low = next;
				else
					high = next;
				if (next + 1 < high && low == next && load_at(x, active, next + 1, &bend) <= target)
					high = next + 1;
			}
		}
	}
	return high;
}

/* --- Newton's system ------------------------------------------------------------------------------------------------- */

/* The diagonal, scaled so that it fits DIAGONAL_BITS. */
static void
make_diagonal(Prices *x)
{
	const Bend *bends = (const Bend *)(gpointer)x->bends->data;
	g_autofree __int128 *sum = g_new0(__int128, (gsize)x->n + 1);
	__int128 largest = 0;

	for (guint32 b = 0; b < x->blocks->len; b++) {
		const Block *block = &g_array_index(x->blocks, Block, b);

		for (guint64 i = block->begin; i < block->end; i++)
			sum[bends[i].active] += bends[i].slope - (gint64)((__int128)bends[i].slope * bends[i].slope / block->slopes);
	}
	for (guint32 i = 0; i < x->n; i++)
		largest = MAX(largest, sum[i]);
	x->shift = 0;
	while (largest >> x->shift >= (__int128)1 << DIAGONAL_BITS)
		x->shift++;
	for (guint32 i = 0; i < x->n; i++)
		x->diagonal[i] = (gint64)(sum[i] >> x->shift);
}

/* image = (system + a little of the diagonal) x vector */
static void
apply(Prices *x, const gint64 *vector)
{
	const Bend *bends = (const Bend *)(gpointer)x->bends->data;
	guint whole = x->o->slope_bits - LEVEL_BITS, bits = whole - MIN(x->shift, whole);

	for (guint32 i = 0; i < x->n; i++)
		x->image[i] = mul(x->diagonal[i], vector[i], bits + DAMPING_BITS) + (vector[i] >> 30);
	for (guint32 b = 0; b < x->blocks->len; b++) {
		const Block *block = &g_array_index(x->blocks, Block, b);
		__int128 sum = 0;
		gint64 mean;

		for (guint64 i = block->begin; i < block->end; i++)
			sum += (__int128)(bends[i].slope >> x->shift) * vector[bends[i].active];
		if (block->slopes == 0)
			continue;
		mean = (gint64)(sum / MAX(block->slopes >> x->shift, 1));
		for (guint64 i = block->begin; i < block->end; i++)
			x->image[bends[i].active] += mul(bends[i].slope >> x->shift, vector[bends[i].active] - mean, bits);
	}
}

static guint
bits_of(__int128 number)
{
	guint bits = 0;

	for (; number > 0; number >>= 1)
		bits++;
	return bits;
}

/* above / below, times 2^RATIO_BITS; both positive. */
static gint64
ratio(__int128 above, __int128 below)
{
	guint a = bits_of(above), b = bits_of(below), drop = MAX(a > 94 ? a - 94 : 0, b > 62 ? b - 62 : 0);
	__int128 quotient;

	below >>= drop;
	quotient = ((above >> drop) << RATIO_BITS) / MAX(below, 1);
	return (gint64)MIN(quotient, (__int128)1 << 60);
}

static __int128
dot(const gint64 *a, const gint64 *b, guint32 n)
{
	__int128 sum = 0;

	for (guint32 i = 0; i < n; i++)
		sum += (__int128)a[i] * b[i];
	return sum;
}

static void
precondition(Prices *x)
{
	guint whole = x->o->slope_bits - LEVEL_BITS, bits = whole - MIN(x->shift, whole);

	for (guint32 i = 0; i < x->n; i++) {
		__int128 value = x->diagonal[i] == 0 ? 0 : (__int128)x->rest[i] * ((__int128)1 << bits) / x->diagonal[i];

		x->scaled[i] = (gint64)CLAMP(value, -((__int128)1 << 58), (__int128)1 << 58);
	}
}

static gint64
largest_of(const gint64 *list, guint32 n)
{
	gint64 largest = 0;

	for (guint32 i = 0; i < n; i++)
		largest = MAX(largest, ABS(list[i]));
	return largest;
}

/* step = what the prices should rise by, by conjugate gradients; 0 where the diagonal is 0. */
static void
newton_step(Prices *x)
{
	gint64 largest = 0;
	gint scale;
	__int128 fit;

	make_diagonal(x);
	for (guint32 i = 0; i < x->n; i++) {
		x->step[i] = 0;
		x->rest[i] = x->diagonal[i] == 0 ? 0 : x->residual[i];
	}
	largest = largest_of(x->rest, x->n);
	if (largest == 0)
		return;
	scale = RESIDUAL_BITS - (gint)bits_of(largest);
	for (guint32 i = 0; i < x->n; i++)
		x->rest[i] = scale >= 0 ? x->rest[i] * ((gint64)1 << scale) : x->rest[i] >> -scale;
	precondition(x);
	memcpy(x->direction, x->scaled, sizeof *x->direction * x->n);
	fit = dot(x->rest, x->scaled, x->n);
	for (guint k = 0; k < INNER_STEPS && fit > 0; k++) {
		__int128 curve, better;
		gint64 length;

		apply(x, x->direction);
		curve = dot(x->direction, x->image, x->n);
		if (curve <= 0)
			break;
		length = ratio(fit, curve);
		for (guint32 i = 0; i < x->n; i++) {
			x->step[i] += mul(length, x->direction[i], RATIO_BITS);
			x->rest[i] -= mul(length, x->image[i], RATIO_BITS);
		}
		if (largest_of(x->rest, x->n) < (gint64)1 << (RESIDUAL_BITS - 14))
			break;
		precondition(x);
		better = dot(x->rest, x->scaled, x->n);
		if (better <= 0)
			break;
		length = ratio(better, fit);
		for (guint32 i = 0; i < x->n; i++)
			x->direction[i] = x->scaled[i] + mul(length, x->direction[i], RATIO_BITS);
		fit = better;
	}
	for (guint32 i = 0; i < x->n; i++)
		x->step[i] = scale >= 0 ? (x->step[i] + (((gint64)1 << scale) >> 1)) >> scale : x->step[i] * ((gint64)1 << -scale);
}

/* --- steps and their length ------------------------------------------------------------------------------------------ */

/* Prices = before + step x length / WHOLE_STEP; a price stops at 0 on its way. The slope of the dual along the step, there (positive: the step should have been longer). */
static __int128
try_step(Prices *x, gint64 length)
{
	Odds *o = x->o;
	__int128 rise = 0;

	memset(o->moved, 0, o->in->n_reviewers);
	o->lowest_before = o->lowest;
	o->lowest = 0;
	for (guint32 i = 0; i < x->n; i++) {
		guint32 r = x->reviewer[i];
		gint64 price = x->before[i] + (gint64)((__int128)x->step[i] * length / WHOLE_STEP);

		if (((x->before[i] > 0 && price < 0) || (x->before[i] < 0 && price > 0)) && has_kink(o, r))
			price = 0;
		price = CLAMP(price, -ODDS_FARTHEST, ODDS_FARTHEST);
		o->moved[r] = price != o->price[r];
		o->price[r] = price;
		o->lowest = MIN(o->lowest, price);
	}
	veil_odds__levels(o, FALSE);
	for (guint32 i = 0; i < x->n; i++) {
		guint32 r = x->reviewer[i];

		rise += (__int128)odds_residual(o, r) * (o->price[r] - x->before[i]);
	}
	return rise;
}

/* The whole step, or, where the dual rises at its end, one that ends where it does not rise steeply: regula falsi between a length that is known to be too long and one that is not. */
static void
take_step(Prices *x)
{
	__int128 start = 0, rise, good = 0, bad = 0; /* slopes of the dual for a whole step: at the two lengths */
	gint64 length = WHOLE_STEP, low = 0, high = 0;

	for (guint32 i = 0; i < x->n; i++)
		start += (__int128)x->residual[i] * x->step[i];
	good = start;
	for (guint k = 0; k < LENGTHS; k++) {
		gint64 width;

		rise = try_step(x, length) * WHOLE_STEP / length;
		if (rise >= 0 || -rise <= start / 4) {
			if (rise <= 0 || high == 0 || k + 1 >= LENGTHS / 2)
				return;
			low = length, good = rise;
		} else {
			high = length, bad = rise;
		}
		width = high - low;
		if (width < 16)
			break;
		length = low + (gint64)((__int128)width * (good >> 20) / MAX((good >> 20) - (bad >> 20), 1));
		length = CLAMP(length, low + width / 8, high - width / 8);
	}
	if (low > 0)
		try_step(x, low);
}

static gboolean
settled(const Prices *x, gint64 tolerance)
{
	for (guint32 i = 0; i < x->n; i++)
		if (ABS(x->residual[i]) > tolerance)
			return FALSE;
	return TRUE;
}

/* Right to a unit for everybody, and nobody waits for a price at which his load would move at all. */
static gboolean
nearly(const Prices *x)
{
	for (guint32 i = 0; i < x->n; i++)
		if (ABS(x->residual[i]) > PARTS || (x->residual[i] != 0 && x->stuck[x->reviewer[i]] > 0))
			return FALSE;
	return TRUE;
}

/* Where nothing follows the price (all at the cap, or a project's level alone would move with it), a single step only carries the level along. It grows fourfold each round until it
 * comes to where something follows. */
static void
hasten(Prices *x, guint32 active, gint64 reach)
{
	guint8 *stuck = &x->stuck[x->reviewer[active]];
	__int128 step = x->step[active];

	if (x->diagonal[active] != 0) {
		*stuck = 0;
		return;
	}
	step *= (__int128)1 << (2 * *stuck);
	*stuck = MIN(*stuck + 1, 30);
	x->step[active] = (gint64)CLAMP(step, MIN(x->step[active], -reach), MAX(x->step[active], reach));
}

/* Prices that could all rise together without anybody's load changing rise until somebody else comes in: fourfold each round. */
static void
lengthen(Prices *x, gint64 reach)
{
	gint64 factor = (gint64)1 << (2 * MIN(x->streak > 0 ? x->streak - 1 : 0, 15));

	factor = MIN(factor, reach / MAX(x->moved, 1));
	for (guint32 i = 0; factor > 1 && i < x->n; i++)
		x->step[i] *= factor;
}

/* FALSE when no price moved: they are as good as whole billionths can be. */
static gboolean
one_round(Prices *x, gboolean single)
{
	const Odds *o = x->o;

	gint64 reach = o->steepest / 8 + 1;

	collect(x);
	if (!single) {
		newton_step(x);
		x->moved = largest_of(x->step, x->n);
		lengthen(x, reach);
	}
	for (guint32 i = 0; i < x->n; i++) {
		x->before[i] = o->price[x->reviewer[i]];
		x->step[i] = CLAMP(x->step[i], -reach, reach);
		/* The kink at 0 is not known to the system: from there a price may only go where its own load asks it to. */
		if (x->before[i] == 0 && (x->step[i] > 0) != (x->residual[i] > 0) && has_kink(o, x->reviewer[i]))
			x->step[i] = 0;
		if (single || x->diagonal[i] == 0)
			x->step[i] = single_step(x, i) - x->before[i];
		if (!single)
			hasten(x, i, reach);
	}
	take_step(x);
	for (guint32 i = 0; i < x->n; i++)
		if (o->price[x->reviewer[i]] != x->before[i])
			return TRUE;
	return FALSE;
}

static void
clear(Prices *x)
{
	gpointer all[] = {x->reviewer, x->index, x->residual, x->before, x->diagonal, x->step, x->rest, x->direction, x->image, x->scaled, x->by_active, x->first, x->stuck};

	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		g_free(all[i]);
	g_array_unref(x->arcs);
	g_array_unref(x->bends);
	g_array_unref(x->blocks);
}

/* Steps wander off again where a price of one billionth more moves a load by units. */
static void
keep_nearest(Prices *x)
{
	gint64 off = largest_of(x->residual, x->n);

	if (off >= x->o->off || off > ODDS_MENDABLE)
		return;
	x->o->off = off;
	memcpy(x->o->nearest, x->o->price, sizeof *x->o->price * x->o->in->n_reviewers);
}

gboolean
veil_odds__swap_nearest(Odds *o)
{
	if (o->off > ODDS_MENDABLE)
		return FALSE;
	o->lowest = 0;
	for (guint32 r = 0; r < o->in->n_reviewers; r++) {
		gint64 price = o->price[r];

		o->price[r] = o->nearest[r];
		o->nearest[r] = price;
		o->lowest = MIN(o->lowest, o->price[r]);
	}
	veil_odds__levels(o, TRUE);
	return TRUE;
}

gboolean
veil_odds__prices(Odds *o, gint64 tolerance, guint rounds, guint patience, gboolean warm)
{
	gsize n = (gsize)o->in->n_reviewers + 3;
	Prices x = {.o = o,
		    .reviewer = g_new(guint32, n),
		    .index = g_new(guint32, n),
		    .residual = g_new(gint64, n),
		    .before = g_new(gint64, n),
		    .diagonal = g_new0(gint64, n),
		    .step = g_new(gint64, n),
		    .rest = g_new(gint64, n),
		    .direction = g_new(gint64, n),
		    .image = g_new(gint64, n),
		    .scaled = g_new(gint64, n),
		    .first = g_new(guint32, n),
		    .stuck = g_new0(guint8, n),
		    .arcs = g_array_new(FALSE, FALSE, sizeof(Arc)),
		    .bends = g_array_new(FALSE, FALSE, sizeof(Bend)),
		    .blocks = g_array_new(FALSE, FALSE, sizeof(Block))};
	gboolean done = FALSE;
	gint64 total, before = G_MAXINT64;

	x.moved = G_MAXINT64;
	o->off = G_MAXINT64;

	for (guint round = 0; round < rounds && !done && x.streak <= patience; round++) {
		total = find_active(&x);
		keep_nearest(&x);
		/* As good as wanted, or nearly right and no longer getting better: then whole billionths can do no more. */
		x.streak = total >= before - before / 8 ? x.streak + 1 : 0;
		done = settled(&x, tolerance) || (x.streak > 0 && x.moved <= FINEST && nearly(&x));
		before = total;
		if (!done && !one_round(&x, !warm && round < SINGLE_ROUNDS))
			done = nearly(&x);
	}
	clear(&x);
	return done;
}
