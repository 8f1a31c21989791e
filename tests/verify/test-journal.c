/* test-journal.c - `veil-verify batch` on format 2: reserves, the journal, later draws; the forger writes ledger and roots as he likes, the rules must tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "site.h"

#define SEED "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define VACATE(seq, project, reviewer, reason, promoted) \
	"INSERT INTO event VALUES (" #seq ", 'vacate', '" project "', '" reviewer "', '" reason "', " promoted ", 'letter 5', '2026-03-02T01:2" #seq "Z', 'op7');"

typedef struct {
	const char *name;
	const char *batch;		/* SQL, before sealing */
	const char *events;		/* SQL that writes the journal, records are made of it */
	const char *late;		/* SQL behind the seal */
	const char *record_from, *record_to;
	const char *reason; /* NULL: it holds */
} Case;

static const Case cases[] = {
	{"good: drawn with reserves"},
	{"good: a decline", .events = VACATE(1, "P2", "R05", "declined", "'R07'")},
	{"good: a reserve who declines promotes nobody", .events = VACATE(1, "P2", "R07", "ill", "NULL")},
	{"good: two declines, the second finds nobody", .events = VACATE(1, "P2", "R05", "declined", "'R07'") VACATE(2, "P2", "R06", "no-reply", "NULL")},
	{"good: a late conflict of somebody without a place", .events = "INSERT INTO event VALUES (1, 'strike', 'P2', 'R08', 'found', NULL, 'file 9', '2026-03-02T01:21Z', 'op7');"},
	{"good: a project withdrawn", .events = "INSERT INTO event VALUES (1, 'withdraw-project', 'P1', NULL, 'withdrawn', NULL, 'file 9', '2026-03-02T01:21Z', 'op7');"},
	{"good: an expert withdraws", .events = "INSERT INTO event VALUES (1, 'withdraw', NULL, 'R05', 'withdrawn', NULL, 'file 9', '2026-03-02T01:21Z', 'op7');" VACATE(2, "P2", "R05", "withdrawn", "'R07'")},
	{"good: a record whose line is not yet written", .events = VACATE(1, "P2", "R05", "declined", "'R07'"), .late = "DELETE FROM event"},

	{"a reserve missing who has room", "DELETE FROM assignment WHERE reviewer = 'R07'", .reason = "fewer reserves than the policy gives"},
	{"a reserve too many", "INSERT INTO assignment VALUES ('P2', 'R08', 100000, 'reserve', 2, 1)", .reason = "more reserves"},
	{"a reserve of the panel's employer", "UPDATE reviewer SET employer = 'e1' WHERE code = 'R07'", .reason = "two reviewers of one employer"},
	{"a reserve without room", "INSERT INTO assignment VALUES ('P0', 'R00', 900000, 'reserve', 1, 1)", .reason = "a reviewer has 2 projects"},
	{"the panel numbered otherwise than the seed says", "UPDATE assignment SET place = 3 - place WHERE project = 'P2' AND role = 'panel'", .reason = "not in the order that the seed gives"},
	{"two first places", "UPDATE assignment SET place = 1 WHERE project = 'P2'", .reason = "not numbered one by one"},
	{"places of a draw that is not there", "UPDATE assignment SET draw = 2 WHERE reviewer = 'R07'", .reason = "assignment without a draw"},
	{"a first draw that calls itself a round", "UPDATE draw SET kind = 'round'", .record_from = "kind draw", .record_to = "kind round", .reason = "draw 1 is a round"},
	{"a system's seed outside a rehearsal", "UPDATE meta SET value = '0' WHERE key = 'rehearsal'", .reason = "only a rehearsal may do"},
	{"another kind in the ledger", .record_from = "kind draw", .record_to = "kind top-up", .reason = "its kind is not that"},
	{"asked for something in the file alone", "UPDATE draw SET request = '{}'", .reason = "otherwise than its intent"},

	{"somebody else promoted", .events = VACATE(1, "P2", "R05", "declined", "'R08'"), .reason = "promotes another than the reserve"},
	{"nobody promoted", .events = VACATE(1, "P2", "R05", "declined", "NULL"), .reason = "although a reserve is next"},
	{"a reserve who declines promotes one", .events = VACATE(1, "P2", "R07", "ill", "'R08'"), .reason = "promotes another than the reserve"},
	{"a seat that was never his", .events = VACATE(1, "P2", "R03", "declined", "'R07'"), .reason = "a seat that the reviewer does not have"},
	{"a seat vacated twice", .events = VACATE(1, "P2", "R05", "declined", "'R07'") VACATE(2, "P2", "R05", "declined", "NULL"), .reason = "does not have any more"},
	{"a reason of one's own", .events = VACATE(1, "P2", "R05", "disliked", "'R07'"), .reason = "reason is not on the list"},
	{"a strike for another reason", .events = "INSERT INTO event VALUES (1, 'strike', 'P2', 'R08', 'declined', NULL, 'file 9', '2026-03-02T01:21Z', 'op7');", .reason = "reason is not on the list"},
	{"a promotion into a withdrawn project", .events = "INSERT INTO event VALUES (1, 'withdraw-project', 'P2', NULL, 'withdrawn', NULL, 'file 9', '2026-03-02T01:21Z', 'op7');" VACATE(2, "P2", "R05", "declined", "'R07'"), .reason = "withdrawn before"},
	{"a withdrawal that promotes", .events = "INSERT INTO event VALUES (1, 'withdraw', NULL, 'R05', 'withdrawn', 'R07', 'file 9', '2026-03-02T01:21Z', 'op7');", .reason = "where no seat is free"},
	{"a line without a record", .late = VACATE(1, "P2", "R05", "declined", "'R07'"), .reason = "the ledger has no record of it"},
	{"a line changed behind its record", .events = VACATE(1, "P2", "R05", "declined", "'R07'"), .late = "UPDATE event SET reason = 'ill'", .reason = "its reason is not that of the journal"},
	{"its promotion changed", .events = VACATE(1, "P2", "R05", "declined", "'R07'"), .late = "UPDATE event SET promoted = NULL", .reason = "its promoted is not that of the journal"},
	{"its day changed", .events = VACATE(1, "P2", "R05", "declined", "'R07'"), .late = "UPDATE event SET time = '2026-03-02T01:59Z'", .reason = "time or operator"},
	{"its operator changed", .events = VACATE(1, "P2", "R05", "declined", "'R07'"), .late = "UPDATE event SET operator = 'op8'", .reason = "time or operator"},
	{"what it rests on changed", .events = VACATE(1, "P2", "R05", "declined", "'R07'"), .late = "UPDATE event SET record = 'letter 6'", .reason = "its record is not that"},
	{"a line removed from the middle", .events = VACATE(1, "P2", "R05", "declined", "'R07'") VACATE(2, "P2", "R06", "no-reply", "NULL"), .late = "DELETE FROM event WHERE seq = 1", .reason = "table event, row 1"},
	{"a place changed after the draw", .late = "UPDATE assignment SET role = 'panel' WHERE reviewer = 'R07'", .reason = "draw-root is not that"},
};

