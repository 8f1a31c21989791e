/* batch.c - the batch file on disk: written once by a freeze, read by everything on the drawer's side.
 *
 * Candidates are a blob a project: a row a pair would be twenty times the bytes and the time, and nobody queries single pairs.
 * What is read is checked (order, ranges, lengths), because a drawer's file travels.
 */
#include <string.h>

#include <veil/batch.h>

#include "db.h"
#include "root.h"

extern const char veil_sql_batch_0001[];
static const char *const migrations[] = {veil_sql_batch_0001};
static const VeilDbSchema schema = {"batch file", migrations, G_N_ELEMENTS(migrations), "project", 0};

static const VeilTableRows freeze_tables[] = {
	{"meta", "SELECT key, value FROM meta ORDER BY key"},
	{"reviewer", "SELECT code, min_load, max_load, employer, kind, province, rank FROM reviewer ORDER BY code"},
	{"project", "SELECT code, demand, cut, candidates FROM project ORDER BY code"},
};
static const VeilTableRows draw_tables[] = {
	{"draw", "SELECT n, seed, seed_source, method, time, operator, objective, bound, prices FROM draw ORDER BY n"},
	{"assignment", "SELECT project, reviewer, score, role FROM assignment ORDER BY project, reviewer"},
};

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
	g_free(batch->draw.operator_handle);
	g_free(batch->draw.prices);
	g_free(batch->draw.offset);
	g_free(batch->draw.reviewer);
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
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO reviewer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", error);

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
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_projects(VeilDb *db, const VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO project VALUES (?1, ?2, ?3, ?4)", error);
	g_autoptr(GByteArray) blob = g_byte_array_new();

	if (insert == NULL)
		return FALSE;
	for (guint32 p = 0; p < batch->n_projects; p++) {
		const VeilBatchProject *row = &batch->projects[p];
		guint64 n = batch->offset[p + 1] - batch->offset[p];

		g_byte_array_set_size(blob, (guint)(8 * n));
		for (guint64 k = 0; k < n; k++) {
			veil_put_u32(blob->data + 8 * k, batch->reviewer[batch->offset[p] + k]);
			veil_put_u32(blob->data + 8 * k + 4, (guint32)batch->score[batch->offset[p] + k]);
		}
		veil_stmt_bind_text(insert, 1, row->code);
		veil_stmt_bind_int(insert, 2, row->demand);
		if (row->cut >= 0)
			veil_stmt_bind_int(insert, 3, row->cut);
		else
			veil_stmt_bind_null(insert, 3);
		veil_stmt_bind_blob(insert, 4, n ? (const void *)blob->data : "", 8 * n);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_batch_write(const char *path, const VeilBatch *batch, guint8 out_root[32], GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open(path, &schema, VEIL_DB_CREATE, error);

	return db != NULL && veil_db_begin(db, error) && write_meta(db, batch, error) && write_reviewers(db, batch, error) &&
	       write_projects(db, batch, error) && veil_db_commit(db, error) &&
	       veil_db_root(db, freeze_tables, G_N_ELEMENTS(freeze_tables), out_root, error);
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static gboolean
damaged(const char *what, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "batch file is damaged: %s", what);
	return FALSE;
}

static gboolean
read_meta(VeilDb *db, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, freeze_tables[0].select, error);
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1)
		veil_batch_set(batch, veil_stmt_text(rows, 0), veil_stmt_text(rows, 1));
	if (step < 0)
		return FALSE;
	if (g_strcmp0(veil_batch_get(batch, "format"), VEIL_BATCH_FORMAT) != 0)
		return damaged("its format is not " VEIL_BATCH_FORMAT, error);
	return TRUE;
}

static const char *
keep(VeilBatch *batch, VeilStmt *rows, int column)
{
	const char *text = veil_stmt_text(rows, column);

	return text ? g_string_chunk_insert_const(batch->strings, text) : NULL;
}

static gboolean
read_reviewers(VeilDb *db, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, freeze_tables[1].select, error);
	g_autoptr(GArray) out = g_array_new(FALSE, TRUE, sizeof(VeilBatchReviewer));
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchReviewer row = {0};
		gint64 low = veil_stmt_int(rows, 1), high = veil_stmt_int(rows, 2);
		const char *employer = veil_stmt_text(rows, 3);

		if (g_strlcpy(row.code, veil_stmt_text(rows, 0), sizeof row.code) >= sizeof row.code)
			return damaged("a reviewer code is too long", error);
		if (low < 0 || high < low || high > G_MAXINT32)
			return damaged("a load is out of range", error);
		if (employer && g_strlcpy(row.employer, employer, sizeof row.employer) >= sizeof row.employer)
			return damaged("an employer token is too long", error);
		row.min_load = (guint32)low;
		row.max_load = (guint32)high;
		row.kind = keep(batch, rows, 4);
		row.province = keep(batch, rows, 5);
		row.rank = keep(batch, rows, 6);
		g_array_append_val(out, row);
	}
	if (step < 0)
		return FALSE;
	batch->n_reviewers = out->len;
	batch->reviewers = (VeilBatchReviewer *)(gpointer)g_array_free(g_steal_pointer(&out), FALSE);
	return TRUE;
}

