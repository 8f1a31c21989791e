/* panel.c - the best legal panel of one unit at given prices: exact, by branch and bound over few candidates.
 *
 * Of a type (equal memberships in every counted rule) only the best candidates can be in a best panel. Without each rules: the best
 * `demand`. With one: a candidate may be left out when as many better ones of his type and value stay as a panel may hold, and the list
 * ends at `demand` kept; for whoever else is in the panel bars or takes at most one of the kept, so that one better than the candidate is free. With
 * E of them each other member bars at most one per rule among kept ones that are independent (no value more often than its cap), so
 * (demand - 1) E + 1 of these suffice. Exchanging the candidate for the free one keeps every count, hence the panel legal.
 *
 * The search takes the few that are left by descending profit. A node is cut when the best completion that obeys one counted rule (each
 * by itself, by prefix sums, nothing else) is no better than the best panel known: for typical rules a few dozen nodes.
 */
#include <string.h>

#include "rules/rules.h"

#define MOST_NODES 20000000u /* a question that takes more is refused, never answered by guess */

struct Oracle {
	const Rules *rules;
	Pick *raw; /* n_types x room */
	guint32 *n_raw;
	guint8 *over; /* by type: more were there than room */
	guint32 room;
	GArray *pool, *all; /* Pick */
	/* tables over the pool, position 0 .. n */
	guint32 n, table_room;
	gint64 *sum;		  /* of the first i */
	guint32 *before;	  /* by counted rule: members among the first i */
	gint64 *in_sum, *out_sum; /* by counted rule: of the first i members; of the first i others */
	/* the unit in question */
	guint32 *need, *free, *active, n_active; /* counted rules that bind it; still needed, still allowed */
	guint32 *each, *cap, n_each;		 /* each rules that bind it */
	guint32 *chosen, *best_choice;
	guint32 n_chosen, n_best;
	gint64 best;
	gboolean found;
	guint32 nodes;
};

Oracle *
veil_match__oracle_new(const Rules *rules)
{
	Oracle *o = g_new0(Oracle, 1);
	gsize most = (gsize)rules->most + 1;

	o->rules = rules;
	o->room = (guint32)MIN(most * MAX(rules->n_each, 1) + (gsize)2 * rules->n_each + 1, (gsize)rules->in->n_reviewers + 1);
	o->raw = g_new(Pick, (gsize)o->room * rules->n_types + 1);
	o->n_raw = g_new0(guint32, (gsize)rules->n_types + 1);
	o->over = g_new0(guint8, (gsize)rules->n_types + 1);
	o->pool = g_array_new(FALSE, FALSE, sizeof(Pick));
	o->all = g_array_new(FALSE, FALSE, sizeof(Pick));
	o->need = g_new0(guint32, (gsize)rules->n_counted + 1);
	o->free = g_new0(guint32, (gsize)rules->n_counted + 1);
	o->active = g_new0(guint32, (gsize)rules->n_counted + 1);
	o->each = g_new0(guint32, (gsize)rules->n_each + 1);
	o->cap = g_new0(guint32, (gsize)rules->n_each + 1);
	o->chosen = g_new(guint32, most);
	o->best_choice = g_new(guint32, most);
	return o;
}

void
veil_match__oracle_free(Oracle *o)
{
	if (o == NULL)
		return;
	g_free(o->raw);
	g_free(o->n_raw);
	g_free(o->over);
	g_array_unref(o->pool);
	g_array_unref(o->all);
	g_free(o->sum);
	g_free(o->before);
	g_free(o->in_sum);
	g_free(o->out_sum);
	g_free(o->need);
	g_free(o->free);
	g_free(o->active);
	g_free(o->each);
	g_free(o->cap);
	g_free(o->chosen);
	g_free(o->best_choice);
	g_free(o);
}

/* --- who is in question ------------------------------------------------------------------------------------------ */

static inline gboolean
comes_before(const Rules *x, const Pick *a, const Pick *b)
{
	if (a->profit != b->profit)
		return a->profit > b->profit;
	return x->order ? x->order[a->reviewer] < x->order[b->reviewer] : a->reviewer < b->reviewer;
}

static int
compare_picks(gconstpointer a, gconstpointer b, gpointer rules)
{
	return comes_before(rules, a, b) ? -1 : comes_before(rules, b, a);
}

static inline gboolean
make_pick(const Rules *x, const Unit *unit, const Question *q, guint32 i, Pick *pick)
{
	guint32 r = unit->reviewer[i], size = unit->size;

	pick->type = type_at(x, unit, i);
	if (pick->type == NOBODY || (size > 1 && x->in->max_load[r] < size))
		return FALSE;
	pick->profit = (q->no_score ? 0 : unit->score[i]) - (gint64)size * q->price[r];
	pick->reviewer = r;
	pick->place = i;
	return TRUE;
}

