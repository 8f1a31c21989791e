/* sniff.c - which encoding a list is in.
 *
 * Nothing in a text file says it, and a wrong guess is stored for ever as mojibake, so the rule is: whole file or nothing.
 * UTF-8 is recognised by its form (other texts hardly ever have it by accident over many characters). GB18030 is the form of nearly
 * anything, which is why two traps are looked for before it is believed: a file that is UTF-8 in some lines and not in others (lists
 * pasted together), and Western single-byte text, whose accented letters stand before ASCII letters and so pass for rare hanzi.
 */
#include <string.h>

#include "sniff.h"

enum { CLEARLY = 3 }; /* wide UTF-8 characters in one line: GB18030 text has the form that often by no accident */

typedef struct {
	const char *name;
	guint64 not_utf8_at, not_utf8_line; /* first byte that is not; line 0: none */
	guint64 not_gb_at, not_gb_line;
	guint64 clear_utf8_lines;
	guint64 pairs, pairs_with_ascii; /* two-byte GB characters, and those whose second byte is an ASCII letter or sign */
	gboolean has_text;
} Finding;

gsize
veil_utf8_valid_bytes(const guint8 *text, gsize length, guint64 *out_wide)
{
	const guint8 *p = text, *end = text + length;
	guint64 eight, wide = 0;

	while (p < end) {
		guint32 c = *p;
		gsize n = c < 0x80 ? 1 : c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;

		if (n == 1) {
			p++;
			while (end - p >= 8 && (memcpy(&eight, p, 8), (eight & G_GUINT64_CONSTANT(0x8080808080808080)) == 0))
				p += 8;
			continue;
		}
		if (n == 0 || (gsize)(end - p) < n)
			break;
		/* No overlong forms, no surrogates, nothing past U+10FFFF: all decided by the second byte. */
		if (p[1] < (c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80) || p[1] > (c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf))
			break;
		if ((n > 2 && (p[2] & 0xc0) != 0x80) || (n > 3 && (p[3] & 0xc0) != 0x80))
			break;
		wide += n > 2;
		p += n;
	}
	if (out_wide != NULL)
		*out_wide += wide;
	return (gsize)(p - text);
}

/* Where text stops having the form of GB18030, or length. */
static gsize
gb_valid_bytes(const guint8 *text, gsize length, Finding *found)
{
	const guint8 *p = text, *end = text + length;

	while (p < end) {
		if (*p < 0x80) {
			p++;
			continue;
		}
		if (*p == 0x80 || *p == 0xff || end - p < 2)
			break;
		if (p[1] >= 0x30 && p[1] <= 0x39) {
			if (end - p < 4 || p[2] < 0x81 || p[2] == 0xff || p[3] < 0x30 || p[3] > 0x39)
				break;
			p += 4;
			continue;
		}
		if (p[1] < 0x40 || p[1] == 0x7f || p[1] == 0xff)
			break;
		found->pairs++;
		found->pairs_with_ascii += p[1] < 0x80;
		p += 2;
	}
	return (gsize)(p - text);
}

static gboolean
starts_with(const VeilLine *line, const char *bytes, gsize n)
{
	return line->length >= n && memcmp(line->text, bytes, n) == 0;
}

/* What is sent instead of a list, told by its first bytes. */
static gboolean
refuse_other_files(const VeilLine *line, const char *name, GError **error)
{
	const char *what = NULL;

	if (starts_with(line, "\xff\xfe", 2) || starts_with(line, "\xfe\xff", 2) ||
	    (line->length >= 4 && line->text[0] != 0 && line->text[1] == 0 && line->text[2] != 0 && line->text[3] == 0) ||
	    (line->length >= 4 && line->text[0] == 0 && line->text[1] != 0 && line->text[2] == 0 && line->text[3] != 0))
		what = "is UTF-16 text; save it as \"CSV UTF-8\"";
	else if (starts_with(line, "PK\x03\x04", 4) || starts_with(line, "\xd0\xcf\x11\xe0", 4))
		what = "is a spreadsheet or zip file; open it and save the sheet as \"CSV UTF-8\"";
	else if (starts_with(line, "BZh", 3) || starts_with(line, "\xfd" "7zXZ", 5) || starts_with(line, "\x28\xb5\x2f\xfd", 4))
		what = "is compressed in a way other than gzip; unpack it first";
	else if (starts_with(line, "SQLite format 3", 15) || starts_with(line, "%PDF", 4))
		what = "is not a list of rows; export it as CSV";
	if (what == NULL)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: %s", name, what);
	return FALSE;
}

