/* projects.c - projects and the people behind them, partly from the pool, partly outside it.
 *
 * A person outside the pool has one employer, which every row names; an expert's row names his own employer or nothing. What a registry makes
 * of people who claim two employers is its own affair and no matter for an answer key.
 */
#include <string.h>

#include "demo.h"

static gboolean
is_behind(const DemoProject *project, guint person)
{
	for (guint i = 0; i < project->n_people; i++)
		if (project->people[i].person == person)
			return TRUE;
	return FALSE;
}

static void
add_behind(DemoWorld *world, DemoRng *rng, DemoProject *project, guint person)
{
	const DemoPerson *p;
	DemoBehind *row;

	if (person == DEMO_NONE || project->n_people == G_N_ELEMENTS(project->people) || is_behind(project, person))
		return;
	p = demo_at(world->persons, DemoPerson, person);
	if (p->quiet)
		return;
	row = &project->people[project->n_people];
	*row = (DemoBehind){.person = person, .applicant = project->n_people == 0, .org = p->org};
	if (p->expert && demo_chance(rng, 40))
		row->org = DEMO_NONE;
	row->wide = demo_below(rng, 200) == 0;
	project->n_people++;
}

static void
add_people(DemoWorld *world, DemoRng *rng, DemoProject *project)
{
	guint wanted = demo_between(rng, 2, 6);

	for (guint attempt = 0; project->n_people < wanted && attempt < 20; attempt++) {
		guint32 x = demo_below(rng, 100);

		add_behind(world, rng, project,
			   x < 50   ? demo_random_member(rng, demo_at(world->orgs, DemoOrg, project->unit))
			   : x < 75 ? demo_random_peer(world, rng, project->leaf)
				    : demo_random_outsider(world, rng));
	}
}

static void
add_partners(DemoWorld *world, DemoRng *rng, DemoProject *project)
{
	guint wanted = demo_chance(rng, 45) ? demo_between(rng, 1, 2) : 0;

	for (guint i = 0; i < wanted; i++) {
		guint org = demo_chance(rng, 60) ? demo_at(world->persons, DemoPerson, project->people[demo_below(rng, project->n_people)].person)->org
						 : demo_random_org(world, rng);

		if (org != project->unit && (project->n_partners == 0 || project->partners[0] != org))
			project->partners[project->n_partners++] = org;
	}
}

static void
add_excludes(DemoWorld *world, DemoRng *rng, DemoProject *project)
{
	guint wanted = demo_chance(rng, 12) ? demo_between(rng, 1, 3) : 0;

	for (guint i = 0; i < wanted; i++) {
		guint person = demo_random_peer(world, rng, project->leaf);
		gboolean known = person == DEMO_NONE || is_behind(project, person);

		for (guint k = 0; k < project->n_exclude; k++)
			known = known || project->exclude[k] == person;
		if (known)
			continue;
		project->exclude_by_name[project->n_exclude] =
			demo_chance(rng, 30) && demo_name_is_unique(world, demo_at(world->persons, DemoPerson, person)->name);
		project->exclude[project->n_exclude++] = person;
	}
}

static guint
pick_applicant(DemoWorld *world, DemoRng *rng)
{
	guint person;

	do
		person = demo_chance(rng, 55) ? demo_below(rng, world->n_experts) : demo_random_outsider(world, rng);
	while (demo_at(world->persons, DemoPerson, person)->quiet);
	return person;
}

/* Outsiders who appear in no other list: named without an id. Their names are nobody else's. */
static void
add_unknown(DemoWorld *world, DemoRng *rng, DemoProject *project, const guint8 *seen)
{
	for (guint attempt = 0; attempt < 40; attempt++) {
		guint person = demo_random_outsider(world, rng), before = project->n_people;

		if (seen[person] || !demo_name_is_unique(world, demo_at(world->persons, DemoPerson, person)->name))
			continue;
		add_behind(world, rng, project, person);
		if (project->n_people > before)
			project->people[before].named_only = TRUE;
		return;
	}
}

static void
make_project(DemoWorld *world, DemoRng *rng, DemoProject *project, guint number)
{
	guint applicant = pick_applicant(world, rng);
	const DemoPerson *person = demo_at(world->persons, DemoPerson, applicant);

	g_snprintf(project->id, sizeof project->id, "XM2026%05u", 100 + number * 2 + demo_below(rng, 2));
	project->leaf = person->leaf;
	project->second_leaf = demo_chance(rng, 25) ? person->second_leaf : DEMO_NONE;
	project->unit = demo_chance(rng, 95) ? person->org : demo_random_org(world, rng);
	add_behind(world, rng, project, applicant);
	add_people(world, rng, project);
	add_partners(world, rng, project);
	add_excludes(world, rng, project);
	project->title = demo_title(rng, project->leaf);
	project->abstract = demo_abstract(rng, project->leaf);
	project->keywords = demo_keywords(rng, project->leaf, demo_between(rng, 3, 5));
	project->amount = demo_between(rng, 2, 60) * 5;
}

void
demo_make_projects(DemoWorld *world)
{
	DemoRng rng = demo_rng(world->seed, "projects"), chosen = demo_rng(world->seed, "unknown people");
	g_autofree guint8 *seen = g_new0(guint8, world->persons->len);

	for (guint i = 0; i < world->n_projects; i++) {
		DemoProject project = {.second_leaf = DEMO_NONE};

		make_project(world, &rng, &project, i);
		g_array_append_val(world->projects, project);
	}
	for (guint i = 0; i < world->posts->len; i++)
		seen[demo_at(world->posts, DemoPost, i)->person] = 1;
	for (guint i = 0; i < world->authorships->len; i++)
		seen[demo_at(world->authorships, DemoAuthorship, i)->person] = 1;
	for (guint i = 0; i < world->relations->len; i++) {
		seen[demo_at(world->relations, DemoRelation, i)->a] = 1;
		seen[demo_at(world->relations, DemoRelation, i)->b] = 1;
	}
	for (guint i = 0; i < world->n_projects; i++)
		for (guint k = 0; k < demo_at(world->projects, DemoProject, i)->n_people; k++)
			seen[demo_at(world->projects, DemoProject, i)->people[k].person] = 1;
	for (guint i = 0; i < world->n_projects; i += 7) {
		DemoProject *project = demo_at(world->projects, DemoProject, i);
		guint before = project->n_people;

		add_unknown(world, &chosen, project, seen);
		if (project->n_people > before)
			seen[project->people[before].person] = 1;
	}
}
