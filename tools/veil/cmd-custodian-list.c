/* cmd-custodian-list.c - who the custodians are. */
#include "batch-command.h"
#include "commands.h"
#include "custody/escrow.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	if (site == NULL || !veil_custodian_print(site, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_custodian_list = {
	.name = "custodian list",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY,
	.summary = "list the custodians",
	.description = "Columns custodian, public_key, needed: how many open an escrow together.",
	.run = run,
};
