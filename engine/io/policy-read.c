/* policy-read.c - the keys of a policy in their groups, and what they must not say together. Panel and share rules: policy-panel.c. */
#include <string.h>

#include "policy-parts.h"

static gboolean
read_batch(VeilPolicyReader *reader, VeilPolicy *policy)
{
	static const char *const methods[] = {"total", "fair", "draw", NULL};
	g_autofree char *method = NULL, *smallest = NULL;

	reader->group = "batch";
	if (!veil_policy__int(reader, "demand", 1, 1000, &policy->demand) || !veil_policy__int(reader, "reserves", 0, 1000, &policy->reserves) ||
	    !veil_policy__int(reader, "max_load", 1, 100000, &policy->max_load) || !veil_policy__int(reader, "min_load", 0, 100000, &policy->min_load) ||
	    !veil_policy__int(reader, "candidates", 1, 1000000, &policy->candidates) ||
	    !veil_policy__share(reader, "odds", FALSE, 1, "a number above 0, at most 1", &policy->odds_micro))
		return FALSE;
	smallest = veil_policy__dup(reader, "smallest_set");
	policy->smallest_set = -1;
	if (g_strcmp0(smallest, "auto") != 0 && !veil_policy__int(reader, "smallest_set", 0, 1000000, &policy->smallest_set)) {
		g_clear_error(reader->error);
		return veil_policy__refuse(reader, "smallest_set", "auto (30, or six times the demand if that is more), or a whole number from 0 to 1000000");
	}
	method = veil_policy__dup(reader, "method");
	for (policy->method = VEIL_METHOD_TOTAL; policy->method <= VEIL_METHOD_DRAW; policy->method++)
		if (g_strcmp0(method, methods[policy->method]) == 0)
			break;
	if (policy->method > VEIL_METHOD_DRAW)
		return veil_policy__refuse(reader, "method", "total, fair or draw");
	if (policy->min_load > policy->max_load)
		return veil_policy__refuse(reader, "min_load", "at most max_load");
	if (policy->candidates < policy->demand + policy->reserves)
		return veil_policy__refuse(reader, "candidates", "at least demand + reserves");
	return TRUE;
}

/* What only one of the methods looks at, and which projects share a panel. */
static gboolean
read_methods(VeilPolicyReader *reader, VeilPolicy *policy)
{
	static const char *const ways[] = {"none", "column", "discipline", NULL};
	g_autofree char *by = NULL, *size = NULL;

	reader->group = "draw";
	if (!veil_policy__share(reader, "band", FALSE, 0, "a number from 0 to 1; 0: scores as they are", &policy->band_micro) ||
	    !veil_policy__share(reader, "perturbation", FALSE, 0, "a number from 0 to 1", &policy->perturbation_micro))
		return FALSE;
	reader->group = "fair";
	if (!veil_policy__bool(reader, "equity", &policy->equity))
		return FALSE;
	reader->group = "team";
	by = veil_policy__dup(reader, "by");
	for (policy->team_by = VEIL_TEAM_NONE; policy->team_by <= VEIL_TEAM_DISCIPLINE; policy->team_by++)
		if (g_strcmp0(by, ways[policy->team_by]) == 0)
			break;
	if (policy->team_by > VEIL_TEAM_DISCIPLINE)
		return veil_policy__refuse(reader, "by", "none, column (the column team of the projects) or discipline");
	size = veil_policy__dup(reader, "max_size");
	policy->team_size = -1;
	if (g_strcmp0(size, "auto") != 0 && !veil_policy__int(reader, "max_size", 2, 100000, &policy->team_size)) {
		g_clear_error(reader->error);
		return veil_policy__refuse(reader, "max_size", "auto (max_load), or a whole number from 2 to 100000");
	}
	if (policy->team_by != VEIL_TEAM_NONE && policy->team_size > policy->max_load)
		return veil_policy__refuse(reader, "max_size", "at most max_load; whoever reviews one project of a team reviews them all");
	return TRUE;
}