/* How many of the picks kept from `first` on share the value of each rule e. */
static guint32
same_value(const Oracle *o, guint32 first, guint32 e, guint32 value)
{
	guint32 n = 0;

	for (guint32 i = first; i < o->pool->len; i++)
		n += o->rules->value[e][g_array_index(o->pool, Pick, i).reviewer] == value;
	return n;
}

/* With several each rules: TRUE when as many of exactly these values are kept as fit a panel; *out_alone when it adds to the independent. */
static gboolean
is_copy(const Oracle *o, guint32 first, const Pick *pick, const guint8 *alone, gboolean *out_alone)
{
	guint32 copies = 0, fits = G_MAXUINT32;

	*out_alone = TRUE;
	for (guint32 k = 0; k < o->n_each; k++) {
		guint32 value = o->rules->value[o->each[k]][pick->reviewer], n = 0;

		if (value == 0)
			continue;
		fits = MIN(fits, o->cap[k]);
		for (guint32 i = first; i < o->pool->len; i++)
			n += alone[i - first] && o->rules->value[o->each[k]][g_array_index(o->pool, Pick, i).reviewer] == value;
		*out_alone = *out_alone && n < o->cap[k];
	}
	for (guint32 i = first; i < o->pool->len && fits != G_MAXUINT32; i++) {
		guint32 r = g_array_index(o->pool, Pick, i).reviewer;
		gboolean same = TRUE;

		for (guint32 k = 0; k < o->n_each && same; k++)
			same = o->rules->value[o->each[k]][r] == o->rules->value[o->each[k]][pick->reviewer];
		copies += same;
	}
	return fits != G_MAXUINT32 && copies >= fits;
}

/* Appends what may be in a best panel from one type's sorted picks; FALSE when these ended before enough were kept. */
static gboolean
select_type(Oracle *o, const Pick *picks, guint32 n, guint32 demand)
{
	guint32 first = o->pool->len, want = o->n_each > 1 ? (demand - 1) * o->n_each + 1 : demand, n_alone = 0;
	g_autofree guint8 *alone = o->n_each > 1 ? g_new0(guint8, (gsize)n + 1) : NULL;

	for (guint32 i = 0; i < n && n_alone < want; i++) {
		gboolean is_alone = TRUE;

		if (o->n_each == 1) {
			guint32 value = o->rules->value[o->each[0]][picks[i].reviewer];

			if (value != 0 && same_value(o, first, o->each[0], value) >= o->cap[0])
				continue;
		} else if (o->n_each > 1) {
			if (is_copy(o, first, &picks[i], alone, &is_alone))
				continue;
			alone[o->pool->len - first] = is_alone;
		}
		g_array_append_val(o->pool, picks[i]);
		n_alone += is_alone;
	}
	return n_alone >= want;
}

static void
select_all_of_type(Oracle *o, const Unit *unit, const Question *q, guint32 type)
{
	Pick pick;

	g_array_set_size(o->all, 0);
	for (guint32 i = 0; i < unit->n; i++)
		if (type_at(o->rules, unit, i) == type && make_pick(o->rules, unit, q, i, &pick))
			g_array_append_val(o->all, pick);
	g_array_sort_with_data(o->all, compare_picks, (gpointer)o->rules);
	select_type(o, (const Pick *)(gpointer)o->all->data, o->all->len, unit->demand);
}

/* Of each type the first `limit`, sorted; `over` where there are more. */
static void
fill_raw(Oracle *o, const Unit *unit, const Question *q, guint32 limit)
{
	const Rules *x = o->rules;
	Pick pick = {0};

	memset(o->n_raw, 0, x->n_types * sizeof *o->n_raw);
	memset(o->over, 0, x->n_types);
	for (guint32 i = 0; i < unit->n; i++) {
		Pick *raw;
		guint32 at;

		if (!make_pick(x, unit, q, i, &pick))
			continue;
		raw = o->raw + (gsize)pick.type * o->room;
		at = o->n_raw[pick.type];
		if (at == limit) {
			o->over[pick.type] = 1;
			if (pick.profit < raw[--at].profit || !comes_before(x, &pick, &raw[at]))
				continue;
		} else {
			o->n_raw[pick.type]++;
		}
		for (; at > 0 && comes_before(x, &pick, &raw[at - 1]); at--)
			raw[at] = raw[at - 1];
		raw[at] = pick;
	}
}

/* Runs that are sorted already follow each other: insertion is quick on them as long as they are few and short. */
static void
sort_pool(Pick *pool, guint32 n, const Rules *x)
{
	if (n > 64) {
		g_qsort_with_data(pool, (gint)n, sizeof *pool, compare_picks, (gpointer)x);
		return;
	}
	for (guint32 i = 1; i < n; i++) {
		Pick pick = pool[i];
		guint32 at = i;

		for (; at > 0 && comes_before(x, &pick, &pool[at - 1]); at--)
			pool[at] = pool[at - 1];
		pool[at] = pick;
	}
}

