/* import.c - the frame of every import: files, rows, rejects, counts, one transaction.
 *
 * The transaction is begun before anything is read from the registry and committed after the last row is written: what was decided
 * was decided about what is there, and whoever kills the process leaves what was there. The ledger's record
 * precedes the commit: a change without a record, by an operator whose record is refused or who kills the process in time, would be worse than a record
 * of a change that did not come about.
 */
#include "import/import-private.h"

#include <string.h>

#include "site/log.h"

#define PROGRESS_EVERY 8192

static void
clear_note(gpointer data)
{
	g_free(((VeilImportNote *)data)->text);
}

static VeilImportResult *
result_new(void)
{
	VeilImportResult *result = g_new0(VeilImportResult, 1);

	result->rejects = g_array_new(FALSE, FALSE, sizeof(VeilImportNote));
	result->differences = g_array_new(FALSE, FALSE, sizeof(VeilImportNote));
	g_array_set_clear_func(result->rejects, clear_note);
	g_array_set_clear_func(result->differences, clear_note);
	result->warnings = g_ptr_array_new_with_free_func(g_free);
	result->files = g_ptr_array_new_with_free_func(g_free);
	result->digests = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void
veil_import_result_free(VeilImportResult *result)
{
	if (result == NULL)
		return;
	g_array_unref(result->rejects);
	g_array_unref(result->differences);
	g_ptr_array_unref(result->warnings);
	g_ptr_array_unref(result->files);
	g_ptr_array_unref(result->digests);
	g_free(result);
}

/* --- the frame ----------------------------------------------------------------------------------------------------- */

static void
clear_disciplines(gpointer data)
{
	g_array_unref(((StagedDisciplines *)data)->shares);
}

static void
clear_avoids(gpointer data)
{
	g_array_unref(((StagedAvoids *)data)->orgs);
}

static void
make_tables(Import *import)
{
	import->columns = g_string_new(NULL);
	import->warnings = g_array_new(FALSE, TRUE, sizeof(Warning));
	import->entries = g_array_new(FALSE, TRUE, sizeof(EntryState));
	import->orgs = g_array_new(FALSE, TRUE, sizeof(OrgState));
	import->staged_cells = g_array_new(FALSE, TRUE, sizeof(StagedCell));
	import->staged_tokens = g_array_new(FALSE, FALSE, sizeof(StagedToken));
	import->dropped_tokens = g_array_new(FALSE, FALSE, sizeof(DroppedToken));
	import->staged_org_tokens = g_array_new(FALSE, FALSE, sizeof(StagedOrgToken));
	import->staged_disciplines = g_array_new(FALSE, FALSE, sizeof(StagedDisciplines));
	g_array_set_clear_func(import->staged_disciplines, clear_disciplines);
	import->staged_avoids = g_array_new(FALSE, FALSE, sizeof(StagedAvoids));
	g_array_set_clear_func(import->staged_avoids, clear_avoids);
	import->entry_by_text = g_hash_table_new(g_str_hash, g_str_equal);
	import->org_by_text = g_hash_table_new(g_str_hash, g_str_equal);
	for (int kind = 0; kind < VEIL_N_TOKENS; kind++)
		import->tokens[kind].links = g_array_new(FALSE, FALSE, sizeof(TokenLink));
}

Import *
veil_import_new(const VeilSite *site, const VeilImportOptions *options, GError **error)
{
	g_autoptr(Import) import = g_new0(Import, 1);
	const char *source = options->source ? options->source : "local";

	import->result = result_new();
	make_tables(import);
	if (!veil_site_check_name(source, "source", error))
		return NULL;
	import->site = site;
	import->options = options;
	import->source = source;
	import->person_domain = g_strconcat("source/", source, NULL);
	import->work_domain = g_strconcat("work/", source, NULL);
	import->org_domain = g_strconcat("org_code/", source, NULL);
	if ((import->registry = veil_site_open_registry(site, options->dry_run ? VEIL_REGISTRY_READ : VEIL_REGISTRY_WRITE, error)) == NULL ||
	    (import->keys = veil_site_open_keys(site, error)) == NULL || !veil_registry_begin(import->registry, error) ||
	    !veil_registry_next_key(import->registry, &import->key, error))
		return NULL;
	import->seal = veil_seal_key_new(import->keys, options->random, options->random_data, import->sealed_key);
	import->terms = veil_terms_new(import->keys);
	return g_steal_pointer(&import);
}

void
veil_import_free(Import *import)
{
	if (import == NULL)
		return;
	veil_terms_free(import->terms);
	veil_seal_key_free(import->seal);
	veil_registry_free(import->registry); /* rolls back what was not committed */
	veil_keys_free(import->keys);
	veil_import_result_free(import->result);
	g_free(import->person_domain);
	g_free(import->work_domain);
	g_free(import->org_domain);
	g_string_free(import->columns, TRUE);
	g_array_unref(import->warnings);
	g_array_unref(import->entries);
	g_array_unref(import->orgs);
	g_array_unref(import->staged_cells);
	g_array_unref(import->staged_tokens);
	g_array_unref(import->dropped_tokens);
	g_array_unref(import->staged_org_tokens);
	g_array_unref(import->staged_disciplines);
	g_array_unref(import->staged_avoids);
	g_hash_table_unref(import->entry_by_text);
	g_hash_table_unref(import->org_by_text);
	g_clear_pointer(&import->known_disciplines, g_hash_table_unref);
	for (int kind = 0; kind < VEIL_N_TOKENS; kind++) {
		veil_id_map_clear(&import->tokens[kind].first);
		g_array_unref(import->tokens[kind].links);
	}
	veil_id_map_clear(&import->entry_by_token);
	veil_id_map_clear(&import->entry_by_id);
	veil_id_map_clear(&import->org_by_id);
	veil_id_map_clear(&import->org_by_code);
	veil_id_map_clear(&import->org_by_name);
	g_clear_pointer(&import->arena.blocks, g_ptr_array_unref);
	g_free(import);
}

/* A column that this source used to deliver and now does not is a broken export far more often than a wish. */
static gboolean
check_columns(Import *import, const char *before, GString *delivered, GError **error)
{
	const VeilKindInfo *kind = import->mapping->kind;
	g_auto(GStrv) columns = g_strsplit(before ? before : "", ";", -1);
	g_autoptr(GString) lost = g_string_new(NULL);
	g_autoptr(GString) both = g_string_new(NULL);
	g_auto(GStrv) earlier = import->file > 1 && delivered->len > 0 ? g_strsplit(delivered->str, ";", -1) : NULL;

	for (guint i = 0; columns[i] != NULL; i++) {
		int column = *columns[i] ? veil_kind_column(kind, columns[i]) : -1;

		if (column >= 0 && import->mapping->field[column] < 0)
			g_string_append_printf(lost, "%s%s", lost->len > 0 ? ", " : "", columns[i]);
	}
	for (guint i = 0; i < kind->n_columns; i++)
		if (import->mapping->field[i] >= 0 && (earlier == NULL || g_strv_contains((const char *const *)earlier, kind->columns[i].name)))
			g_string_append_printf(both, "%s%s", both->len > 0 ? ";" : "", kind->columns[i].name);
	g_string_assign(delivered, both->str);
	if (lost->len == 0 || import->options->schema_changed)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
		    "%s lacks columns that the last delivery of this source had: %s; if that is meant, give --schema-changed",
		    veil_import_file_name(import, import->file), lost->str);
	return FALSE;
}

