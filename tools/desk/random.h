/* random.h - the system's randomness, as a VeilRandomFunc: where chance enters. */
#pragma once

#include <veil/base.h>

void veil_random(void *out, gsize n, gpointer unused);
