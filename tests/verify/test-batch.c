/* test-batch.c - `veil-verify batch` against a site written by hand: what is right passes, and every forgery fails for its own reason.
 *
 * "early" forgeries are made before roots and log are written: the forger controls the log too, and only the rules can tell. "late" ones
 * come after, and the commitments must tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "site.h"

typedef enum { EARLY, LATE } Time;

typedef struct {
	const char *name;
	Time time;
	const char *batch, *audit, *ledger; /* SQL */
	const char *record_from, *record_to; /* in the freeze or the draw record, before signing */
	const char *reason;		     /* NULL: it must pass */
} Case;

#define POLICY(from, to) "UPDATE meta SET value = replace(value, '" from "', '" to "') WHERE key = 'policy';"
#define BOTH_POLICIES(from, to) .batch = POLICY(from, to), .audit = POLICY(from, to)
#define R05_POLICY POLICY("[panel.employer]", "[conflict.R05]\nenabled=true\nseverity=forbid*\nwindow_months=-1\nmax_authors=0\ncitation=ring\n[panel.employer]")
#define R05_COUNT "UPDATE meta SET value = replace(value, '\"E04\"', '\"R05\":\"<5\",\"E04\"') WHERE key = 'exclusions';"
#define R05_ROW "INSERT INTO rule VALUES (14, 'R05', 1, 'forbid*', -1, 0, 'ring');"
/* Person 5 stands behind P1 as well, 11 behind P0: the coin of A05 and A11 falls 0, so A11 may not review P1. */
#define R05_STOPS(project, pairs) "INSERT INTO project_person SELECT 4, 1, 5, 1, NULL; UPDATE project_person SET project = 1, person = 5, role = 1 WHERE n = 3;" \
	"UPDATE project_person SET project = 2, person = 16, role = 0 WHERE n = 4; UPDATE exclusion SET pairs = entries('" pairs "') WHERE project = " project ";"
/* Peers: discipline 0 of P0 has R01 R03 R04 R05 R06, 1 of P1 has R00 R01 R02 R04 R10, 2 of P2 has R05 R06 R07 R08 R11. Marks are 1 and 2 in the top byte of a score. */
#define PEER_POLICY(value, bound) POLICY("[panel.employer]", "[panel.peer]\nattribute=peer\nvalue=" value "\n" bound "=1\n[panel.employer]")
#define PEER_FACTS(disciplines, r06, more) "INSERT INTO meta VALUES ('peers', '{\"disciplines\":[" disciplines "],\"experts\":[[1],[0,1],[1],[0],[0,1],[0,2]," r06 ",[2],[2],[],[1],[2]" more "],\"projects\":[[0],[1],[2]]}');"
#define THREE "[1,-1],[1,-1],[1,-1]"
#define LEAF_MARKS "UPDATE project SET candidates = entries('0=900000 1=17577216 2=700000') WHERE code = 'P0'; UPDATE project SET candidates = entries('0=17727216 3=600000 4=17327216') WHERE code = 'P1'; UPDATE project SET candidates = entries('0=100000 5=17177216 6=17077216 7=16977216 8=16877216 11=16777216') WHERE code = 'P2';"
#define NEAR_MARKS "UPDATE project SET candidates = entries('0=34454432 1=34354432 2=34254432') WHERE code = 'P0'; UPDATE project SET candidates = entries('0=34504432 3=34154432 4=34104432') WHERE code = 'P1'; UPDATE project SET candidates = entries('0=100000 5=33954432 6=33854432 7=33754432 8=33654432 11=33554432') WHERE code = 'P2';"
#define UNDRAW "DELETE FROM draw; DELETE FROM assignment;"

