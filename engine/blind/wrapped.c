/* wrapped.c - a secret in a file under nobody's, one person's or two persons' passphrase.
 *
 * The registry's keys and a custodian's key lie in files of one shape. n is the length of the secret, integers are little-endian; a file that
 * two open has a second salt, and all that follows lies 16 bytes further on:
 *
 *    0   8  magic: "VEILKEYS" (secret of 96 bytes), "VEILCUST" (32)
 *    8   4  version: 1, or 2 when two open it
 *   12   4  0: not wrapped, 1: wrapped by Argon2id version 1.3, 2: by two passphrases
 *   16   8  suite, "veil-s1" and a zero
 *   24   8  Argon2id passes        (0 when not wrapped)
 *   32   8  Argon2id memory, bytes (0 when not wrapped)
 *   40  16  salt
 *  (56  16  salt of the second passphrase)
 *   56  24  nonce
 *   80 n+16 the secret: XChaCha20-Poly1305 under the wrapping key, all bytes before the nonce as associated data
 * 96+n  32  BLAKE2b-256 of all bytes before it
 *
 * The wrapping key is Argon2id(passphrase, salt); with two, HKDF-SHA-256 of both results, one behind the other: each officer's part is as hard to
 * guess as the other's, neither is of use alone, and who is first is fixed when the file is made.
 *
 * The digest at the end tells a damaged file from a wrong passphrase, and does so before Argon2id spends a quarter of a gigabyte on
 * numbers that a damaged header asks for. A file that is not wrapped has the same shape under a key that everybody can compute: the shape
 * then only protects against damage.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	AT_VERSION = 8,
	AT_WRAPPED = 12,
	AT_SUITE = 16,
	AT_OPS = 24,
	AT_MEMORY = 32,
	AT_SALT = 40,
	SALT_BYTES = 16,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	DIGEST_BYTES = 32,
	MAX_SECRET = 96,
	MAX_FILE = AT_SALT + 2 * SALT_BYTES + NONCE_BYTES + MAX_SECRET + TAG_BYTES + DIGEST_BYTES,
};

/* More than a careful site asks for; beyond it a file is an attack on the machine. */
#define MAX_OPS 64
#define MAX_MEMORY ((guint64)4 << 30)

static const char suite[8] = "veil-s1";

typedef struct {
	gsize nonce, box, digest, end;
} Places;

static Places
places_of(const VeilWrappedKind *kind, VeilWrapping wrapping)
{
	Places at = {.nonce = AT_SALT + (wrapping == VEIL_WRAPPED_BY_TWO ? 2 : 1) * SALT_BYTES};
	at.box = at.nonce + NONCE_BYTES;
	at.digest = at.box + kind->n_secret + TAG_BYTES;
	at.end = at.digest + DIGEST_BYTES;
	return at;
}

static gboolean
stretch(const char *passphrase, const guint8 *salt, const guint8 *file, guint8 out[32], GError **error)
{
	if (crypto_pwhash(out, 32, passphrase, strlen(passphrase), salt, veil_get_u64(file + AT_OPS), veil_get_u64(file + AT_MEMORY),
			  crypto_pwhash_ALG_ARGON2ID13) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "not enough memory to try the passphrase: %" G_GUINT64_FORMAT " MiB are needed",
		    veil_get_u64(file + AT_MEMORY) >> 20);
	return FALSE;
}

/* out: 32 bytes of guarded memory. */
static gboolean
derive(const VeilPassphrases *by, const guint8 *file, guint8 *out, GError **error)
{
	VeilWrapping wrapping = (VeilWrapping)veil_get_u32(file + AT_WRAPPED);
	if (wrapping == VEIL_WRAPPED_NOT) {
		crypto_hash_sha256(out, (const guint8 *)"veil-s1/keys not wrapped", 24);
		return TRUE;
	}
	if (wrapping == VEIL_WRAPPED_BY_ONE)
		return stretch(by->first, file + AT_SALT, file, out, error);
	guint8 *both = veil_secret_new(64);
	gboolean ok = stretch(by->first, file + AT_SALT, file, both, error) &&
		      stretch(by->second, file + AT_SALT + SALT_BYTES, file, both + 32, error);
	if (ok)
		veil_hkdf(NULL, 0, both, 64, "veil-s1/two officers", out, 32);
	veil_secret_free(both);
	return ok;
}

static gboolean
check_passphrases(const VeilPassphrases *by, GError **error)
{
	const char *fault = NULL;
	if ((by->first != NULL && *by->first == '\0') || (by->second != NULL && *by->second == '\0'))
		fault = "the passphrase is empty: choose one";
	else if (by->first == NULL && by->second != NULL)
		fault = "a second passphrase needs a first one";
	else if (by->second != NULL && strcmp(by->first, by->second) == 0)
		fault = "the two officers' passphrases are one and the same: each chooses one of his own";
	if (fault != NULL)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, fault);
	return fault == NULL;
}

static gboolean
start(GError **error)
{
	if (sodium_init() >= 0)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "libsodium cannot start: no source of random numbers");
	return FALSE;
}

