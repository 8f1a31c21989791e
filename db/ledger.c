/* ledger.c - the ledger's store: made and opened.
 *
 * A record becomes one leaf and, with it, the subtree hashes that it completes: two on average, so appending, the root and the quick
 * checkpoint cost O(log n) however long the log is.
 * Opening compares the latest checkpoint with what is there: a log whose end was cut off is noticed by the next command, not by the next audit. It
 * also hashes the last few records again: that is where a write that the disk did not keep would show.
 */
#include "ledger-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILE_BYTES 1000000

/* Records that opening hashes again. */
#define TAIL 8

extern const char veil_sql_ledger_0001[], veil_sql_ledger_0002[];

static const char *const migrations[] = {veil_sql_ledger_0001, veil_sql_ledger_0002};
static const VeilDbSchema schema = {
	.what = "ledger",
	.migrations = migrations,
	.n_migrations = G_N_ELEMENTS(migrations),
	.landmark = "leaf",
	.keeps_journal = TRUE,
};

static const char sql_last_leaf[] = "SELECT coalesce(max(seq), -1) FROM leaf";
static const char sql_last_node[] = "SELECT coalesce(max(idx), -1) FROM node WHERE level = 0";
static const char sql_get_node[] = "SELECT hash FROM node WHERE level = ?1 AND idx = ?2";
static const char sql_put_leaf[] = "INSERT INTO leaf(seq, record) VALUES (?1, ?2)";
static const char sql_put_node[] = "INSERT INTO node(level, idx, hash) VALUES (?1, ?2, ?3)";
static const char sql_forward[] = "SELECT seq, record FROM leaf WHERE seq >= ?1 ORDER BY seq";
static const char sql_backward[] = "SELECT seq, record FROM leaf ORDER BY seq DESC";
static const char sql_one[] = "SELECT record FROM leaf WHERE seq = ?1";
static const char sql_marked[] = "SELECT seq FROM mark WHERE mark >= ?1 AND mark < ?2";
static const char sql_marked_back[] = "SELECT seq FROM mark WHERE mark = ?1 ORDER BY seq DESC";
static const char sql_has_mark[] = "SELECT 1 FROM mark WHERE mark = ?1 AND seq = ?2";

/* --- files beside the database --------------------------------------------------------------------------------------- */

char *
veil_ledger__read_file(const char *dir, const char *name, gsize *out_len, gboolean *out_absent, GError **error)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autoptr(GError) inner = NULL;
	GStatBuf info;
	char *text = NULL;

	*out_absent = FALSE;
	/* The folder is written by all roles: no link is followed out of it. */
	if (g_lstat(path, &info) != 0) {
		if (errno == ENOENT)
			*out_absent = TRUE;
		else
			g_set_error(error, VEIL_ERROR, errno == EACCES ? VEIL_ERROR_NOT_AVAILABLE : VEIL_ERROR_FAILED, "ledger/%s: cannot read: %s", name, g_strerror(errno));
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

/* The quick checkpoint is not synced (ledger-checkpoint.c): a power cut may leave its name without its bytes. Such a file says as little as none. */
static gboolean
lost_in_a_power_cut(const char *note, gsize len)
{
	gsize i = 0;
	while (i < len && note[i] == '\0')
		i++;
	return i == len;
}

/* text (transfer full): a key line, with or without its LF. */
static gboolean
take_vkey(VeilLedger *ledger, char *text, GError **error)
{
	gsize len = strlen(text);
	const char *plus;

	ledger->vkey = g_strchomp(text);
	plus = strchr(text, '+');
	if (plus == NULL || strlen(text) + 1 < len) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger/vkey is damaged: restore it from a copy");
		return FALSE;
	}
	ledger->origin = g_strndup(text, (gsize)(plus - text));
	return TRUE;
}

static gboolean
read_vkey(VeilLedger *ledger, GError **error)
{
	gsize len = 0;
	gboolean absent;
	char *text = veil_ledger__read_file(ledger->dir, "vkey", &len, &absent, error);

	if (text != NULL)
		return take_vkey(ledger, text, error);
	if (absent)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger/vkey is missing: restore it from a copy");
	return FALSE;
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
	if (lost_in_a_power_cut(note, len))
		return TRUE;
	if (!veil_checkpoint_open(note, len, ledger->vkey, NULL, out_size, out_root, error)) {
		g_prefix_error(error, "ledger/checkpoint: ");
		return FALSE;
	}
	*out_note = g_steal_pointer(&note);
	return TRUE;
}

/* --- sizes and hashes ------------------------------------------------------------------------------------------------ */

