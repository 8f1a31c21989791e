/* witness-read.c - see witness-read.h.
 *
 * The copy comes from those whom the witness watches. Only the table of records is read, every record strictly; roots are made from the records.
 */
#include "witness/witness-read.h"

#include <string.h>

typedef struct {
	VeilTree *tree;
	GArray *stations;
	guint next;
	VeilPulse *pulse;
} Reading;

void
veil_pulse_clear(VeilPulse *pulse)
{
	g_clear_pointer(&pulse->tally, g_free);
}

static int
by_size(gconstpointer a, gconstpointer b)
{
	guint64 x = ((const VeilStation *)a)->size, y = ((const VeilStation *)b)->size;

	return (x > y) - (x < y);
}

static void
pass_stations(Reading *reading)
{
	for (; reading->next < reading->stations->len; reading->next++) {
		VeilStation *station = &g_array_index(reading->stations, VeilStation, reading->next);
		if (station->size > veil_tree_size(reading->tree))
			return;
		station->reached = TRUE;
		veil_tree_root(reading->tree, station->root);
	}
}

static gboolean
take(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Reading *reading = data;
	VeilPulse *pulse = reading->pulse;
	guint8 leaf[32];

	(void)error;
	veil_tree_leaf(bytes, len, leaf);
	veil_tree_add(reading->tree, leaf);
	pass_stations(reading);
	if (*pulse->promised != '\0' && strcmp(record->time, pulse->promised) > 0) {
		if (pulse->gaps++ == 0)
			pulse->first_gap = record->seq;
	}
	pulse->promised[0] = '\0';
	g_strlcpy(pulse->last_time, record->time, sizeof pulse->last_time);
	if (strcmp(record->act, "ledger.heartbeat") == 0) {
		const char *next = veil_record_get(record, "next"), *tally = veil_record_get(record, "tally");
		g_strlcpy(pulse->promised, next != NULL ? next : "", sizeof pulse->promised);
		g_free(pulse->tally);
		pulse->tally = g_strdup(tally);
	}
	return TRUE;
}

gboolean
veil_witness_read(const char *path, const char *vkey, GArray *stations, VeilPulse *out, GError **error)
{
	g_autoptr(VeilLedger) copy = veil_ledger_open_copy(path, vkey, error);
	g_autoptr(VeilTree) tree = veil_tree_new();
	Reading reading = {.tree = tree, .stations = stations, .pulse = out};

	g_array_sort(stations, by_size);
	pass_stations(&reading);
	if (copy == NULL || !veil_ledger_each(copy, 0, take, &reading, error))
		return FALSE;
	out->size = veil_tree_size(tree);
	return TRUE;
}

/* --- the tally of a heartbeat -------------------------------------------------------------------------------------------- */

/* The 8 hex digits between the two plus signs of a key line. */
static void
hash_of(const char *vkey, char out[9])
{
	const char *plus = strchr(vkey, '+');

	g_strlcpy(out, plus != NULL ? plus + 1 : "", 9);
}

void
veil_tally_add(GString *tally, const char *vkey, guint64 size, gint64 time)
{
	char hash[9];

	hash_of(vkey, hash);
	g_string_append_printf(tally, "%s%s=%" G_GUINT64_FORMAT "@%" G_GINT64_FORMAT, tally->len > 0 ? ";" : "", hash, size, time);
}

gboolean
veil_tally_find(const char *tally, const char *vkey, guint64 *out_size, gint64 *out_time)
{
	g_auto(GStrv) entries = g_strsplit(tally != NULL ? tally : "", ";", -1);
	char hash[9];

	hash_of(vkey, hash);
	for (guint i = 0; entries[i] != NULL; i++) {
		char *equals = strchr(entries[i], '='), *at = strchr(entries[i], '@');
		if (equals == NULL || at == NULL || at < equals)
			continue;
		*equals = *at = '\0';
		if (strcmp(entries[i], hash) == 0 && g_ascii_string_to_unsigned(equals + 1, 10, 0, G_MAXINT64, out_size, NULL) &&
		    g_ascii_string_to_signed(at + 1, 10, 0, G_MAXINT64, out_time, NULL))
			return TRUE;
	}
	return FALSE;
}
