/* db.c - opening a database so that it can be trusted, and one migration after the other.
 *
 * Order on opening: the path (no symbolic link at its end, created 0600 with O_EXCL), the connection, the settings, what the
 * file says it is, its version, migrations. Settings are read back because SQLite ignores a pragma it cannot or will not obey.
 *
 * A reader opens read-write where it may: a writer that was killed leaves a hot journal, and only a connection that can
 * write can roll it back. query_only then keeps the reader from writing anything else.
 */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db-private.h"

/* Waiting for another command of the same site, not for a person. */
#define BUSY_TIMEOUT_MS 10000

static const char settings_sql[] =
	"PRAGMA trusted_schema = OFF;"
	"PRAGMA cell_size_check = ON;"
	"PRAGMA mmap_size = 0;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA cache_size = -65536;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA secure_delete = ON;"
	"PRAGMA foreign_keys = ON;";

static const struct {
	const char *sql;
	const char *name;
	gint64 wanted;
} assertions[] = {
	{"PRAGMA trusted_schema", "trusted_schema", 0},
	{"PRAGMA temp_store", "temp_store", 2},
	{"PRAGMA synchronous", "synchronous", 2},
	{"PRAGMA secure_delete", "secure_delete", 1},
	{"PRAGMA foreign_keys", "foreign_keys", 1},
};

static gboolean
fail_errno(const char *what, const char *verb, int code, GError **error)
{
	if (code == ENOENT || code == ENOTDIR)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "there is no such %s", what);
	else if (code == EACCES || code == EPERM)
		/* Whether it is there at all is not said: who may not enter a folder learns nothing of it. */
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "the %s is not for this user of the system", what);
	else if (code == ENOSPC || code == EDQUOT)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot %s the %s: the disk is full", verb, what);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot %s the %s: %s", verb, what, g_strerror(code));
	return FALSE;
}

/* The folder resolved, the last part as given: SQLITE_OPEN_NOFOLLOW would also refuse a link anywhere above. */
static char *
resolve(const char *path, const char *what, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
	char *real = realpath(folder, NULL);
	char *resolved;

	if (real == NULL) {
		fail_errno(what, "open", errno, error);
		return NULL;
	}
	resolved = g_build_filename(real, name, NULL);
	free(real);
	return resolved;
}

/* SQLite opens a journal by its name and without asking what it is. In a folder that several write, the ledger's, somebody could have put a link there, and
 * what it points to would be truncated; or a FIFO, and the command would wait for ever. Every open of SQLite goes through here. */
static int
guarded_open(const char *path, int flags, int mode)
{
	int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode) || strcmp(path, "/dev/urandom") == 0)
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static void
guard_opens(void)
{
	static gsize done;

	if (!g_once_init_enter(&done))
		return;
	sqlite3_initialize();
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	if (vfs == NULL || vfs->iVersion < 3 || vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)guarded_open) != SQLITE_OK)
		g_error("this SQLite does not let its opens be guarded");
	g_once_init_leave(&done, 1);
}

static gboolean
create_file(const char *path, const char *what, GError **error)
{
	int fd = open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) {
		if (errno != EEXIST)
			return fail_errno(what, "create", errno, error);
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s is there already", what);
		return FALSE;
	}
	close(fd);
	return TRUE;
}

static gboolean
check_file(const char *path, const char *what, GError **error)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return fail_errno(what, "open", errno, error);
	if (S_ISREG(info.st_mode))
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s is %s, not a plain file", what,
		    S_ISLNK(info.st_mode) ? "a symbolic link" : "a folder or device");
	return FALSE;
}

static gboolean
set_journal_mode(VeilDb *db, GError **error)
{
	gboolean keeps = db->schema->keeps_journal;
	g_autoptr(VeilStmt) stmt = veil_stmt_new(db, keeps ? "PRAGMA journal_mode = PERSIST" : "PRAGMA journal_mode = TRUNCATE", error);
	int got = stmt ? veil_stmt_step(stmt, error) : -1;

	if (got < 0)
		return FALSE;
	if (got == 1 && g_strcmp0(veil_stmt_text(stmt, 0), keeps ? "persist" : "truncate") == 0) {
		veil_stmt_reset(stmt);
		return !keeps || veil_db_exec(db, "PRAGMA journal_size_limit = 65536", error);
	}
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "the %s does not take its journal mode", db->schema->what);
	return FALSE;
}

