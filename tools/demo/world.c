/* world.c - makes and frees the world; chance among its members. */
#include "demo.h"

guint
demo_random_member(DemoRng *rng, const DemoOrg *org)
{
	return org->members->len == 0 ? DEMO_NONE : g_array_index(org->members, guint, demo_below(rng, org->members->len));
}

static guint
leaf_position(const DemoWorld *world, guint leaf)
{
	for (guint i = 0; i < world->leaves->len; i++)
		if (g_array_index(world->leaves, guint, i) == leaf)
			return i;
	g_assert_not_reached();
}

guint
demo_random_peer(const DemoWorld *world, DemoRng *rng, guint leaf)
{
	const GArray *peers = world->by_leaf[leaf_position(world, leaf)];

	return peers->len == 0 ? DEMO_NONE : g_array_index(peers, guint, demo_below(rng, peers->len));
}

guint
demo_random_outsider(const DemoWorld *world, DemoRng *rng)
{
	return world->n_experts + demo_below(rng, world->persons->len - world->n_experts);
}

guint
demo_random_org(const DemoWorld *world, DemoRng *rng)
{
	return demo_below(rng, world->orgs->len);
}

gboolean
demo_name_is_unique(const DemoWorld *world, const char *name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(world->names, name)) == 1;
}

static void
clear_person(gpointer item)
{
	DemoPerson *person = item;

	g_free(person->name);
	g_free(person->pinyin);
}

static void
clear_work(gpointer item)
{
	g_free(((DemoWork *)item)->title);
}

static void
clear_project(gpointer item)
{
	DemoProject *project = item;

	g_free(project->title);
	g_free(project->abstract);
	g_free(project->keywords);
}

static GArray *
array_of(gsize size, GDestroyNotify clear)
{
	GArray *array = g_array_new(FALSE, FALSE, (guint)size);

	if (clear != NULL)
		g_array_set_clear_func(array, clear);
	return array;
}

DemoWorld *
demo_world_new(guint64 seed, guint n_experts, guint n_projects)
{
	DemoWorld *world = g_new0(DemoWorld, 1);

	world->seed = seed;
	world->n_experts = n_experts;
	world->n_projects = n_projects;
	world->orgs = array_of(sizeof(DemoOrg), NULL);
	world->persons = array_of(sizeof(DemoPerson), clear_person);
	world->posts = array_of(sizeof(DemoPost), NULL);
	world->authorships = array_of(sizeof(DemoAuthorship), NULL);
	world->works = array_of(sizeof(DemoWork), clear_work);
	world->relations = array_of(sizeof(DemoRelation), NULL);
	world->bans = array_of(sizeof(DemoBan), NULL);
	world->projects = array_of(sizeof(DemoProject), clear_project);
	world->plants = array_of(sizeof(DemoPlant), NULL);
	world->leaves = array_of(sizeof(guint), NULL);
	world->names = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < demo_n_fields; i++)
		if (demo_fields[i].terms != NULL)
			g_array_append_val(world->leaves, i);
	world->by_leaf = g_new0(GArray *, world->leaves->len);
	for (guint i = 0; i < world->leaves->len; i++)
		world->by_leaf[i] = array_of(sizeof(guint), NULL);
	demo_make_orgs(world);
	demo_make_persons(world);
	demo_make_facts(world);
	demo_make_projects(world);
	demo_plant(world);
	return world;
}

void
demo_world_free(DemoWorld *world)
{
	for (guint i = 0; i < world->leaves->len; i++)
		g_array_unref(world->by_leaf[i]);
	g_free(world->by_leaf);
	g_hash_table_unref(world->names);
	g_array_unref(world->orgs);
	g_array_unref(world->persons);
	g_array_unref(world->posts);
	g_array_unref(world->authorships);
	g_array_unref(world->works);
	g_array_unref(world->relations);
	g_array_unref(world->bans);
	g_array_unref(world->projects);
	g_array_unref(world->plants);
	g_array_unref(world->leaves);
	g_free(world);
}
