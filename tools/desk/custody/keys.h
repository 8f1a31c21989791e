/* keys.h - the registry's keys: passphrases changed, keys rotated, given to the custodians against a lost passphrase and taken back. */
#pragma once

#include "site/batch.h"

/* Wraps the same keys under new passphrases (passphrase.h: ..._NEW); two: from now on two officers open them together. */
gboolean veil_desk_keys_passphrase(const VeilStep *step, gboolean two, GError **error);
/* A new key pair and wrap key; what the old ones seal is sealed anew. An interrupted rotation is completed. out_public: see veil_custodian_public_format. */
gboolean veil_desk_keys_rotate(const VeilStep *step, char **out_public, GError **error);
/* Gives the registry's keys to the present custodians; VEIL_ERROR_REFUSED when there are none. */
gboolean veil_desk_keys_escrow(const VeilStep *step, GError **error);
/* The registry's keys from k custodians' parts, sealed to the key pair in key_path; wrapped under new passphrases. */
gboolean veil_desk_keys_recover(const VeilStep *step, const char *const *part_paths, const char *key_path, gboolean two, GError **error);
