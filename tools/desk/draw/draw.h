/* draw.h - what other steps ask about draws. */
#pragma once

#include "site/log.h"

/* Whether draw n of this freeze was begun: its seed stands in the ledger, so nothing that it depends on may change until it is in the file. */
gboolean veil_draw_is_begun(VeilLog *log, const char *freeze_id, guint32 n, gboolean *out_begun, GError **error);
