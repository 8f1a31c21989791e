/* batch-file.c - the batch file into memory, with its roots (docs/design/formats.md 1.1 and 2).
 *
 * Every reference is checked while it is read, so that what judges later may index without asking.
 */
#include <string.h>

#include "freeze/freeze.h"

enum { META, REVIEWER_ROWS, PROJECT_ROWS, DRAW_ROWS, ODDS_ROWS, LOTTERY_ROWS, ASSIGNMENT_ROWS, EVENT_ROWS };

static const TableSpec tables_1[] = {
	{"meta", "key value", "TT", "key"},
	{"reviewer", "code min_load max_load employer kind province rank", "TIItttt", "code"},
	{"project", "code demand cut candidates", "TIib", "code"},
	{"draw", "n seed seed_source method time operator objective bound prices", "ITTTTTIIB", "n"},
	{"assignment", "project reviewer score role", "TTIT", "project,reviewer"},
	{NULL, NULL, NULL, NULL},
};

static const TableSpec tables_2[] = {
	{"meta", "key value", "TT", "key"},
	{"reviewer", "code min_load max_load employer kind province rank attributes", "TIIttttt", "code"},
	{"project", "code demand class team cut candidates", "TIttib", "code"},
	{"draw", "n kind seed seed_source method time operator objective bound certificate request prices", "ITTTTTTIITtB", "n"},
	{"odds", "draw project entries", "ITB", "draw,project"},
	{"lottery", "draw n weight panels", "IIIB", "draw,n"},
	{"assignment", "project reviewer score role place draw", "TTITII", "project,reviewer"},
	{"event", "seq kind project reviewer reason promoted record time operator", "ITttTtTTT", "seq"},
	{NULL, NULL, NULL, NULL},
};

/* Where a column stands in the row; -1: not in this version. */
static int
column(sqlite3_stmt *row, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(row); i++)
		if (strcmp(sqlite3_column_name(row, i), name) == 0)
			return i;
	return -1;
}

gint64
row_int(sqlite3_stmt *row, int i)
{
	return sqlite3_column_int64(row, i);
}

char *
row_text(sqlite3_stmt *row, int i)
{
	return i < 0 ? NULL : g_strdup((const char *)sqlite3_column_text(row, i));
}

static gint64
int_of(sqlite3_stmt *row, const char *name)
{
	return row_int(row, column(row, name));
}

static char *
text_of(sqlite3_stmt *row, const char *name)
{
	return row_text(row, column(row, name));
}

