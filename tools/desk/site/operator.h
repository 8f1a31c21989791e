/* operator.h - who may sign records, as the ledger tells it: handles, keys, roles.
 *
 * The ledger knows operators by handle and key only; who a handle is, is known to the site's people and to nobody's file.
 */
#pragma once

#include <veil/blind.h>
#include <veil/ledger-store.h>

typedef enum {
	VEIL_ROLE_REGISTRAR = 1 << 0,
	VEIL_ROLE_REQUESTER = 1 << 1,
	VEIL_ROLE_DRAWER = 1 << 2,
	VEIL_ROLE_NOTIFIER = 1 << 3,
	VEIL_ROLE_AUDITOR = 1 << 4,
	VEIL_ROLE_CUSTODIAN = 1 << 5,
	VEIL_ROLES_ALL = (1 << 6) - 1,
} VeilRoles;

/* "registrar;drawer", also with commas; 0 for anything else. */
guint veil_roles_parse(const char *text);
/* (transfer full) in the order above, ';' between. */
char *veil_roles_text(guint roles);
/* 1 to 64 bytes of letters, digits and . _ : -, the first a letter or digit. VEIL_ERROR_USAGE. */
gboolean veil_operator_check_handle(const char *handle, GError **error);

typedef struct {
	char *handle;
	guint8 key[32];
	guint roles; /* VeilRoles */
	gboolean revoked;
} VeilOperator;

typedef struct {
	GPtrArray *list; /* VeilOperator, in the order they were named */
	gboolean rehearsal, begun; /* begun: lists were imported or a batch made, so that the site's set-up is over */
} VeilOperators;

/* As far as the ledger names them; may be called inside its write transaction. */
VeilOperators *veil_operators_read(VeilLedger *ledger, GError **error);
void veil_operators_free(VeilOperators *operators);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilOperators, veil_operators_free)
/* NULL when nobody of this handle may sign now (never added, or revoked). */
const VeilOperator *veil_operators_find(const VeilOperators *operators, const char *handle);
const VeilOperator *veil_operators_find_key(const VeilOperators *operators, const guint8 key[32]);

/* --- the operator of this process -------------------------------------------------------------------------------------- */

/* The key file named on the command line (nullable); without one it is SITE/ledger/operators/HANDLE.key. Once, before anything is logged. */
void veil_operator_use_key_file(const char *path);
/* (transfer full) the file this operator's key lies in. */
char *veil_operator_key_file(const char *site, const char *handle);
/* (transfer full) Who the named key file's owner is, by its public half in FILE.pub and the ledger; NULL without *error when no file was named. */
char *veil_operator_handle_of_key(VeilLedger *ledger, GError **error);
/* (transfer none) Opened once a process; asks for the passphrase when wrapped (VEIL_OPERATOR_PASSPHRASE_FILE, else VEIL_PASSPHRASE_FILE, else the
 * terminal). */
const VeilOperatorKey *veil_operator_key_of_file(const char *path, GError **error);
/* (transfer none) Keeps an opened key as that of path, so that nobody is asked twice. */
const VeilOperatorKey *veil_operator_keep_key(const char *path, VeilOperatorKey *key);
/* A new pair: path, mode 0600, wrapped by passphrase unless NULL, and the public half in path.pub. */
VeilOperatorKey *veil_operator_make_key(const char *path, const char *passphrase, GError **error);
/* May this handle act in this role now? In a rehearsal everybody. VEIL_ERROR_REFUSED. */
gboolean veil_operators_check_role(const VeilOperators *operators, const char *handle, const char *role, GError **error);
