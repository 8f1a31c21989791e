/* freeze-places.c - codes, and the order they give.
 *
 * Codes are keyed and random, so their order is nobody's: reviewers and projects take their places in the batch by it, and no list, index or
 * tie depends on when somebody was entered.
 */
#include <string.h>

#include "freeze/freeze.h"

static int
compare_by_code(gconstpointer a, gconstpointer b, gpointer data)
{
	const char(*codes)[VEIL_CODE_CHARS + 1] = data;

	return strcmp(codes[*(const guint32 *)a], codes[*(const guint32 *)b]);
}

static gboolean
is_everywhere(const VeilExclusions *exclusions, guint32 person)
{
	guint32 low = 0, high = exclusions->n_everywhere;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;

		if (exclusions->everywhere[middle].person < person)
			low = middle + 1;
		else
			high = middle;
	}
	return low < exclusions->n_everywhere && exclusions->everywhere[low].person == person;
}

static gboolean
may_be_drawn(const VeilFreezeInput *input, const VeilExclusions *exclusions, guint32 person)
{
	const VeilPerson *p = veil_facts_at(input->facts->persons, VeilPerson, person);

	return p->in_pool && p->active && p->max_load != 0 && input->policy->max_load > 0 && !is_everywhere(exclusions, person);
}

VeilPlaces *
veil_places_new(const VeilFreezeInput *input, const VeilExclusions *exclusions)
{
	const VeilFacts *facts = input->facts;
	guint32 n_persons = facts->persons->len;
	VeilPlaces *places = g_new0(VeilPlaces, 1);

	places->reviewer_code = g_malloc0_n(MAX(n_persons, 1), sizeof *places->reviewer_code);
	places->reviewer_person = g_new(guint32, MAX(n_persons, 1));
	places->person_reviewer = g_new(guint32, MAX(n_persons, 1));
	for (guint32 i = 0; i < n_persons; i++) {
		const VeilPerson *p = veil_facts_at(facts->persons, VeilPerson, i);

		places->person_reviewer[i] = VEIL_NONE;
		if (!p->in_pool)
			continue;
		veil_code(input->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &p->id, places->reviewer_code[i]);
		if (may_be_drawn(input, exclusions, i))
			places->reviewer_person[places->n_reviewers++] = i;
	}
	g_qsort_with_data(places->reviewer_person, (gint)places->n_reviewers, sizeof(guint32), compare_by_code,
			  places->reviewer_code);
	for (guint32 r = 0; r < places->n_reviewers; r++)
		places->person_reviewer[places->reviewer_person[r]] = r;

	places->n_projects = facts->projects->len;
	places->project_code = g_malloc0_n(MAX(places->n_projects, 1), sizeof *places->project_code);
	places->project_fact = g_new(guint32, MAX(places->n_projects, 1));
	for (guint32 p = 0; p < places->n_projects; p++) {
		veil_code(input->key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_DRAWER,
			  &veil_facts_at(facts->projects, VeilProject, p)->id, places->project_code[p]);
		places->project_fact[p] = p;
	}
	g_qsort_with_data(places->project_fact, (gint)places->n_projects, sizeof(guint32), compare_by_code,
			  places->project_code);
	return places;
}

void
veil_places_free(VeilPlaces *places)
{
	if (places == NULL)
		return;
	g_free(places->reviewer_person);
	g_free(places->person_reviewer);
	g_free(places->project_fact);
	g_free(places->reviewer_code);
	g_free(places->project_code);
	g_free(places);
}