static gboolean
read_severity(const VeilPolicyReader *reader, VeilSeverity *out)
{
	g_autofree char *value = veil_policy__dup(reader, "severity");

	if (g_strcmp0(value, "forbid") == 0)
		*out = VEIL_SEVERITY_FORBID;
	else if (g_strcmp0(value, "forbid*") == 0)
		*out = VEIL_SEVERITY_FORBID_WAIVABLE;
	else if (g_strcmp0(value, "flag") == 0)
		*out = VEIL_SEVERITY_FLAG;
	else if (g_strcmp0(value, "soft") == 0)
		return veil_policy__refuse(reader, "severity", "soft is not available for conflicts; forbid, forbid* or flag");
	else
		return veil_policy__refuse(reader, "severity", "forbid, forbid* (two persons may waive it) or flag (listed, not excluded)");
	return TRUE;
}

static gboolean
read_rule(VeilPolicyReader *reader, VeilRuleId id, VeilRule *rule)
{
	g_autofree char *group = g_strdup_printf("conflict.%s", veil_rule_name(id));
	VeilInterval when;

	reader->group = group;
	if (!veil_policy__bool(reader, "enabled", &rule->enabled) || !read_severity(reader, &rule->severity) ||
	    !veil_policy__int(reader, "window_months", -1, 1200, &rule->window_months) ||
	    !veil_policy__int(reader, "max_authors", 0, 1000000, &rule->max_authors) || !veil_policy__text(reader, "citation", 500, &rule->citation) ||
	    !veil_policy__text(reader, "effective_from", 20, &rule->effective_from))
		return FALSE;
	if (veil_rule_is_undated(id) && rule->window_months != -1)
		return veil_policy__refuse(reader, "window_months", "this rule looks at no date; leave it out");
	if (id == VEIL_RULE_E04 && rule->severity == VEIL_SEVERITY_FLAG)
		return veil_policy__refuse(reader, "severity", "forbid or forbid*; a ban falls on the whole batch and cannot be a flag");
	if (id == VEIL_RULE_R05 && rule->severity == VEIL_SEVERITY_FLAG)
		return veil_policy__refuse(reader, "severity", "forbid or forbid*; `veil batch cycles` lists what is not forbidden");
	if (rule->enabled && *rule->citation == '\0')
		return veil_policy__refuse(reader, "citation", "a rule that is on must say where it comes from");
	if (*rule->effective_from != '\0' && !veil_interval_parse(rule->effective_from, &when))
		return veil_policy__refuse(reader, "effective_from", "a date such as 2025-01-01, or nothing");
	return TRUE;
}

static gboolean
read_affinity(VeilPolicyReader *reader, VeilPolicy *policy)
{
	static const char weight[] = "a number from 0 to 1";

	reader->group = "affinity";
	if (!veil_policy__share(reader, "text", FALSE, 0, weight, &policy->text_micro) ||
	    !veil_policy__share(reader, "discipline", FALSE, 0, weight, &policy->discipline_micro) ||
	    !veil_policy__share(reader, "step", FALSE, 1, "a number from 0.000001 to 1", &policy->step_micro) ||
	    !veil_policy__share(reader, "discipline_decay", FALSE, 0, weight, &policy->discipline_decay_micro))
		return FALSE;
	if (policy->text_micro + policy->discipline_micro == 0)
		return veil_policy__refuse(reader, "text", "above 0 when discipline is 0");
	if (policy->text_micro + policy->discipline_micro > 1000000)
		return veil_policy__refuse(reader, "discipline", "text and discipline together at most 1");
	return TRUE;
}

static gboolean
read_close(VeilPolicyReader *reader, VeilPolicy *policy)
{
	reader->group = "close";
	return veil_policy__int(reader, "complaint_days", 0, 3650, &policy->complaint_days) &&
	       veil_policy__int(reader, "retention_years", 0, 100, &policy->retention_years);
}

VeilPolicy *
veil_policy_read(GKeyFile *file, const char *name, GError **error)
{
	g_autoptr(VeilPolicy) policy = g_new0(VeilPolicy, 1);
	g_autoptr(GError) own = NULL;
	VeilPolicyReader reader = {file, name, NULL, &own};
	gboolean sound = read_batch(&reader, policy);

	for (guint r = 0; sound && r < VEIL_N_RULES; r++)
		sound = read_rule(&reader, (VeilRuleId)r, &policy->rules[r]);
	if (sound && read_methods(&reader, policy) && veil_policy__panels(&reader, policy) && veil_policy__shares(&reader, policy) && read_affinity(&reader, policy) &&
	    read_close(&reader, policy))
		return g_steal_pointer(&policy);
	g_propagate_error(error, g_steal_pointer(&own));
	return NULL;
}
