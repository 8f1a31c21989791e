/* candidates.c - the best allowed reviewers of each project, without a table of all pairs.
 *
 * Most of a row is far from the list's end, so it is compared and not looked at: from a sample of the row a score is guessed that a
 * few times as many reviewers as wanted reach; one pass gathers those who do and are allowed; among them the list's end is found by
 * quickselect on (score, turn), turn being the cyclic order from spin. If too few reached the guess, a lower one is taken, in
 * the end 0, which everybody reaches. The guess decides how long it takes, never what comes out.
 *
 * How long each list becomes is known beforehand (allowed reviewers, or want), so all lists lie in one block and threads write where no
 * other does. Projects are taken in the order of their disciplines, so that a thread computes fits once for all of one field.
 */
#include <stdlib.h>
#include <string.h>

#include "affinity-internal.h"

enum {
	SAMPLE = 1024, /* reviewers looked at for the guess, about */
	SPARE = 3,     /* the guess aims at so many times the wanted number */
	CHUNK = 16,    /* projects a thread takes at a time */
};

typedef struct {
	const VeilAffinity *affinity;
	const VeilExclusions *exclusions;
	const guint32 *person_to_reviewer, *want;
	const guint64 *spin;
	guint32 *order; /* of projects */
	VeilCandidates *out;
	gint next; /* atomic: first place of order that nobody has taken */
} Job;

/* A thread's memory beside the row. */
typedef struct {
	const Job *job;
	VeilAffinityRow *row;
	guint32 *stamp;	   /* project + 1 that excludes this reviewer */
	guint32 *reviewer; /* those gathered, ascending */
	guint64 *key;	   /* score << 32 | order among equals, the more the earlier */
	guint64 *shuffled;
} Bench;

/* Marks everybody whom the project may not get; returns how many remain. */
static guint32
stamp_excluded(const Job *job, guint32 project, guint32 *stamp)
{
	const VeilExclusions *x = job->exclusions;
	guint32 allowed = job->affinity->n_reviewers;
	guint64 from = x->offset[project], n = x->offset[project + 1] - from;

	for (guint64 i = 0; i < n + x->n_everywhere; i++) {
		guint32 r = job->person_to_reviewer[i < n ? x->pairs[from + i].person : x->everywhere[i - n].person];

		if (r == VEIL_NONE || stamp[r] == project + 1)
			continue;
		stamp[r] = project + 1;
		allowed--;
	}
	return allowed;
}

/* The k-th largest, 1 <= k <= n. Reorders. Median of three, both ends closing in: linear but for inputs nobody can aim at. */
static guint64
kth_largest(guint64 *a, guint32 n, guint32 k)
{
	gint64 low = 0, high = (gint64)n - 1, target = (gint64)k - 1;

	while (low < high) {
		guint64 x = a[low], y = a[low + (high - low) / 2], z = a[high];
		guint64 pivot = MAX(MIN(x, y), MIN(MAX(x, y), z));
		gint64 i = low, j = high;

		while (i <= j) {
			while (a[i] > pivot)
				i++;
			while (a[j] < pivot)
				j--;
			if (i <= j) {
				guint64 t = a[i];

				a[i++] = a[j];
				a[j--] = t;
			}
		}
		if (target <= j)
			high = j;
		else if (target >= i)
			low = i;
		else
			break;
	}
	return a[target];
}

/* A score that about `aim` reviewers reach. */
static guint32
guess(Bench *bench, guint64 aim)
{
	guint32 n = bench->job->affinity->n_reviewers, stride = MAX(n / SAMPLE, 1), m = 0;
	guint64 k = aim / stride + 4;

	for (guint32 r = 0; r < n; r += stride)
		bench->shuffled[m++] = veil_affinity__raw(bench->row, r);
	return k >= m ? 0 : veil_affinity__score(bench->row, kth_largest(bench->shuffled, m, (guint32)k));
}

/* Everybody allowed who reaches the score. */
static guint32
gather(Bench *bench, guint32 project, guint32 score)
{
	const VeilAffinityRow *row = bench->row;
	guint64 least = (guint64)score * VEIL_ONE;
	guint32 n = bench->job->affinity->n_reviewers, start = (guint32)(bench->job->spin[project] % n), m = 0;

	for (guint32 r = 0; r < n; r++) {
		guint64 raw = veil_affinity__raw(row, r);

		if (raw < least || bench->stamp[r] == project + 1)
			continue;
		bench->reviewer[m] = r;
		bench->key[m++] = (guint64)veil_affinity__score(row, raw) << 32 | (G_MAXUINT32 - (r >= start ? r - start : r + (n - start)));
	}
	return m;
}

