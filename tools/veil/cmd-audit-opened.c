/* cmd-audit-opened.c - every opening, or the statement that there was none. */
#include "batch-command.h"
#include "commands.h"
#include "audit/opened.h"

static gboolean statement;
static char *out;

static const GOptionEntry options[] = {
	{"statement", 0, 0, G_OPTION_ARG_NONE, &statement, "write the statement that NAME was never opened", NULL},
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "where the statement goes; never over anything", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	const char *batch = context->argc > 0 ? context->argv[0] : NULL;
	gboolean ok;

	if (statement != (out != NULL) || (statement && batch == NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "a statement takes NAME, --statement and --out FILE");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	ok = statement ? veil_opened_statement(site, batch, out, error) : veil_opened_print(site, batch, veil_context_print(context), error);
	return ok ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_audit_opened = {
	.name = "audit opened",
	.role = "auditor",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "[NAME] [--statement --out FILE]",
	.summary = "list every opening of a batch's codes",
	.description = "Columns seq, time, operator, act, batch, opened, field, purpose, reference, request, done. An opening is whatever put a code beside a person, or could have: "
		       "unmask.open, escrow.open, batch.codes. done is no for one that was cut off between the record and the screen; it counts all the same.\n\n"
		       "With --statement, for a batch that was never opened: verifies the whole log and writes that, with the log's size and its signed checkpoint. Whoever holds a copy of the log "
		       "checks it by counting those acts among its first records.",
	.options = options,
	.min_args = 0,
	.max_args = 1,
	.exit_notes = "5 the log does not hold; 6 no such batch; a statement is asked for and it was opened; FILE is there",
	.run = run,
};
