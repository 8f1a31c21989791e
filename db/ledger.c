/* ledger.c - the ledger's store: made, opened, appended to.
 *
 * A record becomes one leaf and, with it, the subtree hashes that it completes: two on average, so appending, the root and the quick
 * checkpoint cost O(log n) however long the log is. Size is read inside the write transaction, so two processes never take one seq.
 * Opening compares the latest checkpoint with what is there: a log whose end was cut off is noticed by the next command, not by the next audit.
 */
#include "ledger-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILE_BYTES 1000000

extern const char veil_sql_ledger_0001[];

static const char *const migrations[] = {veil_sql_ledger_0001};
static const VeilDbSchema schema = {
	.what = "ledger",
	.migrations = migrations,
	.n_migrations = G_N_ELEMENTS(migrations),
	.landmark = "leaf",
};

static const char sql_last_leaf[] = "SELECT coalesce(max(seq), -1) FROM leaf";
static const char sql_last_node[] = "SELECT coalesce(max(idx), -1) FROM node WHERE level = 0";
static const char sql_get_node[] = "SELECT hash FROM node WHERE level = ?1 AND idx = ?2";
static const char sql_put_leaf[] = "INSERT INTO leaf(seq, record) VALUES (?1, ?2)";
static const char sql_put_node[] = "INSERT INTO node(level, idx, hash) VALUES (?1, ?2, ?3)";
static const char sql_forward[] = "SELECT seq, record FROM leaf WHERE seq >= ?1 ORDER BY seq";
static const char sql_backward[] = "SELECT seq, record FROM leaf ORDER BY seq DESC";
static const char sql_one[] = "SELECT record FROM leaf WHERE seq = ?1";

/* --- files beside the database --------------------------------------------------------------------------------------- */

char *
veil_ledger__read_file(const char *dir, const char *name, gsize *out_len, gboolean *out_absent, GError **error)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autoptr(GError) inner = NULL;
	GStatBuf info;
	char *text = NULL;

	*out_absent = FALSE;
	if (g_stat(path, &info) != 0) {
		if (errno == ENOENT)
			*out_absent = TRUE;
		else
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "ledger/%s: cannot read: %s", name, g_strerror(errno));
		return NULL;
	}
	if (!S_ISREG(info.st_mode) || info.st_size > MAX_FILE_BYTES) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger/%s: no plain file of a sensible size", name);
		return NULL;
	}
	if (!g_file_get_contents(path, &text, out_len, &inner))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "ledger/%s: cannot read: %s", name, g_strerror(errno));
	return text;
}

static gboolean
read_vkey(VeilLedger *ledger, GError **error)
{
	gsize len = 0;
	gboolean absent;
	ledger->vkey = veil_ledger__read_file(ledger->dir, "vkey", &len, &absent, error);
	if (ledger->vkey == NULL) {
		if (absent)
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger/vkey is missing: restore it from a copy");
		return FALSE;
	}
	g_strchomp(ledger->vkey);
	const char *plus = strchr(ledger->vkey, '+');
	if (plus == NULL || strlen(ledger->vkey) + 1 < len) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger/vkey is damaged: restore it from a copy");
		return FALSE;
	}
	ledger->origin = g_strndup(ledger->vkey, (gsize)(plus - ledger->vkey));
	return TRUE;
}

gboolean
veil_ledger__latest(VeilLedger *ledger, char **out_note, guint64 *out_size, guint8 out_root[32], GError **error)
{
	gsize len = 0;
	gboolean absent;
	g_autofree char *note = veil_ledger__read_file(ledger->dir, "checkpoint", &len, &absent, error);
	*out_note = NULL;
	if (note == NULL)
		return absent;
	if (!veil_checkpoint_open(note, len, ledger->vkey, NULL, out_size, out_root, error)) {
		g_prefix_error(error, "ledger/checkpoint: ");
		return FALSE;
	}
	*out_note = g_steal_pointer(&note);
	return TRUE;
}

/* --- sizes and hashes ------------------------------------------------------------------------------------------------ */

static gboolean
contradiction(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "the ledger contradicts itself: its records and its stored hashes are not equally many; restore it from a copy");
	return FALSE;
}

