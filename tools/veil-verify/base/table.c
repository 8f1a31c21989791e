/* table.c - SQLite files, read-only, and the root of their rows (docs/design/formats.md 2).
 *
 * A file under test is hostile: it may hold views in the place of tables, triggers, columns of another type, further tables that no root
 * covers. So the schema is compared with the format, every value's type is checked, and the primary key must ascend as bytes whatever
 * collation the file asks for.
 */
#include <errno.h>
#include <string.h>

#include "base/base.h"

enum { APPLICATION_ID = 0x5645494C };

static gboolean
sql_failed(sqlite3 *db, const char *label)
{
	int code = sqlite3_errcode(db) & 0xff;

	if (code == SQLITE_BUSY || code == SQLITE_IOERR || code == SQLITE_NOMEM || code == SQLITE_CANTOPEN || code == SQLITE_READONLY)
		return verdict_unreadable("cannot read %s: %s (is a command still running, or was one interrupted?)", label, sqlite3_errmsg(db));
	return verdict_reject("%s: it is damaged: %s", label, sqlite3_errmsg(db));
}

/* One value of a PRAGMA or a query; text is to be freed. */
static gboolean
ask(sqlite3 *db, const char *label, const char *sql, char **out_text)
{
	sqlite3_stmt *stmt = NULL;
	gboolean ok = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW;

	if (ok)
		*out_text = g_strdup((const char *)sqlite3_column_text(stmt, 0));
	else
		sql_failed(db, label);
	sqlite3_finalize(stmt);
	return ok;
}

static gboolean
table_check(sqlite3 *db, const char *label, const TableSpec *spec)
{
	g_autofree char *sql = g_strdup_printf("SELECT type = 'table' FROM pragma_table_list WHERE schema = 'main' AND name = '%s'", spec->name);
	g_autofree char *columns_sql = g_strdup_printf("SELECT name, hidden FROM pragma_table_xinfo('%s') ORDER BY cid", spec->name);
	g_autoptr(GString) names = g_string_new(NULL);
	sqlite3_stmt *stmt = NULL;
	gboolean ok;
	int code;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return sql_failed(db, label);
	code = sqlite3_step(stmt);
	ok = code == SQLITE_ROW && sqlite3_column_int(stmt, 0) == 1;
	sqlite3_finalize(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sql_failed(db, label);
	if (!ok)
		return verdict_reject("%s: it has no table %s", label, spec->name);
	if (sqlite3_prepare_v2(db, columns_sql, -1, &stmt, NULL) != SQLITE_OK)
		return sql_failed(db, label);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		g_string_append_printf(names, "%s%s%s", names->len ? " " : "", (const char *)sqlite3_column_text(stmt, 0),
				       sqlite3_column_int(stmt, 1) ? "(generated)" : "");
	sqlite3_finalize(stmt);
	if (code != SQLITE_DONE)
		return sql_failed(db, label);
	if (strcmp(names->str, spec->columns) != 0)
		return verdict_reject("%s: table %s has not the columns of the format", label, spec->name);
	return TRUE;
}

static gboolean
nothing_else(sqlite3 *db, const char *label, const TableSpec *specs)
{
	/* Triggers and indexes change no reading: triggers are off, indexes have passed the integrity check. */
	sqlite3_stmt *stmt = NULL;
	g_autofree char *other = NULL;
	int code;

	if (sqlite3_prepare_v2(db, "SELECT type, name FROM sqlite_master WHERE type NOT IN ('trigger', 'index')", -1, &stmt, NULL) != SQLITE_OK)
		return sql_failed(db, label);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW && other == NULL) {
		const char *type = (const char *)sqlite3_column_text(stmt, 0), *name = (const char *)sqlite3_column_text(stmt, 1);
		gboolean known = FALSE;

		for (guint i = 0; specs[i].name; i++)
			known = known || (strcmp(type, "table") == 0 && strcmp(name, specs[i].name) == 0);
		if (!known)
			other = g_strdup_printf("%s %s", type, name);
	}
	sqlite3_finalize(stmt);
	if (other != NULL)
		return verdict_reject("%s: it holds a %s that the format does not know", label, other);
	return code == SQLITE_DONE ? TRUE : sql_failed(db, label);
}

static gint64
number_of(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	gint64 number = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

gint64
db_version(sqlite3 *db)
{
	return number_of(db, "PRAGMA user_version");
}

gint64
table_count(sqlite3 *db, const TableSpec *spec)
{
	g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", spec->name);

	return number_of(db, sql);
}

static gboolean
db_check(sqlite3 *db, const char *label, const TableSpec *specs, const TableSpec *specs_2, gboolean alone)
{
	g_autofree char *id = NULL, *sound = NULL;
	gint64 version = db_version(db);

	if (!ask(db, label, "PRAGMA application_id", &id))
		return FALSE;
	if (g_ascii_strtoll(id, NULL, 10) != APPLICATION_ID)
		return verdict_reject("%s: it is not a file of veil", label);
	if (version != 1 && (version != 2 || specs_2 == NULL))
		return verdict_reject("%s: its format %" G_GINT64_FORMAT " is not %s; this checker knows no other", label, version, specs_2 ? "1 or 2" : "1");
	if (version == 2)
		specs = specs_2;
	if (!ask(db, label, "PRAGMA integrity_check(1)", &sound))
		return FALSE;
	if (g_strcmp0(sound, "ok") != 0)
		return verdict_reject("%s: it is damaged: %s", label, sound);
	for (guint i = 0; specs[i].name; i++)
		if (!table_check(db, label, &specs[i]))
			return FALSE;
	return !alone || nothing_else(db, label, specs);
}

static sqlite3 *
db_set_up(sqlite3 *db, const char *label, const TableSpec *specs, const TableSpec *specs_2, gboolean alone)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_exec(db, "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA query_only = ON; BEGIN", NULL, NULL, NULL);
	if (db_check(db, label, specs, specs_2, alone))
		return db;
	sqlite3_close(db);
	return NULL;
}

