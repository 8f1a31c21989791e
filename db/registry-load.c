/* registry-load.c - the facts of a batch, from rows to dense arrays.
 *
 * One scan of each table in the order of its key. Random ids become indexes through open-addressing tables. Entries fold
 * into persons, adopted organisation texts into the organisation that adopted them, name-only rows of people into every expert of that
 * name and employer: these three are resolved here and not when imported, so that the order of imports makes no difference.
 */
#include "registry-load.h"

#include <string.h>

/* --- organisations ------------------------------------------------------------------------------------------------- */

static gboolean
collect_org(const VeilOrgRow *row, gpointer data, GError **error)
{
	(void)error;
	g_array_append_vals(data, row, 1); /* its texts are not used */
	return TRUE;
}

/* What cannot be understood excludes nobody if it is passed over; so it is not. (A value written by hand, by a newer version, by a disk that fails.) */
static gboolean
damaged(const char *table, const char *what, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "registry.db: a row of %s %s: a conflict might be lost; put the registry back from a copy", table, what);
	return FALSE;
}

static gboolean
check_when(VeilInterval when, const char *table, GError **error)
{
	return when.since <= when.until || damaged(table, "ends before it begins", error);
}

/* The organisation that a text stands for; a chain of adoptions is short, a ring would be a damaged file. */
static guint32
canonical(GArray *rows, const VeilIdMap *place, guint32 i)
{
	for (int steps = 0; steps < 64; steps++) {
		const VeilOrgRow *row = &g_array_index(rows, VeilOrgRow, i);
		guint32 next = row->adopted ? veil_id_map_get(place, &row->same_as) : VEIL_NONE;

		if (next == VEIL_NONE)
			return i;
		i = next;
	}
	return i;
}

static gboolean
load_orgs(Load *load, GError **error)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(VeilOrgRow));
	g_autofree guint32 *index = NULL;
	VeilIdMap place;

	if (!veil_registry_each_org(load->registry, collect_org, rows, error))
		return FALSE;
	veil_id_map_init(&place, rows->len);
	for (guint i = 0; i < rows->len; i++)
		veil_id_map_put(&place, &g_array_index(rows, VeilOrgRow, i).id, i);
	index = g_new(guint32, rows->len + 1);
	for (guint i = 0, n = 0; i < rows->len; i++)
		index[i] = canonical(rows, &place, i) == i ? n++ : VEIL_NONE;
	veil_id_map_init(&load->org, rows->len);
	for (guint i = 0; i < rows->len; i++) {
		const VeilOrgRow *row = &g_array_index(rows, VeilOrgRow, i);

		veil_id_map_put(&load->org, &row->id, index[canonical(rows, &place, i)]);
	}
	for (guint i = 0; i < rows->len; i++) {
		const VeilOrgRow *row = &g_array_index(rows, VeilOrgRow, i);
		VeilOrg org = {row->id, row->has_parent ? veil_id_map_get(&load->org, &row->parent) : VEIL_NONE};

		if (index[i] == VEIL_NONE)
			continue;
		if (org.parent == index[i])
			org.parent = VEIL_NONE;
		g_array_append_val(load->facts->orgs, org);
	}
	veil_id_map_clear(&place);
	return TRUE;
}

/* --- persons ------------------------------------------------------------------------------------------------------- */

typedef struct {
	VeilId id, person, employer;
	gint64 key;
	gint32 max_load;
	guint32 province, rank, kind, city; /* city: of load->facts->cities */
	guint8 in_pool, active, has_employer;
} Entry;

typedef struct {
	GArray *entries; /* Entry */
	GHashTable *labels;
	GPtrArray *texts;
	VeilIdMap city;
	GArray *cities;
} EntryScan;

static guint32
label_of(EntryScan *scan, const char *text)
{
	gpointer found;

	if (text == NULL || *text == '\0')
		return VEIL_NONE;
	if (!g_hash_table_lookup_extended(scan->labels, text, NULL, &found)) {
		char *copy = g_strdup(text);

		found = GUINT_TO_POINTER(scan->texts->len);
		g_ptr_array_add(scan->texts, copy);
		g_hash_table_insert(scan->labels, copy, found);
	}
	return GPOINTER_TO_UINT(found);
}

static guint32
city_of(EntryScan *scan, const VeilEntry *row)
{
	VeilId city;
	guint32 n;

	if (!row->has_city)
		return VEIL_NONE;
	memcpy(city.b, row->city.b, sizeof city.b);
	n = veil_id_map_get(&scan->city, &city);
	if (n == VEIL_NONE) {
		n = scan->cities->len;
		g_array_append_val(scan->cities, city);
		veil_id_map_put(&scan->city, &city, n);
	}
	return n;
}

