/* base.c - the error domain, ids and hex.
 *
 * Kept apart from dates and numbers so that a room that only reports errors links nothing else.
 */
#include <string.h>

#include <veil/base.h>

G_DEFINE_QUARK(veil-error-quark, veil_error)

int
veil_id_compare(const VeilId *a, const VeilId *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

gboolean
veil_id_equal(const VeilId *a, const VeilId *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

void
veil_hex_encode(const guint8 *bytes, gsize n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (gsize i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

gboolean
veil_hex_decode(const char *text, guint8 *out, gsize n)
{
	if (strlen(text) != 2 * n || strspn(text, "0123456789abcdefABCDEF") != 2 * n)
		return FALSE;
	for (gsize i = 0; i < n; i++)
		out[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) << 4 | g_ascii_xdigit_value(text[2 * i + 1]));
	return TRUE;
}
