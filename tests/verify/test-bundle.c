/* test-bundle.c - bundles, statements of openings, cosignatures and what a freeze says it knew: named forgeries, each refused for its own reason, and random mutations.
 *
 * One hand-made site (site.h) is a bundle but for its list. The forger writes list, digests, roots and log as he likes; what he has not is the witnesses' keys and the notes that others
 * hold. The checker runs in this process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <glib/gstdio.h>
#include <openssl/evp.h>

#include "site.h"
#include "verify.h"

#define ORIGIN "test.example/veil"
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *const files[] = {"audit/2026A.audit", "audit/2026A.openings", "draw/2026A.veil", "ledger/checkpoint", "ledger/checkpoints/3.note", "ledger/ledger.db", "ledger/vkey"};

/* --- a bundle ---------------------------------------------------------------------------------------------------------- */

static char *
path_of(const Site *site, const char *file)
{
	return g_build_filename(site->dir, file, NULL);
}

/* The list of what is there. */
static char *
list_text(const Site *site)
{
	GString *list = g_string_new("veil-bundle/1\n");

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = path_of(site, files[i]), *bytes = NULL, *digest = NULL;
		gsize len = 0;

		if (!g_file_get_contents(path, &bytes, &len, NULL))
			continue;
		digest = sha256_text(bytes, len);
		g_string_append_printf(list, "%" G_GSIZE_FORMAT " %s %s\n", len, digest, files[i]);
	}
	return g_string_free(list, FALSE);
}

static void
write_list(const Site *site)
{
	g_autofree char *list = list_text(site);

	write_file(site->dir, "BUNDLE", list);
}

static char *
statement_text(Site *site, guint size, const char *batch)
{
	g_autofree char *note = site_note(site, size, site->seed, ORIGIN);

	return g_strdup_printf("veil-openings/1\norigin " ORIGIN "\nbatch %s\nsize %u\nopenings 0\n\n%s", batch, size, note);
}

static void
seal(Site *site)
{
	g_autofree char *statement = NULL;

	site_seal(site);
	statement = statement_text(site, site->records->len, "2026A");
	write_file(site->dir, files[1], statement);
	site_close(site);
	write_list(site);
}

static gboolean
holds(const Site *site, LedgerOptions options)
{
	options.key = options.key ? options.key : site->vkey;
	verdict_forget();
	return bundle_verify(site->dir, NULL, &options) && verdict_reason() == NULL;
}

static void
expect(const char *name, gboolean ok, const char *reason)
{
	if (reason ? ok || verdict_reason() == NULL || strstr(verdict_reason(), reason) == NULL : !ok)
		fail_msg("%s: wanted \"%s\", got \"%s\"", name, reason ? reason : "VERIFIED", verdict_reason() ? verdict_reason() : "VERIFIED");
}

