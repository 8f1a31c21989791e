/* import-orgs.c - which organisation is meant, and lists of organisations.
 *
 * By code, else by name or alias, else an organisation of its own known by its normalised text. A list that comes later and bears
 * that text adopts it: the text becomes the listed organisation itself, or an alias of it (same_as, resolved when facts are loaded), so
 * that the order of imports makes no difference.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

static OrgState *
org_at(const Import *import, guint32 org)
{
	return &g_array_index(import->orgs, OrgState, org);
}

const VeilId *
veil_import_org_id(const Import *import, guint32 org)
{
	return &org_at(import, org)->row.id;
}

static gboolean
add_known(const VeilOrgRow *row, gpointer data, GError **error)
{
	Import *import = data;
	OrgState state = {.row = *row};

	(void)error;
	state.row.province = row->province ? g_intern_string(row->province) : NULL;
	state.row.kind = row->kind ? g_intern_string(row->kind) : NULL;
	veil_id_map_put(&import->org_by_id, &row->id, import->orgs->len);
	g_array_append_val(import->orgs, state);
	return TRUE;
}

static gboolean
add_known_token(VeilOrgTokenKind kind, const VeilToken *token, const VeilId *org, gpointer data, GError **error)
{
	Import *import = data;
	guint32 n = veil_id_map_get(&import->org_by_id, org);

	(void)error;
	if (n != VEIL_NONE)
		veil_id_map_put(kind == VEIL_ORG_TOKEN_CODE ? &import->org_by_code : &import->org_by_name, (const VeilId *)token, n);
	return TRUE;
}

gboolean
veil_import_load_orgs(Import *import, GError **error)
{
	if (import->orgs_loaded)
		return TRUE;
	import->orgs_loaded = TRUE;
	veil_id_map_init(&import->org_by_id, 1024);
	veil_id_map_init(&import->org_by_code, 1024);
	veil_id_map_init(&import->org_by_name, 1024);
	return veil_registry_each_org(import->registry, add_known, import, error) &&
	       veil_registry_each_org_token(import->registry, add_known_token, import, error);
}

/* A unified social credit code is the same in every list; any other code is its source's own. */
static gboolean
code_token(const Import *import, const char *typed, VeilToken *out)
{
	g_autofree char *folded = veil_text_fold_id("id", typed);
	g_autofree char *upper = g_ascii_strup(folded, -1);
	gboolean uscc = strlen(upper) == 18;

	if (veil_import_cell_state(typed) != CELL_TEXT || *folded == '\0' || strcmp(folded, "0") == 0)
		return FALSE;
	for (const char *p = upper; *p != '\0' && uscc; p++)
		uscc = g_ascii_isdigit(*p) || (g_ascii_isupper(*p) && strchr("IOSVZ", *p) == NULL);
	if (uscc)
		veil_token(import->keys, "org_code", upper, strlen(upper), out->b);
	else
		veil_token(import->keys, import->org_domain, folded, strlen(folded), out->b);
	return TRUE;
}

/* FALSE for fillers. */
static gboolean
name_token(const Import *import, const char *typed, VeilToken *out)
{
	g_autofree char *folded = NULL;

	if (veil_import_cell_state(typed) != CELL_TEXT)
		return FALSE;
	folded = veil_text_fold_org(typed);
	if (*folded == '\0')
		return FALSE;
	veil_token(import->keys, "org", folded, strlen(folded), out->b);
	return TRUE;
}

static void
set_token(Import *import, VeilOrgTokenKind kind, const VeilToken *token, guint32 org)
{
	StagedOrgToken staged = {kind, *token, org_at(import, org)->row.id};

	g_array_append_val(import->staged_org_tokens, staged);
	veil_id_map_put(kind == VEIL_ORG_TOKEN_CODE ? &import->org_by_code : &import->org_by_name, (const VeilId *)token, org);
}

static guint32
add_org(Import *import)
{
	OrgState state = {.is_new = TRUE, .dirty = TRUE};

	veil_import_new_id(import, &state.row.id);
	veil_id_map_put(&import->org_by_id, &state.row.id, import->orgs->len);
	g_array_append_val(import->orgs, state);
	return import->orgs->len - 1;
}

/* What an adopted text stands for now. */
static guint32
canonical(const Import *import, guint32 org)
{
	for (int steps = 0; steps < 64 && org != VEIL_NONE && org_at(import, org)->row.adopted; steps++)
		org = veil_id_map_get(&import->org_by_id, &org_at(import, org)->row.same_as);
	return org;
}

static guint32
find_by_name(Import *import, const char *name)
{
	gpointer found = g_hash_table_lookup(import->org_by_text, name);
	guint32 org;
	VeilToken token;

	if (found != NULL)
		return GPOINTER_TO_UINT(found) - 1;
	if (!name_token(import, name, &token))
		return VEIL_NONE;
	org = veil_id_map_get(&import->org_by_name, (const VeilId *)&token);
	if (org == VEIL_NONE) {
		org = add_org(import);
		set_token(import, VEIL_ORG_TOKEN_NAME, &token, org);
		veil_import_put_cell(import, veil_import_org_id(import, org), NULL, "name", name);
		veil_import_warn(import, "organisations are in no list and are known by their text");
	}
	g_hash_table_insert(import->org_by_text, veil_arena_text(&import->arena, name), GUINT_TO_POINTER(org + 1));
	return org;
}

