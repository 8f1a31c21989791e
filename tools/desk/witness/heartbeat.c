/* heartbeat.c - see heartbeat.h.
 *
 * The promise stands in the log and not in a setting, so that an auditor who has nothing but records can hold the site to it. The tally is the site's word on what
 * witnesses have given it: a witness whose own state is older than that has lost a state or a key.
 */
#include "witness/heartbeat.h"

#include <string.h>

#include "site/log.h"
#include "witness/witness-read.h"

static gboolean
tally_of(const VeilSite *site, VeilLedger *ledger, GString *out, GError **error)
{
	for (char **witness = site->witnesses; *witness != NULL; witness++) {
		guint64 size, time;
		if (!veil_ledger_cosigned_by(ledger, *witness, &size, &time, error))
			return FALSE;
		if (size > 0)
			veil_tally_add(out, *witness, size, (gint64)time);
	}
	if (out->len == 0)
		g_string_assign(out, "-");
	return TRUE;
}

/* Is the last record younger than that? */
static gboolean
is_young(VeilLog *log, gint64 if_older_s, gboolean *out, GError **error)
{
	VeilLedger *ledger = veil_log_ledger(log);
	g_autoptr(GBytes) bytes = NULL;
	gpointer storage = NULL;
	char oldest[VEIL_MINUTE_BYTES];
	VeilRecord record;
	guint64 size;
	gsize len;

	*out = FALSE;
	if (!veil_ledger_size(ledger, &size, NULL, error))
		return FALSE;
	if (if_older_s < 0 || size == 0)
		return TRUE;
	if ((bytes = veil_ledger_record(ledger, size - 1, error)) == NULL)
		return FALSE;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	if (!veil_record_parse(data, len, &record, &storage, error))
		return FALSE;
	veil_log_later(log, -(if_older_s / 60), oldest);
	*out = strcmp(record.time, oldest) > 0;
	veil_record_storage_free(storage);
	return TRUE;
}

gboolean
veil_step_heartbeat(const VeilStep *step, const VeilHeartbeat *beat, gboolean *out_written, GError **error)
{
	g_autoptr(VeilLog) log = veil_log_open(step->site->dir, step->operator_handle, error);
	g_autoptr(GString) tally = g_string_new(NULL);
	char next[VEIL_MINUTE_BYTES];
	gboolean young;

	if (log == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	if (!is_young(log, beat->if_older_s, &young, error))
		return FALSE;
	*out_written = !young;
	if (young)
		return TRUE;
	veil_log_later(log, beat->within_s / 60, next);
	return tally_of(step->site, veil_log_ledger(log), tally, error) &&
	       veil_log_append(log, "anyone", "ledger.heartbeat", error, "next", next, "tally", tally->str, NULL);
}
