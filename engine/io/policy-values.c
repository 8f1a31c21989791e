/* policy-values.c - one value of a policy, typed and in range.
 *
 * Every refusal says group, key and what is allowed; nothing is clamped, since a policy that means something else than it says is what a
 * commitment to it is supposed to rule out. A share may be written as a fraction, because a statute's "two thirds" has no decimal: it is
 * rounded to the side that lets exactly two of three pass.
 */
#include <string.h>

#include "policy-parts.h"

gboolean
veil_policy__refuse(const VeilPolicyReader *reader, const char *key, const char *allowed)
{
	g_set_error(reader->error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: [%s] %s: %s", reader->name, reader->group, key, allowed);
	return FALSE;
}

char *
veil_policy__dup(const VeilPolicyReader *reader, const char *key)
{
	g_autofree char *value = g_key_file_get_value(reader->file, reader->group, key, NULL);

	return value != NULL ? g_strdup(g_strstrip(value)) : NULL;
}

gboolean
veil_policy__int(const VeilPolicyReader *reader, const char *key, int least, int most, int *out)
{
	g_autofree char *value = veil_policy__dup(reader, key);
	char allowed[64];
	gint64 number;

	if (value == NULL)
		return TRUE;
	g_snprintf(allowed, sizeof allowed, "a whole number from %d to %d", least, most);
	if (!g_ascii_string_to_signed(value, 10, least, most, &number, NULL))
		return veil_policy__refuse(reader, key, allowed);
	*out = (int)number;
	return TRUE;
}

gboolean
veil_policy__bool(const VeilPolicyReader *reader, const char *key, gboolean *out)
{
	g_autofree char *value = veil_policy__dup(reader, key);

	if (value == NULL)
		return TRUE;
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return veil_policy__refuse(reader, key, "true or false");
	*out = *value == 't';
	return TRUE;
}

/* "2/3". up: rounded up, else down. */
static gboolean
parse_fraction(const char *text, gboolean up, gint64 *out)
{
	const char *slash = strchr(text, '/');
	g_autofree char *above = slash != NULL ? g_strndup(text, (gsize)(slash - text)) : NULL;
	gint64 n, d;

	if (slash == NULL || !g_ascii_string_to_signed(above, 10, 0, 1000000, &n, NULL) ||
	    !g_ascii_string_to_signed(slash + 1, 10, 1, 1000000, &d, NULL))
		return FALSE;
	*out = (n * 1000000 + (up ? d - 1 : 0)) / d;
	return TRUE;
}

gboolean
veil_policy__share(const VeilPolicyReader *reader, const char *key, gboolean up, gint64 least, const char *allowed, gint64 *out)
{
	g_autofree char *value = veil_policy__dup(reader, key);
	gint64 micro;

	if (value == NULL)
		return TRUE;
	if (!parse_fraction(value, up, &micro) && !veil_micro_parse(value, strlen(value), &micro))
		return veil_policy__refuse(reader, key, allowed);
	if (micro < least || micro > 1000000)
		return veil_policy__refuse(reader, key, allowed);
	*out = micro;
	return TRUE;
}

/* "-1" for none, as everywhere. */
gboolean
veil_policy__bound_share(const VeilPolicyReader *reader, const char *key, gboolean up, gint64 *out)
{
	g_autofree char *value = veil_policy__dup(reader, key);

	*out = -1;
	return g_strcmp0(value, "-1") == 0 || veil_policy__share(reader, key, up, 0, "a number from 0 to 1, a fraction such as 2/3, or -1 for none", out);
}

gboolean
veil_policy__text(const VeilPolicyReader *reader, const char *key, glong most, char **out)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *value = NULL;

	if (!g_key_file_has_key(reader->file, reader->group, key, NULL)) {
		*out = g_strdup("");
		return TRUE;
	}
	value = g_key_file_get_string(reader->file, reader->group, key, &cause);
	/* A bad escape sets the error and still gives a text. */
	if (value == NULL || cause != NULL)
		return veil_policy__refuse(reader, key, "text in UTF-8; a backslash is written \\\\");
	g_strstrip(value);
	for (const char *p = value; *p != '\0'; p++)
		if ((guchar)*p < 0x20 || *p == 0x7f)
			return veil_policy__refuse(reader, key, "one line of text without control characters");
	if (g_utf8_strlen(value, -1) > most) {
		g_autofree char *allowed = g_strdup_printf("at most %ld characters", most);

		return veil_policy__refuse(reader, key, allowed);
	}
	*out = g_steal_pointer(&value);
	return TRUE;
}
