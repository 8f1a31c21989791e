/* cmd-keys-rotate.c - new keys of the registry. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "custody/keys.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;
	g_autofree char *public = NULL;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_desk_keys_rotate(&step, &public, error))
		return VEIL_EXIT_FAILURE;
	printf("%s\n", public);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_keys_rotate = {
	.name = "keys rotate",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.summary = "replace the registry's keys by new ones",
	.description = "Makes a new key pair and a new wrap key under the present passphrases, seals every import key anew, wraps the keys of live batches anew, and writes the escrow files "
		       "anew, because custodians seal their parts to the registry's key. Prints the new public key. The token key stays: every token would have to be computed again "
		       "from texts that nobody is to open for that. A run that was cut off is completed by the next; until then nothing else opens the registry's keys.",
	.exit_notes = "6 wrong passphrase",
	.run = run,
};
