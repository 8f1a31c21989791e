/* cmd-batch-replace.c - one vacancy, one promotion. */
#include "batch-command.h"
#include "commands.h"
#include "draw/vacancy.h"

static char *project, *reviewer, *reason, *record;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project's code", "CODE"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "the code of the reviewer whose seat is vacated", "CODE"},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "declined, no-reply, ill, declared (a tie, by himself), found (a tie, by others), withdrawn or void (his opinion)", "WORD"},
	{"record", 0, 0, G_OPTION_ARG_STRING, &record, "what it rests on: the number of a letter or a call, no name", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	VeilVacancy vacancy = {VEIL_VACANCY_REPLACE, project, reviewer, reason, record};
	g_autoptr(VeilSite) site = NULL;
	VeilStep step;

	if (project == NULL || reviewer == NULL || reason == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --project, --reviewer and --reason");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_vacancy(&step, context->argv[0], &vacancy, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_batch_replace = {
	.name = "batch replace",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER | VEIL_OPENS_NOTIFY | VEIL_OPENS_DESK,
	.arguments = "NAME --project CODE --reviewer CODE --reason WORD [--record TEXT]",
	.summary = "vacate one seat; the next reserve takes it",
	.description =
		"Logs that a reviewer leaves one panel, with a reason of the closed list and the record it rests on, voids his opinion on that project, and promotes the first reserve whose entry keeps the "
		"panel legal. Nothing else moves: no other seat, no other project (but those of its team, which share one panel). Prints event, project, reviewer, promoted.\n\n"
		"Reserves hold their place of a load since the draw and obey the maxima together with the panel, so the same vacancies give the same panels in any order; only where a rule asks for a minimum "
		"may the next in order be passed over. An empty `promoted` means that nobody is left who may come in: `veil batch draw NAME --top-up`.\n\n"
		"A real site must name the record; `answer-1/ID` (`veil batch show --answers`) is what an expert answered himself, and holds for a declined or declared of that pair only. The same command run again completes an interrupted one and changes nothing more.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "2  a reason that is not of the list\n6  there is no such seat (one answer, whatever the cause), the batch is not drawn, or its next draw has begun; the batch is settled",
	.run = run,
};
