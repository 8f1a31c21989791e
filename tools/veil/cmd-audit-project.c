/* cmd-audit-project.c - a certificate of procedure for a complaint. */
#include "batch-command.h"
#include "commands.h"
#include "audit/procedure.h"

static char *out, *auditor_key;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "where the text goes; FILE.json beside it; never over anything", "FILE"},
	VEIL_OPTION_AUDITOR_KEY(&auditor_key),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	gboolean named = context->argc == 2;

	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --out FILE");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	VeilStep step = veil_context_step(context, site);
	return veil_procedure_write(&step, named ? context->argv[0] : NULL, context->argv[named ? 1 : 0], auditor_key, out, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_audit_project = {
	.name = "audit project",
	.role = "auditor",
	.opens = VEIL_OPENS_LEDGER | VEIL_OPENS_BATCH | VEIL_OPENS_AUDIT,
	.arguments = "[NAME] CODE --out FILE [--auditor-key FILE]",
	.summary = "certify the procedure of one project, without a name",
	.description = "For complaints. Holds batch file and audit file to the log and writes to FILE, in sentences, what was done for the project: the freeze, how many people each rule excluded (in fives, "
		       "not at all under five), the list, every draw with its seed and record, places given up and taken, whether identities were opened, and the signed state of the log that covers all "
		       "of it. FILE.json holds the same for a program: `veil-verify batch NAME.veil --procedure FILE.json` works out every line again. Neither has a name, a reviewer's code, a minute or a reason.\n\n"
		       "NAME may be left out: the batch is found by the project. That it was asked is logged.",
	.options = options,
	.min_args = 1,
	.max_args = 2,
	.exit_notes = "5 log or files do not hold: there is no certificate then; 6 not available; FILE is there",
	.run = run,
};
