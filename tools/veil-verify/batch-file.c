/* batch-file.c - the batch file into memory, with its two roots (docs/design/formats.md 1.1 and 2).
 *
 * Every reference is checked while it is read, so that what judges later may index without asking.
 */
#include <string.h>

#include "verify.h"

static const TableSpec tables_1[] = {
	{"meta", "key value", "TT", "key"},
	{"reviewer", "code min_load max_load employer kind province rank", "TIItttt", "code"},
	{"project", "code demand cut candidates", "TIib", "code"},
	{"draw", "n seed seed_source method time operator objective bound prices", "ITTTTTIIB", "n"},
	{"assignment", "project reviewer score role", "TTIT", "project,reviewer"},
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
};

gint64
row_int(sqlite3_stmt *row, int i)
{
	return sqlite3_column_int64(row, i);
}

char *
row_text(sqlite3_stmt *row, int i)
{
	return g_strdup((const char *)sqlite3_column_text(row, i));
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

gboolean
read_meta(sqlite3_stmt *row, gpointer data)
{
	g_hash_table_insert(data, row_text(row, 0), row_text(row, 1));
	return TRUE;
}

/* --- the batch file ----------------------------------------------------------------------------------------------- */

static gboolean
read_reviewer(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	Reviewer reviewer = {row_text(row, 0), row_text(row, 3), row_text(row, 4), row_text(row, 5), row_text(row, 6), row_int(row, 1), row_int(row, 2)};

	g_array_append_val(batch->reviewers, reviewer);
	g_hash_table_insert(batch->reviewer_index, reviewer.code, GUINT_TO_POINTER(batch->reviewers->len));
	return code_ok(reviewer.code) && reviewer.min_load >= 0 && reviewer.min_load <= reviewer.max_load && reviewer.max_load <= G_MAXINT32;
}

static gboolean
read_project(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	Project project = {.code = row_text(row, 0), .demand = row_int(row, 1)};
	int cut = batch->version == 1 ? 2 : 4;
	const guint8 *blob = sqlite3_column_blob(row, cut + 1);
	guint32 bytes = (guint32)sqlite3_column_bytes(row, cut + 1);

	project.cut = row_int(row, cut);
	project.has_cut = sqlite3_column_type(row, cut) != SQLITE_NULL;

	project.n_candidates = bytes / 8;
	project.candidates = g_new(Candidate, project.n_candidates);
	g_array_append_val(batch->projects, project);
	g_hash_table_insert(batch->project_index, project.code, GUINT_TO_POINTER(batch->projects->len));
	if (!code_ok(project.code))
		return FALSE;
	if (project.demand < 0 || project.demand > G_MAXINT32)
		return verdict_reject("batch file: project %s: its demand makes no sense", project.code);
	if (project.has_cut && (project.cut < 0 || project.cut > MAX_SCORE))
		return verdict_reject("batch file: project %s: its cut makes no sense", project.code);
	for (guint32 i = 0; i < project.n_candidates; i++) {
		Candidate *c = &project.candidates[i];

		*c = (Candidate){read_u32(blob + 8 * i), (gint32)read_u32(blob + 8 * i + 4)};
		if (c->reviewer >= batch->reviewers->len || (i > 0 && c->reviewer <= c[-1].reviewer) || c->score < 0)
			return verdict_reject("batch file: project %s: its list of candidates is malformed at entry %u", project.code, i);
	}
	if (bytes % 8 != 0)
		return verdict_reject("batch file: project %s: its list of candidates does not end with a whole entry", project.code);
	return TRUE;
}

static gboolean
read_draw(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	int later = batch->version == 1 ? 0 : 1, prices = batch->version == 1 ? 8 : 11; /* later: behind the column kind */
	const guint8 *blob = sqlite3_column_blob(row, prices);
	guint32 n = batch->reviewers->len;
	g_autofree char *time = row_text(row, 4 + later);

	if (batch->n_draws++ > 0)
		return verdict_reject("batch file: it holds more than one draw of one freeze");
	batch->draw = row_int(row, 0);
	batch->seed = row_text(row, 1 + later);
	batch->seed_source = row_text(row, 2 + later);
	batch->method = row_text(row, 3 + later);
	batch->objective = row_int(row, 6 + later);
	batch->bound = row_int(row, 7 + later);
	if (!is_hex(batch->seed, 64))
		return verdict_reject("batch file: the seed is not 64 hex digits");
	if (!is_minute(time))
		return verdict_reject("batch file: the time of the draw is no UTC minute");
	if ((guint64)sqlite3_column_bytes(row, prices) != (guint64)n * 8)
		return verdict_reject("batch file: there is not one price for each reviewer");
	batch->prices = g_new(gint64, n);
	for (guint32 i = 0; i < n; i++) {
		batch->prices[i] = (gint64)((guint64)read_u32(blob + 8 * i) | (guint64)read_u32(blob + 8 * i + 4) << 32);
		if (batch->prices[i] > MAX_PRICE || batch->prices[i] < -MAX_PRICE)
			return verdict_reject("batch file: the price of reviewer %s makes no sense", g_array_index(batch->reviewers, Reviewer, i).code);
	}
	return TRUE;
}

static gboolean
read_place(sqlite3_stmt *row, gpointer data)
{
	Batch *batch = data;
	const char *role = (const char *)sqlite3_column_text(row, 3);
	Place place = {row_text(row, 0), row_text(row, 1), row_int(row, 2), strcmp(role, "reserve") == 0};

	g_array_append_val(batch->places, place);
	return place.reserve || strcmp(role, "panel") == 0;
}

static gboolean
read_unknown(sqlite3_stmt *row, gpointer data)
{
	(void)row;
	(void)data;
	return verdict_reject("batch file: it has odds or a journal, which this checker cannot judge");
}

gboolean
batch_read(const char *path, Batch *out)
{
	static const RowFunc read_1[] = {read_meta, read_reviewer, read_project, read_draw, read_place};
	static const RowFunc read_2[] = {read_meta, read_reviewer, read_project, read_draw, read_unknown, read_unknown, read_place, read_unknown};
	gboolean old = (out->version = db_version(path) == 1 ? 1 : 2) == 1;
	const TableSpec *batch_tables = old ? tables_1 : tables_2;
	const RowFunc *read = old ? read_1 : read_2;
	guint n = old ? G_N_ELEMENTS(tables_1) : G_N_ELEMENTS(tables_2);
	Tree tree = {0}, draw_tree = {0};
	sqlite3 *db = db_open(path, "batch file", batch_tables, n, TRUE, out->version);
	gboolean ok = db != NULL;

	out->meta = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	out->reviewers = g_array_new(FALSE, FALSE, sizeof(Reviewer));
	out->projects = g_array_new(FALSE, FALSE, sizeof(Project));
	out->places = g_array_new(FALSE, FALSE, sizeof(Place));
	out->reviewer_index = g_hash_table_new(g_str_hash, g_str_equal);
	out->project_index = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; ok && i < n; i++)
		ok = table_read(db, "batch file", &batch_tables[i], i < 3 ? &tree : &draw_tree, read[i], i == 0 ? (gpointer)out->meta : out);
	tree_root(&tree, out->root);
	tree_root(&draw_tree, out->draw_root);
	sqlite3_close(db);
	return ok;
}

