/* note.c - C2SP signed notes that carry a tlog-checkpoint, Ed25519 only.
 *
 * One kind of text and one kind of key, so parsing is a straight walk. A signature line counts as ours if both its name and its key
 * id are our key's; then it must hold, or the whole note is refused. Every other well-formed line is somebody else's and ignored, however close its
 * name or id comes.
 */
#include "private.h"

#include <sodium.h>
#include <string.h>

#define MAX_NOTE_BYTES 1000000
#define MAX_SIGNATURES 100
#define TYPE_ED25519 1

static const char dash[] = "\xE2\x80\x94 "; /* em dash, space */
static const char skey_prefix[] = "PRIVATE+KEY+";

/* --- small parts --------------------------------------------------------------------------------------------------- */

static char *
base64(const guint8 *bytes, gsize n)
{
	gsize room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
	char *text = g_malloc(room);
	return sodium_bin2base64(text, room, bytes, n, sodium_base64_VARIANT_ORIGINAL);
}

/* Canonical base 64 of at most max bytes. */
static gboolean
unbase64(const char *text, gsize len, guint8 *out, gsize max, gsize *out_n)
{
	const char *end = NULL;
	return len > 0 && sodium_base642bin(out, max, text, len, NULL, out_n, &end, sodium_base64_VARIANT_ORIGINAL) == 0 && end == text + len;
}

static gboolean
name_valid(const char *name, gsize len)
{
	if (len == 0 || len > 255 || !g_utf8_validate(name, (gssize)len, NULL))
		return FALSE;
	for (const char *c = name; c < name + len; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);
		if (u == '+' || g_unichar_isspace(u) || u < 0x20 || u == 0x7F || u == 0x85 || g_unichar_type(u) == G_UNICODE_SPACE_SEPARATOR)
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_note_name_valid(const char *origin)
{
	return name_valid(origin, strlen(origin));
}

void
veil_ledger__key_id(const char *name, gsize len, guint8 type, const guint8 public[32], guint8 out[4])
{
	const guint8 middle[2] = {'\n', type};
	crypto_hash_sha256_state state;
	guint8 hash[32];
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)name, len);
	crypto_hash_sha256_update(&state, middle, sizeof middle);
	crypto_hash_sha256_update(&state, public, 32);
	crypto_hash_sha256_final(&state, hash);
	memcpy(out, hash, 4);
}

static void
key_id(const char *name, gsize len, const guint8 public[32], guint8 out[4])
{
	veil_ledger__key_id(name, len, TYPE_ED25519, public, out);
}

gboolean
veil_ledger__verify(const guint8 key[32], const guint8 signature[64], const void *message, gsize len)
{
	return crypto_sign_verify_detached(signature, message, len, key) == 0;
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static void
public_of(const guint8 seed[32], guint8 out_public[32])
{
	guint8 secret[crypto_sign_SECRETKEYBYTES];
	crypto_sign_seed_keypair(out_public, secret, seed);
	sodium_memzero(secret, sizeof secret);
}

char *
veil_note_vkey(const char *origin, const guint8 seed[VEIL_SIGNING_KEY_BYTES])
{
	guint8 typed[33] = {TYPE_ED25519}, id[4];
	char hex[9];
	public_of(seed, typed + 1);
	key_id(origin, strlen(origin), typed + 1, id);
	veil_hex_encode(id, 4, hex);
	g_autofree char *encoded = base64(typed, sizeof typed);
	return g_strdup_printf("%s+%s+%s", origin, hex, encoded);
}

char *
veil_note_skey(const char *origin, const guint8 seed[VEIL_SIGNING_KEY_BYTES])
{
	guint8 typed[33] = {TYPE_ED25519}, id[4], public[32];
	char hex[9], encoded[64];
	public_of(seed, public);
	key_id(origin, strlen(origin), public, id);
	veil_hex_encode(id, 4, hex);
	memcpy(typed + 1, seed, 32);
	sodium_bin2base64(encoded, sizeof encoded, typed, sizeof typed, sodium_base64_VARIANT_ORIGINAL);
	/* Rounded up: sodium_malloc aligns the end of a block. */
	gsize room = (sizeof skey_prefix + strlen(origin) + 1 + 8 + 1 + strlen(encoded) + 15) & ~(gsize)15;
	char *text = sodium_init() < 0 ? NULL : sodium_malloc(room);
	if (text == NULL)
		g_error("no memory for a signing key");
	g_snprintf(text, room, "%s%s+%s+%s", skey_prefix, origin, hex, encoded);
	sodium_memzero(typed, sizeof typed);
	sodium_memzero(encoded, sizeof encoded);
	return text;
}

/* "name+hash+base64(type, 32 bytes)", whatever the hash is of. */
static gboolean
line_parse(const char *text, gsize len, guint8 type, gsize *out_name_len, guint8 out_id[4], guint8 out_key[32])
{
	const char *plus1 = memchr(text, '+', len);
	if (plus1 == NULL || !name_valid(text, (gsize)(plus1 - text)))
		return FALSE;
	const char *rest = plus1 + 1;
	gsize n_rest = len - (gsize)(rest - text), n = 0;
	char hex[9] = {0};
	guint8 typed[33];
	if (n_rest < 10 || rest[8] != '+')
		return FALSE;
	memcpy(hex, rest, 8);
	for (int i = 0; i < 8; i++)
		if (g_ascii_isupper(hex[i]))
			return FALSE;
	gboolean ok = veil_hex_decode(hex, out_id, 4) && unbase64(rest + 9, n_rest - 9, typed, sizeof typed, &n) && n == sizeof typed &&
		      typed[0] == type;
	if (ok) {
		memcpy(out_key, typed + 1, 32);
		*out_name_len = (gsize)(plus1 - text);
	}
	sodium_memzero(typed, sizeof typed);
	return ok;
}

static gboolean
key_parse(const char *text, gsize len, gsize *out_name_len, guint8 out_id[4], guint8 out_key[32])
{
	return line_parse(text, len, TYPE_ED25519, out_name_len, out_id, out_key);
}

gboolean
veil_ledger__key_parse(const char *text, gsize len, guint8 type, gsize *out_name_len, guint8 out_id[4], guint8 out_key[32])
{
	guint8 right[4];
	if (!line_parse(text, len, type, out_name_len, out_id, out_key))
		return FALSE;
	veil_ledger__key_id(text, *out_name_len, type, out_key, right);
	return memcmp(right, out_id, 4) == 0;
}

void
veil_note_skey_free(char *skey)
{
	sodium_free(skey);
}

/* The seed of a signing key's text, if its hash is that of its public half. */
static gboolean
skey_parse(const char *text, gsize len, guint8 out_seed[32])
{
	gsize n_prefix = sizeof skey_prefix - 1, n_name = 0;
	guint8 id[4], right[4], public[32];
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len <= n_prefix || memcmp(text, skey_prefix, n_prefix) != 0 || !key_parse(text + n_prefix, len - n_prefix, &n_name, id, out_seed))
		return FALSE;
	public_of(out_seed, public);
	key_id(text + n_prefix, n_name, public, right);
	return memcmp(id, right, 4) == 0;
}