typedef struct {
	GArray *projects, *offset, *reviewer, *score;
} Candidates;

static gboolean
take_candidates(Candidates *to, const guint8 *blob, gsize len, guint32 n_reviewers, GError **error)
{
	gint64 previous = -1;

	if (len % 8 != 0)
		return damaged("a candidate list is cut in the middle of an entry", error);
	for (gsize i = 0; i < len; i += 8) {
		guint32 reviewer = veil_get_u32(blob + i);
		gint64 score = (gint32)veil_get_u32(blob + i + 4);

		if ((gint64)reviewer <= previous || reviewer >= n_reviewers)
			return damaged("a candidate list is out of order or names no reviewer", error);
		previous = reviewer;
		g_array_append_val(to->reviewer, reviewer);
		g_array_append_val(to->score, score);
	}
	return TRUE;
}

static gboolean
read_project_rows(VeilDb *db, const VeilBatch *batch, Candidates *to, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, freeze_tables[2].select, error);
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchProject row = {0};
		gint64 demand = veil_stmt_int(rows, 1), cut = veil_stmt_is_null(rows, 2) ? -1 : veil_stmt_int(rows, 2);
		gsize len;
		const guint8 *blob = veil_stmt_blob(rows, 3, &len);
		guint64 end;

		if (g_strlcpy(row.code, veil_stmt_text(rows, 0), sizeof row.code) >= sizeof row.code)
			return damaged("a project code is too long", error);
		if (demand < 0 || demand > G_MAXINT32 || cut < -1 || cut > G_MAXINT32)
			return damaged("a demand or cut is out of range", error);
		row.demand = (guint32)demand;
		row.cut = (gint32)cut;
		if (!take_candidates(to, blob, len, batch->n_reviewers, error))
			return FALSE;
		end = to->reviewer->len;
		g_array_append_val(to->projects, row);
		g_array_append_val(to->offset, end);
	}
	return step == 0;
}

static gboolean
read_projects(VeilDb *db, VeilBatch *batch, GError **error)
{
	Candidates to = {
		.projects = g_array_new(FALSE, TRUE, sizeof(VeilBatchProject)),
		.offset = g_array_new(FALSE, FALSE, sizeof(guint64)),
		.reviewer = g_array_sized_new(FALSE, FALSE, sizeof(guint32), 1 << 16),
		.score = g_array_sized_new(FALSE, FALSE, sizeof(gint64), 1 << 16),
	};
	guint64 zero = 0;
	gboolean good;

	g_array_append_val(to.offset, zero);
	good = read_project_rows(db, batch, &to, error);
	batch->n_projects = to.projects->len;
	batch->projects = (VeilBatchProject *)(gpointer)g_array_free(to.projects, FALSE);
	batch->offset = (guint64 *)(gpointer)g_array_free(to.offset, FALSE);
	batch->reviewer = (guint32 *)(gpointer)g_array_free(to.reviewer, FALSE);
	batch->score = (gint64 *)(gpointer)g_array_free(to.score, FALSE);
	return good;
}

/* --- the draw -------------------------------------------------------------------------------------------------------- */

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

static gboolean
read_panels(VeilDb *db, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(
		db, "SELECT project, reviewer FROM assignment WHERE role = 'panel' ORDER BY project, reviewer", error);
	g_autoptr(GArray) reviewers = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint32 done = 0;
	int step;

	if (rows == NULL)
		return FALSE;
	batch->draw.offset = g_new0(guint64, batch->n_projects + 1);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		int p = find_code(veil_stmt_text(rows, 0), batch->projects, batch->n_projects, sizeof *batch->projects);
		int r = find_code(veil_stmt_text(rows, 1), batch->reviewers, batch->n_reviewers, sizeof *batch->reviewers);
		guint32 reviewer = (guint32)r;

		if (p < 0 || r < 0)
			return damaged("a place names no project or no reviewer of the freeze", error);
		for (; done < (guint32)p; done++)
			batch->draw.offset[done + 1] = reviewers->len;
		g_array_append_val(reviewers, reviewer);
	}
	if (step < 0)
		return FALSE;
	for (; done < batch->n_projects; done++)
		batch->draw.offset[done + 1] = reviewers->len;
	batch->draw.reviewer = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&reviewers), FALSE);
	return TRUE;
}

