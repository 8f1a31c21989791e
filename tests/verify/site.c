/* site.c - the small site of the tests, and how to run the checker on it. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <glib/gstdio.h>
#include <openssl/evp.h>

#include "site.h"

static const char policy[] =
	"[batch]\ndemand=2\nreserves=0\nmax_load=1\nmin_load=0\nmethod=total\nodds=0.2\ncandidates=3\n"
	"[conflict.C01]\nenabled=true\nseverity=forbid\nwindow_months=-1\nmax_authors=0\ncitation=self\n"
	"[conflict.C02]\nenabled=true\nseverity=forbid\nwindow_months=-1\nmax_authors=0\ncitation=kin\n"
	"[conflict.C04]\nenabled=true\nseverity=forbid\nwindow_months=0\nmax_authors=0\ncitation=unit\n"
	"[conflict.C05]\nenabled=true\nseverity=forbid\nwindow_months=36\nmax_authors=0\ncitation=former\n"
	"[conflict.C06]\nenabled=true\nseverity=forbid\nwindow_months=36\nmax_authors=0\ncitation=director\n"
	"[conflict.C07]\nenabled=true\nseverity=forbid\nwindow_months=36\nmax_authors=0\ncitation=share\n"
	"[conflict.C09]\nenabled=true\nseverity=forbid\nwindow_months=36\nmax_authors=0\ncitation=adviser\n"
	"[conflict.C12]\nenabled=true\nseverity=forbid\nwindow_months=-1\nmax_authors=0\ncitation=teacher\n"
	"[conflict.C13]\nenabled=true\nseverity=forbid*\nwindow_months=36\nmax_authors=3\ncitation=work\n"
	"[conflict.C16]\nenabled=true\nseverity=forbid\nwindow_months=-1\nmax_authors=0\ncitation=nominator\n"
	"[conflict.C17]\nenabled=true\nseverity=flag\nwindow_months=36\nmax_authors=0\ncitation=dispute\n"
	"[conflict.C18]\nenabled=true\nseverity=forbid*\nwindow_months=-1\nmax_authors=0\ncitation=named\n"
	"[conflict.C19]\nenabled=true\nseverity=forbid\nwindow_months=-1\nmax_authors=0\ncitation=avoid\n"
	"[conflict.E04]\nenabled=true\nseverity=forbid\nwindow_months=0\nmax_authors=0\ncitation=ban\n"
	"[panel.employer]\nattribute=employer\nmax=1\n"
	"[affinity]\ntext=0.6\ndiscipline=0.4\nstep=0.001\n";

static const char batch_schema[] =
	"PRAGMA application_id = 0x5645494C; PRAGMA user_version = 1;"
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE reviewer(code TEXT PRIMARY KEY, min_load INTEGER, max_load INTEGER, employer TEXT, kind TEXT, province TEXT, rank TEXT) STRICT, WITHOUT ROWID;"
	"CREATE TABLE project(code TEXT PRIMARY KEY, demand INTEGER, cut INTEGER, candidates BLOB) STRICT, WITHOUT ROWID;"
	"CREATE TABLE draw(n INTEGER PRIMARY KEY, seed TEXT, seed_source TEXT, method TEXT, time TEXT, operator TEXT, objective INTEGER, bound INTEGER, prices BLOB) STRICT;"
	"CREATE TABLE assignment(project TEXT, reviewer TEXT, score INTEGER, role TEXT, PRIMARY KEY(project, reviewer)) STRICT, WITHOUT ROWID;";

static const char batch_rows[] =
	"INSERT INTO reviewer SELECT printf('R%02d', value), 0, 1, NULL, 'technical', iif(value < 6, 'east', 'west'), NULL FROM (WITH RECURSIVE g(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM g WHERE value < 11) SELECT value FROM g);"
	"UPDATE reviewer SET employer = 'e1' WHERE code IN ('R01', 'R05');"
	"INSERT INTO project VALUES ('P0', 2, 500000, entries('0=900000 1=800000 2=700000'));"
	"INSERT INTO project VALUES ('P1', 2, 500000, entries('0=950000 3=600000 4=550000'));"
	"INSERT INTO project VALUES ('P2', 2, NULL, entries('0=100000 5=400000 6=300000 7=200000 8=100000 11=0'));";

static const char draw_rows[] =
	"INSERT INTO draw VALUES (1, '%s', 'system', 'total', '2026-03-02T01:24Z', 'op7', 3750000, 3750000, prices('250000 0 0 0 0 0 0 0 0 0 0 0'));"
	"INSERT INTO assignment VALUES ('P0', 'R01', 800000, 'panel'), ('P0', 'R02', 700000, 'panel'), ('P1', 'R00', 950000, 'panel'),"
	" ('P1', 'R03', 600000, 'panel'), ('P2', 'R05', 400000, 'panel'), ('P2', 'R06', 300000, 'panel');";

static const char audit_schema[] =
	"PRAGMA application_id = 0x5645494C; PRAGMA user_version = 1;"
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
	"CREATE TABLE rule(bit INTEGER PRIMARY KEY, id TEXT, enabled INTEGER, severity TEXT, window_months INTEGER, max_authors INTEGER, citation TEXT) STRICT;"
	"CREATE TABLE label(n INTEGER PRIMARY KEY, value TEXT) STRICT;"
	"CREATE TABLE person(n INTEGER PRIMARY KEY, code TEXT, reviewer TEXT, in_pool INTEGER, active INTEGER, max_load INTEGER, province INTEGER, rank INTEGER, kind INTEGER) STRICT;"
	"CREATE TABLE org(n INTEGER PRIMARY KEY, token TEXT) STRICT;"
	"CREATE TABLE project(n INTEGER PRIMARY KEY, code TEXT, demand INTEGER) STRICT;"
	"CREATE TABLE post(n INTEGER PRIMARY KEY, person INTEGER, org INTEGER, kind INTEGER, since INTEGER, until INTEGER) STRICT;"
	"CREATE TABLE authorship(n INTEGER PRIMARY KEY, work INTEGER, person INTEGER, since INTEGER, until INTEGER) STRICT;"
	"CREATE TABLE relation(n INTEGER PRIMARY KEY, kind INTEGER, a INTEGER, b INTEGER, since INTEGER, until INTEGER) STRICT;"
	"CREATE TABLE ban(n INTEGER PRIMARY KEY, person INTEGER, since INTEGER, until INTEGER) STRICT;"
	"CREATE TABLE avoid(n INTEGER PRIMARY KEY, person INTEGER, org INTEGER) STRICT;"
	"CREATE TABLE project_person(n INTEGER PRIMARY KEY, project INTEGER, person INTEGER, role INTEGER, org INTEGER) STRICT;"
	"CREATE TABLE project_org(n INTEGER PRIMARY KEY, project INTEGER, org INTEGER, role INTEGER) STRICT;"
	"CREATE TABLE project_exclude(n INTEGER PRIMARY KEY, project INTEGER, person INTEGER) STRICT;"
	"CREATE TABLE exclusion(project INTEGER PRIMARY KEY, pairs BLOB) STRICT;"
	"CREATE TABLE flagged(project INTEGER PRIMARY KEY, pairs BLOB) STRICT;"
	"CREATE TABLE everywhere(person INTEGER PRIMARY KEY, mask INTEGER) STRICT;";

/* Persons: 0-11 eligible, 12 banned, 13 inactive, 14 15 16 applicants of P0 P1 P2, 17 18 strangers.
 * Organisations: 0 1 2 units of P0 P1 P2, 3 named in P0's row of people, 4 where the applicant of P1 works, 5 elsewhere. */
