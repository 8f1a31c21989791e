/* veil/blind.h - sealing, tokens and codes: what keeps a person apart from what is said of him.
 *
 * Primitives: libsodium (X25519 sealed boxes, XChaCha20-Poly1305, Argon2id, HMAC-SHA-256, BLAKE2b). Keys live in sodium_malloc memory.
 * Every artefact names its suite "veil-s1", so that another set of primitives can be told apart.
 * Randomness enters through a VeilRandomFunc from tools/ (tests give a seeded one).
 */
#pragma once

#include <veil/base.h>
#include <veil/hash.h>

G_BEGIN_DECLS

typedef void (*VeilRandomFunc)(void *out, gsize n, gpointer data);

/* The system's random numbers, for tools/ to pass on. */
void veil_random_system(void *out, gsize n, gpointer data);
/* Zeroed, guarded memory that is never swapped nor dumped (sodium_malloc); aborts when there is none. Wiped by veil_secret_free (NULL is fine). */
gpointer veil_secret_new(gsize n);
void veil_secret_free(gpointer secret);

/* --- the registry's keys ----------------------------------------------------------------------------------------- */

/* Held: an X25519 key pair (seals import keys), a 32-byte token key, a 32-byte wrap key (for batch keys at rest). One file, mode 0600. */
typedef struct VeilKeys VeilKeys;

/* Who opens a key file: nobody (both NULL; a rehearsal only, the caller decides), one, or two officers together. */
typedef struct {
	const char *first, *second;
} VeilPassphrases;
typedef enum { VEIL_WRAPPED_NOT, VEIL_WRAPPED_BY_ONE, VEIL_WRAPPED_BY_TWO } VeilWrapping;

/* Argon2id MODERATE. Never overwrites (VEIL_ERROR_REFUSED). Byte-exact format: engine/blind/wrapped.c. */
gboolean veil_keys_create(const char *path, const VeilPassphrases *by, VeilRandomFunc random, gpointer data, GError **error);
gboolean veil_keys_wrapping(const char *path, VeilWrapping *out, GError **error);
/* Errors: VEIL_ERROR_REFUSED "wrong passphrase" (one text for every failure of the MAC, whichever passphrase it was), VEIL_ERROR_VERIFY damaged
 * file. */
VeilKeys *veil_keys_open(const char *path, const VeilPassphrases *by, GError **error);
void veil_keys_free(VeilKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilKeys, veil_keys_free)
/* The same keys in a file under other passphrases; replace: over what is there, whole or not at all. */
gboolean veil_keys_save(const VeilKeys *keys, const char *path, gboolean replace, const VeilPassphrases *by, VeilRandomFunc random, gpointer data,
			GError **error);
/* (transfer full) A new key pair and a new wrap key; the token key stays. */
VeilKeys *veil_keys_rotated(const VeilKeys *keys, VeilRandomFunc random, gpointer data);
void veil_keys_public(const VeilKeys *keys, guint8 out[32]);

/* Tokens: HMAC-SHA-256(token key, "veil/token/" domain 0x00 text), first 16 bytes. Domains: "name", "org", "id_number", "orcid", "phone", "email",
 * "source/SOURCE", "work/SOURCE", ... Equal texts of one domain give equal tokens; nobody without the key can test a guess. */
void veil_token(const VeilKeys *keys, const char *domain, const char *text, gsize len, guint8 out[16]);
/* Keyed hash of a word for affinity: SipHash-2-4 under a key derived from the token key. */
guint64 veil_term_token(const VeilKeys *keys, const char *term, gsize len);
/* 8-byte keyed digest (BLAKE2b) of a cell, to see whether it changed without opening it. */
guint64 veil_cell_digest(const VeilKeys *keys, const char *column, const char *text, gsize len);

/* --- sealing ------------------------------------------------------------------------------------------------------- */

/* One random key an import. */
typedef struct VeilSealKey VeilSealKey;
#define VEIL_SEALED_KEY_BYTES 80 /* crypto_box_seal of 32 bytes */
#define VEIL_SEAL_OVERHEAD 40	 /* nonce 24, tag 16 */

VeilSealKey *veil_seal_key_new(const VeilKeys *keys, VeilRandomFunc random, gpointer data, guint8 out_sealed[VEIL_SEALED_KEY_BYTES]);
VeilSealKey *veil_seal_key_open(const VeilKeys *keys, const guint8 sealed[VEIL_SEALED_KEY_BYTES], GError **error);
/* The same import key, sealed to other keys of the registry. */
gboolean veil_seal_key_reseal(const VeilKeys *from, const VeilKeys *to, const guint8 sealed[VEIL_SEALED_KEY_BYTES], VeilRandomFunc random,
			      gpointer data, guint8 out_sealed[VEIL_SEALED_KEY_BYTES], GError **error);
void veil_seal_key_free(VeilSealKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilSealKey, veil_seal_key_free)