static gboolean
read_draw(VeilDb *db, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(
		db, "SELECT n, seed, seed_source, method, time, operator, objective, bound, prices FROM draw ORDER BY n DESC LIMIT 1",
		error);
	VeilBatchDraw *draw = &batch->draw;
	const guint8 *prices;
	gsize len;
	int step;

	if (rows == NULL || (step = veil_stmt_step(rows, error)) < 0)
		return FALSE;
	if (step == 0)
		return TRUE;
	prices = veil_stmt_blob(rows, 8, &len);
	if (len != (gsize)batch->n_reviewers * 8)
		return damaged("the prices are not one a reviewer", error);
	draw->n = (guint32)veil_stmt_int(rows, 0);
	g_strlcpy(draw->seed, veil_stmt_text(rows, 1), sizeof draw->seed);
	g_strlcpy(draw->seed_source, veil_stmt_text(rows, 2), sizeof draw->seed_source);
	g_strlcpy(draw->method, veil_stmt_text(rows, 3), sizeof draw->method);
	g_strlcpy(draw->time, veil_stmt_text(rows, 4), sizeof draw->time);
	draw->operator_handle = g_strdup(veil_stmt_text(rows, 5));
	draw->objective = veil_stmt_int(rows, 6);
	draw->bound = veil_stmt_int(rows, 7);
	draw->prices = g_new(gint64, batch->n_reviewers + 1);
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		draw->prices[r] = (gint64)veil_get_u64(prices + 8 * (gsize)r);
	return read_panels(db, batch, error);
}

VeilBatch *
veil_batch_read(const char *path, GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open(path, &schema, VEIL_DB_READ, error);
	g_autoptr(VeilBatch) batch = veil_batch_new();

	if (db == NULL || !veil_db_begin(db, error) || !read_meta(db, batch, error) || !read_reviewers(db, batch, error) ||
	    !read_projects(db, batch, error) || !read_draw(db, batch, error))
		return NULL;
	return g_steal_pointer(&batch);
}

gboolean
veil_batch_roots(const char *path, guint8 out_root[32], guint8 out_draw_root[32], GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open(path, &schema, VEIL_DB_READ, error);

	if (db == NULL || !veil_db_begin(db, error))
		return FALSE;
	return veil_db_root(db, freeze_tables, G_N_ELEMENTS(freeze_tables), out_root, error) &&
	       (out_draw_root == NULL ||
		veil_db_root(db, draw_tables, G_N_ELEMENTS(draw_tables), out_draw_root, error));
}

static gboolean
insert_draw(VeilDb *db, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO draw VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", error);
	gsize len = (gsize)batch->n_reviewers * 8;
	g_autofree guint8 *prices = g_malloc(len + 1);

	if (insert == NULL)
		return FALSE;
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		veil_put_u64(prices + 8 * (gsize)r, (guint64)draw->prices[r]);
	veil_stmt_bind_int(insert, 1, draw->n);
	veil_stmt_bind_text(insert, 2, draw->seed);
	veil_stmt_bind_text(insert, 3, draw->seed_source);
	veil_stmt_bind_text(insert, 4, draw->method);
	veil_stmt_bind_text(insert, 5, draw->time);
	veil_stmt_bind_text(insert, 6, draw->operator_handle);
	veil_stmt_bind_int(insert, 7, draw->objective);
	veil_stmt_bind_int(insert, 8, draw->bound);
	veil_stmt_bind_blob(insert, 9, prices, len);
	return veil_stmt_run(insert, error);
}

gint64
veil_batch_score(const VeilBatch *batch, guint32 project, guint32 reviewer)
{
	guint64 low = batch->offset[project], high = batch->offset[project + 1];

	while (low < high) {
		guint64 middle = low + (high - low) / 2;

		if (batch->reviewer[middle] < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < batch->offset[project + 1] && batch->reviewer[low] == reviewer ? batch->score[low] : 0;
}

static gboolean
insert_panels(VeilDb *db, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO assignment VALUES (?1, ?2, ?3, 'panel')", error);

	if (insert == NULL)
		return FALSE;
	for (guint32 p = 0; p < batch->n_projects; p++)
		for (guint64 k = draw->offset[p]; k < draw->offset[p + 1]; k++) {
			veil_stmt_bind_text(insert, 1, batch->projects[p].code);
			veil_stmt_bind_text(insert, 2, batch->reviewers[draw->reviewer[k]].code);
			veil_stmt_bind_int(insert, 3, veil_batch_score(batch, p, draw->reviewer[k]));
			if (!veil_stmt_run(insert, error))
				return FALSE;
		}
	return TRUE;
}

gboolean
veil_batch_store_draw(const char *path, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open(path, &schema, VEIL_DB_WRITE, error);
	gint64 drawn;

	if (db == NULL || !veil_db_begin(db, error) ||
	    !veil_db_int(db, "SELECT coalesce(max(n), 0) FROM draw", 0, &drawn, error))
		return FALSE;
	if (drawn + 1 != draw->n) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "this freeze has been drawn already; one draw a freeze");
		return FALSE;
	}
	return insert_draw(db, batch, draw, error) && insert_panels(db, batch, draw, error) && veil_db_commit(db, error);
}
