/* escrow.c - see escrow.h. Part files come from other machines: each is read as untrusted text by engine/blind. */
#include "custody/escrow.h"

#include <string.h>

#include "site/batch-files.h"
#include "custody/custody.h"
#include "site/passphrase.h"

/* --- reading files --------------------------------------------------------------------------------------------------- */

#define MAX_FILE_BYTES 200000

static char *
read_file(const char *path, gsize *out_len, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	g_autoptr(GError) inner = NULL;
	char *text = NULL;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) || !g_file_get_contents(path, &text, out_len, &inner)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot be read or is no file", name);
		return NULL;
	}
	if (*out_len > MAX_FILE_BYTES) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: too long for what was asked for", name);
		g_clear_pointer(&text, g_free);
	}
	return text;
}

/* --- a custodian's machine ------------------------------------------------------------------------------------------- */

VeilCustodianKey *
veil_escrow_open_key(const char *path, GError **error)
{
	g_auto(VeilPassphrase) passphrase = NULL;
	VeilWrapping wrapping;

	if (!veil_custodian_key_wrapping(path, &wrapping, error) ||
	    (wrapping != VEIL_WRAPPED_NOT && (passphrase = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, error)) == NULL))
		return NULL;
	return veil_custodian_key_open(path, passphrase, error);
}

/* "to KEY" LF, then the escrow itself. */
static VeilEscrow *
read_escrow(const char *path, guint8 out_to[32], GError **error)
{
	g_autofree char *name = g_path_get_basename(path), *text = NULL, *to = NULL;
	gsize len = 0;
	const char *lf;

	if ((text = read_file(path, &len, error)) == NULL)
		return NULL;
	lf = memchr(text, '\n', len);
	if (lf != NULL && strncmp(text, "to ", 3) == 0)
		to = g_strndup(text + 3, (gsize)(lf - text - 3));
	if (to == NULL || !veil_custodian_public_parse(to, out_to)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or not an escrow file: take it from the site again", name);
		return NULL;
	}
	return veil_escrow_parse(lf + 1, len - (gsize)(lf + 1 - text), name, error);
}

gboolean
veil_escrow_part_write(const char *escrow_path, const char *key_path, const char *to_line, const char *out_path, char **out_to, GError **error)
{
	guint8 to[32];
	g_autoptr(VeilEscrow) escrow = read_escrow(escrow_path, to, error);
	g_autoptr(VeilCustodianKey) key = NULL;
	g_autofree char *text = NULL;

	if (escrow == NULL)
		return FALSE;
	if (to_line != NULL && !veil_custodian_public_parse(to_line, to)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--to takes a public key line, veil-custodian+...");
		return FALSE;
	}
	if (escrow->kind == VEIL_ESCROW_REGISTRY && to_line == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "parts of the registry's own keys are sealed to the officer who recovers them: name his key with --to KEY");
		return FALSE;
	}
	if ((key = veil_escrow_open_key(key_path, error)) == NULL ||
	    (text = veil_escrow_open_part(escrow, key, to, veil_random_system, NULL, error)) == NULL ||
	    !veil_file_put_new(out_path, text, strlen(text), 0600, error))
		return FALSE;
	*out_to = veil_custodian_public_format(to);
	return TRUE;
}

/* --- joining --------------------------------------------------------------------------------------------------------- */

typedef struct {
	GPtrArray *texts, *names; /* char * */
	GArray *files;		  /* VeilPartFile, borrowing */
} Parts;