static gboolean
collect_entry(const VeilEntry *row, gpointer data, GError **error)
{
	EntryScan *scan = data;
	Entry entry = {
		.id = row->id, .person = row->person, .employer = row->employer, .key = row->key, .max_load = row->max_load,
		.province = label_of(scan, row->province), .rank = label_of(scan, row->rank), .kind = label_of(scan, row->kind),
		.city = city_of(scan, row),
		.in_pool = row->in_pool, .active = row->status == VEIL_STATUS_ACTIVE, .has_employer = row->has_employer,
	};

	if (row->max_load < -1)
		return damaged("entry", "has a load that is none", error);
	g_array_append_val(scan->entries, entry);
	return TRUE;
}

static int
compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(VeilId));
}

/* Of several entries the pool's count: inactive or a smaller load in any of them stands, attributes are those of the entry that was made last. */
static void
fold_entry(VeilPerson *person, gint64 *attribute_key, const Entry *entry)
{
	if (!entry->in_pool)
		return;
	person->active = (!person->in_pool || person->active) && entry->active;
	person->in_pool = TRUE;
	if (entry->max_load >= 0 && (person->max_load < 0 || entry->max_load < person->max_load))
		person->max_load = entry->max_load;
	if (entry->key >= *attribute_key) {
		*attribute_key = entry->key;
		person->province = entry->province != VEIL_NONE ? entry->province : person->province;
		person->rank = entry->rank != VEIL_NONE ? entry->rank : person->rank;
		person->kind = entry->kind != VEIL_NONE ? entry->kind : person->kind;
		person->city = entry->city != VEIL_NONE ? entry->city : person->city;
	}
}

static gboolean
add_persons(Load *load, GArray *entries, GError **error)
{
	gboolean whole = TRUE;
	g_autofree VeilId *ids = g_new(VeilId, entries->len + 1);
	VeilIdMap persons;

	for (guint i = 0; i < entries->len; i++)
		ids[i] = g_array_index(entries, Entry, i).person;
	qsort(ids, entries->len, sizeof *ids, compare_ids);
	veil_id_map_init(&persons, entries->len);
	veil_id_map_init(&load->entry_person, entries->len);
	for (guint i = 0; i < entries->len; i++) {
		VeilPerson person = {.id = ids[i], .max_load = -1, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE, .city = VEIL_NONE};

		if (i > 0 && veil_id_equal(&ids[i], &ids[i - 1]))
			continue;
		veil_id_map_put(&persons, &ids[i], load->facts->persons->len);
		g_array_append_val(load->facts->persons, person);
	}
	load->attribute_key = g_new0(gint64, load->facts->persons->len + 1);
	for (guint i = 0; i < entries->len; i++) {
		const Entry *entry = &g_array_index(entries, Entry, i);
		guint32 p = veil_id_map_get(&persons, &entry->person);
		guint32 org = entry->has_employer ? veil_id_map_get(&load->org, &entry->employer) : VEIL_NONE;

		veil_id_map_put(&load->entry_person, &entry->id, p);
		fold_entry(veil_facts_at(load->facts->persons, VeilPerson, p), &load->attribute_key[p], entry);
		whole = whole && (org != VEIL_NONE || !entry->has_employer);
		if (org != VEIL_NONE) {
			VeilPost post = {p, org, VEIL_POST_EMPLOYER, {VEIL_DAY_MIN, VEIL_DAY_MAX}};

			g_array_append_val(load->facts->posts, post);
		}
	}
	veil_id_map_clear(&persons);
	return whole || damaged("entry", "has an employer that is not there", error);
}

static gboolean
load_persons(Load *load, GError **error)
{
	EntryScan scan = {g_array_new(FALSE, FALSE, sizeof(Entry)), g_hash_table_new(g_str_hash, g_str_equal), load->facts->labels,
			  .cities = load->facts->cities};
	gboolean ok;

	veil_id_map_init(&scan.city, 512);
	ok = veil_registry_each_entry(load->registry, collect_entry, &scan, error);
	veil_id_map_clear(&scan.city);

	ok = ok && add_persons(load, scan.entries, error);
	g_array_unref(scan.entries);
	g_hash_table_unref(scan.labels);
	return ok;
}

/* --- facts of persons ---------------------------------------------------------------------------------------------- */

static gboolean
add_post(const VeilPostRow *row, gpointer data, GError **error)
{
	Load *load = data;
	VeilPost post = {veil_id_map_get(&load->entry_person, &row->entry), veil_id_map_get(&load->org, &row->org),
			 row->kind, row->when};

	if (post.person == VEIL_NONE || post.org == VEIL_NONE)
		return damaged("post", "names somebody or an organisation that is not there", error);
	g_array_append_val(load->facts->posts, post);
	return check_when(row->when, "post", error);
}

