/* order.c - a permutation from a seed, and one of several.
 *
 * Method `total` has one best sum and often many assignments that reach it. Which of them is taken must depend on the published seed and on nothing
 * an insider could arrange, so the seed orders the reviewers and the solver breaks ties in that order.
 */
#include <veil/draw.h>

#include "words.h"

void
veil_draw_order(const guint8 seed[32], const char *label, guint32 *out_order, guint32 n)
{
	g_auto(Words) words = {0};

	veil_draw__words_init(&words, seed, label);
	for (guint32 i = 0; i < n; i++)
		out_order[i] = i;
	for (guint32 i = n; i > 1; i--) {
		guint32 j = (guint32)veil_draw__below(&words, i), swap = out_order[i - 1];

		out_order[i - 1] = out_order[j];
		out_order[j] = swap;
	}
}

guint32
veil_draw_lottery(const guint8 seed[32], const guint32 *weights, guint32 n)
{
	g_auto(Words) words = {0};
	guint64 total = 0, u;
	guint32 i = 0;

	for (guint32 t = 0; t < n; t++)
		total += weights[t];
	g_return_val_if_fail(total > 0, 0);
	veil_draw__words_init(&words, seed, "veil/draw/lottery/1");
	for (u = veil_draw__below(&words, total); u >= weights[i]; i++)
		u -= weights[i];
	return i;
}
