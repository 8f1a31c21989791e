/* cmd-custodian-key.c - a custodian's key pair; no site is needed. */
#include <stdio.h>

#include <veil/blind.h>

#include "commands.h"
#include "site/passphrase.h"

static char *out;
static gboolean rehearsal;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "where the key file goes; never over anything", "FILE"},
	{"rehearsal", 0, 0, G_OPTION_ARG_NONE, &rehearsal, "for practice: quick, and without a passphrase unless one is offered", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_auto(VeilPassphrase) passphrase = NULL;
	g_autofree char *public = NULL;

	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --out FILE");
		return VEIL_EXIT_USAGE;
	}
	if ((!rehearsal || veil_passphrase_offered(VEIL_PASSPHRASE_FIRST)) &&
	    (passphrase = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, TRUE, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	if (!veil_custodian_key_create(out, passphrase, rehearsal, veil_random_system, NULL, &public, error))
		return VEIL_EXIT_FAILURE;
	printf("%s\n", public);
	if (rehearsal && !context->quiet)
		fprintf(stderr, "veil: rehearsal: this key is for practice only\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_custodian_key = {
	.name = "custodian key",
	.role = "custodian",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "--out FILE",
	.summary = "make a custodian's key pair",
	.description = "Run by a custodian on a machine of his own. Writes the secret key to FILE under his passphrase (Argon2id, 1 GiB of memory and some seconds) and prints the public key, a "
		       "line that he gives to the registrar. Whoever has FILE and the passphrase can act as this custodian; without both his parts are lost, so he keeps a copy of "
		       "FILE in a safe.",
	.exit_notes = "6 FILE is there already",
	.options = options,
	.run = run,
};
