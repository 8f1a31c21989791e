/* cosign.c - see cosign.h.
 *
 * A line says neither which checkpoint it is on nor who asked for it: it is tried on every checkpoint kept here, under every witness's key, and one that fits
 * nowhere is refused, so that a line pasted from elsewhere never stands in a note.
 */
#include "witness/cosign.h"

#include <string.h>

#include "witness/witness.h"

#define MAX_BYTES 1000000

typedef struct {
	const VeilStep *step;
	VeilLedger *ledger;
	VeilRows *rows;
	const char *name; /* of the file */
} Taking;

static gboolean
take_line(const Taking *t, const char *line, GError **error)
{
	VeilCosigned taken;
	char size[24];

	if (!veil_ledger_take_cosignature(t->ledger, (const char *const *)t->step->site->witnesses, line,
					  (guint64)(t->step->now_unix_s + VEIL_WITNESS_AHEAD_S), &taken, error)) {
		g_prefix_error(error, "%s: ", t->name);
		return FALSE;
	}
	g_autofree char *witness = g_strndup(t->step->site->witnesses[taken.witness], strcspn(t->step->site->witnesses[taken.witness], "+"));
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc((gint64)taken.unix_s);
	g_autofree char *time = g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ");
	g_snprintf(size, sizeof size, "%" G_GUINT64_FORMAT, taken.size);
	gboolean fresh = (gint64)taken.unix_s >= t->step->now_unix_s - VEIL_WITNESS_FRESH_S;
	veil_rows_add(t->rows, (const char *const[]){witness, size, time, fresh ? "yes" : "no"});
	return TRUE;
}

static gboolean
take_lines(const Taking *t, const char *text, GError **error)
{
	for (const char *at = text, *lf; *at != '\0'; at = lf + 1) {
		lf = strchr(at, '\n');
		g_autofree char *line = lf != NULL ? g_strndup(at, (gsize)(lf + 1 - at)) : NULL;
		if (line == NULL) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: its last line does not end: it was cut off", t->name);
			return FALSE;
		}
		if (!take_line(t, line, error))
			return FALSE;
	}
	return TRUE;
}

/* A note that this log's key has signed and that the log does not continue. */
static gboolean
convict(const Taking *t, VeilReadOnlyWhy why, guint64 size, guint64 here, GError **error)
{
	if (!veil_ledger_set_read_only(t->ledger, why, t->step->now_unix_s, size, error))
		return FALSE;
	if (why == VEIL_READ_ONLY_BEHIND)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "%s covers %" G_GUINT64_FORMAT " records of this log, here are %" G_GUINT64_FORMAT
			    ": an old copy was put back, or records were cut off. The ledger is read-only now; `veil ledger restore` says what to do",
			    t->name, size, here);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "FORK: %s is signed by this log's key and has another history than the one here. Keep both; the ledger is read-only now", t->name);
	return FALSE;
}

static gboolean
take_note(const Taking *t, const char *text, gsize len, GError **error)
{
	guint64 size, here;
	guint8 root[32];
	g_autoptr(GError) inner = NULL;

	if (!veil_checkpoint_open(text, len, veil_ledger_vkey(t->ledger), NULL, &size, root, error)) {
		g_prefix_error(error, "%s: ", t->name);
		return FALSE;
	}
	if (!veil_ledger_size(t->ledger, &here, NULL, error))
		return FALSE;
	if (size > here)
		return convict(t, VEIL_READ_ONLY_BEHIND, size, here, error);
	if (!veil_ledger_continues(t->ledger, size, root, t->name, &inner))
		return g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_VERIFY) ? convict(t, VEIL_READ_ONLY_FORK, size, here, error) :
									       (g_propagate_error(error, g_steal_pointer(&inner)), FALSE);
	/* Its lines, those of the site's witnesses; the log's own and strangers' say nothing here. */
	for (const char *at = strstr(text, "\n\n") + 2, *lf; *at != '\0'; at = lf + 1) {
		lf = strchr(at, '\n');
		g_autofree char *line = g_strndup(at, (gsize)(lf + 1 - at)), *one = NULL;
		g_autofree char *alone = g_strdup_printf("%.*s%s", (int)(strstr(text, "\n\n") + 2 - text), text, line);
		guint64 time;
		gboolean ours = FALSE;

		for (char **witness = t->step->site->witnesses; !ours && *witness != NULL; witness++)
			ours = veil_note_cosigned_at(alone, strlen(alone), *witness, &time);
		if (ours && !take_line(t, line, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
take_file(const Taking *t, const char *path, GError **error)
{
	g_autofree char *text = NULL;
	gsize len = 0;

	if (!g_file_get_contents(path, &text, &len, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: there is no such file, or it cannot be read", t->name);
		return FALSE;
	}
	if (len == 0 || len > MAX_BYTES || strlen(text) != len) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: no cosignatures and no checkpoint", t->name);
		return FALSE;
	}
	return g_str_has_prefix(text, "\xE2\x80\x94 ") ? take_lines(t, text, error) : take_note(t, text, len, error);
}

gboolean
veil_step_cosign(const VeilStep *step, const char *const *files, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"witness", "records", "time", "fresh"};
	g_autofree char *dir = veil_site_path(step->site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open(dir, error);
	VeilRows rows;
	gboolean ok = TRUE;

	if (ledger == NULL || !veil_rows_begin(&rows, how, "cosigned", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; ok && files[i] != NULL; i++) {
		g_autofree char *name = g_path_get_basename(files[i]);
		Taking taking = {.step = step, .ledger = ledger, .rows = &rows, .name = name};
		ok = take_file(&taking, files[i], error);
	}
	return veil_rows_end(&rows, ok ? error : NULL) && ok;
}
