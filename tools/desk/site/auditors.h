/* auditors.h - whom audit files are sealed to, and opening one.
 *
 * The auditor's key pair is made on his own machine; the site knows its public half by a record (`site.init` or `auditor.add`), so that who could read what
 * a freeze wrote can be told from the ledger. In a rehearsal the pair lies in audit/auditor.key, unwrapped, and is found without being named.
 */
#pragma once

#include <veil/audit.h>
#include <veil/sealed.h>

#include "site/batch.h"
#include "site/log.h"
#include "site/rows.h"

#define VEIL_AUDITOR_KEY_NAME "auditor.key" /* in audit/ of a rehearsal */

/* One whose files are sealed to. */
typedef struct {
	char *handle;
	guint8 public_key[32];
	gboolean removed;
} VeilAuditor;
/* (transfer full) In the order in which they were named; VeilAuditor. */
GPtrArray *veil_auditors_read(VeilLedger *ledger, GError **error);

/* VEIL_ERROR_USAGE for a mistyped line, VEIL_ERROR_REFUSED for a handle or key that is or was there. */
gboolean veil_auditor_add(const VeilStep *step, const char *handle, const char *public_line, GError **error);
/* What is sealed from now on is not for him; what was sealed stays open to him. */
gboolean veil_auditor_remove(const VeilStep *step, const char *handle, GError **error);
gboolean veil_auditors_print(const VeilSite *site, VeilPrint how, GError **error);

/* Is there somebody to seal to? VEIL_ERROR_REFUSED if not; a rehearsal of an older version, which has no auditor, may go without. */
gboolean veil_audit_can_seal(const VeilSite *site, VeilLedger *ledger, GError **error);
/* (transfer full) The file of a freeze, for the auditors of now and the registry; in a rehearsal without an auditor the file as it is. */
GBytes *veil_audit_seal(const VeilSite *site, VeilLedger *ledger, const VeilKeys *keys, GBytes *file, GError **error);
/* (transfer full) What audit/NAME.audit holds, opened with the auditor's key: that of key_file, else of the file that VEIL_AUDITOR_KEY names, else of the rehearsal. */
GBytes *veil_audit_load(const VeilSite *site, const char *name, const char *key_file, GError **error);
VeilAudit *veil_audit_open(const VeilSite *site, const char *name, const char *key_file, GError **error);
/* (transfer full) The content of a sealed or plain audit file, for the holder of the registry's keys. */
GBytes *veil_audit_unseal(const char *path, const VeilKeys *keys, GError **error);
