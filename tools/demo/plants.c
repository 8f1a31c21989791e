/* plants.c - conflicts put there on purpose, one trick each, and facts that look like one and are none.
 *
 * A plant only adds facts; what follows from them is computed in answer.c with everything else, which also refuses to write an
 * answer that misses a plant.
 */
#include <string.h>

#include "demo.h"

typedef struct {
	DemoWorld *world;
	DemoRng rng;
	guint8 *has_post;
	guint next; /* project */
} Planter;

static DemoProject *
next_project(Planter *planter, guint *out_index)
{
	planter->next = (planter->next + 13) % planter->world->n_projects;
	*out_index = planter->next;
	return demo_at(planter->world->projects, DemoProject, planter->next);
}

static void
note(Planter *planter, guint project, guint person, const char *rule, const char *how)
{
	DemoPlant plant = {.project = project, .person = person, .rule = rule, .how = how};

	g_array_append_val(planter->world->plants, plant);
}

static gboolean
is_behind(const DemoProject *project, guint person)
{
	for (guint i = 0; i < project->n_people; i++)
		if (project->people[i].person == person)
			return TRUE;
	return FALSE;
}

/* An expert without posts who works elsewhere in another field. */
static guint
stranger(Planter *planter, const DemoProject *project)
{
	for (;;) {
		guint person = demo_below(&planter->rng, planter->world->n_experts);
		const DemoPerson *p = demo_at(planter->world->persons, DemoPerson, person);

		if (!p->quiet && !planter->has_post[person] && p->org != project->unit && p->leaf != project->leaf && !is_behind(project, person))
			return person;
	}
}

static void
plant_work(Planter *planter, DemoDate his, DemoDate other, const char *rule, const char *how)
{
	guint index;
	const DemoProject *project = next_project(planter, &index);
	guint person = stranger(planter, project), persons[] = {project->people[0].person, person};
	DemoDate dates[] = {other, his};

	demo_add_work(planter->world, &planter->rng, project->leaf, persons, dates, 2);
	note(planter, index, person, rule, how);
}

static void
plant_post(Planter *planter, DemoPostKind kind, DemoDate since, DemoDate until, const char *rule, const char *how)
{
	guint index;
	const DemoProject *project = next_project(planter, &index);
	guint person = stranger(planter, project);

	demo_add_post(planter->world, person, project->unit, kind, since, until);
	planter->has_post[person] = 1;
	note(planter, index, person, rule, how);
}

static void
plant_advisor(Planter *planter, gboolean expert_teaches, DemoDate since, const char *how)
{
	guint index;
	const DemoProject *project = next_project(planter, &index);
	guint person = stranger(planter, project), other = project->people[project->n_people > 1 && !project->people[1].named_only].person;
	DemoRelation relation = {.kind = DEMO_ADVISOR, .a = expert_teaches ? person : other, .b = expert_teaches ? other : person,
				 .when = {since, demo_date_none()}};

	g_array_append_val(planter->world->relations, relation);
	note(planter, index, person, "C12", how);
}

static void
plant_exclude(Planter *planter, gboolean by_name, const char *how)
{
	guint index, person = DEMO_NONE;
	DemoProject *project = next_project(planter, &index);

	if (project->n_exclude == G_N_ELEMENTS(project->exclude))
		return;
	for (guint attempt = 0; attempt < 100; attempt++) {
		person = stranger(planter, project);
		if (!by_name || demo_name_is_unique(planter->world, demo_at(planter->world->persons, DemoPerson, person)->name))
			break;
		person = DEMO_NONE;
	}
	if (person == DEMO_NONE)
		return;
	project->exclude_by_name[project->n_exclude] = by_name;
	project->exclude[project->n_exclude++] = person;
	note(planter, index, person, "C18", how);
}

