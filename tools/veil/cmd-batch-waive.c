/* cmd-batch-waive.c - one pair let pass by two persons. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "ceremony/waive.h"

static char *project, *reviewer, *rule, *reason, *source;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project, by its own id", "ID"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "the expert, by the source's id", "ID"},
	{"rule", 0, 0, G_OPTION_ARG_STRING, &rule, "the rule that is waived; one of severity forbid*", "RULE"},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "why, for who approves and for the minutes; no names", "TEXT"},
	{"source", 0, 0, G_OPTION_ARG_STRING, &source, "whose ids they are (default: local)", "NAME"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilWaiver waiver = {project, reviewer, source, rule, reason};
	VeilStep step;

	if (project == NULL || reviewer == NULL || rule == NULL || reason == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "a waiver names --project, --reviewer, --rule and a --reason");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_waive(&step, context->argv[0], &waiver, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		fprintf(stderr, "veil: the waiver is approved; the batch's next freeze uses it\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_waive = {
	.name = "batch waive",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "NAME --project ID --reviewer ID --rule RULE --reason TEXT",
	.summary = "waive a waivable conflict of one pair",
	.description =
		"A rule of severity forbid* excludes a pair unless two persons waive it with a reason. The command logs a request and prints its id; another operator approves it "
		"(`veil approve`); the batch's next freeze uses it: the pair may then be drawn, unless another rule excludes it.\n\n"
		"The ledger never holds an id: the request carries a digest under a salt that stays in the registry, and the freeze that uses it names the project by the drawer's "
		"code and the person by the auditor's. The minutes print rule and reason. What comes out does not depend on whether the pair has a conflict at all.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the approval is missing, the rule cannot be waived, or there is no such batch, project or expert",
	.run = run,
};
