/* batch-draw.c - a draw into the batch file: one transaction, or nothing. */
#include <string.h>

#include "batch-file.h"

static GBytes *
price_bytes(const VeilBatch *batch, const VeilBatchDraw *draw)
{
	gsize len = (gsize)batch->n_reviewers * 8;
	guint8 *bytes = g_malloc(len + 1);

	for (guint32 r = 0; r < batch->n_reviewers; r++)
		veil_put_u64(bytes + 8 * (gsize)r, (guint64)draw->prices[r]);
	return g_bytes_new_take(bytes, len);
}

static gboolean
insert_draw_1(VeilDb *db, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO draw VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", error);
	g_autoptr(GBytes) prices = price_bytes(batch, draw);

	if (insert == NULL)
		return FALSE;
	veil_stmt_bind_int(insert, 1, draw->n);
	veil_stmt_bind_text(insert, 2, draw->seed);
	veil_stmt_bind_text(insert, 3, draw->seed_source);
	veil_stmt_bind_text(insert, 4, draw->method);
	veil_stmt_bind_text(insert, 5, draw->time);
	veil_stmt_bind_text(insert, 6, draw->operator_handle);
	veil_stmt_bind_int(insert, 7, draw->objective);
	veil_stmt_bind_int(insert, 8, draw->bound);
	veil_stmt_bind_blob(insert, 9, g_bytes_get_data(prices, NULL), g_bytes_get_size(prices));
	return veil_stmt_run(insert, error);
}

static gboolean
insert_draw_2(VeilDb *db, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO draw VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)", error);
	g_autoptr(GBytes) prices = price_bytes(batch, draw);

	if (insert == NULL)
		return FALSE;
	veil_stmt_bind_int(insert, 1, draw->n);
	veil_stmt_bind_text(insert, 2, draw->kind);
	veil_stmt_bind_text(insert, 3, draw->seed);
	veil_stmt_bind_text(insert, 4, draw->seed_source);
	veil_stmt_bind_text(insert, 5, draw->method);
	veil_stmt_bind_text(insert, 6, draw->time);
	veil_stmt_bind_text(insert, 7, draw->operator_handle);
	veil_stmt_bind_int(insert, 8, draw->objective);
	veil_stmt_bind_int(insert, 9, draw->bound);
	veil_stmt_bind_text(insert, 10, draw->certificate ? draw->certificate : "{}");
	veil_stmt_bind_text(insert, 11, draw->request);
	veil_stmt_bind_blob(insert, 12, g_bytes_get_data(prices, NULL), g_bytes_get_size(prices));
	return veil_stmt_run(insert, error);
}

static gboolean
insert_odds(VeilDb *db, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) insert = NULL;
	g_autoptr(GByteArray) blob = g_byte_array_new();

	if (draw->odds_offset == NULL)
		return TRUE;
	insert = veil_stmt_new(db, "INSERT INTO odds VALUES (?1, ?2, ?3)", error);
	if (insert == NULL)
		return FALSE;
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint64 start = draw->odds_offset[p], n = draw->odds_offset[p + 1] - start;

		if (n == 0)
			continue;
		g_byte_array_set_size(blob, (guint)(8 * n));
		for (guint64 k = 0; k < n; k++) {
			veil_put_u32(blob->data + 8 * k, draw->odds_reviewer[start + k]);
			veil_put_u32(blob->data + 8 * k + 4, draw->odds[start + k]);
		}
		veil_stmt_bind_int(insert, 1, draw->n);
		veil_stmt_bind_text(insert, 2, batch->projects[p].code);
		veil_stmt_bind_blob(insert, 3, blob->data, blob->len);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
insert_lottery(VeilDb *db, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) insert = NULL;
	g_autofree guint8 *blob = g_malloc(4 * draw->lottery_places + 1);

	if (draw->n_lottery == 0)
		return TRUE;
	insert = veil_stmt_new(db, "INSERT INTO lottery VALUES (?1, ?2, ?3, ?4)", error);
	if (insert == NULL)
		return FALSE;
	for (guint32 i = 0; i < draw->n_lottery; i++) {
		for (guint64 k = 0; k < draw->lottery_places; k++)
			veil_put_u32(blob + 4 * k, draw->lottery_reviewer[i * draw->lottery_places + k]);
		veil_stmt_bind_int(insert, 1, draw->n);
		veil_stmt_bind_int(insert, 2, i);
		veil_stmt_bind_int(insert, 3, draw->lottery_weight[i]);
		veil_stmt_bind_blob(insert, 4, blob, 4 * draw->lottery_places);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
insert_places(VeilDb *db, int version, const VeilBatch *batch, guint32 draw, const VeilBatchPlace *places, guint64 n, GError **error)
{
	g_autoptr(VeilStmt) insert =
		veil_stmt_new(db, version == 1 ? "INSERT INTO assignment VALUES (?1, ?2, ?3, ?4)" : "INSERT INTO assignment VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
			      error);

	if (insert == NULL)
		return FALSE;
	for (guint64 i = 0; i < n; i++) {
		veil_stmt_bind_text(insert, 1, batch->projects[places[i].project].code);
		veil_stmt_bind_text(insert, 2, batch->reviewers[places[i].reviewer].code);
		veil_stmt_bind_int(insert, 3, places[i].score);
		veil_stmt_bind_text(insert, 4, places[i].role == VEIL_ROLE_RESERVE ? "reserve" : "panel");
		if (version > 1) {
			veil_stmt_bind_int(insert, 5, places[i].place);
			veil_stmt_bind_int(insert, 6, draw);
		}
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
refused(const char *text, GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

static gboolean
check_turn(VeilDb *db, int version, const VeilBatch *batch, const VeilBatchDraw *draw, const VeilBatchPlace *places, guint64 n, GError **error)
{
	gint64 drawn, events = 0;

	if (!veil_db_int(db, "SELECT coalesce(max(n), 0) FROM draw", 0, &drawn, error) ||
	    (version > 1 && !veil_db_int(db, "SELECT coalesce(max(seq), 0) FROM event", 0, &events, error)))
		return FALSE;
	if (drawn + 1 != draw->n)
		return refused("this freeze has been drawn already; one draw a freeze", error);
	if (events != batch->n_events)
		return refused("the journal of this batch has gone on meanwhile; run the command again", error);
	if (version > 1)
		return TRUE;
	for (guint64 i = 0; i < n; i++)
		if (places[i].role == VEIL_ROLE_RESERVE)
			return refused("this batch was frozen by an older version, which knows no reserves; freeze it again", error);
	if (draw->n > 1 || draw->odds_offset != NULL || draw->n_lottery > 0)
		return refused("this batch was frozen by an older version; freeze it again", error);
	return TRUE;
}

gboolean
veil_batch_store_draw(const char *path, const VeilBatch *batch, const VeilBatchDraw *draw, const VeilBatchPlace *places, guint64 n_places,
		      GError **error)
{
	int version;
	g_autoptr(VeilDb) db = veil_batch__open(path, VEIL_DB_WRITE, &version, error);

	if (db == NULL || !veil_db_begin(db, error) || !check_turn(db, version, batch, draw, places, n_places, error))
		return FALSE;
	if (version == 1)
		return insert_draw_1(db, batch, draw, error) && insert_places(db, version, batch, draw->n, places, n_places, error) &&
		       veil_db_commit(db, error);
	return insert_draw_2(db, batch, draw, error) && insert_odds(db, batch, draw, error) && insert_lottery(db, draw, error) &&
	       insert_places(db, version, batch, draw->n, places, n_places, error) && veil_db_commit(db, error);
}
