/* affinity.c - one row of scores: what text says and what disciplines say, weighed.
 *
 * A project without disciplines (or without a word the pool knows) is judged by the other part alone with its full weight: per project, never
 * per pair, so that within one project everybody is measured by the same scale.
 */
#include <string.h>

#include "affinity-internal.h"

static gboolean
check_policy(const VeilPolicy *policy, GError **error)
{
	const char *key = policy->text_micro < 0 || policy->text_micro > VEIL_ONE		       ? "text"
			  : policy->discipline_micro < 0 || policy->discipline_micro > VEIL_ONE - policy->text_micro ? "discipline"
			  : policy->step_micro < 1 || policy->step_micro > VEIL_ONE		       ? "step"
			  : policy->discipline_decay_micro < 0 || policy->discipline_decay_micro > VEIL_ONE ? "discipline_decay"
													    : NULL;

	if (!key)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "policy: [affinity] %s is out of range", key);
	return FALSE;
}

static gboolean
check_offsets(const GArray *offset, const GArray *rows)
{
	for (guint i = 1; i < offset->len; i++)
		if (g_array_index(offset, guint64, i) < g_array_index(offset, guint64, i - 1))
			return FALSE;
	return offset->len > 0 && g_array_index(offset, guint64, offset->len - 1) <= rows->len;
}

static gboolean
check_rows(const VeilFeatures *f, const guint32 *reviewers, guint32 n, GError **error)
{
	gboolean sound = check_offsets(f->person_offset, f->person_terms) && check_offsets(f->project_offset, f->project_terms) &&
			 check_offsets(f->person_disc_offset, f->person_disc) && check_offsets(f->project_disc_offset, f->project_disc) &&
			 f->person_offset->len == f->person_disc_offset->len && f->project_offset->len == f->project_disc_offset->len;

	for (guint32 r = 0; sound && r < n; r++)
		sound = reviewers[r] < f->person_offset->len - 1;
	if (!sound)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "features: rows are missing or out of order, rebuild them from the registry");
	return sound;
}

VeilAffinity *
veil_affinity_new(const VeilFeatures *features, const VeilPolicy *policy, const guint32 *reviewers, guint32 n_reviewers, GError **error)
{
	g_autoptr(VeilAffinity) a = NULL;

	if (!check_policy(policy, error) || !check_rows(features, reviewers, n_reviewers, error))
		return NULL;
	a = g_new0(VeilAffinity, 1);
	a->n_reviewers = n_reviewers;
	a->n_projects = features->project_offset->len - 1;
	a->step = (guint32)policy->step_micro;
	a->text = (guint64)policy->text_micro;
	a->discipline = (guint64)policy->discipline_micro;
	if (!veil_text_index_build(&a->index, features, reviewers, n_reviewers, error) ||
	    !veil_discipline_index_build(&a->tree, features, policy->discipline_decay_micro, reviewers, n_reviewers, error))
		return NULL;
	return g_steal_pointer(&a);
}

void
veil_affinity_free(VeilAffinity *affinity)
{
	if (!affinity)
		return;
	veil_text_index_clear(&affinity->index);
	veil_discipline_index_clear(&affinity->tree);
	g_free(affinity);
}

VeilAffinityRow *
veil_affinity__row_new(const VeilAffinity *a)
{
	VeilAffinityRow *row = g_new0(VeilAffinityRow, 1);

	row->affinity = a;
	row->sums = g_new(guint32, a->n_reviewers + 1);
	row->fits = g_new(guint32, a->n_reviewers + 1);
	row->tree = g_new(guint32, (gsize)a->tree.n_nodes * 2 + 1);
	return row;
}

void
veil_affinity__row_free(VeilAffinityRow *row)
{
	g_free(row->sums);
	g_free(row->fits);
	g_free(row->tree);
	g_free(row);
}

static gboolean
same_disciplines(const VeilAffinity *a, guint32 p, guint32 q)
{
	gsize n, m;
	const VeilDisciplineWeight *x = veil_discipline_index_of(&a->tree, p, &n), *y = veil_discipline_index_of(&a->tree, q, &m);

	if (n != m)
		return FALSE;
	for (gsize i = 0; i < n; i++)
		if (x[i].node != y[i].node)
			return FALSE;
	return TRUE;
}

static void
load_fits(VeilAffinityRow *row, guint32 project)
{
	if (row->has_fits && same_disciplines(row->affinity, row->fits_of, project))
		return;
	row->project_has_discipline = veil_discipline_index_row(&row->affinity->tree, project, row->tree, row->fits);
	row->has_fits = TRUE;
	row->fits_of = project;
}

void
veil_affinity__row_load(VeilAffinityRow *row, guint32 project)
{
	const VeilAffinity *a = row->affinity;
	gboolean has_text;

	memset(row->sums, 0, a->n_reviewers * sizeof *row->sums);
	load_fits(row, project);
	has_text = veil_text_index_row(&a->index, project, row->sums);
	row->text = a->text;
	row->discipline = a->discipline;
	if (!row->project_has_discipline)
		row->text = a->text + a->discipline, row->discipline = 0;
	else if (!has_text)
		row->text = 0, row->discipline = a->text + a->discipline;
}

void
veil_affinity_row(const VeilAffinity *affinity, guint32 project, gint32 *out_scores)
{
	VeilAffinityRow *row;

	g_return_if_fail(project < affinity->n_projects);
	row = veil_affinity__row_new(affinity);
	veil_affinity__row_load(row, project);
	for (guint32 r = 0; r < affinity->n_reviewers; r++)
		out_scores[r] = (gint32)veil_affinity__score(row, veil_affinity__raw(row, r));
	veil_affinity__row_free(row);
}
