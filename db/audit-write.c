/* audit-write.c - the auditor's file, written once by a freeze; and its root.
 *
 * Numbers of persons, organisations and projects are their places in VeilFacts, whose order is that of their codes.
 */
#include <string.h>

#include "audit.h"

extern const char veil_sql_audit_0001[];
static const char *const migrations[] = {veil_sql_audit_0001};
const VeilDbSchema veil_audit_schema = {"audit file", migrations, G_N_ELEMENTS(migrations), "exclusion", 0, FALSE};

static const VeilTableRows tables[] = {
	{"meta", "SELECT key, value FROM meta ORDER BY key"},
	{"rule", "SELECT bit, id, enabled, severity, window_months, max_authors, citation FROM rule ORDER BY bit"},
	{"label", "SELECT n, value FROM label ORDER BY n"},
	{"person", "SELECT n, code, reviewer, in_pool, active, max_load, province, rank, kind FROM person ORDER BY n"},
	{"org", "SELECT n, token FROM org ORDER BY n"},
	{"project", "SELECT n, code, demand FROM project ORDER BY n"},
	{"post", "SELECT n, person, org, kind, since, until FROM post ORDER BY n"},
	{"authorship", "SELECT n, work, person, since, until FROM authorship ORDER BY n"},
	{"relation", "SELECT n, kind, a, b, since, until FROM relation ORDER BY n"},
	{"ban", "SELECT n, person, since, until FROM ban ORDER BY n"},
	{"avoid", "SELECT n, person, org FROM avoid ORDER BY n"},
	{"project_person", "SELECT n, project, person, role, org FROM project_person ORDER BY n"},
	{"project_org", "SELECT n, project, org, role FROM project_org ORDER BY n"},
	{"project_exclude", "SELECT n, project, person FROM project_exclude ORDER BY n"},
	{"exclusion", "SELECT project, pairs FROM exclusion ORDER BY project"},
	{"flagged", "SELECT project, pairs FROM flagged ORDER BY project"},
	{"everywhere", "SELECT person, mask FROM everywhere ORDER BY person"},
};

VeilAudit *
veil_audit_new(void)
{
	VeilAudit *audit = g_new0(VeilAudit, 1);

	audit->meta_keys = g_ptr_array_new_with_free_func(g_free);
	audit->meta_values = g_ptr_array_new_with_free_func(g_free);
	audit->facts = veil_facts_new();
	return audit;
}

void
veil_audit_free(VeilAudit *audit)
{
	if (audit == NULL)
		return;
	g_ptr_array_unref(audit->meta_keys);
	g_ptr_array_unref(audit->meta_values);
	veil_facts_free(audit->facts);
	g_free(audit->persons);
	g_free(audit->projects);
	g_free(audit->orgs);
	veil_exclusions_free(audit->exclusions);
	veil_policy_free(audit->policy);
	g_free(audit);
}

void
veil_audit_set(VeilAudit *audit, const char *key, const char *value)
{
	g_ptr_array_add(audit->meta_keys, g_strdup(key));
	g_ptr_array_add(audit->meta_values, g_strdup(value));
}

const char *
veil_audit_get(const VeilAudit *audit, const char *key)
{
	for (guint i = 0; i < audit->meta_keys->len; i++)
		if (strcmp(g_ptr_array_index(audit->meta_keys, i), key) == 0)
			return g_ptr_array_index(audit->meta_values, i);
	return NULL;
}

/* --- one row a fact -------------------------------------------------------------------------------------------------- */

static void
bind_index(VeilStmt *insert, int parameter, guint32 index)
{
	if (index == VEIL_NONE)
		veil_stmt_bind_null(insert, parameter);
	else
		veil_stmt_bind_int(insert, parameter, index);
}

static void
bind_interval(VeilStmt *insert, int parameter, VeilInterval when)
{
	if (when.since == VEIL_DAY_MIN)
		veil_stmt_bind_null(insert, parameter);
	else
		veil_stmt_bind_int(insert, parameter, when.since);
	if (when.until == VEIL_DAY_MAX)
		veil_stmt_bind_null(insert, parameter + 1);
	else
		veil_stmt_bind_int(insert, parameter + 1, when.until);
}

static void
bind_rule(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	static const char *const severities[] = {"forbid", "forbid*", "flag"};
	const VeilRule *rule = &audit->policy->rules[i];

	veil_stmt_bind_text(insert, 2, veil_rule_name((VeilRuleId)i));
	veil_stmt_bind_int(insert, 3, rule->enabled);
	veil_stmt_bind_text(insert, 4, severities[rule->severity]);
	veil_stmt_bind_int(insert, 5, rule->window_months);
	veil_stmt_bind_int(insert, 6, rule->max_authors);
	veil_stmt_bind_text(insert, 7, rule->citation ? rule->citation : "");
}

