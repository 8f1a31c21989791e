/* veil/draw.h - what a seed decides.
 *
 * Determinism: the seed and n; the stream is ChaCha20 (veil/hash.h), numbers below a bound by rejection, so without bias.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

/* A permutation of 0..n-1, each equally likely over seeds: Fisher-Yates, from the end. */
void veil_draw_order(const guint8 seed[32], const char *label, guint32 *out_order, guint32 n);

G_END_DECLS
