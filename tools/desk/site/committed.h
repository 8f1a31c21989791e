/* committed.h - is a batch file the one that the ledger names? */
#pragma once

#include <veil/batch.h>

#include "site/log.h"

/**
 * veil_batch_check_committed:
 * The file's root is that of its freeze's record, the roots of its first n_draws draws are those of their records, and every line of its journal is a record in the same words.
 * Whoever acts upon a file, or prints it for others to sign, asks first: a file on a desk can be changed by its holder. batch: as read from path.
 *
 * Errors: VEIL_ERROR_VERIFY, naming which of them does not hold.
 */
gboolean veil_batch_check_committed(VeilLedger *ledger, const char *path, const VeilBatch *batch, guint32 n_draws, GError **error);
