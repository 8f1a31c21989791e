/* bundle.c - see bundle.h.
 *
 * Batch files are copied before the ledger, so that the copy of the log holds at least what each of them rests on. The folder is filled under another name
 * and renamed when its list is written: a bundle that exists is a whole one.
 */
#include "audit/bundle.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <veil/batch.h>
#include <veil/ledger-store.h>

#include "site/batch-files.h"
#include "site/committed.h"
#include "audit/opened.h"

typedef struct {
	const VeilSite *site;
	char *part;	  /* the folder while it is filled */
	GPtrArray *paths; /* char*: below it */
	VeilLedger *ledger;
} Bundle;

static gboolean
failed(GError **error, const char *what)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: %s", what, g_strerror(errno));
	return FALSE;
}

static gboolean
add_bytes(Bundle *b, const char *path, const void *bytes, gsize len, GError **error)
{
	g_autofree char *full = g_build_filename(b->part, path, NULL);

	g_ptr_array_add(b->paths, g_strdup(path));
	return veil_file_put_new(full, bytes, len, 0644, error);
}

static gboolean
add_file(Bundle *b, const char *path, const char *from, GError **error)
{
	g_autofree char *bytes = NULL;
	gsize len;

	return g_file_get_contents(from, &bytes, &len, error) && add_bytes(b, path, bytes, len, error);
}

/* --- batches ----------------------------------------------------------------------------------------------------------- */

/* The copy, not the file: a draw may be going on beside us. */
static gboolean
check_batch(Bundle *b, const char *path, GError **error)
{
	g_autofree char *full = g_build_filename(b->part, path, NULL);
	g_autoptr(VeilBatch) batch = veil_batch_read(full, error);

	return batch != NULL && veil_batch_check_committed(b->ledger, full, batch, batch->n_draws, error);
}

static gboolean
add_batch(Bundle *b, const char *name, gboolean with_facts, GError **error)
{
	g_autofree char *from = veil_batch_find(b->site, VEIL_FOLDER_DRAW, name, "veil", error), *facts = NULL;
	g_autofree char *path = g_strdup_printf("draw/%s.veil", name), *facts_path = g_strdup_printf("audit/%s.audit", name);

	if (from == NULL || !add_file(b, path, from, error) || !check_batch(b, path, error))
		return FALSE;
	if (with_facts && ((facts = veil_batch_find(b->site, VEIL_FOLDER_AUDIT, name, "audit", error)) == NULL || !add_file(b, facts_path, facts, error)))
		return FALSE;
	return TRUE;
}

/* That it was opened is no failure: the log in the bundle says so itself. */
static gboolean
add_statement(Bundle *b, const char *name, GError **error)
{
	g_autofree char *path = g_strdup_printf("audit/%s.openings", name), *full = g_build_filename(b->part, path, NULL);
	g_autoptr(GError) inner = NULL;

	if (veil_opened_statement(b->site, name, full, &inner)) {
		g_ptr_array_add(b->paths, g_steal_pointer(&path));
		return TRUE;
	}
	if (g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_REFUSED))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&inner));
	return FALSE;
}

/* --- the log ----------------------------------------------------------------------------------------------------------- */

static gboolean
add_ledger(Bundle *b, GError **error)
{
	g_autofree char *folder = veil_site_path(b->site, VEIL_FOLDER_LEDGER, NULL), *latest = g_build_filename(folder, "checkpoint", NULL);
	g_autofree char *older = g_build_filename(folder, "checkpoints", NULL), *line = g_strconcat(veil_ledger_vkey(b->ledger), "\n", NULL);
	g_autofree char *copy = g_build_filename(b->part, "ledger", "ledger.db", NULL);
	g_autoptr(GDir) open = g_dir_open(older, 0, NULL);
	const char *name;

	/* Notes first: the copy then holds at least what they cover. */
	if (!add_file(b, "ledger/checkpoint", latest, error) || !add_bytes(b, "ledger/vkey", line, strlen(line), error))
		return FALSE;
	while (open != NULL && (name = g_dir_read_name(open)) != NULL) {
		g_autofree char *from = g_build_filename(older, name, NULL), *path = g_build_filename("ledger", "checkpoints", name, NULL);

		if (g_str_has_suffix(name, ".note") && name[0] != '.' && !add_file(b, path, from, error))
			return FALSE;
	}
	g_ptr_array_add(b->paths, g_strdup("ledger/ledger.db"));
	return veil_ledger_export(b->ledger, copy, error) && (g_chmod(copy, 0644) == 0 || failed(error, "ledger.db"));
}

