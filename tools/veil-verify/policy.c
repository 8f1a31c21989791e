/* policy.c - what the policy text says, as far as it can be checked: rules, demand, loads, the rule on panels.
 *
 * The text is a key file. What this checker cannot check it must not call checked: a panel rule of a kind that it does not know is a refusal,
 * not something to pass over.
 */
#include <string.h>

#include "verify.h"

const char *const rule_names[N_RULES] = {"C01", "C02", "C04", "C05", "C06", "C07", "C09", "C12", "C13", "C16", "C17", "C18", "C19", "E04", "R05"};

char *
mask_names(guint32 mask)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < N_RULES; i++)
		if (mask >> i & 1)
			g_string_append_printf(text, "%s%s", text->len ? ";" : "", rule_names[i]);
	return g_string_free(text, FALSE);
}

/* A whole number of at least `least`; absent: *out stays. */
static gboolean
read_number(GKeyFile *file, const char *label, const char *group, const char *key, gint64 least, gint64 *out)
{
	g_autofree char *text = g_key_file_get_value(file, group, key, NULL);

	if (text == NULL || text[0] == '\0')
		return TRUE;
	if (!g_ascii_string_to_signed(text, 10, least, G_MAXINT32, out, NULL))
		return verdict_reject("%s: [%s] %s is not a number that makes sense", label, group, key);
	return TRUE;
}

static gboolean
read_rule(GKeyFile *file, const char *label, int i, Rule *rule)
{
	g_autofree char *group = g_strdup_printf("conflict.%s", rule_names[i]);
	g_autofree char *enabled = g_key_file_get_value(file, group, "enabled", NULL);

	rule->severity = g_key_file_get_string(file, group, "severity", NULL);
	rule->citation = g_key_file_get_string(file, group, "citation", NULL);
	rule->window = -1;
	if (!g_key_file_has_group(file, group))
		return TRUE; /* off */
	if (g_strcmp0(enabled, "true") != 0 && g_strcmp0(enabled, "false") != 0)
		return verdict_reject("%s: [%s] does not say whether it is enabled", label, group);
	rule->enabled = enabled[0] == 't';
	rule->flag_only = g_strcmp0(rule->severity, "flag") == 0;
	if (!rule->flag_only && g_strcmp0(rule->severity, "forbid") != 0 && g_strcmp0(rule->severity, "forbid*") != 0)
		return verdict_reject("%s: [%s] has no severity that is known", label, group);
	return read_number(file, label, group, "window_months", -1, &rule->window) &&
	       read_number(file, label, group, "max_authors", 0, &rule->max_authors);
}

static gboolean
read_panel(GKeyFile *file, const char *label, const char *group, Policy *out)
{
	static const char *const others[] = {"min", "min_share", "max_share"};
	g_autofree char *attribute = g_key_file_get_string(file, group, "attribute", NULL);
	g_autofree char *value = g_key_file_get_string(file, group, "value", NULL);
	g_autofree char *odd = g_key_file_get_string(file, group, "odd", NULL);
	gint64 max = -1;
	g_autofree char *class = g_key_file_get_string(file, group, "class", NULL);
	gboolean other = (value && value[0]) || (class && class[0]) || g_strcmp0(odd, "true") == 0;

	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *text = g_key_file_get_value(file, group, others[i], NULL);

		other = other || (text && text[0] && strcmp(text, "-1") != 0);
	}
	if (!read_number(file, label, group, "max", -1, &max))
		return FALSE;
	if (max == -1 && !other)
		return TRUE;
	if (other || max != 1 || attribute == NULL || attribute[0] == '\0' || out->group_attribute != NULL)
		return verdict_reject("%s: [%s] is a panel rule that this checker cannot check (it knows one rule: max=1 of one attribute)", label, group);
	out->group_attribute = g_steal_pointer(&attribute);
	return TRUE;
}

gboolean
policy_parse(const char *text, gsize len, const char *label, gboolean for_match, Policy *out)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *step = NULL, *team = NULL;
	g_auto(GStrv) groups = NULL;

	*out = (Policy){.demand = 5, .max_load = 8, .step = 1};
	if (!g_utf8_validate(text, (gssize)len, NULL) || !g_key_file_load_from_data(file, text, len, G_KEY_FILE_NONE, NULL))
		return verdict_reject("%s: the policy is no key file", label);
	if (!read_number(file, label, "batch", "demand", 1, &out->demand) || !read_number(file, label, "batch", "reserves", 0, &out->reserves) ||
	    !read_number(file, label, "batch", "max_load", 0, &out->max_load) || !read_number(file, label, "batch", "min_load", 0, &out->min_load))
		return FALSE;
	out->method = g_key_file_get_string(file, "batch", "method", NULL);
	step = g_key_file_get_value(file, "affinity", "step", NULL);
	if (step != NULL && (!micro_parse(step, &out->step) || out->step < 0))
		return verdict_reject("%s: [affinity] step is not a number that makes sense", label);
	for (int i = 0; i < N_RULES && !for_match; i++)
		if (!read_rule(file, label, i, &out->rule[i]))
			return FALSE;
	team = g_key_file_get_string(file, "team", "by", NULL);
	if (team != NULL && strcmp(team, "none") != 0)
		return verdict_reject("%s: [team] by=%s is something that this checker cannot check", label, team);
	if (out->rule[R05].enabled)
		return verdict_reject("%s: [conflict.R05] is a rule that this checker cannot check", label);
	groups = g_key_file_get_groups(file, NULL);
	for (guint i = 0; groups[i]; i++) {
		static const char *const plain[] = {"batch", "draw", "fair", "team", "affinity", NULL};
		gboolean known = g_strv_contains(plain, groups[i]);

		if (g_str_has_prefix(groups[i], "panel.") && !read_panel(file, label, groups[i], out))
			return FALSE;
		for (int k = 0; k < N_RULES; k++)
			known = known || (g_str_has_prefix(groups[i], "conflict.") && strcmp(groups[i] + 9, rule_names[k]) == 0);
		if (!known && !g_str_has_prefix(groups[i], "panel."))
			return verdict_reject("%s: [%s] is a rule that this checker does not know", label, groups[i]);
	}
	return TRUE;
}

void
policy_clear(Policy *policy)
{
	for (int i = 0; i < N_RULES; i++) {
		g_free(policy->rule[i].severity);
		g_free(policy->rule[i].citation);
	}
	g_free(policy->method);
	g_free(policy->group_attribute);
}