guint32
veil_import_org(Import *import, const char *code, const char *name)
{
	VeilToken token;
	guint32 org;

	if (!code_token(import, code, &token))
		return canonical(import, find_by_name(import, name));
	org = veil_id_map_get(&import->org_by_code, (const VeilId *)&token);
	if (org != VEIL_NONE)
		return canonical(import, org);
	org = canonical(import, find_by_name(import, name));
	if (org == VEIL_NONE) { /* a code and no name: an organisation of its own until a list tells more */
		org = add_org(import);
		set_token(import, VEIL_ORG_TOKEN_CODE, &token, org);
		veil_import_put_cell(import, veil_import_org_id(import, org), NULL, "code", code);
	} else if (!org_at(import, org)->row.listed) {
		set_token(import, VEIL_ORG_TOKEN_CODE, &token, org);
	}
	return org;
}

/* --- import organisations ------------------------------------------------------------------------------------------ */

enum { CODE, NAME, ALIASES, PARENT, KIND, PROVINCE, CITY, N_COLUMNS };
static const char *const columns[N_COLUMNS] = {"code", "name", "aliases", "parent", "kind", "province", "city"};

typedef struct {
	guint32 org, file;
	guint64 line;
	char *parent; /* as typed, in the arena */
} ParentLine;

typedef struct {
	GArray *parents; /* ParentLine */
	GArray *known;	 /* KnownCell */
} OrgList;

static gboolean
begin(Import *import, GError **error)
{
	OrgList *list = g_new0(OrgList, 1);

	list->parents = g_array_new(FALSE, FALSE, sizeof(ParentLine));
	list->known = g_array_new(FALSE, FALSE, sizeof(KnownCell));
	import->state[VEIL_KIND_ORGANISATIONS] = list;
	return veil_import_load_orgs(import, error);
}

static void
clear(Import *import)
{
	OrgList *list = g_steal_pointer(&import->state[VEIL_KIND_ORGANISATIONS]);

	g_array_unref(list->parents);
	g_array_unref(list->known);
	g_free(list);
}

/* This name is the listed organisation's from now on; a text that bore it until now is adopted. TRUE if anything changes. */
static gboolean
claim_name(Import *import, guint32 org, const char *name)
{
	VeilToken token;
	guint32 holder;

	if (!name_token(import, name, &token))
		return FALSE;
	holder = canonical(import, veil_id_map_get(&import->org_by_name, (const VeilId *)&token));
	if (holder == org)
		return FALSE;
	if (holder != VEIL_NONE && org_at(import, holder)->row.listed) {
		veil_import_warn(import, "names or aliases already belong to another listed organisation and stay there");
		return FALSE;
	}
	if (holder != VEIL_NONE) {
		OrgState *text = org_at(import, holder);

		text->row.adopted = TRUE;
		text->row.same_as = org_at(import, org)->row.id;
		text->dirty = TRUE;
	}
	set_token(import, VEIL_ORG_TOKEN_NAME, &token, org);
	return TRUE;
}

/* The organisation a row of a list is about: by code, else the text that bears its name, else a new one. */
static guint32
listed_org(Import *import, const VeilToken *code, const char *name, gboolean *out_new)
{
	guint32 org = canonical(import, veil_id_map_get(&import->org_by_code, (const VeilId *)code));
	VeilToken token;

	*out_new = FALSE;
	if (org != VEIL_NONE)
		return org;
	*out_new = TRUE;
	if (name_token(import, name, &token)) {
		org = canonical(import, veil_id_map_get(&import->org_by_name, (const VeilId *)&token));
		if (org != VEIL_NONE && org_at(import, org)->row.listed)
			org = VEIL_NONE; /* two listed organisations of one name are two */
	}
	if (org == VEIL_NONE)
		org = add_org(import);
	set_token(import, VEIL_ORG_TOKEN_CODE, code, org);
	return org;
}

static void
set_label(Import *import, OrgState *state, int column, const char **field)
{
	const char *typed = veil_import_cell(import, column);
	g_autofree char *text = veil_import_cell_state(typed) == CELL_TEXT ? veil_text_nfc(typed) : NULL;

	if (veil_import_cell_state(typed) == CELL_EMPTY || g_strcmp0(text, *field) == 0)
		return;
	*field = text ? g_intern_string(text) : NULL;
	state->dirty = TRUE;
	veil_import_changes(import, columns[column]);
}

static void
take_names(Import *import, guint32 org)
{
	g_auto(GStrv) aliases = veil_text_split_list(veil_import_cell(import, ALIASES));

	claim_name(import, org, veil_import_cell(import, NAME));
	for (guint i = 0; aliases[i] != NULL; i++)
		claim_name(import, org, aliases[i]);
}

