/* auditor-key.c - the auditor's key pair, made on his own machine.
 *
 * veil-verify has to open this file, and OpenSSL 3.0 has no Argon2; so the passphrase goes through scrypt, which both libraries have, and the file is not that of
 * wrapped.c. Integers are little-endian:
 *
 *    0   8  magic "VEILAUDK"
 *    8   4  version 1
 *   12   4  0: not wrapped, 1: wrapped
 *   16   8  suite, "veil-s1" and a zero
 *   24   4  log2 of scrypt's N   (0 when not wrapped, as the next two)
 *   28   4  r
 *   32   4  p
 *   36   4  zero
 *   40  32  salt
 *   72  48  the X25519 secret key: ChaCha20-Poly1305 under the wrapping key, nonce 0 (the salt makes the key a new one), bytes 0 to 71 as associated data
 *  120  32  SHA-256 of all bytes before it
 *
 * The wrapping key is scrypt(passphrase, salt, N, r, p), 32 bytes; of a file that is not wrapped SHA-256("veil-s1/auditor key not wrapped").
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <veil/sealed.h>

enum {
	AT_VERSION = 8,
	AT_WRAPPED = 12,
	AT_SUITE = 16,
	AT_LOG_N = 24,
	AT_R = 28,
	AT_P = 32,
	AT_ZERO = 36,
	AT_SALT = 40,
	AT_BOX = 72,
	AT_DIGEST = 120,
	FILE_BYTES = 152,
	LOG_N = 17, /* with r = 8: 128 MiB */
	LOG_N_LIGHT = 10,
	MAX_LOG_N = 20, /* a gigabyte; beyond it a file is an attack on the machine */
	BLOCKS = 8,
};

static const char magic[] = "VEILAUDK", suite[8] = "veil-s1";
static const guint8 no_nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

static gboolean
derive(const char *passphrase, const guint8 *file, guint8 *out, GError **error)
{
	static const char open_text[] = "veil-s1/auditor key not wrapped";

	if (veil_get_u32(file + AT_WRAPPED) == 0) {
		crypto_hash_sha256(out, (const guint8 *)open_text, sizeof open_text - 1);
		return TRUE;
	}
	if (crypto_pwhash_scryptsalsa208sha256_ll((const guint8 *)passphrase, strlen(passphrase), file + AT_SALT, 32, (guint64)1 << veil_get_u32(file + AT_LOG_N),
						  veil_get_u32(file + AT_R), veil_get_u32(file + AT_P), out, 32) == 0)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "not enough memory to try the passphrase");
	return FALSE;
}

gboolean
veil_auditor_key_create(const char *path, const char *passphrase, gboolean light, VeilRandomFunc random, gpointer data, char **out_public, GError **error)
{
	guint8 file[FILE_BYTES] = {0}, public[32];
	guint8 *secret = veil_secret_new(32), *key = veil_secret_new(32);

	memcpy(file, magic, 8);
	veil_put_u32(file + AT_VERSION, 1);
	memcpy(file + AT_SUITE, suite, sizeof suite);
	if (passphrase != NULL) {
		veil_put_u32(file + AT_WRAPPED, 1);
		veil_put_u32(file + AT_LOG_N, light ? LOG_N_LIGHT : LOG_N);
		veil_put_u32(file + AT_R, BLOCKS);
		veil_put_u32(file + AT_P, 1);
	}
	random(file + AT_SALT, 32, data);
	random(secret, 32, data);
	crypto_scalarmult_base(public, secret);
	gboolean ok = derive(passphrase, file, key, error);
	if (ok) {
		crypto_aead_chacha20poly1305_ietf_encrypt(file + AT_BOX, NULL, secret, 32, file, AT_BOX, NULL, no_nonce, key);
		crypto_hash_sha256(file + AT_DIGEST, file, AT_DIGEST);
		ok = veil_file_put_new(path, file, sizeof file, 0600, error);
	}
	veil_secret_free(secret);
	veil_secret_free(key);
	if (ok)
		*out_public = veil_auditor_public_format(public);
	return ok;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean
read_all(int fd, guint8 *out, gsize n)
{
	gsize have = 0;

	while (have < n) {
		gssize got = read(fd, out + have, n - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return FALSE;
		have += (gsize)got;
	}
	return TRUE;
}

static gboolean
sensible(const guint8 *file)
{
	guint32 wrapped = veil_get_u32(file + AT_WRAPPED), log_n = veil_get_u32(file + AT_LOG_N), r = veil_get_u32(file + AT_R), p = veil_get_u32(file + AT_P);
	guint8 digest[32];

	crypto_hash_sha256(digest, file, AT_DIGEST);
	if (memcmp(file, magic, 8) != 0 || memcmp(file + AT_SUITE, suite, sizeof suite) != 0 || memcmp(digest, file + AT_DIGEST, 32) != 0 ||
	    veil_get_u32(file + AT_VERSION) != 1 || veil_get_u32(file + AT_ZERO) != 0)
		return FALSE;
	return wrapped == 0 ? log_n == 0 && r == 0 && p == 0 : wrapped == 1 && log_n >= 1 && log_n <= MAX_LOG_N && r == BLOCKS && p == 1;
}

static gboolean
read_checked(const char *path, guint8 file[FILE_BYTES], GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot read the auditor's key file: %s", name, g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return FALSE;
	}
	gboolean ok = S_ISREG(st.st_mode) && st.st_size == FILE_BYTES && read_all(fd, file, FILE_BYTES) && sensible(file);
	close(fd);
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or no auditor's key file: restore it from a copy", name);
	return ok;
}

gboolean
veil_auditor_key_wrapping(const char *path, VeilWrapping *out, GError **error)
{
	guint8 file[FILE_BYTES];

	if (!read_checked(path, file, error))
		return FALSE;
	*out = veil_get_u32(file + AT_WRAPPED) == 0 ? VEIL_WRAPPED_NOT : VEIL_WRAPPED_BY_ONE;
	return TRUE;
}

VeilAuditorKey *
veil_auditor_key_open(const char *path, const char *passphrase, GError **error)
{
	guint8 file[FILE_BYTES];

	if (!read_checked(path, file, error))
		return NULL;
	if (veil_get_u32(file + AT_WRAPPED) != 0 && passphrase == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the auditor's key file is locked: its passphrase is needed");
		return NULL;
	}
	guint8 *wrapping = veil_secret_new(32);
	VeilAuditorKey *key = veil_secret_new(sizeof *key);
	gboolean ok = derive(passphrase, file, wrapping, error);
	if (ok && crypto_aead_chacha20poly1305_ietf_decrypt(key->secret, NULL, NULL, file + AT_BOX, AT_DIGEST - AT_BOX, file, AT_BOX, no_nonce, wrapping) != 0) {
		ok = FALSE;
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "wrong passphrase");
	}
	veil_secret_free(wrapping);
	if (!ok) {
		veil_secret_free(key);
		return NULL;
	}
	crypto_scalarmult_base(key->public, key->secret);
	sodium_mprotect_readonly(key);
	return key;
}

void
veil_auditor_key_public(const VeilAuditorKey *key, guint8 out[32])
{
	memcpy(out, key->public, 32);
}

void
veil_auditor_key_free(VeilAuditorKey *key)
{
	if (key != NULL)
		sodium_free(key);
}

char *
veil_auditor_public_format(const guint8 public[32])
{
	return veil_blind__public_format("auditor", public);
}

gboolean
veil_auditor_public_parse(const char *text, guint8 out[32])
{
	return veil_blind__public_parse("auditor", text, out);
}
