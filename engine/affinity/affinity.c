/* affinity.c - one row of scores: what text says and what disciplines say, weighted.
 *
 * A project without disciplines (or without a word the pool knows) is judged by the other part alone with its full weight: per project, never
 * per pair, so that within one project everybody is measured by the same scale.
 */
#include <string.h>

#include "disciplines.h"
#include "private.h"
#include "text-index.h"

struct VeilAffinity {
	const VeilFeatures *features;
	guint32 n_reviewers;
	gint64 text_micro, discipline_micro, step_micro;
	VeilTextIndex text;
	VeilDisciplineIndex disciplines;
};

static gboolean
check_offsets(const GArray *offset, const GArray *items, const char *what, GError **error)
{
	for (guint i = 1; i < offset->len; i++)
		if (g_array_index(offset, guint64, i) < g_array_index(offset, guint64, i - 1))
			goto bad;
	if (offset->len > 0 && g_array_index(offset, guint64, offset->len - 1) <= items->len)
		return TRUE;
bad:
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "features of %s are out of order", what);
	return FALSE;
}

VeilAffinity *
veil_affinity_new(const VeilFeatures *features, const VeilPolicy *policy, const guint32 *reviewers, guint32 n_reviewers, GError **error)
{
	VeilAffinity *affinity;

	if (!check_offsets(features->person_offset, features->person_terms, "persons", error) ||
	    !check_offsets(features->project_offset, features->project_terms, "projects", error) ||
	    !check_offsets(features->person_disc_offset, features->person_disc, "persons' disciplines", error) ||
	    !check_offsets(features->project_disc_offset, features->project_disc, "projects' disciplines", error))
		return NULL;
	affinity = g_new0(VeilAffinity, 1);
	affinity->features = features;
	affinity->n_reviewers = n_reviewers;
	affinity->text_micro = policy->text_micro;
	affinity->discipline_micro = policy->discipline_micro;
	affinity->step_micro = MAX(policy->step_micro, 1);
	veil_text_index_init(&affinity->text, features, reviewers, n_reviewers);
	veil_discipline_index_init(&affinity->disciplines, features, policy->discipline_decay_micro, reviewers, n_reviewers);
	return affinity;
}

void
veil_affinity_free(VeilAffinity *affinity)
{
	if (affinity == NULL)
		return;
	veil_text_index_clear(&affinity->text);
	veil_discipline_index_clear(&affinity->disciplines);
	g_free(affinity);
}

guint32
veil_affinity__n_reviewers(const VeilAffinity *affinity)
{
	return affinity->n_reviewers;
}

void
veil_affinity_row(const VeilAffinity *affinity, guint32 project, gint32 *out_scores)
{
	g_autofree guint32 *sums = g_new0(guint32, MAX(affinity->n_reviewers, 1));
	g_autofree guint32 *fit = g_new0(guint32, MAX(affinity->n_reviewers, 1));
	gboolean has_text = veil_text_index_row(&affinity->text, affinity->features, project, sums);
	gboolean has_discipline = veil_discipline_index_row(&affinity->disciplines, affinity->features, project, fit);
	gint64 text = affinity->text_micro, discipline = affinity->discipline_micro, whole = text + discipline;

	if (!has_discipline)
		text = whole, discipline = 0;
	else if (!has_text)
		text = 0, discipline = whole;
	for (guint32 r = 0; r < affinity->n_reviewers; r++) {
		gint64 cosine = (gint64)(((guint64)MIN(sums[r], 1u << 30) * 1000000) >> 30);
		gint64 score = (text * cosine + discipline * (gint64)fit[r]) / 1000000;

		score = MIN(score, 1000000);
		out_scores[r] = (gint32)(score - score % affinity->step_micro);
	}
}
