/* freeze-lists.h - who is listed for each project: long enough for the bound, for the rules and for the draw. */
#pragma once

#include "freeze/freeze.h"

/* Fills cut and candidates of the batch, whose reviewers and projects are complete. team: by project in code order, 0 none; or NULL. */
gboolean veil_freeze_lists(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, const guint32 *team,
			   VeilBatch *batch, GError **error);
