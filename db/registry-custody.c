/* registry-custody.c - custodians, keys in escrow, and the keys that are sealed or wrapped anew.
 *
 * Rows that are dropped are overwritten (secure_delete, asserted when the file is opened), and the journal is truncated with the commit.
 */
#include <string.h>

#include "registry-private.h"

gboolean
veil_registry_each_key(VeilRegistry *registry, VeilSealKeyFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_KEY, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		gsize len;
		const guint8 *sealed = veil_stmt_blob(stmt, 1, &len);

		if (!func(veil_stmt_int(stmt, 0), sealed, len, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_set_key(VeilRegistry *registry, gint64 key, const guint8 *sealed, gsize len, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_SET_KEY, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_int(stmt, 1, key);
	veil_stmt_bind_blob(stmt, 2, sealed, len);
	return veil_stmt_run(stmt, error);
}

/* --- batches --------------------------------------------------------------------------------------------------------- */

char **
veil_registry_batch_names(VeilRegistry *registry, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_BATCH, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	int got;

	if (stmt == NULL)
		return NULL;
	while ((got = veil_stmt_step(stmt, error)) == 1)
		g_ptr_array_add(names, g_strdup(veil_stmt_text(stmt, 0)));
	if (got < 0)
		return NULL;
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_steal(names, NULL);
}

static gboolean
must_change_one(VeilRegistry *registry, const char *name, const char *what, GError **error)
{
	if (veil_db_changes(registry->db) == 1)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the batch %s cannot be %s in its present state", name, what);
	return FALSE;
}

gboolean
veil_registry_batch_set_wrapped(VeilRegistry *registry, const char *name, const char *freeze_id, const guint8 *wrapped_key, gsize len, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_SET_WRAPPED, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, name);
	veil_stmt_bind_text(stmt, 2, freeze_id);
	veil_stmt_bind_blob(stmt, 3, wrapped_key, len);
	return veil_stmt_run(stmt, error) && must_change_one(registry, name, "given another wrapped key", error);
}

gboolean
veil_registry_batch_set_closed(VeilRegistry *registry, const char *name, const char *freeze_id, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_SET_CLOSED, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, name);
	veil_stmt_bind_text(stmt, 2, freeze_id);
	return veil_stmt_run(stmt, error) && must_change_one(registry, name, "closed", error);
}

/* --- custodians ------------------------------------------------------------------------------------------------------ */

gboolean
veil_registry_each_custodian(VeilRegistry *registry, VeilCustodianFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_CUSTODIAN, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		gsize len;
		const guint8 *public = veil_stmt_blob(stmt, 1, &len);
		gboolean ok = len == 32;

		if (!ok)
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "registry is damaged: a custodian's key has a wrong length");
		if (!ok || !func(veil_stmt_text(stmt, 0), public, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_custodian(VeilRegistry *registry, const char *handle, const guint8 public_key[32], GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_CUSTODIAN, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, handle);
	veil_stmt_bind_blob(stmt, 2, public_key, 32);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_drop_custodian(VeilRegistry *registry, const char *handle, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_DROP_CUSTODIAN, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, handle);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_get_threshold(VeilRegistry *registry, guint *out_k, GError **error)
{
	gint64 value = 0;

	if (!veil_db_int(registry->db, veil_registry_sql[VEIL_SQL_GET_THRESHOLD], 0, &value, error))
		return FALSE;
	*out_k = (guint)CLAMP(value, 0, 255);
	return TRUE;
}

gboolean
veil_registry_set_threshold(VeilRegistry *registry, guint k, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_SET_THRESHOLD, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_int(stmt, 1, k);
	return veil_stmt_run(stmt, error);
}

/* --- escrow ---------------------------------------------------------------------------------------------------------- */

void
veil_escrow_row_free(VeilEscrowRow *row)
{
	if (row == NULL)
		return;
	g_free(row->id);
	g_free(row->batch);
	g_free(row->sealed);
	if (row->pad != NULL)
		explicit_bzero(row->pad, row->n_pad);
	g_free(row->pad);
	g_free(row);
}

gboolean
veil_registry_put_escrow(VeilRegistry *registry, const VeilEscrowRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_ESCROW, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, row->id);
	veil_stmt_bind_text(stmt, 2, row->batch);
	veil_stmt_bind_text(stmt, 3, row->sealed);
	veil_stmt_bind_blob(stmt, 4, row->pad, row->n_pad);
	return veil_stmt_run(stmt, error);
}

static VeilEscrowRow *
take_escrow(VeilStmt *stmt)
{
	VeilEscrowRow *row = g_new0(VeilEscrowRow, 1);
	const guint8 *pad;

	row->id = g_strdup(veil_stmt_text(stmt, 0));
	row->batch = g_strdup(veil_stmt_text(stmt, 1));
	row->sealed = g_strdup(veil_stmt_text(stmt, 2));
	pad = veil_stmt_blob(stmt, 3, &row->n_pad);
	row->pad = g_memdup2(pad, row->n_pad);
	return row;
}

gboolean
veil_registry_get_escrow(VeilRegistry *registry, const char *id, VeilEscrowRow **out_row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_GET_ESCROW, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, id);
	got = veil_stmt_step(stmt, error);
	if (got < 0)
		return FALSE;
	*out_row = got == 1 ? take_escrow(stmt) : NULL;
	veil_stmt_reset(stmt);
	return TRUE;
}

gboolean
veil_registry_drop_escrow(VeilRegistry *registry, const char *id, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_DROP_ESCROW, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, id);
	return veil_stmt_run(stmt, error);
}

GPtrArray *
veil_registry_escrows(VeilRegistry *registry, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_ESCROW, error);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)veil_escrow_row_free);
	int got;

	if (stmt == NULL)
		return NULL;
	while ((got = veil_stmt_step(stmt, error)) == 1)
		g_ptr_array_add(rows, take_escrow(stmt));
	return got == 0 ? g_steal_pointer(&rows) : NULL;
}
