/* cmd-expert-suspend.c - an expert rests. */
#include "batch-command.h"
#include "commands.h"
#include "import/expert.h"

static char *source;

static const GOptionEntry options[] = {
	{"source", 0, 0, G_OPTION_ARG_STRING, &source, "whose id this is; default local", "NAME"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	return site != NULL && veil_expert_suspend(site, context->operator_handle, source ? source : "local", context->argv[0], error)
		       ? VEIL_EXIT_DONE
		       : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_expert_suspend = {
	.name = "expert suspend",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "ID [--source NAME]",
	.summary = "suspend an expert",
	.description = "From the next freeze on nobody draws this expert, until an import of the source says another status.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  no such id, or wrong passphrase",
	.run = run,
};
