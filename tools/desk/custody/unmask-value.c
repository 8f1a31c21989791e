/* unmask-value.c - from one code to one cell: the only sealed texts opened are those of the field that was asked for. */
#include <string.h>

#include "import/import-private.h"
#include "custody/unmask.h"

typedef struct {
	VeilRegistry *registry;
	const VeilKeys *keys;
	const VeilBatchKey *key;
	const char *code;
	GHashTable *seal_keys;
	gboolean found;
	VeilId id;	  /* the person, or the project */
	GArray *owners;	  /* Owner: whose cells or ids are opened */
	GPtrArray *values;
} Look;

typedef struct {
	VeilId id;
	gint64 key;
	guint8 *sealed_id;
	gsize n_sealed_id;
} Owner;

static void
owner_clear(gpointer data)
{
	g_free(((Owner *)data)->sealed_id);
}

static void
add_owner(Look *look, const VeilId *id, gint64 key, VeilSealed sealed)
{
	Owner owner = {*id, key, g_memdup2(sealed.bytes, sealed.len), sealed.len};
	g_array_append_val(look->owners, owner);
}

static gboolean
find_person(const VeilEntry *entry, gpointer data, GError **error)
{
	Look *look = data;
	char code[VEIL_CODE_CHARS + 1];

	(void)error;
	if (!entry->in_pool || look->found)
		return TRUE;
	veil_code(look->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &entry->person, code);
	if (strcmp(code, look->code) == 0) {
		look->found = TRUE;
		look->id = entry->person;
	}
	return TRUE;
}

static gboolean
take_entries(const VeilEntry *entry, gpointer data, GError **error)
{
	Look *look = data;

	(void)error;
	if (entry->in_pool && veil_id_equal(&entry->person, &look->id))
		add_owner(look, &entry->id, entry->key, entry->sealed_id);
	return TRUE;
}

static gboolean
find_project(const VeilProjectRow *project, gpointer data, GError **error)
{
	Look *look = data;
	char code[VEIL_CODE_CHARS + 1];

	(void)error;
	veil_code(look->key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_DRAWER, &project->id, code);
	if (strcmp(code, look->code) == 0) {
		look->found = TRUE;
		look->id = project->id;
		add_owner(look, &project->id, project->key, project->sealed_id);
	}
	return TRUE;
}

/* --- opening --------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *field;
	gint64 key;
	guint8 *bytes;
	gsize len;
} CellWanted;

static gboolean
take_cell(const VeilCell *cell, gpointer data, GError **error)
{
	CellWanted *wanted = data;

	(void)error;
	if (strcmp(cell->field, wanted->field) == 0) {
		wanted->key = cell->key;
		wanted->bytes = g_memdup2(cell->text.bytes, cell->text.len);
		wanted->len = cell->text.len;
	}
	return TRUE;
}

static void
add_value(Look *look, char *value)
{
	for (guint i = 0; i < look->values->len; i++)
		if (strcmp(look->values->pdata[i], value) == 0) {
			g_free(value);
			return;
		}
	g_ptr_array_add(look->values, value);
}

static gboolean
open_cell(Look *look, const VeilId *owner, const char *field, GError **error)
{
	CellWanted wanted = {.field = field};
	char *text = NULL;

	if (!veil_registry_each_cell(look->registry, owner, take_cell, &wanted, error))
		return FALSE;
	if (wanted.bytes == NULL)
		return TRUE;
	text = veil_cell_open(look->registry, look->keys, look->seal_keys, wanted.key, "cell", field, owner, (VeilSealed){wanted.bytes, wanted.len}, error);
	g_free(wanted.bytes);
	if (text != NULL)
		add_value(look, text);
	return text != NULL;
}

static gboolean
open_id(Look *look, const Owner *owner, const char *table, GError **error)
{
	char *text;

	if (owner->n_sealed_id == 0)
		return TRUE;
	text = veil_cell_open(look->registry, look->keys, look->seal_keys, owner->key, table, "id", &owner->id,
			      (VeilSealed){owner->sealed_id, owner->n_sealed_id}, error);
	if (text != NULL)
		add_value(look, text);
	return text != NULL;
}

static gboolean
open_reviewer(Look *look, const char *field, GError **error)
{
	if (!veil_registry_each_entry(look->registry, find_person, look, error) ||
	    (look->found && !veil_registry_each_entry(look->registry, take_entries, look, error)))
		return FALSE;
	for (guint i = 0; i < look->owners->len; i++) {
		const Owner *owner = &g_array_index(look->owners, Owner, i);

		if (!(strcmp(field, "id") == 0 ? open_id(look, owner, "entry", error) : open_cell(look, &owner->id, field, error)))
			return FALSE;
	}
	return TRUE;
}

/* A project's organisation and title are its own; name, phone and e-mail are its applicants'. */
static gboolean
open_project(Look *look, const char *batch, const char *field, GError **error)
{
	static const char *const own[] = {"title", "organisation", NULL};
	g_autoptr(GArray) applicants = NULL;

	if (!veil_registry_each_project(look->registry, batch, find_project, look, error))
		return FALSE;
	if (!look->found)
		return TRUE;
	if (strcmp(field, "id") == 0)
		return open_id(look, &g_array_index(look->owners, Owner, 0), "project", error);
	if (g_strv_contains(own, field))
		return open_cell(look, &look->id, field, error);
	if ((applicants = veil_registry_applicants(look->registry, &look->id, error)) == NULL)
		return FALSE;
	for (guint i = 0; i < applicants->len; i++)
		if (!open_cell(look, &g_array_index(applicants, VeilId, i), field, error))
			return FALSE;
	return TRUE;
}

char *
veil_unmask_value(VeilRegistry *registry, const VeilKeys *keys, const VeilBatchKey *key, const char *batch, VeilSubject subject, const char *code,
		  const char *field, GError **error)
{
	Look look = {
		.registry = registry,
		.keys = keys,
		.key = key,
		.code = code,
		.seal_keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)veil_seal_key_free),
		.owners = g_array_new(FALSE, FALSE, sizeof(Owner)),
		.values = g_ptr_array_new_with_free_func(g_free),
	};
	char *value = NULL;

	g_array_set_clear_func(look.owners, owner_clear);
	if (subject == VEIL_SUBJECT_REVIEWER ? open_reviewer(&look, field, error) : open_project(&look, batch, field, error)) {
		g_ptr_array_add(look.values, NULL);
		if (look.found && !(subject == VEIL_SUBJECT_REVIEWER && strcmp(field, "title") == 0))
			value = g_strjoinv("; ", (char **)look.values->pdata);
		else
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "not available");
	}
	g_ptr_array_unref(look.values);
	g_array_unref(look.owners);
	g_hash_table_unref(look.seal_keys);
	return value;
}
