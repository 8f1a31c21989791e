/* opened.c - see opened.h.
 *
 * An opening is a record of act unmask.open, escrow.open or batch.codes: what puts a code beside a person, or could have. An unmask.open without its
 * unmask.done was cut off between record and screen and counts all the same.
 */
#include "audit/opened.h"

#include <string.h>

#include <veil/ledger-store.h>

#include "site/batch-files.h"

static const char *const opening_acts[] = {"batch.codes", "escrow.open", "unmask.open", NULL};
static const char *const concerned[] = {"\nact batch.codes\n", "\nact escrow.open\n", "\nact unmask.open\n", "\nact unmask.done\n",
					"\nact batch.freeze\n", NULL};

typedef struct {
	char *seq, *time, *actor, *act, *batch, *what, *field, *purpose, *reference, *request;
	const char *done;
} Opening;

typedef struct {
	const char *batch; /* NULL: all */
	guint64 below;	   /* records with a smaller seq only */
	GPtrArray *openings;
	GHashTable *by_request; /* borrowed */
	guint freezes;
} Walk;

static void
opening_free(gpointer data)
{
	Opening *o = data;
	char *texts[] = {o->seq, o->time, o->actor, o->act, o->batch, o->what, o->field, o->purpose, o->reference, o->request};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_free(o);
}

static char *
field_of(const VeilRecord *record, const char *key)
{
	const char *value = veil_record_get(record, key);
	return g_strdup(value != NULL ? value : "");
}

static void
take_opening(Walk *walk, const VeilRecord *record)
{
	Opening *o = g_new0(Opening, 1);
	gboolean unmask = strcmp(record->act, "unmask.open") == 0, escrow = strcmp(record->act, "escrow.open") == 0;

	o->seq = g_strdup_printf("%" G_GUINT64_FORMAT, record->seq);
	o->time = g_strdup(record->time);
	o->actor = g_strdup(record->actor);
	o->act = g_strdup(record->act);
	o->batch = field_of(record, "batch");
	o->what = field_of(record, unmask ? "subject" : escrow ? "use" : "asked");
	o->field = unmask ? field_of(record, "field") : g_strdup(escrow ? "" : "id");
	o->purpose = field_of(record, "ground");
	o->reference = field_of(record, "reason");
	o->request = field_of(record, "request");
	o->done = unmask ? "no" : "";
	g_ptr_array_add(walk->openings, o);
	if (unmask)
		g_hash_table_insert(walk->by_request, o->request, o);
}

static gboolean
walk_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Walk *walk = data;
	const char *batch = veil_record_get(record, "batch"), *of = veil_record_get(record, "of");
	Opening *opened;

	(void)bytes, (void)len, (void)error;
	if (record->seq >= walk->below || (walk->batch != NULL && g_strcmp0(batch, walk->batch) != 0))
		return TRUE;
	if (strcmp(record->act, "batch.freeze") == 0)
		walk->freezes++;
	else if (g_strv_contains(opening_acts, record->act))
		take_opening(walk, record);
	else if (strcmp(record->act, "unmask.done") == 0 && of != NULL && (opened = g_hash_table_lookup(walk->by_request, of)) != NULL)
		opened->done = "yes";
	return TRUE;
}

static gboolean
walk_all(VeilLedger *ledger, Walk *walk, GError **error)
{
	walk->openings = g_ptr_array_new_with_free_func(opening_free);
	walk->by_request = g_hash_table_new(g_str_hash, g_str_equal);
	/* An auditor relies on it, so no index says where to look. */
	return veil_ledger_scan(ledger, concerned, walk_one, walk, error);
}

static void
walk_clear(Walk *walk)
{
	g_clear_pointer(&walk->by_request, g_hash_table_unref);
	g_clear_pointer(&walk->openings, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

static gboolean
check_batch(const Walk *walk, GError **error)
{
	if (walk->batch == NULL || walk->freezes > 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "batch %s is not available here, or was never frozen", walk->batch);
	return FALSE;
}

gboolean
veil_opened_print(const VeilSite *site, const char *batch, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"seq",   "time",	  "operator",  "act",	  "batch", "opened",
					      "field", "purpose", "reference", "request", "done"};
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = NULL;
	g_auto(Walk) walk = {.batch = batch, .below = G_MAXUINT64};
	VeilRows rows;

	if ((batch != NULL && !veil_site_check_name(batch, "batch", error)) || (ledger = veil_ledger_open_read(dir, error)) == NULL ||
	    !walk_all(ledger, &walk, error) || !check_batch(&walk, error) ||
	    !veil_rows_begin(&rows, how, "opened", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < walk.openings->len; i++) {
		const Opening *o = g_ptr_array_index(walk.openings, i);

		veil_rows_add(&rows, (const char *const[]){o->seq, o->time, o->actor, o->act, o->batch, o->what, o->field, o->purpose, o->reference,
							   o->request, o->done});
	}
	return veil_rows_end(&rows, error);
}

gboolean
veil_opened_statement(const VeilSite *site, const char *batch, const char *path, GError **error)
{
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL), *latest = g_build_filename(dir, "checkpoint", NULL), *note = NULL, *text = NULL;
	g_autoptr(VeilLedger) ledger = NULL;
	g_auto(Walk) walk = {.batch = batch};
	gsize len;

	/* Thorough: the statement is about every record, so every record is read and hashed first. */
	if (!veil_site_check_name(batch, "batch", error) || (ledger = veil_ledger_open(dir, error)) == NULL || !veil_ledger_checkpoint(ledger, error) ||
	    !g_file_get_contents(latest, &note, &len, error) ||
	    !veil_checkpoint_open(note, len, veil_ledger_vkey(ledger), NULL, &walk.below, NULL, error) || !walk_all(ledger, &walk, error) ||
	    !check_batch(&walk, error))
		return FALSE;
	if (walk.openings->len > 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "batch %s was opened %u times; `veil audit opened %s` lists them", batch, walk.openings->len,
			    batch);
		return FALSE;
	}
	text = g_strdup_printf("veil-openings/1\norigin %s\nbatch %s\nsize %" G_GUINT64_FORMAT "\nopenings 0\n\n%s", veil_ledger_origin(ledger), batch,
			       walk.below, note);
	return veil_file_put_new(path, text, strlen(text), 0644, error);
}
