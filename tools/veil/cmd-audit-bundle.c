/* cmd-audit-bundle.c - what an outside auditor is handed, in one folder. */
#include <stdio.h>

#include "batch-command.h"
#include "audit/bundle.h"
#include "commands.h"

static gboolean with_facts;

static const GOptionEntry options[] = {
	{"facts", 0, 0, G_OPTION_ARG_NONE, &with_facts, "the audit files too: facts and exclusions, without a name", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilBundleOptions what = {(const char *const *)context->argv + 1, with_facts};
	char digest[65];

	if (site == NULL || !veil_bundle_write(site, context->argv[0], &what, digest, error))
		return VEIL_EXIT_FAILURE;
	if (context->json)
		printf("{\"list_sha256\": \"%s\"}\n", digest);
	else
		printf("%s\n", digest);
	if (!context->quiet)
		g_printerr("hand over the folder, and the digest by another way; it is verified with: veil-verify bundle DIR --key VKEY%s\n", with_facts && !site->rehearsal ? " --audit-key FILE" : "");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_audit_bundle = {
	.name = "audit bundle",
	.role = "auditor",
	.opens = VEIL_OPENS_LEDGER | VEIL_OPENS_BATCH | VEIL_OPENS_AUDIT,
	.arguments = "DIR [NAME...] [--facts]",
	.summary = "hand the log and whole batches to an outside auditor",
	.description = "Verifies the whole log and makes the folder DIR, which must not exist: the log, every signed state of it with the witnesses' lines, the batch file of each NAME, with "
		       "--facts its audit file, for each that was never opened the statement that it was not, and the list BUNDLE of all of them with their lengths and digests. "
		       "Prints the digest of that list, by which two people know that they speak of the same files.\n\n"
		       "`veil-verify bundle DIR` checks all of it without the site and without a name, and says in plain sentences what was proved and what was not. Without --facts it says that "
		       "conflicts of interest were not checked. The auditor brings the log's key and the witnesses' keys himself (--key, --witness, --quorum).",
	.options = options,
	.min_args = 1,
	.max_args = -1,
	.exit_notes = "5 the log or a file does not hold; 6 DIR is there; no such batch",
	.run = run,
};
