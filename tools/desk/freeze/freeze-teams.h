/* freeze-teams.h - which projects of a batch share one panel (K03). */
#pragma once

#include "freeze/freeze.h"

/* Fills the team of the batch's projects as the policy says: an opaque token, NULL for a project by itself.
 * (transfer full) team number of each project in code order, 0 none; NULL when no two projects share a panel.
 * VEIL_ERROR_REFUSED: a team of the list is too large. */
gboolean veil_freeze_teams(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch, guint32 **out_team, GError **error);
