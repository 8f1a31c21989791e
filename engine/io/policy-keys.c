/* policy-keys.c - the groups and keys a policy may have.
 *
 * A misspelt key that is passed over is a rule that silently does not hold, so everything unknown is refused by name; and since a key file
 * reader takes the last of two equal keys, which of them counts would depend on the reader: both are refused.
 */
#include <string.h>

#include "policy-parts.h"

static const char *const batch_keys[] = {"demand", "reserves", "max_load", "min_load", "method", "odds", "candidates", "smallest_set", NULL};
static const char *const conflict_keys[] = {"enabled", "severity", "window_months", "citation", "effective_from", NULL};
static const char *const c13_keys[] = {"enabled", "severity", "window_months", "max_authors", "citation", "effective_from", NULL};
static const char *const draw_keys[] = {"band", "perturbation", NULL};
static const char *const fair_keys[] = {"equity", NULL};
static const char *const team_keys[] = {"by", "max_size", NULL};
static const char *const share_keys[] = {"enabled", "attribute", "value", "min_share", "max_share", NULL};
static const char *const panel_keys[] = {"enabled", "class", "attribute", "value", "max", "min", "min_share", "max_share", "odd", NULL};
static const char *const affinity_keys[] = {"text", "discipline", "step", "discipline_decay", NULL};
static const char *const close_keys[] = {"complaint_days", "retention_years", NULL};

static const struct {
	const char *name;
	const char *const *keys;
} plain_groups[] = {
	{"batch", batch_keys}, {"draw", draw_keys}, {"fair", fair_keys}, {"team", team_keys}, {"affinity", affinity_keys}, {"close", close_keys},
};

static const char *const rule_names[VEIL_N_RULES] = {
	"C01", "C02", "C04", "C05", "C06", "C07", "C09", "C12", "C13", "C16", "C17", "C18", "C19", "E04", "R05",
};

const char *
veil_rule_name(VeilRuleId rule)
{
	g_return_val_if_fail((guint)rule < VEIL_N_RULES, NULL);
	return rule_names[rule];
}

gboolean
veil_rule_from_name(const char *name, VeilRuleId *out_rule)
{
	for (guint r = 0; r < VEIL_N_RULES; r++)
		if (strcmp(rule_names[r], name) == 0) {
			*out_rule = (VeilRuleId)r;
			return TRUE;
		}
	return FALSE;
}

gboolean
veil_rule_is_undated(VeilRuleId rule)
{
	return rule == VEIL_RULE_C01 || rule == VEIL_RULE_C18 || rule == VEIL_RULE_C19 || rule == VEIL_RULE_R05;
}

static gboolean
is_panel_name(const char *name)
{
	gsize n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n > 0 && n <= 64 && name[n] == '\0';
}

static char *
quote_for_message(const char *text)
{
	/* A policy names nobody, but a wrong file given as one may. */
	return g_utf8_strlen(text, -1) <= 40 ? g_strdup(text) : g_strdup("(a long name)");
}

/* The keys of a group, or NULL with the reason. */
static const char *const *
keys_of(const char *group, const char *name, GError **error)
{
	g_autofree char *shown = quote_for_message(group);
	VeilRuleId rule;

	for (guint i = 0; i < G_N_ELEMENTS(plain_groups); i++)
		if (strcmp(group, plain_groups[i].name) == 0)
			return plain_groups[i].keys;
	if (g_str_has_prefix(group, "panel.") || g_str_has_prefix(group, "share.")) {
		if (is_panel_name(group + 6))
			return *group == 'p' ? panel_keys : share_keys;
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [%s]: the name of a rule is letters, digits, - and _, 64 at most", name,
			    shown);
		return NULL;
	}
	if (g_str_has_prefix(group, "conflict.")) {
		g_autoptr(GString) all = g_string_new(NULL);

		if (veil_rule_from_name(group + 9, &rule))
			return rule == VEIL_RULE_C13 ? c13_keys : conflict_keys;
		for (guint r = 0; r < VEIL_N_RULES; r++)
			g_string_append_printf(all, "%s%s", r > 0 ? " " : "", rule_names[r]);
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [%s]: no such rule; there are %s", name, shown, all->str);
		return NULL;
	}
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
		    "%s: unknown group [%s]; there are [batch], [draw], [fair], [team], [conflict.RULE], [panel.NAME], [share.NAME], [affinity] and [close]", name, shown);
	return NULL;
}

static gboolean
check_group(GKeyFile *file, const char *group, const char *name, GError **error)
{
	const char *const *known = keys_of(group, name, error);
	g_auto(GStrv) keys = known != NULL ? g_key_file_get_keys(file, group, NULL, NULL) : NULL;

	if (known == NULL)
		return FALSE;
	for (guint i = 0; keys[i] != NULL; i++)
		if (!g_strv_contains(known, keys[i])) {
			g_autofree char *all = g_strjoinv(" ", (char **)known);
			g_autofree char *shown = quote_for_message(keys[i]);

			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [%s] %s: unknown key; there are %s", name, group, shown, all);
			return FALSE;
		}
	return TRUE;
}

static gboolean
check_repeats(const char *text, gsize len, const char *name, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *copy = g_strndup(text, len);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	g_autofree char *group = g_strdup("");

	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]), *equals = strchr(line, '=');

		if (*line == '[') {
			g_free(group);
			group = g_strndup(line + 1, strcspn(line + 1, "]"));
		}
		if (*line == '[' || *line == '#' || equals == NULL)
			continue;
		*equals = '\0';
		g_strchomp(line);
		if (!g_hash_table_add(seen, g_strdup_printf("%s\n%s", group, line))) {
			g_autofree char *shown = quote_for_message(line);

			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: line %u: [%s] %s stands there twice; keep one", name, i + 1, group,
				    shown);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean
veil_policy_check_keys(GKeyFile *file, const char *text, gsize len, const char *name, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

	for (guint i = 0; groups[i] != NULL; i++)
		if (!check_group(file, groups[i], name, error))
			return FALSE;
	return check_repeats(text, len, name, error);
}