/* --- the list ---------------------------------------------------------------------------------------------------------- */

static int
by_bytes(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean
add_list(Bundle *b, char *out_digest, GError **error)
{
	g_autoptr(GString) list = g_string_new("veil-bundle/1\n");
	guint8 hash[32];
	char hex[65];

	g_ptr_array_sort(b->paths, by_bytes);
	for (guint i = 0; i < b->paths->len; i++) {
		const char *path = b->paths->pdata[i];
		g_autofree char *full = g_build_filename(b->part, path, NULL);
		g_autoptr(GMappedFile) file = g_mapped_file_new(full, FALSE, error);

		if (file == NULL)
			return FALSE;
		veil_sha256(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), hash);
		veil_hex_encode(hash, 32, hex);
		g_string_append_printf(list, "%" G_GSIZE_FORMAT " %s %s\n", g_mapped_file_get_length(file), hex, path);
	}
	veil_sha256(list->str, list->len, hash);
	veil_hex_encode(hash, 32, out_digest);
	return add_bytes(b, "BUNDLE", list->str, list->len, error);
}

/* --- the whole --------------------------------------------------------------------------------------------------------- */

static const char *const folders[] = {"ledger/checkpoints", "ledger", "draw", "audit"};

static gboolean
fill(Bundle *b, const VeilBundleOptions *options, char *out_digest, GError **error)
{
	g_autofree char *dir = veil_site_path(b->site, VEIL_FOLDER_LEDGER, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(b->part, folders[i], NULL);

		if (g_mkdir_with_parents(folder, 0755) != 0)
			return failed(error, "cannot make a folder of the bundle");
	}
	if ((b->ledger = veil_ledger_open(dir, error)) == NULL)
		return FALSE;
	for (guint i = 0; options->batches[i] != NULL; i++)
		if (!add_batch(b, options->batches[i], options->with_facts, error))
			return FALSE;
	if (!veil_ledger_checkpoint(b->ledger, error))
		return FALSE;
	for (guint i = 0; options->batches[i] != NULL; i++)
		if (!add_statement(b, options->batches[i], error))
			return FALSE;
	return add_ledger(b, error) && add_list(b, out_digest, error);
}

static void
remove_part(const Bundle *b)
{
	for (guint i = 0; i < b->paths->len; i++) {
		g_autofree char *path = g_build_filename(b->part, b->paths->pdata[i], NULL);

		g_unlink(path);
	}
	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(b->part, folders[i], NULL);

		g_rmdir(folder);
	}
	g_rmdir(b->part);
}

gboolean
veil_bundle_write(const VeilSite *site, const char *dir, const VeilBundleOptions *options, char *out_digest, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *part = g_strconcat(dir, ".XXXXXX", NULL), *name = g_path_get_basename(dir);
	Bundle b = {.site = site, .part = part, .paths = paths};
	gboolean ok;

	for (guint i = 0; options->batches[i] != NULL; i++) {
		if (!veil_site_check_name(options->batches[i], "batch", error))
			return FALSE;
		if (g_strv_contains(options->batches + i + 1, options->batches[i])) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "batch %s is named twice", options->batches[i]);
			return FALSE;
		}
	}
	if (g_file_test(dir, G_FILE_TEST_EXISTS)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: exists already and is not overwritten", name);
		return FALSE;
	}
	if (g_mkdtemp_full(part, 0755) == NULL)
		return failed(error, "cannot make the folder of the bundle");
	ok = fill(&b, options, out_digest, error) && (g_rename(part, dir) == 0 || failed(error, name)) && veil_file_sync_folder(dir, error);
	veil_ledger_free(b.ledger);
	if (!ok)
		remove_part(&b);
	return ok;
}
