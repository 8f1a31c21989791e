/* test-db.c - what a database of veil must refuse, survive and never say. Real SQLite, real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../db/db.h"

static const char *const one[] = {
	"CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB) STRICT; PRAGMA user_version = 1;",
};
static const char *const two[] = {
	"CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB) STRICT; PRAGMA user_version = 1;",
	"ALTER TABLE item ADD COLUMN more INTEGER; PRAGMA user_version = 2;",
};
static const char *const two_broken[] = {
	"CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB) STRICT; PRAGMA user_version = 1;",
	"ALTER TABLE item ADD COLUMN more INTEGER; PRAGMA user_version = 2; INSERT INTO nowhere VALUES (1);",
};
static const VeilDbSchema schema = {"test file", one, 1, "item", 0, FALSE};
static const VeilDbSchema schema_two = {"test file", two, 2, "item", 0, FALSE};
static const VeilDbSchema schema_broken = {"test file", two_broken, 2, "item", 0, FALSE};
static const VeilDbSchema schema_other = {"other file", one, 1, "thing", 0, FALSE};

typedef struct {
	char *folder, *path;
} Place;

static int
set_up(void **state)
{
	Place *place = g_new0(Place, 1);

	place->folder = g_dir_make_tmp("veil-db-XXXXXX", NULL);
	place->path = g_build_filename(place->folder, "a.db", NULL);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	Place *place = *state;
	GDir *dir = g_dir_open(place->folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(place->folder, name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(place->folder);
	g_free(place->path);
	g_free(place->folder);
	g_free(place);
	return 0;
}

static VeilDb *
must_open(const Place *place, const VeilDbSchema *wanted, VeilDbMode mode)
{
	g_autoptr(GError) error = NULL;
	VeilDb *db = veil_db_open(place->path, wanted, mode, &error);

	if (db == NULL)
		fail_msg("%s", error->message);
	return db;
}

static void
must_refuse(const char *path, const VeilDbSchema *wanted, VeilDbMode mode, VeilErrorCode code)
{
	g_autoptr(GError) error = NULL;
	VeilDb *db = veil_db_open(path, wanted, mode, &error);

	assert_null(db);
	assert_non_null(error);
	assert_int_equal(error->domain, VEIL_ERROR);
	assert_int_equal(error->code, code);
	assert_null(strchr(error->message, '\n'));
}

static void
test_created_file_is_private_and_readable(void **state)
{
	const Place *place = *state;
	struct stat info;
	gint64 value;

	veil_db_free(must_open(place, &schema, VEIL_DB_CREATE));
	assert_int_equal(stat(place->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	must_refuse(place->path, &schema, VEIL_DB_CREATE, VEIL_ERROR_REFUSED);
	{
		g_autoptr(VeilDb) db = must_open(place, &schema, VEIL_DB_READ);

		assert_true(veil_db_int(db, "SELECT count(*) FROM item", -1, &value, NULL));
		assert_int_equal(value, 0);
		assert_false(veil_db_exec(db, "INSERT INTO item(name) VALUES ('x')", NULL));
	}
}

static void
test_what_is_not_ours_is_refused(void **state)
{
	const Place *place = *state;
	g_autofree char *link = g_build_filename(place->folder, "link.db", NULL);

	must_refuse(place->path, &schema, VEIL_DB_READ, VEIL_ERROR_NOT_AVAILABLE);
	must_refuse(place->folder, &schema, VEIL_DB_READ, VEIL_ERROR_REFUSED);
	g_file_set_contents(place->path, "this is a text, long enough to be looked at as a database header, is it not?\n"
			    "this is a text, long enough to be looked at as a database header, is it not?\n", -1, NULL);
	must_refuse(place->path, &schema, VEIL_DB_WRITE, VEIL_ERROR_VERIFY);
	g_file_set_contents(place->path, "", 0, NULL);
	must_refuse(place->path, &schema, VEIL_DB_WRITE, VEIL_ERROR_VERIFY);
	g_unlink(place->path);
	veil_db_free(must_open(place, &schema, VEIL_DB_CREATE));
	must_refuse(place->path, &schema_other, VEIL_DB_READ, VEIL_ERROR_VERIFY);
	assert_int_equal(symlink(place->path, link), 0);
	must_refuse(link, &schema, VEIL_DB_READ, VEIL_ERROR_REFUSED);
	must_refuse(link, &schema, VEIL_DB_CREATE, VEIL_ERROR_REFUSED);
}

static void
test_migrations_go_one_way(void **state)
{
	const Place *place = *state;
	gint64 version;

	veil_db_free(must_open(place, &schema, VEIL_DB_CREATE));
	must_refuse(place->path, &schema_two, VEIL_DB_READ, VEIL_ERROR_REFUSED);
	{ /* a migration that fails leaves the version and the tables as they were */
		g_autoptr(VeilDb) db = NULL;

		must_refuse(place->path, &schema_broken, VEIL_DB_WRITE, VEIL_ERROR_DB);
		db = must_open(place, &schema, VEIL_DB_WRITE);
		assert_true(veil_db_int(db, "SELECT count(*) FROM pragma_table_info('item')", -1, &version, NULL));
		assert_int_equal(version, 3);
	}
	veil_db_free(must_open(place, &schema_two, VEIL_DB_WRITE));
	must_refuse(place->path, &schema, VEIL_DB_READ, VEIL_ERROR_REFUSED);
	must_refuse(place->path, &schema, VEIL_DB_WRITE, VEIL_ERROR_REFUSED);
}