/* --- checkpoints ----------------------------------------------------------------------------------------------------- */

char *
veil_checkpoint_sign(const char *origin, guint64 size, const guint8 root[32], const guint8 seed[VEIL_SIGNING_KEY_BYTES])
{
	g_return_val_if_fail(veil_note_name_valid(origin), NULL);
	g_autofree char *root64 = base64(root, 32);
	g_autofree char *text = g_strdup_printf("%s\n%" G_GUINT64_FORMAT "\n%s\n", origin, size, root64);
	guint8 public[32], secret[crypto_sign_SECRETKEYBYTES], line[4 + crypto_sign_BYTES];

	crypto_sign_seed_keypair(public, secret, seed);
	key_id(origin, strlen(origin), public, line);
	crypto_sign_detached(line + 4, NULL, (const guint8 *)text, strlen(text), secret);
	sodium_memzero(secret, sizeof secret);
	g_autofree char *line64 = base64(line, sizeof line);
	return g_strdup_printf("%s\n%s%s %s\n", text, dash, origin, line64);
}

char *
veil_checkpoint_sign_as(const char *skey, gsize len, const char *vkey, guint64 size, const guint8 root[32], GError **error)
{
	g_autofree char *origin = g_strndup(vkey, strcspn(vkey, "+"));
	guint8 seed[32];
	char *note = NULL;
	if (!skey_parse(skey, len, seed)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the ledger's signing key is damaged or no signing key");
	} else {
		/* The name is part of the line, so equal lines are one key of one log. */
		g_autofree char *own = veil_note_vkey(origin, seed);
		if (strcmp(own, vkey) == 0 && len >= sizeof skey_prefix + strlen(origin) &&
		    memcmp(skey + sizeof skey_prefix - 1, vkey, strlen(origin) + 1) == 0)
			note = veil_checkpoint_sign(origin, size, root, seed);
		else
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the ledger's signing key and its vkey are not of one pair");
	}
	sodium_memzero(seed, sizeof seed);
	return note;
}

typedef struct {
	const char *origin, *text_end; /* the text is from the note's start to text_end */
	gsize n_origin;
	guint64 size;
	guint8 root[32];
} Parsed;

/* A decimal number without leading zeros, to the end of the line. */
static gboolean
read_size(const char *line, const char *end, guint64 *out)
{
	if (line == end || (line[0] == '0' && end - line > 1))
		return FALSE;
	guint64 n = 0;
	for (; line < end; line++) {
		if (!g_ascii_isdigit(*line) || !g_uint64_checked_mul(&n, n, 10) || !g_uint64_checked_add(&n, n, (guint64)(*line - '0')))
			return FALSE;
	}
	*out = n;
	return TRUE;
}

