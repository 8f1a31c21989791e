/* custody.c - see custody.h.
 *
 * Why a half beside the registry: copies of registry.db and registry.key are made every night, and a copy made before a batch was closed
 * would open the batch after it was. What is in no copy can be destroyed. Against the loss of the machine stand the custodians.
 */
#include "custody/custody.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site/batch-files.h"
#include "site/found.h"

#define LIVE_BYTES 32

/* --- the live half --------------------------------------------------------------------------------------------------- */

static char *
live_path(const VeilSite *site, const char *freeze_id)
{
	g_autofree char *inside = g_build_filename("live", freeze_id, NULL);
	return veil_site_path(site, VEIL_FOLDER_REGISTRY, inside);
}

/* NULL without an error when there is none; guarded memory else. */
static gboolean
live_read(const VeilSite *site, const char *freeze_id, guint8 **out, GError **error)
{
	g_autofree char *path = live_path(site, freeze_id);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	guint8 *live;
	gssize n = -1;
	char more;

	*out = NULL;
	if (fd < 0 && errno == ENOENT)
		return TRUE;
	if (fd < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "registry/live: cannot read a key: %s", g_strerror(errno));
		return FALSE;
	}
	live = veil_secret_new(LIVE_BYTES);
	do
		n = read(fd, live, LIVE_BYTES);
	while (n < 0 && errno == EINTR);
	gboolean whole = n == LIVE_BYTES && read(fd, &more, 1) == 0;
	close(fd);
	if (whole) {
		*out = live;
		return TRUE;
	}
	veil_secret_free(live);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
		    "registry/live/%s: damaged: the custodians can make it again, `veil escrow open NAME --part FILE... --restore`", freeze_id);
	return FALSE;
}

VeilBatchKey *
veil_live_key_open(const VeilSite *site, const VeilKeys *keys, const VeilBatchRow *row, GError **error)
{
	guint8 *live = NULL;
	VeilBatchKey *key = NULL;
	g_autoptr(GError) inner = NULL;

	if (strcmp(row->state, "closed") == 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "batch %s is closed and its key destroyed: only the custodians can open it together",
			    row->name);
		return NULL;
	}
	if (row->n_wrapped_key != VEIL_WRAPPED_BATCH_KEY_BYTES) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this batch has no codes yet; `veil batch freeze` makes them");
		return NULL;
	}
	if (!live_read(site, row->freeze_id, &live, error))
		return NULL;
	/* Batches of the first versions have no live half. */
	key = veil_batch_key_unwrap(keys, live, row->name, row->wrapped_key, &inner);
	if (key == NULL && live == NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "the live key of batch %s is not here: the batch was closed, or the registry put back from a copy; custodians can restore it, "
			    "`veil escrow open %s --part FILE... --restore`",
			    row->name, row->name);
	else if (key == NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	veil_secret_free(live);
	return key;
}

gboolean
veil_live_key_make(const VeilSite *site, const VeilKeys *keys, const VeilBatchKey *key, const char *name, const char *freeze_id,
		   guint8 out_wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES], GError **error)
{
	g_autofree char *path = live_path(site, freeze_id), *folder = g_path_get_dirname(path);
	guint8 *live;
	gboolean ok;

	if (g_mkdir(folder, 0700) != 0 && errno != EEXIST) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot make registry/live: %s", g_strerror(errno));
		return FALSE;
	}
	live = veil_secret_new(LIVE_BYTES);
	veil_random_system(live, LIVE_BYTES, NULL);
	veil_batch_key_wrap(key, keys, live, name, veil_random_system, NULL, out_wrapped);
	/* Over what a run may have left that was cut off before the registry knew of it. */
	ok = veil_file_put(path, live, LIVE_BYTES, 0600, error);
	veil_secret_free(live);
	return ok;
}

gboolean
veil_live_key_rewrap(const VeilSite *site, const VeilKeys *keys, const VeilBatchKey *key, const char *name, const char *freeze_id,
		     guint8 out_wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES], GError **error)
{
	guint8 *live = NULL;

	if (!live_read(site, freeze_id, &live, error))
		return FALSE;
	veil_batch_key_wrap(key, keys, live, name, veil_random_system, NULL, out_wrapped);
	veil_secret_free(live);
	return TRUE;
}

gboolean
veil_custody_shred(const char *path, GError **error)
{
	static const guint8 zeros[4096];
	g_autofree char *name = g_path_get_basename(path), *folder = g_path_get_dirname(path);
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), dir;
	struct stat st;
	gboolean ok = FALSE;

	if (fd < 0 && errno == ENOENT)
		return TRUE;
	if (fd >= 0 && fstat(fd, &st) == 0) {
		ok = TRUE;
		for (gint64 left = st.st_size; ok && left > 0;) {
			gssize n = write(fd, zeros, (gsize)MIN(left, (gint64)sizeof zeros));
			ok = n > 0 || (n < 0 && errno == EINTR);
			left -= MAX(n, 0);
		}
		ok = ok && fsync(fd) == 0 && unlink(path) == 0;
	}
	if (ok && (dir = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)) >= 0) {
		ok = fsync(dir) == 0;
		close(dir);
	}
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot destroy: %s", name, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

