/* html.c - text that cannot become markup.
 *
 * Codes and policies are harmless today; the minutes are signed, so they must not depend on that. The output is well-formed
 * XML as well, which a test can check.
 */
#include "html.h"

#define SUPPRESS_UNDER 5

/* Characters that XML forbids or that reorder a line for the eye (U+202A.. and U+2066..): a signed page must read as it prints. */
static gboolean
is_treacherous(gunichar c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || (c & 0xfffe) == 0xfffe || (c >= 0xd800 && c < 0xe000);
}

void
veil_html_text(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		switch (c) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		case '\'':
			g_string_append(out, "&#39;");
			break;
		default:
			g_string_append_unichar(out, is_treacherous(c) ? 0xfffd : c);
		}
	}
}

void
veil_html_css_string(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

	g_string_append_c(out, '"');
	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (is_treacherous(c) || c == '\n' || c == '\t')
			g_string_append_unichar(out, 0xfffd);
		else if (c < 0x80 && !g_ascii_isalnum((char)c))
			g_string_append_printf(out, "\\%06x", (guint)c);
		else
			g_string_append_unichar(out, c);
	}
	g_string_append_c(out, '"');
}

void
veil_html_number(GString *out, guint64 number)
{
	char digits[24];
	int n = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			g_string_append_c(out, ',');
		g_string_append_c(out, digits[i]);
	}
}

void
veil_html_count(GString *out, guint64 count)
{
	if (count < SUPPRESS_UNDER)
		g_string_append(out, "&lt;5");
	else
		veil_html_number(out, count);
}
