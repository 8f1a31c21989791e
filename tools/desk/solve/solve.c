/* solve.c - the one place where a batch file meets the solver, so that check and draw cannot disagree. */
#include <string.h>

#include <veil/draw.h>

#include "solve/instance.h"
#include "solve/solve.h"

VeilPolicy *
veil_batch_policy(const VeilBatch *batch, GError **error)
{
	const char *text = veil_batch_get(batch, "policy");

	if (text == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "batch file is damaged: it has no policy");
		return NULL;
	}
	return veil_policy_parse(text, strlen(text), "batch file", error);
}

VeilMatch *
veil_batch_solve(const VeilBatch *batch, const VeilPolicy *policy, const guint8 *seed, GError **error)
{
	g_autofree guint32 *order = NULL;
	VeilBatchInstance instance;
	VeilMatch *match;

	if (seed != NULL) {
		order = g_new(guint32, MAX(batch->n_reviewers, 1));
		veil_draw_order(seed, "veil/order/reviewers", order, batch->n_reviewers);
	}
	veil_batch_instance_init(&instance, batch, policy, NULL);
	match = veil_match_total(&instance.instance, order, error);
	veil_batch_instance_clear(&instance);
	return match;
}

static void
append_codes(GString *text, const VeilBatch *batch, const guint32 *indexes, guint32 n, gboolean projects)
{
	guint32 shown = MIN(n, 5);

	for (guint32 i = 0; i < shown; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "",
				       projects ? batch->projects[indexes[i]].code : batch->reviewers[indexes[i]].code);
	if (n > shown)
		g_string_append_printf(text, " and %u more", n - shown);
}

char *
veil_witness_text(const VeilBatch *batch, const VeilWitness *witness)
{
	GString *text = g_string_new(NULL);

	if (witness->kind != VEIL_WITNESS_PLAIN) {
		g_string_append_printf(text, "%s: %u %s (",
				       witness->kind == VEIL_WITNESS_RULE    ? "a panel rule asks for more than its people can take" :
				       witness->kind == VEIL_WITNESS_PANEL ? "no legal panel among the candidates" :
									     "panel rules and loads cannot be met together",
				       witness->n_projects, witness->n_projects == 1 ? "project" : "projects");
		append_codes(text, batch, witness->projects, witness->n_projects, TRUE);
		g_string_append(text, "); change the panel rules, lengthen the lists, or add experts in this field");
		if (witness->kind == VEIL_WITNESS_RULE)
			g_string_append(text, "; what fewer than five reviewers share is not said in this file and fills no minimum");
		return g_string_free(text, FALSE);
	}
	if (witness->minimum) {
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " too few %s for the minimum load%s of %u %s (", witness->short_by, witness->short_by == 1 ? "place" : "places",
				       witness->n_reviewers == 1 ? "" : "s", witness->n_reviewers, witness->n_reviewers == 1 ? "reviewer" : "reviewers");
		append_codes(text, batch, witness->reviewers, witness->n_reviewers, FALSE);
		g_string_append(text, "); lower min_load or take more projects");
		return g_string_free(text, FALSE);
	}
	g_string_append_printf(text, "a smallest group that shows it is %" G_GUINT64_FORMAT " %s short: %u %s (", witness->short_by, witness->short_by == 1 ? "place" : "places", witness->n_projects,
			       witness->n_projects == 1 ? "project" : "projects");
	append_codes(text, batch, witness->projects, witness->n_projects, TRUE);
	if (witness->n_reviewers == 0) /* nobody's load is the cause: lists, panel maxima or a cap on the odds are */
		g_string_append(text, witness->n_projects == 1 ? ") has" : ") have");
	if (witness->n_reviewers == 0)
		g_string_append(text, " too few candidates whom the panel rules (and the odds cap, with method draw) let sit together, whatever their loads; "
				      "ask for fewer reviewers, change these rules, or add experts in this field");
	else
		g_string_append_printf(text,
				       ") %s on %u %s who would all be at their maximum load; raise max_load, ask for fewer "
				       "reviewers, or add experts in this field",
				       witness->n_projects == 1 ? "depends" : "depend", witness->n_reviewers, witness->n_reviewers == 1 ? "reviewer" : "reviewers");
	return g_string_free(text, FALSE);
}
