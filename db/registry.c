/* registry.c - opening the registry; import keys, deliveries, cells, terms.
 *
 * Pages of 16 KiB: sealed profiles and term vectors are about 1 KiB, and an index b-tree of 4 KiB pages would give every
 * one of them an overflow page of its own.
 */
#include "registry-private.h"

extern const char veil_sql_registry_0001[], veil_sql_registry_0002[], veil_sql_registry_0003[], veil_sql_registry_0004[];

static const char *const migrations[] = {veil_sql_registry_0001, veil_sql_registry_0002, veil_sql_registry_0003, veil_sql_registry_0004};
static const VeilDbSchema schema = {
	.what = "registry",
	.migrations = migrations,
	.n_migrations = G_N_ELEMENTS(migrations),
	.landmark = "entry",
	.page_size = 16384,
};

gboolean
veil_registry_create(const char *path, GError **error)
{
	VeilDb *db = veil_db_open(path, &schema, VEIL_DB_CREATE, error);

	veil_db_free(db);
	return db != NULL;
}

VeilRegistry *
veil_registry_open(const char *path, VeilRegistryMode mode, GError **error)
{
	VeilDb *db = veil_db_open(path, &schema, mode == VEIL_REGISTRY_WRITE ? VEIL_DB_WRITE : VEIL_DB_READ, error);
	VeilRegistry *registry;

	if (db == NULL)
		return NULL;
	registry = g_new0(VeilRegistry, 1);
	registry->db = db;
	return registry;
}

void
veil_registry_free(VeilRegistry *registry)
{
	if (registry == NULL)
		return;
	for (int i = 0; i < VEIL_N_SQL; i++)
		veil_stmt_free(registry->stmt[i]);
	veil_db_free(registry->db);
	g_free(registry);
}

VeilStmt *
veil_registry__stmt(VeilRegistry *registry, VeilSql sql, GError **error)
{
	if (registry->stmt[sql] == NULL)
		registry->stmt[sql] = veil_stmt_new(registry->db, veil_registry_sql[sql], error);
	else
		veil_stmt_reset(registry->stmt[sql]); /* a reader may have left it in the middle */
	return registry->stmt[sql];
}

gboolean
veil_registry_begin(VeilRegistry *registry, GError **error)
{
	return veil_db_begin(registry->db, error);
}

gboolean
veil_registry_commit(VeilRegistry *registry, GError **error)
{
	return veil_db_commit(registry->db, error);
}

void
veil_registry_rollback(VeilRegistry *registry)
{
	veil_db_rollback(registry->db);
}

gboolean
veil_registry_next_key(VeilRegistry *registry, gint64 *out_key, GError **error)
{
	return veil_db_int(registry->db, veil_registry_sql[VEIL_SQL_NEXT_KEY], 1, out_key, error);
}

gboolean
veil_registry_put_key(VeilRegistry *registry, gint64 key, const guint8 *sealed, gsize len, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_KEY, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_int(stmt, 1, key);
	veil_stmt_bind_blob(stmt, 2, sealed, len);
	return veil_stmt_run(stmt, error);
}

GBytes *
veil_registry_get_key(VeilRegistry *registry, gint64 key, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_GET_KEY, error);
	const guint8 *bytes;
	GBytes *sealed;
	gsize len;
	int got;

	if (stmt == NULL)
		return NULL;
	veil_stmt_bind_int(stmt, 1, key);
	got = veil_stmt_step(stmt, error);
	if (got == 0)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the registry lacks the key of one of its imports");
	if (got != 1)
		return NULL;
	bytes = veil_stmt_blob(stmt, 0, &len);
	sealed = g_bytes_new(bytes, len);
	veil_stmt_reset(stmt);
	return sealed;
}

char *
veil_registry_get_delivery(VeilRegistry *registry, const char *source, const char *kind, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_GET_DELIVERY, error);
	char *columns = NULL;

	if (stmt == NULL)
		return NULL;
	veil_stmt_bind_text(stmt, 1, source);
	veil_stmt_bind_text(stmt, 2, kind);
	if (veil_stmt_step(stmt, error) == 1) {
		columns = g_strdup(veil_stmt_text(stmt, 0));
		veil_stmt_reset(stmt);
	}
	return columns;
}

gboolean
veil_registry_put_delivery(VeilRegistry *registry, const char *source, const char *kind, const char *columns, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_DELIVERY, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, source);
	veil_stmt_bind_text(stmt, 2, kind);
	veil_stmt_bind_text(stmt, 3, columns);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_put_cell(VeilRegistry *registry, const VeilCell *cell, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_CELL, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &cell->owner);
	veil_stmt_bind_text(stmt, 2, cell->field);
	veil_stmt_bind_int(stmt, 3, cell->key);
	veil_stmt_bind_int(stmt, 4, (gint64)cell->digest);
	veil_stmt_bind_blob(stmt, 5, cell->text.bytes, cell->text.len);
	veil_stmt_bind_blob(stmt, 6, cell->typed.bytes, cell->typed.len);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_drop_cell(VeilRegistry *registry, const VeilId *owner, const char *field, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_DROP_CELL, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, owner);
	veil_stmt_bind_text(stmt, 2, field);
	return veil_stmt_run(stmt, error);
}

/* owner NULL: it is a column of the row. */
static gboolean
step_cells(VeilStmt *stmt, const VeilId *owner, VeilCellFunc func, gpointer data, GError **error)
{
	VeilCell cell = {.field = NULL};
	int got;

	while ((got = veil_stmt_step(stmt, error)) == 1) {
		if (owner != NULL) {
			cell.owner = *owner;
		} else if (!veil_stmt_id(stmt, 5, &cell.owner)) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "a cell of the registry has a damaged owner");
			got = -1;
		}
		cell.field = veil_stmt_text(stmt, 0);
		cell.key = veil_stmt_int(stmt, 1);
		cell.digest = (guint64)veil_stmt_int(stmt, 2);
		cell.text.bytes = veil_stmt_blob(stmt, 3, &cell.text.len);
		cell.typed.bytes = veil_stmt_blob(stmt, 4, &cell.typed.len);
		if (got < 0 || !func(&cell, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_each_cell(VeilRegistry *registry, const VeilId *owner, VeilCellFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_CELL, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, owner);
	return step_cells(stmt, owner, func, data, error);
}

gboolean
veil_registry_each_cell_of(VeilRegistry *registry, const char *field, VeilCellFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_CELL_OF, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, field);
	return step_cells(stmt, NULL, func, data, error);
}

gboolean
veil_registry_put_terms(VeilRegistry *registry, const VeilId *owner, const char *field, const guint8 *vector, gsize len, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, len > 0 ? VEIL_SQL_PUT_TERMS : VEIL_SQL_DROP_TERMS, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, owner);
	veil_stmt_bind_text(stmt, 2, field);
	if (len > 0)
		veil_stmt_bind_blob(stmt, 3, vector, len);
	return veil_stmt_run(stmt, error);
}