static gboolean
add_avoid(const VeilId *entry, const VeilId *org, gpointer data, GError **error)
{
	Load *load = data;
	VeilAvoid avoid = {veil_id_map_get(&load->entry_person, entry), veil_id_map_get(&load->org, org)};

	if (avoid.person == VEIL_NONE || avoid.org == VEIL_NONE)
		return damaged("avoid", "names somebody or an organisation that is not there", error);
	g_array_append_val(load->facts->avoids, avoid);
	return TRUE;
}

static gboolean
add_relation(const VeilRelationRow *row, gpointer data, GError **error)
{
	Load *load = data;
	VeilRelation relation = {row->kind, veil_id_map_get(&load->entry_person, &row->a),
				 veil_id_map_get(&load->entry_person, &row->b), row->when};

	if (relation.a == VEIL_NONE || relation.b == VEIL_NONE)
		return damaged("relation", "names somebody who is not there", error);
	if (relation.a != relation.b) /* of two who turned out to be one person */
		g_array_append_val(load->facts->relations, relation);
	return check_when(row->when, "relation", error);
}

static gboolean
add_ban(const VeilBanRow *row, gpointer data, GError **error)
{
	Load *load = data;
	VeilBan ban = {veil_id_map_get(&load->entry_person, &row->entry), row->when};

	if (ban.person == VEIL_NONE)
		return damaged("ban", "names somebody who is not there", error);
	g_array_append_val(load->facts->bans, ban);
	return check_when(row->when, "ban", error);
}

typedef struct {
	Load *load;
	VeilId work;
	guint run; /* where the rows of this work begin */
} AuthorshipScan;

/* Rows of a work come together. Two entries of one person in one work are one authorship over the hull of their days. */
static gboolean
add_authorship(const VeilAuthorshipRow *row, gpointer data, GError **error)
{
	AuthorshipScan *scan = data;
	VeilFacts *facts = scan->load->facts;
	VeilAuthorship authorship = {0, veil_id_map_get(&scan->load->entry_person, &row->entry), row->when};

	if (authorship.person == VEIL_NONE)
		return damaged("authorship", "names somebody who is not there", error);
	if (!check_when(row->when, "authorship", error))
		return FALSE;
	if (facts->n_works == 0 || !veil_id_equal(&scan->work, &row->work)) {
		scan->work = row->work;
		scan->run = facts->authorships->len;
		veil_id_map_put(&scan->load->work, &row->work, facts->n_works++);
	}
	authorship.work = facts->n_works - 1;
	for (guint i = scan->run; i < facts->authorships->len; i++) {
		VeilAuthorship *other = veil_facts_at(facts->authorships, VeilAuthorship, i);

		if (other->person == authorship.person) {
			other->when.since = MIN(other->when.since, authorship.when.since);
			other->when.until = MAX(other->when.until, authorship.when.until);
			return TRUE;
		}
	}
	g_array_append_val(facts->authorships, authorship);
	return TRUE;
}

/* --- projects ------------------------------------------------------------------------------------------------------ */

/* Projects bear few different labels: a walk is enough. */
static guint32
project_label(Load *load, const char *text)
{
	GPtrArray *labels = load->facts->labels;

	if (text == NULL)
		return VEIL_NONE;
	for (guint i = 0; i < labels->len; i++)
		if (strcmp(g_ptr_array_index(labels, i), text) == 0)
			return i;
	g_ptr_array_add(labels, g_strdup(text));
	return labels->len - 1;
}

static gboolean
add_project(const VeilProjectRow *row, gpointer data, GError **error)
{
	Load *load = data;
	VeilProject project = {.id = row->id, .province = project_label(load, row->province), .demand = -1,
			       .project_class = project_label(load, row->project_class), .has_team = row->has_team};

	(void)error;
	memcpy(project.team.b, row->team.b, sizeof project.team.b);
	veil_id_map_put(&load->project, &row->id, load->facts->projects->len);
	g_array_append_val(load->facts->projects, project);
	return TRUE;
}

static guint32
column_index(VeilStmt *stmt, int column, const VeilIdMap *map)
{
	VeilId id;

	return veil_stmt_id(stmt, column, &id) ? veil_id_map_get(map, &id) : VEIL_NONE;
}

static gboolean
load_project_orgs(Load *load, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(load->registry, VEIL_SQL_EACH_PROJECT_ORG, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		VeilProjectOrg row = {column_index(stmt, 0, &load->project), column_index(stmt, 1, &load->org),
				      (VeilOrgRole)veil_stmt_int(stmt, 2)};

		if (row.project == VEIL_NONE) /* of another batch */
			continue;
		if (row.org == VEIL_NONE) {
			veil_stmt_reset(stmt);
			return damaged("project_org", "names an organisation that is not there", error);
		}
		g_array_append_val(load->facts->project_orgs, row);
	}
	return got == 0;
}

