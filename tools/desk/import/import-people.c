/* import-people.c - who is meant: entries by the token of a source's id, stubs for whoever is not known yet.
 *
 * Ids are scoped by source through the token's domain. Nothing here opens an identity.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

static const struct {
	const char *domain, *fold;
	gsize least; /* bytes of the folded text; shorter ones are fillers */
} token_kinds[VEIL_N_TOKENS] = {
	[VEIL_TOKEN_NAME] = {"name", NULL, 1},	     [VEIL_TOKEN_ID_NUMBER] = {"id_number", "id_number", 8},
	[VEIL_TOKEN_ORCID] = {"orcid", "orcid", 15}, [VEIL_TOKEN_PHONE] = {"phone", "phone", 7},
	[VEIL_TOKEN_EMAIL] = {"email", "email", 5},
};

EntryState *
veil_import_entry(Import *import, guint32 entry)
{
	return &g_array_index(import->entries, EntryState, entry);
}

static const VeilId *
token_id(const VeilToken *token)
{
	G_STATIC_ASSERT(sizeof(VeilToken) == sizeof(VeilId));
	return (const VeilId *)token;
}

/* --- what is there ------------------------------------------------------------------------------------------------- */

static gboolean
add_known(const VeilEntry *row, gpointer data, GError **error)
{
	Import *import = data;
	EntryState state = {.row = *row};
	guint32 n = import->entries->len;

	(void)error;
	state.row.source = g_intern_string(row->source);
	state.row.province = row->province ? g_intern_string(row->province) : NULL;
	state.row.rank = row->rank ? g_intern_string(row->rank) : NULL;
	state.row.kind = row->kind ? g_intern_string(row->kind) : NULL;
	if (row->sealed_id.bytes != NULL)
		state.row.sealed_id.bytes = memcpy(veil_arena_take(&import->arena, row->sealed_id.len), row->sealed_id.bytes, row->sealed_id.len);
	g_array_append_val(import->entries, state);
	if (row->has_token)
		veil_id_map_put(&import->entry_by_token, token_id(&row->token), n);
	veil_id_map_put(&import->entry_by_id, &row->id, n);
	return TRUE;
}

static void
index_token(Import *import, guint32 entry, VeilTokenKind kind, const VeilToken *token)
{
	TokenIndex *index = &import->tokens[kind];
	TokenLink link = {entry, veil_id_map_get(&index->first, token_id(token))};

	veil_id_map_put(&index->first, token_id(token), index->links->len);
	g_array_append_val(index->links, link);
}

static gboolean
add_known_token(const VeilId *entry, VeilTokenKind kind, const VeilToken *token, gpointer data, GError **error)
{
	Import *import = data;
	guint32 n = veil_id_map_get(&import->entry_by_id, entry);

	(void)error;
	if (n != VEIL_NONE && (guint)kind < VEIL_N_TOKENS)
		index_token(import, n, kind, token);
	return TRUE;
}

gboolean
veil_import_load_people(Import *import, gboolean with_tokens, GError **error)
{
	if (import->entry_by_id.value == NULL) {
		veil_id_map_init(&import->entry_by_token, 4096);
		veil_id_map_init(&import->entry_by_id, 4096);
		if (!veil_registry_each_entry(import->registry, add_known, import, error))
			return FALSE;
	}
	if (!with_tokens || import->tokens_loaded)
		return TRUE;
	import->tokens_loaded = TRUE;
	for (int kind = 0; kind < VEIL_N_TOKENS; kind++)
		veil_id_map_init(&import->tokens[kind].first, 256);
	return veil_registry_each_entry_token(import->registry, add_known_token, import, error);
}

/* --- finding and making -------------------------------------------------------------------------------------------- */

guint32
veil_import_add_entry(Import *import, const char *typed_id, const VeilToken *token)
{
	EntryState state = {.is_new = TRUE, .dirty = TRUE};
	guint32 n = import->entries->len;

	veil_import_new_id(import, &state.row.id);
	veil_import_new_id(import, &state.row.person);
	state.row.source = import->source;
	state.row.key = import->key;
	state.row.max_load = -1;
	state.row.confirmed_on = VEIL_DAY_MIN;
	if (token != NULL) {
		state.row.has_token = TRUE;
		state.row.token = *token;
		state.row.sealed_id = veil_import_seal_id(import, "entry", &state.row.id, typed_id);
		veil_id_map_put(&import->entry_by_token, token_id(token), n);
	}
	veil_id_map_put(&import->entry_by_id, &state.row.id, n);
	g_array_append_val(import->entries, state);
	return n;
}

