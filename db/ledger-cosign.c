/* ledger-cosign.c - witnesses' cosignatures among the kept checkpoints. */
#include "ledger-private.h"

#include <string.h>

/* One note that the line might be on. */
static gboolean
try_note(VeilLedger *ledger, const char *name, const char *const *witnesses, const char *line, guint64 until, VeilCosigned *out, gboolean *out_found,
	 GError **error)
{
	gsize len = 0;
	gboolean absent;
	g_autofree char *note = veil_ledger__read_file(ledger->dir, name, &len, &absent, error), *with = NULL, *kept = NULL;
	guint8 root[32];

	if (note == NULL)
		return absent;
	for (guint i = 0; witnesses[i] != NULL; i++) {
		g_autoptr(GError) inner = NULL;
		if (!veil_note_add_cosignature(note, len, ledger->vkey, witnesses[i], line, &with, &out->unix_s, &inner)) {
			if (!g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_REFUSED))
				continue;
			g_propagate_error(error, g_steal_pointer(&inner));
			return FALSE;
		}
		if (out->unix_s > until) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "it is of a time to come: somebody's clock is wrong");
			return FALSE;
		}
		out->witness = i;
		if (!veil_checkpoint_open(with, strlen(with), ledger->vkey, NULL, &out->size, root, error) || !veil_ledger__checkpoints_folder(ledger, error))
			return FALSE;
		kept = g_strdup_printf("checkpoints/%" G_GUINT64_FORMAT ".note", out->size);
		*out_found = TRUE;
		return veil_ledger__put_note(ledger, kept, with, error);
	}
	return TRUE;
}

typedef struct {
	guint64 size;
	char *name; /* "checkpoints/SIZE.note" */
} Kept;

static void
kept_clear(gpointer kept)
{
	g_free(((Kept *)kept)->name);
}

static int
larger_first(gconstpointer a, gconstpointer b)
{
	guint64 x = ((const Kept *)a)->size, y = ((const Kept *)b)->size;

	return (y > x) - (y < x);
}

/* By what their names say, the largest first. */
static GArray *
kept_notes(const VeilLedger *ledger)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(Kept));
	g_autofree char *folder = g_build_filename(ledger->dir, "checkpoints", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	g_array_set_clear_func(list, kept_clear);
	for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *digits = g_strndup(name, strcspn(name, "."));
		Kept kept;
		if (!g_str_has_suffix(name, ".note") || !g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, &kept.size, NULL))
			continue;
		kept.name = g_build_filename("checkpoints", name, NULL);
		g_array_append_val(list, kept);
	}
	g_array_sort(list, larger_first);
	return list;
}

char *
veil_ledger__largest_kept(VeilLedger *ledger)
{
	g_autoptr(GArray) kept = kept_notes(ledger);

	return kept->len > 0 ? g_strdup(g_array_index(kept, Kept, 0).name) : NULL;
}

/* Kept notes before the latest one, so that lines gather in one place. */
static gboolean
try_all(VeilLedger *ledger, const char *const *witnesses, const char *line, guint64 until, VeilCosigned *out, GError **error)
{
	g_autoptr(GArray) kept = kept_notes(ledger);
	gboolean found = FALSE;

	for (guint i = 0; i < kept->len && !found; i++)
		if (!try_note(ledger, g_array_index(kept, Kept, i).name, witnesses, line, until, out, &found, error))
			return FALSE;
	if (!found && !try_note(ledger, "checkpoint", witnesses, line, until, out, &found, error))
		return FALSE;
	if (!found)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "it is no cosignature of this site's witnesses on one of its checkpoints");
	return found;
}

gboolean
veil_ledger_take_cosignature(VeilLedger *ledger, const char *const *witnesses, const char *line, guint64 until_unix_s, VeilCosigned *out, GError **error)
{
	if (!veil_db_begin(ledger->db, error))
		return FALSE;
	gboolean ok = try_all(ledger, witnesses, line, until_unix_s, out, error);
	veil_db_rollback(ledger->db);
	return ok;
}

gboolean
veil_ledger_cosigned_by(VeilLedger *ledger, const char *witness, guint64 *out_size, guint64 *out_unix_s, GError **error)
{
	g_autoptr(GArray) kept = kept_notes(ledger);

	*out_size = *out_unix_s = 0;
	for (guint i = 0; i < kept->len && *out_size == 0; i++) {
		const char *name = g_array_index(kept, Kept, i).name;
		gsize len = 0;
		gboolean absent;
		g_autofree char *note = veil_ledger__read_file(ledger->dir, name, &len, &absent, error);
		guint64 size, time;

		if (note == NULL && !absent)
			return FALSE;
		if (note != NULL && veil_checkpoint_open(note, len, ledger->vkey, NULL, &size, NULL, NULL) &&
		    veil_note_cosigned_at(note, len, witness, &time))
			*out_size = size, *out_unix_s = time;
	}
	return TRUE;
}
