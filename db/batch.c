/* batch.c - the batch in memory, and writing it: once, by a freeze. */
#include <string.h>

#include "batch-file.h"

VeilBatch *
veil_batch_new(void)
{
	VeilBatch *batch = g_new0(VeilBatch, 1);

	batch->meta_keys = g_ptr_array_new_with_free_func(g_free);
	batch->meta_values = g_ptr_array_new_with_free_func(g_free);
	batch->strings = g_string_chunk_new(4096);
	return batch;
}

void
veil_batch_draw_clear(VeilBatchDraw *draw)
{
	g_free(draw->operator_handle);
	g_free(draw->certificate);
	g_free(draw->request);
	g_free(draw->prices);
	g_free(draw->odds_offset);
	g_free(draw->odds_reviewer);
	g_free(draw->odds);
	g_free(draw->lottery_weight);
	g_free(draw->lottery_reviewer);
	memset(draw, 0, sizeof *draw);
}

void
veil_batch_event_clear(VeilBatchEvent *event)
{
	g_free(event->record);
	g_free(event->operator_handle);
	memset(event, 0, sizeof *event);
}

void
veil_batch_free(VeilBatch *batch)
{
	if (batch == NULL)
		return;
	g_ptr_array_unref(batch->meta_keys);
	g_ptr_array_unref(batch->meta_values);
	g_string_chunk_free(batch->strings);
	g_free(batch->reviewers);
	g_free(batch->projects);
	g_free(batch->offset);
	g_free(batch->reviewer);
	g_free(batch->score);
	g_free(batch->mark);
	for (guint32 i = 0; i < batch->n_draws; i++)
		veil_batch_draw_clear(&batch->draws[i]);
	for (guint32 i = 0; i < batch->n_events; i++)
		veil_batch_event_clear(&batch->events[i]);
	g_free(batch->draws);
	g_free(batch->events);
	g_free(batch->places);
	g_free(batch->place_offset);
	g_free(batch);
}

void
veil_batch_set(VeilBatch *batch, const char *key, const char *value)
{
	g_ptr_array_add(batch->meta_keys, g_strdup(key));
	g_ptr_array_add(batch->meta_values, g_strdup(value));
}

const char *
veil_batch_get(const VeilBatch *batch, const char *key)
{
	for (guint i = 0; i < batch->meta_keys->len; i++)
		if (strcmp(g_ptr_array_index(batch->meta_keys, i), key) == 0)
			return g_ptr_array_index(batch->meta_values, i);
	return NULL;
}

gboolean
veil_batch_is_current(const VeilBatch *batch)
{
	return g_strcmp0(veil_batch_get(batch, "format"), VEIL_BATCH_FORMAT) == 0;
}

/* --- looking up ---------------------------------------------------------------------------------------------------- */

static int
find_code(const char *code, const void *rows, guint32 n, gsize size)
{
	guint32 low = 0, high = n;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;
		int order = strcmp((const char *)rows + (gsize)middle * size, code);

		if (order == 0)
			return (int)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int
veil_batch_find_project(const VeilBatch *batch, const char *code)
{
	return find_code(code, batch->projects, batch->n_projects, sizeof *batch->projects);
}

int
veil_batch_find_reviewer(const VeilBatch *batch, const char *code)
{
	return find_code(code, batch->reviewers, batch->n_reviewers, sizeof *batch->reviewers);
}

/* The first listed entry of the project that is not before the reviewer. */
static guint64
find_listed(const VeilBatch *batch, guint32 project, guint32 reviewer)
{
	guint64 low = batch->offset[project], high = batch->offset[project + 1];

	while (low < high) {
		guint64 middle = low + (high - low) / 2;

		if (batch->reviewer[middle] < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

gboolean
veil_batch_lists(const VeilBatch *batch, guint32 project, guint32 reviewer)
{
	guint64 at = find_listed(batch, project, reviewer);

	return at < batch->offset[project + 1] && batch->reviewer[at] == reviewer;
}

gint64
veil_batch_score(const VeilBatch *batch, guint32 project, guint32 reviewer)
{
	return veil_batch_lists(batch, project, reviewer) ? batch->score[find_listed(batch, project, reviewer)] : 0;
}

guint32
veil_batch_seats(const VeilBatch *batch, guint32 project)
{
	guint32 seats = 0;

	if (batch->n_draws == 0)
		return batch->projects[project].demand;
	for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++)
		seats += batch->places[i].role == VEIL_ROLE_PANEL && strcmp(batch->draws[batch->places[i].draw - 1].kind, "top-up") != 0;
	return seats;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static gboolean
write_meta(VeilDb *db, const VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO meta VALUES (?1, ?2)", error);

	if (insert == NULL)
		return FALSE;
	for (guint i = 0; i < batch->meta_keys->len; i++) {
		veil_stmt_bind_text(insert, 1, g_ptr_array_index(batch->meta_keys, i));
		veil_stmt_bind_text(insert, 2, g_ptr_array_index(batch->meta_values, i));
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_reviewers(VeilDb *db, const VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO reviewer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", error);

	if (insert == NULL)
		return FALSE;
	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		const VeilBatchReviewer *row = &batch->reviewers[r];

		veil_stmt_bind_text(insert, 1, row->code);
		veil_stmt_bind_int(insert, 2, row->min_load);
		veil_stmt_bind_int(insert, 3, row->max_load);
		veil_stmt_bind_text(insert, 4, *row->employer ? row->employer : NULL);
		veil_stmt_bind_text(insert, 5, row->kind);
		veil_stmt_bind_text(insert, 6, row->province);
		veil_stmt_bind_text(insert, 7, row->rank);
		veil_stmt_bind_text(insert, 8, row->attributes);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_projects(VeilDb *db, const VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO project VALUES (?1, ?2, ?3, ?4, ?5, ?6)", error);
	g_autoptr(GByteArray) blob = g_byte_array_new();

	if (insert == NULL)
		return FALSE;
	for (guint32 p = 0; p < batch->n_projects; p++) {
		const VeilBatchProject *row = &batch->projects[p];
		guint64 n = batch->offset[p + 1] - batch->offset[p];

		g_byte_array_set_size(blob, (guint)(8 * n));
		for (guint64 k = 0; k < n; k++) {
			veil_put_u32(blob->data + 8 * k, batch->reviewer[batch->offset[p] + k]);
			veil_put_u32(blob->data + 8 * k + 4, veil_batch__score_word(batch, batch->offset[p] + k));
		}
		veil_stmt_bind_text(insert, 1, row->code);
		veil_stmt_bind_int(insert, 2, row->demand);
		veil_stmt_bind_text(insert, 3, row->project_class);
		veil_stmt_bind_text(insert, 4, row->team);
		if (row->cut >= 0)
			veil_stmt_bind_int(insert, 5, row->cut);
		else
			veil_stmt_bind_null(insert, 5);
		veil_stmt_bind_blob(insert, 6, n ? (const void *)blob->data : "", 8 * n);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_batch_write(const char *path, const VeilBatch *batch, guint8 out_root[32], GError **error)
{
	int version;
	g_autoptr(VeilDb) db = veil_batch__open(path, VEIL_DB_CREATE, &version, error);
	gsize n;
	const VeilTableRows *rows = db ? veil_batch__freeze_rows(version, &n) : NULL;

	return db != NULL && veil_db_begin(db, error) && write_meta(db, batch, error) && write_reviewers(db, batch, error) &&
	       write_projects(db, batch, error) && veil_db_commit(db, error) && veil_db_root(db, rows, n, 0, out_root, error);
}