static void
look_at(Finding *found, const VeilLine *line)
{
	guint64 wide = 0;
	gsize good = veil_utf8_valid_bytes(line->text, line->length, &wide);
	gboolean is_utf8 = good == line->length;

	found->has_text |= line->length > 0;
	if (!is_utf8 && found->not_utf8_line == 0) {
		found->not_utf8_line = line->number;
		found->not_utf8_at = line->offset + good;
	}
	if (is_utf8 && wide >= CLEARLY)
		found->clear_utf8_lines++;
	if (found->not_gb_line == 0) {
		good = gb_valid_bytes(line->text, line->length, found);
		if (good < line->length) {
			found->not_gb_line = line->number;
			found->not_gb_at = line->offset + good;
		}
	}
}

static gboolean
decide(const Finding *found, VeilEncoding *out_encoding, GError **error)
{
	if (found->not_utf8_line == 0) {
		*out_encoding = VEIL_ENCODING_UTF8;
		return TRUE;
	}
	if (found->clear_utf8_lines > 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "%s: line %" G_GUINT64_FORMAT ": byte %" G_GUINT64_FORMAT " is not UTF-8 while other lines are: two encodings in "
			    "one file; save it whole as UTF-8, or name one with --encoding and rows in the other are rejected",
			    found->name, found->not_utf8_line, found->not_utf8_at);
	else if (found->not_gb_line != 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "%s: neither UTF-8 (line %" G_GUINT64_FORMAT ", byte %" G_GUINT64_FORMAT ") nor GB18030 (line %" G_GUINT64_FORMAT
			    ", byte %" G_GUINT64_FORMAT "); save it as UTF-8",
			    found->name, found->not_utf8_line, found->not_utf8_at, found->not_gb_line, found->not_gb_at);
	else if (found->pairs_with_ascii > found->pairs / 2)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "%s: line %" G_GUINT64_FORMAT ": byte %" G_GUINT64_FORMAT " is not UTF-8 and looks like a Western single-byte "
			    "encoding; save it as UTF-8 (or pass --encoding gb18030 if it is)",
			    found->name, found->not_utf8_line, found->not_utf8_at);
	else {
		*out_encoding = VEIL_ENCODING_GB18030;
		return TRUE;
	}
	return FALSE;
}

gboolean
veil_sniff(VeilLines *lines, const char *name, VeilEncoding told, VeilEncoding *out_encoding, GError **error)
{
	Finding found = {.name = name};
	gboolean only_cr = FALSE;
	VeilLine line;
	int more;

	while (veil_lines_mark(lines), (more = veil_lines_next(lines, &line, error)) > 0) {
		if (line.number == 1 && !refuse_other_files(&line, name, error))
			return FALSE;
		if (line.number == 1)
			only_cr = !line.ended && memchr(line.text, '\r', line.length) != NULL;
		look_at(&found, &line);
	}
	if (more < 0)
		return FALSE;
	if (!found.has_text) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: is empty; a list starts with a line of column names", name);
		return FALSE;
	}
	if (only_cr) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: lines end in CR alone (old Macintosh); save it with LF or CRLF", name);
		return FALSE;
	}
	if (told == VEIL_ENCODING_AUTO)
		return decide(&found, out_encoding, error);
	if (told == VEIL_ENCODING_GB18030 && found.not_utf8_line == 0 && found.clear_utf8_lines > 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "%s: is UTF-8 from end to end, read as GB18030 it would be garbled; leave --encoding out", name);
		return FALSE;
	}
	*out_encoding = told;
	return TRUE;
}
