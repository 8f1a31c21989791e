/* lists.c - the lists of a published instance: scores, conflicts, loads, demands, attributes.
 *
 * The people: whoever stands in scores, loads or attributes; the projects: whatever stands in scores or demands. Conflicts with others say nothing.
 */
#include <string.h>

#include "match/match.h"

typedef struct {
	Instance *x;
	GArray *scores, *conflicts; /* Place */
	GHashTable *seen;	    /* reviewers whose attributes were read */
	GPtrArray *columns;	    /* of the attributes */
} Lists;

static gboolean
score_row(char **field, guint64 row, gpointer data)
{
	Lists *lists = data;
	Place pair = {.row = row};

	if (field[0][0] == '\0' || field[1][0] == '\0' || !micro_parse(field[2], &pair.score))
		return FALSE;
	pair.project = instance_project(lists->x, field[0]);
	pair.reviewer = instance_reviewer(lists->x, field[1]);
	g_array_append_val(lists->scores, pair);
	return TRUE;
}

static gboolean
conflict_row(char **field, guint64 row, gpointer data)
{
	Lists *lists = data;
	Place pair = {.project = instance_find(lists->x->project_index, field[0]), .reviewer = instance_find(lists->x->reviewer_index, field[1]), .row = row};

	if (pair.project != NONE && pair.reviewer != NONE)
		g_array_append_val(lists->conflicts, pair);
	return field[0][0] != '\0' && field[1][0] != '\0';
}

static gboolean
load_row(char **field, guint64 row, gpointer data)
{
	Lists *lists = data;
	guint32 r;
	Reviewer *reviewer;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	r = instance_reviewer(lists->x, field[0]);
	reviewer = REVIEWER(lists->x, r);
	return reviewer->max_load == -1 && count_parse(field[1], &reviewer->min_load) && count_parse(field[2], &reviewer->max_load) &&
	       reviewer->min_load <= reviewer->max_load;
}

static gboolean
demand_row(char **field, guint64 row, gpointer data)
{
	Lists *lists = data;
	guint32 p;
	Project *project;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	p = instance_project(lists->x, field[0]);
	project = PROJECT(lists->x, p);
	if (project->demand != -1)
		return FALSE; /* twice */
	project->class_ = field[2] && field[2][0] ? g_strdup(field[2]) : NULL;
	project->team = field[3] && field[3][0] ? g_strdup(field[3]) : NULL;
	return count_parse(field[1], &project->demand);
}

static gboolean
attribute_row(char **field, guint64 row, gpointer data)
{
	Lists *lists = data;
	guint32 r;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	r = instance_reviewer(lists->x, field[0]);
	for (guint i = 0; i < lists->x->attributes->len; i++)
		attribute_set(&g_array_index(lists->x->attributes, Attribute, i), r, field[i + 1]);
	return g_hash_table_add(lists->seen, GUINT_TO_POINTER(r + 1));
}

static gboolean
number_option(const char *text, const char *name, gint64 *out)
{
	return text == NULL || count_parse(text, out) || verdict_reject("--%s is not a number that makes sense", name);
}

