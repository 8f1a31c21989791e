/* batch-read.c - a whole batch file into memory.
 *
 * Candidates are a blob a project: a row a pair would be twenty times the bytes and the time, and nobody queries single pairs.
 */
#include <string.h>

#include "batch-file.h"

/* Version 1 in the shape of version 2. */
static const struct {
	const char *reviewer, *project, *draw, *assignment;
} selects[] = {
	{"SELECT code, min_load, max_load, employer, kind, province, rank, NULL FROM reviewer ORDER BY code",
	 "SELECT code, demand, NULL, NULL, cut, candidates FROM project ORDER BY code",
	 "SELECT n, 'draw', seed, seed_source, method, time, operator, objective, bound, '{}', NULL, prices FROM draw ORDER BY n",
	 "SELECT project, reviewer, score, role, row_number() OVER (PARTITION BY project, role ORDER BY reviewer), 1 FROM assignment "
	 "ORDER BY project, reviewer"},
	{"SELECT code, min_load, max_load, employer, kind, province, rank, attributes FROM reviewer ORDER BY code",
	 "SELECT code, demand, class, team, cut, candidates FROM project ORDER BY code",
	 "SELECT n, kind, seed, seed_source, method, time, operator, objective, bound, certificate, request, prices FROM draw ORDER BY n",
	 "SELECT project, reviewer, score, role, place, draw FROM assignment ORDER BY project, reviewer"},
};

static gboolean
read_meta(VeilDb *db, VeilBatch *batch, int version, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, "SELECT key, value FROM meta ORDER BY key", error);
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1)
		veil_batch_set(batch, veil_stmt_text(rows, 0), veil_stmt_text(rows, 1));
	if (step < 0)
		return FALSE;
	if (g_strcmp0(veil_batch_get(batch, "format"), version == 1 ? VEIL_BATCH_FORMAT_1 : VEIL_BATCH_FORMAT) != 0)
		return veil_batch__damaged("its format is not that of its version", error);
	return TRUE;
}

static gboolean
read_reviewers(VeilDb *db, VeilBatch *batch, int version, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, selects[version - 1].reviewer, error);
	g_autoptr(GArray) out = g_array_new(FALSE, TRUE, sizeof(VeilBatchReviewer));
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchReviewer row = {0};

		if (!veil_batch__take_reviewer(batch, rows, 0, &row, error))
			return FALSE;
		g_array_append_val(out, row);
	}
	if (step < 0)
		return FALSE;
	batch->n_reviewers = out->len;
	batch->reviewers = (VeilBatchReviewer *)(gpointer)g_array_free(g_steal_pointer(&out), FALSE);
	return TRUE;
}

/* --- candidates ---------------------------------------------------------------------------------------------------- */

typedef struct {
	GArray *projects, *offset, *reviewer, *score, *mark;
	gboolean marked;
} Candidates;

static gboolean
take_candidates(Candidates *to, const guint8 *blob, gsize len, guint32 n_reviewers, GError **error)
{
	gint64 previous = -1;

	if (len % 8 != 0)
		return veil_batch__damaged("a candidate list is cut in the middle of an entry", error);
	for (gsize i = 0; i < len; i += 8) {
		guint32 reviewer = veil_get_u32(blob + i);
		gint64 score;
		guint8 mark;

		if ((gint64)reviewer <= previous || reviewer >= n_reviewers)
			return veil_batch__damaged("a candidate list is out of order or names no reviewer", error);
		if (!veil_batch__take_score(veil_get_u32(blob + i + 4), &score, &mark))
			return veil_batch__damaged("a candidate has a mark that this format does not know", error);
		previous = reviewer;
		to->marked |= mark != 0;
		g_array_append_val(to->reviewer, reviewer);
		g_array_append_val(to->score, score);
		g_array_append_val(to->mark, mark);
	}
	return TRUE;
}

static gboolean
read_project_rows(VeilDb *db, VeilBatch *batch, int version, Candidates *to, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, selects[version - 1].project, error);
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchProject row = {0};
		gsize len;
		const guint8 *blob = veil_stmt_blob(rows, 5, &len);
		guint64 end;

		if (!veil_batch__take_project(batch, rows, &row, error) || !take_candidates(to, blob, len, batch->n_reviewers, error))
			return FALSE;
		end = to->reviewer->len;
		g_array_append_val(to->projects, row);
		g_array_append_val(to->offset, end);
	}
	return step == 0;
}

static gboolean
read_projects(VeilDb *db, VeilBatch *batch, int version, GError **error)
{
	Candidates to = {g_array_new(FALSE, TRUE, sizeof(VeilBatchProject)), g_array_new(FALSE, FALSE, sizeof(guint64)),
			 g_array_new(FALSE, FALSE, sizeof(guint32)), g_array_new(FALSE, FALSE, sizeof(gint64)), g_array_new(FALSE, FALSE, 1), FALSE};
	guint64 zero = 0;
	gboolean good;

	g_array_append_val(to.offset, zero);
	good = read_project_rows(db, batch, version, &to, error);
	batch->n_projects = to.projects->len;
	batch->projects = (VeilBatchProject *)(gpointer)g_array_free(to.projects, FALSE);
	batch->offset = (guint64 *)(gpointer)g_array_free(to.offset, FALSE);
	batch->reviewer = (guint32 *)(gpointer)g_array_free(to.reviewer, FALSE);
	batch->score = (gint64 *)(gpointer)g_array_free(to.score, FALSE);
	batch->mark = (guint8 *)g_array_free(to.mark, !to.marked);
	return good;
}