static void
bind_label(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	veil_stmt_bind_text(insert, 2, g_ptr_array_index(audit->facts->labels, i));
}

static void
bind_person(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilPerson *row = veil_facts_at(audit->facts->persons, VeilPerson, i);

	veil_stmt_bind_text(insert, 2, audit->persons[i].code);
	veil_stmt_bind_text(insert, 3, *audit->persons[i].reviewer ? audit->persons[i].reviewer : NULL);
	veil_stmt_bind_int(insert, 4, row->in_pool);
	veil_stmt_bind_int(insert, 5, row->active);
	if (row->max_load < 0)
		veil_stmt_bind_null(insert, 6);
	else
		veil_stmt_bind_int(insert, 6, row->max_load);
	bind_index(insert, 7, row->province);
	bind_index(insert, 8, row->rank);
	bind_index(insert, 9, row->kind);
}

static void
bind_org(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	veil_stmt_bind_text(insert, 2, audit->orgs[i]);
}

static void
bind_project(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	veil_stmt_bind_text(insert, 2, audit->projects[i]);
	veil_stmt_bind_int(insert, 3, veil_facts_at(audit->facts->projects, VeilProject, i)->demand);
}

static void
bind_post(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilPost *row = veil_facts_at(audit->facts->posts, VeilPost, i);

	veil_stmt_bind_int(insert, 2, row->person);
	veil_stmt_bind_int(insert, 3, row->org);
	veil_stmt_bind_int(insert, 4, row->kind);
	bind_interval(insert, 5, row->when);
}

static void
bind_authorship(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilAuthorship *row = veil_facts_at(audit->facts->authorships, VeilAuthorship, i);

	veil_stmt_bind_int(insert, 2, row->work);
	veil_stmt_bind_int(insert, 3, row->person);
	bind_interval(insert, 4, row->when);
}

static void
bind_relation(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilRelation *row = veil_facts_at(audit->facts->relations, VeilRelation, i);

	veil_stmt_bind_int(insert, 2, row->kind);
	veil_stmt_bind_int(insert, 3, row->a);
	veil_stmt_bind_int(insert, 4, row->b);
	bind_interval(insert, 5, row->when);
}

static void
bind_ban(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilBan *row = veil_facts_at(audit->facts->bans, VeilBan, i);

	veil_stmt_bind_int(insert, 2, row->person);
	bind_interval(insert, 3, row->when);
}

static void
bind_avoid(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilAvoid *row = veil_facts_at(audit->facts->avoids, VeilAvoid, i);

	veil_stmt_bind_int(insert, 2, row->person);
	veil_stmt_bind_int(insert, 3, row->org);
}

static void
bind_project_person(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilProjectPerson *row = veil_facts_at(audit->facts->project_people, VeilProjectPerson, i);

	veil_stmt_bind_int(insert, 2, row->project);
	veil_stmt_bind_int(insert, 3, row->person);
	veil_stmt_bind_int(insert, 4, row->role);
	bind_index(insert, 5, row->org);
}

static void
bind_project_org(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilProjectOrg *row = veil_facts_at(audit->facts->project_orgs, VeilProjectOrg, i);

	veil_stmt_bind_int(insert, 2, row->project);
	veil_stmt_bind_int(insert, 3, row->org);
	veil_stmt_bind_int(insert, 4, row->role);
}

static void
bind_project_exclude(VeilStmt *insert, const VeilAudit *audit, guint i)
{
	const VeilProjectExclude *row = veil_facts_at(audit->facts->project_excludes, VeilProjectExclude, i);

	veil_stmt_bind_int(insert, 2, row->project);
	veil_stmt_bind_int(insert, 3, row->person);
}

