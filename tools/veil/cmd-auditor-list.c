/* cmd-auditor-list.c - to whom audit files are sealed. */
#include "site/auditors.h"
#include "batch-command.h"
#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	return site != NULL && veil_auditors_print(site, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_auditor_list = {
	.name = "auditor list",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "",
	.summary = "list the auditors to whom audit files are sealed",
	.description = "Columns auditor, public_key, state (active, removed), in the order in which the ledger names them.",
	.max_args = 0,
	.run = run,
};
