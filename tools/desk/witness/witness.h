/* witness.h - who the witnesses are, and whether enough of them have signed what the ledger says. */
#pragma once

#include "site/batch.h"
#include "site/log.h"

/* How old a cosignature may be when something is opened, and how far a witness's clock may be ahead. */
#define VEIL_WITNESS_FRESH_S 600
#define VEIL_WITNESS_AHEAD_S 300

/* Names the witnesses in site.ini and in the ledger (site.witnesses). Outside a rehearsal under another operator's approval; run without one it writes
 * the request and is refused with its id. */
gboolean veil_witnesses_set(const VeilStep *step, const char *const *keys, guint quorum, GError **error);

/* Are the witnesses of site.ini those whom the ledger names? In a rehearsal there may be none at all. VEIL_ERROR_REFUSED. */
gboolean veil_witnesses_logged(const VeilSite *site, VeilLog *log, GError **error);

/**
 * veil_witnessed:
 * Looks at ledger/checkpoint and ledger/checkpoints/ (or at the note in path, when not NULL) for a checkpoint of this log that covers record seq
 * and that the site's quorum of witnesses cosigned in the last ten minutes; the log must continue it. out_size: of that checkpoint. A quorum of 0
 * is for rehearsals. Errors: VEIL_ERROR_REFUSED too few (or site.ini is not what the ledger says), VEIL_ERROR_VERIFY a note in path that does not hold.
 */
gboolean veil_witnessed(const VeilSite *site, VeilLog *log, const char *path, guint64 seq, gint64 now_unix_s, guint64 *out_size, GError **error);
