/* policy.c - what the policy text says: conflict rules, demand, loads, odds, the rules on panels.
 *
 * The text is a key file. What this checker cannot check it must not call checked: a group that it does not know is a refusal, not something to pass over.
 */
#include <string.h>

#include "problem/problem.h"

const char *const rule_names[N_RULES] = {"C01", "C02", "C04", "C05", "C06", "C07", "C09", "C12", "C13", "C16", "C17", "C18", "C19", "E04", "R05"};

typedef struct {
	GKeyFile *file;
	const char *label, *group;
} Keys;

char *
mask_names(guint32 mask)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < N_RULES; i++)
		if (mask >> i & 1)
			g_string_append_printf(text, "%s%s", text->len ? ";" : "", rule_names[i]);
	return g_string_free(text, FALSE);
}

static char *
value(const Keys *keys, const char *key)
{
	char *text = g_key_file_get_value(keys->file, keys->group, key, NULL);

	return text ? g_strstrip(text) : NULL;
}

/* A whole number of at least `least`; absent: *out stays. */
static gboolean
number(const Keys *keys, const char *key, gint64 least, gint64 *out)
{
	g_autofree char *text = value(keys, key);

	return text == NULL || text[0] == '\0' || g_ascii_string_to_signed(text, 10, least, G_MAXINT32, out, NULL) ||
	       verdict_reject("%s: [%s] %s is not a number that makes sense", keys->label, keys->group, key);
}

/* Millionths of a decimal number or a fraction: 2/3 is rounded to the side (up or down) that lets exactly two of three pass. */
static gboolean
micro(const Keys *keys, const char *key, gboolean up, gint64 *out)
{
	g_autofree char *text = value(keys, key);
	char *slash = text ? strchr(text, '/') : NULL;
	gint64 above = 0, below = 0;

	if (text == NULL || text[0] == '\0' || strcmp(text, "-1") == 0)
		return TRUE;
	if (slash == NULL)
		return (micro_parse(text, out) && *out >= 0) || verdict_reject("%s: [%s] %s is not a number that makes sense", keys->label, keys->group, key);
	*slash = '\0';
	if (!count_parse(text, &above) || !count_parse(slash + 1, &below) || below == 0)
		return verdict_reject("%s: [%s] %s is no fraction", keys->label, keys->group, key);
	*out = (above * MILLION + (up ? below - 1 : 0)) / below;
	return TRUE;
}

