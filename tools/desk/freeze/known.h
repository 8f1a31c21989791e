/* known.h - what the registry had been told when it was read, in numbers of ledger records. */
#pragma once

#include "site/log.h"

typedef struct {
	guint64 size; /* of the ledger */
	guint64 imports, suspensions, merges; /* records among these */
} VeilKnown;

/* To be asked while the registry's write lock is held: whoever changes it logs under the same lock, so that what is counted is what is in it. */
gboolean veil_known_read(VeilLog *log, VeilKnown *out, GError **error);