/* --- draws --------------------------------------------------------------------------------------------------------- */

static gboolean
take_draw(VeilStmt *rows, const VeilBatch *batch, VeilBatchDraw *draw, GError **error)
{
	static const char what[] = "a draw is malformed";
	gsize len;
	const guint8 *prices = veil_stmt_blob(rows, 11, &len);

	if (len != (gsize)batch->n_reviewers * 8)
		return veil_batch__damaged("the prices are not one a reviewer", error);
	draw->n = (guint32)veil_stmt_int(rows, 0);
	if (!veil_batch__take(rows, 1, draw->kind, sizeof draw->kind, what, error) ||
	    !veil_batch__take(rows, 2, draw->seed, sizeof draw->seed, what, error) ||
	    !veil_batch__take(rows, 3, draw->seed_source, sizeof draw->seed_source, what, error) ||
	    !veil_batch__take(rows, 4, draw->method, sizeof draw->method, what, error) ||
	    !veil_batch__take(rows, 5, draw->time, sizeof draw->time, what, error))
		return FALSE;
	draw->operator_handle = g_strdup(veil_stmt_text(rows, 6));
	draw->objective = veil_stmt_int(rows, 7);
	draw->bound = veil_stmt_int(rows, 8);
	draw->certificate = g_strdup(veil_stmt_text(rows, 9));
	draw->request = g_strdup(veil_stmt_text(rows, 10));
	draw->prices = g_new(gint64, batch->n_reviewers + 1);
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		draw->prices[r] = (gint64)veil_get_u64(prices + 8 * (gsize)r);
	return TRUE;
}

static gboolean
take_odds(VeilStmt *rows, const VeilBatch *batch, GArray *reviewers, GArray *odds, GError **error)
{
	gint64 previous = -1;
	gsize len;
	const guint8 *blob = veil_stmt_blob(rows, 1, &len);

	if (len % 8 != 0)
		return veil_batch__damaged("a list of odds is cut in the middle of an entry", error);
	for (gsize i = 0; i < len; i += 8) {
		guint32 reviewer = veil_get_u32(blob + i), n = veil_get_u32(blob + i + 4);

		if ((gint64)reviewer <= previous || reviewer >= batch->n_reviewers || n == 0 || n > VEIL_ODDS_WHOLE)
			return veil_batch__damaged("a list of odds is out of order or out of range", error);
		previous = reviewer;
		g_array_append_val(reviewers, reviewer);
		g_array_append_val(odds, n);
	}
	return TRUE;
}

static gboolean
read_odds(VeilDb *db, const VeilBatch *batch, VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, "SELECT project, entries FROM odds WHERE draw = ?1 ORDER BY project", error);
	g_autoptr(GArray) reviewers = g_array_new(FALSE, FALSE, sizeof(guint32)), odds = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autofree guint64 *offset = g_new0(guint64, batch->n_projects + 1);
	guint32 done = 0;
	int step;

	if (rows == NULL)
		return FALSE;
	veil_stmt_bind_int(rows, 1, draw->n);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		int p = veil_batch_find_project(batch, veil_stmt_text(rows, 0));

		if (p < 0)
			return veil_batch__damaged("odds name no project of the freeze", error);
		for (; done < (guint32)p; done++)
			offset[done + 1] = reviewers->len;
		if (!take_odds(rows, batch, reviewers, odds, error))
			return FALSE;
	}
	if (step < 0)
		return FALSE;
	if (reviewers->len == 0)
		return TRUE;
	for (; done < batch->n_projects; done++)
		offset[done + 1] = reviewers->len;
	draw->odds_offset = g_steal_pointer(&offset);
	draw->odds_reviewer = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&reviewers), FALSE);
	draw->odds = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&odds), FALSE);
	return TRUE;
}

