/* cmd-batch-draw.c - one draw of one freeze. */
#include <stdio.h>

#include "batch-command.h"
#include "batch-files.h"
#include "commands.h"
#include "show.h"

static char *seed;

static const GOptionEntry options[] = {
	{"seed", 0, 0, G_OPTION_ARG_STRING, &seed, "the seed, 64 hexadecimal digits; a rehearsal only", "HEX"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autofree char *path = NULL;
	g_autoptr(VeilBatch) batch = NULL;
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_draw(&step, context->argv[0], seed, error))
		return VEIL_EXIT_FAILURE;
	path = veil_batch_path(site, VEIL_FOLDER_DRAW, context->argv[0], "veil");
	batch = veil_batch_read(path, error);
	if (batch == NULL || !veil_show(batch, VEIL_SHOW_SUMMARY, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_draw = {
	.name = "batch draw",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER | VEIL_OPENS_NOTIFY,
	.arguments = "NAME [--seed HEX]",
	.summary = "draw the panels of a frozen batch",
	.description =
		"Assigns every project its reviewers: the best total fit under conflicts, loads and panel rules, ties broken by the seed. The seed is logged "
		"before the assignment is computed; prices that prove the optimum over all allowed pairs are stored with it. The codes of "
		"the drawn go to notify/NAME.drawn. Opens neither the registry nor the audit file.\n\n"
		"One draw a freeze. An interrupted draw is completed when the command is run again, with the seed it began with.\n\n"
		"This version draws by method total; the methods draw and fair are refused.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "4  there is no legal assignment; the message says where places are short\n6  the freeze has been drawn already",
	.run = run,
};
