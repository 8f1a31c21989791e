/* keys.c - the registry's keys: made, opened, wrapped anew, rotated; and the keyed hashes made with them.
 *
 * The file is that of wrapped.c with a secret of 96 bytes: X25519 secret key, token key, wrap key.
 *
 * Rotating replaces the key pair and the wrap key, under which everything that can be sealed again is sealed; the token key stays, because
 * every token of the registry would have to be computed again from texts that nobody is to open for that.
 */
#include "private.h"

#include <string.h>

static const VeilWrappedKind kind = {.magic = "VEILKEYS", .what = "key file", .n_secret = VEIL_KEYS_SECRET_BYTES};
static const VeilHardness moderate = {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE};

G_STATIC_ASSERT(G_STRUCT_OFFSET(VeilKeys, token) == 32 && G_STRUCT_OFFSET(VeilKeys, wrap) == 64);

/* Fills what the three secrets imply and locks the page. */
VeilKeys *
veil_keys__from_secret(const guint8 secret[VEIL_KEYS_SECRET_BYTES])
{
	VeilKeys *keys = veil_secret_new(sizeof *keys);
	memcpy(keys->box_secret, secret, 32);
	memcpy(keys->token, secret + 32, 32);
	memcpy(keys->wrap, secret + 64, 32);
	crypto_scalarmult_base(keys->box_public, keys->box_secret);
	veil_hkdf(NULL, 0, keys->token, sizeof keys->token, "veil-s1/term", keys->term, sizeof keys->term);
	veil_hkdf(NULL, 0, keys->token, sizeof keys->token, "veil-s1/cell", keys->cell, sizeof keys->cell);
	crypto_auth_hmacsha256_init(&keys->token_state, keys->token, sizeof keys->token);
	sodium_mprotect_readonly(keys);
	return keys;
}

gboolean
veil_keys__create_with(const char *path, const VeilPassphrases *by, const VeilHardness *hardness, VeilRandomFunc random, gpointer data, GError **error)
{
	guint8 *secret = veil_secret_new(VEIL_KEYS_SECRET_BYTES);
	random(secret, VEIL_KEYS_SECRET_BYTES, data);
	gboolean ok = veil_blind__wrap_file(&kind, path, FALSE, secret, by, hardness, random, data, error);
	veil_secret_free(secret);
	return ok;
}

gboolean
veil_keys_create(const char *path, const VeilPassphrases *by, VeilRandomFunc random, gpointer data, GError **error)
{
	g_return_val_if_fail(path != NULL && random != NULL, FALSE);
	return veil_keys__create_with(path, by, &moderate, random, data, error);
}

gboolean
veil_keys_wrapping(const char *path, VeilWrapping *out, GError **error)
{
	return veil_blind__file_wrapping(&kind, path, out, error);
}

VeilKeys *
veil_keys_open(const char *path, const VeilPassphrases *by, GError **error)
{
	guint8 *secret = veil_blind__unwrap_file(&kind, path, by, error);
	VeilKeys *keys = secret != NULL ? veil_keys__from_secret(secret) : NULL;
	veil_secret_free(secret);
	return keys;
}

void
veil_keys_free(VeilKeys *keys)
{
	if (keys != NULL)
		sodium_free(keys);
}

gboolean
veil_keys_save(const VeilKeys *keys, const char *path, gboolean replace, const VeilPassphrases *by, VeilRandomFunc random, gpointer data,
	       GError **error)
{
	return veil_blind__wrap_file(&kind, path, replace, keys->box_secret, by, &moderate, random, data, error);
}

VeilKeys *
veil_keys_rotated(const VeilKeys *keys, VeilRandomFunc random, gpointer data)
{
	guint8 *secret = veil_secret_new(VEIL_KEYS_SECRET_BYTES);
	random(secret, 32, data);
	memcpy(secret + 32, keys->token, 32);
	random(secret + 64, 32, data);
	VeilKeys *rotated = veil_keys__from_secret(secret);
	veil_secret_free(secret);
	return rotated;
}

void
veil_keys_public(const VeilKeys *keys, guint8 out[32])
{
	memcpy(out, keys->box_public, 32);
}

void
veil_token(const VeilKeys *keys, const char *domain, const char *text, gsize len, guint8 out[16])
{
	static const char prefix[] = "veil/token/";
	crypto_auth_hmacsha256_state state = keys->token_state;
	guint8 full[32];

	crypto_auth_hmacsha256_update(&state, (const guint8 *)prefix, sizeof prefix - 1);
	crypto_auth_hmacsha256_update(&state, (const guint8 *)domain, strlen(domain) + 1); /* with its zero */
	crypto_auth_hmacsha256_update(&state, (const guint8 *)text, len);
	crypto_auth_hmacsha256_final(&state, full);
	memcpy(out, full, 16);
	sodium_memzero(&state, sizeof state);
}

guint64
veil_term_token(const VeilKeys *keys, const char *term, gsize len)
{
	guint8 hash[crypto_shorthash_BYTES];
	crypto_shorthash(hash, (const guint8 *)term, len, keys->term);
	return veil_get_u64(hash);
}

guint64
veil_cell_digest(const VeilKeys *keys, const char *column, const char *text, gsize len)
{
	crypto_generichash_state state;
	guint8 hash[crypto_generichash_BYTES_MIN];

	crypto_generichash_init(&state, keys->cell, sizeof keys->cell, sizeof hash);
	crypto_generichash_update(&state, (const guint8 *)column, strlen(column) + 1);
	crypto_generichash_update(&state, (const guint8 *)text, len);
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_memzero(&state, sizeof state);
	return veil_get_u64(hash);
}
