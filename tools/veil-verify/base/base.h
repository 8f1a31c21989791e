/* base.h - what every part uses: verdict, hashes, rows of files. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

/* --- verdict.c ---------------------------------------------------------------------------------------------------- */

enum { EXIT_VERIFIED = 0, EXIT_UNREADABLE = 1, EXIT_USAGE = 2, EXIT_REJECTED = 5 };

/* A step held. */
void verdict_ok(const char *step, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Something that these files do not prove, or that nothing could. */
void verdict_open(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Something the reader should know that is no failure. */
void verdict_note(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* The batch that is spoken of from now on; NULL: none. */
void verdict_about(const char *batch);
void verdict_limits(void); /* verdict_open: what no file can show */
void verdict_number(const char *name, gint64 value);
/* Both return FALSE. The first reason stands. */
gboolean verdict_reject(const char *format, ...) G_GNUC_PRINTF(1, 2);
gboolean verdict_unreadable(const char *format, ...) G_GNUC_PRINTF(1, 2);
const char *verdict_reason(void); /* NULL so far so good */
void verdict_forget(void);	  /* all of it: for who asks more than once */
typedef enum { PRINT_LINES, PRINT_SENTENCES, PRINT_JSON } PrintAs;
/* Prints and returns the exit status. */
int verdict_print(const char *command, PrintAs how);
/* The whole file, or exit 1. */
gboolean read_whole_file(const char *path, char **out_bytes, gsize *out_len);

/* --- hash.c ------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 size;
	guint8 node[64][32]; /* node[k]: root of the full subtree of 2^k leaves, there when bit k of size is set */
} Tree;

/* Numbers from a seed (docs/design/draw.md 1). */
typedef struct {
	struct evp_cipher_ctx_st *cipher;
	guint8 block[4096];
	guint used;
} Stream;

void stream_init(Stream *stream, const guint8 seed[32], const char *label);
void stream_clear(Stream *stream);
guint64 stream_below(Stream *stream, guint64 bound); /* 0 .. bound - 1, without bias */
void hmac_sha256(const void *key, gsize key_len, const void *bytes, gsize len, guint8 out[32]);
void put_lp(GByteArray *out, const void *bytes, gsize len);
void hex_bytes(const char *hex, guint8 *out, gsize n); /* of 2n hex digits */
void sha256(const void *bytes, gsize len, guint8 out[32]);
void sha256_hex(const void *bytes, gsize len, char out[65]);
gboolean sha256_file(const char *path, guint64 *out_length, char out[65]); /* no verdict */
void hex_of(const guint8 *bytes, gsize n, char *out); /* lower case, 2n + 1 bytes */
gboolean is_hex(const char *text, gsize n);	      /* exactly n lower case hex digits */
void leaf_hash(const void *leaf, gsize len, guint8 out[32]);
void tree_add(Tree *tree, const void *leaf, gsize len);
void tree_add_hash(Tree *tree, const guint8 leaf[32]); /* the same for who has its hash already */
void tree_root(const Tree *tree, guint8 out[32]);

/* --- csv.c -------------------------------------------------------------------------------------------------------- */

/* field[i] is the cell of columns[i]; columns is NULL-terminated, other columns of the file are passed over; one whose name begins with ? may be
 * missing and is NULL then. */
typedef gboolean (*CsvFunc)(char **field, guint64 row, gpointer data);
gboolean csv_each(const char *path, const char *const *columns, CsvFunc func, gpointer data);
#define MILLION 1000000
#define MAX_SCORE G_GINT64_CONSTANT(1000000000000) /* millionths */
gboolean micro_parse(const char *text, gint64 *out_micro); /* no verdict */
gboolean count_parse(const char *text, gint64 *out_count); /* 0 .. 2^31 - 1, no verdict */

/* --- table.c ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const char *name;
	const char *columns; /* separated by blanks, in the order of the format */
	const char *types;   /* I T B, small letters where NULL is allowed */
	const char *order;   /* primary key */
} TableSpec;

typedef gboolean (*RowFunc)(sqlite3_stmt *row, gpointer data);

/* Read-only; checks application_id, SQLite's own integrity, user_version (1, or 2 where specs_2 is not NULL), and that the file has the tables of its
 * version with these columns and (alone) nothing else. specs end with a name NULL. NULL after a verdict. */
sqlite3 *db_open(const char *path, const char *label, const TableSpec *specs, const TableSpec *specs_2, gboolean alone);
sqlite3 *db_open_bytes(const guint8 *bytes, gsize len, const char *label, const TableSpec *specs); /* a copy of them */
/* Every row (where: nullable, of those alone) in primary-key order: types checked, leaf added to tree (nullable), then func. */
gboolean table_read(sqlite3 *db, const char *label, const TableSpec *spec, const char *where, Tree *tree, RowFunc func, gpointer data);
gint64 db_version(sqlite3 *db);
gint64 table_count(sqlite3 *db, const TableSpec *spec); /* rows */