static const char audit_rows[] =
	"INSERT INTO label VALUES (0, 'technical'), (1, 'east'), (2, 'west');"
	"INSERT INTO person SELECT value, printf('A%02d', value), iif(value < 14, printf('R%02d', value), NULL), value < 14, value <> 13, NULL, iif(value < 6, 1, 2), NULL, 0"
	" FROM (WITH RECURSIVE g(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM g WHERE value < 18) SELECT value FROM g);"
	"INSERT INTO org VALUES (0, 't0'), (1, 't1'), (2, 't2'), (3, 't3'), (4, 't4'), (5, 't5');"
	"INSERT INTO project VALUES (0, 'P0', 2), (1, 'P1', 2), (2, 'P2', 2);"
	"INSERT INTO project_person VALUES (0, 0, 14, 0, 3), (1, 0, 11, 1, NULL), (2, 1, 15, 0, NULL), (3, 2, 16, 0, NULL);"
	"INSERT INTO project_org VALUES (0, 0, 0, 0), (1, 1, 1, 0), (2, 2, 2, 0);"
	"INSERT INTO post VALUES (0, 10, 3, 6, NULL, NULL), (1, 9, 1, 0, day('2020-01-01'), day('2023-03-01')), (2, 8, 1, 2, NULL, day('2024-12-31')),"
	" (3, 7, 1, 4, day('2025-01-01'), NULL), (4, 6, 1, 3, day('2023-01-01'), day('2023-12-31')), (5, 15, 4, 0, day('2010-01-01'), NULL),"
	" (6, 5, 4, 1, day('2026-03-01'), NULL), (7, 11, 0, 0, NULL, NULL), (8, 4, 4, 0, NULL, day('2023-02-28')), (9, 3, 0, 3, day('2026-03-02'), NULL),"
	" (10, 15, 5, 0, day('2010-01-01'), day('2026-02-28')), (11, 2, 5, 0, NULL, NULL);"
	"INSERT INTO authorship VALUES (0, 3, 11, day('2025-01-01'), day('2025-12-31')), (1, 3, 14, day('2025-01-01'), day('2025-12-31')),"
	" (2, 5, 2, NULL, day('2023-03-01')), (3, 5, 16, NULL, day('2020-12-31')), (4, 5, 17, NULL, day('2020-12-31')),"
	" (5, 6, 0, day('2025-01-01'), NULL), (6, 6, 16, day('2025-01-01'), NULL), (7, 6, 17, NULL, NULL), (8, 6, 18, NULL, NULL),"
	" (9, 9, 5, day('2022-01-01'), day('2022-12-31')), (10, 9, 16, day('2022-01-01'), day('2022-12-31'));"
	"INSERT INTO relation VALUES (0, 0, 16, 4, NULL, NULL), (1, 1, 3, 16, day('1990-01-01'), day('1994-12-31')), (2, 4, 1, 16, NULL, NULL),"
	" (3, 3, 0, 16, day('2024-01-01'), day('2024-06-30')), (4, 2, 16, 9, day('2025-05-01'), day('2025-05-31')), (5, 1, 16, 7, day('2026-03-02'), NULL),"
	" (6, 2, 11, 14, NULL, NULL);"
	"INSERT INTO ban VALUES (0, 12, day('2025-01-01'), NULL), (1, 3, day('2020-01-01'), day('2026-02-28')), (2, 17, NULL, NULL);"
	"INSERT INTO avoid VALUES (0, 9, 2), (1, 1, 5);"
	"INSERT INTO project_exclude VALUES (0, 2, 10);"
	"INSERT INTO exclusion VALUES (0, entries('10=4 11=5')), (1, entries('5=4 6=64 7=32 8=16 9=8')), (2, entries('1=512 2=256 3=128 4=2 9=4352 10=2048'));"
	"INSERT INTO flagged VALUES (2, entries('0=1024'));"
	"INSERT INTO everywhere VALUES (12, 8192);";

