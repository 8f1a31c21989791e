/* cmd-auditor-add.c - name an auditor, to whom audit files are sealed. */
#include "site/auditors.h"
#include "batch-command.h"
#include "commands.h"

static char *public_key;

static const GOptionEntry options[] = {
	{"public-key", 0, 0, G_OPTION_ARG_STRING, &public_key, "the line that `veil auditor key` printed", "LINE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (public_key == NULL) {
		g_clear_error(error);
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --public-key LINE");
		return VEIL_EXIT_USAGE;
	}
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_auditor_add(&step, context->argv[0], public_key, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_auditor_add = {
	.name = "auditor add",
	.role = "registrar",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "HANDLE --public-key LINE",
	.summary = "name an auditor, to whom audit files are sealed",
	.description = "Audit files of freezes from now on are sealed to every auditor named and to the registry; up to seven. Read the line back to him by telephone first: whoever's line it is reads "
		       "the files. The ledger says who was named when. Files that are there already are not sealed anew.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  one of this handle or key is or was there, or there are seven",
	.run = run,
};
