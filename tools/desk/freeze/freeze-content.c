/* freeze-content.c - opens the texts of a batch's projects, and the names the registry knows, to look for the ones in the others.
 *
 * Handed over is only where a text names somebody or something behind this very project, or (a longer name) somebody behind another project of the batch: who applies is known to the
 * requester. A name that only the pool knows is counted for the registrar and not handed over: a requester could write names into a text to see which of them are experts.
 */
#include "freeze/freeze-content.h"

#include <string.h>

#include <veil/idmap.h>
#include <veil/text.h>

#include "import/import-private.h"

/* Chinese names of two characters are often words: of people behind other projects only longer ones are handed over. */
#define LONG_NAME 3

struct VeilFrozenTexts {
	guint n_projects;
	GPtrArray **texts; /* of char*: where, text, where, text, ... */
	VeilLeakTerms *terms; /* tag: index of person or organisation in the facts x 2, + 1 for a long name */
};

typedef struct {
	VeilFrozenTexts *out;
	VeilRegistry *registry;
	const VeilKeys *keys;
	GHashTable *seal_keys;
	VeilIdMap owner; /* of a cell: person x 2, organisation x 2 + 1 */
	VeilIdMap persons, orgs;
	GArray *cells; /* Cell: read first, opened when the statement is done */
} Reading;

typedef struct {
	VeilId owner;
	const char *field; /* interned */
	gint64 key;
	guint8 *sealed;
	gsize len;
} Cell;

static void
cell_clear(gpointer data)
{
	g_free(((Cell *)data)->sealed);
}

VeilFrozenTexts *
veil_frozen_texts_new(guint n_projects)
{
	VeilFrozenTexts *texts = g_new0(VeilFrozenTexts, 1);

	texts->n_projects = n_projects;
	texts->texts = g_new(GPtrArray *, n_projects + 1);
	for (guint i = 0; i < n_projects; i++)
		texts->texts[i] = g_ptr_array_new_with_free_func(g_free);
	texts->terms = veil_leak_terms_new();
	return texts;
}

void
veil_frozen_texts_free(VeilFrozenTexts *texts)
{
	if (texts == NULL)
		return;
	for (guint i = 0; i < texts->n_projects; i++)
		g_ptr_array_unref(texts->texts[i]);
	g_free(texts->texts);
	veil_leak_terms_free(texts->terms);
	g_free(texts);
}

void
veil_frozen_texts_add(VeilFrozenTexts *texts, guint32 project, const char *where, const char *text)
{
	g_ptr_array_add(texts->texts[project], g_strdup(where));
	g_ptr_array_add(texts->texts[project], g_strdup(text));
}

void
veil_frozen_texts_name(VeilFrozenTexts *texts, VeilLeakKind kind, guint32 subject, const char *name)
{
	veil_leak_terms_add(texts->terms, kind, name, subject * 2 + (veil_leak_weight(name) >= LONG_NAME));
}

void
veil_frozen_texts_ready(VeilFrozenTexts *texts)
{
	veil_leak_terms_ready(texts->terms);
}

/* --- reading the registry ---------------------------------------------------------------------------------------- */

static gboolean
note_entry(const VeilEntry *entry, gpointer data, GError **error)
{
	Reading *r = data;
	guint32 person = veil_id_map_get(&r->persons, &entry->person);

	(void)error;
	if (person != VEIL_NONE)
		veil_id_map_put(&r->owner, &entry->id, person * 2);
	return TRUE;
}

static gboolean
note_org(const VeilOrgRow *org, gpointer data, GError **error)
{
	Reading *r = data;
	guint32 n = veil_id_map_get(&r->orgs, org->adopted ? &org->same_as : &org->id);

	(void)error;
	if (n != VEIL_NONE)
		veil_id_map_put(&r->owner, &org->id, n * 2 + 1);
	return TRUE;
}

static gboolean
keep_cell(const VeilCell *cell, gpointer data, GError **error)
{
	Reading *r = data;
	Cell kept = {cell->owner, g_intern_string(cell->field), cell->key, g_memdup2(cell->text.bytes, cell->text.len), cell->text.len};

	(void)error;
	g_array_append_val(r->cells, kept);
	return TRUE;
}

static char *
open_cell(Reading *r, const Cell *cell, GError **error)
{
	return veil_cell_open(r->registry, r->keys, r->seal_keys, cell->key, "cell", cell->field, &cell->owner, (VeilSealed){cell->sealed, cell->len}, error);
}

