/* sealed-file.c - a whole file for a few readers, none of whom shares a secret with the writer.
 *
 *    0   8  magic "VEILSEAL"
 *    8   4  version 1
 *   12   4  n, how many readers, 1 to 8
 *   16   8  suite, "veil-s1" and a zero
 *   24  32  E, an X25519 public key made for this file
 *   56  80n for each reader, ascending by his key: his public key P (32), the file key K sealed to him (32 + 16)
 *   ...     chunks: 65,536 bytes each and a tag of 16, the last one shorter or as long, never empty unless it is the only one
 *
 * To a reader: ChaCha20-Poly1305 of K, nonce 0, associated data: bytes 0 to 55; key HKDF-SHA-256(salt E || P, X25519(e, P), "veil-s1/sealed key"). The key serves once.
 * Chunks: ChaCha20-Poly1305, no associated data, key HKDF-SHA-256(salt SHA-256(all before the chunks), K, "veil-s1/sealed chunks"), nonce u64 LE number of the
 * chunk from 0 || u32 LE 1 for the last and 0 for the others. So a chunk that was moved, left out or put in from another file does not open, nor does a file
 * that was cut, and a reader who was added or taken away changes the key of all chunks.
 *
 * The cipher commits to no key: who makes the file could make one that opens to something else for each reader. For audit files the ledger commits to
 * the content, and every reader compares.
 */
#include "private.h"

#include <stdlib.h>
#include <string.h>

#include <veil/sealed.h>

enum {
	AT_VERSION = 8,
	AT_N = 12,
	AT_SUITE = 16,
	AT_EPHEMERAL = 24,
	AT_READERS = 56,
	TAG = crypto_aead_chacha20poly1305_ietf_ABYTES,
	READER_BYTES = 32 + 32 + TAG,
	CHUNK = 65536,
};

static const char magic[] = "VEILSEAL", suite[8] = "veil-s1";
static const guint8 no_nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

gboolean
veil_sealed_is(const void *bytes, gsize len)
{
	return len >= 8 && memcmp(bytes, magic, 8) == 0;
}

/* What the file key is sealed under, for the holder of `secret` and the owner of the other key. FALSE: that one is of small order. */
static gboolean
reader_key(const guint8 secret[32], const guint8 other[32], const guint8 ephemeral[32], const guint8 reader[32], guint8 out[32])
{
	guint8 shared[32], salt[64];
	gboolean ok = crypto_scalarmult(shared, secret, other) == 0;

	memcpy(salt, ephemeral, 32);
	memcpy(salt + 32, reader, 32);
	if (ok)
		veil_hkdf(salt, sizeof salt, shared, sizeof shared, "veil-s1/sealed key", out, 32);
	sodium_memzero(shared, sizeof shared);
	return ok;
}

static void
chunk_key(const guint8 *file, gsize header, const guint8 key[32], guint8 out[32])
{
	guint8 salt[32];

	crypto_hash_sha256(salt, file, header);
	veil_hkdf(salt, sizeof salt, key, 32, "veil-s1/sealed chunks", out, 32);
}

static void
chunk_nonce(guint64 number, gboolean last, guint8 out[12])
{
	veil_put_u64(out, number);
	veil_put_u32(out + 8, last ? 1 : 0);
}

static guint64
count_chunks(guint64 len)
{
	return len == 0 ? 1 : (len + CHUNK - 1) / CHUNK;
}

/* --- making ------------------------------------------------------------------------------------------------------------ */

static int
by_key(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, 32);
}

static gboolean
seal_to_readers(guint8 *file, const VeilReader *readers, guint n, const guint8 *key, VeilRandomFunc random, gpointer data, GError **error)
{
	guint8 *secret = veil_secret_new(32), *wrapping = veil_secret_new(32);
	gboolean ok = TRUE;

	random(secret, 32, data);
	crypto_scalarmult_base(file + AT_EPHEMERAL, secret);
	for (guint i = 0; ok && i < n; i++) {
		guint8 *at = file + AT_READERS + i * READER_BYTES;
		memcpy(at, readers[i].key, 32);
		ok = reader_key(secret, readers[i].key, file + AT_EPHEMERAL, readers[i].key, wrapping);
		if (ok)
			crypto_aead_chacha20poly1305_ietf_encrypt(at + 32, NULL, key, 32, file, AT_READERS, NULL, no_nonce, wrapping);
	}
	veil_secret_free(secret);
	veil_secret_free(wrapping);
	if (!ok)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a public key that the file is for is no key at all");
	return ok;
}

static void
seal_chunks(guint8 *file, gsize header, const guint8 *key, const guint8 *bytes, gsize len)
{
	guint64 n = count_chunks(len);
	guint8 *out = file + header, nonce[12];
	guint8 *own = veil_secret_new(32);

	chunk_key(file, header, key, own);
	for (guint64 i = 0; i < n; i++) {
		gsize from = (gsize)i * CHUNK, here = MIN((gsize)CHUNK, len - from);
		chunk_nonce(i, i + 1 == n, nonce);
		crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, bytes + from, here, NULL, 0, NULL, nonce, own);
		out += here + TAG;
	}
	veil_secret_free(own);
}

