/* batch-desk.c - one project of a batch file at a time, under one write transaction: what vacancies and promotions need, in a few milliseconds. */
#include <string.h>

#include "batch-file.h"

struct VeilBatchDesk {
	VeilDb *db;
	VeilBatch *meta; /* meta only */
	guint32 draws, events;
};

void
veil_batch_desk_free(VeilBatchDesk *desk)
{
	if (desk == NULL)
		return;
	veil_db_free(desk->db);
	veil_batch_free(desk->meta);
	g_free(desk);
}

static gboolean
read_meta(VeilBatchDesk *desk, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, "SELECT key, value FROM meta ORDER BY key", error);
	gint64 draws, events;
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1)
		veil_batch_set(desk->meta, veil_stmt_text(rows, 0), veil_stmt_text(rows, 1));
	if (step < 0 || !veil_db_int(desk->db, "SELECT coalesce(max(n), 0) FROM draw", 0, &draws, error) ||
	    !veil_db_int(desk->db, "SELECT coalesce(max(seq), 0) FROM event", 0, &events, error))
		return FALSE;
	if (!veil_batch_is_current(desk->meta))
		return veil_batch__damaged("its format is not that of its version", error);
	desk->draws = (guint32)draws;
	desk->events = (guint32)events;
	return TRUE;
}

VeilBatchDesk *
veil_batch_desk_open(const char *path, GError **error)
{
	g_autoptr(VeilBatchDesk) desk = g_new0(VeilBatchDesk, 1);
	int version;

	desk->meta = veil_batch_new();
	desk->db = veil_batch__open(path, VEIL_DB_WRITE, &version, error);
	if (desk->db == NULL)
		return NULL;
	if (version == 1) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "this batch was frozen by an older version, which keeps no journal; freeze it again");
		return NULL;
	}
	if (!veil_db_begin(desk->db, error) || !read_meta(desk, error))
		return NULL;
	return g_steal_pointer(&desk);
}

gboolean
veil_batch_desk_commit(VeilBatchDesk *desk, GError **error)
{
	return veil_db_commit(desk->db, error);
}

const char *
veil_batch_desk_get(VeilBatchDesk *desk, const char *key)
{
	return veil_batch_get(desk->meta, key);
}

guint32
veil_batch_desk_draws(VeilBatchDesk *desk)
{
	return desk->draws;
}

guint32
veil_batch_desk_events(VeilBatchDesk *desk)
{
	return desk->events;
}

/* --- one project --------------------------------------------------------------------------------------------------- */

/* 1 there, 0 not, -1 an error. */
static int
read_project(VeilBatchDesk *desk, VeilBatch *batch, const char *code, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, "SELECT code, demand, class, team, cut FROM project WHERE code = ?1", error);
	int step;

	if (rows == NULL)
		return -1;
	veil_stmt_bind_text(rows, 1, code);
	if ((step = veil_stmt_step(rows, error)) != 1)
		return step;
	batch->projects = g_new0(VeilBatchProject, 1);
	batch->n_projects = 1;
	batch->offset = g_new0(guint64, 2);
	batch->place_offset = g_new0(guint64, 2);
	return veil_batch__take_project(batch, rows, &batch->projects[0], error) ? 1 : -1;
}

static gboolean
read_places(VeilBatchDesk *desk, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows =
		veil_stmt_new(desk->db,
			      "SELECT a.score, a.role, a.place, a.draw, r.code, r.min_load, r.max_load, r.employer, r.kind, r.province, r.rank, r.attributes "
			      "FROM assignment AS a JOIN reviewer AS r ON r.code = a.reviewer WHERE a.project = ?1 ORDER BY a.reviewer",
			      error);
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(VeilBatchPlace));
	g_autoptr(GArray) reviewers = g_array_new(FALSE, FALSE, sizeof(VeilBatchReviewer));
	int step;

	if (rows == NULL)
		return FALSE;
	veil_stmt_bind_text(rows, 1, batch->projects[0].code);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilBatchReviewer reviewer = {0};
		VeilBatchPlace place = {
			.reviewer = reviewers->len,
			.score = veil_stmt_int(rows, 0),
			.role = g_strcmp0(veil_stmt_text(rows, 1), "reserve") == 0 ? VEIL_ROLE_RESERVE : VEIL_ROLE_PANEL,
			.place = (guint32)veil_stmt_int(rows, 2),
			.draw = (guint32)veil_stmt_int(rows, 3),
		};

		if (!veil_batch__take_reviewer(batch, rows, 4, &reviewer, error))
			return FALSE;
		if (place.place < 1 || place.draw < 1 || place.draw > desk->draws)
			return veil_batch__damaged("a place is of no draw, or without a number", error);
		g_array_append_val(reviewers, reviewer);
		g_array_append_val(places, place);
	}
	if (step < 0)
		return FALSE;
	batch->n_places = batch->place_offset[1] = places->len;
	batch->n_reviewers = reviewers->len;
	batch->places = (VeilBatchPlace *)(gpointer)g_array_free(g_steal_pointer(&places), FALSE);
	batch->reviewers = (VeilBatchReviewer *)(gpointer)g_array_free(g_steal_pointer(&reviewers), FALSE);
	return TRUE;
}

