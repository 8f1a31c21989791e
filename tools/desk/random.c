/* random.c - the one door through which chance comes in: getrandom(2). */
#include <errno.h>
#include <sys/random.h>

#include "random.h"

void
veil_random(void *out, gsize n, gpointer unused)
{
	guint8 *p = out;

	(void)unused;
	while (n > 0) {
		ssize_t got = getrandom(p, MIN(n, 256), 0);

		if (got < 0 && errno == EINTR)
			continue;
		/* Without randomness nothing may be sealed or drawn; there is nothing to fall back to. */
		if (got <= 0)
			g_error("the system gives no randomness");
		p += got;
		n -= (gsize)got;
	}
}
