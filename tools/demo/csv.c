/* csv.c - a list as somebody's spreadsheet would save it: BOM, CRLF, GB18030 or gzip. */
#include <string.h>
#include <zlib.h>

#include "demo.h"

struct DemoCsv {
	char *path;
	guint flags, column;
	GString *text;
};

void
demo_csv_cell(DemoCsv *csv, const char *text)
{
	if (csv->column++ > 0)
		g_string_append_c(csv->text, ',');
	if (text == NULL)
		return;
	if (strpbrk(text, ",\"\n\r") == NULL) {
		g_string_append(csv->text, text);
		return;
	}
	g_string_append_c(csv->text, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			g_string_append_c(csv->text, '"');
		g_string_append_c(csv->text, *text);
	}
	g_string_append_c(csv->text, '"');
}

void
demo_csv_take(DemoCsv *csv, char *text)
{
	demo_csv_cell(csv, text);
	g_free(text);
}

void
demo_csv_end(DemoCsv *csv)
{
	g_string_append(csv->text, csv->flags & DEMO_CRLF ? "\r\n" : "\n");
	csv->column = 0;
}

DemoCsv *
demo_csv_open(const char *folder, const char *name, guint flags, const char *const *header)
{
	DemoCsv *csv = g_new0(DemoCsv, 1);

	csv->path = g_build_filename(folder, name, NULL);
	csv->flags = flags;
	csv->text = g_string_new(flags & DEMO_BOM ? "\xef\xbb\xbf" : "");
	for (; *header != NULL; header++)
		demo_csv_cell(csv, *header);
	demo_csv_end(csv);
	return csv;
}

static GQuark
quark(void)
{
	return g_quark_from_static_string("veil-demo");
}

/* One gzip member without a time or a system in its head, so that the same list has the same bytes. */
static GString *
compressed(const GString *text, GError **error)
{
	z_stream stream = {0};
	gz_header head = {.os = 255};
	GString *out;

	if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK || deflateSetHeader(&stream, &head) != Z_OK) {
		g_set_error_literal(error, quark(), 1, "zlib does not start");
		return NULL;
	}
	out = g_string_sized_new(deflateBound(&stream, text->len) + 64);
	stream.next_in = (guchar *)text->str;
	stream.avail_in = (uInt)text->len;
	stream.next_out = (guchar *)out->str;
	stream.avail_out = (uInt)out->allocated_len;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
		deflateEnd(&stream);
		g_string_free(out, TRUE);
		g_set_error_literal(error, quark(), 1, "zlib cannot compress a list");
		return NULL;
	}
	out->len = stream.total_out;
	deflateEnd(&stream);
	return out;
}

/* CONSISTENT: without it GLib 2.74 leaves the tail of a longer file that was there before. */
static gboolean
write_bytes(const char *path, const char *bytes, gsize n, GError **error)
{
	return g_file_set_contents_full(path, bytes, (gssize)n, G_FILE_SET_CONTENTS_CONSISTENT, 0666, error);
}

gboolean
demo_csv_close(DemoCsv *csv, GError **error)
{
	gboolean written = FALSE;

	if (csv->flags & DEMO_GB18030) {
		gsize n = 0;
		g_autofree char *bytes = g_convert(csv->text->str, (gssize)csv->text->len, "GB18030", "UTF-8", NULL, &n, error);

		written = bytes != NULL && write_bytes(csv->path, bytes, n, error);
	} else if (csv->flags & DEMO_GZIP) {
		GString *bytes = compressed(csv->text, error);

		written = bytes != NULL && write_bytes(csv->path, bytes->str, bytes->len, error);
		if (bytes != NULL)
			g_string_free(bytes, TRUE);
	} else {
		written = write_bytes(csv->path, csv->text->str, csv->text->len, error);
	}
	g_string_free(csv->text, TRUE);
	g_free(csv->path);
	g_free(csv);
	return written;
}

gboolean
demo_write_text(const char *folder, const char *name, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return write_bytes(path, text, strlen(text), error);
}
