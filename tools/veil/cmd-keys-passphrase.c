/* cmd-keys-passphrase.c - the registry's keys under new passphrases. */
#include "batch-command.h"
#include "commands.h"
#include "custody/keys.h"

static gboolean two_officers;

static const GOptionEntry options[] = {
	{"two-officers", 0, 0, G_OPTION_ARG_NONE, &two_officers, "from now on two officers open them together", NULL},
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
	if (!veil_desk_keys_passphrase(&step, two_officers, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_keys_passphrase = {
	.name = "keys passphrase",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "[--two-officers]",
	.summary = "change the passphrase of the registry's keys",
	.description = "Asks for the present passphrase (or passphrases) and for new ones, and wraps the same keys anew; nothing else changes. New passphrases are read from the files that "
		       "VEIL_NEW_PASSPHRASE_FILE and VEIL_NEW_PASSPHRASE_FILE_2 name, else from the terminal. Copies of the old key file still open with the old passphrase: "
		       "`veil keys rotate` helps against that.",
	.exit_notes = "6 wrong passphrase; two equal passphrases",
	.options = options,
	.run = run,
};
