/* instance.c - the lists of a published instance: scores, conflicts, loads, demands, attributes. */
#include <string.h>

#include "verify.h"

int
pair_compare(gconstpointer a, gconstpointer b)
{
	const Pair *x = a, *y = b;

	return x->project != y->project ? (x->project > y->project ? 1 : -1) : (x->reviewer > y->reviewer) - (x->reviewer < y->reviewer);
}

const Pair *
instance_find(const GArray *pairs, const guint64 *start, guint32 project, guint32 reviewer)
{
	guint64 low = start[project], high = start[project + 1];

	while (low < high) {
		guint64 middle = low + (high - low) / 2;

		if (g_array_index(pairs, Pair, middle).reviewer < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < start[project + 1] && g_array_index(pairs, Pair, low).reviewer == reviewer ? &g_array_index(pairs, Pair, low) : NULL;
}

static guint32
intern(GHashTable *index, GPtrArray *ids, const char *id)
{
	guint32 known = GPOINTER_TO_UINT(g_hash_table_lookup(index, id));
	char *copy;

	if (known)
		return known - 1;
	copy = g_strdup(id);
	g_ptr_array_add(ids, copy);
	g_hash_table_insert(index, copy, GUINT_TO_POINTER(ids->len));
	return ids->len - 1;
}

static void
grow(Match *m)
{
	static const gint64 unset = -1;
	static const guint32 none = 0;

	while (m->demand->len < m->x.projects->len)
		g_array_append_val(m->demand, unset);
	while (m->min_load->len < m->x.reviewers->len) {
		g_array_append_val(m->min_load, unset);
		g_array_append_val(m->max_load, unset);
		g_array_append_val(m->group, none);
	}
}

static gboolean
score_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	Pair pair = {.row = row};

	if (field[0][0] == '\0' || field[1][0] == '\0' || !micro_parse(field[2], &pair.score))
		return FALSE;
	pair.project = intern(m->x.project_index, m->x.projects, field[0]);
	pair.reviewer = intern(m->x.reviewer_index, m->x.reviewers, field[1]);
	g_array_append_val(m->x.scores, pair);
	return TRUE;
}

static gboolean
conflict_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.project_index, field[0]));
	guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.reviewer_index, field[1]));
	Pair pair = {p - 1, r - 1, 0, row};

	if (p && r)
		g_array_append_val(m->x.conflicts, pair);
	return field[0][0] != '\0' && field[1][0] != '\0';
}

static gboolean
load_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 r;
	gint64 *min, *max;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	r = intern(m->x.reviewer_index, m->x.reviewers, field[0]);
	grow(m);
	min = &g_array_index(m->min_load, gint64, r);
	max = &g_array_index(m->max_load, gint64, r);
	return *max == -1 && count_parse(field[1], min) && count_parse(field[2], max) && *min <= *max;
}

static gboolean
demand_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 p;
	gint64 *demand;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	p = intern(m->x.project_index, m->x.projects, field[0]);
	grow(m);
	demand = &g_array_index(m->demand, gint64, p);
	return *demand == -1 && count_parse(field[1], demand);
}

static gboolean
attribute_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 r, group;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	r = intern(m->x.reviewer_index, m->x.reviewers, field[0]);
	grow(m);
	if (!g_hash_table_add(m->seen, GUINT_TO_POINTER(r + 1)))
		return FALSE; /* twice */
	if (field[1] == NULL || field[1][0] == '\0')
		return TRUE; /* a missing attribute never equals another */
	group = GPOINTER_TO_UINT(g_hash_table_lookup(m->group_index, field[1]));
	if (group == 0)
		g_hash_table_insert(m->group_index, g_strdup(field[1]), GUINT_TO_POINTER(group = ++m->x.n_groups));
	g_array_index(m->group, guint32, r) = group;
	return TRUE;
}

