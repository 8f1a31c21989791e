/* policy.c - a policy file laid over the shipped one.
 *
 * Inheritance is key by key: what a file does not say is what `standard` says, a panel rule of `standard` included. So that nobody's
 * statute is cited for a number it does not have, a rule whose parameters were changed without a citation of their own says just that.
 */
#include <gio/gio.h>
#include <string.h>

#include "policy-parts.h"
#include "policy-resource.h"

#define MOST_BYTES (1u << 20)

static GBytes *
standard_bytes(void)
{
	return g_resource_lookup_data(veil_policy_files_get_resource(), "/veil/standard.policy", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

static GKeyFile *
load_keys(const char *text, gsize len, const char *name, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) cause = NULL;

	if (len > MOST_BYTES) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: longer than 1 MB; this is no policy", name);
		return NULL;
	}
	if (!g_utf8_validate(text, (gssize)len, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: not UTF-8; save it as UTF-8", name);
		return NULL;
	}
	/* Translations kept: `demand[zh]=` would otherwise be dropped without a word.
	 * The cause would quote the line, and a wrong file given as a policy may have anything in it. */
	if (!g_key_file_load_from_data(file, text, len, G_KEY_FILE_KEEP_TRANSLATIONS, &cause)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: not a policy: it has lines that are neither [group], key=value nor # comment",
			    name);
		return NULL;
	}
	return veil_policy_check_keys(file, text, len, name, error) ? g_steal_pointer(&file) : NULL;
}

static void
lay_over(GKeyFile *below, GKeyFile *file)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

	for (guint i = 0; groups[i] != NULL; i++) {
		g_auto(GStrv) keys = g_key_file_get_keys(file, groups[i], NULL, NULL);

		for (guint k = 0; keys[k] != NULL; k++) {
			g_autofree char *value = g_key_file_get_value(file, groups[i], keys[k], NULL);

			g_key_file_set_value(below, groups[i], keys[k], value);
		}
	}
}

static void
mark_changed_rules(VeilPolicy *policy, const VeilPolicy *standard, GKeyFile *file)
{
	for (guint r = 0; r < VEIL_N_RULES; r++) {
		const VeilRule *was = &standard->rules[r];
		VeilRule *rule = &policy->rules[r];
		g_autofree char *group = g_strdup_printf("conflict.%s", veil_rule_name((VeilRuleId)r));
		char *citation;

		if (g_key_file_has_key(file, group, "citation", NULL))
			continue;
		if (rule->severity == was->severity && rule->window_months == was->window_months && rule->max_authors == was->max_authors)
			continue;
		citation = g_strdup_printf("changed by this policy without a citation; standard has: %s", was->citation);
		g_free(rule->citation);
		rule->citation = citation;
	}
}

static const char **
taken_away(const VeilPolicy *policy, const VeilPolicy *standard)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint s = 0; s < standard->n_panel; s++) {
		guint p = 0;

		while (p < policy->n_panel && strcmp(policy->panel[p].name, standard->panel[s].name) != 0)
			p++;
		if (p == policy->n_panel)
			g_ptr_array_add(names, standard->panel[s].name);
	}
	g_ptr_array_add(names, NULL);
	return (const char **)g_ptr_array_free(names, FALSE);
}

VeilPolicy *
veil_policy_parse(const char *text, gsize len, const char *name_for_messages, GError **error)
{
	g_autoptr(GBytes) shipped = standard_bytes();
	gsize shipped_len;
	const char *shipped_text = g_bytes_get_data(shipped, &shipped_len);
	g_autoptr(GKeyFile) below = load_keys(shipped_text, shipped_len, "standard", error);
	g_autoptr(VeilPolicy) standard = below != NULL ? veil_policy_read(below, "standard", error) : NULL;
	g_autoptr(VeilPolicy) policy = NULL;
	g_autoptr(GKeyFile) file = NULL;
	g_autofree const char **disabled = NULL;

	if (standard == NULL)
		return NULL;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	file = load_keys(text, len, name_for_messages, error);
	if (file == NULL)
		return NULL;
	lay_over(below, file);
	policy = veil_policy_read(below, name_for_messages, error);
	if (policy == NULL)
		return NULL;
	policy->method_given = g_key_file_has_key(file, "batch", "method", NULL);
	for (guint p = 0; p < policy->n_panel; p++) {
		g_autofree char *group = g_strdup_printf("panel.%s", policy->panel[p].name);

		policy->panel[p].given = g_key_file_has_group(file, group);
	}
	mark_changed_rules(policy, standard, file);
	disabled = taken_away(policy, standard);
	policy->canonical = veil_policy_text(policy, disabled);
	return g_steal_pointer(&policy);
}

VeilPolicy *
veil_policy_load(const char *path_or_standard, GError **error)
{
	g_autofree char *name = g_path_get_basename(path_or_standard);
	g_autofree char *text = NULL;
	g_autoptr(GError) cause = NULL;
	gsize len;

	if (strcmp(path_or_standard, "standard") == 0)
		return veil_policy_parse("", 0, "standard", error);
	if (!g_file_get_contents(path_or_standard, &text, &len, &cause)) {
		const char *why = g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT)   ? "no such file"
				  : g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_ISDIR) ? "is a folder"
				  : g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_ACCES) ? "no permission to read it"
											     : "cannot be read";

		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: %s", name, why);
		return NULL;
	}
	return veil_policy_parse(text, len, name, error);
}

void
veil_policy_free(VeilPolicy *policy)
{
	if (policy == NULL)
		return;
	for (guint r = 0; r < VEIL_N_RULES; r++) {
		g_free(policy->rules[r].citation);
		g_free(policy->rules[r].effective_from);
	}
	veil_policy__clear_rules(policy);
	g_free(policy->canonical);
	g_free(policy);
}
