/* cmd-approve-list.c - the requests, latest first. */
#include "ceremony/approve.h"
#include "batch-command.h"
#include "commands.h"

static gboolean all;

static const GOptionEntry options[] = {
	{"all", 0, 0, G_OPTION_ARG_NONE, &all, "used and expired ones too", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static const char *
state_word(const VeilApproval *a)
{
	switch (a->state) {
	case VEIL_APPROVAL_WAITING:
		return "waiting";
	case VEIL_APPROVAL_GIVEN:
		return "approved";
	case VEIL_APPROVAL_USED:
		return "used";
	case VEIL_APPROVAL_EXPIRED:
		return "expired";
	case VEIL_APPROVAL_NONE:
		break;
	}
	return "";
}

static void
add(VeilRows *rows, const VeilApproval *a)
{
	g_autofree char *approvers = g_strjoinv(";", a->approvers);
	g_autofree char *missing = g_strdup_printf("%u", a->missing);
	g_autoptr(GString) about = g_string_new(NULL);

	for (char **field = a->fields; *field != NULL; field += 2)
		if (g_strcmp0(field[0], "reason") != 0)
			g_string_append_printf(about, "%s%s=%s", about->len > 0 ? " " : "", field[0], field[1]);
	const char *cells[] = {a->id,	a->purpose, state_word(a), a->requester, approvers, missing, veil_approval_roles(a), a->expires,
			       about->str, veil_approval_get(a, "reason")};
	veil_rows_add(rows, cells);
}

static int
run(const VeilContext *context, GError **error)
{
	static const char *const columns[] = {"id", "purpose", "state", "requester", "approvers", "missing", "roles", "expires", "about", "reason"};
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autoptr(VeilLog) log = site != NULL ? veil_log_open(site->dir, context->operator_handle, error) : NULL;
	g_autoptr(GPtrArray) list = log != NULL ? veil_approval_list(log, error) : NULL;
	VeilRows rows;

	if (list == NULL || !veil_rows_begin(&rows, veil_context_print(context), "requests", columns, G_N_ELEMENTS(columns), error))
		return VEIL_EXIT_FAILURE;
	for (guint i = 0; i < list->len; i++) {
		const VeilApproval *a = list->pdata[i];
		if (all || a->state == VEIL_APPROVAL_WAITING || a->state == VEIL_APPROVAL_GIVEN)
			add(&rows, a);
	}
	return veil_rows_end(&rows, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_approve_list = {
	.name = "approve list",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "[--all]",
	.summary = "list what waits for a second person",
	.description =
		"The requests in the ledger that wait for approval or for their use, latest first: id, purpose, who asked, who approved, how many approvals are "
		"missing, which roles may give them, until when, and what it is about. --all adds those that were used or have expired.",
	.options = options,
	.max_args = 0,
	.run = run,
};
