/* registry-person.c - entries, their tokens, posts and lists of employers to avoid. */
#include <string.h>

#include "registry-private.h"

gboolean
veil_registry_put_entry(VeilRegistry *registry, const VeilEntry *entry, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_ENTRY, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &entry->id);
	veil_stmt_bind_id(stmt, 2, &entry->person);
	veil_stmt_bind_text(stmt, 3, entry->source);
	veil_stmt_bind_blob(stmt, 4, entry->has_token ? entry->token.b : NULL, sizeof entry->token.b);
	veil_stmt_bind_int(stmt, 5, entry->key);
	veil_stmt_bind_blob(stmt, 6, entry->sealed_id.bytes, entry->sealed_id.len);
	veil_stmt_bind_int(stmt, 7, entry->in_pool);
	veil_stmt_bind_int(stmt, 8, entry->status);
	veil_stmt_bind_int(stmt, 9, entry->max_load);
	veil_stmt_bind_int(stmt, 10, entry->confirmed_on);
	veil_stmt_bind_text(stmt, 11, entry->province);
	veil_stmt_bind_text(stmt, 12, entry->rank);
	veil_stmt_bind_text(stmt, 13, entry->kind);
	veil_stmt_bind_id(stmt, 14, entry->has_employer ? &entry->employer : NULL);
	veil_stmt_bind_blob(stmt, 15, entry->has_city ? entry->city.b : NULL, sizeof entry->city.b);
	return veil_stmt_run(stmt, error);
}

static void
read_entry(VeilStmt *stmt, VeilEntry *entry)
{
	VeilId token;

	veil_stmt_id(stmt, 0, &entry->id);
	veil_stmt_id(stmt, 1, &entry->person);
	entry->source = veil_stmt_text(stmt, 2);
	entry->has_token = veil_stmt_id(stmt, 3, &token);
	memcpy(entry->token.b, token.b, sizeof token.b);
	entry->key = veil_stmt_int(stmt, 4);
	entry->sealed_id.bytes = veil_stmt_blob(stmt, 5, &entry->sealed_id.len);
	entry->in_pool = veil_stmt_int(stmt, 6) == 1; /* nothing else makes an expert */
	entry->status = (VeilStatus)veil_stmt_int(stmt, 7);
	entry->max_load = (gint32)veil_stmt_int(stmt, 8);
	entry->confirmed_on = (VeilDay)veil_stmt_int(stmt, 9);
	entry->province = veil_stmt_text(stmt, 10);
	entry->rank = veil_stmt_text(stmt, 11);
	entry->kind = veil_stmt_text(stmt, 12);
	entry->has_employer = veil_stmt_id(stmt, 13, &entry->employer);
	entry->has_city = veil_stmt_id(stmt, 14, &token);
	memcpy(entry->city.b, token.b, sizeof token.b);
}

gboolean
veil_registry_each_entry(VeilRegistry *registry, VeilEntryFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_ENTRY, error);
	VeilEntry entry;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		read_entry(stmt, &entry);
		if (!func(&entry, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_entry_token(VeilRegistry *registry, const VeilId *entry, VeilTokenKind kind, const VeilToken *token, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_ENTRY_TOKEN, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, entry);
	veil_stmt_bind_int(stmt, 2, kind);
	veil_stmt_bind_blob(stmt, 3, token->b, sizeof token->b);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_drop_entry_tokens(VeilRegistry *registry, const VeilId *entry, VeilTokenKind kind, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_DROP_ENTRY_TOKENS, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, entry);
	veil_stmt_bind_int(stmt, 2, kind);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_entry_token(VeilRegistry *registry, VeilEntryTokenFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_ENTRY_TOKEN, error);
	VeilId entry, token;
	VeilToken t;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &entry);
		veil_stmt_id(stmt, 2, &token);
		memcpy(t.b, token.b, sizeof t.b);
		if (!func(&entry, (VeilTokenKind)veil_stmt_int(stmt, 1), &t, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_put_post(VeilRegistry *registry, const VeilPostRow *post, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_POST, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, &post->entry);
	veil_stmt_bind_id(stmt, 2, &post->org);
	veil_stmt_bind_int(stmt, 3, post->kind);
	veil_stmt_bind_int(stmt, 4, post->when.since);
	veil_stmt_bind_int(stmt, 5, post->when.until);
	return veil_stmt_run(stmt, error);
}

gboolean
veil_registry_each_post(VeilRegistry *registry, VeilPostFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_POST, error);
	VeilPostRow post;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &post.entry);
		veil_stmt_id(stmt, 1, &post.org);
		post.kind = (VeilPostKind)veil_stmt_int(stmt, 2);
		post.when.since = (VeilDay)veil_stmt_int(stmt, 3);
		post.when.until = (VeilDay)veil_stmt_int(stmt, 4);
		if (!func(&post, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}

gboolean
veil_registry_set_avoids(VeilRegistry *registry, const VeilId *entry, const VeilId *orgs, guint n_orgs, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_DROP_AVOIDS, error);

	if (stmt == NULL)
		return FALSE;
	veil_stmt_bind_id(stmt, 1, entry);
	if (!veil_stmt_run(stmt, error))
		return FALSE;
	for (guint i = 0; i < n_orgs; i++) {
		stmt = veil_registry__stmt(registry, VEIL_SQL_PUT_AVOID, error);
		if (stmt == NULL)
			return FALSE;
		veil_stmt_bind_id(stmt, 1, entry);
		veil_stmt_bind_id(stmt, 2, &orgs[i]);
		if (!veil_stmt_run(stmt, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_registry_each_avoid(VeilRegistry *registry, VeilAvoidFunc func, gpointer data, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(registry, VEIL_SQL_EACH_AVOID, error);
	VeilId entry, org;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		veil_stmt_id(stmt, 0, &entry);
		veil_stmt_id(stmt, 1, &org);
		if (!func(&entry, &org, data, error)) {
			veil_stmt_reset(stmt);
			return FALSE;
		}
	}
	return got == 0;
}
