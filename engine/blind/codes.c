/* codes.c - batch keys and the codes people are known by inside one batch.
 *
 * A code is a keyed hash of a random id under a key of its batch, kind and audience: the same person has unlinkable codes in two batches
 * and for two audiences, no table of codes has to be kept, and an interrupted freeze finds the same codes again. The keyed states of all
 * kinds and audiences are prepared once, for a freeze asks for some hundred thousand codes.
 *
 * Check character: with the characters read as elements of GF(32) = GF(2)[x]/(x^5 + x^2 + 1) and w = x (of order 31), the check character
 * makes sum(w^(17-i) * c_i) = 0 over all eighteen places. Weights differ and none is 0, so one wrong character and one swap of ANY two
 * different characters always show.
 */
#include "private.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford: no I, L, O, U */
static const char kind_letter[VEIL_N_CODE_KINDS] = {'R', 'P', 'A'};

G_STATIC_ASSERT(VEIL_CODE_PERSON + 1 == VEIL_N_CODE_KINDS);
G_STATIC_ASSERT(VEIL_AUDIENCE_AUDITOR + 1 == VEIL_N_AUDIENCES);

VeilBatchKey *
veil_batch_key__from(const guint8 bytes[32])
{
	static const char *const kind_name[VEIL_N_CODE_KINDS] = {"reviewer", "project", "person"};
	static const char *const audience_name[VEIL_N_AUDIENCES] = {"drawer", "notifier", "expert", "applicant", "auditor"};
	VeilBatchKey *key = veil_secret_new(sizeof *key);
	guint8 derived[32];
	char label[64];

	memcpy(key->key, bytes, sizeof key->key);
	for (guint kind = 0; kind < VEIL_N_CODE_KINDS; kind++)
		for (guint audience = 0; audience < VEIL_N_AUDIENCES; audience++) {
			g_snprintf(label, sizeof label, "veil/code/%s/%s", kind_name[kind], audience_name[audience]);
			veil_hkdf(NULL, 0, bytes, 32, label, derived, sizeof derived);
			crypto_auth_hmacsha256_init(&key->code[kind][audience], derived, sizeof derived);
		}
	veil_hkdf(NULL, 0, bytes, 32, "veil/org", derived, sizeof derived);
	crypto_auth_hmacsha256_init(&key->org, derived, sizeof derived);
	veil_hkdf(NULL, 0, bytes, 32, "veil/order", derived, sizeof derived);
	crypto_auth_hmacsha256_init(&key->order, derived, sizeof derived);
	sodium_memzero(derived, sizeof derived);
	sodium_mprotect_readonly(key);
	return key;
}

VeilBatchKey *
veil_batch_key_new(VeilRandomFunc random, gpointer data)
{
	guint8 bytes[32];
	random(bytes, sizeof bytes, data);
	VeilBatchKey *key = veil_batch_key__from(bytes);
	sodium_memzero(bytes, sizeof bytes);
	return key;
}

/* "veil-s1/batch" 0 name: a wrapped key does not open under the name of another batch. */
static guint8 *
wrap_data(const char *batch, gsize *out_n)
{
	static const char prefix[] = "veil-s1/batch";
	gsize n_batch = strlen(batch);
	guint8 *aad = g_malloc(sizeof prefix + n_batch);
	memcpy(aad, prefix, sizeof prefix);
	memcpy(aad + sizeof prefix, batch, n_batch); /* NOLINT(bugprone-not-null-terminated-result): bytes, no text */
	*out_n = sizeof prefix + n_batch;
	return aad;
}

/* The key that wraps; out is wiped by the caller. */
static void
wrapping_key(const VeilKeys *keys, const guint8 *live, guint8 out[32])
{
	if (live == NULL)
		memcpy(out, keys->wrap, 32);
	else
		veil_hkdf(live, 32, keys->wrap, sizeof keys->wrap, "veil-s1/live", out, 32);
}

void
veil_batch_key_wrap(const VeilBatchKey *key, const VeilKeys *keys, const guint8 *live, const char *batch, VeilRandomFunc random, gpointer data,
		    guint8 out[VEIL_WRAPPED_BATCH_KEY_BYTES])
{
	guint8 nonce[24], wrap[32];
	gsize n_aad;
	g_autofree guint8 *aad = wrap_data(batch, &n_aad);
	random(nonce, sizeof nonce, data);
	wrapping_key(keys, live, wrap);
	veil_blind__seal_bytes(wrap, nonce, aad, n_aad, key->key, sizeof key->key, out);
	sodium_memzero(wrap, sizeof wrap);
}

