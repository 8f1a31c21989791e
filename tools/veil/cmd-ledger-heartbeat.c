/* cmd-ledger-heartbeat.c - a record that says that the log is alive. */
#include "batch-command.h"
#include "commands.h"
#include "witness/heartbeat.h"

static int within = VEIL_HEARTBEAT_WITHIN_S / 3600, if_older = -1;

static const GOptionEntry options[] = {
	{"within", 0, 0, G_OPTION_ARG_INT, &within, "promise the next record within so many hours (24)", "HOURS"},
	{"if-older", 0, 0, G_OPTION_ARG_INT, &if_older, "only when the last record is older than so many hours", "HOURS"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilHeartbeat beat;
	gboolean written = FALSE;
	VeilStep step;

	if (within < 1 || within > 24 * 366 || if_older < -1 || if_older > 24 * 366) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--within and --if-older are numbers of hours, a year at most");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	beat = (VeilHeartbeat){.within_s = (gint64)within * 3600, .if_older_s = if_older < 0 ? -1 : (gint64)if_older * 3600};
	if (!veil_step_heartbeat(&step, &beat, &written, error))
		return VEIL_EXIT_FAILURE;
	if (!written && !context->quiet)
		g_printerr("veil: no heartbeat is due yet\n");
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_heartbeat = {
	.name = "ledger heartbeat",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "[--within HOURS] [--if-older HOURS]",
	.summary = "log that the log is alive",
	.description =
		"Writes a record that promises the next one within --within hours and says which cosignatures of each witness have arrived. A log that breaks the promise was silent or "
		"was cut: `veil ledger witness` and `veil-verify ledger` say so. Meant for a timer, with --if-older some hours shorter than --within:\n\n"
		"  veil ledger heartbeat --if-older 20 --within 24",
	.options = options,
	.max_args = 0,
	.run = run,
};
