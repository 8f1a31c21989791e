/* leaks.h - what in the handed-over texts says who wrote them: found by the registry at the freeze (names), and here by their look. Requester's side. */
#pragma once

#include "site/batch.h"
#include "handover/content.h"
#include "site/rows.h"

typedef struct {
	const VeilContentProject *project;
	VeilContentLeak leak;
	char *id; /* "PROJECT:WHERE:LINE:COLUMN:REASON" */
	gboolean waived;
} VeilLeakFinding;

/* (transfer full) of VeilLeakFinding, by the experts' code of the project, then place. */
GArray *veil_leaks_find(const VeilContent *content, VeilLog *log, GError **error);
/* VEIL_ERROR_REFUSED while a finding stands that was not waived. */
gboolean veil_leaks_check(const VeilContent *content, VeilLog *log, GError **error);

/* Prints every finding. waive: ids, or "all"; NULL: none. They are logged with the reason before anything is printed. *out_standing: how many are not waived now.
 * Errors: VEIL_ERROR_NOT_AVAILABLE for an id that is none, VEIL_ERROR_USAGE for a reason that is none. */
gboolean veil_step_leaks(const VeilStep *step, const char *name, char **waive, const char *reason, VeilPrint how, guint *out_standing, GError **error);
