/* witness-cosign.c - see witness-cosign.h.
 *
 * Order: what was shown is read; it must be the log's; the witness's own state must not be older than a cosignature of his that comes back to him; then size and
 * history; then what others hold; then the pulse, of which he only speaks. The state is written before the line exists, so whatever is killed in between has
 * promised something and given nothing, and the same files cosign again.
 *
 * A note that contradicts another one under the log's own key convicts the log: both are kept before the witness says no.
 */
#include "witness/witness-cosign.h"

#include <stdio.h>
#include <string.h>

#include "site/operator.h"
#include "witness/witness-read.h"

#define MAX_TEXT 1100000

typedef struct {
	char *name, *text; /* of a checkpoint */
	gsize len;
	guint64 size;
	guint8 root[32];
} Shown;

typedef struct {
	VeilWitnessState *state;
	const VeilWitnessInput *input;
	VeilWitnessResult *out;
	Shown note;
	GArray *also; /* Shown */
	gboolean has_proof;
	guint64 old;
	GByteArray *proof;
	char *copy; /* path of an export, or NULL */
	GArray *stations;
	VeilPulse pulse;
} Case;

static void
shown_clear(gpointer data)
{
	Shown *shown = data;

	g_clear_pointer(&shown->name, g_free);
	g_clear_pointer(&shown->text, g_free);
}

static void
case_clear(Case *c)
{
	shown_clear(&c->note);
	g_clear_pointer(&c->also, g_array_unref);
	g_clear_pointer(&c->proof, g_byte_array_unref);
	g_clear_pointer(&c->copy, g_free);
	g_clear_pointer(&c->stations, g_array_unref);
	veil_pulse_clear(&c->pulse);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

void
veil_witness_result_clear(VeilWitnessResult *result)
{
	g_clear_pointer(&result->line, g_free);
	g_clear_pointer(&result->evidence, g_free);
	g_clear_pointer(&result->warnings, g_ptr_array_unref);
}

static gboolean
refuse(VeilErrorCode code, const char *text, GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, code, text);
	return FALSE;
}

/* --- what he was shown ------------------------------------------------------------------------------------------------- */

static gboolean
open_note(const Case *c, const char *path, char *text, gsize len, Shown *out, GError **error)
{
	out->name = g_path_get_basename(path);
	out->text = text;
	out->len = len;
	if (veil_checkpoint_open(text, len, c->state->log, NULL, &out->size, out->root, error))
		return TRUE;
	g_prefix_error(error, "%s: ", out->name);
	return FALSE;
}

/* "old N", hashes, an empty line; then the checkpoint, whose start is returned; NULL: no such text. */
static const char *
parse_request(Case *c, const char *text, gsize len)
{
	const char *end = text + len, *at = text + 4, *lf = memchr(at, '\n', (gsize)(end - at));
	g_autofree char *number = lf != NULL ? g_strndup(at, (gsize)(lf - at)) : NULL;

	if (number == NULL || !g_ascii_string_to_unsigned(number, 10, 0, G_MAXINT64, &c->old, NULL) || (number[0] == '0' && number[1] != '\0'))
		return NULL;
	c->proof = g_byte_array_new();
	for (at = lf + 1; (lf = memchr(at, '\n', (gsize)(end - at))) != NULL; at = lf + 1) {
		g_autofree char *line = g_strndup(at, (gsize)(lf - at)), *again = NULL;
		g_autofree guint8 *hash = NULL;
		gsize n = 0;

		if (lf == at)
			return lf + 1;
		if (lf - at != 44 || c->proof->len >= 63 * 32)
			return NULL;
		hash = g_base64_decode(line, &n);
		again = g_base64_encode(hash, n);
		if (n != 32 || strcmp(again, line) != 0)
			return NULL;
		g_byte_array_append(c->proof, hash, 32);
	}
	return NULL;
}

/* A text file of a sensible size, or *out_copy when it is a database. */
static gboolean
read_file(const char *path, char **out_text, gsize *out_len, gboolean *out_copy, GError **error)
{
	static const char magic[16] = "SQLite format 3";
	g_autofree char *name = g_path_get_basename(path);
	char start[16] = {0};
	FILE *file = fopen(path, "re");
	gsize n = file != NULL ? fread(start, 1, sizeof start, file) : 0;

	if (file == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "%s: there is no such file, or it cannot be read", name);
		return FALSE;
	}
	*out_copy = n == sizeof start && memcmp(start, magic, sizeof magic) == 0;
	if (!*out_copy) {
		g_autofree char *text = g_malloc(MAX_TEXT + 1);
		rewind(file);
		n = fread(text, 1, MAX_TEXT + 1, file);
		if (n <= MAX_TEXT) {
			text[n] = '\0';
			*out_len = n;
			*out_text = g_steal_pointer(&text);
		}
	}
	fclose(file);
	if (*out_copy || *out_text != NULL)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: too long for a checkpoint", name);
	return FALSE;
}