/* --- hashing and signing ------------------------------------------------------------------------------------------ */

char *
sha256_text(const char *bytes, gsize len)
{
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, len);
}

static void
hash3(guint8 mark, const void *a, gsize n_a, const void *b, gsize n_b, guint8 out[32])
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize len = 32;

	g_checksum_update(sum, &mark, 1);
	g_checksum_update(sum, a, (gssize)n_a);
	g_checksum_update(sum, b, (gssize)n_b);
	g_checksum_get_digest(sum, out, &len);
	g_checksum_free(sum);
}

/* RFC 6962 2.1, word for word: split at the largest power of two below n. */
static void
mth(GPtrArray *leaves, guint from, guint n, guint8 out[32])
{
	guint8 left[32], right[32];
	guint k = 1;

	if (n == 0) {
		gsize len = 32;
		GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

		g_checksum_get_digest(sum, out, &len);
		g_checksum_free(sum);
		return;
	}
	if (n == 1) {
		const GString *leaf = leaves->pdata[from];

		hash3(0, leaf->str, leaf->len, "", 0, out);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	mth(leaves, from, k, left);
	mth(leaves, from + k, n - k, right);
	hash3(1, left, 32, right, 32, out);
}

static void
free_leaf(gpointer leaf)
{
	g_string_free(leaf, TRUE);
}

static void
public_key(const guint8 seed[32], guint8 out[32])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	size_t len = 32;

	g_assert(EVP_PKEY_get_raw_public_key(pkey, out, &len) == 1);
	EVP_PKEY_free(pkey);
}

