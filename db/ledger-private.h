/* ledger-private.h - what the files of the ledger's store share. */
#pragma once

#include <veil/ledger-store.h>

#include "db.h"

struct VeilLedger {
	VeilDb *db;
	char *dir, *origin, *vkey;
	VeilStmt *last_leaf, *last_node, *get_node, *put_leaf, *put_node, *forward, *backward, *one;
};

/* A small text file of the ledger's folder: NULL without an error when there is none. */
char *veil_ledger__read_file(const char *dir, const char *name, gsize *out_len, gboolean *out_absent, GError **error);

/* Inside a transaction: the number of records, which leaves and nodes must agree on. */
gboolean veil_ledger__count(VeilLedger *ledger, guint64 *out_size, GError **error);
gboolean veil_ledger__node(VeilLedger *ledger, guint level, guint64 index, guint8 out[32], GError **error);
/* The root of the first size records, from stored subtree hashes. */
gboolean veil_ledger__root(VeilLedger *ledger, guint64 size, guint8 out[32], GError **error);
/* The latest checkpoint, verified; *out_note NULL when there is none. */
gboolean veil_ledger__latest(VeilLedger *ledger, char **out_note, guint64 *out_size, guint8 out_root[32], GError **error);
/* Are the records there, and is what is there a continuation of a checkpoint? */
gboolean veil_ledger__continues(VeilLedger *ledger, guint64 size, guint64 checkpoint_size, const guint8 checkpoint_root[32], const char *name,
				GError **error);
/* Strict, and it must be this log's record with this seq. */
gboolean veil_ledger__parse(VeilLedger *ledger, guint64 seq, const guint8 *bytes, gsize len, VeilRecord *out_record, gpointer *out_storage,
			    GError **error);
