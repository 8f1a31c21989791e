/* ledger-checkpoint.c - signing the root, quickly after every command and thoroughly when asked.
 *
 * Both hold the write lock from the size they sign to the file they write, so that an older checkpoint never replaces a newer one, and
 * both refuse to sign a log that does not continue the checkpoint it replaces: otherwise one signature would cover up a cut.
 * The quick one trusts the stored subtree hashes. The thorough one trusts nothing but the records: a leaf flipped on disk stops it before
 * the key is read, with its number.
 *
 * The quick one's file is replaced but not synced: two of the six syncs that a record cost, for a note that the next command signs anew if a power cut
 * takes it. The record is durable before it is signed, so a checkpoint never covers what is not there.
 */
#include "ledger-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* A checkpoint found in the folder: what the log must pass through. */
typedef struct {
	char *name;
	guint64 size;
	guint8 root[32];
} Station;

static void
station_clear(gpointer station)
{
	g_free(((Station *)station)->name);
}

static int
by_size(gconstpointer a, gconstpointer b)
{
	const Station *x = a, *y = b;
	return x->size != y->size ? (x->size < y->size ? -1 : 1) : strcmp(x->name, y->name);
}

static gboolean
add_station(VeilLedger *ledger, GArray *stations, const char *name, GError **error)
{
	Station station = {0};
	gsize len = 0;
	gboolean absent;
	g_autofree char *note = veil_ledger__read_file(ledger->dir, name, &len, &absent, error);
	if (note == NULL)
		return absent;
	if (!veil_checkpoint_open(note, len, ledger->vkey, NULL, &station.size, station.root, error)) {
		g_prefix_error(error, "ledger/%s: ", name);
		return FALSE;
	}
	station.name = g_strdup(name);
	g_array_append_val(stations, station);
	return TRUE;
}

/* ledger/checkpoint and ledger/checkpoints/SIZE.note, by size. */
static GArray *
find_stations(VeilLedger *ledger, GError **error)
{
	g_autoptr(GArray) stations = g_array_new(FALSE, FALSE, sizeof(Station));
	g_array_set_clear_func(stations, station_clear);
	if (!add_station(ledger, stations, "checkpoint", error))
		return NULL;
	g_autofree char *folder = g_build_filename(ledger->dir, "checkpoints", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *inside = g_build_filename("checkpoints", name, NULL);
		if (name[0] != '.' && g_str_has_suffix(name, ".note") && !add_station(ledger, stations, inside, error))
			return NULL;
	}
	g_array_sort(stations, by_size);
	return g_steal_pointer(&stations);
}

/* The walk over all records. */
typedef struct {
	VeilLedger *ledger;
	GArray *stations;
	guint next_station;
	guint64 size;
	guint8 full[64][32];
	VeilStmt *level[64]; /* the stored hashes of each level in order, so that none is searched for */
	VeilMarks *marks;
} Walk;

static const char sql_level[] = "SELECT idx, hash FROM node WHERE level = ?1 ORDER BY idx";

static gboolean
next_stored(Walk *walk, guint level, guint64 index, const guint8 **out_hash, GError **error)
{
	gsize len = 0;

	if (walk->level[level] == NULL) {
		if ((walk->level[level] = veil_stmt_new(walk->ledger->db, sql_level, error)) == NULL)
			return FALSE;
		veil_stmt_bind_int(walk->level[level], 1, level);
	}
	int got = veil_stmt_step(walk->level[level], error);
	if (got < 0)
		return FALSE;
	*out_hash = got == 1 && (guint64)veil_stmt_int(walk->level[level], 0) == index ? veil_stmt_blob(walk->level[level], 1, &len) : NULL;
	return (*out_hash != NULL && len == 32) || veil_ledger__contradiction(error);
}

static gboolean
same_node(Walk *walk, guint level, guint64 index, const guint8 hash[32], guint64 seq, GError **error)
{
	const guint8 *stored;
	if (!next_stored(walk, level, index, &stored, error))
		return FALSE;
	if (memcmp(stored, hash, 32) == 0)
		return TRUE;
	if (level == 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " was altered: it is not the one that was logged", seq);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "a stored hash over ledger records up to %" G_GUINT64_FORMAT " was altered: restore the ledger from a copy", seq);
	return FALSE;
}