static void
key_bytes(const char *name, const guint8 seed[32], guint8 out_id[4], guint8 out_typed[33])
{
	g_autoptr(GString) text = g_string_new(name);
	guint8 hash[32];

	out_typed[0] = 1;
	public_key(seed, out_typed + 1);
	g_string_append_c(text, '\n');
	hash3((guint8)text->str[0], text->str + 1, text->len - 1, out_typed, 33, hash);
	memcpy(out_id, hash, 4);
}

char *
site_vkey(const char *name, const guint8 seed[32])
{
	guint8 id[4], typed[33];
	g_autofree char *base64 = NULL;

	key_bytes(name, seed, id, typed);
	base64 = g_base64_encode(typed, 33);
	return g_strdup_printf("%s+%02x%02x%02x%02x+%s\n", name, id[0], id[1], id[2], id[3], base64);
}

char *
site_note(Site *site, guint size, const guint8 seed[32], const char *name)
{
	g_autoptr(GPtrArray) leaves = g_ptr_array_new_with_free_func(free_leaf);
	guint8 root[32], id[4], typed[33], signature[68];
	g_autofree char *root64 = NULL, *text = NULL, *signature64 = NULL;
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = 64;

	for (guint i = 0; i < size; i++)
		g_ptr_array_add(leaves, g_string_new(i < site->records->len ? site->records->pdata[i] : "later"));
	mth(leaves, 0, size, root);
	root64 = g_base64_encode(root, 32);
	text = g_strdup_printf("%s\n%u\n%s\n", name, size, root64);
	key_bytes(name, seed, id, typed);
	memcpy(signature, id, 4);
	g_assert(EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1);
	g_assert(EVP_DigestSign(context, signature + 4, &len, (const guint8 *)text, strlen(text)) == 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	signature64 = g_base64_encode(signature, 68);
	return g_strdup_printf("%s\n\342\200\224 %s %s\n", text, name, signature64);
}

void
write_file(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	g_assert(g_file_set_contents(path, text, -1, NULL));
}

void
site_checkpoint(Site *site, const char *path, guint size, const guint8 seed[32], const char *name)
{
	g_autofree char *note = site_note(site, size, seed, name);
	g_autofree char *folder = g_build_filename(site->dir, "ledger", NULL);

	write_file(folder, path, note);
}

/* --- SQL ---------------------------------------------------------------------------------------------------------- */

static void
put(GByteArray *out, guint64 value, guint n)
{
	for (guint i = 0; i < n; i++) {
		guint8 byte = (guint8)(value >> 8 * i);

		g_byte_array_append(out, &byte, 1);
	}
}

static void
sql_blob(sqlite3_context *context, int n, sqlite3_value **value)
{
	g_auto(GStrv) word = g_strsplit((const char *)sqlite3_value_text(value[0]), " ", -1);
	gboolean pairs = sqlite3_user_data(context) != NULL;
	g_autoptr(GByteArray) blob = g_byte_array_new();

	(void)n;
	for (guint i = 0; word[i] && word[i][0]; i++) {
		char *rest = NULL;
		gint64 number = g_ascii_strtoll(word[i], &rest, 10);

		put(blob, (guint64)number, pairs ? 4 : 8);
		if (pairs)
			put(blob, (guint64)g_ascii_strtoll(rest + 1, NULL, 10), 4);
	}
	sqlite3_result_blob(context, blob->data ? (const void *)blob->data : "", (int)blob->len, SQLITE_TRANSIENT);
}

static void
sql_day(sqlite3_context *context, int n, sqlite3_value **value)
{
	g_autoptr(GDateTime) date = NULL;
	g_autofree char *text = g_strdup_printf("%sT00:00:00Z", (const char *)sqlite3_value_text(value[0]));

	(void)n;
	date = g_date_time_new_from_iso8601(text, NULL);
	sqlite3_result_int64(context, g_date_time_to_unix(date) / 86400);
}

static sqlite3 *
create(const char *path, const char *schema)
{
	sqlite3 *db = NULL;

	g_assert(sqlite3_open(path, &db) == SQLITE_OK);
	sqlite3_create_function(db, "entries", 1, SQLITE_UTF8, db, sql_blob, NULL, NULL);
	sqlite3_create_function(db, "prices", 1, SQLITE_UTF8, NULL, sql_blob, NULL, NULL);
	sqlite3_create_function(db, "day", 1, SQLITE_UTF8, NULL, sql_day, NULL, NULL);
	site_sql(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
	site_sql(db, schema);
	return db;
}

void
site_sql(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		g_error("test SQL: %s in: %s", message, sql);
}

static char *
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	char *text = NULL;

	g_assert(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		text = g_strdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return text;
}

/* formats.md 2. */
static void
add_table(sqlite3 *db, const char *table, const char *order, GPtrArray *leaves)
{
	g_autofree char *sql = g_strdup_printf("SELECT * FROM %s ORDER BY %s", table, order);
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return; /* a forgery without this table */
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		g_autoptr(GByteArray) row = g_byte_array_new();

		g_byte_array_append(row, (const guint8 *)table, (guint)strlen(table) + 1);
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			int type = sqlite3_column_type(stmt, i), len = sqlite3_column_bytes(stmt, i);
			const char *tag = type == SQLITE_NULL ? "N" : type == SQLITE_INTEGER ? "I" : type == SQLITE_TEXT ? "T" : "B";

			g_byte_array_append(row, (const guint8 *)tag, 1);
			if (type == SQLITE_INTEGER)
				put(row, (guint64)sqlite3_column_int64(stmt, i), 8);
			if (type != SQLITE_TEXT && type != SQLITE_BLOB)
				continue;
			put(row, (guint64)len, 4);
			g_byte_array_append(row, sqlite3_column_blob(stmt, i), (guint)len);
		}
		g_ptr_array_add(leaves, g_string_new_len((const char *)row->data, row->len));
	}
	sqlite3_finalize(stmt);
}

