/* cmd-ledger-witness.c - cosigning a checkpoint, on the witness's own machine. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "witness/witness-cosign.h"

static char *state_dir, *out;
static char **also;
static gboolean first;
static int silence = VEIL_WITNESS_SILENCE_S / 3600;

static const GOptionEntry options[] = {
	{"state", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, "the witness's folder (or VEIL_WITNESS)", "DIR"},
	{"also", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &also, "a checkpoint of this log that somebody else holds; may be repeated", "NOTE"},
	{"first", 0, 0, G_OPTION_ARG_NONE, &first, "this witness has never cosigned this log", NULL},
	{"silence", 0, 0, G_OPTION_ARG_INT, &silence, "say so when the log was silent for so long (48)", "HOURS"},
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "write the cosignature there, not to standard output", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	const char *dir = state_dir != NULL ? state_dir : g_getenv("VEIL_WITNESS");
	g_auto(VeilWitnessResult) result = {0};
	g_autoptr(VeilWitnessState) state = NULL;

	if (dir == NULL || *dir == '\0' || silence < 1) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, dir == NULL || *dir == '\0' ? "name the witness's folder: --state DIR or VEIL_WITNESS" :
												       "--silence is a number of hours");
		return VEIL_EXIT_USAGE;
	}
	if ((state = veil_witness_open(dir, TRUE, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	VeilWitnessInput input = {.files = (const char *const *)context->argv, .also = (const char *const *)also, .first = first, .silence_s = (gint64)silence * 3600,
				  .now_unix_s = g_get_real_time() / G_USEC_PER_SEC};
	gboolean ok = veil_witness_cosign(state, &input, &result, error);
	for (guint i = 0; result.warnings != NULL && i < result.warnings->len; i++)
		g_printerr("veil: %s\n", (const char *)result.warnings->pdata[i]);
	if (!ok)
		return VEIL_EXIT_FAILURE;
	if (out != NULL)
		return veil_file_put_out(out, result.line, strlen(result.line), 0644, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
	fputs(result.line, stdout);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_witness = {
	.name = "ledger witness",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "FILE... [--state DIR] [--also NOTE]... [--out FILE]",
	.summary = "cosign a checkpoint, as a witness",
	.description =
		"For the witness's own machine; it opens no site. FILE is what the site handed over: an export (`veil ledger export`, its .checkpoint beside it), or the checkpoint "
		"with the proof that history continues (`veil ledger prove --from N`, N being what `veil ledger witness status` says), or a bare checkpoint of a size that was "
		"cosigned before.\n\n"
		"The checkpoint must be by the log's key, no smaller than the last one, and continue it. Then the state is written and synced, and only after that the "
		"cosignature (one line, C2SP tlog-cosignature) is printed; the site takes it in with `veil ledger cosign`. From an export the witness also reads the log's pulse and "
		"says on standard error where it was silent. Two runs at once wait for each other.\n\n"
		"--also compares with what other witnesses hold. Where two checkpoints contradict each other nothing is cosigned, and both are kept in the folder's evidence/. A state "
		"that is older than a cosignature of his own that comes back to him stops the witness. docs/guide/witness.md tells the rest.",
	.options = options,
	.min_args = 1,
	.max_args = -1,
	.exit_notes = "5 history does not continue, a note or proof does not hold, or the state is older than it should be; 6 a smaller checkpoint, no proof, never cosigned before",
	.run = run,
};
