/* odds-bound.c - what no odds under the caps can exceed, from prices: one pass, no solver.
 *
 *     expected <= sum_p V_p(y) + sum_r max(max_load y, min_load y)
 *
 * V_p(y) is the best fractional panel at score - y: candidates in the order of that profit, each as much as his cap, the project's places and the rules that nest leave (a minimum
 * still to be met elsewhere keeps room). Where a list is cut a dummy that stands for all who are not listed takes part: profit cut - (smallest price of those not listed), without a
 * cap, in no maximum; where it is better than the listed ones the minima of that project are left out.
 * Exact in 128 bits, rounded down at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "by-price.h"
#include "odds/odds-solver.h"

typedef struct {
	gint64 profit; /* billionths */
	guint32 entry; /* into the nest's entries; G_MAXUINT32: the dummy */
} Choice;

typedef struct {
	gint64 used, need; /* units: taken, and still to be taken for minima */
	gint64 lo, hi;
	guint32 parent;
} Room;

typedef struct {
	const VeilInstance *in;
	const guint32 *places, *cap;
	const gint64 *price;
	gboolean no_scores;
	VeilNest *nest;
	GArray *entries, *choices, *rooms;
	guint32 *by_price, *mark;
	guint32 n_by_price;
} Bound;

static int
compare_choices(gconstpointer a, gconstpointer b)
{
	const Choice *x = a, *y = b;

	if (x->profit != y->profit)
		return x->profit > y->profit ? -1 : 1;
	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

/* The smallest price among reviewers the row lacks; FALSE when it lacks none. Reviewers come in the order of price, so a row of n is looked at n + 1 times at most. */
static gboolean
cheapest_unlisted(Bound *x, guint32 p, gint64 *out_price)
{
	const VeilInstance *in = x->in;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++)
		x->mark[in->reviewer[i]] = p + 1;
	for (guint32 i = 0; i < x->n_by_price; i++)
		if (x->mark[x->by_price[i]] != p + 1) {
			*out_price = x->price[x->by_price[i]];
			return TRUE;
		}
	return FALSE;
}

/* --- one project ----------------------------------------------------------------------------------------------------- */

/* Moves the k best to the front. */
static void
select_best(Choice *list, guint32 n, guint32 k)
{
	guint32 low = 0, high = n;

	while (high - low > 1) {
		Choice pivot = list[low + (high - low - 1) / 2]; /* never the last: each part is smaller than the whole */
		guint32 i = low, j = high - 1;

		for (;;) {
			while (compare_choices(&list[i], &pivot) < 0)
				i++;
			while (compare_choices(&list[j], &pivot) > 0)
				j--;
			if (i >= j)
				break;
			Choice swap = list[i];
			list[i++] = list[j];
			list[j--] = swap;
		}
		/* [low, j] are no worse than [j + 1, high) */
		if (k <= j)
			high = j + 1;
		else
			low = j + 1;
	}
}

/* Without sets: as many caps as there is room for, and the rest of the next. */
static __int128
plain_value(Bound *x, gint64 total, gint64 cap, gint64 dummy, gboolean has_dummy)
{
	Choice *list = (Choice *)(gpointer)x->choices->data;
	guint32 n = x->choices->len, whole = (guint32)MIN(total / cap, (gint64)n), k = (guint32)MIN((gint64)n, (total + cap - 1) / cap);
	__int128 value = 0;

	if (k < n)
		select_best(list, n, k);
	qsort(list, k, sizeof *list, compare_choices);
	for (guint32 i = 0; i < k && (!has_dummy || list[i].profit >= dummy); i++) {
		gint64 amount = i < whole ? cap : total;

		value += (__int128)amount * list[i].profit;
		total -= amount;
	}
	return has_dummy ? value + (__int128)total * dummy : value;
}

static void
update_needs(GArray *rooms)
{
	for (guint32 s = 0; s < rooms->len; s++)
		g_array_index(rooms, Room, s).need = 0;
	for (guint32 s = rooms->len; s-- > 0;) {
		Room *room = &g_array_index(rooms, Room, s);

		room->need = MAX(room->need, room->lo - room->used);
		if (s > 0)
			g_array_index(rooms, Room, room->parent).need += MAX(room->need, 0);
	}
}

/* How much more set s can take: of every set around it, what is left when the needs of the others are met. */
static gint64
room_for(const GArray *rooms, guint32 s)
{
	gint64 most = G_MAXINT64, kept = 0, inside = 0;

	for (;; s = g_array_index(rooms, Room, s).parent) {
		const Room *room = &g_array_index(rooms, Room, s);
		gint64 children = 0;

		for (guint32 t = s + 1; t < rooms->len; t++)
			if (g_array_index(rooms, Room, t).parent == s)
				children += MAX(g_array_index(rooms, Room, t).need, 0);
		kept += children - inside;
		most = MIN(most, room->hi - room->used - kept);
		inside = MAX(room->need, 0);
		if (s == 0)
			return most;
	}
}

static __int128
nested_value(Bound *x, const guint32 *inner, gint64 cap, gint64 dummy, gboolean has_dummy)
{
	GArray *rooms = x->rooms;
	Choice *list = (Choice *)(gpointer)x->choices->data;
	__int128 value = 0;
	guint32 i = 0, n = x->choices->len;

	qsort(list, n, sizeof *list, compare_choices);
	update_needs(rooms);
	for (; i < n && (!has_dummy || list[i].profit >= dummy); i++) {
		gint64 amount = MIN(cap, room_for(rooms, inner[list[i].entry]));

		if (amount <= 0)
			continue;
		value += (__int128)amount * list[i].profit;
		for (guint32 s = inner[list[i].entry];; s = g_array_index(rooms, Room, s).parent) {
			g_array_index(rooms, Room, s).used += amount;
			if (s == 0)
				break;
		}
		update_needs(rooms);
	}
	if (has_dummy) {
		Room *whole = &g_array_index(rooms, Room, 0);

		value += (__int128)(whole->hi - whole->used) * dummy;
	}
	return value;
}

