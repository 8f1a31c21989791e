/* cmd-audit-tie.c - one question of a complaint: is there such a tie? */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "audit/tie.h"

static char *project, *rule, *reviewer, *person, *reference, *auditor_key;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project's code", "CODE"},
	{"rule", 0, 0, G_OPTION_ARG_STRING, &rule, "the rule, e.g. C04", "RULE"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "of this reviewer (the drawer's code)", "CODE"},
	{"person", 0, 0, G_OPTION_ARG_STRING, &person, "of this person (the auditor's code)", "CODE"},
	{"reference", 0, 0, G_OPTION_ARG_STRING, &reference, "file number of the case", "TEXT"},
	VEIL_OPTION_AUDITOR_KEY(&auditor_key),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	static const char *const words[] = {[VEIL_TIE_NO] = "no", [VEIL_TIE_YES] = "yes", [VEIL_TIE_NOT_ASKED] = "off"};
	g_autoptr(VeilSite) site = NULL;
	VeilTieQuestion question = {context->argc > 0 ? context->argv[0] : NULL, project, rule, reviewer, person, reference, auditor_key};
	VeilTie tie;

	if (project == NULL || rule == NULL || reference == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --project, --rule and --reference, the file number of the case");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	VeilStep step = veil_context_step(context, site);
	if (!veil_tie_ask(&step, &question, &tie, error))
		return VEIL_EXIT_FAILURE;
	printf(context->json ? "{\"tied\": \"%s\"}\n" : "%s\n", words[tie]);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_audit_tie = {
	.name = "audit tie",
	.role = "auditor",
	.opens = VEIL_OPENS_LEDGER | VEIL_OPENS_BATCH | VEIL_OPENS_AUDIT,
	.arguments = "[NAME] --project CODE --rule RULE --reference TEXT [--reviewer CODE | --person CODE] [--auditor-key FILE]",
	.summary = "answer yes or no: is a project tied to a reviewer by this rule?",
	.description = "For complaints. Asks the frozen facts whether the rule speaks against the project and the reviewer or person that is named, or, if none is, anybody who was ever given a "
		       "place of the project. A pair that was waived or only flagged is tied as well. Prints yes, no, or off, where the rule was off in this batch; nobody's name, no fact, no count.\n\n"
		       "The first run logs the question and is refused with the number of a request; another operator approves it (`veil approve`), the same command then answers, once, and logs "
		       "that it was asked, not what was answered. Questions are as few as unmaskings: [unmask] in site.ini. A code that nobody bears takes the same steps and gets: not available.",
	.options = options,
	.min_args = 0,
	.max_args = 1,
	.exit_notes = "6 not available; waits for approval; asked too often",
	.run = run,
};
