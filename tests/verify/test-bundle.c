/* test-bundle.c - bundles and what a freeze says it knew: named forgeries, each refused for its own reason, and random mutations of the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "bundle-fixture.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static guint n_mutations = 4000;

/* --- the list: text edited (regular expressions), files as they are ------------------------------------------------------- */

#define OF(file, what, from, to, why) {"list: " what " of " file, from " " file "\n", to " " file "\n", file " " why}
#define OF_EACH(what, from, to, why) \
	OF("audit/2026A.audit", what, from, to, why), OF("audit/2026A.openings", what, from, to, why), OF("draw/2026A.veil", what, from, to, why), \
	OF("ledger/checkpoint", what, from, to, why), OF("ledger/checkpoints/3.note", what, from, to, why), OF("ledger/ledger.db", what, from, to, why), OF("ledger/vkey", what, from, to, why)
#define LEFT_OUT(file) {"list: " file " left out", "^.* " file "\n", "", file " is not in its list"}
#define NAMED(what, path) {"list: " what, "ledger/vkey\n", path "\n", "belongs in no bundle"}

static const Edit list_edits[] = {
	{"list: another format", "veil-bundle/1", "veil-bundle/2", "does not begin with veil-bundle/1"},
	{"list: no format", "\\Aveil-bundle/1\n", "", "does not begin with veil-bundle/1"},
	{"list: a blank behind the format", "veil-bundle/1", "veil-bundle/1 ", "does not begin"},
	{"list: the format twice", "\\Aveil-bundle/1\n", "veil-bundle/1\nveil-bundle/1\n", "line 2 is not a length"},
	{"list: carriage returns", "\n", "\r\n", "does not begin"},
	{"list: a carriage return at one line", "ledger/vkey\n", "ledger/vkey\r\n", "belongs in no bundle"},
	{"list: no line feed at its end", "\n\\z", "", "not written as a list must be"},
	{"list: something behind it", "\\z", "x", "not written as a list must be"},
	{"list: an empty line behind it", "\\z", "\n", "is not a length"},
	{"list: an empty line within", "^(\\d+ \\w+ ledger/vkey)", "\n\\1", "is not a length"},
	{"list: a leading zero", "^(\\d+ \\w+ ledger/vkey)", "0\\1", "not written as a list must be"},
	{"list: a plus", "^(\\d+ \\w+ ledger/vkey)", "+\\1", "is not a length"},
	{"list: a minus", "^(\\d+ \\w+ ledger/vkey)", "-\\1", "is not a length"},
	{"list: a length in hex", "^(\\d+)( \\w+ ledger/vkey)", "0x4a\\2", "is not a length"},
	{"list: a length beyond all files", "^(\\d+)( \\w+ ledger/vkey)", "99999999999999999999\\2", "is not a length"},
	{"list: no length", "^(\\d+) (\\w+ ledger/vkey)", " \\2", "is not a length"},
	{"list: a digest in capitals", "\\w+ ledger/vkey", "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef ledger/vkey", "is not a length"},
	{"list: a digest too short", "\\w ledger/vkey", " ledger/vkey", "is not a length"},
	{"list: a digest too long", " ledger/vkey", "0 ledger/vkey", "is not a length"},
	{"list: a digest of other letters", "\\w ledger/vkey", "g ledger/vkey", "is not a length"},
	{"list: two blanks", " ledger/vkey", "  ledger/vkey", "belongs in no bundle"},
	{"list: a tab", " ledger/vkey", "\tledger/vkey", "is not a length"},
	{"list: a blank in front", "^(\\d+ \\w+ ledger/vkey)", " \\1", "is not a length"},
	{"list: a blank behind", "ledger/vkey\n", "ledger/vkey \n", "belongs in no bundle"},
	{"list: two lines swapped", "^(.* ledger/ledger.db\n)(.* ledger/vkey\n)", "\\2\\1", "out of order"},
	{"list: a file twice", "^(.* ledger/vkey\n)", "\\1\\1", "names a file twice"},
	{"list: bytes that are no text", "2026A.veil", "2026\xff.veil", "no UTF-8"},
	{"list: no path", " ledger/vkey", "", "is not a length"},
	NAMED("an empty path", ""),
	NAMED("a path from the root", "/ledger/vkey"),
	NAMED("a path upwards", "../ledger/vkey"),
	NAMED("a path that goes up within", "ledger/../ledger/vkey"),
	NAMED("a path with a dot", "./ledger/vkey"),
	NAMED("a path with two strokes", "ledger//vkey"),
	NAMED("the log's own key", "ledger/ledger.key"),
	NAMED("the register", "registry/registry.db"),
	NAMED("the register's key", "registry/registry.key"),
	NAMED("an operator's key", "registry/op1.key"),
	NAMED("site.ini", "site.ini"),
	NAMED("the list itself", "BUNDLE"),
	NAMED("a list of contacts", "notify/2026A.csv"),
	NAMED("a batch without a name", "draw/.veil"),
	NAMED("a hidden batch", "draw/.x.veil"),
	NAMED("a name with a blank", "draw/a b.veil"),
	NAMED("a name with a backslash", "draw/a\\\\b.veil"),
	NAMED("a name with a quote", "draw/a'b.veil"),
	NAMED("a name of 65 letters", "draw/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.veil"),
	NAMED("facts among the draws", "draw/2026A.audit"),
	NAMED("a batch among the facts", "audit/2026A.veil"),
	NAMED("a batch a folder deeper", "draw/x/2026A.veil"),
	NAMED("a journal", "draw/2026A.veil-journal"),
	NAMED("a checkpoint that is no note", "ledger/checkpoints/3.txt"),
	NAMED("a second ledger", "ledger/old-ledger.db"),
	NAMED("a key with a prefix", "ledger/xvkey"),
	OF_EACH("another length", "^\\d+ (\\w+)", "1 \\1", "has not the length"),
	OF_EACH("another digest", "\\w{64}", HEX64, "has not the digest"),
	LEFT_OUT("audit/2026A.audit"), LEFT_OUT("audit/2026A.openings"), LEFT_OUT("draw/2026A.veil"), LEFT_OUT("ledger/checkpoint"), LEFT_OUT("ledger/checkpoints/3.note"),
	LEFT_OUT("ledger/ledger.db"), LEFT_OUT("ledger/vkey"),
	{"list: a batch that is not there", "^(.* ledger/checkpoint\n)", "0 " HEX64 " draw/2026B.veil\n\\1", "draw/2026B.veil is in its list and not there"},
};

