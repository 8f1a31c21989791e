/* minutes-journal.h - the journal and the later draws, as the minutes tell them. */
#pragma once

#include <veil/batch.h>
#include <veil/report.h>

/* (transfer full) of VeilMinutesEvent; its texts are static or the batch's. */
GArray *veil_minutes_events(const VeilBatch *batch);
/* Reserve places that were drawn, and how many the pool left empty of those that were asked for. */
void veil_minutes_reserves(const VeilBatch *batch, guint32 asked_each, guint64 *out_drawn, guint64 *out_short, guint32 *out_projects_short);
/* Bands of a tenth of the highest odds: (0, 0.02], ... -> pairs. Labels are owned by the array's caller: free them. (transfer full) of VeilCount. */
GArray *veil_minutes_odds(const VeilBatch *batch, guint32 cap);
