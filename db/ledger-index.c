/* ledger-index.c - where to look: which records are of an act, and which rest on a request.
 *
 * The table `mark` is filled by a trigger, in the transaction that adds the record, so that a command does not read a long log from end to end before it does
 * anything. It is derived and no witness: what it points at is read and must be what it says, opening compares it with the last records,
 * the thorough checkpoint with all, and veil-verify does not look at it. Whoever hides a record from it deceives this site's commands until then,
 * which he could do by altering the record, and is convicted by the records.
 */
#include "ledger-private.h"

#include <string.h>

static const char act_line[] = "\nact ", request_line[] = "\nrequest ", request_mark[] = "request";

/* "act X" of a record as it is spelled; NULL when it has none. */
static char *
act_mark(const guint8 *bytes, gsize len)
{
	const char *at = memmem(bytes, len, act_line, sizeof act_line - 1);
	const char *end = at != NULL ? memchr(at + 1, '\n', len - (gsize)(at + 1 - (const char *)bytes)) : NULL;

	return end != NULL ? g_strndup(at + 1, (gsize)(end - at - 1)) : NULL;
}

static gboolean
rests_on_request(const guint8 *bytes, gsize len)
{
	return memmem(bytes, len, request_line, sizeof request_line - 1) != NULL;
}

gboolean
veil_ledger__index_disagrees(guint64 seq, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
		    "the ledger's index does not agree with record %" G_GUINT64_FORMAT ": it was altered; `veil ledger restore --index` makes it anew", seq);
	return FALSE;
}

static gboolean
has_mark(VeilLedger *ledger, const char *mark, guint64 seq, gboolean *out, GError **error)
{
	veil_stmt_bind_text(ledger->has_mark, 1, mark);
	veil_stmt_bind_int(ledger->has_mark, 2, (gint64)seq);
	int got = veil_stmt_step(ledger->has_mark, error);

	if (got < 0)
		return FALSE;
	veil_stmt_reset(ledger->has_mark);
	*out = got == 1;
	return TRUE;
}

gboolean
veil_ledger__check_marks(VeilLedger *ledger, guint64 seq, const guint8 *bytes, gsize len, GError **error)
{
	g_autofree char *act = ledger->indexed ? act_mark(bytes, len) : NULL;
	gboolean has_act = FALSE, has_request = FALSE;

	if (act == NULL)
		return TRUE; /* no index; or no record, which others say better */
	return has_mark(ledger, act, seq, &has_act, error) && has_mark(ledger, request_mark, seq, &has_request, error) &&
	       ((has_act && has_request == rests_on_request(bytes, len)) || veil_ledger__index_disagrees(seq, error));
}

/* --- looking up -------------------------------------------------------------------------------------------------------- */

/* From which mark to below which: of one act ("\nact X\n"), of acts that begin so ("\nact X"), of whatever rests on a request. */
static gboolean
range_of(const char *text, char **out_from, char **out_below)
{
	gsize n = strlen(text);

	if (strcmp(text, request_line) == 0) {
		*out_from = g_strdup(request_mark);
		*out_below = g_strconcat(request_mark, "\x01", NULL);
		return TRUE;
	}
	if (!g_str_has_prefix(text, act_line))
		return FALSE;
	/* Acts are spelled in printable ASCII, so "\x7F" is behind all that begin so, and "\x01" behind the one that ends there. */
	gboolean whole = text[n - 1] == '\n';
	*out_from = g_strndup(text + 1, n - 1 - whole);
	*out_below = g_strconcat(*out_from, whole ? "\x01" : "\x7F", NULL);
	return TRUE;
}

static int
by_number(gconstpointer a, gconstpointer b)
{
	guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

	return (x > y) - (x < y);
}

static void
sort_unique(GArray *seqs)
{
	guint n = 0;

	g_array_sort(seqs, by_number);
	for (guint i = 0; i < seqs->len; i++)
		if (n == 0 || g_array_index(seqs, guint64, i) != g_array_index(seqs, guint64, n - 1))
			g_array_index(seqs, guint64, n++) = g_array_index(seqs, guint64, i);
	g_array_set_size(seqs, n);
}

