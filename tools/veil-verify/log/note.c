/* note.c - signed checkpoints: C2SP signed-note and tlog-checkpoint, Ed25519 (type 0x01), and witnesses' lines on them: tlog-cosignature v1 (type 0x04).
 *
 * Libraries disagree on odd Ed25519 keys and signatures (of 914 published edge cases OpenSSL takes 208, libsodium 43). A note must count
 * only where every reader takes it, so what is not canonical or of small order is refused before OpenSSL is asked.
 */
#include <string.h>

#include <openssl/evp.h>

#include "log/log.h"

enum { MAX_NOTE = 1 << 20, MAX_SIGNATURES = 100 };

/* Little-endian a < b over 32 bytes. */
static gboolean
less(const guint8 *a, const guint8 *b)
{
	for (int i = 31; i >= 0; i--)
		if (a[i] != b[i])
			return a[i] < b[i];
	return FALSE;
}

/* A point as RFC 8032 writes it: y < 2^255 - 19, and not one of the eight points of small order. */
gboolean
point_ok(const guint8 point[32])
{
	static const guint8 small_y[][32] = {
		{0}, {1},
		{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
		{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
	};
	guint8 y[32], p[32], minus_one[32];

	memset(p, 0xff, sizeof p);
	p[0] = 0xed, p[31] = 0x7f;
	memcpy(minus_one, p, sizeof p);
	minus_one[0] = 0xec;
	memcpy(y, point, sizeof y);
	y[31] &= 0x7f;
	if (!less(y, p) || memcmp(y, minus_one, sizeof y) == 0)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(small_y); i++)
		if (memcmp(y, small_y[i], sizeof y) == 0)
			return FALSE;
	return TRUE;
}

gboolean
ed25519_verify(const guint8 key[32], const guint8 signature[64], const void *message, gsize len)
{
	static const guint8 order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
					 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
	EVP_PKEY *pkey;
	EVP_MD_CTX *context;
	gboolean ok;

	if (!point_ok(key) || !point_ok(signature) || !less(signature + 32, order))
		return FALSE;
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
	context = EVP_MD_CTX_new();
	ok = pkey != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
	     EVP_DigestVerify(context, signature, 64, message, len) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return ok;
}

/* GLib's decoder skips what it does not know; a second encoding shows it. */
guint8 *
base64_strict(const char *text, gsize *out_len)
{
	g_autofree guint8 *bytes = g_base64_decode(text, out_len);
	g_autofree char *again = g_base64_encode(bytes, *out_len);

	return strcmp(text, again) == 0 ? g_steal_pointer(&bytes) : NULL;
}

static gboolean
name_ok(const char *name)
{
	if (name[0] == '\0' || strchr(name, '+') != NULL)
		return FALSE;
	for (const char *p = name; *p; p = g_utf8_next_char(p))
		if (g_unichar_isspace(g_utf8_get_char(p)))
			return FALSE;
	return TRUE;
}

/* name+id+base64(type | public key), id = first 4 bytes of SHA-256(name LF type key). */
gboolean
note_key_parse(const char *vkey, NoteType type, NoteKey *out_key)
{
	g_autofree char *line = g_strchomp(g_strdup(vkey));
	g_auto(GStrv) part = NULL;
	g_autofree guint8 *bytes = NULL;
	g_autoptr(GByteArray) input = g_byte_array_new();
	gsize len = 0;
	guint8 hash[32];
	char id[9];

	if (!g_utf8_validate(line, -1, NULL))
		return verdict_reject("verifier key: it is no UTF-8 text");
	part = g_strsplit(line, "+", 3);
	if (g_strv_length(part) != 3 || !name_ok(part[0]) || !is_hex(part[1], 8))
		return verdict_reject("verifier key: it is not of the form name+id+base64");
	bytes = base64_strict(part[2], &len);
	if (bytes == NULL || len != 33 || bytes[0] != type)
		return verdict_reject("verifier key: it holds no Ed25519 public key%s", type == NOTE_WITNESS ? " of a witness (type 4)" : "");
	g_byte_array_append(input, (const guint8 *)part[0], (guint)strlen(part[0]));
	g_byte_array_append(input, (const guint8 *)"\n", 1);
	g_byte_array_append(input, bytes, 33);
	sha256(input->data, input->len, hash);
	hex_of(hash, 4, id);
	if (strcmp(id, part[1]) != 0)
		return verdict_reject("verifier key: its id is not that of its name and public key");
	if (!point_ok(bytes + 1))
		return verdict_reject("verifier key: the public key is of small order or not canonical");
	out_key->name = g_strdup(part[0]);
	memcpy(out_key->id, hash, 4);
	memcpy(out_key->key, bytes + 1, 32);
	return TRUE;
}

/* The three lines of the text. */
static gboolean
read_text(const char *file, const char *text, const NoteKey *key, Checkpoint *out)
{
	g_auto(GStrv) line = g_strsplit(text, "\n", -1); /* origin, size, root, "" */
	g_autofree guint8 *root = NULL;
	gsize len = 0;

	if (g_strv_length(line) != 4)
		return verdict_reject("%s: a checkpoint has three lines before the blank one", file);
	if (strcmp(line[0], key->name) != 0)
		return verdict_reject("%s: it speaks of another log than the key", file);
	if (!g_ascii_isdigit(line[1][0]) || (line[1][0] == '0' && line[1][1]) ||
	    !g_ascii_string_to_unsigned(line[1], 10, 0, G_MAXINT64, &out->size, NULL))
		return verdict_reject("%s: its size is not a decimal number", file);
	root = base64_strict(line[2], &len);
	if (root == NULL || len != 32)
		return verdict_reject("%s: its root is not 32 bytes in base64", file);
	memcpy(out->root, root, 32);
	return TRUE;
}

/* "— name base64(id | rest)": the rest, or NULL with *out_len 0 when name and id are not the key's; *out_len G_MAXSIZE after a verdict. */
static guint8 *
signature_of(const char *file, const char *line, const NoteKey *key, gsize *out_len)
{
	static const char dash[] = "\342\200\224 "; /* em dash, blank */
	g_auto(GStrv) part = NULL;
	g_autofree guint8 *bytes = NULL;
	gsize len = 0;

	*out_len = G_MAXSIZE;
	if (!g_str_has_prefix(line, dash)) {
		verdict_reject("%s: a signature line does not begin with a dash", file);
		return NULL;
	}
	part = g_strsplit(line + strlen(dash), " ", -1);
	if (g_strv_length(part) != 2 || !name_ok(part[0]) || (bytes = base64_strict(part[1], &len)) == NULL || len < 5) {
		verdict_reject("%s: a signature line is malformed", file);
		return NULL;
	}
	*out_len = 0;
	if (strcmp(part[0], key->name) != 0 || memcmp(bytes, key->id, 4) != 0)
		return NULL; /* of a stranger: C2SP says to ignore it */
	*out_len = len - 4;
	return g_memdup2(bytes + 4, len - 4);
}

/* *out_ours when the line is by the log's key and good; FALSE when it is malformed, or by the key and bad. */
static gboolean
read_signature(const char *file, const char *line, const char *text, const NoteKey *key, gboolean *out_ours)
{
	gsize len;
	g_autofree guint8 *signature = signature_of(file, line, key, &len);

	if (signature == NULL)
		return len == 0;
	if (len != 64 || !ed25519_verify(key->key, signature, text, strlen(text)))
		return verdict_reject("%s: the signature does not hold", file);
	*out_ours = TRUE;
	return TRUE;
}

/* A witness signs the time (u64, big-endian, seconds) with the text; *io_time becomes the latest. A line that is his and does not hold refuses the note. */
static gboolean
read_cosignature(const char *file, const char *line, const char *text, const NoteKey *witness, guint64 *io_time)
{
	gsize len;
	g_autofree guint8 *bytes = signature_of(file, line, witness, &len);
	g_autofree char *signed_text = NULL;
	guint64 time = 0;

	if (bytes == NULL)
		return len == 0;
	for (guint i = 0; i < 8 && len == 8 + 64; i++)
		time = time << 8 | bytes[i];
	signed_text = g_strdup_printf("cosignature/v1\ntime %" G_GUINT64_FORMAT "\n%s", time, text);
	if (len != 8 + 64 || time == 0 || time > G_MAXINT64 || !ed25519_verify(witness->key, bytes + 8, signed_text, strlen(signed_text)))
		return verdict_reject("%s: the cosignature of %s does not hold", file, witness->name);
	*io_time = MAX(*io_time, time);
	return TRUE;
}

gboolean
checkpoint_open(const char *file, const char *note, gsize len, const NoteKey *key, const GArray *witnesses, Checkpoint *out)
{
	g_autofree char *text = NULL, *rest = NULL;
	g_auto(GStrv) line = NULL;
	const char *blank = NULL;
	gboolean ours = FALSE;

	if (len > MAX_NOTE || !g_utf8_validate(note, (gssize)len, NULL))
		return verdict_reject("%s: it is no note (too long, or no UTF-8 text)", file);
	for (gsize i = 0; i < len; i++)
		if ((guchar)note[i] < 0x20 && note[i] != '\n')
			return verdict_reject("%s: it holds a control character", file);
	blank = g_strrstr_len(note, (gssize)len, "\n\n");
	if (blank == NULL || note[len - 1] != '\n' || blank + 2 == note + len)
		return verdict_reject("%s: it is no signed note", file);
	text = g_strndup(note, (gsize)(blank + 1 - note));
	rest = g_strndup(blank + 2, (gsize)(note + len - 1 - (blank + 2)));
	if (!read_text(file, text, key, out))
		return FALSE;
	line = g_strsplit(rest, "\n", -1);
	if (g_strv_length(line) > MAX_SIGNATURES)
		return verdict_reject("%s: more than %d signatures", file, MAX_SIGNATURES);
	for (guint i = 0; line[i]; i++)
		if (!read_signature(file, line[i], text, key, &ours))
			return FALSE;
	if (!ours)
		return verdict_reject("%s: it is not signed by the key", file);
	out->cosigned = g_new0(guint64, witnesses ? witnesses->len + 1 : 1);
	out->file = g_strdup(file);
	for (guint w = 0; witnesses && w < witnesses->len; w++)
		for (guint i = 0; line[i]; i++)
			if (!read_cosignature(file, line[i], text, &g_array_index(witnesses, NoteKey, w), &out->cosigned[w]))
				return FALSE;
	return TRUE;
}

void
checkpoint_clear(Checkpoint *point)
{
	g_clear_pointer(&point->file, g_free);
	g_clear_pointer(&point->cosigned, g_free);
}
