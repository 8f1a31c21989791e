/* cmd-batch-contacts.c - the drawn people, for the notifier. */
#include <string.h>

#include "batch-command.h"
#include "commands.h"
#include "handover/contacts.h"

static char *out, *slips;
static gint64 since = -1;

static const GOptionEntry options[] = {
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "the list to write (CSV)", "FILE"},
	{"since", 0, 0, G_OPTION_ARG_INT64, &since, "only who came in after this event", "EVENT"},
	{"slips", 0, 0, G_OPTION_ARG_FILENAME, &slips, "also write a sealed slip for each, into this new folder", "DIR"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	VeilContactsOptions wanted = {out, slips, since, context->for_spreadsheet};
	g_autoptr(VeilSite) site = NULL;
	guint64 last;
	VeilStep step;

	if (out == NULL || since < -1) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, out == NULL ? "say where the list goes: --out FILE" : "--since takes the number of an event");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_contacts(&step, context->argv[0], &wanted, &last, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		g_printerr("veil: the list is written; --since %" G_GUINT64_FORMAT " gives who comes in after it\n", last);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_contacts = {
	.name = "batch contacts",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_NOTIFY | VEIL_OPENS_LEDGER,
	.arguments = "NAME --out FILE [--since EVENT] [--slips DIR]",
	.summary = "write whom the notifier contacts: names and phones, no projects",
	.description =
		"Columns invitation, name, phone, email (only where there is no phone), by invitation number: a code of the notifier's own audience, which joins with neither the drawer's codes nor the packets. Nothing tells "
		"what somebody reviews, nor how many projects. Read from NAME.drawn, which the draw hands over, and the registry; the batch file is never opened. Opens identities, so the site's passphrase is asked for, and that it "
		"was asked is logged before a name is written (counts under five as <5). The file has mode 0600: hand it to the notifier and to nobody else. On a site with users write it into handover/registrar-notifier, where the notifier reads it.\n\n"
		"--since EVENT gives those only who came in after that event (vacancies and later draws are counted together); each run says the number for the next. --slips DIR writes INVITATION.slip for each: which packet is his, sealed to the requester's "
		"key (docs/guide/handover.md). The notifier passes it on with the invitation and cannot read it.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "5  NAME.drawn is of another freeze, or not the list that the drawer handed over last\n6  the batch is not drawn, or closed; wrong passphrase; --slips before the requester's first packets",
	.run = run,
};
