/* solve-over-all.c - the optimum over all pairs of the made-up venue, none of them listed: solve-over-all PROJECTS REVIEWERS DEMAND MAX SEED [THREADS]
 *
 * Prints status, objective, seconds of the whole, seconds of the certificate alone (all pairs priced once more at the final prices).
 *
 * The scorer: topics lead to the few thousand reviewers whom a project shares any with; everybody else scores noise alone, and is only looked at
 * when the bar has come down to that. Prices are not negative here (no minimum loads).
 */
#include <stdio.h>
#include <time.h>

#include <veil/match.h>

#include "model.h"

typedef struct {
	gint64 worth;
	VeilPair pair;
} Candidate;

typedef struct {
	float *sum; /* by reviewer; zero between calls */
	guint32 *touched, n_touched;
	Candidate *pool;
	guint32 room, n;
	gint64 bar;
} Desk; /* a thread's own */

static gint64
exact(const Model *m, guint32 p, guint32 r, double cosine)
{
	return (gint64)((cosine * m->factor[r] + noise(p, r)) * 1e6);
}

static int
better(const void *a, const void *b)
{
	const Candidate *x = a, *y = b;

	if (x->worth != y->worth)
		return x->worth > y->worth ? -1 : 1;
	return x->pair.reviewer < y->pair.reviewer ? -1 : 1;
}

/* The k best to the front (in any order), by quick selection. */
static void
select_best(Candidate *e, guint32 n, guint32 k)
{
	while (n > 12) {
		Candidate pivot = e[n / 2];
		guint32 i = 0, j = n - 1;

		for (;;) {
			while (better(&e[i], &pivot) < 0)
				i++;
			while (better(&pivot, &e[j]) < 0)
				j--;
			if (i >= j)
				break;
			Candidate t = e[i];
			e[i++] = e[j];
			e[j--] = t;
		}
		if (i == 0)
			i = 1;
		if (k <= i) {
			if (i == n)
				break;
			n = i;
		} else {
			e += i, n -= i, k -= i;
		}
	}
	qsort(e, n, sizeof *e, better);
}

static inline void
consider(Desk *desk, const Model *m, guint32 p, guint32 r, double cosine, const gint64 *price, guint32 n)
{
	Candidate c;

	if ((gint64)((cosine * m->factor[r] + 0.05) * 1e6) - price[r] < desk->bar || in_conflict(p, r))
		return;
	c.pair = (VeilPair){exact(m, p, r, cosine), r};
	c.worth = c.pair.score - price[r];
	if (c.worth < desk->bar)
		return;
	desk->pool[desk->n++] = c;
	if (desk->n < 2 * n)
		return;
	select_best(desk->pool, desk->n, n);
	desk->n = n;
	desk->bar = G_MAXINT64;
	for (guint32 i = 0; i < n; i++)
		desk->bar = MIN(desk->bar, desk->pool[i].worth);
}

static void
add_topics(Desk *desk, const Model *m, guint32 p)
{
	const Vector *v = &m->projects[p];

	desk->n_touched = 0;
	for (guint32 k = 0; k < v->n; k++) {
		float weight = (float)v->weight[k];

		for (guint32 i = m->index.start[v->term[k]]; i < m->index.start[v->term[k] + 1]; i++) {
			guint32 r = m->index.reviewer[i];

			if (desk->sum[r] == 0)
				desk->touched[desk->n_touched++] = r;
			desk->sum[r] += weight * m->index.weight[i];
		}
	}
}

static Desk *
own_desk(const Model *m, guint32 n)
{
	static __thread Desk desk;

	if (desk.sum == NULL) {
		desk.sum = calloc(m->R, sizeof *desk.sum);
		desk.touched = malloc(m->R * sizeof *desk.touched);
	}
	if (desk.room < n) {
		desk.room = n;
		desk.pool = realloc(desk.pool, 2 * (gsize)n * sizeof *desk.pool);
	}
	return &desk;
}

static guint32
best(gpointer data, guint32 p, const gint64 *price, guint32 n, VeilPair *out, gint64 *out_beyond)
{
	const Model *m = data;
	Desk *desk = own_desk(m, n);

	desk->n = 0;
	desk->bar = G_MININT64;
	add_topics(desk, m, p);
	for (guint32 i = 0; i < desk->n_touched; i++)
		consider(desk, m, p, desk->touched[i], desk->sum[desk->touched[i]], price, n);
	if (desk->n > n) {
		select_best(desk->pool, desk->n, n);
		desk->n = n;
		desk->bar = G_MAXINT64;
		for (guint32 i = 0; i < n; i++)
			desk->bar = MIN(desk->bar, desk->pool[i].worth);
	}
	if (desk->n < n || desk->bar < 50000)
		for (guint32 r = 0; r < m->R; r++)
			if (desk->sum[r] == 0)
				consider(desk, m, p, r, 0, price, n);
	for (guint32 i = 0; i < desk->n_touched; i++)
		desk->sum[desk->touched[i]] = 0;
	if (desk->n > n)
		select_best(desk->pool, desk->n, n);
	*out_beyond = desk->n < n ? G_MININT64 : G_MAXINT64;
	for (guint32 i = 0; i < MIN(n, desk->n); i++) {
		out[i] = desk->pool[i].pair;
		*out_beyond = desk->n < n ? G_MININT64 : MIN(*out_beyond, desk->pool[i].worth);
	}
	return MIN(n, desk->n);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = NULL;
	VeilInstance in = {0};
	VeilScoreSource source = {.best = best, .n_threads = 2};
	Model m;
	guint32 *demand, *load;
	gint64 bound = 0;
	double start, solved, proved;

	if (argc < 6) {
		fprintf(stderr, "usage: solve-over-all PROJECTS REVIEWERS DEMAND MAX SEED [THREADS]\n");
		return 2;
	}
	m = topic_model((guint32)atol(argv[1]), (guint32)atol(argv[2]), (guint64)atol(argv[5]));
	demand = malloc(4 * (size_t)m.P);
	load = malloc(4 * (size_t)m.R);
	for (guint32 p = 0; p < m.P; p++)
		demand[p] = (guint32)atol(argv[3]);
	for (guint32 r = 0; r < m.R; r++)
		load[r] = (guint32)atol(argv[4]);
	in.n_projects = m.P;
	in.n_reviewers = m.R;
	in.demand = demand;
	in.max_load = load;
	source.data = &m;
	if (argc > 6)
		source.n_threads = (guint)atol(argv[6]);
	start = seconds();
	match = veil_match_over_all(&in, &source, NULL, &error);
	solved = seconds();
	if (match == NULL || (match->status != VEIL_MATCH_INFEASIBLE && !veil_match_bound_over_all(&in, &source, match->price, &bound, &error))) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	proved = seconds();
	printf("%s %ld %.4f %.4f\n", match->status == VEIL_MATCH_INFEASIBLE ? "infeasible" : bound == match->objective ? "optimal" : "GAP",
	       (long)match->objective, solved - start, proved - solved);
	return 0;
}
