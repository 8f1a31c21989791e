/* hash.c - hashes, key derivation and the stream for draws.
 *
 * libsodium 1.0.18 has no HKDF; RFC 5869 is a few lines over its HMAC-SHA-256. GLib's HMAC is not used anywhere: it leaves the key on the stack.
 */
#include <string.h>

#include <sodium.h>

#include <veil/hash.h>

void
veil_sha256(const void *bytes, gsize len, guint8 out[32])
{
	crypto_hash_sha256(out, bytes, len);
}

void
veil_hmac_sha256(const guint8 *key, gsize n_key, const void *bytes, gsize len, guint8 out[32])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, n_key);
	crypto_auth_hmacsha256_update(&state, bytes, len);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

void
veil_hkdf(const guint8 *salt, gsize n_salt, const guint8 *ikm, gsize n_ikm, const char *info, guint8 *out, gsize n_out)
{
	g_return_if_fail(n_out <= (gsize)255 * 32);
	static const guint8 no_salt[32];
	guint8 prk[32], block[32];
	crypto_auth_hmacsha256_state state;

	if (n_salt == 0) {
		salt = no_salt;
		n_salt = sizeof no_salt;
	}
	crypto_auth_hmacsha256_init(&state, salt, n_salt);
	crypto_auth_hmacsha256_update(&state, ikm, n_ikm);
	crypto_auth_hmacsha256_final(&state, prk);

	gsize n_info = info != NULL ? strlen(info) : 0;
	guint8 counter = 0;
	while (n_out > 0) {
		gsize n = MIN(n_out, sizeof block);
		crypto_auth_hmacsha256_init(&state, prk, sizeof prk);
		if (counter > 0)
			crypto_auth_hmacsha256_update(&state, block, sizeof block);
		counter++;
		if (n_info > 0)
			crypto_auth_hmacsha256_update(&state, (const guint8 *)info, n_info);
		crypto_auth_hmacsha256_update(&state, &counter, 1);
		crypto_auth_hmacsha256_final(&state, block);
		memcpy(out, block, n);
		out += n;
		n_out -= n;
	}
	sodium_memzero(prk, sizeof prk);
	sodium_memzero(block, sizeof block);
	sodium_memzero(&state, sizeof state);
}

/* With a nonce of zero the original ChaCha20 (64-bit counter, 64-bit nonce) and RFC 8439 (32-bit counter, 96-bit nonce) are the same
 * stream for the first 256 GiB; the original is used because it does not end there. */
void
veil_stream(const guint8 seed[32], const char *label, guint8 *out, gsize n)
{
	static const guint8 nonce[crypto_stream_chacha20_NONCEBYTES];
	guint8 key[crypto_stream_chacha20_KEYBYTES];

	veil_hkdf(NULL, 0, seed, 32, label, key, sizeof key);
	crypto_stream_chacha20(out, n, nonce, key);
	sodium_memzero(key, sizeof key);
}
