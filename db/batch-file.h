/* batch-file.h - what the files of the batch store share. */
#pragma once

#include <veil/batch.h>

#include "db.h"
#include "root.h"

/* Whole batches; version 1 or 2 of the file, neither migrated nor refused. */
VeilDb *veil_batch__open(const char *path, VeilDbMode mode, int *out_version, GError **error);
/* The rows a root covers, in order, and how many there are: of the freeze; of draw ?1. */
const VeilTableRows *veil_batch__freeze_rows(int version, gsize *out_n);
const VeilTableRows *veil_batch__draw_rows(int version, gsize *out_n);

/* FALSE always: VEIL_ERROR_VERIFY. */
gboolean veil_batch__damaged(const char *what, GError **error);
/* A code, a name or a time into a field of the struct; FALSE (damaged) when it is absent or too long. */
gboolean veil_batch__take(VeilStmt *rows, int column, char *out, gsize size, const char *what, GError **error);
/* Columns code .. attributes of a reviewer from `column` on. Texts go into the batch's chunk. */
gboolean veil_batch__take_reviewer(VeilBatch *batch, VeilStmt *rows, int column, VeilBatchReviewer *out, GError **error);
/* Columns code, demand, class, team, cut. */
gboolean veil_batch__take_project(VeilBatch *batch, VeilStmt *rows, VeilBatchProject *out, GError **error);
/* The second word of a candidate: the score below, the marks above. FALSE: a mark that is not known. */
#define VEIL_BATCH_MARK_SHIFT 24
guint32 veil_batch__score_word(const VeilBatch *batch, guint64 i);
gboolean veil_batch__take_score(guint32 word, gint64 *out_score, guint8 *out_mark);
/* Columns seq .. operator of the journal. */
gboolean veil_batch__take_event(VeilStmt *rows, VeilBatchEvent *out, GError **error);
/* The places' seats after the batch's events (of the projects it has). VEIL_ERROR_VERIFY when one names no place. */
gboolean veil_batch__seat(VeilBatch *batch, GError **error);
