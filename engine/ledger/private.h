/* private.h - shared inside engine/ledger and its tests only. */
#pragma once

#include <veil/ledger.h>

/* Ed25519 as libsodium verifies it, which refuses keys and R of small order, keys that are not canonical and S out of range. */
gboolean veil_ledger__verify(const guint8 key[32], const guint8 signature[64], const void *message, gsize len);