static void
plant_avoid(Planter *planter, const char *how)
{
	guint index;
	const DemoProject *project = next_project(planter, &index);
	DemoPerson *person;
	guint chosen = stranger(planter, project);

	person = demo_at(planter->world->persons, DemoPerson, chosen);
	if (person->n_avoid == G_N_ELEMENTS(person->avoid))
		return;
	person->avoid[person->n_avoid++] = project->unit;
	note(planter, index, chosen, "C19", how);
}

static void
plant_spelling(Planter *planter, DemoSpelling spelling, const char *how)
{
	for (guint attempt = 0; attempt < planter->world->n_projects; attempt++) {
		guint index;
		const DemoProject *project = next_project(planter, &index);
		const DemoOrg *unit = demo_at(planter->world->orgs, DemoOrg, project->unit);
		guint person = demo_random_member(&planter->rng, unit);
		g_autofree char *spelled = demo_spell_org_as(unit, spelling);

		if (person == DEMO_NONE || is_behind(project, person) || strcmp(spelled, unit->name) == 0)
			continue;
		if (demo_at(planter->world->persons, DemoPerson, person)->spelling != DEMO_SPELL_ANY)
			continue;
		demo_at(planter->world->persons, DemoPerson, person)->spelling = spelling;
		note(planter, index, person, "C04", how);
		return;
	}
}

static void
plant_wide_id(Planter *planter)
{
	guint index;
	DemoProject *project = next_project(planter, &index);

	for (guint i = 0; i < project->n_people; i++) {
		if (!demo_at(planter->world->persons, DemoPerson, project->people[i].person)->expert)
			continue;
		project->people[i].wide = TRUE;
		note(planter, index, project->people[i].person, "C01", "the row of people types the id in full-width digits");
		return;
	}
}

/* Somebody outside the pool holds a part-time post: its colleagues fall out. */
static void
plant_outsiders_post(Planter *planter)
{
	guint index;
	const DemoProject *project = next_project(planter, &index);

	for (guint i = 0; i < project->n_people; i++) {
		guint other = project->people[i].person, org = demo_random_org(planter->world, &planter->rng);
		guint person = demo_random_member(&planter->rng, demo_at(planter->world->orgs, DemoOrg, org));

		if (other < planter->world->n_experts || project->people[i].named_only || planter->has_post[other] || person == DEMO_NONE)
			continue;
		if (org == demo_at(planter->world->persons, DemoPerson, other)->org)
			continue;
		demo_add_post(planter->world, other, org, DEMO_ADJUNCT, demo_date_year(2022), demo_date_year(2027));
		planter->has_post[other] = 1;
		note(planter, index, person, "C04", "works where a participant from outside the pool has a part-time post");
		return;
	}
}

/* --- no conflicts ------------------------------------------------------------------------------------------------- */

static void
plant_homonym(Planter *planter)
{
	for (guint attempt = 0; attempt < 30; attempt++) {
		guint index;
		const DemoProject *project = next_project(planter, &index);
		guint other = project->people[0].person;
		const char *name = demo_at(planter->world->persons, DemoPerson, other)->name;

		if (demo_name_is_unique(planter->world, name))
			continue;
		for (guint i = 0; i < planter->world->n_experts; i++) {
			if (i == other || strcmp(demo_at(planter->world->persons, DemoPerson, i)->name, name) != 0 || is_behind(project, i))
				continue;
			note(planter, index, i, "", "bears the applicant's name and is somebody else");
			return;
		}
	}
}

static void
plant_other_legal_person(Planter *planter)
{
	for (guint attempt = 0; attempt < planter->world->n_projects; attempt++) {
		guint index, other, person;
		const DemoProject *project = next_project(planter, &index);
		const DemoOrg *unit = demo_at(planter->world->orgs, DemoOrg, project->unit);

		if (g_str_has_suffix(unit->name, "（东院）"))
			other = project->unit + 1;
		else if (g_str_has_suffix(unit->name, "（西院）"))
			other = project->unit - 1;
		else
			other = unit->parent;
		if (other == DEMO_NONE)
			continue;
		person = demo_random_member(&planter->rng, demo_at(planter->world->orgs, DemoOrg, other));
		if (person == DEMO_NONE)
			continue;
		note(planter, index, person, "", other == unit->parent ? "works at the university to which the unit's hospital is attached"
								       : "works at the other campus, another legal person");
		return;
	}
}

