/* audit-read.c - the auditor's file back into facts, so that the rules can be asked again for one pair.
 *
 * Every index is checked by veil_facts_finish, every enumeration here: the file may come from anybody.
 */
#include <string.h>

#include "audit.h"

typedef struct {
	VeilDb *db;
	VeilAudit *audit;

} Reader;

static gboolean
damaged(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "audit file is damaged: a value is out of range; `veil-verify batch` says more");
	return FALSE;
}

static guint32
index_at(VeilStmt *rows, int column)
{
	gint64 value = veil_stmt_is_null(rows, column) ? (gint64)VEIL_NONE : veil_stmt_int(rows, column);

	return value < 0 || value > (gint64)VEIL_NONE ? VEIL_NONE : (guint32)value;
}

static VeilInterval
interval_at(VeilStmt *rows, int column)
{
	VeilInterval when = {VEIL_DAY_MIN, VEIL_DAY_MAX};

	if (!veil_stmt_is_null(rows, column))
		when.since = (VeilDay)CLAMP(veil_stmt_int(rows, column), VEIL_DAY_MIN, VEIL_DAY_MAX);
	if (!veil_stmt_is_null(rows, column + 1))
		when.until = (VeilDay)CLAMP(veil_stmt_int(rows, column + 1), VEIL_DAY_MIN, VEIL_DAY_MAX);
	return when;
}

static gboolean
take_meta(Reader *reader, VeilStmt *rows)
{
	veil_audit_set(reader->audit, veil_stmt_text(rows, 0), veil_stmt_text(rows, 1));
	return TRUE;
}

static gboolean
take_label(Reader *reader, VeilStmt *rows)
{
	g_ptr_array_add(reader->audit->facts->labels, g_strdup(veil_stmt_text(rows, 1)));
	return TRUE;
}

static gboolean
take_person(Reader *reader, VeilStmt *rows)
{
	VeilAudit *audit = reader->audit;
	const char *reviewer = veil_stmt_text(rows, 2);
	VeilAuditPerson codes = {"", ""};
	VeilPerson row = {
		.in_pool = veil_stmt_int(rows, 3) != 0,
		.active = veil_stmt_int(rows, 4) != 0,
		.max_load = veil_stmt_is_null(rows, 5) ? -1 : (gint32)veil_stmt_int(rows, 5),
		.city = VEIL_NONE,
		.province = index_at(rows, 6),
		.rank = index_at(rows, 7),
		.kind = index_at(rows, 8),
	};
	guint n = audit->facts->persons->len;

	if ((n & (n - 1)) == 0)
		audit->persons = g_renew(VeilAuditPerson, audit->persons, n ? 2 * n : 1);
	if (g_strlcpy(codes.code, veil_stmt_text(rows, 1), sizeof codes.code) >= sizeof codes.code ||
	    (reviewer && g_strlcpy(codes.reviewer, reviewer, sizeof codes.reviewer) >= sizeof codes.reviewer))
		return FALSE;
	audit->persons[n] = codes;
	g_array_append_val(audit->facts->persons, row);
	return TRUE;
}

static gboolean
take_org(Reader *reader, VeilStmt *rows)
{
	VeilAudit *audit = reader->audit;
	guint n = audit->facts->orgs->len;
	VeilOrg row = {.parent = VEIL_NONE};

	if ((n & (n - 1)) == 0)
		audit->orgs = g_realloc_n(audit->orgs, n ? 2 * n : 1, sizeof *audit->orgs);
	g_array_append_val(audit->facts->orgs, row);
	return g_strlcpy(audit->orgs[n], veil_stmt_text(rows, 1), sizeof *audit->orgs) < sizeof *audit->orgs;
}

static gboolean
take_project(Reader *reader, VeilStmt *rows)
{
	VeilAudit *audit = reader->audit;
	guint n = audit->facts->projects->len;
	VeilProject row = {.province = VEIL_NONE, .project_class = VEIL_NONE, .demand = (gint32)veil_stmt_int(rows, 2)};

	if ((n & (n - 1)) == 0)
		audit->projects = g_realloc_n(audit->projects, n ? 2 * n : 1, sizeof *audit->projects);
	g_array_append_val(audit->facts->projects, row);
	return g_strlcpy(audit->projects[n], veil_stmt_text(rows, 1), sizeof *audit->projects) < sizeof *audit->projects;
}

