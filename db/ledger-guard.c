/* ledger-guard.c - a ledger that takes no record: after a copy was put back, or when a witness holds more than is here.
 *
 * The mark is a file beside the database and not a row in it, so that putting an older database back does not lift it. It is asked inside the
 * write transaction of every record. A mark that cannot be read is one all the same.
 */
#include "ledger-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const char mark_name[] = "read-only", head[] = "veil-ledger-read-only/1\n";

static const struct {
	const char *word, *text;
} reasons[] = {
	[VEIL_READ_ONLY_NOT] = {"", ""},
	[VEIL_READ_ONLY_RESTORED] = {"restored", "it was put back from a copy, and no witness has said yet that this is where the log ends"},
	[VEIL_READ_ONLY_BEHIND] = {"behind", "a checkpoint signed by this log covers more records than are here: an older copy was put back"},
	[VEIL_READ_ONLY_FORK] = {"fork", "a checkpoint signed by this log has another history than the one here"},
	[VEIL_READ_ONLY_UNREADABLE] = {"", "ledger/read-only is there but cannot be read"},
};

gboolean
veil_ledger_read_only(VeilLedger *ledger, VeilReadOnly *out, GError **error)
{
	gsize len = 0;
	gboolean absent;
	g_autofree char *text = veil_ledger__read_file(ledger->dir, mark_name, &len, &absent, NULL);
	g_autofree char *word = NULL;
	VeilReadOnly found = {.why = VEIL_READ_ONLY_UNREADABLE};

	(void)error;
	if (text == NULL) {
		found.why = absent ? VEIL_READ_ONLY_NOT : VEIL_READ_ONLY_UNREADABLE;
	} else if (g_str_has_prefix(text, head)) {
		char reason[16];
		if (sscanf(text + sizeof head - 1, "why %15[a-z]\nsince %" G_GINT64_MODIFIER "d\nsize %" G_GINT64_MODIFIER "u\n", reason, &found.since_unix_s,
			   &found.size) == 3)
			for (guint i = VEIL_READ_ONLY_RESTORED; i <= VEIL_READ_ONLY_FORK; i++)
				if (strcmp(reason, reasons[i].word) == 0)
					found.why = i;
	}
	*out = found;
	return TRUE;
}

const char *
veil_read_only_text(VeilReadOnlyWhy why)
{
	return reasons[why].text;
}

gboolean
veil_ledger__check_writable(VeilLedger *ledger, GError **error)
{
	VeilReadOnly mark;

	if (!veil_ledger_read_only(ledger, &mark, error))
		return FALSE;
	if (mark.why == VEIL_READ_ONLY_NOT)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the ledger is read-only: %s; `veil ledger restore` says what to do", reasons[mark.why].text);
	return FALSE;
}

gboolean
veil_ledger_set_read_only(VeilLedger *ledger, VeilReadOnlyWhy why, gint64 now_unix_s, guint64 size, GError **error)
{
	g_autofree char *path = g_build_filename(ledger->dir, mark_name, NULL);
	g_autofree char *text = g_strdup_printf("%swhy %s\nsince %" G_GINT64_FORMAT "\nsize %" G_GUINT64_FORMAT "\n", head, reasons[why].word, now_unix_s, size);

	g_return_val_if_fail(why >= VEIL_READ_ONLY_RESTORED && why <= VEIL_READ_ONLY_FORK, FALSE);
	return veil_file_put(path, text, strlen(text), 0644, error);
}

gboolean
veil_ledger_lift_read_only(VeilLedger *ledger, GError **error)
{
	g_autofree char *path = g_build_filename(ledger->dir, mark_name, NULL);

	if (g_unlink(path) == 0 || errno == ENOENT)
		return veil_file_sync_folder(path, error);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "ledger/read-only: cannot be taken away: %s", g_strerror(errno));
	return FALSE;
}

/* --- the index made anew --------------------------------------------------------------------------------------------------- */

/* The statements of the migration's second half: what the trigger would have written. */
static const char rebuild[] =
	"DELETE FROM mark;"
	"INSERT INTO mark(mark, seq)"
	" SELECT 'act ' || CAST(substr(rest, 1, instr(rest, x'0A') - 1) AS TEXT), seq"
	" FROM (SELECT seq, substr(record, instr(record, x'0A61637420') + 5) AS rest FROM leaf);"
	"INSERT INTO mark(mark, seq) SELECT 'request', seq FROM leaf WHERE instr(record, x'0A7265717565737420') > 0;";

gboolean
veil_ledger_rebuild_index(const char *dir, GError **error)
{
	g_autoptr(VeilLedger) ledger = veil_ledger__open_unchecked(dir, error);

	if (ledger == NULL || !veil_db_begin(ledger->db, error))
		return FALSE;
	if (veil_db_exec(ledger->db, rebuild, error) && veil_db_commit(ledger->db, error))
		return TRUE;
	veil_db_rollback(ledger->db);
	return FALSE;
}