static void
set_rooms(Bound *x, const VeilNestSet *sets, guint32 n_sets, gboolean minima)
{
	g_array_set_size(x->rooms, 0);
	for (guint32 s = 0; s < n_sets; s++) {
		Room room = {0, 0, minima ? (gint64)sets[s].min * VEIL_ODDS_WHOLE : 0, sets[s].max == G_MAXUINT32 ? G_MAXINT64 / 4 : (gint64)sets[s].max * VEIL_ODDS_WHOLE,
			     sets[s].parent};

		g_array_append_val(x->rooms, room);
	}
}

static __int128
project_value(Bound *x, guint32 p, gboolean *out_crossing)
{
	const VeilInstance *in = x->in;
	gint64 total = (gint64)x->places[p] * VEIL_ODDS_WHOLE, cap = x->cap[p], dummy = 0;
	gboolean has_dummy = in->cut != NULL && in->cut[p] != VEIL_NO_CUT && cheapest_unlisted(x, p, &dummy), minima = FALSE;
	const VeilNestSet *sets;
	const guint32 *inner;
	guint32 n_sets;
	__int128 value, other;

	g_array_set_size(x->entries, 0);
	g_array_set_size(x->choices, 0);
	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
		VeilNestEntry entry = {in->reviewer[i], (guint32)cap, 0, TRUE};
		Choice choice = {(x->no_scores ? 0 : in->score[i] * NANO) - x->price[in->reviewer[i]], x->entries->len};

		g_array_append_val(x->entries, entry);
		g_array_append_val(x->choices, choice);
	}
	if (has_dummy)
		dummy = (x->no_scores ? 0 : in->cut[p] * NANO) - dummy;
	if (!veil_nest_project(x->nest, p, x->places[p], (const VeilNestEntry *)(gpointer)x->entries->data, x->entries->len, &sets, &n_sets, &inner)) {
		*out_crossing = TRUE;
		return plain_value(x, total, cap, dummy, has_dummy); /* without the rules: no less */
	}
	if (n_sets == 1)
		return plain_value(x, total, cap, dummy, has_dummy);
	for (guint32 s = 1; s < n_sets; s++)
		minima = minima || sets[s].min > 0;
	set_rooms(x, sets, n_sets, TRUE);
	value = nested_value(x, inner, cap, 0, FALSE);
	if (!has_dummy)
		return value;
	set_rooms(x, sets, n_sets, FALSE);
	other = nested_value(x, inner, cap, dummy, TRUE);
	if (!minima || g_array_index(x->rooms, Room, 0).used < total)
		return MAX(value, other);
	return value;
}

/* --- all ------------------------------------------------------------------------------------------------------------- */

__int128
veil_odds__value(const VeilInstance *in, const guint32 *places, const guint32 *cap, const gint64 *price, gboolean no_scores, GArray *out_projects)
{
	Bound x = {.in = in, .places = places, .cap = cap, .price = price, .no_scores = no_scores, .nest = veil_nest_new(in)};
	guint64 longest = 0;
	gboolean crossing = FALSE;
	__int128 sum = 0;

	x.entries = g_array_new(FALSE, FALSE, sizeof(VeilNestEntry));
	x.choices = g_array_new(FALSE, FALSE, sizeof(Choice));
	x.rooms = g_array_new(FALSE, FALSE, sizeof(Room));
	if (in->cut != NULL) {
		x.by_price = g_new(guint32, (gsize)in->n_reviewers + 1);
		x.mark = g_new0(guint32, (gsize)in->n_reviewers + 1);
		x.n_by_price = in->n_reviewers;
		for (guint32 r = 0; r < in->n_reviewers; r++)
			x.by_price[r] = r;
		g_qsort_with_data(x.by_price, (gint)in->n_reviewers, sizeof *x.by_price, veil_match__compare_price, (gpointer)price);
	}
	for (guint32 p = 0; p < in->n_projects; p++) {
		__int128 value = places[p] == 0 ? 0 : project_value(&x, p, &crossing);

		longest = MAX(longest, in->offset[p + 1] - in->offset[p]);
		if (value != 0 && out_projects != NULL)
			g_array_append_val(out_projects, p);
		sum += value;
	}
	for (guint32 r = 0; r < in->n_reviewers; r++) {
		guint32 least = in->min_load == NULL ? 0 : in->min_load[r];

		sum += (__int128)price[r] * (price[r] > 0 ? in->max_load[r] : least) * VEIL_ODDS_WHOLE;
	}
	veil_nest_free(x.nest);
	g_array_unref(x.entries);
	g_array_unref(x.choices);
	g_array_unref(x.rooms);
	g_free(x.by_price);
	g_free(x.mark);
	return sum;
}

gboolean
veil_odds_bound(const VeilInstance *instance, const guint32 *places, const guint32 *cap, const gint64 *price, gint64 *out_bound, GError **error)
{
	__int128 sum = veil_odds__value(instance, places, cap, price, FALSE, NULL), unit = (__int128)NANO * VEIL_ODDS_WHOLE, bound = sum / unit;

	if (bound * unit > sum)
		bound--;
	if (bound > G_MAXINT64 || bound < G_MININT64) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: the bound does not fit 64 bits");
		return FALSE;
	}
	*out_bound = (gint64)bound;
	return TRUE;
}
