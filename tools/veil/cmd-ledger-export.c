/* cmd-ledger-export.c - a copy of the log for an auditor. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "site/ledger.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	if (site == NULL || !veil_desk_ledger_export(site, context->argv[0], error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		g_printerr("verify it with: veil-verify ledger FILE --checkpoint FILE.checkpoint --key FILE.vkey\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_export = {
	.name = "ledger export",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "FILE",
	.summary = "copy the log for an auditor",
	.description = "Verifies the whole log as `veil ledger checkpoint` does, then writes a copy of it to FILE, the latest checkpoint to FILE.checkpoint and the public "
		       "key to FILE.vkey. None of the three may exist. An auditor should have the key from elsewhere: one that comes with the log proves little.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "5 the log does not hold; 6 a file exists already",
	.run = run,
};
