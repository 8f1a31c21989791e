/* check.h - `veil batch check`. */
#pragma once

#include "site/rows.h"
#include "site/site.h"

/* Supply and demand, as a whole and by class of projects; when there is no legal assignment why, and what would help. FALSE with VEIL_ERROR_INFEASIBLE then: all is printed. */
gboolean veil_check_print(const VeilSite *site, const char *name, VeilPrint how, GError **error);