static const Case cases[] = {
	/* what must pass */
	{"good", EARLY, .reason = NULL},
	{"good: triggers that stop slips", EARLY, .batch = "CREATE TRIGGER t BEFORE DELETE ON draw BEGIN SELECT RAISE(ABORT, 'no'); END"},
	{"good: employment that began on the last day", EARLY, .audit = "UPDATE post SET since = NULL WHERE n = 6"},
	{"good: a rule that is off needs no facts", EARLY,
	 .batch = POLICY("[conflict.C06]\nenabled=true", "[conflict.C06]\nenabled=false") "UPDATE meta SET value = replace(value, '\"C06\":\"<5\",', '') WHERE key = 'exclusions'",
	 .audit = POLICY("[conflict.C06]\nenabled=true", "[conflict.C06]\nenabled=false") "UPDATE rule SET enabled = 0 WHERE id = 'C06'; UPDATE exclusion SET pairs = entries('5=4 6=64 7=32 9=8') WHERE project = 1"},
	{"good: exclusions without facts of their own order", EARLY, .audit = "UPDATE relation SET a = b, b = a WHERE n < 5"},
	{"good: load of a person lower than the policy's", EARLY, .audit = "UPDATE person SET max_load = 5 WHERE n < 6"},
	{"good: a price that costs nobody", EARLY, .batch = "UPDATE draw SET prices = prices('300000 0 0 0 0 0 0 0 0 0 0 0')"},

	{"good: R05, and of two who ask one is stopped", EARLY, .batch = R05_POLICY R05_COUNT, .audit = R05_POLICY R05_ROW R05_STOPS("1", "5=5 6=64 7=32 8=16 9=8 11=16384")},
	{"R05: nobody is stopped", EARLY, .batch = R05_POLICY, .audit = R05_POLICY R05_ROW R05_STOPS("1", "5=5 6=64 7=32 8=16 9=8"), .reason = "person A11: the facts say R05"},
	{"R05: the coin is turned", EARLY, .batch = R05_POLICY, .audit = R05_POLICY R05_ROW R05_STOPS("0", "5=16384 10=4 11=5"), .reason = "person A05: the facts say no conflict"},

	{"good: peers are those of the disciplines", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[0,2]", "")},
	{"good: in the field are who shares the parent", EARLY, .batch = PEER_POLICY("near", "min") NEAR_MARKS, .audit = PEER_POLICY("near", "min") PEER_FACTS("[1,3],[1,3],[1,-1],[0,-1]", "[0,2]", "")},
	{"peers: one whom the disciplines do not make one", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS "UPDATE project SET candidates = entries('0=900000 1=17577216 2=17477216') WHERE code = 'P0'",
	 .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[0,2]", ""), .reason = "project P0: reviewer R02 is marked as a peer otherwise"},
	{"peers: one of them passed over", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS "UPDATE project SET candidates = entries('0=17727216 3=600000 4=550000') WHERE code = 'P1'",
	 .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[0,2]", ""), .reason = "project P1: reviewer R04 is marked as a peer otherwise"},
	{"peers: the field where the leaf is asked", EARLY, .batch = PEER_POLICY("leaf", "min") NEAR_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS("[1,3],[1,3],[1,-1],[0,-1]", "[0,2]", ""),
	 .reason = "marked as a peer otherwise"},
	{"peers: four are too few to be told apart", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[2]", ""),
	 .reason = "project P0: reviewer R01 is marked as a peer otherwise"},
	{"peers: nobody marked, and the minimum not met", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS "UPDATE project SET candidates = entries('0=900000 1=800000 2=700000') WHERE code = 'P0'",
	 .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[2]", ""), .reason = "project P0 has 0 reviewers that rule peer counts, which asks for 1"},
	{"peers: a panel without one", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS
	 "UPDATE assignment SET reviewer = 'R04', score = 550000 WHERE reviewer = 'R00'; UPDATE assignment SET reviewer = 'R00', score = 900000 WHERE reviewer = 'R01'",
	 .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[0,2]", ""), .reason = "project P0 has 0 reviewers that rule peer counts, which asks for 1"},
	{"peers: a discipline with others below it is no leaf", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS("[0,-1],[1,-1],[1,-1]", "[0,2]", ""),
	 .reason = "project P0: reviewer R01 is marked as a peer otherwise"},
	{"peers: no disciplines", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min"), .reason = "has no disciplines, and a panel rule asks"},
	{"peers: disciplines nobody asked for", EARLY, .audit = PEER_FACTS(THREE, "[0,2]", ""), .reason = "disciplines that no panel rule asks for"},
	{"peers: marks nobody asked for", EARLY, .batch = LEAF_MARKS, .reason = "marked as a peer otherwise"},
	{"peers: an expert too many", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[0,2]", ",[0]"), .reason = "meta `peers`) is malformed"},
	{"peers: a discipline that there is not", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS(THREE, "[0,3]", ""), .reason = "meta `peers`) is malformed"},
	{"peers: a leaf with something below it", EARLY, .batch = PEER_POLICY("leaf", "min") LEAF_MARKS, .audit = PEER_POLICY("leaf", "min") PEER_FACTS("[1,-1],[1,0],[1,-1]", "[0,2]", ""),
	 .reason = "meta `peers`) is malformed"},
	{"peers: a mark that is none", EARLY, .batch = "UPDATE project SET candidates = entries('0=67908864 1=800000 2=700000') WHERE code = 'P0'", .reason = "malformed at entry 0"},
	{"peers: a maximum", EARLY, .batch = PEER_POLICY("leaf", "max") LEAF_MARKS, .audit = PEER_POLICY("leaf", "max") PEER_FACTS(THREE, "[0,2]", ""), .reason = "what no batch can hold"},

	/* commitments */
	{"a reviewer was moved", LATE, .batch = "UPDATE assignment SET reviewer = 'R07', score = 200000 WHERE project = 'P2' AND reviewer = 'R06'", .reason = "draw-root is not that of the batch file"},
	{"a place was dropped", LATE, .batch = "DELETE FROM assignment WHERE project = 'P2' AND reviewer = 'R06'", .reason = "draw-root is not that of the batch file"},
	{"the seed was changed", LATE, .batch = "UPDATE draw SET seed = replace(seed, '00', '01')", .reason = "seed is not that of the batch file"},
	{"the operator was changed", LATE, .batch = "UPDATE draw SET operator = 'op8'", .reason = "draw-root is not that"},
	{"a score was changed", LATE, .batch = "UPDATE project SET candidates = entries('0=900000 1=800000 2=701000') WHERE code = 'P0'", .reason = "batch-root is not that"},
	{"a cut was lowered", LATE, .batch = "UPDATE project SET cut = 400000 WHERE code = 'P0'", .reason = "batch-root is not that"},
	{"a load was raised", LATE, .batch = "UPDATE reviewer SET max_load = 2", .reason = "batch-root is not that"},
	{"a reviewer was removed", LATE, .batch = "DELETE FROM reviewer WHERE code = 'R11'", .reason = "malformed at entry 5"},
	{"a post's date was changed", LATE, .audit = "UPDATE post SET until = until - 1 WHERE n = 1", .reason = "audit-root is not that"},
	{"an exclusion was dropped", LATE, .audit = "UPDATE exclusion SET pairs = entries('10=4') WHERE project = 0", .reason = "audit-root is not that"},
	{"a citation was changed", LATE, .audit = "UPDATE rule SET citation = 'x' WHERE bit = 0", .reason = "audit-root is not that"},
	{"an audit code was changed", LATE, .audit = "UPDATE person SET code = 'A99' WHERE n = 18", .reason = "audit-root is not that"},
	{"a meta key was added", LATE, .batch = "INSERT INTO meta VALUES ('zz', 'note')", .reason = "batch-root is not that"},
	{"the draw was removed", LATE, .batch = UNDRAW, .reason = "has no draw, but ledger record"},
	{"the draw is not in the ledger", EARLY, .ledger = "undraw", .reason = "it has no batch.draw"},
	{"another freeze-id in both files", EARLY, .batch = "UPDATE meta SET value = '1123456789abcdef0123456789abcdef' WHERE key = 'freeze_id'", .audit = "UPDATE meta SET value = '1123456789abcdef0123456789abcdef' WHERE key = 'freeze_id'", .reason = "no batch.freeze with the freeze-id"},
	{"files of two freezes", EARLY, .audit = "UPDATE meta SET value = '1123456789abcdef0123456789abcdef' WHERE key = 'freeze_id'", .reason = "differ in freeze_id"},
	{"files of two batches", EARLY, .audit = "UPDATE meta SET value = '2026B' WHERE key = 'batch'", .reason = "differ in batch"},
	{"another as-of in the ledger", EARLY, .record_from = "as-of 2026-03-01\naudit", .record_to = "as-of 2026-03-02\naudit", .reason = "as-of is not that"},
	{"another freeze number in the ledger", EARLY, .record_from = "freeze 1\n", .record_to = "freeze 2\n", .reason = "its freeze is not that"},
	{"another engine in the ledger", EARLY, .record_from = "engine veil 0.1.0", .record_to = "engine veil 0.1.1", .reason = "its engine is not that"},
	{"no registry-root", EARLY, .record_from = "registry-root 11", .record_to = "registry-root 1", .reason = "no registry-root"},
	{"another objective in the ledger", EARLY, .record_from = "objective 3750000", .record_to = "objective 3750001", .reason = "objective is not that"},
	{"another bound in the ledger", EARLY, .record_from = "bound 3750000", .record_to = "bound 3750001", .reason = "bound is not that"},
	{"another log's files", EARLY, .batch = "UPDATE meta SET value = 'other.example/veil' WHERE key = 'origin'", .audit = "UPDATE meta SET value = 'other.example/veil' WHERE key = 'origin'", .reason = "another log"},
	{"a seed given outside a rehearsal", EARLY, .batch = "UPDATE draw SET seed_source = 'given'", .record_from = "seed-source system", .record_to = "seed-source given", .reason = "only a rehearsal"},
	{"a seed that is no seed", EARLY, .batch = "UPDATE draw SET seed = 'abc'", .reason = "seed is not 64"},
	{"a second draw", EARLY, .batch = "INSERT INTO draw SELECT 2, seed, seed_source, method, time, operator, objective, bound, prices FROM draw", .reason = "more than one draw"},
	{"an unknown method", EARLY, .batch = "UPDATE draw SET method = 'lottery'", .record_from = "method total", .record_to = "method lottery", .reason = "the freeze says total"},
	{"places without a draw", EARLY, .batch = "DELETE FROM draw", .ledger = "undraw", .reason = "assignment without a draw"},

	/* the policy */
	{"policy changed in one file", EARLY, .batch = POLICY("max_load=1", "max_load=2"), .reason = "differ in policy"},
	{"policy changed in both files, digest left", EARLY, BOTH_POLICIES("max_load=1", "max_load=2"), .reason = "not the digest"},
	{"rule off in the table only", EARLY, .audit = "UPDATE rule SET enabled = 0 WHERE id = 'C06'", .reason = "rule C06 is off"},
	{"window shorter in the table", EARLY, .audit = "UPDATE rule SET window_months = 12 WHERE id = 'C05'", .reason = "rule C05 has another window"},
	{"author cap in the table", EARLY, .audit = "UPDATE rule SET max_authors = 2 WHERE id = 'C13'", .reason = "rule C13 has another window or author cap"},
	{"severity softer in the table", EARLY, .audit = "UPDATE rule SET severity = 'flag' WHERE id = 'C12'", .reason = "rule C12 has another severity"},
	{"citation other than the policy's", EARLY, .audit = "UPDATE rule SET citation = 'nothing' WHERE id = 'C12'", .reason = "rule C12 has another citation"},
	{"a rule left out of the table", EARLY, .audit = "DELETE FROM rule WHERE bit = 13", .reason = "lacks E04"},
	{"a rule in another's place", EARLY, .audit = "UPDATE rule SET id = 'C03' WHERE bit = 2", .reason = "rule that is not known"},

	/* exclusions against facts */
	{"an exclusion dropped", EARLY, .audit = "UPDATE exclusion SET pairs = entries('10=4') WHERE project = 0", .reason = "project P0, person A11: the facts say C01;C04"},
	{"an exclusion added", EARLY, .audit = "UPDATE exclusion SET pairs = entries('0=4 10=4 11=5') WHERE project = 0", .reason = "project P0, person A00: the facts say no conflict"},
	{"an exclusion added behind all others", EARLY, .audit = "UPDATE exclusion SET pairs = entries('10=4 11=5 12=8192') WHERE project = 0", .reason = "project P0, person A12: the facts say no conflict"},
	{"an exclusion for another reason", EARLY, .audit = "UPDATE exclusion SET pairs = entries('10=8 11=5') WHERE project = 0", .reason = "person A10: the facts say C04, table exclusion says C05"},
	{"one reason of two dropped", EARLY, .audit = "UPDATE exclusion SET pairs = entries('10=4 11=1') WHERE project = 0", .reason = "person A11: the facts say C01;C04, table exclusion says C01"},
	{"all exclusions of a project dropped", EARLY, .audit = "DELETE FROM exclusion WHERE project = 1", .reason = "project P1, person A05"},
	{"a flag dropped", EARLY, .audit = "DELETE FROM flagged", .reason = "person A00: the facts say C17, table flagged says none"},
	{"a flag made an exclusion", EARLY, .audit = "DELETE FROM flagged; UPDATE exclusion SET pairs = entries('0=1024 1=512 2=256 3=128 4=2 9=4352 10=2048') WHERE project = 2", .reason = "project P2, person A00"},
	{"a flag added", EARLY, .audit = "INSERT INTO flagged VALUES (0, entries('3=1024'))", .reason = "project P0, person A03: the facts say no conflict"},
	{"a ban dropped from everywhere", EARLY, .audit = "DELETE FROM everywhere", .reason = "person A12: the facts say E04"},
	{"somebody banned without a fact", EARLY, .audit = "INSERT INTO everywhere VALUES (5, 8192)", .reason = "person A05: the facts say no ban"},
	{"a ban that is over counted", EARLY, .audit = "INSERT INTO everywhere VALUES (3, 8192)", .reason = "person A03: the facts say no ban"},
	{"the ban's date changed", EARLY, .audit = "UPDATE ban SET until = day('2026-02-28') WHERE n = 0", .reason = "person A12: the facts say no ban"},
	{"C01: person no longer behind", EARLY, .audit = "DELETE FROM project_person WHERE n = 1; UPDATE project_person SET n = n - 1 WHERE n > 1", .reason = "project P0, person A11"},
	{"C02: kin removed", EARLY, .audit = "UPDATE relation SET a = 17 WHERE n = 0", .reason = "project P2, person A04"},
	{"C04: post ends the day before", EARLY, .audit = "UPDATE post SET until = day('2026-02-28') WHERE n = 0", .reason = "project P0, person A10"},
	{"C04: the applicant's post ended", EARLY, .audit = "UPDATE post SET until = day('2026-02-28') WHERE n = 5", .reason = "project P1, person A05"},
	{"C04: a former post of the applicant counts", EARLY, .audit = "UPDATE post SET until = day('2026-03-01') WHERE n = 10", .reason = "project P1, person A01: the facts say C19"},
	{"C05: post ends a day before the window", EARLY, .audit = "UPDATE post SET until = day('2023-02-28') WHERE n = 1", .reason = "project P1, person A09: the facts say no conflict, table exclusion says C05"},
	{"C05: post ends on the window's first day", EARLY, .audit = "UPDATE post SET until = day('2023-03-01') WHERE n = 8", .reason = "project P1, person A04: the facts say C05"},
	{"C05: ended post of kind employer is none", EARLY, .audit = "UPDATE post SET kind = 6 WHERE n = 1", .reason = "project P1, person A09: the facts say no conflict"},
	{"C06: director long ago", EARLY, .audit = "UPDATE post SET until = day('2022-12-31') WHERE n = 2", .reason = "project P1, person A08"},
	{"C07: shareholder from tomorrow", EARLY, .audit = "UPDATE post SET since = day('2026-03-02') WHERE n = 3", .reason = "project P1, person A07"},
	{"C09: adviser from today", EARLY, .audit = "UPDATE post SET since = day('2026-03-01') WHERE n = 9", .reason = "project P0, person A03: the facts say C09"},
	{"C12: teacher removed", EARLY, .audit = "UPDATE relation SET kind = 3, since = NULL, until = day('2000-01-01') WHERE n = 1", .reason = "project P2, person A03"},
	{"C12: begins today", EARLY, .audit = "UPDATE relation SET since = day('2026-03-01') WHERE n = 5", .reason = "project P2, person A07: the facts say C12"},
	{"C13: work a day too old", EARLY, .audit = "UPDATE authorship SET until = day('2023-02-28') WHERE n = 2", .reason = "project P2, person A02"},
	{"C13: work of one author fewer is under the cap", EARLY, .audit = "DELETE FROM authorship WHERE n = 8; UPDATE authorship SET n = n - 1 WHERE n > 8", .reason = "project P2, person A00: the facts say C13;C17"},
	{"C13: a person's second row is no second author", EARLY, .audit = "UPDATE authorship SET person = 17 WHERE n = 8", .reason = "project P2, person A00: the facts say C13;C17"},
	{"C13: old work gets a younger row", EARLY, .audit = "UPDATE authorship SET until = day('2023-03-01') WHERE n = 10", .reason = "project P2, person A05: the facts say C13"},
	{"C13: collaborator long ago", EARLY, .audit = "UPDATE relation SET since = NULL, until = day('2020-01-01') WHERE n = 4", .reason = "project P2, person A09: the facts say C19, table exclusion says C13;C19"},
	{"C16: nominator removed", EARLY, .audit = "UPDATE relation SET b = 17 WHERE n = 2", .reason = "project P2, person A01"},
	{"C17: dispute long ago", EARLY, .audit = "UPDATE relation SET since = NULL, until = day('2020-01-01') WHERE n = 3", .reason = "project P2, person A00"},
	{"C18: exclusion by the applicant removed", EARLY, .audit = "DELETE FROM project_exclude", .reason = "project P2, person A10"},
	{"C19: avoided unit removed", EARLY, .audit = "UPDATE avoid SET org = 5 WHERE n = 0", .reason = "project P2, person A09"},
	{"a unit left out", EARLY, .audit = "DELETE FROM project_org WHERE n = 2", .reason = "project P2, person A09"},
	{"counts told otherwise to the drawer", EARLY, .batch = "UPDATE meta SET value = replace(value, '\"C06\":\"<5\"', '\"C06\":7') WHERE key = 'exclusions'", .reason = "counts exclusions by C06"},
	{"a small count told exactly", EARLY, .batch = "UPDATE meta SET value = replace(value, '\"C06\":\"<5\"', '\"C06\":1') WHERE key = 'exclusions'", .reason = "counts exclusions by C06"},

	/* who may be drawn */
	{"an eligible reviewer removed", EARLY, .batch = "DELETE FROM reviewer WHERE code = 'R11'; UPDATE project SET candidates = entries('0=100000 5=400000 6=300000 7=200000 8=100000') WHERE code = 'P2'; UPDATE draw SET prices = prices('250000 0 0 0 0 0 0 0 0 0 0')", .reason = "eligible reviewer R11 is missing"},
	{"the banned added", EARLY, .batch = "INSERT INTO reviewer VALUES ('R12', 0, 1, NULL, 'technical', 'west', NULL); UPDATE draw SET prices = prices('250000 0 0 0 0 0 0 0 0 0 0 0 0')", .reason = "reviewer R12 is not eligible"},
	{"the inactive added", EARLY, .batch = "INSERT INTO reviewer VALUES ('R13', 0, 1, NULL, 'technical', 'west', NULL); UPDATE draw SET prices = prices('250000 0 0 0 0 0 0 0 0 0 0 0 0')", .reason = "reviewer R13 is not eligible"},
	{"a stranger added", EARLY, .batch = "INSERT INTO reviewer VALUES ('R99', 0, 1, NULL, 'technical', 'west', NULL); UPDATE draw SET prices = prices('250000 0 0 0 0 0 0 0 0 0 0 0 0')", .reason = "1 of its reviewers are not in the audit file"},
	{"a person without a load drawn", EARLY, .audit = "UPDATE person SET max_load = 0 WHERE n = 11", .reason = "reviewer R11 is not eligible"},
	{"a load above the policy's", EARLY, .batch = "UPDATE reviewer SET max_load = 2", .reason = "load bounds are not those"},
	{"a minimum load from nowhere", EARLY, .batch = "UPDATE reviewer SET min_load = 1 WHERE code = 'R01'", .reason = "load bounds are not those"},
	{"an excluded reviewer listed", EARLY, .batch = "UPDATE project SET candidates = entries('0=900000 1=800000 2=700000 10=1000') WHERE code = 'P0'", .reason = "project P0 lists reviewer R10, who is excluded"},
	{"a complete list that leaves somebody out", EARLY, .batch = "UPDATE project SET candidates = entries('0=100000 5=400000 6=300000 7=200000 8=100000') WHERE code = 'P2'", .reason = "project P2 has no cut, but"},
	{"a score that is a fingerprint", EARLY, .batch = "UPDATE project SET candidates = entries('0=900000 1=800000 2=700001') WHERE code = 'P0'", .reason = "not a multiple of the policy's step"},
	{"another demand", EARLY, .batch = "UPDATE project SET demand = 1 WHERE code = 'P0'", .reason = "project P0: its demand"},
	{"a project left out", EARLY, .batch = "DELETE FROM project WHERE code = 'P2'", .reason = "different numbers of projects"},
	{"a project under another code", EARLY, .batch = "UPDATE project SET code = 'P3' WHERE code = 'P2'", .reason = "project P3 is not"},
	{"a cell of four", EARLY, .batch = "UPDATE reviewer SET province = NULL WHERE code IN ('R08', 'R09', 'R10', 'R11')", .reason = "fewer than five"},
	{"another province", EARLY, .batch = "UPDATE reviewer SET province = 'west' WHERE code = 'R00'", .reason = "reviewer R00: its province"},
	{"a rank from nowhere", EARLY, .batch = "UPDATE reviewer SET rank = 'senior'", .reason = "its rank is not that"},
	{"an employer token of one", EARLY, .batch = "UPDATE reviewer SET employer = 'e2' WHERE code = 'R09'", .reason = "employer token stands at one"},
	{"another size of the pool", EARLY, .batch = "UPDATE meta SET value = '20' WHERE key = 'experts'", .reason = "another size of the pool"},
	{"two persons of one reviewer code", EARLY, .audit = "UPDATE person SET reviewer = 'R12' WHERE n = 13", .reason = "two persons have the reviewer code"},

	/* panels, loads, bound: the forger draws and logs whatever he likes */
	{"a place dropped and logged", EARLY, .batch = "DELETE FROM assignment WHERE reviewer = 'R06'", .reason = "project P2 has 1 reviewers, its demand is 2"},
	{"a place too many", EARLY, .batch = "INSERT INTO assignment VALUES ('P2', 'R07', 200000, 'panel')", .reason = "project P2 has 3 reviewers"},
	{"a worse reviewer", EARLY, .batch = "UPDATE assignment SET reviewer = 'R07', score = 200000 WHERE reviewer = 'R06'; UPDATE draw SET objective = 3650000", .record_from = "objective 3750000", .record_to = "objective 3650000", .reason = "gap of 100000"},
	{"a worse reviewer, objective left", EARLY, .batch = "UPDATE assignment SET reviewer = 'R07', score = 200000 WHERE reviewer = 'R06'", .reason = "objective is not the sum"},
	{"a reviewer who is no candidate", EARLY, .batch = "UPDATE assignment SET reviewer = 'R09' WHERE reviewer = 'R06'", .reason = "no candidate of project P2"},
	{"a reviewer who does not exist", EARLY, .batch = "UPDATE assignment SET reviewer = 'R77' WHERE reviewer = 'R06'", .reason = "no candidate of project P2"},
	{"a place's score raised", EARLY, .batch = "UPDATE assignment SET score = 400000 WHERE reviewer = 'R06'", .reason = "reviewer R06: its score"},
	{"a load exceeded", EARLY, .batch = "UPDATE assignment SET reviewer = 'R00', score = 900000 WHERE reviewer = 'R02'", .reason = "a reviewer has 2 projects"},
	{"two of one employer", EARLY, .batch = "UPDATE reviewer SET employer = 'e1' WHERE code = 'R02'", .reason = "project P0 has two reviewers of one employer"},
	{"good: a price that a full load outweighs", EARLY, .batch = "UPDATE draw SET prices = prices('250000 0 0 0 0 1000 0 0 0 0 0 0')", .reason = NULL},
	{"a price shifted too far", EARLY, .batch = "UPDATE draw SET prices = prices('250000 0 0 0 0 300000 0 0 0 0 0 0')", .reason = "prices do not give its bound"},
	{"the needed price dropped", EARLY, .batch = "UPDATE draw SET prices = prices('0 0 0 0 0 0 0 0 0 0 0 0')", .reason = "prices do not give its bound"},
	{"a negative price for the unlisted", EARLY, .batch = "UPDATE draw SET prices = prices('250000 0 0 0 0 0 0 0 0 0 0 -300000')", .reason = "prices do not give its bound"},
	{"a bound too high, logged", EARLY, .batch = "UPDATE draw SET bound = 3750001", .record_from = "bound 3750000", .record_to = "bound 3750001", .reason = "prices do not give its bound"},
	{"a cut that hides better reviewers", EARLY, .batch = "UPDATE project SET cut = 750000 WHERE code = 'P0'", .reason = "prices do not give its bound"},
	{"objective and bound lowered together", EARLY, .batch = "UPDATE draw SET bound = 3749999, objective = 3749999", .record_from = "bound 3750000", .record_to = "bound 3749999", .reason = "not that of the batch file"},
	{"a reserve nobody asked for", EARLY, .batch = "INSERT INTO assignment VALUES ('P2', 'R07', 200000, 'reserve')", .reason = "more reserves"},
	{"a price beyond reason", EARLY, .batch = "UPDATE draw SET prices = prices('9223372036854775807 0 0 0 0 0 0 0 0 0 0 0')", .reason = "makes no sense"},

	/* malformed */
	{"a list with half an entry", EARLY, .batch = "UPDATE project SET candidates = CAST(X'000000000000000001' AS BLOB) WHERE code = 'P0'", .reason = "whole entry"},
	{"a list out of order", EARLY, .batch = "UPDATE project SET candidates = entries('1=800000 0=900000 2=700000') WHERE code = 'P0'", .reason = "malformed at entry 1"},
	{"a list that repeats", EARLY, .batch = "UPDATE project SET candidates = entries('0=900000 0=900000 2=700000') WHERE code = 'P0'", .reason = "malformed at entry 1"},
	{"a list that points outside", EARLY, .batch = "UPDATE project SET candidates = entries('0=900000 1=800000 12=700000') WHERE code = 'P0'", .reason = "malformed at entry 2"},
	{"a negative score", EARLY, .batch = "UPDATE project SET candidates = entries('0=900000 1=800000 2=-1000') WHERE code = 'P0'", .reason = "malformed at entry 2"},
	{"a negative cut", EARLY, .batch = "UPDATE project SET cut = -1 WHERE code = 'P0'", .reason = "cut makes no sense"},
	{"prices cut off", EARLY, .batch = "UPDATE draw SET prices = prices('250000 0 0')", .reason = "not one price for each"},
	{"a price too many", EARLY, .batch = "UPDATE draw SET prices = prices('250000 0 0 0 0 0 0 0 0 0 0 0 0')", .reason = "not one price for each"},
	{"pairs out of order", EARLY, .audit = "UPDATE exclusion SET pairs = entries('11=5 10=4') WHERE project = 0", .reason = "exclusion: project P0: the pairs are malformed at entry 1"},
	{"pairs with an empty mask", EARLY, .audit = "UPDATE exclusion SET pairs = entries('9=0 10=4 11=5') WHERE project = 0", .reason = "malformed at entry 0"},
	{"pairs with an unknown rule", EARLY, .audit = "UPDATE exclusion SET pairs = entries('10=32772 11=5') WHERE project = 0", .reason = "malformed at entry 0"},
	{"pairs that point outside", EARLY, .audit = "UPDATE exclusion SET pairs = entries('10=4 11=5 19=1') WHERE project = 0", .reason = "malformed at entry 2"},
	{"pairs of no project", EARLY, .audit = "INSERT INTO exclusion VALUES (3, entries('0=1'))", .reason = "table exclusion, row 4"},
	{"pairs with garbage behind", EARLY, .audit = "UPDATE flagged SET pairs = X'0000000000040000FF'", .reason = "whole entry"},
	{"a post of nobody", EARLY, .audit = "UPDATE post SET person = 19 WHERE n = 3", .reason = "table post, row 4"},
	{"a post of an unknown kind", EARLY, .audit = "UPDATE post SET kind = 7 WHERE n = 3", .reason = "table post, row 4"},
	{"a gap in the numbers", EARLY, .audit = "DELETE FROM relation WHERE n = 2", .reason = "table relation, row 3"},
	{"an interval that ends before it begins", EARLY, .audit = "UPDATE post SET until = since - 1 WHERE n = 1", .reason = "table post, row 2"},
	{"persons not in the order of codes", EARLY, .audit = "UPDATE person SET code = 'A00x' WHERE n = 3", .reason = "table person, row 4"},
	{"a stub with a reviewer code", EARLY, .audit = "UPDATE person SET reviewer = 'R50' WHERE n = 15", .reason = "table person, row 16"},
	{"a code with a line break", EARLY, .batch = "UPDATE reviewer SET code = 'R11' || char(10) || 'x' WHERE code = 'R11'", .reason = "table reviewer, row 12"},
	{"a further table", EARLY, .batch = "CREATE TABLE names(code TEXT, name TEXT)", .reason = "table names that the format does not know"},
	{"a view in a table's place", EARLY, .batch = "ALTER TABLE assignment RENAME TO a; CREATE VIEW assignment AS SELECT * FROM a", .reason = "it has no table assignment"},
	{"a further column", EARLY, .batch = "ALTER TABLE reviewer ADD COLUMN name TEXT", .reason = "reviewer has not the columns"},
	{"a table missing", EARLY, .audit = "DROP TABLE flagged", .reason = "it has no table flagged"},
	{"a newer format", LATE, .batch = "PRAGMA user_version = 3", .reason = "its format 3 is not 1 or 2"},
	{"another application's file", LATE, .audit = "PRAGMA application_id = 1", .reason = "audit file: it is not a file of veil"},
	{"a batch of format 2", EARLY, .batch = "UPDATE meta SET value = 'veil-batch/2' WHERE key = 'format'", .reason = "not veil-batch/1"},
	{"an unknown role", EARLY, .batch = "UPDATE assignment SET role = 'chair' WHERE reviewer = 'R06'", .reason = "table assignment, row 6"},
};

/* The log of a forger: without the draw. */
static void
undraw_ledger(Site *site)
{
	while ((int)site->records->len > site->draw_record - 1)
		g_ptr_array_remove_index(site->records, site->records->len - 1);
}

static void
apply_sql(Site *site, const Case *c)
{
	if (c->batch)
		site_sql(site->batch, c->batch);
	if (c->audit)
		site_sql(site->audit, c->audit);
}

static void
check_case(void **state)
{
	const Case *c = *state;
	Site *site = site_new();
	g_autofree char *text = NULL;
	int status;

	if (c->time == EARLY)
		apply_sql(site, c);
	if (c->time == EARLY && (c->reason == NULL || g_str_has_prefix(c->name, "R05") || g_str_has_prefix(c->name, "peers")) && c->batch && strstr(c->batch, "'policy'"))
		for (int i = 0; i < 2; i++) { /* the digest beside the changed policy */
			sqlite3 *db = i ? site->audit : site->batch;
			sqlite3_stmt *stmt = NULL;
			g_autofree char *digest = NULL;

			assert_int_equal(sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE key = 'policy'", -1, &stmt, NULL), SQLITE_OK);
			assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
			digest = sha256_text((const char *)sqlite3_column_text(stmt, 0), (gsize)sqlite3_column_bytes(stmt, 0));
			sqlite3_finalize(stmt);
			stmt = NULL;
			assert_int_equal(sqlite3_prepare_v2(db, "UPDATE meta SET value = ?1 WHERE key = 'policy_sha256'", -1, &stmt, NULL), SQLITE_OK);
			sqlite3_bind_text(stmt, 1, digest, -1, SQLITE_TRANSIENT);
			assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
			sqlite3_finalize(stmt);
		}
	if (c->ledger)
		undraw_ledger(site);
	if (c->record_from) {
		int hits = 0;

		for (guint i = 0; i < site->records->len; i++)
			if (i >= (guint)site->freeze_record && strstr(site->records->pdata[i], c->record_from)) {
				site_edit_record(site, i, c->record_from, c->record_to);
				hits++;
			}
		assert_true(hits > 0);
	}
	site_seal(site);
	if (c->time == LATE)
		apply_sql(site, c);
	site_close(site);
	status = run_verify(&text, "batch", site->batch_path, NULL);
	if (status != (c->reason ? 5 : 0) || (c->reason && strstr(text, c->reason) == NULL))
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", c->name, status, c->reason ? c->reason : "VERIFIED", text);
	site_free(site);
}

static void
test_not_drawn_yet_says_so(void **state)
{
	Site *site = site_new();
	g_autofree char *text = NULL, *json = NULL;

	(void)state;
	site_sql(site->batch, UNDRAW);
	undraw_ledger(site);
	site_seal(site);
	site_close(site);
	assert_int_equal(run_verify(&text, "batch", site->batch_path, NULL), 0);
	assert_non_null(strstr(text, "nothing is drawn yet"));
	assert_int_equal(run_verify(&json, "batch", site->batch_path, "--json", NULL), 0);
	assert_non_null(strstr(json, "\"verified\":true"));
	site_free(site);
}

static void
test_missing_files_are_exit_1(void **state)
{
	Site *site = site_new();
	g_autofree char *a = NULL, *b = NULL, *c = NULL, *d = NULL;

	(void)state;
	site_seal(site);
	site_close(site);
	assert_int_equal(run_verify(&a, "batch", "/nowhere/x.veil", NULL), 1);
	assert_int_equal(run_verify(&b, "batch", site->batch_path, "--audit", "/nowhere/x.audit", NULL), 1);
	assert_int_equal(run_verify(&c, "batch", site->batch_path, "--ledger", "/nowhere/ledger.db", NULL), 1);
	assert_int_equal(run_verify(&d, "batch", NULL), 2);
	site_free(site);
}

/* Every byte counts: whatever single byte of a file changes, the verdict is either the same or "not verified", never a crash. */
static void
test_flipped_bytes(void **state)
{
	Site *site = site_new();
	char *paths[] = {site->batch_path, site->audit_path, site->ledger_path};
	guint rejected = 0, tried = 0;
	GRand *random = g_rand_new_with_seed(11);

	(void)state;
	site_seal(site);
	site_close(site);
	for (guint f = 0; f < 3; f++) {
		g_autofree char *bytes = NULL;
		gsize len = 0;

		assert_true(g_file_get_contents(paths[f], &bytes, &len, NULL));
		for (guint i = 0; i < 60; i++) {
			gsize at = (gsize)g_rand_int_range(random, 0, (gint32)len);
			g_autofree char *text = NULL;
			char old = bytes[at];
			int status;

			bytes[at] = (char)(old ^ (1 << g_rand_int_range(random, 0, 8)));
			assert_true(g_file_set_contents(paths[f], bytes, (gssize)len, NULL));
			status = run_verify(&text, "batch", site->batch_path, NULL);
			if (status != 0 && status != 5 && status != 1)
				fail_msg("file %u, byte %" G_GSIZE_FORMAT ": exit %d:\n%s", f, at, status, text);
			rejected += status == 5;
			tried++;
			bytes[at] = old;
		}
		assert_true(g_file_set_contents(paths[f], bytes, (gssize)len, NULL));
	}
	assert_true(rejected > 0 && rejected <= tried);
	g_rand_free(random);
	site_free(site);
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(cases) + 3];
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		tests[n++] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, (void *)&cases[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_not_drawn_yet_says_so);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_missing_files_are_exit_1);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_flipped_bytes);
	return _cmocka_run_group_tests("batch", tests, n, NULL, NULL);
}
