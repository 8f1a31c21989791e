/* batch-files.c - names and places, in one file so that no step builds a path by hand.
 *
 * A batch that is missing and one that may not be seen give the same answer.
 */
#include <string.h>

#include "batch-files.h"

gboolean
veil_batch_name_check(const char *name, GError **error)
{
	gboolean good = *name != '\0' && *name != '.' && *name != '-' && strlen(name) <= 60 && g_utf8_validate(name, -1, NULL);

	for (const char *p = name; good && *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		good = c < 128 ? g_ascii_isalnum((char)c) || strchr("._-", (int)c) != NULL : g_unichar_isalnum(c);
	}
	if (!good)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "a batch's name has letters, digits, dots, dashes and underscores, at most 60 bytes, and starts with "
				    "a letter or digit");
	return good;
}

char *
veil_batch_path(const char *site, const char *folder, const char *name, const char *suffix)
{
	return g_strdup_printf("%s/%s/%s.%s", site, folder, name, suffix);
}

char *
veil_batch_find(const char *site, const char *folder, const char *name, const char *suffix, GError **error)
{
	g_autofree char *path = NULL;

	if (!veil_batch_name_check(name, error))
		return NULL;
	path = veil_batch_path(site, folder, name, suffix);
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
