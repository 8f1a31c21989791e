/* cmd-batch-close.c - destroys a batch's live key. */
#include <stdio.h>

#include "batch-command.h"
#include "custody/close.h"
#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;
	guint openable = 0;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_close(&step, context->argv[0], &openable, error))
		return VEIL_EXIT_FAILURE;
	if (openable > 0)
		fprintf(stderr, "veil: closed; from now on %u custodians together can link codes to people, and nobody else\n", openable);
	else
		fprintf(stderr, "veil: closed; there is no escrow, so nobody can link codes to people any more\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_close = {
	.name = "batch close",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "NAME",
	.summary = "close a batch: destroy its live key",
	.description = "After `veil batch settle`, the term for complaints and the approval of another operator: overwrites the batch's key in the registry and its live half beside it, and logs "
		       "it. Run without an approval it writes the request and says what to approve; run again it closes. A run that was cut off is completed by the next. From then on "
		       "only the custodians together can tell who is behind a code.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6 not settled; the term is not over; no approval yet; closed already",
	.run = run,
};
