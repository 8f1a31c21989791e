/* instance.c - from the batch file to the matching problem.
 *
 * Freeze, check, draw and replacement must solve the very same problem, so there is one place that makes it. The one rule that every batch has, at most one
 * of an employer, is the instance's group: the solver knows it best. Every other rule is a bound.
 */
#include "solve/instance.h"

#include <string.h>

#include <json-glib/json-glib.h>

/* --- attributes ---------------------------------------------------------------------------------------------------- */

static const char *
further_column(const VeilBatch *batch, const char *attributes, const char *name)
{
	g_autoptr(JsonParser) parser = NULL;
	JsonNode *root, *member;

	if (attributes == NULL)
		return NULL;
	parser = json_parser_new();
	if (!json_parser_load_from_data(parser, attributes, -1, NULL) || (root = json_parser_get_root(parser)) == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	member = json_object_get_member(json_node_get_object(root), name);
	if (member == NULL || !JSON_NODE_HOLDS_VALUE(member) || json_node_get_value_type(member) != G_TYPE_STRING)
		return NULL;
	return g_string_chunk_insert_const(batch->strings, json_node_get_string(member));
}

const char *
veil_batch_said(const VeilBatch *batch, guint32 reviewer, const char *attribute)
{
	const VeilBatchReviewer *r = &batch->reviewers[reviewer];

	if (strcmp(attribute, "employer") == 0)
		return *r->employer ? r->employer : NULL;
	if (strcmp(attribute, "kind") == 0)
		return r->kind;
	if (strcmp(attribute, "province") == 0)
		return r->province;
	if (strcmp(attribute, "rank") == 0)
		return r->rank;
	return further_column(batch, r->attributes, attribute);
}

/* --- labels -------------------------------------------------------------------------------------------------------- */

static gpointer
own(VeilBatchInstance *out, gpointer array)
{
	g_ptr_array_add(out->arrays, array);
	return array;
}

/* Each value its number, in the order in which codes say them; 0: not said. */
static guint32 *
number_values(const VeilBatch *batch, const char *attribute)
{
	g_autoptr(GHashTable) numbers = g_hash_table_new(g_str_hash, g_str_equal);
	guint32 *label = g_new0(guint32, MAX(batch->n_reviewers, 1));

	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		const char *said = veil_batch_said(batch, r, attribute);
		gpointer number;

		if (said == NULL || *said == '\0')
			continue;
		number = g_hash_table_lookup(numbers, said);
		if (number == NULL) {
			number = GUINT_TO_POINTER(g_hash_table_size(numbers) + 1);
			g_hash_table_insert(numbers, (gpointer)said, number);
		}
		label[r] = GPOINTER_TO_UINT(number);
	}
	return label;
}

static guint32 *
mark_value(const VeilBatch *batch, const char *attribute, const char *value)
{
	guint32 *label = g_new0(guint32, MAX(batch->n_reviewers, 1));

	for (guint32 r = 0; r < batch->n_reviewers; r++)
		label[r] = veil_rule_value_counts(value, veil_batch_said(batch, r, attribute));
	return label;
}

/* --- rules --------------------------------------------------------------------------------------------------------- */

static gboolean
says_nothing(const VeilPanelRule *rule)
{
	return rule->max < 0 && rule->min < 0 && rule->min_share_micro < 0 && rule->max_share_micro < 0;
}

static gboolean
is_one_per_employer(const VeilPanelRule *rule)
{
	return *rule->classes == NULL && strcmp(rule->attribute, "employer") == 0 && *rule->value == '\0' && rule->max == 1 && rule->min < 0 &&
	       rule->min_share_micro < 0 && rule->max_share_micro < 0;
}

guint8
veil_peer_mark(const VeilPanelRule *rule)
{
	if (strcmp(rule->attribute, "peer") != 0)
		return 0;
	return strcmp(rule->value, "leaf") == 0 ? VEIL_MARK_LEAF : strcmp(rule->value, "near") == 0 ? VEIL_MARK_NEAR : VEIL_MARK_NOBODY;
}