static gboolean
read_lottery(VeilDb *db, const VeilBatch *batch, VeilBatchDraw *draw, GError **error)
{
	static const char what[] = "its lottery is malformed";
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, "SELECT weight, panels FROM lottery WHERE draw = ?1 ORDER BY n", error);
	g_autoptr(GArray) weights = g_array_new(FALSE, FALSE, sizeof(guint32)), reviewers = g_array_new(FALSE, FALSE, sizeof(guint32));
	int step;

	if (rows == NULL)
		return FALSE;
	veil_stmt_bind_int(rows, 1, draw->n);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		gint64 weight = veil_stmt_int(rows, 0);
		guint32 n = (guint32)weight;
		gsize len;
		const guint8 *blob = veil_stmt_blob(rows, 1, &len);

		if (weight <= 0 || weight > VEIL_ODDS_WHOLE || len % 4 != 0 || (weights->len > 0 && len / 4 != draw->lottery_places))
			return veil_batch__damaged(what, error);
		draw->lottery_places = len / 4;
		g_array_append_val(weights, n);
		for (gsize i = 0; i < len; i += 4) {
			guint32 reviewer = veil_get_u32(blob + i);

			if (reviewer >= batch->n_reviewers)
				return veil_batch__damaged(what, error);
			g_array_append_val(reviewers, reviewer);
		}
	}
	if (step < 0)
		return FALSE;
	draw->n_lottery = weights->len;
	draw->lottery_weight = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&weights), FALSE);
	draw->lottery_reviewer = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&reviewers), FALSE);
	return TRUE;
}

static gboolean
read_draws(VeilDb *db, VeilBatch *batch, int version, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, selects[version - 1].draw, error);
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchDraw *draw;

		batch->draws = g_renew(VeilBatchDraw, batch->draws, batch->n_draws + 1);
		draw = &batch->draws[batch->n_draws++];
		memset(draw, 0, sizeof *draw);
		if (!take_draw(rows, batch, draw, error))
			return FALSE;
		if (draw->n != batch->n_draws)
			return veil_batch__damaged("its draws are not numbered 1, 2, ...", error);
	}
	if (step < 0)
		return FALSE;
	for (guint32 i = 0; version > 1 && i < batch->n_draws; i++)
		if (!read_odds(db, batch, &batch->draws[i], error) || !read_lottery(db, batch, &batch->draws[i], error))
			return FALSE;
	return TRUE;
}

/* --- places and journal -------------------------------------------------------------------------------------------- */

static gboolean
take_place(VeilStmt *rows, const VeilBatch *batch, VeilBatchPlace *out, GError **error)
{
	int p = veil_batch_find_project(batch, veil_stmt_text(rows, 0)), r = veil_batch_find_reviewer(batch, veil_stmt_text(rows, 1));
	gint64 place = veil_stmt_int(rows, 4), draw = veil_stmt_int(rows, 5);

	if (p < 0 || r < 0)
		return veil_batch__damaged("a place names no project or no reviewer of the freeze", error);
	if (place < 1 || place > G_MAXINT32 || draw < 1 || draw > batch->n_draws)
		return veil_batch__damaged("a place is of no draw, or without a number", error);
	*out = (VeilBatchPlace){
		.project = (guint32)p,
		.reviewer = (guint32)r,
		.score = veil_stmt_int(rows, 2),
		.role = strcmp(veil_stmt_text(rows, 3), "reserve") == 0 ? VEIL_ROLE_RESERVE : VEIL_ROLE_PANEL,
		.place = (guint32)place,
		.draw = (guint32)draw,
	};
	return TRUE;
}

static gboolean
read_places(VeilDb *db, VeilBatch *batch, int version, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(db, selects[version - 1].assignment, error);
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(VeilBatchPlace));
	guint32 done = 0;
	int step;

	if (rows == NULL)
		return FALSE;
	batch->place_offset = g_new0(guint64, batch->n_projects + 1);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchPlace place = {0};

		if (!take_place(rows, batch, &place, error))
			return FALSE;
		for (; done < place.project; done++)
			batch->place_offset[done + 1] = places->len;
		g_array_append_val(places, place);
	}
	if (step < 0)
		return FALSE;
	for (; done < batch->n_projects; done++)
		batch->place_offset[done + 1] = places->len;
	batch->n_places = places->len;
	batch->places = (VeilBatchPlace *)(gpointer)g_array_free(g_steal_pointer(&places), FALSE);
	return TRUE;
}

static gboolean
read_events(VeilDb *db, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(
		db, "SELECT seq, kind, project, reviewer, reason, promoted, record, time, operator FROM event ORDER BY seq", error);
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchEvent *event;

		batch->events = g_renew(VeilBatchEvent, batch->events, batch->n_events + 1);
		event = &batch->events[batch->n_events++];
		memset(event, 0, sizeof *event);
		if (!veil_batch__take_event(rows, event, error))
			return FALSE;
		if (event->seq != batch->n_events)
			return veil_batch__damaged("its journal is not numbered 1, 2, ...", error);
	}
	return step == 0;
}

VeilBatch *
veil_batch_read(const char *path, GError **error)
{
	int version;
	g_autoptr(VeilDb) db = veil_batch__open(path, VEIL_DB_READ, &version, error);
	g_autoptr(VeilBatch) batch = veil_batch_new();

	if (db == NULL || !veil_db_begin(db, error) || !read_meta(db, batch, version, error) || !read_reviewers(db, batch, version, error) ||
	    !read_projects(db, batch, version, error) || !read_draws(db, batch, version, error) || !read_places(db, batch, version, error) ||
	    (version > 1 && !read_events(db, batch, error)) || !veil_batch__seat(batch, error))
		return NULL;
	return g_steal_pointer(&batch);
}
