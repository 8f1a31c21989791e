/* match-rules.c - from a policy's panel rules and shares, and the columns they speak of, to the bounds of a published instance.
 *
 * One rule alone, at most one of any value of one attribute for every project, stays what it always was: a group, an exact flow, certificate 1.
 */
#include <string.h>

#include "match/match.h"

static const char *
said(const VeilPublishedFacts *facts, guint32 reviewer, guint column)
{
	const char *value = g_ptr_array_index(facts->values, reviewer * facts->columns->len + column);

	return value != NULL && *value != '\0' ? value : NULL;
}

static guint
column_of(const VeilPublishedFacts *facts, const char *attribute)
{
	guint i = 0;

	while (strcmp(g_ptr_array_index(facts->columns, i), attribute) != 0)
		i++;
	return i;
}

/* Values numbered from 1 in the order of first use; 0 not said. */
static guint32 *
number_values(const VeilPublished *x, const VeilPublishedFacts *facts, guint column)
{
	g_autoptr(GHashTable) numbers = g_hash_table_new(g_str_hash, g_str_equal);
	guint32 *label = g_new0(guint32, (gsize)x->n_reviewers + 1);

	for (guint32 r = 0; r < x->n_reviewers; r++) {
		const char *value = said(facts, r, column);

		if (value == NULL)
			continue;
		label[r] = GPOINTER_TO_UINT(g_hash_table_lookup(numbers, value));
		if (label[r] == 0) {
			label[r] = g_hash_table_size(numbers) + 1;
			g_hash_table_insert(numbers, (gpointer)value, GUINT_TO_POINTER(label[r]));
		}
	}
	return label;
}

static guint32 *
count_values(const VeilPublished *x, const VeilPublishedFacts *facts, guint column, const char *value)
{
	guint32 *label = g_new0(guint32, (gsize)x->n_reviewers + 1);

	for (guint32 r = 0; r < x->n_reviewers; r++)
		label[r] = veil_rule_value_counts(value, said(facts, r, column));
	return label;
}

static gboolean
only_one_of_each(const VeilPanelRule *rule)
{
	return rule->max == 1 && rule->min < 0 && rule->min_share_micro < 0 && rule->max_share_micro < 0 && !rule->odd && *rule->value == '\0' &&
	       rule->classes[0] == NULL;
}

static void
add_bound(VeilPublished *x, const char *name, gboolean each, guint32 *label, guint32 *min, guint32 *max)
{
	VeilPanelBound bound = {.label = label, .each = each, .min = min, .max = max};

	g_array_append_val(x->bounds, bound);
	g_ptr_array_add(x->bound_name, g_strdup(name));
}

static gboolean
add_rule(VeilPublished *x, const VeilPanelRule *rule, const VeilPublishedFacts *facts, GError **error)
{
	guint column = column_of(facts, rule->attribute);
	guint32 *min = g_new0(guint32, (gsize)x->n_projects + 1), *max = g_new(guint32, (gsize)x->n_projects + 1);
	gboolean any_min = FALSE, any_max = FALSE, any_value = *rule->value == '\0';

	for (guint32 p = 0; p < x->n_projects; p++) {
		max[p] = G_MAXUINT32;
		if (x->demand[p] == 0 || !veil_panel_rule_binds(rule, facts->class_name[p]))
			continue;
		if (rule->odd && x->demand[p] % 2 == 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "policy: [panel.%s] asks for panels of odd size, but project %s has an even demand of %u; ask for one more or less, or leave its class out",
				    rule->name, x->project[p], x->demand[p]);
			g_free(min);
			g_free(max);
			return FALSE;
		}
		veil_panel_rule_counts(rule, x->demand[p], &min[p], &max[p]);
		any_min = any_min || min[p] > 0;
		any_max = any_max || max[p] != G_MAXUINT32;
	}
	if (any_max && any_value)
		add_bound(x, rule->name, TRUE, number_values(x, facts, column), NULL, g_memdup2(max, sizeof *max * ((gsize)x->n_projects + 1)));
	if (any_min || (any_max && !any_value)) {
		add_bound(x, rule->name, FALSE, count_values(x, facts, column, rule->value), min, any_value ? NULL : max);
		if (any_value)
			g_free(max);
		return TRUE;
	}
	g_free(min);
	g_free(max);
	return TRUE;
}