sqlite3 *
db_open(const char *path, const char *label, const TableSpec *specs, const TableSpec *specs_2, gboolean alone)
{
	sqlite3 *db = NULL;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		verdict_unreadable("cannot read %s: there is no such file", path);
		return NULL;
	}
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		verdict_unreadable("cannot read %s", path);
		sqlite3_close(db);
		return NULL;
	}
	return db_set_up(db, label, specs, specs_2, alone);
}

sqlite3 *
db_open_bytes(const guint8 *bytes, gsize len, const char *label, const TableSpec *specs)
{
	unsigned char *copy = sqlite3_malloc64(len + 1);
	sqlite3 *db = NULL;

	if (copy != NULL)
		memcpy(copy, bytes, len);
	if (copy == NULL || sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_deserialize(db, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len, SQLITE_DESERIALIZE_READONLY | SQLITE_DESERIALIZE_FREEONCLOSE) != SQLITE_OK) {
		verdict_unreadable("cannot hold the %s in memory", label);
		sqlite3_close(db);
		return NULL;
	}
	return db_set_up(db, label, specs, NULL, TRUE);
}

static void
put_le(GByteArray *out, guint64 value, guint n)
{
	for (guint i = 0; i < n; i++) {
		guint8 byte = (guint8)(value >> 8 * i);

		g_byte_array_append(out, &byte, 1);
	}
}

/* Column i into the leaf; FALSE when it is not of the type. */
static gboolean
encode(sqlite3_stmt *row, int i, char type, GByteArray *out)
{
	int stored = sqlite3_column_type(row, i), len = sqlite3_column_bytes(row, i);
	const char *bytes;
	char tag = g_ascii_toupper(type);

	if (stored == SQLITE_NULL) {
		g_byte_array_append(out, (const guint8 *)"N", 1);
		return g_ascii_islower(type);
	}
	if (stored != (tag == 'I' ? SQLITE_INTEGER : tag == 'T' ? SQLITE_TEXT : SQLITE_BLOB))
		return FALSE;
	g_byte_array_append(out, (const guint8 *)&tag, 1);
	if (tag == 'I') {
		put_le(out, (guint64)sqlite3_column_int64(row, i), 8);
		return TRUE;
	}
	bytes = tag == 'T' ? (const char *)sqlite3_column_text(row, i) : sqlite3_column_blob(row, i);
	put_le(out, (guint32)len, 4);
	g_byte_array_append(out, (const guint8 *)bytes, (guint)len);
	return tag == 'B' || g_utf8_validate(bytes, len, NULL); /* no NUL inside either */
}

/* Does the primary key (the first n_key columns) ascend? text keys as bytes. */
static gboolean
ascends(sqlite3_stmt *row, GPtrArray *before, int n_key)
{
	int order = before->len == 0 ? 1 : 0;

	for (int i = 0; i < n_key && order == 0; i++) {
		if (sqlite3_column_type(row, i) == SQLITE_INTEGER) {
			gint64 a = *(gint64 *)before->pdata[i], b = sqlite3_column_int64(row, i);

			order = (b > a) - (b < a);
		} else {
			order = strcmp((const char *)sqlite3_column_text(row, i), before->pdata[i]);
		}
	}
	g_ptr_array_set_size(before, 0);
	for (int i = 0; i < n_key; i++) {
		gint64 number = sqlite3_column_int64(row, i);

		g_ptr_array_add(before, sqlite3_column_type(row, i) == SQLITE_INTEGER ? g_memdup2(&number, sizeof number)
										      : g_strdup((const char *)sqlite3_column_text(row, i)));
	}
	return order > 0;
}

gboolean
table_read(sqlite3 *db, const char *label, const TableSpec *spec, const char *where, Tree *tree, RowFunc func, gpointer data)
{
	g_autofree char *list = g_strdelimit(g_strdup(spec->columns), " ", ',');
	g_autofree char *sql = g_strdup_printf("SELECT %s FROM %s %s%s ORDER BY %s", list, spec->name, where ? "WHERE " : "", where ? where : "", spec->order);
	g_autoptr(GByteArray) leaf = g_byte_array_new();
	g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(g_free);
	sqlite3_stmt *stmt = NULL;
	int code, n_key = strchr(spec->order, ',') ? 2 : 1;
	guint64 n = 0;
	gboolean ok = TRUE;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return sql_failed(db, label);
	while (ok && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		n++;
		g_byte_array_set_size(leaf, 0);
		g_byte_array_append(leaf, (const guint8 *)spec->name, (guint)strlen(spec->name) + 1);
		for (int i = 0; ok && spec->types[i]; i++)
			if (!encode(stmt, i, spec->types[i], leaf))
				ok = verdict_reject("%s: table %s, row %" G_GUINT64_FORMAT ": column %s has a value of the wrong type", label, spec->name,
						    n, sqlite3_column_name(stmt, i));
		if (ok && !ascends(stmt, before, n_key))
			ok = verdict_reject("%s: table %s, row %" G_GUINT64_FORMAT ": not in the order of its key", label, spec->name, n);
		if (ok && tree != NULL)
			tree_add(tree, leaf->data, leaf->len);
		if (ok && !func(stmt, data))
			ok = verdict_reject("%s: table %s, row %" G_GUINT64_FORMAT ": not as the format has it", label, spec->name, n);
	}
	if (ok && code != SQLITE_DONE)
		ok = sql_failed(db, label);
	sqlite3_finalize(stmt);
	return ok;
}
