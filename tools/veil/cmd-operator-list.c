/* cmd-operator-list.c - who may sign. */
#include "batch-command.h"
#include "commands.h"
#include "ceremony/operators.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	return site != NULL && veil_operators_print(site, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_operator_list = {
	.name = "operator list",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "",
	.summary = "list the operators",
	.description = "Prints handle, roles, public key and state (active, revoked) of every operator the ledger names, in the order in which they were named.",
	.max_args = 0,
	.run = run,
};
