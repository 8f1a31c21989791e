/* cells.h - what of a reviewer the drawer may see: attributes and loads shared by at least five. */
#pragma once

#include <veil/batch.h>

/* Lowers loads until each is shared by at least five reviewers (or by all there are). Cost: n log n. */
void veil_cells_merge_loads(VeilBatchReviewer *reviewers, guint32 n);
/* Blanks rank, province, kind until every combination of load and attributes is shared by at least five; afterwards a
 * smaller cell exists only where fewer than five reviewers have a load at all. */
void veil_cells_coarsen(VeilBatchReviewer *reviewers, guint32 n);
