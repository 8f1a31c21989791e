/* codes.c - from the registry's ids to the drawer's codes.
 *
 * Nothing stores who has which code: codes are computed from the batch key and the random ids, and only here are they put beside a source's own
 * id. The record that it was asked stands in the ledger before the first row is printed.
 */
#include <string.h>

#include <veil/idmap.h>

#include "custody/codes.h"
#include "custody/custody.h"
#include "site/found.h"
#include "import/import-private.h"

typedef struct {
	char code[VEIL_CODE_CHARS + 1];
	const char *side;
	char *source, *id;
} CodeRow;

typedef struct {
	VeilRegistry *registry;
	const VeilKeys *keys;
	const VeilBatchKey *key;
	GHashTable *seal_keys;
	GHashTable *pool; /* VeilId of persons with an expert's entry */
	const char *only_project, *only_source;
	GArray *rows; /* CodeRow */
} Codes;

static void
row_clear(gpointer data)
{
	CodeRow *row = data;

	g_free(row->source);
	g_free(row->id);
}

static gboolean
note_pool(const VeilEntry *entry, gpointer data, GError **error)
{
	Codes *codes = data;

	(void)error;
	if (entry->in_pool)
		g_hash_table_add(codes->pool, g_memdup2(&entry->person, sizeof entry->person));
	return TRUE;
}

static gboolean
add_row(Codes *codes, VeilCodeKind kind, const VeilId *coded, const VeilId *row_id, const char *table, const char *source, gint64 key,
	VeilSealed sealed, GError **error)
{
	CodeRow row = {.side = kind == VEIL_CODE_PROJECT ? "project" : "reviewer"};

	row.id = veil_cell_open(codes->registry, codes->keys, codes->seal_keys, key, table, "id", row_id, sealed, error);
	if (row.id == NULL)
		return FALSE;
	if (kind == VEIL_CODE_PROJECT && codes->only_project != NULL &&
	    (strcmp(row.id, codes->only_project) != 0 || (codes->only_source != NULL && strcmp(source, codes->only_source) != 0))) {
		g_free(row.id);
		return TRUE;
	}
	row.source = g_strdup(source);
	veil_code(codes->key, kind, VEIL_AUDIENCE_DRAWER, coded, row.code);
	g_array_append_val(codes->rows, row);
	return TRUE;
}

static gboolean
take_entry(const VeilEntry *entry, gpointer data, GError **error)
{
	Codes *codes = data;

	if (entry->sealed_id.bytes == NULL || !g_hash_table_contains(codes->pool, &entry->person))
		return TRUE;
	return add_row(codes, VEIL_CODE_REVIEWER, &entry->person, &entry->id, "entry", entry->source, entry->key, entry->sealed_id, error);
}

static gboolean
take_project(const VeilProjectRow *project, gpointer data, GError **error)
{
	return add_row(data, VEIL_CODE_PROJECT, &project->id, &project->id, "project", project->source, project->key, project->sealed_id,
		       error);
}

static int
compare_rows(gconstpointer a, gconstpointer b)
{
	const CodeRow *x = a, *y = b;
	int order = strcmp(x->code, y->code);

	if (order == 0)
		order = strcmp(x->source, y->source);
	return order ? order : strcmp(x->id, y->id);
}

static gboolean
print_rows(const GArray *found, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"code", "side", "source", "id"};
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "codes", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < found->len; i++) {
		const CodeRow *row = &g_array_index(found, CodeRow, i);

		veil_rows_add(&rows, (const char *const[]){row->code, row->side, row->source, row->id});
	}
	return veil_rows_end(&rows, error);
}

static gboolean
collect(Codes *codes, const char *name, GError **error)
{
	if (!veil_registry_begin(codes->registry, error) ||
	    !veil_registry_each_project(codes->registry, name, take_project, codes, error))
		return FALSE;
	if (codes->only_project == NULL && (!veil_registry_each_entry(codes->registry, note_pool, codes, error) ||
					    !veil_registry_each_entry(codes->registry, take_entry, codes, error)))
		return FALSE;
	veil_registry_rollback(codes->registry);
	g_array_sort(codes->rows, compare_rows);
	return TRUE;
}

/* --- how often --------------------------------------------------------------------------------------------------------- */

/* One project at a time, so many a day and batch for one operator: enough for the complaints of a bad day, and a batch of hundreds is not copied out, project after
 * project, by somebody who may ask for one. Not in site.ini: whoever could raise it is who it binds. */
#define MAX_A_DAY 20