static void
warn_of_unknown_columns(Import *import)
{
	for (guint i = 0; i < import->mapping->unknown->len; i++)
		g_ptr_array_add(import->result->warnings,
				g_strdup_printf("%s: the column %s is unknown and ignored", veil_import_file_name(import, import->file),
						(const char *)g_ptr_array_index(import->mapping->unknown, i)));
}

static gboolean
read_rows(Import *import, VeilTable *table, const KindOps *ops, GError **error)
{
	VeilRow row;
	int got;

	while ((got = veil_table_next(table, &row, error)) == 1) {
		import->row = &row;
		import->row_decided = FALSE;
		g_string_truncate(import->columns, 0);
		if (++import->result->rows % PROGRESS_EVERY == 0 && import->options->progress != NULL)
			import->options->progress(import->mapping->kind->name, import->result->rows, import->options->progress_data);
		if (row.defect != NULL)
			veil_import_reject(import, "", "%s", row.defect);
		else if (!ops->row(import, error))
			return FALSE;
		g_assert(import->row_decided);
	}
	import->row = NULL;
	return got == 0;
}

static gboolean
read_file(Import *import, const char *path, const KindOps *ops, const char *before, GString *delivered, GError **error)
{
	g_autoptr(VeilTable) table = veil_table_open(path, import->options->encoding, error);
	g_autoptr(VeilMapping) mapping = NULL;

	if (table == NULL)
		return FALSE;
	import->path = path;
	g_ptr_array_add(import->result->files, g_strdup(veil_table_name(table)));
	import->file = import->result->files->len;
	mapping = veil_mapping_new(table, veil_kind_info(import->kind), import->options->map, error);
	if (mapping == NULL)
		return FALSE;
	import->mapping = mapping;
	warn_of_unknown_columns(import);
	if (!check_columns(import, before, delivered, error) || !read_rows(import, table, ops, error))
		return FALSE;
	g_ptr_array_add(import->result->digests, g_strdup(veil_table_digest(table)));
	return TRUE;
}

