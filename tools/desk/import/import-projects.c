/* import-projects.c - the projects of a new batch and the people behind them.
 *
 * Both lists are one delivery: a batch is made whole or not at all. A person with an id is that person; one with a name only stands as a
 * stub here, and every expert of that name and employer is meant when the batch is frozen.
 */
#include <string.h>

#include <veil/text.h>

#include "import/intake.h"
#include "import/import-projects.h"

enum { ID, TITLE, ABSTRACT, KEYWORDS, DISCIPLINES, ORGANISATION, ORGANISATION_CODE, PARTNERS, PROVINCE, CLASS, TEAM, AMOUNT, EXCLUDE, FILES, N_COLUMNS };
static const char *const columns[N_COLUMNS] = {"id", "title", "abstract", "keywords", "disciplines", "organisation", "organisation_code",
					       "partners", "province", "class", "team", "amount", "exclude", "files"};
static const guint8 sealed_columns[] = {TITLE, ABSTRACT, KEYWORDS, DISCIPLINES, ORGANISATION, ORGANISATION_CODE, PARTNERS, TEAM, AMOUNT, EXCLUDE};

typedef struct {
	VeilProjectRow row;
	guint32 file;
	guint64 line, row_hash;
} Project;

typedef struct {
	guint32 project, org;
	VeilOrgRole role;
} ProjectOrg;

typedef struct {
	guint32 project, entry, org;
	VeilPersonRole role;
	gboolean by_name, exclude;
	guint32 file;
	guint64 line, row_hash;
} ProjectPerson;

typedef struct {
	const char *batch;
	char *domain;
	GArray *projects; /* Project */
	VeilIdMap by_token;
	GArray *orgs;	   /* ProjectOrg */
	GArray *people;	   /* ProjectPerson */
	GHashTable *behind; /* "project entry" or "project name org" -> place in people + 1 */
	guint64 n_people;
} Intake;

void
veil_import_intake_init(Import *import, const char *batch)
{
	Intake *intake = g_new0(Intake, 1);

	intake->batch = batch;
	intake->domain = g_strconcat("project/", import->source, NULL);
	intake->projects = g_array_new(FALSE, TRUE, sizeof(Project));
	intake->orgs = g_array_new(FALSE, TRUE, sizeof(ProjectOrg));
	intake->people = g_array_new(FALSE, TRUE, sizeof(ProjectPerson));
	intake->behind = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	veil_id_map_init(&intake->by_token, 1024);
	import->state[VEIL_KIND_PROJECTS] = intake;
}

void
veil_import_intake_clear(Import *import)
{
	Intake *intake = g_steal_pointer(&import->state[VEIL_KIND_PROJECTS]);

	if (intake == NULL)
		return;
	g_array_unref(intake->projects);
	g_array_unref(intake->orgs);
	g_array_unref(intake->people);
	g_hash_table_unref(intake->behind);
	veil_id_map_clear(&intake->by_token);
	g_free(intake->domain);
	g_free(intake);
}

/* The size of the largest team. */
static guint
largest_team(const Intake *intake)
{
	g_autoptr(GHashTable) sizes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint largest = 0;

	for (guint i = 0; i < intake->projects->len; i++) {
		const VeilProjectRow *row = &g_array_index(intake->projects, Project, i).row;
		char hex[33];
		guint size;

		if (!row->has_team)
			continue;
		veil_hex_encode(row->team.b, sizeof row->team.b, hex);
		size = GPOINTER_TO_UINT(g_hash_table_lookup(sizes, hex)) + 1;
		g_hash_table_insert(sizes, g_strdup(hex), GUINT_TO_POINTER(size));
		largest = MAX(largest, size);
	}
	return largest;
}

gboolean
veil_import_intake_check_teams(const Import *import, const VeilPolicy *policy, GError **error)
{
	guint most = (guint)(policy->team_size > 0 ? policy->team_size : policy->max_load);
	guint largest = policy->team_by == VEIL_TEAM_COLUMN ? largest_team(import->state[VEIL_KIND_PROJECTS]) : 0;

	if (largest <= most)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
		    "a team has %u projects and one panel may review %u at most; divide it, or raise [batch] max_load or [team] max_size", largest, most);
	return FALSE;
}