/* Three lines and an empty one; a fourth line would be an extension. */
static const char *
parse_text(const char *note, const char *end, Parsed *out)
{
	const char *lf1 = memchr(note, '\n', (gsize)(end - note));
	const char *lf2 = lf1 != NULL ? memchr(lf1 + 1, '\n', (gsize)(end - lf1 - 1)) : NULL;
	const char *lf3 = lf2 != NULL ? memchr(lf2 + 1, '\n', (gsize)(end - lf2 - 1)) : NULL;
	gsize n = 0;
	if (lf3 == NULL || lf3 + 1 == end || lf3[1] != '\n')
		return "it is not three lines and an empty one";
	if (!name_valid(note, (gsize)(lf1 - note)))
		return "its first line is no name of a log";
	if (!read_size(lf1 + 1, lf2, &out->size))
		return "its second line is no size";
	if (!unbase64(lf2 + 1, (gsize)(lf3 - lf2 - 1), out->root, 32, &n) || n != 32)
		return "its third line is no root";
	out->origin = note;
	out->n_origin = (gsize)(lf1 - note);
	out->text_end = lf3 + 1;
	return NULL;
}

typedef struct {
	gsize n_name;
	const char *name;
	guint8 id[4], key[32];
} Verifier;

/* One signature line up to its LF: counts ours that hold; a message when the note must be refused. */
static const char *
check_signature(const char *line, const char *end, const char *note, const Parsed *parsed, const Verifier *verifier, guint *n_held)
{
	gsize n_dash = sizeof dash - 1, n = 0;
	if ((gsize)(end - line) <= n_dash || memcmp(line, dash, n_dash) != 0)
		return "a signature line does not start with a dash";
	const char *name = line + n_dash;
	const char *space = memchr(name, ' ', (gsize)(end - name));
	if (space == NULL || !name_valid(name, (gsize)(space - name)))
		return "a signature line has no name of a key";
	const char *encoded = space + 1;
	gsize room = (gsize)(end - encoded);
	g_autofree guint8 *bytes = g_malloc(room + 1);
	if (!unbase64(encoded, room, bytes, room, &n) || n < 5)
		return "a signature is not base 64";
	if (verifier == NULL || (gsize)(space - name) != verifier->n_name || memcmp(name, verifier->name, verifier->n_name) != 0 ||
	    memcmp(bytes, verifier->id, 4) != 0)
		return NULL;
	if (n != 4 + crypto_sign_BYTES || !veil_ledger__verify(verifier->key, bytes + 4, note, (gsize)(parsed->text_end - note)))
		return "its signature is not by the log's key";
	(*n_held)++;
	return NULL;
}

static const char *
check_note(const char *note, gsize len, const Verifier *verifier, Parsed *parsed)
{
	if (len > MAX_NOTE_BYTES)
		return "it is longer than 1,000,000 bytes";
	if (!g_utf8_validate(note, (gssize)len, NULL))
		return "it is not UTF-8";
	for (gsize i = 0; i < len; i++)
		if ((guint8)note[i] < 0x20 && note[i] != '\n')
			return "it holds a control character";
	const char *end = note + len, *fault = parse_text(note, end, parsed);
	if (fault != NULL)
		return fault;
	if (verifier != NULL && (parsed->n_origin != verifier->n_name || memcmp(parsed->origin, verifier->name, verifier->n_name) != 0))
		return "it is of another log than the key";
	guint n_lines = 0, n_held = 0;
	for (const char *line = parsed->text_end + 1; line < end;) {
		const char *lf = memchr(line, '\n', (gsize)(end - line));
		if (lf == NULL)
			return "its last line does not end";
		if (++n_lines > MAX_SIGNATURES)
			return "it has more than 100 signatures";
		fault = check_signature(line, lf, note, parsed, verifier, &n_held);
		if (fault != NULL)
			return fault;
		line = lf + 1;
	}
	if (n_lines == 0)
		return "it has no signature";
	if (verifier != NULL && n_held == 0)
		return "it has no signature by the log's key";
	return NULL;
}

static gboolean
verifier_parse(const char *vkey, Verifier *out)
{
	guint8 right[4];
	gsize len = strlen(vkey);
	if (len > 0 && vkey[len - 1] == '\n')
		len--;
	if (!key_parse(vkey, len, &out->n_name, out->id, out->key))
		return FALSE;
	out->name = vkey;
	key_id(out->name, out->n_name, out->key, right);
	return memcmp(right, out->id, 4) == 0;
}

gboolean
veil_checkpoint_open(const char *note, gsize len, const char *vkey, char **out_origin, guint64 *out_size, guint8 out_root[32], GError **error)
{
	Verifier verifier;
	Parsed parsed = {0};
	const char *fault = vkey != NULL && !verifier_parse(vkey, &verifier) ? "the public key line is damaged" :
			    check_note(note, len, vkey != NULL ? &verifier : NULL, &parsed);
	if (fault != NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the checkpoint does not hold: %s", fault);
		return FALSE;
	}
	if (out_origin != NULL)
		*out_origin = g_strndup(parsed.origin, parsed.n_origin);
	if (out_size != NULL)
		*out_size = parsed.size;
	if (out_root != NULL)
		memcpy(out_root, parsed.root, 32);
	return TRUE;
}