/* Nonces are synthetic: a keyed hash of associated data and text, so that a key opened again can go on sealing without a counter; all that
 * shows is that one cell was sealed twice with the same text under the same key.
 * Associated data: table 0x00 column 0x00 row id, key_id; so a ciphertext moved to another row, column or table does not open.
 * out: len + VEIL_SEAL_OVERHEAD bytes. */
void veil_seal(const VeilSealKey *key, gint64 key_id, const char *table, const char *column, const VeilId *row,
	       const char *text, gsize len, guint8 *out);
/* (transfer full) the text, NUL-terminated, or NULL with VEIL_ERROR_VERIFY. */
char *veil_unseal(const VeilSealKey *key, gint64 key_id, const char *table, const char *column, const VeilId *row,
		  const guint8 *sealed, gsize sealed_len, gsize *out_len, GError **error);

/* --- batch keys and codes ---------------------------------------------------------------------------------------- */

typedef struct VeilBatchKey VeilBatchKey; /* 32 random bytes; never derived */
#define VEIL_WRAPPED_BATCH_KEY_BYTES (32 + VEIL_SEAL_OVERHEAD)

VeilBatchKey *veil_batch_key_new(VeilRandomFunc random, gpointer data);
/* live: 32 random bytes that lie beside the registry and in no copy of it; without them a wrapped key opens no more, whoever has all else.
 * NULL: under the wrap key alone, as batches frozen by the first versions are. */
void veil_batch_key_wrap(const VeilBatchKey *key, const VeilKeys *keys, const guint8 *live, const char *batch, VeilRandomFunc random, gpointer data,
			 guint8 out[VEIL_WRAPPED_BATCH_KEY_BYTES]);
VeilBatchKey *veil_batch_key_unwrap(const VeilKeys *keys, const guint8 *live, const char *batch, const guint8 wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES],
				    GError **error);
void veil_batch_key_free(VeilBatchKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilBatchKey, veil_batch_key_free)

typedef enum { VEIL_CODE_REVIEWER /* R */, VEIL_CODE_PROJECT /* P */, VEIL_CODE_PERSON /* A: in audit files */ } VeilCodeKind;
typedef enum { VEIL_AUDIENCE_DRAWER, VEIL_AUDIENCE_NOTIFIER, VEIL_AUDIENCE_EXPERT, VEIL_AUDIENCE_APPLICANT, VEIL_AUDIENCE_AUDITOR } VeilAudience;

/* Kind letter, 16 characters of Crockford's base 32 (80 bits of HMAC-SHA-256 under HKDF-SHA-256(batch key, "veil/code/KIND/AUDIENCE")), one check
 * character (GF(32): every single substitution and every swap of two neighbours is noticed; the kind letter is covered): "R9M2TXH4BK3QF7RN0E". */
#define VEIL_CODE_CHARS 18
void veil_code(const VeilBatchKey *key, VeilCodeKind kind, VeilAudience audience, const VeilId *id, char out[VEIL_CODE_CHARS + 1]);
/* Reads what a person typed: any case, blanks and dashes ignored, O = 0, I and L = 1. FALSE if it is no code of this kind. */
gboolean veil_code_parse(const char *typed, VeilCodeKind kind, char out[VEIL_CODE_CHARS + 1]);
/* Opaque token of an employer inside a batch: 8 bytes hex of HMAC under HKDF(batch key, "veil/org"). */
void veil_org_token(const VeilBatchKey *key, const VeilId *org, char out[17]);
/* A 64-bit number from the batch key and a label (tie order, spins): HMAC under HKDF(batch key, "veil/order"). */
guint64 veil_batch_number(const VeilBatchKey *key, const char *label, const VeilId *id);

/* --- operators ------------------------------------------------------------------------------------------------------ */

/* An operator's Ed25519 key pair, with which records of the ledger are signed, and nothing else. */
typedef struct VeilOperatorKey VeilOperatorKey;
/* Made and opened; in a file of mode 0600. passphrase NULL: not wrapped (a rehearsal only, the caller decides); light: the least Argon2id, for tests;
 * MODERATE otherwise. Never overwrites. */
VeilOperatorKey *veil_operator_key_create(const char *path, const char *passphrase, gboolean light, VeilRandomFunc random, gpointer data,
					  GError **error);
gboolean veil_operator_key_wrapping(const char *path, VeilWrapping *out, GError **error);
VeilOperatorKey *veil_operator_key_open(const char *path, const char *passphrase, GError **error);
void veil_operator_key_public(const VeilOperatorKey *key, guint8 out[32]);
void veil_operator_key_sign(const VeilOperatorKey *key, const void *text, gsize len, guint8 out[64]);
void veil_operator_key_free(VeilOperatorKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilOperatorKey, veil_operator_key_free)
/* (transfer full) 44 characters of base 64. */
char *veil_operator_public_format(const guint8 public_key[32]);
/* FALSE for another spelling, and for points that are no key (small order, not canonical, off the main subgroup). */
gboolean veil_operator_public_parse(const char *text, guint8 out[32]);