/* A row is its number (parameter 1) and what bind fills in. */
static gboolean
write_rows(VeilDb *db, const VeilAudit *audit, const char *sql, guint n,
	   void (*bind)(VeilStmt *, const VeilAudit *, guint), GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, sql, error);

	if (insert == NULL)
		return FALSE;
	for (guint i = 0; i < n; i++) {
		veil_stmt_bind_int(insert, 1, i);
		bind(insert, audit, i);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_facts(VeilDb *db, const VeilAudit *a, GError **error)
{
	const VeilFacts *f = a->facts;

	return write_rows(db, a, "INSERT INTO rule VALUES (?1,?2,?3,?4,?5,?6,?7)", VEIL_N_RULES, bind_rule, error) &&
	       write_rows(db, a, "INSERT INTO label VALUES (?1,?2)", f->labels->len, bind_label, error) &&
	       write_rows(db, a, "INSERT INTO person VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)", f->persons->len, bind_person, error) &&
	       write_rows(db, a, "INSERT INTO org VALUES (?1,?2)", f->orgs->len, bind_org, error) &&
	       write_rows(db, a, "INSERT INTO project VALUES (?1,?2,?3)", f->projects->len, bind_project, error) &&
	       write_rows(db, a, "INSERT INTO post VALUES (?1,?2,?3,?4,?5,?6)", f->posts->len, bind_post, error) &&
	       write_rows(db, a, "INSERT INTO authorship VALUES (?1,?2,?3,?4,?5)", f->authorships->len, bind_authorship, error) &&
	       write_rows(db, a, "INSERT INTO relation VALUES (?1,?2,?3,?4,?5,?6)", f->relations->len, bind_relation, error) &&
	       write_rows(db, a, "INSERT INTO ban VALUES (?1,?2,?3,?4)", f->bans->len, bind_ban, error) &&
	       write_rows(db, a, "INSERT INTO avoid VALUES (?1,?2,?3)", f->avoids->len, bind_avoid, error) &&
	       write_rows(db, a, "INSERT INTO project_person VALUES (?1,?2,?3,?4,?5)", f->project_people->len,
			  bind_project_person, error) &&
	       write_rows(db, a, "INSERT INTO project_org VALUES (?1,?2,?3,?4)", f->project_orgs->len, bind_project_org, error) &&
	       write_rows(db, a, "INSERT INTO project_exclude VALUES (?1,?2,?3)", f->project_excludes->len,
			  bind_project_exclude, error);
}

/* --- meta and exclusions --------------------------------------------------------------------------------------------- */

static gboolean
write_meta(VeilDb *db, const VeilAudit *audit, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO meta VALUES (?1, ?2)", error);

	if (insert == NULL)
		return FALSE;
	for (guint i = 0; i < audit->meta_keys->len; i++) {
		veil_stmt_bind_text(insert, 1, g_ptr_array_index(audit->meta_keys, i));
		veil_stmt_bind_text(insert, 2, g_ptr_array_index(audit->meta_values, i));
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_pairs(VeilDb *db, const char *sql, const guint64 *offset, const VeilExclusion *pairs, guint32 n_projects, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, sql, error);
	g_autoptr(GByteArray) blob = g_byte_array_new();

	if (insert == NULL)
		return FALSE;
	for (guint32 p = 0; p < n_projects; p++) {
		guint64 n = offset[p + 1] - offset[p];

		if (n == 0)
			continue;
		g_byte_array_set_size(blob, (guint)(8 * n));
		for (guint64 k = 0; k < n; k++) {
			veil_put_u32(blob->data + 8 * k, pairs[offset[p] + k].person);
			veil_put_u32(blob->data + 8 * k + 4, pairs[offset[p] + k].mask);
		}
		veil_stmt_bind_int(insert, 1, p);
		veil_stmt_bind_blob(insert, 2, blob->data, 8 * n);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_exclusions(VeilDb *db, const VeilExclusions *e, GError **error)
{
	g_autoptr(VeilStmt) insert = veil_stmt_new(db, "INSERT INTO everywhere VALUES (?1, ?2)", error);

	if (insert == NULL)
		return FALSE;
	for (guint32 i = 0; i < e->n_everywhere; i++) {
		veil_stmt_bind_int(insert, 1, e->everywhere[i].person);
		veil_stmt_bind_int(insert, 2, e->everywhere[i].mask);
		if (!veil_stmt_run(insert, error))
			return FALSE;
	}
	return write_pairs(db, "INSERT INTO exclusion VALUES (?1, ?2)", e->offset, e->pairs, e->n_projects, error) &&
	       write_pairs(db, "INSERT INTO flagged VALUES (?1, ?2)", e->flag_offset, e->flags, e->n_projects, error);
}

GBytes *
veil_audit_format(const VeilAudit *audit, guint8 out_root[32], GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open_bytes(NULL, &veil_audit_schema, error);

	if (db == NULL || !veil_db_begin(db, error) || !write_meta(db, audit, error) || !write_facts(db, audit, error) ||
	    !write_exclusions(db, audit->exclusions, error) || !veil_db_commit(db, error) ||
	    !veil_db_root(db, tables, G_N_ELEMENTS(tables), 0, out_root, error))
		return NULL;
	return veil_db_bytes(db, error);
}

gboolean
veil_audit_root(GBytes *file, guint8 out_root[32], GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open_bytes(file, &veil_audit_schema, error);

	return db != NULL && veil_db_begin(db, error) && veil_db_root(db, tables, G_N_ELEMENTS(tables), 0, out_root, error);
}
