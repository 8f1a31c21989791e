/* conflicts.c - the conflict rules again, from the facts of the audit file.
 *
 * For each project: who is behind it, which organisations are on its side, and from there outwards along the facts to the people of the pool.
 * Cost: the facts plus the pairs found; no table of persons times projects. Dates: closed intervals, an unknown side is open.
 *
 *   window       [as_of - months, as_of], the day clamped to the month's end; -1 months: no limit backwards
 *   current post employee, adjunct, head or employer whose interval holds as_of
 *   project side project_org, the organisations of project_person, and the current posts of the people behind the project
 */
#include <string.h>

#include "freeze/freeze.h"

typedef struct {
	guint32 *start, *item; /* items of key k: item[start[k]] .. item[start[k + 1]] */
} Index;

typedef struct {
	const Audit *audit;
	gint64 as_of;
	Interval window[N_RULES], *work_when;
	Index posts_of, posts_at, relations_a, relations_b, works_of, authors_of, avoided_at, people_of, orgs_of, excludes_of;
	guint32 *work_authors;
	guint32 *mask, *behind, *side; /* a person: rules found; stamps: project + 1 */
	GArray *touched;	       /* persons with a mask */
	guint32 excluding;	       /* rules whose severity is not flag */
	gboolean *seeks;	       /* R05: eligible and behind a project */
	GArray *seekers;
} World;

/* Facts by their a or b (counting sort). */
static Index
index_by(const GArray *facts, gboolean by_b, guint32 n_keys)
{
	Index index = {g_new0(guint32, n_keys + 2), g_new(guint32, facts->len + 1)};
	const Fact *fact = (const Fact *)facts->data;

	for (guint32 i = 0; i < facts->len; i++)
		index.start[(by_b ? fact[i].b : fact[i].a) + 2]++;
	for (guint32 k = 2; k < n_keys + 2; k++)
		index.start[k] += index.start[k - 1];
	for (guint32 i = 0; i < facts->len; i++)
		index.item[index.start[(by_b ? fact[i].b : fact[i].a) + 1]++] = i;
	return index;
}

/* NOLINTNEXTLINE(bugprone-macro-parentheses): i is declared here */
#define for_each(i, index, key) for (guint32 i##_ = (index).start[key], i; i##_ < (index).start[(key) + 1] && ((i = (index).item[i##_]), TRUE); i##_++)
#define FACT(array, i) (&g_array_index(array, Fact, i))

static gboolean
overlaps(Interval a, Interval b)
{
	return a.since <= b.until && b.since <= a.until;
}

static gboolean
holds(Interval when, gint64 day)
{
	return when.since <= day && day <= when.until;
}

static gboolean
current(const World *world, const Fact *post)
{
	return (post->kind == POST_EMPLOYEE || post->kind == POST_ADJUNCT || post->kind == POST_HEAD || post->kind == POST_EMPLOYER) &&
	       holds(post->when, world->as_of);
}

static void
mark(World *world, int rule, guint32 person)
{
	if (!world->audit->rule[rule].enabled || !g_array_index(world->audit->persons, Person, person).in_pool)
		return;
	if (world->mask[person] == 0)
		g_array_append_val(world->touched, person);
	world->mask[person] |= 1u << rule;
}

/* Rules on people: kin, teacher and student, collaborator, nominator, dispute; either direction. */
static void
mark_relation(World *world, const Fact *relation, guint32 other, guint32 stamp)
{
	static const int rule[N_RELATIONS] = {C02, C12, C13, C17, C16}; /* by relation kind */
	int r = rule[relation->kind];

	if (overlaps(relation->when, world->window[r]) && !(r == C13 && world->behind[other] == stamp))
		mark(world, r, other);
}

