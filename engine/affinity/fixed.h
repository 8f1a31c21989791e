/* fixed.h - logarithm and square root in integers: the same bits from every compiler. */
#pragma once

#include <veil/base.h>

#define VEIL_FIXED_BITS 12
#define VEIL_FIXED_ONE (1u << VEIL_FIXED_BITS)

/* log2(x) in units of 1/4096, rounded down; x >= 1. */
guint32 veil_fixed_log2(guint64 x);
/* floor(sqrt(x)). */
guint64 veil_fixed_sqrt(guint64 x);
