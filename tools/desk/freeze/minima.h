/* minima.h - minima of panel rules and shares that rest on what is not said of many: a missing attribute never fills a minimum. */
#pragma once

#include <veil/batch.h>
#include <veil/policy.h>

/* (transfer full) char*, one a rule, for people: of how many reviewers (rounded down to fives, from five and a fifth of them on) the attribute is not said, or in how many
 * projects nobody counts as a peer. Counts alone, of what the batch file says. */
GPtrArray *veil_minima_warnings(const VeilBatch *batch, const VeilPolicy *policy);
/* The same on standard error. */
void veil_minima_warn(const VeilBatch *batch, const VeilPolicy *policy);