static void
fill_pool(Oracle *o, const Unit *unit, const Question *q)
{
	const Rules *x = o->rules;

	fill_raw(o, unit, q, MIN(o->room, unit->demand * MAX(o->n_each, 1) + 2 * o->n_each));
	g_array_set_size(o->pool, 0);
	for (guint32 t = 0; t < x->n_types; t++) {
		guint32 first = o->pool->len;

		if (o->n_raw[t] == 0 || select_type(o, o->raw + (gsize)t * o->room, o->n_raw[t], unit->demand) || !o->over[t])
			continue;
		g_array_set_size(o->pool, first);
		select_all_of_type(o, unit, q, t);
	}
	for (guint32 i = 0; i < o->pool->len; i++)
		g_array_index(o->pool, Pick, i).mask = x->mask[g_array_index(o->pool, Pick, i).type];
	o->n = o->pool->len;
	sort_pool((Pick *)(gpointer)o->pool->data, o->n, x);
}

/* --- the search -------------------------------------------------------------------------------------------------- */

static void
make_tables(Oracle *o)
{
	const Pick *pool = (const Pick *)(gpointer)o->pool->data;
	gsize row;

	if (o->n + 1 > o->table_room) {
		o->table_room = 2 * (o->n + 1);
		row = (gsize)o->table_room * (o->rules->n_counted + 1);
		o->sum = g_renew(gint64, o->sum, o->table_room);
		o->before = g_renew(guint32, o->before, row);
		o->in_sum = g_renew(gint64, o->in_sum, row);
		o->out_sum = g_renew(gint64, o->out_sum, row);
	}
	o->sum[0] = 0;
	for (guint32 i = 0; i < o->n; i++)
		o->sum[i + 1] = o->sum[i] + pool[i].profit;
	for (guint32 k = 0; k < o->n_active; k++) {
		guint32 *before = o->before + (gsize)k * o->table_room, n_in = 0, n_out = 0;
		gint64 *in_sum = o->in_sum + (gsize)k * o->table_room, *out_sum = o->out_sum + (gsize)k * o->table_room;

		before[0] = 0;
		in_sum[0] = out_sum[0] = 0;
		for (guint32 i = 0; i < o->n; i++) {
			if (pool[i].mask >> o->active[k] & 1) {
				in_sum[n_in + 1] = in_sum[n_in] + pool[i].profit;
				n_in++;
			} else {
				out_sum[n_out + 1] = out_sum[n_out] + pool[i].profit;
				n_out++;
			}
			before[i + 1] = n_in;
		}
	}
}

/* Whether `left` more from position i on can still beat the best: each counted rule by itself. */
static gboolean
promising(const Oracle *o, guint32 i, guint32 left, gint64 sum)
{
	gint64 top;

	if (i + left > o->n)
		return FALSE;
	top = sum + o->sum[i + left] - o->sum[i];
	if (o->found && top <= o->best)
		return FALSE;
	for (guint32 k = 0; k < o->n_active; k++) {
		const guint32 *before = o->before + (gsize)k * o->table_room;
		const gint64 *in_sum = o->in_sum + (gsize)k * o->table_room, *out_sum = o->out_sum + (gsize)k * o->table_room;
		guint32 members = before[i + left] - before[i], take = CLAMP(members, o->need[k], MAX(o->free[k], o->need[k]));

		if (o->need[k] > left || o->need[k] > o->free[k])
			return FALSE;
		if (take == members)
			continue;
		if (before[i] + take > before[o->n] || (i - before[i]) + (left - take) > o->n - before[o->n])
			return FALSE;
		top = sum + in_sum[before[i] + take] - in_sum[before[i]] + out_sum[i - before[i] + left - take] - out_sum[i - before[i]];
		if (o->found && top <= o->best)
			return FALSE;
	}
	return TRUE;
}

static gboolean
fits(const Oracle *o, const Pick *pool, guint32 i)
{
	for (guint32 k = 0; k < o->n_active; k++)
		if ((pool[i].mask >> o->active[k] & 1) && o->free[k] == 0)
			return FALSE;
	for (guint32 k = 0; k < o->n_each; k++) {
		const guint32 *value = o->rules->value[o->each[k]];
		guint32 mine = value[pool[i].reviewer], n = 0;

		for (guint32 j = 0; j < o->n_chosen && mine != 0; j++)
			n += value[pool[o->chosen[j]].reviewer] == mine;
		if (mine != 0 && n >= o->cap[k])
			return FALSE;
	}
	return TRUE;
}

