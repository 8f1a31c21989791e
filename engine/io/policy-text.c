/* policy-text.c - the canonical text of a policy: what a freeze commits to.
 *
 * Two files that mean the same give the same bytes: every group and key in a fixed order, numbers in one spelling, no
 * comments of the author.
 */
#include <string.h>

#include "policy-parts.h"

static void
add_micro(GString *out, const char *key, gint64 micro)
{
	char text[32];

	if (micro < 0) {
		g_string_append_printf(out, "%s=-1\n", key);
		return;
	}
	veil_micro_format(micro, text);
	for (char *end = text + strlen(text) - 1; *end == '0' || *end == '.'; end--) {
		gboolean point = *end == '.';

		*end = '\0';
		if (point)
			break;
	}
	g_string_append_printf(out, "%s=%s\n", key, text);
}

/* Values are trimmed and hold no control characters, so a backslash is all there is to escape. */
static void
add_text(GString *out, const char *key, const char *text)
{
	g_string_append_printf(out, "%s=", key);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '\n');
}

static void
add_batch(GString *out, const VeilPolicy *policy)
{
	static const char *const methods[] = {"total", "fair", "draw"};

	g_string_append_printf(out, "[batch]\ndemand=%d\nreserves=%d\nmax_load=%d\nmin_load=%d\nmethod=%s\n", policy->demand, policy->reserves,
			       policy->max_load, policy->min_load, methods[policy->method]);
	add_micro(out, "odds", policy->odds_micro);
	g_string_append_printf(out, "candidates=%d\n", policy->candidates);
	if (policy->smallest_set < 0)
		g_string_append(out, "smallest_set=auto\n");
	else
		g_string_append_printf(out, "smallest_set=%d\n", policy->smallest_set);
}

static void
add_methods(GString *out, const VeilPolicy *policy)
{
	static const char *const ways[] = {"none", "column", "discipline"};

	g_string_append(out, "\n[draw]\n");
	add_micro(out, "band", policy->band_micro);
	add_micro(out, "perturbation", policy->perturbation_micro);
	g_string_append_printf(out, "\n[fair]\nequity=%s\n\n[team]\nby=%s\n", policy->equity ? "true" : "false", ways[policy->team_by]);
	if (policy->team_size < 0)
		g_string_append(out, "max_size=auto\n");
	else
		g_string_append_printf(out, "max_size=%d\n", policy->team_size);
}

static void
add_rule(GString *out, VeilRuleId id, const VeilRule *rule)
{
	static const char *const severities[] = {"forbid", "forbid*", "flag"};

	g_string_append_printf(out, "\n[conflict.%s]\nenabled=%s\nseverity=%s\nwindow_months=%d\n", veil_rule_name(id),
			       rule->enabled ? "true" : "false", severities[rule->severity], rule->window_months);
	if (id == VEIL_RULE_C13)
		g_string_append_printf(out, "max_authors=%d\n", rule->max_authors);
	add_text(out, "citation", rule->citation);
	add_text(out, "effective_from", rule->effective_from);
}

static void
add_panel(GString *out, const VeilPanelRule *rule)
{
	g_autofree char *classes = g_strjoinv(";", rule->classes);

	g_string_append_printf(out, "\n[panel.%s]\n", rule->name);
	add_text(out, "class", classes);
	add_text(out, "attribute", rule->attribute);
	add_text(out, "value", rule->value);
	g_string_append_printf(out, "max=%d\nmin=%d\n", rule->max, rule->min);
	add_micro(out, "min_share", rule->min_share_micro);
	add_micro(out, "max_share", rule->max_share_micro);
	g_string_append_printf(out, "odd=%s\n", rule->odd ? "true" : "false");
}

static void
add_share(GString *out, const VeilShareRule *rule)
{
	g_string_append_printf(out, "\n[share.%s]\n", rule->name);
	add_text(out, "attribute", rule->attribute);
	add_text(out, "value", rule->value);
	add_micro(out, "min_share", rule->min_share_micro);
	add_micro(out, "max_share", rule->max_share_micro);
}

char *
veil_policy_text(const VeilPolicy *policy, const char *const *disabled)
{
	GString *out = g_string_new(NULL);
	guint p = 0;

	add_batch(out, policy);
	add_methods(out, policy);
	for (guint r = 0; r < VEIL_N_RULES; r++)
		add_rule(out, (VeilRuleId)r, &policy->rules[r]);
	while (p < policy->n_panel || *disabled != NULL) {
		if (*disabled != NULL && (p == policy->n_panel || strcmp(*disabled, policy->panel[p].name) < 0))
			g_string_append_printf(out, "\n[panel.%s]\nenabled=false\n", *disabled++);
		else
			add_panel(out, &policy->panel[p++]);
	}
	for (guint s = 0; s < policy->n_share; s++)
		add_share(out, &policy->share[s]);
	g_string_append(out, "\n[affinity]\n");
	add_micro(out, "text", policy->text_micro);
	add_micro(out, "discipline", policy->discipline_micro);
	add_micro(out, "step", policy->step_micro);
	add_micro(out, "discipline_decay", policy->discipline_decay_micro);
	g_string_append_printf(out, "\n[close]\ncomplaint_days=%d\nretention_years=%d\n", policy->complaint_days, policy->retention_years);
	return g_string_free(out, FALSE);
}
