/* import-experts.c - the pool: who is who, what is sealed, what stays in the clear.
 *
 * Ids of one source are distinct persons unless an id number or ORCID agrees, or phone or e-mail together with the name; the same holds
 * across sources. An agreeing phone under another name (an office, a spouse) keeps them apart and is warned of.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"
#include "import/labels.h"

enum {
	ID, NAME, VARIANTS, ID_NUMBER, ORCID, PHONE, EMAIL, BIRTH, ORGANISATION, ORGANISATION_CODE, PROVINCE, CITY, COUNTRY, RANK, KIND,
	DISCIPLINES, KEYWORDS, PROFILE, MAX_LOAD, AVOID, STATUS, CONFIRMED_ON, N_COLUMNS
};
static const char *const columns[N_COLUMNS] = {
	"id", "name", "variants", "id_number", "orcid", "phone", "email", "birth", "organisation", "organisation_code", "province", "city", "country",
	"rank", "kind", "disciplines", "keywords", "profile", "max_load", "avoid", "status", "confirmed_on",
};
/* Everything textual is sealed. Disciplines are sealed as typed as well as kept as codes: the digest tells whether they changed. */
static const guint8 sealed_columns[] = {NAME, VARIANTS, ID_NUMBER, ORCID, PHONE, EMAIL, BIRTH, ORGANISATION, ORGANISATION_CODE, CITY, COUNTRY,
					DISCIPLINES, KEYWORDS, PROFILE, AVOID};

static const char *const kinds[] = {"technical", "finance", "management", "industry"};
static const char *const kind_words[] = {
	"technical|technology|技术|技术专家|技术类|科技|科研|学术", "finance|financial|财务|财务专家|财务类|审计|会计",
	"management|管理|管理专家|管理类", "industry|industrial|产业|产业专家|产业类|企业|企业专家|投资|投资专家"};
static const char *const status_words[VEIL_N_STATUSES] = {
	"active|正常|在库|有效|启用|在职|是|1|yes", "suspended|暂停|停用|冻结|inactive|否|0|no", "retired|退休|退出", "removed|deceased|出库|注销|去世|无效"};

typedef struct {
	GArray *known; /* KnownCell of the present row's entry */
} Experts;

/* What of a row is no sealed text, checked before anything is changed. */
typedef struct {
	gint32 max_load;
	int status, kind;
	VeilInterval confirmed;
	gboolean has_confirmed;
	GArray *shares;
	const char *province, *rank;
} Checked;

static gboolean
begin(Import *import, GError **error)
{
	Experts *experts = g_new0(Experts, 1);

	experts->known = g_array_new(FALSE, FALSE, sizeof(KnownCell));
	import->state[VEIL_KIND_EXPERTS] = experts;
	return veil_import_load_people(import, TRUE, error) && veil_import_load_orgs(import, error);
}

static void
clear(Import *import)
{
	Experts *experts = g_steal_pointer(&import->state[VEIL_KIND_EXPERTS]);

	g_array_unref(experts->known);
	g_free(experts);
}

/* --- checks -------------------------------------------------------------------------------------------------------- */

static gboolean
check_load(Import *import, gint32 *out)
{
	const char *typed = veil_import_cell(import, MAX_LOAD);
	g_autofree char *text = NULL;
	gint64 load;

	*out = -1;
	if (veil_import_cell_state(typed) != CELL_TEXT)
		return TRUE;
	text = veil_text_fold_id("id", typed);
	if (g_ascii_string_to_signed(text, 10, 0, 10000, &load, NULL)) {
		*out = (gint32)load;
		return TRUE;
	}
	veil_import_reject(import, "max_load", "is no whole number from 0 to 10000");
	return FALSE;
}

static gboolean
check_label(Import *import, int column, const char **out)
{
	const char *typed = veil_import_cell(import, column);
	g_autofree char *text = NULL;

	*out = NULL;
	if (veil_import_cell_state(typed) != CELL_TEXT)
		return TRUE;
	text = veil_text_nfc(typed);
	if (strlen(text) > 96) {
		veil_import_reject(import, columns[column], "is longer than 96 bytes: it stands in the clear as a coarse attribute, so it must be one");
		return FALSE;
	}
	*out = g_intern_string(text);
	return TRUE;
}

static gboolean
check_word(Import *import, int column, const char *const *words, int n, const char *allowed, int *out)
{
	const char *typed = veil_import_cell(import, column);

	*out = -1;
	if (veil_import_cell_state(typed) != CELL_TEXT)
		return TRUE;
	*out = veil_import_word(typed, words, n);
	if (*out < 0)
		veil_import_reject(import, columns[column], "is unknown; write %s", allowed);
	return *out >= 0;
}