static void
check_list_edit(void **state)
{
	const Edit *edit = *state;
	g_autofree char *list = list_text(shared), *forged = edited(list, edit->from, edit->to);

	write_file(shared->dir, "BUNDLE", forged);
	expect(edit->name, holds(shared, (LedgerOptions){0}), edit->reason);
	write_file(shared->dir, "BUNDLE", list);
}

/* --- files changed behind the list ---------------------------------------------------------------------------------------- */

typedef enum { FLIP_FIRST, FLIP_MIDDLE, FLIP_LAST, CUT_BYTE, ADD_BYTE, EMPTY, REMOVE, LINK, N_DAMAGES } Damage;

static const char *const damage_words[N_DAMAGES][2] = {
	{"the first byte of %s flipped", "has not the digest"}, {"a byte in the middle of %s flipped", "has not the digest"}, {"the last byte of %s flipped", "has not the digest"},
	{"%s a byte short", "has not the length"},		{"%s a byte longer", "has not the length"},		      {"%s emptied", "has not the length"},
	{"%s removed", "is in its list and not there"},		{"a link in the place of %s", "is a link"},
};

typedef struct {
	char name[80];
	Damage damage;
	const char *file;
} Damaged;

static Damaged damaged[N_DAMAGES * G_N_ELEMENTS(files)];

static void
check_damage(void **state)
{
	const Damaged *d = *state;
	g_autofree char *path = path_of(shared, d->file), *bytes = NULL, *aside = g_strconcat(shared->dir, "-aside", NULL), *reason = g_strdup_printf("%s %s", d->file, damage_words[d->damage][1]);
	g_autofree char *forged = NULL;
	gsize len = 0, at;

	assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	forged = g_memdup2(bytes, len + 1);
	at = d->damage == FLIP_FIRST ? 0 : d->damage == FLIP_MIDDLE ? len / 2 : len - 1;
	forged[at] = (char)(forged[at] ^ 1);
	if (d->damage == REMOVE || d->damage == LINK)
		assert_int_equal(g_rename(path, aside), 0);
	if (d->damage == LINK)
		assert_int_equal(symlink(aside, path), 0);
	if (d->damage <= FLIP_LAST)
		assert_true(g_file_set_contents(path, forged, (gssize)len, NULL));
	else if (d->damage <= EMPTY)
		assert_true(g_file_set_contents(path, bytes, d->damage == EMPTY ? 0 : (gssize)(d->damage == CUT_BYTE ? len - 1 : len + 1), NULL));
	expect(d->name, holds(shared, (LedgerOptions){0}), reason);
	g_remove(path);
	g_remove(aside);
	assert_true(g_file_set_contents(path, bytes, (gssize)len, NULL));
}

