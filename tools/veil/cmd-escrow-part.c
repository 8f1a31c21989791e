/* cmd-escrow-part.c - what one custodian hands over. */
#include <stdio.h>

#include "batch-command.h"
#include "site/batch-files.h"
#include "commands.h"
#include "custody/escrow.h"

static char *key, *out, *to, *escrow;

static const GOptionEntry options[] = {
	{"custodian-key", 0, 0, G_OPTION_ARG_FILENAME, &key, "the custodian's key file", "FILE"},
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "where the part goes; never over anything", "FILE"},
	{"escrow", 0, 0, G_OPTION_ARG_FILENAME, &escrow, "the escrow file, on a machine without the site", "FILE"},
	{"to", 0, 0, G_OPTION_ARG_STRING, &to, "seal the part to this key; else to the registry's, which the escrow file names", "KEY"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	g_autofree char *path = g_strdup(escrow), *recipient = NULL;

	if (key == NULL || out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --custodian-key FILE and --out FILE");
		return VEIL_EXIT_USAGE;
	}
	if (path == NULL) {
		if ((site = veil_context_open_site(context, error)) == NULL ||
		    (path = veil_batch_find(site, VEIL_FOLDER_REGISTRY, context->argv[0], "escrow", error)) == NULL)
			return VEIL_EXIT_FAILURE;
	}
	if (!veil_escrow_part_write(path, key, to, out, &recipient, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		fprintf(stderr, "veil: sealed to %s: compare it with what you were told\n", recipient);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_escrow_part = {
	.name = "escrow part",
	.role = "custodian",
	.opens = VEIL_OPENS_REGISTRY,
	.arguments = "NAME --custodian-key FILE --out FILE [--escrow FILE] [--to KEY]",
	.summary = "unseal a custodian's part of a batch's key",
	.description = "Run by a custodian on his own machine with the escrow file of the batch (registry/NAME.escrow of the site, handed to him): opens his parts with his key and seals them to the "
		       "registry's key, so that nobody on the way can use them. NAME `registry` is the registry's own keys. What he hands over serves this batch and no other.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "5 the escrow file is damaged; 6 the key is no custodian's of this batch, wrong passphrase, FILE is there",
	.options = options,
	.without_site = &escrow,
	.run = run,
};