/* Position of the code among all: what the list has. */
static gboolean
find_position(VeilBatchDesk *desk, const char *code, gint64 *out, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, "SELECT count(*) FROM reviewer WHERE code < ?1", error);

	if (rows == NULL)
		return FALSE;
	veil_stmt_bind_text(rows, 1, code);
	if (veil_stmt_step(rows, error) != 1)
		return FALSE;
	*out = veil_stmt_int(rows, 0);
	return TRUE;
}

static gboolean
any_mark(const guint8 *blob, gsize len)
{
	for (gsize i = 0; i + 8 <= len; i += 8)
		if (veil_get_u32(blob + i + 4) >> VEIL_BATCH_MARK_SHIFT != 0)
			return TRUE;
	return FALSE;
}

/* Where rules count pairs: of the list those with a place. */
static gboolean
read_listed(VeilBatchDesk *desk, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, "SELECT candidates FROM project WHERE code = ?1", error);
	guint32 n = batch->n_reviewers, kept = 0;
	const guint8 *blob;
	gsize len;

	if (rows == NULL)
		return FALSE;
	veil_stmt_bind_text(rows, 1, batch->projects[0].code);
	if (veil_stmt_step(rows, error) != 1)
		return FALSE;
	blob = veil_stmt_blob(rows, 0, &len);
	if (!any_mark(blob, len))
		return TRUE;
	batch->reviewer = g_new(guint32, n + 1);
	batch->score = g_new(gint64, n + 1);
	batch->mark = g_new0(guint8, n + 1);
	for (guint32 r = 0; r < n; r++) {
		gint64 position;

		if (!find_position(desk, batch->reviewers[r].code, &position, error))
			return FALSE;
		for (gsize low = 0, high = len / 8; low < high;) {
			gsize middle = low + (high - low) / 2;
			guint32 at = veil_get_u32(blob + 8 * middle);

			if (at == position) {
				if (!veil_batch__take_score(veil_get_u32(blob + 8 * middle + 4), &batch->score[kept], &batch->mark[kept]))
					return veil_batch__damaged("a candidate has a mark that this format does not know", error);
				batch->reviewer[kept++] = r;
				break;
			}
			if (at < position)
				low = middle + 1;
			else
				high = middle;
		}
	}
	batch->offset[1] = kept;
	return TRUE;
}

static gboolean
read_events(VeilBatchDesk *desk, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows =
		veil_stmt_new(desk->db,
			      "SELECT seq, kind, project, reviewer, reason, promoted, record, time, operator FROM event WHERE project = ?1 ORDER BY seq",
			      error);
	int step;

	if (rows == NULL)
		return FALSE;
	veil_stmt_bind_text(rows, 1, batch->projects[0].code);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		batch->events = g_renew(VeilBatchEvent, batch->events, batch->n_events + 1);
		memset(&batch->events[batch->n_events], 0, sizeof *batch->events);
		if (!veil_batch__take_event(rows, &batch->events[batch->n_events++], error))
			return FALSE;
	}
	return step == 0;
}

static gboolean
read_kinds(VeilBatchDesk *desk, VeilBatch *batch, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, "SELECT n, kind FROM draw ORDER BY n", error);
	int step;

	if (rows == NULL)
		return FALSE;
	batch->draws = g_new0(VeilBatchDraw, desk->draws + 1);
	while ((step = veil_stmt_step(rows, error)) == 1 && batch->n_draws < desk->draws) {
		VeilBatchDraw *draw = &batch->draws[batch->n_draws++];

		draw->n = (guint32)veil_stmt_int(rows, 0);
		if (!veil_batch__take(rows, 1, draw->kind, sizeof draw->kind, "a draw is malformed", error))
			return FALSE;
	}
	return step == 0;
}

VeilBatch *
veil_batch_desk_project(VeilBatchDesk *desk, const char *code, GError **error)
{
	g_autoptr(VeilBatch) batch = veil_batch_new();

	if (read_project(desk, batch, code, error) != 1 || !read_kinds(desk, batch, error) || !read_places(desk, batch, error) ||
	    !read_listed(desk, batch, error) || !read_events(desk, batch, error) ||
	    !veil_batch__seat(batch, error))
		return NULL;
	return g_steal_pointer(&batch);
}