/* Format 2 of the same freeze and draw, a rehearsal, one reserve a project: P1 R04, P2 R07; P0's third candidate sits elsewhere. */
static void
make_format_2(Site *site)
{
	site_sql(site->batch,
		 "CREATE TABLE p AS SELECT * FROM project; DROP TABLE project; CREATE TABLE d AS SELECT * FROM draw; DROP TABLE draw; CREATE TABLE a AS SELECT * FROM assignment; DROP TABLE assignment;"
		 "CREATE TABLE r AS SELECT * FROM reviewer; DROP TABLE reviewer;"
		 "CREATE TABLE reviewer(code TEXT PRIMARY KEY, min_load INTEGER, max_load INTEGER, employer TEXT, kind TEXT, province TEXT, rank TEXT, attributes TEXT) STRICT, WITHOUT ROWID;"
		 "CREATE TABLE project(code TEXT PRIMARY KEY, demand INTEGER, class TEXT, team TEXT, cut INTEGER, candidates BLOB) STRICT, WITHOUT ROWID;"
		 "CREATE TABLE draw(n INTEGER PRIMARY KEY, kind TEXT, seed TEXT, seed_source TEXT, method TEXT, time TEXT, operator TEXT, objective INTEGER, bound INTEGER, certificate TEXT, request TEXT, prices BLOB) STRICT;"
		 "CREATE TABLE odds(draw INTEGER, project TEXT, entries BLOB, PRIMARY KEY(draw, project)) STRICT, WITHOUT ROWID;"
		 "CREATE TABLE lottery(draw INTEGER, n INTEGER, weight INTEGER, panels BLOB, PRIMARY KEY(draw, n)) STRICT, WITHOUT ROWID;"
		 "CREATE TABLE assignment(project TEXT, reviewer TEXT, score INTEGER, role TEXT, place INTEGER, draw INTEGER, PRIMARY KEY(project, reviewer)) STRICT, WITHOUT ROWID;"
		 "CREATE TABLE event(seq INTEGER PRIMARY KEY, kind TEXT, project TEXT, reviewer TEXT, reason TEXT, promoted TEXT, record TEXT, time TEXT, operator TEXT) STRICT;"
		 "INSERT INTO reviewer SELECT *, NULL FROM r; INSERT INTO project SELECT code, demand, NULL, NULL, cut, candidates FROM p;"
		 "INSERT INTO draw SELECT n, 'draw', seed, seed_source, method, time, operator, objective, bound, '{}', NULL, prices FROM d;"
		 "INSERT INTO assignment SELECT project, reviewer, score, role, 0, 1 FROM a; DROP TABLE p; DROP TABLE d; DROP TABLE a; DROP TABLE r;"
		 "INSERT INTO assignment VALUES ('P1', 'R04', 550000, 'reserve', 1, 1), ('P2', 'R07', 200000, 'reserve', 1, 1);"
		 "UPDATE meta SET value = 'veil-batch/2' WHERE key = 'format'; UPDATE meta SET value = '1' WHERE key = 'rehearsal'; PRAGMA user_version = 2;");
	for (int i = 0; i < 2; i++)
		site_sql(i ? site->audit : site->batch, "UPDATE meta SET value = replace(value, 'reserves=0', 'reserves=1') WHERE key = 'policy'");
	site_redigest(site);
	site_edit_record(site, (guint)site->draw_record, "freeze-id 0123456789abcdef0123456789abcdef\n", "freeze-id 0123456789abcdef0123456789abcdef\nkind draw\n");
}

