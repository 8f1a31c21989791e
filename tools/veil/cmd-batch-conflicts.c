/* cmd-batch-conflicts.c - every excluded pair with its rules; the auditor's side, logged. */
#include "site/auditors.h"
#include "batch-command.h"
#include "commands.h"
#include "audit/conflicts.h"
#include "site/log.h"

static char *auditor_key;

static const GOptionEntry options[] = {
	VEIL_OPTION_AUDITOR_KEY(&auditor_key),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autoptr(VeilAudit) audit = site ? veil_audit_open(site, context->argv[0], auditor_key, error) : NULL;
	g_autoptr(VeilLog) log = audit ? veil_log_open(site->dir, context->operator_handle, error) : NULL;

	if (log == NULL || !veil_log_append(log, "auditor", "batch.conflicts", error, "batch", context->argv[0], "freeze-id",
					    veil_audit_get(audit, "freeze_id"), NULL) ||
	    !veil_conflicts_print(audit, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_conflicts = {
	.name = "batch conflicts",
	.role = "auditor",
	.opens = VEIL_OPENS_AUDIT | VEIL_OPENS_LEDGER,
	.arguments = "NAME [--auditor-key FILE]",
	.summary = "list every excluded pair with its rules",
	.description = "Columns project, reviewer, rules (C04;C13), in the drawer's codes. Somebody excluded from the whole batch (E04) is listed with every "
		       "project. That the list was asked for is logged.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
