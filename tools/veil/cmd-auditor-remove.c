/* cmd-auditor-remove.c - seal no further audit file to an auditor. */
#include "site/auditors.h"
#include "batch-command.h"
#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	VeilStep step = veil_context_step(context, site);
	return veil_auditor_remove(&step, context->argv[0], error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_auditor_remove = {
	.name = "auditor remove",
	.role = "registrar",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "HANDLE",
	.summary = "seal no further audit file to an auditor",
	.description = "Audit files of freezes from now on are not for him. What was sealed to him he can still open: nothing takes back what somebody has. His handle and key do not come back.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  there is no auditor of this handle",
	.run = run,
};