/* Places in the order of tickets: HMAC-SHA256(seed, "veil/ticket/1", project, reviewer), the first eight bytes. */
static void
number_places(Site *site)
{
	static const char *const panels[][3] = {{"P0", "R01", "R02"}, {"P1", "R00", "R03"}, {"P2", "R05", "R06"}};
	guchar seed[32];

	for (int i = 0; i < 32; i++)
		seed[i] = (guchar)(g_ascii_xdigit_value(SEED[2 * i]) << 4 | g_ascii_xdigit_value(SEED[2 * i + 1]));
	for (guint p = 0; p < 3; p++) {
		g_autofree char *hex[2] = {NULL, NULL}, *sql = NULL;

		for (guint k = 0; k < 2; k++) {
			g_autoptr(GByteArray) text = g_byte_array_new();
			const char *codes[] = {panels[p][0], panels[p][1 + k]};

			g_byte_array_append(text, (const guint8 *)"veil/ticket/1", 13);
			for (guint c = 0; c < 2; c++) {
				const guint8 length[4] = {(guint8)strlen(codes[c]), 0, 0, 0};

				g_byte_array_append(text, length, 4);
				g_byte_array_append(text, (const guint8 *)codes[c], (guint)strlen(codes[c]));
			}
			hex[k] = g_compute_hmac_for_data(G_CHECKSUM_SHA256, seed, 32, text->data, text->len);
		}
		sql = g_strdup_printf("UPDATE assignment SET place = iif(reviewer = '%s', %d, %d) WHERE project = '%s' AND role = 'panel'", panels[p][1],
				      strcmp(hex[0], hex[1]) < 0 ? 1 : 2, strcmp(hex[0], hex[1]) < 0 ? 2 : 1, panels[p][0]);
		site_sql(site->batch, sql);
		g_free(g_steal_pointer(&hex[1]));
	}
}

/* The records that the journal's lines stand for. */
static void
log_events(Site *site)
{
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_prepare_v2(site->batch, "SELECT seq, kind, project, promoted, reason, record, reviewer FROM event ORDER BY seq", -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		static const char *const names[] = {"event", "kind", "project", "promoted", "reason", "record", "reviewer"};
		g_autoptr(GString) fields = g_string_new("batch 2026A\n");

		for (int i = 0; i < 7; i++) {
			if (i == 1)
				g_string_append(fields, "freeze-id 0123456789abcdef0123456789abcdef\n");
			if (sqlite3_column_type(stmt, i) != SQLITE_NULL)
				g_string_append_printf(fields, "%s %s\n", names[i], (const char *)sqlite3_column_text(stmt, i));
		}
		site_add_record(site, "drawer", "batch.vacancy", fields->str, (guint)sqlite3_column_int(stmt, 0));
	}
	sqlite3_finalize(stmt);
}

static void
check_case(void **state)
{
	const Case *c = *state;
	Site *site = site_new();
	g_autofree char *text = NULL;
	int status;

	make_format_2(site);
	number_places(site);
	if (c->batch)
		site_sql(site->batch, c->batch);
	if (c->record_from)
		site_edit_record(site, (guint)site->draw_record, c->record_from, c->record_to);
	if (c->events)
		site_sql(site->batch, c->events);
	log_events(site);
	site_seal(site);
	if (c->late)
		site_sql(site->batch, c->late);
	site_close(site);
	status = run_verify(&text, "batch", site->batch_path, NULL);
	if (status != (c->reason ? 5 : 0) || (c->reason && strstr(text, c->reason) == NULL))
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", c->name, status, c->reason ? c->reason : "VERIFIED", text);
	site_free(site);
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(cases)];

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		tests[i] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, (void *)&cases[i]};
	return _cmocka_run_group_tests("journal", tests, G_N_ELEMENTS(cases), NULL, NULL);
}
