/* known.c - see known.h.
 *
 * The registry's root says what was known, and opens to nobody. These numbers say which records of the log it rests on: every import with the digest of its
 * file, every suspension, every merger among the first `size` records, and none behind them.
 */
#include "freeze/known.h"

#include <string.h>

static gboolean
count_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	VeilKnown *known = data;

	(void)bytes, (void)len, (void)error;
	if (record->seq >= known->size)
		return TRUE;
	known->imports += strcmp(record->act, "import") == 0;
	known->suspensions += strcmp(record->act, "expert.suspend") == 0;
	known->merges += strcmp(record->act, "expert.merge") == 0;
	return TRUE;
}

gboolean
veil_known_read(VeilLog *log, VeilKnown *out, GError **error)
{
	static const char *const concerned[] = {"\nact import\n", "\nact expert.suspend\n", "\nact expert.merge\n", NULL};

	*out = (VeilKnown){0};
	return veil_ledger_size(veil_log_ledger(log), &out->size, NULL, error) &&
	       veil_ledger_each_with(veil_log_ledger(log), concerned, count_one, out, error);
}
