/* test-many.c - a log longer than what is read ahead: signatures are tried together and on many threads, and judged one by one all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <glib/gstdio.h>
#include <openssl/evp.h>

#include "verify.h"

enum { RECORDS = 9000, SECOND = 4200 }; /* at SECOND another operator is named, who signs every other record from then on */

typedef struct {
	const char *name;
	int unsigned_at, torn_at, early_at; /* a signature of nobody; no canonical record; signed by the second before he is named. -1: none */
	const char *reason;		    /* NULL: passes */
} Case;

static const Case cases[] = {
	{"good", -1, -1, -1, NULL},
	{"the last that is read together", 4095, -1, -1, "record 4095 (batch.minutes): its operator's signature does not hold"},
	{"the first of the next", 4096, -1, -1, "record 4096 (batch.minutes): its operator's signature"},
	{"one by who was named since", SECOND + 2, -1, -1, "record 4202 (batch.minutes): its operator's signature"},
	{"the last of all", RECORDS - 1, -1, -1, "record 8999 (batch.minutes): its operator's signature"},
	{"before a torn one", 5000, 5001, -1, "record 5000 (batch.minutes): its operator's signature"},
	{"behind a torn one", 5001, 5000, -1, "record 5000 is no canonical record"},
	{"by who is no operator yet", -1, -1, SECOND - 2, "record 4198 (batch.minutes): its actor is no operator at this point"},
};

static EVP_PKEY *keys[2];
static char *key_text[2], *folder;

static void
sign(EVP_PKEY *key, const char *text, guint8 out[64])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t n = 64;

	assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(context, out, &n, (const guint8 *)text, strlen(text)), 1);
	EVP_MD_CTX_free(context);
}

static char *
record_text(guint seq, guint who, gboolean bad)
{
	static const char blind[] = "blind aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
	g_autofree char *fields = seq == 0	? g_strdup_printf("act site.init\noperator-key %s\nrehearsal 1\nroles registrar\nsuite veil-s1\n", key_text[0])
				  : seq == SECOND ? g_strdup_printf("act operator.add\nhandle op2\noperator-key %s\nroles drawer\n", key_text[1])
						  : g_strdup("act batch.minutes\nbatch B\n");
	g_autofree char *head = g_strdup_printf("veil-log/v2\nseq %u\ntime 2026-03-02T01:00Z\norigin test.example/veil\nactor op%u\nrole anyone\n%s", seq, who + 1, fields);
	g_autofree char *text = g_strconcat(head, blind, NULL), *base64 = NULL;
	guint8 signature[64];

	sign(keys[who], text, signature);
	signature[40] ^= bad;
	base64 = g_base64_encode(signature, sizeof signature);
	return g_strconcat(head, "sig ", base64, "\n", blind, NULL);
}

static char *
write_log(const Case *c)
{
	char *path = g_build_filename(folder, "ledger.db", NULL);
	sqlite3 *db = NULL;
	sqlite3_stmt *insert = NULL;

	g_unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA application_id = 0x5645494C; PRAGMA user_version = 1; BEGIN; CREATE TABLE leaf(seq INTEGER PRIMARY KEY, record BLOB NOT NULL)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO leaf VALUES (?1, ?2)", -1, &insert, NULL), SQLITE_OK);
	for (int seq = 0; seq < RECORDS; seq++) {
		g_autofree char *text = record_text((guint)seq, (seq > SECOND && seq % 2 == 0) || seq == c->early_at, seq == c->unsigned_at);

		sqlite3_bind_int(insert, 1, seq);
		sqlite3_bind_blob(insert, 2, text, (int)strlen(text) - (seq == c->torn_at), SQLITE_TRANSIENT);
		assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	return path;
}

static void
check_case(void **state)
{
	const Case *c = *state;
	g_autofree char *path = write_log(c);
	LedgerOptions options = {.ledger = path};
	Ledger ledger = {0};
	gboolean ok;

	verdict_forget();
	ok = ledger_verify(&options, &ledger);
	if (ok != (c->reason == NULL) || (c->reason != NULL && strstr(verdict_reason(), c->reason) == NULL))
		fail_msg("%s: wanted \"%s\", got \"%s\"", c->name, c->reason ? c->reason : "verified", verdict_reason() ? verdict_reason() : "verified");
	if (ok)
		assert_int_equal(ledger.size, RECORDS);
	ledger_clear(&ledger);
	verdict_forget();
	g_unlink(path);
}

static int
set_up(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("veil-many-XXXXXX", NULL);
	for (guint8 i = 0; i < 2; i++) {
		guint8 secret[32], public[32];
		size_t n = sizeof public;

		memset(secret, 7 + i, sizeof secret);
		keys[i] = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret);
		EVP_PKEY_get_raw_public_key(keys[i], public, &n);
		key_text[i] = g_base64_encode(public, sizeof public);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (guint i = 0; i < 2; i++) {
		EVP_PKEY_free(keys[i]);
		g_free(key_text[i]);
	}
	g_rmdir(folder);
	g_free(folder);
	return 0;
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(cases)];

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		tests[i] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, (void *)&cases[i]};
	return cmocka_run_group_tests_name("many", tests, set_up, tear_down);
}