static char *
root_of(sqlite3 *db, const char *const *tables, guint n)
{
	g_autoptr(GPtrArray) leaves = g_ptr_array_new_with_free_func(free_leaf);
	g_autoptr(GString) hex = g_string_new(NULL);
	guint8 root[32];

	for (guint i = 0; i < n; i++)
		add_table(db, tables[2 * i], tables[2 * i + 1], leaves);
	mth(leaves, 0, leaves->len, root);
	for (guint i = 0; i < 32; i++)
		g_string_append_printf(hex, "%02x", root[i]);
	return g_string_free(g_steal_pointer(&hex), FALSE);
}

/* --- the site ----------------------------------------------------------------------------------------------------- */

static void
add_record(Site *site, const char *role, const char *act, const char *fields)
{
	g_autofree char *blind = g_strnfill(64, 'a' + (char)(site->records->len % 6));

	g_ptr_array_add(site->records, g_strdup_printf("veil-log/v1\nseq %u\ntime 2026-03-02T01:2%uZ\norigin test.example/veil\nactor op7\nrole %s\nact %s\n%sblind %s\n",
						       site->records->len, site->records->len % 10, role, act, fields, blind));
}

static void
add_records(Site *site, const char *seed)
{
#define ID "batch 2026A\n%sfreeze-id 0123456789abcdef0123456789abcdef\n"
	g_autofree char *draw = g_strdup_printf("batch 2026A\ndraw 1\nfreeze-id 0123456789abcdef0123456789abcdef\nseed %s\nseed-source system\n", seed);
	g_autofree char *result =
		g_strdup_printf("batch 2026A\nbound 3750000\ndraw 1\ndraw-root @DRAW@\nfreeze-id 0123456789abcdef0123456789abcdef\nmethod total\nobjective 3750000\nseed %s\nseed-source system\n", seed);

	add_record(site, "registrar", "site.init", "rehearsal 0\nsuite veil-s1\n");
	add_record(site, "registrar", "import", "file-mac 00ff\nkind experts\nnew 14\nsource caf%C3%A9 b%25r\n");
	add_record(site, "registrar", "batch.freeze.intent", "as-of 2026-03-01\nbatch 2026A\nfreeze 1\nfreeze-id 0123456789abcdef0123456789abcdef\n");
	site->freeze_record = (int)site->records->len;
	add_record(site, "registrar", "batch.freeze",
		   "as-of 2026-03-01\naudit-root @AUDIT@\nbatch 2026A\nbatch-root @BATCH@\nengine veil 0.1.0\nfreeze 1\n"
		   "freeze-id 0123456789abcdef0123456789abcdef\npolicy-sha256 @POLICY@\nregistry-root "
		   "1111111111111111111111111111111111111111111111111111111111111111\n");
	add_record(site, "drawer", "batch.draw.intent", draw);
	site->draw_record = (int)site->records->len;
	add_record(site, "drawer", "batch.draw", result);
	add_record(site, "auditor", "batch.explain", "batch 2026A\nfreeze-id 0123456789abcdef0123456789abcdef\nproject P0\nreviewer R10\n");
}