/* Sorts by project and reviewer, marks where each project begins; repeats are dropped or, for scores, an error. */
static gboolean
index_pairs(GArray *pairs, guint32 n_projects, gboolean unique, guint64 **out_start)
{
	guint64 *start = g_new0(guint64, n_projects + 1), kept = 0;

	g_array_sort(pairs, pair_compare);
	for (guint64 i = 0; i < pairs->len; i++) {
		Pair pair = g_array_index(pairs, Pair, i);

		if (kept > 0 && pair_compare(&pair, &g_array_index(pairs, Pair, kept - 1)) == 0) {
			if (unique)
				verdict_reject("scores: rows %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " give the same pair", g_array_index(pairs, Pair, kept - 1).row, pair.row);
			continue;
		}
		g_array_index(pairs, Pair, kept++) = pair;
		start[pair.project + 1]++;
	}
	g_array_set_size(pairs, (guint)kept);
	for (guint32 p = 0; p < n_projects; p++)
		start[p + 1] += start[p];
	*out_start = start;
	return verdict_reason() == NULL;
}

static gboolean
number_option(const char *text, const char *name, gint64 *out)
{
	return text == NULL || count_parse(text, out) || verdict_reject("--%s is not a number that makes sense", name);
}

static gboolean
read_policy(Match *m)
{
	g_autofree char *text = NULL, *label = NULL;
	gsize len = 0;

	m->default_demand = m->default_max = -1;
	if (m->options->policy != NULL) {
		gboolean standard = strcmp(m->options->policy, "standard") == 0; /* shipped with veil; it asks for no panel rule here */

		label = g_path_get_basename(m->options->policy);
		if ((!standard && !read_whole_file(m->options->policy, &text, &len)) ||
		    !policy_parse(standard ? "" : text, len, label, TRUE, &m->policy))
			return FALSE;
		m->default_demand = m->policy.demand;
		m->default_min = m->policy.min_load;
		m->default_max = m->policy.max_load;
	}
	if (m->policy.group_attribute != NULL && m->options->attributes == NULL)
		return verdict_reject("the policy has a panel rule on %s: give --attributes", m->policy.group_attribute);
	if (m->options->missing_score != NULL && !micro_parse(m->options->missing_score, &m->x.missing))
		return verdict_reject("--missing-score is not a number that makes sense");
	m->x.has_missing = m->options->missing_score != NULL;
	return number_option(m->options->demand, "demand", &m->default_demand) &&
	       number_option(m->options->min_load, "min-load", &m->default_min) && number_option(m->options->max_load, "max-load", &m->default_max);
}

static gboolean
settle(GArray *values, gint64 otherwise, const char *what)
{
	for (guint i = 0; i < values->len; i++) {
		if (g_array_index(values, gint64, i) != -1)
			continue;
		if (otherwise == -1)
			return verdict_reject("%s is given neither in a list nor by an option", what);
		g_array_index(values, gint64, i) = otherwise;
	}
	return TRUE;
}

gboolean
instance_read(Match *m)
{
	static const char *const scores[] = {"project", "reviewer", "score", NULL}, *const conflicts[] = {"project", "reviewer", NULL};
	static const char *const loads[] = {"reviewer", "min", "max", NULL}, *const demands[] = {"project", "k", NULL};
	static const char *const attributes[] = {"reviewer", NULL};
	const MatchOptions *o = m->options;
	Instance *x = &m->x;

	if (!read_policy(m) || !csv_each(o->scores, scores, score_row, m) || (o->loads && !csv_each(o->loads, loads, load_row, m)) ||
	    (o->demands && !csv_each(o->demands, demands, demand_row, m)) ||
	    (o->attributes && !csv_each_with(o->attributes, attributes, m->policy.group_attribute, attribute_row, m)) ||
	    (o->conflicts && !csv_each(o->conflicts, conflicts, conflict_row, m)))
		return FALSE;
	grow(m);
	if (!settle(m->demand, m->default_demand, "a project's demand") || !settle(m->max_load, m->default_max, "a reviewer's maximum load"))
		return FALSE;
	for (guint r = 0; r < m->min_load->len; r++)
		if (g_array_index(m->min_load, gint64, r) == -1)
			g_array_index(m->min_load, gint64, r) = MIN(m->default_min, g_array_index(m->max_load, gint64, r));
	x->demand = (gint64 *)(gpointer)m->demand->data;
	x->min_load = (gint64 *)(gpointer)m->min_load->data;
	x->max_load = (gint64 *)(gpointer)m->max_load->data;
	x->group = (guint32 *)(gpointer)m->group->data;
	return index_pairs(x->scores, x->projects->len, TRUE, &x->score_start) &&
	       index_pairs(x->conflicts, x->projects->len, FALSE, &x->conflict_start);
}