static void
search(Oracle *o, guint32 i, guint32 left, gint64 sum)
{
	const Pick *pool = (const Pick *)(gpointer)o->pool->data;

	if (left == 0) {
		for (guint32 k = 0; k < o->n_active; k++)
			if (o->need[k] > 0)
				return;
		if (o->found && sum <= o->best)
			return;
		o->best = sum;
		o->found = TRUE;
		o->n_best = o->n_chosen;
		memcpy(o->best_choice, o->chosen, o->n_chosen * sizeof *o->chosen);
		return;
	}
	for (; o->nodes < MOST_NODES && promising(o, i, left, sum); i++) {
		guint64 lowered = 0; /* rules whose need fell; the others of its class had none left */

		o->nodes++;
		if (!fits(o, pool, i))
			continue;
		for (guint32 k = 0; k < o->n_active; k++)
			if (pool[i].mask >> o->active[k] & 1) {
				o->free[k]--;
				if (o->need[k] > 0) {
					o->need[k]--;
					lowered |= G_GUINT64_CONSTANT(1) << k;
				}
			}
		o->chosen[o->n_chosen++] = i;
		search(o, i + 1, left - 1, sum + pool[i].profit);
		o->n_chosen--;
		for (guint32 k = 0; k < o->n_active; k++)
			if (pool[i].mask >> o->active[k] & 1) {
				o->free[k]++;
				o->need[k] += (guint32)(lowered >> k & 1);
			}
	}
}

/* --- the question ------------------------------------------------------------------------------------------------ */

static void
find_binding(Oracle *o, guint32 u, guint32 n_dummies)
{
	const Rules *x = o->rules;
	const guint32 *min = x->min + (gsize)u * x->n_counted, *max = x->max + (gsize)u * x->n_counted, *cap = x->cap + (gsize)u * x->n_each;
	guint32 demand = x->units[u].demand;

	o->n_active = o->n_each = 0;
	for (guint32 c = 0; c < x->n_counted; c++)
		if (min[c] > 0 || max[c] < demand) {
			o->active[o->n_active] = c;
			o->need[o->n_active] = min[c] > n_dummies ? min[c] - n_dummies : 0;
			o->free[o->n_active++] = MIN(max[c], demand);
		}
	for (guint32 e = 0; e < x->n_each; e++)
		if (cap[e] < demand) {
			o->each[o->n_each] = e;
			o->cap[o->n_each++] = cap[e];
		}
}

static int
compare_places(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

PanelAnswer
veil_match__panel(Oracle *o, guint32 u, const Question *q, gint64 *out_value, guint32 *out_place)
{
	const Unit *unit = &o->rules->units[u];
	guint32 most_dummies = q->dummies ? unit->demand : 0;
	gboolean any = FALSE;

	o->found = q->at_least != G_MININT64;
	o->best = q->at_least;
	o->nodes = 0;
	find_binding(o, u, 0);
	if (unit->demand > 0)
		fill_pool(o, unit, q);
	else
		o->n = 0;
	make_tables(o);
	for (guint32 j = 0; j <= most_dummies; j++) {
		gint64 before = o->best;
		gboolean found = o->found;

		find_binding(o, u, j);
		o->n_chosen = 0;
		search(o, 0, unit->demand - j, (gint64)j * q->dummy);
		if (o->nodes >= MOST_NODES)
			return PANEL_TOO_HARD;
		if (!o->found || (found && o->best == before))
			continue;
		any = TRUE;
		for (guint32 i = 0; out_place != NULL && i < unit->demand; i++)
			out_place[i] = i < o->n_best ? g_array_index(o->pool, Pick, o->best_choice[i]).place : G_MAXUINT32;
	}
	if (!any)
		return PANEL_NONE;
	if (out_place != NULL)
		qsort(out_place, unit->demand, sizeof *out_place, compare_places);
	*out_value = o->best;
	return PANEL_FOUND;
}

gboolean
veil_match__panel_legal(const Rules *x, guint32 u, const guint32 *place)
{
	const Unit *unit = &x->units[u];

	for (guint32 c = 0; c < x->n_counted; c++) {
		guint32 n = 0;

		for (guint32 i = 0; i < unit->demand; i++)
			n += x->mask[type_at(x, unit, place[i])] >> c & 1;
		if (n < x->min[(gsize)u * x->n_counted + c] || n > x->max[(gsize)u * x->n_counted + c])
			return FALSE;
	}
	for (guint32 i = 0; i < unit->demand; i++)
		for (guint32 e = 0; e < x->n_each; e++) {
			guint32 mine = x->value[e][unit->reviewer[place[i]]], n = 0;

			for (guint32 j = 0; j < unit->demand && mine != 0; j++)
				n += x->value[e][unit->reviewer[place[j]]] == mine;
			if (mine != 0 && n > x->cap[(gsize)u * x->n_each + e])
				return FALSE;
		}
	return TRUE;
}
