/* veil/hash.h - SHA-256, HKDF and the deterministic stream: what codes, seeds and roots are made of.
 *
 * libsodium underneath. In engine/base because draws need a stream and know no keys.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

void veil_sha256(const void *bytes, gsize len, guint8 out[32]);
void veil_hmac_sha256(const guint8 *key, gsize n_key, const void *bytes, gsize len, guint8 out[32]);
/* RFC 5869 HKDF-SHA-256. */
void veil_hkdf(const guint8 *salt, gsize n_salt, const guint8 *ikm, gsize n_ikm, const char *info, guint8 *out, gsize n_out);
/* Deterministic stream for draws: ChaCha20 (RFC 8439 block function, zero nonce, 64-bit counter) keyed by HKDF(seed, label). */
void veil_stream(const guint8 seed[32], const char *label, guint8 *out, gsize n);

G_END_DECLS
