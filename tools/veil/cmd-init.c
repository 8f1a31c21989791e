/* cmd-init.c - a new site. */
#include <stdio.h>

#include "commands.h"
#include "passphrase.h"
#include "site.h"

static gboolean rehearsal;
static char *origin;

static const GOptionEntry options[] = {
	{"rehearsal", 0, 0, G_OPTION_ARG_NONE, &rehearsal, "a site for practice: holds all roles and says so on what it prints", NULL},
	{"origin", 0, 0, G_OPTION_ARG_STRING, &origin, "the ledger's name, such as kjj.example.gov/veil", "NAME"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	VeilSiteOptions site = {.rehearsal = rehearsal, .origin = origin, .operator_handle = context->operator_handle, .random = veil_random_system};
	g_auto(VeilPassphrase) passphrase = NULL;

	/* A rehearsal is wrapped only where a passphrase is offered; a real site is never without one. */
	if (!rehearsal || g_getenv("VEIL_PASSPHRASE_FILE") != NULL) {
		passphrase = veil_passphrase_read(TRUE, error);
		if (passphrase == NULL)
			return VEIL_EXIT_FAILURE;
	}
	site.passphrase = passphrase;
	if (!veil_site_create(context->argv[0], &site, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet) {
		fprintf(stderr, "veil: made the %s %s\n", rehearsal ? "rehearsal site" : "site", context->argv[0]);
		if (passphrase == NULL)
			fprintf(stderr, "veil: rehearsal: the registry's keys lie unwrapped in registry/registry.key; put no real list into it\n");
	}
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_init = {
	.name = "init",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "DIR [--rehearsal] [--origin NAME]",
	.summary = "make a new site",
	.description =
		"Makes DIR, which must not exist or be empty, with the folders registry, desk, draw, notify, audit and ledger (mode 0700), the registry's "
		"keys, an empty registry and a ledger whose first record says so. What fails half-way is removed again.\n\n"
		"A site needs a passphrase: its keys are wrapped with it (Argon2id). It is asked for twice on the terminal, or read from the file that "
		"VEIL_PASSPHRASE_FILE names. Only a rehearsal may do without; it says so.\n\n"
		"The origin is the name under which the ledger signs; without --origin it is veil.local/ and eight random hex digits.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  DIR is there and not empty, or no passphrase was given",
	.run = run,
};
