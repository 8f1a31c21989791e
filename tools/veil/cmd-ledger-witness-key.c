/* cmd-ledger-witness-key.c - a new witness: his folder, his key, the log he watches. */
#include <stdio.h>

#include "commands.h"
#include "site/passphrase.h"
#include "witness/witness-state.h"

static char *state_dir, *name, *log_key;
static gboolean plain;

static const GOptionEntry options[] = {
	{"state", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, "the witness's folder (or VEIL_WITNESS)", "DIR"},
	{"name", 0, 0, G_OPTION_ARG_STRING, &name, "the witness's name, like audit.example.gov/w1", "NAME"},
	{"log", 0, 0, G_OPTION_ARG_STRING, &log_key, "the log's key line, or a file with it", "VKEY"},
	{"plain", 0, 0, G_OPTION_ARG_NONE, &plain, "do not wrap the key with a passphrase: the machine is guarded otherwise", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* The line itself, or the file that holds it. */
static char *
read_log_key(void)
{
	char *text = NULL;

	if (!g_file_test(log_key, G_FILE_TEST_IS_REGULAR) || !g_file_get_contents(log_key, &text, NULL, NULL))
		text = g_strdup(log_key);
	return g_strchomp(text);
}

static int
run(const VeilContext *context, GError **error)
{
	const char *dir = state_dir != NULL ? state_dir : g_getenv("VEIL_WITNESS");
	g_auto(VeilPassphrase) passphrase = NULL;
	g_autofree char *log = NULL, *path = NULL, *line = NULL;

	(void)context;
	if (dir == NULL || *dir == '\0' || name == NULL || log_key == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --state DIR, --name NAME and --log VKEY");
		return VEIL_EXIT_USAGE;
	}
	log = read_log_key();
	if (!plain && (passphrase = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, TRUE, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	path = g_build_filename(dir, "vkey", NULL);
	if (!veil_witness_create(dir, name, log, passphrase, error) || !g_file_get_contents(path, &line, NULL, error))
		return VEIL_EXIT_FAILURE;
	fputs(line, stdout);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_witness_key = {
	.name = "ledger witness key",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "--name NAME --log VKEY [--state DIR]",
	.summary = "make a witness",
	.description = "Makes the folder of a witness of one log: an Ed25519 key of his own, wrapped with a passphrase (asked for twice, or in the file that VEIL_PASSPHRASE_FILE names), "
		       "and the log's key, which he should have from somewhere else than the log. Prints his key line, which the site's registrar names with `veil ledger "
		       "witnesses`. Nothing is overwritten.\n\n"
		       "The folder is his alone: on another machine, under another person, than the site. It must never be put back from an old copy.",
	.options = options,
	.max_args = 0,
	.exit_notes = "6  there is a witness in the folder, or no passphrase was given",
	.run = run,
};
