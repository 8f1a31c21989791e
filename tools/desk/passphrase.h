/* passphrase.h - where a passphrase comes from. */
#pragma once

#include <veil/blind.h>

/**
 * veil_passphrase_read:
 * The first line (without its LF or CR LF) of the file that VEIL_PASSPHRASE_FILE names; else what is typed on the terminal, unseen, and twice
 * if confirm; else VEIL_ERROR_REFUSED with a message that says how to give one. (transfer full), in guarded memory: veil_secret_free, or
 * declare it g_auto(VeilPassphrase). An empty, longer than 1,023 bytes or not-UTF-8 passphrase is refused.
 */
char *veil_passphrase_read(gboolean confirm, GError **error);

typedef char *VeilPassphrase;
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(VeilPassphrase, veil_secret_free, NULL)