guint32
read_u32(const guint8 *p)
{
	return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

/* Codes go into messages and are compared as bytes: plain ASCII without blanks. */
gboolean
code_ok(const char *code)
{
	for (const char *p = code; *p; p++)
		if (!g_ascii_isalnum(*p) && *p != '-')
			return FALSE;
	return code[0] != '\0' && strlen(code) <= 64;
}

const char *
meta(GHashTable *table, const char *key)
{
	const char *value = g_hash_table_lookup(table, key);

	return value ? value : "";
}

gboolean
read_meta(sqlite3_stmt *row, gpointer data)
{
	g_hash_table_insert(data, row_text(row, 0), row_text(row, 1));
	return TRUE;
}

/* --- the freeze --------------------------------------------------------------------------------------------------- */

static gboolean
read_reviewer(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	g_autofree char *code = text_of(row, "code");
	guint32 number = instance_reviewer(&batch->x, code);
	Reviewer *reviewer = REVIEWER(&batch->x, number);
	Look look = {text_of(row, "employer"), text_of(row, "kind"), text_of(row, "province"), text_of(row, "rank"), text_of(row, "attributes")};

	reviewer->min_load = int_of(row, "min_load");
	reviewer->max_load = int_of(row, "max_load");
	g_array_append_val(batch->looks, look);
	return code_ok(code) && reviewer->min_load >= 0 && reviewer->min_load <= reviewer->max_load && reviewer->max_load <= G_MAXINT32;
}

static gboolean
read_project(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	g_autofree char *code = text_of(row, "code");
	guint32 number = instance_project(&batch->x, code);
	Project *project = PROJECT(&batch->x, number);
	const guint8 *blob = sqlite3_column_blob(row, column(row, "candidates"));
	guint32 bytes = (guint32)sqlite3_column_bytes(row, column(row, "candidates"));

	project->demand = int_of(row, "demand");
	project->class_ = text_of(row, "class");
	project->team = text_of(row, "team");
	project->rest = sqlite3_column_type(row, column(row, "cut")) == SQLITE_NULL ? REST_NONE : REST_DUMMIES;
	project->rest_score = project->rest == REST_DUMMIES ? int_of(row, "cut") : 0;
	project->n_offers = bytes / 8;
	project->offer = g_new(Offer, (gsize)project->n_offers + 1);
	if (!code_ok(code))
		return FALSE;
	if (project->demand < 0 || project->demand > G_MAXINT32)
		return verdict_reject("batch file: project %s: its demand makes no sense", code);
	if (project->rest_score < 0 || project->rest_score > MAX_SCORE)
		return verdict_reject("batch file: project %s: its cut makes no sense", code);
	for (guint32 i = 0; i < project->n_offers; i++) {
		Offer *offer = &project->offer[i];

		*offer = (Offer){read_u32(blob + (gsize)8 * i), read_u32(blob + (gsize)8 * i + 4) & 0xffffff, blob[(gsize)8 * i + 7]};
		if (offer->reviewer >= batch->x.reviewers->len || (i > 0 && offer->reviewer <= offer[-1].reviewer) || offer->score > MILLION ||
		    (offer->mark & ~(MARK_LEAF | MARK_NEAR)))
			return verdict_reject("batch file: project %s: its list of candidates is malformed at entry %u", code, i);
	}
	if (bytes % 8 != 0)
		return verdict_reject("batch file: project %s: its list of candidates does not end with a whole entry", code);
	return TRUE;
}

/* --- draws -------------------------------------------------------------------------------------------------------- */

static Draw *
last_draw(Batch *batch)
{
	return &g_array_index(batch->draws, Draw, batch->draws->len - 1);
}

static gboolean
read_draw(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	const guint8 *blob = sqlite3_column_blob(row, column(row, "prices"));
	guint32 n = batch->x.reviewers->len;
	g_autofree char *time = text_of(row, "time");
	Draw draw = {.n = int_of(row, "n"), .objective = int_of(row, "objective"), .bound = int_of(row, "bound"), .kind = text_of(row, "kind"),
		     .seed = text_of(row, "seed"), .seed_source = text_of(row, "seed_source"), .method = text_of(row, "method"),
		     .certificate = text_of(row, "certificate"), .request = text_of(row, "request"), .operator = text_of(row, "operator")};

	draw.prices = g_new0(gint64, (gsize)n + 1);
	draw.odds = g_array_new(FALSE, FALSE, sizeof(Place));
	draw.tickets = g_array_new(FALSE, TRUE, sizeof(Ticket));
	g_array_append_val(batch->draws, draw);
	if (batch->version == 1 && batch->draws->len > 1)
		return verdict_reject("batch file: it holds more than one draw of one freeze");
	if (batch->version > 1 && draw.n != (gint64)batch->draws->len)
		return verdict_reject("batch file: draw %u is missing", batch->draws->len);
	if (!is_hex(draw.seed, 64))
		return verdict_reject("batch file: the seed is not 64 hex digits");
	if (!is_minute(time))
		return verdict_reject("batch file: the time of the draw is no UTC minute");
	if ((guint64)sqlite3_column_bytes(row, column(row, "prices")) != (guint64)n * 8)
		return verdict_reject("batch file: there is not one price for each reviewer");
	for (guint32 i = 0; i < n; i++) {
		draw.prices[i] = (gint64)((guint64)read_u32(blob + (gsize)8 * i) | (guint64)read_u32(blob + (gsize)8 * i + 4) << 32);
		if (draw.prices[i] > MAX_PRICE || draw.prices[i] < -MAX_PRICE)
			return verdict_reject("batch file: the price of reviewer %s makes no sense", REVIEWER(&batch->x, i)->id);
	}
	return TRUE;
}

static gboolean
read_odds(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	g_autofree char *code = text_of(row, "project");
	guint32 project = instance_find(batch->x.project_index, code), bytes = (guint32)sqlite3_column_bytes(row, 2);
	const guint8 *blob = sqlite3_column_blob(row, 2);

	for (guint32 i = 0; i < bytes / 8 && project != NONE; i++) {
		Place pair = {.project = project, .reviewer = read_u32(blob + (gsize)8 * i), .score = read_u32(blob + (gsize)8 * i + 4), .row = i};

		if (pair.reviewer >= batch->x.reviewers->len || (i > 0 && pair.reviewer <= g_array_index(last_draw(batch)->odds, Place, last_draw(batch)->odds->len - 1).reviewer))
			return verdict_reject("batch file: the odds of project %s are malformed at entry %u", code, i);
		g_array_append_val(last_draw(batch)->odds, pair);
	}
	return project != NONE && bytes % 8 == 0;
}

/* panels: projects in code order; how many people each has is said where the draw is judged. */
static gboolean
read_lottery(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	GArray *tickets = last_draw(batch)->tickets;
	guint32 bytes = (guint32)sqlite3_column_bytes(row, 3);
	const guint8 *blob = sqlite3_column_blob(row, 3);
	Ticket ticket = {int_of(row, "weight"), g_array_new(FALSE, FALSE, sizeof(Place))};
	gboolean ok = int_of(row, "n") == (gint64)tickets->len && bytes % 4 == 0;

	g_array_append_val(tickets, ticket);
	for (guint32 i = 0; i < bytes / 4; i++) {
		Place place = {.project = NONE, .reviewer = read_u32(blob + (gsize)4 * i), .row = i + 1};

		ok = ok && place.reviewer < batch->x.reviewers->len;
		g_array_append_val(ticket.places, place);
	}
	return ok;
}

static gboolean
read_place(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	g_autofree char *project = text_of(row, "project"), *reviewer = text_of(row, "reviewer"), *role = text_of(row, "role");
	Place place = {.project = instance_find(batch->x.project_index, project), .reviewer = instance_find(batch->x.reviewer_index, reviewer),
		       .score = int_of(row, "score"), .draw = last_draw(batch)->n, .reserve = strcmp(role, "reserve") == 0, .row = batch->places->len + 1};

	place.order = batch->version > 1 ? int_of(row, "place") : 0;
	g_array_append_val(batch->places, place);
	return place.reserve || strcmp(role, "panel") == 0;
}

static gboolean
read_event(sqlite3_stmt *row, gpointer data)
{
	static const char *const kinds[] = {"vacate", "strike", "withdraw", "withdraw-project", NULL};
	Batch *batch = data;
	Event event = {.seq = int_of(row, "seq"), .kind = text_of(row, "kind"), .reason = text_of(row, "reason"), .record = text_of(row, "record"),
		       .time = text_of(row, "time"), .operator = text_of(row, "operator"), .project_code = text_of(row, "project"),
		       .reviewer_code = text_of(row, "reviewer"), .promoted_code = text_of(row, "promoted")};

	event.project = event.project_code ? instance_find(batch->x.project_index, event.project_code) : NONE;
	event.reviewer = event.reviewer_code ? instance_find(batch->x.reviewer_index, event.reviewer_code) : NONE;
	event.promoted = event.promoted_code ? instance_find(batch->x.reviewer_index, event.promoted_code) : NONE;
	g_array_append_val(batch->events, event);
	return event.seq == (gint64)batch->events->len && g_strv_contains(kinds, event.kind) && is_minute(event.time) &&
	       (event.project != NONE) == (event.project_code != NULL) && (event.reviewer != NONE) == (event.reviewer_code != NULL) &&
	       (event.promoted != NONE) == (event.promoted_code != NULL);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void
clear_look(gpointer data)
{
	Look *look = data;

	g_free(look->employer), g_free(look->kind), g_free(look->province), g_free(look->rank), g_free(look->attributes);
}

static void
clear_draw(gpointer data)
{
	Draw *draw = data;

	for (guint i = 0; i < draw->tickets->len; i++)
		g_array_unref(g_array_index(draw->tickets, Ticket, i).places);
	g_free(draw->kind), g_free(draw->seed), g_free(draw->seed_source), g_free(draw->method), g_free(draw->certificate), g_free(draw->request);
	g_free(draw->operator), g_free(draw->prices), g_array_unref(draw->odds), g_array_unref(draw->tickets);
}

static void
clear_event(gpointer data)
{
	Event *e = data;

	g_free(e->kind), g_free(e->reason), g_free(e->record), g_free(e->time), g_free(e->operator);
	g_free(e->project_code), g_free(e->reviewer_code), g_free(e->promoted_code);
}

static GArray *
list_of(guint size, GDestroyNotify clear)
{
	GArray *list = g_array_new(FALSE, TRUE, size);

	g_array_set_clear_func(list, clear);
	return list;
}

/* The rows of the draws, one draw after the other: its root covers its own rows. Together they are all rows there are. */
static gboolean
read_draws(sqlite3 *db, const TableSpec *specs, Batch *out)
{
	static const RowFunc read_1[] = {read_draw, read_place}, read_2[] = {read_draw, read_odds, read_lottery, read_place};
	const RowFunc *read = out->version == 1 ? read_1 : read_2;
	gint64 n_draws = table_count(db, &specs[DRAW_ROWS]), rows[4] = {0};
	guint n_tables = out->version == 1 ? 2 : 4;
	gboolean ok = n_draws >= 0;

	if (out->version == 1 && n_draws > 1)
		return verdict_reject("batch file: it holds more than one draw of one freeze");
	for (gint64 n = 1; ok && n <= n_draws; n++) {
		g_autofree char *draw = g_strdup_printf("n = %" G_GINT64_FORMAT, n), *rest = g_strdup_printf("draw = %" G_GINT64_FORMAT, n);
		Tree tree = {0};

		for (guint i = 0; ok && i < n_tables; i++) {
			guint64 before = tree.size;

			ok = table_read(db, "batch file", &specs[DRAW_ROWS + i], out->version == 1 ? NULL : i == 0 ? draw : rest, &tree, read[i], out);
			rows[i] += (gint64)(tree.size - before);
			if (ok && out->draws->len != (guint)n)
				ok = verdict_reject("batch file: draw %" G_GINT64_FORMAT " is missing", n);
		}
		if (ok)
			tree_root(&tree, last_draw(out)->root);
	}
	for (guint i = 1; ok && i < n_tables; i++)
		if (rows[i] != table_count(db, &specs[DRAW_ROWS + i]))
			ok = verdict_reject(i + 1 == n_tables ? "batch file: it has an assignment without a draw" : "batch file: it has odds or a lottery without a draw");
	return ok;
}

gboolean
batch_read(const char *path, Batch *out)
{
	static const RowFunc read[] = {read_meta, read_reviewer, read_project};
	Tree tree = {0};
	sqlite3 *db = db_open(path, "batch file", tables_1, tables_2, TRUE);
	gboolean ok = db != NULL;
	const TableSpec *specs;

	instance_init(&out->x);
	out->x.marked = TRUE;
	out->meta = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	out->looks = list_of(sizeof(Look), clear_look);
	out->draws = list_of(sizeof(Draw), clear_draw);
	out->places = g_array_new(FALSE, FALSE, sizeof(Place));
	out->events = list_of(sizeof(Event), clear_event);
	out->version = ok ? (int)db_version(db) : 1;
	specs = out->version == 1 ? tables_1 : tables_2;
	for (guint i = 0; ok && i < G_N_ELEMENTS(read); i++)
		ok = table_read(db, "batch file", &specs[i], NULL, &tree, read[i], i == 0 ? (gpointer)out->meta : out);
	tree_root(&tree, out->root);
	ok = ok && read_draws(db, specs, out) && (out->version == 1 || table_read(db, "batch file", &specs[EVENT_ROWS], NULL, NULL, read_event, out));
	g_array_sort(out->places, place_compare);
	sqlite3_close(db);
	return ok;
}

void
batch_clear(Batch *batch)
{
	GArray **lists[] = {&batch->looks, &batch->draws, &batch->places, &batch->events};

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		g_clear_pointer(lists[i], g_array_unref);
	g_clear_pointer(&batch->meta, g_hash_table_unref);
	instance_clear(&batch->x);
}