static void
parts_clear(Parts *parts)
{
	g_ptr_array_unref(parts->texts);
	g_ptr_array_unref(parts->names);
	g_array_unref(parts->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

static gboolean
read_parts(Parts *parts, const char *const *paths, GError **error)
{
	for (guint i = 0; paths != NULL && paths[i] != NULL; i++) {
		VeilPartFile file = {0};
		char *text = read_file(paths[i], &file.len, error), *name = g_path_get_basename(paths[i]);

		g_ptr_array_add(parts->names, name);
		if (text == NULL)
			return FALSE;
		g_ptr_array_add(parts->texts, text);
		file.name = name;
		file.text = text;
		g_array_append_val(parts->files, file);
	}
	return TRUE;
}

/* Who gave them, in the order of files: the lines `custodian HANDLE` of texts that have been understood. */
static char *
givers(const Parts *parts)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < parts->files->len; i++) {
		const char *at = strstr(g_array_index(parts->files, VeilPartFile, i).text, "\ncustodian ");
		g_string_append_printf(out, "%s%.*s", i > 0 ? ";" : "", at != NULL ? (int)strcspn(at + 11, "\n") : 0, at != NULL ? at + 11 : "");
	}
	return g_string_free(out, FALSE);
}

static gboolean
find_row(VeilRegistry *registry, const char *id, const char *what, VeilEscrowRow **out_row, VeilEscrow **out_escrow, GError **error)
{
	if (!veil_registry_get_escrow(registry, id, out_row, error))
		return FALSE;
	if (*out_row == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s is in no escrow: it was destroyed, or there were no custodians", what);
		return FALSE;
	}
	*out_escrow = veil_escrow_parse((*out_row)->sealed, strlen((*out_row)->sealed), "registry.db", error);
	if (*out_escrow != NULL && (*out_row)->n_pad == VEIL_ESCROW_PAD_BYTES)
		return TRUE;
	if (*out_escrow != NULL)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "registry is damaged: an escrow has no pad; restore it from a copy");
	return FALSE;
}

/* That parts were offered and did not open is worth a record; file names are not repeated in it. */
static void
log_refused(VeilLog *log, const char *batch, const char *id, guint n_parts, const GError *error)
{
	char n[12];

	g_snprintf(n, sizeof n, "%u", n_parts);
	if (error != NULL && (error->code == VEIL_ERROR_VERIFY || error->code == VEIL_ERROR_REFUSED))
		(void)veil_log_append(log, "registrar", "escrow.refused", NULL, "batch", batch, "freeze-id", id, "parts", n, NULL);
}

VeilBatchKey *
veil_escrow_join_key(VeilRegistry *registry, const VeilKeys *keys, VeilLog *log, const VeilBatchRow *row, const char *const *part_paths,
		     char **out_custodians, GError **error)
{
	g_auto(Parts) parts = {g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free),
			       g_array_new(FALSE, FALSE, sizeof(VeilPartFile))};
	g_autoptr(VeilEscrowRow) escrowed = NULL;
	g_autoptr(VeilEscrow) escrow = NULL;
	g_autofree char *what = g_strdup_printf("the key of batch %s", row->name);
	g_autoptr(GError) inner = NULL;
	VeilBatchKey *key = NULL;

	if (row->freeze_id == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this batch has no codes yet; `veil batch freeze` makes them");
		return NULL;
	}
	if (find_row(registry, row->freeze_id, what, &escrowed, &escrow, &inner) && read_parts(&parts, part_paths, &inner))
		key = veil_escrow_join_batch(escrow, escrowed->pad, (const VeilPartFile *)parts.files->data, parts.files->len, keys, &inner);
	if (key == NULL) {
		log_refused(log, row->name, row->freeze_id, parts.files->len, inner);
		g_propagate_error(error, g_steal_pointer(&inner));
	} else {
		*out_custodians = givers(&parts);
	}
	return key;
}

VeilKeys *
veil_escrow_join_keys(VeilRegistry *registry, VeilLog *log, const char *const *part_paths, const VeilCustodianKey *recipient, char **out_custodians,
		      GError **error)
{
	g_auto(Parts) parts = {g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free),
			       g_array_new(FALSE, FALSE, sizeof(VeilPartFile))};
	g_autoptr(VeilEscrowRow) escrowed = NULL;
	g_autoptr(VeilEscrow) escrow = NULL;
	g_autoptr(GError) inner = NULL;
	VeilKeys *keys = NULL;

	if (find_row(registry, VEIL_REGISTRY_ESCROW, "the registry's key", &escrowed, &escrow, &inner) && read_parts(&parts, part_paths, &inner))
		keys = veil_escrow_join_registry(escrow, escrowed->pad, (const VeilPartFile *)parts.files->data, parts.files->len, recipient, &inner);
	if (keys == NULL) {
		log_refused(log, "-", VEIL_REGISTRY_ESCROW, parts.files->len, inner);
		g_propagate_error(error, g_steal_pointer(&inner));
	} else {
		*out_custodians = givers(&parts);
	}
	return keys;
}

