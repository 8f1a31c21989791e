/* seed.c - the seed ceremony: commitments, reveals, a public number that nobody could know before (docs/design/ledger-format.md, "Seed ceremony").
 *
 * One ceremony is a triple (batch, freeze-id, draw). Its records are followed in the order of the log; the seed is worked out again.
 */
#include <string.h>

#include "log/log.h"

typedef struct {
	char *handle;
	const char *commitment; /* NULL: not yet */
	guint8 value[32];
	gboolean revealed, missing;
} Party;

typedef struct {
	const Record *plan;
	GArray *parties;	 /* Party */
	GPtrArray *entries;	 /* Record: what was typed as the beacon */
	const char *beacon;	 /* the first value that two operators typed */
	gboolean any_reveal, done;
} Ceremony;

static const char *
get(const Record *record, const char *key)
{
	const char *value = record_get(record, key);

	return value ? value : "";
}

static Party *
party_of(const Ceremony *c, const char *handle)
{
	for (guint i = 0; i < c->parties->len; i++)
		if (strcmp(g_array_index(c->parties, Party, i).handle, handle) == 0)
			return &g_array_index(c->parties, Party, i);
	return NULL;
}

static gboolean
take_plan(Ceremony *c, const Record *record)
{
	g_auto(GStrv) handles = g_strsplit(get(record, "parties"), ";", -1);

	if (c->plan != NULL)
		return record_wrong(record, "this draw has a plan already");
	c->plan = record;
	for (guint i = 0; handles[i]; i++) {
		if (handles[i][0] == '\0' || party_of(c, handles[i]))
			return record_wrong(record, "its parties are not different operators");
		g_array_append_val(c->parties, ((Party){.handle = g_strdup(handles[i])}));
	}
	if (!is_minute(get(record, "commit-until")) || !is_minute(get(record, "beacon-time")) || strcmp(record->time, get(record, "commit-until")) >= 0 ||
	    strcmp(get(record, "commit-until"), get(record, "beacon-time")) > 0)
		return record_wrong(record, "its times are not in order");
	return TRUE;
}

static gboolean
take_commit(Ceremony *c, const Record *record, Party *party)
{
	if (party->commitment)
		return record_wrong(record, "this party has committed already");
	if (strcmp(record->time, get(c->plan, "commit-until")) >= 0 || c->any_reveal)
		return record_wrong(record, "it commits too late");
	if (!is_hex(get(record, "commitment"), 64))
		return record_wrong(record, "it holds no commitment");
	party->commitment = get(record, "commitment");
	return TRUE;
}

static gboolean
take_reveal(Ceremony *c, const Record *record, Party *party)
{
	g_autoptr(GByteArray) text = g_byte_array_new();
	gboolean all = TRUE;
	char hex[65];

	for (guint i = 0; i < c->parties->len; i++)
		all = all && g_array_index(c->parties, Party, i).commitment;
	if (party->revealed || party->commitment == NULL || !is_hex(get(record, "value"), 64))
		return record_wrong(record, "it reveals nothing, twice, or what nobody committed to");
	if (strcmp(record->time, get(c->plan, "beacon-time")) >= 0)
		return record_wrong(record, "it reveals when the beacon may be known");
	if (!all && strcmp(record->time, get(c->plan, "commit-until")) < 0)
		return record_wrong(record, "it reveals while others may still commit");
	hex_bytes(get(record, "value"), party->value, 32);
	g_byte_array_append(text, (const guint8 *)"veil/commit/1", 13);
	put_lp(text, get(record, "batch"), strlen(get(record, "batch")));
	put_lp(text, get(record, "freeze-id"), strlen(get(record, "freeze-id")));
	put_lp(text, party->handle, strlen(party->handle));
	g_byte_array_append(text, party->value, 32);
	sha256_hex(text->data, text->len, hex);
	if (strcmp(hex, party->commitment) != 0)
		return record_wrong(record, "what it reveals is not what was committed to");
	party->revealed = c->any_reveal = TRUE;
	return TRUE;
}

static gboolean
take_beacon(Ceremony *c, const Record *record)
{
	g_autofree char *normal = g_utf8_normalize(get(record, "value"), -1, G_NORMALIZE_NFKC);

	if (strcmp(record->time, get(c->plan, "beacon-time")) < 0)
		return record_wrong(record, "the beacon was typed before its time");
	if (g_strcmp0(normal, get(record, "value")) != 0 || strstr(normal, "  ") || g_str_has_prefix(normal, " ") || g_str_has_suffix(normal, " "))
		return record_wrong(record, "the beacon is not written as it must be");
	for (guint i = 0; i < c->entries->len && c->beacon == NULL; i++) {
		const Record *before = c->entries->pdata[i];

		if (strcmp(get(before, "value"), get(record, "value")) == 0 && strcmp(before->actor, record->actor) != 0)
			c->beacon = get(record, "value");
	}
	g_ptr_array_add(c->entries, (gpointer)record);
	return TRUE;
}

