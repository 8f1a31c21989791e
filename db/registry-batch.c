/* registry-batch.c - batches and their projects on the registrar's side.
 *
 * States move one way: draft -> freezing -> frozen (-> freezing again, counted) -> closed. The freeze id and the wrapped batch
 * key stand here before any file of the freeze is written, so that a freeze that was cut off is completed and not redone.
 */
#include <string.h>

#include "registry-private.h"

void
veil_batch_row_free(VeilBatchRow *row)
{
	if (row == NULL)
		return;
	g_free(row->name);
	g_free(row->state);
	g_free(row->policy);
	g_free(row->freeze_id);
	g_free(row->wrapped_key);
	g_free(row);
}

gboolean
veil_registry_batch_add(VeilRegistry *registry, const char *name, const char *policy, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_GET_BATCH, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, name);
	got = veil_stmt_step(stmt, error);
	veil_stmt_reset(stmt);
	if (got == 1)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "there is a batch %s already", name);
	if (got != 0)
		return FALSE;
	stmt = veil_registry__stmt(registry, VEIL_SQL_ADD_BATCH, error);
	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, name);
	veil_stmt_bind_text(stmt, 2, policy);
	return veil_stmt_run(stmt, error);
}

VeilBatchRow *
veil_registry_batch_get(VeilRegistry *registry, const char *name, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_GET_BATCH, error);
	VeilBatchRow *row;
	const guint8 *key;
	int got;

	if (stmt == NULL)
		return NULL;
	veil_stmt_bind_text(stmt, 1, name);
	got = veil_stmt_step(stmt, error);
	if (got == 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "there is no batch %s", name);
	if (got != 1)
		return NULL;
	row = g_new0(VeilBatchRow, 1);
	row->name = g_strdup(veil_stmt_text(stmt, 0));
	row->state = g_strdup(veil_stmt_text(stmt, 1));
	row->policy = g_strdup(veil_stmt_text(stmt, 2));
	row->freezes = veil_stmt_int(stmt, 3);
	row->freeze_id = g_strdup(veil_stmt_text(stmt, 4));
	row->as_of = veil_stmt_is_null(stmt, 5) ? VEIL_DAY_MIN : (VeilDay)veil_stmt_int(stmt, 5);
	key = veil_stmt_blob(stmt, 6, &row->n_wrapped_key);
	row->wrapped_key = g_memdup2(key, row->n_wrapped_key);
	veil_stmt_reset(stmt);
	return row;
}

gboolean
veil_registry_batch_set_freezing(VeilRegistry *registry, const char *name, const char *freeze_id, VeilDay as_of,
				 const guint8 *wrapped_key, gsize len, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_SET_FREEZING, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, name);
	veil_stmt_bind_text(stmt, 2, freeze_id);
	veil_stmt_bind_int(stmt, 3, as_of);
	veil_stmt_bind_blob(stmt, 4, wrapped_key, len);
	if (!veil_stmt_run(stmt, error))
		return FALSE;
	if (veil_db_changes(registry->db) == 1)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the batch %s cannot be frozen in its present state", name);
	return FALSE;
}

gboolean
veil_registry_batch_set_frozen(VeilRegistry *registry, const char *name, const char *freeze_id, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_SET_FROZEN, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, name);
	veil_stmt_bind_text(stmt, 2, freeze_id);
	if (!veil_stmt_run(stmt, error))
		return FALSE;
	if (veil_db_changes(registry->db) == 1)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the batch %s is not being frozen under this id", name);
	return FALSE;
}

gboolean
veil_registry_put_project(VeilRegistry *registry, const VeilProjectRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_PROJECT, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &row->id);
	veil_stmt_bind_text(stmt, 2, row->batch);
	veil_stmt_bind_text(stmt, 3, row->source);
	veil_stmt_bind_blob(stmt, 4, row->token.b, sizeof row->token.b);
	veil_stmt_bind_int(stmt, 5, row->key);
	veil_stmt_bind_blob(stmt, 6, row->sealed_id.bytes, row->sealed_id.len);
	veil_stmt_bind_text(stmt, 7, row->province);
	veil_stmt_bind_text(stmt, 8, row->project_class);
	veil_stmt_bind_blob(stmt, 9, row->has_team ? row->team.b : NULL, sizeof row->team.b);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_project(VeilRegistry *registry, const char *batch, VeilProjectFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_PROJECT, error);
	VeilProjectRow row;
	VeilId token;
	int got;

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, batch);
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &row.id);
		row.batch = veil_stmt_text(stmt, 1);
		row.source = veil_stmt_text(stmt, 2);
		veil_stmt_id(stmt, 3, &token);
		memcpy(row.token.b, token.b, sizeof token.b);
		row.key = veil_stmt_int(stmt, 4);
		row.sealed_id.bytes = veil_stmt_blob(stmt, 5, &row.sealed_id.len);
		row.province = veil_stmt_text(stmt, 6);
		row.project_class = veil_stmt_text(stmt, 7);
		row.has_team = veil_stmt_id(stmt, 8, &token);
		memcpy(row.team.b, token.b, sizeof token.b);
		if (!func(&row, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_project_org(VeilRegistry *registry, const VeilId *project, const VeilId *org, VeilOrgRole role, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_PROJECT_ORG, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, project);
	veil_stmt_bind_id(stmt, 2, org);
	veil_stmt_bind_int(stmt, 3, role);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_put_project_person(VeilRegistry *registry, const VeilId *project, const VeilId *entry, VeilPersonRole role,
				 const VeilId *org, gboolean by_name, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_PROJECT_PERSON, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, project);
	veil_stmt_bind_id(stmt, 2, entry);
	veil_stmt_bind_int(stmt, 3, role);
	veil_stmt_bind_id(stmt, 4, org);
	veil_stmt_bind_int(stmt, 5, by_name);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_put_project_exclude(VeilRegistry *registry, const VeilId *project, const VeilId *entry, const VeilId *org,
				  gboolean by_name, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_PROJECT_EXCLUDE, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, project);
	veil_stmt_bind_id(stmt, 2, entry);
	veil_stmt_bind_id(stmt, 3, org);
	veil_stmt_bind_int(stmt, 4, by_name);
	return veil_stmt_run(stmt, error);
}

GArray *
veil_registry_applicants(VeilRegistry *registry, const VeilId *project, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_APPLICANT, error);
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(VeilId));
	VeilId id;
	int got;

	if (stmt == NULL)
		return NULL;
	veil_stmt_bind_id(stmt, 1, project);
	while ((got = veil_stmt_step(stmt, error)) == 1)
		if (veil_stmt_id(stmt, 0, &id))
			g_array_append_val(entries, id);
	return got == 0 ? g_steal_pointer(&entries) : NULL;
}
