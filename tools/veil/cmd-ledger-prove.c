/* cmd-ledger-prove.c - a proof that one record is in the log, or that one checkpoint continues another, for somebody who has not the log. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "site/ledger.h"

static char *from, *to;

static const GOptionEntry options[] = {
	{"from", 0, 0, G_OPTION_ARG_STRING, &from, "prove that history continues from the first N records", "N"},
	{"to", 0, 0, G_OPTION_ARG_STRING, &to, "up to the checkpoint kept for SIZE records (the latest)", "SIZE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	if ((context->argc == 1) == (from != NULL) || (to != NULL && from == NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give SEQ, the number of a record, or --from N, and with that perhaps --to SIZE");
		return VEIL_EXIT_USAGE;
	}
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autofree char *proof = site == NULL ? NULL : from != NULL ? veil_desk_ledger_prove_from(site, from, to, error) :
								      veil_desk_ledger_prove(site, context->argv[0], error);

	if (proof == NULL)
		return VEIL_EXIT_FAILURE;
	fputs(proof, stdout);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_prove = {
	.name = "ledger prove",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "SEQ | --from N [--to SIZE]",
	.summary = "prove that a record is in the log, or that history continues",
	.description = "With SEQ: prints a C2SP tlog-proof: the record's number, the hashes from its leaf to the root, and the signed checkpoint. With the record's bytes and "
		       "the log's public key it can be verified by anyone, without the log.\n\n"
		       "With --from: prints what a C2SP tlog-witness takes as an add-checkpoint request: `old N`, the consistency proof from the first N records, an empty line, the "
		       "checkpoint. Whoever holds a checkpoint of N records sees from it that nothing before was changed. `veil ledger witness` takes it.",
	.options = options,
	.min_args = 0,
	.max_args = 1,
	.exit_notes = "5 the record or a stored hash was altered; 6 there is no such record, or no checkpoint of that size",
	.run = run,
};
