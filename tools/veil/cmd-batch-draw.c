/* cmd-batch-draw.c - one draw of one freeze. */
#include <stdio.h>

#include "batch-command.h"
#include "site/batch-files.h"
#include "commands.h"
#include "draw/show.h"

static char *seed, *reason;
static gboolean top_up, round_wanted;
static int add;
static char **projects;

static const GOptionEntry options[] = {
	{"seed", 0, 0, G_OPTION_ARG_STRING, &seed, "the seed, 64 hexadecimal digits; a rehearsal without a seed ceremony only", "HEX"},
	{"top-up", 0, 0, G_OPTION_ARG_NONE, &top_up, "fill the seats that no reserve can take, in a draw of its own", NULL},
	{"round", 0, 0, G_OPTION_ARG_NONE, &round_wanted, "draw further places and keep all that were drawn", NULL},
	{"add", 0, 0, G_OPTION_ARG_INT, &add, "with --round: how many places more for each project", "K"},
	{"project", 0, 0, G_OPTION_ARG_STRING_ARRAY, &projects, "with --round: only this project; may be given again", "CODE"},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "why; a top-up says `reserves exhausted` by itself, a round must be told", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static gboolean
check_options(GError **error)
{
	const char *wrong = top_up && round_wanted		     ? "--top-up and --round are two draws" :
			    round_wanted != (add > 0) || add > 1000 ? "--round goes with --add K, from 1 to 1000" :
			    projects != NULL && !round_wanted	     ? "--project goes with --round" :
			    reason != NULL && !round_wanted && !top_up ? "--reason goes with --top-up or --round" :
								       NULL;

	if (wrong != NULL)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, wrong);
	return wrong == NULL;
}

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	g_autofree char *path = NULL;
	g_autoptr(VeilBatch) batch = NULL;
	VeilDrawOptions draw = {.seed_hex = seed, .top_up = top_up, .add = (guint32)MAX(add, 0), .projects = projects, .reason = reason};
	VeilStep step;

	if (!check_options(error))
		return VEIL_EXIT_USAGE;
	site = veil_context_open_site(context, error);
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_draw(&step, context->argv[0], &draw, error))
		return VEIL_EXIT_FAILURE;
	path = veil_batch_path(site, VEIL_FOLDER_DRAW, context->argv[0], "veil");
	batch = veil_batch_read(path, error);
	if (batch == NULL || !veil_show(batch, VEIL_SHOW_SUMMARY, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_draw = {
	.name = "batch draw",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER | VEIL_OPENS_NOTIFY | VEIL_OPENS_DESK,
	.arguments = "NAME [--seed HEX] | NAME --top-up | NAME --round --add K",
	.summary = "draw the panels of a frozen batch",
	.description =
		"Gives every project its reviewers and reserves under conflicts, loads and panel rules, by the method of the policy. draw: random selection; no pair is likelier than the odds cap, "
		"equally fit reviewers are equally likely, and one assignment is sampled from exactly those odds. total: the best sum of scores, ties broken by the seed. fair: the worst-served project "
		"first, then the sum. Seed and request are logged before anything is computed, odds or prices that prove the result are stored with it. The codes of "
		"the drawn go to notify/NAME.drawn. Opens neither the registry nor the audit file.\n\n"
		"The seed comes from the ceremony of `veil batch seed`. A rehearsal may do without: it draws by the system's randomness or by --seed, and says so wherever the draw is shown.\n\n"
		"One first draw a freeze. An interrupted draw is completed when the command is run again, with the seed it began with.\n\n"
		"Reserves are drawn in the same act. Each is a place in its reviewer's load, panel and reserves together pass no maximum of a panel rule, and they stay sealed until a vacancy is logged "
		"(`veil batch replace`). Where the pool leaves too few, lists are shorter; the minutes say so.\n\n"
		"--top-up draws for seats that are empty because no waiting reserve can take them, from the remaining candidates and loads, with a seed of its own; the minutes list it as 补充抽取 with its reason. "
		"--round draws K further places for projects and keeps every earlier pick. Whether either can be filled is found out before its seed exists.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "4  there is no legal assignment; the message says where places are short\n6  the freeze has been drawn already, there is no seed, a project has too few candidates to draw from, or the "
		      "odds cap cannot be kept",
	.run = run,
};
