/* freeze-batch.c - the drawer's view of a freeze: reviewers, projects, teams, lists. */
#include <string.h>

#include "freeze/cells.h"
#include "freeze/freeze-lists.h"
#include "freeze/freeze-looks.h"
#include "freeze/freeze-teams.h"

static void
fill_reviewers(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch)
{
	batch->n_reviewers = places->n_reviewers;
	batch->reviewers = g_new0(VeilBatchReviewer, MAX(places->n_reviewers, 1));
	for (guint32 r = 0; r < places->n_reviewers; r++) {
		guint32 person = places->reviewer_person[r], limit = (guint32)input->policy->max_load;
		const VeilPerson *p = veil_facts_at(input->facts->persons, VeilPerson, person);

		g_strlcpy(batch->reviewers[r].code, places->reviewer_code[person], sizeof batch->reviewers[r].code);
		batch->reviewers[r].max_load = p->max_load >= 0 ? MIN((guint32)p->max_load, limit) : limit;
	}
	veil_cells_merge_loads(batch->reviewers, batch->n_reviewers);
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		batch->reviewers[r].min_load = MIN((guint32)input->policy->min_load, batch->reviewers[r].max_load);
	veil_freeze_looks(input, places, batch);
}

/* A class that no rule names is not written: it would tell projects apart for nothing. */
static gboolean
is_named(const VeilPolicy *policy, const char *project_class)
{
	for (guint i = 0; i < policy->n_panel; i++)
		if (g_strv_contains((const char *const *)policy->panel[i].classes, project_class))
			return TRUE;
	return FALSE;
}

static void
fill_projects(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch)
{
	batch->n_projects = places->n_projects;
	batch->projects = g_new0(VeilBatchProject, MAX(places->n_projects, 1));
	for (guint32 i = 0; i < places->n_projects; i++) {
		const VeilProject *project = veil_facts_at(input->facts->projects, VeilProject, places->project_fact[i]);
		const char *text = project->project_class == VEIL_NONE ? NULL : g_ptr_array_index(input->facts->labels, project->project_class);

		g_strlcpy(batch->projects[i].code, places->project_code[places->project_fact[i]], sizeof batch->projects[i].code);
		batch->projects[i].demand = (guint32)(project->demand >= 0 ? project->demand : input->policy->demand);
		if (text != NULL && is_named(input->policy, text))
			batch->projects[i].project_class = g_string_chunk_insert_const(batch->strings, text);
	}
}

VeilBatch *
veil_freeze_batch(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, GError **error)
{
	g_autoptr(VeilBatch) batch = veil_batch_new();
	g_autofree guint32 *team = NULL;

	fill_reviewers(input, places, batch);
	fill_projects(input, places, batch);
	if (!veil_freeze_teams(input, places, batch, &team, error) || !veil_freeze_lists(input, exclusions, places, team, batch, error))
		return NULL;
	return g_steal_pointer(&batch);
}
