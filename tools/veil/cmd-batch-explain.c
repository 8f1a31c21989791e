/* cmd-batch-explain.c - why one pair is excluded; the auditor's side, logged. */
#include "site/auditors.h"
#include "batch-command.h"
#include "commands.h"
#include "audit/conflicts.h"
#include "site/log.h"

static char *project, *reviewer, *auditor_key;

static const GOptionEntry options[] = {
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "the project's code", "CODE"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "the reviewer's code", "CODE"},
	VEIL_OPTION_AUDITOR_KEY(&auditor_key),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	g_autoptr(VeilAudit) audit = NULL;
	g_autoptr(VeilLog) log = NULL;
	char p[VEIL_CODE_CHARS + 1], r[VEIL_CODE_CHARS + 1];

	if (project == NULL || reviewer == NULL || !veil_code_parse(project, VEIL_CODE_PROJECT, p) ||
	    !veil_code_parse(reviewer, VEIL_CODE_REVIEWER, r)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "give --project and --reviewer with their codes; a code that was typed wrongly fails its check character");
		return VEIL_EXIT_USAGE;
	}
	site = veil_context_open_site(context, error);
	audit = site ? veil_audit_open(site, context->argv[0], auditor_key, error) : NULL;
	log = audit ? veil_log_open(site->dir, context->operator_handle, error) : NULL;
	if (log == NULL || !veil_log_append(log, "auditor", "batch.explain", error, "batch", context->argv[0], "freeze-id",
					    veil_audit_get(audit, "freeze_id"), "project", p, "reviewer", r, NULL) ||
	    !veil_explain_print(audit, p, r, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_explain = {
	.name = "batch explain",
	.role = "auditor",
	.opens = VEIL_OPENS_AUDIT | VEIL_OPENS_LEDGER,
	.arguments = "NAME --project CODE --reviewer CODE [--auditor-key FILE]",
	.summary = "say why a pair is excluded: rule, both facts, dates",
	.description = "Asks the rules again on the facts of the audit file and prints, for every rule that speaks against the pair, the fact on the expert's side, "
		       "the fact on the project's side, their dates, the window the rule looked at, and the rule's citation. Persons and "
		       "organisations appear under the auditor's codes. That it was asked is logged.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
