/* facts.c - building, ordering and checking the facts of a batch.
 *
 * Both sources (registry, audit file) append rows in any order; veil_facts_finish brings them into one, so that verdicts and
 * the indexes in reasons depend on the facts alone. Sorting is total: rows that compare equal are equal.
 */
#include <string.h>

#include <veil/facts.h>

VeilFacts *
veil_facts_new(void)
{
	VeilFacts *facts = g_new0(VeilFacts, 1);

	facts->persons = g_array_new(FALSE, FALSE, sizeof(VeilPerson));
	facts->orgs = g_array_new(FALSE, FALSE, sizeof(VeilOrg));
	facts->posts = g_array_new(FALSE, FALSE, sizeof(VeilPost));
	facts->authorships = g_array_new(FALSE, FALSE, sizeof(VeilAuthorship));
	facts->relations = g_array_new(FALSE, FALSE, sizeof(VeilRelation));
	facts->bans = g_array_new(FALSE, FALSE, sizeof(VeilBan));
	facts->avoids = g_array_new(FALSE, FALSE, sizeof(VeilAvoid));
	facts->projects = g_array_new(FALSE, FALSE, sizeof(VeilProject));
	facts->project_people = g_array_new(FALSE, FALSE, sizeof(VeilProjectPerson));
	facts->project_orgs = g_array_new(FALSE, FALSE, sizeof(VeilProjectOrg));
	facts->project_excludes = g_array_new(FALSE, FALSE, sizeof(VeilProjectExclude));
	facts->labels = g_ptr_array_new_with_free_func(g_free);
	facts->cities = g_array_new(FALSE, FALSE, sizeof(VeilId));
	return facts;
}

void
veil_facts_free(VeilFacts *facts)
{
	if (!facts)
		return;
	g_array_unref(facts->persons);
	g_array_unref(facts->orgs);
	g_array_unref(facts->posts);
	g_array_unref(facts->authorships);
	g_array_unref(facts->relations);
	g_array_unref(facts->bans);
	g_array_unref(facts->avoids);
	g_array_unref(facts->projects);
	g_array_unref(facts->project_people);
	g_array_unref(facts->project_orgs);
	g_array_unref(facts->project_excludes);
	g_ptr_array_unref(facts->labels);
	g_array_unref(facts->cities);
	g_free(facts);
}

#define BY(x, y)                                                                                                                  \
	do {                                                                                                                      \
		if ((x) != (y))                                                                                                   \
			return (x) < (y) ? -1 : 1;                                                                                \
	} while (0)

static gint
by_person_post(gconstpointer pa, gconstpointer pb)
{
	const VeilPost *a = pa, *b = pb;

	BY(a->person, b->person);
	BY(a->org, b->org);
	BY(a->kind, b->kind);
	BY(a->when.since, b->when.since);
	BY(a->when.until, b->when.until);
	return 0;
}

static gint
by_work(gconstpointer pa, gconstpointer pb)
{
	const VeilAuthorship *a = pa, *b = pb;

	BY(a->work, b->work);
	BY(a->person, b->person);
	BY(a->when.since, b->when.since);
	BY(a->when.until, b->when.until);
	return 0;
}

static gint
by_relation(gconstpointer pa, gconstpointer pb)
{
	const VeilRelation *a = pa, *b = pb;

	BY(a->kind, b->kind);
	BY(a->a, b->a);
	BY(a->b, b->b);
	BY(a->when.since, b->when.since);
	BY(a->when.until, b->when.until);
	return 0;
}

static gint
by_ban(gconstpointer pa, gconstpointer pb)
{
	const VeilBan *a = pa, *b = pb;

	BY(a->person, b->person);
	BY(a->when.since, b->when.since);
	BY(a->when.until, b->when.until);
	return 0;
}

static gint
by_avoid(gconstpointer pa, gconstpointer pb)
{
	const VeilAvoid *a = pa, *b = pb;

	BY(a->person, b->person);
	BY(a->org, b->org);
	return 0;
}

static gint
by_project_person(gconstpointer pa, gconstpointer pb)
{
	const VeilProjectPerson *a = pa, *b = pb;

	BY(a->project, b->project);
	BY(a->person, b->person);
	BY(a->role, b->role);
	BY(a->org, b->org);
	return 0;
}

static gint
by_project_org(gconstpointer pa, gconstpointer pb)
{
	const VeilProjectOrg *a = pa, *b = pb;

	BY(a->project, b->project);
	BY(a->org, b->org);
	BY(a->role, b->role);
	return 0;
}

static gint
by_project_exclude(gconstpointer pa, gconstpointer pb)
{
	const VeilProjectExclude *a = pa, *b = pb;

	BY(a->project, b->project);
	BY(a->person, b->person);
	return 0;
}

