/* instance.c - projects, reviewers and rules, worked out: the same for published lists and for a batch file. */
#include <string.h>

#include "problem/problem.h"

static void
clear_project(gpointer data)
{
	Project *project = data;

	g_free(project->id), g_free(project->class_), g_free(project->team), g_free(project->offer), g_free(project->barred);
}

static void
clear_reviewer(gpointer data)
{
	g_free(((Reviewer *)data)->id);
}

static void
clear_attribute(gpointer data)
{
	Attribute *attribute = data;

	g_free(attribute->name);
	g_hash_table_unref(attribute->number);
	g_ptr_array_unref(attribute->values);
	g_array_unref(attribute->of);
}

static void
clear_bound(gpointer data)
{
	Bound *bound = data;

	g_free(bound->label), g_free(bound->min), g_free(bound->max);
}

static void
clear_share(gpointer data)
{
	g_free(((Share *)data)->label);
}

void
instance_init(Instance *x)
{
	const struct {
		GArray **array;
		guint size;
		GDestroyNotify clear;
	} arrays[] = {{&x->projects, sizeof(Project), clear_project}, {&x->reviewers, sizeof(Reviewer), clear_reviewer},
		      {&x->attributes, sizeof(Attribute), clear_attribute}, {&x->bounds, sizeof(Bound), clear_bound},
		      {&x->shares, sizeof(Share), clear_share}};

	for (guint i = 0; i < G_N_ELEMENTS(arrays); i++) {
		*arrays[i].array = g_array_new(FALSE, TRUE, arrays[i].size);
		g_array_set_clear_func(*arrays[i].array, arrays[i].clear);
	}
	x->project_index = g_hash_table_new(g_str_hash, g_str_equal);
	x->reviewer_index = g_hash_table_new(g_str_hash, g_str_equal);
}

void
instance_clear(Instance *x)
{
	GArray **arrays[] = {&x->projects, &x->reviewers, &x->attributes, &x->bounds, &x->shares};

	for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
		g_clear_pointer(arrays[i], g_array_unref);
	g_clear_pointer(&x->project_index, g_hash_table_unref);
	g_clear_pointer(&x->reviewer_index, g_hash_table_unref);
}

guint32
instance_find(GHashTable *index, const char *id)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(index, id)) - 1; /* 0 - 1 is NONE */
}

guint32
instance_project(Instance *x, const char *id)
{
	guint32 known = instance_find(x->project_index, id);
	Project project = {.demand = -1, .leader = x->projects->len};

	if (known != NONE)
		return known;
	project.id = g_strdup(id);
	g_array_append_val(x->projects, project);
	g_hash_table_insert(x->project_index, project.id, GUINT_TO_POINTER(x->projects->len));
	return x->projects->len - 1;
}

guint32
instance_reviewer(Instance *x, const char *id)
{
	guint32 known = instance_find(x->reviewer_index, id);
	Reviewer reviewer = {NULL, -1, -1, 0};

	if (known != NONE)
		return known;
	reviewer.id = g_strdup(id);
	g_array_append_val(x->reviewers, reviewer);
	g_hash_table_insert(x->reviewer_index, reviewer.id, GUINT_TO_POINTER(x->reviewers->len));
	return x->reviewers->len - 1;
}

