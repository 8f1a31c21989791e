/* test-file.c - files written whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <veil/base.h>

static char *folder, *path;

static int
make_folder(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("veil-base-XXXXXX", NULL);
	path = g_build_filename(folder, "list.csv", NULL);
	return 0;
}

static int
clear_folder(void **state)
{
	(void)state;
	g_remove(path);
	assert_int_equal(g_rmdir(folder), 0); /* nothing else was left */
	g_free(folder);
	g_free(path);
	return 0;
}

static void
holds(const char *text)
{
	g_autofree char *got = NULL;

	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(got, text);
}

static void
test_replace_and_rights(void **state)
{
	struct stat info;

	(void)state;
	assert_true(veil_file_put(path, "one", 3, 0600, NULL));
	holds("one");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(veil_file_put(path, "second", 6, 0644, NULL));
	holds("second");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
	assert_true(veil_file_put(path, NULL, 0, 0600, NULL));
	holds("");
}

static void
test_new_never_overwrites(void **state)
{
	GError *error = NULL;

	(void)state;
	assert_true(veil_file_put(path, "key", 3, 0600, NULL));
	assert_false(veil_file_put_new(path, "other", 5, 0600, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	holds("key");
	g_remove(path);
	assert_true(veil_file_put_new(path, "other", 5, 0600, NULL));
	holds("other");
}

static void
test_no_room(void **state)
{
	struct rlimit was, small;
	g_autofree char *big = g_strnfill(100000, 'x');
	GError *error = NULL;

	(void)state;
	assert_true(veil_file_put(path, "before", 6, 0600, NULL));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 4096;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_false(veil_file_put(path, big, 100000, 0600, &error));
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	assert_null(strstr(error->message, folder));
	g_clear_error(&error);
	holds("before");
}

static void
test_no_such_folder(void **state)
{
	g_autofree char *nowhere = g_build_filename(folder, "none", "list.csv", NULL);
	GError *error = NULL;

	(void)state;
	assert_false(veil_file_put(nowhere, "x", 1, 0600, &error));
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	g_clear_error(&error);
	assert_false(veil_file_put(folder, "x", 1, 0600, &error)); /* a folder is not replaced */
	g_clear_error(&error);
	assert_true(g_file_test(folder, G_FILE_TEST_IS_DIR));
}

/* A file renamed over a device takes the device from everybody on the machine. */
static void
test_pipe_is_not_replaced(void **state)
{
	g_autofree char *pipe_path = g_build_filename(folder, "pipe", NULL), *link_path = g_build_filename(folder, "link", NULL);
	char got[8] = "";
	struct stat info;
	GError *error = NULL;

	(void)state;
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_int_equal(symlink(pipe_path, link_path), 0);
	int reader = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	for (guint i = 0; i < 2; i++) {
		const char *target = i == 0 ? pipe_path : link_path;

		assert_false(veil_file_put(target, "x", 1, 0600, &error));
		assert_int_equal(error->code, VEIL_ERROR_REFUSED);
		assert_null(strstr(error->message, folder));
		g_clear_error(&error);
		assert_false(veil_file_put_unsynced(target, "x", 1, 0600, NULL));
		assert_false(veil_file_put_new(target, "x", 1, 0600, NULL));
		assert_int_equal(read(reader, got, sizeof got), 0); /* nobody wrote */
		assert_true(veil_file_put_out(target, "out", 3, 0600, NULL));
		assert_int_equal(read(reader, got, sizeof got), 3);
		assert_memory_equal(got, "out", 3);
		assert_true(lstat(target, &info) == 0 && (i == 0 ? S_ISFIFO(info.st_mode) : S_ISLNK(info.st_mode)));
	}
	close(reader);
	g_remove(link_path);
	g_remove(pipe_path);
	assert_true(veil_file_put_out(path, "plain", 5, 0600, NULL));
	holds("plain");
}

static void
refused(const char *target)
{
	GError *error = NULL;

	assert_false(veil_file_put_out(target, "x", 1, 0600, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_null(strstr(error->message, folder));
	g_error_free(error);
}

static void
test_links_are_followed(void **state)
{
	g_autofree char *link_path = g_build_filename(folder, "link", NULL), *pipe_path = g_build_filename(folder, "trap", NULL);
	struct stat info;

	(void)state;
	assert_true(veil_file_put(path, "before", 6, 0600, NULL));
	assert_int_equal(symlink("list.csv", link_path), 0);
	assert_true(g_str_has_suffix(path, "/list.csv"));
	assert_true(veil_file_put_out(link_path, "after", 5, 0600, NULL));
	assert_true(lstat(link_path, &info) == 0 && S_ISLNK(info.st_mode));
	holds("after");
	g_remove(path);
	refused(link_path); /* leads nowhere */
	if (geteuid() == 0) {
		assert_int_equal(mkfifo(pipe_path, 0666), 0);
		assert_int_equal(chown(pipe_path, 65534, 65534), 0);
		int reader = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		refused(pipe_path); /* another user's */
		close(reader);
		g_remove(pipe_path);
		assert_true(veil_file_put(path, "before", 6, 0600, NULL));
		assert_int_equal(lchown(link_path, 65534, 65534), 0);
		refused(link_path);
		holds("before");
	} else {
		print_message("skipped: traps of another user need root to set up\n");
	}
	g_remove(link_path);
}

/* A link to where standard output goes, the terminal's or a file's, is standard output: a file renamed there would take it away. */
static void
test_standard_output(void **state)
{
	g_autofree char *link_path = g_build_filename(folder, "out", NULL);
	int saved, fd;

	(void)state;
	assert_int_equal(symlink("/proc/self/fd/1", link_path), 0);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, STDOUT_FILENO);
	printf("one ");
	gboolean linked = veil_file_put_out(link_path, "two ", 4, 0600, NULL);
	gboolean dashed = veil_file_put_out("-", "three", 5, 0600, NULL);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	assert_true(linked && dashed);
	holds("one two three");
	g_remove(link_path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace_and_rights),
		cmocka_unit_test(test_new_never_overwrites),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_no_such_folder),
		cmocka_unit_test(test_pipe_is_not_replaced),
		cmocka_unit_test(test_links_are_followed),
		cmocka_unit_test(test_standard_output),
	};

	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
