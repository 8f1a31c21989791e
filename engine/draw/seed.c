/* seed.c - the bytes of a ceremony.
 *
 * Everything enters with its length in front, so that no two ceremonies give one text. The leaf hash of the freeze binds the seed to what
 * is drawn from: whoever tries seeds at home would have to know the reveals and the beacon first.
 */
#include <veil/seed.h>

#include <string.h>

#include <veil/hash.h>

static void
put(GByteArray *to, const void *bytes, gsize len)
{
	guint8 length[4];

	veil_put_u32(length, (guint32)len);
	g_byte_array_append(to, length, sizeof length);
	g_byte_array_append(to, bytes, (guint)len);
}

static void
put_text(GByteArray *to, const char *text)
{
	put(to, text, strlen(text));
}

void
veil_seed_commitment(const char *batch, const char *freeze_id, const char *party, const guint8 secret[VEIL_SEED_BYTES], guint8 out[32])
{
	static const char label[] = "veil/commit/1";
	g_autoptr(GByteArray) text = g_byte_array_new();

	g_byte_array_append(text, (const guint8 *)label, sizeof label - 1);
	put_text(text, batch);
	put_text(text, freeze_id);
	put_text(text, party);
	g_byte_array_append(text, secret, VEIL_SEED_BYTES);
	veil_sha256(text->data, text->len, out);
}

void
veil_seed_derive(const VeilSeedParts *parts, guint8 out[VEIL_SEED_BYTES])
{
	static const char key[] = "veil/seed/1";
	g_autoptr(GByteArray) text = g_byte_array_new();
	char draw[16];

	g_snprintf(draw, sizeof draw, "%u", parts->draw);
	put_text(text, parts->batch);
	put_text(text, parts->freeze_id);
	put_text(text, draw);
	put(text, parts->freeze_leaf, 32);
	for (guint i = 0; i < parts->n_reveals; i++)
		put(text, parts->reveals[i], VEIL_SEED_BYTES);
	put_text(text, parts->beacon);
	veil_hmac_sha256((const guint8 *)key, sizeof key - 1, text->data, text->len, out);
}

char *
veil_seed_beacon_text(const char *typed)
{
	g_autofree char *composed = g_utf8_validate(typed, -1, NULL) ? g_utf8_normalize(typed, -1, G_NORMALIZE_ALL_COMPOSE) : NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean blank = FALSE;

	if (composed == NULL)
		return NULL;
	for (const char *c = composed; *c != '\0'; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);
		GUnicodeType type = g_unichar_type(u);

		if (g_unichar_isspace(u)) {
			blank = text->len > 0;
			continue;
		}
		if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_SURROGATE || type == G_UNICODE_UNASSIGNED ||
		    type == G_UNICODE_PRIVATE_USE)
			return NULL;
		if (blank)
			g_string_append_c(text, ' ');
		blank = FALSE;
		g_string_append_unichar(text, u);
	}
	if (text->len == 0 || text->len > 200)
		return NULL;
	return g_string_free(g_steal_pointer(&text), FALSE);
}