static void
mark_shared_works(World *world, guint32 person, guint32 stamp)
{
	const Audit *audit = world->audit;
	gint64 cap = audit->rule[C13].max_authors;

	for_each(i, world->works_of, person) {
		guint32 work = FACT(audit->authorships, i)->a;

		if ((cap > 0 && world->work_authors[work] > cap) || !overlaps(world->work_when[work], world->window[C13]))
			continue;
		for_each(j, world->authors_of, work)
			if (world->behind[FACT(audit->authorships, j)->b] != stamp)
				mark(world, C13, FACT(audit->authorships, j)->b);
	}
}

/* Rules on organisations, once for each on the project's side. */
static void
mark_org(World *world, guint32 org, guint32 stamp)
{
	if (org == NONE || world->side[org] == stamp)
		return;
	world->side[org] = stamp;
	for_each(i, world->posts_at, org) {
		const Fact *post = FACT(world->audit->posts, i);

		if (current(world, post))
			mark(world, C04, post->a);
		else if ((post->kind == POST_EMPLOYEE || post->kind == POST_ADJUNCT || post->kind == POST_HEAD) &&
			 overlaps(post->when, world->window[C05]))
			mark(world, C05, post->a);
		if (post->kind == POST_DIRECTOR && overlaps(post->when, world->window[C06]))
			mark(world, C06, post->a);
		if (post->kind == POST_SHAREHOLDER && overlaps(post->when, world->window[C07]))
			mark(world, C07, post->a);
		if (post->kind == POST_ADVISER && overlaps(post->when, world->window[C09]))
			mark(world, C09, post->a);
	}
	for_each(i, world->avoided_at, org)
		mark(world, C19, FACT(world->audit->avoids, i)->a);
}

/* The coin of R05: SHA-256 of four lines (the last without LF); even: the one whose code is less may review the other. */
static gboolean
loses(const World *world, guint32 person, guint32 other)
{
	const char *mine = g_array_index(world->audit->persons, Person, person).code, *theirs = g_array_index(world->audit->persons, Person, other).code;
	gboolean less = strcmp(mine, theirs) < 0;
	g_autofree char *text = g_strconcat("veil/R05/1\n", (const char *)g_hash_table_lookup(world->audit->meta, "freeze_id"), "\n", less ? mine : theirs, "\n",
					    less ? theirs : mine, NULL);
	guint8 digest[32];

	sha256(text, strlen(text), digest);
	return digest[0] % 2 == less;
}

static void
find_seekers(World *world)
{
	const Audit *audit = world->audit;

	for (guint i = 0; i < audit->project_people->len; i++)
		world->seeks[FACT(audit->project_people, i)->b] = TRUE;
	for (guint i = 0; i < audit->bans->len; i++)
		if (audit->rule[E04].enabled && holds(FACT(audit->bans, i)->when, world->as_of))
			world->seeks[FACT(audit->bans, i)->a] = FALSE;
	for (guint32 i = 0; i < audit->persons->len; i++) {
		world->seeks[i] = world->seeks[i] && g_array_index(audit->persons, Person, i).in_pool && g_array_index(audit->persons, Person, i).active;
		if (world->seeks[i])
			g_array_append_val(world->seekers, i);
	}
}

static void
mark_seekers(World *world, guint32 person, guint32 stamp)
{
	for (guint i = 0; world->seeks[person] && i < world->seekers->len; i++) {
		guint32 other = g_array_index(world->seekers, guint32, i);

		if (world->behind[other] != stamp && loses(world, other, person))
			mark(world, R05, other);
	}
}

