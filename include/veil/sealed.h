/* veil/sealed.h - a file that only those it is meant for can open, and the auditor's key with which one of them does.
 *
 * veil-verify opens the same files with OpenSSL, so everything here is what both libraries have: X25519, HKDF-SHA-256, ChaCha20-Poly1305 (RFC 8439), scrypt.
 * Byte-exact: docs/design/formats.md 7.
 */
#pragma once

#include <veil/blind.h>

G_BEGIN_DECLS

/* --- the auditor's key: made on his own machine; the site has the public half, a line "veil-auditor+HHHHHHHH+BASE64" */

typedef struct VeilAuditorKey VeilAuditorKey;
/* passphrase NULL: not wrapped (a rehearsal only, the caller decides). light: the least that scrypt takes, for tests. Mode 0600, never overwrites. */
gboolean veil_auditor_key_create(const char *path, const char *passphrase, gboolean light, VeilRandomFunc random, gpointer data, char **out_public,
				 GError **error);
gboolean veil_auditor_key_wrapping(const char *path, VeilWrapping *out, GError **error);
/* VEIL_ERROR_REFUSED "wrong passphrase", VEIL_ERROR_VERIFY damaged. */
VeilAuditorKey *veil_auditor_key_open(const char *path, const char *passphrase, GError **error);
void veil_auditor_key_public(const VeilAuditorKey *key, guint8 out[32]);
void veil_auditor_key_free(VeilAuditorKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilAuditorKey, veil_auditor_key_free)
char *veil_auditor_public_format(const guint8 public_key[32]);
/* FALSE for a mistyped line and for keys of small order. */
gboolean veil_auditor_public_parse(const char *text, guint8 out[32]);

/* --- sealed files */

#define VEIL_SEALED_MAX_READERS 8
typedef struct {
	guint8 key[32];
} VeilReader;

/* Does it begin like one? */
gboolean veil_sealed_is(const void *bytes, gsize len);
/* (transfer full) n from 1 to VEIL_SEALED_MAX_READERS; one given twice counts once. VEIL_ERROR_REFUSED for a key of small order. */
GBytes *veil_sealed_make(const void *bytes, gsize len, const VeilReader *readers, guint n, VeilRandomFunc random, gpointer data, GError **error);
/* (transfer full) What was sealed; wiped when freed. name: of the file, for messages. VEIL_ERROR_REFUSED: not for this key; VEIL_ERROR_VERIFY: damaged, cut
 * or put together from others. Nothing is given out before all of it has been checked. */
GBytes *veil_sealed_open(const void *bytes, gsize len, const char *name, const VeilAuditorKey *key, GError **error);
GBytes *veil_sealed_open_by_registry(const void *bytes, gsize len, const char *name, const VeilKeys *keys, GError **error);

G_END_DECLS
