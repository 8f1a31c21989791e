/* answer.c - what a correct freeze as of 2026-03-01 must find, from the facts, by the plainest code that does it.
 *
 * C01, C04, C05, C12, C13, C18, C19 for every pair of a project and an expert (E04 is in banned.csv), with the definitions of
 * docs/design and none of the engine's code: closed intervals, coarse dates widened, unknown sides open. The project's side is everyone
 * behind it, its unit, its partners, the employers that its people's rows name and these people's current posts.
 */
#include <string.h>

#include "demo.h"

enum { C01 = 1, C04 = 2, C05 = 4, C12 = 8, C13 = 16, C18 = 32, C19 = 64 };

static const struct {
	guint bit;
	const char *name;
} rules[] = {{C01, "C01"}, {C04, "C04"}, {C05, "C05"}, {C12, "C12"}, {C13, "C13"}, {C18, "C18"}, {C19, "C19"}};

typedef struct {
	guint person, mask;
} Tie;

typedef struct {
	const DemoWorld *world;
	GArray **ties_of_org;	 /* Tie: what an expert has with an organisation */
	GArray **orgs_of_person; /* guint: current posts */
	GArray **ties_of_person; /* Tie: what an expert has with somebody */
	guint *mask;		 /* of every expert, for the project at hand */
	guint8 *org_seen;
} Answer;

static void
add_tie(GArray **lists, guint at, guint person, guint mask)
{
	Tie tie = {person, mask};

	if (lists[at] == NULL)
		lists[at] = g_array_new(FALSE, FALSE, sizeof(Tie));
	g_array_append_val(lists[at], tie);
}

static gboolean
covers_as_of(DemoSpan when)
{
	return when.since.low <= DEMO_AS_OF && DEMO_AS_OF <= when.until.high;
}

static void
read_posts(Answer *answer)
{
	const DemoWorld *world = answer->world;

	for (guint i = 0; i < world->n_experts; i++) {
		const DemoPerson *person = demo_at(world->persons, DemoPerson, i);

		add_tie(answer->ties_of_org, person->org, i, C04);
		for (guint k = 0; k < person->n_avoid; k++)
			add_tie(answer->ties_of_org, person->avoid[k], i, C19);
	}
	for (guint i = 0; i < world->posts->len; i++) {
		const DemoPost *post = demo_at(world->posts, DemoPost, i);
		gboolean now = covers_as_of(post->when);

		if (post->kind != DEMO_EMPLOYEE && post->kind != DEMO_ADJUNCT && post->kind != DEMO_HEAD)
			continue;
		if (now) {
			if (answer->orgs_of_person[post->person] == NULL)
				answer->orgs_of_person[post->person] = g_array_new(FALSE, FALSE, sizeof(guint));
			g_array_append_val(answer->orgs_of_person[post->person], post->org);
		}
		if (post->person >= world->n_experts)
			continue;
		if (now)
			add_tie(answer->ties_of_org, post->org, post->person, C04);
		else if (post->when.until.high >= DEMO_WINDOW && post->when.until.high < DEMO_AS_OF)
			add_tie(answer->ties_of_org, post->org, post->person, C05);
	}
}

static void
tie_persons(Answer *answer, guint a, guint b, guint mask)
{
	if (a < answer->world->n_experts)
		add_tie(answer->ties_of_person, b, a, mask);
	if (b < answer->world->n_experts)
		add_tie(answer->ties_of_person, a, b, mask);
}

static void
read_works_and_relations(Answer *answer)
{
	const DemoWorld *world = answer->world;

	for (guint k = 0; k < world->works->len; k++) {
		const DemoWork *work = demo_at(world->works, DemoWork, k);

		if (work->high < DEMO_WINDOW || work->low > DEMO_AS_OF)
			continue;
		for (guint i = 0; i < work->n; i++)
			for (guint j = 0; j < i; j++)
				tie_persons(answer, demo_at(world->authorships, DemoAuthorship, work->first + i)->person,
					    demo_at(world->authorships, DemoAuthorship, work->first + j)->person, C13);
	}
	for (guint i = 0; i < world->relations->len; i++) {
		const DemoRelation *relation = demo_at(world->relations, DemoRelation, i);

		if (relation->kind == DEMO_ADVISOR && relation->when.since.low <= DEMO_AS_OF)
			tie_persons(answer, relation->a, relation->b, C12);
		if (relation->kind == DEMO_COLLABORATOR && relation->when.since.low <= DEMO_AS_OF && relation->when.until.high >= DEMO_WINDOW)
			tie_persons(answer, relation->a, relation->b, C13);
	}
}

static void
mark(Answer *answer, const GArray *ties)
{
	for (guint i = 0; ties != NULL && i < ties->len; i++)
		answer->mask[demo_at(ties, Tie, i)->person] |= demo_at(ties, Tie, i)->mask;
}

static void
mark_org(Answer *answer, guint org)
{
	if (org == DEMO_NONE || answer->org_seen[org])
		return;
	answer->org_seen[org] = 1;
	mark(answer, answer->ties_of_org[org]);
}

