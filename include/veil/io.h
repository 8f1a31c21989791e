/* veil/io.h - lists in and out: CSV, encodings, gzip, kinds of lists and their columns.
 *
 * Reading: UTF-8 with or without BOM, GB18030 (ICU), gzip (GIO), CRLF or LF, quoted newlines, comma or TAB or ';' (sniffed from the header line).
 * Messages name file (its basename), line (1 = header) and column, and what to do; never the content of a cell.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_MAX_FIELD_BYTES (16u << 20) /* a longer field or physical line is an error with its line number */

typedef struct VeilTable VeilTable;

typedef struct {
	guint64 line;	   /* physical line where the row starts */
	guint n_fields;
	const char *const *field; /* UTF-8, NUL-terminated, as typed (not normalised); valid until the next call */
	const gsize *length;
	const char *defect;	/* NULL, or why this row alone must be rejected: "2 cells too many (22 instead of 20)", "NUL byte in column 3", ...
				 * Valid until the next call. With a defect n_fields may be anything from 0 to the number of columns. */
} VeilRow;

typedef enum { VEIL_ENCODING_AUTO, VEIL_ENCODING_UTF8, VEIL_ENCODING_GB18030 } VeilEncoding;

/**
 * veil_table_open: path "-" is standard input (and, like any pipe, at most 256 MB as sent). Reads the list once for its encoding,
 * then the header; rows are read again as they are asked for, so memory does not grow with the list.
 * AUTO takes UTF-8 when the whole file is valid UTF-8, else GB18030 when the whole file has its form, no line is clearly UTF-8 (three or more
 * characters of three bytes), and it does not look like Western single-byte text. Otherwise refused with the byte offset of the first
 * invalid sequence. An encoding that is named is taken at its word: a row that does not decode has a defect and the
 * rest is read (but a file that is UTF-8 throughout is not read as GB18030).
 * Offsets and the digest count bytes of the list itself, after gunzip.
 * Errors: VEIL_ERROR_INPUT (directory, empty file, truncated or damaged gzip, undecodable byte with offset, header with a repeated or empty name,
 * a line above VEIL_MAX_FIELD_BYTES, line ends of CR alone, UTF-16, a spreadsheet file), VEIL_ERROR_FAILED (cannot read).
 */
VeilTable *veil_table_open(const char *path, VeilEncoding encoding, GError **error);
void veil_table_free(VeilTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilTable, veil_table_free)
const char *veil_table_name(const VeilTable *table); /* basename, for messages */
guint veil_table_n_columns(const VeilTable *table);
const char *veil_table_column(const VeilTable *table, guint i); /* header as typed, BOM removed */
/* SHA-256 (hex) of the list's bytes after gunzip, before any decoding (what `zcat FILE | sha256sum` prints); valid after the last row. */
const char *veil_table_digest(VeilTable *table);
VeilEncoding veil_table_encoding(const VeilTable *table);
/* How many rows so far hold a private-use character (rare name characters of old systems: kept as they are, worth a warning), and the first one's line. */
guint64 veil_table_private_use(const VeilTable *table, guint64 *out_first_line);
/**
 * veil_table_next: 1 a row, 0 the end, -1 an error that ends the file. Blank lines are skipped.
 * Defects, each of one row: too few or too many cells, a NUL byte, a quote inside an unquoted cell, text behind a closing quote, a
 * quote that is never closed (reading goes on at the first full record behind it), every cell empty, the header line again, bytes
 * that do not decode.
 */
int veil_table_next(VeilTable *table, VeilRow *out_row, GError **error);

/* --- kinds of lists ---------------------------------------------------------------------------------------------- */

typedef enum { /* CONTRACT "Import kinds and columns" */
	VEIL_KIND_DISCIPLINES, VEIL_KIND_ORGANISATIONS, VEIL_KIND_EXPERTS, VEIL_KIND_POSTS, VEIL_KIND_WORKS,
	VEIL_KIND_RELATIONS, VEIL_KIND_BANS, VEIL_KIND_STAFF, VEIL_KIND_PROJECTS, VEIL_KIND_PEOPLE, VEIL_N_KINDS
} VeilKind;

typedef struct {
	const char *name;    /* "id" */
	gboolean required;
	gboolean identifying; /* never quoted, stored sealed only */
	const char *const *headers; /* accepted spellings besides name, NULL-terminated: "编号", ... matched NFKC, case and space folded */
} VeilColumn;

typedef struct {
	VeilKind kind;
	const char *name; /* "experts" */
	const VeilColumn *columns;
	guint n_columns;
} VeilKindInfo;

const VeilKindInfo *veil_kind_info(VeilKind kind);
const VeilKindInfo *veil_kind_lookup(const char *name); /* NULL if unknown */
int veil_kind_column(const VeilKindInfo *kind, const char *column); /* place in columns, -1 if none */

/* Which field of a row carries which column of the kind: field number or -1. */
typedef struct {
	const VeilKindInfo *kind;
	int *field; /* n_columns */
	GPtrArray *unknown; /* char*: header names nobody knows; for a warning */
} VeilMapping;

/* map: NULL, or a key file with a group [columns] of lines `column=Header in the file`. Missing required columns: VEIL_ERROR_INPUT, all of them
 * named with their accepted spellings. */
VeilMapping *veil_mapping_new(const VeilTable *table, const VeilKindInfo *kind, const char *map_path, GError **error);
void veil_mapping_free(VeilMapping *mapping);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilMapping, veil_mapping_free)
/* The cell of a column as typed, "" when the file has no such column. */
const char *veil_mapping_get(const VeilMapping *mapping, const VeilRow *row, guint column);

/* --- rows out ---------------------------------------------------------------------------------------------------- */

typedef enum { VEIL_CSV_PLAIN, VEIL_CSV_SPREADSHEET /* BOM, CRLF, = + - @ TAB neutralised with ' */ } VeilCsvStyle;

typedef struct VeilWriter VeilWriter;
/* path: as veil_target_find has it (NULL or "-": standard output). A file is written beside and renamed by veil_writer_close, so it is whole or absent. Mode 0600. */
VeilWriter *veil_writer_open(const char *path, VeilCsvStyle style, GError **error);
/* Where the file will stand; NULL: what is written goes to standard output, a pipe or a device. */
const char *veil_writer_path(const VeilWriter *writer);
void veil_writer_field(VeilWriter *writer, const char *text);
void veil_writer_end_row(VeilWriter *writer);
/* Flushes, syncs, renames; an error (disk full) leaves no file. Frees in every case. */
gboolean veil_writer_close(VeilWriter *writer, GError **error);
void veil_writer_abandon(VeilWriter *writer);

G_END_DECLS
