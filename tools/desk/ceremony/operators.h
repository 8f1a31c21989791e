/* operators.h - naming operators and revoking them. */
#pragma once

#include "site/batch.h"
#include "site/operator.h"
#include "site/rows.h"

/**
 * veil_step_operator_add:
 * Names an operator in the ledger. The first one of a ledger that has none (made by an older veil) is the one who acts. While a site is set up, before its first
 * import or batch, a registrar adds others alone; later that takes another operator's approval (approve.h), else one registrar could make himself
 * a second person. public_key NULL: in a rehearsal, a new key made in the site.
 * Errors: VEIL_ERROR_REFUSED a handle or key that is or was in use, no approval yet, role.
 */
gboolean veil_step_operator_add(const VeilStep *step, const char *handle, guint roles, const char *public_key, const char *reason, GError **error);
/* VEIL_ERROR_REFUSED for the last registrar. What he signed stays signed. */
gboolean veil_step_operator_revoke(const VeilStep *step, const char *handle, const char *reason, GError **error);
/* Columns handle, roles, key, state (active, revoked). */
gboolean veil_operators_print(const VeilSite *site, VeilPrint how, GError **error);
