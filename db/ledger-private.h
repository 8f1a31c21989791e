/* ledger-private.h - what the files of the ledger's store share. */
#pragma once

#include <veil/ledger-store.h>

#include "db.h"

struct VeilLedger {
	VeilDb *db;
	char *dir, *origin, *vkey;
	VeilStmt *last_leaf, *last_node, *get_node, *put_leaf, *put_node, *forward, *backward, *one;
	VeilStmt *picked, *marked, *marked_back, *has_mark; /* the last three are NULL without an index */
	gboolean indexed; /* version 2 of the file */
	gboolean grouped; /* between veil_ledger_group_begin and _end */
	gboolean broken;  /* a commit failed: what is on the disk is not known */
};

/* A small text file of the ledger's folder: NULL without an error when there is none. */
char *veil_ledger__read_file(const char *dir, const char *name, gsize *out_len, gboolean *out_absent, GError **error);

/* FALSE, and says that records and stored hashes do not agree. */
gboolean veil_ledger__contradiction(GError **error);
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
/* TRUE unless the ledger is read-only (ledger-guard.c). */
gboolean veil_ledger__check_writable(VeilLedger *ledger, GError **error);
/* ledger/checkpoint or checkpoints/SIZE.note, whole and synced. */
gboolean veil_ledger__put_note(VeilLedger *ledger, const char *name, const char *note, GError **error);

/* ledger/checkpoints is there. */
gboolean veil_ledger__checkpoints_folder(VeilLedger *ledger, GError **error);
/* (transfer full) The quick checkpoint's note (ledger-checkpoint.c). */
char *veil_ledger__checkpoint_quick(VeilLedger *ledger, GError **error);

/* (transfer full) "checkpoints/SIZE.note" of the largest SIZE, or NULL. */
char *veil_ledger__largest_kept(VeilLedger *ledger);
/* For repairs only: nothing is compared. */
VeilLedger *veil_ledger__open_unchecked(const char *dir, GError **error);

/* --- the index (ledger-index.c) ---- */
/* Does the index point at this record from everywhere it should? TRUE without an index. */
gboolean veil_ledger__check_marks(VeilLedger *ledger, guint64 seq, const guint8 *bytes, gsize len, GError **error);
/* The seqs of records that may hold one of the texts, ascending; NULL without *error when the index cannot tell. */
GArray *veil_ledger__marked(VeilLedger *ledger, const char *const *texts, GError **error);
/* FALSE, and says so. */
gboolean veil_ledger__index_disagrees(guint64 seq, GError **error);
/* For walking over all records and comparing the whole index with them in the end. */
typedef struct VeilMarks VeilMarks;
VeilMarks *veil_marks_new(void);
void veil_marks_free(VeilMarks *marks);
void veil_marks_add(VeilMarks *marks, guint64 seq, const guint8 *bytes, gsize len);
gboolean veil_marks_compare(VeilMarks *marks, VeilLedger *ledger, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilMarks, veil_marks_free)

/* Strict, and it must be this log's record with this seq. */
gboolean veil_ledger__parse(VeilLedger *ledger, guint64 seq, const guint8 *bytes, gsize len, VeilRecord *out_record, gpointer *out_storage,
			    GError **error);
