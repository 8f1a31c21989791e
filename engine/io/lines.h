/* lines.h - physical lines of a source, with their numbers and byte offsets. Inside engine/io only. */
#pragma once

#include "source.h"

/* text is valid, and text[length] may be overwritten, until the next call. */
typedef struct {
	guint8 *text;
	gsize length;	/* without LF or CRLF */
	guint64 number; /* from 1 */
	guint64 offset; /* of its first byte in the (decompressed) list */
	gboolean crlf, ended; /* ended: by a line end, not by the end of the list */
} VeilLine;

/* A place between two lines. */
typedef struct {
	guint64 offset, number;
} VeilPlace;

typedef struct VeilLines VeilLines;

/* digest: whether veil_lines_digest will be asked for. */
VeilLines *veil_lines_new(VeilSource *source, gboolean digest);
void veil_lines_free(VeilLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilLines, veil_lines_free)
/* 1 a line, 0 the end, -1 an error. A line above VEIL_MAX_FIELD_BYTES is an error. */
int veil_lines_next(VeilLines *lines, VeilLine *out_line, GError **error);
/* Where the next line starts; from now on veil_lines_seek can come back here and to any later place. */
VeilPlace veil_lines_mark(VeilLines *lines);
VeilPlace veil_lines_place(const VeilLines *lines);
void veil_lines_seek(VeilLines *lines, VeilPlace place);
/* SHA-256 (hex) of all bytes read so far. */
const char *veil_lines_digest(VeilLines *lines);
