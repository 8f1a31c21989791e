/* db-private.h - what db.c and stmt.c share. */
#pragma once

#include "db.h"

/* The name of the VFS for a file that keeps its journal; NULL: the system's. */
const char *veil_db__journal_vfs(void);

struct VeilDb {
	sqlite3 *handle;
	const VeilDbSchema *schema;
	VeilDbMode mode;
	char *path;
	GBytes *bytes; /* of a file that lies in memory only; NULL else */
};
