/* private.h - shared inside engine/ledger and its tests only. */
#pragma once

#include <veil/ledger.h>

/* Ed25519 as libsodium verifies it, which refuses keys and R of small order, keys that are not canonical and S out of range. */
gboolean veil_ledger__verify(const guint8 key[32], const guint8 signature[64], const void *message, gsize len);
/* First 4 bytes of SHA-256(name LF type public). */
void veil_ledger__key_id(const char *name, gsize len, guint8 type, const guint8 public[32], guint8 out[4]);
/* A public key line "name+hash+base64(type, key)" of this type, its hash right. */
gboolean veil_ledger__key_parse(const char *text, gsize len, guint8 type, gsize *out_name_len, guint8 out_id[4], guint8 out_key[32]);
