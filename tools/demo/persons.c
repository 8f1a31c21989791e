/* persons.c - invented experts, and people outside the pool: students, applicants, co-authors. */
#include <string.h>

#include "demo.h"

static void
name_person(DemoRng *rng, DemoPerson *person, gboolean foreign)
{
	if (foreign) {
		person->name = g_strdup(demo_foreign[demo_below(rng, (guint32)demo_n_foreign)]);
		return;
	}
	const char *surname = demo_surnames[demo_below(rng, (guint32)demo_n_surnames)];
	const char *one = demo_given[demo_below(rng, (guint32)demo_n_given)];
	const char *two = demo_chance(rng, 70) ? demo_given[demo_below(rng, (guint32)demo_n_given)] : NULL;
	g_autofree char *a = demo_hanzi(surname), *b = demo_hanzi(one), *c = two ? demo_hanzi(two) : NULL;

	person->name = g_strconcat(a, b, c, NULL);
	person->pinyin = g_strdup_printf("%s %s%s", demo_pinyin(surname), demo_pinyin(one), two ? demo_pinyin(two) : "");
}

static guint
pick_weighted(DemoRng *rng, const guint64 *cumulative, guint n)
{
	guint64 x = demo_next(rng) % cumulative[n - 1];
	guint low = 0, high = n - 1;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (cumulative[middle] > x)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* technical, finance, management, industry: the order of lists.c */
static guint
kind_of(DemoRng *rng, const DemoOrg *org, guint leaf)
{
	if (g_str_has_prefix(demo_fields[leaf].code, "0902"))
		return 1;
	if (g_str_has_prefix(demo_fields[leaf].code, "09") || demo_chance(rng, 3))
		return 2;
	return org->kind == DEMO_COMPANY && demo_chance(rng, 70) ? 3 : 0;
}

static DemoPerson
make_person(DemoWorld *world, DemoRng *rng, const guint64 *cumulative)
{
	DemoPerson person = {.second_leaf = DEMO_NONE, .max_load = -1, .spelling = DEMO_SPELL_ANY};
	const DemoOrg *org;
	guint32 x;

	person.org = pick_weighted(rng, cumulative, world->orgs->len);
	org = demo_at(world->orgs, DemoOrg, person.org);
	name_person(rng, &person, demo_chance(rng, 1));
	person.leaf = org->leaves[demo_below(rng, org->n_leaves)];
	if (demo_chance(rng, 35))
		person.second_leaf = demo_chance(rng, 70) ? org->leaves[demo_below(rng, org->n_leaves)]
							   : g_array_index(world->leaves, guint, demo_below(rng, world->leaves->len));
	if (person.second_leaf == person.leaf)
		person.second_leaf = DEMO_NONE;
	x = demo_below(rng, 100);
	person.rank = x < 45 ? 0 : x < 90 ? 1 : 2;
	person.kind = kind_of(rng, org, person.leaf);
	return person;
}

static void
add_limits(DemoWorld *world, DemoRng *rng, DemoPerson *person)
{
	if (demo_chance(rng, 10))
		person->max_load = (int)demo_between(rng, 3, 8);
	else if (demo_below(rng, 400) == 0)
		person->max_load = 0; /* on leave */
	if (!demo_chance(rng, 5))
		return;
	person->n_avoid = demo_between(rng, 1, 2);
	for (guint i = 0; i < person->n_avoid; i++)
		person->avoid[i] = demo_random_org(world, rng);
}

void
demo_make_persons(DemoWorld *world)
{
	DemoRng rng = demo_rng(world->seed, "persons");
	g_autofree guint64 *cumulative = g_new(guint64, world->orgs->len);
	guint total = world->n_experts + MAX(12, world->n_experts / 6);
	guint64 sum = 0;

	for (guint i = 0; i < world->orgs->len; i++)
		cumulative[i] = sum += demo_at(world->orgs, DemoOrg, i)->weight;
	for (guint i = 0; i < total; i++) {
		DemoPerson person = make_person(world, &rng, cumulative);
		guint bearers;

		person.expert = i < world->n_experts;
		if (person.expert) {
			g_snprintf(person.id, sizeof person.id, "ZJ%06u", 10000 + i * 3 + demo_below(&rng, 3));
			person.quiet = i % 37 == 5;
			add_limits(world, &rng, &person);
			g_array_append_val(demo_at(world->orgs, DemoOrg, person.org)->members, i);
			for (guint k = 0; k < world->leaves->len; k++)
				if (g_array_index(world->leaves, guint, k) == person.leaf)
					g_array_append_val(world->by_leaf[k], i);
		} else {
			g_snprintf(person.id, sizeof person.id, "W%06u", 20000 + i * 2 + demo_below(&rng, 2));
		}
		g_array_append_val(world->persons, person);
		bearers = GPOINTER_TO_UINT(g_hash_table_lookup(world->names, person.name));
		g_hash_table_insert(world->names, person.name, GUINT_TO_POINTER(bearers + 1));
	}
}
