/* root.h - the RFC 6962 root over the rows of some tables (docs/design/formats.md 2). */
#pragma once

#include "db.h"

typedef struct {
	const char *table;
	const char *select; /* the columns in the format's order, by primary key; ?1 is the parameter */
} VeilTableRows;

gboolean veil_db_root(VeilDb *db, const VeilTableRows *tables, gsize n_tables, gint64 parameter, guint8 out_root[32], GError **error);
