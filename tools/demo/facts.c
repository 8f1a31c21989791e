/* facts.c - posts, works, relations and bans: what conflicts are made of.
 *
 * A person has at most one post besides his employer's and never a former one where he works now, so that C04 and C05 stay apart and
 * the answer key needs no interpretation.
 */
#include <string.h>

#include "demo.h"

void
demo_add_post(DemoWorld *world, guint person, guint org, DemoPostKind kind, DemoDate since, DemoDate until)
{
	DemoPost post = {.person = person, .org = org, .kind = kind, .when = {since, until}};

	g_array_append_val(world->posts, post);
}

static guint
other_org(DemoWorld *world, DemoRng *rng, guint org)
{
	guint other;

	do
		other = demo_random_org(world, rng);
	while (other == org);
	return other;
}

static void
make_former_post(DemoWorld *world, DemoRng *rng, guint person, guint org)
{
	DemoDate until = demo_date_random(rng, 2015, 2025), since = demo_date_none();

	if (demo_chance(rng, 60))
		since = demo_date_random(rng, 2000, until.low / 10000 - 1);
	demo_add_post(world, person, org, DEMO_EMPLOYEE, since, until);
}

static void
make_posts(DemoWorld *world)
{
	static const DemoPostKind off_rules[] = {DEMO_DIRECTOR, DEMO_ADVISER, DEMO_SHAREHOLDER};
	DemoRng rng = demo_rng(world->seed, "posts");

	for (guint i = 0; i < world->persons->len; i++) {
		const DemoPerson *person = demo_at(world->persons, DemoPerson, i);
		guint other = other_org(world, &rng, person->org);
		DemoDate since = demo_date_random(&rng, 1998, 2025), later = demo_date_random(&rng, 2026, 2029);
		DemoPostKind off_rule = off_rules[demo_below(&rng, 3)];
		guint32 x = demo_below(&rng, 100);

		if (person->expert && demo_chance(&rng, 25))
			demo_add_post(world, i, person->org, demo_chance(&rng, 4) ? DEMO_HEAD : DEMO_EMPLOYEE, since, demo_date_none());
		if (person->quiet)
			demo_add_post(world, i, other, off_rule, since, demo_date_none());
		else if (x < 12)
			make_former_post(world, &rng, i, other);
		else if (x < 16)
			demo_add_post(world, i, other, DEMO_ADJUNCT, since, demo_chance(&rng, 50) ? demo_date_none() : later);
	}
}

/* --- works -------------------------------------------------------------------------------------------------------- */

void
demo_add_work(DemoWorld *world, DemoRng *rng, guint leaf, const guint *persons, const DemoDate *dates, guint n)
{
	static const char *const kinds[] = {"paper", "paper", "paper", "paper", "patent", "project", "award"};
	DemoWork work = {.leaf = leaf, .first = world->authorships->len, .n = n, .low = G_MAXINT, .high = 0};

	work.title = demo_title(rng, leaf);
	work.kind = kinds[demo_below(rng, G_N_ELEMENTS(kinds))];
	for (guint i = 0; i < n; i++) {
		DemoAuthorship row = {.work = world->works->len, .person = persons[i], .date = dates[i]};

		work.low = MIN(work.low, dates[i].low);
		work.high = MAX(work.high, dates[i].high);
		g_array_append_val(world->authorships, row);
	}
	g_array_append_val(world->works, work);
}

static guint
coauthor(DemoWorld *world, DemoRng *rng, guint lead)
{
	const DemoPerson *person = demo_at(world->persons, DemoPerson, lead);
	guint32 x = demo_below(rng, 100);

	if (x < 45)
		return demo_random_member(rng, demo_at(world->orgs, DemoOrg, person->org));
	if (x < 75)
		return demo_random_peer(world, rng, person->leaf);
	return demo_random_outsider(world, rng);
}

