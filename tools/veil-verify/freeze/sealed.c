/* sealed.c - opens an audit file that is sealed to the auditor, with the key he made (docs/design/formats.md 7): X25519, HKDF-SHA-256, ChaCha20-Poly1305, scrypt.
 *
 * Every length is checked before it is used: the file may be anybody's. What was opened stays in memory.
 */
#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "freeze/freeze.h"

enum { HEAD = 56, READER = 80, CHUNK = 65536, TAG = 16, MAX_READERS = 8, KEY_FILE = 152, KEY_BOX = 72, KEY_DIGEST = 120, MAX_LOG_N = 20 };

static const char suite[8] = "veil-s1";

/* --- steps of OpenSSL ------------------------------------------------------------------------------------------------ */

static gboolean
hkdf(const guint8 *salt, gsize n_salt, const guint8 key[32], const char *info, guint8 out[32])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
			       OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, n_salt),
			       OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, 32),
			       OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, strlen(info)), OSSL_PARAM_construct_end()};
	gboolean ok = context && EVP_KDF_derive(context, out, 32, params) == 1;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return ok;
}

/* scrypt with r = 8, p = 1 */
static gboolean
stretch(const char *passphrase, const guint8 salt[32], guint32 log_n, guint8 out[32])
{
	return EVP_PBE_scrypt(passphrase, strlen(passphrase), salt, 32, (guint64)1 << log_n, 8, 1, ((guint64)1 << log_n) * 1024 + (1 << 20), out, 32) == 1;
}

/* box: n bytes and the tag */
static gboolean
decrypt(const guint8 key[32], const guint8 nonce[12], const guint8 *aad, gsize n_aad, const guint8 *box, gsize n, guint8 *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int len = 0;
	gboolean ok = context && EVP_DecryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
		      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, (void *)(box + n)) == 1 &&
		      (n_aad == 0 || EVP_DecryptUpdate(context, NULL, &len, aad, (int)n_aad) == 1) &&
		      (n == 0 || EVP_DecryptUpdate(context, out, &len, box, (int)n) == 1) && EVP_DecryptFinal_ex(context, out + n, &len) == 1;

	EVP_CIPHER_CTX_free(context);
	return ok;
}

static gboolean
shared_secret(const guint8 secret[32], const guint8 other[32], guint8 out[32])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32), *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, other, 32);
	EVP_PKEY_CTX *context = own && peer ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	gsize n = 32;
	gboolean ok = context && EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1 && EVP_PKEY_derive(context, out, &n) == 1 && n == 32;

	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
	return ok;
}

static gboolean
public_of(const guint8 secret[32], guint8 out[32])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
	gsize n = 32;
	gboolean ok = own && EVP_PKEY_get_raw_public_key(own, out, &n) == 1 && n == 32;

	EVP_PKEY_free(own);
	return ok;
}

/* --- the auditor's key ------------------------------------------------------------------------------------------------- */

/* The first line of the file named in the environment, else what is typed unseen. (transfer full), NULL: none. */
static char *
ask_passphrase(void)
{
	const char *path = g_getenv("VEIL_AUDITOR_PASSPHRASE_FILE");
	char *text = NULL;

	if (path == NULL || *path == '\0')
		path = g_getenv("VEIL_PASSPHRASE_FILE");
	if (path != NULL && *path != '\0') {
		if (g_file_get_contents(path, &text, NULL, NULL))
			text[strcspn(text, "\r\n")] = '\0';
		return text;
	}
	FILE *tty = fopen("/dev/tty", "r+");
	struct termios before, quiet;
	char line[1026];
	if (tty == NULL)
		return NULL;
	if (tcgetattr(fileno(tty), &before) == 0) {
		quiet = before;
		quiet.c_lflag &= (tcflag_t)~ECHO;
		tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
		fputs("Passphrase of the auditor's key: ", tty);
		fflush(tty);
		if (fgets(line, sizeof line, tty) != NULL) {
			line[strcspn(line, "\r\n")] = '\0';
			text = g_strdup(line);
		}
		tcsetattr(fileno(tty), TCSAFLUSH, &before);
		fputs("\n", tty);
		OPENSSL_cleanse(line, sizeof line);
	}
	fclose(tty);
	return text;
}

static gboolean
key_wrapping(const guint8 *file, guint8 out[32])
{
	static const char none[] = "veil-s1/auditor key not wrapped";
	guint32 log_n = read_u32(file + 24);

	if (read_u32(file + 12) == 0) {
		sha256(none, sizeof none - 1, out);
		return TRUE;
	}
	if (read_u32(file + 12) != 1 || log_n < 1 || log_n > MAX_LOG_N || read_u32(file + 28) != 8 || read_u32(file + 32) != 1)
		return verdict_unreadable("the auditor's key file is not one of veil");
	char *passphrase = ask_passphrase();
	if (passphrase == NULL)
		return verdict_unreadable("the auditor's key is under a passphrase: run on a terminal, or name a file that holds it in VEIL_AUDITOR_PASSPHRASE_FILE");
	gboolean ok = stretch(passphrase, file + 40, log_n, out);
	OPENSSL_cleanse(passphrase, strlen(passphrase));
	g_free(passphrase);
	return ok || verdict_unreadable("not enough memory to try the passphrase");
}