static gboolean
take_file(Case *c, const char *path, GError **error)
{
	g_autofree char *text = NULL, *name = g_path_get_basename(path);
	gsize len = 0;
	gboolean copy = FALSE;

	if (!read_file(path, &text, &len, &copy, error))
		return FALSE;
	if (copy ? c->copy != NULL : c->note.text != NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "%s: one checkpoint and one copy of the log at a time; others' checkpoints come with --also", name);
		return FALSE;
	}
	if (copy) {
		c->copy = g_strdup(path);
		return TRUE;
	}
	if (!g_str_has_prefix(text, "old "))
		return open_note(c, path, g_steal_pointer(&text), len, &c->note, error);
	const char *note = parse_request(c, text, len);
	if (note == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: no proof: after `old N` come hashes in base 64, one a line, an empty line and the checkpoint", name);
		return FALSE;
	}
	c->has_proof = TRUE;
	return open_note(c, path, g_strdup(note), len - (gsize)(note - text), &c->note, error);
}

static gboolean
take_files(Case *c, GError **error)
{
	for (guint i = 0; c->input->files[i] != NULL; i++)
		if (!take_file(c, c->input->files[i], error))
			return FALSE;
	if (c->note.text == NULL && c->copy != NULL) {
		g_autofree char *beside = g_strconcat(c->copy, ".checkpoint", NULL);
		if (!take_file(c, beside, error))
			return FALSE;
	}
	if (c->note.text == NULL)
		return refuse(VEIL_ERROR_USAGE, "no checkpoint was given: FILE is a note, what `veil ledger prove --from` printed, or an export", error);
	for (guint i = 0; c->input->also != NULL && c->input->also[i] != NULL; i++) {
		g_autofree char *text = NULL;
		gsize len = 0;
		gboolean copy = FALSE;
		Shown shown = {0};
		if (!read_file(c->input->also[i], &text, &len, &copy, error))
			return FALSE;
		if (copy)
			return refuse(VEIL_ERROR_USAGE, "--also takes a checkpoint, not a copy of the log", error);
		if (!open_note(c, c->input->also[i], g_steal_pointer(&text), len, &shown, error)) {
			shown_clear(&shown);
			return FALSE;
		}
		g_array_append_val(c->also, shown);
	}
	return TRUE;
}

/* --- his own cosignatures come back --------------------------------------------------------------------------------------- */

static gboolean
state_is_old(GError **error)
{
	return refuse(VEIL_ERROR_VERIFY,
		      "your own cosignature, later than your state, is on what you were shown: your state was put back from an older copy, or somebody else has your "
		      "key. Cosign nothing: find the newer state, or make a new key (`veil ledger witness key`) and tell the site",
		      error);
}

static gboolean
check_own(const Case *c, const Shown *shown, GError **error)
{
	const char *own[] = {c->state->vkey, NULL};
	guint64 size, after = c->state->begun ? (guint64)c->state->time + 1 : 0;
	guint8 root[32];
	guint n = 0;

	if (c->state->begun && shown->size > c->state->size)
		after = 0; /* whenever it was: he knows of none there */
	if (!veil_note_cosigned(shown->text, shown->len, c->state->log, own, after, G_MAXUINT64, &n, &size, root, error)) {
		g_prefix_error(error, "%s: ", shown->name);
		return FALSE;
	}
	return n == 0 || state_is_old(error);
}

/* What the log's heartbeats say they have of him. */
static gboolean
check_tally(const Case *c, GError **error)
{
	guint64 size;
	gint64 time;

	if (!veil_tally_find(c->pulse.tally, c->state->vkey, &size, &time))
		return TRUE;
	if (!c->state->begun || size > c->state->size || time > c->state->time)
		return state_is_old(error);
	if (size < c->state->size && c->state->time - time > c->input->silence_s)
		g_ptr_array_add(c->out->warnings,
				g_strdup_printf("the log's last heartbeat knows your cosignature of %" G_GUINT64_FORMAT " records, your last one covers %" G_GUINT64_FORMAT
						": cosignatures of yours do not arrive",
						size, c->state->size));
	return TRUE;
}

/* --- history ------------------------------------------------------------------------------------------------------------- */