static void
make_works(DemoWorld *world)
{
	static const guint sizes[] = {1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8};
	DemoRng rng = demo_rng(world->seed, "works");
	guint n_works = world->n_experts / 10 * 9;

	for (guint k = 0; k < n_works; k++) {
		guint persons[8], n = 0, wanted = sizes[demo_below(&rng, G_N_ELEMENTS(sizes))];
		guint lead = demo_below(&rng, world->n_experts);
		DemoDate date = demo_date_random(&rng, 2015, 2025), dates[8];

		if (demo_chance(&rng, 3))
			date = demo_chance(&rng, 50) ? demo_date_year(2026) : demo_date_month(2026, (int)demo_between(&rng, 1, 2));
		persons[n++] = lead;
		for (guint attempt = 0; n < wanted && attempt < 4 * wanted; attempt++) {
			guint other = coauthor(world, &rng, lead);
			gboolean known = other == DEMO_NONE;

			for (guint i = 0; i < n; i++)
				known = known || persons[i] == other;
			if (!known)
				persons[n++] = other;
		}
		for (guint i = 0; i < n; i++) /* now and then the rows of one work disagree */
			dates[i] = demo_chance(&rng, 1) ? demo_date_year(date.low / 10000) : date;
		demo_add_work(world, &rng, demo_at(world->persons, DemoPerson, lead)->leaf, persons, dates, n);
	}
}

/* --- relations and bans ------------------------------------------------------------------------------------------- */

static void
add_relation(DemoWorld *world, DemoRng *rng, DemoRelationKind kind, guint a, guint b, int first_year, int last_year)
{
	DemoRelation relation = {.kind = kind, .a = a, .b = b, .when = {demo_date_none(), demo_date_none()}};

	if (a == b || b == DEMO_NONE)
		return;
	if (demo_chance(rng, 85)) {
		relation.when.since = demo_date_year((int)demo_between(rng, (guint32)first_year, (guint32)last_year));
		if (kind != DEMO_KIN && demo_chance(rng, 85)) /* a later year, so that since is never after until */
			relation.when.until = demo_date_random(rng, relation.when.since.low / 10000 + 1, last_year + 1);
	}
	g_array_append_val(world->relations, relation);
}

static void
make_relations(DemoWorld *world)
{
	DemoRng rng = demo_rng(world->seed, "relations");

	for (guint i = 0; i < world->n_experts / 8; i++) {
		guint a = demo_below(&rng, world->n_experts);
		guint b = demo_chance(&rng, 60) ? demo_random_peer(world, &rng, demo_at(world->persons, DemoPerson, a)->leaf)
						: demo_random_outsider(world, &rng);

		add_relation(world, &rng, DEMO_ADVISOR, a, b, 1995, 2022);
	}
	for (guint i = 0; i < world->n_experts / 20; i++) {
		guint a = demo_below(&rng, world->n_experts);
		guint b = demo_chance(&rng, 70) ? demo_below(&rng, world->n_experts) : demo_random_outsider(world, &rng);

		add_relation(world, &rng, DEMO_COLLABORATOR, a, b, 2016, 2024);
	}
	for (guint i = 0; i < world->n_experts / 200; i++) {
		guint a = demo_below(&rng, world->n_experts), b = demo_random_outsider(world, &rng);

		add_relation(world, &rng, DEMO_KIN, a, b, 1970, 2000);
	}
}

static void
add_ban(DemoWorld *world, guint person, DemoDate since, DemoDate until)
{
	DemoBan ban = {.person = person, .when = {since, until}};

	g_array_append_val(world->bans, ban);
}

/* One ban a person, so that the list of the banned needs no merging. */
static void
make_bans(DemoWorld *world)
{
	DemoRng rng = demo_rng(world->seed, "bans");
	guint step = MAX(5, world->n_experts / 160), k = 0;

	for (guint i = demo_below(&rng, step); i < world->n_experts; i += step, k++) {
		int year = (int)demo_between(&rng, 2016, 2024);

		switch (k % 9) {
		case 0: /* the last day counts */
			add_ban(world, i, demo_date_day(2024, 3, 1), demo_date_day(2026, 3, 1));
			break;
		case 1: /* over the day before */
			add_ban(world, i, demo_date_day(2024, 3, 1), demo_date_day(2026, 2, 28));
			break;
		case 2: /* begins the day after */
			add_ban(world, i, demo_date_day(2026, 3, 2), demo_date_year(2028));
			break;
		case 3: /* some day of 2026: widened to its first */
			add_ban(world, i, demo_date_year(2026), demo_date_year(2027));
			break;
		case 4: /* for good */
			add_ban(world, i, demo_date_year(year), demo_date_none());
			break;
		default:
			add_ban(world, i, demo_date_year(year), demo_date_random(&rng, year + 1, year + 5));
		}
	}
}

void
demo_make_facts(DemoWorld *world)
{
	make_posts(world);
	make_works(world);
	make_relations(world);
	make_bans(world);
}
