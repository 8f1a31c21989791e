/* cmd-auditor-key.c - an auditor's key pair, on his own machine; no site is needed. */
#include <stdio.h>

#include <veil/sealed.h>

#include "commands.h"
#include "site/passphrase.h"

static char *out;
static gboolean rehearsal;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "where the key file goes; never over anything", "FILE"},
	{"rehearsal", 0, 0, G_OPTION_ARG_NONE, &rehearsal, "for practice: without a passphrase unless one is offered", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_auto(VeilPassphrase) passphrase = NULL;
	g_autofree char *public = NULL;
	gboolean own = veil_passphrase_offered(VEIL_PASSPHRASE_AUDITOR) || !veil_passphrase_offered(VEIL_PASSPHRASE_FIRST);
	VeilPassphraseWhich which = own ? VEIL_PASSPHRASE_AUDITOR : VEIL_PASSPHRASE_FIRST;

	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --out FILE");
		return VEIL_EXIT_USAGE;
	}
	if ((!rehearsal || veil_passphrase_offered(which)) && (passphrase = veil_passphrase_read(which, TRUE, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	if (!veil_auditor_key_create(out, passphrase, rehearsal, veil_random_system, NULL, &public, error))
		return VEIL_EXIT_FAILURE;
	printf("%s\n", public);
	if (rehearsal && !context->quiet)
		fprintf(stderr, "veil: rehearsal: this key is for practice only\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_auditor_key = {
	.name = "auditor key",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "--out FILE",
	.summary = "make the key that opens audit files",
	.description =
		"Run by an auditor on a machine of his own. Writes the secret key to FILE, mode 0600, under his passphrase (scrypt, 128 MiB of memory), and prints the public key, a line "
		"that he gives to the registrar: `veil init --auditor-key` or `veil auditor add`. Audit files frozen from then on are sealed to it.\n\n"
		"The passphrase is asked for twice, or read from the file that VEIL_AUDITOR_PASSPHRASE_FILE, else VEIL_PASSPHRASE_FILE, names. `veil batch conflicts`, `explain` and "
		"`cycles` take FILE with --auditor-key or from VEIL_AUDITOR_KEY, `veil-verify batch` with --audit-key. It signs nothing; for that there is `veil operator key`.",
	.exit_notes = "6  FILE is there already, or no passphrase was given",
	.options = options,
	.run = run,
};
