/* show.h - what the drawer's commands print: codes only. */
#pragma once

#include <veil/batch.h>

#include "site/rows.h"

typedef enum { VEIL_SHOW_SUMMARY, VEIL_SHOW_ASSIGNMENTS, VEIL_SHOW_CANDIDATES } VeilShow;

/* Load of every reviewer in the draw; n_reviewers. (transfer full) */
guint32 *veil_batch_loads(const VeilBatch *batch);

/* To standard output. VEIL_ERROR_NOT_AVAILABLE for assignments before the draw. */
gboolean veil_show(const VeilBatch *batch, VeilShow what, VeilPrint how, GError **error);
