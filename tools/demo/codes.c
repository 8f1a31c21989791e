/* codes.c - numbers that look right and that nobody can have.
 *
 * Check characters are valid, so that an importer which tests them is tested; the region of an id number is 00xxxx, the registering
 * authority of an organisation is G, the block of an ORCID is 9999: none of these is ever assigned.
 */
#include <string.h>

#include "demo.h"

/* ISO 7064 MOD 11-2 over n digits. */
static char
check_11_2(const char *digits, gsize n)
{
	guint sum = 0;

	for (gsize i = 0; i < n; i++)
		sum = (sum + (guint)(digits[i] - '0')) * 2 % 11;
	sum = (12 - sum) % 11;
	return sum == 10 ? 'X' : (char)('0' + sum);
}

char *
demo_id_number(DemoRng *rng, guint serial, int birth_year)
{
	guint month = demo_between(rng, 1, 12), day = demo_between(rng, 1, 28);
	char *text = g_strdup_printf("00%04u%04d%02u%02u%03u?", serial / 1000 % 10000, birth_year, month, day, serial % 1000);

	text[17] = check_11_2(text, 17);
	return text;
}

char *
demo_orcid(guint serial)
{
	g_autofree char *digits = g_strdup_printf("99990000%07u", serial % 10000000);

	return g_strdup_printf("%.4s-%.4s-%.4s-%.3s%c", digits, digits + 4, digits + 8, digits + 12, check_11_2(digits, 15));
}

char *
demo_org_code(guint serial)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const guint body_weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
	char body[10], text[19];
	guint sum = 0, weight = 1;

	g_snprintf(body, sizeof body, "D%07u", serial % 10000000);
	for (gsize i = 0; i < 8; i++)
		sum += (guint)(body[i] >= 'A' ? body[i] - 'A' + 10 : body[i] - '0') * body_weights[i];
	sum = (11 - sum % 11) % 11;
	body[8] = sum == 10 ? 'X' : (char)('0' + sum);
	body[9] = '\0';
	g_snprintf(text, sizeof text, "G1000000%s", body);
	sum = 0;
	for (gsize i = 0; i < 17; i++, weight = weight * 3 % 31)
		sum += (guint)(strchr(alphabet, text[i]) - alphabet) * weight;
	text[17] = alphabet[(31 - sum % 31) % 31];
	text[18] = '\0';
	return g_strdup(text);
}