static gboolean
row(Import *import, GError **error)
{
	OrgList *list = import->state[VEIL_KIND_ORGANISATIONS];
	const char *code = veil_import_cell(import, CODE), *parent = veil_import_cell(import, PARENT);
	guint64 hash = veil_import_row_hash(import);
	gboolean is_new, was_listed;
	VeilToken token;
	OrgState *state;
	guint32 org;

	if (!code_token(import, code, &token))
		return veil_import_reject(import, "code", "is empty");
	if (veil_text_is_ruined_id(code))
		return veil_import_reject(import, "code", "is a code that a spreadsheet has ruined; export the column as text");
	org = veil_id_map_get(&import->org_by_code, (const VeilId *)&token);
	if (veil_import_cell_state(veil_import_cell(import, NAME)) != CELL_TEXT && (org == VEIL_NONE || !org_at(import, org)->row.listed))
		return veil_import_reject(import, "name", "is empty");
	org = listed_org(import, &token, veil_import_cell(import, NAME), &is_new);
	state = org_at(import, org);
	if (state->file > 0) {
		g_autofree char *place = veil_import_place(import, state->file, state->line);

		if (state->row_hash != hash)
			return veil_import_reject(import, "code", "stands in %s with other content", place);
		veil_import_decide(import, ROW_DUPLICATE);
		return TRUE;
	}
	state->file = import->file, state->line = import->row->line, state->row_hash = hash;
	was_listed = state->row.listed;
	if (!state->is_new && !veil_import_known_cells(import, &state->row.id, list->known, error))
		return FALSE;
	if (state->is_new)
		g_array_set_size(list->known, 0);
	state->row.listed = TRUE;
	state->dirty = state->dirty || !was_listed;
	for (int c = 0; c < N_COLUMNS; c++)
		if (c != KIND && c != PROVINCE &&
		    veil_import_put_cell(import, &state->row.id, list->known, columns[c], veil_import_cell(import, c)))
			veil_import_changes(import, columns[c]);
	set_label(import, state, KIND, &state->row.kind);
	set_label(import, state, PROVINCE, &state->row.province);
	if (veil_import_cell_state(parent) != CELL_EMPTY) {
		ParentLine line = {org, import->file, import->row->line, veil_arena_text(&import->arena, parent)};

		g_array_append_val(list->parents, line);
	}
	take_names(import, org);
	veil_import_decide(import, !was_listed ? ROW_NEW : import->columns->len > 0 ? ROW_CHANGED : ROW_UNCHANGED);
	return TRUE;
}

/* A parent may stand further down in the file, so parents are looked up when all rows are known. */
static gboolean
end(Import *import, GError **error)
{
	OrgList *list = import->state[VEIL_KIND_ORGANISATIONS];

	(void)error;
	for (guint i = 0; i < list->parents->len; i++) {
		const ParentLine *line = &g_array_index(list->parents, ParentLine, i);
		OrgState *state = org_at(import, line->org);
		VeilToken token;
		guint32 parent = VEIL_NONE;

		if (code_token(import, line->parent, &token))
			parent = canonical(import, veil_id_map_get(&import->org_by_code, (const VeilId *)&token));
		if (parent == VEIL_NONE && name_token(import, line->parent, &token))
			parent = canonical(import, veil_id_map_get(&import->org_by_name, (const VeilId *)&token));
		if (parent == VEIL_NONE && veil_import_cell_state(line->parent) == CELL_TEXT)
			veil_import_warn(import, "organisations have a parent that is neither a known code nor a known name; it is kept and counts nothing");
		if (parent == line->org)
			parent = VEIL_NONE;
		if ((parent != VEIL_NONE) == state->row.has_parent &&
		    (parent == VEIL_NONE || veil_id_equal(&state->row.parent, veil_import_org_id(import, parent))))
			continue;
		state->row.has_parent = parent != VEIL_NONE;
		if (parent != VEIL_NONE)
			state->row.parent = *veil_import_org_id(import, parent);
		state->dirty = TRUE;
	}
	return TRUE;
}

const KindOps veil_import_organisations = {.begin = begin, .row = row, .end = end, .clear = clear};

/* --- writing ------------------------------------------------------------------------------------------------------- */

gboolean
veil_import_write_orgs(Import *import, GError **error)
{
	for (guint i = 0; i < import->orgs->len; i++)
		if (org_at(import, i)->dirty && !veil_registry_put_org(import->registry, &org_at(import, i)->row, error))
			return FALSE;
	for (guint i = 0; i < import->staged_org_tokens->len; i++) {
		const StagedOrgToken *staged = &g_array_index(import->staged_org_tokens, StagedOrgToken, i);

		if (!veil_registry_put_org_token(import->registry, staged->kind, &staged->token, &staged->org, error))
			return FALSE;
	}
	return TRUE;
}