static gboolean
make_settings(VeilDb *db, GError **error)
{
	if (!veil_db_exec(db, settings_sql, error) || (db->path != NULL && !set_journal_mode(db, error)))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(assertions); i++) {
		gint64 value;

		if (!veil_db_int(db, assertions[i].sql, -1, &value, error))
			return FALSE;
		if (value != assertions[i].wanted) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "the %s does not take the setting %s", db->schema->what,
				    assertions[i].name);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
read_version(VeilDb *db, gint64 *out_version, GError **error)
{
	return veil_db_int(db, "PRAGMA user_version", 0, out_version, error);
}

/* Is this a file of ours, of this sort, of a version we know? */
static gboolean
check_identity(VeilDb *db, gint64 *out_version, GError **error)
{
	gint64 application, version;

	if (!veil_db_int(db, "PRAGMA application_id", 0, &application, error) || !read_version(db, &version, error))
		return FALSE;
	if (application != VEIL_DB_APPLICATION_ID || version < 1) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "this is no %s of veil", db->schema->what);
		return FALSE;
	}
	if (version > db->schema->n_migrations) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s was written by a newer version of veil; use that one", db->schema->what);
		return FALSE;
	}
	if (db->schema->landmark != NULL) {
		g_autoptr(VeilStmt) stmt = veil_stmt_new(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", error);
		int got;

		if (stmt == NULL)
			return FALSE;
		veil_stmt_bind_text(stmt, 1, db->schema->landmark);
		if ((got = veil_stmt_step(stmt, error)) < 0)
			return FALSE;
		if (got == 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "this is another file of veil, not a %s", db->schema->what);
			return FALSE;
		}
	}
	*out_version = version;
	return TRUE;
}

/* One step: the schema text and its version number stand or fall together. */
static gboolean
migrate_one(VeilDb *db, int from, GError **error)
{
	gint64 version;

	if (!veil_db_exec(db, "BEGIN EXCLUSIVE", error))
		return FALSE;
	if (!read_version(db, &version, error))
		goto undo;
	if (version == from) { /* else another process was faster */
		if (!veil_db_exec(db, db->schema->migrations[from], error) || !read_version(db, &version, error))
			goto undo;
		if (version != from + 1) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_DB, "migration %d of the %s does not set its version", from + 1, db->schema->what);
			goto undo;
		}
	}
	if (veil_db_commit(db, error))
		return TRUE;
undo:
	veil_db_rollback(db);
	return FALSE;
}

static gboolean
migrate(VeilDb *db, gint64 version, GError **error)
{
	for (int from = (int)version; from < db->schema->n_migrations; from++)
		if (!migrate_one(db, from, error))
			return FALSE;
	return TRUE;
}

/* Before anything is written, or it is too late. A PRAGMA takes no parameters, hence the list. */
static gboolean
set_page_size(VeilDb *db, GError **error)
{
	switch (db->schema->page_size) {
	case 0:
		return TRUE;
	case 16384:
		return veil_db_exec(db, "PRAGMA page_size = 16384", error);
	default:
		g_return_val_if_reached(FALSE);
	}
}

/* out_version NULL: an older file is migrated or refused. */
static gboolean
set_up(VeilDb *db, VeilDbMode mode, int *out_version, GError **error)
{
	gint64 version = 0;

	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	if ((mode == VEIL_DB_CREATE && !set_page_size(db, error)) || !make_settings(db, error))
		return FALSE;
	if (mode == VEIL_DB_CREATE) {
		if (!veil_db_exec(db, "PRAGMA application_id = 0x5645494C", error) || !migrate(db, 0, error))
			return FALSE;
		return check_identity(db, &version, error);
	}
	if (!check_identity(db, &version, error))
		return FALSE;
	if (out_version != NULL)
		*out_version = (int)version;
	if (mode == VEIL_DB_WRITE)
		return out_version != NULL || migrate(db, version, error);
	if (version < db->schema->n_migrations && out_version == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s was written by an older version; a command that writes to it upgrades it",
			    db->schema->what);
		return FALSE;
	}
	return veil_db_exec(db, "PRAGMA query_only = ON", error);
}

