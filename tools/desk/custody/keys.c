/* keys.c - see keys.h.
 *
 * A rotation touches the key file and every sealed key of the registry. The new keys first lie beside the old ones (registry.key.next); whatever
 * opens with the new ones already is left alone, so that a run that was cut off is simply run again; the rename is the end of it.
 */
#include "custody/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "custody/custody.h"
#include "custody/escrow.h"
#include "site/passphrase.h"

/* --- passphrases ----------------------------------------------------------------------------------------------------- */

typedef struct {
	char *first, *second;
} Pair;

static void
pair_clear(Pair *pair)
{
	veil_secret_free(pair->first);
	veil_secret_free(pair->second);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

static gboolean
read_new(gboolean two, Pair *out, GError **error)
{
	return (out->first = veil_passphrase_read(VEIL_PASSPHRASE_NEW, TRUE, error)) != NULL &&
	       (!two || (out->second = veil_passphrase_read(VEIL_PASSPHRASE_NEW_SECOND, TRUE, error)) != NULL);
}

gboolean
veil_desk_keys_passphrase(const VeilStep *step, gboolean two, GError **error)
{
	g_autofree char *path = veil_site_path(step->site, VEIL_FOLDER_REGISTRY, "registry.key");
	g_autoptr(VeilKeys) keys = veil_site_open_keys(step->site, error);
	g_auto(Pair) by = {NULL, NULL};
	g_autoptr(VeilLog) log = NULL;

	return keys != NULL && read_new(two, &by, error) && (log = veil_log_open(step->site->dir, step->operator_handle, error)) != NULL &&
	       veil_log_append(log, "registrar", "keys.passphrase", error, "officers", two ? "2" : "1", NULL) &&
	       veil_keys_save(keys, path, TRUE, &(VeilPassphrases){by.first, by.second}, veil_random_system, NULL, error);
}

/* --- rotation -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const VeilStep *step;
	VeilRegistry *registry;
	VeilKeys *old, *next;
	VeilLog *log;
	GArray *sealed; /* Sealed */
} Rotation;

typedef struct {
	gint64 key;
	guint8 sealed[VEIL_SEALED_KEY_BYTES];
} Sealed;

static gboolean
take_key(gint64 key, const guint8 *sealed, gsize len, gpointer data, GError **error)
{
	Sealed one = {.key = key};

	if (len != sizeof one.sealed) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the key of an import is damaged: restore the registry from a copy");
		return FALSE;
	}
	memcpy(one.sealed, sealed, len);
	g_array_append_val(data, one);
	return TRUE;
}

static gboolean
reseal_imports(Rotation *r, GError **error)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Sealed));

	if (!veil_registry_each_key(r->registry, take_key, all, error))
		return FALSE;
	for (guint i = 0; i < all->len; i++) {
		const Sealed *one = &g_array_index(all, Sealed, i);
		guint8 again[VEIL_SEALED_KEY_BYTES];

		if (veil_seal_key_reseal(r->next, r->next, one->sealed, veil_random_system, NULL, again, NULL))
			continue; /* before the interruption */
		if (!veil_seal_key_reseal(r->old, r->next, one->sealed, veil_random_system, NULL, again, error) ||
		    !veil_registry_set_key(r->registry, one->key, again, sizeof again, error))
			return FALSE;
	}
	return TRUE;
}

/* A batch whose live half is missing opens with neither: the custodians' way to restore it does not need the wrapped key. */
static gboolean
rewrap_batches(Rotation *r, GError **error)
{
	g_auto(GStrv) names = veil_registry_batch_names(r->registry, error);

	if (names == NULL)
		return FALSE;
	for (guint i = 0; names[i] != NULL; i++) {
		g_autoptr(VeilBatchRow) row = veil_registry_batch_get(r->registry, names[i], error);
		guint8 wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES];

		if (row == NULL)
			return FALSE;
		if (row->n_wrapped_key == 0)
			continue;
		g_autoptr(VeilBatchKey) done = veil_live_key_open(r->step->site, r->next, row, NULL);
		g_autoptr(VeilBatchKey) key = done == NULL ? veil_live_key_open(r->step->site, r->old, row, NULL) : NULL;
		if (done == NULL && key == NULL)
			g_printerr("veil: batch %s has no live key here; the custodians can restore it\n", names[i]);
		if (key != NULL && (!veil_live_key_rewrap(r->step->site, r->next, key, row->name, row->freeze_id, wrapped, error) ||
				    !veil_registry_batch_set_wrapped(r->registry, row->name, row->freeze_id, wrapped, sizeof wrapped, error)))
			return FALSE;
	}
	return TRUE;
}

/* Custodians seal what they hand over to the registry's key, and hold the keys themselves where that was asked for. */
static gboolean
renew_escrows(Rotation *r, GError **error)
{
	g_autoptr(VeilEscrowRow) own = NULL;

	return veil_registry_get_escrow(r->registry, VEIL_REGISTRY_ESCROW, &own, error) &&
	       (own == NULL || veil_escrow_registry_keys(r->registry, r->next, error));
}

static gboolean
publish_escrows(Rotation *r, GError **error)
{
	g_autoptr(GPtrArray) rows = veil_registry_escrows(r->registry, error);

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < rows->len; i++) {
		const VeilEscrowRow *row = g_ptr_array_index(rows, i);

		if (!veil_custody_publish(r->step->site, r->registry, r->next, r->log, row->id, error))
			return FALSE;
	}
	return TRUE;
}

