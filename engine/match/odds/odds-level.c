/* odds-level.c - one project at given prices: how much odds everybody gets.
 *
 * At prices y the best odds of a project are amounts slope x (b - y - level), held between 0 and the cap, with the one level at which they sum to its places: water filling. The sum
 * falls as the level rises, in straight pieces, so that Newton's steps inside a bracket find the level in a handful of passes over the few best candidates. A panel rule whose
 * bound would be broken gets a level of its own, found in the same way inside its set, and counts as a constant for the sets around it.
 */
#include "odds/odds-solver.h"

typedef struct {
	const Odds *o;
	OddsSet *sets; /* the project's */
	gint64 cap;
	guint64 base; /* its first entry */
	gint64 margin; /* what is gathered reaches so far below the level asked for */
} Project;

static inline gint64
value_of(const Odds *o, guint64 entry)
{
	return fine(o->entries[entry].b - o->price[o->entries[entry].reviewer]);
}

/* A level is found in several passes. Few of a row are worth more than it, dear as the best are, and many of them alike, being without a price: those are laid side by side. */
static void
gather(const Project *x, guint32 s, gint64 from)
{
	const Odds *o = x->o;
	const OddsSet *set = &x->sets[s];
	OddsNear *next = o->near_by + (set->begin - x->base);
	gint64 deepest = from + fine(o->lowest);
	guint32 n = 0;

	for (guint64 i = set->begin; i < set->end && fine(o->entries[i].b) > deepest; i++) {
		gint64 value = value_of(o, i), slope = o->entries[i].slope;

		if (value <= from)
			continue;
		if (n > 0 && next[n - 1].value == value && next[n - 1].slope == slope)
			next[n - 1].count++;
		else
			next[n++] = (OddsNear){value, slope, 1};
	}
	o->n_near[s] = n;
	o->near_from[s] = from;
}

/* What set s and those inside it would hold at a level: raw[s] is left without its own bounds, the sets inside clamped to theirs. */
static void
sum_at(const Project *x, guint32 s, gint64 level)
{
	const Odds *o = x->o;

	for (guint32 t = s; t < x->sets[s].last; t++)
		o->raw[t] = 0, o->bend[t] = 0;
	for (guint32 t = x->sets[s].last; t-- > s;) {
		const OddsSet *set = &x->sets[t];
		const OddsNear *near_by = o->near_by + (set->begin - x->base);
		gint64 raw = o->raw[t];
		__int128 bend = o->bend[t];

		if (level < o->near_from[t])
			gather(x, t, level - x->margin);
		for (guint32 i = 0; i < o->n_near[t]; i++) {
			gint64 room = near_by[i].value - level, amount = odds_amount(near_by[i].slope, o->slope_bits, room, x->cap);

			raw += amount * near_by[i].count;
			if (room > 0 && amount < x->cap)
				bend += (__int128)near_by[i].slope * near_by[i].count;
		}
		o->raw[t] = raw, o->bend[t] = bend;
		if (t == s)
			break;
		o->raw[set->parent] += CLAMP(raw, set->lo, set->hi);
		if (raw > set->lo && raw < set->hi)
			o->bend[set->parent] += bend;
	}
}

/* Where nothing follows the level: the next level at which something does. FALSE when there is none. */
static gboolean
next_bend(const Project *x, guint32 s, gint64 level, gboolean down, gint64 *out_level)
{
	const Odds *o = x->o;
	gboolean found = FALSE;

	for (guint32 t = s; t < x->sets[s].last; t++)
		for (guint64 i = x->sets[t].begin; i < x->sets[t].end; i++) {
			gint64 value = value_of(o, i), at;

			if (down) {
				at = value - 1;
				if (at < level && (!found || at > *out_level))
					*out_level = at, found = TRUE;
				continue;
			}
			/* the lowest level at which he is below the cap; a quotient without a rest is still at it */
			at = value - (gint64)((((__int128)x->cap << o->slope_bits) - 1) / o->entries[i].slope);
			if (at > level && (!found || at < *out_level))
				*out_level = at, found = TRUE;
		}
	return found;
}

/* Levels between which everything happens: all at their caps at the low one, nobody with anything at the high one. */
static void
extremes(const Project *x, guint32 s, gint64 *out_low, gint64 *out_high)
{
	const Odds *o = x->o;

	*out_low = 0, *out_high = 1;
	for (guint32 t = s; t < x->sets[s].last; t++)
		for (guint64 i = x->sets[t].begin; i < x->sets[t].end; i++) {
			gint64 value = value_of(o, i);

			*out_low = MIN(*out_low, value - (gint64)(((__int128)x->cap << o->slope_bits) / o->entries[i].slope) - 1);
			*out_high = MAX(*out_high, value);
		}
}

