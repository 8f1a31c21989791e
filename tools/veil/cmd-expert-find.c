/* cmd-expert-find.c - who bears this name, number or address. */
#include "batch-command.h"
#include "commands.h"
#include "import/expert.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	return site != NULL && veil_expert_find(site, context->operator_handle, context->argv[0], veil_context_print(context), error)
		       ? VEIL_EXIT_DONE
		       : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_expert_find = {
	.name = "expert find",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "TEXT",
	.summary = "find experts by name, phone, e-mail, number or id",
	.description = "Lists source, id, name, organisation, pool (expert or stub) and status of everybody in the registry who bears TEXT as name or variant, phone, e-mail, id number, ORCID or id. "
		       "TEXT is folded as lists are when they are imported, and compared by keyed tokens. Opens identities; the ledger says that somebody looked, not for whom.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  no such id, or wrong passphrase",
	.run = run,
};
