/* certificate.h - what a draw stores beside prices, objective and bound, so that its optimum can be proved again. */
#pragma once

#include "solve/instance.h"

/* (transfer full) Canonical JSON (docs/design/formats.md 1.1): prices of shares; for method fair the weights of floors and the proof of the minimum. Keyed by codes; only what
 * is not 0; "{}" when there is nothing to say. */
char *veil_certificate_of_match(const VeilBatch *batch, const VeilBatchInstance *instance, const VeilMatch *match, gboolean fair);