static gboolean
yes_or_no(const Keys *keys, const char *key, gboolean *out)
{
	g_autofree char *text = value(keys, key);

	if (text != NULL && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return verdict_reject("%s: [%s] %s is neither true nor false", keys->label, keys->group, key);
	*out = text ? text[0] == 't' : *out;
	return TRUE;
}

static gboolean
read_rule(Keys *keys, int i, Rule *rule)
{
	g_autofree char *group = g_strdup_printf("conflict.%s", rule_names[i]), *enabled = NULL;

	keys->group = group;
	rule->severity = g_key_file_get_string(keys->file, group, "severity", NULL);
	rule->citation = g_key_file_get_string(keys->file, group, "citation", NULL);
	rule->window = -1;
	if (!g_key_file_has_group(keys->file, group))
		return TRUE; /* off */
	enabled = value(keys, "enabled");
	if (enabled == NULL)
		return verdict_reject("%s: [%s] does not say whether it is enabled", keys->label, group);
	rule->flag_only = g_strcmp0(rule->severity, "flag") == 0;
	if (!rule->flag_only && g_strcmp0(rule->severity, "forbid") != 0 && g_strcmp0(rule->severity, "forbid*") != 0)
		return verdict_reject("%s: [%s] has no severity that is known", keys->label, group);
	return yes_or_no(keys, "enabled", &rule->enabled) && number(keys, "window_months", -1, &rule->window) &&
	       number(keys, "max_authors", 0, &rule->max_authors);
}

/* [panel.NAME] or [share.NAME]; one that bounds nothing is not kept. */
static gboolean
read_panel(Keys *keys, const char *group, GArray *into, gboolean share)
{
	PanelRule rule = {g_strdup(group + strlen("panel.")), NULL, NULL, NULL, -1, -1, -1, -1, FALSE};
	g_autofree char *classes = g_key_file_get_string(keys->file, group, "class", NULL);
	gboolean enabled = TRUE;

	keys->group = group;
	rule.attribute = g_key_file_get_string(keys->file, group, "attribute", NULL);
	rule.value = g_key_file_get_string(keys->file, group, "value", NULL);
	rule.value = rule.value ? g_strstrip(rule.value) : g_strdup("");
	rule.classes = g_strsplit(classes ? classes : "", ";", -1);
	for (guint i = 0; rule.classes[i]; i++)
		g_strstrip(rule.classes[i]);
	g_array_append_val(into, rule);
	if (!yes_or_no(keys, "enabled", &enabled) || !number(keys, "min", -1, &rule.min) || !number(keys, "max", -1, &rule.max) ||
	    !micro(keys, "min_share", FALSE, &rule.min_share) || !micro(keys, "max_share", TRUE, &rule.max_share) || !yes_or_no(keys, "odd", &rule.odd))
		return FALSE;
	g_array_index(into, PanelRule, into->len - 1) = rule;
	if (!enabled || (MAX(rule.min, rule.min_share) <= 0 && rule.max < 0 && rule.max_share < 0 && !rule.odd)) {
		g_array_set_size(into, into->len - 1);
		return TRUE;
	}
	if ((rule.attribute == NULL || rule.attribute[0] == '\0') && (rule.max >= 0 || rule.max_share >= 0 || rule.min > 0 || rule.min_share > 0))
		return verdict_reject("%s: [%s] names no attribute", keys->label, group);
	if (rule.value[0] == '\0' && (share || rule.min > 0 || rule.min_share > 0))
		return verdict_reject("%s: [%s] has a minimum of no value", keys->label, group);
	return TRUE;
}

static void
clear_panel(gpointer data)
{
	PanelRule *rule = data;

	g_free(rule->name), g_free(rule->attribute), g_free(rule->value), g_strfreev(rule->classes);
}

static gboolean
read_groups(Keys *keys, Policy *out)
{
	static const char *const plain[] = {"batch", "affinity", "draw", "fair", "team", "close", NULL};
	g_auto(GStrv) groups = g_key_file_get_groups(keys->file, NULL);

	for (guint i = 0; groups[i]; i++) {
		gboolean known = g_strv_contains(plain, groups[i]);

		if (g_str_has_prefix(groups[i], "panel.") || g_str_has_prefix(groups[i], "share.")) {
			if (!read_panel(keys, groups[i], groups[i][0] == 'p' ? out->panels : out->shares, groups[i][0] == 's'))
				return FALSE;
			continue;
		}
		for (int k = 0; k < N_RULES; k++)
			known = known || (g_str_has_prefix(groups[i], "conflict.") && strcmp(groups[i] + 9, rule_names[k]) == 0);
		if (!known)
			return verdict_reject("%s: [%s] is a rule that this checker does not know", keys->label, groups[i]);
	}
	return TRUE;
}

gboolean
policy_parse(const char *text, gsize len, const char *label, gboolean for_match, Policy *out)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	Keys keys = {file, label, "batch"};

	*out = (Policy){.demand = 5, .max_load = 8, .step = 1, .odds = MILLION / 5, .band = MILLION / 20, .perturbation = MILLION / 2, .smallest_set = -1};
	out->panels = g_array_new(FALSE, FALSE, sizeof(PanelRule));
	out->shares = g_array_new(FALSE, FALSE, sizeof(PanelRule));
	g_array_set_clear_func(out->panels, clear_panel);
	g_array_set_clear_func(out->shares, clear_panel);
	if (!g_utf8_validate(text, (gssize)len, NULL) || !g_key_file_load_from_data(file, text, len, G_KEY_FILE_NONE, NULL))
		return verdict_reject("%s: the policy is no key file", label);
	out->method = value(&keys, "method");
	if (!number(&keys, "demand", 1, &out->demand) || !number(&keys, "reserves", 0, &out->reserves) || !number(&keys, "max_load", 0, &out->max_load) ||
	    !number(&keys, "min_load", 0, &out->min_load) || !micro(&keys, "odds", FALSE, &out->odds))
		return FALSE;
	{
		g_autofree char *smallest = value(&keys, "smallest_set");

		if (g_strcmp0(smallest, "auto") != 0 && !number(&keys, "smallest_set", 0, &out->smallest_set))
			return FALSE;
	}
	keys.group = "affinity";
	if (!micro(&keys, "step", FALSE, &out->step))
		return FALSE;
	keys.group = "draw";
	if (!micro(&keys, "band", FALSE, &out->band) || !micro(&keys, "perturbation", FALSE, &out->perturbation))
		return FALSE;
	keys.group = "fair";
	if (!yes_or_no(&keys, "equity", &out->equity))
		return FALSE;
	for (int i = 0; i < N_RULES && !for_match; i++)
		if (!read_rule(&keys, i, &out->rule[i]))
			return FALSE;
	return read_groups(&keys, out);
}

void
policy_clear(Policy *policy)
{
	for (int i = 0; i < N_RULES; i++)
		g_free(policy->rule[i].severity), g_free(policy->rule[i].citation);
	g_free(policy->method);
	g_clear_pointer(&policy->panels, g_array_unref);
	g_clear_pointer(&policy->shares, g_array_unref);
}
