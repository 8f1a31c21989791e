/* custodian.c - the list of custodians, and splitting live keys anew when one of them changes. */
#include <string.h>

#include "custody/custody.h"
#include "custody/escrow.h"

static gboolean
check(const char *handle, const char *public_line, guint8 out_public[32], GError **error)
{
	if (!veil_handle_valid(handle)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "a custodian's handle is 1 to 64 letters, digits, '.', '_', ':' and '-'");
		return FALSE;
	}
	if (!veil_custodian_public_parse(public_line, out_public)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--public-key takes the line veil-custodian+... that `veil custodian key` printed; this one is mistyped");
		return FALSE;
	}
	return TRUE;
}

static gboolean
has(const VeilCustodians *custodians, const char *handle, const guint8 *public_key)
{
	for (guint i = 0; i < custodians->list->len; i++) {
		const VeilCustodian *one = &g_array_index(custodians->list, VeilCustodian, i);
		if ((handle != NULL && strcmp(one->handle, handle) == 0) || (public_key != NULL && memcmp(one->public_key, public_key, 32) == 0))
			return TRUE;
	}
	return FALSE;
}

static gboolean
set_threshold(VeilRegistry *registry, guint threshold, GError **error)
{
	if (threshold > VEIL_ESCROW_MAX_CUSTODIANS) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--threshold is at most %d", VEIL_ESCROW_MAX_CUSTODIANS);
		return FALSE;
	}
	return threshold == 0 || veil_registry_set_threshold(registry, threshold, error);
}

static gboolean
log_custodian(VeilLog *log, const char *act, const char *handle, const char *as, const char *public_line, guint threshold, GError **error)
{
	char k[12];

	g_snprintf(k, sizeof k, "%u", threshold);
	return veil_log_append(log, "registrar", act, error, "custodian", handle, "as", as, "public-key", public_line, "threshold",
			       threshold > 0 ? k : NULL, NULL);
}

gboolean
veil_custodian_add(const VeilStep *step, const char *handle, const char *public_line, guint threshold, GError **error)
{
	g_autoptr(VeilRegistry) registry = NULL;
	g_autoptr(VeilCustodians) custodians = NULL;
	g_autoptr(VeilLog) log = NULL;
	guint8 public[32];

	if (!check(handle, public_line, public, error) ||
	    (registry = veil_site_open_registry(step->site, VEIL_REGISTRY_WRITE, error)) == NULL ||
	    (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL || !veil_registry_begin(registry, error) ||
	    (custodians = veil_custodians_read(registry, error)) == NULL)
		return FALSE;
	if (has(custodians, handle, public)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "there is a custodian of this handle or key; `veil custodian replace` changes one");
		return FALSE;
	}
	if (custodians->list->len >= VEIL_ESCROW_MAX_CUSTODIANS) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "there are %d custodians already, and no more may be", VEIL_ESCROW_MAX_CUSTODIANS);
		return FALSE;
	}
	return veil_registry_put_custodian(registry, handle, public, error) && set_threshold(registry, threshold, error) &&
	       log_custodian(log, "custodian.add", handle, NULL, public_line, threshold, error) && veil_registry_commit(registry, error);
}

/* --- replacing ------------------------------------------------------------------------------------------------------- */

/* Ids of what was split anew. */
static gboolean
split_anew(const VeilStep *step, VeilRegistry *registry, const VeilKeys *keys, GPtrArray *ids, GError **error)
{
	g_auto(GStrv) names = veil_registry_batch_names(registry, error);
	g_autoptr(VeilEscrowRow) own = NULL;

	if (names == NULL || !veil_registry_get_escrow(registry, VEIL_REGISTRY_ESCROW, &own, error))
		return FALSE;
	for (guint i = 0; names[i] != NULL; i++) {
		g_autoptr(VeilBatchRow) row = veil_registry_batch_get(registry, names[i], error);

		if (row == NULL)
			return FALSE;
		if (row->n_wrapped_key == 0 || strcmp(row->state, "closed") == 0)
			continue;
		g_autoptr(VeilBatchKey) key = veil_live_key_open(step->site, keys, row, error);
		if (key == NULL || !veil_custody_escrow(registry, key, row->name, row->freeze_id, error))
			return FALSE;
		g_ptr_array_add(ids, g_strdup(row->freeze_id));
	}
	if (own == NULL)
		return TRUE;
	g_ptr_array_add(ids, g_strdup(VEIL_REGISTRY_ESCROW));
	return veil_escrow_registry_keys(registry, keys, error);
}

static gboolean
change(const VeilStep *step, VeilRegistry *registry, const VeilKeys *keys, VeilLog *log, const char *handle, const char *as, const guint8 public[32],
       const char *public_line, guint threshold, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	if (!veil_registry_drop_custodian(registry, handle, error) || !veil_registry_put_custodian(registry, as != NULL ? as : handle, public, error) ||
	    !set_threshold(registry, threshold, error) || !split_anew(step, registry, keys, ids, error) ||
	    !log_custodian(log, "custodian.replace", handle, as, public_line, threshold, error) || !veil_registry_commit(registry, error))
		return FALSE;
	for (guint i = 0; i < ids->len; i++)
		if (!veil_custody_publish(step->site, registry, keys, log, g_ptr_array_index(ids, i), error))
			return FALSE;
	return TRUE;
}

gboolean
veil_custodian_replace(const VeilStep *step, const char *handle, const char *public_line, const char *as, guint threshold, GError **error)
{
	g_autoptr(VeilKeys) keys = NULL;
	g_autoptr(VeilRegistry) registry = NULL;
	g_autoptr(VeilCustodians) custodians = NULL;
	g_autoptr(VeilLog) log = NULL;
	guint8 public[32];

	if (!check(as != NULL ? as : handle, public_line, public, error) || (keys = veil_site_open_keys(step->site, error)) == NULL ||
	    (registry = veil_site_open_registry(step->site, VEIL_REGISTRY_WRITE, error)) == NULL ||
	    (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL || !veil_registry_begin(registry, error) ||
	    (custodians = veil_custodians_read(registry, error)) == NULL)
		return FALSE;
	if (!has(custodians, handle, NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "there is no such custodian; `veil custodian list` shows them");
		return FALSE;
	}
	if (as != NULL && strcmp(as, handle) != 0 && has(custodians, as, NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "there is a custodian of the new handle already");
		return FALSE;
	}
	return change(step, registry, keys, log, handle, as, public, public_line, threshold, error);
}

gboolean
veil_custodian_print(const VeilSite *site, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"custodian", "public_key", "needed"};
	g_autoptr(VeilRegistry) registry = veil_site_open_registry(site, VEIL_REGISTRY_READ, error);
	g_autoptr(VeilCustodians) custodians = registry != NULL ? veil_custodians_read(registry, error) : NULL;
	char k[12];
	VeilRows rows;

	if (custodians == NULL || !veil_rows_begin(&rows, how, "custodians", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	g_snprintf(k, sizeof k, "%u", veil_custodians_threshold(custodians));
	for (guint i = 0; i < custodians->list->len; i++) {
		const VeilCustodian *one = &g_array_index(custodians->list, VeilCustodian, i);
		g_autofree char *key = veil_custodian_public_format(one->public_key);

		veil_rows_add(&rows, (const char *const[]){one->handle, key, k});
	}
	return veil_rows_end(&rows, error);
}