/* Things beside. */
static const char *const strays[][2] = {
	{"notes.txt", "notes.txt is not in its list"},		  {".hidden", ".hidden is not in its list"},
	{"ledger/ledger.key", "ledger/ledger.key is not in"},	  {"draw/2026B.veil", "draw/2026B.veil is not in"},
	{"draw/2026A.veil-journal", "draw/2026A.veil-journal is"}, {"audit/2026A.audit-journal", "audit/2026A.audit-journal is not"},
	{"ledger/ledger.db-wal", "ledger/ledger.db-wal is not"},  {"audit/2026B.openings", "audit/2026B.openings is not"},
	{"ledger/checkpoints/9.note", "9.note is not in its list"}, {"registry/registry.db", "registry/registry.db is not"},
	{"notify/2026A.csv", "notify/2026A.csv is not in"},	  {"a/b/c/d/e", "lies too deep"},
};

static void
check_stray(void **state)
{
	const char *const *stray = *state;
	g_autofree char *path = path_of(shared, stray[0]), *folder = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	assert_true(g_file_set_contents(path, "x", 1, NULL));
	expect(stray[0], holds(shared, (LedgerOptions){0}), stray[1]);
	for (g_remove(path); strlen(folder) > strlen(shared->dir) && g_rmdir(folder) == 0; folder[strrchr(folder, '/') - folder] = '\0')
		;
}

/* Files and their lines taken away together. */
static const char *const pairs[][3] = {
	{"no signed state at all", "ledger/checkpoint", "lists no ledger with a checkpoint"},
	{"no log", "ledger/ledger.db", "lists no ledger with a checkpoint"},
	{"facts without their batch", "draw/2026A.veil", "audit/2026A.audit is there without its batch file"},
	{"good: no statement", "audit/2026A.openings", NULL},
	{"good: no older state", "ledger/checkpoints/3.note", NULL},
	{"good: no facts", "audit/2026A.audit", NULL},
	{"good: no key, the auditor has his", "ledger/vkey", NULL},
};

static void
check_pair(void **state)
{
	const char *const *pair = *state;
	g_autofree char *path = path_of(shared, pair[1]), *bytes = NULL;
	gsize len = 0;

	assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	g_remove(path);
	write_list(shared);
	expect(pair[0], holds(shared, (LedgerOptions){0}), pair[2]);
	assert_true(g_file_set_contents(path, bytes, (gssize)len, NULL));
	write_list(shared);
}

/* --- the log: a record edited, all roots, notes, statement and list made anew ------------------------------------------------- */

typedef struct {
	const char *name;
	int record;
	const char *from, *to, *reason;
	const char *batch, *audit, *ledger; /* SQL behind the seal, in the list all the same */
} Forgery;

#define KNOWN(imports, merges, size, suspensions) \
	.record = 3, .from = "freeze-id 0123456789abcdef0123456789abcdef\n(policy.*\nregistry-root 1{64}\n)", \
	.to = "freeze-id 0123456789abcdef0123456789abcdef\n" imports merges "\\1" size suspensions