static void
test_messages_hold_no_values(void **state)
{
	const Place *place = *state;
	g_autoptr(VeilDb) db = must_open(place, &schema, VEIL_DB_CREATE);
	g_autoptr(VeilStmt) stmt = veil_stmt_new(db, "INSERT INTO item(name) VALUES (?1)", NULL);
	g_autoptr(GError) error = NULL;

	veil_stmt_bind_text(stmt, 1, "canary-7731");
	assert_true(veil_stmt_run(stmt, NULL));
	veil_stmt_bind_text(stmt, 1, "canary-7731");
	assert_false(veil_stmt_run(stmt, &error));
	assert_int_equal(error->code, VEIL_ERROR_DB);
	assert_null(strstr(error->message, "canary"));
	assert_null(strstr(error->message, "name"));
	/* the failed statement is usable again */
	veil_stmt_bind_text(stmt, 1, "other");
	assert_true(veil_stmt_run(stmt, NULL));
}

/* Every page limit below what the rows need ends in the same plain error and an empty table. */
static void
test_full_disk_takes_nothing(void **state)
{
	const Place *place = *state;
	g_autoptr(VeilDb) db = must_open(place, &schema, VEIL_DB_CREATE);
	g_autofree char *body = g_strnfill(3000, 'x');
	g_autoptr(GError) error = NULL;
	gint64 n;

	assert_true(veil_db_exec(db, "PRAGMA max_page_count = 12", NULL));
	assert_true(veil_db_begin(db, NULL));
	{
		g_autoptr(VeilStmt) stmt = veil_stmt_new(db, "INSERT INTO item(name, body) VALUES (?1, ?2)", NULL);

		for (int i = 0; error == NULL && i < 100; i++) {
			g_autofree char *name = g_strdup_printf("n%d", i);

			veil_stmt_bind_text(stmt, 1, name);
			veil_stmt_bind_blob(stmt, 2, body, 3000);
			veil_stmt_run(stmt, &error);
		}
	}
	assert_non_null(error);
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	assert_non_null(strstr(error->message, "disk is full"));
	veil_db_rollback(db);
	assert_true(veil_db_int(db, "SELECT count(*) FROM item", -1, &n, NULL));
	assert_int_equal(n, 0);
}

