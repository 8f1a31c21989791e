/* shelf.c - of each project's candidates, those worth looking at: the best of its row at the prices of some moment.
 *
 * While places are filled prices only rise. So whoever was worth no more than `beyond` when the shelf was filled never is worth more
 * later, and a bid or a search that finds what it needs above `beyond` need not look at the row (or, where scores are a function, ask for
 * scores) at all. A few dozen of some hundreds serve nearly every look, at an eighth of the memory; when they no longer do, the shelf is filled anew at
 * the prices of then, twice as large if that happens often.
 *
 * Equal worth: in the cyclic order of `order` (or of the index) that starts at a place of the project's own. Without that, all projects
 * would want the same one of many equals, and the searches would have to undo it.
 */
#include <string.h>

#include "solver.h"

enum { SORT_SMALL = 24, FEW = 22, FEW_OF_FUNCTION = 96, OFTEN = 6 };

typedef struct {
	gint64 worth, score;
	guint32 reviewer, rank;
} Ranked;

typedef struct {
	Ranked *pool;
	Entry *row; /* what a score function answers */
	gsize room;
} Scratch;

static inline gboolean
better(const Ranked *a, const Ranked *b)
{
	return a->worth != b->worth ? a->worth > b->worth : a->rank < b->rank;
}

static void
sift_down(Ranked *e, gsize i, gsize n)
{
	Ranked item = e[i];

	for (;;) {
		gsize down = 2 * i + 1;

		if (down >= n)
			break;
		if (down + 1 < n && better(&e[down], &e[down + 1]))
			down++;
		if (!better(&item, &e[down]))
			break;
		e[i] = e[down];
		i = down;
	}
	e[i] = item;
}

/* Insertion sort for the small, heap sort for the rest: no worst case, no memory. */
static void
sort_ranked(Ranked *e, gsize n)
{
	if (n <= (gsize)SORT_SMALL * 2) {
		for (gsize i = 1; i < n; i++) {
			Ranked item = e[i];
			gsize j = i;

			for (; j > 0 && better(&item, &e[j - 1]); j--)
				e[j] = e[j - 1];
			e[j] = item;
		}
		return;
	}
	for (gsize i = n / 2; i-- > 0;)
		sift_down(e, i, n);
	for (gsize end = n - 1; end > 0; end--) {
		Ranked t = e[0];

		e[0] = e[end];
		e[end] = t;
		sift_down(e, 0, end);
	}
}

/* Partitions so that e[0..k) are the k best, in any order. Median of three; ends by insertion sort. */
static void
select_best(Ranked *e, gsize n, gsize k)
{
	guint depth = 0;

	while (n > SORT_SMALL && k > 0 && k < n) {
		gsize i = 0, j = n - 1;
		Ranked a = e[0], b = e[n / 2], c = e[n - 1], pivot;

		if (++depth > 100) { /* adversarial input: give up on selection, sort */
			sort_ranked(e, n);
			return;
		}
		if (better(&b, &a))
			pivot = better(&c, &b) ? b : better(&c, &a) ? c : a;
		else
			pivot = better(&c, &a) ? a : better(&c, &b) ? c : b;
		for (;;) {
			while (better(&e[i], &pivot))
				i++;
			while (better(&pivot, &e[j]))
				j--;
			if (i >= j)
				break;
			Ranked t = e[i];
			e[i++] = e[j];
			e[j--] = t;
		}
		/* e[0..i) are not worse than the pivot, e[i..n) not better */
		if (i == 0 || i == n) {
			sort_ranked(e, n);
			return;
		}
		if (k <= i) {
			n = i;
		} else {
			e += i, n -= i, k -= i;
		}
	}
	if (k > 0 && k < n)
		sort_ranked(e, n);
}

static inline guint32
rank_of(const Solver *s, guint32 spin, guint32 reviewer)
{
	guint32 at = s->order ? s->order[reviewer] : reviewer;

	return at >= spin ? at - spin : at + (s->n_reviewers - spin);
}

static guint32
spin_of(const Solver *s, guint32 p)
{
	return s->n_reviewers ? (guint32)((p * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> 32) % s->n_reviewers) : 0;
}

/* Forgets all of the pool but its k best; what is forgotten raises *beyond. The least worth that still counts. */
static gint64
drop_worst(Ranked *pool, gsize n, gsize k, gint64 *beyond)
{
	gint64 bar = G_MAXINT64;

	select_best(pool, n, k);
	for (gsize i = k; i < n; i++)
		*beyond = MAX(*beyond, pool[i].worth);
	for (gsize i = 0; i < k; i++)
		bar = MIN(bar, pool[i].worth);
	return bar;
}

