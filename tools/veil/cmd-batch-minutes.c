/* cmd-batch-minutes.c - the record to print and sign. */
#include <stdio.h>
#include <string.h>

#include <veil/io.h>

#include "batch-command.h"
#include "commands.h"

static char *out;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "the HTML file to write", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	g_autofree char *html = NULL;
	VeilStep step;

	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "say where the minutes go: --out FILE");
		return VEIL_EXIT_USAGE;
	}
	site = veil_context_open_site(context, error);
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	html = veil_step_minutes(&step, context->argv[0], error);
	if (html == NULL || !veil_file_put_out(out, html, strlen(html), 0600, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_minutes = {
	.name = "batch minutes",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER,
	.arguments = "NAME --out FILE",
	.summary = "write the record of the draw, to print and sign",
	.description = "One self-contained HTML file for A4: what was drawn, by which rules, seed, roots, versions and draw count, loads and match quality as "
		       "charts, counts of exclusions by rule (none under five), and fields for place, time, drawer and supervisor. Codes only.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
