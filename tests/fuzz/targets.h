/* targets.h - the parsers that read what comes from other machines or from a disk: one function each, for libFuzzer and for the mutation test.
 *
 * Each returns TRUE when the bytes were taken as good. What is taken must be the very bytes that were made, or say the very same thing; a target
 * aborts when that does not hold.
 */
#pragma once

#include <glib.h>

typedef gboolean (*FuzzTarget)(const guint8 *bytes, gsize len);

typedef struct {
	const char *name;
	FuzzTarget target;
	void (*seed)(GByteArray *out); /* a good one */
	gboolean others;	       /* a mutation can be good as well: it says something else (another number), or has somebody else's line behind it */
} FuzzKind;

/* A VeilRandomFunc from a guint64: a run can be repeated. */
static inline void
fuzz_seeded(void *out, gsize n, gpointer data)
{
	guint64 *state = data;
	guint8 *bytes = out;

	for (gsize i = 0; i < n; i++) {
		guint64 z = (*state += 0x9E3779B97F4A7C15u);

		z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
		bytes[i] = (guint8)((z ^ (z >> 27)) >> 11);
	}
}

extern const FuzzKind fuzz_kinds[]; /* ends with name NULL */
void fuzz_set_up(void);