static void
add_bound(VeilBatchInstance *out, const VeilBatch *batch, const VeilPanelRule *rule, VeilPanelBound *bound)
{
	guint8 pairs = veil_peer_mark(rule);
	gboolean each = pairs == 0 && *rule->value == '\0';
	guint32 *min = own(out, g_new0(guint32, MAX(batch->n_projects, 1))), *max = own(out, g_new(guint32, MAX(batch->n_projects, 1)));

	for (guint32 p = 0; p < batch->n_projects; p++) {
		max[p] = G_MAXUINT32;
		if (veil_panel_rule_binds(rule, batch->projects[p].project_class))
			veil_panel_rule_counts(rule, out->demand[p], &min[p], &max[p]);
	}
	*bound = (VeilPanelBound){
		.label = pairs ? NULL : own(out, each ? number_values(batch, rule->attribute) : mark_value(batch, rule->attribute, rule->value)),
		.pairs = pairs,
		.each = each,
		.min = each ? NULL : min,
		.max = max,
	};
	g_ptr_array_add(out->bound_names, rule->name);
}

static void
add_rules(VeilBatchInstance *out, const VeilBatch *batch, const VeilPolicy *policy)
{
	guint64 places = 0;

	out->bounds = g_new0(VeilPanelBound, MAX(policy->n_panel, 1));
	out->shares = g_new0(VeilBatchShare, MAX(policy->n_share, 1));
	for (guint i = 0; i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];

		if (says_nothing(rule))
			continue;
		if (out->group == NULL && is_one_per_employer(rule))
			out->group = number_values(batch, "employer");
		else
			add_bound(out, batch, rule, &out->bounds[out->instance.n_bounds++]);
	}
	for (guint32 p = 0; p < batch->n_projects; p++)
		places += out->demand[p];
	for (guint i = 0; i < policy->n_share; i++) {
		const VeilShareRule *rule = &policy->share[i];
		VeilBatchShare *share = &out->shares[out->instance.n_shares++];

		share->label = own(out, mark_value(batch, rule->attribute, rule->value));
		veil_share_rule_counts(rule, places, &share->min_places, &share->max_places);
		share->max_places = MIN(share->max_places, places); /* none: all of them */
		g_ptr_array_add(out->share_names, rule->name);
	}
}

/* --- teams --------------------------------------------------------------------------------------------------------- */

static void
number_teams(VeilBatchInstance *out, const VeilBatch *batch)
{
	g_autoptr(GHashTable) numbers = g_hash_table_new(g_str_hash, g_str_equal);

	out->team = g_new0(guint32, MAX(batch->n_projects, 1));
	for (guint32 p = 0; p < batch->n_projects; p++) {
		const char *team = batch->projects[p].team;

		if (team == NULL)
			continue;
		if (!g_hash_table_contains(numbers, team))
			g_hash_table_insert(numbers, (gpointer)team, GUINT_TO_POINTER(g_hash_table_size(numbers) + 1));
		out->team[p] = GPOINTER_TO_UINT(g_hash_table_lookup(numbers, team));
	}
	if (g_hash_table_size(numbers) == 0)
		g_clear_pointer(&out->team, g_free);
}

/* Only who is listed for every project of a team stays; whom that costs his place on a list is bounded by the cut from then on. */
static void
intersect_lists(VeilBatchInstance *out, const VeilBatch *batch)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal); /* team, reviewer -> projects that list him */
	g_autofree guint32 *size = g_new0(guint32, batch->n_projects + 1);
	guint64 kept = 0;

	for (guint32 p = 0; p < batch->n_projects; p++) {
		size[out->team[p]] += out->team[p] != 0;
		for (guint64 k = batch->offset[p]; out->team[p] != 0 && k < batch->offset[p + 1]; k++) {
			gpointer key = GSIZE_TO_POINTER((gsize)out->team[p] << 32 | batch->reviewer[k]);

			g_hash_table_insert(seen, key, GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(seen, key)) + 1));
		}
	}
	out->offset = g_new0(guint64, batch->n_projects + 1);
	out->reviewer = g_new(guint32, batch->offset[batch->n_projects] + 1);
	out->score = g_new(gint64, batch->offset[batch->n_projects] + 1);
	out->mark = batch->mark ? g_new(guint8, batch->offset[batch->n_projects] + 1) : NULL;
	for (guint32 p = 0; p < batch->n_projects; p++) {
		for (guint64 k = batch->offset[p]; k < batch->offset[p + 1]; k++) {
			gpointer key = GSIZE_TO_POINTER((gsize)out->team[p] << 32 | batch->reviewer[k]);

			if (out->team[p] != 0 && GPOINTER_TO_UINT(g_hash_table_lookup(seen, key)) < size[out->team[p]]) {
				out->cut[p] = MAX(out->cut[p], batch->score[k]);
				continue;
			}
			out->reviewer[kept] = batch->reviewer[k];
			if (out->mark != NULL)
				out->mark[kept] = batch->mark[k];
			out->score[kept++] = batch->score[k];
		}
		out->offset[p + 1] = kept;
	}
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