/* The root of what was walked over, from the full subtrees that wait for a right neighbour. */
static void
full_root(const Walk *walk, guint8 out[32])
{
	gboolean any = FALSE;

	if (walk->size == 0) {
		g_autoptr(VeilTree) empty = veil_tree_new();
		veil_tree_root(empty, out);
	}
	for (guint level = 0; walk->size >> level != 0; level++) {
		if (!(walk->size >> level & 1))
			continue;
		if (any)
			veil_tree_node(walk->full[level], out, out);
		else
			memcpy(out, walk->full[level], 32);
		any = TRUE;
	}
}

static gboolean
pass_stations(Walk *walk, GError **error)
{
	for (; walk->next_station < walk->stations->len; walk->next_station++) {
		const Station *station = &g_array_index(walk->stations, Station, walk->next_station);
		guint8 root[32];
		if (station->size > walk->size)
			return TRUE;
		full_root(walk, root);
		if (memcmp(root, station->root, 32) != 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
				    "the ledger does not continue ledger/%s: one of its first %" G_GUINT64_FORMAT " records was altered", station->name,
				    station->size);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
walk_record(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Walk *walk = data;
	guint64 seq = record->seq;
	guint8 hash[32];

	veil_tree_leaf(bytes, len, hash);
	if (!same_node(walk, 0, seq, hash, seq, error))
		return FALSE;
	guint level = 0;
	for (; seq >> level & 1; level++) {
		veil_tree_node(walk->full[level], hash, hash);
		if (!same_node(walk, level + 1, seq >> (level + 1), hash, seq, error))
			return FALSE;
	}
	memcpy(walk->full[level], hash, 32);
	veil_marks_add(walk->marks, record->seq, bytes, len);
	walk->size++;
	return pass_stations(walk, error);
}

static gboolean
walk_stations(Walk *walk, guint64 *out_size, guint8 out_root[32], GError **error)
{
	guint64 size = 0;

	if (walk->stations == NULL || !veil_ledger__count(walk->ledger, &size, error) || !pass_stations(walk, error) ||
	    !veil_ledger_each(walk->ledger, 0, walk_record, walk, error))
		return FALSE;
	if (walk->size != size) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " is missing", walk->size);
		return FALSE;
	}
	if (walk->next_station < walk->stations->len) {
		const Station *station = &g_array_index(walk->stations, Station, walk->next_station);
		return veil_ledger__continues(walk->ledger, size, station->size, station->root, station->name, error);
	}
	if (!veil_marks_compare(walk->marks, walk->ledger, error))
		return FALSE;
	full_root(walk, out_root);
	*out_size = size;
	return TRUE;
}

/* Inside a transaction: every record, every stored hash, every checkpoint in the folder. */
static gboolean
walk_all(VeilLedger *ledger, guint64 *out_size, guint8 out_root[32], GError **error)
{
	g_autoptr(GArray) stations = find_stations(ledger, error);
	g_autoptr(VeilMarks) marks = veil_marks_new();
	Walk walk = {.ledger = ledger, .stations = stations, .marks = marks};
	gboolean ok = walk_stations(&walk, out_size, out_root, error);

	for (gsize i = 0; i < G_N_ELEMENTS(walk.level); i++)
		veil_stmt_free(walk.level[i]);
	return ok;
}

/* --- signing --------------------------------------------------------------------------------------------------------- */

static char *
sign(VeilLedger *ledger, guint64 size, const guint8 root[32], GError **error)
{
	gsize len = 0;
	gboolean absent;
	char *text = veil_ledger__read_file(ledger->dir, "ledger.key", &len, &absent, error);
	if (text == NULL) {
		if (absent)
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "ledger/ledger.key is missing: without it nothing can be signed");
		return NULL;
	}
	char *note = veil_checkpoint_sign_as(text, len, ledger->vkey, size, root, error);
	explicit_bzero(text, len);
	g_free(text);
	return note;
}

