/* procedure.h - a certificate of procedure for one project: what was done, when, under which record; nobody's name, nobody's code. */
#pragma once

#include "site/batch.h"

/**
 * veil_procedure_write:
 * Logs that it was asked (audit.project), verifies the whole log, holds batch file and audit file to it, and writes path (for a person) and path.json (docs/design/bundle.md;
 * `veil-verify batch FILE --procedure path.json`). Neither may exist. auditor_key: as veil_audit_open takes it. batch NULL: the one that has the project. VEIL_ERROR_NOT_AVAILABLE: no such project.
 */
gboolean veil_procedure_write(const VeilStep *step, const char *batch, const char *project, const char *auditor_key, const char *path, GError **error);
