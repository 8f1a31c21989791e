/* registry-staff.c - waivers that wait for a freeze, and which operator is which person. */
#include <string.h>

#include "registry-private.h"

gboolean
veil_registry_put_waiver(VeilRegistry *registry, const VeilWaiverRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_WAIVER, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, row->request);
	veil_stmt_bind_text(stmt, 2, row->batch);
	veil_stmt_bind_id(stmt, 3, &row->project);
	veil_stmt_bind_id(stmt, 4, &row->entry);
	veil_stmt_bind_int(stmt, 5, row->rule);
	veil_stmt_bind_blob(stmt, 6, row->salt, sizeof row->salt);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_waiver(VeilRegistry *registry, const char *batch, VeilWaiverFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_WAIVER, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, batch);
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		VeilWaiverRow row = {.rule = (guint)veil_stmt_int(stmt, 4)};
		gsize len;
		const guint8 *salt;

		row.request = veil_stmt_text(stmt, 0);
		row.batch = veil_stmt_text(stmt, 1);
		veil_stmt_id(stmt, 2, &row.project);
		veil_stmt_id(stmt, 3, &row.entry);
		salt = veil_stmt_blob(stmt, 5, &len);
		memcpy(row.salt, salt, MIN(len, sizeof row.salt));
		if (!func(&row, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_staff(VeilRegistry *registry, const char *handle, const VeilId *entry, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_STAFF, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, handle);
	veil_stmt_bind_id(stmt, 2, entry);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_staff(VeilRegistry *registry, VeilStaffFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_STAFF, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		VeilId entry;

		veil_stmt_id(stmt, 1, &entry);
		if (!func(veil_stmt_text(stmt, 0), &entry, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}