const Offer *
project_offer(const Project *project, guint32 reviewer)
{
	guint32 low = 0, high = project->n_offers;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;

		if (project->offer[middle].reviewer < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < project->n_offers && project->offer[low].reviewer == reviewer ? &project->offer[low] : NULL;
}

gboolean
project_bars(const Project *project, guint32 reviewer)
{
	guint32 low = 0, high = project->n_barred;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;

		if (project->barred[middle] < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < project->n_barred && project->barred[low] == reviewer;
}

gboolean
instance_has_teams(const Instance *x)
{
	for (guint32 p = 0; p < x->projects->len; p++)
		if (PROJECT(x, p)->leader != p)
			return TRUE;
	return FALSE;
}

int
place_compare(gconstpointer a, gconstpointer b)
{
	const Place *x = a, *y = b;

	return x->project != y->project ? (x->project > y->project ? 1 : -1) : (x->reviewer > y->reviewer) - (x->reviewer < y->reviewer);
}

/* --- attributes --------------------------------------------------------------------------------------------------- */

Attribute *
instance_attribute(Instance *x, const char *name)
{
	for (guint i = 0; i < x->attributes->len; i++)
		if (strcmp(g_array_index(x->attributes, Attribute, i).name, name) == 0)
			return &g_array_index(x->attributes, Attribute, i);
	return NULL;
}

void
instance_attributes_of(Instance *x, const Policy *policy)
{
	const GArray *lists[] = {policy->panels, policy->shares};

	for (guint k = 0; k < 2; k++)
		for (guint i = 0; lists[k] && i < lists[k]->len; i++) {
			const char *name = g_array_index(lists[k], PanelRule, i).attribute;
			Attribute attribute = {.name = NULL};

			if (name == NULL || name[0] == '\0' || instance_attribute(x, name))
				continue;
			attribute.name = g_strdup(name);
			attribute.number = g_hash_table_new(g_str_hash, g_str_equal);
			attribute.values = g_ptr_array_new_with_free_func(g_free);
			attribute.of = g_array_new(FALSE, TRUE, sizeof(guint32));
			g_array_append_val(x->attributes, attribute);
		}
}

void
attribute_set(Attribute *attribute, guint32 reviewer, const char *value)
{
	guint32 number;

	if (attribute == NULL || value == NULL || value[0] == '\0')
		return; /* a missing attribute never equals another */
	number = GPOINTER_TO_UINT(g_hash_table_lookup(attribute->number, value));
	if (number == 0) {
		g_ptr_array_add(attribute->values, g_strdup(value));
		number = attribute->values->len;
		g_hash_table_insert(attribute->number, attribute->values->pdata[number - 1], GUINT_TO_POINTER(number));
	}
	if (attribute->of->len <= reviewer)
		g_array_set_size(attribute->of, reviewer + 1);
	g_array_index(attribute->of, guint32, reviewer) = number;
}

guint32
bound_label(const Instance *x, const Bound *bound, guint32 p, guint32 reviewer)
{
	const Offer *offer = bound->mark ? project_offer(PROJECT(x, p), reviewer) : NULL;

	return bound->mark ? offer && (offer->mark & bound->mark) : bound->label[reviewer];
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

/* Who counts for the rule. */
static guint32 *
labels_of(Instance *x, const PanelRule *rule)
{
	const Attribute *attribute = instance_attribute(x, rule->attribute ? rule->attribute : "");
	guint32 *label = g_new0(guint32, x->reviewers->len + 1);

	for (guint32 r = 0; attribute && r < attribute->of->len; r++) {
		guint32 number = g_array_index(attribute->of, guint32, r);
		const char *said = number ? attribute->values->pdata[number - 1] : NULL;

		if (number == 0 || rule->value[0] == '\0')
			label[r] = number;
		else
			label[r] = rule->value[0] == '!' ? strcmp(said, rule->value + 1) != 0 : strcmp(said, rule->value) == 0;
	}
	return label;
}

static gint64
part(gint64 share, gint64 places, gboolean up)
{
	return (gint64)(((Wide)share * places + (up ? MILLION - 1 : 0)) / MILLION);
}

static gboolean
binds(const PanelRule *rule, const Project *project)
{
	if (project->demand == 0)
		return FALSE;
	return rule->classes[0] == NULL || rule->classes[0][0] == '\0' ||
	       (project->class_ && g_strv_contains((const char *const *)rule->classes, project->class_));
}

void
rule_range(const PanelRule *rule, const Project *project, gint64 places, gint64 *out_min, gint64 *out_max)
{
	*out_min = 0;
	*out_max = G_MAXINT64;
	if (!binds(rule, project))
		return;
	*out_min = MAX(MAX(rule->min, 0), rule->min_share > 0 ? part(rule->min_share, places, TRUE) : 0);
	if (rule->max >= 0)
		*out_max = rule->max;
	if (rule->max_share >= 0)
		*out_max = MIN(*out_max, part(rule->max_share, places, FALSE));
}

static gboolean
add_bound(Instance *x, const PanelRule *rule)
{
	guint n = x->projects->len;
	gboolean peer = x->marked && strcmp(rule->attribute, "peer") == 0;
	Bound bound = {rule, peer ? NULL : labels_of(x, rule), 0, !peer && rule->value[0] == '\0', g_new0(gint64, n + 1), g_new(gint64, n + 1)};

	if (peer)
		bound.mark = strcmp(rule->value, "leaf") == 0 ? MARK_LEAF : strcmp(rule->value, "near") == 0 ? MARK_NEAR : 0;
	if (peer && (bound.mark == 0 || rule->max >= 0 || rule->max_share >= 0)) {
		clear_bound(&bound);
		return verdict_reject("policy: rule %s asks of peer level what no batch can hold", rule->name);
	}
	g_array_append_val(x->bounds, bound);
	for (guint p = 0; p < n; p++) {
		const Project *project = PROJECT(x, p);

		rule_range(rule, project, project->demand, &bound.min[p], &bound.max[p]);
		if (rule->odd && binds(rule, project) && project->demand % 2 == 0)
			return verdict_reject("project %s: rule %s asks for an odd panel, its demand is %" G_GINT64_FORMAT, project->id, rule->name, project->demand);
	}
	return TRUE;
}

static gboolean
find_teams(Instance *x)
{
	g_autoptr(GHashTable) leaders = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint p = 0; p < x->projects->len; p++) {
		Project *project = PROJECT(x, p);

		if (project->team == NULL)
			continue;
		if (!g_hash_table_contains(leaders, project->team))
			g_hash_table_insert(leaders, project->team, GUINT_TO_POINTER(p + 1));
		project->leader = GPOINTER_TO_UINT(g_hash_table_lookup(leaders, project->team)) - 1;
		if (project->demand != PROJECT(x, project->leader)->demand)
			return verdict_reject("project %s is in a team with %s, but their demands differ", project->id, PROJECT(x, project->leader)->id);
	}
	return TRUE;
}

gboolean
instance_rules(Instance *x, const Policy *policy)
{
	Wide places = 0;

	for (guint p = 0; p < x->projects->len; p++)
		places += PROJECT(x, p)->demand;
	for (guint i = 0; policy->panels && i < policy->panels->len; i++)
		if (!add_bound(x, &g_array_index(policy->panels, PanelRule, i)))
			return FALSE;
	for (guint i = 0; policy->shares && i < policy->shares->len; i++) {
		const PanelRule *rule = &g_array_index(policy->shares, PanelRule, i);
		Share share = {rule, labels_of(x, rule), 0, G_MAXINT64};

		share.min = rule->min_share > 0 ? part(rule->min_share, (gint64)places, TRUE) : 0;
		share.max = rule->max_share >= 0 ? part(rule->max_share, (gint64)places, FALSE) : (gint64)places;
		g_array_append_val(x->shares, share);
	}
	return find_teams(x);
}
