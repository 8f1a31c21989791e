/* policy-read.c - the keys of a policy, typed and in range.
 *
 * Every refusal says group, key and what is allowed; nothing is clamped, since a policy that means something else than it says is what a
 * commitment to it is supposed to rule out. A share may be written as a fraction, because a statute's "two thirds" has no decimal: it is
 * rounded to the side that lets exactly two of three pass.
 */
#include <string.h>

#include "policy-parts.h"

typedef struct {
	GKeyFile *file;
	const char *name;
	const char *group;
	GError **error;
} Reader;

static gboolean
refuse(const Reader *reader, const char *key, const char *allowed)
{
	g_set_error(reader->error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [%s] %s: %s", reader->name, reader->group, key, allowed);
	return FALSE;
}

/* NULL when the key is absent or its text cannot be read; the latter is caught by read_text. */
static char *
dup_value(const Reader *reader, const char *key)
{
	g_autofree char *value = g_key_file_get_value(reader->file, reader->group, key, NULL);

	return value != NULL ? g_strdup(g_strstrip(value)) : NULL;
}

static gboolean
read_int(const Reader *reader, const char *key, int least, int most, int *out)
{
	g_autofree char *value = dup_value(reader, key);
	char allowed[64];
	gint64 number;

	if (value == NULL)
		return TRUE;
	g_snprintf(allowed, sizeof allowed, "a whole number from %d to %d", least, most);
	if (!g_ascii_string_to_signed(value, 10, least, most, &number, NULL))
		return refuse(reader, key, allowed);
	*out = (int)number;
	return TRUE;
}

static gboolean
read_bool(const Reader *reader, const char *key, gboolean *out)
{
	g_autofree char *value = dup_value(reader, key);

	if (value == NULL)
		return TRUE;
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return refuse(reader, key, "true or false");
	*out = *value == 't';
	return TRUE;
}

/* "2/3". up: rounded up, else down. */
static gboolean
parse_fraction(const char *text, gboolean up, gint64 *out)
{
	const char *slash = strchr(text, '/');
	g_autofree char *above = slash != NULL ? g_strndup(text, (gsize)(slash - text)) : NULL;
	gint64 n, d;

	if (slash == NULL || !g_ascii_string_to_signed(above, 10, 0, 1000000, &n, NULL) ||
	    !g_ascii_string_to_signed(slash + 1, 10, 1, 1000000, &d, NULL))
		return FALSE;
	*out = (n * 1000000 + (up ? d - 1 : 0)) / d;
	return TRUE;
}

static gboolean
read_share(const Reader *reader, const char *key, gboolean up, gint64 least, const char *allowed, gint64 *out)
{
	g_autofree char *value = dup_value(reader, key);
	gint64 micro;

	if (value == NULL)
		return TRUE;
	if (!parse_fraction(value, up, &micro) && !veil_micro_parse(value, strlen(value), &micro))
		return refuse(reader, key, allowed);
	if (micro < least || micro > 1000000)
		return refuse(reader, key, allowed);
	*out = micro;
	return TRUE;
}

/* "-1" for none, as everywhere. */
static gboolean
read_bound_share(const Reader *reader, const char *key, gboolean up, gint64 *out)
{
	g_autofree char *value = dup_value(reader, key);

	*out = -1;
	return g_strcmp0(value, "-1") == 0 || read_share(reader, key, up, 0, "a number from 0 to 1, a fraction such as 2/3, or -1 for none", out);
}

static gboolean
read_text(const Reader *reader, const char *key, glong most, char **out)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *value = NULL;

	if (!g_key_file_has_key(reader->file, reader->group, key, NULL)) {
		*out = g_strdup("");
		return TRUE;
	}
	value = g_key_file_get_string(reader->file, reader->group, key, &cause);
	/* A bad escape sets the error and still gives a text. */
	if (value == NULL || cause != NULL)
		return refuse(reader, key, "text in UTF-8; a backslash is written \\\\");
	g_strstrip(value);
	for (const char *p = value; *p != '\0'; p++)
		if ((guchar)*p < 0x20 || *p == 0x7f)
			return refuse(reader, key, "one line of text without control characters");
	if (g_utf8_strlen(value, -1) > most) {
		g_autofree char *allowed = g_strdup_printf("at most %ld characters", most);

		return refuse(reader, key, allowed);
	}
	*out = g_steal_pointer(&value);
	return TRUE;
}