static gboolean
convict(const Case *c, const char *what, const char *held, const char *shown, GError **error)
{
	c->out->evidence = veil_witness_evidence(c->state, what, held, shown, c->input->now_unix_s, error);
	if (c->out->evidence == NULL)
		return FALSE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s; both are kept in %s. Nothing is cosigned: show this to whoever you answer to", what, c->out->evidence);
	return FALSE;
}

static const VeilStation *
station_of(const Case *c, guint64 size)
{
	for (guint i = 0; i < c->stations->len; i++) {
		const VeilStation *station = &g_array_index(c->stations, VeilStation, i);
		if (station->size == size && station->reached)
			return station;
	}
	return NULL;
}

static void
ask_for(Case *c, guint64 size)
{
	VeilStation station = {.size = size};

	g_array_append_val(c->stations, station);
}

static gboolean
read_copy(Case *c, GError **error)
{
	const VeilStation *station;

	ask_for(c, c->state->size);
	ask_for(c, c->note.size);
	for (guint i = 0; i < c->also->len; i++)
		ask_for(c, g_array_index(c->also, Shown, i).size);
	if (!veil_witness_read(c->copy, c->state->log, c->stations, &c->pulse, error))
		return FALSE;
	station = station_of(c, c->note.size);
	if (station == NULL)
		return refuse(VEIL_ERROR_VERIFY, "the copy of the log has fewer records than its checkpoint covers: its tail is cut off", error);
	if (memcmp(station->root, c->note.root, 32) != 0)
		return refuse(VEIL_ERROR_VERIFY, "the copy of the log is not what its checkpoint covers: a record was altered", error);
	return TRUE;
}

static gboolean
too_small(const Case *c, GError **error)
{
	g_autofree char *text = g_strdup_printf("FORK: you cosigned %" G_GUINT64_FORMAT " records, and a copy of the log now ends at %" G_GUINT64_FORMAT
						": records were cut off, or an old copy was put back",
						c->state->size, c->note.size);

	/* A copy is the log of today; a note alone may just be an old one. */
	if (c->copy != NULL && c->pulse.size < c->state->size)
		return convict(c, text, c->state->note, c->note.text, error);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "you cosigned %" G_GUINT64_FORMAT " records already, this checkpoint covers %" G_GUINT64_FORMAT
		    ". If the site has no later one, an old copy was put back there: give it your last.note, which `veil ledger cosign` takes",
		    c->state->size, c->note.size);
	return FALSE;
}

static gboolean
check_proof(const Case *c, GError **error)
{
	const VeilWitnessState *s = c->state;

	if (!c->has_proof || c->old != s->size) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "you cosigned %" G_GUINT64_FORMAT " records: give the proof that history continues from there, `veil ledger prove --from %" G_GUINT64_FORMAT
			    "` on the site, or an export",
			    s->size, s->size);
		return FALSE;
	}
	if (s->size == 0 && c->proof->len == 0)
		return TRUE; /* everything continues the empty log */
	return veil_tree_verify_consistency(s->size, c->note.size, s->root, c->note.root, c->proof->data, c->proof->len / 32) ||
	       refuse(VEIL_ERROR_VERIFY,
		      "the proof does not lead from what you cosigned to this checkpoint: history was changed, or the proof is damaged; an export will tell which", error);
}

static gboolean
check_history(const Case *c, GError **error)
{
	const VeilWitnessState *s = c->state;
	const VeilStation *station;

	if (!s->begun)
		return c->input->first || refuse(VEIL_ERROR_REFUSED,
						 "this witness has cosigned nothing yet. If he has indeed never cosigned this log, say --first; if he has, his state was lost: get "
						 "it back first",
						 error);
	if (c->note.size < s->size)
		return too_small(c, error);
	if (c->note.size == s->size)
		return memcmp(c->note.root, s->root, 32) == 0 ||
		       convict(c, "FORK: the log's key has signed two checkpoints of one size with different roots", s->note, c->note.text, error);
	if (c->copy == NULL)
		return check_proof(c, error);
	station = station_of(c, s->size);
	return (station != NULL && memcmp(station->root, s->root, 32) == 0) ||
	       convict(c, "FORK: the log's records do not continue the checkpoint that was cosigned", s->note, c->note.text, error);
}

/* --- what others hold -------------------------------------------------------------------------------------------------------- */

