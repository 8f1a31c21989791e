/* cmd-ledger-cosign.c - witnesses' cosignatures taken into the site's checkpoints. */
#include "batch-command.h"
#include "commands.h"
#include "witness/cosign.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_cosign(&step, (const char *const *)context->argv, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_ledger_cosign = {
	.name = "ledger cosign",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "FILE...",
	.summary = "take in what witnesses cosigned",
	.description =
		"Each FILE has the lines that `veil ledger witness` printed, or is a whole checkpoint that a witness gives back. A line of one of the site's witnesses that holds on a "
		"checkpoint in ledger/ goes into ledger/checkpoints/SIZE.note, in place of an earlier one of his; one that holds on none is refused. Prints what was taken: witness, "
		"records, time, and whether it is fresh enough for `veil unmask open` (ten minutes).\n\n"
		"A checkpoint signed by this log that covers more records than are here, or has another history, makes the ledger read-only: see `veil ledger restore`.",
	.min_args = 1,
	.max_args = -1,
	.exit_notes = "5 a line that fits no checkpoint, or a checkpoint that shows a cut or forked log; 6 a later line is there",
	.run = run,
};
