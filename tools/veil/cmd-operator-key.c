/* cmd-operator-key.c - a key pair, on its owner's own machine. */
#include <stdio.h>

#include "commands.h"
#include "site/operator.h"
#include "site/passphrase.h"

static char *out;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "where the key goes; the public half goes to FILE.pub", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_auto(VeilPassphrase) passphrase = NULL;
	g_autoptr(VeilOperatorKey) key = NULL;
	guint8 public_key[32];

	(void)context;
	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--out FILE says where the key goes");
		return VEIL_EXIT_USAGE;
	}
	gboolean own = veil_passphrase_offered(VEIL_PASSPHRASE_OPERATOR) || !veil_passphrase_offered(VEIL_PASSPHRASE_FIRST);
	passphrase = veil_passphrase_read(own ? VEIL_PASSPHRASE_OPERATOR : VEIL_PASSPHRASE_FIRST, TRUE, error);
	if (passphrase == NULL || (key = veil_operator_make_key(out, passphrase, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	veil_operator_key_public(key, public_key);
	g_autofree char *text = veil_operator_public_format(public_key);
	printf("%s\n", text);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_operator_key = {
	.name = "operator key",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "--out FILE",
	.summary = "make the key you sign with",
	.description =
		"Makes an Ed25519 key pair. The secret half goes to FILE, mode 0600, wrapped with your passphrase (Argon2id), which is asked for twice on the terminal or "
		"read from the file that VEIL_OPERATOR_PASSPHRASE_FILE, else VEIL_PASSPHRASE_FILE, names. The public half goes to FILE.pub and to standard output: "
		"that is what the registrar needs (`veil operator add`). Nothing is ever overwritten.\n\n"
		"Keep FILE where only you read it, and name it with --operator-key or VEIL_OPERATOR_KEY. Whoever has it and the passphrase signs as you.",
	.options = options,
	.max_args = 0,
	.exit_notes = "6  FILE exists, or no passphrase was given",
	.run = run,
};
