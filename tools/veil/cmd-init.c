/* cmd-init.c - a new site. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "site/operator.h"
#include "site/passphrase.h"
#include "site/site.h"

static gboolean rehearsal, two_officers;
static char *origin, *roles, *auditor_key, *users_text;

static const GOptionEntry options[] = {
	{"rehearsal", 0, 0, G_OPTION_ARG_NONE, &rehearsal, "a site for practice: holds all roles and says so on what it prints", NULL},
	{"two-officers", 0, 0, G_OPTION_ARG_NONE, &two_officers, "the registry's keys open to two officers together only", NULL},
	{"origin", 0, 0, G_OPTION_ARG_STRING, &origin, "the ledger's name, such as kjj.example.gov/veil", "NAME"},
	{"roles", 0, 0, G_OPTION_ARG_STRING, &roles, "the first operator's roles (default: registrar; in a rehearsal all)", "LIST"},
	{"users", 0, 0, G_OPTION_ARG_STRING, &users_text, "give each role's folders to a user of the system: default, or registrar=USER,...,ledger=GROUP", "LIST"},
	{"auditor-key", 0, 0, G_OPTION_ARG_STRING, &auditor_key, "the line of the auditor to whom audit files are sealed", "LINE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* What is left to do where this was not root. */
static void
say_users(const VeilUsers *users, const char *dir)
{
	g_autofree char *script = users != NULL && geteuid() != 0 ? veil_users_script(users, dir, rehearsal) : NULL;

	if (script == NULL)
		return;
	fputs(script, stdout);
	fprintf(stderr, "veil: only root can give folders away: let root run what was printed (veil init ... > give.sh), nothing runs here before\n");
}

static int
run(const VeilContext *context, GError **error)
{
	VeilSiteOptions site = {.rehearsal = rehearsal, .origin = origin, .auditor_key = auditor_key, .operator_handle = context->operator_handle, .random = veil_random_system};
	g_auto(VeilPassphrase) passphrase = NULL, second = NULL;
	g_autoptr(VeilUsers) users = NULL;

	if (roles != NULL && (site.roles = veil_roles_parse(roles)) == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--roles takes one or more of registrar, requester, drawer, notifier, auditor, custodian, with ',' between");
		return VEIL_EXIT_USAGE;
	}
	if (users_text != NULL && (site.users = users = veil_users_parse(users_text, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	/* A rehearsal is wrapped only where a passphrase is offered; a real site is never without one. */
	if (!rehearsal || two_officers || veil_passphrase_offered(VEIL_PASSPHRASE_FIRST)) {
		passphrase = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, TRUE, error);
		if (passphrase == NULL)
			return VEIL_EXIT_FAILURE;
	}
	if (two_officers && (second = veil_passphrase_read(VEIL_PASSPHRASE_SECOND, TRUE, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	site.passphrase = passphrase;
	site.second_passphrase = second;
	if (!veil_site_create(context->argv[0], &site, error))
		return VEIL_EXIT_FAILURE;
	say_users(users, context->argv[0]);
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
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_DESK | VEIL_OPENS_BATCH | VEIL_OPENS_NOTIFY | VEIL_OPENS_AUDIT | VEIL_OPENS_LEDGER,
	.arguments = "DIR [--rehearsal] [--two-officers] [--origin NAME] [--roles LIST] [--auditor-key LINE] [--users LIST]",
	.summary = "make a new site",
	.description =
		"Makes DIR, which must not exist or be empty, with the folders registry, desk, draw, notify, audit and ledger (mode 0700), the registry's "
		"keys, an empty registry and a ledger whose first record says so. What fails half-way is removed again.\n\n"
		"A site needs a passphrase: its keys are wrapped with it (Argon2id). It is asked for twice on the terminal, or read from the file that "
		"VEIL_PASSPHRASE_FILE names. Only a rehearsal may do without; it says so. With --two-officers the keys are wrapped under two passphrases, each known to one "
		"officer; the second is read from the file that VEIL_PASSPHRASE_FILE_2 names. Both are needed whenever the registry is opened.\n\n"
		"The operator who runs this becomes the site's first: the first record names his handle (--operator) and his key, and is signed with it. The key is the file named "
		"with --operator-key, or a new pair in ledger/operators, wrapped with the site's passphrase. He holds the role registrar unless --roles says otherwise; "
		"the others are named with `veil operator add`. A rehearsal needs none of this.\n\n"
		"Audit files are sealed to the auditor whose public key (`veil auditor key`) --auditor-key names; he can also be named later (`veil auditor add`), before the first freeze. A "
		"rehearsal makes his key itself and leaves it in audit/auditor.key, unwrapped.\n\n"
		"With --users every role is a user of the operating system: each folder belongs to one, and what goes from one to another lies in handover/FROM-TO, which the one writes and the "
		"other reads. --users default takes the users veil-registrar, veil-requester, veil-drawer, veil-notifier, veil-auditor and the group veil-ledger; else all six are named, by name or "
		"UID[:GID]. Root gives the folders to them; run by anybody else, the script that root has to run is printed. From then on a command runs as the user of its role only, and root runs "
		"none. docs/guide/users.md says how to set this up.\n\n"
		"The origin is the name under which the ledger signs; without --origin it is veil.local/ and eight random hex digits.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  DIR is there and not empty, or no passphrase was given",
	.run = run,
};
