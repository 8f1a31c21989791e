/* ledger.h - what is asked of the ledger itself: a thorough checkpoint, a proof, a copy for an auditor. */
#pragma once

#include <veil/ledger-store.h>

#include "site/site.h"

/* Verifies everything, then signs. out_path: checkpoints/SIZE.note (transfer full); out_root: 65 bytes, hex. */
gboolean veil_desk_ledger_checkpoint(const VeilSite *site, guint64 *out_size, char *out_root, char **out_path, GError **error);
/* (transfer full) The proof that record SEQ (as typed) is in the log, as veil_ledger_prove makes it. VEIL_ERROR_USAGE: no number. */
char *veil_desk_ledger_prove(const VeilSite *site, const char *seq, GError **error);
/* (transfer full) The proof that the checkpoint of TO records (NULL: the latest) continues the first FROM, as veil_ledger_prove_consistency makes it. */
char *veil_desk_ledger_prove_from(const VeilSite *site, const char *from, const char *to, GError **error);
/* FILE, FILE.checkpoint and FILE.vkey, none of which may exist: what veil-verify ledger needs. Verifies everything before. */
gboolean veil_desk_ledger_export(const VeilSite *site, const char *path, GError **error);
