/* stmt.c - statements that bind, step and reset, and the one translation of SQLite's errors.
 *
 * sqlite3_errmsg is quoted for errors of static SQL text only: while rows are written it can name columns and, in
 * a trigger, anything. Every constraint gives one text, so that a refusal does not confirm who is in the pool.
 */
#include <string.h>

#include "db-private.h"

struct VeilStmt {
	VeilDb *db;
	sqlite3_stmt *handle;
	int failed; /* first failed binding since the last reset */
};

gboolean
veil_db_fail(VeilDb *db, int code, GError **error)
{
	const char *what = db->schema->what;

	switch (code & 0xff) {
	case SQLITE_FULL:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the disk is full: nothing was taken into the %s; make room and try again", what);
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the %s is damaged or no database; restore it from a copy", what);
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s is in use by another command; try again when it has ended", what);
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the %s cannot be written: check its mode and owner", what);
		break;
	case SQLITE_CANTOPEN:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the %s or its journal cannot be opened: check the folder's mode and owner", what);
		break;
	case SQLITE_IOERR:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "reading or writing the %s failed (i/o error %d): nothing was taken", what, code);
		break;
	case SQLITE_NOMEM:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "out of memory while working on the %s: nothing was taken", what);
		break;
	case SQLITE_CONSTRAINT:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "a row does not fit into the %s: nothing was taken", what);
		break;
	case SQLITE_TOOBIG:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "a value is too long for the %s: nothing was taken", what);
		break;
	default:
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "%s: %s (%d)", what, sqlite3_errstr(code), code);
		break;
	}
	return FALSE;
}

/* For errors of static text: the parser's own words help whoever wrote it. */
static void
fail_text(VeilDb *db, int code, GError **error)
{
	if ((code & 0xff) == SQLITE_ERROR)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "%s: %s", db->schema->what, sqlite3_errmsg(db->handle));
	else
		veil_db_fail(db, code, error);
}

gboolean
veil_db_exec(VeilDb *db, const char *sql, GError **error)
{
	const char *rest = sql;

	while (*rest != '\0') {
		sqlite3_stmt *stmt = NULL;
		int code = sqlite3_prepare_v2(db->handle, rest, -1, &stmt, &rest);

		if (code != SQLITE_OK) {
			fail_text(db, code, error);
			return FALSE;
		}
		if (stmt == NULL) /* a comment, or blanks behind the last statement */
			continue;
		while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
			;
		sqlite3_finalize(stmt);
		if (code != SQLITE_DONE)
			return veil_db_fail(db, code, error);
	}
	return TRUE;
}

VeilStmt *
veil_stmt_new(VeilDb *db, const char *sql, GError **error)
{
	VeilStmt *stmt;
	sqlite3_stmt *handle = NULL;
	int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);

	if (code != SQLITE_OK) {
		fail_text(db, code, error);
		return NULL;
	}
	stmt = g_new0(VeilStmt, 1);
	stmt->db = db;
	stmt->handle = handle;
	return stmt;
}

void
veil_stmt_free(VeilStmt *stmt)
{
	if (stmt == NULL)
		return;
	sqlite3_finalize(stmt->handle);
	g_free(stmt);
}

static void
bound(VeilStmt *stmt, int code)
{
	g_return_if_fail(code != SQLITE_MISUSE && code != SQLITE_RANGE);
	if (code != SQLITE_OK && stmt->failed == SQLITE_OK)
		stmt->failed = code;
}

void
veil_stmt_bind_int(VeilStmt *stmt, int parameter, gint64 value)
{
	bound(stmt, sqlite3_bind_int64(stmt->handle, parameter, value));
}

void
veil_stmt_bind_text(VeilStmt *stmt, int parameter, const char *text)
{
	bound(stmt, text ? sqlite3_bind_text64(stmt->handle, parameter, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8)
			 : sqlite3_bind_null(stmt->handle, parameter));
}

void
veil_stmt_bind_blob(VeilStmt *stmt, int parameter, const void *bytes, gsize len)
{
	bound(stmt, bytes ? sqlite3_bind_blob64(stmt->handle, parameter, bytes, len, SQLITE_STATIC)
			  : sqlite3_bind_null(stmt->handle, parameter));
}

void
veil_stmt_bind_id(VeilStmt *stmt, int parameter, const VeilId *id)
{
	veil_stmt_bind_blob(stmt, parameter, id ? id->b : NULL, id ? sizeof id->b : 0);
}

void
veil_stmt_bind_null(VeilStmt *stmt, int parameter)
{
	bound(stmt, sqlite3_bind_null(stmt->handle, parameter));
}