void
veil_import_intake_counts(const Import *import, guint64 *out_projects, guint64 *out_people)
{
	const Intake *intake = import->state[VEIL_KIND_PROJECTS];

	*out_projects = intake->projects->len;
	*out_people = intake->n_people;
}

static gboolean
begin(Import *import, GError **error)
{
	return veil_import_load_people(import, FALSE, error) && veil_import_load_orgs(import, error);
}

static gboolean
project_token(const Import *import, const Intake *intake, const char *typed, VeilToken *out)
{
	g_autofree char *folded = veil_text_fold_id("id", typed);

	if (*folded == '\0' || veil_import_cell_state(typed) != CELL_TEXT)
		return FALSE;
	veil_token(import->keys, intake->domain, folded, strlen(folded), out->b);
	return TRUE;
}

/* A person known by a name only: an entry of his own without an id. */
static guint32
named_stub(Import *import, const char *name)
{
	guint32 entry = veil_import_add_entry(import, NULL, NULL);
	VeilToken token;

	veil_import_put_cell(import, &veil_import_entry(import, entry)->row.id, NULL, "name", name);
	if (veil_import_token(import, VEIL_TOKEN_NAME, name, &token))
		veil_import_stage_token(import, entry, VEIL_TOKEN_NAME, &token);
	return entry;
}

/* --- projects ------------------------------------------------------------------------------------------------------ */

/* "name@organisation": splits in place and returns the organisation, or NULL for an id. */
static char *
split_at(char *text)
{
	char *at = strstr(text, "＠");
	gsize width = strlen("＠");

	if (at == NULL) {
		at = strchr(text, '@');
		width = 1;
	}
	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + width;
}

static gboolean
check_excludes(Import *import, char **pieces)
{
	for (guint i = 0; pieces[i] != NULL; i++) {
		g_autofree char *copy = g_strdup(pieces[i]);
		char *org = split_at(copy);
		VeilToken token;

		if (org == NULL && veil_text_is_ruined_id(copy)) {
			veil_import_reject(import, "exclude", "entry %u is an id that a spreadsheet has ruined; export the column as text", i + 1);
			return FALSE;
		}
		if (org != NULL && (!veil_import_token(import, VEIL_TOKEN_NAME, copy, &token) || veil_import_cell_state(org) != CELL_TEXT)) {
			veil_import_reject(import, "exclude", "entry %u lacks the name or the organisation around '@'", i + 1);
			return FALSE;
		}
	}
	return TRUE;
}

static void
take_excludes(Import *import, Intake *intake, guint32 project, char **pieces)
{
	for (guint i = 0; pieces[i] != NULL; i++) {
		g_autofree char *copy = g_strdup(pieces[i]);
		char *org = split_at(copy);
		ProjectPerson row = {.project = project, .org = VEIL_NONE, .exclude = TRUE, .by_name = org != NULL};
		gboolean is_new;

		row.entry = org ? named_stub(import, copy) : veil_import_person(import, "exclude", copy, &is_new);
		if (org != NULL)
			row.org = veil_import_org(import, "", org);
		if (row.entry != VEIL_NONE)
			g_array_append_val(intake->people, row);
	}
}

static void
take_orgs(Import *import, Intake *intake, guint32 project)
{
	g_auto(GStrv) partners = veil_text_split_list(veil_import_cell(import, PARTNERS));
	ProjectOrg row = {project, veil_import_org(import, veil_import_cell(import, ORGANISATION_CODE), veil_import_cell(import, ORGANISATION)),
			  VEIL_ORG_UNIT};

	if (row.org != VEIL_NONE)
		g_array_append_val(intake->orgs, row);
	row.role = VEIL_ORG_PARTNER;
	for (guint i = 0; partners[i] != NULL; i++) {
		row.org = veil_import_org(import, "", partners[i]);
		if (row.org != VEIL_NONE)
			g_array_append_val(intake->orgs, row);
	}
}

