/* text.c - normal forms: what is stored, and what is compared.
 *
 * Lists spell one thing in many ways: full-width letters, blanks inside a Chinese name, four kinds of middle dot, brackets of
 * two widths. Each fold maps the spellings that certainly mean the same to one string and stops there: the bracket in
 * 中国地质大学（武汉） is a different university, and an abbreviation is for a table of aliases, not for a rule.
 * Everything rests on Unicode's NFKC case folding (which also drops invisible characters), so that no locale can change a key.
 */
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "text-internal.h"

void
veil_u16_reserve(VeilU16 *buffer, int32_t size)
{
	if (size <= buffer->size)
		return;
	buffer->size = MAX(size, buffer->size < VEIL_TEXT_MAX ? buffer->size * 2 : size);
	buffer->s = g_renew(UChar, buffer->s, (gsize)buffer->size);
}

void
veil_u16_append(VeilU16 *buffer, UChar32 c)
{
	veil_u16_reserve(buffer, buffer->n + 2);
	U16_APPEND_UNSAFE(buffer->s, buffer->n, c);
}

void
veil_u16_clear(VeilU16 *buffer)
{
	g_clear_pointer(&buffer->s, g_free);
	buffer->n = buffer->size = 0;
}

void
veil_u16_set_utf8(VeilU16 *buffer, const char *text, gsize len)
{
	UErrorCode status = U_ZERO_ERROR;

	g_assert(len < VEIL_TEXT_MAX);
	veil_u16_reserve(buffer, (int32_t)len + 1);
	u_strFromUTF8WithSub(buffer->s, buffer->size, &buffer->n, text, (int32_t)len, 0xFFFD, NULL, &status);
	g_assert(U_SUCCESS(status));
}

char *
veil_u16_dup_utf8(const VeilU16 *buffer)
{
	UErrorCode status = U_ZERO_ERROR;
	gsize size = (gsize)buffer->n * 3 + 1;
	char *text = g_malloc(size);
	int32_t n = 0;

	g_assert(size < G_MAXINT32);
	u_strToUTF8WithSub(text, (int32_t)size, &n, buffer->s, buffer->n, 0xFFFD, NULL, &status);
	g_assert(U_SUCCESS(status));
	text[n] = '\0';
	return text;
}

/* The instances are ICU's own constants: shared, immutable, never freed. */
static const UNormalizer2 *
normaliser(VeilForm form)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *n = form == VEIL_FORM_NFC ? unorm2_getNFCInstance(&status)
				: form == VEIL_FORM_NFD ? unorm2_getNFDInstance(&status)
							: unorm2_getNFKCCasefoldInstance(&status);

	if (U_FAILURE(status))
		g_error("the data of ICU cannot be read: %s", u_errorName(status));
	return n;
}

void
veil_u16_normalise(const VeilU16 *in, VeilForm form, VeilU16 *out)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *n = normaliser(form);

	veil_u16_reserve(out, in->n + in->n / 8 + 16);
	out->n = unorm2_normalize(n, in->s, in->n, out->s, out->size, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		status = U_ZERO_ERROR;
		veil_u16_reserve(out, out->n + 1);
		out->n = unorm2_normalize(n, in->s, in->n, out->s, out->size, &status);
	}
	g_assert(U_SUCCESS(status));
}

void
veil_u16_strip_accents(VeilU16 *buffer, VeilU16 *scratch)
{
	int32_t kept = 0;

	veil_u16_normalise(buffer, VEIL_FORM_NFD, scratch);
	for (int32_t i = 0; i < scratch->n; i++)
		if (scratch->s[i] < 0x300 || scratch->s[i] > 0x36F)
			scratch->s[kept++] = scratch->s[i];
	scratch->n = kept;
	veil_u16_normalise(scratch, VEIL_FORM_NFC, buffer);
}

gboolean
veil_char_is_cjk(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;

	if (c < 0x1100)
		return FALSE;
	switch (uscript_getScript(c, &status)) {
	case USCRIPT_HAN:
	case USCRIPT_HIRAGANA:
	case USCRIPT_KATAKANA:
	case USCRIPT_HANGUL:
	case USCRIPT_BOPOMOFO:
		return TRUE;
	default:
		return FALSE;
	}
}

static gboolean
is_plain_ascii(const char *text)
{
	for (const guchar *p = (const guchar *)text; *p; p++)
		if (*p >= 0x7F || (*p < 0x20 && *p != '\t' && *p != '\n'))
			return FALSE;
	return TRUE;
}

static char *
trim_ascii(const char *text)
{
	gsize n;

	text += strspn(text, " \t\n");
	n = strlen(text);
	while (n > 0 && strchr(" \t\n", text[n - 1]))
		n--;
	return g_strndup(text, n);
}

