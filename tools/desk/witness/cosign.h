/* cosign.h - cosignatures of witnesses taken into the site's checkpoints. */
#pragma once

#include "site/batch.h"
#include "site/rows.h"

/**
 * veil_step_cosign:
 * Each file has cosignature lines, as `veil ledger witness` writes them, or a whole checkpoint. The lines of the site's witnesses go into
 * ledger/checkpoints/SIZE.note; what was taken is printed: witness, records, time. A checkpoint of this log that covers more than is here, or
 * has another history, makes the ledger read-only (restore.h).
 * Errors: VEIL_ERROR_VERIFY a line that is on no checkpoint of this site or of a time to come, a checkpoint that convicts; VEIL_ERROR_REFUSED a later line is
 * there; VEIL_ERROR_INPUT no such file.
 */
gboolean veil_step_cosign(const VeilStep *step, const char *const *files, VeilPrint how, GError **error);