static gboolean
one_int(VeilStmt *stmt, gint64 *out, GError **error)
{
	if (veil_stmt_step(stmt, error) != 1)
		return FALSE;
	*out = veil_stmt_int(stmt, 0);
	veil_stmt_reset(stmt);
	return TRUE;
}

gboolean
veil_ledger__count(VeilLedger *ledger, guint64 *out_size, GError **error)
{
	gint64 leaf = -1, node = -1;
	if (!one_int(ledger->last_leaf, &leaf, error) || !one_int(ledger->last_node, &node, error))
		return FALSE;
	if (leaf != node || leaf < -1)
		return contradiction(error);
	*out_size = (guint64)(leaf + 1);
	return TRUE;
}

gboolean
veil_ledger__node(VeilLedger *ledger, guint level, guint64 index, guint8 out[32], GError **error)
{
	veil_stmt_bind_int(ledger->get_node, 1, level);
	veil_stmt_bind_int(ledger->get_node, 2, (gint64)index);
	int got = veil_stmt_step(ledger->get_node, error);
	if (got < 0)
		return FALSE;
	gsize len = 0;
	const guint8 *hash = got == 1 ? veil_stmt_blob(ledger->get_node, 0, &len) : NULL;
	if (hash == NULL || len != 32) {
		veil_stmt_reset(ledger->get_node);
		return contradiction(error);
	}
	memcpy(out, hash, 32);
	veil_stmt_reset(ledger->get_node);
	return TRUE;
}

gboolean
veil_ledger__root(VeilLedger *ledger, guint64 size, guint8 out[32], GError **error)
{
	guint8 root[32], left[32];
	gboolean any = FALSE;
	if (size == 0) {
		g_autoptr(VeilTree) empty = veil_tree_new();
		veil_tree_root(empty, out);
		return TRUE;
	}
	for (guint level = 0; size >> level != 0; level++) {
		if (!(size >> level & 1))
			continue;
		if (!veil_ledger__node(ledger, level, (size >> level) - 1, left, error))
			return FALSE;
		if (any)
			veil_tree_node(left, root, root);
		else
			memcpy(root, left, 32);
		any = TRUE;
	}
	memcpy(out, root, 32);
	return TRUE;
}

gboolean
veil_ledger__continues(VeilLedger *ledger, guint64 size, guint64 checkpoint_size, const guint8 checkpoint_root[32], const char *name, GError **error)
{
	guint8 root[32];
	if (checkpoint_size > size) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "the ledger was cut: ledger/%s covers %" G_GUINT64_FORMAT " records, %" G_GUINT64_FORMAT " are there; restore it from a copy",
			    name, checkpoint_size, size);
		return FALSE;
	}
	if (!veil_ledger__root(ledger, checkpoint_size, root, error))
		return FALSE;
	if (memcmp(root, checkpoint_root, 32) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "the ledger does not continue ledger/%s: one of its first %" G_GUINT64_FORMAT " records was altered", name, checkpoint_size);
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_ledger_continues(VeilLedger *ledger, guint64 checkpoint_size, const guint8 checkpoint_root[32], const char *name, GError **error)
{
	guint64 size = 0;

	if (!veil_db_exec(ledger->db, "BEGIN", error))
		return FALSE;
	gboolean ok = veil_ledger__count(ledger, &size, error) &&
		      veil_ledger__continues(ledger, size, checkpoint_size, checkpoint_root, name, error);
	veil_db_rollback(ledger->db);
	return ok;
}

/* --- opening ----------------------------------------------------------------------------------------------------------- */

static gboolean
prepare(VeilLedger *l, GError **error)
{
	return (l->last_leaf = veil_stmt_new(l->db, sql_last_leaf, error)) != NULL && (l->last_node = veil_stmt_new(l->db, sql_last_node, error)) != NULL &&
	       (l->get_node = veil_stmt_new(l->db, sql_get_node, error)) != NULL && (l->put_leaf = veil_stmt_new(l->db, sql_put_leaf, error)) != NULL &&
	       (l->put_node = veil_stmt_new(l->db, sql_put_node, error)) != NULL && (l->forward = veil_stmt_new(l->db, sql_forward, error)) != NULL &&
	       (l->backward = veil_stmt_new(l->db, sql_backward, error)) != NULL && (l->one = veil_stmt_new(l->db, sql_one, error)) != NULL;
}

