/* match.c - `veil match` from beginning to end. */
#include <string.h>

#include "match/match.h"
#include "solve/relaxation.h"

static gboolean
check_paths(const VeilMatchOptions *options, GError **error)
{
	const char *inputs[] = {options->scores, options->conflicts, options->loads, options->demands, options->attributes};
	guint n_stdin = 0;

	if (options->scores == NULL || options->out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --scores FILE and --out FILE; `veil match --help` shows all options");
		return FALSE;
	}
	for (guint i = 0; i < G_N_ELEMENTS(inputs); i++)
		n_stdin += inputs[i] != NULL && strcmp(inputs[i], "-") == 0;
	if (n_stdin > 1) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "only one list can come from standard input");
		return FALSE;
	}
	return TRUE;
}

static gdouble
seconds_since(gint64 *start)
{
	gint64 now = g_get_monotonic_time(), before = *start;

	*start = now;
	return (gdouble)(now - before) / G_USEC_PER_SEC;
}

/* The witness is a smallest group that lacks something, so what the whole instance lacks is said beside it. */
static void
say_infeasible(const VeilWitness *w, const GArray *relaxations, GError **error)
{
	g_autofree char *projects = veil_count_words(w->n_projects, "project", "projects"), *reviewers = veil_count_words(w->n_reviewers, "reviewer", "reviewers");
	g_autofree char *places = veil_count_words(w->short_by, "place", "places");
	guint64 all = w->kind == VEIL_WITNESS_PLAIN ? veil_relaxations_shortage(relaxations, w->minimum) : 0;
	g_autofree char *whole = all > w->short_by ? g_strdup_printf(", %" G_GUINT64_FORMAT " in the whole instance", all) : g_strdup("");

	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE, "no assignment exists: %s (a smallest group that shows it: %s, %s, %s short%s); "
		    "--json or --certificate names them",
		    w->minimum			       ? "some minimum loads cannot all be met"
		    : w->kind == VEIL_WITNESS_RULE   ? "the minimum of a panel rule cannot be met"
		    : w->kind == VEIL_WITNESS_PANEL  ? "a project has no panel that obeys all rules"
		    : w->kind == VEIL_WITNESS_PRICES ? "the rules leave some reviewers more to do than they may, or less"
						     : "some projects cannot all be filled",
		    projects, reviewers, places, whole);
}

gboolean
veil_match_run(const VeilMatchOptions *options, GError **error)
{
	g_autoptr(VeilPublished) published = NULL;
	g_autoptr(VeilMatch) match = NULL;
	g_autoptr(GArray) relaxations = NULL;
	VeilMatchTimes times = {0};
	gint64 clock = g_get_monotonic_time();
	gboolean to_stdout;

	if (!check_paths(options, error))
		return FALSE;
	published = veil_published_read(options, error);
	if (published == NULL)
		return FALSE;
	times.read = seconds_since(&clock);
	match = published->method == VEIL_METHOD_DRAW ? veil_published_draw(published, error) : veil_published_solve(published, error);
	if (match != NULL && match->status == VEIL_MATCH_INFEASIBLE) {
		relaxations = veil_published_relax(published, match, error);
		if (relaxations == NULL)
			return FALSE;
	}
	if (match == NULL)
		return FALSE;
	times.solve = seconds_since(&clock);
	if (!veil_published_write(published, match, options, &times, error))
		return FALSE;
	to_stdout = strcmp(options->out, "-") == 0 || (options->certificate != NULL && strcmp(options->certificate, "-") == 0);
	if (!to_stdout && (options->json || !options->quiet))
		veil_published_print(published, match, relaxations, options->json, &times);
	if (match->status != VEIL_MATCH_INFEASIBLE)
		return TRUE;
	say_infeasible(&match->witness, relaxations, error);
	return FALSE;
}
