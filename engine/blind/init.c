/* init.c - what must be so before the first secret is touched: the library ready, no core dumps, and memory that is wiped.
 *
 * Measured on Debian 12: a core file held what lay in malloc memory and not what lay in sodium_malloc memory; so secrets go into the
 * second, and there is no core file either.
 */
#include "private.h"

#include <sys/prctl.h>
#include <sys/resource.h>

gboolean
veil_blind_init(GError **error)
{
	if (sodium_init() < 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "libsodium cannot start: no source of random numbers");
		return FALSE;
	}
	struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) != 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot forbid core dumps");
		return FALSE;
	}
	/* The leak checker of an instrumented build attaches to its own process, which this would forbid. */
#ifndef __SANITIZE_ADDRESS__
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot forbid other processes to read this one");
		return FALSE;
	}
#endif
	return TRUE;
}

void
veil_random_system(void *out, gsize n, gpointer data)
{
	(void)data;
	randombytes_buf(out, n);
}

gpointer
veil_secret_new(gsize n)
{
	/* Rounded up, because the end of the block is what sodium_malloc aligns. */
	gsize rounded = (MAX(n, 1) + 15) & ~(gsize)15;
	if (sodium_init() < 0)
		g_error("libsodium cannot start");
	gpointer secret = sodium_malloc(rounded);
	if (secret == NULL)
		g_error("no memory for a secret of %" G_GSIZE_FORMAT " bytes", n);
	sodium_memzero(secret, rounded);
	return secret;
}

void
veil_secret_free(gpointer secret)
{
	sodium_free(secret);
}