/* --- custodians and escrow ------------------------------------------------------------------------------------------ */

/* A handle of an operator or a custodian: 1 to 64 letters, digits, '.', '_', ':', '-'. */
gboolean veil_handle_valid(const char *handle);

/* A custodian's key pair, on his own machine. The public half as a line: "veil-custodian+HHHHHHHH+BASE64". */
typedef struct VeilCustodianKey VeilCustodianKey;
/* passphrase NULL: not wrapped, and light: the least Argon2id; for rehearsals and tests, the caller decides. SENSITIVE (1 GiB, seconds) otherwise.
 * Never overwrites. */
gboolean veil_custodian_key_create(const char *path, const char *passphrase, gboolean light, VeilRandomFunc random, gpointer data, char **out_public,
				   GError **error);
gboolean veil_custodian_key_wrapping(const char *path, VeilWrapping *out, GError **error);
VeilCustodianKey *veil_custodian_key_open(const char *path, const char *passphrase, GError **error);
void veil_custodian_key_public(const VeilCustodianKey *key, guint8 out[32]);
void veil_custodian_key_free(VeilCustodianKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilCustodianKey, veil_custodian_key_free)
char *veil_custodian_public_format(const guint8 public_key[32]);
/* FALSE for a mistyped line and for keys of small order. */
gboolean veil_custodian_public_parse(const char *text, guint8 out[32]);

/* A key split for every k of n custodians, each part sealed to its custodian; formats and reasons: engine/blind/escrow.c, escrow-text.c. */
#define VEIL_ESCROW_MAX_CUSTODIANS 7
#define VEIL_ESCROW_PAD_BYTES 96 /* stays with the site: without it no parts open anything */
typedef enum { VEIL_ESCROW_BATCH, VEIL_ESCROW_REGISTRY } VeilEscrowKind;
typedef struct {
	char *handle;
	guint8 public_key[32];
} VeilCustodian;
typedef struct VeilEscrowPart VeilEscrowPart;
typedef struct {
	VeilEscrowKind kind;
	char *batch, *id; /* id: the freeze's; of the registry's keys: batch "-" */
	guint8 commitment[32];
	guint k, n, n_parts;
	VeilCustodian custodian[VEIL_ESCROW_MAX_CUSTODIANS]; /* by handle */
	VeilEscrowPart *part;
} VeilEscrow;

/* (transfer full) The text of an escrow file. VEIL_ERROR_REFUSED for k or n out of range, two custodians that are one. */
char *veil_escrow_make_batch(const VeilBatchKey *key, const char *batch, const char *id, const VeilCustodian *custodians, guint n, guint k,
			     VeilRandomFunc random, gpointer data, guint8 out_pad[VEIL_ESCROW_PAD_BYTES], GError **error);
/* Opt-in, against a lost passphrase. */
char *veil_escrow_make_registry(const VeilKeys *keys, const char *id, const VeilCustodian *custodians, guint n, guint k, VeilRandomFunc random,
				gpointer data, guint8 out_pad[VEIL_ESCROW_PAD_BYTES], GError **error);
/* name: of the file, for messages. VEIL_ERROR_VERIFY when it is not byte for byte what the writer writes. */
VeilEscrow *veil_escrow_parse(const char *text, gsize len, const char *name, GError **error);
void veil_escrow_free(VeilEscrow *escrow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilEscrow, veil_escrow_free)
/* (transfer full) On the custodian's machine: his parts, opened and sealed to the recipient. The text of a part file. */
char *veil_escrow_open_part(const VeilEscrow *escrow, const VeilCustodianKey *key, const guint8 to[32], VeilRandomFunc random, gpointer data,
			    GError **error);
typedef struct {
	const char *name, *text;
	gsize len;
} VeilPartFile;
/* The key, if it has the commitment; never another. A part that is damaged, false, given twice, of another batch or escrow or sealed to another key
 * is named with its custodian (VEIL_ERROR_VERIFY, VEIL_ERROR_REFUSED); too few: VEIL_ERROR_REFUSED. */
VeilBatchKey *veil_escrow_join_batch(const VeilEscrow *escrow, const guint8 pad[VEIL_ESCROW_PAD_BYTES], const VeilPartFile *files, guint n_files,
				     const VeilKeys *recipient, GError **error);
VeilKeys *veil_escrow_join_registry(const VeilEscrow *escrow, const guint8 pad[VEIL_ESCROW_PAD_BYTES], const VeilPartFile *files, guint n_files,
				    const VeilCustodianKey *recipient, GError **error);

/* Call first in main: sodium_init, no core dumps (RLIMIT_CORE 0, PR_SET_DUMPABLE 0). */
gboolean veil_blind_init(GError **error);

G_END_DECLS
