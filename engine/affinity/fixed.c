/* fixed.c - logarithm and root in integers.
 *
 * Floating point would do, but its last bits differ between compilers and libraries, and a score that differs in one unit is
 * another digest.
 */
#include "affinity-internal.h"

guint32
veil_fixed_log2_q8(guint64 x)
{
	guint32 whole = 63 - (guint32)__builtin_clzll(x), fraction = 0;
	guint64 m = whole >= 31 ? x >> (whole - 31) : x << (31 - whole); /* 1 <= m / 2^31 < 2 */

	/* Squaring doubles the logarithm: each overflow past 2 is one binary digit. */
	for (int digit = 0; digit < 8; digit++) {
		m = m * m >> 31;
		fraction <<= 1;
		if (m >> 32) {
			m >>= 1;
			fraction |= 1;
		}
	}
	return whole << 8 | fraction;
}

guint64
veil_fixed_sqrt_up(guint64 x)
{
	guint64 root = 0, rest = x;

	for (guint64 bit = G_GUINT64_CONSTANT(1) << 62; bit; bit >>= 2) {
		if (rest >= root + bit) {
			rest -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root + (rest != 0);
}
