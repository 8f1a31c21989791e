/* cmd-keys-recover.c - the registry's keys from the custodians. */
#include "batch-command.h"
#include "commands.h"
#include "custody/keys.h"

static gboolean two_officers;
static char **parts, *key;

static const GOptionEntry options[] = {
	{"part", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &parts, "a custodian's part; once for each", "FILE"},
	{"key", 0, 0, G_OPTION_ARG_FILENAME, &key, "the key pair the parts were sealed to", "FILE"},
	{"two-officers", 0, 0, G_OPTION_ARG_NONE, &two_officers, "two officers open the keys together", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (parts == NULL || key == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --key FILE and --part FILE for each custodian");
		return VEIL_EXIT_USAGE;
	}
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_desk_keys_recover(&step, (const char *const *)parts, key, two_officers, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_keys_recover = {
	.name = "keys recover",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "--key FILE --part FILE... [--two-officers]",
	.summary = "get the registry's keys back from the custodians",
	.description = "For a lost passphrase, where `veil keys escrow` was run before. Make a key pair with `veil custodian key`, let custodians run `veil escrow part registry --to KEY`, and "
		       "name their files here. The keys are wrapped under new passphrases (VEIL_NEW_PASSPHRASE_FILE). VEIL_PASSPHRASE_FILE is that of the key pair.",
	.exit_notes = "5 a part is damaged or false; 6 too few parts, a part twice or of another escrow",
	.options = options,
	.run = run,
};
