/* handover.c - the requester's key, and what is sealed to it.
 *
 * A slip is sealed by the registrar and an answer by the expert, who both have the public half only; the notifier carries both and has no half. Sealing is anonymous, so an answer proves
 * where it comes from by the token that was in the packet: HMAC of the packet's code, known to whoever holds the packet.
 */
#include "private.h"

#include <string.h>

#include <veil/handover.h>

struct VeilDeskKey {
	VEIL_SECRET_ALIGN guint8 seed[32];
	guint8 secret[crypto_box_SECRETKEYBYTES], public[crypto_box_PUBLICKEYBYTES];
	guint8 mac[32];
};

#define BUCKET 4096u
#define LINE 76
#define SEALED_HEAD "veil-sealed/1\n"
#define KEY_HEAD "veil-desk-key/1\n"

const char *const veil_answer_words[VEIL_N_ANSWERS] = {"accept", "decline", "tie"};

static VeilDeskKey *
key_from(const guint8 seed[32])
{
	VeilDeskKey *key = veil_secret_new(sizeof *key);

	memcpy(key->seed, seed, 32);
	veil_hkdf(NULL, 0, seed, 32, "veil-s1/desk box", key->secret, sizeof key->secret);
	veil_hkdf(NULL, 0, seed, 32, "veil-s1/desk mac", key->mac, sizeof key->mac);
	crypto_scalarmult_base(key->public, key->secret);
	sodium_mprotect_readonly(key);
	return key;
}

VeilDeskKey *
veil_desk_key_new(VeilRandomFunc random, gpointer data)
{
	guint8 seed[32];
	VeilDeskKey *key;

	random(seed, sizeof seed, data);
	key = key_from(seed);
	sodium_memzero(seed, sizeof seed);
	return key;
}

void
veil_desk_key_free(VeilDeskKey *key)
{
	if (key != NULL)
		sodium_free(key);
}

char *
veil_desk_key_format(const VeilDeskKey *key, const char *freeze_id)
{
	char hex[65];
	char *text;

	veil_hex_encode(key->seed, 32, hex);
	text = g_strdup_printf(KEY_HEAD "freeze-id %s\nkey %s\n", freeze_id, hex);
	sodium_memzero(hex, sizeof hex);
	return text;
}

VeilDeskKey *
veil_desk_key_parse(const char *text, gsize len, const char *freeze_id, gboolean *out_other, GError **error)
{
	g_auto(GStrv) lines = strlen(text) == len ? g_strsplit(text, "\n", -1) : NULL;
	guint8 seed[32];
	VeilDeskKey *key;

	*out_other = FALSE;
	if (lines == NULL || g_strv_length(lines) != 4 || strcmp(lines[0], "veil-desk-key/1") != 0 || !g_str_has_prefix(lines[1], "freeze-id ") ||
	    !g_str_has_prefix(lines[2], "key ") || !veil_hex_decode(lines[2] + 4, seed, 32) || *lines[3] != '\0') {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the requester's key of this batch is damaged; put NAME.key back from a copy of desk/");
		return NULL;
	}
	*out_other = strcmp(lines[1] + 10, freeze_id) != 0;
	key = *out_other ? NULL : key_from(seed);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(lines[2], strlen(lines[2]));
	return key;
}

char *
veil_desk_public_format(const VeilDeskKey *key)
{
	return g_base64_encode(key->public, sizeof key->public);
}

gboolean
veil_desk_public_parse(const char *text, guint8 out[32])
{
	gsize n;
	g_autofree guint8 *bytes = g_base64_decode(text, &n);
	g_autofree char *again = n == 32 ? g_base64_encode(bytes, n) : NULL;

	if (again == NULL || strcmp(again, text) != 0)
		return FALSE;
	memcpy(out, bytes, 32);
	return TRUE;
}

void
veil_desk_key_mac(const VeilDeskKey *key, const char *label, const void *bytes, gsize len, guint8 out[32])
{
	guint8 derived[32];

	veil_hkdf(NULL, 0, key->mac, 32, label, derived, sizeof derived);
	veil_hmac_sha256(derived, sizeof derived, bytes, len, out);
	sodium_memzero(derived, sizeof derived);
}

gsize
veil_bucket(gsize len, gsize extra)
{
	gsize size = BUCKET;

	while (size < len + extra)
		size *= 2;
	return size - extra;
}

/* --- sealed texts ------------------------------------------------------------------------------------------------ */

static char *
armour(const guint8 *box, gsize n)
{
	g_autofree char *base64 = g_base64_encode(box, n);
	GString *text = g_string_new(SEALED_HEAD);

	for (gsize i = 0, len = strlen(base64); i < len; i += LINE) {
		g_string_append_len(text, base64 + i, (gssize)MIN(LINE, len - i));
		g_string_append_c(text, '\n');
	}
	return g_string_free(text, FALSE);
}

char *
veil_letter_seal(const char *text, const guint8 to[32], VeilRandomFunc random, gpointer data)
{
	gsize len = strlen(text), n = veil_bucket(len + 1, crypto_box_SEALBYTES);
	g_autofree guint8 *padded = g_malloc0(n), *box = g_malloc(n + crypto_box_SEALBYTES);
	char *sealed;

	memcpy(padded, text, len);
	padded[len] = 0x80; /* ISO 7816-4, as sodium_pad does it */
	sealed = veil_blind__box_seal(box, padded, n, to, random, data) ? armour(box, n + crypto_box_SEALBYTES) : NULL;
	sodium_memzero(padded, n);
	return sealed;
}

