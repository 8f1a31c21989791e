/* status.h - where a batch stands and what comes next. Drawer's side: batch file and ledger only. */
#pragma once

#include "site/rows.h"
#include "site/site.h"

/* draft, frozen, drawn; VEIL_ERROR_NOT_AVAILABLE when neither file nor ledger knows the batch. */
gboolean veil_status_print(const VeilSite *site, const char *name, VeilPrint how, GError **error);