static void
begin(VeilBatchInstance *out)
{
	memset(out, 0, sizeof *out);
	out->arrays = g_ptr_array_new_with_free_func(g_free);
	out->bound_names = g_ptr_array_new();
	out->share_names = g_ptr_array_new();
}

/* instance's pointers, from what is here and what the base has. */
static void
point(VeilBatchInstance *out, const guint64 *offset, const guint32 *reviewer, const gint64 *score, const guint8 *mark)
{
	VeilInstance *in = &out->instance;

	in->demand = out->demand;
	in->min_load = out->min_load;
	in->max_load = out->max_load;
	in->cut = out->cut;
	in->group = out->group;
	in->team = out->team;
	in->bounds = in->n_bounds ? out->bounds : NULL;
	in->shares = in->n_shares ? out->shares : NULL;
	in->offset = out->offset ? out->offset : offset;
	in->reviewer = out->offset ? out->reviewer : reviewer;
	in->score = out->offset ? out->score : score;
	in->mark = out->offset ? out->mark : mark;
}

void
veil_batch_instance_init(VeilBatchInstance *out, const VeilBatch *batch, const VeilPolicy *policy, const guint32 *demand)
{
	guint32 n_p = batch->n_projects, n_r = batch->n_reviewers;

	begin(out);
	out->demand = g_new(guint32, MAX(n_p, 1));
	out->cut = g_new(gint64, MAX(n_p, 1));
	out->min_load = g_new(guint32, MAX(n_r, 1));
	out->max_load = g_new(guint32, MAX(n_r, 1));
	for (guint32 p = 0; p < n_p; p++) {
		out->demand[p] = demand ? demand[p] : batch->projects[p].demand;
		out->cut[p] = batch->projects[p].cut < 0 ? VEIL_NO_CUT : batch->projects[p].cut;
	}
	for (guint32 r = 0; r < n_r; r++) {
		out->min_load[r] = batch->reviewers[r].min_load;
		out->max_load[r] = batch->reviewers[r].max_load;
	}
	out->instance.n_projects = n_p;
	out->instance.n_reviewers = n_r;
	add_rules(out, batch, policy);
	number_teams(out, batch);
	if (out->team != NULL && batch->reviewer != NULL)
		intersect_lists(out, batch);
	point(out, batch->offset, batch->reviewer, batch->score, batch->mark);
}

void
veil_batch_instance_clear(VeilBatchInstance *instance)
{
	g_free(instance->demand);
	g_free(instance->cut);
	g_free(instance->min_load);
	g_free(instance->max_load);
	g_free(instance->group);
	g_free(instance->team);
	g_free(instance->offset);
	g_free(instance->reviewer);
	g_free(instance->score);
	g_free(instance->mark);
	g_free(instance->bounds);
	g_free(instance->shares);
	g_clear_pointer(&instance->arrays, g_ptr_array_unref);
	g_clear_pointer(&instance->bound_names, g_ptr_array_unref);
	g_clear_pointer(&instance->share_names, g_ptr_array_unref);
	memset(instance, 0, sizeof *instance);
}

/* --- what is left -------------------------------------------------------------------------------------------------- */

/* The held of each project: n_projects + 1. */
static guint64 *
index_held(guint32 n_projects, const VeilHeld *held, guint64 n_held)
{
	guint64 *start = g_new0(guint64, n_projects + 1);

	for (guint64 i = 0; i < n_held; i++)
		start[held[i].project + 1]++;
	for (guint32 p = 0; p < n_projects; p++)
		start[p + 1] += start[p];
	return start;
}

/* How many of the held count for this value (each) or for the rule at all. */
static guint32
count_label(const VeilInstance *in, const VeilPanelBound *bound, guint32 value, const VeilHeld *held, guint64 n, int least)
{
	guint32 count = 0;

	for (guint64 i = 0; i < n; i++) {
		guint32 label = veil_bound_of(in, bound, held[i].project, held[i].reviewer);

		count += (int)held[i].as >= least && label != 0 && (value == 0 || label == value);
	}
	return count;
}