/* The level at which set s holds `target`, to within what its last bit makes. On return raw and bend are those at the level. */
static gint64
find_level(const Project *x, guint32 s, gint64 target, gint64 level)
{
	const Odds *o = x->o;
	gint64 low = G_MININT64, high = G_MAXINT64; /* too much at low, too little at high */

	for (;;) {
		gint64 over, next = level;

		sum_at(x, s, level);
		over = o->raw[s] - target;
		if (over == 0)
			return level;
		if (over > 0)
			low = level;
		else
			high = level;
		if (o->bend[s] > 0) {
			__int128 step = (__int128)over * ((__int128)1 << o->slope_bits) / o->bend[s];

			if (step == 0)
				return level;
			next = level + (gint64)CLAMP(step, -(__int128)G_MAXINT64 / 4, (__int128)G_MAXINT64 / 4);
		} else if (x->sets[s].last > s + 1) { /* sets inside stand at their bounds: halve what is left */
			gint64 least, most;

			extremes(x, s, &least, &most);
			if (over > 0 ? level >= most : level <= least)
				return level;
			low = low == G_MININT64 ? least - 1 : low;
			high = high == G_MAXINT64 ? most + 1 : high;
			next = low + (high - low) / 2;
		} else if (!next_bend(x, s, level, over < 0, &next)) {
			return level;
		}
		if (low != G_MININT64 && high != G_MAXINT64) {
			if (high - low <= 1) {
				if (level != low)
					sum_at(x, s, low);
				return low;
			}
			if (next <= low || next >= high)
				next = low + (high - low) / 2;
		}
		level = next;
	}
}

/* Amounts at the set's level; entries so far down that they have nothing, and had nothing, are not looked at. */
static void
fill_set(const Project *x, OddsSet *set)
{
	const Odds *o = x->o;
	gint64 deepest = set->level + fine(o->lowest);
	guint64 filled = set->begin;

	for (guint64 i = set->begin; i < set->end && (i < set->filled || fine(o->entries[i].b) > deepest); i++) {
		gint64 amount = odds_amount(o->entries[i].slope, o->slope_bits, value_of(o, i) - set->level, x->cap);

		if (amount > 0)
			filled = i + 1;
		if ((guint32)amount == o->amount[i])
			continue;
		o->load[o->entries[i].reviewer] += amount - (gint64)o->amount[i];
		o->amount[i] = (guint32)amount;
	}
	set->filled = filled;
}

static void
fill_project(Odds *o, guint32 p)
{
	Project x = {o, o->sets + o->first_set[p], (gint64)o->cap[p] * PARTS, o->sets[o->first_set[p]].begin, fine(o->steepest) / 256};
	guint32 n_sets = (guint32)(o->first_set[p + 1] - o->first_set[p]);

	for (guint32 s = 0; s < n_sets; s++) {
		x.base = MIN(x.base, x.sets[s].begin);
		o->near_from[s] = G_MAXINT64;
	}
	x.sets[0].level = find_level(&x, 0, x.sets[0].hi, x.sets[0].level);
	for (guint32 s = 1; s < n_sets; s++) {
		OddsSet *set = &x.sets[s], *parent = &x.sets[set->parent];

		if (o->raw[s] >= set->lo && o->raw[s] <= set->hi) {
			set->level = parent->level;
			set->block = parent->block;
		} else {
			set->level = find_level(&x, s, CLAMP(o->raw[s], set->lo, set->hi), parent->level);
			set->block = s;
		}
	}
	for (guint32 s = 0; s < n_sets; s++)
		fill_set(&x, &x.sets[s]);
}

/* Whether anybody moved whom the project has, or might have, odds for. */
static gboolean
touched(const Odds *o, guint32 p)
{
	for (guint64 s = o->first_set[p]; s < o->first_set[p + 1]; s++) {
		const OddsSet *set = &o->sets[s];
		gint64 deepest = set->level + fine(MIN(o->lowest, o->lowest_before));

		for (guint64 i = set->begin; i < set->end && fine(o->entries[i].b) > deepest; i++)
			if (o->moved[o->entries[i].reviewer])
				return TRUE;
	}
	return FALSE;
}

void
veil_odds__levels(Odds *o, gboolean all)
{
	for (guint32 p = 0; p < o->in->n_projects; p++)
		if (o->places[p] > 0 && (all || touched(o, p)))
			fill_project(o, p);
}
