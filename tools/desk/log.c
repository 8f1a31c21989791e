/* log.c - a command's record: one call, and it is durable and under a signature.
 *
 * The checkpoint follows each record and not the end of a command, so that a command that is killed between two records leaves no
 * tail that could be cut unseen.
 */
#include "log.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

struct VeilLog {
	VeilLedger *ledger;
	char *actor;
};

VeilLog *
veil_log_open(const char *site, const char *actor, GError **error)
{
	g_autofree char *dir = g_build_filename(site, "ledger", NULL);
	VeilLedger *ledger = veil_ledger_open(dir, error);
	if (ledger == NULL)
		return NULL;
	VeilLog *log = g_new0(VeilLog, 1);
	log->ledger = ledger;
	log->actor = g_strdup(actor);
	return log;
}

void
veil_log_free(VeilLog *log)
{
	if (log == NULL)
		return;
	veil_ledger_free(log->ledger);
	g_free(log->actor);
	g_free(log);
}

VeilLedger *
veil_log_ledger(VeilLog *log)
{
	return log->ledger;
}

static void
now_utc(char out[sizeof "2026-03-02T01:22Z"])
{
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(out, sizeof "2026-03-02T01:22Z", "%Y-%m-%dT%H:%MZ", &tm);
}

gboolean
veil_log_append(VeilLog *log, const char *role, const char *act, GError **error, ...)
{
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	char time[sizeof "2026-03-02T01:22Z"];
	guint8 blind[32];
	va_list pairs;

	va_start(pairs, error);
	for (const char *key; (key = va_arg(pairs, const char *)) != NULL;) {
		VeilField field = {key, va_arg(pairs, const char *)};
		if (field.value != NULL)
			g_array_append_val(fields, field);
	}
	va_end(pairs);
	now_utc(time);
	veil_random_system(blind, sizeof blind, NULL);
	return veil_ledger_append(log->ledger, log->actor, role, act, (const VeilField *)fields->data, fields->len, time, blind, NULL, error) &&
	       veil_ledger_checkpoint_quick(log->ledger, error);
}