static void
judge(Answer *answer, const DemoProject *project)
{
	const DemoWorld *world = answer->world;

	memset(answer->mask, 0, world->n_experts * sizeof(guint));
	memset(answer->org_seen, 0, world->orgs->len);
	mark_org(answer, project->unit);
	for (guint i = 0; i < project->n_partners; i++)
		mark_org(answer, project->partners[i]);
	for (guint i = 0; i < project->n_people; i++) {
		guint person = project->people[i].person;
		const GArray *posts = answer->orgs_of_person[person];

		mark_org(answer, project->people[i].org);
		if (person < world->n_experts)
			mark_org(answer, demo_at(world->persons, DemoPerson, person)->org);
		for (guint k = 0; posts != NULL && k < posts->len; k++)
			mark_org(answer, g_array_index(posts, guint, k));
		mark(answer, answer->ties_of_person[person]);
	}
	for (guint i = 0; i < project->n_exclude; i++)
		answer->mask[project->exclude[i]] |= C18;
	for (guint i = 0; i < project->n_people; i++) /* last: who is behind the project has C01 and no C13 */
		if (project->people[i].person < world->n_experts)
			answer->mask[project->people[i].person] = (answer->mask[project->people[i].person] | C01) & ~(guint)C13;
}

static void
append_rules(GString *text, guint mask)
{
	const char *separator = "";

	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
		if (!(mask & rules[i].bit))
			continue;
		g_string_append(text, separator);
		g_string_append(text, rules[i].name);
		separator = ";";
	}
}

/* A plant that the rest of the world has overtaken (the pair conflicts otherwise) is left out; one that failed is an error. */
static gboolean
check_plants(const Answer *answer, guint project, GString *planted, GError **error)
{
	const DemoWorld *world = answer->world;

	for (guint i = 0; i < world->plants->len; i++) {
		const DemoPlant *plant = demo_at(world->plants, DemoPlant, i);
		guint mask, wanted = 0;

		if (plant->project != project)
			continue;
		mask = answer->mask[plant->person];
		for (gsize k = 0; k < G_N_ELEMENTS(rules); k++)
			wanted |= strcmp(plant->rule, rules[k].name) == 0 ? rules[k].bit : 0;
		if (wanted == 0 && mask != 0)
			continue;
		if (wanted != 0 && !(mask & wanted)) {
			g_set_error(error, g_quark_from_static_string("veil-demo"), 1, "a planted conflict has come to nothing: %s, %s", plant->rule,
				    plant->how);
			return FALSE;
		}
		g_string_append_printf(planted, "%s,%s,%s,\"%s\"\n", demo_at(world->projects, DemoProject, project)->id,
				       demo_at(world->persons, DemoPerson, plant->person)->id, wanted ? plant->rule : "none", plant->how);
	}
	return TRUE;
}

static gboolean
write_banned(const DemoWorld *world, const char *folder, GError **error)
{
	g_autoptr(GString) text = g_string_new("expert,since,until\n");

	for (guint i = 0; i < world->bans->len; i++) {
		const DemoBan *ban = demo_at(world->bans, DemoBan, i);

		if (covers_as_of(ban->when))
			g_string_append_printf(text, "%s,%s,%s\n", demo_at(world->persons, DemoPerson, ban->person)->id, ban->when.since.text,
					       ban->when.until.text);
	}
	return demo_write_text(folder, "banned.csv", text->str, error);
}

static void
free_lists(GArray **lists, guint n)
{
	for (guint i = 0; i < n; i++)
		if (lists[i] != NULL)
			g_array_unref(lists[i]);
	g_free(lists);
}

gboolean
demo_write_answer(const DemoWorld *world, const char *folder, GError **error)
{
	g_autofree guint *mask = g_new0(guint, world->n_experts);
	g_autofree guint8 *org_seen = g_new0(guint8, world->orgs->len);
	g_autoptr(GString) text = g_string_new("project,expert,rules\n"), planted = g_string_new("project,expert,rule,how\n");
	Answer answer = {.world = world, .mask = mask, .org_seen = org_seen};
	gboolean sound = TRUE;

	answer.ties_of_org = g_new0(GArray *, world->orgs->len);
	answer.orgs_of_person = g_new0(GArray *, world->persons->len);
	answer.ties_of_person = g_new0(GArray *, world->persons->len);
	read_posts(&answer);
	read_works_and_relations(&answer);
	for (guint p = 0; p < world->n_projects && sound; p++) {
		const DemoProject *project = demo_at(world->projects, DemoProject, p);

		judge(&answer, project);
		for (guint i = 0; i < world->n_experts; i++) {
			if (mask[i] == 0)
				continue;
			g_string_append_printf(text, "%s,%s,", project->id, demo_at(world->persons, DemoPerson, i)->id);
			append_rules(text, mask[i]);
			g_string_append_c(text, '\n');
		}
		sound = check_plants(&answer, p, planted, error);
	}
	free_lists(answer.ties_of_org, world->orgs->len);
	free_lists(answer.orgs_of_person, world->persons->len);
	free_lists(answer.ties_of_person, world->persons->len);
	return sound && demo_write_text(folder, "answer_key.csv", text->str, error) && demo_write_text(folder, "planted.csv", planted->str, error) &&
	       write_banned(world, folder, error);
}
