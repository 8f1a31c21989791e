/* conflicts.h - what the auditor's commands print: excluded pairs, and why one of them is. */
#pragma once

#include <veil/audit.h>
#include <veil/io.h>

#include "draw/show.h"

/* Rows project,reviewer,rules in the drawer's codes, everyone excluded from the whole batch with every project. To standard output. */
gboolean veil_conflicts_print(const VeilAudit *audit, VeilPrint how, GError **error);
/* Every reason for one pair, both facts and dates. VEIL_ERROR_NOT_AVAILABLE when a code is of nobody in this batch. */
gboolean veil_explain_print(const VeilAudit *audit, const char *project, const char *reviewer, VeilPrint how, GError **error);
