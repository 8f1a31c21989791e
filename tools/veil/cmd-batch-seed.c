/* cmd-batch-seed.c - the seed ceremony of a draw, one verb a step. */
#include <stdio.h>
#include <string.h>

#include "batch-command.h"
#include "commands.h"
#include "ceremony/seed.h"

static char *parties, *beacon, *beacon_time, *commit_until, *secret_file;
static int draw;

static const GOptionEntry options[] = {
	{"draw", 0, 0, G_OPTION_ARG_INT, &draw, "which draw of the freeze (default: the next one)", "N"},
	{"parties", 0, 0, G_OPTION_ARG_STRING, &parties, "plan: operators' handles, with ';' between", "LIST"},
	{"beacon", 0, 0, G_OPTION_ARG_STRING, &beacon, "plan: which public number it will be, in words", "TEXT"},
	{"beacon-time", 0, 0, G_OPTION_ARG_STRING, &beacon_time, "plan: when it becomes public, UTC, e.g. 2026-03-02T12:00Z", "MINUTE"},
	{"commit-until", 0, 0, G_OPTION_ARG_STRING, &commit_until, "plan: end of commitments (default: half-way to the beacon)", "MINUTE"},
	{"secret-file", 0, 0, G_OPTION_ARG_FILENAME, &secret_file, "commit, reveal: the party's secret, 64 hexadecimal digits; made when it is not there", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static gboolean
plan(const VeilStep *step, const char *name, GError **error)
{
	VeilSeedPlan wanted = {parties, beacon, beacon_time, commit_until};

	return veil_seed_plan(step, name, (guint)draw, &wanted, error);
}

static gboolean
commit_or_reveal(const VeilStep *step, const char *name, gboolean reveal, GError **error)
{
	g_autofree char *path = secret_file != NULL ? g_strdup(secret_file) : veil_seed_default_path(step, name, (guint)draw, error);
	gboolean there;

	if (path == NULL)
		return FALSE;
	if (reveal)
		return veil_seed_reveal(step, name, (guint)draw, path, error);
	there = g_file_test(path, G_FILE_TEST_EXISTS);
	if (!veil_seed_commit(step, name, (guint)draw, path, error))
		return FALSE;
	if (!there && !step->quiet)
		fprintf(stderr, "veil: your secret lies in %s, for nobody but you until you reveal it\n", path);
	return TRUE;
}

static gboolean
enter_beacon(const VeilContext *context, const VeilStep *step, GError **error)
{
	gboolean ready = FALSE;

	if (context->argc < 3) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "the beacon's value is missing: veil batch seed NAME beacon VALUE");
		return FALSE;
	}
	if (!veil_seed_beacon(step, context->argv[0], (guint)draw, context->argv[2], &ready, error))
		return FALSE;
	if (!context->quiet)
		fprintf(stderr, "veil: %s\n", ready ? "two operators agree: the seed is made and stands in the ledger" :
						      "entered; another operator has to enter it too");
	return TRUE;
}

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	const char *name = context->argv[0], *verb = context->argv[1];
	gboolean done = FALSE;
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (draw < 0 || (context->argc > 2 && strcmp(verb, "beacon") != 0))
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, draw < 0 ? "--draw takes 1, 2, ..." : "only `beacon` takes a value");
	else if (strcmp(verb, "plan") == 0)
		done = plan(&step, name, error);
	else if (strcmp(verb, "commit") == 0 || strcmp(verb, "reveal") == 0)
		done = commit_or_reveal(&step, name, *verb == 'r', error);
	else if (strcmp(verb, "beacon") == 0)
		done = enter_beacon(context, &step, error);
	else if (strcmp(verb, "status") == 0)
		done = veil_seed_print_status(&step, name, (guint)draw, veil_context_print(context), error);
	else
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "after the batch comes one of plan, commit, reveal, beacon, status");
	return done ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_batch_seed = {
	.name = "batch seed",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "NAME plan|commit|reveal|beacon|status [VALUE] [--draw N]",
	.summary = "make the seed of a draw so that nobody chose it",
	.description =
		"A draw follows from its seed, so whoever could choose the seed could choose the panels. In a ceremony several parties commit to secrets, reveal "
		"them, and a public number that nobody could know before comes last; the seed is made of all of it and of the freeze itself. Every step is "
		"a record of the ledger, and whoever holds the ledger can compute the seed again. Opens the ledger only.\n\n"
		"plan (a drawer): names the parties, the public number and the minute from which it is known. Parties are operators; outside a "
		"rehearsal at least two.\n\n"
		"commit (each party): logs a commitment to 32 secret bytes. They are read from --secret-file, or drawn and left there, mode 0600; without the "
		"option the file is veil-NAME-FREEZE-DRAW-HANDLE.secret in the current folder. Commitments end at --commit-until or when the first party "
		"reveals.\n\n"
		"reveal (each party): when all have committed, or after --commit-until, and before the beacon's time. A secret that does not fit is refused, and "
		"the try is logged. A party that stays silent is logged as missing and skipped: as the beacon comes later, it cannot know what its silence does.\n\n"
		"beacon (two operators): each types VALUE as it was published, not before its time. Blanks and full-width digits are brought to one form. The first "
		"value that two operators agree on is the beacon; who erred enters again. With the second entry the seed stands in the ledger, and "
		"`veil batch draw` takes it.\n\n"
		"status: who has done what, and what is awaited.\n\n"
		"One ceremony a draw, one draw a freeze. The steps in full: docs/guide/ceremony.md.",
	.options = options,
	.min_args = 2,
	.max_args = 3,
	.exit_notes = "5  a secret's file is damaged\n6  not now, not this party, or not twice; the message says which",
	.run = run,
};