/* Whether held places leave a candidate no room, whoever else may come. */
static gboolean
is_shut_out(const VeilInstance *in, guint32 p, guint32 reviewer, const VeilHeld *held, guint64 n)
{
	for (guint64 i = 0; i < n; i++)
		if (held[i].reviewer == reviewer ||
		    (in->group != NULL && held[i].as != VEIL_HELD_BARRED && in->group[reviewer] != 0 && in->group[reviewer] == in->group[held[i].reviewer]))
			return TRUE;
	for (guint32 b = 0; b < in->n_bounds; b++) {
		const VeilPanelBound *bound = &in->bounds[b];
		guint32 label;

		if (bound->max == NULL || bound->max[p] == G_MAXUINT32 || (label = veil_bound_of(in, bound, p, reviewer)) == 0)
			continue;
		if (count_label(in, bound, bound->each ? label : 0, held, n, VEIL_HELD_RESERVE) >= bound->max[p])
			return TRUE;
	}
	return FALSE;
}

/* The next project of the same team, the first behind the last; itself where there is no other. */
static guint32 *
ring_of_teams(const VeilBatchInstance *out, guint32 n_projects)
{
	guint32 *next = g_new(guint32, (gsize)n_projects + 1);
	g_autofree guint32 *first = g_new(guint32, (gsize)n_projects + 2), *last = g_new(guint32, (gsize)n_projects + 2); /* by team, whose numbers begin at 1 */

	memset(first, 0xff, sizeof *first * ((gsize)n_projects + 2));
	for (guint32 p = 0; p < n_projects; p++) {
		guint32 team = out->team ? out->team[p] : 0;

		next[p] = p;
		if (team == 0)
			continue;
		if (first[team] == G_MAXUINT32)
			first[team] = p;
		else
			next[last[team]] = p;
		next[p] = first[team];
		last[team] = p;
	}
	return next;
}

/* A team has one panel: whom one of its projects has no room for sits on none. */
static gboolean
is_shut_out_of_team(const VeilInstance *in, const guint32 *next, guint32 p, guint32 reviewer, const VeilHeld *held, const guint64 *start)
{
	guint32 q = p;

	do {
		if (is_shut_out(in, q, reviewer, held + start[q], start[q + 1] - start[q]))
			return TRUE;
		q = next[q];
	} while (q != p);
	return FALSE;
}

static void
copy_lists(VeilBatchInstance *out, const VeilInstance *in, const VeilHeld *held, const guint64 *start)
{
	g_autofree guint32 *next = ring_of_teams(out, in->n_projects);
	guint64 kept = 0;

	out->offset = g_new0(guint64, in->n_projects + 1);
	out->reviewer = g_new(guint32, in->offset[in->n_projects] + 1);
	out->score = g_new(gint64, in->offset[in->n_projects] + 1);
	out->mark = in->mark ? g_new(guint8, in->offset[in->n_projects] + 1) : NULL;
	for (guint32 p = 0; p < in->n_projects; p++) {
		for (guint64 k = in->offset[p]; out->demand[p] > 0 && k < in->offset[p + 1]; k++) {
			if (out->max_load[in->reviewer[k]] == 0 || is_shut_out_of_team(in, next, p, in->reviewer[k], held, start))
				continue;
			out->reviewer[kept] = in->reviewer[k];
			if (out->mark != NULL)
				out->mark[kept] = in->mark[k];
			out->score[kept++] = in->score[k];
		}
		out->offset[p + 1] = kept;
	}
}

/* The maximum for each value that no value passes: full ones are not on the list any more. */
static guint32
room_of_each(const VeilInstance *in, const VeilPanelBound *bound, guint32 max, const VeilHeld *held, guint64 n)
{
	guint32 fullest = 0;

	for (guint64 i = 0; i < n; i++) {
		guint32 value = bound->label[held[i].reviewer], count = value ? count_label(in, bound, value, held, n, VEIL_HELD_RESERVE) : 0;

		if (count < max)
			fullest = MAX(fullest, count);
	}
	return max - fullest;
}