GBytes *
veil_sealed_make(const void *bytes, gsize len, const VeilReader *readers, guint n, VeilRandomFunc random, gpointer data, GError **error)
{
	VeilReader sorted[VEIL_SEALED_MAX_READERS];
	guint kept = 0;

	g_return_val_if_fail(n >= 1 && n <= VEIL_SEALED_MAX_READERS, NULL);
	memcpy(sorted, readers, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_key);
	for (guint i = 0; i < n; i++)
		if (i == 0 || memcmp(sorted[i].key, sorted[i - 1].key, 32) != 0)
			sorted[kept++] = sorted[i];
	gsize header = AT_READERS + kept * READER_BYTES, total = header + len + (gsize)count_chunks(len) * TAG;
	guint8 *file = g_malloc0(total), *key = veil_secret_new(32);
	memcpy(file, magic, 8);
	veil_put_u32(file + AT_VERSION, 1);
	veil_put_u32(file + AT_N, kept);
	memcpy(file + AT_SUITE, suite, sizeof suite);
	random(key, 32, data);
	gboolean ok = seal_to_readers(file, sorted, kept, key, random, data, error);
	if (ok)
		seal_chunks(file, header, key, bytes, len);
	veil_secret_free(key);
	if (ok)
		return g_bytes_new_take(file, total);
	g_free(file);
	return NULL;
}

/* --- opening ----------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint8 *bytes;
	gsize len;
} Plain;

static void
plain_free(gpointer data)
{
	Plain *plain = data;

	sodium_memzero(plain->bytes, plain->len);
	g_free(plain->bytes);
	g_free(plain);
}

static gpointer
damaged(const char *name, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged, cut off or not a sealed file: take it from a copy", name);
	return NULL;
}

static gboolean
open_chunks(const guint8 *file, gsize header, const guint8 *key, Plain *out)
{
	guint64 n = count_chunks(out->len);
	const guint8 *at = file + header;
	guint8 *own = veil_secret_new(32), nonce[12];
	gboolean ok = TRUE;

	chunk_key(file, header, key, own);
	for (guint64 i = 0; ok && i < n; i++) {
		gsize from = (gsize)i * CHUNK, here = MIN((gsize)CHUNK, out->len - from);
		chunk_nonce(i, i + 1 == n, nonce);
		ok = crypto_aead_chacha20poly1305_ietf_decrypt(out->bytes + from, NULL, NULL, at, here + TAG, NULL, 0, nonce, own) == 0;
		at += here + TAG;
	}
	veil_secret_free(own);
	return ok;
}

/* TRUE: the reader's entry was found and opened. */
static gboolean
open_key(const guint8 *file, guint n, const guint8 secret[32], const guint8 public[32], guint8 *out, gboolean *out_found)
{
	guint8 *wrapping = veil_secret_new(32);
	gboolean ok = FALSE;

	*out_found = FALSE;
	for (guint i = 0; i < n && !*out_found; i++) {
		const guint8 *at = file + AT_READERS + i * READER_BYTES;
		if (memcmp(at, public, 32) != 0)
			continue;
		*out_found = TRUE;
		ok = reader_key(secret, file + AT_EPHEMERAL, file + AT_EPHEMERAL, public, wrapping) &&
		     crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, at + 32, 32 + TAG, file, AT_READERS, no_nonce, wrapping) == 0;
	}
	veil_secret_free(wrapping);
	return ok;
}

static gboolean
sensible(const guint8 *file, gsize len, guint *out_n, gsize *out_header, gsize *out_plain)
{
	if (len < AT_READERS || !veil_sealed_is(file, len) || veil_get_u32(file + AT_VERSION) != 1 || memcmp(file + AT_SUITE, suite, sizeof suite) != 0)
		return FALSE;
	guint32 n = veil_get_u32(file + AT_N);
	if (n == 0 || n > VEIL_SEALED_MAX_READERS || len < AT_READERS + n * READER_BYTES + TAG)
		return FALSE;
	for (guint i = 1; i < n; i++)
		if (memcmp(file + AT_READERS + (i - 1) * READER_BYTES, file + AT_READERS + i * READER_BYTES, 32) >= 0)
			return FALSE;
	*out_n = n;
	*out_header = AT_READERS + n * READER_BYTES;
	gsize body = len - *out_header, chunks = (body + CHUNK + TAG - 1) / (CHUNK + TAG);
	if (body < chunks * TAG || (chunks > 1 && body - (chunks - 1) * (CHUNK + TAG) <= TAG))
		return FALSE; /* a last chunk without content */
	*out_plain = body - chunks * TAG;
	return TRUE;
}

static GBytes *
open_with(const guint8 *file, gsize len, const char *name, const guint8 secret[32], const guint8 public[32], GError **error)
{
	guint n = 0;
	gsize header = 0, plain_len = 0;
	gboolean found = FALSE;

	if (!sensible(file, len, &n, &header, &plain_len))
		return damaged(name, error);
	guint8 *key = veil_secret_new(32);
	if (!open_key(file, n, secret, public, key, &found)) {
		veil_secret_free(key);
		if (found)
			return damaged(name, error);
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: it is not sealed to this key", name);
		return NULL;
	}
	Plain *plain = g_new0(Plain, 1);
	plain->len = plain_len;
	plain->bytes = g_malloc(MAX(plain_len, 1));
	gboolean ok = open_chunks(file, header, key, plain);
	veil_secret_free(key);
	if (ok)
		return g_bytes_new_with_free_func(plain->bytes, plain->len, plain_free, plain);
	plain_free(plain);
	return damaged(name, error);
}

GBytes *
veil_sealed_open(const void *bytes, gsize len, const char *name, const VeilAuditorKey *key, GError **error)
{
	return open_with(bytes, len, name, key->secret, key->public, error);
}

GBytes *
veil_sealed_open_by_registry(const void *bytes, gsize len, const char *name, const VeilKeys *keys, GError **error)
{
	return open_with(bytes, len, name, keys->box_secret, keys->box_public, error);
}