GArray *
veil_ledger__marked(VeilLedger *ledger, const char *const *texts, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));

	for (; ledger->indexed && *texts != NULL; texts++) {
		g_autofree char *from = NULL, *below = NULL;
		int got;

		if (!range_of(*texts, &from, &below))
			return NULL;
		veil_stmt_bind_text(ledger->marked, 1, from);
		veil_stmt_bind_text(ledger->marked, 2, below);
		while ((got = veil_stmt_step(ledger->marked, error)) == 1) {
			guint64 seq = (guint64)veil_stmt_int(ledger->marked, 0);
			g_array_append_val(seqs, seq);
		}
		if (got < 0)
			return NULL;
	}
	if (!ledger->indexed)
		return NULL;
	sort_unique(seqs);
	return g_steal_pointer(&seqs);
}

/* --- comparing all of it ----------------------------------------------------------------------------------------------- */

/* One mark: its records as a digest over their numbers, and the last of them. */
typedef struct {
	GChecksum *numbers;
	guint64 n, last;
} Sum;

struct VeilMarks {
	GHashTable *sums; /* mark -> Sum; looked up, never walked */
};

static void
sum_free(gpointer data)
{
	Sum *sum = data;

	g_checksum_free(sum->numbers);
	g_free(sum);
}

VeilMarks *
veil_marks_new(void)
{
	VeilMarks *marks = g_new0(VeilMarks, 1);

	marks->sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, sum_free);
	return marks;
}

void
veil_marks_free(VeilMarks *marks)
{
	if (marks == NULL)
		return;
	g_hash_table_unref(marks->sums);
	g_free(marks);
}

static void
add(VeilMarks *marks, const char *mark, guint64 seq)
{
	Sum *sum = g_hash_table_lookup(marks->sums, mark);
	guint64 number = GUINT64_TO_LE(seq);

	if (sum == NULL) {
		sum = g_new0(Sum, 1);
		sum->numbers = g_checksum_new(G_CHECKSUM_SHA256);
		g_hash_table_insert(marks->sums, g_strdup(mark), sum);
	}
	g_checksum_update(sum->numbers, (const guchar *)&number, sizeof number);
	sum->n++;
	sum->last = seq;
}

void
veil_marks_add(VeilMarks *marks, guint64 seq, const guint8 *bytes, gsize len)
{
	g_autofree char *act = act_mark(bytes, len);

	if (act != NULL)
		add(marks, act, seq);
	if (rests_on_request(bytes, len))
		add(marks, request_mark, seq);
}

/* Every mark of the table and of the records has the same numbers; a mark of one alone is a difference too. */
gboolean
veil_marks_compare(VeilMarks *marks, VeilLedger *ledger, GError **error)
{
	g_autoptr(VeilMarks) found = veil_marks_new();
	g_autoptr(VeilStmt) stmt = NULL;
	GHashTableIter iter;
	gpointer mark, ours;
	gboolean differs = FALSE;
	guint64 first = G_MAXUINT64;
	int got;

	if (!ledger->indexed)
		return TRUE;
	if ((stmt = veil_stmt_new(ledger->db, "SELECT mark, seq FROM mark ORDER BY mark, seq", error)) == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1)
		add(found, veil_stmt_text(stmt, 0), (guint64)veil_stmt_int(stmt, 1));
	if (got < 0)
		return FALSE;
	g_hash_table_iter_init(&iter, marks->sums);
	while (g_hash_table_iter_next(&iter, &mark, &ours)) {
		Sum *a = ours, *b = g_hash_table_lookup(found->sums, mark);
		if (b != NULL && a->n == b->n && strcmp(g_checksum_get_string(a->numbers), g_checksum_get_string(b->numbers)) == 0)
			continue;
		differs = TRUE;
		first = MIN(first, a->last);
	}
	differs = differs || g_hash_table_size(found->sums) != g_hash_table_size(marks->sums);
	return !differs || veil_ledger__index_disagrees(first == G_MAXUINT64 ? 0 : first, error);
}
