/* cmd-batch-answer.c - a sealed answer is taken in. */
#include "handover/answer.h"
#include "batch-command.h"
#include "commands.h"

static char *file;

static const GOptionEntry options[] = {
	{"file", 0, 0, G_OPTION_ARG_FILENAME, &file, "the sealed answer", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if (file == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "name the answer: --file FILE");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_answer(&step, context->argv[0], file, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_batch_answer = {
	.name = "batch answer",
	.role = "requester",
	.opens = VEIL_OPENS_DESK | VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER,
	.arguments = "NAME --file FILE",
	.summary = "take in what an expert answered",
	.description =
		"Opens one sealed answer with the requester's key, holds its token against the packet's, logs a keyed digest of it (never what it says), and hands the words over to the drawer in his codes: `veil batch show NAME --answers`, "
		"whose record a vacancy rests on (`veil batch replace --reason declined --record answer-1/ID`; a tie: `--reason declared`). Prints packet, project, answer.\n\n"
		"A project counts once: what was answered before, or was taken from the expert since, is passed over. The same command run again completes an interrupted one.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "3  the answer is not taken: one text, whatever is wrong with it\n6  the batch has no packets yet",
	.run = run,
};