/* One field of everybody: a name, or a list of them. */
static gboolean
read_names(Reading *r, const char *field, GError **error)
{
	gboolean list = strcmp(field, "name") != 0;

	g_array_set_size(r->cells, 0);
	if (!veil_registry_each_cell_of(r->registry, field, keep_cell, r, error))
		return FALSE;
	for (guint i = 0; i < r->cells->len; i++) {
		const Cell *cell = &g_array_index(r->cells, Cell, i);
		guint32 owner = veil_id_map_get(&r->owner, &cell->owner);
		VeilLeakKind kind = owner % 2 ? VEIL_LEAK_ORGANISATION : VEIL_LEAK_PERSON;
		g_autofree char *text = owner != VEIL_NONE ? open_cell(r, cell, error) : NULL;
		g_auto(GStrv) pieces = text != NULL && list ? veil_text_split_list(text) : NULL;

		if (owner != VEIL_NONE && text == NULL)
			return FALSE;
		if (text != NULL && !list)
			veil_frozen_texts_name(r->out, kind, owner / 2, text);
		for (guint k = 0; pieces != NULL && pieces[k] != NULL; k++)
			veil_frozen_texts_name(r->out, kind, owner / 2, pieces[k]);
	}
	return TRUE;
}

/* "title" and so on as they are; "file.N" is text-N to the requester. NULL: not his. */
static char *
where_of(const char *field)
{
	static const char *const own[] = {"title", "abstract", "keywords", NULL};

	if (g_strv_contains(own, field))
		return g_strdup(field);
	return g_str_has_prefix(field, "file.") ? g_strdup_printf("text-%s", field + 5) : NULL;
}

/* Title, abstract, keywords, then attached texts by number. */
static int
compare_cells(const void *a, const void *b)
{
	static const char *const order[] = {"title", "abstract", "keywords"};
	const Cell *x = a, *y = b;
	guint i = 0, k = 0;

	while (i < G_N_ELEMENTS(order) && strcmp(order[i], x->field) != 0)
		i++;
	while (k < G_N_ELEMENTS(order) && strcmp(order[k], y->field) != 0)
		k++;
	if (i != k)
		return i < k ? -1 : 1;
	if (strlen(x->field) != strlen(y->field))
		return strlen(x->field) < strlen(y->field) ? -1 : 1;
	return strcmp(x->field, y->field);
}

static gboolean
read_project(Reading *r, guint32 project, const VeilId *id, GError **error)
{
	g_array_set_size(r->cells, 0);
	if (!veil_registry_each_cell(r->registry, id, keep_cell, r, error))
		return FALSE;
	g_array_sort(r->cells, compare_cells);
	for (guint i = 0; i < r->cells->len; i++) {
		const Cell *cell = &g_array_index(r->cells, Cell, i);
		g_autofree char *where = where_of(cell->field);
		g_autofree char *text = where ? open_cell(r, cell, error) : NULL;

		if (where == NULL)
			continue;
		if (text == NULL)
			return FALSE;
		veil_frozen_texts_add(r->out, project, where, text);
	}
	return TRUE;
}

static gboolean
read_all(Reading *r, const VeilFacts *facts, GError **error)
{
	static const char *const fields[] = {"name", "variants", "aliases"};

	for (guint32 i = 0; i < facts->persons->len; i++)
		veil_id_map_put(&r->persons, &veil_facts_at(facts->persons, VeilPerson, i)->id, i);
	for (guint32 i = 0; i < facts->orgs->len; i++)
		veil_id_map_put(&r->orgs, &veil_facts_at(facts->orgs, VeilOrg, i)->id, i);
	if (!veil_registry_each_entry(r->registry, note_entry, r, error) || !veil_registry_each_org(r->registry, note_org, r, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (!read_names(r, fields[i], error))
			return FALSE;
	for (guint32 i = 0; i < facts->projects->len; i++)
		if (!read_project(r, i, &veil_facts_at(facts->projects, VeilProject, i)->id, error))
			return FALSE;
	veil_frozen_texts_ready(r->out);
	return TRUE;
}

VeilFrozenTexts *
veil_frozen_texts_read(VeilRegistry *registry, const VeilKeys *keys, const VeilFacts *facts, GError **error)
{
	Reading r = {.registry = registry, .keys = keys, .out = veil_frozen_texts_new(facts->projects->len)};
	gboolean good;

	r.seal_keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)veil_seal_key_free);
	r.cells = g_array_new(FALSE, FALSE, sizeof(Cell));
	g_array_set_clear_func(r.cells, cell_clear);
	veil_id_map_init(&r.owner, facts->persons->len + facts->orgs->len);
	veil_id_map_init(&r.persons, facts->persons->len);
	veil_id_map_init(&r.orgs, facts->orgs->len);
	good = read_all(&r, facts, error);
	veil_id_map_clear(&r.owner);
	veil_id_map_clear(&r.persons);
	veil_id_map_clear(&r.orgs);
	g_array_unref(r.cells);
	g_hash_table_unref(r.seal_keys);
	if (!good)
		g_clear_pointer(&r.out, veil_frozen_texts_free);
	return r.out;
}

/* --- the content ------------------------------------------------------------------------------------------------- */

/* Who and what stands behind each project: pairs (project, subject), sorted. */
typedef struct {
	guint32 project, subject;
} Behind;

