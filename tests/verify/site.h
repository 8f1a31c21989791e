/* site.h - a small site written by hand: batch file, audit file, ledger, checkpoint, so that each can be forged in any way.
 *
 * Own writers: SQL, a tree by the recursive definition of RFC 6962, signatures by OpenSSL. Nothing of the engine, nothing of the checker.
 * As of 2026-03-01; twelve eligible reviewers R00..R11, P0, P1, P2 with two places each; every rule has a fact.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

typedef struct {
	char *dir, *batch_path, *audit_path, *ledger_path, *vkey;
	sqlite3 *batch, *audit, *ledger; /* open until site_close */
	GPtrArray *records;		 /* char*: the bytes of each record; written by site_seal */
	gboolean drawn;
	guint8 seed[32];		 /* of the signing key */
	int freeze_record, draw_record;
} Site;

Site *site_new(void);
void site_free(Site *site); /* removes the folder */
/* Several statements; the functions entries('4=9 7=1') and prices('0 -5 ...') make blobs, day('2026-01-31') a day. */
void site_sql(sqlite3 *db, const char *sql);
/* Fills the policy's digest and the roots into the records as the files stand now, writes the ledger and a checkpoint over it. */
void site_seal(Site *site);
void site_checkpoint(Site *site, const char *path, guint size, const guint8 seed[32], const char *name);
/* The text of a note over the first `size` records of the ledger's model. */
char *site_note(Site *site, guint size, const guint8 seed[32], const char *name);
char *site_vkey(const char *name, const guint8 seed[32]);
void site_add_record(Site *site, const char *role, const char *act, const char *fields, guint minute);
void site_redigest(Site *site); /* the policies' digests, in both files */
void site_edit_record(Site *site, guint i, const char *from, const char *to);
void site_close(Site *site); /* closes the databases, so that another process sees everything */

/* Runs veil-verify; returns its exit status, *out_text what it said (stdout and stderr). */
int run_verify(char **out_text, ...) G_GNUC_NULL_TERMINATED;
void write_file(const char *dir, const char *name, const char *text);
char *sha256_text(const char *bytes, gsize len);
