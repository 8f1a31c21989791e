/* panels.h - desk/NAME.panels: who gets which project, handed over by the drawer's commands to the requester. The drawer's codes; who sits now, no reserve. */
#pragma once

#include <veil/batch.h>

#include "site/site.h"

/* Everybody who sits on a panel now. */
gboolean veil_panels_write(const VeilSite *site, const char *name, const VeilBatch *batch, GError **error);
/* After an event of one project: its lines are made anew. A file that is missing or of another freeze is written whole. */
gboolean veil_panels_update(const VeilSite *site, const char *name, VeilBatchDesk *desk, const char *project, GError **error);
/* (transfer full) char*: "PROJECT REVIEWER", ascending. out_salt (nullable): as the file says. VEIL_ERROR_NOT_AVAILABLE: not drawn yet, or another freeze's; VEIL_ERROR_REFUSED: what lies
 * there is no plain file. */
GPtrArray *veil_panels_read(const VeilSite *site, const char *name, const char *freeze_id, char out_salt[65], GError **error);