static void
plant_round(Planter *planter)
{
	DemoDate none = demo_date_none();

	plant_work(planter, demo_date_day(2023, 3, 1), demo_date_day(2023, 3, 1), "C13", "work on the first day of the window");
	plant_work(planter, demo_date_year(2023), demo_date_year(2023), "C13", "work of the year in which the window opens");
	plant_work(planter, demo_date_month(2026, 3), demo_date_month(2026, 3), "C13", "work of the month of the freeze");
	plant_work(planter, demo_date_year(2021), demo_date_day(2026, 5, 1), "C13", "the rows of one work disagree: it covers both dates");
	plant_work(planter, demo_date_day(2023, 2, 28), demo_date_day(2023, 2, 28), "", "work on the day before the window");
	plant_work(planter, demo_date_month(2023, 2), demo_date_month(2023, 2), "", "work of the month before the window");
	plant_work(planter, demo_date_day(2026, 3, 2), demo_date_day(2026, 3, 2), "", "work after the freeze");
	plant_post(planter, DEMO_EMPLOYEE, none, demo_date_day(2023, 3, 1), "C05", "left on the first day of the window");
	plant_post(planter, DEMO_EMPLOYEE, demo_date_year(2015), demo_date_year(2023), "C05", "left in the year in which the window opens");
	plant_post(planter, DEMO_EMPLOYEE, demo_date_year(2019), demo_date_day(2026, 2, 28), "C05", "left the day before the freeze");
	plant_post(planter, DEMO_EMPLOYEE, demo_date_year(2019), demo_date_day(2026, 3, 1), "C04", "leaves on the day of the freeze");
	plant_post(planter, DEMO_ADJUNCT, demo_date_year(2020), demo_date_year(2026), "C04", "part-time post until some day of this year");
	plant_post(planter, DEMO_ADJUNCT, none, none, "C04", "part-time post without dates");
	plant_post(planter, DEMO_EMPLOYEE, none, demo_date_day(2023, 2, 28), "", "left the day before the window");
	plant_post(planter, DEMO_EMPLOYEE, demo_date_day(2026, 3, 2), none, "", "begins the day after the freeze");
	plant_advisor(planter, TRUE, demo_date_year(1999), "taught somebody behind the project, long ago");
	plant_advisor(planter, FALSE, none, "was taught by somebody behind the project, no date");
	plant_exclude(planter, FALSE, "named by the applicant, by id");
	plant_exclude(planter, TRUE, "named by the applicant, by name and employer");
	plant_avoid(planter, "the expert's own list of units to avoid");
	plant_spelling(planter, DEMO_SPELL_ALIAS, "employer written by its alias");
	plant_spelling(planter, DEMO_SPELL_WIDE, "employer written in full-width letters");
	plant_spelling(planter, DEMO_SPELL_UPPER, "employer written in capitals");
	plant_spelling(planter, DEMO_SPELL_DECOMPOSED, "employer written with decomposed accents");
	plant_spelling(planter, DEMO_SPELL_PADDED, "employer written with blanks around it");
	plant_wide_id(planter);
	plant_outsiders_post(planter);
	plant_homonym(planter);
	plant_other_legal_person(planter);
}

void
demo_plant(DemoWorld *world)
{
	g_autofree guint8 *has_post = g_new0(guint8, world->persons->len);
	Planter planter = {.world = world, .rng = demo_rng(world->seed, "plants"), .has_post = has_post};

	for (guint i = 0; i < world->posts->len; i++)
		has_post[demo_at(world->posts, DemoPost, i)->person] = 1;
	for (guint round = 0; round < MAX(1, world->n_projects / 100); round++)
		plant_round(&planter);
}
