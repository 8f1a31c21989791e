/* journal-vfs.c - SQLite's own way to the files, but for one sync.
 *
 * SQLite opens a kept journal anew for each transaction, with SQLITE_OPEN_CREATE, and then syncs the folder as if the journal's name were new. In a folder where
 * a checkpoint was renamed a moment ago that is a commit of the file system's own journal, for nothing: the name is as old as the first
 * transaction, which did sync it. So a journal that is there is opened without CREATE; one that is not is made and synced as ever (decision 0026 has the
 * numbers). Everything else, the locks above all, is the system's VFS.
 */
#include "db-private.h"

static sqlite3_vfs ours;
static sqlite3_vfs *system_vfs;

static int
open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags)
{
	(void)vfs;
	if (flags & SQLITE_OPEN_MAIN_JOURNAL && flags & SQLITE_OPEN_CREATE) {
		int code = system_vfs->xOpen(system_vfs, name, file, flags & ~(SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE), out_flags);
		if ((code & 0xff) != SQLITE_CANTOPEN)
			return code;
	}
	return system_vfs->xOpen(system_vfs, name, file, flags, out_flags);
}

const char *
veil_db__journal_vfs(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		system_vfs = sqlite3_vfs_find(NULL);
		ours = *system_vfs;
		ours.zName = "veil-journal";
		ours.xOpen = open_file;
		ours.pNext = NULL;
		g_once_init_leave(&once, sqlite3_vfs_register(&ours, 0) == SQLITE_OK ? 1 : 2);
	}
	return once == 1 ? ours.zName : NULL;
}
