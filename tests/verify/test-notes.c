/* test-notes.c - statements of openings, cosignatures of witnesses, proofs of inclusion: named forgeries, each refused for its own reason, and random mutations of a statement. */
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

#include "bundle-fixture.h"

static guint n_mutations = 4000;

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

/* --- random mutations ---------------------------------------------------------------------------------------------------- */

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
	struct CMUnitTest tests[150];
	guint n = 0;

	if (argc > 1)
		n_mutations = (guint)atoi(argv[1]);
	EACH(statement_edits, check_statement_edit);
	EACH(witnessings, check_witnessing);
	EACH(proof_edits, check_proof_edit);
	EACH(record_edits, check_record_edit);
	if (argc == 1) {
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_every_proof_of_every_size);
		tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_statement_before_the_freeze);
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_mutated_statements);
	return _cmocka_run_group_tests("notes", tests, n, set_up_shared, tear_down_shared);
}
