/* ceremony.c - the records of one seed ceremony, put together.
 *
 * Reading is lenient, writing is strict (seed.c): a record that may not stand there is passed over here, and it is the checker who says so aloud.
 */
#include "ceremony/ceremony.h"

#include <string.h>

#include "ceremony/seed.h"

static void
free_party(gpointer data)
{
	VeilParty *party = data;

	g_free(party->handle);
	g_free(party->commitment);
	g_free(party->value);
	g_free(party);
}

static void
free_entry(gpointer data)
{
	VeilBeaconEntry *entry = data;

	g_free(entry->actor);
	g_free(entry->value);
	g_free(entry);
}

void
veil_ceremony_free(VeilCeremony *c)
{
	if (c == NULL)
		return;
	g_free(c->batch);
	g_free(c->freeze_id);
	g_free(c->beacon);
	g_free(c->beacon_time);
	g_free(c->commit_until);
	g_free(c->seed);
	g_ptr_array_unref(c->parties);
	g_ptr_array_unref(c->entries);
	g_hash_table_unref(c->commitments);
	g_free(c);
}

VeilParty *
veil_ceremony_party(const VeilCeremony *c, const char *handle)
{
	for (guint i = 0; handle != NULL && i < c->parties->len; i++) {
		VeilParty *party = c->parties->pdata[i];
		if (strcmp(party->handle, handle) == 0)
			return party;
	}
	return NULL;
}

/* --- one record after the other ------------------------------------------------------------------------------------------ */

static void
take_plan(VeilCeremony *c, const VeilRecord *record)
{
	const char *parties = veil_record_get(record, "parties");
	g_auto(GStrv) handles = g_strsplit(parties != NULL ? parties : "", ";", -1);

	if (c->planned)
		return;
	c->planned = TRUE;
	for (char **handle = handles; *handle != NULL; handle++) {
		VeilParty *party = g_new0(VeilParty, 1);
		party->handle = g_strdup(*handle);
		g_ptr_array_add(c->parties, party);
	}
	c->beacon = g_strdup(veil_record_get(record, "beacon"));
	c->beacon_time = g_strdup(veil_record_get(record, "beacon-time"));
	c->commit_until = g_strdup(veil_record_get(record, "commit-until"));
}

static void
take_entry(VeilCeremony *c, const VeilRecord *record)
{
	const char *value = veil_record_get(record, "value");

	if (value == NULL)
		return;
	for (guint i = 0; c->agreed == NULL && i < c->entries->len; i++) {
		const VeilBeaconEntry *other = c->entries->pdata[i];
		if (strcmp(other->value, value) == 0 && strcmp(other->actor, record->actor) != 0)
			c->agreed = other->value;
	}
	VeilBeaconEntry *entry = g_new0(VeilBeaconEntry, 1);
	entry->actor = g_strdup(record->actor);
	entry->value = g_strdup(value);
	g_ptr_array_add(c->entries, entry);
}

static void
take_step(VeilCeremony *c, const VeilRecord *record, const char *step)
{
	VeilParty *party = veil_ceremony_party(c, veil_record_get(record, "party"));
	gboolean own = party != NULL && strcmp(party->handle, record->actor) == 0;

	if (strcmp(step, ".plan") == 0)
		take_plan(c, record);
	else if (strcmp(step, ".commit") == 0 && own && party->commitment == NULL)
		party->commitment = g_strdup(veil_record_get(record, "commitment"));
	else if (strcmp(step, ".reveal") == 0 && own && party->value == NULL)
		party->value = g_strdup(veil_record_get(record, "value"));
	else if (strcmp(step, ".missing") == 0 && party != NULL)
		party->missing = TRUE;
	else if (strcmp(step, ".beacon") == 0)
		take_entry(c, record);
	else if (*step == '\0' && c->seed == NULL)
		c->seed = g_strdup(veil_record_get(record, "seed"));
}