static void
take_texts(Import *import, const VeilId *id, const GPtrArray *files, GArray *shares)
{
	char field[24];

	for (guint i = 0; i < G_N_ELEMENTS(sealed_columns); i++)
		veil_import_put_cell(import, id, NULL, columns[sealed_columns[i]], veil_import_cell(import, sealed_columns[i]));
	for (int c = TITLE; c <= KEYWORDS; c++)
		if (veil_import_cell_state(veil_import_cell(import, c)) == CELL_TEXT)
			veil_terms_add(import->terms, id, columns[c], veil_import_cell(import, c));
	/* Under numbers: the name of a file may be a person's. */
	for (guint i = 0; i < files->len; i++) {
		g_snprintf(field, sizeof field, "file.%u", i + 1);
		veil_import_put_cell(import, id, NULL, g_intern_string(field), g_ptr_array_index(files, i));
	}
	if (shares != NULL)
		veil_import_stage_disciplines(import, id, shares);
}

/* A short label that stands in the clear. */
static gboolean
check_label(Import *import, int column, const char **out)
{
	const char *typed = veil_import_cell(import, column);
	g_autofree char *text = NULL;

	if (veil_import_cell_state(typed) != CELL_TEXT)
		return TRUE;
	text = veil_text_nfc(typed);
	g_strstrip(text);
	if (strlen(text) > 96)
		return veil_import_reject(import, columns[column], "is longer than 96 bytes: it stands in the clear as a label, so it must be one"), FALSE;
	*out = g_intern_string(text);
	return TRUE;
}

/* Of a team only which projects share it is kept: its name may be a person's. */
static void
take_team(Import *import, VeilProjectRow *row)
{
	const char *typed = veil_import_cell(import, TEAM);
	g_autofree char *folded = NULL;

	if (veil_import_cell_state(typed) != CELL_TEXT)
		return;
	folded = veil_text_fold_id("id", typed);
	veil_token(import->keys, "team", folded, strlen(folded), row->team.b);
	row->has_team = *folded != '\0';
}

static gboolean
check_project(Import *import, Intake *intake, VeilProjectRow *row, GArray **out_shares, char **excludes)
{
	const char *id = veil_import_cell(import, ID);

	if (!project_token(import, intake, id, &row->token))
		return veil_import_reject(import, "id", "is empty"), FALSE;
	if (veil_text_is_ruined_id(id))
		return veil_import_reject(import, "id", "is an id that a spreadsheet has ruined; export the column as text"), FALSE;
	if (veil_import_cell_state(veil_import_cell(import, TITLE)) != CELL_TEXT)
		return veil_import_reject(import, "title", "is empty"), FALSE;
	if (!check_label(import, PROVINCE, &row->province) || !check_label(import, CLASS, &row->project_class))
		return FALSE;
	take_team(import, row);
	if (!check_excludes(import, excludes))
		return FALSE;
	return veil_import_cell_state(veil_import_cell(import, DISCIPLINES)) != CELL_TEXT ||
	       veil_import_read_disciplines(import, veil_import_cell(import, DISCIPLINES), out_shares);
}

