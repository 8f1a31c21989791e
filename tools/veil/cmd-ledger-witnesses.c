/* cmd-ledger-witnesses.c - who cosigns this log. */
#include "batch-command.h"
#include "commands.h"
#include "witness/witness.h"

static char **keys;
static int quorum = -1;

static const GOptionEntry options[] = {
	{"key", 0, 0, G_OPTION_ARG_STRING_ARRAY, &keys, "a witness's key line; once for each", "VKEY"},
	{"quorum", 0, 0, G_OPTION_ARG_INT, &quorum, "how many must have cosigned", "K"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	static const char *const none[] = {NULL};
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if (quorum < 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --quorum K and --key VKEY for each witness");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_witnesses_set(&step, keys != NULL ? (const char *const *)keys : none, (guint)quorum, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_witnesses = {
	.name = "ledger witnesses",
	.role = "registrar",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "--quorum K --key VKEY...",
	.summary = "name the witnesses of the log",
	.description = "Names all of them anew: C2SP cosignature keys, name+hash+base64 of type 0x04, in site.ini and, by their digest, in the ledger. What site.ini says is worth nothing unless the "
		       "ledger says the same. Outside a rehearsal another operator approves it: run once to ask, and again after `veil approve`. A quorum of 0 is for rehearsals.",
	.options = options,
	.exit_notes = "6  no approval yet",
	.run = run,
};