static gboolean
read_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	static const char prefix[] = "batch.seed";
	VeilCeremony *c = data;
	const char *draw = veil_record_get(record, "draw"), *commitment = veil_record_get(record, "commitment");
	char own_draw[16];

	(void)error;
	if (strcmp(record->act, "batch.seed.commit") == 0 && commitment != NULL)
		g_hash_table_add(c->commitments, g_strdup(commitment));
	if (g_strcmp0(veil_record_get(record, "freeze-id"), c->freeze_id) != 0)
		return TRUE;
	if (strcmp(record->act, "batch.freeze") == 0) {
		c->frozen = TRUE;
		c->batch = g_strdup(veil_record_get(record, "batch"));
		veil_tree_leaf(bytes, len, c->freeze_leaf);
		return TRUE;
	}
	g_snprintf(own_draw, sizeof own_draw, "%u", c->draw);
	if (g_strcmp0(draw, own_draw) != 0)
		return TRUE;
	if (strcmp(record->act, "batch.draw.intent") == 0)
		c->draw_begun = TRUE;
	else if (g_str_has_prefix(record->act, prefix))
		take_step(c, record, record->act + sizeof prefix - 1);
	return TRUE;
}

VeilCeremony *
veil_ceremony_read(VeilLedger *ledger, const char *freeze_id, guint draw, GError **error)
{
	static const char *const concerned[] = {"\nact batch.seed", "\nact batch.freeze\n", "\nact batch.draw.intent\n", NULL};
	g_autoptr(VeilCeremony) c = g_new0(VeilCeremony, 1);

	c->freeze_id = g_strdup(freeze_id);
	c->draw = draw;
	c->parties = g_ptr_array_new_with_free_func(free_party);
	c->entries = g_ptr_array_new_with_free_func(free_entry);
	c->commitments = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return veil_ledger_each_with(ledger, concerned, read_one, c, error) ? g_steal_pointer(&c) : NULL;
}

/* --- what follows from it -------------------------------------------------------------------------------------------------- */

guint
veil_ceremony_n_committed(const VeilCeremony *c)
{
	guint n = 0;
	for (guint i = 0; i < c->parties->len; i++)
		n += ((const VeilParty *)c->parties->pdata[i])->commitment != NULL;
	return n;
}

guint
veil_ceremony_n_revealed(const VeilCeremony *c)
{
	guint n = 0;
	for (guint i = 0; i < c->parties->len; i++)
		n += ((const VeilParty *)c->parties->pdata[i])->value != NULL;
	return n;
}

const char *
veil_ceremony_state(const VeilCeremony *c)
{
	if (c->seed != NULL)
		return "ready";
	if (!c->planned)
		return "none";
	if (c->entries->len > 0)
		return "beacon";
	if (veil_ceremony_n_revealed(c) == c->parties->len)
		return "revealed";
	return veil_ceremony_n_committed(c) == c->parties->len || veil_ceremony_n_revealed(c) > 0 ? "committed" : "planned";
}

void
veil_ceremony_derive(const VeilCeremony *c, char out_seed[65], char **out_revealed)
{
	g_autofree guint8(*reveals)[VEIL_SEED_BYTES] = g_malloc0_n(MAX(c->parties->len, 1), sizeof *reveals);
	g_autoptr(GString) who = g_string_new(NULL);
	VeilSeedParts parts = {.batch = c->batch, .freeze_id = c->freeze_id, .draw = c->draw, .freeze_leaf = c->freeze_leaf, .beacon = c->agreed};
	guint8 seed[VEIL_SEED_BYTES];

	for (guint i = 0; i < c->parties->len; i++) {
		const VeilParty *party = c->parties->pdata[i];
		if (party->value == NULL || !veil_hex_decode(party->value, reveals[parts.n_reveals], VEIL_SEED_BYTES))
			continue;
		parts.n_reveals++;
		g_string_append_printf(who, "%s%s", who->len > 0 ? ";" : "", party->handle);
	}
	parts.reveals = (const guint8(*)[VEIL_SEED_BYTES])reveals;
	veil_seed_derive(&parts, seed);
	veil_hex_encode(seed, sizeof seed, out_seed);
	*out_revealed = who->len > 0 ? g_string_free(g_steal_pointer(&who), FALSE) : g_strdup("-");
}

gboolean
veil_seed_find(VeilLog *log, const char *freeze_id, guint draw_n, char out_seed[65], char out_state[VEIL_SEED_STATE_BYTES], GError **error)
{
	g_autoptr(VeilCeremony) c = veil_ceremony_read(veil_log_ledger(log), freeze_id, draw_n, error);

	if (c == NULL)
		return FALSE;
	g_strlcpy(out_seed, c->seed != NULL ? c->seed : "", 65);
	g_strlcpy(out_state, veil_ceremony_state(c), VEIL_SEED_STATE_BYTES);
	return TRUE;
}