static void
rest_bound(VeilBatchInstance *out, const VeilInstance *in, guint32 b, const VeilHeld *held, const guint64 *start, gboolean minima)
{
	const VeilPanelBound *bound = &in->bounds[b];
	guint32 *min = own(out, g_new0(guint32, MAX(in->n_projects, 1))), *max = own(out, g_new(guint32, MAX(in->n_projects, 1)));

	for (guint32 p = 0; p < in->n_projects; p++) {
		const VeilHeld *mine = held + start[p];
		guint64 n = start[p + 1] - start[p];
		guint32 top = bound->max ? bound->max[p] : G_MAXUINT32;

		max[p] = top == G_MAXUINT32 ? top : bound->each ? room_of_each(in, bound, top, mine, n)
								: top - MIN(top, count_label(in, bound, 0, mine, n, VEIL_HELD_RESERVE));
		if (minima && bound->min != NULL && out->demand[p] > 0)
			min[p] = bound->min[p] - MIN(bound->min[p], count_label(in, bound, 0, mine, n, VEIL_HELD_PANEL));
	}
	out->bounds[b] = (VeilPanelBound){.label = bound->label, .pairs = bound->pairs, .each = bound->each, .min = bound->each ? NULL : min, .max = max};
}

void
veil_batch_instance_rest(VeilBatchInstance *out, const VeilBatchInstance *full, const guint32 *demand, const guint32 *loads_left,
			 const VeilHeld *held, guint64 n_held, gboolean minima)
{
	const VeilInstance *in = &full->instance;
	g_autofree guint64 *start = index_held(in->n_projects, held, n_held);

	begin(out);
	out->instance.n_projects = in->n_projects;
	out->instance.n_reviewers = in->n_reviewers;
	out->demand = g_memdup2(demand, sizeof *demand * MAX(in->n_projects, 1));
	out->max_load = g_memdup2(loads_left, sizeof *loads_left * MAX(in->n_reviewers, 1));
	out->min_load = g_new0(guint32, MAX(in->n_reviewers, 1));
	out->cut = g_memdup2(full->cut, sizeof *full->cut * MAX(in->n_projects, 1));
	out->group = full->group ? g_memdup2(full->group, sizeof *full->group * MAX(in->n_reviewers, 1)) : NULL;
	out->team = full->team ? g_memdup2(full->team, sizeof *full->team * MAX(in->n_projects, 1)) : NULL;
	for (guint32 p = 0; out->team != NULL && p < in->n_projects; p++)
		if (demand[p] == 0) /* withdrawn, or nothing asked for its team: it shares nothing now */
			out->team[p] = 0;
	out->bounds = g_new0(VeilPanelBound, MAX(in->n_bounds, 1));
	out->instance.n_bounds = in->n_bounds;
	copy_lists(out, in, held, start);
	for (guint32 b = 0; b < in->n_bounds; b++) {
		rest_bound(out, in, b, held, start, minima);
		g_ptr_array_add(out->bound_names, g_ptr_array_index(full->bound_names, b));
	}
	point(out, NULL, NULL, NULL, NULL);
}

/* --- one panel ----------------------------------------------------------------------------------------------------- */

static gboolean
bound_fits(const VeilInstance *in, const VeilPanelBound *bound, guint32 p, guint32 seats, const guint32 *people, guint32 n)
{
	guint32 max = bound->max ? bound->max[p] : G_MAXUINT32, min = bound->min ? bound->min[p] : 0, all = 0;

	for (guint32 i = 0; i < n; i++) {
		guint32 label = veil_bound_of(in, bound, p, people[i]), count = 0;

		all += label != 0;
		for (guint32 j = 0; bound->each && label != 0 && j < n; j++)
			count += bound->label[people[j]] == label;
		if (count > max)
			return FALSE;
	}
	if (bound->each)
		return TRUE;
	return all <= max && (min <= all || min - all <= seats - MIN(seats, n));
}

gboolean
veil_panel_fits(const VeilInstance *instance, guint32 p, const guint32 *people, guint32 n)
{
	for (guint32 i = 0; instance->group != NULL && i < n; i++)
		for (guint32 j = 0; j < i; j++)
			if (instance->group[people[i]] != 0 && instance->group[people[i]] == instance->group[people[j]])
				return FALSE;
	for (guint32 b = 0; b < instance->n_bounds; b++)
		if (!bound_fits(instance, &instance->bounds[b], p, instance->demand[p], people, n))
			return FALSE;
	return TRUE;
}
