/* keys.c - the registry's key file, and the keyed hashes made with it.
 *
 * The file, 224 bytes, integers little-endian:
 *
 *    0   8  "VEILKEYS"
 *    8   4  version, 1
 *   12   4  0: not wrapped, 1: wrapped by Argon2id version 1.3
 *   16   8  suite, "veil-s1" and a zero
 *   24   8  Argon2id passes        (0 when not wrapped)
 *   32   8  Argon2id memory, bytes (0 when not wrapped)
 *   40  16  salt
 *   56  24  nonce
 *   80 112  X25519 secret key, token key, wrap key: XChaCha20-Poly1305 under Argon2id(passphrase, salt), bytes 0 to 55 as associated data
 *  192  32  BLAKE2b-256 of bytes 0 to 191
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
	AT_NONCE = 56,
	AT_BOX = 80,
	AT_DIGEST = 192,
	FILE_BYTES = 224,
	SECRET_BYTES = 96,
};

/* More than a careful site asks for; beyond it a file is an attack on the machine. */
#define MAX_OPS 64
#define MAX_MEMORY ((guint64)4 << 30)

static const char magic[8] = {'V', 'E', 'I', 'L', 'K', 'E', 'Y', 'S'};
static const char suite[8] = "veil-s1";

G_STATIC_ASSERT(AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == AT_BOX);
G_STATIC_ASSERT(AT_BOX + SECRET_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES == AT_DIGEST);

static gboolean
derive_wrapping_key(const char *passphrase, const guint8 *file, guint8 out[32], GError **error)
{
	if (veil_get_u32(file + AT_WRAPPED) == 0) {
		crypto_hash_sha256(out, (const guint8 *)"veil-s1/keys not wrapped", 24);
		return TRUE;
	}
	if (crypto_pwhash(out, 32, passphrase, strlen(passphrase), file + AT_SALT, veil_get_u64(file + AT_OPS), veil_get_u64(file + AT_MEMORY),
			  crypto_pwhash_ALG_ARGON2ID13) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "not enough memory to try the passphrase: %" G_GUINT64_FORMAT " MiB are needed",
			    veil_get_u64(file + AT_MEMORY) >> 20);
		return FALSE;
	}
	return TRUE;
}

/* Fills what the three secrets imply and locks the page. */
static void
keys_ready(VeilKeys *keys)
{
	crypto_scalarmult_base(keys->box_public, keys->box_secret);
	veil_hkdf(NULL, 0, keys->token, sizeof keys->token, "veil-s1/term", keys->term, sizeof keys->term);
	veil_hkdf(NULL, 0, keys->token, sizeof keys->token, "veil-s1/cell", keys->cell, sizeof keys->cell);
	crypto_auth_hmacsha256_init(&keys->token_state, keys->token, sizeof keys->token);
	sodium_mprotect_readonly(keys);
}

gboolean
veil_keys__create_with(const char *path, const char *passphrase, guint64 ops, guint64 memory, VeilRandomFunc random, gpointer data, GError **error)
{
	if (passphrase != NULL && *passphrase == '\0') {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the passphrase is empty: choose one");
		return FALSE;
	}
	guint8 file[FILE_BYTES] = {0};
	memcpy(file, magic, sizeof magic);
	veil_put_u32(file + AT_VERSION, 1);
	veil_put_u32(file + AT_WRAPPED, passphrase != NULL);
	memcpy(file + AT_SUITE, suite, sizeof suite);
	if (passphrase != NULL) {
		veil_put_u64(file + AT_OPS, ops);
		veil_put_u64(file + AT_MEMORY, memory);
	}
	random(file + AT_SALT, AT_NONCE - AT_SALT, data);
	random(file + AT_NONCE, AT_BOX - AT_NONCE, data);

	guint8 *secret = veil_secret_new(SECRET_BYTES + 32);
	guint8 *wrapping = secret + SECRET_BYTES;
	random(secret, SECRET_BYTES, data);
	gboolean ok = derive_wrapping_key(passphrase, file, wrapping, error);
	if (ok) {
		crypto_aead_xchacha20poly1305_ietf_encrypt(file + AT_BOX, NULL, secret, SECRET_BYTES, file, AT_NONCE, NULL, file + AT_NONCE,
							   wrapping);
		crypto_generichash(file + AT_DIGEST, 32, file, AT_DIGEST, NULL, 0);
		ok = veil_file_put_new(path, file, sizeof file, 0600, error);
	}
	veil_secret_free(secret);
	return ok;
}

gboolean
veil_keys_create(const char *path, const char *passphrase, VeilRandomFunc random, gpointer data, GError **error)
{
	g_return_val_if_fail(path != NULL && random != NULL, FALSE);
	if (sodium_init() < 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "libsodium cannot start: no source of random numbers");
		return FALSE;
	}
	return veil_keys__create_with(path, passphrase, crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE, random, data, error);
}