static void
mark_project(World *world, guint32 project)
{
	const Audit *audit = world->audit;
	guint32 stamp = project + 1;

	for_each(i, world->people_of, project)
		world->behind[FACT(audit->project_people, i)->b] = stamp;
	for_each(i, world->orgs_of, project)
		mark_org(world, FACT(audit->project_orgs, i)->b, stamp);
	for_each(i, world->excludes_of, project)
		mark(world, C18, FACT(audit->project_excludes, i)->b);
	for_each(i, world->people_of, project) {
		guint32 person = FACT(audit->project_people, i)->b;

		mark(world, C01, person);
		mark_org(world, FACT(audit->project_people, i)->org, stamp);
		for_each(j, world->posts_of, person)
			if (current(world, FACT(audit->posts, j)))
				mark_org(world, FACT(audit->posts, j)->b, stamp);
		for_each(j, world->relations_a, person)
			mark_relation(world, FACT(audit->relations, j), FACT(audit->relations, j)->b, stamp);
		for_each(j, world->relations_b, person)
			mark_relation(world, FACT(audit->relations, j), FACT(audit->relations, j)->a, stamp);
		mark_shared_works(world, person, stamp);
		mark_seekers(world, person, stamp);
	}
}

static int
by_number(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return (x > y) - (x < y);
}

static guint32
stored_mask(const GArray *list, guint *place, guint32 person)
{
	const Exclusion *pair = list && *place < list->len ? &g_array_index(list, Exclusion, *place) : NULL;

	if (pair == NULL || pair->person != person)
		return 0;
	(*place)++;
	return pair->mask;
}

static gboolean
differ(const World *world, guint32 project, guint32 person, guint32 facts, guint32 file, const char *table)
{
	g_autofree char *say = mask_names(facts), *said = mask_names(file);

	return verdict_reject("audit file: project %s, person %s: the facts say %s, table %s says %s",
			      g_array_index(world->audit->projects, Project, project).id,
			      g_array_index(world->audit->persons, Person, person).code, facts ? say : "no conflict", table, file ? said : "none");
}

/* What was marked against what the file holds. */
static gboolean
compare(World *world, guint32 project, guint64 counts[N_RULES])
{
	const GArray *lists[] = {world->audit->exclusions[project], world->audit->flags[project]};
	guint place[] = {0, 0};
	gboolean ok = TRUE;

	g_array_sort(world->touched, by_number);
	for (guint i = 0; i < world->touched->len; i++) {
		guint32 person = g_array_index(world->touched, guint32, i), mask = world->mask[person];
		guint32 let_pass = waived(world->audit, project, person, mask);
		gboolean flag = ((mask & ~let_pass) & world->excluding) == 0;

		world->mask[person] = 0;
		mask &= ~let_pass;
		for (guint k = 0; ok && k < 2; k++) {
			/* A stored pair in front of this one has no fact. */
			const Exclusion *ahead = lists[k] && place[k] < lists[k]->len ? &g_array_index(lists[k], Exclusion, place[k]) : NULL;
			guint32 expected = (k == 1) == flag ? mask : 0, stored;

			if (ahead && ahead->person < person)
				ok = differ(world, project, ahead->person, 0, ahead->mask, k ? "flagged" : "exclusion");
			stored = ok ? stored_mask(lists[k], &place[k], person) : 0;
			if (ok && stored != expected)
				ok = differ(world, project, person, expected, stored, k ? "flagged" : "exclusion");
		}
		for (int r = 0; r < N_RULES && !flag; r++)
			counts[r] += mask >> r & 1;
	}
	g_array_set_size(world->touched, 0);
	for (guint k = 0; ok && k < 2; k++)
		if (lists[k] && place[k] < lists[k]->len)
			ok = differ(world, project, g_array_index(lists[k], Exclusion, place[k]).person, 0,
				    g_array_index(lists[k], Exclusion, place[k]).mask, k ? "flagged" : "exclusion");
	return ok;
}

static gboolean
compare_everywhere(const World *world, guint64 counts[N_RULES])
{
	const Audit *audit = world->audit;
	g_autofree guint32 *expected = g_new0(guint32, audit->persons->len + 1);

	for (guint i = 0; i < audit->bans->len; i++)
		if (audit->rule[E04].enabled && !audit->rule[E04].flag_only && holds(FACT(audit->bans, i)->when, world->as_of) &&
		    g_array_index(audit->persons, Person, FACT(audit->bans, i)->a).in_pool)
			expected[FACT(audit->bans, i)->a] = 1u << E04;
	for (guint i = 0; i < audit->persons->len; i++) {
		if (expected[i] != audit->everywhere[i])
			return verdict_reject("audit file: person %s: the facts say %s, table everywhere says otherwise",
					      g_array_index(audit->persons, Person, i).code, expected[i] ? "E04" : "no ban");
		counts[E04] += expected[i] != 0;
	}
	return TRUE;
}