static gboolean
row_project(Import *import, GError **error)
{
	Intake *intake = import->state[VEIL_KIND_PROJECTS];
	Project project = {.file = import->file, .line = import->row->line, .row_hash = veil_import_row_hash(import)};
	g_auto(GStrv) excludes = veil_text_split_list(veil_import_cell(import, EXCLUDE));
	g_autoptr(GPtrArray) files = NULL;
	GArray *shares = NULL;
	guint32 n;

	(void)error;
	if (!project_token(import, intake, veil_import_cell(import, ID), &project.row.token))
		return veil_import_reject(import, "id", "is empty");
	n = veil_id_map_get(&intake->by_token, (const VeilId *)&project.row.token);
	if (n != VEIL_NONE) {
		const Project *first = &g_array_index(intake->projects, Project, n);
		g_autofree char *place = veil_import_place(import, first->file, first->line);

		if (first->row_hash != project.row_hash)
			return veil_import_reject(import, "id", "stands in %s with other content", place);
		veil_import_decide(import, ROW_DUPLICATE);
		return TRUE;
	}
	if ((files = veil_import_read_files(import, "files", veil_import_cell(import, FILES))) == NULL)
		return TRUE;
	if (!check_project(import, intake, &project.row, &shares, excludes))
		return TRUE;
	n = intake->projects->len;
	veil_import_new_id(import, &project.row.id);
	project.row.batch = intake->batch;
	project.row.source = import->source;
	project.row.key = import->key;
	project.row.sealed_id = veil_import_seal_id(import, "project", &project.row.id, veil_import_cell(import, ID));
	veil_id_map_put(&intake->by_token, (const VeilId *)&project.row.token, n);
	g_array_append_val(intake->projects, project);
	take_orgs(import, intake, n);
	take_excludes(import, intake, n, excludes);
	take_texts(import, &project.row.id, files, shares);
	veil_import_decide(import, ROW_NEW);
	return TRUE;
}

static int
compare_projects(const void *a, const void *b)
{
	return memcmp((*(Project *const *)a)->row.id.b, (*(Project *const *)b)->row.id.b, sizeof(VeilId));
}

static gboolean
write_projects(Import *import, GError **error)
{
	Intake *intake = import->state[VEIL_KIND_PROJECTS];
	g_autoptr(GPtrArray) order = g_ptr_array_new();

	for (guint i = 0; i < intake->projects->len; i++)
		g_ptr_array_add(order, &g_array_index(intake->projects, Project, i));
	g_ptr_array_sort(order, compare_projects);
	for (guint i = 0; i < order->len; i++)
		if (!veil_registry_put_project(import->registry, &((Project *)g_ptr_array_index(order, i))->row, error))
			return FALSE;
	for (guint i = 0; i < intake->orgs->len; i++) {
		const ProjectOrg *row = &g_array_index(intake->orgs, ProjectOrg, i);

		if (!veil_registry_put_project_org(import->registry, &g_array_index(intake->projects, Project, row->project).row.id,
						   veil_import_org_id(import, row->org), row->role, error))
			return FALSE;
	}
	return TRUE;
}

const KindOps veil_import_projects = {.begin = begin, .row = row_project, .write = write_projects};

/* --- people -------------------------------------------------------------------------------------------------------- */

enum { P_PROJECT, P_PERSON, P_NAME, P_ROLE, P_ORGANISATION, P_CODE };
static const char *const role_words[] = {"applicant|pi|leader|申请人|负责人|项目负责人|主持人|申报人|第一作者",
					 "participant|member|coauthor|参与人|参与者|参加人|参加者|成员|项目成员|合作者"};

/* The row before that put the same person behind the same project, or NULL. */
static const ProjectPerson *
find_behind(const Intake *intake, const char *key)
{
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(intake->behind, key));

	return n > 0 ? &g_array_index(intake->people, ProjectPerson, n - 1) : NULL;
}

static gboolean
take_repeat(Import *import, const ProjectPerson *first, guint64 hash)
{
	g_autofree char *place = veil_import_place(import, first->file, first->line);

	if (first->row_hash != hash)
		return veil_import_reject(import, "person", "stands behind this project in %s with other content", place);
	veil_import_decide(import, ROW_DUPLICATE);
	return TRUE;
}

/* A stub that this delivery made is given the name the row bears. */
static guint32
behind_by_id(Import *import, gboolean has_name)
{
	gboolean is_new;
	guint32 entry = veil_import_person(import, "person", veil_import_cell(import, P_PERSON), &is_new);
	VeilToken token;

	if (entry == VEIL_NONE || !is_new)
		return entry;
	veil_import_warn(import, "persons outside the pool were added as stubs");
	if (has_name) {
		veil_import_put_cell(import, &veil_import_entry(import, entry)->row.id, NULL, "name", veil_import_cell(import, P_NAME));
		if (veil_import_token(import, VEIL_TOKEN_NAME, veil_import_cell(import, P_NAME), &token))
			veil_import_stage_token(import, entry, VEIL_TOKEN_NAME, &token);
	}
	return entry;
}

