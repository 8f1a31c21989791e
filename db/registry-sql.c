/* registry-sql.c - every statement of the registry: static text, parameters only. A test prepares them all. */
#include "registry-private.h"

const char *const veil_registry_sql[VEIL_N_SQL] = {
	[VEIL_SQL_NEXT_KEY] =
		"SELECT coalesce(max(key), 0) + 1 FROM seal_key",
	[VEIL_SQL_PUT_KEY] =
		"INSERT INTO seal_key(key, sealed) VALUES (?1, ?2)",
	[VEIL_SQL_GET_KEY] =
		"SELECT sealed FROM seal_key WHERE key = ?1",
	[VEIL_SQL_EACH_KEY] =
		"SELECT key, sealed FROM seal_key ORDER BY key",
	[VEIL_SQL_SET_KEY] =
		"UPDATE seal_key SET sealed = ?2 WHERE key = ?1",
	[VEIL_SQL_EACH_CUSTODIAN] =
		"SELECT handle, public FROM custodian ORDER BY handle",
	[VEIL_SQL_PUT_CUSTODIAN] =
		"INSERT OR REPLACE INTO custodian(handle, public) VALUES (?1, ?2)",
	[VEIL_SQL_DROP_CUSTODIAN] =
		"DELETE FROM custodian WHERE handle = ?1",
	[VEIL_SQL_GET_THRESHOLD] =
		"SELECT value FROM custody WHERE key = 'threshold'",
	[VEIL_SQL_SET_THRESHOLD] =
		"INSERT OR REPLACE INTO custody(key, value) VALUES ('threshold', ?1)",
	[VEIL_SQL_PUT_ESCROW] =
		"INSERT OR REPLACE INTO escrow(id, batch, sealed, pad) VALUES (?1, ?2, ?3, ?4)",
	[VEIL_SQL_GET_ESCROW] =
		"SELECT id, batch, sealed, pad FROM escrow WHERE id = ?1",
	[VEIL_SQL_DROP_ESCROW] =
		"DELETE FROM escrow WHERE id = ?1",
	[VEIL_SQL_EACH_ESCROW] =
		"SELECT id, batch, sealed, pad FROM escrow ORDER BY id",
	[VEIL_SQL_PUT_WAIVER] =
		"INSERT INTO waiver(request, batch, project, entry, rule, salt) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[VEIL_SQL_EACH_WAIVER] =
		"SELECT request, batch, project, entry, rule, salt FROM waiver WHERE batch = ?1 ORDER BY request",
	[VEIL_SQL_PUT_STAFF] =
		"INSERT OR REPLACE INTO staff(handle, entry) VALUES (?1, ?2)",
	[VEIL_SQL_EACH_STAFF] =
		"SELECT handle, entry FROM staff ORDER BY handle",
	[VEIL_SQL_EACH_BATCH] =
		"SELECT name FROM batch ORDER BY name",
	[VEIL_SQL_SET_WRAPPED] =
		"UPDATE batch SET wrapped_key = ?3 WHERE name = ?1 AND freeze_id = ?2 AND state IN ('freezing', 'frozen')",
	[VEIL_SQL_SET_CLOSED] =
		"UPDATE batch SET state = 'closed', wrapped_key = NULL WHERE name = ?1 AND freeze_id = ?2 AND state = 'frozen'",
	[VEIL_SQL_GET_DELIVERY] =
		"SELECT columns FROM delivery WHERE source = ?1 AND kind = ?2",
	[VEIL_SQL_PUT_DELIVERY] =
		"INSERT OR REPLACE INTO delivery(source, kind, columns) VALUES (?1, ?2, ?3)",
	[VEIL_SQL_PUT_CELL] =
		"INSERT OR REPLACE INTO cell(owner, field, key, digest, sealed, typed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[VEIL_SQL_DROP_CELL] =
		"DELETE FROM cell WHERE owner = ?1 AND field = ?2",
	[VEIL_SQL_EACH_CELL] =
		"SELECT field, key, digest, sealed, typed FROM cell WHERE owner = ?1 ORDER BY field",
	[VEIL_SQL_EACH_CELL_OF] =
		"SELECT field, key, digest, sealed, typed, owner FROM cell WHERE field = ?1 ORDER BY owner",
	[VEIL_SQL_PUT_TERMS] =
		"INSERT OR REPLACE INTO terms(owner, field, vector) VALUES (?1, ?2, ?3)",
	[VEIL_SQL_DROP_TERMS] =
		"DELETE FROM terms WHERE owner = ?1 AND field = ?2",
	[VEIL_SQL_EACH_TERMS] =
		"SELECT owner, field, vector FROM terms ORDER BY owner, field",
	[VEIL_SQL_PUT_ENTRY] =
		"INSERT INTO entry(id, person, source, token, key, sealed_id, in_pool, status, max_load, confirmed_on, "
		"province, rank, kind, employer, city) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) "
		/* not OR REPLACE: deleting a row would look for its children in tables that have no index for that */
		"ON CONFLICT(id) DO UPDATE SET person = excluded.person, in_pool = excluded.in_pool, status = excluded.status, "
		"max_load = excluded.max_load, confirmed_on = excluded.confirmed_on, province = excluded.province, "
		"rank = excluded.rank, kind = excluded.kind, employer = excluded.employer, key = excluded.key, "
		"sealed_id = excluded.sealed_id, token = excluded.token, city = excluded.city",
	[VEIL_SQL_EACH_ENTRY] =
		"SELECT id, person, source, token, key, sealed_id, in_pool, status, max_load, confirmed_on, province, "
		"rank, kind, employer, city FROM entry ORDER BY id",
	[VEIL_SQL_PUT_ENTRY_TOKEN] =
		"INSERT OR IGNORE INTO entry_token(entry, kind, token) VALUES (?1, ?2, ?3)",
	[VEIL_SQL_DROP_ENTRY_TOKENS] =
		"DELETE FROM entry_token WHERE entry = ?1 AND kind = ?2",
	[VEIL_SQL_EACH_ENTRY_TOKEN] =
		"SELECT entry, kind, token FROM entry_token ORDER BY entry, kind, token",
	[VEIL_SQL_PUT_ORG] =
		"INSERT INTO org(id, listed, same_as, parent, province, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON "
		"CONFLICT(id) DO UPDATE SET listed = excluded.listed, same_as = excluded.same_as, parent = "
		"excluded.parent, province = excluded.province, kind = excluded.kind",
	[VEIL_SQL_EACH_ORG] =
		"SELECT id, listed, same_as, parent, province, kind FROM org ORDER BY id",
	[VEIL_SQL_PUT_ORG_TOKEN] =
		"INSERT OR REPLACE INTO org_token(kind, token, org) VALUES (?1, ?2, ?3)",
	[VEIL_SQL_EACH_ORG_TOKEN] =
		"SELECT kind, token, org FROM org_token ORDER BY kind, token",
	[VEIL_SQL_PUT_POST] =
		"INSERT OR REPLACE INTO post(entry, org, kind, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
	[VEIL_SQL_EACH_POST] =
		"SELECT entry, org, kind, since, until FROM post ORDER BY entry, org, kind, since",
	[VEIL_SQL_DROP_AVOIDS] =
		"DELETE FROM avoid WHERE entry = ?1",
	[VEIL_SQL_PUT_AVOID] =
		"INSERT OR IGNORE INTO avoid(entry, org) VALUES (?1, ?2)",
	[VEIL_SQL_EACH_AVOID] =
		"SELECT entry, org FROM avoid ORDER BY entry, org",
	[VEIL_SQL_PUT_WORK] =
		"INSERT OR REPLACE INTO work(id, source, token, key, sealed_id) VALUES (?1, ?2, ?3, ?4, ?5)",
	[VEIL_SQL_EACH_WORK] =
		"SELECT id, source, token, key, sealed_id FROM work ORDER BY id",
	[VEIL_SQL_PUT_AUTHORSHIP] =
		"INSERT OR REPLACE INTO authorship(work, entry, kind, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
	[VEIL_SQL_EACH_AUTHORSHIP] =
		"SELECT work, entry, kind, since, until FROM authorship ORDER BY work, entry",
	[VEIL_SQL_PUT_RELATION] =
		"INSERT OR REPLACE INTO relation(id, kind, a, b, since, until, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[VEIL_SQL_EACH_RELATION] =
		"SELECT id, kind, a, b, since, until, evidence FROM relation ORDER BY id",
	[VEIL_SQL_PUT_BAN] =
		"INSERT OR REPLACE INTO ban(id, entry, since, until) VALUES (?1, ?2, ?3, ?4)",
	[VEIL_SQL_EACH_BAN] =
		"SELECT id, entry, since, until FROM ban ORDER BY id",
	[VEIL_SQL_PUT_DISCIPLINE] =
		"INSERT OR REPLACE INTO discipline(scheme, code, parent, id) VALUES (?1, ?2, ?3, ?4)",
	[VEIL_SQL_EACH_DISCIPLINE] =
		"SELECT scheme, code, parent, id FROM discipline ORDER BY scheme, code",
	[VEIL_SQL_DROP_DISCIPLINES] =
		"DELETE FROM owner_discipline WHERE owner = ?1",
	[VEIL_SQL_PUT_OWNER_DISCIPLINE] =
		"INSERT OR REPLACE INTO owner_discipline(owner, scheme, code, weight) VALUES (?1, ?2, ?3, ?4)",
	[VEIL_SQL_EACH_OWNER_DISCIPLINE] =
		"SELECT owner, scheme, code, weight FROM owner_discipline ORDER BY owner, scheme, code",
	[VEIL_SQL_ADD_BATCH] =
		"INSERT INTO batch(name, state, policy, freezes) VALUES (?1, 'draft', ?2, 0)",
	[VEIL_SQL_GET_BATCH] =
		"SELECT name, state, policy, freezes, freeze_id, as_of, wrapped_key FROM batch WHERE name = ?1",
	[VEIL_SQL_SET_FREEZING] =
		"UPDATE batch SET state = 'freezing', freezes = freezes + 1, freeze_id = ?2, as_of = ?3, wrapped_key "
		"= ?4 WHERE name = ?1 AND state IN ('draft', 'frozen')",
	[VEIL_SQL_SET_FROZEN] =
		"UPDATE batch SET state = 'frozen' WHERE name = ?1 AND state = 'freezing' AND freeze_id = ?2",
	[VEIL_SQL_PUT_PROJECT] =
		"INSERT INTO project(id, batch, source, token, key, sealed_id, province, class, team) VALUES (?1, ?2, ?3, ?4, ?5, "
		"?6, ?7, ?8, ?9)",
	[VEIL_SQL_EACH_PROJECT] =
		"SELECT id, batch, source, token, key, sealed_id, province, class, team FROM project WHERE batch = ?1 ORDER BY id",
	[VEIL_SQL_PUT_PROJECT_ORG] =
		"INSERT OR REPLACE INTO project_org(project, org, role) VALUES (?1, ?2, ?3)",
	[VEIL_SQL_EACH_PROJECT_ORG] =
		"SELECT project, org, role FROM project_org ORDER BY project, org, role",
	[VEIL_SQL_PUT_PROJECT_PERSON] =
		"INSERT OR REPLACE INTO project_person(project, entry, role, org, by_name) VALUES (?1, ?2, ?3, ?4, "
		"?5)",
	[VEIL_SQL_EACH_PROJECT_PERSON] =
		"SELECT project, entry, role, org, by_name FROM project_person ORDER BY project, entry",
	[VEIL_SQL_EACH_APPLICANT] =
		"SELECT entry FROM project_person WHERE project = ?1 AND role = 0 ORDER BY entry",
	[VEIL_SQL_PUT_PROJECT_EXCLUDE] =
		"INSERT OR REPLACE INTO project_exclude(project, entry, org, by_name) VALUES (?1, ?2, ?3, ?4)",
	[VEIL_SQL_EACH_PROJECT_EXCLUDE] =
		"SELECT project, entry, org, by_name FROM project_exclude ORDER BY project, entry",
};