static void
add_share(VeilPublished *x, const VeilShareRule *rule, const VeilPublishedFacts *facts)
{
	VeilBatchShare share = {0};
	guint64 places = 0;

	for (guint32 p = 0; p < x->n_projects; p++)
		places += x->demand[p];
	veil_share_rule_counts(rule, places, &share.min_places, &share.max_places);
	share.max_places = MIN(share.max_places, places); /* none: all of them */
	share.label = count_values(x, facts, column_of(facts, rule->attribute), rule->value);
	g_array_append_val(x->shares, share);
	g_ptr_array_add(x->share_name, g_strdup(rule->name));
}

/* Teams numbered from 1; a team of one is none. */
static gboolean
number_teams(VeilPublished *x, const VeilPublishedFacts *facts, GError **error)
{
	g_autoptr(GHashTable) first = g_hash_table_new(g_str_hash, g_str_equal);
	guint32 n = 0;

	for (guint32 p = 0; p < x->n_projects; p++) {
		const char *team = facts->team_name[p];
		guint32 q = team != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(first, team)) : 0;

		if (team == NULL)
			continue;
		if (q == 0) {
			g_hash_table_insert(first, (gpointer)team, GUINT_TO_POINTER(p + 1));
			continue;
		}
		q--;
		if (x->demand[p] != x->demand[q]) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "demands: projects of one team ask for %u and for %u reviewers; they share one panel",
				    x->demand[q], x->demand[p]);
			return FALSE;
		}
		if (x->team == NULL)
			x->team = g_new0(guint32, (gsize)x->n_projects + 1);
		if (x->team[q] == 0)
			x->team[q] = ++n;
		x->team[p] = x->team[q];
	}
	return TRUE;
}

static int
compare_u32(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

/* Of each project the conflicts of its whole team. */
static void
close_conflicts(VeilPublished *x, GPtrArray *members)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint64 *offset = g_new0(guint64, (gsize)x->n_projects + 1);

	for (guint32 p = 0; p < x->n_projects; p++) {
		const GArray *team = x->team[p] ? g_ptr_array_index(members, x->team[p]) : NULL;
		guint first = all->len, n = first;

		for (guint i = 0; i < (team ? team->len : 1); i++) {
			guint32 q = team ? g_array_index(team, guint32, i) : p;

			g_array_append_vals(all, x->conflict + x->conflict_offset[q], (guint)(x->conflict_offset[q + 1] - x->conflict_offset[q]));
		}
		if (team != NULL && all->len > first)
			qsort(&g_array_index(all, guint32, first), all->len - first, sizeof(guint32), compare_u32);
		for (guint i = first; i < all->len; i++)
			if (i == first || g_array_index(all, guint32, i) != g_array_index(all, guint32, i - 1))
				g_array_index(all, guint32, n++) = g_array_index(all, guint32, i);
		g_array_set_size(all, n);
		offset[p + 1] = n;
	}
	g_free(x->conflict);
	g_free(x->conflict_offset);
	x->conflict = (guint32 *)g_array_free(all, FALSE);
	x->conflict_offset = offset;
}

/* Marks the pairs of one project that stay: no conflict, and without --missing-score a score in all `n_team` projects of the team. */
static void
mark_pairs(const VeilPublished *x, guint32 p, const guint32 *lists, guint32 n_team, guint8 *stays)
{
	guint64 c = x->conflict_offset[p];

	for (guint64 i = x->offset[p]; i < x->offset[p + 1]; i++) {
		guint32 r = x->listed[i];

		while (c < x->conflict_offset[p + 1] && x->conflict[c] < r)
			c++;
		stays[i] = !(c < x->conflict_offset[p + 1] && x->conflict[c] == r) && (x->has_missing || lists[r] == n_team);
	}
}

