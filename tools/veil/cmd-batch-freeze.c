/* cmd-batch-freeze.c - the veil falls: facts become two files, one for the drawer, one for the auditor. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"

static char *as_of, *reason;
static gboolean again;

static const GOptionEntry options[] = {
	{"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of, "the date the facts are judged at; default today (UTC)", "DATE"},
	{"again", 0, 0, G_OPTION_ARG_NONE, &again, "freeze a frozen batch once more; another operator approves", NULL},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "with --again: why, for who approves and for the minutes; no names", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	if (again != (reason != NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--again and --reason go together");
		return VEIL_EXIT_USAGE;
	}
	step = veil_context_step(context, site);
	if (!veil_step_freeze(&step, context->argv[0], &(VeilFreezeOptions){as_of, again, reason}, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		fprintf(stderr, "veil: batch %s is frozen: %s/%s.veil for the drawer, %s/%s.audit for the auditor\n", context->argv[0],
			site->users ? "handover/registrar-drawer" : "draw", context->argv[0], site->users ? "handover/registrar-auditor" : "audit", context->argv[0]);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_freeze = {
	.name = "batch freeze",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_BATCH | VEIL_OPENS_AUDIT | VEIL_OPENS_LEDGER | VEIL_OPENS_NOTIFY | VEIL_OPENS_DESK,
	.arguments = "NAME [--as-of DATE] [--again --reason TEXT]",
	.summary = "freeze a batch: conflicts, affinity, codes",
	.description =
		"Judges the registry's facts at one date, finds every conflict of interest, scores experts against projects, gives everybody codes that "
		"fit no other batch, and writes draw/NAME.veil (codes, allowed pairs with scores, coarse attributes) and audit/NAME.audit (exclusions "
		"with reasons, tokenised facts). The roots of both files and of the registry go into the ledger. No identity is opened.\n\n"
		"The freeze solves the batch once to see whether its candidate lists are long enough for the optimum over all allowed pairs, and lengthens "
		"them where they are not.\n\n"
		"An interrupted freeze is completed when the command is run again, with the date and the key it began with.\n\n"
		"One draw a freeze. Who wants another freezes again: --again logs a request, another operator approves it (`veil approve`), and the same command, "
		"run again, makes the new freeze with new codes. Every freeze and every draw is counted in status and minutes. The files of the freeze before stay "
		"beside the new ones as NAME.F1.veil, NAME.F1.audit and NAME.F1.drawn; nothing is drawn from them any more, and their codes open with the custodians only.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the batch is frozen already, or --again waits for an approval; it is not there, or its policy asks for what this version cannot draw by",
	.run = run,
};
