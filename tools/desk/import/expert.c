/* expert.c - looking up and changing single experts.
 *
 * Looking up folds what was typed as an import does and compares tokens: nothing is opened but what is shown. The record that somebody looked
 * stands in the ledger before the first line is printed, with counts only.
 */
#include "import/expert.h"

#include <string.h>

#include <veil/idmap.h>
#include <veil/text.h>

#include "import/import-private.h"
#include "site/log.h"

static const char *const status_names[VEIL_N_STATUSES] = {"active", "suspended", "retired", "removed"};

typedef struct {
	const VeilSite *site;
	VeilRegistry *registry;
	VeilKeys *keys;
	GHashTable *seal_keys;
	GPtrArray *entries; /* VeilEntry, copies */
} Desk;

static void
free_seal_key(gpointer key)
{
	veil_seal_key_free(key);
}

static void
free_entry(gpointer data)
{
	VeilEntry *entry = data;

	g_free((gpointer)entry->sealed_id.bytes);
	g_free(entry);
}

static void
desk_clear(Desk *desk)
{
	veil_registry_free(desk->registry);
	veil_keys_free(desk->keys);
	g_clear_pointer(&desk->seal_keys, g_hash_table_unref);
	g_clear_pointer(&desk->entries, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Desk, desk_clear)

static gboolean
keep_entry(const VeilEntry *row, gpointer data, GError **error)
{
	VeilEntry *entry = g_memdup2(row, sizeof *row);

	(void)error;
	entry->source = g_intern_string(row->source);
	entry->province = row->province ? g_intern_string(row->province) : NULL;
	entry->rank = row->rank ? g_intern_string(row->rank) : NULL;
	entry->kind = row->kind ? g_intern_string(row->kind) : NULL;
	entry->sealed_id.bytes = g_memdup2(row->sealed_id.bytes, row->sealed_id.len);
	g_ptr_array_add(((Desk *)data)->entries, entry);
	return TRUE;
}

static gboolean
desk_open(Desk *desk, const VeilSite *site, VeilRegistryMode mode, GError **error)
{
	desk->site = site;
	desk->entries = g_ptr_array_new_with_free_func(free_entry);
	desk->seal_keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_seal_key);
	return (desk->registry = veil_site_open_registry(site, mode, error)) != NULL && (desk->keys = veil_site_open_keys(site, error)) != NULL &&
	       veil_registry_begin(desk->registry, error) && veil_registry_each_entry(desk->registry, keep_entry, desk, error);
}

static gboolean
log_act(const VeilSite *site, const char *operator_handle, const char *act, guint n_entries, GError **error)
{
	g_autofree char *count = g_strdup_printf("%u", n_entries);
	g_autoptr(VeilLog) log = veil_log_open(site->dir, operator_handle, error);

	return log != NULL && veil_log_append(log, "registrar", act, error, "entries", count, NULL);
}

static gboolean
id_token(const VeilKeys *keys, const char *source, const char *id, VeilToken *out)
{
	g_autofree char *domain = g_strconcat("source/", source, NULL);
	g_autofree char *folded = veil_text_fold_id("id", id);

	veil_token(keys, domain, folded, strlen(folded), out->b);
	return *folded != '\0';
}

static VeilEntry *
find_id(const Desk *desk, const char *source, const char *id, GError **error)
{
	VeilToken token;

	if (id_token(desk->keys, source, id, &token))
		for (guint i = 0; i < desk->entries->len; i++) {
			VeilEntry *entry = g_ptr_array_index(desk->entries, i);

			if (entry->has_token && memcmp(entry->token.b, token.b, sizeof token.b) == 0)
				return entry;
		}
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "the source %s has no such id", source);
	return NULL;
}

/* --- cells --------------------------------------------------------------------------------------------------------- */

typedef struct {
	VeilCell cell;
	char *field;
	guint8 *bytes;
} CellCopy;

static gboolean
copy_cell(const VeilCell *cell, gpointer data, GError **error)
{
	CellCopy copy = {*cell, g_strdup(cell->field), g_memdup2(cell->text.bytes, cell->text.len)};

	(void)error;
	g_array_append_val(data, copy);
	return TRUE;
}