static void
close_pairs(VeilPublished *x, GPtrArray *members)
{
	g_autofree guint32 *lists = g_new0(guint32, (gsize)x->n_reviewers + 1); /* projects of the team that list him */
	g_autofree guint8 *stays = g_malloc(x->offset[x->n_projects] + 1);
	guint64 n = 0, from = 0;

	memset(stays, 1, x->offset[x->n_projects]);
	for (guint t = 1; t < members->len; t++) {
		const GArray *team = g_ptr_array_index(members, t);

		memset(lists, 0, x->n_reviewers * sizeof *lists);
		for (guint i = 0; i < team->len; i++)
			for (guint64 k = x->offset[g_array_index(team, guint32, i)]; k < x->offset[g_array_index(team, guint32, i) + 1]; k++)
				lists[x->listed[k]]++;
		for (guint i = 0; i < team->len; i++)
			mark_pairs(x, g_array_index(team, guint32, i), lists, team->len, stays);
	}
	for (guint32 p = 0; p < x->n_projects; p++) {
		guint64 end = x->offset[p + 1];

		for (guint64 i = from; i < end; i++)
			if (stays[i]) {
				x->listed[n] = x->listed[i];
				x->score[n++] = x->score[i];
			}
		from = end;
		x->offset[p + 1] = n;
	}
}

void
veil_published_close_teams(VeilPublished *x)
{
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);

	for (guint32 p = 0; p < x->n_projects; p++) {
		while (members->len <= x->team[p])
			g_ptr_array_add(members, g_array_new(FALSE, FALSE, sizeof(guint32)));
		g_array_append_val((GArray *)g_ptr_array_index(members, x->team[p]), p);
	}
	close_conflicts(x, members);
	close_pairs(x, members);
}

gboolean
veil_published_rules(VeilPublished *x, const VeilPolicy *policy, const VeilPublishedFacts *facts, GError **error)
{
	guint n_given = 0;

	x->bounds = g_array_new(FALSE, FALSE, sizeof(VeilPanelBound));
	x->bound_name = g_ptr_array_new_with_free_func(g_free);
	x->shares = g_array_new(FALSE, FALSE, sizeof(VeilBatchShare));
	x->share_name = g_ptr_array_new_with_free_func(g_free);
	if (!number_teams(x, facts, error))
		return FALSE;
	for (guint i = 0; policy != NULL && i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];

		if (!rule->given)
			continue;
		n_given++;
		if (x->group == NULL && only_one_of_each(rule))
			x->group = number_values(x, facts, column_of(facts, rule->attribute));
		else if (!add_rule(x, rule, facts, error))
			return FALSE;
	}
	for (guint i = 0; policy != NULL && i < policy->n_share; i++)
		add_share(x, &policy->share[i], facts);
	x->ruled = n_given > 1 || (n_given == 1 && x->group == NULL) || x->shares->len > 0 || x->team != NULL;
	return TRUE;
}

void
veil_published_rules_free(VeilPublished *x)
{
	for (guint i = 0; x->bounds != NULL && i < x->bounds->len; i++) {
		VeilPanelBound *bound = &g_array_index(x->bounds, VeilPanelBound, i);

		g_free((gpointer)bound->label);
		g_free((gpointer)bound->min);
		g_free((gpointer)bound->max);
	}
	for (guint i = 0; x->shares != NULL && i < x->shares->len; i++)
		g_free((gpointer)g_array_index(x->shares, VeilBatchShare, i).label);
	g_clear_pointer(&x->bounds, g_array_unref);
	g_clear_pointer(&x->shares, g_array_unref);
	g_clear_pointer(&x->bound_name, g_ptr_array_unref);
	g_clear_pointer(&x->share_name, g_ptr_array_unref);
	g_free(x->team);
}