char *
veil_text_nfc(const char *text)
{
	VeilU16 raw = {0}, kept = {0};
	int32_t last = 0;
	char *result;

	if (is_plain_ascii(text))
		return trim_ascii(text);
	veil_u16_set_utf8(&raw, text, strlen(text));
	for (int32_t i = 0; i < raw.n;) {
		UChar32 c;

		U16_NEXT(raw.s, i, raw.n, c);
		if (u_charType(c) == U_CONTROL_CHAR && c != '\t' && c != '\n')
			continue;
		if (u_isUWhiteSpace(c) && kept.n == 0)
			continue;
		veil_u16_append(&kept, c);
		if (!u_isUWhiteSpace(c))
			last = kept.n;
	}
	kept.n = last;
	veil_u16_normalise(&kept, VEIL_FORM_NFC, &raw);
	result = veil_u16_dup_utf8(&raw);
	veil_u16_clear(&raw);
	veil_u16_clear(&kept);
	return result;
}

/* One character of a fold: what it becomes, 0 when it goes, ' ' for any white space. */
typedef UChar32 (*MapFunc)(UChar32 c);
/* Whether a blank between these two says something. */
typedef gboolean (*BlankFunc)(UChar32 before, UChar32 after);

/* NFKC case folding, every character mapped, blanks squeezed; accents go where e and é are one spelling. */
static char *
fold(const char *text, gboolean keep_accents, MapFunc map, BlankFunc keeps_blank)
{
	VeilU16 raw = {0}, folded = {0}, out = {0};
	UChar32 before = 0;
	gboolean blank = FALSE;
	char *result;

	veil_u16_set_utf8(&out, text, strlen(text));
	veil_u16_normalise(&out, VEIL_FORM_NFC, &raw); /* so that stored and typed text fold alike */
	veil_u16_normalise(&raw, VEIL_FORM_NFKC_FOLDED, &folded);
	out.n = 0;
	if (!keep_accents)
		veil_u16_strip_accents(&folded, &raw);
	for (int32_t i = 0; i < folded.n;) {
		UChar32 c;

		U16_NEXT(folded.s, i, folded.n, c);
		c = u_isUWhiteSpace(c) || u_charType(c) == U_CONTROL_CHAR ? ' ' : map(c);
		if (c == ' ')
			blank = TRUE;
		if (c == ' ' || c == 0)
			continue;
		if (blank && before != 0 && keeps_blank(before, c))
			veil_u16_append(&out, ' ');
		blank = FALSE;
		veil_u16_append(&out, c);
		before = c;
	}
	veil_u16_normalise(&out, VEIL_FORM_NFC, &raw); /* what was dropped may have kept an accent from its letter */
	result = veil_u16_dup_utf8(&raw);
	veil_u16_clear(&raw);
	veil_u16_clear(&folded);
	veil_u16_clear(&out);
	return result;
}

static gboolean
is_dot(UChar32 c)
{
	switch (c) {
	case '.':    case 0x00B7: case 0x2022: case 0x2027: case 0x2219: case 0x22C5: case 0x30FB: case 0x3002: case 0xFF65:
	case 0x2024: case 0x16EB: case 0x2E33: case 0x0387: case 0x25CF: case 0x25AA:
		return TRUE;
	default:
		return FALSE;
	}
}

#define MIDDLE_DOT 0x00B7

static UChar32
map_name(UChar32 c)
{
	return is_dot(c) ? MIDDLE_DOT : c;
}

static gboolean
name_keeps_blank(UChar32 before, UChar32 after)
{
	return before != MIDDLE_DOT && after != MIDDLE_DOT && !(veil_char_is_cjk(before) && veil_char_is_cjk(after));
}

char *
veil_text_fold_name(const char *text)
{
	return fold(text, FALSE, map_name, name_keeps_blank);
}

static UChar32
map_org(UChar32 c)
{
	if (is_dot(c))
		return 0;
	switch (u_charType(c)) {
	case U_DASH_PUNCTUATION:
		return '-';
	case U_START_PUNCTUATION:
		return c == 0x300A || c == 0x3008 ? 0 : '('; /* 《》 are quotation marks */
	case U_END_PUNCTUATION:
		return c == 0x300B || c == 0x3009 ? 0 : ')';
	case U_INITIAL_PUNCTUATION:
	case U_FINAL_PUNCTUATION:
		return 0;
	default:
		break;
	}
	switch (c) {
	case '"':
	case '\'':
	case '`':
		return 0;
	case 0x3001: /* 、 */
	case ';':
		return ',';
	default:
		return c;
	}
}

static gboolean
org_keeps_blank(UChar32 before, UChar32 after)
{
	return u_isalnum(before) && u_isalnum(after) && !veil_char_is_cjk(before) && !veil_char_is_cjk(after);
}

