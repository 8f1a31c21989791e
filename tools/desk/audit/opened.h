/* opened.h - what was opened of a batch, and the statement that nothing was. Ledger only. */
#pragma once

#include "site/rows.h"
#include "site/site.h"

/* batch NULL: of all. */
gboolean veil_opened_print(const VeilSite *site, const char *batch, VeilPrint how, GError **error);
/* Writes the zero-opening statement (docs/design/formats.md) of a batch to path, never over anything. VEIL_ERROR_REFUSED when it was opened. */
gboolean veil_opened_statement(const VeilSite *site, const char *batch, const char *path, GError **error);