static gboolean
check_row(Import *import, Checked *out)
{
	VeilInterval birth;
	gboolean has_birth;

	if (!check_load(import, &out->max_load) || !check_label(import, PROVINCE, &out->province) || !check_label(import, RANK, &out->rank) ||
	    !check_word(import, KIND, kind_words, G_N_ELEMENTS(kind_words), "technical, finance, management or industry", &out->kind) ||
	    !check_word(import, STATUS, status_words, VEIL_N_STATUSES, "active, suspended, retired or removed", &out->status) ||
	    !veil_import_interval(import, CONFIRMED_ON, "confirmed_on", &out->confirmed, &out->has_confirmed) ||
	    !veil_import_interval(import, BIRTH, "birth", &birth, &has_birth))
		return FALSE;
	out->shares = NULL;
	return veil_import_cell_state(veil_import_cell(import, DISCIPLINES)) != CELL_TEXT ||
	       veil_import_read_disciplines(import, veil_import_cell(import, DISCIPLINES), &out->shares);
}

static gboolean
check_id(Import *import)
{
	const char *id = veil_import_cell(import, ID);

	if (veil_import_cell_state(id) != CELL_TEXT)
		return veil_import_reject(import, "id", "is empty"), FALSE;
	if (veil_text_is_ruined_id(id))
		return veil_import_reject(import, "id", "is an id that a spreadsheet has ruined; export the column as text"), FALSE;
	if (veil_text_is_ruined_id(veil_import_cell(import, ID_NUMBER)))
		return veil_import_reject(import, "id_number", "is a number that a spreadsheet has ruined; export the column as text"), FALSE;
	if (veil_text_is_ruined_id(veil_import_cell(import, PHONE)))
		return veil_import_reject(import, "phone", "is a number that a spreadsheet has ruined; export the column as text"), FALSE;
	return TRUE;
}

/* --- who else is this ---------------------------------------------------------------------------------------------- */

static gboolean
bears_name(const Import *import, guint32 entry, const VeilToken *names, guint n_names)
{
	for (guint i = 0; i < n_names; i++)
		for (guint32 link = veil_import_token_first(import, VEIL_TOKEN_NAME, &names[i]); link != VEIL_NONE;
		     link = g_array_index(import->tokens[VEIL_TOKEN_NAME].links, TokenLink, link).next)
			if (g_array_index(import->tokens[VEIL_TOKEN_NAME].links, TokenLink, link).entry == entry)
				return TRUE;
	return FALSE;
}

/* All entries of the one person become entries of the other. A new entry is alone in its person: a whole second source that agrees with the
 * first must not cost a search of the pool for each of its rows. */
static void
join_persons(Import *import, guint32 entry, guint32 other)
{
	VeilId from = veil_import_entry(import, entry)->row.person, to = veil_import_entry(import, other)->row.person;

	if (veil_id_equal(&from, &to))
		return;
	veil_import_entry(import, other)->shares = TRUE;
	if (veil_import_entry(import, entry)->is_new && !veil_import_entry(import, entry)->shares) {
		veil_import_entry(import, entry)->row.person = to;
		veil_import_entry(import, entry)->shares = TRUE;
		from = to; /* nobody else is left to move */
	}
	for (guint i = 0; i < import->entries->len && !veil_id_equal(&from, &to); i++) {
		EntryState *state = veil_import_entry(import, i);

		if (veil_id_equal(&state->row.person, &from)) {
			state->row.person = to;
			state->dirty = TRUE;
		}
	}
	veil_import_warn(import, "rows agree with another entry in id number, ORCID, or phone or e-mail and name: one person");
}

static void
match_token(Import *import, guint32 entry, VeilTokenKind kind, const VeilToken *token, const VeilToken *names, guint n_names)
{
	gboolean needs_name = kind == VEIL_TOKEN_PHONE || kind == VEIL_TOKEN_EMAIL, apart = FALSE;
	int seen = 0; /* a number that hundreds bear is a switchboard or a filler */

	for (guint32 link = veil_import_token_first(import, kind, token); link != VEIL_NONE && seen++ < 500;
	     link = g_array_index(import->tokens[kind].links, TokenLink, link).next) {
		guint32 other = g_array_index(import->tokens[kind].links, TokenLink, link).entry;

		if (other == entry)
			continue;
		if (!needs_name || bears_name(import, other, names, n_names))
			join_persons(import, entry, other);
		else
			apart = TRUE;
	}
	if (apart)
		veil_import_warn(import, "rows share a phone or e-mail with an entry of another name and are kept apart");
}

