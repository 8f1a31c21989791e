/* veil/ledger.h - records, one RFC 6962 tree, signed C2SP notes.
 *
 * The bytes of a record are the leaf input and are never re-serialised. Byte-exact specification: docs/design/ledger-format.md.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

typedef struct {
	const char *key; /* [a-z][a-z0-9-]* */
	const char *value; /* UTF-8, not empty */
} VeilField;

typedef struct {
	guint64 seq;	      /* 0, 1, 2, ... */
	const char *time;     /* 2026-03-02T01:22Z, minute */
	const char *origin;   /* the log's name, e.g. kjj.example.gov/veil */
	const char *actor;    /* operator's handle */
	const char *role;     /* registrar, drawer, auditor, ... */
	const char *act;      /* batch.freeze, ... */
	const VeilField *fields; /* strictly ascending keys after encoding; the encoder sorts */
	guint n_fields;
	guint8 blind[32];     /* random: leaf hashes can be shared without being guessable */
	gboolean is_signed;   /* FALSE: veil-log/v1, no line sig */
	guint8 signature[64]; /* by the actor, over veil_record_signed_text */
} VeilRecord;

/* (transfer full). VEIL_ERROR_FAILED when a key is malformed or repeated or a value empty. */
GBytes *veil_record_encode(const VeilRecord *record, GError **error);
/* Strict: the bytes must be what the encoder would write, else VEIL_ERROR_VERIFY. The parsed record borrows from *out_storage. */
gboolean veil_record_parse(const guint8 *bytes, gsize len, VeilRecord *out_record, gpointer *out_storage, GError **error);
void veil_record_storage_free(gpointer storage);
const char *veil_record_get(const VeilRecord *record, const char *key); /* NULL if absent */
/* (transfer full) What the actor signs: the bytes of the record with is_signed, the line `sig` left out. Errors as veil_record_encode. */
GBytes *veil_record_signed_text(const VeilRecord *record, GError **error);
/* Is the record signed by this Ed25519 key? FALSE for a version 1 record. */
gboolean veil_record_signed_by(const VeilRecord *record, const guint8 public_key[32]);

/* RFC 6962 with SHA-256: leaf H(00 | bytes), node H(01 | l | r), empty H(""). */
void veil_tree_leaf(const void *bytes, gsize len, guint8 out[32]);
void veil_tree_node(const guint8 left[32], const guint8 right[32], guint8 out[32]);
typedef struct VeilTree VeilTree; /* streaming root: the roots of the full subtrees, O(log n) memory */
VeilTree *veil_tree_new(void);
void veil_tree_free(VeilTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilTree, veil_tree_free)
void veil_tree_add(VeilTree *tree, const guint8 leaf[32]);
guint64 veil_tree_size(const VeilTree *tree);
void veil_tree_root(const VeilTree *tree, guint8 out[32]);
gboolean veil_tree_verify_inclusion(guint64 index, guint64 size, const guint8 leaf[32], const guint8 *proof, gsize n_hashes, const guint8 root[32]);
/* FALSE for size1 = 0 as well: the empty tree is consistent with everything and proves nothing. */
gboolean veil_tree_verify_consistency(guint64 size1, guint64 size2, const guint8 root1[32], const guint8 root2[32], const guint8 *proof, gsize n_hashes);
/* Proofs from stored roots of full subtrees, O(log n) of them: node gives that of leaves index * 2^level up to (index + 1) * 2^level. (transfer full)
 * concatenated hashes; NULL when node fails. index < size; 0 < size1 <= size2. */
typedef gboolean (*VeilTreeNodeFunc)(guint level, guint64 index, guint8 out[32], gpointer data, GError **error);
GByteArray *veil_tree_inclusion(guint64 size, guint64 index, VeilTreeNodeFunc node, gpointer data, GError **error);
GByteArray *veil_tree_consistency(guint64 size1, guint64 size2, VeilTreeNodeFunc node, gpointer data, GError **error);
/* The same from all leaf hashes (n x 32 bytes), O(n). */
GByteArray *veil_tree_prove_inclusion(const guint8 *leaves, guint64 size, guint64 index);
GByteArray *veil_tree_prove_consistency(const guint8 *leaves, guint64 size1, guint64 size2);

