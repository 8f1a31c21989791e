/* witness-state.c - see witness-state.h.
 *
 * The state is one text file with a digest over itself, replaced as a whole: written beside, synced, renamed, the folder synced. A crash leaves the old state or
 * the new one. A witness who lost or rolled back his state would cosign a second history in good faith; the digest does not help against that, the
 * witness's own cosignatures that come back on the log's notes do (witness-cosign.c).
 */
#include "witness/witness-state.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "site/operator.h"

static const char head[] = "veil-witness-state/1\n";

static char *
inside(const char *dir, const char *name)
{
	return g_build_filename(dir, name, NULL);
}

static gboolean
put(const char *dir, const char *name, const char *text, GError **error)
{
	g_autofree char *path = inside(dir, name);

	return veil_file_put(path, text, strlen(text), 0600, error);
}

/* --- making one -------------------------------------------------------------------------------------------------------- */

/* Is it a log's key line? Any checkpoint is refused by a damaged one, so one that is refused for its signature alone shows a whole one. */
static gboolean
log_vkey_valid(const char *vkey)
{
	guint8 seed[VEIL_SIGNING_KEY_BYTES] = {1}, root[32] = {0};
	g_autofree char *origin = g_strndup(vkey, strcspn(vkey, "+"));
	g_autoptr(GError) inner = NULL;

	if (!veil_note_name_valid(origin))
		return FALSE;
	g_autofree char *note = veil_checkpoint_sign(origin, 1, root, seed);
	gboolean opened = veil_checkpoint_open(note, strlen(note), vkey, NULL, NULL, NULL, &inner);
	return opened || strstr(inner->message, "public key line") == NULL;
}

gboolean
veil_witness_create(const char *dir, const char *name, const char *log, const char *passphrase, GError **error)
{
	g_autofree char *path = inside(dir, "witness.key"), *log_line = g_strconcat(log, "\n", NULL);
	g_autoptr(VeilOperatorKey) key = NULL;
	guint8 public_key[32];

	if (!veil_note_name_valid(name) || strchr(name, ';') != NULL || !log_vkey_valid(log)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--name is like audit.example.gov/w1, without blanks, + and ;, and --log the log's key line, name+hash+base64, or a file with it");
		return FALSE;
	}
	if (g_mkdir_with_parents(dir, 0700) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the witness's folder cannot be made: %s", g_strerror(errno));
		return FALSE;
	}
	if ((key = veil_operator_make_key(path, passphrase, error)) == NULL)
		return FALSE;
	veil_operator_key_public(key, public_key);
	g_autofree char *vkey = veil_note_witness_vkey_of(name, public_key), *line = g_strconcat(vkey, "\n", NULL);
	return put(dir, "log.vkey", log_line, error) && put(dir, "vkey", line, error);
}

/* --- opening ----------------------------------------------------------------------------------------------------------- */

static gboolean
take_lock(VeilWitnessState *state, gboolean wait, GError **error)
{
	g_autofree char *path = inside(state->dir, "lock");

	state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (state->lock < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the witness's folder cannot be locked: %s", g_strerror(errno));
		return FALSE;
	}
	if (flock(state->lock, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "another process cosigns with this state; try again when it has ended");
	return FALSE;
}

static char *
read_line(const char *dir, const char *name, GError **error)
{
	g_autofree char *path = inside(dir, name);
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "%s is missing in the witness's folder; `veil ledger witness key` makes a new witness", name);
		return NULL;
	}
	return g_strchomp(text);
}

static gboolean
damaged(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "the witness's state is damaged: cosign nothing until you have it back from a copy of your own, and compare it with last.note and the cosigned "
			    "notes that others hold");
	return FALSE;
}

static gboolean
take_number(const char **at, const char *key, gint64 *out)
{
	g_autofree char *digits = NULL;
	const char *lf = strchr(*at, '\n');
	gsize n = strlen(key);

	if (lf == NULL || strncmp(*at, key, n) != 0 || (*at)[n] != ' ')
		return FALSE;
	digits = g_strndup(*at + n + 1, (gsize)(lf - *at) - n - 1);
	*at = lf + 1;
	return g_ascii_string_to_signed(digits, 10, 0, G_MAXINT64, out, NULL);
}

static void
digest(const char *body, gsize n_body, const char *note, char out[65])
{
	g_autofree char *all = g_strdup_printf("%.*s\n%s", (int)n_body, body, note);
	guint8 hash[32];

	veil_sha256(all, strlen(all), hash);
	veil_hex_encode(hash, 32, out);
}

/* head, size, time, since, count, sum, an empty line, the note; nothing that the note says is believed twice. */
static gboolean
parse(VeilWitnessState *state, const char *text)
{
	const char *at = text + sizeof head - 1;
	gint64 size, count;
	char sum[65];

	if (!g_str_has_prefix(text, head) || !take_number(&at, "size", &size) || !take_number(&at, "time", &state->time) ||
	    !take_number(&at, "since", &state->since) || !take_number(&at, "count", &count) || !g_str_has_prefix(at, "sum ") || strlen(at) < 4 + 64 + 2 ||
	    at[68] != '\n' || at[69] != '\n')
		return FALSE;
	state->note = g_strdup(at + 70);
	digest(text, (gsize)(at - text), state->note, sum);
	state->size = (guint64)size;
	state->count = (guint64)count;
	guint64 signed_size = 0;
	return memcmp(at + 4, sum, 64) == 0 && veil_checkpoint_open(state->note, strlen(state->note), state->log, NULL, &signed_size, state->root, NULL) &&
	       signed_size == state->size;
}