/* --- the site -------------------------------------------------------------------------------------------------------- */

gboolean
veil_escrow_registry_keys(VeilRegistry *registry, const VeilKeys *keys, GError **error)
{
	g_autoptr(VeilCustodians) custodians = veil_custodians_read(registry, error);
	guint8 pad[VEIL_ESCROW_PAD_BYTES];
	g_autofree char *sealed = NULL;

	if (custodians == NULL)
		return FALSE;
	if (custodians->list->len == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "there are no custodians yet; `veil custodian add` names them");
		return FALSE;
	}
	sealed = veil_escrow_make_registry(keys, VEIL_REGISTRY_ESCROW, (const VeilCustodian *)custodians->list->data, custodians->list->len,
					   veil_custodians_threshold(custodians), veil_random_system, NULL, pad, error);
	VeilEscrowRow row = {.id = (char *)VEIL_REGISTRY_ESCROW, .batch = (char *)"-", .sealed = sealed, .pad = pad, .n_pad = sizeof pad};
	gboolean ok = sealed != NULL && veil_registry_put_escrow(registry, &row, error);
	explicit_bzero(pad, sizeof pad);
	return ok;
}

static gboolean
restore_live(const VeilStep *step, VeilRegistry *registry, const VeilKeys *keys, const VeilBatchKey *key, const VeilBatchRow *row, GError **error)
{
	guint8 wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES];

	if (strcmp(row->state, "closed") == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a closed batch gets no live key again; `veil unmask open` takes custodians' parts");
		return FALSE;
	}
	return veil_live_key_destroy(step->site, row->freeze_id, error) &&
	       veil_live_key_make(step->site, keys, key, row->name, row->freeze_id, wrapped, error) && veil_registry_begin(registry, error) &&
	       veil_registry_batch_set_wrapped(registry, row->name, row->freeze_id, wrapped, sizeof wrapped, error) &&
	       veil_registry_commit(registry, error);
}

gboolean
veil_escrow_use(const VeilStep *step, const char *name, const char *const *part_paths, VeilEscrowUse use, char **out_custodians, GError **error)
{
	static const char *const uses[] = {"check", "restore", "reseal"};
	g_autoptr(VeilKeys) keys = NULL;
	g_autoptr(VeilRegistry) registry = NULL;
	g_autoptr(VeilLog) log = NULL;
	g_autoptr(VeilBatchRow) row = NULL;
	g_autoptr(VeilBatchKey) key = NULL;
	g_autofree char *custodians = NULL;

	if (!veil_site_check_name(name, "batch", error) || (keys = veil_site_open_keys(step->site, error)) == NULL ||
	    (registry = veil_site_open_registry(step->site, VEIL_REGISTRY_WRITE, error)) == NULL ||
	    (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL ||
	    (row = veil_registry_batch_get(registry, name, error)) == NULL ||
	    (key = veil_escrow_join_key(registry, keys, log, row, part_paths, &custodians, error)) == NULL ||
	    !veil_log_append(log, "registrar", "escrow.open", error, "batch", name, "freeze-id", row->freeze_id, "custodians", custodians, "use",
			     uses[use], NULL))
		return FALSE;
	if (use == VEIL_ESCROW_RESTORE && !restore_live(step, registry, keys, key, row, error))
		return FALSE;
	if (use == VEIL_ESCROW_RESEAL &&
	    (!veil_registry_begin(registry, error) || !veil_custody_escrow(registry, key, name, row->freeze_id, error) ||
	     !veil_registry_commit(registry, error) || !veil_custody_publish(step->site, registry, keys, log, row->freeze_id, error)))
		return FALSE;
	*out_custodians = g_steal_pointer(&custodians);
	return TRUE;
}
