/* blind-test.h - a seeded random source and a private folder for the tests of the blind room. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include <veil/blind.h>

/* SplitMix64: good enough to be different everywhere, and the same in every run. data: guint64 state. */
static inline void
seeded(void *out, gsize n, gpointer data)
{
	guint64 *state = data;
	guint8 *bytes = out;
	for (gsize i = 0; i < n; i++) {
		guint64 z = (*state += 0x9E3779B97F4A7C15u);
		z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
		z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
		bytes[i] = (guint8)((z ^ (z >> 31)) >> 11);
	}
}

static inline void
assert_failed_with(GError *error, VeilErrorCode code)
{
	assert_non_null(error);
	assert_true(error->domain == VEIL_ERROR);
	assert_int_equal(error->code, code);
}
