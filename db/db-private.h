/* db-private.h - what db.c and stmt.c share. */
#pragma once

#include "db.h"

struct VeilDb {
	sqlite3 *handle;
	const VeilDbSchema *schema;
	VeilDbMode mode;
	char *path;
};