void
veil_stmt_reset(VeilStmt *stmt)
{
	sqlite3_reset(stmt->handle);
	sqlite3_clear_bindings(stmt->handle); /* SQLITE_STATIC: no pointer may outlive its bytes */
	stmt->failed = SQLITE_OK;
}

int
veil_stmt_step(VeilStmt *stmt, GError **error)
{
	int code = stmt->failed;

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt->handle);
	if (code == SQLITE_ROW)
		return 1;
	veil_stmt_reset(stmt);
	if (code == SQLITE_DONE)
		return 0;
	veil_db_fail(stmt->db, code, error);
	return -1;
}

gboolean
veil_stmt_run(VeilStmt *stmt, GError **error)
{
	int got;

	while ((got = veil_stmt_step(stmt, error)) == 1)
		;
	return got == 0;
}

gboolean
veil_stmt_is_null(VeilStmt *stmt, int column)
{
	return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}

gint64
veil_stmt_int(VeilStmt *stmt, int column)
{
	return sqlite3_column_int64(stmt->handle, column);
}

const char *
veil_stmt_text(VeilStmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt->handle, column);
}

const guint8 *
veil_stmt_blob(VeilStmt *stmt, int column, gsize *out_len)
{
	const guint8 *bytes = sqlite3_column_blob(stmt->handle, column);

	*out_len = (gsize)sqlite3_column_bytes(stmt->handle, column);
	return bytes;
}

gboolean
veil_stmt_id(VeilStmt *stmt, int column, VeilId *out_id)
{
	gsize len = 0;
	const guint8 *bytes = sqlite3_column_type(stmt->handle, column) == SQLITE_BLOB ? veil_stmt_blob(stmt, column, &len) : NULL;

	if (bytes == NULL || len != sizeof out_id->b) {
		memset(out_id->b, 0, sizeof out_id->b);
		return FALSE;
	}
	memcpy(out_id->b, bytes, sizeof out_id->b);
	return TRUE;
}

gboolean
veil_db_int(VeilDb *db, const char *sql, gint64 fallback, gint64 *out_value, GError **error)
{
	g_autoptr(VeilStmt) stmt = veil_stmt_new(db, sql, error);
	int got = stmt ? veil_stmt_step(stmt, error) : -1;

	if (got < 0)
		return FALSE;
	*out_value = got == 1 && !veil_stmt_is_null(stmt, 0) ? veil_stmt_int(stmt, 0) : fallback;
	return TRUE;
}

static gboolean
encode_column(VeilStmt *stmt, int column, GByteArray *row)
{
	guint8 head[9];
	int type = sqlite3_column_type(stmt->handle, column);

	if (type == SQLITE_NULL) {
		g_byte_array_append(row, (const guint8 *)"N", 1);
	} else if (type == SQLITE_INTEGER) {
		head[0] = 'I';
		veil_put_u64(head + 1, (guint64)veil_stmt_int(stmt, column));
		g_byte_array_append(row, head, 9);
	} else if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
		const guint8 *bytes = type == SQLITE_TEXT ? sqlite3_column_text(stmt->handle, column) : sqlite3_column_blob(stmt->handle, column);
		guint32 len = (guint32)sqlite3_column_bytes(stmt->handle, column);

		head[0] = type == SQLITE_TEXT ? 'T' : 'B';
		veil_put_u32(head + 1, len);
		g_byte_array_append(row, head, 5);
		if (len > 0)
			g_byte_array_append(row, bytes, len);
	} else {
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_db_table_leaves(VeilDb *db, const char *table, const char *select, gint64 parameter, VeilLeafFunc func, gpointer data, GError **error)
{
	g_autoptr(VeilStmt) stmt = veil_stmt_new(db, select, error);
	g_autoptr(GByteArray) row = g_byte_array_sized_new(4096);
	gsize prefix = strlen(table) + 1; /* with its 0x00 */
	int got;

	if (stmt == NULL)
		return FALSE;
	if (sqlite3_bind_parameter_count(stmt->handle) > 0)
		veil_stmt_bind_int(stmt, 1, parameter);
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		int n = sqlite3_column_count(stmt->handle);

		g_byte_array_set_size(row, 0);
		g_byte_array_append(row, (const guint8 *)table, (guint)prefix);
		for (int i = 0; i < n; i++)
			if (!encode_column(stmt, i, row)) {
				g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the table %s of the %s holds a value of no known type", table,
					    db->schema->what);
				return FALSE;
			}
		if (!func(row->data, row->len, data, error))
			return FALSE;
	}
	return got == 0;
}