static void
world_init(World *world, const Audit *audit, gint64 as_of)
{
	guint32 persons = audit->persons->len, projects = audit->projects->len;

	*world = (World){.audit = audit, .as_of = as_of};
	for (int r = 0; r < N_RULES; r++) {
		world->window[r] = (Interval){audit->rule[r].window < 0 ? G_MININT64 : day_minus_months(as_of, audit->rule[r].window), as_of};
		world->excluding |= (guint32)!audit->rule[r].flag_only << r;
	}
	world->posts_of = index_by(audit->posts, FALSE, persons);
	world->posts_at = index_by(audit->posts, TRUE, audit->n_orgs);
	world->relations_a = index_by(audit->relations, FALSE, persons);
	world->relations_b = index_by(audit->relations, TRUE, persons);
	world->works_of = index_by(audit->authorships, TRUE, persons);
	world->authors_of = index_by(audit->authorships, FALSE, audit->n_works);
	world->avoided_at = index_by(audit->avoids, TRUE, audit->n_orgs);
	world->people_of = index_by(audit->project_people, FALSE, projects);
	world->orgs_of = index_by(audit->project_orgs, FALSE, projects);
	world->excludes_of = index_by(audit->project_excludes, FALSE, projects);
	world->mask = g_new0(guint32, persons + 1);
	world->behind = g_new0(guint32, persons + 1);
	world->side = g_new0(guint32, audit->n_orgs + 1);
	world->touched = g_array_new(FALSE, FALSE, sizeof(guint32));
	world->seeks = g_new0(gboolean, persons + 1);
	world->seekers = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (audit->rule[R05].enabled)
		find_seekers(world);
	/* A work's days: the hull of its rows'. Its authors: persons, not rows (a person's rows lie together). */
	world->work_when = g_new(Interval, audit->n_works + 1);
	world->work_authors = g_new0(guint32, audit->n_works + 1);
	for (guint i = 0; i < audit->authorships->len; i++) {
		const Fact *row = FACT(audit->authorships, i);
		Interval *when = &world->work_when[row->a];

		if (i == 0 || FACT(audit->authorships, i - 1)->a != row->a)
			*when = row->when;
		world->work_authors[row->a] += i == 0 || row[-1].a != row->a || row[-1].b != row->b;
		when->since = MIN(when->since, row->when.since);
		when->until = MAX(when->until, row->when.until);
	}
}

static void
world_clear(World *world)
{
	Index *index[] = {&world->posts_of, &world->posts_at, &world->relations_a, &world->relations_b, &world->works_of,
			  &world->authors_of, &world->avoided_at, &world->people_of, &world->orgs_of, &world->excludes_of};

	for (guint i = 0; i < G_N_ELEMENTS(index); i++) {
		g_free(index[i]->start);
		g_free(index[i]->item);
	}
	g_free(world->mask), g_free(world->behind), g_free(world->side), g_free(world->work_when), g_free(world->work_authors);
	g_free(world->seeks);
	g_array_unref(world->touched);
	g_array_unref(world->seekers);
}

gboolean
conflicts_verify(const Audit *audit, gint64 as_of, guint64 out_counts[N_RULES])
{
	World world;
	gboolean ok = TRUE;

	world_init(&world, audit, as_of);
	for (guint32 p = 0; ok && p < audit->projects->len; p++) {
		mark_project(&world, p);
		ok = compare(&world, p, out_counts);
	}
	ok = ok && compare_everywhere(&world, out_counts) && waivers_met(audit);
	world_clear(&world);
	return ok;
}