VeilBatchKey *
veil_batch_key_unwrap(const VeilKeys *keys, const guint8 *live, const char *batch, const guint8 wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES], GError **error)
{
	guint8 bytes[32], wrap[32];
	gsize n_aad;
	g_autofree guint8 *aad = wrap_data(batch, &n_aad);
	wrapping_key(keys, live, wrap);
	gboolean ok = veil_blind__unseal_bytes(wrap, aad, n_aad, wrapped, VEIL_WRAPPED_BATCH_KEY_BYTES, bytes);
	sodium_memzero(wrap, sizeof wrap);
	if (!ok) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the batch key is damaged or belongs to another batch or registry");
		return NULL;
	}
	VeilBatchKey *key = veil_batch_key__from(bytes);
	sodium_memzero(bytes, sizeof bytes);
	return key;
}

void
veil_batch_key_free(VeilBatchKey *key)
{
	if (key != NULL)
		sodium_free(key);
}

static void
mac(const crypto_auth_hmacsha256_state *keyed, const void *a, gsize n_a, const void *b, gsize n_b, guint8 out[32])
{
	crypto_auth_hmacsha256_state state = *keyed;
	crypto_auth_hmacsha256_update(&state, a, n_a);
	crypto_auth_hmacsha256_update(&state, b, n_b);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

/* Value of a character, -1 if it is none. O, I and L are what people type for 0 and 1. */
static int
value_of(char c)
{
	c = g_ascii_toupper(c);
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *found = c != '\0' ? strchr(alphabet, c) : NULL;
	return found != NULL ? (int)(found - alphabet) : -1;
}

/* Horner from the left: the kind letter gets weight w^17, the sixteenth character w^1, the check character itself w^0. */
static guint
check_value(const char *code)
{
	guint sum = 0;
	for (guint i = 0; i < VEIL_CODE_CHARS - 1; i++) {
		sum ^= (guint)value_of(code[i]);
		sum <<= 1;
		if (sum & 32)
			sum ^= 0x25; /* x^5 + x^2 + 1 */
	}
	return sum;
}

void
veil_code(const VeilBatchKey *key, VeilCodeKind kind, VeilAudience audience, const VeilId *id, char out[VEIL_CODE_CHARS + 1])
{
	g_return_if_fail((guint)kind < VEIL_N_CODE_KINDS && (guint)audience < VEIL_N_AUDIENCES);
	guint8 full[32];
	mac(&key->code[kind][audience], id->b, sizeof id->b, NULL, 0, full);
	out[0] = kind_letter[kind];
	for (guint half = 0; half < 2; half++) {
		guint64 bits = 0;
		for (guint i = 0; i < 5; i++)
			bits = bits << 8 | full[5 * half + i];
		for (guint i = 0; i < 8; i++)
			out[1 + 8 * half + i] = alphabet[bits >> (35 - 5 * i) & 31];
	}
	out[VEIL_CODE_CHARS - 1] = alphabet[check_value(out)];
	out[VEIL_CODE_CHARS] = '\0';
}

/* The next character typed, with the full-width forms of Chinese keyboards (U+FF01 to U+FF5E, U+3000) folded to ASCII; moves *p behind it. */
static char
next_typed(const char **p)
{
	const guint8 *b = (const guint8 *)*p;
	if (b[0] == 0xEF && b[1] == 0xBC && b[2] >= 0x81 && b[2] <= 0xBF) {
		*p += 3;
		return (char)(b[2] - 0x81 + '!');
	}
	if (b[0] == 0xEF && b[1] == 0xBD && b[2] >= 0x80 && b[2] <= 0x9E) {
		*p += 3;
		return (char)(b[2] - 0x80 + '`');
	}
	if (b[0] == 0xE3 && b[1] == 0x80 && b[2] == 0x80) {
		*p += 3;
		return ' ';
	}
	*p += 1;
	return (char)b[0];
}

gboolean
veil_code_parse(const char *typed, VeilCodeKind kind, char out[VEIL_CODE_CHARS + 1])
{
	g_return_val_if_fail((guint)kind < VEIL_N_CODE_KINDS, FALSE);
	char code[VEIL_CODE_CHARS + 1];
	guint n = 0;

	while (*typed != '\0') {
		char c = next_typed(&typed);
		if (c == '-' || g_ascii_isspace(c))
			continue;
		int value = value_of(c);
		if (value < 0 || n == VEIL_CODE_CHARS)
			return FALSE;
		code[n++] = alphabet[value];
	}
	if (n != VEIL_CODE_CHARS || code[0] != kind_letter[kind] || code[n - 1] != alphabet[check_value(code)])
		return FALSE;
	code[n] = '\0';
	memcpy(out, code, sizeof code);
	return TRUE;
}

void
veil_org_token(const VeilBatchKey *key, const VeilId *org, char out[17])
{
	guint8 full[32];
	mac(&key->org, org->b, sizeof org->b, NULL, 0, full);
	veil_hex_encode(full, 8, out);
}

guint64
veil_batch_number(const VeilBatchKey *key, const char *label, const VeilId *id)
{
	guint8 full[32];
	mac(&key->order, label, strlen(label) + 1, id->b, sizeof id->b, full);
	return veil_get_u64(full);
}
