/* fixed.c - see fixed.h. The logarithm squares the mantissa once a bit: after squaring, whether it passed 2 is the next bit. */
#include "fixed.h"

guint32
veil_fixed_log2(guint64 x)
{
	guint32 whole, result;
	guint64 mantissa;

	g_assert(x > 0);
	whole = 63 - (guint32)__builtin_clzll(x);
	mantissa = whole >= 31 ? x >> (whole - 31) : x << (31 - whole); /* 1.0 = 2^31 */
	result = whole << VEIL_FIXED_BITS;
	for (guint32 bit = VEIL_FIXED_ONE >> 1; bit > 0; bit >>= 1) {
		mantissa = mantissa * mantissa >> 31;
		if (mantissa >> 32) {
			mantissa >>= 1;
			result |= bit;
		}
	}
	return result;
}

guint64
veil_fixed_sqrt(guint64 x)
{
	guint64 root = 0, bit = G_GUINT64_CONSTANT(1) << 62;

	while (bit > x)
		bit >>= 2;
	for (; bit > 0; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}