void
batch_clear(Batch *batch)
{
	for (guint i = 0; batch->reviewers && i < batch->reviewers->len; i++) {
		Reviewer *r = &g_array_index(batch->reviewers, Reviewer, i);

		g_free(r->code), g_free(r->employer), g_free(r->kind), g_free(r->province), g_free(r->rank);
	}
	for (guint i = 0; batch->projects && i < batch->projects->len; i++) {
		g_free(g_array_index(batch->projects, Project, i).code);
		g_free(g_array_index(batch->projects, Project, i).candidates);
	}
	for (guint i = 0; batch->places && i < batch->places->len; i++) {
		g_free(g_array_index(batch->places, Place, i).project);
		g_free(g_array_index(batch->places, Place, i).reviewer);
	}
	g_clear_pointer(&batch->meta, g_hash_table_unref);
	g_clear_pointer(&batch->reviewers, g_array_unref);
	g_clear_pointer(&batch->projects, g_array_unref);
	g_clear_pointer(&batch->places, g_array_unref);
	g_clear_pointer(&batch->reviewer_index, g_hash_table_unref);
	g_clear_pointer(&batch->project_index, g_hash_table_unref);
	g_free(batch->seed), g_free(batch->seed_source), g_free(batch->method), g_free(batch->prices);
}
