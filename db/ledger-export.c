/* ledger-export.c - a copy of the store while others may write to it.
 *
 * SQLite's backup copies all pages in one step under a read lock, so the copy is one moment of the log, with version and triggers.
 */
#include "ledger-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "db-private.h"

static int
copy_pages(sqlite3 *from, const char *path)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code == SQLITE_OK) {
		sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
		if (backup != NULL) {
			sqlite3_backup_step(backup, -1);
			code = sqlite3_backup_finish(backup);
		} else {
			code = sqlite3_errcode(to);
		}
	}
	int closed = sqlite3_close(to);
	return code != SQLITE_OK ? code : closed;
}

gboolean
veil_ledger_export(VeilLedger *ledger, const char *path, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	int fd = g_open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		if (errno == EEXIST)
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: exists already and is not overwritten", name);
		else
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot create: %s", name, g_strerror(errno));
		return FALSE;
	}
	close(fd);
	int code = copy_pages(ledger->db->handle, path);
	if (code == SQLITE_OK)
		return TRUE;
	g_unlink(path);
	return veil_db_fail(ledger->db, code, error);
}
