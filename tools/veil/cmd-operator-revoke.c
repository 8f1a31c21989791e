/* cmd-operator-revoke.c - an operator signs no longer. */
#include "batch-command.h"
#include "commands.h"
#include "ceremony/operators.h"

static char *reason;

static const GOptionEntry options[] = {
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "why: left, key lost, ...; no names", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	return veil_step_operator_revoke(&step, context->argv[0], reason, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_operator_revoke = {
	.name = "operator revoke",
	.role = "registrar",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "HANDLE [--reason TEXT]",
	.summary = "end an operator's right to sign",
	.description =
		"From this record on the operator's key signs nothing more; what it signed before stays signed. The handle does not come back: somebody who "
		"returns, or has lost his key, gets another handle and another key. The last registrar cannot be revoked.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  there is no such operator, or it is the last registrar",
	.run = run,
};