/* Names first: phone and e-mail are only believed together with one. */
static void
take_names(Import *import, guint32 entry, GArray *names)
{
	g_auto(GStrv) variants = veil_text_split_list(veil_import_cell(import, VARIANTS));
	VeilToken token;

	if (veil_import_token(import, VEIL_TOKEN_NAME, veil_import_cell(import, NAME), &token))
		g_array_append_val(names, token);
	for (guint i = 0; variants[i] != NULL; i++)
		if (veil_import_token(import, VEIL_TOKEN_NAME, variants[i], &token))
			g_array_append_val(names, token);
	for (guint i = 0; i < names->len; i++)
		veil_import_stage_token(import, entry, VEIL_TOKEN_NAME, &g_array_index(names, VeilToken, i));
}

static void
take_tokens(Import *import, guint32 entry, gboolean is_new, const gboolean *changed)
{
	static const struct {
		int column;
		VeilTokenKind kind;
	} map[] = {{ID_NUMBER, VEIL_TOKEN_ID_NUMBER}, {ORCID, VEIL_TOKEN_ORCID}, {PHONE, VEIL_TOKEN_PHONE}, {EMAIL, VEIL_TOKEN_EMAIL}};
	g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(VeilToken));

	if (changed[NAME] || changed[VARIANTS]) {
		/* A column that this row leaves empty keeps its tokens: without opening the cell they cannot be told apart, and an old name
		 * that is still found does less harm than a present one that is not. */
		if (!is_new && changed[NAME] && (changed[VARIANTS] || veil_import_cell_state(veil_import_cell(import, VARIANTS)) != CELL_EMPTY))
			veil_import_drop_tokens(import, entry, VEIL_TOKEN_NAME);
		take_names(import, entry, names);
	}
	for (guint i = 0; i < G_N_ELEMENTS(map); i++) {
		VeilToken token;

		if (!changed[map[i].column])
			continue;
		if (!is_new)
			veil_import_drop_tokens(import, entry, map[i].kind);
		if (!veil_import_token(import, map[i].kind, veil_import_cell(import, map[i].column), &token))
			continue;
		match_token(import, entry, map[i].kind, &token, (VeilToken *)names->data, names->len);
		veil_import_stage_token(import, entry, map[i].kind, &token);
	}
}

/* --- what changes -------------------------------------------------------------------------------------------------- */

static void
take_employer(Import *import, guint32 entry, const gboolean *changed)
{
	const char *code = veil_import_cell(import, ORGANISATION_CODE), *name = veil_import_cell(import, ORGANISATION);
	EntryState *state = veil_import_entry(import, entry);
	guint32 org;

	if (!changed[ORGANISATION] && !changed[ORGANISATION_CODE])
		return;
	org = veil_import_org(import, code, name);
	if (org == VEIL_NONE && veil_import_cell_state(name) == CELL_EMPTY)
		return; /* only the code was cleared: the name, which we keep, has spoken already */
	state->row.has_employer = org != VEIL_NONE;
	if (org != VEIL_NONE)
		state->row.employer = *veil_import_org_id(import, org);
	state->dirty = TRUE;
}

static void
take_avoids(Import *import, guint32 entry, const gboolean *changed)
{
	StagedAvoids staged = {veil_import_entry(import, entry)->row.id, NULL};
	const char *typed = veil_import_cell(import, AVOID);

	if (!changed[AVOID])
		return;
	staged.orgs = g_array_new(FALSE, FALSE, sizeof(VeilId));
	if (veil_import_cell_state(typed) == CELL_TEXT) {
		g_auto(GStrv) pieces = veil_text_split_list(typed);

		for (guint i = 0; pieces[i] != NULL; i++) {
			guint32 org = veil_import_org(import, pieces[i], pieces[i]);

			if (org != VEIL_NONE)
				g_array_append_vals(staged.orgs, veil_import_org_id(import, org), 1);
		}
	}
	g_array_append_val(import->staged_avoids, staged);
}

static void
set_text(Import *import, EntryState *state, int column, const char *value, const char **field)
{
	if (veil_import_cell_state(veil_import_cell(import, column)) == CELL_EMPTY || g_strcmp0(*field, value) == 0)
		return;
	*field = value;
	state->dirty = TRUE;
	veil_import_changes(import, columns[column]);
}

static void
set_number(Import *import, EntryState *state, int column, gint32 value, gint32 *field)
{
	if (veil_import_cell_state(veil_import_cell(import, column)) == CELL_EMPTY || *field == value)
		return;
	*field = value;
	state->dirty = TRUE;
	veil_import_changes(import, columns[column]);
}

/* The name is sealed; what panel rules need is whether two are the same. */
static void
take_city(Import *import, EntryState *state)
{
	const char *typed = veil_import_cell(import, CITY);
	VeilToken token = {{0}};
	gboolean has = veil_import_cell_state(typed) == CELL_TEXT;

	if (veil_import_cell_state(typed) == CELL_EMPTY)
		return;
	if (has)
		veil_city_token(import->keys, typed, token.b);
	if (state->row.has_city == has && memcmp(&state->row.city, &token, sizeof token) == 0)
		return;
	state->row.has_city = has;
	state->row.city = token;
	state->dirty = TRUE;
	veil_import_changes(import, columns[CITY]);
}

