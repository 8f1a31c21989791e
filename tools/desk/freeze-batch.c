/* freeze-batch.c - the drawer's view of a freeze.
 *
 * Lists are cut, and a cut list may cost quality without saying so. Here the freeze itself solves the batch: where the bound over all allowed pairs
 * does not close on the lists as they are, the projects concerned get lists twice as long, until it closes or the lists are whole. What is
 * written is therefore enough for the draw to prove its optimum over every allowed pair, without the draw ever seeing the others.
 */
#include <string.h>

#include <veil/match.h>

#include "cells.h"
#include "freeze.h"
#include "instance.h"

/* --- reviewers --------------------------------------------------------------------------------------------------- */

/* The employer that panel rules mean: the employer of the expert's own row, else a current post as an employee. */
static guint32
main_employer(const VeilFreezeInput *input, guint32 person, const guint64 *post_start)
{
	guint32 found = VEIL_NONE;

	for (guint64 i = post_start[person]; i < post_start[person + 1]; i++) {
		const VeilPost *post = veil_facts_at(input->facts->posts, VeilPost, i);

		if (post->kind == VEIL_POST_EMPLOYER)
			return post->org;
		if (post->kind == VEIL_POST_EMPLOYEE && found == VEIL_NONE && post->when.since <= input->as_of &&
		    post->when.until >= input->as_of)
			found = post->org;
	}
	return found;
}

static guint64 *
index_posts(const VeilFacts *facts)
{
	guint64 *start = g_new0(guint64, facts->persons->len + 1);

	for (guint i = 0; i < facts->posts->len; i++)
		start[veil_facts_at(facts->posts, VeilPost, i)->person + 1]++;
	for (guint32 p = 0; p < facts->persons->len; p++)
		start[p + 1] += start[p];
	return start;
}

/* Tokens only where a rule can bite: an employer with a single reviewer would be a fingerprint for nothing. */
static void
fill_employers(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch)
{
	const VeilFacts *facts = input->facts;
	g_autofree guint64 *post_start = index_posts(facts);
	g_autofree guint32 *employer = g_new(guint32, MAX(places->n_reviewers, 1));
	g_autofree guint32 *staff = g_new0(guint32, MAX(facts->orgs->len, 1));

	for (guint32 r = 0; r < places->n_reviewers; r++) {
		employer[r] = main_employer(input, places->reviewer_person[r], post_start);
		if (employer[r] != VEIL_NONE)
			staff[employer[r]]++;
	}
	for (guint32 r = 0; r < places->n_reviewers; r++)
		if (employer[r] != VEIL_NONE && staff[employer[r]] > 1)
			veil_org_token(input->key, &veil_facts_at(facts->orgs, VeilOrg, employer[r])->id,
				       batch->reviewers[r].employer);
}

static const char *
label(const VeilFreezeInput *input, VeilBatch *batch, guint32 index)
{
	if (index == VEIL_NONE)
		return NULL;
	return g_string_chunk_insert_const(batch->strings, g_ptr_array_index(input->facts->labels, index));
}

static void
fill_reviewers(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch)
{
	batch->n_reviewers = places->n_reviewers;
	batch->reviewers = g_new0(VeilBatchReviewer, MAX(places->n_reviewers, 1));
	for (guint32 r = 0; r < places->n_reviewers; r++) {
		guint32 person = places->reviewer_person[r];
		const VeilPerson *p = veil_facts_at(input->facts->persons, VeilPerson, person);
		VeilBatchReviewer *out = &batch->reviewers[r];
		guint32 limit = (guint32)input->policy->max_load;

		g_strlcpy(out->code, places->reviewer_code[person], sizeof out->code);
		out->max_load = p->max_load >= 0 ? MIN((guint32)p->max_load, limit) : limit;
		out->kind = label(input, batch, p->kind);
		out->province = label(input, batch, p->province);
		out->rank = label(input, batch, p->rank);
	}
	veil_cells_merge_loads(batch->reviewers, batch->n_reviewers);
	veil_cells_coarsen(batch->reviewers, batch->n_reviewers);
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		batch->reviewers[r].min_load = MIN((guint32)input->policy->min_load, batch->reviewers[r].max_load);
	fill_employers(input, places, batch);
}

/* --- candidates -------------------------------------------------------------------------------------------------- */

/* Candidate lists in the projects' own order (that of the facts), longer where `want` grew. */
typedef struct {
	VeilAffinity *affinity;
	guint32 *want;	/* by project of the facts */
	guint64 *spin;
	VeilCandidates **piece; /* the call that holds the project's list */
	GPtrArray *calls;	/* VeilCandidates, owned */
} Lists;