/* One key per (project, person): by id, or by name and employer. */
static char *
behind_key(Import *import, guint32 project, guint32 entry, guint32 org)
{
	g_autofree char *folded = NULL;

	if (entry != VEIL_NONE)
		return g_strdup_printf("%u %u", project, entry);
	folded = veil_text_fold_name(veil_import_cell(import, P_NAME));
	return g_strdup_printf("%u/%u/%s", project, org, folded);
}

static gboolean
row_person(Import *import, GError **error)
{
	Intake *intake = import->state[VEIL_KIND_PROJECTS];
	gboolean by_id = veil_import_cell_state(veil_import_cell(import, P_PERSON)) == CELL_TEXT;
	ProjectPerson row = {.entry = VEIL_NONE, .role = VEIL_PERSON_PARTICIPANT, .by_name = !by_id, .file = import->file,
			     .line = import->row->line, .row_hash = veil_import_row_hash(import)};
	g_autofree char *key = NULL;
	const ProjectPerson *first;
	gboolean has_name;
	VeilToken token, name;
	int role;

	(void)error;
	if (!project_token(import, intake, veil_import_cell(import, P_PROJECT), &token))
		return veil_import_reject(import, "project", "is empty");
	row.project = veil_id_map_get(&intake->by_token, (const VeilId *)&token);
	if (row.project == VEIL_NONE)
		return veil_import_reject(import, "project", "is no project of this batch");
	has_name = veil_import_token(import, VEIL_TOKEN_NAME, veil_import_cell(import, P_NAME), &name);
	if (!by_id && !has_name)
		return veil_import_reject(import, "person", "the row names nobody: person and name are empty");
	if (veil_import_cell_state(veil_import_cell(import, P_ROLE)) == CELL_TEXT) {
		role = veil_import_word(veil_import_cell(import, P_ROLE), role_words, G_N_ELEMENTS(role_words));
		if (role < 0)
			return veil_import_reject(import, "role", "is unknown; write applicant or participant");
		row.role = (VeilPersonRole)role;
	}
	if (by_id && (row.entry = behind_by_id(import, has_name)) == VEIL_NONE)
		return TRUE;
	row.org = veil_import_org(import, veil_import_cell(import, P_CODE), veil_import_cell(import, P_ORGANISATION));
	key = behind_key(import, row.project, row.entry, row.org);
	if ((first = find_behind(intake, key)) != NULL)
		return take_repeat(import, first, row.row_hash);
	if (!by_id)
		row.entry = named_stub(import, veil_import_cell(import, P_NAME));
	g_array_append_val(intake->people, row);
	intake->n_people++;
	g_hash_table_insert(intake->behind, g_steal_pointer(&key), GUINT_TO_POINTER(intake->people->len));
	veil_import_decide(import, ROW_NEW);
	return TRUE;
}

static gboolean
write_people(Import *import, GError **error)
{
	Intake *intake = import->state[VEIL_KIND_PROJECTS];

	for (guint i = 0; i < intake->people->len; i++) {
		const ProjectPerson *row = &g_array_index(intake->people, ProjectPerson, i);
		const VeilId *project = &g_array_index(intake->projects, Project, row->project).row.id;
		const VeilId *entry = &veil_import_entry(import, row->entry)->row.id;
		const VeilId *org = row->org != VEIL_NONE ? veil_import_org_id(import, row->org) : NULL;

		if (!(row->exclude ? veil_registry_put_project_exclude(import->registry, project, entry, org, row->by_name, error)
				   : veil_registry_put_project_person(import->registry, project, entry, row->role, org, row->by_name, error)))
			return FALSE;
	}
	return TRUE;
}

const KindOps veil_import_people = {.begin = begin, .row = row_person, .write = write_people};
