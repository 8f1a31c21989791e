/* chance.c - for tests, LD_PRELOADed: randomness and clock that a test decides, and death at a chosen write. The programs know nothing of it.
 *
 * VEIL_TEST_CHANCE=TEXT   every random byte of the process follows from TEXT and from how many were asked for before
 * VEIL_TEST_NOW=SECONDS   the wall clock stands still there
 * VEIL_TEST_DIE=N         the process is killed (SIGKILL) right before its Nth call that changes a file
 * VEIL_TEST_SYNC_FAILS=N  its Nth fsync or fdatasync fails (EIO), the others do not
 * VEIL_TEST_COUNT=FILE    gets the numbers of both at a normal end
 *
 * So two runs that are given the same facts do the same, byte for byte, and a difference between two worlds is a difference of what they were told.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#undef _FILE_OFFSET_BITS /* write both pwrite and pwrite64 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))
#define REAL(name)                                                                                                                                    \
	static __typeof__(&(name)) real;                                                                                                              \
	if (real == NULL)                                                                                                                             \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

/* --- randomness: SplitMix64 over a digest of the text and a counter. Not secret, only repeatable. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t state;
static int started;

static uint64_t
next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int
fill(void *out, size_t n)
{
	const char *text = getenv("VEIL_TEST_CHANCE");
	unsigned char *p = out;

	if (text == NULL)
		return 0;
	pthread_mutex_lock(&lock);
	if (!started) {
		state = UINT64_C(0xcbf29ce484222325);
		for (; *text != '\0'; text++)
			state = (state ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
		started = 1;
	}
	while (n > 0) {
		uint64_t word = next();
		size_t part = n < sizeof word ? n : sizeof word;

		memcpy(p, &word, part);
		p += part;
		n -= part;
	}
	pthread_mutex_unlock(&lock);
	return 1;
}

SHOWN ssize_t
getrandom(void *out, size_t n, unsigned flags)
{
	REAL(getrandom);
	return fill(out, n) ? (ssize_t)n : real(out, n, flags);
}

SHOWN int
getentropy(void *out, size_t n)
{
	REAL(getentropy);
	return fill(out, n) ? 0 : real(out, n);
}

SHOWN void randombytes_buf(void *const out, const size_t n);
SHOWN void randombytes(unsigned char *const out, const unsigned long long n);

SHOWN void
randombytes_buf(void *const out, const size_t n)
{
	REAL(randombytes_buf);
	if (!fill(out, n))
		real(out, n);
}

SHOWN void
randombytes(unsigned char *const out, const unsigned long long n)
{
	randombytes_buf(out, (size_t)n);
}

/* --- clock */

static int
stands(time_t *out)
{
	const char *text = getenv("VEIL_TEST_NOW");

	if (text != NULL)
		*out = (time_t)atoll(text);
	return text != NULL;
}

SHOWN int
clock_gettime(clockid_t clock, struct timespec *out)
{
	REAL(clock_gettime);
	if (clock != CLOCK_REALTIME || !stands(&out->tv_sec))
		return real(clock, out);
	out->tv_nsec = 0;
	return 0;
}

SHOWN time_t
time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

SHOWN int
gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	out->tv_sec = now.tv_sec;
	out->tv_usec = now.tv_nsec / 1000;
	return 0;
}

/* --- death at a write */

static unsigned writes, syncs;

static void
one_more(void)
{
	static unsigned die;

	if (die == 0) {
		const char *text = getenv("VEIL_TEST_DIE");

		die = text != NULL ? (unsigned)atoi(text) : ~0u;
	}
	if (__atomic_add_fetch(&writes, 1, __ATOMIC_SEQ_CST) == die)
		kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void
tell(void)
{
	const char *path = getenv("VEIL_TEST_COUNT");
	FILE *file = path != NULL ? fopen(path, "w") : NULL;

	if (file != NULL) {
		fprintf(file, "%u %u\n", writes, syncs);
		fclose(file);
	}
}

SHOWN ssize_t
write(int fd, const void *bytes, size_t n)
{
	REAL(write);
	if (fd > 2)
		one_more();
	return real(fd, bytes, n);
}

SHOWN ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	REAL(pwrite);
	one_more();
	return real(fd, bytes, n, at);
}

SHOWN ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	REAL(pwrite64);
	one_more();
	return real(fd, bytes, n, at);
}

SHOWN int
ftruncate(int fd, off_t size)
{
	REAL(ftruncate);
	one_more();
	return real(fd, size);
}

SHOWN int
ftruncate64(int fd, off64_t size)
{
	REAL(ftruncate64);
	one_more();
	return real(fd, size);
}

SHOWN int
rename(const char *from, const char *to)
{
	REAL(rename);
	one_more();
	return real(from, to);
}

SHOWN int
unlink(const char *path)
{
	REAL(unlink);
	one_more();
	return real(path);
}

/* --- a sync that fails once */

static int
this_one_fails(void)
{
	const char *text = getenv("VEIL_TEST_SYNC_FAILS");

	return __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST) == (text != NULL ? (unsigned)atoi(text) : ~0u);
}

SHOWN int
fsync(int fd)
{
	REAL(fsync);
	if (!this_one_fails())
		return real(fd);
	errno = EIO;
	return -1;
}

SHOWN int
fdatasync(int fd)
{
	REAL(fdatasync);
	if (!this_one_fails())
		return real(fd);
	errno = EIO;
	return -1;
}