/* (transfer full) field, value, field, value, ... of an entry's cells. */
static GPtrArray *
open_cells(Desk *desk, const VeilEntry *entry, GError **error)
{
	g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(CellCopy));
	GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
	gboolean ok = veil_registry_each_cell(desk->registry, &entry->id, copy_cell, copies, error);

	for (guint i = 0; i < copies->len; i++) {
		CellCopy *copy = &g_array_index(copies, CellCopy, i);
		VeilSealed sealed = {copy->bytes, copy->cell.text.len};
		char *text = ok ? veil_cell_open(desk->registry, desk->keys, desk->seal_keys, copy->cell.key, "cell", copy->field, &entry->id, sealed, error)
				: NULL;

		ok = ok && text != NULL;
		if (text != NULL) {
			g_ptr_array_add(fields, g_strdup(copy->field));
			g_ptr_array_add(fields, text);
		}
		g_free(copy->field);
		g_free(copy->bytes);
	}
	if (!ok)
		g_clear_pointer(&fields, g_ptr_array_unref);
	return fields;
}

static const char *
field_of(const GPtrArray *fields, const char *field)
{
	for (guint i = 0; i + 1 < fields->len; i += 2)
		if (strcmp(g_ptr_array_index(fields, i), field) == 0)
			return g_ptr_array_index(fields, i + 1);
	return "";
}

static char *
open_id(Desk *desk, const VeilEntry *entry, GError **error)
{
	if (entry->sealed_id.bytes == NULL)
		return g_strdup("");
	return veil_cell_open(desk->registry, desk->keys, desk->seal_keys, entry->key, "entry", "id", &entry->id, entry->sealed_id, error);
}

/* --- find ---------------------------------------------------------------------------------------------------------- */

typedef struct {
	VeilToken token[VEIL_N_TOKENS];
	VeilIdMap found;
} Wanted;

static gboolean
match_token(const VeilId *entry, VeilTokenKind kind, const VeilToken *token, gpointer data, GError **error)
{
	Wanted *wanted = data;

	(void)error;
	if ((guint)kind < VEIL_N_TOKENS && memcmp(wanted->token[kind].b, token->b, sizeof token->b) == 0)
		veil_id_map_put(&wanted->found, entry, 1);
	return TRUE;
}

static void
want(const VeilKeys *keys, const char *text, Wanted *wanted)
{
	static const char *const kinds[VEIL_N_TOKENS] = {"name", "id_number", "orcid", "phone", "email"};

	for (int kind = 0; kind < VEIL_N_TOKENS; kind++) {
		g_autofree char *folded = kind == VEIL_TOKEN_NAME ? veil_text_fold_name(text) : veil_text_fold_id(kinds[kind], text);

		veil_token(keys, kinds[kind], folded, strlen(folded), wanted->token[kind].b);
	}
}

static GPtrArray *
find_entries(const Desk *desk, const char *text, GError **error)
{
	GPtrArray *found = g_ptr_array_new();
	Wanted wanted;
	gboolean ok;

	want(desk->keys, text, &wanted);
	veil_id_map_init(&wanted.found, 64);
	ok = veil_registry_each_entry_token(desk->registry, match_token, &wanted, error);
	for (guint i = 0; i < desk->entries->len && ok; i++) {
		VeilEntry *entry = g_ptr_array_index(desk->entries, i);
		VeilToken token;

		if (veil_id_map_get(&wanted.found, &entry->id) != VEIL_ID_MAP_NONE ||
		    (entry->has_token && id_token(desk->keys, entry->source, text, &token) && memcmp(token.b, entry->token.b, sizeof token.b) == 0))
			g_ptr_array_add(found, entry);
	}
	veil_id_map_clear(&wanted.found);
	if (!ok)
		g_clear_pointer(&found, g_ptr_array_unref);
	return found;
}

gboolean
veil_expert_find(const VeilSite *site, const char *operator_handle, const char *text, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"source", "id", "name", "organisation", "pool", "status"};
	g_auto(Desk) desk = {0};
	g_autoptr(GPtrArray) found = NULL;
	gboolean ok = TRUE;
	VeilRows rows;

	if (!desk_open(&desk, site, VEIL_REGISTRY_READ, error) || (found = find_entries(&desk, text, error)) == NULL ||
	    !log_act(site, operator_handle, "expert.find", found->len, error) ||
	    !veil_rows_begin(&rows, how, "experts", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < found->len && ok; i++) {
		const VeilEntry *entry = g_ptr_array_index(found, i);
		g_autoptr(GPtrArray) cells = open_cells(&desk, entry, error);
		g_autofree char *id = cells ? open_id(&desk, entry, error) : NULL;

		ok = id != NULL;
		if (ok)
			veil_rows_add(&rows, (const char *const[]){entry->source, id, field_of(cells, "name"), field_of(cells, "organisation"),
								   entry->in_pool ? "expert" : "stub", status_names[entry->status]});
	}
	return veil_rows_end(&rows, ok ? error : NULL) && ok;
}

