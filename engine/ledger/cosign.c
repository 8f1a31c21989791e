/* cosign.c - witnesses' cosignatures on a checkpoint: C2SP tlog-cosignature v1.
 *
 * A witness signs "cosignature/v1" LF "time N" LF and the checkpoint's text, N being seconds since 1970; the signature of its line is N as a
 * 64-bit big-endian number and 64 bytes of Ed25519. Its key line has type 0x04, and its key id is over name, LF, 0x04 and the key. As with
 * the log's own signature, a line counts for a witness if both its name and its key id are his, and then it must hold or the whole note is refused.
 */
#include "private.h"

#include <sodium.h>
#include <string.h>

#define TYPE_COSIGNATURE 4
#define COSIGNATURE_BYTES (4 + 8 + crypto_sign_BYTES)

static const char dash[] = "\xE2\x80\x94 "; /* em dash, space */

typedef struct {
	const char *name;
	gsize n_name;
	guint8 id[4], key[32];
	gboolean signed_in_time;
} Witness;

static gboolean
witness_parse(const char *vkey, Witness *out)
{
	gsize len = strlen(vkey);
	return veil_ledger__key_parse(vkey, len, TYPE_COSIGNATURE, &out->n_name, out->id, out->key) && (out->name = vkey) != NULL;
}

gboolean
veil_note_witness_valid(const char *vkey)
{
	Witness witness;
	return witness_parse(vkey, &witness);
}