/* Rows mostly arrive in order already; then sorting is one pass. */
static void
sort(GArray *array, GCompareFunc compare)
{
	guint size = g_array_get_element_size(array);

	for (guint i = 1; i < array->len; i++) {
		if (compare(array->data + (gsize)(i - 1) * size, array->data + (gsize)i * size) > 0) {
			g_array_sort(array, compare);
			return;
		}
	}
}

static gboolean
complain(GError **error, const char *array, guint row, const char *what)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "facts: row %u of %s names %s that does not exist, rebuild the file they come from",
		    row, array, what);
	return FALSE;
}

#define CHECK(array, Type, name, holds, what)                                                                                     \
	for (guint i = 0; i < (array)->len; i++) {                                                                                \
		const Type *row = &g_array_index((array), Type, i);                                                               \
		if (!(holds))                                                                                                     \
			return complain(error, name, i, what);                                                                    \
	}

static gboolean
check(const VeilFacts *f, GError **error)
{
	guint n_persons = f->persons->len, n_orgs = f->orgs->len, n_projects = f->projects->len, n_labels = f->labels->len;

#define LABEL(x) ((x) == VEIL_NONE || (x) < n_labels)
	CHECK(f->persons, VeilPerson, "persons", LABEL(row->province) && LABEL(row->rank) && LABEL(row->kind), "a label");
	CHECK(f->projects, VeilProject, "projects", LABEL(row->province) && LABEL(row->project_class), "a label");
#undef LABEL
	CHECK(f->orgs, VeilOrg, "orgs", row->parent == VEIL_NONE || row->parent < n_orgs, "a parent");
	CHECK(f->posts, VeilPost, "posts", row->person < n_persons && row->org < n_orgs, "a person or organisation");
	CHECK(f->posts, VeilPost, "posts", (guint)row->kind < VEIL_N_POSTS, "a kind");
	CHECK(f->authorships, VeilAuthorship, "authorships", row->person < n_persons && row->work < f->n_works, "a person or work");
	CHECK(f->relations, VeilRelation, "relations", row->a < n_persons && row->b < n_persons, "a person");
	CHECK(f->relations, VeilRelation, "relations", (guint)row->kind < VEIL_N_RELATIONS, "a kind");
	CHECK(f->bans, VeilBan, "bans", row->person < n_persons, "a person");
	CHECK(f->avoids, VeilAvoid, "avoids", row->person < n_persons && row->org < n_orgs, "a person or organisation");
	CHECK(f->project_people, VeilProjectPerson, "project_people",
	      row->project < n_projects && row->person < n_persons && (row->org == VEIL_NONE || row->org < n_orgs),
	      "a project, person or organisation");
	CHECK(f->project_orgs, VeilProjectOrg, "project_orgs", row->project < n_projects && row->org < n_orgs, "a project or organisation");
	CHECK(f->project_excludes, VeilProjectExclude, "project_excludes", row->project < n_projects && row->person < n_persons,
	      "a project or person");
	return TRUE;
}

gboolean
veil_facts_finish(VeilFacts *facts, GError **error)
{
	if (!check(facts, error))
		return FALSE;
	sort(facts->posts, by_person_post);
	sort(facts->authorships, by_work);
	sort(facts->relations, by_relation);
	sort(facts->bans, by_ban);
	sort(facts->avoids, by_avoid);
	sort(facts->project_people, by_project_person);
	sort(facts->project_orgs, by_project_org);
	sort(facts->project_excludes, by_project_exclude);
	return TRUE;
}

static void
add_first_offset(GArray *offsets)
{
	guint64 zero = 0;

	g_array_append_val(offsets, zero);
}

VeilFeatures *
veil_features_new(void)
{
	VeilFeatures *f = g_new0(VeilFeatures, 1);
	GArray **offsets[] = {&f->person_offset, &f->project_offset, &f->person_disc_offset, &f->project_disc_offset};

	for (gsize i = 0; i < G_N_ELEMENTS(offsets); i++) {
		*offsets[i] = g_array_new(FALSE, FALSE, sizeof(guint64));
		add_first_offset(*offsets[i]);
	}
	f->person_terms = g_array_new(FALSE, FALSE, sizeof(VeilTermCount));
	f->project_terms = g_array_new(FALSE, FALSE, sizeof(VeilTermCount));
	f->person_disc = g_array_new(FALSE, FALSE, sizeof(VeilDisciplineWeight));
	f->project_disc = g_array_new(FALSE, FALSE, sizeof(VeilDisciplineWeight));
	f->discipline_parent = g_array_new(FALSE, FALSE, sizeof(guint32));
	return f;
}

void
veil_features_free(VeilFeatures *f)
{
	if (!f)
		return;
	g_array_unref(f->person_offset);
	g_array_unref(f->person_terms);
	g_array_unref(f->project_offset);
	g_array_unref(f->project_terms);
	g_array_unref(f->person_disc_offset);
	g_array_unref(f->person_disc);
	g_array_unref(f->project_disc_offset);
	g_array_unref(f->project_disc);
	g_array_unref(f->discipline_parent);
	g_free(f);
}