/* Conflicts and scores to their projects; what is in conflict is no offer. */
static gboolean
hand_out(Lists *lists)
{
	Instance *x = lists->x;

	g_array_sort(lists->scores, place_compare);
	g_array_sort(lists->conflicts, place_compare);
	for (guint i = 0, end; i < lists->conflicts->len; i = end) {
		Project *project = PROJECT(x, PLACE(lists->conflicts, i)->project);

		for (end = i; end < lists->conflicts->len && PLACE(lists->conflicts, end)->project == PLACE(lists->conflicts, i)->project; end++)
			;
		project->barred = g_new(guint32, end - i);
		for (guint k = i; k < end; k++)
			if (k == i || PLACE(lists->conflicts, k)->reviewer != PLACE(lists->conflicts, k - 1)->reviewer)
				project->barred[project->n_barred++] = PLACE(lists->conflicts, k)->reviewer;
	}
	for (guint i = 0, end; i < lists->scores->len; i = end) {
		Project *project = PROJECT(x, PLACE(lists->scores, i)->project);

		for (end = i; end < lists->scores->len && PLACE(lists->scores, end)->project == PLACE(lists->scores, i)->project; end++)
			;
		project->offer = g_new(Offer, end - i);
		for (guint k = i; k < end; k++) {
			const Place *pair = PLACE(lists->scores, k);

			if (k > i && pair->reviewer == pair[-1].reviewer)
				return verdict_reject("scores: rows %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " give the same pair", pair[-1].row, pair->row);
			if (!project_bars(project, pair->reviewer))
				project->offer[project->n_offers++] = (Offer){pair->reviewer, pair->score, 0};
		}
	}
	return TRUE;
}

static gboolean
settle(Instance *x, const MatchOptions *o, gint64 demand, gint64 min_load, gint64 max_load)
{
	gint64 missing = 0;

	if (!number_option(o->demand, "demand", &demand) || !number_option(o->min_load, "min-load", &min_load) ||
	    !number_option(o->max_load, "max-load", &max_load))
		return FALSE;
	if (o->missing_score && !micro_parse(o->missing_score, &missing))
		return verdict_reject("--missing-score is not a number that makes sense");
	for (guint p = 0; p < x->projects->len; p++) {
		Project *project = PROJECT(x, p);

		project->demand = project->demand == -1 ? demand : project->demand;
		project->rest = o->missing_score ? REST_REAL : REST_NONE;
		project->rest_score = missing;
		if (project->demand == -1)
			return verdict_reject("a project's demand is given neither in a list nor by an option");
	}
	for (guint r = 0; r < x->reviewers->len; r++) {
		Reviewer *reviewer = REVIEWER(x, r);

		if (reviewer->max_load == -1)
			reviewer->max_load = max_load, reviewer->min_load = MIN(min_load, max_load);
		if (reviewer->max_load == -1)
			return verdict_reject("a reviewer's maximum load is given neither in a list nor by an option");
	}
	return TRUE;
}

static gboolean
read_policy(const MatchOptions *o, Instance *x, Policy *policy, Lists *lists)
{
	gboolean standard = g_strcmp0(o->policy, "standard") == 0; /* shipped with veil; it asks for no panel rule here */
	g_autofree char *text = NULL, *label = o->policy ? g_path_get_basename(o->policy) : g_strdup("");
	gsize len = 0;

	if (o->policy && !standard && !read_whole_file(o->policy, &text, &len))
		return FALSE;
	if (!policy_parse(text ? text : "", len, label, TRUE, policy))
		return FALSE;
	instance_attributes_of(x, policy);
	g_ptr_array_add(lists->columns, (gpointer) "reviewer");
	for (guint i = 0; i < x->attributes->len; i++)
		g_ptr_array_add(lists->columns, g_array_index(x->attributes, Attribute, i).name);
	g_ptr_array_add(lists->columns, NULL);
	return x->attributes->len == 0 || o->attributes != NULL ||
	       verdict_reject("the policy has a panel rule on %s: give --attributes", (const char *)lists->columns->pdata[1]);
}

gboolean
lists_read(const MatchOptions *o, Instance *x, Policy *policy, ListCounts *out_counts)
{
	static const char *const scores[] = {"project", "reviewer", "score", NULL}, *const conflicts[] = {"project", "reviewer", NULL};
	static const char *const loads[] = {"reviewer", "min", "max", NULL}, *const demands[] = {"project", "k", "?class", "?team", NULL};
	g_autoptr(GPtrArray) columns = g_ptr_array_new();
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(Place)), barred = g_array_new(FALSE, FALSE, sizeof(Place));
	Lists lists = {x, pairs, barred, seen, columns};
	gboolean given = o->policy != NULL;

	if (!read_policy(o, x, policy, &lists) || !csv_each(o->scores, scores, score_row, &lists) ||
	    (o->loads && !csv_each(o->loads, loads, load_row, &lists)) || (o->demands && !csv_each(o->demands, demands, demand_row, &lists)) ||
	    (o->attributes && !csv_each(o->attributes, (const char *const *)columns->pdata, attribute_row, &lists)) ||
	    (o->conflicts && !csv_each(o->conflicts, conflicts, conflict_row, &lists)))
		return FALSE;
	out_counts->scores = pairs->len;
	out_counts->conflicts = barred->len;
	return hand_out(&lists) && settle(x, o, given ? policy->demand : -1, given ? policy->min_load : 0, given ? policy->max_load : -1) &&
	       instance_rules(x, policy);
}