static gboolean
key_read(const char *path, guint8 out_secret[32])
{
	static const guint8 no_nonce[12];
	g_autofree char *text = NULL;
	guint8 wrapping[32], digest[32];
	gsize len = 0;

	if (!g_file_get_contents(path, &text, &len, NULL))
		return verdict_unreadable("cannot read the auditor's key file %s", path);
	const guint8 *file = (const guint8 *)text;
	if (len == KEY_FILE)
		sha256(file, KEY_DIGEST, digest);
	if (len != KEY_FILE || memcmp(file, "VEILAUDK", 8) != 0 || read_u32(file + 8) != 1 || memcmp(file + 16, suite, 8) != 0 ||
	    memcmp(digest, file + KEY_DIGEST, 32) != 0)
		return verdict_unreadable("%s is damaged or no auditor's key file", path);
	if (!key_wrapping(file, wrapping))
		return FALSE;
	gboolean ok = decrypt(wrapping, no_nonce, file, KEY_BOX, file + KEY_BOX, 32, out_secret);
	OPENSSL_cleanse(wrapping, sizeof wrapping);
	return ok || verdict_unreadable("the auditor's key does not open: wrong passphrase");
}

/* --- the file ---------------------------------------------------------------------------------------------------------- */

gboolean
sealed_is(const guint8 *file, gsize len)
{
	return len >= 8 && memcmp(file, "VEILSEAL", 8) == 0;
}

/* The file's key out of the entry of this reader. */
static gboolean
file_key(const guint8 *file, guint32 n, const guint8 secret[32], guint8 out[32])
{
	static const guint8 no_nonce[12];
	guint8 own[32], shared[32], wrapping[32], salt[64];

	if (!public_of(secret, own))
		return verdict_unreadable("the auditor's key is no key");
	for (guint32 i = 0; i < n; i++) {
		const guint8 *at = file + HEAD + i * READER;

		if (memcmp(at, own, 32) != 0)
			continue;
		memcpy(salt, file + 24, 32);
		memcpy(salt + 32, own, 32);
		gboolean ok = shared_secret(secret, file + 24, shared) && hkdf(salt, sizeof salt, shared, "veil-s1/sealed key", wrapping) &&
			      decrypt(wrapping, no_nonce, file, HEAD, at + 32, 32, out);
		OPENSSL_cleanse(shared, sizeof shared);
		OPENSSL_cleanse(wrapping, sizeof wrapping);
		return ok || verdict_reject("audit file: what is sealed to this auditor was altered");
	}
	return verdict_unreadable("the audit file is not sealed to this auditor's key");
}

static gboolean
open_chunks(const guint8 *file, gsize header, gsize body, const guint8 key[32], guint8 *out)
{
	guint8 salt[32], own[32], nonce[12] = {0};
	gboolean ok;

	sha256(file, header, salt);
	ok = hkdf(salt, sizeof salt, key, "veil-s1/sealed chunks", own);
	for (guint64 i = 0; ok && body > 0; i++) {
		gsize here = MIN(body, (gsize)CHUNK + TAG) - TAG;

		for (int k = 0; k < 8; k++)
			nonce[k] = (guint8)(i >> 8 * k);
		nonce[8] = body == here + TAG;
		ok = decrypt(own, nonce, NULL, 0, file + header, here, out);
		file += here + TAG;
		out += here;
		body -= here + TAG;
	}
	OPENSSL_cleanse(own, sizeof own);
	return ok || verdict_reject("audit file: a part of it was altered, moved or cut off");
}

guint8 *
sealed_open(const guint8 *file, gsize len, const char *key_path, gsize *out_len)
{
	guint32 n = len >= HEAD ? read_u32(file + 12) : 0;
	gsize header = HEAD + (gsize)n * READER, chunks, body;
	guint8 secret[32], key[32];

	if (n == 0 || n > MAX_READERS || read_u32(file + 8) != 1 || memcmp(file + 16, suite, 8) != 0 || len < header + TAG) {
		verdict_reject("audit file: it is not sealed as the format says");
		return NULL;
	}
	body = len - header;
	chunks = (body + CHUNK + TAG - 1) / (CHUNK + TAG);
	if (body < chunks * TAG || (chunks > 1 && body - (chunks - 1) * (CHUNK + TAG) <= TAG)) {
		verdict_reject("audit file: it was cut off");
		return NULL;
	}
	if (!key_read(key_path, secret))
		return NULL;
	gboolean ok = file_key(file, n, secret, key);
	OPENSSL_cleanse(secret, sizeof secret);
	guint8 *plain = ok ? g_malloc(body - chunks * TAG + 1) : NULL;
	*out_len = body - chunks * TAG;
	if (plain != NULL && !open_chunks(file, header, body, key, plain))
		g_clear_pointer(&plain, g_free);
	OPENSSL_cleanse(key, sizeof key);
	return plain;
}
