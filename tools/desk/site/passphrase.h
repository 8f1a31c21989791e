/* passphrase.h - where a passphrase comes from. */
#pragma once

#include <veil/blind.h>

/* Whose: the one officer's or the first's, the second's; what a key is to be wrapped with from now on. */
typedef enum {
	VEIL_PASSPHRASE_FIRST,
	VEIL_PASSPHRASE_SECOND,
	VEIL_PASSPHRASE_NEW,
	VEIL_PASSPHRASE_NEW_SECOND,
	VEIL_PASSPHRASE_OPERATOR, /* of the key with which this operator signs */
	VEIL_PASSPHRASE_AUDITOR,  /* of the key that opens audit files */
} VeilPassphraseWhich;

/**
 * veil_passphrase_read:
 * The first line (without its LF or CR LF) of the file that VEIL_PASSPHRASE_FILE (_2 for the second officer's, VEIL_NEW_PASSPHRASE_FILE and its
 * _2 for new ones, VEIL_OPERATOR_PASSPHRASE_FILE for an operator's, VEIL_AUDITOR_PASSPHRASE_FILE for an auditor's) names; else what is typed on the terminal, unseen, and twice if confirm; else VEIL_ERROR_REFUSED with a message that says how
 * to give one. (transfer full), in guarded memory: veil_secret_free, or declare it g_auto(VeilPassphrase). An empty, longer than 1,023 bytes or
 * not-UTF-8 passphrase is refused.
 */
char *veil_passphrase_read(VeilPassphraseWhich which, gboolean confirm, GError **error);
/* A file is named for it, so nobody has to be there. */
gboolean veil_passphrase_offered(VeilPassphraseWhich which);

typedef char *VeilPassphrase;
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(VeilPassphrase, veil_secret_free, NULL)
