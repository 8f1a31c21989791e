/* cmd-batch-strike.c - a conflict found after the draw. */
#include "batch-command.h"
#include "commands.h"
#include "draw/vacancy.h"

static char *project, *reviewer, *record;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project's code", "CODE"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "the reviewer's code", "CODE"},
	{"record", 0, 0, G_OPTION_ARG_STRING, &record, "what it rests on: the number of the auditor's note, no name", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	VeilVacancy vacancy = {VEIL_VACANCY_STRIKE, project, reviewer, NULL, record};
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if (project == NULL || reviewer == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --project and --reviewer");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_vacancy(&step, context->argv[0], &vacancy, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_batch_strike = {
	.name = "batch strike",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER | VEIL_OPENS_NOTIFY | VEIL_OPENS_DESK,
	.arguments = "NAME --project CODE --reviewer CODE [--record TEXT]",
	.summary = "bar a reviewer from a project for a conflict found late",
	.description =
		"The reviewer may not sit on this project's panel. If he does, his seat is vacated as by `veil batch replace --reason found`; if he waits as a reserve, he is passed over; if he is neither, no top-up and no round may "
		"draw him for this project. What is printed does not tell a sealed reserve from somebody who was not drawn. Prints event, project, reviewer, promoted.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the pair is not available here (one answer, whatever the cause), the batch is not drawn, or its next draw has begun; the batch is settled",
	.run = run,
};