/* The token of an id; FALSE for an empty one. */
static gboolean
id_token(const Import *import, const char *typed, VeilToken *out)
{
	g_autofree char *folded = veil_text_fold_id("id", typed);

	if (*folded == '\0' || veil_import_cell_state(typed) != CELL_TEXT)
		return FALSE;
	veil_token(import->keys, import->person_domain, folded, strlen(folded), out->b);
	return TRUE;
}

static void
remember_text(Import *import, const char *typed, guint32 entry)
{
	g_hash_table_insert(import->entry_by_text, veil_arena_text(&import->arena, typed), GUINT_TO_POINTER(entry + 1));
}

guint32
veil_import_find_person(Import *import, const char *typed)
{
	guint32 entry = GPOINTER_TO_UINT(g_hash_table_lookup(import->entry_by_text, typed));
	VeilToken token;

	if (entry > 0)
		return entry - 1;
	if (!id_token(import, typed, &token))
		return VEIL_NONE;
	entry = veil_id_map_get(&import->entry_by_token, token_id(&token));
	if (entry != VEIL_NONE)
		remember_text(import, typed, entry);
	return entry;
}

guint32
veil_import_person(Import *import, const char *column, const char *typed, gboolean *out_new)
{
	guint32 entry = GPOINTER_TO_UINT(g_hash_table_lookup(import->entry_by_text, typed));
	VeilToken token;

	*out_new = FALSE;
	if (entry > 0)
		return entry - 1;
	if (!id_token(import, typed, &token)) {
		veil_import_reject(import, column, "is empty: the row names nobody");
		return VEIL_NONE;
	}
	if (veil_text_is_ruined_id(typed)) {
		veil_import_reject(import, column, "is an id that a spreadsheet has ruined; export the column as text");
		return VEIL_NONE;
	}
	entry = veil_id_map_get(&import->entry_by_token, token_id(&token));
	if (entry == VEIL_NONE) {
		entry = veil_import_add_entry(import, typed, &token);
		*out_new = TRUE;
	}
	remember_text(import, typed, entry);
	return entry;
}

gboolean
veil_import_token(Import *import, VeilTokenKind kind, const char *typed, VeilToken *out)
{
	g_autofree char *folded = NULL;
	g_autofree char *filler = NULL;

	if (veil_import_cell_state(typed) != CELL_TEXT)
		return FALSE;
	folded = kind == VEIL_TOKEN_NAME ? veil_text_fold_name(typed) : veil_text_fold_id(token_kinds[kind].fold, typed);
	if (strlen(folded) < token_kinds[kind].least)
		return FALSE;
	if (kind != VEIL_TOKEN_NAME) { /* 未知, n/a, 00000000: what is typed where nothing is known */
		gsize same = strspn(folded, (char[]){folded[0], '\0'});

		filler = veil_text_fold_org(typed);
		if (*filler == '\0' || same == strlen(folded))
			return FALSE;
	}
	veil_token(import->keys, token_kinds[kind].domain, folded, strlen(folded), out->b);
	return TRUE;
}

guint32
veil_import_token_first(const Import *import, VeilTokenKind kind, const VeilToken *token)
{
	return veil_id_map_get(&import->tokens[kind].first, token_id(token));
}

void
veil_import_stage_token(Import *import, guint32 entry, VeilTokenKind kind, const VeilToken *token)
{
	StagedToken staged = {veil_import_entry(import, entry)->row.id, kind, *token};

	g_array_append_val(import->staged_tokens, staged);
	if (import->tokens_loaded)
		index_token(import, entry, kind, token);
}

void
veil_import_drop_tokens(Import *import, guint32 entry, VeilTokenKind kind)
{
	DroppedToken dropped = {veil_import_entry(import, entry)->row.id, kind};

	/* The index keeps the old ones for the rest of this run: to be found by a number one had a moment ago is harmless. */
	g_array_append_val(import->dropped_tokens, dropped);
}

/* --- disciplines --------------------------------------------------------------------------------------------------- */

static void
clear_share(gpointer data)
{
	VeilDisciplineShare *share = data;

	g_free(share->scheme);
	g_free(share->code);
}

/* "SCHEME:CODE=WEIGHT", already folded. */
static gboolean
read_share(char *text, VeilDisciplineShare *out)
{
	char *equals = strrchr(text, '='), *colon;

	out->weight_micro = 1000000;
	if (equals != NULL) {
		char *number = g_strstrip(equals + 1);

		if (!veil_micro_parse(number, strlen(number), &out->weight_micro) || out->weight_micro <= 0)
			return FALSE;
		*equals = '\0';
	}
	colon = strchr(text, ':');
	if (colon == NULL || colon == text || colon[1] == '\0')
		return FALSE;
	*colon = '\0';
	out->scheme = g_strstrip(g_strdup(text));
	out->code = g_strstrip(g_strdup(colon + 1));
	return TRUE;
}

