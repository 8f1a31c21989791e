/* file.c - small files written whole or not at all.
 *
 * The bytes go to a temporary beside the target, are synced, and take the target's name in one step; the folder is synced last, because a
 * rename that is not synced can be lost with the power. A new file takes its name by renameat2(RENAME_NOREPLACE), or by link where the
 * file system knows no such flag: testing first and renaming then would leave a gap in which a key could be overwritten.
 * Nor does a rename take the place of a device or a pipe: see target.c.
 */
#include <veil/base.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
write_all(int fd, const guint8 *bytes, gsize len)
{
	while (len > 0) {
		gssize n = write(fd, bytes, MIN(len, (gsize)1 << 30));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = EIO;
			return FALSE;
		}
		bytes += n;
		len -= (gsize)n;
	}
	return TRUE;
}

static gboolean
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return FALSE;
	/* Some file systems cannot sync a folder and say EINVAL; there is nothing better to do there. */
	gboolean ok = fsync(fd) == 0 || errno == EINVAL;
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

static gboolean
take_name(const char *temporary, const char *path, gboolean replace)
{
	if (replace)
		return rename(temporary, path) == 0;
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return TRUE;
	if (errno != EINVAL && errno != ENOSYS)
		return FALSE;
	if (link(temporary, path) != 0)
		return FALSE;
	unlink(temporary);
	return TRUE;
}

static gboolean
is_special(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static gboolean
put(const char *path, const void *bytes, gsize len, int mode, gboolean replace, gboolean sync, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	if (is_special(path)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: is a device, a pipe or a socket and is not replaced by a file", name);
		return FALSE;
	}
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *temporary = g_strdup_printf("%s/.%s.XXXXXX", folder, name);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot create a file in its folder: %s", name, g_strerror(errno));
		return FALSE;
	}
	gboolean ok = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, bytes, len) && (!sync || fsync(fd) == 0);
	int saved = errno;
	if (close(fd) != 0 && ok) {
		ok = FALSE;
		saved = errno;
	}
	if (ok && !take_name(temporary, path, replace)) {
		ok = FALSE;
		saved = errno;
	}
	if (!ok) {
		unlink(temporary);
		if (saved == EEXIST && !replace)
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: exists already and is not overwritten", name);
		else
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot write: %s", name, g_strerror(saved));
		return FALSE;
	}
	if (sync && !sync_folder(folder)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: written, but its folder cannot be synced: %s", name, g_strerror(errno));
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_file_put(const char *path, const void *bytes, gsize len, int mode, GError **error)
{
	g_return_val_if_fail(path != NULL && (bytes != NULL || len == 0), FALSE);
	return put(path, bytes, len, mode, TRUE, TRUE, error);
}

gboolean
veil_file_put_new(const char *path, const void *bytes, gsize len, int mode, GError **error)
{
	g_return_val_if_fail(path != NULL && (bytes != NULL || len == 0), FALSE);
	return put(path, bytes, len, mode, FALSE, TRUE, error);
}

gboolean
veil_file_put_unsynced(const char *path, const void *bytes, gsize len, int mode, GError **error)
{
	g_return_val_if_fail(path != NULL && (bytes != NULL || len == 0), FALSE);
	return put(path, bytes, len, mode, TRUE, FALSE, error);
}

gboolean
veil_file_put_out(const char *path, const void *bytes, gsize len, int mode, GError **error)
{
	VeilTarget target;
	gboolean ok;

	g_return_val_if_fail(bytes != NULL || len == 0, FALSE);
	if (!veil_target_find(path, &target, error))
		return FALSE;
	if (target.path != NULL)
		ok = put(target.path, bytes, len, mode, TRUE, TRUE, error);
	else if (!(ok = write_all(target.fd, bytes, len)))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot write: %s", target.name, g_strerror(errno));
	return veil_target_close(&target, ok ? error : NULL) && ok;
}

gboolean
veil_file_sync_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (sync_folder(folder))
		return TRUE;
	g_autofree char *name = g_path_get_basename(folder);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: the folder cannot be synced: %s", name, g_strerror(errno));
	return FALSE;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static GBytes *
read_bytes(int fd, const char *what, gsize len, GError **error)
{
	g_autofree guint8 *bytes = g_malloc(len + 1);
	gsize have = 0;

	while (have < len) {
		gssize n = read(fd, bytes + have, MIN(len - have, (gsize)1 << 30));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the %s: %s", what, n < 0 ? g_strerror(errno) : "it became shorter");
			return NULL;
		}
		have += (gsize)n;
	}
	return g_bytes_new_take(g_steal_pointer(&bytes), len);
}

GBytes *
veil_file_get(const char *path, const char *what, gsize max, GError **error)
{
	/* Without waiting: a FIFO in the place of a file would hold the reader for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat info;
	GBytes *bytes = NULL;

	if (fd < 0) {
		gboolean none = errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == EPERM;
		if (none)
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "there is no %s here for this user", what);
		else if (errno == ELOOP || errno == ENXIO)
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s is not a plain file", what);
		else
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the %s: %s", what, g_strerror(errno));
		return NULL;
	}
	if (fstat(fd, &info) != 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the %s: %s", what, g_strerror(errno));
	else if (!S_ISREG(info.st_mode) || (guint64)info.st_size > max)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the %s is not a plain file of a sensible size", what);
	else
		bytes = read_bytes(fd, what, (gsize)info.st_size, error);
	close(fd);
	return bytes;
}