static VeilDb *
open_db(const char *path, const VeilDbSchema *schema, VeilDbMode mode, int *out_version, GError **error)
{
	g_autofree char *resolved = resolve(path, schema->what, error);
	g_autoptr(VeilDb) db = NULL;
	int code;

	if (resolved == NULL)
		return NULL;
	guard_opens();
	if (!(mode == VEIL_DB_CREATE ? create_file(resolved, schema->what, error) : check_file(resolved, schema->what, error)))
		return NULL;
	db = g_new0(VeilDb, 1);
	db->schema = schema;
	db->mode = mode;
	db->path = g_strdup(resolved);
	code = sqlite3_open_v2(resolved, &db->handle,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
			       schema->keeps_journal ? veil_db__journal_vfs() : NULL);
	if (code == SQLITE_OK)
		sqlite3_extended_result_codes(db->handle, 1);
	if (code != SQLITE_OK ? !veil_db_fail(db, code, error) : !set_up(db, mode, out_version, error)) {
		if (mode == VEIL_DB_CREATE) {
			g_clear_pointer(&db, veil_db_free);
			unlink(resolved); /* made a moment ago by us, O_EXCL */
		}
		return NULL;
	}
	return g_steal_pointer(&db);
}

VeilDb *
veil_db_open_bytes(GBytes *bytes, const VeilDbSchema *schema, GError **error)
{
	g_autoptr(VeilDb) db = g_new0(VeilDb, 1);
	gsize len = 0;
	gconstpointer data = bytes != NULL ? g_bytes_get_data(bytes, &len) : NULL;

	db->schema = schema;
	db->mode = bytes != NULL ? VEIL_DB_READ : VEIL_DB_CREATE;
	int code = sqlite3_open_v2(":memory:", &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code == SQLITE_OK && bytes != NULL) {
		db->bytes = g_bytes_ref(bytes);
		code = sqlite3_deserialize(db->handle, "main", (unsigned char *)data, (sqlite3_int64)len, (sqlite3_int64)len, SQLITE_DESERIALIZE_READONLY);
	}
	if (code == SQLITE_OK)
		sqlite3_extended_result_codes(db->handle, 1);
	if (code != SQLITE_OK) {
		veil_db_fail(db, code, error);
		return NULL;
	}
	return set_up(db, db->mode, NULL, error) ? g_steal_pointer(&db) : NULL;
}

GBytes *
veil_db_bytes(VeilDb *db, GError **error)
{
	sqlite3_int64 len = 0;
	unsigned char *data = sqlite3_serialize(db->handle, "main", &len, 0);

	if (data != NULL)
		return g_bytes_new_with_free_func(data, (gsize)len, sqlite3_free, data);
	veil_db_fail(db, SQLITE_NOMEM, error);
	return NULL;
}

VeilDb *
veil_db_open(const char *path, const VeilDbSchema *schema, VeilDbMode mode, GError **error)
{
	return open_db(path, schema, mode, NULL, error);
}

VeilDb *
veil_db_open_as_it_is(const char *path, const VeilDbSchema *schema, VeilDbMode mode, int *out_version, GError **error)
{
	*out_version = schema->n_migrations;
	return open_db(path, schema, mode, out_version, error);
}

void
veil_db_free(VeilDb *db)
{
	if (db == NULL)
		return;
	if (db->handle != NULL)
		veil_db_rollback(db);
	/* _v2: statements that outlive the connection keep it until they are finalised, instead of leaking it */
	sqlite3_close_v2(db->handle);
	if (db->bytes != NULL)
		g_bytes_unref(db->bytes);
	g_free(db->path);
	g_free(db);
}

const char *
veil_db_path(const VeilDb *db)
{
	return db->path;
}

gboolean
veil_db_begin(VeilDb *db, GError **error)
{
	return veil_db_exec(db, db->mode == VEIL_DB_READ ? "BEGIN" : "BEGIN IMMEDIATE", error);
}

gboolean
veil_db_commit(VeilDb *db, GError **error)
{
	if (veil_db_exec(db, "COMMIT", error))
		return TRUE;
	veil_db_rollback(db);
	return FALSE;
}

void
veil_db_rollback(VeilDb *db)
{
	/* SQLite has rolled back by itself after a full disk or an I/O error. */
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

gint64
veil_db_changes(VeilDb *db)
{
	return sqlite3_changes64(db->handle);
}
