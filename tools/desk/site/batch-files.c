/* batch-files.c - names and places, in one file so that no step builds a path by hand.
 *
 * A batch that is missing and one that may not be seen give the same answer.
 */
#include "site/batch-files.h"

#include "site/route.h"

char *
veil_batch_path(const VeilSite *site, VeilFolder folder, const char *name, const char *suffix)
{
	g_autofree char *file = g_strdup_printf("%s.%s", name, suffix);

	return veil_site_path(site, folder, file);
}

char *
veil_batch_reading_path(const VeilSite *site, VeilFolder folder, const char *file)
{
	if (folder == VEIL_FOLDER_AUDIT)
		return veil_route_path(site, VEIL_ROUTE_AUDIT, file);
	if (folder == VEIL_FOLDER_DRAW && site->users != NULL && veil_users_is(site->users, VEIL_USER_AUDITOR))
		return veil_route_path(site, VEIL_ROUTE_RESULT, file);
	return veil_site_path(site, folder, file);
}

char *
veil_batch_find(const VeilSite *site, VeilFolder folder, const char *name, const char *suffix, GError **error)
{
	g_autofree char *path = NULL, *file = g_strdup_printf("%s.%s", name, suffix);

	if (!veil_site_check_name(name, "batch", error))
		return NULL;
	if (folder == VEIL_FOLDER_DRAW && !veil_handover_sync(site, name, error))
		return NULL;
	path = veil_batch_reading_path(site, folder, file);
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE,
			    "batch %s is not available here; `veil batch status %s` says its state", name, name);
		return NULL;
	}
	return g_steal_pointer(&path);
}

char *
veil_minute(gint64 unix_s)
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(unix_s);

	return g_date_time_format(when, "%Y-%m-%dT%H:%MZ");
}