gboolean
veil_expert_show(const VeilSite *site, const char *operator_handle, const char *source, const char *id, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"field", "value"};
	g_auto(Desk) desk = {0};
	g_autoptr(GPtrArray) cells = NULL;
	const VeilEntry *entry;
	g_autofree char *typed = NULL, *load = NULL;
	VeilRows rows;

	if (!desk_open(&desk, site, VEIL_REGISTRY_READ, error) || (entry = find_id(&desk, source, id, error)) == NULL ||
	    (cells = open_cells(&desk, entry, error)) == NULL || (typed = open_id(&desk, entry, error)) == NULL ||
	    !log_act(site, operator_handle, "expert.show", 1, error) ||
	    !veil_rows_begin(&rows, how, "expert", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	load = entry->max_load >= 0 ? g_strdup_printf("%d", entry->max_load) : g_strdup("");
	veil_rows_add(&rows, (const char *const[]){"source", entry->source});
	veil_rows_add(&rows, (const char *const[]){"id", typed});
	for (guint i = 0; i + 1 < cells->len; i += 2)
		veil_rows_add(&rows, (const char *const[]){g_ptr_array_index(cells, i), g_ptr_array_index(cells, i + 1)});
	veil_rows_add(&rows, (const char *const[]){"province", entry->province ? entry->province : ""});
	veil_rows_add(&rows, (const char *const[]){"rank", entry->rank ? entry->rank : ""});
	veil_rows_add(&rows, (const char *const[]){"kind", entry->kind ? entry->kind : ""});
	veil_rows_add(&rows, (const char *const[]){"max_load", load});
	veil_rows_add(&rows, (const char *const[]){"pool", entry->in_pool ? "expert" : "stub"});
	veil_rows_add(&rows, (const char *const[]){"status", status_names[entry->status]});
	return veil_rows_end(&rows, error);
}

/* --- changes ------------------------------------------------------------------------------------------------------- */

gboolean
veil_expert_suspend(const VeilSite *site, const char *operator_handle, const char *source, const char *id, GError **error)
{
	g_auto(Desk) desk = {0};
	VeilEntry *entry;

	if (!desk_open(&desk, site, VEIL_REGISTRY_WRITE, error) || (entry = find_id(&desk, source, id, error)) == NULL)
		return FALSE;
	if (!entry->in_pool || entry->status == VEIL_STATUS_SUSPENDED) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    entry->in_pool ? "this expert is suspended already" : "this person is no expert of the pool");
		return FALSE;
	}
	entry->status = VEIL_STATUS_SUSPENDED;
	return veil_registry_put_entry(desk.registry, entry, error) && log_act(site, operator_handle, "expert.suspend", 1, error) &&
	       veil_registry_commit(desk.registry, error); /* recorded first, as in import.c */
}

gboolean
veil_expert_merge(const VeilSite *site, const char *operator_handle, const char *source, const char *id, const char *other_source,
		  const char *other_id, GError **error)
{
	g_auto(Desk) desk = {0};
	const VeilEntry *entry, *other;
	guint moved = 0;
	VeilId from;

	if (!desk_open(&desk, site, VEIL_REGISTRY_WRITE, error) || (entry = find_id(&desk, source, id, error)) == NULL ||
	    (other = find_id(&desk, other_source, other_id, error)) == NULL)
		return FALSE;
	if (veil_id_equal(&entry->person, &other->person)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "these are one person already");
		return FALSE;
	}
	from = other->person;
	for (guint i = 0; i < desk.entries->len; i++) {
		VeilEntry *each = g_ptr_array_index(desk.entries, i);

		if (!veil_id_equal(&each->person, &from))
			continue;
		each->person = entry->person;
		moved++;
		if (!veil_registry_put_entry(desk.registry, each, error))
			return FALSE;
	}
	return log_act(site, operator_handle, "expert.merge", moved, error) && veil_registry_commit(desk.registry, error);
}
