/* private.h - shared inside engine/blind only: the layout of keys and the small cryptographic steps. */
#pragma once

#include <sodium.h>

#include <veil/blind.h>

/* In sodium_malloc memory, which puts the END of a block on a page boundary: sizes must be multiples of the alignment. */
#define VEIL_SECRET_ALIGN _Alignas(16)

struct VeilKeys {
	/* The three secrets as they lie in the file, box secret key first. */
	VEIL_SECRET_ALIGN guint8 box_secret[crypto_box_SECRETKEYBYTES];
	guint8 token[32];
	guint8 wrap[32];
	/* Derived when opened. */
	guint8 box_public[crypto_box_PUBLICKEYBYTES];
	guint8 term[crypto_shorthash_KEYBYTES];
	guint8 cell[32];
	crypto_auth_hmacsha256_state token_state; /* keyed, nothing hashed yet: copied for each token */
};

struct VeilCustodianKey {
	VEIL_SECRET_ALIGN guint8 secret[crypto_box_SECRETKEYBYTES];
	guint8 public[crypto_box_PUBLICKEYBYTES];
};

struct VeilAuditorKey {
	VEIL_SECRET_ALIGN guint8 secret[crypto_box_SECRETKEYBYTES];
	guint8 public[crypto_box_PUBLICKEYBYTES];
};

#define VEIL_N_CODE_KINDS 3
#define VEIL_N_AUDIENCES 5

struct VeilBatchKey {
	VEIL_SECRET_ALIGN guint8 key[32];
	crypto_auth_hmacsha256_state code[VEIL_N_CODE_KINDS][VEIL_N_AUDIENCES];
	crypto_auth_hmacsha256_state org;
	crypto_auth_hmacsha256_state order;
};

/* What Argon2id is asked to spend; tests of damage use the least. */
typedef struct {
	guint64 ops, memory;
} VeilHardness;

/* --- wrapped.c: a secret in a file under passphrases */
typedef struct {
	const char *magic; /* 8 characters */
	const char *what;  /* for messages */
	gsize n_secret;	   /* 96 at most */
} VeilWrappedKind;

/* replace FALSE: never overwrites (VEIL_ERROR_REFUSED). */
gboolean veil_blind__wrap_file(const VeilWrappedKind *kind, const char *path, gboolean replace, const guint8 *secret, const VeilPassphrases *by,
			       const VeilHardness *hardness, VeilRandomFunc random, gpointer data, GError **error);
gboolean veil_blind__file_wrapping(const VeilWrappedKind *kind, const char *path, VeilWrapping *out, GError **error);
/* n_secret bytes in guarded memory. */
guint8 *veil_blind__unwrap_file(const VeilWrappedKind *kind, const char *path, const VeilPassphrases *by, GError **error);

/* --- keys.c */
#define VEIL_KEYS_SECRET_BYTES 96
VeilKeys *veil_keys__from_secret(const guint8 secret[VEIL_KEYS_SECRET_BYTES]);
gboolean veil_keys__create_with(const char *path, const VeilPassphrases *by, const VeilHardness *hardness, VeilRandomFunc random, gpointer data,
				GError **error);

/* --- codes.c */
VeilBatchKey *veil_batch_key__from(const guint8 bytes[32]);

/* --- public-line.c: who is "custodian", "auditor" */
char *veil_blind__public_format(const char *who, const guint8 public[32]);
/* FALSE for a mistyped line and for keys of small order. */
gboolean veil_blind__public_parse(const char *who, const char *text, guint8 out[32]);

/* --- seal.c: what crypto_box_seal does, with the ephemeral key from the caller's random source. FALSE: a public key of small order. */
gboolean veil_blind__box_seal(guint8 *out, const guint8 *bytes, gsize len, const guint8 public[32], VeilRandomFunc random, gpointer data);

/* XChaCha20-Poly1305 with the nonce in front. out: len + VEIL_SEAL_OVERHEAD. */
void veil_blind__seal_bytes(const guint8 key[32], const guint8 nonce[24], const guint8 *aad, gsize n_aad, const void *bytes, gsize len, guint8 *out);
gboolean veil_blind__unseal_bytes(const guint8 key[32], const guint8 *aad, gsize n_aad, const guint8 *sealed, gsize sealed_len, guint8 *out);