static const Forgery forgeries[] = {
	{"good: as it is", 0, NULL, NULL, NULL},
	{"an opening by codes", 6, "act batch.explain", "act batch.codes", "record 6 (batch.codes) is an opening of batch 2026A"},
	{"an opening by custodians", 6, "act batch.explain", "act escrow.open", "record 6 (escrow.open) is an opening of batch 2026A"},
	{"an opening by unmasking", 6, "act batch.explain", "act unmask.open", "record 6 (unmask.open) is an opening of batch 2026A"},
	{"an opening before the freeze", 1, "(?s)act import.*source[^\n]*", "act unmask.open\nbatch 2026A", "record 1 (unmask.open) is an opening"},
	{"good: an opening of another batch", 6, "(?s)act batch.explain\nbatch 2026A", "act batch.codes\nbatch 2026B", NULL},
	{"good: what was known", KNOWN("imports 1\n", "merges 0\n", "registry-size 3\n", "suspensions 0\n"), .reason = NULL},
	{"known: an import too many", KNOWN("imports 2\n", "merges 0\n", "registry-size 3\n", "suspensions 0\n"), .reason = "counts other imports than the 1"},
	{"known: an import too few", KNOWN("imports 0\n", "merges 0\n", "registry-size 3\n", "suspensions 0\n"), .reason = "counts other imports than the 1"},
	{"known: read before the import, and yet with it", KNOWN("imports 1\n", "merges 0\n", "registry-size 1\n", "suspensions 0\n"), .reason = "counts other imports than the 0"},
	{"known: imports not said", KNOWN("", "merges 0\n", "registry-size 3\n", "suspensions 0\n"), .reason = "counts other imports"},
	{"known: a merger from nowhere", KNOWN("imports 1\n", "merges 1\n", "registry-size 3\n", "suspensions 0\n"), .reason = "counts other merges than the 0"},
	{"known: mergers not said", KNOWN("imports 1\n", "", "registry-size 3\n", "suspensions 0\n"), .reason = "counts other merges"},
	{"known: a suspension from nowhere", KNOWN("imports 1\n", "merges 0\n", "registry-size 3\n", "suspensions 1\n"), .reason = "counts other suspensions than the 0"},
	{"known: suspensions not said", KNOWN("imports 1\n", "merges 0\n", "registry-size 3\n", ""), .reason = "counts other suspensions"},
	{"known: a number spelt otherwise", KNOWN("imports 01\n", "merges 0\n", "registry-size 3\n", "suspensions 0\n"), .reason = "counts other imports"},
	{"known: read after the freeze", KNOWN("imports 1\n", "merges 0\n", "registry-size 4\n", "suspensions 0\n"), .reason = "registry-size is no number of records before it"},
	{"known: a size that is none", KNOWN("imports 1\n", "merges 0\n", "registry-size all\n", "suspensions 0\n"), .reason = "registry-size is no number"},
	{"the draw changed after the log", .batch = "UPDATE assignment SET reviewer = 'R07', score = 200000 WHERE reviewer = 'R06'", .reason = "batch 2026A: ledger record 5 (batch.draw): its draw-root"},
	{"a list changed after the log", .batch = "UPDATE project SET cut = 600000 WHERE code = 'P0'", .reason = "its batch-root is not that"},
	{"a fact changed after the log", .audit = "UPDATE ban SET until = since + 1 WHERE n = 0", .reason = "its audit-root is not that"},
	{"an exclusion dropped after the log", .audit = "DELETE FROM everywhere", .reason = "its audit-root is not that"},
	{"the draw taken out", .batch = "DELETE FROM draw; DELETE FROM assignment", .reason = "it has no draw, but ledger record 5"},
	{"a further table in the batch file", .batch = "CREATE TABLE names(code TEXT)", .reason = "table names that the format does not know"},
	{"a further table in the audit file", .audit = "CREATE TABLE names(code TEXT)", .reason = "table names that the format does not know"},
	{"the log's tail cut off", .ledger = "DELETE FROM leaf WHERE seq >= 5", .reason = "its tail is cut off"},
	{"the log's last record cut off", .ledger = "DELETE FROM leaf WHERE seq = 6", .reason = "its tail is cut off"},
	{"a record altered in the log", .ledger = "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'new 14', 'new 15') AS BLOB) WHERE seq = 1", .reason = "are not those that the checkpoint signs"},
	{"a record taken out of the log", .ledger = "DELETE FROM leaf WHERE seq = 1", .reason = "record 1 is missing"},
	{"good: a record behind the signed state", .ledger = "INSERT INTO leaf SELECT 7, CAST(replace(replace(CAST(record AS TEXT), 'seq 6', 'seq 7'), 'P0', 'P1') AS BLOB) FROM leaf WHERE seq = 6", .reason = NULL},
	{"no batch file at all", .batch = "DROP TABLE meta", .reason = "it has no table meta"},
	{"a newer batch file", .batch = "PRAGMA user_version = 9", .reason = "this checker knows no other"},
};

static void
change(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	if (sql == NULL)
		return;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	site_sql(db, sql);
	sqlite3_close(db);
}

static void
check_forgery(void **state)
{
	const Forgery *f = *state;
	Site *site = site_new();

	if (f->from) {
		char *old = site->records->pdata[f->record];

		site->records->pdata[f->record] = edited(old, f->from, f->to);
		g_free(old);
	}
	seal(site);
	change(site->batch_path, f->batch);
	change(site->audit_path, f->audit);
	change(site->ledger_path, f->ledger);
	write_list(site);
	expect(f->name, holds(site, (LedgerOptions){0}), f->reason);
	site_free(site);
}

/* The whole bundle written again by the log's owner; only the auditor's own note and the witness can tell. */
static void
test_rewritten_bundle(void **state)
{
	Site *site = site_new();
	g_autofree char *kept = site_note(site, 3, site->seed, ORIGIN), *path = g_build_filename(site->dir, "..", "veil-kept.note", NULL);
	char *notes[] = {path, NULL};

	(void)state;
	write_file(site->dir, "../veil-kept.note", kept);
	site_edit_record(site, 1, "new 14", "new 13");
	seal(site);
	expect("rewritten, by itself", holds(site, (LedgerOptions){0}), NULL);
	expect("rewritten, against a kept note", holds(site, (LedgerOptions){.checkpoints = notes}), "veil-kept.note: the first 3 records");
	g_remove(path);
	site_free(site);
}

