/* by-price.h - reviewers in the order of their prices, ties by index: what every bound over cut lists needs. Defined in bound.c. */
#pragma once

#include <veil/base.h>

/* For g_qsort_with_data over guint32 indexes; data: the prices. */
int veil_match__compare_price(gconstpointer a, gconstpointer b, gpointer price);
