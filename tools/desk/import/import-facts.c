/* import-facts.c - posts, relations, bans: small lists of dated facts about people.
 *
 * A fact is known by its key (who, what, where, since); `until` and the sealed text beside it may change. Known facts are read
 * whole: these lists are thousands of rows, not millions.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

typedef struct {
	VeilId a, b;
	gint64 kind, since;
	guint64 evidence;
} FactKey;

typedef struct {
	FactKey key;
	VeilId id;
	VeilDay until;
	gboolean is_new, dirty;
	guint32 file;
	guint64 line, row_hash;
} Fact;

typedef struct {
	GArray *facts;	   /* Fact */
	GHashTable *by_key; /* FactKey (in keys) -> fact + 1 */
	GArray *known;	   /* KnownCell */
} Facts;

static guint
hash_key(gconstpointer key)
{
	const FactKey *k = key;

	return veil_get_u32(k->a.b) ^ veil_get_u32(k->b.b + 4) ^ (guint)k->since ^ (guint)k->evidence;
}

static gboolean
equal_keys(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(FactKey)) == 0;
}

static Facts *
facts_new(Import *import, VeilKind kind)
{
	Facts *facts = g_new0(Facts, 1);

	facts->facts = g_array_new(FALSE, TRUE, sizeof(Fact));
	facts->by_key = g_hash_table_new_full(hash_key, equal_keys, g_free, NULL);
	facts->known = g_array_new(FALSE, FALSE, sizeof(KnownCell));
	import->state[kind] = facts;
	return facts;
}

static void
facts_free(Import *import, VeilKind kind)
{
	Facts *facts = g_steal_pointer(&import->state[kind]);

	g_array_unref(facts->facts);
	g_hash_table_unref(facts->by_key);
	g_array_unref(facts->known);
	g_free(facts);
}

static Fact *
find_fact(Facts *facts, const FactKey *key)
{
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(facts->by_key, key));

	return n > 0 ? &g_array_index(facts->facts, Fact, n - 1) : NULL;
}

static Fact *
add_fact(Facts *facts, const FactKey *key)
{
	Fact fact = {.key = *key};

	g_array_append_val(facts->facts, fact);
	g_hash_table_insert(facts->by_key, g_memdup2(key, sizeof *key), GUINT_TO_POINTER(facts->facts->len));
	return &g_array_index(facts->facts, Fact, facts->facts->len - 1);
}

static void
warn_of_future(Import *import, VeilDay since)
{
	if (import->options->today > VEIL_DAY_MIN && since > import->options->today && since < VEIL_DAY_MAX)
		veil_import_warn(import, "rows bear a date in the future");
}

static guint32
person(Import *import, int column, const char *name)
{
	gboolean is_new;
	guint32 entry = veil_import_person(import, name, veil_import_cell(import, column), &is_new);

	if (entry != VEIL_NONE && is_new)
		veil_import_warn(import, "persons outside the pool were added as stubs");
	return entry;
}

/* The row again, a change of a known fact, or a new one. field: the sealed text beside it, or NULL. */
static gboolean
take_fact(Import *import, Facts *facts, const FactKey *key, VeilDay until, const char *field, const char *text, GError **error)
{
	Fact *fact = find_fact(facts, key);
	gboolean is_new = fact == NULL;

	if (fact != NULL && fact->file > 0) {
		g_autofree char *place = veil_import_place(import, fact->file, fact->line);

		if (fact->until != until)
			return veil_import_reject(import, "until", "the same fact stands in %s with another end", place);
		veil_import_decide(import, ROW_DUPLICATE);
		return TRUE;
	}
	if (is_new) {
		fact = add_fact(facts, key);
		fact->is_new = fact->dirty = TRUE;
		veil_import_new_id(import, &fact->id);
	} else if (fact->until != until) {
		fact->dirty = TRUE;
		veil_import_changes(import, "until");
	}
	fact->until = until;
	fact->file = import->file, fact->line = import->row->line;
	if (field != NULL) {
		if (!is_new && !veil_import_known_cells(import, &fact->id, facts->known, error))
			return FALSE;
		if (veil_import_put_cell(import, &fact->id, is_new ? NULL : facts->known, field, text))
			veil_import_changes(import, field);
	}
	veil_import_decide(import, is_new ? ROW_NEW : import->columns->len > 0 ? ROW_CHANGED : ROW_UNCHANGED);
	return TRUE;
}

/* since and until of the row, where an empty `until` keeps what the fact of this key has. */
static gboolean
row_interval(Import *import, Facts *facts, FactKey *key, int since, int until, VeilInterval *out)
{
	VeilInterval known = {VEIL_DAY_MIN, VEIL_DAY_MAX};
	const Fact *fact;

	if (!veil_import_since_until(import, since, until, NULL, out))
		return FALSE;
	key->since = out->since;
	fact = find_fact(facts, key);
	if (fact != NULL && fact->file == 0) {
		known.until = fact->until;
		if (veil_import_cell_state(veil_import_cell(import, until)) == CELL_EMPTY)
			out->until = known.until;
	}
	warn_of_future(import, out->since);
	return TRUE;
}

