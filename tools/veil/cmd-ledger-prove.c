/* cmd-ledger-prove.c - a proof that one record is in the log, for somebody who has not the log. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "ledger.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autofree char *proof = site != NULL ? veil_desk_ledger_prove(site, context->argv[0], error) : NULL;

	if (proof == NULL)
		return VEIL_EXIT_FAILURE;
	fputs(proof, stdout);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_prove = {
	.name = "ledger prove",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "SEQ",
	.summary = "prove that a record is in the log",
	.description = "Prints a C2SP tlog-proof: the record's number, the hashes from its leaf to the root, and the signed checkpoint. With the record's bytes and "
		       "the log's public key it can be verified by anyone, without the log.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "5 the record or a stored hash was altered; 6 there is no such record",
	.run = run,
};