char *
veil_letter_open(const char *sealed, gsize len, const VeilDeskKey *key)
{
	g_autofree guint8 *box = NULL, *padded = NULL;
	g_autofree char *again = NULL;
	gsize n = 0, end;

	if (len > VEIL_LETTER_MAX || strlen(sealed) != len || !g_str_has_prefix(sealed, SEALED_HEAD))
		return NULL;
	box = g_base64_decode(sealed + strlen(SEALED_HEAD), &n);
	if (n < BUCKET || (n & (n - 1)) != 0)
		return NULL;
	again = armour(box, n);
	padded = g_malloc(n);
	if (strcmp(again, sealed) != 0 || crypto_box_seal_open(padded, box, n, key->public, key->secret) != 0)
		return NULL;
	end = n - crypto_box_SEALBYTES;
	while (end > 0 && padded[end - 1] == 0)
		end--;
	if (end == 0 || padded[end - 1] != 0x80 || memchr(padded, 0, end - 1) != NULL || !g_utf8_validate((const char *)padded, (gssize)end - 1, NULL))
		return NULL;
	return g_strndup((const char *)padded, end - 1);
}

/* --- what is in them ---------------------------------------------------------------------------------------------- */

/* "key value" of one line. */
static const char *
value_of_line(const char *line, const char *key)
{
	gsize n = strlen(key);

	return strncmp(line, key, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

static gboolean
take_code(const char *text, VeilCodeKind kind, char out[VEIL_CODE_CHARS + 1])
{
	char code[VEIL_CODE_CHARS + 1];

	if (text == NULL || strlen(text) != VEIL_CODE_CHARS || !veil_code_parse(text, kind, code) || strcmp(code, text) != 0)
		return FALSE;
	memcpy(out, code, sizeof code);
	return TRUE;
}

static gboolean
take_freeze(const char *text, char out[33])
{
	guint8 id[16];

	if (text == NULL || !veil_hex_decode(text, id, 16))
		return FALSE;
	veil_hex_encode(id, 16, out);
	return strcmp(out, text) == 0;
}

char *
veil_slip_format(const VeilSlip *slip)
{
	return g_strdup_printf("veil-slip/1\nfreeze-id %s\ninvitation %s\npacket %s\n", slip->freeze_id, slip->invitation, slip->packet);
}

gboolean
veil_slip_parse(const char *text, VeilSlip *out)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	return g_strv_length(lines) == 5 && strcmp(lines[0], "veil-slip/1") == 0 && take_freeze(value_of_line(lines[1], "freeze-id"), out->freeze_id) &&
	       take_code(value_of_line(lines[2], "invitation"), VEIL_CODE_REVIEWER, out->invitation) &&
	       take_code(value_of_line(lines[3], "packet"), VEIL_CODE_REVIEWER, out->packet) && *lines[4] == '\0';
}

char *
veil_answer_format(const VeilAnswer *answer)
{
	GString *text = g_string_new("veil-answer/1\n");
	char token[65];

	veil_hex_encode(answer->token, 32, token);
	g_string_append_printf(text, "freeze-id %s\npacket %s\ntoken %s\n", answer->freeze_id, answer->packet, token);
	for (guint i = 0; i < answer->lines->len; i++) {
		const VeilAnswerLine *line = &g_array_index(answer->lines, VeilAnswerLine, i);

		g_string_append_printf(text, "%s %s\n", line->project, veil_answer_words[line->word]);
	}
	return g_string_free(text, FALSE);
}

static gboolean
take_line(const char *text, VeilAnswer *out)
{
	VeilAnswerLine line = {.word = VEIL_N_ANSWERS};
	g_autofree char *code = g_strndup(text, VEIL_CODE_CHARS);

	if (!take_code(code, VEIL_CODE_PROJECT, line.project) || text[VEIL_CODE_CHARS] != ' ')
		return FALSE;
	for (guint i = 0; i < VEIL_N_ANSWERS; i++)
		if (strcmp(text + VEIL_CODE_CHARS + 1, veil_answer_words[i]) == 0)
			line.word = (VeilAnswerWord)i;
	if (line.word == VEIL_N_ANSWERS ||
	    (out->lines->len > 0 && strcmp(g_array_index(out->lines, VeilAnswerLine, out->lines->len - 1).project, line.project) >= 0))
		return FALSE;
	g_array_append_val(out->lines, line);
	return TRUE;
}

gboolean
veil_answer_parse(const char *text, VeilAnswer *out)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint n = g_strv_length(lines);
	const char *token = n > 3 ? value_of_line(lines[3], "token") : NULL;
	gboolean good;

	out->lines = g_array_new(FALSE, FALSE, sizeof(VeilAnswerLine));
	good = n >= 6 && strcmp(lines[0], "veil-answer/1") == 0 && take_freeze(value_of_line(lines[1], "freeze-id"), out->freeze_id) &&
	       take_code(value_of_line(lines[2], "packet"), VEIL_CODE_REVIEWER, out->packet) && token != NULL && veil_hex_decode(token, out->token, 32) &&
	       *lines[n - 1] == '\0';
	for (guint i = 4; good && i + 1 < n; i++)
		good = take_line(lines[i], out);
	if (good) {
		g_autofree char *again = veil_answer_format(out);

		good = strcmp(again, text) == 0;
	}
	if (!good)
		veil_answer_clear(out);
	return good;
}

void
veil_answer_clear(VeilAnswer *answer)
{
	g_clear_pointer(&answer->lines, g_array_unref);
}