gboolean
veil_ledger__contradiction(GError **error)
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
		return veil_ledger__contradiction(error);
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
		return veil_ledger__contradiction(error);
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
	const struct {
		VeilStmt **stmt;
		const char *sql;
		gboolean index;
	} all[] = {
		{&l->last_leaf, sql_last_leaf, FALSE}, {&l->last_node, sql_last_node, FALSE}, {&l->get_node, sql_get_node, FALSE},
		{&l->put_leaf, sql_put_leaf, FALSE},   {&l->put_node, sql_put_node, FALSE},   {&l->forward, sql_forward, FALSE},
		{&l->backward, sql_backward, FALSE},   {&l->one, sql_one, FALSE},	      {&l->picked, sql_one, FALSE},
		{&l->marked, sql_marked, TRUE},	       {&l->marked_back, sql_marked_back, TRUE}, {&l->has_mark, sql_has_mark, TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		if ((l->indexed || !all[i].index) && (*all[i].stmt = veil_stmt_new(l->db, all[i].sql, error)) == NULL)
			return FALSE;
	return TRUE;
}

/* The last records are what their stored hashes say, and the index points at them. */
static gboolean
check_tail(VeilLedger *ledger, guint64 size, GError **error)
{
	for (guint64 seq = size > TAIL ? size - TAIL : 0; seq < size; seq++) {
		g_autoptr(GError) inner = NULL;
		g_autoptr(GBytes) record = veil_ledger_record(ledger, seq, &inner);
		gsize len = 0;
		const guint8 *bytes = record != NULL ? g_bytes_get_data(record, &len) : NULL;
		guint8 hash[32], stored[32];

		if (g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE))
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " is missing", seq);
		else if (inner != NULL)
			g_propagate_error(error, g_steal_pointer(&inner));
		if (bytes == NULL || !veil_ledger__node(ledger, 0, seq, stored, error))
			return FALSE;
		veil_tree_leaf(bytes, len, hash);
		if (memcmp(hash, stored, 32) != 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " was altered: it is not the one that was logged", seq);
			return FALSE;
		}
		if (!veil_ledger__check_marks(ledger, seq, bytes, len, error))
			return FALSE;
	}
	return TRUE;
}

/* The largest kept checkpoint: where an older file was put back and the folder beside it was not, this one is ahead. A note that does not hold is the thorough
 * checkpoint's affair. */
static gboolean
check_kept(VeilLedger *ledger, guint64 size, GError **error)
{
	g_autofree char *name = veil_ledger__largest_kept(ledger);
	gsize len = 0;
	gboolean absent;
	g_autofree char *note = name != NULL ? veil_ledger__read_file(ledger->dir, name, &len, &absent, NULL) : NULL;
	guint64 kept_size = 0;
	guint8 root[32];

	if (note == NULL || !veil_checkpoint_open(note, len, ledger->vkey, NULL, &kept_size, root, NULL))
		return TRUE;
	return veil_ledger__continues(ledger, size, kept_size, root, name, error);
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
	gboolean ok = veil_ledger__count(ledger, &size, error) && check_tail(ledger, size, error) &&
		      (note == NULL || veil_ledger__continues(ledger, size, checkpoint_size, root, "checkpoint", error)) && check_kept(ledger, size, error);
	veil_db_rollback(ledger->db);
	return ok;
}

/* dir NULL: a copy, of which the records are read and nothing else is believed. */
static VeilLedger *
open_mode(const char *path, const char *dir, const char *vkey, VeilDbMode mode, gboolean check, GError **error)
{
	g_autoptr(VeilLedger) ledger = g_new0(VeilLedger, 1);
	int version = (int)G_N_ELEMENTS(migrations);

	ledger->dir = g_strdup(dir);
	/* A reader takes an older file as it is: it has no index, and is read from end to end. */
	ledger->db = mode == VEIL_DB_READ ? veil_db_open_as_it_is(path, &schema, mode, &version, error) : veil_db_open(path, &schema, mode, error);
	ledger->indexed = version >= 2 && dir != NULL;
	if (ledger->db == NULL || !(vkey != NULL ? take_vkey(ledger, g_strdup(vkey), error) : read_vkey(ledger, error)) || !prepare(ledger, error) ||
	    (check && !check_latest(ledger, error)))
		return NULL;
	return g_steal_pointer(&ledger);
}

VeilLedger *
veil_ledger_open(const char *dir, GError **error)
{
	g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
	return open_mode(path, dir, NULL, VEIL_DB_WRITE, TRUE, error);
}

VeilLedger *
veil_ledger__open_unchecked(const char *dir, GError **error)
{
	g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
	return open_mode(path, dir, NULL, VEIL_DB_WRITE, FALSE, error);
}

VeilLedger *
veil_ledger_open_read(const char *dir, GError **error)
{
	g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
	return open_mode(path, dir, NULL, VEIL_DB_READ, TRUE, error);
}

VeilLedger *
veil_ledger_open_copy(const char *path, const char *vkey, GError **error)
{
	return open_mode(path, NULL, vkey, VEIL_DB_READ, FALSE, error);
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
	VeilLedger *ledger = open_mode(db_path, dir, NULL, VEIL_DB_CREATE, TRUE, error);
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
	VeilStmt *stmts[] = {ledger->last_leaf, ledger->last_node, ledger->get_node, ledger->put_leaf, ledger->put_node,    ledger->forward,
			     ledger->backward,	ledger->one,	   ledger->picked,   ledger->marked,   ledger->marked_back, ledger->has_mark};
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