/* The operating system's own refusal (a file size limit), not SQLite's page limit. */
static void
test_file_that_cannot_grow_takes_nothing(void **state)
{
	const Place *place = *state;
	int status;
	pid_t child;
	gint64 n;

	veil_db_free(must_open(place, &schema, VEIL_DB_CREATE));
	child = fork();
	if (child == 0) {
		struct rlimit limit = {40960, 40960};
		VeilDb *db = veil_db_open(place->path, &schema, VEIL_DB_WRITE, NULL);
		GError *error = NULL;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		if (db == NULL || veil_db_exec(db, "INSERT INTO item(name, body) VALUES ('a', zeroblob(200000))", &error))
			_exit(1);
		_exit(error->code == VEIL_ERROR_FAILED ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	{
		g_autoptr(VeilDb) db = must_open(place, &schema, VEIL_DB_READ);

		assert_true(veil_db_int(db, "SELECT count(*) FROM item", -1, &n, NULL));
		assert_int_equal(n, 0);
	}
}

/* A writer killed with pages already in the file: a reader rolls it back and sees what was there before. */
static void
test_killed_writer_leaves_no_trace(void **state)
{
	const Place *place = *state;
	int status;
	pid_t child;
	gint64 n;

	{
		g_autoptr(VeilDb) db = must_open(place, &schema, VEIL_DB_CREATE);

		assert_true(veil_db_exec(db, "INSERT INTO item(name) VALUES ('before')", NULL));
	}
	child = fork();
	if (child == 0) {
		VeilDb *db = veil_db_open(place->path, &schema, VEIL_DB_WRITE, NULL);

		veil_db_exec(db, "PRAGMA cache_size = 5; BEGIN; PRAGMA cache_spill = 5", NULL);
		for (int i = 0; i < 500; i++)
			veil_db_exec(db, "INSERT INTO item(name, body) VALUES (hex(randomblob(8)), randomblob(3000))", NULL);
		kill(getpid(), SIGKILL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	{
		g_autofree char *journal = g_strconcat(place->path, "-journal", NULL);
		struct stat info;
		g_autoptr(VeilDb) db = NULL;

		assert_int_equal(stat(journal, &info), 0); /* else this test tests nothing */
		assert_true(info.st_size > 0);
		db = must_open(place, &schema, VEIL_DB_READ);
		assert_true(veil_db_int(db, "SELECT count(*) FROM item", -1, &n, NULL));
		assert_int_equal(n, 1);
	}
}

static gboolean
collect(const guint8 *row, gsize len, gpointer data, GError **error)
{
	(void)error;
	g_byte_array_append(data, row, (guint)len);
	return TRUE;
}

static void
test_leaves_are_byte_exact(void **state)
{
	const Place *place = *state;
	g_autoptr(VeilDb) db = must_open(place, &schema, VEIL_DB_CREATE);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	static const guint8 expected[] = "item\0" "I\x01\0\0\0\0\0\0\0" "T\x02\0\0\0" "ab" "N"
					 "item\0" "I\xfe\xff\xff\xff\xff\xff\xff\xff" "T\0\0\0\0" "B\x01\0\0\0" "\0";

	assert_true(veil_db_exec(db, "INSERT INTO item VALUES (1, 'ab', NULL), (-2, '', x'00')", NULL));
	assert_true(veil_db_table_leaves(db, "item", "SELECT id, name, body FROM item ORDER BY id DESC", 0, collect, bytes, NULL));
	assert_int_equal(bytes->len, sizeof expected - 1);
	assert_memory_equal(bytes->data, expected, bytes->len);
	assert_false(veil_db_table_leaves(db, "item", "SELECT 1.5", 0, collect, bytes, NULL));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_created_file_is_private_and_readable), CASE(test_what_is_not_ours_is_refused),
		CASE(test_migrations_go_one_way), CASE(test_messages_hold_no_values),
		CASE(test_full_disk_takes_nothing), CASE(test_file_that_cannot_grow_takes_nothing),
		CASE(test_killed_writer_leaves_no_trace), CASE(test_leaves_are_byte_exact),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