static gboolean
take_post(Reader *reader, VeilStmt *rows)
{
	gint64 kind = veil_stmt_int(rows, 3);
	VeilPost row = {index_at(rows, 1), index_at(rows, 2), (VeilPostKind)kind, interval_at(rows, 4)};

	g_array_append_val(reader->audit->facts->posts, row);
	return kind >= 0 && kind < VEIL_N_POSTS;
}

static gboolean
take_authorship(Reader *reader, VeilStmt *rows)
{
	VeilAuthorship row = {index_at(rows, 1), index_at(rows, 2), interval_at(rows, 3)};
	VeilFacts *facts = reader->audit->facts;

	g_array_append_val(facts->authorships, row);
	if (row.work != VEIL_NONE && row.work >= facts->n_works)
		facts->n_works = row.work + 1;
	return row.work <= facts->authorships->len;
}

static gboolean
take_relation(Reader *reader, VeilStmt *rows)
{
	gint64 kind = veil_stmt_int(rows, 1);
	VeilRelation row = {(VeilRelationKind)kind, index_at(rows, 2), index_at(rows, 3), interval_at(rows, 4)};

	g_array_append_val(reader->audit->facts->relations, row);
	return kind >= 0 && kind < VEIL_N_RELATIONS;
}

static gboolean
take_ban(Reader *reader, VeilStmt *rows)
{
	VeilBan row = {index_at(rows, 1), interval_at(rows, 2)};

	g_array_append_val(reader->audit->facts->bans, row);
	return TRUE;
}

static gboolean
take_avoid(Reader *reader, VeilStmt *rows)
{
	VeilAvoid row = {index_at(rows, 1), index_at(rows, 2)};

	g_array_append_val(reader->audit->facts->avoids, row);
	return TRUE;
}

static gboolean
take_project_person(Reader *reader, VeilStmt *rows)
{
	VeilProjectPerson row = {index_at(rows, 1), index_at(rows, 2),
				 veil_stmt_int(rows, 3) ? VEIL_PERSON_PARTICIPANT : VEIL_PERSON_APPLICANT, index_at(rows, 4)};

	g_array_append_val(reader->audit->facts->project_people, row);
	return TRUE;
}

static gboolean
take_project_org(Reader *reader, VeilStmt *rows)
{
	VeilProjectOrg row = {index_at(rows, 1), index_at(rows, 2), veil_stmt_int(rows, 3) ? VEIL_ORG_PARTNER : VEIL_ORG_UNIT};

	g_array_append_val(reader->audit->facts->project_orgs, row);
	return TRUE;
}

static gboolean
take_project_exclude(Reader *reader, VeilStmt *rows)
{
	VeilProjectExclude row = {index_at(rows, 1), index_at(rows, 2)};

	g_array_append_val(reader->audit->facts->project_excludes, row);
	return TRUE;
}

static const struct {
	const char *sql;
	gboolean (*take)(Reader *, VeilStmt *);
	gboolean numbered; /* column 0 counts 0, 1, 2, ... */
} readers[] = {
	{"SELECT key, value FROM meta ORDER BY key", take_meta, FALSE},
	{"SELECT n, value FROM label ORDER BY n", take_label, TRUE},
	{"SELECT n, code, reviewer, in_pool, active, max_load, province, rank, kind FROM person ORDER BY n", take_person, TRUE},
	{"SELECT n, token FROM org ORDER BY n", take_org, TRUE},
	{"SELECT n, code, demand FROM project ORDER BY n", take_project, TRUE},
	{"SELECT n, person, org, kind, since, until FROM post ORDER BY n", take_post, TRUE},
	{"SELECT n, work, person, since, until FROM authorship ORDER BY n", take_authorship, TRUE},
	{"SELECT n, kind, a, b, since, until FROM relation ORDER BY n", take_relation, TRUE},
	{"SELECT n, person, since, until FROM ban ORDER BY n", take_ban, TRUE},
	{"SELECT n, person, org FROM avoid ORDER BY n", take_avoid, TRUE},
	{"SELECT n, project, person, role, org FROM project_person ORDER BY n", take_project_person, TRUE},
	{"SELECT n, project, org, role FROM project_org ORDER BY n", take_project_org, TRUE},
	{"SELECT n, project, person FROM project_exclude ORDER BY n", take_project_exclude, TRUE},
};