void
site_add_record(Site *site, const char *role, const char *act, const char *fields, guint minute)
{
	g_autofree char *blind = g_strnfill(64, 'a');

	g_ptr_array_add(site->records, g_strdup_printf("veil-log/v1\nseq %u\ntime 2026-03-02T01:2%uZ\norigin test.example/veil\nactor op7\nrole %s\nact %s\n%sblind %s\n",
						       site->records->len, minute, role, act, fields, blind));
}

void
site_redigest(Site *site)
{
	sqlite3 *files[] = {site->batch, site->audit};

	for (guint i = 0; i < 2; i++) {
		g_autofree char *text = ask(files[i], "SELECT value FROM meta WHERE key = 'policy'"), *digest = sha256_text(text, strlen(text));
		g_autofree char *sql = g_strdup_printf("UPDATE meta SET value = '%s' WHERE key = 'policy_sha256'", digest);

		site_sql(files[i], sql);
	}
}

static void
fill_meta(sqlite3 *db, const char *format)
{
	g_autofree char *digest = sha256_text(policy, strlen(policy));
	char *sql = sqlite3_mprintf("INSERT INTO meta VALUES ('format', %Q), ('batch', '2026A'), ('freeze_id', '0123456789abcdef0123456789abcdef'), ('freeze', '1'),"
				    " ('as_of', '2026-03-01'), ('policy', %Q), ('policy_sha256', %Q), ('engine', 'veil 0.1.0'), ('origin', 'test.example/veil')",
				    format, policy, digest);

	site_sql(db, sql);
	sqlite3_free(sql);
}

