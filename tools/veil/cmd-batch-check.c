/* cmd-batch-check.c - can the batch be filled? */
#include "batch-command.h"
#include "commands.h"
#include "status.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	if (site == NULL || !veil_check_print(site, context->argv[0], veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_check = {
	.name = "batch check",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH,
	.arguments = "NAME",
	.summary = "compare supply and demand of a frozen batch",
	.description = "Solves the batch without drawing it. When there is no legal assignment it names a witness: which projects, which reviewers, how many "
		       "places short. Nothing is written.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "4  there is no legal assignment",
	.run = run,
};
