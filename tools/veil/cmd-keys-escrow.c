/* cmd-keys-escrow.c - the registry's keys to the custodians, against a lost passphrase. */
#include "batch-command.h"
#include "commands.h"
#include "custody/keys.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_desk_keys_escrow(&step, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_keys_escrow = {
	.name = "keys escrow",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.summary = "give the registry's own keys to the custodians",
	.description = "Splits the registry's keys among the present custodians and writes registry/registry.escrow, for the day when a passphrase is lost; without it a lost passphrase is "
		       "the loss of every sealed text. It is not done unasked: it lets so many custodians together open the registry, closed batches excepted.",
	.exit_notes = "6 there are no custodians; wrong passphrase",
	.run = run,
};
