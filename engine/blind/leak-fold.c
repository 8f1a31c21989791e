/* leak-fold.c - a text in the form in which it is searched, with the place of every character kept.
 *
 * Character by character, so that a finding can be traced back: NFKC and case folding (which drops invisible characters), accents off, everything that is neither letter nor digit a
 * blank, runs of blanks one. White space alone between two ideographs is none: names are spaced out and lines are broken anywhere.
 */
#include "leak-internal.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

typedef enum { GAP_NONE, GAP_WHITE, GAP_MARK } Gap;

typedef struct {
	GArray *out;
	Gap gap;
	guint32 line, column;
	const UNormalizer2 *fold, *apart;
} Fold;

static const UNormalizer2 *
instance(gboolean fold)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *n = fold ? unorm2_getNFKCCasefoldInstance(&status) : unorm2_getNFDInstance(&status);

	if (U_FAILURE(status))
		g_error("the data of ICU cannot be read: %s", u_errorName(status));
	return n;
}

static void
put(Fold *f, UChar32 c, gboolean upper)
{
	gboolean han = c >= 0x2e80 && u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC);

	if (!han && !u_isalnum(c)) {
		if (u_charType(c) != U_NON_SPACING_MARK)
			f->gap = MAX(f->gap, u_isUWhiteSpace(c) ? GAP_WHITE : GAP_MARK);
		return;
	}
	if (f->gap != GAP_NONE && f->out->len > 0) {
		const VeilFolded *last = &g_array_index(f->out, VeilFolded, f->out->len - 1);
		VeilFolded blank = {' ', f->line, f->column, 0, 0};

		if (f->gap == GAP_MARK || !(last->han && han))
			g_array_append_val(f->out, blank);
	}
	f->gap = GAP_NONE;
	VeilFolded folded = {(guint32)c, f->line, f->column, (guint8)han, (guint8)upper};
	g_array_append_val(f->out, folded);
}

/* What one character of the text folds to, accents off. */
static void
put_folded(Fold *f, gunichar typed)
{
	UChar in[2], out[64], parts[32];
	int32_t n_in = 0, n, i = 0;
	UErrorCode status = U_ZERO_ERROR;
	gboolean upper = u_isupper((UChar32)typed);

	U16_APPEND_UNSAFE(in, n_in, (UChar32)typed);
	n = unorm2_normalize(f->fold, in, n_in, out, G_N_ELEMENTS(out), &status);
	if (U_FAILURE(status)) {
		put(f, (UChar32)typed, upper);
		return;
	}
	while (i < n) {
		UChar32 c;
		int32_t n_parts, k = 0;

		U16_NEXT(out, i, n, c);
		status = U_ZERO_ERROR;
		n_parts = unorm2_getDecomposition(f->apart, c, parts, G_N_ELEMENTS(parts), &status);
		if (n_parts <= 0 || U_FAILURE(status)) {
			put(f, c, upper);
			continue;
		}
		while (k < n_parts) {
			U16_NEXT(parts, k, n_parts, c);
			put(f, c, upper);
		}
	}
}

static void
step(guint32 *line, guint32 *column, gunichar c)
{
	if (c == '\n') {
		++*line;
		*column = 1;
	} else {
		++*column;
	}
}

GArray *
veil_leak__fold(const char *text)
{
	Fold f = {g_array_sized_new(FALSE, FALSE, sizeof(VeilFolded), (guint)MIN(strlen(text), 1u << 20)), GAP_NONE, 1, 1, instance(TRUE), instance(FALSE)};

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c < 0x80)
			put(&f, (UChar32)g_ascii_tolower((char)c), g_ascii_isupper((char)c));
		else
			put_folded(&f, c);
		step(&f.line, &f.column, c);
	}
	return f.out;
}

char *
veil_leak__plain(const char *text, GArray **out_places)
{
	GString *plain = g_string_new(NULL);
	GArray *places = g_array_new(FALSE, FALSE, sizeof(VeilFolded));
	guint32 line = 1, column = 1;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		VeilFolded place = {(guint32)plain->len, line, column, 0, 0};

		g_array_append_val(places, place);
		if (c < 0x80) {
			g_string_append_c(plain, c == '\n' || c == '\r' || c == '\t' ? ' ' : (char)c);
		} else if (!u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
			gunichar parts[64];
			gsize n = g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));

			for (gsize i = 0; i < n; i++)
				g_string_append_unichar(plain, u_isUWhiteSpace((UChar32)parts[i]) ? ' ' : parts[i]);
		}
		step(&line, &column, c);
	}
	*out_places = places;
	return g_string_free(plain, FALSE);
}
