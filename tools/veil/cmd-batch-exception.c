/* cmd-batch-exception.c - a field too small for a fair draw, let pass by three. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "ceremony/exception.h"

static char *project, *reason;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project, by the drawer's code", "CODE"},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "why the field has no more experts; printed in the minutes: no names", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if (project == NULL || reason == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "an exception names --project CODE and a --reason");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_exception(&step, context->argv[0], project, reason, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		fprintf(stderr, "veil: the exception holds; the minutes print it\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_exception = {
	.name = "batch exception",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER,
	.arguments = "NAME --project CODE --reason TEXT",
	.summary = "ask for a small field to be drawn all the same",
	.description =
		"Method draw wants enough candidates for every project and a cap on everybody's odds; a field that is short of experts has neither. Where widening it does not "
		"help, three operators together may let the draw go on for that project. The command logs the request and prints its id; three others approve "
		"it (`veil approve`); run again, it says that the exception holds.\n\n"
		"It holds for one project of one freeze, lifts the smallest set and the odds cap and no conflict rule, and stands in the minutes and in the ledger.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  approvals are missing, or the batch or the project is not available",
	.run = run,
};
