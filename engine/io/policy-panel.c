/* policy-panel.c - rules on the composition of panels and on shares of a whole batch, and what they mean in places.
 *
 * What a rule means for a panel of five is worked out here once, for freeze, check, draw and the stand-alone matcher alike: a share that
 * one of them rounded differently would be a panel that another calls illegal.
 */
#include <string.h>

#include "policy-parts.h"

/* --- classes ------------------------------------------------------------------------------------------------------ */

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Split at ; or ；, trimmed, ascending, each once: two files that mean the same classes give the same text. */
static char **
split_classes(const char *text)
{
	g_auto(GStrv) wide = g_strsplit(text, "；", -1);
	g_autofree char *narrow = g_strjoinv(";", wide);
	g_auto(GStrv) pieces = g_strsplit(narrow, ";", -1);
	GPtrArray *kept = g_ptr_array_new();

	for (guint i = 0; pieces[i] != NULL; i++)
		g_strstrip(pieces[i]);
	qsort(pieces, g_strv_length(pieces), sizeof *pieces, compare_texts);
	for (guint i = 0; pieces[i] != NULL; i++)
		if (*pieces[i] != '\0' && (kept->len == 0 || strcmp(g_ptr_array_index(kept, kept->len - 1), pieces[i]) != 0))
			g_ptr_array_add(kept, g_strdup(pieces[i]));
	g_ptr_array_add(kept, NULL);
	return (char **)g_ptr_array_free(kept, FALSE);
}

static gboolean
read_classes(const VeilPolicyReader *reader, char ***out)
{
	g_autofree char *text = NULL;

	if (!veil_policy__text(reader, "class", 400, &text))
		return FALSE;
	*out = split_classes(text);
	if (*text != '\0' && **out == NULL)
		return veil_policy__refuse(reader, "class", "classes of projects, separated by ;");
	return TRUE;
}

/* --- panels ------------------------------------------------------------------------------------------------------- */

static gboolean
check_value(const VeilPolicyReader *reader, const char *attribute, const char *value)
{
	if (*attribute == '\0')
		return veil_policy__refuse(reader, "attribute", "the attribute to bound, such as employer, province, rank or kind");
	if (strcmp(value, "!") == 0)
		return veil_policy__refuse(reader, "value", "a value behind the !");
	/* In a batch * stands for whatever no rule names. */
	if (strcmp(value, "*") == 0 || strcmp(value, "!*") == 0)
		return veil_policy__refuse(reader, "value", "a value that reviewers have; left out, each by itself");
	/* An employer's token is another in every batch: nobody can name one. */
	if (strcmp(attribute, "employer") == 0 && *value != '\0')
		return veil_policy__refuse(reader, "value", "nothing; an employer has no name in a batch, each is bounded by itself");
	return TRUE;
}

static gboolean
check_panel(const VeilPolicyReader *reader, const VeilPanelRule *rule, int demand)
{
	gboolean bounded = rule->max >= 0 || rule->min >= 0 || rule->min_share_micro >= 0 || rule->max_share_micro >= 0;

	if (bounded && !check_value(reader, rule->attribute, rule->value))
		return FALSE;
	if (!bounded && !rule->odd)
		return veil_policy__refuse(reader, "max", "at least one of max, min, min_share, max_share, odd; enabled=false takes the rule away");
	if ((rule->min >= 0 || rule->min_share_micro >= 0) && *rule->value == '\0')
		return veil_policy__refuse(reader, "value", "a minimum needs the value it asks for");
	if (rule->min >= 0 && rule->max >= 0 && rule->min > rule->max)
		return veil_policy__refuse(reader, "min", "at most max");
	if (rule->min_share_micro >= 0 && rule->max_share_micro >= 0 && rule->min_share_micro > rule->max_share_micro)
		return veil_policy__refuse(reader, "min_share", "at most max_share");
	if (rule->odd && demand % 2 == 0)
		return veil_policy__refuse(reader, "odd", "false, or an odd [batch] demand; the panels of this policy are even");
	return TRUE;
}

static gboolean
read_panel(VeilPolicyReader *reader, const char *group, int demand, VeilPanelRule *rule, gboolean *out_enabled)
{
	reader->group = group;
	rule->max = rule->min = -1;
	rule->name = g_strdup(group + strlen("panel."));
	*out_enabled = TRUE;
	return veil_policy__bool(reader, "enabled", out_enabled) && read_classes(reader, &rule->classes) &&
	       veil_policy__text(reader, "attribute", 64, &rule->attribute) && veil_policy__text(reader, "value", 200, &rule->value) &&
	       veil_policy__int(reader, "max", -1, 1000, &rule->max) && veil_policy__int(reader, "min", -1, 1000, &rule->min) &&
	       veil_policy__bound_share(reader, "min_share", FALSE, &rule->min_share_micro) &&
	       veil_policy__bound_share(reader, "max_share", TRUE, &rule->max_share_micro) && veil_policy__bool(reader, "odd", &rule->odd) &&
	       (!*out_enabled || check_panel(reader, rule, demand));
}

static void
clear_panel(VeilPanelRule *rule)
{
	g_free(rule->name);
	g_strfreev(rule->classes);
	g_free(rule->attribute);
	g_free(rule->value);
	*rule = (VeilPanelRule){0};
}

static int
compare_panels(const void *a, const void *b)
{
	return strcmp(((const VeilPanelRule *)a)->name, ((const VeilPanelRule *)b)->name);
}