static gboolean
read_batch(Reader *reader, VeilPolicy *policy)
{
	static const char *const methods[] = {"total", "fair", "draw", NULL};
	g_autofree char *method = NULL, *smallest = NULL;

	reader->group = "batch";
	if (!read_int(reader, "demand", 1, 1000, &policy->demand) || !read_int(reader, "reserves", 0, 1000, &policy->reserves) ||
	    !read_int(reader, "max_load", 1, 100000, &policy->max_load) || !read_int(reader, "min_load", 0, 100000, &policy->min_load) ||
	    !read_int(reader, "candidates", 1, 1000000, &policy->candidates) ||
	    !read_share(reader, "odds", FALSE, 1, "a number above 0, at most 1", &policy->odds_micro))
		return FALSE;
	smallest = dup_value(reader, "smallest_set");
	policy->smallest_set = -1;
	if (g_strcmp0(smallest, "auto") != 0 && !read_int(reader, "smallest_set", 0, 1000000, &policy->smallest_set)) {
		g_clear_error(reader->error);
		return refuse(reader, "smallest_set", "auto (30, or six times the demand if that is more), or a whole number from 0 to 1000000");
	}
	method = dup_value(reader, "method");
	for (policy->method = VEIL_METHOD_TOTAL; policy->method <= VEIL_METHOD_DRAW; policy->method++)
		if (g_strcmp0(method, methods[policy->method]) == 0)
			break;
	if (policy->method > VEIL_METHOD_DRAW)
		return refuse(reader, "method", "total, fair or draw");
	if (policy->min_load > policy->max_load)
		return refuse(reader, "min_load", "at most max_load");
	if (policy->candidates < policy->demand + policy->reserves)
		return refuse(reader, "candidates", "at least demand + reserves");
	return TRUE;
}

static gboolean
read_severity(const Reader *reader, VeilSeverity *out)
{
	g_autofree char *value = dup_value(reader, "severity");

	if (g_strcmp0(value, "forbid") == 0)
		*out = VEIL_SEVERITY_FORBID;
	else if (g_strcmp0(value, "forbid*") == 0)
		*out = VEIL_SEVERITY_FORBID_WAIVABLE;
	else if (g_strcmp0(value, "flag") == 0)
		*out = VEIL_SEVERITY_FLAG;
	else if (g_strcmp0(value, "soft") == 0)
		return refuse(reader, "severity", "soft is not available for conflicts; forbid, forbid* or flag");
	else
		return refuse(reader, "severity", "forbid, forbid* (two persons may waive it) or flag (listed, not excluded)");
	return TRUE;
}

static gboolean
read_rule(Reader *reader, VeilRuleId id, VeilRule *rule)
{
	g_autofree char *group = g_strdup_printf("conflict.%s", veil_rule_name(id));
	VeilInterval when;

	reader->group = group;
	if (!read_bool(reader, "enabled", &rule->enabled) || !read_severity(reader, &rule->severity) ||
	    !read_int(reader, "window_months", -1, 1200, &rule->window_months) ||
	    !read_int(reader, "max_authors", 0, 1000000, &rule->max_authors) || !read_text(reader, "citation", 500, &rule->citation) ||
	    !read_text(reader, "effective_from", 20, &rule->effective_from))
		return FALSE;
	if (veil_rule_is_undated(id) && rule->window_months != -1)
		return refuse(reader, "window_months", "this rule looks at no date; leave it out");
	if (id == VEIL_RULE_E04 && rule->severity == VEIL_SEVERITY_FLAG)
		return refuse(reader, "severity", "forbid or forbid*; a ban falls on the whole batch and cannot be a flag");
	if (rule->enabled && *rule->citation == '\0')
		return refuse(reader, "citation", "a rule that is on must say where it comes from");
	if (*rule->effective_from != '\0' && !veil_interval_parse(rule->effective_from, &when))
		return refuse(reader, "effective_from", "a date such as 2025-01-01, or nothing");
	return TRUE;
}

