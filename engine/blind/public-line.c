/* public-line.c - a public key as a line that survives being read out over a telephone badly: veil-WHO+HHHHHHHH+BASE64.
 *
 * H... are the first four bytes of SHA-256("veil-s1/WHO" 0x00 key), in hex: a mistyped line is told from a key, and a key of one kind from one of another.
 */
#include "private.h"

#include <string.h>

static void
check_of(const char *who, const guint8 public[32], char out[9])
{
	g_autofree char *label = g_strconcat("veil-s1/", who, NULL);
	crypto_hash_sha256_state state;
	guint8 hash[32];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)label, strlen(label) + 1); /* with its zero */
	crypto_hash_sha256_update(&state, public, 32);
	crypto_hash_sha256_final(&state, hash);
	veil_hex_encode(hash, 4, out);
}

char *
veil_blind__public_format(const char *who, const guint8 public[32])
{
	char check[9], encoded[48];

	check_of(who, public, check);
	sodium_bin2base64(encoded, sizeof encoded, public, 32, sodium_base64_VARIANT_ORIGINAL);
	return g_strconcat("veil-", who, "+", check, "+", encoded, NULL);
}

gboolean
veil_blind__public_parse(const char *who, const char *text, guint8 out[32])
{
	/* Any scalar will do: clamped, it sends every point of small order to zero, which libsodium reports. */
	static const guint8 scalar[32] = {8, [31] = 64};
	g_autofree char *prefix = g_strconcat("veil-", who, "+", NULL);
	gsize n = 0, n_prefix = strlen(prefix), len = strlen(text);
	guint8 public[32], product[32];
	const char *end = NULL;
	char check[9];

	while (len > 0 && g_ascii_isspace(text[len - 1]))
		len--;
	if (len < n_prefix + 9 || strncmp(text, prefix, n_prefix) != 0)
		return FALSE;
	const char *hex = text + n_prefix, *encoded = hex + 9;
	if (hex[8] != '+' ||
	    sodium_base642bin(public, sizeof public, encoded, len - (gsize)(encoded - text), NULL, &n, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    n != 32 || end != text + len)
		return FALSE;
	check_of(who, public, check);
	if (memcmp(check, hex, 8) != 0 || crypto_scalarmult(product, scalar, public) != 0)
		return FALSE;
	memcpy(out, public, 32);
	return TRUE;
}
