/* source.c - the bytes of a list: a file or standard input, gunzipped, readable twice.
 *
 * Twice, because which encoding a list has can only be said after its last byte, and holding a whole list in memory for that
 * would cost more than reading it again. What cannot be read again (a pipe) is kept as it came, still compressed, up to a limit;
 * nothing is ever spooled to disk, since lists hold names.
 *
 * Gunzipping is driven by hand rather than through GConverterInputStream, which stops silently at the end of the first member: a
 * file made of two (cat a.gz b.gz, or an interrupted upload glued together) would lose its second half without a word.
 */
#include <string.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>

#include "source.h"

enum { CHUNK = 64 << 10 };

#define SPOOL_LIMIT ((gsize)256 << 20)

struct VeilSource {
	char *name;
	GInputStream *stream;
	GByteArray *spool; /* NULL when the stream can seek */
	gsize spool_at;
	guint8 raw[CHUNK];
	gsize raw_start, raw_end;
	gboolean raw_eof;
	GConverter *inflate; /* NULL: not compressed */
	gboolean between_members;
};

static void
set_read_error(const VeilSource *source, const GError *cause, GError **error)
{
	if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: is a folder, not a list; name the file in it", source->name);
	else if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: no such file", source->name);
	else if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: no permission to read it", source->name);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot be read: %s", source->name, cause->message);
}

static gssize
read_stream(VeilSource *source, guint8 *out, gsize n, GError **error)
{
	g_autoptr(GError) cause = NULL;
	gssize got = g_input_stream_read(source->stream, out, n, NULL, &cause);

	if (got < 0)
		set_read_error(source, cause, error);
	return got;
}

static gssize
read_raw(VeilSource *source, guint8 *out, gsize n, GError **error)
{
	gssize got;

	if (source->spool == NULL)
		return read_stream(source, out, n, error);
	if (source->spool_at < source->spool->len) {
		gsize left = source->spool->len - source->spool_at;

		n = MIN(n, left);
		memcpy(out, source->spool->data + source->spool_at, n);
		source->spool_at += n;
		return (gssize)n;
	}
	got = read_stream(source, out, n, error);
	if (got <= 0)
		return got;
	if (source->spool->len + (gsize)got > SPOOL_LIMIT) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: more than 256 MB through a pipe; save it as a file and name that",
			    source->name);
		return -1;
	}
	g_byte_array_append(source->spool, out, (guint)got);
	source->spool_at += (gsize)got;
	return got;
}

/* Reads until at least n bytes lie in raw, or the end. */
static gboolean
want_raw(VeilSource *source, gsize n, GError **error)
{
	while (source->raw_end - source->raw_start < n && !source->raw_eof) {
		gssize got;

		memmove(source->raw, source->raw + source->raw_start, source->raw_end - source->raw_start);
		source->raw_end -= source->raw_start;
		source->raw_start = 0;
		got = read_raw(source, source->raw + source->raw_end, sizeof source->raw - source->raw_end, error);
		if (got < 0)
			return FALSE;
		source->raw_end += (gsize)got;
		source->raw_eof = got == 0;
	}
	return TRUE;
}

static gboolean
at_gzip_magic(const VeilSource *source)
{
	const guint8 *p = source->raw + source->raw_start;

	return source->raw_end - source->raw_start >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

/* Behind a member: the end, zero padding (tapes, some tools), or the next member. -1 error, 0 end, 1 next member. */
static int
next_member(VeilSource *source, GError **error)
{
	for (;;) {
		if (!want_raw(source, 2, error))
			return -1;
		if (source->raw_start == source->raw_end)
			return 0;
		if (source->raw[source->raw_start] != 0)
			break;
		source->raw_start++;
	}
	if (!at_gzip_magic(source)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: other data follows the end of the gzip data; get the file anew",
			    source->name);
		return -1;
	}
	g_converter_reset(source->inflate);
	source->between_members = FALSE;
	return 1;
}

static gssize
inflate_error(VeilSource *source, const GError *cause, GError **error)
{
	gboolean truncated = g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);

	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: the gzip data is %s; get the file anew", source->name,
		    truncated ? "cut short" : "damaged");
	return -1;
}

static gssize
read_inflated(VeilSource *source, guint8 *out, gsize n, GError **error)
{
	for (;;) {
		g_autoptr(GError) cause = NULL;
		gsize used = 0, made = 0;
		GConverterResult result;

		if (source->between_members) {
			int more = next_member(source, error);

			if (more <= 0)
				return more;
		}
		if (!want_raw(source, 1, error))
			return -1;
		result = g_converter_convert(source->inflate, source->raw + source->raw_start, source->raw_end - source->raw_start, out,
					     n, source->raw_eof ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &used, &made, &cause);
		if (result == G_CONVERTER_ERROR) {
			gsize left = source->raw_end - source->raw_start;

			/* "Need more input" is an error only when there is no more. */
			if (!g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) || source->raw_eof || left == sizeof source->raw)
				return inflate_error(source, cause, error);
			if (!want_raw(source, left + 1, error))
				return -1;
			continue;
		}
		source->raw_start += used;
		source->between_members = result == G_CONVERTER_FINISHED;
		if (made > 0)
			return (gssize)made;
	}
}

gssize
veil_source_read(VeilSource *source, guint8 *out, gsize n, GError **error)
{
	gsize left = source->raw_end - source->raw_start;

	if (source->inflate != NULL)
		return read_inflated(source, out, n, error);
	if (left > 0) {
		n = MIN(n, left);
		memcpy(out, source->raw + source->raw_start, n);
		source->raw_start += n;
		return (gssize)n;
	}
	return source->raw_eof ? 0 : read_raw(source, out, n, error);
}

gboolean
veil_source_rewind(VeilSource *source, GError **error)
{
	g_autoptr(GError) cause = NULL;

	source->raw_start = source->raw_end = 0;
	source->raw_eof = source->between_members = FALSE;
	source->spool_at = 0;
	if (source->inflate != NULL)
		g_converter_reset(source->inflate);
	if (source->spool == NULL && !g_seekable_seek(G_SEEKABLE(source->stream), 0, G_SEEK_SET, NULL, &cause)) {
		set_read_error(source, cause, error);
		return FALSE;
	}
	return TRUE;
}

const char *
veil_source_name(const VeilSource *source)
{
	return source->name;
}

VeilSource *
veil_source_open(const char *path, GError **error)
{
	g_autoptr(VeilSource) source = g_new0(VeilSource, 1);
	g_autoptr(GError) cause = NULL;

	if (strcmp(path, "-") == 0) {
		source->name = g_strdup("standard input");
		source->stream = g_unix_input_stream_new(0, FALSE);
	} else {
		g_autoptr(GFile) file = g_file_new_for_path(path);
		GFileInputStream *stream = g_file_read(file, NULL, &cause);

		source->name = g_path_get_basename(path);
		if (stream == NULL) {
			set_read_error(source, cause, error);
			return NULL;
		}
		source->stream = G_INPUT_STREAM(stream);
	}
	if (strcmp(path, "-") == 0 || !g_seekable_can_seek(G_SEEKABLE(source->stream)))
		source->spool = g_byte_array_new();
	if (!want_raw(source, 2, error))
		return NULL;
	if (at_gzip_magic(source))
		source->inflate = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
	return g_steal_pointer(&source);
}

void
veil_source_free(VeilSource *source)
{
	if (source == NULL)
		return;
	g_clear_object(&source->stream);
	g_clear_object(&source->inflate);
	if (source->spool != NULL)
		g_byte_array_unref(source->spool);
	g_free(source->name);
	g_free(source);
}
