/* fixed-file.c - see fixed-file.h. The folder is written beside its name, and every file in it is synced before it gets the name:
 * whoever finds it there after a power cut would be told that it is written already. */
#include "site/fixed-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXED_TIME 946684800 /* 2000-01-01T00:00Z */

struct VeilFixedFolder {
	char *path, *part;
	gboolean closed;
};

static gboolean
fail(const char *what, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot write %s: %s", what, g_strerror(errno));
	return FALSE;
}

/* Plain files only: nothing of ours is below. */
static void
remove_folder(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		unlink(inner);
	}
	rmdir(path);
}

static gboolean
is_free(const char *path)
{
	g_autoptr(GDir) dir = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
		return TRUE;
	return (dir = g_dir_open(path, 0, NULL)) != NULL && g_dir_read_name(dir) == NULL;
}

/* An outbox is made by `veil init --users` (route.h): handover/FROM-TO, mode 2750, its sender's own. What is put there is for the group that reads it; anywhere
 * else, a folder that others share with set-group-id included, it is for its owner alone. */
static gboolean
is_in_outbox(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path), *whole = g_canonicalize_filename(folder, NULL);
	struct stat info;

	return strstr(whole, "/handover/") != NULL && stat(folder, &info) == 0 && (info.st_mode & 07777) == 02750 && info.st_uid == geteuid();
}

gboolean
veil_fixed_readers(const char *path, GError **error)
{
	return !is_in_outbox(path) || chmod(path, 0640) == 0 || fail("the mode of a file in an outbox", error);
}

/* Whoever is not of the reader's group would lose the set-group-id bit by a chmod: a folder gets its mode as it is made, and the bit from the one above. */
static gboolean
make_folder(const char *path)
{
	if (!is_in_outbox(path))
		return g_mkdir(path, 0700) == 0;
	mode_t before = umask(027);
	gboolean made = g_mkdir(path, 0750) == 0;

	umask(before);
	return made;
}

VeilFixedFolder *
veil_fixed_folder_new(const char *path, GError **error)
{
	VeilFixedFolder *folder;
	gsize n = strlen(path);

	while (n > 1 && path[n - 1] == G_DIR_SEPARATOR)
		n--;
	folder = g_new0(VeilFixedFolder, 1);
	folder->path = g_strndup(path, n);
	folder->part = g_strconcat(folder->path, ".part", NULL);
	if (!is_free(folder->path)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the folder to write is there already and not empty; name a new one");
	} else {
		remove_folder(folder->part);
		if (make_folder(folder->part))
			return folder;
		fail("the folder named", error);
	}
	folder->closed = TRUE;
	veil_fixed_folder_free(folder);
	return NULL;
}

gboolean
veil_fixed_folder_put(VeilFixedFolder *folder, const char *name, const char *bytes, gsize len, GError **error)
{
	g_autofree char *path = g_build_filename(folder->part, name, NULL);
	int fd = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	gboolean good = fd >= 0;

	while (good && len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		good = n > 0;
		bytes += good ? n : 0;
		len -= good ? (gsize)n : 0;
	}
	good = good && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		good = FALSE;
	return good ? veil_fixed_readers(path, error) && veil_fixed_time(path, error) : fail("a file of the folder named", error);
}

gboolean
veil_fixed_folder_close(VeilFixedFolder *folder, GError **error)
{
	g_autofree char *inside = g_build_filename(folder->part, ".", NULL);

	if (!veil_fixed_time(folder->part, error) || !veil_file_sync_folder(inside, error))
		return FALSE;
	if (rename(folder->part, folder->path) != 0)
		return fail("the folder named", error);
	folder->closed = TRUE;
	return veil_file_sync_folder(folder->path, error);
}

void
veil_fixed_folder_free(VeilFixedFolder *folder)
{
	if (folder == NULL)
		return;
	if (!folder->closed)
		remove_folder(folder->part);
	g_free(folder->path);
	g_free(folder->part);
	g_free(folder);
}

gboolean
veil_fixed_time(const char *path, GError **error)
{
	const struct timespec times[2] = {{FIXED_TIME, 0}, {FIXED_TIME, 0}};

	return utimensat(AT_FDCWD, path, times, 0) == 0 || fail("the fixed date of a file", error);
}

/* Into bytes, which has room for max + 1. */
static gboolean
read_at_most(int fd, char *bytes, gsize max, gsize *out_len)
{
	gsize len = 0;
	ssize_t n;

	while ((n = read(fd, bytes + len, max + 1 - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (len += (gsize)n) > max)
			return FALSE;
	}
	*out_len = len;
	return TRUE;
}

gboolean
veil_fixed_file_read(const char *path, gsize max, char **out_bytes, gsize *out_len)
{
	int fd = g_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
	g_autofree char *bytes = NULL;
	struct stat info;
	gboolean good;

	if (fd < 0)
		return FALSE;
	good = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size >= 0 && (guint64)info.st_size <= max;
	if (good) {
		bytes = g_malloc(max + 2);
		good = read_at_most(fd, bytes, max, out_len);
	}
	close(fd);
	if (!good)
		return FALSE;
	bytes[*out_len] = '\0';
	*out_bytes = g_steal_pointer(&bytes);
	return TRUE;
}

char *
veil_fixed_file_get(const char *path, gsize max, gsize *out_len)
{
	g_autofree char *bytes = NULL;
	gsize len;

	if (!veil_fixed_file_read(path, max, &bytes, &len) || strlen(bytes) != len)
		return NULL;
	if (out_len != NULL)
		*out_len = len;
	return g_steal_pointer(&bytes);
}
