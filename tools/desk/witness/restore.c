/* restore.c - see restore.h.
 *
 * That a copy was put back can be seen from outside only: everything that the site has may be as old as the copy. So it is declared, or a note that somebody else
 * holds shows it (cosign.c), and those who hold notes end it.
 */
#include "witness/restore.h"

#include <string.h>

#include "site/found.h"
#include "witness/witness.h"

typedef struct {
	const VeilStep *step;
	VeilLog *log;
	VeilReadOnly mark;
	guint64 size;
	guint n_witnesses;    /* who cosigned what is here, since then */
	guint64 note_size;    /* of the note held elsewhere; 0: none */
} Restore;

/* Everything that is here holds; its checkpoint is kept for the witnesses. */
static gboolean
verify_all(Restore *r, GError **error)
{
	VeilLedger *ledger = veil_log_ledger(r->log);

	return veil_ledger_checkpoint_named(ledger, NULL, error) && veil_ledger_size(ledger, &r->size, NULL, error);
}

static gboolean
count_witnesses(Restore *r, GError **error)
{
	for (char **witness = r->step->site->witnesses; *witness != NULL; witness++) {
		guint64 size, time;
		if (!veil_ledger_cosigned_by(veil_log_ledger(r->log), *witness, &size, &time, error))
			return FALSE;
		r->n_witnesses += size == r->size && (gint64)time >= r->mark.since_unix_s;
	}
	return TRUE;
}

static gboolean
read_note(Restore *r, const char *path, GError **error)
{
	g_autofree char *text = NULL, *name = g_path_get_basename(path);
	VeilLedger *ledger = veil_log_ledger(r->log);
	guint8 root[32];
	gsize len;

	if (!g_file_get_contents(path, &text, &len, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: there is no such file, or it cannot be read", name);
		return FALSE;
	}
	if (!veil_checkpoint_open(text, len, veil_ledger_vkey(ledger), NULL, &r->note_size, root, error)) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	return veil_ledger_continues(ledger, r->note_size, root, name, error);
}

static gboolean
enough(Restore *r, const VeilRestore *restore, GError **error)
{
	const VeilSite *site = r->step->site;
	gboolean named = site->witnesses[0] != NULL;

	if (r->mark.why == VEIL_READ_ONLY_FORK || r->mark.why == VEIL_READ_ONLY_UNREADABLE) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "the ledger stays read-only: %s. Keep the folder as it is for the inquiry; a new site with a new log goes on",
			    veil_read_only_text(r->mark.why));
		return FALSE;
	}
	if (r->mark.why == VEIL_READ_ONLY_BEHIND && r->size < r->mark.size) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "%" G_GUINT64_FORMAT " records are here, and a checkpoint of this log covers %" G_GUINT64_FORMAT
			    ": put back a copy that has them all. Without one this log is at its end, and a new site with a new log goes on",
			    r->size, r->mark.size);
		return FALSE;
	}
	if (!named && restore->note == NULL && site->rehearsal)
		return TRUE;
	if (!named && restore->note == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "the ledger is read-only, and this site names no witnesses: give --note FILE, the latest checkpoint that is held outside");
		return FALSE;
	}
	if (!named)
		return read_note(r, restore->note, error);
	if (!veil_witnesses_logged(site, r->log, error) || !count_witnesses(r, error))
		return FALSE;
	if (r->n_witnesses >= MAX(site->quorum, 1))
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "the ledger is read-only: %u of %u witnesses have cosigned these %" G_GUINT64_FORMAT
		    " records since. Give each the file that `veil ledger export` writes, take what they sign in with `veil ledger cosign`, and run this again",
		    r->n_witnesses, MAX(site->quorum, 1), r->size);
	return FALSE;
}

/* Did a run that was cut off write the record? Then it is the last one, and its `since` is this mark's. */
static gboolean
is_logged(Restore *r, gboolean *out, GError **error)
{
	g_autoptr(VeilFound) last = NULL;
	char since[24];

	g_snprintf(since, sizeof since, "%" G_GINT64_FORMAT, r->mark.since_unix_s);
	if (!veil_log_find(r->log, "ledger.restored", "since", since, &last, error))
		return FALSE;
	*out = last != NULL && last->record.seq + 1 == r->size;
	return TRUE;
}

static gboolean
log_restored(Restore *r, GError **error)
{
	char since[24], records[24], witnessed[12], note_size[24];

	g_snprintf(since, sizeof since, "%" G_GINT64_FORMAT, r->mark.since_unix_s);
	g_snprintf(records, sizeof records, "%" G_GUINT64_FORMAT, r->size);
	g_snprintf(witnessed, sizeof witnessed, "%u", r->n_witnesses);
	g_snprintf(note_size, sizeof note_size, "%" G_GUINT64_FORMAT, r->note_size);
	veil_log_lift_read_only(r->log);
	return veil_log_append(r->log, "registrar", "ledger.restored", error, "why", r->mark.why == VEIL_READ_ONLY_BEHIND ? "behind" : "restored", "since", since,
			       "records", records, "witnessed", witnessed, "note-size", r->note_size > 0 ? note_size : NULL, NULL);
}

gboolean
veil_step_restore(const VeilStep *step, const VeilRestore *restore, VeilRestoreResult *out, guint64 *out_size, GError **error)
{
	g_autofree char *dir = veil_site_path(step->site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLog) log = NULL;
	Restore r = {.step = step};
	gboolean logged = FALSE;

	if (restore->index && !veil_ledger_rebuild_index(dir, error))
		return FALSE;
	if ((log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	r.log = log;
	if (!veil_ledger_read_only(veil_log_ledger(log), &r.mark, error) || !verify_all(&r, error))
		return FALSE;
	*out_size = r.size;
	if (restore->index) {
		*out = VEIL_RESTORE_INDEXED;
		return TRUE;
	}
	if (r.mark.why == VEIL_READ_ONLY_NOT) {
		*out = VEIL_RESTORE_DECLARED;
		return veil_ledger_set_read_only(veil_log_ledger(log), VEIL_READ_ONLY_RESTORED, step->now_unix_s, r.size, error);
	}
	*out = VEIL_RESTORE_LIFTED;
	return is_logged(&r, &logged, error) && (logged || (enough(&r, restore, error) && log_restored(&r, error))) &&
	       veil_ledger_lift_read_only(veil_log_ledger(log), error);
}
