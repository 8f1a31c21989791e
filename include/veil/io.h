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
	const char *defect;	/* NULL, or why this row alone must be rejected: "2 fields too many", "NUL byte in column 3", ... */
} VeilRow;

typedef enum { VEIL_ENCODING_AUTO, VEIL_ENCODING_UTF8, VEIL_ENCODING_GB18030 } VeilEncoding;

/**
 * veil_table_open: path "-" is standard input. AUTO takes UTF-8 when the whole file is valid UTF-8, else GB18030 when the whole
 * file is valid GB18030 and has no valid-UTF-8 multi-byte lead (mixed files are refused with the byte offset of the first invalid sequence).
 * Errors: VEIL_ERROR_INPUT (directory, empty file, truncated or damaged gzip, undecodable byte with offset, header with a repeated or empty name),
 * VEIL_ERROR_FAILED (cannot read).
 */
VeilTable *veil_table_open(const char *path, VeilEncoding encoding, GError **error);
void veil_table_free(VeilTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilTable, veil_table_free)
const char *veil_table_name(const VeilTable *table); /* basename, for messages */
guint veil_table_n_columns(const VeilTable *table);
const char *veil_table_column(const VeilTable *table, guint i); /* header as typed, BOM removed */
/* SHA-256 (hex) of the decoded bytes; valid after the last row. */
const char *veil_table_digest(VeilTable *table);
VeilEncoding veil_table_encoding(const VeilTable *table);
/* 1 a row, 0 the end, -1 an error that ends the file. Blank lines are skipped. */
int veil_table_next(VeilTable *table, VeilRow *out_row, GError **error);

/* --- kinds of lists ---------------------------------------------------------------------------------------------- */

typedef enum { /* CONTRACT "Import kinds and columns" */
	VEIL_KIND_DISCIPLINES, VEIL_KIND_ORGANISATIONS, VEIL_KIND_EXPERTS, VEIL_KIND_POSTS, VEIL_KIND_WORKS,
	VEIL_KIND_RELATIONS, VEIL_KIND_BANS, VEIL_KIND_PROJECTS, VEIL_KIND_PEOPLE, VEIL_N_KINDS
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
/* path NULL or "-": standard output. A file is written beside and renamed by veil_writer_close, so it is whole or absent. Mode 0600. */
VeilWriter *veil_writer_open(const char *path, VeilCsvStyle style, GError **error);
void veil_writer_field(VeilWriter *writer, const char *text);
void veil_writer_end_row(VeilWriter *writer);
/* Flushes, syncs, renames; an error (disk full) leaves no file. Frees in every case. */
gboolean veil_writer_close(VeilWriter *writer, GError **error);
void veil_writer_abandon(VeilWriter *writer);

G_END_DECLS
