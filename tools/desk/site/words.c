/* words.c - see words.h.
 *
 * A drawer hears from the notifier why somebody declined; what he then types stands beside a code in the ledger, in the batch file and in the minutes. A name there unmasks
 * the code for good, so a reference is a number and a reason a sentence without the marks of a person that a program can see.
 */
#include "site/words.h"

#include <string.h>

enum { REASON_BYTES = 200, REFERENCE_BYTES = 64, PHONE_DIGITS = 11 };

/* The longest run of digits; what is in `between` does not end one. */
static guint
longest_number(const char *text, const char *between)
{
	guint run = 0, longest = 0;

	for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c)) {
		gunichar one = g_utf8_get_char(c);

		if (g_unichar_isdigit(one)) {
			run++;
			longest = MAX(longest, run);
		} else if (one >= 0x80 || strchr(between, (int)one) == NULL) {
			run = 0;
		}
	}
	return longest;
}

gboolean
veil_reason_check(const char *reason, GError **error)
{
	gboolean good = reason != NULL && *reason != '\0' && strlen(reason) <= REASON_BYTES && g_utf8_validate(reason, -1, NULL);

	for (const char *c = reason; good && *c != '\0'; c = g_utf8_next_char(c))
		good = !g_unichar_iscntrl(g_utf8_get_char(c)) && g_unichar_type(g_utf8_get_char(c)) != G_UNICODE_FORMAT;
	if (!good) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--reason takes one line of up to 200 bytes; it is read by everybody who reads the ledger and printed in the minutes: no names");
		return FALSE;
	}
	if (strchr(reason, '@') != NULL || strstr(reason, "\357\274\240") != NULL || longest_number(reason, " -") >= PHONE_DIGITS) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--reason has what looks like a telephone, an id number or an e-mail address; it is printed in the minutes: say why without a person");
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_reference_valid(const char *text)
{
	gsize n = text != NULL ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-()[]") : 0;

	return n > 0 && n <= REFERENCE_BYTES && text[n] == '\0' && strpbrk(text, "0123456789") != NULL && longest_number(text, "") < PHONE_DIGITS;
}
