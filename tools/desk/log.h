/* log.h - what every command uses to leave its record. */
#pragma once

#include <veil/ledger-store.h>

typedef struct VeilLog VeilLog;

/* The ledger of a site, for the operator with this handle. */
VeilLog *veil_log_open(const char *site, const char *actor, GError **error);
void veil_log_free(VeilLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilLog, veil_log_free)
/* (transfer none) For looking things up. */
VeilLedger *veil_log_ledger(VeilLog *log);

/**
 * veil_log_append:
 * One record of now (UTC, minute), durable on return, and the quick checkpoint behind it. After error: "key", "value", ... in any order, then
 * NULL; a pair whose value is NULL is left out.
 *
 *	veil_log_append(log, "drawer", "batch.draw.intent", error, "batch", name, "seed", seed, NULL)
 */
gboolean veil_log_append(VeilLog *log, const char *role, const char *act, GError **error, ...) G_GNUC_NULL_TERMINATED;