static gboolean
check_other(const Case *c, const Shown *other, GError **error)
{
	const VeilWitnessState *s = c->state;
	const VeilStation *station = c->copy != NULL ? station_of(c, other->size) : NULL;
	const guint8 *root = other->size == c->note.size ? c->note.root : s->begun && other->size == s->size ? s->root : station != NULL ? station->root : NULL;

	if (!check_own(c, other, error))
		return FALSE;
	if (root != NULL)
		return memcmp(root, other->root, 32) == 0 ||
		       convict(c, "FORK: the checkpoint that somebody else holds has another history than the one shown here", other->text, c->note.text, error);
	if (other->size > c->note.size) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "%s covers %" G_GUINT64_FORMAT " records and what you were shown only %" G_GUINT64_FORMAT
			    ": ask the site for a later one; if it has none, records are missing there",
			    other->name, other->size, c->note.size);
		return FALSE;
	}
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s is of another size, so it can only be compared with an export of the log", other->name);
	return FALSE;
}

static gboolean
check_others(const Case *c, GError **error)
{
	for (guint i = 0; i < c->also->len; i++)
		if (!check_other(c, &g_array_index(c->also, Shown, i), error))
			return FALSE;
	return TRUE;
}

/* --- the pulse ------------------------------------------------------------------------------------------------------------- */

static void
minute_of(gint64 unix_s, char out[32])
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(unix_s);
	g_autofree char *text = g_date_time_format(when, "%Y-%m-%dT%H:%MZ");

	g_strlcpy(out, text, 32);
}

static void
feel_pulse(const Case *c)
{
	const VeilWitnessState *s = c->state;
	char now[32], oldest[32];

	minute_of(c->input->now_unix_s, now);
	minute_of(c->input->now_unix_s - c->input->silence_s, oldest);
	if (c->pulse.gaps > 0)
		g_ptr_array_add(c->out->warnings,
				g_strdup_printf("GAP: %" G_GUINT64_FORMAT " record(s) came later than the heartbeat before them promised, the first is %" G_GUINT64_FORMAT
						": nothing was logged in between, or it was taken away",
						c->pulse.gaps, c->pulse.first_gap));
	if (*c->pulse.promised != '\0' && strcmp(now, c->pulse.promised) > 0)
		g_ptr_array_add(c->out->warnings, g_strdup_printf("SILENCE: the log's last record is of %s, and its heartbeat promised another one by %s",
								  c->pulse.last_time, c->pulse.promised));
	else if (*c->pulse.last_time != '\0' && *c->pulse.promised == '\0' && strcmp(c->pulse.last_time, oldest) < 0)
		g_ptr_array_add(c->out->warnings, g_strdup_printf("SILENCE: the log's last record is of %s", c->pulse.last_time));
	if (c->copy == NULL && s->begun && c->note.size == s->size && c->input->now_unix_s - s->since > c->input->silence_s)
		g_ptr_array_add(c->out->warnings, g_strdup_printf("SILENCE: the log has not grown since you first cosigned this size, %" G_GINT64_FORMAT " hours ago",
								  (c->input->now_unix_s - s->since) / 3600));
}

/* --- signing --------------------------------------------------------------------------------------------------------------- */

static void
sign(const void *text, gsize len, guint8 out_signature[64], gpointer data)
{
	veil_operator_key_sign(data, text, len, out_signature);
}

gboolean
veil_witness_cosign(VeilWitnessState *state, const VeilWitnessInput *input, VeilWitnessResult *out, GError **error)
{
	g_auto(Case) c = {.state = state, .input = input, .out = out};

	out->warnings = g_ptr_array_new_with_free_func(g_free);
	c.stations = g_array_new(FALSE, FALSE, sizeof(VeilStation));
	c.also = g_array_new(FALSE, FALSE, sizeof(Shown));
	g_array_set_clear_func(c.also, shown_clear);
	if (state->begun && input->now_unix_s < state->time)
		return refuse(VEIL_ERROR_REFUSED, "this machine's clock is behind your last cosignature: set it right first", error);
	if (!take_files(&c, error) || !check_own(&c, &c.note, error) || (c.copy != NULL && !read_copy(&c, error)) || !check_tally(&c, error) ||
	    !check_history(&c, error) || !check_others(&c, error))
		return FALSE;
	feel_pulse(&c);
	const VeilOperatorKey *key = veil_witness_key(state, error);
	if (key == NULL || !veil_witness_advance(state, c.note.size, c.note.root, c.note.text, input->now_unix_s, error) ||
	    (out->line = veil_checkpoint_cosign_as(c.note.text, c.note.len, state->vkey, sign, (gpointer)key, (guint64)input->now_unix_s, error)) == NULL)
		return FALSE;
	out->size = c.note.size;
	return veil_witness_show(state, out->line, error);
}