static GPtrArray *
read_codes(VeilBatchDesk *desk, const char *select, const char *value, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, select, error);
	g_autoptr(GPtrArray) codes = g_ptr_array_new_with_free_func(g_free);
	int step;

	if (rows == NULL)
		return NULL;
	veil_stmt_bind_text(rows, 1, value);
	while ((step = veil_stmt_step(rows, error)) == 1)
		g_ptr_array_add(codes, g_strdup(veil_stmt_text(rows, 0)));
	return step == 0 ? g_steal_pointer(&codes) : NULL;
}

GPtrArray *
veil_batch_desk_team(VeilBatchDesk *desk, const char *team, GError **error)
{
	return read_codes(desk,
			  "SELECT code FROM project WHERE team = ?1 AND NOT EXISTS (SELECT 1 FROM event WHERE kind = 'withdraw-project' AND event.project = project.code) "
			  "ORDER BY code",
			  team, error);
}

GPtrArray *
veil_batch_desk_places_of(VeilBatchDesk *desk, const char *reviewer, GError **error)
{
	return read_codes(desk, "SELECT project FROM assignment WHERE reviewer = ?1 ORDER BY project", reviewer, error);
}

gboolean
veil_batch_desk_has_reviewer(VeilBatchDesk *desk, const char *code, gboolean *out_has, gboolean *out_withdrawn, GError **error)
{
	g_autoptr(GPtrArray) there = read_codes(desk, "SELECT code FROM reviewer WHERE code = ?1", code, error);
	g_autoptr(GPtrArray) gone =
		there ? read_codes(desk, "SELECT reviewer FROM event WHERE kind = 'withdraw' AND reviewer = ?1 LIMIT 1", code, error) : NULL;

	if (gone == NULL)
		return FALSE;
	*out_has = there->len > 0;
	*out_withdrawn = gone->len > 0;
	return TRUE;
}

gboolean
veil_batch_desk_lists(VeilBatchDesk *desk, const char *project, const char *reviewer, gboolean *out_lists, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(desk->db, "SELECT candidates FROM project WHERE code = ?1", error);
	gboolean has, withdrawn;
	gint64 position;
	const guint8 *blob;
	gsize len;
	int step;

	if (rows == NULL || !veil_batch_desk_has_reviewer(desk, reviewer, &has, &withdrawn, error) ||
	    !find_position(desk, reviewer, &position, error))
		return FALSE;
	veil_stmt_bind_text(rows, 1, project);
	if ((step = veil_stmt_step(rows, error)) < 0)
		return FALSE;
	*out_lists = FALSE;
	if (step == 0 || !has)
		return TRUE;
	blob = veil_stmt_blob(rows, 0, &len);
	for (gsize i = 0; i + 8 <= len; i += 8)
		if (veil_get_u32(blob + i) == position)
			*out_lists = TRUE;
	return TRUE;
}

/* --- the journal --------------------------------------------------------------------------------------------------- */

VeilBatchEvent *
veil_batch_desk_event(VeilBatchDesk *desk, guint32 seq, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(
		desk->db, "SELECT seq, kind, project, reviewer, reason, promoted, record, time, operator FROM event WHERE seq = ?1", error);
	g_autofree VeilBatchEvent *event = g_new0(VeilBatchEvent, 1);

	if (rows == NULL)
		return NULL;
	veil_stmt_bind_int(rows, 1, seq);
	if (veil_stmt_step(rows, error) != 1)
		return NULL;
	if (!veil_batch__take_event(rows, event, error)) {
		veil_batch_event_clear(event);
		return NULL;
	}
	return g_steal_pointer(&event);
}

gboolean
veil_batch_desk_add(VeilBatchDesk *desk, const VeilBatchEvent *event, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(desk->db, "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", error);

	if (insert == NULL)
		return FALSE;
	veil_stmt_bind_int(insert, 1, event->seq);
	veil_stmt_bind_text(insert, 2, event->kind);
	veil_stmt_bind_text(insert, 3, *event->project ? event->project : NULL);
	veil_stmt_bind_text(insert, 4, *event->reviewer ? event->reviewer : NULL);
	veil_stmt_bind_text(insert, 5, event->reason);
	veil_stmt_bind_text(insert, 6, *event->promoted ? event->promoted : NULL);
	veil_stmt_bind_text(insert, 7, event->record);
	veil_stmt_bind_text(insert, 8, event->time);
	veil_stmt_bind_text(insert, 9, event->operator_handle);
	if (!veil_stmt_run(insert, error))
		return FALSE;
	desk->events = event->seq;
	return TRUE;
}
