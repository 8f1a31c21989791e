/* cmd-operator-add.c - a new operator, by handle and key. */
#include "batch-command.h"
#include "commands.h"
#include "ceremony/operators.h"

static char *roles, *public_key, *reason;

static const GOptionEntry options[] = {
	{"roles", 0, 0, G_OPTION_ARG_STRING, &roles, "registrar, requester, drawer, notifier, auditor, custodian: one or more, with ',' between", "LIST"},
	{"public-key", 0, 0, G_OPTION_ARG_STRING, &public_key, "what `veil operator key` printed", "KEY"},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "why, for the operator who approves", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	guint bits = roles != NULL ? veil_roles_parse(roles) : 0;
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	if (bits == 0 && !(site->rehearsal && roles == NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--roles takes one or more of registrar, requester, drawer, notifier, auditor, custodian");
		return VEIL_EXIT_USAGE;
	}
	step = veil_context_step(context, site);
	return veil_step_operator_add(&step, context->argv[0], bits != 0 ? bits : VEIL_ROLES_ALL, public_key, reason, error) ? VEIL_EXIT_DONE :
															       VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_operator_add = {
	.name = "operator add",
	.role = "registrar",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "HANDLE --roles LIST --public-key KEY",
	.summary = "name an operator in the ledger",
	.description =
		"Who acts at a site signs what he does. The ledger knows an operator by a handle and a public key and by nothing else: a handle is no name. "
		"The operator makes his key himself (`veil operator key`) and gives the registrar the public half.\n\n"
		"The first operator is named by `veil init`. While a site is set up a registrar adds the others alone; after its first import or batch it takes the "
		"approval of another operator (`veil approve`), for whoever could name operators alone could approve his own requests.\n\n"
		"A handle is used once and a key by one handle. In a rehearsal operators come into being when they first act, with all roles, and "
		"their keys lie unwrapped in ledger/operators; there neither option is needed.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the handle or the key is or was in use, or another operator has to approve first",
	.run = run,
};