/* Cells that people fill in because the form demands something. */
static gboolean
is_filler(const char *folded)
{
	static const char *const fillers[] = {"0", "无", "n/a", "na", "none", "null", "nil", "nan", "unknown", "未知", "暂无", "不详", NULL};
	gboolean has_word = FALSE;

	for (const char *p = folded; *p && !has_word; p = g_utf8_next_char(p))
		has_word = u_isalnum((UChar32)g_utf8_get_char(p)) || u_charType((UChar32)g_utf8_get_char(p)) == U_PRIVATE_USE_CHAR;
	return !has_word || g_strv_contains(fillers, folded);
}

char *
veil_text_fold_org(const char *text)
{
	char *folded = fold(text, FALSE, map_org, org_keeps_blank);
	gsize n = strlen(folded);

	while (n > 0 && strchr(",-", folded[n - 1]))
		folded[--n] = '\0';
	if (is_filler(folded))
		folded[0] = '\0';
	return folded;
}

static UChar32
map_id(UChar32 c)
{
	/* Hyphens of typography are hyphens of an id. */
	return u_charType(c) == U_DASH_PUNCTUATION || c == 0x2212 ? '-' : c;
}

static gboolean
id_keeps_blank(UChar32 before, UChar32 after)
{
	(void)before, (void)after;
	return TRUE;
}

/* NFKC without case folding: a source's id may tell A from a. */
static char *
fold_plain_id(const char *text)
{
	g_autofree char *form = g_utf8_validate(text, -1, NULL) ? g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE) : g_strdup(text);

	return veil_text_nfc(form);
}

static void
drop_chars(char *text, const char *drop)
{
	char *out = text;

	for (const char *p = text; *p; p++)
		if (!strchr(drop, *p))
			*out++ = *p;
	*out = '\0';
}

static void
drop_prefix(char *text, const char *prefix)
{
	gsize n = strlen(prefix);

	if (strncmp(text, prefix, n) == 0)
		memmove(text, text + n, strlen(text + n) + 1);
}

char *
veil_text_fold_id(const char *kind, const char *text)
{
	char *id;

	if (g_str_equal(kind, "id"))
		return fold_plain_id(text);
	id = fold(text, TRUE, map_id, id_keeps_blank);
	if (g_str_equal(kind, "phone")) {
		drop_chars(id, " -().");
		drop_prefix(id, "+86");
		if (strlen(id) == 15)
			drop_prefix(id, "0086");
		if (strlen(id) == 13)
			drop_prefix(id, "86");
	} else if (g_str_equal(kind, "orcid")) {
		drop_prefix(id, "https://");
		drop_prefix(id, "http://");
		drop_prefix(id, "www.");
		drop_prefix(id, "orcid.org/");
		drop_prefix(id, "orcid:");
		drop_chars(id, " -");
	} else if (g_str_equal(kind, "id_number")) {
		drop_chars(id, " -");
	} else {
		drop_chars(id, " ");
	}
	return id;
}

gboolean
veil_text_is_ruined_id(const char *text)
{
	g_autofree char *folded = fold(text, TRUE, map_id, id_keeps_blank);
	const char *p = folded;
	gboolean fraction = FALSE, sign;

	if (*p == '-' || *p == '+')
		p++;
	if (!g_ascii_isdigit(*p))
		return FALSE;
	while (g_ascii_isdigit(*p))
		p++;
	if ((*p == '.' || *p == ',') && g_ascii_isdigit(p[1])) {
		fraction = TRUE;
		for (p++; g_ascii_isdigit(*p); p++)
			;
	}
	if (*p++ != 'e')
		return FALSE;
	sign = *p == '+' || *p == '-';
	p += sign;
	/* 12E4 may be somebody's id; a fraction or a signed exponent is a spreadsheet's. */
	if (!g_ascii_isdigit(*p) || !(fraction || sign))
		return FALSE;
	while (g_ascii_isdigit(*p))
		p++;
	return *p == '\0';
}

char **
veil_text_split_list(const char *text)
{
	GPtrArray *pieces = g_ptr_array_new();

	for (;;) {
		const char *ascii = strchr(text, ';'), *wide = strstr(text, "；");
		const char *end = ascii && (!wide || ascii < wide) ? ascii : wide;
		g_autofree char *piece = g_strndup(text, end ? (gsize)(end - text) : strlen(text));
		char *trimmed = veil_text_nfc(piece);

		if (*trimmed)
			g_ptr_array_add(pieces, trimmed);
		else
			g_free(trimmed);
		if (!end)
			break;
		text = end + (end == ascii ? 1 : strlen("；"));
	}
	g_ptr_array_add(pieces, NULL);
	return (char **)g_ptr_array_free(pieces, FALSE);
}
