/* words.c - numbers without bias from a seed's stream. */
#include <string.h>

#include <veil/hash.h>

#include "words.h"

enum { FIRST_BYTES = 4096 };

void
veil_draw__words_init(Words *words, const guint8 seed[32], const char *label)
{
	*words = (Words){.seed = seed, .label = label};
}

void
veil_draw__words_clear(Words *words)
{
	g_clear_pointer(&words->bytes, g_free);
}

static guint64
next_word(Words *words)
{
	guint64 word;

	if (words->used == words->size) {
		words->size = words->size == 0 ? FIRST_BYTES : 2 * words->size;
		words->bytes = g_realloc(words->bytes, words->size);
		veil_stream(words->seed, words->label, words->bytes, words->size);
	}
	word = veil_get_u64(words->bytes + words->used);
	words->used += 8;
	return word;
}

guint64
veil_draw__below(Words *words, guint64 bound)
{
	guint64 limit = G_MAXUINT64 - G_MAXUINT64 % bound;
	guint64 word;

	do
		word = next_word(words);
	while (word >= limit);
	return word % bound;
}
