/* cmd-batch-withdraw.c - a project or an expert leaves the batch. */
#include "batch-command.h"
#include "commands.h"
#include "draw/vacancy.h"

static char *project, *reviewer, *record;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project's code", "CODE"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "the reviewer's code", "CODE"},
	{"record", 0, 0, G_OPTION_ARG_STRING, &record, "what it rests on: the number of a file or a letter, no name", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	VeilVacancy vacancy = {VEIL_VACANCY_WITHDRAW, project, reviewer, NULL, record};
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if ((project == NULL) == (reviewer == NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give one of --project and --reviewer");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_vacancy(&step, context->argv[0], &vacancy, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_batch_withdraw = {
	.name = "batch withdraw",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER | VEIL_OPENS_NOTIFY | VEIL_OPENS_DESK,
	.arguments = "NAME --project CODE|--reviewer CODE [--record TEXT]",
	.summary = "take a withdrawn project or expert out of a drawn batch",
	.description =
		"A project: all its seats are released, and nobody is promoted. An expert: no later draw of this batch may name him, and his seats are vacated one by one, in the order of the projects' codes (a team's next to each other), each promoting "
		"its next reserve; where he waits as a reserve he is passed over. Places that were given back count in their reviewer's load all the same. Prints event, project, reviewer, promoted.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the project or reviewer is not available here, the batch is not drawn, or its next draw has begun; the batch is settled",
	.run = run,
};
