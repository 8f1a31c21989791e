/* cmd-batch-status.c - where a batch stands. */
#include "batch-command.h"
#include "commands.h"
#include "draw/status.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	if (site == NULL || !veil_status_print(site, context->argv[0], veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_status = {
	.name = "batch status",
	.role = "anyone",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER,
	.arguments = "NAME",
	.summary = "say the state of a batch and the next step",
	.description = "Prints draft, frozen or drawn, the date of the facts, and the command that comes next.",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
