/* lists.c - candidate lists, best first, sorted only as far as a search looks.
 *
 * A search stops at the first candidate that cannot beat what it has, mostly within the first dozen of some hundreds. So only the head of
 * each list is selected and sorted at the start; the tail is copied and sorted in growing pieces when somebody comes that far.
 * Equal scores: in the cyclic order of `order` (or of the index) that starts at a place of the project's own. Without that, all projects
 * would want the same one of many equals, and the searches would have to undo it.
 */
#include <string.h>

#include "solver.h"

enum { HEAD = 32, SORT_SMALL = 24 };

static inline guint32
rank(const Solver *s, guint32 spin, guint32 reviewer)
{
	guint32 at = s->order ? s->order[reviewer] : reviewer;

	return at >= spin ? at - spin : at + (s->n_reviewers - spin);
}

static inline gboolean
better(const Solver *s, guint32 spin, const Entry *a, const Entry *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	return rank(s, spin, a->reviewer) < rank(s, spin, b->reviewer);
}

static void
sort_entries(const Solver *s, guint32 spin, Entry *e, gsize n);

/* Partitions so that e[0..k) are the k best, in any order. Median of three; ends by insertion sort. */
static void
select_best(const Solver *s, guint32 spin, Entry *e, gsize n, gsize k)
{
	guint depth = 0;

	while (n > SORT_SMALL && k > 0 && k < n) {
		gsize i = 0, j = n - 1;
		Entry a = e[0], b = e[n / 2], c = e[n - 1], pivot;

		if (++depth > 100) { /* adversarial input: give up on selection, sort */
			sort_entries(s, spin, e, n);
			return;
		}
		if (better(s, spin, &b, &a))
			pivot = better(s, spin, &c, &b) ? b : better(s, spin, &c, &a) ? c : a;
		else
			pivot = better(s, spin, &c, &a) ? a : better(s, spin, &c, &b) ? c : b;
		for (;;) {
			while (better(s, spin, &e[i], &pivot))
				i++;
			while (better(s, spin, &pivot, &e[j]))
				j--;
			if (i >= j)
				break;
			Entry t = e[i];
			e[i++] = e[j];
			e[j--] = t;
		}
		/* e[0..i) are not worse than the pivot, e[i..n) not better */
		if (i == 0 || i == n) {
			sort_entries(s, spin, e, n);
			return;
		}
		if (k <= i) {
			n = i;
		} else {
			e += i, n -= i, k -= i;
		}
	}
	if (k > 0 && k < n)
		sort_entries(s, spin, e, n);
}

static void
sift_down(const Solver *s, guint32 spin, Entry *e, gsize i, gsize n)
{
	Entry item = e[i];

	for (;;) {
		gsize down = 2 * i + 1;

		if (down >= n)
			break;
		if (down + 1 < n && better(s, spin, &e[down], &e[down + 1]))
			down++;
		if (!better(s, spin, &item, &e[down]))
			break;
		e[i] = e[down];
		i = down;
	}
	e[i] = item;
}

/* Insertion sort for the small, heap sort for the rest: no worst case, no memory. */
static void
sort_entries(const Solver *s, guint32 spin, Entry *e, gsize n)
{
	if (n <= SORT_SMALL * 2) {
		for (gsize i = 1; i < n; i++) {
			Entry item = e[i];
			gsize j = i;

			for (; j > 0 && better(s, spin, &item, &e[j - 1]); j--)
				e[j] = e[j - 1];
			e[j] = item;
		}
		return;
	}
	for (gsize i = n / 2; i-- > 0;)
		sift_down(s, spin, e, i, n);
	for (gsize end = n - 1; end > 0; end--) {
		Entry t = e[0];

		e[0] = e[end];
		e[end] = t;
		sift_down(s, spin, e, 0, end);
	}
}

/* The n_head best of the row into list->head, sorted. One pass keeps a pool of up to twice as many and a bar that rises. */
static void
build_head(Solver *s, guint32 p, List *list)
{
	const VeilInstance *in = s->in;
	Entry pool[2 * 256];
	guint64 first = in->offset[p];
	gsize k = list->n_head, n_pool = 0, room = 2 * k;
	gint64 bar = G_MININT64;

	g_assert(room <= G_N_ELEMENTS(pool));
	for (guint64 i = first; i < first + list->n; i++) {
		if (in->score[i] < bar)
			continue;
		pool[n_pool++] = (Entry){in->score[i], in->reviewer[i]};
		if (n_pool == room && room > k) {
			select_best(s, list->spin, pool, n_pool, k);
			n_pool = k;
			bar = pool[0].score;
			for (gsize j = 1; j < k; j++)
				bar = MIN(bar, pool[j].score);
		}
	}
	select_best(s, list->spin, pool, n_pool, k);
	sort_entries(s, list->spin, pool, k);
	memcpy(list->head, pool, k * sizeof *pool);
}

gboolean
veil_match__lists_init(Solver *s)
{
	const VeilInstance *in = s->in;
	guint64 total = 0;

	s->lists = g_new0(List, s->n_projects);
	for (guint32 p = 0; p < s->n_projects; p++) {
		List *list = &s->lists[p];

		list->n = (guint32)(in->offset[p + 1] - in->offset[p]);
		list->n_head = MIN(list->n, HEAD);
		list->spin = s->n_reviewers ? (guint32)((p * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> 32) % s->n_reviewers) : 0;
		total += list->n_head;
	}
	s->heads = g_new(Entry, total + 1);
	total = 0;
	for (guint32 p = 0; p < s->n_projects; p++) {
		s->lists[p].head = s->heads + total;
		total += s->lists[p].n_head;
		build_head(s, p, &s->lists[p]);
	}
	return TRUE;
}

void
veil_match__lists_clear(Solver *s)
{
	for (guint32 p = 0; s->lists && p < s->n_projects; p++)
		g_free(s->lists[p].tail);
	g_free(s->lists);
	g_free(s->heads);
}

const Entry *
veil_match__list_more(Solver *s, guint32 project, guint32 i)
{
	List *list = &s->lists[project];
	guint32 n_tail = list->n - list->n_head, want;

	if (i >= list->n)
		return NULL;
	if (list->tail == NULL) {
		const VeilInstance *in = s->in;
		const Entry *last = &list->head[list->n_head - 1];
		guint32 n = 0;

		list->tail = g_new(Entry, n_tail);
		for (guint64 k = in->offset[project]; k < in->offset[project + 1]; k++) {
			Entry e = {in->score[k], in->reviewer[k]};

			if (better(s, list->spin, last, &e))
				list->tail[n++] = e;
		}
		g_assert(n == n_tail);
	}
	i -= list->n_head;
	while (list->tail_sorted <= i) {
		Entry *rest = list->tail + list->tail_sorted;

		want = MIN(n_tail - list->tail_sorted, MAX(SORT_SMALL * 2, list->tail_sorted * 2));
		select_best(s, list->spin, rest, n_tail - list->tail_sorted, want);
		sort_entries(s, list->spin, rest, want);
		list->tail_sorted += want;
	}
	return &list->tail[i];
}
