/* cmd-escrow-destroy.c - ends what custodians can do. */
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
	if (!veil_step_escrow_destroy(&step, context->argv[0], error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_escrow_destroy = {
	.name = "escrow destroy",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "NAME",
	.summary = "destroy the escrow of a closed batch",
	.description = "After the years of retention ([close] retention_years of the policy, from closing) and the approval of another operator: overwrites what the registry keeps of the escrow, "
		       "without which no custodian's copy opens anything. The codes of the batch then mean nobody, for ever; the ledger stays verifiable, for it knows codes only. Run "
		       "without an approval it writes the request; a run that was cut off is completed.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6 not closed; the years are not over; no approval yet; destroyed already",
	.run = run,
};
