/* veil/ledger-store.h - the site's ledger on disk: one SQLite file, one signing key, one latest checkpoint.
 *
 * ledger/ledger.db (records and subtree hashes), ledger/ledger.key (0600), ledger/vkey, ledger/checkpoint, ledger/checkpoints/SIZE.note;
 * docs/design/ledger-format.md. Everything here may be used by two processes at once. A VeilLedger belongs to one thread.
 */
#pragma once

#include <veil/blind.h>
#include <veil/ledger.h>

G_BEGIN_DECLS

typedef struct VeilLedger VeilLedger;

/**
 * veil_ledger_create:
 * dir must exist and hold no ledger. origin: the log's name (veil_note_name_valid).
 * Errors: VEIL_ERROR_USAGE (origin), VEIL_ERROR_REFUSED (a ledger is there), VEIL_ERROR_FAILED, VEIL_ERROR_DB.
 */
VeilLedger *veil_ledger_create(const char *dir, const char *origin, VeilRandomFunc random, gpointer data, GError **error);

/**
 * veil_ledger_open:
 * For appending. The latest checkpoint beside it is verified and must be a prefix of what is there (O(log n), from the stored
 * subtree hashes; records are re-hashed by veil_ledger_checkpoint).
 * Errors: VEIL_ERROR_VERIFY (records are missing behind the checkpoint, checkpoint or key forged, file damaged), VEIL_ERROR_REFUSED (newer
 * version), VEIL_ERROR_NOT_AVAILABLE (no ledger here).
 */
VeilLedger *veil_ledger_open(const char *dir, GError **error);
/* The same for a process that may only read. */
VeilLedger *veil_ledger_open_read(const char *dir, GError **error);
/* A copy that somebody handed over (veil_ledger_export), to be read: nothing beside it is looked at, no checkpoint is compared. vkey: the log's. */
VeilLedger *veil_ledger_open_copy(const char *path, const char *vkey, GError **error);
void veil_ledger_free(VeilLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilLedger, veil_ledger_free)

const char *veil_ledger_origin(const VeilLedger *ledger);
const char *veil_ledger_vkey(const VeilLedger *ledger);
/* Size and root of one moment, from the stored subtree hashes. out_root may be NULL. */
gboolean veil_ledger_size(VeilLedger *ledger, guint64 *out_size, guint8 out_root[32], GError **error);

/**
 * veil_ledger_append:
 * One record, durable on return; nothing on failure. time: "2026-03-02T01:22Z". blind: 32 random bytes. out_seq may be NULL.
 * Errors: VEIL_ERROR_FAILED (a malformed field; disk full), VEIL_ERROR_VERIFY (the store contradicts itself), VEIL_ERROR_DB.
 */
gboolean veil_ledger_append(VeilLedger *ledger, const char *actor, const char *role, const char *act, const VeilField *fields, guint n_fields,
			    const char *time, const guint8 blind[32], guint64 *out_seq, GError **error);

/* What an append may be held to. sign: fills the 64 bytes with the actor's signature over text (veil_record_signed_text); NULL: a version 1
 * record. check: asked inside the write transaction, before anything is written, so that what it finds still holds when the record stands;
 * it may read the ledger. FALSE with *error from either leaves no record. */
typedef struct {
	gboolean (*sign)(const guint8 *text, gsize len, guint8 out_signature[64], gpointer data, GError **error);
	gboolean (*check)(VeilLedger *ledger, gpointer data, GError **error);
	gpointer sign_data, check_data;
	gboolean lifts_read_only; /* the one record that a read-only ledger takes: that it is none any more */
} VeilLedgerTerms;

/* veil_ledger_append under terms. Errors: those of veil_ledger_append, and whatever sign and check say. */
gboolean veil_ledger_append_under(VeilLedger *ledger, const VeilLedgerTerms *terms, const char *actor, const char *role, const char *act,
				  const VeilField *fields, guint n_fields, const char *time, const guint8 blind[32], guint64 *out_seq, GError **error);

/**
 * veil_ledger_group_begin:
 * Several records of one step in one transaction: those appended up to veil_ledger_group_end are durable when that returns, or none of them is there. An
 * append that fails in between ends the group and takes it back. Holds the write lock: no waiting for people in between, and no checkpoint.
 */
gboolean veil_ledger_group_begin(VeilLedger *ledger, GError **error);
gboolean veil_ledger_group_end(VeilLedger *ledger, GError **error);
/* After a failure in between: nothing of the group is there. Harmless when the append that failed has ended it. */
void veil_ledger_group_undo(VeilLedger *ledger);

/* bytes: the leaf input of record. FALSE with *error set fails, FALSE without stops. */
typedef gboolean (*VeilLedgerFunc)(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error);
/* Every record from seq on, in order, strictly parsed (VEIL_ERROR_VERIFY names the seq of one that is not). func may read the ledger, but not
 * by this function. */
gboolean veil_ledger_each(VeilLedger *ledger, guint64 from, VeilLedgerFunc func, gpointer data, GError **error);

/* The same for records that hold one of these texts (NULL-terminated; a whole line is "\nkey value\n"); the others are not even parsed. Where all
 * texts are "\nact ..." or "\nrequest " the file's index says which records to look at; it is compared with the records by
 * veil_ledger_checkpoint, and where somebody outside relies on the answer veil_ledger_scan is the way. */
gboolean veil_ledger_each_with(VeilLedger *ledger, const char *const *texts, VeilLedgerFunc func, gpointer data, GError **error);