typedef struct {
	const char *actor, *batch;
	char since[VEIL_MINUTE_BYTES];
	guint n;
} Asked;

static gboolean
count_asked(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Asked *asked = data;

	(void)bytes, (void)len, (void)error;
	asked->n += strcmp(record->act, "batch.codes") == 0 && strcmp(record->actor, asked->actor) == 0 && strcmp(record->time, asked->since) > 0 &&
		    g_strcmp0(veil_record_get(record, "batch"), asked->batch) == 0;
	return TRUE;
}

/* Inside the ledger's transaction: two at once are not both the last one. */
static gboolean
not_too_often(VeilLedger *ledger, gpointer data, GError **error)
{
	static const char *const concerned[] = {"\nact batch.codes\n", NULL};
	Asked *asked = data;

	asked->n = 0;
	if (!veil_ledger_each_with(ledger, concerned, count_asked, asked, error))
		return FALSE;
	if (asked->n < MAX_A_DAY)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this operator has asked for the codes of %d projects of this batch within a day, and no more are given: ask tomorrow, or another operator does",
		    MAX_A_DAY);
	return FALSE;
}

/* The record that it is asked, before anything is shown; or, of one too many, that it was tried. */
static gboolean
log_asked(const Codes *codes, VeilLog *log, const VeilStep *step, const char *name, const char *freeze_id, GError **error)
{
	const char *what = codes->only_project ? g_array_index(codes->rows, CodeRow, 0).code : "all";
	const VeilField own[] = {{"batch", name}, {"freeze-id", freeze_id}, {"asked", what}};
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	Asked asked = {.actor = veil_log_actor(log), .batch = name};
	g_autoptr(GError) inner = NULL;

	veil_log_later(log, -24 * 60, asked.since);
	g_array_append_vals(fields, own, G_N_ELEMENTS(own));
	if (veil_log_append_if(log, "registrar", "batch.codes", fields, step->site->rehearsal ? NULL : not_too_often, &asked, NULL, &inner))
		return TRUE;
	if (asked.n >= MAX_A_DAY)
		veil_log_append(log, "registrar", "batch.codes.refused", NULL, "batch", name, "freeze-id", freeze_id, "why", "rate", NULL);
	g_propagate_error(error, g_steal_pointer(&inner));
	return FALSE;
}

static gboolean
open_and_print(Codes *codes, const VeilStep *step, const char *name, VeilPrint how, GError **error)
{
	g_autoptr(VeilBatchRow) batch = veil_registry_batch_get(codes->registry, name, error);
	g_autoptr(VeilLog) log = batch ? veil_log_open(step->site->dir, step->operator_handle, error) : NULL;
	g_autoptr(VeilBatchKey) key = NULL;

	if (log == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	codes->key = key = veil_live_key_open(step->site, codes->keys, batch, error);
	if (key == NULL || !collect(codes, name, error))
		return FALSE;
	if (codes->only_project != NULL && codes->rows->len == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "no such project in this batch");
		return FALSE;
	}
	if (!log_asked(codes, log, step, name, batch->freeze_id, error))
		return FALSE;
	return print_rows(codes->rows, how, error);
}

gboolean
veil_codes_print(const VeilStep *step, const char *name, const char *project_id, const char *source, VeilPrint how, GError **error)
{
	g_autoptr(VeilKeys) keys = NULL;
	g_autoptr(VeilRegistry) registry = NULL;
	Codes codes = {.only_project = project_id, .only_source = source};
	gboolean done;

	if (!veil_site_check_name(name, "batch", error))
		return FALSE;
	if (project_id == NULL && !step->site->rehearsal) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "--all is for rehearsals; name one project with --project ID");
		return FALSE;
	}
	keys = veil_site_open_keys(step->site, error);
	registry = keys ? veil_site_open_registry(step->site, VEIL_REGISTRY_READ, error) : NULL;
	if (registry == NULL)
		return FALSE;
	codes.registry = registry;
	codes.keys = keys;
	codes.seal_keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)veil_seal_key_free);
	codes.pool = g_hash_table_new_full(veil_id_table_hash, veil_id_table_equal, g_free, NULL);
	codes.rows = g_array_new(FALSE, FALSE, sizeof(CodeRow));
	g_array_set_clear_func(codes.rows, row_clear);
	done = open_and_print(&codes, step, name, how, error);
	g_array_unref(codes.rows);
	g_hash_table_unref(codes.pool);
	g_hash_table_unref(codes.seal_keys);
	return done;
}