/* next takes the place of path, and what lay there is overwritten. */
static gboolean
take_place(const char *next, const char *path, GError **error)
{
	static const guint8 zeros[1024];
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), dir = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	struct stat st;
	gboolean ok = fd >= 0 && dir >= 0 && fstat(fd, &st) == 0 && rename(next, path) == 0 && fsync(dir) == 0;

	ok = ok && st.st_size <= (gint64)sizeof zeros && write(fd, zeros, (gsize)st.st_size) == st.st_size && fsync(fd) == 0;
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "registry.key: cannot put the new keys in place: %s", g_strerror(errno));
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return ok;
}

static gboolean
open_rotation(Rotation *r, const char *path, const char *next, GError **error)
{
	g_auto(Pair) by = {NULL, NULL};
	VeilPassphrases both;
	VeilWrapping wrapping;

	if (!veil_keys_wrapping(path, &wrapping, error) ||
	    (wrapping != VEIL_WRAPPED_NOT && (by.first = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, error)) == NULL) ||
	    (wrapping == VEIL_WRAPPED_BY_TWO && (by.second = veil_passphrase_read(VEIL_PASSPHRASE_SECOND, FALSE, error)) == NULL))
		return FALSE;
	both = (VeilPassphrases){by.first, by.second};
	if ((r->old = veil_keys_open(path, &both, error)) == NULL ||
	    (r->log = veil_log_open(r->step->site->dir, r->step->operator_handle, error)) == NULL)
		return FALSE;
	if (g_file_test(next, G_FILE_TEST_EXISTS))
		return (r->next = veil_keys_open(next, &both, error)) != NULL;
	r->next = veil_keys_rotated(r->old, veil_random_system, NULL);
	return veil_log_append(r->log, "registrar", "keys.rotate.intent", error, NULL) &&
	       veil_keys_save(r->next, next, FALSE, &both, veil_random_system, NULL, error);
}

gboolean
veil_desk_keys_rotate(const VeilStep *step, char **out_public, GError **error)
{
	g_autofree char *path = veil_site_path(step->site, VEIL_FOLDER_REGISTRY, "registry.key");
	g_autofree char *next = veil_site_path(step->site, VEIL_FOLDER_REGISTRY, "registry.key.next");
	Rotation r = {.step = step};
	guint8 public[32];
	gboolean ok = (r.registry = veil_site_open_registry(step->site, VEIL_REGISTRY_WRITE, error)) != NULL && open_rotation(&r, path, next, error) &&
		      veil_registry_begin(r.registry, error) && reseal_imports(&r, error) && rewrap_batches(&r, error) && renew_escrows(&r, error) &&
		      veil_registry_commit(r.registry, error) && publish_escrows(&r, error) && take_place(next, path, error);

	if (ok) {
		g_autofree char *line = NULL;

		veil_keys_public(r.next, public);
		line = veil_custodian_public_format(public);
		ok = veil_log_append(r.log, "registrar", "keys.rotate", error, "public-key", line, NULL);
		*out_public = g_steal_pointer(&line);
	}
	veil_registry_free(r.registry);
	veil_keys_free(r.old);
	veil_keys_free(r.next);
	veil_log_free(r.log);
	return ok;
}

/* --- the custodians' copy -------------------------------------------------------------------------------------------- */

gboolean
veil_desk_keys_escrow(const VeilStep *step, GError **error)
{
	g_autoptr(VeilKeys) keys = veil_site_open_keys(step->site, error);
	g_autoptr(VeilRegistry) registry = keys != NULL ? veil_site_open_registry(step->site, VEIL_REGISTRY_WRITE, error) : NULL;
	g_autoptr(VeilLog) log = registry != NULL ? veil_log_open(step->site->dir, step->operator_handle, error) : NULL;

	return log != NULL && veil_registry_begin(registry, error) && veil_escrow_registry_keys(registry, keys, error) &&
	       veil_registry_commit(registry, error) && veil_custody_publish(step->site, registry, keys, log, VEIL_REGISTRY_ESCROW, error);
}

gboolean
veil_desk_keys_recover(const VeilStep *step, const char *const *part_paths, const char *key_path, gboolean two, GError **error)
{
	g_autofree char *path = veil_site_path(step->site, VEIL_FOLDER_REGISTRY, "registry.key");
	g_autoptr(VeilRegistry) registry = veil_site_open_registry(step->site, VEIL_REGISTRY_READ, error);
	g_autoptr(VeilCustodianKey) recipient = registry != NULL ? veil_escrow_open_key(key_path, error) : NULL;
	g_autoptr(VeilKeys) keys = NULL;
	g_autoptr(VeilLog) log = NULL;
	g_autofree char *custodians = NULL;
	g_auto(Pair) by = {NULL, NULL};

	return recipient != NULL && (log = veil_log_open(step->site->dir, step->operator_handle, error)) != NULL &&
	       (keys = veil_escrow_join_keys(registry, log, part_paths, recipient, &custodians, error)) != NULL && read_new(two, &by, error) &&
	       veil_log_append(log, "registrar", "keys.recover", error, "custodians", custodians, "officers", two ? "2" : "1", NULL) &&
	       veil_keys_save(keys, path, TRUE, &(VeilPassphrases){by.first, by.second}, veil_random_system, NULL, error);
}
