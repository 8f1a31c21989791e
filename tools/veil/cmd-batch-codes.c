/* cmd-batch-codes.c - which code belongs to which id; registrar's side, logged. */
#include "batch-command.h"
#include "custody/codes.h"
#include "commands.h"

static char *project, *source;
static gboolean all;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the source's own id of one project", "ID"},
	{"source", 0, 0, G_OPTION_ARG_STRING, &source, "the project's source, where two sources use one id", "NAME"},
	{"all", 0, 0, G_OPTION_ARG_NONE, &all, "every project and every expert; a rehearsal only", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if ((project != NULL) == all) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --project ID or --all");
		return VEIL_EXIT_USAGE;
	}
	site = veil_context_open_site(context, error);
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_codes_print(&step, context->argv[0], project, source, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_codes = {
	.name = "batch codes",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "NAME --project ID | --all",
	.summary = "tell which code belongs to which id",
	.description = "Columns code, side (project, reviewer), source, id; the codes are the drawer's. Outside a rehearsal one project at a time, and never a "
		       "reviewer. Opens identities, so the site's passphrase is asked for, and that it was asked is logged before a row is printed.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  --all outside a rehearsal; the batch is not frozen; wrong passphrase",
	.run = run,
};
