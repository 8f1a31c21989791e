/* cmd-expert-show.c - everything one source says of one person. */
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

	return site != NULL && veil_expert_show(site, context->operator_handle, source ? source : "local", context->argv[0], veil_context_print(context), error)
		       ? VEIL_EXIT_DONE
		       : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_expert_show = {
	.name = "expert show",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "ID [--source NAME]",
	.summary = "show what is known of one expert",
	.description = "Opens and lists every field of the entry that ID has in the source. The ledger says that somebody looked, not at whom.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  no such id, or wrong passphrase",
	.run = run,
};
