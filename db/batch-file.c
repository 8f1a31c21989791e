/* batch-file.c - the batch file as SQLite has it: its versions, the rows its roots cover, single rows into structs.
 *
 * A file of version 1 was committed to by the rows of version 1; it is read by other selects, never rewritten. What is read is checked (lengths, ranges),
 * because a drawer's file travels.
 */
#include <string.h>

#include "batch-file.h"

extern const char veil_sql_batch_0001[], veil_sql_batch_0002[];
static const char *const migrations[] = {veil_sql_batch_0001, veil_sql_batch_0002};
static const VeilDbSchema schema = {"batch file", migrations, G_N_ELEMENTS(migrations), "project", 0, FALSE};

static const VeilTableRows freeze_1[] = {
	{"meta", "SELECT key, value FROM meta ORDER BY key"},
	{"reviewer", "SELECT code, min_load, max_load, employer, kind, province, rank FROM reviewer ORDER BY code"},
	{"project", "SELECT code, demand, cut, candidates FROM project ORDER BY code"},
};
static const VeilTableRows freeze_2[] = {
	{"meta", "SELECT key, value FROM meta ORDER BY key"},
	{"reviewer", "SELECT code, min_load, max_load, employer, kind, province, rank, attributes FROM reviewer ORDER BY code"},
	{"project", "SELECT code, demand, class, team, cut, candidates FROM project ORDER BY code"},
};
static const VeilTableRows draw_1[] = {
	{"draw", "SELECT n, seed, seed_source, method, time, operator, objective, bound, prices FROM draw WHERE n = ?1 ORDER BY n"},
	{"assignment", "SELECT project, reviewer, score, role FROM assignment ORDER BY project, reviewer"},
};
static const VeilTableRows draw_2[] = {
	{"draw", "SELECT n, kind, seed, seed_source, method, time, operator, objective, bound, certificate, request, prices FROM draw "
		 "WHERE n = ?1 ORDER BY n"},
	{"odds", "SELECT draw, project, entries FROM odds WHERE draw = ?1 ORDER BY draw, project"},
	{"lottery", "SELECT draw, n, weight, panels FROM lottery WHERE draw = ?1 ORDER BY draw, n"},
	{"assignment", "SELECT project, reviewer, score, role, place, draw FROM assignment WHERE draw = ?1 ORDER BY project, reviewer"},
};

VeilDb *
veil_batch__open(const char *path, VeilDbMode mode, int *out_version, GError **error)
{
	return veil_db_open_as_it_is(path, &schema, mode, out_version, error);
}

const VeilTableRows *
veil_batch__freeze_rows(int version, gsize *out_n)
{
	*out_n = G_N_ELEMENTS(freeze_2);
	return version == 1 ? freeze_1 : freeze_2;
}

const VeilTableRows *
veil_batch__draw_rows(int version, gsize *out_n)
{
	*out_n = version == 1 ? G_N_ELEMENTS(draw_1) : G_N_ELEMENTS(draw_2);
	return version == 1 ? draw_1 : draw_2;
}

gboolean
veil_batch_roots(const char *path, guint32 draw, guint8 out_root[32], guint8 out_draw_root[32], GError **error)
{
	int version;
	g_autoptr(VeilDb) db = veil_batch__open(path, VEIL_DB_READ, &version, error);
	const VeilTableRows *freeze_rows, *draw_rows;
	gsize n_freeze, n_draw;

	if (db == NULL || !veil_db_begin(db, error))
		return FALSE;
	freeze_rows = veil_batch__freeze_rows(version, &n_freeze);
	draw_rows = veil_batch__draw_rows(version, &n_draw);
	return veil_db_root(db, freeze_rows, n_freeze, 0, out_root, error) &&
	       (out_draw_root == NULL || veil_db_root(db, draw_rows, n_draw, draw, out_draw_root, error));
}

GBytes *
veil_batch_snapshot(const char *path, GError **error)
{
	int version;
	g_autoptr(VeilDb) db = veil_batch__open(path, VEIL_DB_READ, &version, error);

	return db != NULL && veil_db_begin(db, error) ? veil_db_bytes(db, error) : NULL;
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

gboolean
veil_batch__damaged(const char *what, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "batch file is damaged: %s", what);
	return FALSE;
}

gboolean
veil_batch__take(VeilStmt *rows, int column, char *out, gsize size, const char *what, GError **error)
{
	const char *text = veil_stmt_text(rows, column);

	return (text != NULL && g_strlcpy(out, text, size) < size) || veil_batch__damaged(what, error);
}

static const char *
keep(VeilBatch *batch, VeilStmt *rows, int column)
{
	const char *text = veil_stmt_text(rows, column);

	return text ? g_string_chunk_insert_const(batch->strings, text) : NULL;
}

gboolean
veil_batch__take_reviewer(VeilBatch *batch, VeilStmt *rows, int column, VeilBatchReviewer *out, GError **error)
{
	gint64 low = veil_stmt_int(rows, column + 1), high = veil_stmt_int(rows, column + 2);

	if (!veil_batch__take(rows, column, out->code, sizeof out->code, "a reviewer code is too long", error))
		return FALSE;
	if (low < 0 || high < low || high > G_MAXINT32)
		return veil_batch__damaged("a load is out of range", error);
	if (!veil_stmt_is_null(rows, column + 3) &&
	    !veil_batch__take(rows, column + 3, out->employer, sizeof out->employer, "an employer token is too long", error))
		return FALSE;
	out->min_load = (guint32)low;
	out->max_load = (guint32)high;
	out->kind = keep(batch, rows, column + 4);
	out->province = keep(batch, rows, column + 5);
	out->rank = keep(batch, rows, column + 6);
	out->attributes = keep(batch, rows, column + 7);
	return TRUE;
}