gboolean
veil_policy__panels(VeilPolicyReader *reader, VeilPolicy *policy)
{
	g_auto(GStrv) groups = g_key_file_get_groups(reader->file, NULL);

	policy->panel = g_new0(VeilPanelRule, g_strv_length(groups));
	for (guint i = 0; groups[i] != NULL; i++) {
		gboolean enabled;

		if (!g_str_has_prefix(groups[i], "panel."))
			continue;
		policy->n_panel++;
		if (!read_panel(reader, groups[i], policy->demand, &policy->panel[policy->n_panel - 1], &enabled))
			return FALSE;
		if (!enabled)
			clear_panel(&policy->panel[--policy->n_panel]);
	}
	qsort(policy->panel, policy->n_panel, sizeof *policy->panel, compare_panels);
	return TRUE;
}

/* --- shares ------------------------------------------------------------------------------------------------------- */

static gboolean
check_share(const VeilPolicyReader *reader, const VeilShareRule *rule)
{
	if (!check_value(reader, rule->attribute, rule->value))
		return FALSE;
	if (*rule->value == '\0')
		return veil_policy__refuse(reader, "value", "the value whose places are counted");
	if (rule->min_share_micro < 0 && rule->max_share_micro < 0)
		return veil_policy__refuse(reader, "min_share", "at least one of min_share, max_share; enabled=false takes the rule away");
	if (rule->min_share_micro >= 0 && rule->max_share_micro >= 0 && rule->min_share_micro > rule->max_share_micro)
		return veil_policy__refuse(reader, "min_share", "at most max_share");
	return TRUE;
}

static gboolean
read_share(VeilPolicyReader *reader, const char *group, VeilShareRule *rule, gboolean *out_enabled)
{
	reader->group = group;
	rule->name = g_strdup(group + strlen("share."));
	*out_enabled = TRUE;
	return veil_policy__bool(reader, "enabled", out_enabled) && veil_policy__text(reader, "attribute", 64, &rule->attribute) &&
	       veil_policy__text(reader, "value", 200, &rule->value) &&
	       veil_policy__bound_share(reader, "min_share", FALSE, &rule->min_share_micro) &&
	       veil_policy__bound_share(reader, "max_share", TRUE, &rule->max_share_micro) && (!*out_enabled || check_share(reader, rule));
}

static void
clear_share(VeilShareRule *rule)
{
	g_free(rule->name);
	g_free(rule->attribute);
	g_free(rule->value);
	*rule = (VeilShareRule){0};
}

static int
compare_shares(const void *a, const void *b)
{
	return strcmp(((const VeilShareRule *)a)->name, ((const VeilShareRule *)b)->name);
}

gboolean
veil_policy__shares(VeilPolicyReader *reader, VeilPolicy *policy)
{
	g_auto(GStrv) groups = g_key_file_get_groups(reader->file, NULL);

	policy->share = g_new0(VeilShareRule, g_strv_length(groups));
	for (guint i = 0; groups[i] != NULL; i++) {
		gboolean enabled;

		if (!g_str_has_prefix(groups[i], "share."))
			continue;
		policy->n_share++;
		if (!read_share(reader, groups[i], &policy->share[policy->n_share - 1], &enabled))
			return FALSE;
		if (!enabled)
			clear_share(&policy->share[--policy->n_share]);
	}
	qsort(policy->share, policy->n_share, sizeof *policy->share, compare_shares);
	return TRUE;
}

void
veil_policy__clear_rules(VeilPolicy *policy)
{
	for (guint p = 0; p < policy->n_panel; p++)
		clear_panel(&policy->panel[p]);
	for (guint s = 0; s < policy->n_share; s++)
		clear_share(&policy->share[s]);
	g_free(policy->panel);
	g_free(policy->share);
}

/* --- what they mean ------------------------------------------------------------------------------------------------ */

VeilMethod
veil_policy_method(const VeilPolicy *policy)
{
	return policy->method;
}

gboolean
veil_panel_rule_binds(const VeilPanelRule *rule, const char *project_class)
{
	return *rule->classes == NULL ||
	       (project_class != NULL && g_strv_contains((const char *const *)rule->classes, project_class));
}

void
veil_share_rule_counts(const VeilShareRule *rule, guint64 places, guint64 *out_min, guint64 *out_max)
{
	/* In two parts, so that no number of places overflows. */
	guint64 whole = places / 1000000, rest = places % 1000000;

	*out_min = 0;
	*out_max = G_MAXUINT64;
	if (rule->min_share_micro >= 0)
		*out_min = whole * (guint64)rule->min_share_micro + (rest * (guint64)rule->min_share_micro + 999999) / 1000000;
	if (rule->max_share_micro >= 0)
		*out_max = whole * (guint64)rule->max_share_micro + rest * (guint64)rule->max_share_micro / 1000000;
}

void
veil_panel_rule_counts(const VeilPanelRule *rule, guint32 demand, guint32 *out_min, guint32 *out_max)
{
	VeilShareRule share = {.min_share_micro = rule->min_share_micro, .max_share_micro = rule->max_share_micro};
	guint64 least, most;

	veil_share_rule_counts(&share, demand, &least, &most);
	*out_min = MAX((guint32)least, rule->min >= 0 ? (guint32)rule->min : 0);
	*out_max = MIN(most >= G_MAXUINT32 ? G_MAXUINT32 : (guint32)most, rule->max >= 0 ? (guint32)rule->max : G_MAXUINT32);
}

gboolean
veil_rule_value_counts(const char *value, const char *said)
{
	if (said == NULL || *said == '\0')
		return FALSE;
	if (*value == '\0')
		return TRUE;
	return *value == '!' ? strcmp(value + 1, said) != 0 : strcmp(value, said) == 0;
}
