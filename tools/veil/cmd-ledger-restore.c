/* cmd-ledger-restore.c - after a copy of the ledger was put back. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "witness/restore.h"

static gboolean only_index;
static char *note;

static const GOptionEntry options[] = {
	{"note", 0, 0, G_OPTION_ARG_FILENAME, &note, "where the site has no witnesses: the latest checkpoint that is held outside", "FILE"},
	{"index", 0, 0, G_OPTION_ARG_NONE, &only_index, "only make the index of acts anew from the records", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	VeilRestore restore = {.index = only_index, .note = note};
	VeilRestoreResult result;
	guint64 size = 0;
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_restore(&step, &restore, &result, &size, error))
		return VEIL_EXIT_FAILURE;
	if (result == VEIL_RESTORE_INDEXED)
		printf("the index was made anew; all %" G_GUINT64_FORMAT " records hold\n", size);
	else if (result == VEIL_RESTORE_LIFTED)
		printf("the ledger takes records again\n");
	else
		printf("all %" G_GUINT64_FORMAT " records hold; the ledger is read-only from now on\n"
		       "next: `veil ledger export FILE` for each witness, `veil ledger cosign` with what they give back, then `veil ledger restore` again\n",
		       size);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_restore = {
	.name = "ledger restore",
	.role = "registrar",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "[--note FILE | --index]",
	.summary = "go on after a copy of the ledger was put back",
	.description =
		"To be run as soon as the ledger, or the whole site, was put back from a copy. It verifies every record and makes the ledger read-only: nothing that leaves a record "
		"can be done. It is lifted by running the command again after the quorum of witnesses has cosigned exactly the records that are here: a witness does that only "
		"if they continue what he saw last, so a copy that is too old is refused, by him, with the number of records it should have. Put back a newer one then. "
		"If there is none, this log has ended: a new site with a new log goes on, and the old folder is kept.\n\n"
		"The ledger becomes read-only by itself when `veil ledger cosign` is given a checkpoint that covers more than is here. A fork is never lifted.",
	.options = options,
	.max_args = 0,
	.exit_notes = "5 a record, a stored hash or a checkpoint does not hold; 6 what is still missing",
	.run = run,
};
