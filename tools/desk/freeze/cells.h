/* cells.h - what of a reviewer the drawer may see: attributes and loads shared by at least five. */
#pragma once

#include <veil/batch.h>

/* Lowers loads until each is shared by at least five reviewers (or by all there are). Cost: n log n. */
void veil_cells_merge_loads(VeilBatchReviewer *reviewers, guint32 n);
/* Blanks texts of said (n rows of n_columns, NULL = not said), the first column first, until every combination of load and texts is shared by at
 * least five; afterwards a smaller cell exists only where fewer than five reviewers have a load at all. load: merged ones. */
void veil_cells_coarsen(const guint32 *load, const char **said, guint32 n, guint32 n_columns);
