/* cmd-approve.c - the second person. */
#include <stdio.h>

#include "ceremony/approve.h"
#include "batch-command.h"
#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autoptr(VeilLog) log = site != NULL ? veil_log_open(site->dir, context->operator_handle, error) : NULL;

	if (log == NULL)
		return VEIL_EXIT_FAILURE;
	veil_log_set_now(log, veil_context_step(context, site).now_unix_s);
	return veil_approve(log, context->argv[0], error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_approve = {
	.name = "approve",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "ID",
	.summary = "approve what another operator asks for",
	.description =
		"Some steps need a second person: a new freeze, a waiver, an exception for a small field, a new operator once the site is "
		"in use, the site's witnesses, an unmasking, the closing of a batch, the destruction of its escrow. The command that wants one logs a request and prints its id, 16 hexadecimal digits. Another operator looks at it and "
		"approves it; then the first one runs his command again.\n\n"
		"  approve list   shows the requests and what they ask for\n\n"
		"Nobody approves his own request, and nobody twice. An exception needs three operators, everything else one; which roles may approve, "
		"`veil approve list` says. A request expires (a week; a waiver, a closing, a destruction 30 days; an unmasking one day), and an approval serves once. A refused try is logged.",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the request is one's own, expired, used, unknown, or not for this role to approve",
	.run = run,
};