/* The seed, from the reveals in the plan's order and the beacon. */
static gboolean
take_seed(Ceremony *c, const Record *record, const Ledger *ledger)
{
	const char *texts[] = {get(record, "batch"), get(record, "freeze-id"), get(record, "draw")};
	const Record *freeze = find_record(ledger, "batch.freeze", get(record, "freeze-id"), NULL);
	g_autoptr(GByteArray) text = g_byte_array_new();
	g_autoptr(GString) revealed = g_string_new(NULL);
	guint8 seed[32];
	char hex[65];

	if (c->done)
		return record_wrong(record, "this draw has its seed already");
	if (c->beacon == NULL)
		return record_wrong(record, "no two operators have typed the same beacon before it");
	if (freeze == NULL || freeze->seq > c->plan->seq)
		return record_wrong(record, "its ceremony began before the freeze");
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		put_lp(text, texts[i], strlen(texts[i]));
	put_lp(text, freeze->leaf, 32);
	for (guint i = 0; i < c->parties->len; i++) {
		const Party *party = &g_array_index(c->parties, Party, i);

		if (!party->revealed && !party->missing)
			return record_wrong(record, "a party neither revealed nor is said to be missing");
		if (!party->revealed)
			continue;
		put_lp(text, party->value, 32);
		g_string_append_printf(revealed, "%s%s", revealed->len ? ";" : "", party->handle);
	}
	put_lp(text, c->beacon, strlen(c->beacon));
	hmac_sha256("veil/seed/1", 11, text->data, text->len, seed);
	hex_of(seed, 32, hex);
	if (strcmp(hex, get(record, "seed")) != 0)
		return record_wrong(record, "its seed is not that of the reveals and the beacon");
	if (strcmp(revealed->len ? revealed->str : "-", get(record, "revealed")) != 0)
		return record_wrong(record, "it names other parties than those that revealed");
	c->done = TRUE;
	return TRUE;
}

static gboolean
follow(Ceremony *c, const Record *record, const Ledger *ledger)
{
	const char *step = record->act + strlen("batch.seed");
	Party *party;

	if (strcmp(step, ".plan") == 0)
		return take_plan(c, record);
	if (c->plan == NULL)
		return record_wrong(record, "there is no plan before it");
	if (c->done)
		return record_wrong(record, "it comes after the seed");
	if (strcmp(step, "") == 0)
		return take_seed(c, record, ledger);
	if (strcmp(step, ".beacon") == 0)
		return take_beacon(c, record);
	party = party_of(c, get(record, "party"));
	if (party == NULL)
		return record_wrong(record, "it names no party of the plan");
	if (strcmp(step, ".missing") == 0) {
		if (party->revealed || party->missing || strcmp(record->time, get(c->plan, "beacon-time")) < 0)
			return record_wrong(record, "it says that a party is missing who is not, or too early");
		party->missing = TRUE;
		return TRUE;
	}
	if (strcmp(party->handle, record->actor) != 0)
		return record_wrong(record, "another than the party speaks for it");
	return strcmp(step, ".commit") == 0 ? take_commit(c, record, party) : strcmp(step, ".reveal") == 0 ? take_reveal(c, record, party) :
	       strcmp(step, ".refused") == 0 || record_wrong(record, "a ceremony has no such step");
}

/* Draws: the ceremony's seed where there was one; nothing else outside a rehearsal, once operators sign. */
static gboolean
judge_draw(const Ceremony *c, const Record *record, const Record *seed, const Ledger *ledger)
{
	gboolean ceremony = strcmp(get(record, "seed-source"), "ceremony") == 0;

	if (ceremony && (seed == NULL || strcmp(get(seed, "seed"), get(record, "seed")) != 0))
		return record_wrong(record, "its seed is not that of a ceremony before it");
	if (!ceremony && c->plan != NULL && c->plan->seq < record->seq && !ledger->rehearsal)
		return record_wrong(record, "a ceremony was planned, and its seed was not used");
	if (!ceremony && record->version == 2 && !ledger->rehearsal)
		return record_wrong(record, "it draws without a ceremony, which only a rehearsal may do");
	return TRUE;
}

static gboolean
judge_one(const Ledger *ledger, const Record *first, GHashTable *commitments, guint *n_ceremonies)
{
	Ceremony c = {.parties = g_array_new(FALSE, TRUE, sizeof(Party)), .entries = g_ptr_array_new()};
	const Record *seed = NULL;
	gboolean ok = TRUE;

	for (guint i = 0; ok && i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		if (strcmp(get(record, "batch"), get(first, "batch")) != 0 || strcmp(get(record, "freeze-id"), get(first, "freeze-id")) != 0 ||
		    strcmp(get(record, "draw"), get(first, "draw")) != 0)
			continue;
		if (g_str_has_prefix(record->act, "batch.seed")) {
			ok = follow(&c, record, ledger);
			if (ok && strcmp(record->act, "batch.seed.commit") == 0 && !g_hash_table_add(commitments, (gpointer)get(record, "commitment")))
				ok = record_wrong(record, "the same commitment stands elsewhere in the log");
			seed = strcmp(record->act, "batch.seed") == 0 ? record : seed;
		} else if (strcmp(record->act, "batch.draw.intent") == 0) {
			ok = judge_draw(&c, record, seed, ledger);
		}
	}
	*n_ceremonies += seed != NULL;
	for (guint i = 0; i < c.parties->len; i++)
		g_free(g_array_index(c.parties, Party, i).handle);
	g_array_unref(c.parties);
	g_ptr_array_unref(c.entries);
	return ok;
}

gboolean
seeds_judge(const Ledger *ledger)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), commitments = g_hash_table_new(g_str_hash, g_str_equal);
	guint n = 0;

	for (guint i = 0; i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		if (!g_str_has_prefix(record->act, "batch.seed") && strcmp(record->act, "batch.draw.intent") != 0)
			continue;
		if (!g_hash_table_add(seen, g_strdup_printf("%s\n%s\n%s", get(record, "batch"), get(record, "freeze-id"), get(record, "draw"))))
			continue;
		if (!judge_one(ledger, record, commitments, &n))
			return FALSE;
	}
	if (n > 0)
		verdict_ok("seeds", "%u seed(s) come from commitments, reveals and a beacon that two operators typed", n);
	return TRUE;
}