static char *
edited(const char *text, const char *from, const char *to)
{
	g_autoptr(GRegex) regex = g_regex_new(from, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
	char *out;

	assert_non_null(regex);
	out = g_regex_replace(regex, text, -1, 0, to, 0, NULL);
	if (out == NULL || strcmp(out, text) == 0)
		fail_msg("\"%s\" changes nothing", from);
	return out;
}

/* --- the list: text edited (regular expressions), files as they are ------------------------------------------------------- */

typedef struct {
	const char *name, *from, *to, *reason;
} Edit;

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

static Site *shared;

static int
set_up_shared(void **state)
{
	(void)state;
	shared = site_new();
	seal(shared);
	return 0;
}

static int
tear_down_shared(void **state)
{
	(void)state;
	site_free(shared);
	return 0;
}

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

/* --- statements: text edited, list made anew -------------------------------------------------------------------------------- */

static const Edit statement_edits[] = {
	{"statement: another format", "veil-openings/1", "veil-openings/2", "it is no statement of openings"},
	{"statement: no format", "\\Aveil-openings/1\n", "", "it is no statement of openings"},
	{"statement: empty", "(?s)\\A.+\\z", "", "it is no statement of openings"},
	{"statement: another log", "origin " ORIGIN, "origin other.example/veil", "another log than the key"},
	{"statement: no origin", "^origin .*\n", "", "another log than the key"},
	{"statement: another batch", "batch 2026A", "batch 2026B", "batch 2026B was never frozen"},
	{"statement: no batch's name", "batch 2026A", "batch ", "not written as a statement"},
	{"statement: a blank behind the batch", "batch 2026A", "batch 2026A ", "was never frozen"},
	{"statement: the batch under another word", "batch 2026A", "Batch 2026A", "not written as a statement"},
	{"statement: a larger size", "size 7", "size 8", "of another size than it states"},
	{"statement: a smaller size", "size 7", "size 6", "of another size than it states"},
	{"statement: a size with a zero in front", "size 7", "size 07", "not written as a statement"},
	{"statement: a size that is none", "size 7", "size seven", "size is not a decimal"},
	{"statement: a negative size", "size 7", "size -7", "size is not a decimal"},
	{"statement: one opening", "openings 0", "openings 1", "does not state that there was no opening"},
	{"statement: openings in another spelling", "openings 0", "openings 00", "does not state that there was no opening"},
	{"statement: openings left out", "^openings 0\n", "", "does not state that there was no opening"},
	{"statement: lines swapped", "(batch 2026A\n)(size 7\n)", "\\2\\1", "its size is not a decimal"},
	{"statement: carriage returns", "\n", "\r\n", "it is no statement of openings"},
	{"statement: a line more", "openings 0\n", "openings 0\nby op1\n", "not written as a statement"},
	{"statement: no empty line", "openings 0\n\n", "openings 0\n", "not written as a statement"},
	{"statement: no checkpoint", "(?s)openings 0\n\n.*", "openings 0\n\n", "it is no signed note"},
	{"statement: its checkpoint cut", "\n\\z", "", "it is no signed note"},
	{"statement: its checkpoint of a larger size", "\n7\n", "\n8\n", "the signature does not hold"},
	{"statement: its checkpoint of another log", "\n\n" ORIGIN, "\n\nother.example/veil", "speaks of another log"},
	{"statement: its checkpoint unsigned", "\n\n\xe2\x80\x94 .*\n", "\n\n\xe2\x80\x94 other.example/w AAAAAAAA\n", "not signed by the key"},
	{"statement: bytes that are no text", "batch 2026A", "batch 2026\xff", "no UTF-8"},
};

static void
check_statement_edit(void **state)
{
	const Edit *edit = *state;
	g_autofree char *true_text = NULL, *path = path_of(shared, files[1]), *forged = NULL;

	assert_true(g_file_get_contents(path, &true_text, NULL, NULL));
	forged = edited(true_text, edit->from, edit->to);
	write_file(shared->dir, files[1], forged);
	write_list(shared);
	expect(edit->name, holds(shared, (LedgerOptions){0}), edit->reason);
	write_file(shared->dir, files[1], true_text);
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

static void
test_statement_before_the_freeze(void **state)
{
	g_autofree char *early = statement_text(shared, 3, "2026A"), *true_text = NULL, *path = path_of(shared, files[1]);

	(void)state;
	assert_true(g_file_get_contents(path, &true_text, NULL, NULL));
	write_file(shared->dir, files[1], early);
	write_list(shared);
	expect("a statement from before the freeze", holds(shared, (LedgerOptions){0}), "batch 2026A was never frozen among the first 3 records");
	write_file(shared->dir, files[1], true_text);
	write_list(shared);
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

/* --- witnesses ---------------------------------------------------------------------------------------------------------- */

/* name+id+key of type 4 and a line on a note, by C2SP's words. */
static char *
witness_key(const char *name, guint8 fill, guint8 type, guint8 out_id[4])
{
	guint8 seed[32], typed[33] = {type};
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *base64 = NULL;
	size_t len = 32;
	gsize digest_len = 32;
	guint8 digest[32];
	EVP_PKEY *key;

	memset(seed, fill, sizeof seed);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, typed + 1, &len), 1);
	EVP_PKEY_free(key);
	g_checksum_update(sum, (const guchar *)name, (gssize)strlen(name));
	g_checksum_update(sum, (const guchar *)"\n", 1);
	g_checksum_update(sum, typed, 33);
	g_checksum_get_digest(sum, digest, &digest_len);
	memcpy(out_id, digest, 4);
	base64 = g_base64_encode(typed, 33);
	return g_strdup_printf("%s+%02x%02x%02x%02x+%s", name, digest[0], digest[1], digest[2], digest[3], base64);
}

static char *
cosigned(const char *note, const char *name, guint8 fill, guint64 time, guint64 said, gsize cut)
{
	const char *end = strstr(note, "\n\n") + 1;
	g_autofree char *text = g_strndup(note, (gsize)(end - note)), *message = g_strdup_printf("cosignature/v1\ntime %" G_GUINT64_FORMAT "\n%s", time, text), *base64 = NULL, *vkey = NULL;
	guint8 seed[32], line[4 + 8 + 64];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *key;
	size_t len = 64;

	memset(seed, fill, sizeof seed);
	vkey = witness_key(name, fill, 4, line);
	for (guint i = 0; i < 8; i++)
		line[4 + i] = (guint8)(said >> 8 * (7 - i));
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(context, line + 12, &len, (const guint8 *)message, strlen(message)), 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	base64 = g_base64_encode(line, sizeof line - cut);
	return g_strdup_printf("%s\xe2\x80\x94 %s %s\n", note, name, base64);
}

typedef struct {
	const char *name;
	guint size;		      /* of the checkpoint that is cosigned; 3: the older one */
	guint8 signs[3];	      /* by which keys (11, 12, 13); 0: nobody */
	guint64 time, said;
	gsize cut;
	const char *from, *to;	      /* the note then edited */
	guint8 trusts[3];	      /* keys the auditor names */
	int quorum;
	guint8 type;
	const char *reason;
} Witnessing;

#define T 1772413320
static const Witnessing witnessings[] = {
	{"good: one of one", 7, {11}, T, T, 0, NULL, NULL, {11}, 0, 4, NULL},
	{"good: two of three", 7, {11, 12}, T, T, 0, NULL, NULL, {11, 12, 13}, 2, 4, NULL},
	{"good: on the older state only", 3, {11}, T, T, 0, NULL, NULL, {11}, 0, 4, NULL},
	{"good: strangers beside", 7, {11, 13}, T, T, 0, NULL, NULL, {11}, 1, 4, NULL},
	{"witness: nobody cosigned", 7, {0}, T, T, 0, NULL, NULL, {11}, 0, 4, "no checkpoint bears the cosignatures of 1 of your 1 witnesses (the best has 0)"},
	{"witness: one of two asked for", 7, {11}, T, T, 0, NULL, NULL, {11, 12}, 2, 4, "cosignatures of 2 of your 2 witnesses (the best has 1)"},
	{"witness: all are asked for where no number is said", 7, {11, 12}, T, T, 0, NULL, NULL, {11, 12, 13}, 0, 4, "cosignatures of 3 of your 3"},
	{"witness: by somebody else", 7, {12}, T, T, 0, NULL, NULL, {11}, 0, 4, "no checkpoint bears"},
	{"witness: the same one twice", 7, {11, 11}, T, T, 0, NULL, NULL, {11, 12}, 2, 4, "(the best has 1)"},
	{"witness: named twice", 7, {11}, T, T, 0, NULL, NULL, {11, 11}, 1, 4, "two witnesses have one key"},
	{"witness: another time than signed", 7, {11}, T, T + 1, 0, NULL, NULL, {11}, 0, 4, "the cosignature of w11 does not hold"},
	{"witness: no time", 7, {11}, 0, 0, 0, NULL, NULL, {11}, 0, 4, "the cosignature of w11 does not hold"},
	{"witness: a time beyond all clocks", 7, {11}, G_MAXUINT64, G_MAXUINT64, 0, NULL, NULL, {11}, 0, 4, "the cosignature of w11 does not hold"},
	{"witness: a signature a byte short", 7, {11}, T, T, 1, NULL, NULL, {11}, 0, 4, "the cosignature of w11 does not hold"},
	{"witness: a line without signature", 7, {11}, T, T, 64, NULL, NULL, {11}, 0, 4, "the cosignature of w11 does not hold"},
	{"witness: under another's name", 7, {11}, T, T, 0, "\xe2\x80\x94 w11", "\xe2\x80\x94 w12", {11}, 0, 4, "no checkpoint bears"},
	{"witness: a line that is none", 7, {11}, T, T, 0, "\xe2\x80\x94 w11 ", "\xe2\x80\x94 w11  ", {11}, 0, 4, "a signature line is malformed"},
	{"witness: a line without a dash", 7, {11}, T, T, 0, "\xe2\x80\x94 w11 ", "- w11 ", {11}, 0, 4, "does not begin with a dash"},
	{"witness: a line that is no base 64", 7, {11}, T, T, 0, "\xe2\x80\x94 w11 ", "\xe2\x80\x94 w11 !", {11}, 0, 4, "a signature line is malformed"},
	{"witness: pasted from the older state", 3, {11}, T, T, 0, "PASTE", NULL, {11}, 0, 4, "the cosignature of w11 does not hold"},
	{"witness: a key that signs logs", 7, {11}, T, T, 0, NULL, NULL, {11}, 0, 1, "of a witness (type 4)"},
	{"witness: more are asked for than named", 7, {11}, T, T, 0, NULL, NULL, {11}, 2, 4, "a quorum of 2 of 1 witnesses makes no sense"},
	{"witness: fewer than none", 7, {11}, T, T, 0, NULL, NULL, {11}, -1, 4, "a quorum of -1 of 1 witnesses makes no sense"},
};

static void
check_witnessing(void **state)
{
	const Witnessing *w = *state;
	const char *file = w->size == 7 ? files[3] : files[4];
	g_autofree char *path = path_of(shared, file), *true_note = NULL, *note = NULL;
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

	assert_true(g_file_get_contents(path, &true_note, NULL, NULL));
	note = g_strdup(true_note);
	for (guint i = 0; i < 3 && w->signs[i]; i++) {
		g_autofree char *name = g_strdup_printf("w%u", w->signs[i]), *before = note;

		note = cosigned(before, name, w->signs[i], w->time, w->said, w->cut);
	}
	if (g_strcmp0(w->from, "PASTE") == 0) { /* the line goes under the latest one */
		g_autofree char *latest_path = path_of(shared, files[3]), *latest = NULL, *before = note, *forged = NULL;

		assert_true(g_file_get_contents(latest_path, &latest, NULL, NULL));
		forged = g_strconcat(latest, strstr(before, "\xe2\x80\x94 w11"), NULL);
		note = g_strdup(true_note);
		write_file(shared->dir, files[3], forged);
		write_list(shared);
		g_ptr_array_add(keys, witness_key("w11", 11, 4, (guint8[4]){0}));
		g_ptr_array_add(keys, NULL);
		expect(w->name, holds(shared, (LedgerOptions){.witnesses = (char **)keys->pdata}), w->reason);
		write_file(shared->dir, files[3], latest);
		write_list(shared);
		return;
	}
	if (w->from) {
		g_autofree char *before = note;

		note = edited(before, w->from, w->to);
	}
	write_file(shared->dir, file, note);
	write_list(shared);
	for (guint i = 0; i < 3 && w->trusts[i]; i++) {
		g_autofree char *name = g_strdup_printf("w%u", w->trusts[i]);

		g_ptr_array_add(keys, witness_key(name, w->trusts[i], w->type, (guint8[4]){0}));
	}
	g_ptr_array_add(keys, NULL);
	expect(w->name, holds(shared, (LedgerOptions){.witnesses = (char **)keys->pdata, .quorum = w->quorum}), w->reason);
	write_file(shared->dir, file, true_note);
	write_list(shared);
}

/* --- proofs of inclusion: by the recursive definition, not by the checker's loop ---------------------------------------------- */

static void
hash_of(guint8 mark, const void *a, gsize n_a, const void *b, gsize n_b, guint8 out[32])
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize len = 32;

	g_checksum_update(sum, &mark, 1);
	g_checksum_update(sum, a, (gssize)n_a);
	g_checksum_update(sum, b, (gssize)n_b);
	g_checksum_get_digest(sum, out, &len);
}

