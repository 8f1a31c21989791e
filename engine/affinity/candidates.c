/* candidates.c - the best allowed reviewers of every project, without a table of all pairs.
 *
 * A row of scores lives as long as its project. The score at which a list ends is found by counting (two passes over buckets of 1,024), not by sorting;
 * whoever scores above it is in, and those who score just that are taken in cyclic order from a keyed starting point, so that the same people are not
 * always the last ones taken. Threads take projects from a counter; a project's list does not depend on who made it.
 */
#include <string.h>

#include "private.h"

typedef struct {
	guint32 n;
	gint32 cut;
	guint32 *reviewer;
	gint32 *score;
} List;

typedef struct {
	const VeilAffinity *affinity;
	const VeilExclusions *exclusions;
	const guint32 *person_to_reviewer, *want;
	const guint64 *spin;
	guint32 n_reviewers;
	List *lists;
	gint next; /* atomic */
} Work;

enum { COARSE = 1024, BUCKETS = 1024 };

/* The score of the want-th best among the allowed (excluded ones are negative); -1 when there are not more than want. */
static gint32
threshold(const gint32 *scores, guint32 n, guint32 want)
{
	guint32 count[BUCKETS] = {0}, fine[COARSE] = {0}, above = 0, allowed = 0;
	int bucket = BUCKETS;

	for (guint32 r = 0; r < n; r++)
		if (scores[r] >= 0) {
			count[scores[r] / COARSE]++;
			allowed++;
		}
	if (allowed <= want)
		return -1;
	do
		above += count[--bucket];
	while (above < want);
	above -= count[bucket];
	for (guint32 r = 0; r < n; r++)
		if (scores[r] >= 0 && scores[r] / COARSE == bucket)
			fine[scores[r] % COARSE]++;
	for (int i = COARSE;;) {
		above += fine[--i];
		if (above >= want)
			return bucket * COARSE + i;
	}
}

static void
take_all(const gint32 *scores, guint32 n, List *out)
{
	for (guint32 r = 0; r < n; r++)
		if (scores[r] >= 0) {
			out->reviewer[out->n] = r;
			out->score[out->n++] = scores[r];
		}
	out->cut = -1;
}

/* Of those at the last score, only as many stay as there are places, from the starting point on; the others become -1. Returns the cut. */
static gint32
settle_ties(gint32 *scores, guint32 n, gint32 at, guint32 want, guint64 spin)
{
	guint32 above = 0, left;
	gint32 below = -1;
	gboolean left_over = FALSE;

	for (guint32 r = 0; r < n; r++) {
		above += scores[r] > at;
		if (scores[r] < at)
			below = MAX(below, scores[r]);
	}
	left = want - above;
	for (guint32 i = 0, r = (guint32)(spin % n); i < n; i++, r = r + 1 == n ? 0 : r + 1) {
		if (scores[r] != at)
			continue;
		if (left > 0) {
			left--;
		} else {
			scores[r] = -1;
			left_over = TRUE;
		}
	}
	return left_over ? at : below;
}

static void
make_list(const Work *work, guint32 project, gint32 *scores, List *out)
{
	const VeilExclusions *e = work->exclusions;
	guint32 want = work->want[project], n = work->n_reviewers;
	gint32 at;

	if (want == 0 || n == 0) {
		out->cut = n == 0 ? -1 : 1000000;
		return;
	}
	veil_affinity_row(work->affinity, project, scores);
	for (guint64 k = e->offset[project]; k < e->offset[project + 1]; k++) {
		guint32 r = work->person_to_reviewer[e->pairs[k].person];

		if (r != VEIL_NONE)
			scores[r] = -1;
	}
	out->reviewer = g_new(guint32, MIN(want, n));
	out->score = g_new(gint32, MIN(want, n));
	at = threshold(scores, n, want);
	if (at < 0) {
		take_all(scores, n, out);
		return;
	}
	out->cut = settle_ties(scores, n, at, want, work->spin[project]);
	for (guint32 r = 0; r < n; r++)
		if (scores[r] >= at) {
			out->reviewer[out->n] = r;
			out->score[out->n++] = scores[r];
		}
}

static gpointer
worker(gpointer data)
{
	Work *work = data;
	g_autofree gint32 *scores = g_new(gint32, MAX(work->n_reviewers, 1));
	guint32 project;

	while ((project = (guint32)g_atomic_int_add(&work->next, 1)) < work->exclusions->n_projects)
		make_list(work, project, scores, &work->lists[project]);
	return NULL;
}

static VeilCandidates *
join(const Work *work)
{
	guint32 n = work->exclusions->n_projects;
	VeilCandidates *out = g_new0(VeilCandidates, 1);

	out->n_projects = n;
	out->offset = g_new0(guint64, n + 1);
	out->cut = g_new(gint32, MAX(n, 1));
	for (guint32 p = 0; p < n; p++)
		out->offset[p + 1] = out->offset[p] + work->lists[p].n;
	out->reviewer = g_new(guint32, out->offset[n] + 1);
	out->score = g_new(gint32, out->offset[n] + 1);
	for (guint32 p = 0; p < n; p++) {
		List *list = &work->lists[p];

		out->cut[p] = list->cut;
		if (list->n > 0) {
			memcpy(out->reviewer + out->offset[p], list->reviewer, sizeof(guint32) * list->n);
			memcpy(out->score + out->offset[p], list->score, sizeof(gint32) * list->n);
		}
		g_free(list->reviewer);
		g_free(list->score);
	}
	return out;
}

VeilCandidates *
veil_affinity_candidates(const VeilAffinity *affinity, const VeilExclusions *exclusions, const guint32 *person_to_reviewer,
			 const guint32 *want, const guint64 *spin, guint n_threads, GError **error)
{
	Work work = {
		.affinity = affinity,
		.exclusions = exclusions,
		.person_to_reviewer = person_to_reviewer,
		.want = want,
		.spin = spin,
		.n_reviewers = veil_affinity__n_reviewers(affinity),
		.lists = g_new0(List, MAX(exclusions->n_projects, 1)),
	};
	g_autofree GThread **threads = g_new0(GThread *, MAX(n_threads, 1));
	VeilCandidates *out;

	(void)error;
	for (guint i = 1; i < n_threads; i++)
		threads[i] = g_thread_new("affinity", worker, &work);
	worker(&work);
	for (guint i = 1; i < n_threads; i++)
		g_thread_join(threads[i]);
	out = join(&work);
	g_free(work.lists);
	return out;
}

void
veil_candidates_free(VeilCandidates *candidates)
{
	if (candidates == NULL)
		return;
	g_free(candidates->offset);
	g_free(candidates->reviewer);
	g_free(candidates->score);
	g_free(candidates->cut);
	g_free(candidates);
}
