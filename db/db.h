/* db/db.h - the one way to SQLite: opening, migrations, statements, errors. Internal to db/: nothing outside may see sqlite3.h.
 *
 * A VeilDb is one connection, used by one thread at a time. Settings are made and then read back; a database that
 * does not take them is refused (docs/design DESIGN 5): journal_mode=TRUNCATE (or PERSIST, see keeps_journal), synchronous=FULL, secure_delete=ON, temp_store=MEMORY,
 * foreign_keys=ON, mmap_size=0, trusted_schema=OFF.
 *
 * SQL is static text with parameters. No message ever holds a bound value or the text of a row.
 */
#pragma once

#include <sqlite3.h>

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_DB_APPLICATION_ID 0x5645494C /* "VEIL" */

/* What a file of one sort must be. All static. */
typedef struct {
	const char *what;		/* for messages: "registry", "batch file" */
	const char *const *migrations;	/* [i] leads from version i to i + 1 and ends with PRAGMA user_version = i + 1 */
	int n_migrations;		/* = the user_version this program writes */
	const char *landmark;		/* a table every file of this sort has, or NULL */
	int page_size;			/* of a new file; 0: SQLite's own */
	gboolean keeps_journal;		/* journal_mode PERSIST instead of TRUNCATE: for a file of which nothing is ever deleted (decision 0026) */
} VeilDbSchema;

typedef enum {
	VEIL_DB_READ,	/* query_only; an interrupted write is still rolled back where the file can be written */
	VEIL_DB_WRITE,	/* must exist; older versions are migrated */
	VEIL_DB_CREATE, /* must not exist; mode 0600 */
} VeilDbMode;

typedef struct VeilDb VeilDb;

/**
 * veil_db_open:
 * The last part of path must not be a symbolic link.
 * Errors: VEIL_ERROR_REFUSED (written by a newer version; CREATE and the file is there; in use), VEIL_ERROR_VERIFY (damaged, not a file of
 * this sort), VEIL_ERROR_NOT_AVAILABLE (no such file), VEIL_ERROR_FAILED (disk full, permissions), VEIL_ERROR_DB.
 */
VeilDb *veil_db_open(const char *path, const VeilDbSchema *schema, VeilDbMode mode, GError **error);
/* The same for a sort whose older files stay as they are, because a ledger commits to their rows: READ and WRITE do not migrate and do not refuse
 * them. out_version: the file's. */
VeilDb *veil_db_open_as_it_is(const char *path, const VeilDbSchema *schema, VeilDbMode mode, int *out_version, GError **error);
/* A file that never touches a disk. NULL: a new, empty one, of which veil_db_bytes (transfer full) gives what would be the file; else the file's bytes, for
 * reading. */
VeilDb *veil_db_open_bytes(GBytes *bytes, const VeilDbSchema *schema, GError **error);
GBytes *veil_db_bytes(VeilDb *db, GError **error);
/* Rolls back what is open. */
void veil_db_free(VeilDb *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilDb, veil_db_free)
const char *veil_db_path(const VeilDb *db);

/* Several statements without parameters. */
gboolean veil_db_exec(VeilDb *db, const char *sql, GError **error);
/* BEGIN IMMEDIATE (a plain BEGIN on a VEIL_DB_READ connection: one view of the data). */
gboolean veil_db_begin(VeilDb *db, GError **error);
gboolean veil_db_commit(VeilDb *db, GError **error);
/* Never fails from the caller's point of view; harmless when nothing is open. */
void veil_db_rollback(VeilDb *db);
/* The rows that the last statement changed. */
gint64 veil_db_changes(VeilDb *db);
/* Translates an SQLite result code; the only place that does. FALSE always. */
gboolean veil_db_fail(VeilDb *db, int code, GError **error);

/* A prepared statement. A binding that fails is remembered and reported by the next step. */
typedef struct VeilStmt VeilStmt;

VeilStmt *veil_stmt_new(VeilDb *db, const char *sql, GError **error);
void veil_stmt_free(VeilStmt *stmt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilStmt, veil_stmt_free)

/* Parameters count from 1. Text and blobs are not copied: they must live until the step or reset. NULL text or blob binds NULL. */
void veil_stmt_bind_int(VeilStmt *stmt, int parameter, gint64 value);
void veil_stmt_bind_text(VeilStmt *stmt, int parameter, const char *text);
void veil_stmt_bind_blob(VeilStmt *stmt, int parameter, const void *bytes, gsize len);
void veil_stmt_bind_id(VeilStmt *stmt, int parameter, const VeilId *id);
void veil_stmt_bind_null(VeilStmt *stmt, int parameter);

/* 1 a row is there, 0 the end, -1 an error. After 0 and -1 the statement is reset and its bindings are cleared. */
int veil_stmt_step(VeilStmt *stmt, GError **error);
/* Steps to the end, ignoring rows. */
gboolean veil_stmt_run(VeilStmt *stmt, GError **error);
/* For leaving before the end. */
void veil_stmt_reset(VeilStmt *stmt);

/* Columns count from 0; valid until the next step. */
gboolean veil_stmt_is_null(VeilStmt *stmt, int column);
gint64 veil_stmt_int(VeilStmt *stmt, int column);
const char *veil_stmt_text(VeilStmt *stmt, int column); /* NULL for NULL */
const guint8 *veil_stmt_blob(VeilStmt *stmt, int column, gsize *out_len);
/* FALSE (and zeroes) unless the column is a blob of 16 bytes. */
gboolean veil_stmt_id(VeilStmt *stmt, int column, VeilId *out_id);

/* One integer: the first column of the first row, or fallback when there is no row or it is NULL. */
gboolean veil_db_int(VeilDb *db, const char *sql, gint64 fallback, gint64 *out_value, GError **error);

typedef gboolean (*VeilLeafFunc)(const guint8 *row, gsize len, gpointer data, GError **error);

/**
 * veil_db_table_leaves:
 * Calls func with the encoding of every row that select gives (docs/design/formats.md 2): table, 0x00, then each column as
 * N | I i64 LE | T u32 LE bytes | B u32 LE bytes. The select must name the columns in the order of the format and order by primary key.
 * ?1 in it, if any, is parameter. A floating point value is VEIL_ERROR_VERIFY: no format has one.
 */
gboolean veil_db_table_leaves(VeilDb *db, const char *table, const char *select, gint64 parameter, VeilLeafFunc func, gpointer data, GError **error);

G_END_DECLS