static void
take_plain(Import *import, guint32 entry, const Checked *checked)
{
	EntryState *state = veil_import_entry(import, entry);
	gint32 status = (gint32)state->row.status;

	set_text(import, state, PROVINCE, checked->province, &state->row.province);
	take_city(import, state);
	set_text(import, state, RANK, checked->rank, &state->row.rank);
	set_text(import, state, KIND, checked->kind >= 0 ? kinds[checked->kind] : NULL, &state->row.kind);
	set_number(import, state, MAX_LOAD, checked->max_load, &state->row.max_load);
	set_number(import, state, CONFIRMED_ON, checked->has_confirmed ? checked->confirmed.since : VEIL_DAY_MIN, &state->row.confirmed_on);
	set_number(import, state, STATUS, checked->status >= 0 ? checked->status : VEIL_STATUS_ACTIVE, &status);
	state->row.status = (VeilStatus)status;
	if (state->dirty)
		state->row.source = import->source;
}

static void
take_features(Import *import, const VeilId *owner, const gboolean *changed, Checked *checked)
{
	if (import->options->dry_run)
		return;
	for (int c = KEYWORDS; c <= PROFILE; c++)
		if (changed[c])
			veil_terms_add(import->terms, owner, columns[c],
				       veil_import_cell_state(veil_import_cell(import, c)) == CELL_TEXT ? veil_import_cell(import, c) : "");
	if (changed[DISCIPLINES])
		veil_import_stage_disciplines(import, owner, checked->shares ? g_steal_pointer(&checked->shares)
									     : g_array_new(FALSE, TRUE, sizeof(VeilDisciplineShare)));
}

static gboolean
take_row(Import *import, guint32 entry, Checked *checked, GError **error)
{
	Experts *experts = import->state[VEIL_KIND_EXPERTS];
	EntryState *state = veil_import_entry(import, entry);
	gboolean changed[N_COLUMNS] = {FALSE}, joins = !state->row.in_pool, fresh = state->is_new;
	VeilId owner = state->row.id;

	g_array_set_size(experts->known, 0);
	if (!fresh && !veil_import_known_cells(import, &owner, experts->known, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(sealed_columns); i++) {
		int c = sealed_columns[i];

		changed[c] = veil_import_put_cell(import, &owner, experts->known, columns[c], veil_import_cell(import, c));
		if (changed[c])
			veil_import_changes(import, columns[c]);
	}
	state->row.in_pool = TRUE;
	state->dirty = state->dirty || joins;
	take_tokens(import, entry, fresh, changed);
	take_employer(import, entry, changed);
	take_avoids(import, entry, changed);
	take_plain(import, entry, checked);
	take_features(import, &owner, changed, checked);
	veil_import_decide(import, joins ? ROW_NEW : import->columns->len > 0 ? ROW_CHANGED : ROW_UNCHANGED);
	return TRUE;
}

/* A second row of one id in one delivery: the same again is harmless, anything else is for a person to sort out. */
static void
take_repeat(Import *import, const EntryState *state, guint64 hash)
{
	g_autofree char *place = veil_import_place(import, state->file, state->line);

	if (state->row_hash == hash)
		veil_import_decide(import, ROW_DUPLICATE);
	else
		veil_import_reject(import, "id", "stands in %s with other content", place);
}

static gboolean
row(Import *import, GError **error)
{
	guint64 hash = veil_import_row_hash(import);
	CellState name = veil_import_cell_state(veil_import_cell(import, NAME));
	Checked checked = {.shares = NULL};
	gboolean is_new, ok = TRUE;
	EntryState *state;
	guint32 entry;

	if (!check_id(import))
		return TRUE;
	entry = veil_import_find_person(import, veil_import_cell(import, ID));
	if (entry != VEIL_NONE && veil_import_entry(import, entry)->file > 0) {
		take_repeat(import, veil_import_entry(import, entry), hash);
		return TRUE;
	}
	if (name == CELL_CLEAR || (name == CELL_EMPTY && (entry == VEIL_NONE || !veil_import_entry(import, entry)->row.in_pool)))
		return veil_import_reject(import, "name", "is empty: the row names nobody");
	if (check_row(import, &checked)) {
		entry = veil_import_person(import, "id", veil_import_cell(import, ID), &is_new);
		if (entry != VEIL_NONE) {
			state = veil_import_entry(import, entry);
			state->file = import->file, state->line = import->row->line, state->row_hash = hash;
			ok = take_row(import, entry, &checked, error);
		}
	}
	if (checked.shares != NULL)
		g_array_unref(checked.shares);
	return ok;
}

const KindOps veil_import_experts = {.begin = begin, .row = row, .clear = clear};
