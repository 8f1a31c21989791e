/* supported.c - what a batch's policy may ask for beyond what its reader understands: attributes that the pool has, and what the method can keep.
 *
 * Asked when a batch is made and again when it is frozen, so that nobody learns only at the draw that a rule cannot be.
 */
#include "solve/supported.h"

#include <string.h>

#include "solve/instance.h"

/* A minimum alone: whom fewer than five share is not marked, so a maximum would count too few. */
static gboolean
check_peer(const VeilPanelRule *rule, GError **error)
{
	if (veil_peer_mark(rule) != VEIL_MARK_NOBODY && rule->max < 0 && rule->max_share_micro < 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "policy: [panel.%s]: attribute=peer takes value=leaf or value=near and a minimum (min or min_share); no maximum", rule->name);
	return FALSE;
}

static gboolean
is_known(const char *attribute)
{
	static const char *const known[] = {"employer", "kind", "province", "city", "rank", NULL};

	return g_strv_contains(known, attribute);
}

static gboolean
check_attributes(const VeilPolicy *policy, GError **error)
{
	for (guint i = 0; i < policy->n_panel + policy->n_share; i++) {
		gboolean panel = i < policy->n_panel;
		const char *attribute = panel ? policy->panel[i].attribute : policy->share[i - policy->n_panel].attribute;
		const char *name = panel ? policy->panel[i].name : policy->share[i - policy->n_panel].name;

		if (panel && strcmp(attribute, "peer") == 0) {
			if (!check_peer(&policy->panel[i], error))
				return FALSE;
			continue;
		}
		if (*attribute == '\0' || is_known(attribute))
			continue;
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "policy: [%s.%s] attribute: the pool has employer, kind, province, city and rank, and for panels peer; nothing else can be asked for",
			    panel ? "panel" : "share", name);
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_policy_check_supported(const VeilPolicy *policy, GError **error)
{
	if (veil_policy_method(policy) == VEIL_METHOD_DRAW && policy->n_share > 0 && policy->reserves > 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "policy: [share.%s] with [batch] method=draw and reserves=%d: panel and reserves are drawn together, and nobody knows who of them will sit; "
			    "say reserves=0, or method=total or method=fair",
			    policy->share[0].name, policy->reserves);
		return FALSE;
	}
	return check_attributes(policy, error);
}
