/* cmd-batch-cycles.c - reciprocal reviewing among those who stand behind projects; the auditor's side, logged. */
#include "site/auditors.h"
#include "batch-command.h"
#include "site/batch-files.h"
#include "commands.h"
#include "draw/cycles.h"
#include "site/log.h"

static gboolean pairs;
static char *auditor_key;

static const GOptionEntry options[] = {
	{"pairs", 0, 0, G_OPTION_ARG_NONE, &pairs, "list the reciprocal pairs instead of counting", NULL},
	VEIL_OPTION_AUDITOR_KEY(&auditor_key),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autofree char *batch_path = site ? veil_batch_find(site, VEIL_FOLDER_DRAW, context->argv[0], "veil", error) : NULL;
	g_autoptr(VeilAudit) audit = batch_path ? veil_audit_open(site, context->argv[0], auditor_key, error) : NULL;
	g_autoptr(VeilBatch) batch = audit ? veil_batch_read(batch_path, error) : NULL;
	g_autoptr(VeilLog) log = batch ? veil_log_open(site->dir, context->operator_handle, error) : NULL;

	if (log == NULL || !veil_log_append(log, "auditor", "batch.cycles", error, "batch", context->argv[0], "freeze-id",
					    veil_audit_get(audit, "freeze_id"), NULL) ||
	    !veil_cycles_print(batch, audit, pairs, veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_cycles = {
	.name = "batch cycles",
	.role = "auditor",
	.opens = VEIL_OPENS_AUDIT | VEIL_OPENS_BATCH | VEIL_OPENS_LEDGER,
	.arguments = "NAME [--pairs] [--auditor-key FILE]",
	.summary = "count who of those that stand behind projects review each other",
	.description = "Reviewers of the batch who stand behind a project of it can return favours. Counts their reviews of each other's projects: reciprocal "
		       "pairs, and rings of three and four, each once; how many pairs could have reviewed each other; and, where the batch was drawn by odds, the "
		       "highest odds that one of them had for any project, which no manipulation of a profile could have passed: the odds cap.\n\n"
		       "Those who sit on a panel now are counted, reserves are not. [conflict.R05] in the policy makes reciprocal pairs impossible.\n\n"
		       "That it was asked is logged. The counts are for the auditor: small ones can point to people.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
