/* minima.c - see minima.h.
 *
 * Attributes are given up where fewer than five share them (formats.md 1.1), and many are never said. Whoever asks for a minimum should hear of that before the draw, not from a
 * panel that lacks somebody who was there all along.
 */
#include <string.h>

#include "solve/instance.h"
#include "freeze/minima.h"

enum { FEW = 5 };

/* Does the rule ask for somebody in this project? */
static gboolean
asks(const VeilPanelRule *rule, const VeilBatchProject *project)
{
	guint32 min = 0, max;

	if (project->demand > 0 && veil_panel_rule_binds(rule, project->project_class))
		veil_panel_rule_counts(rule, project->demand, &min, &max);
	return min > 0;
}

static void
add_blank(GPtrArray *out, const VeilBatch *batch, const char *group, const char *name, const char *attribute, const char *value)
{
	guint32 blank = 0, n = batch->n_reviewers;

	for (guint32 r = 0; r < n; r++)
		blank += veil_batch_said(batch, r, attribute) == NULL;
	if (blank < FEW || (guint64)blank * 5 < n)
		return;
	g_ptr_array_add(out, g_strdup_printf("[%s.%s] asks for %s=%s, and of at least %u of %u reviewers %s is not said: they fill no minimum", group, name, attribute, value,
					     blank / FEW * FEW, n, attribute));
}

static void
add_peerless(GPtrArray *out, const VeilBatch *batch, const VeilPanelRule *rule)
{
	guint32 asked = 0, without = 0;

	for (guint32 p = 0; p < batch->n_projects; p++) {
		gboolean any = FALSE;

		if (!asks(rule, &batch->projects[p]))
			continue;
		for (guint64 i = batch->offset[p]; batch->mark != NULL && !any && i < batch->offset[p + 1]; i++)
			any = (batch->mark[i] & veil_peer_mark(rule)) != 0;
		asked++;
		without += !any;
	}
	if (without > 0)
		g_ptr_array_add(out, g_strdup_printf("[panel.%s] asks for peers in %u %s, and in %u of them nobody counts: fewer than five experts of the %s may review them", rule->name,
						     asked, asked == 1 ? "project" : "projects", without, strcmp(rule->value, "leaf") == 0 ? "discipline" : "field"));
}

GPtrArray *
veil_minima_warnings(const VeilBatch *batch, const VeilPolicy *policy)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];
		gboolean any = FALSE;

		for (guint32 p = 0; !any && p < batch->n_projects; p++)
			any = asks(rule, &batch->projects[p]);
		if (any && veil_peer_mark(rule) != 0)
			add_peerless(out, batch, rule);
		else if (any)
			add_blank(out, batch, "panel", rule->name, rule->attribute, rule->value);
	}
	for (guint i = 0; i < policy->n_share; i++)
		if (policy->share[i].min_share_micro > 0)
			add_blank(out, batch, "share", policy->share[i].name, policy->share[i].attribute, policy->share[i].value);
	return out;
}

void
veil_minima_warn(const VeilBatch *batch, const VeilPolicy *policy)
{
	g_autoptr(GPtrArray) warnings = veil_minima_warnings(batch, policy);

	for (guint i = 0; i < warnings->len; i++)
		g_printerr("veil: warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
}
