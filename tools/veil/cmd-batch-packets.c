/* cmd-batch-packets.c - what each reviewer receives. */
#include "batch-command.h"
#include "commands.h"
#include "handover/packets.h"

static char *out, **slips;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "the folder to write; it must not be there, or be empty", "DIR"},
	{"slip", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &slips, "only the packet that this slip is for (again for further ones)", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "say where the packets go: --out DIR");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_packets(&step, context->argv[0], out, slips, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_batch_packets = {
	.name = "batch packets",
	.role = "requester",
	.opens = VEIL_OPENS_DESK | VEIL_OPENS_LEDGER,
	.arguments = "NAME --out DIR [--slip FILE]...",
	.summary = "write what each reviewer receives",
	.description =
		"One text a reviewer who sits on a panel now, DIR/CODE.txt: his projects' title, abstract, keywords and attached texts under codes. Reviewers and projects bear the codes of the experts' audience, which are "
		"neither the drawer's nor those of the notifier's list. Files are filled up to 4 KiB times a power of two and bear one date and mode; the folder has its name when all of it is written. Prints packet,project by code.\n\n"
		"Texts are those of the freeze (the ledger has their digest); panels are those of now, after every replacement. Run it again after one.\n\n"
		"The first run makes the requester's key of the batch, desk/NAME.key; its public half is logged. Slips and answers are sealed to it. With --slip the packet that an expert's slip belongs to.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "3  a slip that is not taken\n5  the content is not what was frozen\n6  findings of `veil batch leaks` stand, the batch is not drawn, or DIR is there already",
	.run = run,
};
