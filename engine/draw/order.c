/* order.c - a permutation from a seed.
 *
 * Method `total` has one best sum and often many assignments that reach it. Which of them is taken must depend on the published seed and on nothing
 * an insider could arrange, so the seed orders the reviewers and the solver breaks ties in that order.
 * The stream is drawn in blocks: one 64-bit word a step, a second only where the first falls into the biased tail.
 */
#include <veil/draw.h>
#include <veil/hash.h>

typedef struct {
	guint8 *bytes;
	gsize used, size;
} Words;

static guint64
next_word(Words *words)
{
	guint64 word = veil_get_u64(words->bytes + words->used);

	words->used += 8;
	return word;
}

/* The stream for n words and the few that rejection throws away: the chance that `spare` do not suffice is below 2^-128
 * (each is rejected with a chance below n / 2^64). */
enum { SPARE_WORDS = 16 };

static guint32
below(Words *words, guint32 bound)
{
	guint64 limit = G_MAXUINT64 - G_MAXUINT64 % bound;
	guint64 word;

	do {
		g_assert(words->used + 8 <= words->size);
		word = next_word(words);
	} while (word >= limit);
	return (guint32)(word % bound);
}

void
veil_draw_order(const guint8 seed[32], const char *label, guint32 *out_order, guint32 n)
{
	Words words = {.size = 8 * ((gsize)n + SPARE_WORDS)};

	words.bytes = g_malloc(words.size);
	veil_stream(seed, label, words.bytes, words.size);
	for (guint32 i = 0; i < n; i++)
		out_order[i] = i;
	for (guint32 i = n; i > 1; i--) {
		guint32 j = below(&words, i), swap = out_order[i - 1];

		out_order[i - 1] = out_order[j];
		out_order[j] = swap;
	}
	g_free(words.bytes);
}