static guint64
get_u64_be(const guint8 *p)
{
	guint64 v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static gboolean
holds(const Witness *witness, guint64 time, const guint8 *signature, const char *text, gsize n_text)
{
	g_autoptr(GString) message = g_string_new(NULL);
	g_string_append_printf(message, "cosignature/v1\ntime %" G_GUINT64_FORMAT "\n", time);
	g_string_append_len(message, text, (gssize)n_text);
	return veil_ledger__verify(witness->key, signature, message->str, message->len);
}

static void
sign_with_secret(const void *text, gsize len, guint8 out_signature[64], gpointer secret)
{
	crypto_sign_detached(out_signature, NULL, text, len, secret);
}

char *
veil_checkpoint_cosign_as(const char *note, gsize len, const char *witness_vkey, VeilSignFunc sign, gpointer data, guint64 unix_s, GError **error)
{
	guint8 line[COSIGNATURE_BYTES];
	char encoded[sodium_base64_ENCODED_LEN(COSIGNATURE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	Witness witness;
	if (!witness_parse(witness_vkey, &witness)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the witness's key line is damaged or no cosignature key");
		return NULL;
	}
	if (!veil_checkpoint_open(note, len, NULL, NULL, NULL, NULL, error))
		return NULL;
	const char *text_end = g_strstr_len(note, (gssize)len, "\n\n");
	g_autoptr(GString) message = g_string_new(NULL);
	g_string_append_printf(message, "cosignature/v1\ntime %" G_GUINT64_FORMAT "\n", unix_s);
	g_string_append_len(message, note, text_end + 1 - note);
	memcpy(line, witness.id, 4);
	for (int i = 0; i < 8; i++)
		line[4 + i] = (guint8)(unix_s >> (56 - 8 * i));
	sign(message->str, message->len, line + 12, data);
	if (!veil_ledger__verify(witness.key, line + 12, message->str, message->len)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the witness's signing key and its key line are not of one pair");
		return NULL;
	}
	sodium_bin2base64(encoded, sizeof encoded, line, sizeof line, sodium_base64_VARIANT_ORIGINAL);
	return g_strdup_printf("%s%.*s %s\n", dash, (int)witness.n_name, witness.name, encoded);
}

char *
veil_checkpoint_cosign(const char *note, gsize len, const char *name, const guint8 seed[VEIL_SIGNING_KEY_BYTES], guint64 unix_s, GError **error)
{
	guint8 public[32], secret[crypto_sign_SECRETKEYBYTES];
	g_return_val_if_fail(veil_note_name_valid(name), NULL);
	crypto_sign_seed_keypair(public, secret, seed);
	g_autofree char *vkey = veil_note_witness_vkey_of(name, public);
	char *line = veil_checkpoint_cosign_as(note, len, vkey, sign_with_secret, secret, unix_s, error);
	sodium_memzero(secret, sizeof secret);
	return line;
}

char *
veil_note_witness_vkey_of(const char *name, const guint8 public_key[32])
{
	guint8 typed[33] = {TYPE_COSIGNATURE}, id[4];
	char hex[9], encoded[48];
	memcpy(typed + 1, public_key, 32);
	veil_ledger__key_id(name, strlen(name), TYPE_COSIGNATURE, typed + 1, id);
	veil_hex_encode(id, 4, hex);
	sodium_bin2base64(encoded, sizeof encoded, typed, sizeof typed, sodium_base64_VARIANT_ORIGINAL);
	return g_strdup_printf("%s+%s+%s", name, hex, encoded);
}

char *
veil_note_witness_vkey(const char *name, const guint8 seed[VEIL_SIGNING_KEY_BYTES])
{
	guint8 public[32], secret[crypto_sign_SECRETKEYBYTES];
	crypto_sign_seed_keypair(public, secret, seed);
	sodium_memzero(secret, sizeof secret);
	return veil_note_witness_vkey_of(name, public);
}

/* One line of the form the note's parser has accepted. */
static const char *
check_line(const char *line, const char *end, const char *note, gsize n_text, Witness *witnesses, guint n, guint64 since, guint64 until)
{
	const char *name = line + sizeof dash - 1, *space = memchr(name, ' ', (gsize)(end - name));
	guint8 bytes[COSIGNATURE_BYTES];
	gsize n_bytes = 0;
	const char *stop = NULL;

	/* Longer than ours are never ours; that it is base 64 at all the parser has seen. */
	gboolean fits = sodium_base642bin(bytes, sizeof bytes, space + 1, (gsize)(end - space - 1), NULL, &n_bytes, &stop,
					  sodium_base64_VARIANT_ORIGINAL) == 0 && stop == end;
	for (guint i = 0; i < n; i++) {
		Witness *w = &witnesses[i];
		if ((gsize)(space - name) != w->n_name || memcmp(name, w->name, w->n_name) != 0)
			continue;
		if (!fits) {
			/* Too long for a cosignature; whose it claims to be the first bytes say. */
			guint8 *all = g_malloc((gsize)(end - space));
			gboolean claims = sodium_base642bin(all, (gsize)(end - space), space + 1, (gsize)(end - space - 1), NULL, &n_bytes, NULL,
							    sodium_base64_VARIANT_ORIGINAL) == 0 && n_bytes >= 4 && memcmp(all, w->id, 4) == 0;
			g_free(all);
			if (claims)
				return "a cosignature does not hold";
			continue;
		}
		if (n_bytes < 4 || memcmp(bytes, w->id, 4) != 0)
			continue;
		guint64 time = n_bytes == COSIGNATURE_BYTES ? get_u64_be(bytes + 4) : 0;
		if (n_bytes != COSIGNATURE_BYTES || time > G_MAXINT64 || !holds(w, time, bytes + 12, note, n_text))
			return "a cosignature does not hold";
		if (time >= since && time <= until)
			w->signed_in_time = TRUE;
	}
	return NULL;
}

gboolean
veil_note_cosigned(const char *note, gsize len, const char *vkey, const char *const *witness_vkeys, guint64 since_unix_s, guint64 until_unix_s,
		   guint *out_n, guint64 *out_size, guint8 out_root[32], GError **error)
{
	guint n = g_strv_length((char **)witness_vkeys), held = 0;
	g_autofree Witness *witnesses = g_new0(Witness, MAX(n, 1));

	for (guint i = 0; i < n; i++) {
		gboolean fresh = witness_parse(witness_vkeys[i], &witnesses[i]);
		for (guint j = 0; fresh && j < i; j++)
			fresh = memcmp(witnesses[i].key, witnesses[j].key, 32) != 0;
		if (!fresh) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "witness key %u is damaged, no cosignature key or there twice", i + 1);
			return FALSE;
		}
	}
	if (!veil_checkpoint_open(note, len, vkey, NULL, out_size, out_root, error))
		return FALSE;
	const char *text_end = g_strstr_len(note, (gssize)len, "\n\n"), *end = note + len, *fault = NULL;
	for (const char *line = text_end + 2, *lf; line < end && fault == NULL; line = lf + 1) {
		lf = memchr(line, '\n', (gsize)(end - line));
		fault = check_line(line, lf, note, (gsize)(text_end + 1 - note), witnesses, n, since_unix_s, until_unix_s);
	}
	if (fault != NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the checkpoint does not hold: %s", fault);
		return FALSE;
	}
	for (guint i = 0; i < n; i++)
		held += witnesses[i].signed_in_time;
	*out_n = held;
	return TRUE;
}

/* Is this line, up to end, a cosignature of the witness, whatever it is on? */
static gboolean
line_is_of(const char *line, const char *end, const Witness *witness, guint8 out[COSIGNATURE_BYTES])
{
	gsize n_dash = sizeof dash - 1, n = 0;
	const char *name = line + n_dash, *stop = NULL;

	return (gsize)(end - line) > n_dash + witness->n_name && memcmp(line, dash, n_dash) == 0 && memcmp(name, witness->name, witness->n_name) == 0 &&
	       name[witness->n_name] == ' ' &&
	       sodium_base642bin(out, COSIGNATURE_BYTES, name + witness->n_name + 1, (gsize)(end - name) - witness->n_name - 1, NULL, &n, &stop,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       stop == end && n == COSIGNATURE_BYTES && memcmp(out, witness->id, 4) == 0;
}

gboolean
veil_note_cosigned_at(const char *note, gsize len, const char *witness_vkey, guint64 *out_unix_s)
{
	const char *end = note + len, *text_end = g_strstr_len(note, (gssize)len, "\n\n");
	guint8 bytes[COSIGNATURE_BYTES];
	gboolean any = FALSE;
	Witness witness;

	if (text_end == NULL || !witness_parse(witness_vkey, &witness))
		return FALSE;
	for (const char *at = text_end + 2, *lf; at < end && (lf = memchr(at, '\n', (gsize)(end - at))) != NULL; at = lf + 1) {
		guint64 time;
		if (!line_is_of(at, lf, &witness, bytes) || (time = get_u64_be(bytes + 4)) > G_MAXINT64 ||
		    !holds(&witness, time, bytes + 12, note, (gsize)(text_end + 1 - note)))
			continue;
		*out_unix_s = any ? MAX(*out_unix_s, time) : time;
		any = TRUE;
	}
	return any;
}

/* --- one line, taken into a note ------------------------------------------------------------------------------------- */

/* The note without the witness's lines, those that do not hold included, then the new one; NULL when one that holds is later. */
static char *
with_line(const char *note, gsize len, const Witness *witness, const char *line, guint64 time)
{
	const char *end = note + len, *at = g_strstr_len(note, (gssize)len, "\n\n") + 2;
	gsize n_text = (gsize)(at - note) - 1;
	g_autoptr(GString) out = g_string_new_len(note, at - note);
	guint8 bytes[COSIGNATURE_BYTES];

	for (const char *lf; at < end; at = lf + 1) {
		lf = memchr(at, '\n', (gsize)(end - at));
		if (!line_is_of(at, lf, witness, bytes))
			g_string_append_len(out, at, lf + 1 - at);
		else if (get_u64_be(bytes + 4) > time && holds(witness, get_u64_be(bytes + 4), bytes + 12, note, n_text))
			return NULL;
	}
	g_string_append(out, line);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

gboolean
veil_note_add_cosignature(const char *note, gsize len, const char *vkey, const char *witness_vkey, const char *line, char **out_note,
			  guint64 *out_unix_s, GError **error)
{
	const char *witnesses[] = {witness_vkey, NULL};
	guint8 bytes[COSIGNATURE_BYTES], root[32];
	guint64 size, time;
	guint n = 0;
	Witness witness;
	gsize n_line = strlen(line);

	if (!witness_parse(witness_vkey, &witness) || n_line < 2 || line[n_line - 1] != '\n' ||
	    !line_is_of(line, line + n_line - 1, &witness, bytes)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "the line is no cosignature of this witness");
		return FALSE;
	}
	if (!veil_checkpoint_open(note, len, vkey, NULL, NULL, NULL, error))
		return FALSE;
	time = get_u64_be(bytes + 4);
	const char *text_end = g_strstr_len(note, (gssize)len, "\n\n");
	if (time > G_MAXINT64 || !holds(&witness, time, bytes + 12, note, (gsize)(text_end + 1 - note))) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the cosignature is not on this checkpoint");
		return FALSE;
	}
	g_autofree char *with = with_line(note, len, &witness, line, time);
	if (with == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the checkpoint bears a later cosignature of this witness already");
		return FALSE;
	}
	/* Read as whoever opens something will read it: a hundred lines at most, every line whole. */
	if (!veil_note_cosigned(with, strlen(with), vkey, witnesses, time, time, &n, &size, root, error) || n != 1)
		return FALSE;
	*out_note = g_steal_pointer(&with);
	*out_unix_s = time;
	return TRUE;
}
