/* words.h - numbers without bias from a seed's stream (docs/design/draw.md, 1). Private to this room. */
#pragma once

#include <veil/base.h>

typedef struct {
	const guint8 *seed;
	const char *label;
	guint8 *bytes; /* the stream from its beginning; grown by making it anew, twice as long */
	gsize used, size;
} Words;

void veil_draw__words_init(Words *words, const guint8 seed[32], const char *label);
void veil_draw__words_clear(Words *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Words, veil_draw__words_clear)
/* Uniform in [0, bound), bound > 0. */
guint64 veil_draw__below(Words *words, guint64 bound);
