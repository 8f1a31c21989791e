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

typedef enum { VEIL_HANDED_DRAWN, VEIL_HANDED_PANELS } VeilHanded;
/* VEIL_ERROR_VERIFY when the list is not the one that the latest record of this freeze names. */
gboolean veil_handed_check(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, VeilHanded which, GError **error);
