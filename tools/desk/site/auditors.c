/* auditors.c - see auditors.h.
 *
 * Nobody approves an auditor: whoever names one has the facts himself. That a freeze could be read by somebody, or by nobody who checks, stands in the ledger,
 * in the records before it.
 */
#include "site/auditors.h"

#include <string.h>

#include "site/batch-files.h"
#include "site/operator.h"
#include "site/passphrase.h"

#define MAX_AUDITORS (VEIL_SEALED_MAX_READERS - 1)
#define FIRST_HANDLE "auditor" /* of the one whom `init` names */
/* Half of what SQLite can hold in one piece; the largest pools make some fifty megabytes. */
#define MAX_AUDIT_BYTES ((gsize)1 << 30)

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* --- who they are ------------------------------------------------------------------------------------------------------ */

static void
free_auditor(gpointer data)
{
	VeilAuditor *auditor = data;

	g_free(auditor->handle);
	g_free(auditor);
}

static void
add(GPtrArray *all, const char *handle, const char *line)
{
	guint8 key[32];

	if (handle == NULL || line == NULL || !veil_auditor_public_parse(line, key))
		return; /* veil writes no such record */
	VeilAuditor *auditor = g_new0(VeilAuditor, 1);
	auditor->handle = g_strdup(handle);
	memcpy(auditor->public_key, key, sizeof key);
	g_ptr_array_add(all, auditor);
}

static gboolean
read_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	GPtrArray *all = data;
	const char *handle = veil_record_get(record, "auditor");

	(void)bytes, (void)len, (void)error;
	if (strcmp(record->act, "site.init") == 0)
		add(all, FIRST_HANDLE, veil_record_get(record, "auditor-key"));
	else if (strcmp(record->act, "auditor.add") == 0)
		add(all, handle, veil_record_get(record, "auditor-key"));
	else if (strcmp(record->act, "auditor.remove") == 0)
		for (guint i = 0; i < all->len; i++) {
			VeilAuditor *auditor = all->pdata[i];
			auditor->removed |= g_strcmp0(auditor->handle, handle) == 0;
		}
	return TRUE;
}

GPtrArray *
veil_auditors_read(VeilLedger *ledger, GError **error)
{
	static const char *const concerned[] = {"\nact site.init\n", "\nact auditor.", NULL};
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_auditor);

	return veil_ledger_each_with(ledger, concerned, read_one, all, error) ? g_steal_pointer(&all) : NULL;
}

/* --- naming and removing ------------------------------------------------------------------------------------------------- */

static gboolean
is_new(VeilLedger *ledger, gpointer data, GError **error)
{
	const VeilAuditor *newcomer = data;
	g_autoptr(GPtrArray) all = veil_auditors_read(ledger, error);
	guint active = 0;

	if (all == NULL)
		return FALSE;
	for (guint i = 0; i < all->len; i++) {
		const VeilAuditor *one = all->pdata[i];
		active += !one->removed;
		if (strcmp(one->handle, newcomer->handle) == 0 || memcmp(one->public_key, newcomer->public_key, 32) == 0)
			return refuse(error, "an auditor of this handle or key is or was there; `veil auditor list` shows them");
	}
	return active < MAX_AUDITORS || refuse(error, "there are seven auditors already, and no more may be");
}

gboolean
veil_auditor_add(const VeilStep *step, const char *handle, const char *public_line, GError **error)
{
	VeilAuditor newcomer = {.handle = (char *)handle};
	g_autoptr(VeilLog) log = NULL;
	const VeilField own[] = {{"auditor", handle}, {"auditor-key", public_line}};
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));

	if (!veil_handle_valid(handle) || !g_ascii_isalnum(*handle)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "an auditor's handle is 1 to 64 letters, digits, '.', '_', ':' and '-'");
		return FALSE;
	}
	if (!veil_auditor_public_parse(public_line, newcomer.public_key)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--public-key takes the line veil-auditor+... that `veil auditor key` printed; this one is mistyped");
		return FALSE;
	}
	if ((log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	g_array_append_vals(fields, own, G_N_ELEMENTS(own));
	return veil_log_append_if(log, "registrar", "auditor.add", fields, is_new, &newcomer, NULL, error);
}

static gboolean
is_there(VeilLedger *ledger, gpointer data, GError **error)
{
	g_autoptr(GPtrArray) all = veil_auditors_read(ledger, error);
	gboolean there = FALSE;

	if (all == NULL)
		return FALSE;
	for (guint i = 0; i < all->len; i++) {
		const VeilAuditor *one = all->pdata[i];
		there |= !one->removed && strcmp(one->handle, data) == 0;
	}
	return there || refuse(error, "there is no auditor of this handle, or no longer; `veil auditor list` shows them");
}

gboolean
veil_auditor_remove(const VeilStep *step, const char *handle, GError **error)
{
	g_autoptr(VeilLog) log = veil_log_open(step->site->dir, step->operator_handle, error);
	const VeilField own = {"auditor", handle};
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));

	if (log == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	g_array_append_val(fields, own);
	return veil_log_append_if(log, "registrar", "auditor.remove", fields, is_there, (gpointer)handle, NULL, error);
}

