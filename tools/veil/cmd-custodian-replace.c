/* cmd-custodian-replace.c - another key for a custodian. */
#include "batch-command.h"
#include "commands.h"
#include "custody/escrow.h"

static char *public_key, *as;
static int threshold;

static const GOptionEntry options[] = {
	{"public-key", 0, 0, G_OPTION_ARG_STRING, &public_key, "the line that `veil custodian key` printed", "KEY"},
	{"as", 0, 0, G_OPTION_ARG_STRING, &as, "another handle from now on", "HANDLE"},
	{"threshold", 0, 0, G_OPTION_ARG_INT, &threshold, "how many custodians open an escrow together", "K"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (public_key == NULL || threshold < 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, public_key == NULL ? "give --public-key KEY" : "--threshold is a number above 0");
		return VEIL_EXIT_USAGE;
	}
	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_custodian_replace(&step, context->argv[0], public_key, as, (guint)threshold, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_custodian_replace = {
	.name = "custodian replace",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "HANDLE --public-key KEY [--as HANDLE] [--threshold K]",
	.summary = "another key for a custodian",
	.description = "For a custodian who leaves or has lost his key. All live batches, and the registry's own keys if they are in escrow, are split anew, so that the old key opens none of them. Batches that are closed stay with the old key: so many custodians as are needed can split one of them anew with `veil escrow open NAME --part FILE... --reseal`.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6 no such custodian; wrong passphrase",
	.options = options,
	.run = run,
};
