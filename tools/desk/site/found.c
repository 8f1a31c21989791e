/* found.c - looking a record up, so that a step can see what an interrupted one began. */
#include "site/found.h"

gboolean
veil_log_find(VeilLog *log, const char *act, const char *key, const char *value, VeilFound **out_found, GError **error)
{
	VeilFound *found = g_new0(VeilFound, 1);

	if (!veil_ledger_find_last(veil_log_ledger(log), act, key, value, &found->record, &found->storage, error)) {
		g_free(found);
		return FALSE;
	}
	if (found->storage == NULL)
		g_clear_pointer(&found, g_free);
	*out_found = found;
	return TRUE;
}

const char *
veil_found_get(const VeilFound *found, const char *key)
{
	const char *value = veil_record_get(&found->record, key);

	return value ? value : "";
}

void
veil_found_free(VeilFound *found)
{
	if (found == NULL)
		return;
	veil_record_storage_free(found->storage);
	g_free(found);
}
