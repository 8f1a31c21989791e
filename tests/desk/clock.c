/* clock.c - a clock for the tests: LD_PRELOADed, it adds VEIL_TEST_CLOCK seconds to the wall clock. The programs know nothing of it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#define SHOWN __attribute__((visibility("default")))

static time_t
shift(void)
{
	const char *text = getenv("VEIL_TEST_CLOCK");
	return text != NULL ? (time_t)atoll(text) : 0;
}

SHOWN int
clock_gettime(clockid_t clock, struct timespec *out)
{
	static int (*real)(clockid_t, struct timespec *);
	if (real == NULL)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int status = real(clock, out);
	if (status == 0 && clock == CLOCK_REALTIME)
		out->tv_sec += shift();
	return status;
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