static gboolean
read_state(VeilWitnessState *state, GError **error)
{
	g_autofree char *path = inside(state->dir, "state"), *text = NULL;
	g_autoptr(GError) inner = NULL;

	if (!g_file_get_contents(path, &text, NULL, &inner)) {
		if (g_error_matches(inner, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		return damaged(error);
	}
	state->begun = TRUE;
	return parse(state, text) || damaged(error);
}

VeilWitnessState *
veil_witness_open(const char *dir, gboolean wait, GError **error)
{
	g_autoptr(VeilWitnessState) state = g_new0(VeilWitnessState, 1);

	state->dir = g_strdup(dir);
	state->lock = -1;
	if ((state->vkey = read_line(dir, "vkey", error)) == NULL || (state->log = read_line(dir, "log.vkey", error)) == NULL ||
	    !take_lock(state, wait, error) || !read_state(state, error))
		return NULL;
	return g_steal_pointer(&state);
}

void
veil_witness_free(VeilWitnessState *state)
{
	if (state == NULL)
		return;
	if (state->lock >= 0)
		close(state->lock);
	g_free(state->dir), g_free(state->vkey), g_free(state->log), g_free(state->note);
	g_free(state);
}

const VeilOperatorKey *
veil_witness_key(const VeilWitnessState *state, GError **error)
{
	g_autofree char *path = inside(state->dir, "witness.key");

	return veil_operator_key_of_file(path, error);
}

/* --- going forward ----------------------------------------------------------------------------------------------------- */

/* One line a cosignature, for the auditor's own eyes; the state is what counts. */
static gboolean
append_history(const VeilWitnessState *state, const guint8 root[32], gint64 now_unix_s, guint64 size, GError **error)
{
	g_autofree char *path = inside(state->dir, "history"), *line = NULL;
	char hex[65];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	veil_hex_encode(root, 32, hex);
	line = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n", now_unix_s, size, hex);
	gboolean ok = fd >= 0 && write(fd, line, strlen(line)) == (gssize)strlen(line) && fsync(fd) == 0;
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the witness's history cannot be written, so nothing is cosigned: %s", g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The note with the log's own signatures only: the state is about what the log said. */
gboolean
veil_witness_advance(VeilWitnessState *state, guint64 size, const guint8 root[32], const char *note, gint64 now_unix_s, GError **error)
{
	gint64 since = state->begun && state->size == size ? state->since : now_unix_s;
	guint64 count = state->count + 1;
	g_autofree char *body = g_strdup_printf("%ssize %" G_GUINT64_FORMAT "\ntime %" G_GINT64_FORMAT "\nsince %" G_GINT64_FORMAT "\ncount %" G_GUINT64_FORMAT "\n",
						head, size, now_unix_s, since, count);
	char sum[65];

	g_return_val_if_fail(!state->begun || (size >= state->size && now_unix_s >= state->time && (size != state->size || memcmp(root, state->root, 32) == 0)),
			     FALSE);
	digest(body, strlen(body), note, sum);
	g_autofree char *text = g_strdup_printf("%ssum %s\n\n%s", body, sum, note);
	if (!append_history(state, root, now_unix_s, size, error) || !put(state->dir, "state", text, error))
		return FALSE;
	g_free(state->note);
	state->note = g_strdup(note);
	memcpy(state->root, root, 32);
	state->begun = TRUE;
	state->size = size, state->count = count, state->time = now_unix_s, state->since = since;
	return TRUE;
}

gboolean
veil_witness_show(const VeilWitnessState *state, const char *line, GError **error)
{
	g_autofree char *text = g_strconcat(state->note, line, NULL);

	return put(state->dir, "last.note", text, error);
}

char *
veil_witness_evidence(const VeilWitnessState *state, const char *what, const char *held, const char *shown, gint64 now_unix_s, GError **error)
{
	g_autofree char *folder = inside(state->dir, "evidence");
	g_autofree char *text = g_strdup_printf("veil-evidence/1\nlog %s\nwitness %s\ntime %" G_GINT64_FORMAT "\n%s\n\n=== what the witness holds\n%s=== what he was shown\n%s",
						state->log, state->vkey, now_unix_s, what, held != NULL ? held : "", shown);
	guint8 hash[32];
	char hex[9];

	veil_sha256(text, strlen(text), hash);
	veil_hex_encode(hash, 4, hex);
	g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT "-%s.txt", now_unix_s, hex);
	g_autofree char *path = inside(folder, name);
	if (g_mkdir(folder, 0700) != 0 && errno != EEXIST) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the folder of the evidence cannot be made: %s", g_strerror(errno));
		return NULL;
	}
	return veil_file_put(path, text, strlen(text), 0600, error) ? g_steal_pointer(&path) : NULL;
}
