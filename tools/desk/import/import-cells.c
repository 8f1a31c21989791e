/* import-cells.c - cells that may identify: compared by keyed digest, sealed when they change.
 *
 * The digest is of the text as typed, so a list delivered again is recognised without opening anything, in whatever encoding it came.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

static gboolean
note_cell(const VeilCell *cell, gpointer data, GError **error)
{
	KnownCell known = {g_intern_string(cell->field), cell->digest};

	(void)error;
	g_array_append_val(data, known);
	return TRUE;
}

gboolean
veil_import_known_cells(Import *import, const VeilId *owner, GArray *out, GError **error)
{
	g_array_set_size(out, 0);
	return veil_registry_each_cell(import->registry, owner, note_cell, out, error);
}

static const KnownCell *
find_known(const GArray *known, const char *field)
{
	for (guint i = 0; known != NULL && i < known->len; i++)
		if (strcmp(g_array_index(known, KnownCell, i).field, field) == 0)
			return &g_array_index(known, KnownCell, i);
	return NULL;
}

static guint8 *
seal(Import *import, const char *table, const char *column, const VeilId *row, const char *text, guint32 *out_len)
{
	gsize len = strlen(text);
	guint8 *sealed = veil_arena_take(&import->arena, len + VEIL_SEAL_OVERHEAD);

	veil_seal(import->seal, import->key, table, column, row, text, len, sealed);
	import->key_used = TRUE;
	*out_len = (guint32)(len + VEIL_SEAL_OVERHEAD);
	return sealed;
}

static gboolean
is_plain(const char *text)
{
	const char *p = text;

	if (*p == ' ')
		return FALSE;
	for (; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f) /* signed char: bytes of other scripts are negative */
			return FALSE;
	return p > text && p[-1] != ' ';
}

static void
stage(Import *import, const VeilId *owner, const char *field, const char *typed, guint64 digest)
{
	StagedCell cell = {.owner = *owner, .field = field, .digest = digest};

	if (is_plain(typed)) { /* printable ASCII is its own NFC */
		cell.text = seal(import, "cell", field, owner, typed, &cell.n_text);
	} else {
		g_autofree char *text = veil_text_nfc(typed);

		cell.text = seal(import, "cell", field, owner, text, &cell.n_text);
		if (strcmp(text, typed) != 0) {
			g_autofree char *column = g_strconcat(field, ".typed", NULL);

			cell.typed = seal(import, "cell", column, owner, typed, &cell.n_typed);
		}
	}
	g_array_append_val(import->staged_cells, cell);
}

void
veil_import_drop_cell(Import *import, const VeilId *owner, const char *field)
{
	StagedCell cell = {.owner = *owner, .field = field};

	if (!import->options->dry_run)
		g_array_append_val(import->staged_cells, cell);
}

gboolean
veil_import_put_cell(Import *import, const VeilId *owner, const GArray *known, const char *field, const char *typed)
{
	CellState state = veil_import_cell_state(typed);
	const KnownCell *before = find_known(known, field);
	guint64 digest;

	if (state == CELL_EMPTY || (state == CELL_CLEAR && before == NULL))
		return FALSE;
	if (state == CELL_CLEAR) {
		veil_import_drop_cell(import, owner, field);
		return TRUE;
	}
	digest = veil_cell_digest(import->keys, field, typed, strlen(typed));
	if (before != NULL && before->digest == digest)
		return FALSE;
	if (!import->options->dry_run)
		stage(import, owner, field, typed, digest);
	return TRUE;
}

VeilSealed
veil_import_seal_id(Import *import, const char *table, const VeilId *row, const char *typed)
{
	g_autofree char *text = is_plain(typed) ? NULL : veil_text_nfc(typed);
	VeilSealed sealed = {NULL, 0};
	guint32 len;

	if (import->options->dry_run)
		return sealed;
	sealed.bytes = seal(import, table, "id", row, text ? text : typed, &len);
	sealed.len = len;
	return sealed;
}

/* By owner, then field; of one cell staged twice the later one stands, which a stable order decides. */
static int
compare_staged(const void *a, const void *b)
{
	const StagedCell *x = a, *y = b;
	int order = memcmp(x->owner.b, y->owner.b, sizeof x->owner.b);

	if (order == 0 && x->field != y->field)
		order = strcmp(x->field, y->field);
	return order;
}

gboolean
veil_import_write_cells(Import *import, GError **error)
{
	g_array_sort(import->staged_cells, compare_staged); /* GLib's sort is stable */
	for (guint i = 0; i < import->staged_cells->len; i++) {
		const StagedCell *staged = &g_array_index(import->staged_cells, StagedCell, i);
		VeilCell cell = {staged->owner, staged->field, import->key, staged->digest, {staged->text, staged->n_text},
				 {staged->typed, staged->n_typed}};

		if (!(staged->text != NULL ? veil_registry_put_cell(import->registry, &cell, error)
					   : veil_registry_drop_cell(import->registry, &cell.owner, cell.field, error)))
			return FALSE;
	}
	return TRUE;
}

char *
veil_cell_open(VeilRegistry *registry, const VeilKeys *keys, GHashTable *seal_keys, gint64 key, const char *table, const char *column,
	       const VeilId *row, VeilSealed sealed, GError **error)
{
	VeilSealKey *seal_key = g_hash_table_lookup(seal_keys, &key);

	if (seal_key == NULL) {
		g_autoptr(GBytes) bytes = veil_registry_get_key(registry, key, error);

		if (bytes == NULL)
			return NULL;
		if (g_bytes_get_size(bytes) != VEIL_SEALED_KEY_BYTES) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the key of an import is damaged");
			return NULL;
		}
		seal_key = veil_seal_key_open(keys, g_bytes_get_data(bytes, NULL), error);
		if (seal_key == NULL)
			return NULL;
		g_hash_table_insert(seal_keys, g_memdup2(&key, sizeof key), seal_key);
	}
	return veil_unseal(seal_key, key, table, column, row, sealed.bytes, sealed.len, NULL, error);
}