/* --- posts --------------------------------------------------------------------------------------------------------- */

enum { P_PERSON, P_ORGANISATION, P_CODE, P_KIND, P_SINCE, P_UNTIL };
static const char *const post_words[] = {"employee|employment|staff|在职|任职|全职|职工|雇员", "adjunct|part-time|兼职|兼聘|双聘|访问学者",
					 "director|supervisor|董事|监事|董监事", "adviser|advisor|consultant|顾问",
					 "shareholder|股东|持股|实际控制人", "head|leader|负责人|法定代表人|法人|法人代表"};

static gboolean
note_post(const VeilPostRow *row, gpointer data, GError **error)
{
	FactKey key = {row->entry, row->org, row->kind, row->when.since, 0};

	(void)error;
	add_fact(data, &key)->until = row->when.until;
	return TRUE;
}

static gboolean
begin_posts(Import *import, GError **error)
{
	Facts *facts = facts_new(import, VEIL_KIND_POSTS);

	return veil_import_load_people(import, FALSE, error) && veil_import_load_orgs(import, error) &&
	       veil_registry_each_post(import->registry, note_post, facts, error);
}

static gboolean
row_post(Import *import, GError **error)
{
	Facts *facts = import->state[VEIL_KIND_POSTS];
	FactKey key = {.kind = VEIL_POST_EMPLOYEE};
	VeilInterval when;
	guint32 entry, org;

	if (veil_import_cell_state(veil_import_cell(import, P_KIND)) == CELL_TEXT) {
		key.kind = veil_import_word(veil_import_cell(import, P_KIND), post_words, G_N_ELEMENTS(post_words));
		if (key.kind < 0)
			return veil_import_reject(import, "kind", "is unknown; write employee, adjunct, director, adviser, shareholder or head");
	}
	if (!veil_import_since_until(import, P_SINCE, P_UNTIL, NULL, &when))
		return TRUE;
	if (veil_import_cell_state(veil_import_cell(import, P_PERSON)) != CELL_TEXT)
		return veil_import_reject(import, "person", "is empty: the row names nobody");
	org = veil_import_org(import, veil_import_cell(import, P_CODE), veil_import_cell(import, P_ORGANISATION));
	if (org == VEIL_NONE)
		return veil_import_reject(import, "organisation", "is empty or a filler, and there is no organisation_code");
	entry = person(import, P_PERSON, "person");
	if (entry == VEIL_NONE)
		return TRUE;
	key.a = veil_import_entry(import, entry)->row.id;
	key.b = *veil_import_org_id(import, org);
	return !row_interval(import, facts, &key, P_SINCE, P_UNTIL, &when) || take_fact(import, facts, &key, when.until, NULL, NULL, error);
}

static gboolean
write_posts(Import *import, GError **error)
{
	Facts *facts = import->state[VEIL_KIND_POSTS];

	for (guint i = 0; i < facts->facts->len; i++) {
		const Fact *fact = &g_array_index(facts->facts, Fact, i);
		VeilPostRow row = {fact->key.a, fact->key.b, (VeilPostKind)fact->key.kind, {(VeilDay)fact->key.since, fact->until}};

		if (fact->dirty && !veil_registry_put_post(import->registry, &row, error))
			return FALSE;
	}
	return TRUE;
}

static void
clear_posts(Import *import)
{
	facts_free(import, VEIL_KIND_POSTS);
}

const KindOps veil_import_posts = {.begin = begin_posts, .row = row_post, .write = write_posts, .clear = clear_posts};

/* --- relations ----------------------------------------------------------------------------------------------------- */

enum { R_KIND, R_A, R_B, R_SINCE, R_UNTIL, R_EVIDENCE };
static const char *const relation_words[VEIL_N_RELATIONS] = {
	"kin|kinship|family|亲属|近亲属|亲属关系", "advisor|adviser|supervisor|teacher|导师|师生|师生关系", "collaborator|collaboration|合作|合作者|合作关系",
	"dispute|litigation|纠纷|诉讼|争议", "nominator|nomination|提名|提名人|推荐|推荐人"};

static gboolean
note_relation(const VeilRelationRow *row, gpointer data, GError **error)
{
	FactKey key = {row->a, row->b, row->kind, row->when.since, row->evidence};
	Fact *fact = add_fact(data, &key);

	(void)error;
	fact->until = row->when.until;
	fact->id = row->id;
	return TRUE;
}

static gboolean
begin_relations(Import *import, GError **error)
{
	Facts *facts = facts_new(import, VEIL_KIND_RELATIONS);

	return veil_import_load_people(import, FALSE, error) && veil_registry_each_relation(import->registry, note_relation, facts, error);
}

