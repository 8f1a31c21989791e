/* cmd-ledger-checkpoint.c - verify the whole log, sign it, keep the note. */
#include <stdio.h>

#include <json-glib/json-glib.h>

#include "batch-command.h"
#include "commands.h"
#include "site/ledger.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	g_autofree char *path = NULL;
	guint64 size;
	char root[65];

	if (site == NULL || !veil_desk_ledger_checkpoint(site, &size, root, &path, error))
		return VEIL_EXIT_FAILURE;
	if (context->json) {
		g_autoptr(JsonNode) node = json_node_init_string(json_node_alloc(), path);
		g_autofree char *quoted = json_to_string(node, FALSE);
		printf("{\"size\": %" G_GUINT64_FORMAT ", \"root\": \"%s\", \"path\": %s}\n", size, root, quoted);
	} else {
		printf("%s\n", path);
	}
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_checkpoint = {
	.name = "ledger checkpoint",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "",
	.summary = "verify the whole log and sign it",
	.description = "Reads and hashes every record again, compares every stored hash and every earlier checkpoint, signs the root and keeps the note as "
		       "ledger/checkpoints/SIZE.note, whose path it prints. A record that was altered, cut off or put in is named and nothing is signed.\n\n"
		       "Give the note to somebody outside, on paper if need be: whoever holds it can tell later whether anything before it was changed.",
	.max_args = 0,
	.exit_notes = "5 a record, a stored hash or an earlier checkpoint does not hold",
	.run = run,
};