static gboolean
read_exactly(const char *path, const char *name, guint8 file[FILE_BYTES], GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot read the key file: %s", name, g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return FALSE;
	}
	gsize have = 0;
	gboolean whole = S_ISREG(st.st_mode) && st.st_size == FILE_BYTES;
	while (whole && have < FILE_BYTES) {
		gssize n = read(fd, file + have, FILE_BYTES - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			whole = FALSE;
		else
			have += (gsize)n;
	}
	close(fd);
	if (!whole)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or not a key file: restore it from a copy", name);
	return whole;
}

static gboolean
read_checked(const char *path, guint8 file[FILE_BYTES], GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	guint8 digest[32];

	if (sodium_init() < 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "libsodium cannot start: no source of random numbers");
		return FALSE;
	}
	if (!read_exactly(path, name, file, error))
		return FALSE;
	crypto_generichash(digest, sizeof digest, file, AT_DIGEST, NULL, 0);
	guint32 wrapped = veil_get_u32(file + AT_WRAPPED);
	gboolean ok = memcmp(file, magic, sizeof magic) == 0 && memcmp(digest, file + AT_DIGEST, sizeof digest) == 0;
	if (ok && veil_get_u32(file + AT_VERSION) > 1) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: written by a newer veil: use that version", name);
		return FALSE;
	}
	ok = ok && veil_get_u32(file + AT_VERSION) == 1 && memcmp(file + AT_SUITE, suite, sizeof suite) == 0 && wrapped <= 1;
	if (ok && wrapped) {
		guint64 ops = veil_get_u64(file + AT_OPS), memory = veil_get_u64(file + AT_MEMORY);
		ok = ops >= crypto_pwhash_OPSLIMIT_MIN && ops <= MAX_OPS && memory >= crypto_pwhash_MEMLIMIT_MIN && memory <= MAX_MEMORY;
	}
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or not a key file: restore it from a copy", name);
	return ok;
}

gboolean
veil_keys_is_wrapped(const char *path, gboolean *out_wrapped, GError **error)
{
	guint8 file[FILE_BYTES];
	if (!read_checked(path, file, error))
		return FALSE;
	*out_wrapped = veil_get_u32(file + AT_WRAPPED) == 1;
	return TRUE;
}

VeilKeys *
veil_keys_open(const char *path, const char *passphrase, GError **error)
{
	guint8 file[FILE_BYTES];
	if (!read_checked(path, file, error))
		return NULL;
	gboolean wrapped = veil_get_u32(file + AT_WRAPPED) == 1;
	if (wrapped && passphrase == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the key file is locked: its passphrase is needed");
		return NULL;
	}
	guint8 *secret = veil_secret_new(SECRET_BYTES + 32);
	guint8 *wrapping = secret + SECRET_BYTES;
	VeilKeys *keys = NULL;
	if (derive_wrapping_key(passphrase, file, wrapping, error)) {
		if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, file + AT_BOX, AT_DIGEST - AT_BOX, file, AT_NONCE, file + AT_NONCE,
							       wrapping) == 0) {
			keys = veil_secret_new(sizeof *keys);
			memcpy(keys->box_secret, secret, 32);
			memcpy(keys->token, secret + 32, 32);
			memcpy(keys->wrap, secret + 64, 32);
			keys_ready(keys);
		} else if (wrapped) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "wrong passphrase");
		} else {
			g_autofree char *name = g_path_get_basename(path);
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or not a key file: restore it from a copy", name);
		}
	}
	veil_secret_free(secret);
	return keys;
}

void
veil_keys_free(VeilKeys *keys)
{
	if (keys != NULL)
		sodium_free(keys);
}

void
veil_token(const VeilKeys *keys, const char *domain, const char *text, gsize len, guint8 out[16])
{
	static const char prefix[] = "veil/token/";
	crypto_auth_hmacsha256_state state = keys->token_state;
	guint8 full[32];

	crypto_auth_hmacsha256_update(&state, (const guint8 *)prefix, sizeof prefix - 1);
	crypto_auth_hmacsha256_update(&state, (const guint8 *)domain, strlen(domain) + 1); /* with its zero */
	crypto_auth_hmacsha256_update(&state, (const guint8 *)text, len);
	crypto_auth_hmacsha256_final(&state, full);
	memcpy(out, full, 16);
	sodium_memzero(&state, sizeof state);
}

guint64
veil_term_token(const VeilKeys *keys, const char *term, gsize len)
{
	guint8 hash[crypto_shorthash_BYTES];
	crypto_shorthash(hash, (const guint8 *)term, len, keys->term);
	return veil_get_u64(hash);
}

guint64
veil_cell_digest(const VeilKeys *keys, const char *column, const char *text, gsize len)
{
	crypto_generichash_state state;
	guint8 hash[crypto_generichash_BYTES_MIN];

	crypto_generichash_init(&state, keys->cell, sizeof keys->cell, sizeof hash);
	crypto_generichash_update(&state, (const guint8 *)column, strlen(column) + 1);
	crypto_generichash_update(&state, (const guint8 *)text, len);
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_memzero(&state, sizeof state);
	return veil_get_u64(hash);
}
