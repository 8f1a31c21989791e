/* close.h - the end of a batch: settled, closed (its key destroyed), its escrow destroyed. */
#pragma once

#include "site/batch.h"

/* The requester's word that all results stand: the term for complaints runs from here. Ledger only. */
gboolean veil_step_settle(const VeilStep *step, const char *name, GError **error);
/**
 * veil_step_close:
 * After settlement, the policy's complaint_days and another operator's approval: destroys the live key. Run without an approval it writes the request and
 * is refused with its id; an interrupted closing is completed. out_openable: how many custodians can still open the batch together, 0: nobody.
 */
gboolean veil_step_close(const VeilStep *step, const char *name, guint *out_openable, GError **error);
/* After the policy's retention_years and an approval: what the custodians hold opens nothing from now on. The same manners. */
gboolean veil_step_escrow_destroy(const VeilStep *step, const char *name, GError **error);
