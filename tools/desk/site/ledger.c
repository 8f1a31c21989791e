/* ledger.c - a thorough checkpoint, a proof, a copy for an auditor.
 *
 * Each opens the ledger and nothing else. None leaves a record: a log that grows by being looked at would never be the one that was signed.
 */
#include "site/ledger.h"

#include <glib/gstdio.h>
#include <string.h>

static VeilLedger *
open_ledger(const VeilSite *site, GError **error)
{
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	return veil_ledger_open(dir, error);
}

gboolean
veil_desk_ledger_checkpoint(const VeilSite *site, guint64 *out_size, char *out_root, char **out_path, GError **error)
{
	g_autoptr(VeilLedger) ledger = open_ledger(site, error);
	g_autofree char *path = NULL, *note = NULL;
	gsize len;
	guint64 size;
	guint8 root[32];

	if (ledger == NULL || !veil_ledger_checkpoint_named(ledger, &path, error) || !g_file_get_contents(path, &note, &len, error) ||
	    !veil_checkpoint_open(note, len, veil_ledger_vkey(ledger), NULL, &size, root, error))
		return FALSE;
	*out_size = size;
	veil_hex_encode(root, sizeof root, out_root);
	*out_path = g_steal_pointer(&path);
	return TRUE;
}

char *
veil_desk_ledger_prove(const VeilSite *site, const char *seq, GError **error)
{
	guint64 number;
	if (!g_ascii_string_to_unsigned(seq, 10, 0, G_MAXINT64, &number, NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "SEQ is the number of a record: 0, 1, 2, ...");
		return NULL;
	}
	g_autoptr(VeilLedger) ledger = open_ledger(site, error);
	return ledger != NULL ? veil_ledger_prove(ledger, number, error) : NULL;
}

char *
veil_desk_ledger_prove_from(const VeilSite *site, const char *from, const char *to, GError **error)
{
	guint64 old, size = 0;

	if (!g_ascii_string_to_unsigned(from, 10, 0, G_MAXINT64, &old, NULL) || (to != NULL && !g_ascii_string_to_unsigned(to, 10, 1, G_MAXINT64, &size, NULL))) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--from and --to are numbers of records: 0, 1, 2, ...");
		return NULL;
	}
	g_autoptr(VeilLedger) ledger = open_ledger(site, error);
	return ledger != NULL ? veil_ledger_prove_consistency(ledger, old, size, error) : NULL;
}

gboolean
veil_desk_ledger_export(const VeilSite *site, const char *path, GError **error)
{
	g_autoptr(VeilLedger) ledger = open_ledger(site, error);
	g_autofree char *note_path = g_strconcat(path, ".checkpoint", NULL), *key_path = g_strconcat(path, ".vkey", NULL);
	g_autofree char *latest = veil_site_path(site, VEIL_FOLDER_LEDGER, "checkpoint"), *note = NULL, *line = NULL;
	gsize len;

	if (ledger == NULL || !veil_ledger_checkpoint(ledger, error) || !g_file_get_contents(latest, &note, &len, error))
		return FALSE;
	line = g_strconcat(veil_ledger_vkey(ledger), "\n", NULL);
	/* The note first: the copy then holds at least what it covers. */
	if (!veil_file_put_new(note_path, note, len, 0644, error))
		return FALSE;
	if (!veil_file_put_new(key_path, line, strlen(line), 0644, error)) {
		g_unlink(note_path);
		return FALSE;
	}
	if (!veil_ledger_export(ledger, path, error)) {
		g_unlink(note_path);
		g_unlink(key_path);
		return FALSE;
	}
	return TRUE;
}
