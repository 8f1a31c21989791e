/* cmd-escrow-open.c - puts custodians' parts together. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "custody/escrow.h"

static char **parts;
static gboolean restore, reseal;

static const GOptionEntry options[] = {
	{"part", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &parts, "a custodian's part; once for each", "FILE"},
	{"restore", 0, 0, G_OPTION_ARG_NONE, &restore, "make the live key of a batch that is not closed again", NULL},
	{"reseal", 0, 0, G_OPTION_ARG_NONE, &reseal, "split the key among the present custodians", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;
	g_autofree char *custodians = NULL;

	if (parts == NULL || (restore && reseal)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --part FILE for each custodian, and one of --restore and --reseal at most");
		return VEIL_EXIT_USAGE;
	}
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_escrow_use(&step, context->argv[0], (const char *const *)parts, restore ? VEIL_ESCROW_RESTORE : reseal ? VEIL_ESCROW_RESEAL : VEIL_ESCROW_CHECK,
			     &custodians, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		fprintf(stderr, "veil: the parts of %s open the key of this batch; nothing was shown\n", custodians);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_escrow_open = {
	.name = "escrow open",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "NAME --part FILE... [--restore | --reseal]",
	.summary = "put custodians' parts together",
	.description = "Checks that the parts give the key that was committed when the batch was frozen, and logs it; a part that is damaged, false, given twice or of another batch is named with its "
		       "custodian. It shows nobody: one name of one person is shown by `veil unmask open ID --part FILE...`. With --restore the live key of a batch that is not closed is "
		       "made again (a registry put back from a copy has none); with --reseal the key is split among the custodians of today.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "5 a part is damaged or false; 6 too few, a part twice or of another batch, the escrow was destroyed",
	.options = options,
	.run = run,
};