typedef struct {
	GArray *persons, *orgs; /* Behind */
	guint8 *any;		/* by person: behind a project of this batch */
	guint32 project;
	guint text;
	GArray *leaks;
	guint others;
} Judge;

static int
compare_behind(const void *a, const void *b)
{
	const Behind *x = a, *y = b;

	if (x->project != y->project)
		return x->project < y->project ? -1 : 1;
	return x->subject < y->subject ? -1 : x->subject > y->subject;
}

static gboolean
is_behind(GArray *pairs, guint32 project, guint32 subject)
{
	Behind wanted = {project, subject};

	return pairs->len > 0 && bsearch(&wanted, pairs->data, pairs->len, sizeof wanted, compare_behind) != NULL;
}

static void
add_behind(GArray *pairs, guint32 project, guint32 subject)
{
	Behind pair = {project, subject};

	if (subject != VEIL_NONE)
		g_array_append_val(pairs, pair);
}

/* Where a person works, whatever his row among the people says. */
static void
add_employers(Judge *j, const VeilFacts *facts, guint32 project, guint32 person)
{
	guint low = 0, high = facts->posts->len;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (veil_facts_at(facts->posts, VeilPost, middle)->person < person)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < facts->posts->len && veil_facts_at(facts->posts, VeilPost, low)->person == person; low++)
		if (veil_facts_at(facts->posts, VeilPost, low)->kind == VEIL_POST_EMPLOYER)
			add_behind(j->orgs, project, veil_facts_at(facts->posts, VeilPost, low)->org);
}

static void
judge_init(Judge *j, const VeilFacts *facts)
{
	j->persons = g_array_new(FALSE, FALSE, sizeof(Behind));
	j->orgs = g_array_new(FALSE, FALSE, sizeof(Behind));
	j->any = g_new0(guint8, facts->persons->len + 1);
	for (guint i = 0; i < facts->project_people->len; i++) {
		const VeilProjectPerson *row = veil_facts_at(facts->project_people, VeilProjectPerson, i);

		add_behind(j->persons, row->project, row->person);
		add_behind(j->orgs, row->project, row->org);
		add_employers(j, facts, row->project, row->person);
		j->any[row->person] = 1;
	}
	for (guint i = 0; i < facts->project_orgs->len; i++) {
		const VeilProjectOrg *row = veil_facts_at(facts->project_orgs, VeilProjectOrg, i);

		add_behind(j->orgs, row->project, row->org);
	}
	g_array_sort(j->persons, compare_behind);
	g_array_sort(j->orgs, compare_behind);
}

static void
judge(const VeilLeak *leak, gpointer data)
{
	Judge *j = data;
	guint32 subject = leak->tag / 2;
	gboolean is_long = leak->tag % 2, person = leak->kind == VEIL_LEAK_PERSON;
	VeilContentLeak found = {leak->kind, j->text, leak->line, leak->column};

	if (is_behind(person ? j->persons : j->orgs, j->project, subject) || (person && is_long && j->any[subject]))
		g_array_append_val(j->leaks, found);
	else
		j->others += is_long && person;
}

VeilContent *
veil_freeze_content(const VeilFrozenTexts *texts, const VeilFacts *facts, const VeilPlaces *places, const VeilBatchKey *key, const char *batch,
		    const char *freeze_id, guint *out_others)
{
	VeilContent *content = veil_content_new(batch, freeze_id);
	VeilCodePair pair;
	Judge j = {0};

	judge_init(&j, facts);
	for (guint32 r = 0; r < places->n_reviewers; r++) {
		guint32 person = places->reviewer_person[r];

		g_strlcpy(pair.drawer, places->reviewer_code[person], sizeof pair.drawer);
		veil_code(key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_EXPERT, &veil_facts_at(facts->persons, VeilPerson, person)->id, pair.expert);
		g_array_append_val(content->reviewers, pair);
	}
	for (guint32 p = 0; p < places->n_projects; p++) {
		VeilContentProject *project;

		j.project = places->project_fact[p];
		veil_code(key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_EXPERT, &veil_facts_at(facts->projects, VeilProject, j.project)->id, pair.expert);
		project = veil_content_add_project(content, places->project_code[j.project], pair.expert);
		j.leaks = project->leaks;
		for (guint i = 0; i + 1 < texts->texts[j.project]->len; i += 2) {
			j.text = i / 2;
			veil_content_add_text(project, g_ptr_array_index(texts->texts[j.project], i), g_ptr_array_index(texts->texts[j.project], i + 1));
			veil_leak_scan_terms(texts->terms, g_ptr_array_index(texts->texts[j.project], i + 1), judge, &j);
		}
		veil_content_sort_leaks(project->leaks);
	}
	*out_others = j.others;
	g_array_unref(j.persons);
	g_array_unref(j.orgs);
	g_free(j.any);
	return content;
}
