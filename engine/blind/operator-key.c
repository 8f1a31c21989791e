/* operator-key.c - an operator's Ed25519 key pair: made and kept by the operator, of which the ledger knows the public half.
 *
 * The secret, the 32 bytes Ed25519 calls the seed, lies in a file of wrapped.c under the operator's passphrase, Argon2id MODERATE as for the
 * registry's keys: it is used many times a day. The public half is 32 bytes in base 64, as it stands in the ledger.
 */
#include "private.h"

#include <string.h>

static const VeilWrappedKind kind = {.magic = "VEILOPER", .what = "operator's key file", .n_secret = crypto_sign_SEEDBYTES};

struct VeilOperatorKey {
	VEIL_SECRET_ALIGN guint8 secret[crypto_sign_SECRETKEYBYTES];
	guint8 public[crypto_sign_PUBLICKEYBYTES];
};

char *
veil_operator_public_format(const guint8 public[32])
{
	char encoded[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	sodium_bin2base64(encoded, sizeof encoded, public, 32, sodium_base64_VARIANT_ORIGINAL);
	return g_strdup(encoded);
}

gboolean
veil_operator_public_parse(const char *text, guint8 out[32])
{
	guint8 public[32];
	gsize n = 0;

	if (sodium_base642bin(public, sizeof public, text, strlen(text), NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 || n != 32 ||
	    crypto_core_ed25519_is_valid_point(public) != 1)
		return FALSE;
	memcpy(out, public, 32);
	return TRUE;
}

static VeilOperatorKey *
key_from(const guint8 *seed)
{
	VeilOperatorKey *key = veil_secret_new(sizeof *key);
	crypto_sign_seed_keypair(key->public, key->secret, seed);
	sodium_mprotect_readonly(key);
	return key;
}

VeilOperatorKey *
veil_operator_key_create(const char *path, const char *passphrase, gboolean light, VeilRandomFunc random, gpointer data, GError **error)
{
	const VeilPassphrases by = {passphrase, NULL};
	const VeilHardness hardness = {light ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_MODERATE,
				       light ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_MODERATE};
	guint8 *seed = veil_secret_new(crypto_sign_SEEDBYTES);
	random(seed, crypto_sign_SEEDBYTES, data);
	VeilOperatorKey *key = veil_blind__wrap_file(&kind, path, FALSE, seed, &by, &hardness, random, data, error) ? key_from(seed) : NULL;
	veil_secret_free(seed);
	return key;
}

gboolean
veil_operator_key_wrapping(const char *path, VeilWrapping *out, GError **error)
{
	return veil_blind__file_wrapping(&kind, path, out, error);
}

VeilOperatorKey *
veil_operator_key_open(const char *path, const char *passphrase, GError **error)
{
	const VeilPassphrases by = {passphrase, NULL};
	guint8 *seed = veil_blind__unwrap_file(&kind, path, &by, error);
	VeilOperatorKey *key = seed != NULL ? key_from(seed) : NULL;
	veil_secret_free(seed);
	return key;
}

void
veil_operator_key_public(const VeilOperatorKey *key, guint8 out[32])
{
	memcpy(out, key->public, 32);
}

void
veil_operator_key_sign(const VeilOperatorKey *key, const void *text, gsize len, guint8 out[64])
{
	crypto_sign_detached(out, NULL, text, len, key->secret);
}

void
veil_operator_key_free(VeilOperatorKey *key)
{
	if (key != NULL)
		sodium_free(key);
}
