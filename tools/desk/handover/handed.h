/* handed.h - what the drawer hands over, held to the ledger.
 *
 * Who is to be called and who gets which packet follow from the batch file, which neither the registrar nor the requester is given: they get lists, NAME.drawn and NAME.panels. A list that
 * was changed on its way would have the registrar open the name of whoever is written into it, or packets sent to people nobody drew. So the drawer's own commands sign, after each draw and
 * each vacancy, what they wrote (`batch.handover`), and whoever acts on a list asks first whether it is the last one signed.
 */
#pragma once

#include "site/log.h"
#include "site/site.h"

/* Signs what stands there now, unless the latest record says the same. For the drawer's commands, when they are done. */
gboolean veil_handed_log(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error);

/* (transfer full) The list as veil_drawn_read and veil_panels_read give it, found to be the one that the latest record of this freeze names; else VEIL_ERROR_VERIFY. What was compared is what is
 * given: whoever read the file once more would act upon what its writer had put there in between. */
GArray *veil_handed_drawn(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error);
GPtrArray *veil_handed_panels(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error);
