/* cmd-batch-settle.c - the requester's word that all results stand. */
#include "batch-command.h"
#include "custody/close.h"
#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_settle(&step, context->argv[0], error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_settle = {
	.name = "batch settle",
	.role = "requester",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "NAME",
	.summary = "record that all results of a batch stand",
	.description = "The term for complaints ([close] complaint_days of the policy) runs from this record; after it the batch may be closed. Nobody is replaced, struck or drawn any more from "
		       "here on. Once only.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6 not drawn yet; a further draw is begun; settled already",
	.run = run,
};
