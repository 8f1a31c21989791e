/* codes.h - whose code is this? The one command of a batch that opens identities; registrar's side, logged before anything is shown. */
#pragma once

#include "site/batch.h"
#include "site/rows.h"

/**
 * veil_codes_print:
 * Rows code,side,source,id in the drawer's codes, sorted by code. project_id NULL: everybody (a rehearsal only), else that one project's code.
 * Errors: VEIL_ERROR_REFUSED outside a rehearsal, or not frozen yet; VEIL_ERROR_NOT_AVAILABLE no such batch or project; wrong passphrase.
 */
gboolean veil_codes_print(const VeilStep *step, const char *name, const char *project_id, const char *source, VeilPrint how, GError **error);
