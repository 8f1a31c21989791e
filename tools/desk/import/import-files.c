/* import-files.c - texts that a list of projects attaches.
 *
 * Only what is read by eye as it stands is taken. A DOCX, a PDF or a picture carries its author, its path or its place where nobody looks, and what strips one kind of it misses another: they
 * are refused, by content, with what to do.
 */
#include <string.h>

#include <veil/leak.h>
#include <veil/text.h>

#include "site/fixed-file.h"
#include "import/import-private.h"

#define MAX_FILES 20
#define MAX_FILE (1u << 20)

static gboolean
is_plain_name(const char *name)
{
	return *name != '.' && strchr(name, '/') == NULL && strchr(name, '\\') == NULL;
}

/* NULL: the row was rejected. */
static char *
read_one(Import *import, const char *column, guint n, const char *name)
{
	g_autofree char *folder = g_path_get_dirname(import->path), *path = g_build_filename(folder, name, NULL), *bytes = NULL;
	const char *refusal;
	gsize len;

	if (strcmp(import->path, "-") == 0 || !is_plain_name(name)) {
		veil_import_reject(import, column, "attachment %u is no plain name of a file beside the list", n);
		return NULL;
	}
	if (!veil_fixed_file_read(path, MAX_FILE, &bytes, &len)) {
		veil_import_reject(import, column, "attachment %u is no file beside the list that can be read, or is above 1 MiB", n);
		return NULL;
	}
	if ((refusal = veil_text_refusal((const guint8 *)bytes, len)) != NULL) {
		veil_import_reject(import, column, "attachment %u %s", n, refusal);
		return NULL;
	}
	return g_strdup(g_str_has_prefix(bytes, "\xEF\xBB\xBF") ? bytes + 3 : bytes);
}

GPtrArray *
veil_import_read_files(Import *import, const char *column, const char *typed)
{
	g_auto(GStrv) names = veil_text_split_list(veil_import_cell_state(typed) == CELL_TEXT ? typed : "");
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

	if (g_strv_length(names) > MAX_FILES) {
		veil_import_reject(import, column, "there are more than %u attachments", (guint)MAX_FILES);
		return NULL;
	}
	for (guint i = 0; names[i] != NULL; i++) {
		char *text = read_one(import, column, i + 1, names[i]);

		if (text == NULL)
			return NULL;
		g_ptr_array_add(texts, text);
	}
	return g_steal_pointer(&texts);
}
