/* target.c - what a path behind --out is: a place for a file, or something that is written into.
 *
 * Files are put in place by a rename, which takes the place of whatever stands there: of the device, when a user with the rights for it says
 * "--out /dev/full", and of the link, when he says "--out /dev/stdout" - and then the whole machine misses them. So links are followed to
 * their end first and streams are written into, both as a shell's ">" does it. Only those of this user or of root: in a folder that others
 * write to, a pipe or a link waiting under a list's name is a trap.
 */
#include <veil/base.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
is_standard_output(const struct stat *end)
{
	struct stat out;

	return fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == end->st_dev && out.st_ino == end->st_ino;
}

static gboolean
is_ours(const struct stat *info)
{
	return info->st_uid == geteuid() || info->st_uid == 0;
}

static gboolean
refuse(const VeilTarget *target, const char *why, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: %s", target->name, why);
	return FALSE;
}

static gboolean
fail(const VeilTarget *target, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot be written: %s", target->name, g_strerror(errno));
	return FALSE;
}

static gboolean
take_standard_output(VeilTarget *out)
{
	fflush(stdout); /* what was printed before stays before */
	out->fd = STDOUT_FILENO;
	return TRUE;
}

/* Through links to the file's own place, so that the link stays. */
static gboolean
follow(const char *path, VeilTarget *out, GError **error)
{
	char *end = realpath(path, NULL);

	if (end == NULL)
		return fail(out, error);
	out->path = g_strdup(end);
	free(end);
	return TRUE;
}

static gboolean
find(const char *path, VeilTarget *out, GError **error)
{
	struct stat here, end;

	if (lstat(path, &here) != 0 || S_ISREG(here.st_mode) || S_ISDIR(here.st_mode)) {
		out->path = g_strdup(path);
		return TRUE;
	}
	if (stat(path, &end) != 0)
		return S_ISLNK(here.st_mode) && errno == ENOENT ? refuse(out, "is a link that leads nowhere", error) : fail(out, error);
	if (!is_ours(&here) || !is_ours(&end))
		return refuse(out, "is a link, a pipe or a device of another user, and nothing is written through it", error);
	if (is_standard_output(&end))
		return take_standard_output(out);
	if (S_ISREG(end.st_mode) || S_ISDIR(end.st_mode))
		return follow(path, out, error);
	out->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	out->owns_fd = TRUE;
	return out->fd >= 0 || fail(out, error);
}

gboolean
veil_target_find(const char *path, VeilTarget *out, GError **error)
{
	gboolean typed = path != NULL && strcmp(path, "-") != 0;

	*out = (VeilTarget){.fd = -1, .name = typed ? g_path_get_basename(path) : g_strdup("standard output")};
	if (typed ? find(path, out, error) : take_standard_output(out))
		return TRUE;
	veil_target_close(out, NULL);
	return FALSE;
}

gboolean
veil_target_close(VeilTarget *target, GError **error)
{
	gboolean ok = !target->owns_fd || target->fd < 0 || close(target->fd) == 0 || fail(target, error);

	g_free(target->path);
	g_free(target->name);
	*target = (VeilTarget){.fd = -1};
	return ok;
}
