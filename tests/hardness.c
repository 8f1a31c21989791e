/* hardness.c - for tests, linked in or LD_PRELOADed: Argon2id does the least work that it can, whatever it was asked for.
 *
 * Minutes of a run went into hardness that no test looks at. Nothing else changes: the programs ask for what they always ask for and write that into
 * their files (tests/blind holds them to it, with the true function), and what they asked for goes into the salt, so that a file that claims another
 * hardness than it was made with still opens nothing.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

__attribute__((visibility("default"))) int
crypto_pwhash(unsigned char *const out, unsigned long long n_out, const char *const passphrase, unsigned long long n_passphrase,
	      const unsigned char *const salt, unsigned long long ops, size_t memory, int algorithm)
{
	static int (*real)(unsigned char *, unsigned long long, const char *, unsigned long long, const unsigned char *, unsigned long long, size_t, int);
	unsigned char mixed[crypto_pwhash_SALTBYTES];

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "crypto_pwhash");
	if (real == NULL || ops < crypto_pwhash_OPSLIMIT_MIN || memory < crypto_pwhash_MEMLIMIT_MIN) {
		errno = EINVAL;
		return -1;
	}
	memcpy(mixed, salt, sizeof mixed);
	for (int i = 0; i < 8; i++) {
		mixed[i] ^= (unsigned char)(ops >> 8 * i);
		mixed[8 + i] ^= (unsigned char)((unsigned long long)memory >> 8 * i);
	}
	return real(out, n_out, passphrase, n_passphrase, mixed, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN, algorithm);
}
