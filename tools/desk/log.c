/* log.c - a command's record: one call, and it is durable and under a signature.
 *
 * The checkpoint follows each record and not the end of a command, so that a command that is killed between two records leaves no
 * tail that could be cut unseen.
 */
#include "log.h"

#include <string.h>
#include <time.h>

struct VeilLog {
	VeilLedger *ledger;
	char *actor;
	gint64 now_unix_s; /* G_MININT64: the system's */
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
	log->now_unix_s = G_MININT64;
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

const char *
veil_log_actor(const VeilLog *log)
{
	return log->actor;
}

void
veil_log_set_now(VeilLog *log, gint64 now_unix_s)
{
	log->now_unix_s = now_unix_s;
}

void
veil_log_later(const VeilLog *log, gint64 minutes, char out[VEIL_MINUTE_BYTES])
{
	time_t when = (log->now_unix_s == G_MININT64 ? time(NULL) : (time_t)log->now_unix_s) + (time_t)(minutes * 60);
	struct tm tm;
	gmtime_r(&when, &tm);
	strftime(out, VEIL_MINUTE_BYTES, "%Y-%m-%dT%H:%MZ", &tm);
}

void
veil_log_now(const VeilLog *log, char out[VEIL_MINUTE_BYTES])
{
	veil_log_later(log, 0, out);
}

GArray *
veil_log_fields(const char *first_key, va_list pairs)
{
	GArray *fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	for (const char *key = first_key; key != NULL; key = va_arg(pairs, const char *)) {
		VeilField field = {key, va_arg(pairs, const char *)};
		if (field.value != NULL)
			g_array_append_val(fields, field);
	}
	return fields;
}

gboolean
veil_log_append_if(VeilLog *log, const char *role, const char *act, const GArray *fields, VeilLogCheck check, gpointer data, guint64 *out_seq,
		   GError **error)
{
	VeilLedgerTerms terms = {.check = check, .check_data = data};
	char now[VEIL_MINUTE_BYTES];
	guint8 blind[32];

	veil_log_now(log, now);
	veil_random_system(blind, sizeof blind, NULL);
	return veil_ledger_append_under(log->ledger, &terms, log->actor, role, act, (const VeilField *)(gpointer)fields->data, fields->len, now, blind,
					out_seq, error) &&
	       veil_ledger_checkpoint_quick(log->ledger, error);
}

gboolean
veil_log_append(VeilLog *log, const char *role, const char *act, GError **error, ...)
{
	va_list pairs;
	va_start(pairs, error);
	const char *first = va_arg(pairs, const char *);
	g_autoptr(GArray) fields = veil_log_fields(first, pairs);
	va_end(pairs);
	return veil_log_append_if(log, role, act, fields, NULL, NULL, NULL, error);
}