/* --- signed notes: C2SP signed-note, tlog-checkpoint (Ed25519, type 0x01) ------------------------------------------ */
#define VEIL_SIGNING_KEY_BYTES 32 /* Ed25519 seed */
/* May a log bear this name? UTF-8, not empty, at most 255 bytes, no space or control character, no '+'. */
gboolean veil_note_name_valid(const char *origin);
/* "PRIVATE+KEY+origin+hash+base64": how the signing key lies in its file. (transfer full), guarded memory. */
char *veil_note_skey(const char *origin, const guint8 seed[VEIL_SIGNING_KEY_BYTES]);
void veil_note_skey_free(char *skey);
/* "origin+hash+base64": the public key line that auditors keep. */
char *veil_note_vkey(const char *origin, const guint8 seed[VEIL_SIGNING_KEY_BYTES]);
/* origin LF size LF base64 root LF LF "— origin base64" LF */
char *veil_checkpoint_sign(const char *origin, guint64 size, const guint8 root[32], const guint8 seed[VEIL_SIGNING_KEY_BYTES]);
/* The same with the key as it lies in its file (a line feed at its end is allowed). VEIL_ERROR_VERIFY when it is damaged or not the secret half of
 * vkey; the origin is the keys'. */
char *veil_checkpoint_sign_as(const char *skey, gsize len, const char *vkey, guint64 size, const guint8 root[32], GError **error);
/* Strict parse; vkey NULL: shape only. VEIL_ERROR_VERIFY else. With a vkey its name must be the origin, at least one signature must be by it
 * and every one that claims to be must hold; lines of other keys are ignored. At most 100 signature lines and 1,000,000 bytes. */
gboolean veil_checkpoint_open(const char *note, gsize len, const char *vkey, char **out_origin, guint64 *out_size, guint8 out_root[32], GError **error);

/* --- witnesses: C2SP tlog-cosignature v1 (Ed25519, type 0x04) ----------------------------------------------------- */
char *veil_note_witness_vkey(const char *name, const guint8 seed[VEIL_SIGNING_KEY_BYTES]);
gboolean veil_note_witness_valid(const char *vkey);
char *veil_note_witness_vkey_of(const char *name, const guint8 public_key[32]);
/* The line (with its LF) that a witness adds to a checkpoint at this time. */
char *veil_checkpoint_cosign(const char *note, gsize len, const char *name, const guint8 seed[VEIL_SIGNING_KEY_BYTES], guint64 unix_s, GError **error);
/**
 * veil_note_cosigned:
 * Opens a checkpoint as veil_checkpoint_open does (vkey: the log's, not NULL) and counts which of the witnesses (NULL-terminated vkeys, each key once)
 * cosigned it between the two times, both inclusive. Lines of others are ignored; one that claims to be a witness's and does not hold refuses
 * the note. VEIL_ERROR_VERIFY.
 */
gboolean veil_note_cosigned(const char *note, gsize len, const char *vkey, const char *const *witness_vkeys, guint64 since_unix_s,
			    guint64 until_unix_s, guint *out_n, guint64 *out_size, guint8 out_root[32], GError **error);

typedef void (*VeilSignFunc)(const void *text, gsize len, guint8 out_signature[64], gpointer data);
/* The same by a key that only signs: sign must be of witness_vkey's secret half, else VEIL_ERROR_VERIFY. */
char *veil_checkpoint_cosign_as(const char *note, gsize len, const char *witness_vkey, VeilSignFunc sign, gpointer data, guint64 unix_s, GError **error);
/* When this witness last cosigned a checkpoint that was opened before (veil_checkpoint_open). FALSE: no line of his holds. */
gboolean veil_note_cosigned_at(const char *note, gsize len, const char *witness_vkey, guint64 *out_unix_s);
/**
 * veil_note_add_cosignature:
 * Is this line (with its LF) the witness's cosignature on this checkpoint of the log? Then out_note is the note with it, in place of one that the
 * witness gave before. Errors: VEIL_ERROR_NOT_AVAILABLE the line is somebody else's; VEIL_ERROR_VERIFY it does not hold on this note, or the note itself does not;
 * VEIL_ERROR_REFUSED the note bears a later one already.
 */
gboolean veil_note_add_cosignature(const char *note, gsize len, const char *vkey, const char *witness_vkey, const char *line, char **out_note,
				   guint64 *out_unix_s, GError **error);

G_END_DECLS