gboolean
veil_ledger__put_note(VeilLedger *ledger, const char *name, const char *note, GError **error)
{
	g_autofree char *path = g_build_filename(ledger->dir, name, NULL);
	return veil_file_put(path, note, strlen(note), 0644, error);
}

/* Inside the write transaction, after the log was found to continue the latest checkpoint. The latest one stays when it says the same:
 * witnesses may have signed it since. */
static char *
sign_and_put(VeilLedger *ledger, guint64 size, const guint8 root[32], gboolean sync, GError **error)
{
	g_autofree char *latest = NULL;
	guint64 latest_size = 0;
	guint8 latest_root[32];
	if (!veil_ledger__latest(ledger, &latest, &latest_size, latest_root, error))
		return NULL;
	if (latest != NULL && latest_size == size)
		return g_steal_pointer(&latest);
	g_autofree char *note = sign(ledger, size, root, error), *path = g_build_filename(ledger->dir, "checkpoint", NULL);
	if (note == NULL || !(sync ? veil_ledger__put_note(ledger, "checkpoint", note, error) :
				     veil_file_put_unsynced(path, note, strlen(note), 0644, error)))
		return NULL;
	return g_steal_pointer(&note);
}

char *
veil_ledger__checkpoint_quick(VeilLedger *ledger, GError **error)
{
	g_autofree char *latest = NULL;
	guint64 size = 0, latest_size = 0;
	guint8 root[32], latest_root[32];
	char *note = NULL;
	if (!veil_db_begin(ledger->db, error))
		return NULL;
	if (veil_ledger__latest(ledger, &latest, &latest_size, latest_root, error) && veil_ledger__count(ledger, &size, error) &&
	    (latest == NULL || veil_ledger__continues(ledger, size, latest_size, latest_root, "checkpoint", error)) &&
	    veil_ledger__root(ledger, size, root, error))
		note = sign_and_put(ledger, size, root, FALSE, error);
	veil_db_rollback(ledger->db);
	return note;
}

gboolean
veil_ledger_checkpoint_quick(VeilLedger *ledger, GError **error)
{
	g_autofree char *note = veil_ledger__checkpoint_quick(ledger, error);
	return note != NULL;
}

gboolean
veil_ledger__checkpoints_folder(VeilLedger *ledger, GError **error)
{
	g_autofree char *folder = g_build_filename(ledger->dir, "checkpoints", NULL);

	if (g_mkdir(folder, 0755) == 0 || errno == EEXIST)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "ledger/checkpoints: cannot create: %s", g_strerror(errno));
	return FALSE;
}

static char *
checkpoint_thorough(VeilLedger *ledger, gboolean named, char **out_path, GError **error)
{
	guint64 size = 0;
	guint8 root[32];
	g_autofree char *note = NULL;
	if (!veil_db_begin(ledger->db, error))
		return NULL;
	if (walk_all(ledger, &size, root, error))
		note = sign_and_put(ledger, size, root, TRUE, error);
	if (note != NULL && named) {
		g_autofree char *name = g_strdup_printf("checkpoints/%" G_GUINT64_FORMAT ".note", size);
		g_autofree char *path = g_build_filename(ledger->dir, name, NULL);
		gboolean ok = veil_ledger__checkpoints_folder(ledger, error);
		/* One that is there was verified on the walk and may bear witnesses' signatures. */
		if (ok && !g_file_test(path, G_FILE_TEST_EXISTS))
			ok = veil_ledger__put_note(ledger, name, note, error);
		if (ok && out_path != NULL)
			*out_path = g_steal_pointer(&path);
		if (!ok)
			g_clear_pointer(&note, g_free);
	}
	veil_db_rollback(ledger->db);
	return g_steal_pointer(&note);
}

gboolean
veil_ledger_checkpoint(VeilLedger *ledger, GError **error)
{
	g_autofree char *note = checkpoint_thorough(ledger, FALSE, NULL, error);
	return note != NULL;
}

gboolean
veil_ledger_checkpoint_named(VeilLedger *ledger, char **out_path, GError **error)
{
	g_autofree char *note = checkpoint_thorough(ledger, TRUE, out_path, error);
	return note != NULL;
}
