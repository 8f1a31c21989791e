/* rng.c - splitmix64, one stream for each part of the world.
 *
 * Nothing here is secret or needs to be unpredictable: what matters is that the same seed gives the same lists for ever,
 * so no library's generator, whose sequence might change, is used.
 */
#include "demo.h"

guint64
demo_next(DemoRng *rng)
{
	guint64 z = rng->state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

DemoRng
demo_rng(guint64 seed, const char *part)
{
	guint64 hash = G_GUINT64_CONSTANT(0xcbf29ce484222325); /* FNV-1a of the part's name */
	DemoRng rng;

	for (const char *p = part; *p != '\0'; p++)
		hash = (hash ^ (guint8)*p) * G_GUINT64_CONSTANT(0x100000001b3);
	rng.state = seed ^ hash;
	demo_next(&rng);
	return rng;
}

/* The high half scaled: a bias below 2^-32 * n harms no demo list. */
guint32
demo_below(DemoRng *rng, guint32 n)
{
	return (guint32)(((demo_next(rng) >> 32) * n) >> 32);
}

gboolean
demo_chance(DemoRng *rng, guint32 percent)
{
	return demo_below(rng, 100) < percent;
}

guint32
demo_between(DemoRng *rng, guint32 low, guint32 high)
{
	return low + demo_below(rng, high - low + 1);
}
