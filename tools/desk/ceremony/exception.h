/* exception.h - a field too small for the rules of a fair draw (RULES D06): three operators let one project pass, and the minutes say so. */
#pragma once

#include "site/batch.h"

/**
 * veil_step_exception:
 * Asks for the exception; three other operators approve it (approve.h), and then it holds for this project of this freeze: veil_exception_find.
 * TRUE when it holds already. Opens the batch file and the ledger.
 * Errors: VEIL_ERROR_NOT_AVAILABLE no such batch or project; VEIL_ERROR_REFUSED approvals are missing (the message names the request), a freeze that was
 * replaced; VEIL_ERROR_USAGE no reason.
 */
gboolean veil_step_exception(const VeilStep *step, const char *name, const char *project_code, const char *reason, GError **error);
