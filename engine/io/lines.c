/* lines.c - physical lines of a source, with their numbers and byte offsets.
 *
 * One sliding buffer: what lies before the mark is forgotten, what lies behind it can be read again. The mark is what makes it
 * possible to take back an opening quote that swallowed half a list. LF ends a line in UTF-8 and in GB18030 alike (no multi-byte
 * character of either holds a byte below 0x30), so lines are cut before anything is decoded and every offset is a file offset.
 */
#include <string.h>

#include <veil/io.h>

#include "lines.h"

enum { READ_BYTES = 64 << 10 };

struct VeilLines {
	VeilSource *source;
	guint8 *buffer;
	gsize size;	    /* of buffer, one spare byte included */
	gsize mark, start, end; /* mark <= start <= end: indexes into buffer */
	guint64 mark_offset; /* file offset of buffer[mark] */
	guint64 number;	    /* of the line that starts at `start` */
	gboolean eof;
	GChecksum *sum;
};

VeilLines *
veil_lines_new(VeilSource *source, gboolean digest)
{
	VeilLines *lines = g_new0(VeilLines, 1);

	lines->source = source;
	lines->size = (gsize)2 * READ_BYTES;
	lines->buffer = g_malloc(lines->size);
	lines->number = 1;
	lines->sum = digest ? g_checksum_new(G_CHECKSUM_SHA256) : NULL;
	return lines;
}

void
veil_lines_free(VeilLines *lines)
{
	if (lines == NULL)
		return;
	g_clear_pointer(&lines->sum, g_checksum_free);
	g_free(lines->buffer);
	g_free(lines);
}

static void
make_room(VeilLines *lines)
{
	if (lines->size - lines->end > READ_BYTES)
		return;
	if (lines->mark > 0) {
		memmove(lines->buffer, lines->buffer + lines->mark, lines->end - lines->mark);
		lines->start -= lines->mark;
		lines->end -= lines->mark;
		lines->mark = 0;
	}
	if (lines->size - lines->end <= READ_BYTES) {
		lines->size *= 2;
		lines->buffer = g_realloc(lines->buffer, lines->size);
	}
}

static gboolean
fill(VeilLines *lines, GError **error)
{
	gssize got;

	make_room(lines);
	got = veil_source_read(lines->source, lines->buffer + lines->end, READ_BYTES, error);
	if (got < 0)
		return FALSE;
	if (lines->sum != NULL)
		g_checksum_update(lines->sum, lines->buffer + lines->end, got);
	lines->end += (gsize)got;
	lines->eof = got == 0;
	return TRUE;
}

int
veil_lines_next(VeilLines *lines, VeilLine *out_line, GError **error)
{
	gsize seen = 0, length;
	guint8 *lf = NULL, *text;

	for (;;) {
		gsize have = lines->end - lines->start;

		if (have > seen)
			lf = memchr(lines->buffer + lines->start + seen, '\n', have - seen);
		seen = have;
		length = lf != NULL ? (gsize)(lf - (lines->buffer + lines->start)) : have;
		if (length > VEIL_MAX_FIELD_BYTES) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
				    "%s: line %" G_GUINT64_FORMAT " is longer than %u MB; this is no list, or its line ends are lost",
				    veil_source_name(lines->source), lines->number, VEIL_MAX_FIELD_BYTES >> 20);
			return -1;
		}
		if (lf != NULL || lines->eof)
			break;
		if (!fill(lines, error))
			return -1;
	}
	if (lf == NULL && length == 0)
		return 0;
	text = lines->buffer + lines->start;
	*out_line = (VeilLine){.text = text,
			       .length = length,
			       .number = lines->number,
			       .offset = lines->mark_offset + (lines->start - lines->mark),
			       .ended = lf != NULL};
	lines->start += length + (lf != NULL);
	lines->number++;
	if (length > 0 && text[length - 1] == '\r') {
		out_line->crlf = TRUE;
		out_line->length--;
	}
	return 1;
}

VeilPlace
veil_lines_place(const VeilLines *lines)
{
	return (VeilPlace){lines->mark_offset + (lines->start - lines->mark), lines->number};
}

VeilPlace
veil_lines_mark(VeilLines *lines)
{
	lines->mark_offset += lines->start - lines->mark;
	lines->mark = lines->start;
	return veil_lines_place(lines);
}

void
veil_lines_seek(VeilLines *lines, VeilPlace place)
{
	g_assert(place.offset >= lines->mark_offset && place.offset - lines->mark_offset <= lines->end - lines->mark);
	lines->start = lines->mark + (gsize)(place.offset - lines->mark_offset);
	lines->number = place.number;
}

const char *
veil_lines_digest(VeilLines *lines)
{
	return g_checksum_get_string(lines->sum);
}
