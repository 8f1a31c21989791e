/* instance.c - from the batch file to the matching problem, and what this version can solve of a policy.
 *
 * Freeze, check and draw must solve the very same problem, so there is one place that makes it.
 */
#include <string.h>

#include "instance.h"

void
veil_batch_instance_init(VeilBatchInstance *out, const VeilBatch *batch, gboolean one_per_employer)
{
	guint32 n_p = batch->n_projects, n_r = batch->n_reviewers;

	memset(out, 0, sizeof *out);
	out->demand = g_new(guint32, MAX(n_p, 1));
	out->cut = g_new(gint64, MAX(n_p, 1));
	out->min_load = g_new(guint32, MAX(n_r, 1));
	out->max_load = g_new(guint32, MAX(n_r, 1));
	for (guint32 p = 0; p < n_p; p++) {
		out->demand[p] = batch->projects[p].demand;
		out->cut[p] = batch->projects[p].cut < 0 ? VEIL_NO_CUT : batch->projects[p].cut;
	}
	for (guint32 r = 0; r < n_r; r++) {
		out->min_load[r] = batch->reviewers[r].min_load;
		out->max_load[r] = batch->reviewers[r].max_load;
	}
	if (one_per_employer) {
		g_autoptr(GHashTable) numbers = g_hash_table_new(g_str_hash, g_str_equal);

		out->group = g_new0(guint32, MAX(n_r, 1));
		for (guint32 r = 0; r < n_r; r++) {
			const char *token = batch->reviewers[r].employer;
			gpointer number;

			if (*token == '\0')
				continue;
			number = g_hash_table_lookup(numbers, token);
			if (number == NULL) {
				number = GUINT_TO_POINTER(g_hash_table_size(numbers) + 1);
				g_hash_table_insert(numbers, (gpointer)token, number);
			}
			out->group[r] = GPOINTER_TO_UINT(number);
		}
	}
	out->instance = (VeilInstance){
		.n_projects = n_p,
		.n_reviewers = n_r,
		.demand = out->demand,
		.min_load = out->min_load,
		.max_load = out->max_load,
		.offset = batch->offset,
		.reviewer = batch->reviewer,
		.score = batch->score,
		.cut = out->cut,
		.group = out->group,
	};
}

void
veil_batch_instance_clear(VeilBatchInstance *instance)
{
	g_free(instance->demand);
	g_free(instance->cut);
	g_free(instance->min_load);
	g_free(instance->max_load);
	g_free(instance->group);
	memset(instance, 0, sizeof *instance);
}

static gboolean
says_nothing(const VeilPanelRule *rule)
{
	return rule->max < 0 && rule->min < 0 && rule->min_share_micro < 0 && rule->max_share_micro < 0 && !rule->odd;
}

static gboolean
is_one_per_employer(const VeilPanelRule *rule)
{
	return *rule->classes == NULL && strcmp(rule->attribute, "employer") == 0 && (rule->value == NULL || *rule->value == '\0') && rule->max == 1 &&
	       rule->min < 0 && rule->min_share_micro < 0 && rule->max_share_micro < 0 && !rule->odd;
}

gboolean
veil_policy_one_per_employer(const VeilPolicy *policy)
{
	for (guint i = 0; i < policy->n_panel; i++)
		if (is_one_per_employer(&policy->panel[i]))
			return TRUE;
	return FALSE;
}

gboolean
veil_policy_check_supported(const VeilPolicy *policy, GError **error)
{
	if (policy->team_by != VEIL_TEAM_NONE || policy->n_share > 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "policy: %s is not there yet in this version",
			    policy->n_share > 0 ? "[share.NAME]" : "[team]");
		return FALSE;
	}
	for (guint i = 0; i < policy->n_panel; i++)
		if (!says_nothing(&policy->panel[i]) && !is_one_per_employer(&policy->panel[i])) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "policy: [panel.%s] is a panel rule this version cannot draw by; it knows `attribute=employer, max=1` only",
				    policy->panel[i].name);
			return FALSE;
		}
	if (policy->reserves > 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "policy: [batch] reserves: this version draws no reserves yet; say reserves=0");
		return FALSE;
	}
	if (policy->method_given && policy->method != VEIL_METHOD_TOTAL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "policy: [batch] method=%s is not there yet in this version; say method=total or leave it out",
			    policy->method == VEIL_METHOD_FAIR ? "fair" : "draw");
		return FALSE;
	}
	return TRUE;
}