static gboolean
note_discipline(const VeilDisciplineRow *row, gpointer data, GError **error)
{
	(void)error;
	g_hash_table_add(data, g_strconcat(row->scheme, "\n", row->code, NULL));
	return TRUE;
}

static gboolean
is_known_discipline(Import *import, const VeilDisciplineShare *share)
{
	g_autofree char *key = g_strconcat(share->scheme, "\n", share->code, NULL);

	if (import->known_disciplines == NULL) {
		import->known_disciplines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		veil_registry_each_discipline(import->registry, note_discipline, import->known_disciplines, NULL);
	}
	return g_hash_table_contains(import->known_disciplines, key);
}

gboolean
veil_import_read_disciplines(Import *import, const char *typed, GArray **out_shares)
{
	g_auto(GStrv) pieces = veil_text_split_list(typed);
	g_autoptr(GArray) shares = g_array_new(FALSE, TRUE, sizeof(VeilDisciplineShare));
	gboolean unknown = FALSE;

	g_array_set_clear_func(shares, clear_share);
	for (guint i = 0; pieces[i] != NULL; i++) {
		g_autofree char *folded = veil_text_fold_id("id", pieces[i]);
		VeilDisciplineShare share = {NULL, NULL, 0};

		if (!read_share(folded, &share)) {
			veil_import_reject(import, "disciplines", "entry %u is not SCHEME:CODE or SCHEME:CODE=WEIGHT with a weight above 0", i + 1);
			return FALSE;
		}
		unknown = unknown || !is_known_discipline(import, &share);
		g_array_append_val(shares, share);
	}
	if (unknown)
		veil_import_warn(import, "rows name a discipline that is in no list of disciplines; it is kept and counts nothing");
	*out_shares = g_steal_pointer(&shares);
	return TRUE;
}

void
veil_import_stage_disciplines(Import *import, const VeilId *owner, GArray *shares)
{
	StagedDisciplines staged = {*owner, shares};

	g_array_append_val(import->staged_disciplines, staged);
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static int
compare_states(const void *a, const void *b)
{
	return memcmp((*(EntryState *const *)a)->row.id.b, (*(EntryState *const *)b)->row.id.b, sizeof(VeilId));
}

static int
compare_tokens(const void *a, const void *b)
{
	const StagedToken *x = a, *y = b;
	int order = memcmp(x->entry.b, y->entry.b, sizeof x->entry.b);

	if (order == 0)
		order = (int)x->kind - (int)y->kind;
	return order != 0 ? order : memcmp(x->token.b, y->token.b, sizeof x->token.b);
}

static int
compare_owners(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(VeilId)); /* both staged structs begin with the id */
}

static gboolean
write_tokens(Import *import, GError **error)
{
	for (guint i = 0; i < import->dropped_tokens->len; i++) {
		const DroppedToken *dropped = &g_array_index(import->dropped_tokens, DroppedToken, i);

		if (!veil_registry_drop_entry_tokens(import->registry, &dropped->entry, dropped->kind, error))
			return FALSE;
	}
	g_array_sort(import->staged_tokens, compare_tokens);
	for (guint i = 0; i < import->staged_tokens->len; i++) {
		const StagedToken *staged = &g_array_index(import->staged_tokens, StagedToken, i);

		if (!veil_registry_put_entry_token(import->registry, &staged->entry, staged->kind, &staged->token, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_import_write_people(Import *import, GError **error)
{
	g_autoptr(GPtrArray) dirty = g_ptr_array_new();

	for (guint i = 0; i < import->entries->len; i++)
		if (veil_import_entry(import, i)->dirty)
			g_ptr_array_add(dirty, veil_import_entry(import, i));
	g_ptr_array_sort(dirty, compare_states);
	for (guint i = 0; i < dirty->len; i++)
		if (!veil_registry_put_entry(import->registry, &((EntryState *)g_ptr_array_index(dirty, i))->row, error))
			return FALSE;
	if (!write_tokens(import, error))
		return FALSE;
	g_array_sort(import->staged_disciplines, compare_owners);
	for (guint i = 0; i < import->staged_disciplines->len; i++) {
		const StagedDisciplines *staged = &g_array_index(import->staged_disciplines, StagedDisciplines, i);

		if (!veil_registry_set_disciplines(import->registry, &staged->owner, (VeilDisciplineShare *)staged->shares->data,
						   staged->shares->len, error))
			return FALSE;
	}
	g_array_sort(import->staged_avoids, compare_owners);
	for (guint i = 0; i < import->staged_avoids->len; i++) {
		const StagedAvoids *staged = &g_array_index(import->staged_avoids, StagedAvoids, i);

		if (!veil_registry_set_avoids(import->registry, &staged->entry, (VeilId *)staged->orgs->data, staged->orgs->len, error))
			return FALSE;
	}
	return TRUE;
}
