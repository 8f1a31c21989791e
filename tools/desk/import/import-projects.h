/* import-projects.h - the state of a batch that is being taken in, shared by its two lists. */
#pragma once

#include <veil/policy.h>

#include "import/import-private.h"

void veil_import_intake_init(Import *import, const char *batch);
void veil_import_intake_clear(Import *import);
void veil_import_intake_counts(const Import *import, guint64 *out_projects, guint64 *out_people);
/* Teams that the policy takes from the list are small enough for one panel. VEIL_ERROR_INPUT. */
gboolean veil_import_intake_check_teams(const Import *import, const VeilPolicy *policy, GError **error);
