/* ledger-append.c - one record, or several of one step, durable or not there.
 *
 * Size is read inside the write transaction, so two processes never take one seq. Nothing is acknowledged before SQLite has synced journal and file.
 * When the commit itself fails, what the disk holds is unknown until the file is opened anew: this handle then takes nothing more, the
 * process ends, and the next one rolls back or finds the record, and hashes the end of the log again (ledger.c).
 */
#include "ledger-private.h"

#include <string.h>

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

/* The record at the end, inside the write transaction. */
static gboolean
put_next(VeilLedger *ledger, const VeilLedgerTerms *terms, VeilRecord *record, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;

	return (terms->lifts_read_only || veil_ledger__check_writable(ledger, error)) && veil_ledger__count(ledger, &record->seq, error) &&
	       (terms->check == NULL || terms->check(ledger, terms->check_data, error)) && sign_record(terms, record, error) &&
	       (bytes = veil_record_encode(record, error)) != NULL && put_record(ledger, record->seq, bytes, error);
}

static gboolean
check_sound(const VeilLedger *ledger, GError **error)
{
	if (!ledger->broken)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED,
			    "an earlier record could not be made durable, so nothing more is taken: end the command, look at the disk, and run it again");
	return FALSE;
}

static gboolean
commit(VeilLedger *ledger, GError **error)
{
	if (veil_db_commit(ledger->db, error))
		return TRUE;
	ledger->broken = TRUE;
	g_prefix_error_literal(error, "the record is not acknowledged: ");
	return FALSE;
}

gboolean
veil_ledger_append_under(VeilLedger *ledger, const VeilLedgerTerms *terms, const char *actor, const char *role, const char *act,
			 const VeilField *fields, guint n_fields, const char *time, const guint8 blind[32], guint64 *out_seq, GError **error)
{
	VeilRecord record = {.time = time, .origin = ledger->origin, .actor = actor, .role = role, .act = act, .fields = fields, .n_fields = n_fields};

	memcpy(record.blind, blind, sizeof record.blind);
	if (!check_sound(ledger, error) || (!ledger->grouped && !veil_db_begin(ledger->db, error)))
		return FALSE;
	if (!put_next(ledger, terms, &record, error)) {
		veil_db_rollback(ledger->db);
		ledger->grouped = FALSE;
		return FALSE;
	}
	if (!ledger->grouped && !commit(ledger, error))
		return FALSE;
	if (out_seq != NULL)
		*out_seq = record.seq;
	return TRUE;
}

gboolean
veil_ledger_group_begin(VeilLedger *ledger, GError **error)
{
	g_return_val_if_fail(!ledger->grouped, FALSE);
	if (!check_sound(ledger, error) || !veil_db_begin(ledger->db, error))
		return FALSE;
	ledger->grouped = TRUE;
	return TRUE;
}

void
veil_ledger_group_undo(VeilLedger *ledger)
{
	veil_db_rollback(ledger->db);
	ledger->grouped = FALSE;
}

gboolean
veil_ledger_group_end(VeilLedger *ledger, GError **error)
{
	g_return_val_if_fail(ledger->grouped, FALSE);
	ledger->grouped = FALSE;
	return commit(ledger, error);
}

gboolean
veil_ledger_append(VeilLedger *ledger, const char *actor, const char *role, const char *act, const VeilField *fields, guint n_fields, const char *time,
		   const guint8 blind[32], guint64 *out_seq, GError **error)
{
	static const VeilLedgerTerms none;
	return veil_ledger_append_under(ledger, &none, actor, role, act, fields, n_fields, time, blind, out_seq, error);
}