static const struct {
	const char *id, *severity, *citation;
	int window, authors;
} rules[] = {{"C01", "forbid", "self", -1, 0}, {"C02", "forbid", "kin", -1, 0}, {"C04", "forbid", "unit", 0, 0}, {"C05", "forbid", "former", 36, 0},
	     {"C06", "forbid", "director", 36, 0}, {"C07", "forbid", "share", 36, 0}, {"C09", "forbid", "adviser", 36, 0}, {"C12", "forbid", "teacher", -1, 0},
	     {"C13", "forbid*", "work", 36, 3}, {"C16", "forbid", "nominator", -1, 0}, {"C17", "flag", "dispute", 36, 0}, {"C18", "forbid*", "named", -1, 0},
	     {"C19", "forbid", "avoid", -1, 0}, {"E04", "forbid", "ban", 0, 0}};

static void
fill(Site *site)
{
	const char *seed = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	g_autofree char *draw = g_strdup_printf(draw_rows, seed);

	fill_meta(site->batch, "veil-batch/1");
	site_sql(site->batch, "INSERT INTO meta VALUES ('rehearsal', '0'), ('method', 'total'), ('experts', '10'),"
			      " ('exclusions', '{\"C01\":\"<5\",\"C02\":\"<5\",\"C04\":\"<5\",\"C05\":\"<5\",\"C06\":\"<5\",\"C07\":\"<5\",\"C09\":\"<5\",\"C12\":\"<5\",\"C13\":\"<5\",\"C16\":\"<5\",\"C18\":\"<5\",\"C19\":\"<5\",\"E04\":\"<5\"}')");
	site_sql(site->batch, batch_rows);
	site_sql(site->batch, draw);
	fill_meta(site->audit, "veil-audit/1");
	for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
		char *sql = sqlite3_mprintf("INSERT INTO rule VALUES (%u, %Q, 1, %Q, %d, %d, %Q)", i, rules[i].id, rules[i].severity, rules[i].window, rules[i].authors, rules[i].citation);

		site_sql(site->audit, sql);
		sqlite3_free(sql);
	}
	site_sql(site->audit, audit_rows);
	add_records(site, seed);
}

Site *
site_new(void)
{
	static const char *const folders[] = {"draw", "audit", "ledger", "ledger/checkpoints"};
	Site *site = g_new0(Site, 1);

	site->dir = g_dir_make_tmp("veil-verify-XXXXXX", NULL);
	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(site->dir, folders[i], NULL);

		g_assert(g_mkdir(path, 0700) == 0);
	}
	memset(site->seed, 7, sizeof site->seed);
	site->vkey = site_vkey("test.example/veil", site->seed);
	site->batch_path = g_build_filename(site->dir, "draw", "2026A.veil", NULL);
	site->audit_path = g_build_filename(site->dir, "audit", "2026A.audit", NULL);
	site->ledger_path = g_build_filename(site->dir, "ledger", "ledger.db", NULL);
	site->batch = create(site->batch_path, batch_schema);
	site->audit = create(site->audit_path, audit_schema);
	site->ledger = create(site->ledger_path, "PRAGMA application_id = 0x5645494C; PRAGMA user_version = 1;"
						 "CREATE TABLE leaf(seq INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;");
	site->records = g_ptr_array_new_with_free_func(g_free);
	site->drawn = TRUE;
	fill(site);
	return site;
}

void
site_edit_record(Site *site, guint i, const char *from, const char *to)
{
	char *old = site->records->pdata[i];
	g_auto(GStrv) parts = g_strsplit(old, from, -1);

	if (g_strv_length(parts) < 2)
		g_error("test: record %u has no \"%s\"", i, from);
	site->records->pdata[i] = g_strjoinv(to, parts);
	g_free(old);
}

static void
fill_in(Site *site, const char *mark, const char *value)
{
	for (guint i = 0; i < site->records->len; i++)
		if (strstr(site->records->pdata[i], mark))
			site_edit_record(site, i, mark, value);
}