/* A plain BEGIN on purpose: a reader and a writer both only look. */
static gboolean
check_latest(VeilLedger *ledger, GError **error)
{
	g_autofree char *note = NULL;
	guint64 size = 0, checkpoint_size = 0;
	guint8 root[32];
	/* The note first: what is appended in between only makes the log longer. */
	if (!veil_ledger__latest(ledger, &note, &checkpoint_size, root, error) || !veil_db_exec(ledger->db, "BEGIN", error))
		return FALSE;
	gboolean ok = veil_ledger__count(ledger, &size, error) &&
		      (note == NULL || veil_ledger__continues(ledger, size, checkpoint_size, root, "checkpoint", error));
	veil_db_rollback(ledger->db);
	return ok;
}

static VeilLedger *
open_mode(const char *dir, VeilDbMode mode, GError **error)
{
	g_autoptr(VeilLedger) ledger = g_new0(VeilLedger, 1);
	g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
	ledger->dir = g_strdup(dir);
	ledger->db = veil_db_open(path, &schema, mode, error);
	if (ledger->db == NULL || !read_vkey(ledger, error) || !prepare(ledger, error) || !check_latest(ledger, error))
		return NULL;
	return g_steal_pointer(&ledger);
}

VeilLedger *
veil_ledger_open(const char *dir, GError **error)
{
	return open_mode(dir, VEIL_DB_WRITE, error);
}

VeilLedger *
veil_ledger_open_read(const char *dir, GError **error)
{
	return open_mode(dir, VEIL_DB_READ, error);
}

static gboolean
create_keys(const char *key_path, const char *vkey_path, const char *origin, VeilRandomFunc random, gpointer data, GError **error)
{
	guint8 seed[VEIL_SIGNING_KEY_BYTES];
	random(seed, sizeof seed, data);
	char *skey = veil_note_skey(origin, seed);
	g_autofree char *vkey = veil_note_vkey(origin, seed);
	g_autofree char *line = g_strconcat(vkey, "\n", NULL);
	gboolean ok = veil_file_put_new(key_path, skey, strlen(skey), 0600, error);
	if (ok && !veil_file_put_new(vkey_path, line, strlen(line), 0644, error)) {
		g_unlink(key_path);
		ok = FALSE;
	}
	veil_note_skey_free(skey);
	explicit_bzero(seed, sizeof seed);
	return ok;
}

VeilLedger *
veil_ledger_create(const char *dir, const char *origin, VeilRandomFunc random, gpointer data, GError **error)
{
	g_autofree char *db_path = g_build_filename(dir, "ledger.db", NULL);
	g_autofree char *key_path = g_build_filename(dir, "ledger.key", NULL);
	g_autofree char *vkey_path = g_build_filename(dir, "vkey", NULL);
	if (!veil_note_name_valid(origin)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "the ledger's name must be like kjj.example.gov/veil: no spaces, no plus sign");
		return NULL;
	}
	if (g_file_test(db_path, G_FILE_TEST_EXISTS)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "there is a ledger already");
		return NULL;
	}
	if (!create_keys(key_path, vkey_path, origin, random, data, error))
		return NULL;
	VeilLedger *ledger = open_mode(dir, VEIL_DB_CREATE, error);
	if (ledger == NULL) {
		g_unlink(key_path);
		g_unlink(vkey_path);
	}
	return ledger;
}

void
veil_ledger_free(VeilLedger *ledger)
{
	if (ledger == NULL)
		return;
	VeilStmt *stmts[] = {ledger->last_leaf, ledger->last_node, ledger->get_node, ledger->put_leaf,
			     ledger->put_node,	ledger->forward,   ledger->backward, ledger->one};
	for (gsize i = 0; i < G_N_ELEMENTS(stmts); i++)
		veil_stmt_free(stmts[i]);
	veil_db_free(ledger->db);
	g_free(ledger->dir);
	g_free(ledger->origin);
	g_free(ledger->vkey);
	g_free(ledger);
}

const char *
veil_ledger_origin(const VeilLedger *ledger)
{
	return ledger->origin;
}