/* The k best of p's row, into the pool: one pass that keeps up to twice as many and a bar that rises. How many there are. */
static gsize
pick_listed(const Solver *s, guint32 p, gsize k, Ranked *pool, gint64 *out_beyond)
{
	const VeilInstance *in = s->in;
	guint32 spin = spin_of(s, p);
	gint64 bar = G_MININT64, beyond = G_MININT64;
	gsize n = 0;

	for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
		guint32 r = in->reviewer[i];
		gint64 worth = in->score[i] - s->price[r];

		if (worth < bar) {
			beyond = MAX(beyond, worth);
			continue;
		}
		if (in->max_load[r] == 0) /* he never enters a panel: price_out sees to his price */
			continue;
		pool[n++] = (Ranked){worth, in->score[i], r, rank_of(s, spin, r)};
		if (n == 2 * k) {
			bar = drop_worst(pool, n, k, &beyond);
			n = k;
		}
	}
	if (n > k) {
		drop_worst(pool, n, k, &beyond);
		n = k;
	}
	*out_beyond = beyond;
	return n;
}

/* The same where scores are a function. */
static gsize
pick_scored(const Solver *s, guint32 p, gsize k, Scratch *scratch, gint64 *out_beyond)
{
	guint32 spin = spin_of(s, p), n = s->source->best(s->source->data, p, s->price, (guint32)k, scratch->row, out_beyond);

	g_assert(n <= k);
	if (n < k || k >= s->n_reviewers)
		*out_beyond = G_MININT64;
	for (guint32 i = 0; i < n; i++) {
		Entry e = scratch->row[i];

		g_assert(e.score <= VEIL_MAX_SCORE && e.score >= -VEIL_MAX_SCORE && e.reviewer < s->n_reviewers);
		scratch->pool[i] = (Ranked){e.score - s->price[e.reviewer], e.score, e.reviewer, rank_of(s, spin, e.reviewer)};
	}
	return n;
}

static guint32
row_length(const Solver *s, guint32 p)
{
	return s->source ? s->n_reviewers : (guint32)(s->in->offset[p + 1] - s->in->offset[p]);
}

/* Fills p's shelf with the `want` best at the present prices, best first. */
static void
stock(const Solver *s, guint32 p, guint32 want, Scratch *scratch)
{
	Shelf *shelf = &s->shelves[p];
	gsize n;

	want = MIN(want, row_length(s, p));
	if (scratch->room < want) {
		scratch->room = want;
		scratch->pool = g_renew(Ranked, scratch->pool, 2 * (gsize)want);
		scratch->row = g_renew(Entry, scratch->row, s->source ? want : 1);
	}
	if (want > shelf->room) {
		shelf->room = want;
		shelf->entry = g_renew(Entry, shelf->entry, want);
	}
	shelf->beyond = G_MININT64;
	n = want == 0 ? 0 : s->source ? pick_scored(s, p, want, scratch, &shelf->beyond) : pick_listed(s, p, want, scratch->pool, &shelf->beyond);
	sort_ranked(scratch->pool, n);
	for (gsize i = 0; i < n; i++)
		shelf->entry[i] = (Entry){scratch->pool[i].score, scratch->pool[i].reviewer};
	shelf->n = (guint32)n;
}

static void
scratch_clear(Scratch *scratch)
{
	g_free(scratch->pool);
	g_free(scratch->row);
}

typedef struct {
	const Solver *s;
	gint next; /* project, taken in turn by threads: which thread fills a shelf does not matter */
} Opening;

static gpointer
open_shelves(gpointer data)
{
	Opening *opening = data;
	const Solver *s = opening->s;
	Scratch scratch = {0};

	for (;;) {
		guint32 first = (guint32)g_atomic_int_add(&opening->next, 64), end = MIN(first + 64, s->n_projects);

		if (first >= s->n_projects)
			break;
		for (guint32 p = first; p < end; p++)
			stock(s, p, (s->source ? FEW_OF_FUNCTION : FEW) + 2 * MIN(s->in->demand[p], s->n_reviewers), &scratch);
	}
	scratch_clear(&scratch);
	return NULL;
}

void
veil_match__shelves_open(Solver *s)
{
	Opening opening = {s, 0};
	guint n_threads = s->source ? CLAMP(s->source->n_threads, 1, 64) : 1;
	GThread *threads[64];

	s->shelves = g_new0(Shelf, (gsize)s->n_projects + 1);
	for (guint i = 1; i < n_threads; i++)
		threads[i] = g_thread_new("match", open_shelves, &opening);
	open_shelves(&opening);
	for (guint i = 1; i < n_threads; i++)
		g_thread_join(threads[i]);
	s->scratch = g_new0(Scratch, 1);
}

void
veil_match__shelves_close(Solver *s)
{
	for (guint32 p = 0; s->shelves && p < s->n_projects; p++)
		g_free(s->shelves[p].entry);
	g_clear_pointer(&s->shelves, g_free);
	if (s->scratch != NULL)
		scratch_clear(s->scratch);
	g_clear_pointer(&s->scratch, g_free);
}

void
veil_match__shelf_renew(Solver *s, guint32 p, gboolean larger)
{
	Shelf *shelf = &s->shelves[p];

	if (larger || ++shelf->renewed % OFTEN == 0)
		stock(s, p, MIN(shelf->room, G_MAXINT32) * 2, s->scratch);
	else
		stock(s, p, shelf->room, s->scratch);
}
