/* panels.c - format veil-panels/2: the freeze's id, a salt (veil_handover_salt), then a line "PROJECT REVIEWER" a seat that is taken, ascending. Derived: written whole and renamed, and the same command run again
 * writes it again. */
#include "handover/panels.h"

#include <string.h>

#include "handover/drawn.h"
#include "site/batch-files.h"
#include "site/route.h"

#define HEAD "veil-panels/2\nfreeze-id "
#define MAX_BYTES ((gsize)1 << 30)

static char *
path_of(const VeilSite *site, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".panels", NULL);

	return veil_route_path(site, VEIL_ROUTE_PLACES, file);
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static gboolean
put(const VeilSite *site, const char *name, const char *freeze_id, const char *salt, GPtrArray *lines, GError **error)
{
	g_autofree char *path = path_of(site, name);
	g_autoptr(GString) text = g_string_new(HEAD);

	g_string_append_printf(text, "%s\nsalt %s\n", freeze_id, salt);
	g_ptr_array_sort(lines, compare_lines);
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(lines, i));
	return veil_file_put(path, text->str, text->len, veil_route_mode(site), error);
}

/* What stands there for this freeze; NULL when nothing does, with an error only where something else than a file lies in its place. */
static GPtrArray *
get(const VeilSite *site, const char *name, const char *freeze_id, char out_salt[65], GError **error)
{
	g_autofree char *path = path_of(site, name);
	g_autofree char *head = g_strdup_printf(HEAD "%s\nsalt ", freeze_id), *text = NULL;
	g_autoptr(GError) inner = NULL;
	g_autoptr(GBytes) bytes = veil_file_get(path, "list of panels", MAX_BYTES, &inner);
	g_auto(GStrv) rows = NULL;
	GPtrArray *lines;

	if (bytes == NULL && !g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE))
		g_propagate_error(error, g_steal_pointer(&inner));
	if (bytes == NULL)
		return NULL;
	text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	if (!g_str_has_prefix(text, head))
		return NULL;
	lines = g_ptr_array_new_with_free_func(g_free);
	rows = g_strsplit(text + strlen(head), "\n", -1);
	if (rows[0] != NULL && out_salt != NULL)
		g_strlcpy(out_salt, rows[0], 65);
	for (guint i = 1; rows[0] != NULL && rows[i] != NULL; i++)
		if (*rows[i] != '\0')
			g_ptr_array_add(lines, g_strdup(rows[i]));
	return lines;
}

static void
add_sitting(GPtrArray *lines, const VeilBatch *batch)
{
	for (guint64 i = 0; i < batch->n_places; i++)
		if (batch->places[i].seat == VEIL_SEAT_SITTING)
			g_ptr_array_add(lines, g_strdup_printf("%s %s", batch->projects[batch->places[i].project].code,
							       batch->reviewers[batch->places[i].reviewer].code));
}

gboolean
veil_panels_write(const VeilSite *site, const char *name, const VeilBatch *batch, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	char salt[65];

	add_sitting(lines, batch);
	veil_handover_salt(batch, salt);
	return put(site, name, veil_batch_get(batch, "freeze_id"), salt, lines, error);
}

gboolean
veil_panels_update(const VeilSite *site, const char *name, VeilBatchDesk *desk, const char *project, GError **error)
{
	const char *freeze_id = veil_batch_desk_get(desk, "freeze_id");
	char salt[65];
	g_autoptr(GPtrArray) lines = get(site, name, freeze_id, salt, NULL);
	g_autoptr(VeilBatch) batch = NULL;

	if (lines == NULL) {
		g_autofree char *path = veil_batch_path(site, VEIL_FOLDER_DRAW, name, "veil");

		return (batch = veil_batch_read(path, error)) != NULL && veil_panels_write(site, name, batch, error);
	}
	if ((batch = veil_batch_desk_project(desk, project, error)) == NULL)
		return *error == NULL;
	for (guint i = lines->len; i-- > 0;)
		if (g_str_has_prefix(g_ptr_array_index(lines, i), project))
			g_ptr_array_remove_index_fast(lines, i);
	add_sitting(lines, batch);
	return put(site, name, freeze_id, salt, lines, error);
}

GPtrArray *
veil_panels_read(const VeilSite *site, const char *name, const char *freeze_id, char out_salt[65], GError **error)
{
	g_autoptr(GError) inner = NULL;
	GPtrArray *lines = get(site, name, freeze_id, out_salt, &inner);

	if (inner != NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	else if (lines == NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "batch %s is not drawn yet; `veil batch status %s` says its state", name, name);
	return lines;
}