gboolean
veil_auditors_print(const VeilSite *site, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"auditor", "public_key", "state"};
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, error);
	g_autoptr(GPtrArray) all = ledger != NULL ? veil_auditors_read(ledger, error) : NULL;
	VeilRows rows;

	if (all == NULL || !veil_rows_begin(&rows, how, "auditors", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < all->len; i++) {
		const VeilAuditor *one = all->pdata[i];
		g_autofree char *line = veil_auditor_public_format(one->public_key);
		veil_rows_add(&rows, (const char *const[]){one->handle, line, one->removed ? "removed" : "active"});
	}
	return veil_rows_end(&rows, error);
}

/* --- files --------------------------------------------------------------------------------------------------------------- */

/* The registry's own key comes first and is not filled in. */
static gboolean
collect_readers(const VeilSite *site, VeilLedger *ledger, VeilReader readers[VEIL_SEALED_MAX_READERS], guint *out_n, GError **error)
{
	g_autoptr(GPtrArray) all = veil_auditors_read(ledger, error);
	guint n = 1;

	if (all == NULL)
		return FALSE;
	for (guint i = 0; i < all->len && n < VEIL_SEALED_MAX_READERS; i++) {
		const VeilAuditor *one = all->pdata[i];
		if (!one->removed)
			memcpy(readers[n++].key, one->public_key, 32);
	}
	*out_n = n;
	return n > 1 || site->rehearsal ||
	       refuse(error, "no auditor is named who could read the audit file: he makes a key with `veil auditor key --out FILE`, you enter it with `veil auditor add HANDLE --public-key LINE`");
}

gboolean
veil_audit_can_seal(const VeilSite *site, VeilLedger *ledger, GError **error)
{
	VeilReader readers[VEIL_SEALED_MAX_READERS];
	guint n;

	return collect_readers(site, ledger, readers, &n, error);
}

GBytes *
veil_audit_seal(const VeilSite *site, VeilLedger *ledger, const VeilKeys *keys, GBytes *file, GError **error)
{
	VeilReader readers[VEIL_SEALED_MAX_READERS];
	guint n;
	gsize len = 0;

	if (!collect_readers(site, ledger, readers, &n, error))
		return NULL;
	if (n == 1)
		return g_bytes_ref(file);
	veil_keys_public(keys, readers[0].key);
	gconstpointer bytes = g_bytes_get_data(file, &len);
	return veil_sealed_make(bytes, len, readers, n, veil_random_system, NULL, error);
}

static VeilAuditorKey *
open_key(const VeilSite *site, const char *key_file, GError **error)
{
	g_autofree char *own = veil_site_path(site, VEIL_FOLDER_AUDIT, VEIL_AUDITOR_KEY_NAME);
	const char *named = key_file != NULL ? key_file : g_getenv("VEIL_AUDITOR_KEY");
	g_auto(VeilPassphrase) passphrase = NULL;
	VeilWrapping wrapping;

	if ((named == NULL || *named == '\0') && site->rehearsal && g_file_test(own, G_FILE_TEST_EXISTS))
		named = own;
	if (named == NULL || *named == '\0') {
		refuse(error, "the audit file is sealed: name the auditor's key with --auditor-key FILE or in VEIL_AUDITOR_KEY");
		return NULL;
	}
	if (!veil_auditor_key_wrapping(named, &wrapping, error))
		return NULL;
	gboolean own_passphrase = veil_passphrase_offered(VEIL_PASSPHRASE_AUDITOR) || !veil_passphrase_offered(VEIL_PASSPHRASE_FIRST);
	if (wrapping != VEIL_WRAPPED_NOT &&
	    (passphrase = veil_passphrase_read(own_passphrase ? VEIL_PASSPHRASE_AUDITOR : VEIL_PASSPHRASE_FIRST, FALSE, error)) == NULL)
		return NULL;
	VeilAuditorKey *key = veil_auditor_key_open(named, passphrase, error);
	if (key == NULL)
		g_prefix_error(error, "auditor's key: ");
	return key;
}

GBytes *
veil_audit_load(const VeilSite *site, const char *name, const char *key_file, GError **error)
{
	g_autofree char *path = veil_batch_find(site, VEIL_FOLDER_AUDIT, name, "audit", error), *base = NULL;
	g_autoptr(GBytes) file = path != NULL ? veil_file_get(path, "audit file", MAX_AUDIT_BYTES, error) : NULL;
	g_autoptr(VeilAuditorKey) key = NULL;
	gsize len = 0;

	if (file == NULL)
		return NULL;
	gconstpointer bytes = g_bytes_get_data(file, &len);
	if (!veil_sealed_is(bytes, len))
		return g_steal_pointer(&file);
	base = g_path_get_basename(path);
	return (key = open_key(site, key_file, error)) != NULL ? veil_sealed_open(bytes, len, base, key, error) : NULL;
}

VeilAudit *
veil_audit_open(const VeilSite *site, const char *name, const char *key_file, GError **error)
{
	g_autoptr(GBytes) file = veil_audit_load(site, name, key_file, error);

	return file != NULL ? veil_audit_parse(file, error) : NULL;
}

GBytes *
veil_audit_unseal(const char *path, const VeilKeys *keys, GError **error)
{
	g_autofree char *base = g_path_get_basename(path);
	g_autoptr(GBytes) file = veil_file_get(path, "audit file", MAX_AUDIT_BYTES, error);
	gsize len = 0;

	if (file == NULL)
		return NULL;
	gconstpointer bytes = g_bytes_get_data(file, &len);
	return veil_sealed_is(bytes, len) ? veil_sealed_open_by_registry(bytes, len, base, keys, error) : g_steal_pointer(&file);
}