static void
select_best(Bench *bench, guint32 project)
{
	VeilCandidates *out = bench->job->out;
	guint64 at = out->offset[project], last;
	guint32 n = (guint32)(out->offset[project + 1] - at), m, score;
	gint32 cut = -1;

	/* A guess must be reached by one more than are listed: he is the cut. */
	for (guint64 aim = (guint64)n * SPARE;; aim = aim * 4 + 64) {
		score = guess(bench, aim);
		m = gather(bench, project, score);
		if (m > n || score == 0)
			break;
	}
	g_assert(m >= n);
	memcpy(bench->shuffled, bench->key, m * sizeof *bench->key);
	last = n > 0 ? kth_largest(bench->shuffled, m, n) : G_MAXUINT64;
	for (guint32 i = 0; i < m; i++) {
		gint32 own = (gint32)(bench->key[i] >> 32);

		if (bench->key[i] >= last) {
			out->reviewer[at] = bench->reviewer[i];
			out->score[at++] = own;
		} else {
			cut = MAX(cut, own);
		}
	}
	out->cut[project] = cut;
}

static gpointer
work(gpointer data)
{
	Job *job = data;
	guint32 n = job->affinity->n_reviewers;
	gint n_projects = (gint)job->affinity->n_projects;
	Bench bench = {job,
		       veil_affinity__row_new(job->affinity),
		       g_new0(guint32, n + 1),
		       g_new(guint32, n + 1),
		       g_new(guint64, n + 1),
		       g_new(guint64, n + 1)};

	for (;;) {
		gint first = g_atomic_int_add(&job->next, CHUNK);

		if (first >= n_projects)
			break;
		for (gint i = first; i < MIN(first + CHUNK, n_projects); i++) {
			guint32 project = job->order[i];

			if (job->want[project] == 0 || n == 0)
				continue;
			stamp_excluded(job, project, bench.stamp);
			veil_affinity__row_load(bench.row, project);
			select_best(&bench, project);
		}
	}
	veil_affinity__row_free(bench.row);
	g_free(bench.stamp);
	g_free(bench.reviewer);
	g_free(bench.key);
	g_free(bench.shuffled);
	return NULL;
}

static gint
by_disciplines(gconstpointer pa, gconstpointer pb, gpointer data)
{
	const VeilAffinity *a = data;
	guint32 p = *(const guint32 *)pa, q = *(const guint32 *)pb;
	gsize n, m;
	const VeilDisciplineWeight *x = veil_discipline_index_of(&a->tree, p, &n), *y = veil_discipline_index_of(&a->tree, q, &m);

	if (n != m)
		return n < m ? -1 : 1;
	for (gsize i = 0; i < n; i++)
		if (x[i].node != y[i].node)
			return x[i].node < y[i].node ? -1 : 1;
	return p < q ? -1 : p > q;
}

static void
order_projects(Job *job)
{
	guint32 n = job->affinity->n_projects;

	job->order = g_new(guint32, n + 1);
	for (guint32 p = 0; p < n; p++)
		job->order[p] = p;
	g_qsort_with_data(job->order, (gint)n, sizeof *job->order, by_disciplines, (gpointer)job->affinity);
}

static void
lay_out(Job *job)
{
	VeilCandidates *out = g_new0(VeilCandidates, 1);
	guint32 n = job->affinity->n_reviewers;
	g_autofree guint32 *stamp = g_new0(guint32, n + 1);

	out->n_projects = job->affinity->n_projects;
	out->offset = g_new0(guint64, (gsize)out->n_projects + 1);
	out->cut = g_new(gint32, out->n_projects + 1);
	for (guint32 p = 0; p < out->n_projects; p++) {
		guint32 want = job->want[p], length = want == 0 ? 0 : stamp_excluded(job, p, stamp);

		out->offset[p + 1] = out->offset[p] + MIN(want, length);
		out->cut[p] = n == 0 ? -1 : VEIL_ONE;
	}
	out->reviewer = g_new(guint32, out->offset[out->n_projects] + 1);
	out->score = g_new(gint32, out->offset[out->n_projects] + 1);
	job->out = out;
}

VeilCandidates *
veil_affinity_candidates(const VeilAffinity *affinity, const VeilExclusions *exclusions, const guint32 *person_to_reviewer,
			 const guint32 *want, const guint64 *spin, guint n_threads, GError **error)
{
	Job job = {affinity, exclusions, person_to_reviewer, want, spin, NULL, NULL, 0};
	g_autofree GThread **threads = g_new0(GThread *, MAX(n_threads, 1));

	if (exclusions->n_projects != affinity->n_projects) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "candidates: exclusions of %u projects, features of %u",
			    exclusions->n_projects, affinity->n_projects);
		return NULL;
	}
	order_projects(&job);
	lay_out(&job);
	for (guint i = 1; i < n_threads; i++)
		threads[i] = g_thread_new("affinity", work, &job);
	work(&job);
	for (guint i = 1; i < n_threads; i++)
		g_thread_join(threads[i]);
	g_free(job.order);
	return job.out;
}

void
veil_candidates_free(VeilCandidates *candidates)
{
	if (!candidates)
		return;
	g_free(candidates->offset);
	g_free(candidates->reviewer);
	g_free(candidates->score);
	g_free(candidates->cut);
	g_free(candidates);
}
