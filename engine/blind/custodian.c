/* custodian.c - a custodian's key pair: made and kept on his own machine, of which the site knows the public half only.
 *
 * The secret lies in a file of wrapped.c (secret of 32 bytes) under the custodian's passphrase, Argon2id SENSITIVE: it is used a few times a
 * year and guards for many years. The public half is a line that survives being read out over a telephone badly:
 * veil-custodian+HHHHHHHH+BASE64, where H... are the first four bytes of SHA-256("veil-s1/custodian" 0x00 key), in hex.
 */
#include "private.h"

#include <string.h>

static const VeilWrappedKind kind = {.magic = "VEILCUST", .what = "custodian's key file", .n_secret = 32};

char *
veil_custodian_public_format(const guint8 public[32])
{
	return veil_blind__public_format("custodian", public);
}

gboolean
veil_custodian_public_parse(const char *text, guint8 out[32])
{
	return veil_blind__public_parse("custodian", text, out);
}

static VeilCustodianKey *
key_from(const guint8 secret[32])
{
	VeilCustodianKey *key = veil_secret_new(sizeof *key);
	memcpy(key->secret, secret, 32);
	crypto_scalarmult_base(key->public, key->secret);
	sodium_mprotect_readonly(key);
	return key;
}

gboolean
veil_custodian_key_create(const char *path, const char *passphrase, gboolean light, VeilRandomFunc random, gpointer data, char **out_public,
			  GError **error)
{
	const VeilPassphrases by = {passphrase, NULL};
	const VeilHardness hardness = {light ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_SENSITIVE,
				       light ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_SENSITIVE};
	guint8 *secret = veil_secret_new(32), public[32];
	random(secret, 32, data);
	crypto_scalarmult_base(public, secret);
	gboolean ok = veil_blind__wrap_file(&kind, path, FALSE, secret, &by, &hardness, random, data, error);
	veil_secret_free(secret);
	if (ok)
		*out_public = veil_custodian_public_format(public);
	return ok;
}

gboolean
veil_custodian_key_wrapping(const char *path, VeilWrapping *out, GError **error)
{
	return veil_blind__file_wrapping(&kind, path, out, error);
}

VeilCustodianKey *
veil_custodian_key_open(const char *path, const char *passphrase, GError **error)
{
	const VeilPassphrases by = {passphrase, NULL};
	guint8 *secret = veil_blind__unwrap_file(&kind, path, &by, error);
	VeilCustodianKey *key = secret != NULL ? key_from(secret) : NULL;
	veil_secret_free(secret);
	return key;
}

void
veil_custodian_key_public(const VeilCustodianKey *key, guint8 out[32])
{
	memcpy(out, key->public, 32);
}

void
veil_custodian_key_free(VeilCustodianKey *key)
{
	if (key != NULL)
		sodium_free(key);
}