static gboolean
row_relation(Import *import, GError **error)
{
	Facts *facts = import->state[VEIL_KIND_RELATIONS];
	const char *evidence = veil_import_cell(import, R_EVIDENCE);
	int kind = veil_import_word(veil_import_cell(import, R_KIND), relation_words, VEIL_N_RELATIONS);
	FactKey key = {.kind = kind};
	VeilInterval when;
	guint32 a, b;

	if (kind < 0)
		return veil_import_reject(import, "kind", "is unknown; write kin, advisor, collaborator, dispute or nominator");
	if (!veil_import_since_until(import, R_SINCE, R_UNTIL, NULL, &when))
		return TRUE;
	for (int c = R_A; c <= R_B; c++) {
		if (veil_import_cell_state(veil_import_cell(import, c)) != CELL_TEXT)
			return veil_import_reject(import, c == R_A ? "a" : "b", "is empty: the row names nobody");
		if (veil_text_is_ruined_id(veil_import_cell(import, c)))
			return veil_import_reject(import, c == R_A ? "a" : "b", "is an id that a spreadsheet has ruined; export the column as text");
	}
	if (strcmp(veil_import_cell(import, R_A), veil_import_cell(import, R_B)) == 0) /* before a rejected row leaves a stub */
		return veil_import_reject(import, "b", "is the same person as a");
	a = person(import, R_A, "a");
	b = a != VEIL_NONE ? person(import, R_B, "b") : VEIL_NONE;
	if (b == VEIL_NONE)
		return TRUE;
	if (a == b)
		return veil_import_reject(import, "b", "is the same person as a");
	key.a = veil_import_entry(import, a)->row.id;
	key.b = veil_import_entry(import, b)->row.id;
	if ((kind == VEIL_RELATION_KIN || kind == VEIL_RELATION_COLLABORATOR || kind == VEIL_RELATION_DISPUTE) &&
	    veil_id_compare(&key.a, &key.b) > 0) { /* these have no direction */
		VeilId swap = key.a;

		key.a = key.b;
		key.b = swap;
	}
	if (veil_import_cell_state(evidence) == CELL_TEXT)
		key.evidence = veil_cell_digest(import->keys, "evidence", evidence, strlen(evidence));
	return !row_interval(import, facts, &key, R_SINCE, R_UNTIL, &when) ||
	       take_fact(import, facts, &key, when.until, "evidence", evidence, error);
}

static gboolean
write_relations(Import *import, GError **error)
{
	Facts *facts = import->state[VEIL_KIND_RELATIONS];

	for (guint i = 0; i < facts->facts->len; i++) {
		const Fact *fact = &g_array_index(facts->facts, Fact, i);
		VeilRelationRow row = {fact->id, (VeilRelationKind)fact->key.kind, fact->key.a, fact->key.b,
				       {(VeilDay)fact->key.since, fact->until}, fact->key.evidence};

		if (fact->dirty && !veil_registry_put_relation(import->registry, &row, error))
			return FALSE;
	}
	return TRUE;
}

static void
clear_relations(Import *import)
{
	facts_free(import, VEIL_KIND_RELATIONS);
}

const KindOps veil_import_relations = {
	.begin = begin_relations, .row = row_relation, .write = write_relations, .clear = clear_relations};

/* --- bans ---------------------------------------------------------------------------------------------------------- */

enum { B_PERSON, B_SINCE, B_UNTIL, B_REASON };

static gboolean
note_ban(const VeilBanRow *row, gpointer data, GError **error)
{
	FactKey key = {.a = row->entry, .since = row->when.since};
	Fact *fact = add_fact(data, &key);

	(void)error;
	fact->until = row->when.until;
	fact->id = row->id;
	return TRUE;
}

static gboolean
begin_bans(Import *import, GError **error)
{
	Facts *facts = facts_new(import, VEIL_KIND_BANS);

	return veil_import_load_people(import, FALSE, error) && veil_registry_each_ban(import->registry, note_ban, facts, error);
}

static gboolean
row_ban(Import *import, GError **error)
{
	Facts *facts = import->state[VEIL_KIND_BANS];
	FactKey key = {.kind = 0};
	VeilInterval when;
	guint32 entry;

	if (veil_import_cell_state(veil_import_cell(import, B_SINCE)) != CELL_TEXT)
		return veil_import_reject(import, "since", "is empty");
	if (!veil_import_since_until(import, B_SINCE, B_UNTIL, NULL, &when))
		return TRUE;
	entry = person(import, B_PERSON, "person");
	if (entry == VEIL_NONE)
		return TRUE;
	key.a = veil_import_entry(import, entry)->row.id;
	return !row_interval(import, facts, &key, B_SINCE, B_UNTIL, &when) ||
	       take_fact(import, facts, &key, when.until, "reason", veil_import_cell(import, B_REASON), error);
}

static gboolean
write_bans(Import *import, GError **error)
{
	Facts *facts = import->state[VEIL_KIND_BANS];

	for (guint i = 0; i < facts->facts->len; i++) {
		const Fact *fact = &g_array_index(facts->facts, Fact, i);
		VeilBanRow row = {fact->id, fact->key.a, {(VeilDay)fact->key.since, fact->until}};

		if (fact->dirty && !veil_registry_put_ban(import->registry, &row, error))
			return FALSE;
	}
	return TRUE;
}

static void
clear_bans(Import *import)
{
	facts_free(import, VEIL_KIND_BANS);
}

const KindOps veil_import_bans = {.begin = begin_bans, .row = row_ban, .write = write_bans, .clear = clear_bans};
