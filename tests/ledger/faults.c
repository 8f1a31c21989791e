/* faults.c - a disk that fails once (LD_PRELOAD): VEIL_TEST_FAULT="sync N" or "write N ERRNO" makes the Nth sync or write of the process fail, and leaves the file
 * that VEIL_TEST_FAULT_HIT names. Writes to a terminal or a pipe do not count. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#undef _FILE_OFFSET_BITS /* or the headers give both functions one name */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static long syncs, writes;

static int
strikes(const char *kind, long count, int *out_errno)
{
	const char *fault = getenv("VEIL_TEST_FAULT"), *hit = getenv("VEIL_TEST_FAULT_HIT");
	char word[16];
	long n = 0;

	*out_errno = EIO;
	if (fault == NULL || hit == NULL || sscanf(fault, "%15s %ld %d", word, &n, out_errno) < 2 || strcmp(word, kind) != 0 || n != count)
		return 0;
	int fd = open(hit, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return 1;
}

static int
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

#define SYNC(name)                                                             \
	SHOWN int name(int fd)                                                 \
	{                                                                      \
		static int (*real)(int);                                       \
		int code;                                                      \
		if (real == NULL)                                              \
			real = (int (*)(int))dlsym(RTLD_NEXT, #name);          \
		if (strikes("sync", ++syncs, &code)) {                         \
			errno = code;                                          \
			return -1;                                             \
		}                                                              \
		return real(fd);                                               \
	}
SYNC(fsync)
SYNC(fdatasync)

#define PWRITE(name, offset)                                                                       \
	SHOWN ssize_t name(int fd, const void *bytes, size_t n, offset at)                         \
	{                                                                                          \
		static ssize_t (*real)(int, const void *, size_t, offset);                         \
		int code;                                                                          \
		if (real == NULL)                                                                  \
			real = (ssize_t (*)(int, const void *, size_t, offset))dlsym(RTLD_NEXT, #name); \
		if (is_file(fd) && strikes("write", ++writes, &code)) {                            \
			errno = code;                                                              \
			return -1;                                                                 \
		}                                                                                  \
		return real(fd, bytes, n, at);                                                     \
	}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

SHOWN ssize_t
write(int fd, const void *bytes, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);
	int code;

	if (real == NULL)
		real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	if (is_file(fd) && strikes("write", ++writes, &code)) {
		errno = code;
		return -1;
	}
	return real(fd, bytes, n);
}
