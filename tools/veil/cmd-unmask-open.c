/* cmd-unmask-open.c - shows one field of one subject, once. */
#include "batch-command.h"
#include "commands.h"
#include "custody/unmask.h"

static char *checkpoint;
static char **parts;

static const GOptionEntry options[] = {
	{"checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &checkpoint, "the cosigned checkpoint; else those in ledger/ are tried", "NOTE"},
	{"part", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &parts, "a custodian's part, for a closed batch; once for each", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_unmask_open(&step, context->argv[0], checkpoint, (const char *const *)parts, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_unmask_open = {
	.name = "unmask open",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "ID [--checkpoint NOTE] [--part FILE...]",
	.summary = "show the one field that an approved request names",
	.description = "Columns subject, field, value. Everything that can refuse is asked first: the approval, that its giver is no officer of the batch, how much was opened lately, "
		       "and a checkpoint of this ledger that covers request and approval and that the quorum of the site's witnesses cosigned in the last ten minutes. Then the opening is "
		       "logged, and only when that is durable is the value printed. An opening that is cut off in between counts as one; a request serves once.\n\n"
		       "For a batch that is closed, custodians' parts (`veil escrow part`) stand in for the key that was destroyed. With too few witnesses or custodians nothing opens.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "5 a part or checkpoint does not hold; 6 not approved, approved by an officer of the batch, expired, opened already, too few witnesses or custodians, too much lately",
	.run = run,
};