gboolean
veil_batch__take_project(VeilBatch *batch, VeilStmt *rows, VeilBatchProject *out, GError **error)
{
	gint64 demand = veil_stmt_int(rows, 1), cut = veil_stmt_is_null(rows, 4) ? -1 : veil_stmt_int(rows, 4);

	if (!veil_batch__take(rows, 0, out->code, sizeof out->code, "a project code is too long", error))
		return FALSE;
	if (demand < 0 || demand > G_MAXINT32 || cut < -1 || cut > G_MAXINT32)
		return veil_batch__damaged("a demand or cut is out of range", error);
	out->demand = (guint32)demand;
	out->cut = (gint32)cut;
	out->project_class = keep(batch, rows, 2);
	out->team = keep(batch, rows, 3);
	return TRUE;
}

guint32
veil_batch__score_word(const VeilBatch *batch, guint64 i)
{
	return (guint32)batch->score[i] | (batch->mark != NULL ? (guint32)batch->mark[i] << VEIL_BATCH_MARK_SHIFT : 0);
}

gboolean
veil_batch__take_score(guint32 word, gint64 *out_score, guint8 *out_mark)
{
	if (word >> VEIL_BATCH_MARK_SHIFT & ~(guint32)VEIL_MARK_ALL)
		return FALSE;
	*out_score = word & ((1u << VEIL_BATCH_MARK_SHIFT) - 1);
	*out_mark = (guint8)(word >> VEIL_BATCH_MARK_SHIFT);
	return TRUE;
}

gboolean
veil_batch__take_event(VeilStmt *rows, VeilBatchEvent *out, GError **error)
{
	static const char what[] = "a line of its journal is malformed";
	gint64 seq = veil_stmt_int(rows, 0);

	if (seq <= 0 || seq > G_MAXINT32)
		return veil_batch__damaged(what, error);
	out->seq = (guint32)seq;
	if (!veil_batch__take(rows, 1, out->kind, sizeof out->kind, what, error) ||
	    (!veil_stmt_is_null(rows, 2) && !veil_batch__take(rows, 2, out->project, sizeof out->project, what, error)) ||
	    (!veil_stmt_is_null(rows, 3) && !veil_batch__take(rows, 3, out->reviewer, sizeof out->reviewer, what, error)) ||
	    !veil_batch__take(rows, 4, out->reason, sizeof out->reason, what, error) ||
	    (!veil_stmt_is_null(rows, 5) && !veil_batch__take(rows, 5, out->promoted, sizeof out->promoted, what, error)) ||
	    !veil_batch__take(rows, 7, out->time, sizeof out->time, what, error))
		return FALSE;
	out->record = g_strdup(veil_stmt_text(rows, 6));
	out->operator_handle = g_strdup(veil_stmt_text(rows, 8));
	return TRUE;
}

/* --- seats --------------------------------------------------------------------------------------------------------- */

static VeilBatchPlace *
find_place(VeilBatch *batch, guint32 project, const char *code)
{
	int reviewer = veil_batch_find_reviewer(batch, code);

	for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++)
		if (reviewer >= 0 && batch->places[i].reviewer == (guint32)reviewer)
			return &batch->places[i];
	return NULL;
}

static void
move(VeilBatchPlace *place, VeilSeat seat, guint32 event)
{
	place->seat = seat;
	place->since = event;
}

static gboolean
seat_one(VeilBatch *batch, const VeilBatchEvent *event, guint32 project, GError **error)
{
	VeilBatchPlace *left = *event->reviewer ? find_place(batch, project, event->reviewer) : NULL;
	VeilBatchPlace *came = *event->promoted ? find_place(batch, project, event->promoted) : NULL;

	if (*event->promoted && (came == NULL || came->seat != VEIL_SEAT_WAITING))
		return veil_batch__damaged("its journal promotes somebody who is no waiting reserve", error);
	if (strcmp(event->kind, "withdraw-project") == 0) {
		for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++)
			if (batch->places[i].seat == VEIL_SEAT_SITTING || batch->places[i].seat == VEIL_SEAT_WAITING)
				move(&batch->places[i], VEIL_SEAT_RELEASED, event->seq);
		return TRUE;
	}
	/* A strike may name somebody without a place: then nothing moves, and no later draw may give him one. */
	if (left == NULL && strcmp(event->kind, "vacate") == 0)
		return veil_batch__damaged("its journal vacates a place that was never drawn", error);
	if (left != NULL)
		move(left, VEIL_SEAT_VACATED, event->seq);
	if (came != NULL)
		move(came, VEIL_SEAT_SITTING, event->seq);
	return TRUE;
}

gboolean
veil_batch__seat(VeilBatch *batch, GError **error)
{
	for (guint64 i = 0; i < batch->n_places; i++)
		move(&batch->places[i], batch->places[i].role == VEIL_ROLE_PANEL ? VEIL_SEAT_SITTING : VEIL_SEAT_WAITING, 0);
	for (guint32 e = 0; e < batch->n_events; e++) {
		const VeilBatchEvent *event = &batch->events[e];
		int project = *event->project ? veil_batch_find_project(batch, event->project) : -1;

		if (*event->project == '\0')
			continue;
		if (project < 0)
			return veil_batch__damaged("its journal names no project of the freeze", error);
		if (!seat_one(batch, event, (guint32)project, error))
			return FALSE;
	}
	return TRUE;
}
