/* put.c - outgoing lists that are whole or absent (engine/base/file.c does the same for bytes at hand).
 *
 * Whoever reads an outgoing list must never meet half of one: it is written beside its place, forced to disk, and only then renamed. The
 * half-written file has the rights of the finished one from its first byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "put.h"

gboolean
veil_put_write(int fd, const void *bytes, gsize len)
{
	const guint8 *p = bytes;

	while (len > 0) {
		gssize n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FALSE;
		p += n;
		len -= (gsize)n;
	}
	return TRUE;
}

gboolean
veil_put_fail(const char *path, int number, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);

	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot be written: %s", name, g_strerror(number));
	return FALSE;
}

char *
veil_put_begin(const char *path, int mode, int *out_fd, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *draft = g_strdup_printf("%s/.%s.XXXXXX", folder, name);
	int fd;

	if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
		veil_put_fail(path, EISDIR, error);
		return NULL;
	}
	fd = g_mkstemp_full(draft, O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || fchmod(fd, (mode_t)mode) != 0) {
		int number = errno;

		if (fd >= 0) {
			close(fd);
			unlink(draft);
		}
		veil_put_fail(path, number, error);
		return NULL;
	}
	*out_fd = fd;
	return g_steal_pointer(&draft);
}

gboolean
veil_put_end(const char *draft, const char *path, int fd, GError **error)
{
	int number = 0;

	if (fsync(fd) != 0)
		number = errno;
	if (close(fd) != 0 && number == 0)
		number = errno;
	if (number == 0 && rename(draft, path) != 0)
		number = errno;
	if (number != 0) {
		unlink(draft);
		return veil_put_fail(path, number, error);
	}
	return veil_file_sync_folder(path, error);
}