static gboolean
check_panel(const Reader *reader, const VeilPanelRule *rule)
{
	gboolean bounded = rule->max >= 0 || rule->min >= 0 || rule->min_share_micro >= 0 || rule->max_share_micro >= 0;
	const char *value = rule->value;

	if (bounded && *rule->attribute == '\0')
		return refuse(reader, "attribute", "the attribute to bound, such as employer, province, rank or kind");
	if (!bounded && !rule->odd)
		return refuse(reader, "max", "at least one of max, min, min_share, max_share, odd; enabled=false takes the rule away");
	if ((rule->min >= 0 || rule->min_share_micro >= 0) && *value == '\0')
		return refuse(reader, "value", "a minimum needs the value it asks for");
	if (strcmp(value, "!") == 0)
		return refuse(reader, "value", "a value behind the !");
	if (rule->min >= 0 && rule->max >= 0 && rule->min > rule->max)
		return refuse(reader, "min", "at most max");
	if (rule->min_share_micro >= 0 && rule->max_share_micro >= 0 && rule->min_share_micro > rule->max_share_micro)
		return refuse(reader, "min_share", "at most max_share");
	return TRUE;
}

static gboolean
read_panel(Reader *reader, const char *group, VeilPanelRule *rule, gboolean *out_enabled)
{
	reader->group = group;
	rule->max = rule->min = -1;
	rule->name = g_strdup(group + strlen("panel."));
	*out_enabled = TRUE;
	return read_bool(reader, "enabled", out_enabled) && read_text(reader, "attribute", 64, &rule->attribute) &&
	       read_text(reader, "value", 200, &rule->value) && read_int(reader, "max", -1, 1000, &rule->max) &&
	       read_int(reader, "min", -1, 1000, &rule->min) && read_bound_share(reader, "min_share", FALSE, &rule->min_share_micro) &&
	       read_bound_share(reader, "max_share", TRUE, &rule->max_share_micro) && read_bool(reader, "odd", &rule->odd) &&
	       (!*out_enabled || check_panel(reader, rule));
}

static int
compare_panels(const void *a, const void *b)
{
	return strcmp(((const VeilPanelRule *)a)->name, ((const VeilPanelRule *)b)->name);
}

static gboolean
read_panels(Reader *reader, VeilPolicy *policy)
{
	g_auto(GStrv) groups = g_key_file_get_groups(reader->file, NULL);

	policy->panel = g_new0(VeilPanelRule, g_strv_length(groups));
	for (guint i = 0; groups[i] != NULL; i++) {
		gboolean enabled;

		if (!g_str_has_prefix(groups[i], "panel."))
			continue;
		policy->n_panel++;
		if (!read_panel(reader, groups[i], &policy->panel[policy->n_panel - 1], &enabled))
			return FALSE;
		if (!enabled) {
			VeilPanelRule *last = &policy->panel[--policy->n_panel];

			g_free(last->name);
			g_free(last->attribute);
			g_free(last->value);
			*last = (VeilPanelRule){0};
		}
	}
	qsort(policy->panel, policy->n_panel, sizeof *policy->panel, compare_panels);
	return TRUE;
}

static gboolean
read_affinity(Reader *reader, VeilPolicy *policy)
{
	static const char weight[] = "a number from 0 to 1";

	reader->group = "affinity";
	if (!read_share(reader, "text", FALSE, 0, weight, &policy->text_micro) ||
	    !read_share(reader, "discipline", FALSE, 0, weight, &policy->discipline_micro) ||
	    !read_share(reader, "step", FALSE, 1, "a number from 0.000001 to 1", &policy->step_micro) ||
	    !read_share(reader, "discipline_decay", FALSE, 0, weight, &policy->discipline_decay_micro))
		return FALSE;
	if (policy->text_micro + policy->discipline_micro == 0)
		return refuse(reader, "text", "above 0 when discipline is 0");
	if (policy->text_micro + policy->discipline_micro > 1000000)
		return refuse(reader, "discipline", "text and discipline together at most 1");
	return TRUE;
}

VeilPolicy *
veil_policy_read(GKeyFile *file, const char *name, GError **error)
{
	g_autoptr(VeilPolicy) policy = g_new0(VeilPolicy, 1);
	g_autoptr(GError) own = NULL;
	Reader reader = {file, name, NULL, &own};
	gboolean sound = read_batch(&reader, policy);

	for (guint r = 0; sound && r < VEIL_N_RULES; r++)
		sound = read_rule(&reader, (VeilRuleId)r, &policy->rules[r]);
	if (sound && read_panels(&reader, policy) && read_affinity(&reader, policy))
		return g_steal_pointer(&policy);
	g_propagate_error(error, g_steal_pointer(&own));
	return NULL;
}
