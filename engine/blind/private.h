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

#define VEIL_N_CODE_KINDS 3
#define VEIL_N_AUDIENCES 5

struct VeilBatchKey {
	VEIL_SECRET_ALIGN guint8 key[32];
	crypto_auth_hmacsha256_state code[VEIL_N_CODE_KINDS][VEIL_N_AUDIENCES];
	crypto_auth_hmacsha256_state org;
	crypto_auth_hmacsha256_state order;
};

/* The hardness of a passphrase; the public functions use MODERATE, tests of damage use the least. */
gboolean veil_keys__create_with(const char *path, const char *passphrase, guint64 ops, guint64 memory, VeilRandomFunc random, gpointer data,
				GError **error);

/* XChaCha20-Poly1305 with the nonce in front. out: len + VEIL_SEAL_OVERHEAD. */
void veil_blind__seal_bytes(const guint8 key[32], const guint8 nonce[24], const guint8 *aad, gsize n_aad, const void *bytes, gsize len, guint8 *out);
gboolean veil_blind__unseal_bytes(const guint8 key[32], const guint8 *aad, gsize n_aad, const guint8 *sealed, gsize sealed_len, guint8 *out);
