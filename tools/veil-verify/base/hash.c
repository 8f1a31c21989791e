/* hash.c - SHA-256, HMAC, the random stream of a seed, and the tree of RFC 6962: leaf H(00 | bytes), node H(01 | left | right), empty H("").
 *
 * The tree is kept as the roots of its full subtrees, like the digits of a binary counter, so that the root of every prefix
 * is at hand while the log is read once.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base.h"

static void
digest(const void *a, gsize n_a, const void *b, gsize n_b, const void *c, gsize n_c, guint8 out[32])
{
	static EVP_MD_CTX *context;
	static EVP_MD *sha;

	if (context == NULL) {
		context = EVP_MD_CTX_new();
		sha = EVP_MD_fetch(NULL, "SHA256", NULL);
	}
	if (context == NULL || sha == NULL || !EVP_DigestInit_ex2(context, sha, NULL) || !EVP_DigestUpdate(context, a, n_a) ||
	    !EVP_DigestUpdate(context, b, n_b) || !EVP_DigestUpdate(context, c, n_c) || !EVP_DigestFinal_ex(context, out, NULL))
		g_error("OpenSSL has no SHA-256");
}

void
sha256(const void *bytes, gsize len, guint8 out[32])
{
	digest(bytes, len, NULL, 0, NULL, 0, out);
}

void
hex_of(const guint8 *bytes, gsize n, char *out)
{
	for (gsize i = 0; i < n; i++)
		g_snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void
sha256_hex(const void *bytes, gsize len, char out[65])
{
	guint8 hash[32];

	sha256(bytes, len, hash);
	hex_of(hash, 32, out);
}

gboolean
sha256_file(const char *path, guint64 *out_length, char out[65])
{
	FILE *file = fopen(path, "rb");
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	guint8 block[1 << 16], hash[32];
	gsize n;
	gboolean ok;

	if (file == NULL || context == NULL || !EVP_DigestInit_ex(context, EVP_sha256(), NULL)) {
		EVP_MD_CTX_free(context);
		return file != NULL && (fclose(file), FALSE);
	}
	for (*out_length = 0; (n = fread(block, 1, sizeof block, file)) > 0; *out_length += n)
		EVP_DigestUpdate(context, block, n);
	ok = !ferror(file) && EVP_DigestFinal_ex(context, hash, NULL);
	EVP_MD_CTX_free(context);
	fclose(file);
	if (ok)
		hex_of(hash, 32, out);
	return ok;
}

gboolean
is_hex(const char *text, gsize n)
{
	return text != NULL && strlen(text) == n && strspn(text, "0123456789abcdef") == n;
}

void
hmac_sha256(const void *key, gsize key_len, const void *bytes, gsize len, guint8 out[32])
{
	unsigned int n = 32;

	if (HMAC(EVP_sha256(), key, (int)key_len, bytes, len, out, &n) == NULL)
		g_error("OpenSSL has no HMAC");
}

/* HKDF-SHA-256 without salt gives the key (RFC 5869; one block is all of it), ChaCha20 with a zero nonce the words. */
void
stream_init(Stream *stream, const guint8 seed[32], const char *label)
{
	static const guint8 no_salt[32];
	g_autofree char *info = g_strdup_printf("%s\1", label);
	guint8 prk[32], key[32], iv[16] = {0};

	hmac_sha256(no_salt, 32, seed, 32, prk);
	hmac_sha256(prk, 32, info, strlen(info), key);
	*stream = (Stream){.cipher = EVP_CIPHER_CTX_new(), .used = sizeof stream->block};
	if (stream->cipher == NULL || !EVP_EncryptInit_ex(stream->cipher, EVP_chacha20(), NULL, key, iv))
		g_error("OpenSSL has no ChaCha20");
}

void
stream_clear(Stream *stream)
{
	EVP_CIPHER_CTX_free(stream->cipher);
}

static guint64
stream_word(Stream *stream)
{
	static const guint8 zeros[sizeof stream->block];
	guint64 word = 0;
	int n;

	if (stream->used == sizeof stream->block) {
		if (!EVP_EncryptUpdate(stream->cipher, stream->block, &n, zeros, sizeof zeros))
			g_error("OpenSSL's ChaCha20 fails");
		stream->used = 0;
	}
	for (guint i = 0; i < 8; i++)
		word |= (guint64)stream->block[stream->used++] << 8 * i;
	return word;
}

guint64
stream_below(Stream *stream, guint64 bound)
{
	guint64 word, limit = G_MAXUINT64 - G_MAXUINT64 % bound;

	while ((word = stream_word(stream)) >= limit)
		;
	return word % bound;
}

void
hex_bytes(const char *hex, guint8 *out, gsize n)
{
	for (gsize i = 0; i < n; i++)
		out[i] = (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
}

/* u32 LE length and the bytes: how texts are put together before they are hashed. */
void
put_lp(GByteArray *out, const void *bytes, gsize len)
{
	for (guint i = 0; i < 4; i++)
		g_byte_array_append(out, &(guint8){(guint8)(len >> 8 * i)}, 1);
	g_byte_array_append(out, bytes, (guint)len);
}

void
leaf_hash(const void *leaf, gsize len, guint8 out[32])
{
	digest("\0", 1, leaf, len, NULL, 0, out);
}

void
tree_add_hash(Tree *tree, const guint8 leaf[32])
{
	guint8 hash[32];
	guint k;

	memcpy(hash, leaf, 32);
	for (k = 0; tree->size >> k & 1; k++)
		digest("\1", 1, tree->node[k], 32, hash, 32, hash);
	memcpy(tree->node[k], hash, 32);
	tree->size++;
}

void
tree_add(Tree *tree, const void *leaf, gsize len)
{
	guint8 hash[32];

	leaf_hash(leaf, len, hash);
	tree_add_hash(tree, hash);
}

void
tree_root(const Tree *tree, guint8 out[32])
{
	gboolean any = FALSE;

	for (guint k = 0; k < 64; k++) {
		if (!(tree->size >> k & 1))
			continue;
		if (any)
			digest("\1", 1, tree->node[k], 32, out, 32, out);
		else
			memcpy(out, tree->node[k], 32);
		any = TRUE;
	}
	if (!any)
		sha256("", 0, out);
}