/* Root of leaves [from, from + n); the path of leaf `of` is appended to path where it lies within. */
static void
tree_path(const Site *site, guint from, guint n, guint of, GByteArray *path, guint8 out[32])
{
	guint8 left[32], right[32];
	guint k = 1;

	if (n == 1) {
		hash_of(0, site->records->pdata[from], strlen(site->records->pdata[from]), "", 0, out);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	tree_path(site, from, k, of, of >= from && of < from + k ? path : NULL, left);
	tree_path(site, from + k, n - k, of, of >= from + k && of < from + n ? path : NULL, right);
	if (path)
		g_byte_array_append(path, of < from + k ? right : left, 32);
	hash_of(1, left, 32, right, 32, out);
}

static char *
proof_text(Site *site, guint index, guint size)
{
	g_autoptr(GByteArray) path = g_byte_array_new();
	g_autofree char *note = site_note(site, size, site->seed, ORIGIN);
	GString *out = g_string_new("c2sp.org/tlog-proof@v1\n");
	guint8 root[32];

	tree_path(site, 0, size, index, path, root);
	g_string_append_printf(out, "index %u\n", index);
	for (guint i = 0; i < path->len / 32; i++) {
		g_autofree char *base64 = g_base64_encode(path->data + 32 * i, 32);

		g_string_append_printf(out, "%s\n", base64);
	}
	g_string_append_printf(out, "\n%s", note);
	return g_string_free(out, FALSE);
}

static gboolean
proof_holds(const char *proof, const char *record, const char *vkey)
{
	g_autofree char *path = g_strconcat(shared->dir, "-proof", NULL), *record_path = g_strconcat(shared->dir, "-record", NULL);
	gboolean ok;

	assert_true(g_file_set_contents(path, proof, -1, NULL) && g_file_set_contents(record_path, record, -1, NULL));
	verdict_forget();
	ok = inclusion_verify(path, record_path, vkey) && verdict_reason() == NULL;
	g_remove(path);
	g_remove(record_path);
	return ok;
}

static void
test_every_proof_of_every_size(void **state)
{
	(void)state;
	for (guint size = 1; size <= shared->records->len; size++)
		for (guint i = 0; i < size; i++) {
			g_autofree char *proof = proof_text(shared, i, size);

			for (guint k = 0; k < size; k++)
				assert_int_equal(proof_holds(proof, shared->records->pdata[k], shared->vkey), k == i);
		}
}

#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
static const Edit proof_edits[] = { /* of record 4 among 7: three hashes */
	{"proof: another format", "tlog-proof@v1", "tlog-proof@v2", "does not begin with c2sp.org/tlog-proof@v1"},
	{"proof: something in front", "\\A", "x", "does not begin"},
	{"proof: an empty line in front", "\\A", "\n", "does not begin"},
	{"proof: empty", "(?s)\\A.+\\z", "", "does not begin"},
	{"proof: the record before", "index 4", "index 3", "the proof is for record 3"},
	{"proof: the record behind", "index 4", "index 5", "the proof is for record 5"},
	{"proof: beyond the log", "index 4", "index 7", "the proof is for record 7"},
	{"proof: a zero in front of the index", "index 4", "index 04", "its index is not a decimal"},
	{"proof: a plus in front of the index", "index 4", "index +4", "its index is not a decimal"},
	{"proof: a negative index", "index 4", "index -4", "its index is not a decimal"},
	{"proof: an index beyond all logs", "index 4", "index 18446744073709551620", "its index is not a decimal"},
	{"proof: no index", "^index 4\n", "", "its index is not a decimal"},
	{"proof: an index that is none", "index 4", "index four", "its index is not a decimal"},
	{"proof: a hash too many", "(index 4\n)", "\\1" HASH, "more hashes than the path"},
	{"proof: sixty-four hashes", "(index 4\n)", "\\1" HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH
	 HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH HASH, "more than 63 hashes"},
	{"proof: a hash too few", "(index 4\n).*\n", "\\1", "fewer hashes than the path"},
	{"proof: no hashes", "(?s)(index 4\n).*?\n\n", "\\1\n", "fewer hashes than the path"},
	{"proof: another hash", "(index 4\n).*\n", "\\1" HASH, "not the one under this root"},
	{"proof: two hashes swapped", "(index 4\n)(.*\n)(.*\n)", "\\1\\3\\2", "not the one under this root"},
	{"proof: a hash of 31 bytes", "(index 4\n).*\n", "\\1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n", "line 3 is not 32 bytes"},
	{"proof: a hash that is no base 64", "(index 4\n).", "\\1!", "line 3 is not 32 bytes"},
	{"proof: a hash in another spelling", "=\n\n", "\n\n", "is not 32 bytes"},
	{"proof: a blank behind a hash", "(index 4\n.*)\n", "\\1 \n", "line 3 is not 32 bytes"},
	{"proof: carriage returns", "\n", "\r\n", "does not begin"},
	{"proof: no checkpoint", "(?s)\n\n.*", "\n\n", "it is no signed note"},
	{"proof: no empty line", "(?s)\n\n.*", "\n", "no empty line and checkpoint"},
	{"proof: another size signed", "\n7\n", "\n6\n", "the signature does not hold"},
	{"proof: another log", "\n\n" ORIGIN, "\n\nother.example/veil", "another log than the key"},
	{"proof: something behind it", "\\z", "x\n", "a signature line does not begin with a dash"},
	{"proof: bytes that are no text", "index 4", "index 4\xff", "no UTF-8"},
};

static void
check_proof_edit(void **state)
{
	const Edit *edit = *state;
	g_autofree char *proof = proof_text(shared, 4, 7), *forged = edited(proof, edit->from, edit->to);

	expect(edit->name, proof_holds(forged, shared->records->pdata[4], shared->vkey), edit->reason);
}

static const Edit record_edits[] = {
	{"proved record: a word changed", "act batch.draw.intent", "act batch.draw.extent", "not the one under this root"},
	{"proved record: its time changed", "T01:", "T02:", "not the one under this root"},
	{"proved record: its actor changed", "actor op7", "actor op8", "not the one under this root"},
	{"proved record: its blind changed", "blind .", "blind f", "not the one under this root"},
	{"proved record: another number", "seq 4", "seq 5", "this one bears the number 5"},
	{"proved record: another log's", "origin " ORIGIN, "origin other.example/veil", "of another log than the key"},
	{"proved record: cut", "\n\\z", "", "no canonical record"},
	{"proved record: something behind it", "\\z", "\n", "no canonical record"},
	{"proved record: empty", "(?s)\\A.+\\z", "", "no canonical record"},
};

static void
check_record_edit(void **state)
{
	const Edit *edit = *state;
	g_autofree char *proof = proof_text(shared, 4, 7), *forged = edited(shared->records->pdata[4], edit->from, edit->to);

	expect(edit->name, proof_holds(proof, forged, shared->vkey), edit->reason);
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

static guint n_mutations = 4000;

static char *
mutate(GRand *random, const char *text, gsize *io_len)
{
	g_autoptr(GString) out = g_string_new_len(text, (gssize)*io_len);

	for (int k = g_rand_int_range(random, 1, 4); k > 0; k--) {
		gsize at = (gsize)g_rand_int_range(random, 0, (gint32)out->len), other = (gsize)g_rand_int_range(random, 0, (gint32)out->len), n = (gsize)g_rand_int_range(random, 1, 12);

		n = MIN(n, out->len - at);
		switch (g_rand_int_range(random, 0, 6)) {
		case 0: out->str[at] = (char)(out->str[at] ^ 1 << g_rand_int_range(random, 0, 8)); break;
		case 1: out->str[at] = "0123456789abcdef \n/.-x"[g_rand_int_range(random, 0, 22)]; break;
		case 2: g_string_erase(out, (gssize)at, (gssize)n); break;
		case 3: { g_autofree char *piece = g_strndup(out->str + at, n); g_string_insert_len(out, (gssize)other, piece, (gssize)n); break; }
		case 4: g_string_insert_c(out, (gssize)at, (char)g_rand_int_range(random, 0, 256)); break;
		default: g_string_truncate(out, at ? at : 1);
		}
		if (out->len == 0)
			g_string_append_c(out, 'v');
	}
	*io_len = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

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

/* A statement that is accepted, with its checkpoint, is the true one, or one of a batch that the log does not know. */
static void
test_mutated_statements(void **state)
{
	g_autofree char *path = path_of(shared, files[1]), *text = NULL;
	GRand *random = g_rand_new_with_seed(32);
	NoteKey key = {0};
	guint refused = 0;
	gsize true_len = 0;

	(void)state;
	assert_true(g_file_get_contents(path, &text, &true_len, NULL) && note_key_parse(shared->vkey, NOTE_LOG, &key));
	for (guint i = 0; i < n_mutations; i++) {
		gsize len = true_len;
		g_autofree char *forged = mutate(random, text, &len);
		Statement said = {0};
		Checkpoint point = {0};
		gboolean ok;

		if (len == true_len && memcmp(forged, text, len) == 0)
			continue;
		verdict_forget();
		ok = statement_parse("forged", forged, len, ORIGIN, &said) && checkpoint_open("forged", said.note, strlen(said.note), &key, NULL, &point) && point.size == said.size &&
		     strcmp(said.batch, "2026A") == 0;
		/* A line of a stranger on the note, or the log's own line twice, changes nothing that is stated. */
		if (ok && strncmp(forged, text, (gsize)(strstr(text, "\n\n\xe2\x80\x94") - text)) != 0)
			fail_msg("accepted:\n%s", forged);
		refused += !ok;
		statement_clear(&said);
		checkpoint_clear(&point);
	}
	g_free(key.name);
	g_rand_free(random);
	print_message("# %u statements: %u refused\n", n_mutations, refused);
	assert_true(refused > n_mutations / 2);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[400];
	guint n = 0;

	if (argc > 1)
		n_mutations = (guint)atoi(argv[1]);
#define EACH(table, function) \
	for (guint i = 0; argc == 1 && i < G_N_ELEMENTS(table); i++) \
		tests[n++] = (struct CMUnitTest){((const char *const *)(const void *)&table[i])[0], function, NULL, NULL, (void *)&table[i]}
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
	EACH(statement_edits, check_statement_edit);
	EACH(forgeries, check_forgery);
	EACH(witnessings, check_witnessing);
	EACH(proof_edits, check_proof_edit);
	EACH(record_edits, check_record_edit);
	if (argc == 1) {
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_every_proof_of_every_size);
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_smallest_set);
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_statement_before_the_freeze);
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_rewritten_bundle);
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_mutated_lists);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_mutated_statements);
	return _cmocka_run_group_tests("bundle", tests, n, set_up_shared, tear_down_shared);
}
