/* cmd-custodian-add.c - name a custodian. */
#include "batch-command.h"
#include "commands.h"
#include "custody/escrow.h"

static char *public_key;
static int threshold;

static const GOptionEntry options[] = {
	{"public-key", 0, 0, G_OPTION_ARG_STRING, &public_key, "the line that `veil custodian key` printed", "KEY"},
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
	if (!veil_custodian_add(&step, context->argv[0], public_key, (guint)threshold, error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_custodian_add = {
	.name = "custodian add",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "HANDLE --public-key KEY [--threshold K]",
	.summary = "name a custodian",
	.description = "Batches frozen from now on are escrowed to all custodians there are; up to seven. --threshold says how many are needed together; without it ever given it is the majority.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6 there is one of this handle or key, or there are seven",
	.options = options,
	.run = run,
};