const char *
veil_ledger_vkey(const VeilLedger *ledger)
{
	return ledger->vkey;
}

gboolean
veil_ledger_size(VeilLedger *ledger, guint64 *out_size, guint8 out_root[32], GError **error)
{
	guint64 size = 0;
	if (!veil_db_exec(ledger->db, "BEGIN", error))
		return FALSE;
	gboolean ok = veil_ledger__count(ledger, &size, error) && (out_root == NULL || veil_ledger__root(ledger, size, out_root, error));
	veil_db_rollback(ledger->db);
	if (ok)
		*out_size = size;
	return ok;
}

/* --- appending ----------------------------------------------------------------------------------------------------------- */

static gboolean
put_node(VeilLedger *ledger, guint level, guint64 index, const guint8 hash[32], GError **error)
{
	veil_stmt_bind_int(ledger->put_node, 1, level);
	veil_stmt_bind_int(ledger->put_node, 2, (gint64)index);
	veil_stmt_bind_blob(ledger->put_node, 3, hash, 32);
	return veil_stmt_run(ledger->put_node, error);
}

static gboolean
put_record(VeilLedger *ledger, guint64 seq, GBytes *record, GError **error)
{
	gsize len;
	const void *bytes = g_bytes_get_data(record, &len);
	guint8 hash[32], left[32];

	veil_stmt_bind_int(ledger->put_leaf, 1, (gint64)seq);
	veil_stmt_bind_blob(ledger->put_leaf, 2, bytes, len);
	if (!veil_stmt_run(ledger->put_leaf, error))
		return FALSE;
	veil_tree_leaf(bytes, len, hash);
	if (!put_node(ledger, 0, seq, hash, error))
		return FALSE;
	/* Each bit set at the low end of seq is a full subtree waiting for its right neighbour. */
	for (guint level = 0; seq >> level & 1; level++) {
		if (!veil_ledger__node(ledger, level, (seq >> level) - 1, left, error))
			return FALSE;
		veil_tree_node(left, hash, hash);
		if (!put_node(ledger, level + 1, seq >> (level + 1), hash, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
sign_record(const VeilLedgerTerms *terms, VeilRecord *record, GError **error)
{
	if (terms->sign == NULL)
		return TRUE;
	g_autoptr(GBytes) text = veil_record_signed_text(record, error);
	gsize len = 0;
	const guint8 *bytes = text != NULL ? g_bytes_get_data(text, &len) : NULL;
	record->is_signed = TRUE;
	return bytes != NULL && terms->sign(bytes, len, record->signature, terms->sign_data, error);
}

gboolean
veil_ledger_append_under(VeilLedger *ledger, const VeilLedgerTerms *terms, const char *actor, const char *role, const char *act,
			 const VeilField *fields, guint n_fields, const char *time, const guint8 blind[32], guint64 *out_seq, GError **error)
{
	VeilRecord record = {.time = time, .origin = ledger->origin, .actor = actor, .role = role, .act = act, .fields = fields, .n_fields = n_fields};
	memcpy(record.blind, blind, sizeof record.blind);
	if (!veil_db_begin(ledger->db, error))
		return FALSE;
	g_autoptr(GBytes) bytes = NULL;
	if (!veil_ledger__count(ledger, &record.seq, error) || (terms->check != NULL && !terms->check(ledger, terms->check_data, error)) ||
	    !sign_record(terms, &record, error) || (bytes = veil_record_encode(&record, error)) == NULL ||
	    !put_record(ledger, record.seq, bytes, error)) {
		veil_db_rollback(ledger->db);
		return FALSE;
	}
	if (!veil_db_commit(ledger->db, error))
		return FALSE;
	if (out_seq != NULL)
		*out_seq = record.seq;
	return TRUE;
}

gboolean
veil_ledger_append(VeilLedger *ledger, const char *actor, const char *role, const char *act, const VeilField *fields, guint n_fields, const char *time,
		   const guint8 blind[32], guint64 *out_seq, GError **error)
{
	static const VeilLedgerTerms none;
	return veil_ledger_append_under(ledger, &none, actor, role, act, fields, n_fields, time, blind, out_seq, error);
}
