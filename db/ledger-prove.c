/* ledger-prove.c - proofs from the stored subtree hashes, each verified before it leaves.
 *
 * O(log n) hashes are read, however long the log is. A stored hash that was altered gives a proof that does not verify, and none leaves; which record or
 * hash it was the thorough checkpoint says.
 */
#include "ledger-private.h"

#include <string.h>

static gboolean
stored_node(guint level, guint64 index, guint8 out[32], gpointer data, GError **error)
{
	return veil_ledger__node(data, level, index, out, error);
}

static void
append_hashes(GString *out, const GByteArray *proof)
{
	for (guint i = 0; i < proof->len; i += 32) {
		g_autofree char *line = g_base64_encode(proof->data + i, 32);
		g_string_append_printf(out, "%s\n", line);
	}
}

char *
veil_ledger_prove(VeilLedger *ledger, guint64 seq, GError **error)
{
	g_autoptr(GBytes) record = veil_ledger_record(ledger, seq, error);
	if (record == NULL)
		return NULL;
	g_autofree char *note = veil_ledger__checkpoint_quick(ledger, error);
	guint64 size = 0;
	guint8 root[32], leaf[32];
	if (note == NULL || !veil_checkpoint_open(note, strlen(note), ledger->vkey, NULL, &size, root, error))
		return NULL;
	if (!veil_db_exec(ledger->db, "BEGIN", error))
		return NULL;
	g_autoptr(GByteArray) proof = veil_tree_inclusion(size, seq, stored_node, ledger, error);
	veil_db_rollback(ledger->db);
	if (proof == NULL)
		return NULL;
	gsize len;
	const void *bytes = g_bytes_get_data(record, &len);
	veil_tree_leaf(bytes, len, leaf);
	if (!veil_tree_verify_inclusion(seq, size, leaf, proof->data, proof->len / 32, root)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "ledger record %" G_GUINT64_FORMAT " or a stored hash was altered: no proof can be made", seq);
		return NULL;
	}
	g_autoptr(GString) out = g_string_new("c2sp.org/tlog-proof@v1\n");
	g_string_append_printf(out, "index %" G_GUINT64_FORMAT "\n", seq);
	append_hashes(out, proof);
	g_string_append_printf(out, "\n%s", note);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* --- consistency ------------------------------------------------------------------------------------------------------- */

/* The note to prove consistency to: of this size, or the latest. */
static char *
note_of_size(VeilLedger *ledger, guint64 size, GError **error)
{
	g_autofree char *name = g_strdup_printf("checkpoints/%" G_GUINT64_FORMAT ".note", size), *note = NULL;
	gsize len = 0;
	gboolean absent = FALSE;

	if (size == 0)
		return veil_ledger__checkpoint_quick(ledger, error);
	note = veil_ledger__read_file(ledger->dir, name, &len, &absent, error);
	if (note == NULL && absent)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE,
			    "there is no checkpoint of %" G_GUINT64_FORMAT " records; `veil ledger checkpoint` keeps one of all there are", size);
	return g_steal_pointer(&note);
}

/* All hashes in one transaction: each alone would lock the file and look for a journal, which is ten times the reading. */
static GByteArray *
read_consistency(VeilLedger *ledger, guint64 old, guint64 size, guint8 out_old_root[32], GError **error)
{
	g_autoptr(GByteArray) proof = NULL;

	if (!veil_db_exec(ledger->db, "BEGIN", error))
		return NULL;
	proof = veil_tree_consistency(old, size, stored_node, ledger, error);
	if (proof != NULL && !veil_ledger__root(ledger, old, out_old_root, error))
		g_clear_pointer(&proof, g_byte_array_unref);
	veil_db_rollback(ledger->db);
	return g_steal_pointer(&proof);
}

char *
veil_ledger_prove_consistency(VeilLedger *ledger, guint64 old, guint64 size, GError **error)
{
	g_autofree char *note = note_of_size(ledger, size, error);
	g_autoptr(GByteArray) proof = NULL;
	guint8 root[32], old_root[32];

	if (note == NULL || !veil_checkpoint_open(note, strlen(note), ledger->vkey, NULL, &size, root, error) ||
	    !veil_ledger_continues(ledger, size, root, "the checkpoint", error))
		return NULL;
	if (old > size) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE,
			    "there are %" G_GUINT64_FORMAT " records in it, so nothing leads from %" G_GUINT64_FORMAT
			    ": if a witness has seen that many, records are missing here (`veil ledger restore --help`)",
			    size, old);
		return NULL;
	}
	proof = old > 0 ? read_consistency(ledger, old, size, old_root, error) : g_byte_array_new();
	if (proof == NULL)
		return NULL;
	if (old > 0 && !veil_tree_verify_consistency(old, size, old_root, root, proof->data, proof->len / 32)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
				    "a stored hash was altered, so no proof can be made: `veil ledger checkpoint` says which");
		return NULL;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	g_string_append_printf(out, "old %" G_GUINT64_FORMAT "\n", old);
	append_hashes(out, proof);
	g_string_append_printf(out, "\n%s", note);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