static gboolean
lists_grow(Lists *lists, const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places,
	   GError **error)
{
	VeilCandidates *call = veil_affinity_candidates(lists->affinity, exclusions, places->person_reviewer, lists->want,
							lists->spin, input->n_threads, error);

	if (call == NULL)
		return FALSE;
	g_ptr_array_add(lists->calls, call);
	for (guint32 p = 0; p < places->n_projects; p++)
		if (lists->want[p] > 0)
			lists->piece[p] = call;
	return TRUE;
}

static void
lists_clear(Lists *lists)
{
	veil_affinity_free(lists->affinity);
	g_free(lists->want);
	g_free(lists->spin);
	g_free(lists->piece);
	g_ptr_array_unref(lists->calls);
}

/* Copies the lists into the batch, projects in code order. */
static void
place_lists(const Lists *lists, const VeilPlaces *places, VeilBatch *batch)
{
	guint64 n = 0;

	g_free(batch->offset);
	g_free(batch->reviewer);
	g_free(batch->score);
	batch->offset = g_new0(guint64, places->n_projects + 1);
	for (guint32 i = 0; i < places->n_projects; i++) {
		guint32 p = places->project_fact[i];
		const VeilCandidates *piece = lists->piece[p];

		batch->offset[i + 1] = batch->offset[i] + (piece->offset[p + 1] - piece->offset[p]);
		batch->projects[i].cut = piece->cut[p];
	}
	batch->reviewer = g_new(guint32, batch->offset[places->n_projects] + 1);
	batch->score = g_new(gint64, batch->offset[places->n_projects] + 1);
	for (guint32 i = 0; i < places->n_projects; i++) {
		guint32 p = places->project_fact[i];
		const VeilCandidates *piece = lists->piece[p];

		for (guint64 k = piece->offset[p]; k < piece->offset[p + 1]; k++, n++) {
			batch->reviewer[n] = piece->reviewer[k];
			batch->score[n] = piece->score[k];
		}
	}
}

/* Doubles the lists of the projects whose bound is open; FALSE when none of them can grow. */
static gboolean
lengthen(Lists *lists, const VeilPlaces *places, const VeilBatch *batch, const VeilMatch *match)
{
	gboolean any = FALSE;

	memset(lists->want, 0, sizeof(guint32) * places->n_projects);
	for (guint32 i = 0; i < match->n_open; i++) {
		guint32 project = match->open[i], p = places->project_fact[project];
		guint64 length = batch->offset[project + 1] - batch->offset[project];

		if (batch->projects[project].cut < 0)
			continue;
		lists->want[p] = (guint32)MIN(MAX(length, 8) * 2, places->n_reviewers);
		any = TRUE;
	}
	return any;
}

static gboolean
fill_candidates(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, VeilBatch *batch,
		Lists *lists, GError **error)
{
	for (;;) {
		VeilBatchInstance instance;
		g_autoptr(VeilMatch) match = NULL;

		if (!lists_grow(lists, input, exclusions, places, error))
			return FALSE;
		place_lists(lists, places, batch);
		if (input->progress)
			input->progress("solving, to see whether the lists are long enough", input->progress_data);
		veil_batch_instance_init(&instance, batch, input->policy, NULL);
		match = veil_match_total(&instance.instance, NULL, error);
		veil_batch_instance_clear(&instance);
		if (match == NULL)
			return FALSE;
		if (!lengthen(lists, places, batch, match))
			return TRUE;
	}
}

VeilBatch *
veil_freeze_batch(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, GError **error)
{
	g_autoptr(VeilBatch) batch = veil_batch_new();
	Lists lists = {0};
	gboolean done;

	fill_reviewers(input, places, batch);
	batch->n_projects = places->n_projects;
	batch->projects = g_new0(VeilBatchProject, MAX(places->n_projects, 1));
	lists.want = g_new(guint32, MAX(places->n_projects, 1));
	lists.spin = g_new(guint64, MAX(places->n_projects, 1));
	lists.piece = g_new0(VeilCandidates *, MAX(places->n_projects, 1));
	lists.calls = g_ptr_array_new_with_free_func((GDestroyNotify)veil_candidates_free);
	for (guint32 i = 0; i < places->n_projects; i++) {
		guint32 p = places->project_fact[i];
		const VeilProject *project = veil_facts_at(input->facts->projects, VeilProject, p);

		g_strlcpy(batch->projects[i].code, places->project_code[p], sizeof batch->projects[i].code);
		batch->projects[i].demand = (guint32)(project->demand >= 0 ? project->demand : input->policy->demand);
		lists.want[p] = (guint32)input->policy->candidates;
		lists.spin[p] = veil_batch_number(input->key, "spin", &project->id);
	}
	lists.affinity = veil_affinity_new(input->features, input->policy, places->reviewer_person, places->n_reviewers, error);
	done = lists.affinity != NULL && fill_candidates(input, exclusions, places, batch, &lists, error);
	lists_clear(&lists);
	return done ? g_steal_pointer(&batch) : NULL;
}