static gboolean
load_project_people(Load *load, GArray *named, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(load->registry, VEIL_SQL_EACH_PROJECT_PERSON, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		VeilProjectPerson row = {column_index(stmt, 0, &load->project), column_index(stmt, 1, &load->entry_person),
					 (VeilPersonRole)veil_stmt_int(stmt, 2), column_index(stmt, 3, &load->org)};

		if (row.project == VEIL_NONE)
			continue;
		if (row.person == VEIL_NONE) {
			veil_stmt_reset(stmt);
			return damaged("project_person", "names somebody who is not there", error);
		}
		if (veil_stmt_int(stmt, 4)) {
			NamedRow n = {.project = row.project, .org = row.org, .role = row.role};

			veil_stmt_id(stmt, 1, &n.stub);
			g_array_append_val(named, n);
		} else {
			g_array_append_val(load->facts->project_people, row);
		}
	}
	return got == 0;
}

static gboolean
load_project_excludes(Load *load, GArray *named, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(load->registry, VEIL_SQL_EACH_PROJECT_EXCLUDE, error);
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		VeilProjectExclude row = {column_index(stmt, 0, &load->project), column_index(stmt, 1, &load->entry_person)};

		if (row.project == VEIL_NONE)
			continue;
		if (row.person == VEIL_NONE) {
			veil_stmt_reset(stmt);
			return damaged("project_exclude", "names somebody who is not there", error);
		}
		if (veil_stmt_int(stmt, 3)) {
			NamedRow n = {.project = row.project, .org = column_index(stmt, 2, &load->org), .exclude = TRUE};

			veil_stmt_id(stmt, 1, &n.stub);
			g_array_append_val(named, n);
		} else {
			g_array_append_val(load->facts->project_excludes, row);
		}
	}
	return got == 0;
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

static int
compare_project_people(const void *a, const void *b)
{
	const VeilProjectPerson *x = a, *y = b;

	if (x->project != y->project)
		return x->project < y->project ? -1 : 1;
	if (x->person != y->person)
		return x->person < y->person ? -1 : 1;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return x->org < y->org ? -1 : x->org > y->org;
}

/* Entries that became one person give one row, unless they name different employers. */
static void
join_project_people(VeilFacts *facts)
{
	GArray *rows = facts->project_people;
	guint n = 0;

	g_array_sort(rows, compare_project_people);
	for (guint i = 0; i < rows->len; i++) {
		const VeilProjectPerson *row = veil_facts_at(rows, VeilProjectPerson, i);
		const VeilProjectPerson *last = n > 0 ? veil_facts_at(rows, VeilProjectPerson, n - 1) : NULL;

		if (last != NULL && last->project == row->project && last->person == row->person && last->org == row->org)
			continue;
		*veil_facts_at(rows, VeilProjectPerson, n++) = *row;
	}
	g_array_set_size(rows, n);
}

static gboolean
load_facts(Load *load, GError **error)
{
	g_autoptr(GArray) named = g_array_new(FALSE, TRUE, sizeof(NamedRow));
	AuthorshipScan scan = {.load = load};

	veil_id_map_init(&load->project, 4096);
	veil_id_map_init(&load->work, 4096);
	if (!load_orgs(load, error) || !load_persons(load, error) ||
	    !veil_registry_each_post(load->registry, add_post, load, error) ||
	    !veil_registry_each_avoid(load->registry, add_avoid, load, error) ||
	    !veil_registry_each_relation(load->registry, add_relation, load, error) ||
	    !veil_registry_each_ban(load->registry, add_ban, load, error) ||
	    !veil_registry_each_authorship(load->registry, add_authorship, &scan, error) ||
	    !veil_registry_each_project(load->registry, load->batch, add_project, load, error) ||
	    !load_project_orgs(load, error) || !load_project_people(load, named, error) ||
	    !load_project_excludes(load, named, error) || !veil_registry__resolve_names(load, named, error))
		return FALSE;
	join_project_people(load->facts);
	return veil_facts_finish(load->facts, error);
}

gboolean
veil_registry_load(VeilRegistry *registry, const char *batch, VeilFacts **out_facts, VeilFeatures **out_features, GError **error)
{
	g_autoptr(VeilFacts) facts = veil_facts_new();
	Load load = {.registry = registry, .batch = batch, .facts = facts};
	gboolean ok = load_facts(&load, error) && (out_features == NULL || veil_registry__load_features(&load, out_features, error));

	if (ok)
		*out_facts = g_steal_pointer(&facts);
	veil_id_map_clear(&load.entry_person);
	veil_id_map_clear(&load.org);
	veil_id_map_clear(&load.project);
	veil_id_map_clear(&load.work);
	g_free(load.attribute_key);
	return ok;
}