gboolean
veil_import_read(Import *import, VeilKind kind, const KindOps *ops, const char *const *files, GError **error)
{
	g_autoptr(GString) delivered = g_string_new(NULL);
	const char *name = veil_kind_info(kind)->name;
	g_autofree char *before = NULL;
	GError *failure = NULL;
	gboolean ok;

	import->kind = kind;
	before = veil_registry_get_delivery(import->registry, import->source, name, &failure);
	if (failure != NULL) {
		g_propagate_error(error, failure);
		return FALSE;
	}
	ok = ops->begin(import, error);
	for (guint i = 0; ok && files[i] != NULL; i++)
		ok = read_file(import, files[i], ops, before, delivered, error);
	import->mapping = NULL;
	import->row = NULL;
	if (!ok || (ops->end != NULL && !ops->end(import, error)))
		return FALSE;
	return import->options->dry_run || g_strcmp0(before, delivered->str) == 0 ||
	       veil_registry_put_delivery(import->registry, import->source, name, delivered->str, error);
}

static int
compare_notes(const void *a, const void *b)
{
	const VeilImportNote *x = a, *y = b;
	int order = x->file == y->file ? 0 : strcmp(x->file, y->file);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : x->line > y->line;
}

static gboolean
write_rejects(Import *import, GError **error)
{
	const GArray *rejects = import->result->rejects;
	gboolean several = import->result->files->len > 1;
	VeilWriter *writer = veil_writer_open(import->options->rejects, VEIL_CSV_PLAIN, error);

	if (writer == NULL)
		return FALSE;
	veil_writer_field(writer, "line");
	veil_writer_field(writer, "column");
	veil_writer_field(writer, "reason");
	if (several)
		veil_writer_field(writer, "file");
	veil_writer_end_row(writer);
	for (guint i = 0; i < rejects->len; i++) {
		const VeilImportNote *note = &g_array_index(rejects, VeilImportNote, i);
		g_autofree char *line = g_strdup_printf("%" G_GUINT64_FORMAT, note->line);

		veil_writer_field(writer, line);
		veil_writer_field(writer, note->what);
		veil_writer_field(writer, note->text);
		if (several)
			veil_writer_field(writer, note->file);
		veil_writer_end_row(writer);
	}
	return veil_writer_close(writer, error);
}

static void
summarise_warnings(Import *import)
{
	for (guint i = 0; i < import->warnings->len; i++) {
		const Warning *warning = &g_array_index(import->warnings, Warning, i);
		g_autoptr(GString) text = g_string_new(NULL);

		g_string_append_printf(text, "%" G_GUINT64_FORMAT " %s", warning->n, warning->text);
		for (guint64 k = 0; k < MIN(warning->n, G_N_ELEMENTS(warning->lines)); k++)
			if (warning->lines[k] > 0)
				g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, k == 0 ? " (line " : ", ", warning->lines[k]);
		if (warning->lines[0] > 0)
			g_string_append(text, warning->n > G_N_ELEMENTS(warning->lines) ? ", ...)" : ")");
		g_ptr_array_add(import->result->warnings, g_string_free(g_steal_pointer(&text), FALSE));
	}
}

gboolean
veil_import_settle(Import *import, GError **error)
{
	const VeilImportResult *result = import->result;

	g_array_sort(result->rejects, compare_notes);
	g_array_sort(result->differences, compare_notes);
	summarise_warnings(import);
	if (import->options->rejects != NULL && !write_rejects(import, error))
		return FALSE;
	if (!import->options->strict || result->rejected == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " rows are bad and --strict was given: nothing was taken",
		    result->rejected, result->rows);
	return FALSE;
}

gboolean
veil_import_write_first(Import *import, GError **error)
{
	return (!import->key_used ||
		veil_registry_put_key(import->registry, import->key, import->sealed_key, sizeof import->sealed_key, error)) &&
	       veil_import_write_orgs(import, error) && veil_import_write_people(import, error);
}