static gboolean
read_table(Reader *reader, gsize which, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(reader->db, readers[which].sql, error);
	gint64 n = 0;
	int step;

	if (rows == NULL)
		return FALSE;
	for (; (step = veil_stmt_step(rows, error)) == 1; n++)
		if ((readers[which].numbered && veil_stmt_int(rows, 0) != n) || !readers[which].take(reader, rows))
			return damaged(error);
	return step == 0;
}

/* --- exclusions ------------------------------------------------------------------------------------------------------ */

static gboolean
read_pairs(Reader *reader, const char *sql, guint64 **out_offset, VeilExclusion **out_pairs, GError **error)
{
	guint32 n_projects = reader->audit->facts->projects->len, done = 0;
	g_autoptr(VeilStmt) rows = veil_stmt_new(reader->db, sql, error);
	g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
	guint64 *offset;
	int step;

	if (rows == NULL)
		return FALSE;
	offset = *out_offset = g_new0(guint64, n_projects + 1);
	while ((step = veil_stmt_step(rows, error)) == 1) {
		gint64 project = veil_stmt_int(rows, 0);
		gsize len;
		const guint8 *blob = veil_stmt_blob(rows, 1, &len);

		if (project < done || project >= n_projects || len % 8 != 0)
			return damaged(error);
		for (; done < project; done++)
			offset[done + 1] = pairs->len;
		for (gsize i = 0; i < len; i += 8) {
			VeilExclusion pair = {veil_get_u32(blob + i), veil_get_u32(blob + i + 4)};

			if (pair.person >= reader->audit->facts->persons->len)
				return damaged(error);
			g_array_append_val(pairs, pair);
		}
		offset[++done] = pairs->len;
	}
	for (; done < n_projects; done++)
		offset[done + 1] = pairs->len;
	*out_pairs = (VeilExclusion *)(gpointer)g_array_free(g_steal_pointer(&pairs), FALSE);
	return step == 0;
}

static gboolean
read_everywhere(Reader *reader, VeilExclusions *out, GError **error)
{
	g_autoptr(VeilStmt) rows = veil_stmt_new(reader->db, "SELECT person, mask FROM everywhere ORDER BY person", error);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
	int step;

	if (rows == NULL)
		return FALSE;
	while ((step = veil_stmt_step(rows, error)) == 1) {
		VeilExclusion row = {index_at(rows, 0), (guint32)veil_stmt_int(rows, 1)};

		if (row.person >= reader->audit->facts->persons->len)
			return damaged(error);
		g_array_append_val(found, row);
	}
	out->n_everywhere = found->len;
	out->everywhere = (VeilExclusion *)(gpointer)g_array_free(g_steal_pointer(&found), FALSE);
	return step == 0;
}

static gboolean
read_exclusions(Reader *reader, GError **error)
{
	VeilExclusions *out = g_new0(VeilExclusions, 1);

	reader->audit->exclusions = out;
	out->n_projects = reader->audit->facts->projects->len;
	return read_pairs(reader, "SELECT project, pairs FROM exclusion ORDER BY project", &out->offset, &out->pairs, error) &&
	       read_pairs(reader, "SELECT project, pairs FROM flagged ORDER BY project", &out->flag_offset, &out->flags, error) &&
	       read_everywhere(reader, out, error);
}

VeilAudit *
veil_audit_parse(GBytes *file, GError **error)
{
	g_autoptr(VeilDb) db = veil_db_open_bytes(file, &veil_audit_schema, error);
	g_autoptr(VeilAudit) audit = veil_audit_new();
	Reader reader = {db, audit};
	const char *policy;

	if (db == NULL || !veil_db_begin(db, error))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++)
		if (!read_table(&reader, i, error))
			return NULL;
	if (g_strcmp0(veil_audit_get(audit, "format"), VEIL_AUDIT_FORMAT) != 0 ||
	    (policy = veil_audit_get(audit, "policy")) == NULL) {
		damaged(error);
		return NULL;
	}
	audit->policy = veil_policy_parse(policy, strlen(policy), "audit file", error);
	if (audit->policy == NULL || !veil_facts_finish(audit->facts, error) || !read_exclusions(&reader, error))
		return NULL;
	return g_steal_pointer(&audit);
}