void
site_seal(Site *site)
{
	static const char *const batch_tables[] = {"meta", "key", "reviewer", "code", "project", "code"};
	static const char *const draw_tables[] = {"draw", "n", "assignment", "project, reviewer"};
	static const char *const audit_tables[] = {"meta", "key", "rule", "bit", "label", "n", "person", "n", "org", "n", "project", "n", "post", "n",
						   "authorship", "n", "relation", "n", "ban", "n", "avoid", "n", "project_person", "n", "project_org", "n",
						   "project_exclude", "n", "exclusion", "project", "flagged", "project", "everywhere", "person"};
	static const char *const draw_tables_2[] = {"draw", "n", "odds", "draw, project", "lottery", "draw, n", "assignment", "project, reviewer"};
	g_autofree char *version = ask(site->batch, "PRAGMA user_version");
	gboolean second = g_strcmp0(version, "2") == 0;
	g_autofree char *batch = root_of(site->batch, batch_tables, 3), *draw = root_of(site->batch, second ? draw_tables_2 : draw_tables, second ? 4 : 2);
	g_autofree char *audit = root_of(site->audit, audit_tables, 17), *text = ask(site->batch, "SELECT value FROM meta WHERE key = 'policy'");
	g_autofree char *digest = sha256_text(text ? text : "", text ? strlen(text) : 0);
	g_autofree char *folder = g_build_filename(site->dir, "ledger", NULL);
	sqlite3_stmt *stmt = NULL;

	fill_in(site, "@BATCH@", batch);
	fill_in(site, "@AUDIT@", audit);
	fill_in(site, "@DRAW@", draw);
	fill_in(site, "@POLICY@", digest);
	g_assert(sqlite3_prepare_v2(site->ledger, "INSERT INTO leaf VALUES (?1, ?2)", -1, &stmt, NULL) == SQLITE_OK);
	for (guint i = 0; i < site->records->len; i++) {
		sqlite3_bind_int64(stmt, 1, i);
		sqlite3_bind_blob(stmt, 2, site->records->pdata[i], (int)strlen(site->records->pdata[i]), SQLITE_TRANSIENT);
		g_assert(sqlite3_step(stmt) == SQLITE_DONE);
		sqlite3_reset(stmt);
	}
	sqlite3_finalize(stmt);
	site_checkpoint(site, "checkpoint", site->records->len, site->seed, "test.example/veil");
	site_checkpoint(site, "checkpoints/3.note", 3, site->seed, "test.example/veil");
	write_file(folder, "vkey", site->vkey);
}

void
site_close(Site *site)
{
	sqlite3 **db[] = {&site->batch, &site->audit, &site->ledger};

	for (guint i = 0; i < G_N_ELEMENTS(db); i++) {
		g_assert(sqlite3_close(*db[i]) == SQLITE_OK);
		*db[i] = NULL;
	}
}

static void
remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

void
site_free(Site *site)
{
	if (site->batch)
		site_close(site);
	remove_tree(site->dir);
	g_ptr_array_unref(site->records);
	g_free(site->dir), g_free(site->batch_path), g_free(site->audit_path), g_free(site->ledger_path), g_free(site->vkey);
	g_free(site);
}

int
run_verify(char **out_text, ...)
{
	g_autoptr(GPtrArray) args = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *out = NULL, *err = NULL;
	va_list list;
	int status;
	char *arg;

	g_ptr_array_add(args, (char *)g_getenv("VEIL_VERIFY"));
	va_start(list, out_text);
	while ((arg = va_arg(list, char *)) != NULL)
		g_ptr_array_add(args, arg);
	va_end(list);
	g_ptr_array_add(args, NULL);
	if (!g_spawn_sync(NULL, (char **)args->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error))
		g_error("cannot run VEIL_VERIFY: %s", error->message);
	*out_text = g_strconcat(out, err, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