/* A list of five for a panel of three: by the policy's own number, by the usual one, and with an exception of this freeze or of another. */
static void
test_smallest_set(void **state)
{
	static const struct {
		gint64 smallest;
		const char *exception;
		gboolean holds;
	} cases[] = {{5, NULL, TRUE}, {6, NULL, FALSE}, {-1, NULL, FALSE}, {0, NULL, TRUE}, {-1, "f1\nP0", TRUE}, {-1, "f2\nP0", FALSE}, {-1, "f1\nP1", FALSE}};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Check c = {.policy = {.smallest_set = cases[i].smallest}};
		g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash, g_str_equal), exceptions = g_hash_table_new(g_str_hash, g_str_equal);

		instance_init(&c.batch.x);
		instance_project(&c.batch.x, "P0");
		PROJECT(&c.batch.x, 0)->demand = 3;
		PROJECT(&c.batch.x, 0)->n_offers = 5;
		instance_project(&c.batch.x, "P9");
		PROJECT(&c.batch.x, 1)->demand = 0; /* nobody is due there */
		g_hash_table_insert(table, (gpointer) "freeze_id", (gpointer) "f1");
		c.batch.meta = table;
		c.ledger.exceptions = exceptions;
		if (cases[i].exception)
			g_hash_table_add(exceptions, (gpointer)cases[i].exception);
		verdict_forget();
		expect("a draw from few", smallest_check(&c), cases[i].holds ? NULL : "project P0 is drawn from 5 candidates");
		instance_clear(&c.batch.x);
	}
}

/* --- random mutations ---------------------------------------------------------------------------------------------------- */

/* Whatever is accepted lists other files than there are, so that the files convict it: lengths and digests are compared one by one. */
static void
test_mutated_lists(void **state)
{
	g_autofree char *list = list_text(shared);
	g_autoptr(GArray) truth = bundle_list_parse(list, strlen(list));
	GRand *random = g_rand_new_with_seed(31);
	guint refused = 0, other = 0;

	(void)state;
	assert_non_null(truth);
	for (guint i = 0; i < n_mutations; i++) {
		gsize len = strlen(list);
		g_autofree char *forged = mutate(random, list, &len);
		g_autoptr(GArray) said = NULL;
		gboolean same;

		if (len == strlen(list) && memcmp(forged, list, len) == 0)
			continue;
		verdict_forget();
		said = bundle_list_parse(forged, len);
		refused += said == NULL;
		if (said == NULL)
			continue;
		same = said->len == truth->len;
		for (guint k = 0; same && k < said->len; k++) {
			const BundleFile *a = &g_array_index(said, BundleFile, k), *b = &g_array_index(truth, BundleFile, k);

			same = a->length == b->length && strcmp(a->sha256, b->sha256) == 0 && strcmp(a->path, b->path) == 0;
		}
		assert_false(same);
		other++;
	}
	g_rand_free(random);
	print_message("# %u lists: %u refused, %u of other files\n", n_mutations, refused, other);
	assert_true(refused > 0 && other > 0);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[300];
	guint n = 0;

	if (argc > 1)
		n_mutations = (guint)atoi(argv[1]);
	EACH(list_edits, check_list_edit);
	for (guint d = 0; argc == 1 && d < N_DAMAGES; d++)
		for (guint f = 0; f < G_N_ELEMENTS(files); f++) {
			Damaged *one = &damaged[d * G_N_ELEMENTS(files) + f];

			g_strlcpy(one->name, "", sizeof one->name);
			g_autofree char *name = g_strdup_printf("%s", damage_words[d][0]);
			g_auto(GStrv) parts = g_strsplit(name, "%s", 2);

			g_snprintf(one->name, sizeof one->name, "%s%s%s", parts[0], files[f], parts[1]);
			one->damage = (Damage)d;
			one->file = files[f];
			tests[n++] = (struct CMUnitTest){one->name, check_damage, NULL, NULL, one};
		}
	EACH(strays, check_stray);
	EACH(pairs, check_pair);
	EACH(forgeries, check_forgery);
	if (argc == 1) {
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_smallest_set);
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_rewritten_bundle);
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_mutated_lists);
	return _cmocka_run_group_tests("bundle", tests, n, set_up_shared, tear_down_shared);
}
