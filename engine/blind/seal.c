/* seal.c - single cells sealed under the key of their import.
 *
 * One X25519 operation an import instead of one a cell: sealing each cell to the public key was measured 14 times slower. Nonces are
 * synthetic, a keyed BLAKE2b of associated data and text: random ones would need a random source at each cell, counters a state that a
 * reopened key does not have, and both fail badly when that goes wrong, while equal nonces here mean equal cells.
 */
#include "private.h"

#include <string.h>

struct VeilSealKey {
	VEIL_SECRET_ALIGN guint8 cipher[32];
	guint8 nonce[32];
};

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define MAX_AAD 256

G_STATIC_ASSERT(NONCE_BYTES + TAG_BYTES == VEIL_SEAL_OVERHEAD);
G_STATIC_ASSERT(crypto_box_SEALBYTES + 32 == VEIL_SEALED_KEY_BYTES);

void
veil_blind__seal_bytes(const guint8 key[32], const guint8 nonce[24], const guint8 *aad, gsize n_aad, const void *bytes, gsize len, guint8 *out)
{
	memcpy(out, nonce, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, NULL, bytes, len, aad, n_aad, NULL, nonce, key);
}

gboolean
veil_blind__unseal_bytes(const guint8 key[32], const guint8 *aad, gsize n_aad, const guint8 *sealed, gsize sealed_len, guint8 *out)
{
	if (sealed_len < VEIL_SEAL_OVERHEAD)
		return FALSE;
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + NONCE_BYTES, sealed_len - NONCE_BYTES, aad, n_aad, sealed, key) ==
	       0;
}

static VeilSealKey *
seal_key_from(const guint8 master[32])
{
	VeilSealKey *key = veil_secret_new(sizeof *key);
	veil_hkdf(NULL, 0, master, 32, "veil-s1/seal", key->cipher, sizeof key->cipher);
	veil_hkdf(NULL, 0, master, 32, "veil-s1/seal nonce", key->nonce, sizeof key->nonce);
	sodium_mprotect_readonly(key);
	return key;
}

/* crypto_box_seal_open opens it. */
gboolean
veil_blind__box_seal(guint8 *out, const guint8 *bytes, gsize len, const guint8 public[32], VeilRandomFunc random, gpointer data)
{
	guint8 secret[crypto_box_SECRETKEYBYTES], nonce[crypto_box_NONCEBYTES];
	crypto_generichash_state state;

	random(secret, sizeof secret, data);
	crypto_scalarmult_base(out, secret);
	crypto_generichash_init(&state, NULL, 0, sizeof nonce);
	crypto_generichash_update(&state, out, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_update(&state, public, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_final(&state, nonce, sizeof nonce);
	gboolean ok = crypto_box_easy(out + crypto_box_PUBLICKEYBYTES, bytes, len, nonce, public, secret) == 0;
	sodium_memzero(secret, sizeof secret);
	return ok;
}

static void
seal_master(const VeilKeys *keys, const guint8 master[32], VeilRandomFunc random, gpointer data, guint8 out[VEIL_SEALED_KEY_BYTES])
{
	/* Ours is computed from the secret key. */
	if (!veil_blind__box_seal(out, master, 32, keys->box_public, random, data))
		g_error("the registry's public key is weak");
}

VeilSealKey *
veil_seal_key_new(const VeilKeys *keys, VeilRandomFunc random, gpointer data, guint8 out_sealed[VEIL_SEALED_KEY_BYTES])
{
	guint8 master[32];
	random(master, sizeof master, data);
	seal_master(keys, master, random, data, out_sealed);
	VeilSealKey *key = seal_key_from(master);
	sodium_memzero(master, sizeof master);
	return key;
}

static gboolean
open_master(const VeilKeys *keys, const guint8 sealed[VEIL_SEALED_KEY_BYTES], guint8 out_master[32], GError **error)
{
	if (crypto_box_seal_open(out_master, sealed, VEIL_SEALED_KEY_BYTES, keys->box_public, keys->box_secret) == 0)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "an import key is damaged or belongs to another registry");
	return FALSE;
}

gboolean
veil_seal_key_reseal(const VeilKeys *from, const VeilKeys *to, const guint8 sealed[VEIL_SEALED_KEY_BYTES], VeilRandomFunc random, gpointer data,
		     guint8 out_sealed[VEIL_SEALED_KEY_BYTES], GError **error)
{
	guint8 master[32];
	if (!open_master(from, sealed, master, error))
		return FALSE;
	seal_master(to, master, random, data, out_sealed);
	sodium_memzero(master, sizeof master);
	return TRUE;
}

VeilSealKey *
veil_seal_key_open(const VeilKeys *keys, const guint8 sealed[VEIL_SEALED_KEY_BYTES], GError **error)
{
	guint8 master[32];
	if (!open_master(keys, sealed, master, error))
		return NULL;
	VeilSealKey *key = seal_key_from(master);
	sodium_memzero(master, sizeof master);
	return key;
}

void
veil_seal_key_free(VeilSealKey *key)
{
	if (key != NULL)
		sodium_free(key);
}

/* table 0 column 0 row (16) key id (8, little-endian): the two names hold no zero and the rest is of fixed size, so no two places agree. */
static gsize
associated_data(guint8 aad[MAX_AAD], gint64 key_id, const char *table, const char *column, const VeilId *row)
{
	gsize n_table = strlen(table) + 1, n_column = strlen(column) + 1;
	if (n_table + n_column + sizeof row->b + 8 > MAX_AAD)
		g_error("names of table and column are too long to seal under");
	guint8 *p = aad;
	p = (guint8 *)memcpy(p, table, n_table) + n_table;
	p = (guint8 *)memcpy(p, column, n_column) + n_column;
	p = (guint8 *)memcpy(p, row->b, sizeof row->b) + sizeof row->b;
	veil_put_u64(p, (guint64)key_id);
	return (gsize)(p + 8 - aad);
}

void
veil_seal(const VeilSealKey *key, gint64 key_id, const char *table, const char *column, const VeilId *row, const char *text, gsize len, guint8 *out)
{
	guint8 aad[MAX_AAD], nonce[NONCE_BYTES];
	gsize n_aad = associated_data(aad, key_id, table, column, row);
	crypto_generichash_state state;

	crypto_generichash_init(&state, key->nonce, sizeof key->nonce, sizeof nonce);
	crypto_generichash_update(&state, aad, n_aad);
	crypto_generichash_update(&state, (const guint8 *)text, len);
	crypto_generichash_final(&state, nonce, sizeof nonce);
	veil_blind__seal_bytes(key->cipher, nonce, aad, n_aad, text, len, out);
}

char *
veil_unseal(const VeilSealKey *key, gint64 key_id, const char *table, const char *column, const VeilId *row, const guint8 *sealed, gsize sealed_len,
	    gsize *out_len, GError **error)
{
	guint8 aad[MAX_AAD];
	gsize n_aad = associated_data(aad, key_id, table, column, row);
	gsize len = sealed_len >= VEIL_SEAL_OVERHEAD ? sealed_len - VEIL_SEAL_OVERHEAD : 0;
	g_autofree char *text = g_malloc(len + 1);

	if (!veil_blind__unseal_bytes(key->cipher, aad, n_aad, sealed, sealed_len, (guint8 *)text)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "a sealed cell of %s.%s does not open: it was altered, moved or belongs to another key",
			    table, column);
		return NULL;
	}
	text[len] = '\0';
	if (out_len != NULL)
		*out_len = len;
	return g_steal_pointer(&text);
}