gboolean
veil_import_write_last(Import *import, GError **error)
{
	return veil_import_write_cells(import, error) && veil_terms_write(import->terms, import->registry, error);
}

/* Who reads the ledger may guess at a short list: there are not many ways to ban one person of a pool whose ids he can count. A plain digest would tell him when he is right;
 * this one only the holder of the registry's key can work out again. */
char *
veil_import_macs(const Import *import, guint from, guint to)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = from; i < MIN(to, import->result->digests->len); i++) {
		const char *digest = g_ptr_array_index(import->result->digests, i);
		guint8 mac[16];
		char hex[33];

		veil_token(import->keys, "list", digest, strlen(digest), mac);
		veil_hex_encode(mac, sizeof mac, hex);
		g_string_append_printf(text, "%s%s", i > from ? "," : "", hex);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* --- import KIND --------------------------------------------------------------------------------------------------- */

static const KindOps *
ops_of(VeilKind kind)
{
	switch (kind) {
	case VEIL_KIND_DISCIPLINES:
		return &veil_import_disciplines;
	case VEIL_KIND_ORGANISATIONS:
		return &veil_import_organisations;
	case VEIL_KIND_EXPERTS:
		return &veil_import_experts;
	case VEIL_KIND_POSTS:
		return &veil_import_posts;
	case VEIL_KIND_WORKS:
		return &veil_import_works;
	case VEIL_KIND_RELATIONS:
		return &veil_import_relations;
	case VEIL_KIND_BANS:
		return &veil_import_bans;
	case VEIL_KIND_STAFF:
		return &veil_import_staff;
	case VEIL_KIND_PROJECTS:
	case VEIL_KIND_PEOPLE:
	case VEIL_N_KINDS:
		break;
	}
	return NULL;
}

static gboolean
log_import(Import *import, const char *kind, GError **error)
{
	const VeilImportResult *result = import->result;
	g_autofree char *digests = veil_import_macs(import, 0, G_MAXUINT);
	g_autofree char *rows = g_strdup_printf("%" G_GUINT64_FORMAT, result->rows);
	g_autofree char *new_rows = g_strdup_printf("%" G_GUINT64_FORMAT, result->new_rows);
	g_autofree char *changed = g_strdup_printf("%" G_GUINT64_FORMAT, result->changed);
	g_autofree char *unchanged = g_strdup_printf("%" G_GUINT64_FORMAT, result->unchanged + result->duplicates);
	g_autofree char *rejected = g_strdup_printf("%" G_GUINT64_FORMAT, result->rejected);
	g_autoptr(VeilLog) log = veil_log_open(import->site->dir, import->options->operator_handle, error);

	return log != NULL && veil_log_append(log, "registrar", "import", error, "kind", kind, "source", import->source, "file-mac", digests,
					      "rows", rows, "new", new_rows, "changed", changed, "unchanged", unchanged, "rejected", rejected,
					      NULL);
}

static gboolean
take(Import *import, VeilKind kind, const char *const *files, GError **error)
{
	const KindOps *ops = ops_of(kind);
	const char *name = veil_kind_info(kind)->name;

	if (!veil_import_read(import, kind, ops, files, error) || !veil_import_settle(import, error))
		return FALSE;
	if (import->options->dry_run)
		return TRUE;
	return veil_import_write_first(import, error) && (ops->write == NULL || ops->write(import, error)) &&
	       veil_import_write_last(import, error) && log_import(import, name, error) && veil_registry_commit(import->registry, error);
}

gboolean
veil_import_run(const VeilSite *site, const char *kind, const char *const *files, const VeilImportOptions *options,
		VeilImportResult **out_result, GError **error)
{
	const VeilKindInfo *info = veil_kind_lookup(kind);
	g_autoptr(Import) import = NULL;
	gint64 start = g_get_monotonic_time();
	gboolean ok;

	if (info == NULL || ops_of(info->kind) == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE,
			    info ? "%s come in with `veil batch new`"
				 : "there is no kind of list %s; known are disciplines, organisations, experts, posts, works, relations, bans",
			    kind);
		return FALSE;
	}
	import = veil_import_new(site, options, error);
	if (import == NULL)
		return FALSE;
	ok = take(import, info->kind, files, error);
	if (import->state[info->kind] != NULL && ops_of(info->kind)->clear != NULL)
		ops_of(info->kind)->clear(import);
	import->result->seconds = (double)(g_get_monotonic_time() - start) / 1e6;
	*out_result = g_steal_pointer(&import->result);
	return ok;
}