/* The same without the index: every record is looked at. For what somebody outside relies on. */
gboolean veil_ledger_scan(VeilLedger *ledger, const char *const *texts, VeilLedgerFunc func, gpointer data, GError **error);

/**
 * veil_ledger_find_last:
 * The latest record of this act whose field key is value (key NULL: any record of this act). *out_storage is NULL when there is none;
 * else out_record borrows from it until veil_record_storage_free.
 */
gboolean veil_ledger_find_last(VeilLedger *ledger, const char *act, const char *key, const char *value, VeilRecord *out_record,
			       gpointer *out_storage, GError **error);
/* Is there a record of this act? */
gboolean veil_ledger_has(VeilLedger *ledger, const char *act, gboolean *out_has, GError **error);
/* How many records of this act have this value. */
gboolean veil_ledger_count(VeilLedger *ledger, const char *act, const char *key, const char *value, guint64 *out_n, GError **error);

/* The quick one, after every command that appends: signs the root of the stored subtree hashes (O(log n)) after checking that it continues the
 * latest checkpoint, and replaces that. */
gboolean veil_ledger_checkpoint_quick(VeilLedger *ledger, GError **error);
/* The thorough one: reads, parses and hashes every record, compares every stored subtree hash and every checkpoint found in ledger/, then
 * signs. VEIL_ERROR_VERIFY names the first seq that does not hold; nothing is signed then. */
gboolean veil_ledger_checkpoint(VeilLedger *ledger, GError **error);
/* The thorough one, kept as checkpoints/SIZE.note as well; its path (transfer full). */
gboolean veil_ledger_checkpoint_named(VeilLedger *ledger, char **out_path, GError **error);

/* Does the log continue a checkpoint of this size and root? VEIL_ERROR_VERIFY when not; name: of the checkpoint, for the message. */
gboolean veil_ledger_continues(VeilLedger *ledger, guint64 size, const guint8 root[32], const char *name, GError **error);

/**
 * veil_ledger_prove_consistency:
 * (transfer full) The body of a C2SP tlog-witness add-checkpoint request: "old OLD", the consistency proof from OLD records to the checkpoint, an empty line, the
 * checkpoint: the latest (size 0; made anew, quick), or the one kept for that size. Verified before it is returned. OLD 0 has no hashes.
 * VEIL_ERROR_NOT_AVAILABLE: no checkpoint of that size; OLD is larger.
 */
char *veil_ledger_prove_consistency(VeilLedger *ledger, guint64 old, guint64 size, GError **error);
/* (transfer full) A C2SP tlog-proof: index, inclusion proof, latest checkpoint (made anew, quick). It is verified before it is returned.
 * VEIL_ERROR_NOT_AVAILABLE when there is no such record. */
char *veil_ledger_prove(VeilLedger *ledger, guint64 seq, GError **error);
/* --- a ledger that takes no record ---- */
typedef enum {
	VEIL_READ_ONLY_NOT,
	VEIL_READ_ONLY_RESTORED,   /* declared: a copy was put back */
	VEIL_READ_ONLY_BEHIND,	   /* a note of this log covers more than is here */
	VEIL_READ_ONLY_FORK,	   /* a note of this log has another history */
	VEIL_READ_ONLY_UNREADABLE, /* the mark itself is damaged */
} VeilReadOnlyWhy;
typedef struct {
	VeilReadOnlyWhy why;
	gint64 since_unix_s;
	guint64 size; /* how many records there were when it was set; of a note that is ahead, how many that covers */
} VeilReadOnly;
gboolean veil_ledger_read_only(VeilLedger *ledger, VeilReadOnly *out, GError **error);
const char *veil_read_only_text(VeilReadOnlyWhy why);
/* ledger/read-only, durable on return: from now on every append is VEIL_ERROR_REFUSED, but one whose terms lift it. */
gboolean veil_ledger_set_read_only(VeilLedger *ledger, VeilReadOnlyWhy why, gint64 now_unix_s, guint64 size, GError **error);
gboolean veil_ledger_lift_read_only(VeilLedger *ledger, GError **error);
/* Makes the index of acts anew from the records; to be followed by veil_ledger_checkpoint, which compares it. */
gboolean veil_ledger_rebuild_index(const char *dir, GError **error);

typedef struct {
	guint64 size, unix_s; /* of the checkpoint; of the cosignature */
	guint witness;	      /* index of the key */
} VeilCosigned;
/**
 * veil_ledger_take_cosignature:
 * Finds the checkpoint that this line (with its LF) of one of the witnesses is on, and puts it into checkpoints/SIZE.note, in place of an earlier one by the
 * same witness. Errors: VEIL_ERROR_VERIFY it is on none, or of a time after until; VEIL_ERROR_REFUSED a later one is there.
 */
gboolean veil_ledger_take_cosignature(VeilLedger *ledger, const char *const *witnesses, const char *line, guint64 until_unix_s, VeilCosigned *out,
				      GError **error);
/* The latest checkpoint that this witness cosigned, among those kept in ledger/. out_size 0: none. */
gboolean veil_ledger_cosigned_by(VeilLedger *ledger, const char *witness, guint64 *out_size, guint64 *out_unix_s, GError **error);

/* One record's bytes. VEIL_ERROR_NOT_AVAILABLE when there is none. */
GBytes *veil_ledger_record(VeilLedger *ledger, guint64 seq, GError **error);
/* A copy of the whole store for an auditor: what veil-verify ledger reads. VEIL_ERROR_REFUSED if path exists. */
gboolean veil_ledger_export(VeilLedger *ledger, const char *path, GError **error);

G_END_DECLS