gboolean
veil_live_key_destroy(const VeilSite *site, const char *freeze_id, GError **error)
{
	g_autofree char *path = live_path(site, freeze_id);
	return veil_custody_shred(path, error);
}

/* --- custodians ------------------------------------------------------------------------------------------------------ */

static void
custodian_clear(gpointer data)
{
	g_free(((VeilCustodian *)data)->handle);
}

void
veil_custodians_free(VeilCustodians *custodians)
{
	if (custodians == NULL)
		return;
	g_array_unref(custodians->list);
	g_free(custodians);
}

static gboolean
take_custodian(const char *handle, const guint8 public_key[32], gpointer data, GError **error)
{
	VeilCustodians *custodians = data;
	VeilCustodian one = {.handle = g_strdup(handle)};

	(void)error;
	memcpy(one.public_key, public_key, 32);
	g_array_append_val(custodians->list, one);
	return TRUE;
}

VeilCustodians *
veil_custodians_read(VeilRegistry *registry, GError **error)
{
	g_autoptr(VeilCustodians) custodians = g_new0(VeilCustodians, 1);

	custodians->list = g_array_new(FALSE, FALSE, sizeof(VeilCustodian));
	g_array_set_clear_func(custodians->list, custodian_clear);
	if (!veil_registry_each_custodian(registry, take_custodian, custodians, error) ||
	    !veil_registry_get_threshold(registry, &custodians->k, error))
		return NULL;
	return g_steal_pointer(&custodians);
}

guint
veil_custodians_threshold(const VeilCustodians *custodians)
{
	return custodians->k != 0 ? custodians->k : custodians->list->len / 2 + 1;
}

/* --- escrow ---------------------------------------------------------------------------------------------------------- */

gboolean
veil_custody_escrow(VeilRegistry *registry, const VeilBatchKey *key, const char *batch, const char *freeze_id, GError **error)
{
	g_autoptr(VeilCustodians) custodians = veil_custodians_read(registry, error);
	guint8 pad[VEIL_ESCROW_PAD_BYTES];

	if (custodians == NULL)
		return FALSE;
	if (custodians->list->len == 0)
		return TRUE;
	g_autofree char *sealed = veil_escrow_make_batch(key, batch, freeze_id, (const VeilCustodian *)custodians->list->data, custodians->list->len,
							 veil_custodians_threshold(custodians), veil_random_system, NULL, pad, error);
	VeilEscrowRow row = {.id = (char *)freeze_id, .batch = (char *)batch, .sealed = sealed, .pad = pad, .n_pad = sizeof pad};
	gboolean ok = sealed != NULL && veil_registry_put_escrow(registry, &row, error);
	explicit_bzero(pad, sizeof pad);
	return ok;
}

gboolean
veil_custody_write_file(const VeilSite *site, const VeilEscrowRow *row, const guint8 to[32], GError **error)
{
	g_autofree char *name = g_strconcat(strcmp(row->batch, "-") == 0 ? "registry" : row->batch, ".escrow", NULL);
	g_autofree char *path = veil_site_path(site, VEIL_FOLDER_REGISTRY, name), *key = veil_custodian_public_format(to);
	g_autofree char *text = g_strconcat("to ", key, "\n", row->sealed, NULL);

	return veil_file_put(path, text, strlen(text), 0600, error);
}

static gboolean
log_escrow(VeilLog *log, const VeilEscrowRow *row, GError **error)
{
	g_autoptr(VeilEscrow) escrow = veil_escrow_parse(row->sealed, strlen(row->sealed), "registry.db", error);
	g_autoptr(VeilFound) found = NULL;
	g_autoptr(GString) handles = g_string_new(NULL);
	char commitment[65], digest[65], k[12], n[12];
	guint8 hash[32];

	if (escrow == NULL)
		return FALSE;
	veil_sha256(row->sealed, strlen(row->sealed), hash);
	veil_hex_encode(hash, 32, digest);
	if (!veil_log_find(log, escrow->kind == VEIL_ESCROW_BATCH ? "batch.escrow" : "keys.escrow", "escrow-sha256", digest, &found, error))
		return FALSE;
	if (found != NULL)
		return TRUE;
	veil_hex_encode(escrow->commitment, 32, commitment);
	g_snprintf(k, sizeof k, "%u", escrow->k);
	g_snprintf(n, sizeof n, "%u", escrow->n);
	for (guint i = 0; i < escrow->n; i++)
		g_string_append_printf(handles, "%s%s", i > 0 ? ";" : "", escrow->custodian[i].handle);
	return veil_log_append(log, "registrar", escrow->kind == VEIL_ESCROW_BATCH ? "batch.escrow" : "keys.escrow", error, "batch", row->batch, "freeze-id", row->id, "commitment", commitment, "k", k,
			       "n", n, "custodians", handles->str, "escrow-sha256", digest, NULL);
}

gboolean
veil_custody_publish(const VeilSite *site, VeilRegistry *registry, const VeilKeys *keys, VeilLog *log, const char *freeze_id, GError **error)
{
	g_autoptr(VeilEscrowRow) row = NULL;
	guint8 to[32];

	if (!veil_registry_get_escrow(registry, freeze_id, &row, error))
		return FALSE;
	if (row == NULL)
		return TRUE;
	veil_keys_public(keys, to);
	return log_escrow(log, row, error) && veil_custody_write_file(site, row, to, error);
}
