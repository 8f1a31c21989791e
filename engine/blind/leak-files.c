/* leak-files.c - what an attached file is, by its content. Only what is read by eye as it stands is taken: everything else can carry an author, a path or a place that nobody sees. */
#include <veil/leak.h>

#include <string.h>

typedef struct {
	const char *magic;
	guint n;
	const char *what;
} Kind;

#define AS_TEXT "; export its text as UTF-8 and attach that"

static const Kind kinds[] = {
	{"PK\003\004", 4, "is a DOCX, an ODT or another packed file" AS_TEXT},
	{"PK\005\006", 4, "is a packed file" AS_TEXT},
	{"%PDF", 4, "is a PDF" AS_TEXT},
	{"\xD0\xCF\x11\xE0", 4, "is an old Word or Excel file" AS_TEXT},
	{"{\\rtf", 5, "is an RTF file" AS_TEXT},
	{"\xFF\xD8\xFF", 3, "is a JPEG image; describe it in words"},
	{"\x89PNG", 4, "is a PNG image; describe it in words"},
	{"GIF8", 4, "is a GIF image; describe it in words"},
	{"II*\0", 4, "is a TIFF image; describe it in words"},
	{"MM\0*", 4, "is a TIFF image; describe it in words"},
	{"RIFF", 4, "is a sound, a film or an image; describe it in words"},
	{"\x1F\x8B", 2, "is compressed; attach the text itself"},
	{"7z\xBC\xAF", 4, "is packed; attach the text itself"},
	{"Rar!", 4, "is packed; attach the text itself"},
	{"%!PS", 4, "is PostScript" AS_TEXT},
	{"\xFF\xFE", 2, "is UTF-16; save it as UTF-8"},
	{"\xFE\xFF", 2, "is UTF-16; save it as UTF-8"},
};

/* Some readers look for a PDF's mark further on, so that a text in front of it hides nothing from them. */
static gboolean
holds(const guint8 *bytes, gsize len, const char *mark)
{
	return g_strstr_len((const char *)bytes, (gssize)MIN(len, 4096), mark) != NULL;
}

static gboolean
is_markup(const guint8 *bytes, gsize len)
{
	g_autofree char *head = g_ascii_strdown((const char *)bytes, (gssize)MIN(len, 1024));

	return strstr(head, "<!doctype") != NULL || strstr(head, "<html") != NULL || strstr(head, "<?xml") != NULL || strstr(head, "<svg") != NULL;
}

const char *
veil_text_refusal(const guint8 *bytes, gsize len)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (len >= kinds[i].n && memcmp(bytes, kinds[i].magic, kinds[i].n) == 0)
			return kinds[i].what;
	if (len == 0)
		return "is empty";
	if (!g_utf8_validate_len((const char *)bytes, len, NULL))
		return "is no text in UTF-8; save it as UTF-8";
	if (holds(bytes, len, "%PDF-"))
		return "is a PDF behind a text" AS_TEXT;
	if (is_markup(bytes, len))
		return "is HTML or XML" AS_TEXT;
	for (gsize i = 0; i < len; i++)
		if ((bytes[i] < 0x20 && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t') || bytes[i] == 0x7f)
			return "holds control characters, as no text does; save it as plain text";
	if (holds(bytes, len, "data:image") || holds(bytes, len, ";base64,"))
		return "holds an embedded image; leave it out";
	return NULL;
}
