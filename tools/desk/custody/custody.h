/* custody.h - a batch's key: its live half beside the registry, its parts with the custodians.
 *
 * registry/live/ID   32 random bytes a freeze, mode 0600, in no copy of the registry (docs/guide/keys.md): with them, the registry's keys and the
 *                    wrapped key the batch can be opened; closing the batch overwrites them.
 * registry/NAME.escrow  what custodians take home; written anew from the registry whenever it is asked for.
 */
#pragma once

#include "site/log.h"
#include "site/site.h"

/* The key of a live batch. VEIL_ERROR_REFUSED when the batch is closed or has none yet, VEIL_ERROR_VERIFY when the live half is missing
 * (a registry put back from a copy): the message says how custodians help. */
VeilBatchKey *veil_live_key_open(const VeilSite *site, const VeilKeys *keys, const VeilBatchRow *row, GError **error);
/* Makes the live half (durable on return) and wraps the key under it. */
gboolean veil_live_key_make(const VeilSite *site, const VeilKeys *keys, const VeilBatchKey *key, const char *name, const char *freeze_id,
			    guint8 out_wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES], GError **error);
/* Wraps it under other keys of the registry, with the live half there is. */
gboolean veil_live_key_rewrap(const VeilSite *site, const VeilKeys *keys, const VeilBatchKey *key, const char *name, const char *freeze_id,
			      guint8 out_wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES], GError **error);
/* Overwrites and removes the live half; TRUE when there is none. */
gboolean veil_live_key_destroy(const VeilSite *site, const char *freeze_id, GError **error);

typedef struct {
	GArray *list; /* VeilCustodian, by handle */
	guint k;      /* 0: the majority */
} VeilCustodians;

VeilCustodians *veil_custodians_read(VeilRegistry *registry, GError **error);
void veil_custodians_free(VeilCustodians *custodians);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilCustodians, veil_custodians_free)
/* How many are needed. */
guint veil_custodians_threshold(const VeilCustodians *custodians);

/* Inside the registry's transaction: splits the key among the present custodians. Nothing happens when there are none. */
gboolean veil_custody_escrow(VeilRegistry *registry, const VeilBatchKey *key, const char *batch, const char *freeze_id, GError **error);
/* batch.escrow for what lies in the registry, if the ledger does not have it yet, and registry/NAME.escrow. TRUE when there is no escrow.
 * to: the registry's keys, to which custodians seal their parts. */
gboolean veil_custody_publish(const VeilSite *site, VeilRegistry *registry, const VeilKeys *keys, VeilLog *log, const char *freeze_id, GError **error);
/* (transfer full) registry/NAME.escrow for what lies in the registry, naming the recipient. */
gboolean veil_custody_write_file(const VeilSite *site, const VeilEscrowRow *row, const guint8 to[32], GError **error);
/* Overwrites a file and removes it; TRUE when there is none. */
gboolean veil_custody_shred(const char *path, GError **error);