gboolean
veil_blind__wrap_file(const VeilWrappedKind *kind, const char *path, gboolean replace, const guint8 *secret, const VeilPassphrases *by,
		      const VeilHardness *hardness, VeilRandomFunc random, gpointer data, GError **error)
{
	VeilWrapping wrapping = by->second != NULL ? VEIL_WRAPPED_BY_TWO : by->first != NULL ? VEIL_WRAPPED_BY_ONE : VEIL_WRAPPED_NOT;
	Places at = places_of(kind, wrapping);
	guint8 file[MAX_FILE] = {0};

	if (!start(error) || !check_passphrases(by, error))
		return FALSE;
	memcpy(file, kind->magic, 8);
	veil_put_u32(file + AT_VERSION, wrapping == VEIL_WRAPPED_BY_TWO ? 2 : 1);
	veil_put_u32(file + AT_WRAPPED, wrapping);
	memcpy(file + AT_SUITE, suite, sizeof suite);
	if (wrapping != VEIL_WRAPPED_NOT) {
		veil_put_u64(file + AT_OPS, hardness->ops);
		veil_put_u64(file + AT_MEMORY, hardness->memory);
	}
	random(file + AT_SALT, at.nonce - AT_SALT, data);
	random(file + at.nonce, NONCE_BYTES, data);

	guint8 *key = veil_secret_new(32);
	gboolean ok = derive(by, file, key, error);
	if (ok) {
		crypto_aead_xchacha20poly1305_ietf_encrypt(file + at.box, NULL, secret, kind->n_secret, file, at.nonce, NULL, file + at.nonce, key);
		crypto_generichash(file + at.digest, DIGEST_BYTES, file, at.digest, NULL, 0);
		ok = replace ? veil_file_put(path, file, at.end, 0600, error) : veil_file_put_new(path, file, at.end, 0600, error);
	}
	veil_secret_free(key);
	return ok;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean
damaged(const VeilWrappedKind *kind, const char *name, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or not a %s: restore it from a copy", name, kind->what);
	return FALSE;
}

/* The whole file, if it is a plain one of a sensible size. */
static gboolean
read_whole(const VeilWrappedKind *kind, const char *path, const char *name, guint8 file[MAX_FILE], gsize *out_len, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot read the %s: %s", name, kind->what, g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return FALSE;
	}
	gsize have = 0, size = (gsize)st.st_size;
	gboolean whole = S_ISREG(st.st_mode) && st.st_size > AT_SALT && size <= MAX_FILE;
	while (whole && have < size) {
		gssize n = read(fd, file + have, size - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			whole = FALSE;
		else
			have += (gsize)n;
	}
	close(fd);
	*out_len = have;
	return whole || damaged(kind, name, error);
}

static gboolean
read_checked(const VeilWrappedKind *kind, const char *path, guint8 file[MAX_FILE], Places *out_at, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	guint8 digest[DIGEST_BYTES];
	gsize len = 0;

	if (!start(error) || !read_whole(kind, path, name, file, &len, error))
		return FALSE;
	if (memcmp(file, kind->magic, 8) != 0 || len < DIGEST_BYTES)
		return damaged(kind, name, error);
	crypto_generichash(digest, sizeof digest, file, len - DIGEST_BYTES, NULL, 0);
	if (memcmp(digest, file + len - DIGEST_BYTES, sizeof digest) != 0)
		return damaged(kind, name, error);
	guint32 version = veil_get_u32(file + AT_VERSION), wrapped = veil_get_u32(file + AT_WRAPPED);
	if (version > 2) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: written by a newer veil: use that version", name);
		return FALSE;
	}
	if (memcmp(file + AT_SUITE, suite, sizeof suite) != 0 || wrapped > VEIL_WRAPPED_BY_TWO ||
	    version != (wrapped == VEIL_WRAPPED_BY_TWO ? 2 : 1))
		return damaged(kind, name, error);
	guint64 ops = veil_get_u64(file + AT_OPS), memory = veil_get_u64(file + AT_MEMORY);
	if (wrapped != VEIL_WRAPPED_NOT && (ops < crypto_pwhash_OPSLIMIT_MIN || ops > MAX_OPS || memory < crypto_pwhash_MEMLIMIT_MIN ||
					    memory > MAX_MEMORY))
		return damaged(kind, name, error);
	*out_at = places_of(kind, (VeilWrapping)wrapped);
	return len == out_at->end || damaged(kind, name, error);
}

gboolean
veil_blind__file_wrapping(const VeilWrappedKind *kind, const char *path, VeilWrapping *out, GError **error)
{
	guint8 file[MAX_FILE];
	Places at;
	if (!read_checked(kind, path, file, &at, error))
		return FALSE;
	*out = (VeilWrapping)veil_get_u32(file + AT_WRAPPED);
	return TRUE;
}

guint8 *
veil_blind__unwrap_file(const VeilWrappedKind *kind, const char *path, const VeilPassphrases *by, GError **error)
{
	guint8 file[MAX_FILE];
	Places at;
	if (!read_checked(kind, path, file, &at, error))
		return NULL;
	VeilWrapping wrapping = (VeilWrapping)veil_get_u32(file + AT_WRAPPED);
	if (wrapping != VEIL_WRAPPED_NOT && by->first == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the key file is locked: its passphrase is needed");
		return NULL;
	}
	if (wrapping == VEIL_WRAPPED_BY_TWO && by->second == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the key file opens to two officers together: both passphrases are needed");
		return NULL;
	}
	guint8 *secret = veil_secret_new(kind->n_secret), *key = veil_secret_new(32);
	gboolean ok = derive(by, file, key, error);
	if (ok && crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, file + at.box, at.digest - at.box, file, at.nonce, file + at.nonce,
							     key) != 0) {
		ok = FALSE;
		if (wrapping != VEIL_WRAPPED_NOT) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "wrong passphrase");
		} else {
			g_autofree char *name = g_path_get_basename(path);
			damaged(kind, name, error);
		}
	}
	veil_secret_free(key);
	if (!ok)
		g_clear_pointer(&secret, veil_secret_free);
	return secret;
}
