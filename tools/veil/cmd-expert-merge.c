/* cmd-expert-merge.c - two entries, one person. */
#include "batch-command.h"
#include "commands.h"
#include "import/expert.h"

static char *source, *other_source;

static const GOptionEntry options[] = {
	{"source", 0, 0, G_OPTION_ARG_STRING, &source, "whose id the first is; default local", "NAME"},
	{"other-source", 0, 0, G_OPTION_ARG_STRING, &other_source, "whose id the second is; default that of the first", "NAME"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	return site != NULL && veil_expert_merge(site, context->operator_handle, source ? source : "local", context->argv[0],
					 other_source ? other_source : source ? source : "local", context->argv[1], error)
		       ? VEIL_EXIT_DONE
		       : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_expert_merge = {
	.name = "expert merge",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "ID ID [--source NAME] [--other-source NAME]",
	.summary = "make two entries one person",
	.description = "All entries of the second person become entries of the first: conflicts of either count for both, one load holds for both. Batches that are frozen already keep their codes.",
	.options = options,
	.min_args = 2,
	.max_args = 2,
	.exit_notes = "6  no such id, or wrong passphrase",
	.run = run,
};
