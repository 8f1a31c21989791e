/* registry-fact.c - organisations, works, relations, bans, disciplines. */
#include <string.h>

#include "registry-private.h"

gboolean
veil_registry_put_org(VeilRegistry *registry, const VeilOrgRow *org, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_ORG, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &org->id);
	veil_stmt_bind_int(stmt, 2, org->listed);
	veil_stmt_bind_id(stmt, 3, org->adopted ? &org->same_as : NULL);
	veil_stmt_bind_id(stmt, 4, org->has_parent ? &org->parent : NULL);
	veil_stmt_bind_text(stmt, 5, org->province);
	veil_stmt_bind_text(stmt, 6, org->kind);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_org(VeilRegistry *registry, VeilOrgFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_ORG, error);
	VeilOrgRow org;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &org.id);
		org.listed = veil_stmt_int(stmt, 1) != 0;
		org.adopted = veil_stmt_id(stmt, 2, &org.same_as);
		org.has_parent = veil_stmt_id(stmt, 3, &org.parent);
		org.province = veil_stmt_text(stmt, 4);
		org.kind = veil_stmt_text(stmt, 5);
		if (!func(&org, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_org_token(VeilRegistry *registry, VeilOrgTokenKind kind, const VeilToken *token, const VeilId *org, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_ORG_TOKEN, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_int(stmt, 1, kind);
	veil_stmt_bind_blob(stmt, 2, token->b, sizeof token->b);
	veil_stmt_bind_id(stmt, 3, org);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_org_token(VeilRegistry *registry, VeilOrgTokenFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_ORG_TOKEN, error);
	VeilId token, org;
	VeilToken t;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 1, &token);
		veil_stmt_id(stmt, 2, &org);
		memcpy(t.b, token.b, sizeof t.b);
		if (!func((VeilOrgTokenKind)veil_stmt_int(stmt, 0), &t, &org, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_work(VeilRegistry *registry, const VeilWorkRow *work, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_WORK, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &work->id);
	veil_stmt_bind_text(stmt, 2, work->source);
	veil_stmt_bind_blob(stmt, 3, work->token.b, sizeof work->token.b);
	veil_stmt_bind_int(stmt, 4, work->key);
	veil_stmt_bind_blob(stmt, 5, work->sealed_id.bytes, work->sealed_id.len);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_work(VeilRegistry *registry, VeilWorkFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_WORK, error);
	VeilWorkRow work;
	VeilId token;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &work.id);
		work.source = veil_stmt_text(stmt, 1);
		veil_stmt_id(stmt, 2, &token);
		memcpy(work.token.b, token.b, sizeof token.b);
		work.key = veil_stmt_int(stmt, 3);
		work.sealed_id.bytes = veil_stmt_blob(stmt, 4, &work.sealed_id.len);
		if (!func(&work, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_authorship(VeilRegistry *registry, const VeilAuthorshipRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_AUTHORSHIP, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &row->work);
	veil_stmt_bind_id(stmt, 2, &row->entry);
	veil_stmt_bind_int(stmt, 3, row->kind);
	veil_stmt_bind_int(stmt, 4, row->when.since);
	veil_stmt_bind_int(stmt, 5, row->when.until);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_authorship(VeilRegistry *registry, VeilAuthorshipFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_AUTHORSHIP, error);
	VeilAuthorshipRow row;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &row.work);
		veil_stmt_id(stmt, 1, &row.entry);
		row.kind = (VeilWorkKind)veil_stmt_int(stmt, 2);
		row.when.since = (VeilDay)veil_stmt_int(stmt, 3);
		row.when.until = (VeilDay)veil_stmt_int(stmt, 4);
		if (!func(&row, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_relation(VeilRegistry *registry, const VeilRelationRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_RELATION, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &row->id);
	veil_stmt_bind_int(stmt, 2, row->kind);
	veil_stmt_bind_id(stmt, 3, &row->a);
	veil_stmt_bind_id(stmt, 4, &row->b);
	veil_stmt_bind_int(stmt, 5, row->when.since);
	veil_stmt_bind_int(stmt, 6, row->when.until);
	veil_stmt_bind_int(stmt, 7, (gint64)row->evidence);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_relation(VeilRegistry *registry, VeilRelationFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_RELATION, error);
	VeilRelationRow row;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &row.id);
		row.kind = (VeilRelationKind)veil_stmt_int(stmt, 1);
		veil_stmt_id(stmt, 2, &row.a);
		veil_stmt_id(stmt, 3, &row.b);
		row.when.since = (VeilDay)veil_stmt_int(stmt, 4);
		row.when.until = (VeilDay)veil_stmt_int(stmt, 5);
		row.evidence = (guint64)veil_stmt_int(stmt, 6);
		if (!func(&row, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_ban(VeilRegistry *registry, const VeilBanRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_BAN, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &row->id);
	veil_stmt_bind_id(stmt, 2, &row->entry);
	veil_stmt_bind_int(stmt, 3, row->when.since);
	veil_stmt_bind_int(stmt, 4, row->when.until);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_ban(VeilRegistry *registry, VeilBanFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_BAN, error);
	VeilBanRow row;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &row.id);
		veil_stmt_id(stmt, 1, &row.entry);
		row.when.since = (VeilDay)veil_stmt_int(stmt, 2);
		row.when.until = (VeilDay)veil_stmt_int(stmt, 3);
		if (!func(&row, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_discipline(VeilRegistry *registry, const VeilDisciplineRow *row, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_DISCIPLINE, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_text(stmt, 1, row->scheme);
	veil_stmt_bind_text(stmt, 2, row->code);
	veil_stmt_bind_text(stmt, 3, row->parent);
	veil_stmt_bind_id(stmt, 4, &row->id);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_discipline(VeilRegistry *registry, VeilDisciplineFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_DISCIPLINE, error);
	VeilDisciplineRow row;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		row.scheme = veil_stmt_text(stmt, 0);
		row.code = veil_stmt_text(stmt, 1);
		row.parent = veil_stmt_text(stmt, 2);
		veil_stmt_id(stmt, 3, &row.id);
		if (!func(&row, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_set_disciplines(VeilRegistry *registry, const VeilId *owner, const VeilDisciplineShare *shares, guint n, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_DROP_DISCIPLINES, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, owner);
	if (!veil_stmt_run(stmt, error))
		return FALSE;
	for (guint i = 0; i < n; i++) {
		stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_OWNER_DISCIPLINE, error);
		if (stmt == NULL)
			return FALSE;
		veil_stmt_bind_id(stmt, 1, owner);
		veil_stmt_bind_text(stmt, 2, shares[i].scheme);
		veil_stmt_bind_text(stmt, 3, shares[i].code);
		veil_stmt_bind_int(stmt, 4, shares[i].weight_micro);
		if (!veil_stmt_run(stmt, error))
			return FALSE;
	}
	return TRUE;
}
