/* veil/audit.h - the audit file audit/NAME.audit: tokenised facts, exclusions, full attributes.
 *
 * Format: docs/design/formats.md 1.2. The facts are a VeilFacts whose persons, organisations and projects lie in the order of their
 * codes; conflict rules run on it as they ran at freeze.
 * Blinding: pseudonymous, for the auditor only.
 */
#pragma once

#include <veil/conflict.h>

G_BEGIN_DECLS

#define VEIL_AUDIT_FORMAT "veil-audit/1"
#define VEIL_AUDIT_CODE_BYTES 24

typedef struct {
	char code[VEIL_AUDIT_CODE_BYTES];     /* the auditor's */
	char reviewer[VEIL_AUDIT_CODE_BYTES]; /* the drawer's, "" for stubs */
} VeilAuditPerson;

typedef struct {
	GPtrArray *meta_keys, *meta_values; /* char*, parallel */
	VeilFacts *facts;
	VeilAuditPerson *persons;		     /* facts->persons->len */
	char (*projects)[VEIL_AUDIT_CODE_BYTES]; /* the drawer's project codes */
	char (*orgs)[20];			     /* tokens */
	VeilExclusions *exclusions;
	VeilPolicy *policy;
} VeilAudit;

VeilAudit *veil_audit_new(void);
void veil_audit_free(VeilAudit *audit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilAudit, veil_audit_free)
void veil_audit_set(VeilAudit *audit, const char *key, const char *value);
const char *veil_audit_get(const VeilAudit *audit, const char *key);

/* The SQLite file itself, in memory: on a disk it lies sealed (veil/sealed.h). (transfer full); out_root: audit_root. */
GBytes *veil_audit_format(const VeilAudit *audit, guint8 out_root[32], GError **error);
VeilAudit *veil_audit_parse(GBytes *file, GError **error);
gboolean veil_audit_root(GBytes *file, guint8 out_root[32], GError **error);

G_END_DECLS
