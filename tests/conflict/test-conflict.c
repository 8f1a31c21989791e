/* test-conflict.c - the rules against a twin that knows no index, and their edges one by one.
 *
 * The twin asks for every project, expert and rule whether some combination of facts satisfies the sentence of the rule. It shares
 * neither table nor helper with the engine, so that a wrong line in one is a difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <veil/conflict.h>

#define ADD(array, Type, ...)                                                                                                     \
	do {                                                                                                                      \
		Type row_ = __VA_ARGS__;                                                                                          \
		g_array_append_val(array, row_);                                                                                  \
	} while (0)
#define AT(array, Type, i) veil_facts_at(f->array, Type, i)

static VeilDay as_of; /* 2024-03-31: 36 months before is 2021-03-31, 1 month before 2024-02-29 */
static VeilDay window_start;

/* Codes that no order of persons gives away. */
static const char *codes[10000];
static VeilCoin coin = {"00112233445566778899aabbccddeeff", codes};

static int
set_days(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
		codes[i] = g_strdup_printf("A%04X", (i * 40503u) & 0xffff);
	as_of = veil_day_from_civil(2024, 3, 31);
	window_start = veil_day_from_civil(2021, 3, 31);
	return 0;
}

static VeilPolicy
policy_with(gboolean enabled)
{
	VeilPolicy policy = {0};

	for (guint r = 0; r < VEIL_N_RULES; r++) {
		policy.rules[r].enabled = enabled;
		policy.rules[r].window_months = 36;
	}
	policy.rules[VEIL_RULE_C02].window_months = -1;
	policy.rules[VEIL_RULE_C12].window_months = -1;
	return policy;
}

/* --- the twin ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const VeilFacts *f;
	const VeilPolicy *policy;
	guint32 p, e;
} Twin;

static gboolean
inside(VeilInterval when, int months)
{
	VeilDay start = VEIL_DAY_MIN;

	if (months == 36)
		start = window_start;
	else if (months == 1)
		start = veil_day_from_civil(2024, 2, 29);
	else if (months == 0)
		start = as_of;
	else
		assert_int_equal(months, -1);
	return when.until >= start && when.since <= as_of;
}

static gboolean
covers(VeilInterval when)
{
	return when.since <= as_of && as_of <= when.until;
}

static gboolean
works_at(VeilPostKind kind)
{
	return kind == VEIL_POST_EMPLOYEE || kind == VEIL_POST_ADJUNCT || kind == VEIL_POST_HEAD || kind == VEIL_POST_EMPLOYER;
}

static gboolean
twin_behind(const Twin *t, guint32 person)
{
	const VeilFacts *f = t->f;

	for (guint i = 0; i < f->project_people->len; i++)
		if (AT(project_people, VeilProjectPerson, i)->project == t->p && AT(project_people, VeilProjectPerson, i)->person == person)
			return TRUE;
	return FALSE;
}

static gboolean
twin_side_org(const Twin *t, guint32 org)
{
	const VeilFacts *f = t->f;

	for (guint i = 0; i < f->project_orgs->len; i++)
		if (AT(project_orgs, VeilProjectOrg, i)->project == t->p && AT(project_orgs, VeilProjectOrg, i)->org == org)
			return TRUE;
	for (guint i = 0; i < f->project_people->len; i++)
		if (AT(project_people, VeilProjectPerson, i)->project == t->p && AT(project_people, VeilProjectPerson, i)->org == org)
			return TRUE;
	for (guint i = 0; i < f->posts->len; i++) {
		const VeilPost *post = AT(posts, VeilPost, i);

		if (post->org == org && works_at(post->kind) && covers(post->when) && twin_behind(t, post->person))
			return TRUE;
	}
	return FALSE;
}

static gboolean
twin_post(const Twin *t, VeilRuleId rule)
{
	const VeilFacts *f = t->f;
	int months = t->policy->rules[rule].window_months;

	for (guint i = 0; i < f->posts->len; i++) {
		const VeilPost *post = AT(posts, VeilPost, i);
		gboolean hit = FALSE;

		if (post->person != t->e || !twin_side_org(t, post->org))
			continue;
		if (rule == VEIL_RULE_C04)
			hit = works_at(post->kind) && covers(post->when);
		if (rule == VEIL_RULE_C05)
			hit = works_at(post->kind) && post->kind != VEIL_POST_EMPLOYER && !covers(post->when) && inside(post->when, months);
		if (rule == VEIL_RULE_C06)
			hit = post->kind == VEIL_POST_DIRECTOR && inside(post->when, months);
		if (rule == VEIL_RULE_C07)
			hit = post->kind == VEIL_POST_SHAREHOLDER && inside(post->when, months);
		if (rule == VEIL_RULE_C09)
			hit = post->kind == VEIL_POST_ADVISER && inside(post->when, months);
		if (hit)
			return TRUE;
	}
	return FALSE;
}

static gboolean
twin_relation(const Twin *t, VeilRuleId rule, VeilRelationKind kind)
{
	const VeilFacts *f = t->f;

	for (guint i = 0; i < f->relations->len; i++) {
		const VeilRelation *r = AT(relations, VeilRelation, i);

		if (r->kind == kind && inside(r->when, t->policy->rules[rule].window_months) &&
		    ((r->a == t->e && twin_behind(t, r->b)) || (r->b == t->e && twin_behind(t, r->a))))
			return TRUE;
	}
	return FALSE;
}

static gboolean
twin_work_counts(const Twin *t, guint32 work)
{
	const VeilFacts *f = t->f;
	VeilInterval hull = {VEIL_DAY_MAX, VEIL_DAY_MIN};
	g_autoptr(GHashTable) authors = g_hash_table_new(NULL, NULL);
	int cap = t->policy->rules[VEIL_RULE_C13].max_authors;

	for (guint i = 0; i < f->authorships->len; i++) {
		const VeilAuthorship *row = AT(authorships, VeilAuthorship, i);

		if (row->work != work)
			continue;
		hull.since = MIN(hull.since, row->when.since);
		hull.until = MAX(hull.until, row->when.until);
		g_hash_table_add(authors, GUINT_TO_POINTER(row->person + 1));
	}
	return inside(hull, t->policy->rules[VEIL_RULE_C13].window_months) && (cap == 0 || (int)g_hash_table_size(authors) <= cap);
}

static gboolean
twin_work(const Twin *t)
{
	const VeilFacts *f = t->f;

	for (guint i = 0; i < f->authorships->len; i++)
		for (guint j = 0; j < f->authorships->len; j++)
			if (AT(authorships, VeilAuthorship, i)->work == AT(authorships, VeilAuthorship, j)->work &&
			    AT(authorships, VeilAuthorship, i)->person == t->e && twin_behind(t, AT(authorships, VeilAuthorship, j)->person) &&
			    twin_work_counts(t, AT(authorships, VeilAuthorship, i)->work))
				return TRUE;
	return FALSE;
}

static gboolean
twin_seeks(const Twin *t, guint32 person)
{
	const VeilFacts *f = t->f;
	gboolean behind = FALSE;

	for (guint i = 0; i < f->project_people->len; i++)
		behind |= AT(project_people, VeilProjectPerson, i)->person == person;
	for (guint i = 0; i < f->bans->len; i++)
		if (AT(bans, VeilBan, i)->person == person && covers(AT(bans, VeilBan, i)->when) && t->policy->rules[VEIL_RULE_E04].enabled)
			return FALSE;
	return behind && AT(persons, VeilPerson, person)->in_pool && AT(persons, VeilPerson, person)->active;
}

/* Lowest bit of the first byte, 0: whose code is less may review. */
static gboolean
twin_loses(guint32 e, guint32 f)
{
	const char *a, *b;
	g_autofree char *digest = NULL;
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	a = strcmp(codes[e], codes[f]) < 0 ? codes[e] : codes[f];
	b = a == codes[e] ? codes[f] : codes[e];
	for (const char *const *p = (const char *const[]){"veil/R05/1", coin.freeze_id, a, b, NULL}; *p; p++) {
		g_checksum_update(sum, (const guchar *)*p, -1);
		if (p[1] != NULL)
			g_checksum_update(sum, (const guchar *)"\n", 1);
	}
	digest = g_strdup(g_checksum_get_string(sum));
	return (g_ascii_xdigit_value(digest[1]) % 2 == 0) == (b == codes[e]);
}

static gboolean
twin_reciprocal(const Twin *t)
{
	const VeilFacts *f = t->f;

	if (twin_behind(t, t->e) || !twin_seeks(t, t->e))
		return FALSE;
	for (guint32 other = 0; other < f->persons->len; other++)
		if (twin_behind(t, other) && twin_seeks(t, other) && twin_loses(t->e, other))
			return TRUE;
	return FALSE;
}

static gboolean
twin_rule(const Twin *t, VeilRuleId rule)
{
	const VeilFacts *f = t->f;

	switch (rule) {
	case VEIL_RULE_C01:
		return twin_behind(t, t->e);
	case VEIL_RULE_C02:
		return twin_relation(t, rule, VEIL_RELATION_KIN);
	case VEIL_RULE_C12:
		return twin_relation(t, rule, VEIL_RELATION_ADVISOR);
	case VEIL_RULE_C13:
		return !twin_behind(t, t->e) && (twin_relation(t, rule, VEIL_RELATION_COLLABORATOR) || twin_work(t));
	case VEIL_RULE_C16:
		return twin_relation(t, rule, VEIL_RELATION_NOMINATOR);
	case VEIL_RULE_C17:
		return twin_relation(t, rule, VEIL_RELATION_DISPUTE);
	case VEIL_RULE_C18:
		for (guint i = 0; i < f->project_excludes->len; i++)
			if (AT(project_excludes, VeilProjectExclude, i)->project == t->p && AT(project_excludes, VeilProjectExclude, i)->person == t->e)
				return TRUE;
		return FALSE;
	case VEIL_RULE_C19:
		for (guint i = 0; i < f->avoids->len; i++)
			if (AT(avoids, VeilAvoid, i)->person == t->e && twin_side_org(t, AT(avoids, VeilAvoid, i)->org))
				return TRUE;
		return FALSE;
	case VEIL_RULE_R05:
		return twin_reciprocal(t);
	case VEIL_RULE_E04:
		for (guint i = 0; i < f->bans->len; i++)
			if (AT(bans, VeilBan, i)->person == t->e && covers(AT(bans, VeilBan, i)->when))
				return TRUE;
		return FALSE;
	default:
		return twin_post(t, rule);
	}
}

static guint32
twin_mask(const VeilFacts *f, const VeilPolicy *policy, guint32 p, guint32 e)
{
	Twin t = {f, policy, p, e};
	guint32 mask = 0;

	if (!AT(persons, VeilPerson, e)->in_pool)
		return 0;
	for (guint r = 0; r < VEIL_N_RULES; r++)
		if (policy->rules[r].enabled && twin_rule(&t, r))
			mask |= 1u << r;
	return mask;
}

/* --- the engine's answer, pair by pair ----------------------------------------------------------------------------- */

static guint32
look_up(const VeilExclusion *list, guint64 from, guint64 to, guint32 person)
{
	guint32 mask = 0;

	for (guint64 i = from; i < to; i++) {
		assert_true(i == from || list[i - 1].person < list[i].person);
		assert_int_not_equal(list[i].mask, 0);
		if (list[i].person == person)
			mask = list[i].mask;
	}
	return mask;
}

#define E04 (1u << VEIL_RULE_E04)

static guint32
forbidding(const VeilPolicy *policy)
{
	guint32 mask = 0;

	for (guint r = 0; r < VEIL_N_RULES; r++)
		if (policy->rules[r].severity != VEIL_SEVERITY_FLAG)
			mask |= 1u << r;
	return mask;
}

/* Reasons are sorted, name real facts that concern both sides, and together are exactly the mask. */
static void
check_reasons(const VeilFacts *f, const VeilPolicy *policy, guint32 p, guint32 e, guint32 expected)
{
	g_autoptr(GArray) reasons = veil_conflict_explain(f, policy, as_of, &coin, p, e);
	guint32 mask = 0;
	Twin t = {f, policy, p, e};

	for (guint i = 0; i < reasons->len; i++) {
		const VeilReason *r = &g_array_index(reasons, VeilReason, i);
		VeilFactRef x = r->expert_side, y = r->project_side;

		mask |= 1u << r->rule;
		assert_true(i == 0 || g_array_index(reasons, VeilReason, i - 1).rule <= r->rule);
		if (i > 0)
			assert_memory_not_equal(&g_array_index(reasons, VeilReason, i - 1), r, sizeof *r);
		if (x.kind == VEIL_FACT_POST) {
			assert_int_equal(AT(posts, VeilPost, x.index)->person, e);
			assert_memory_equal(&AT(posts, VeilPost, x.index)->when, &x.when, sizeof x.when);
			assert_true(twin_side_org(&t, AT(posts, VeilPost, x.index)->org));
		} else if (x.kind == VEIL_FACT_AUTHORSHIP) {
			assert_int_equal(AT(authorships, VeilAuthorship, x.index)->person, e);
			assert_int_equal(y.kind, VEIL_FACT_AUTHORSHIP);
			assert_int_equal(AT(authorships, VeilAuthorship, x.index)->work, AT(authorships, VeilAuthorship, y.index)->work);
			assert_true(twin_behind(&t, AT(authorships, VeilAuthorship, y.index)->person));
		} else if (x.kind == VEIL_FACT_RELATION) {
			const VeilRelation *relation = AT(relations, VeilRelation, x.index);
			guint32 other = AT(project_people, VeilProjectPerson, y.index)->person;

			assert_int_equal(y.kind, VEIL_FACT_PROJECT_PERSON);
			assert_true((relation->a == e && relation->b == other) || (relation->b == e && relation->a == other));
		} else if (x.kind == VEIL_FACT_AVOID) {
			assert_int_equal(AT(avoids, VeilAvoid, x.index)->person, e);
		} else if (x.kind == VEIL_FACT_BAN) {
			assert_int_equal(AT(bans, VeilBan, x.index)->person, e);
			assert_int_equal(y.kind, VEIL_FACT_NONE);
		} else if (x.kind == VEIL_FACT_PROJECT_PERSON) {
			assert_int_equal(r->rule, VEIL_RULE_R05);
			assert_int_equal(AT(project_people, VeilProjectPerson, x.index)->person, e);
			assert_int_not_equal(AT(project_people, VeilProjectPerson, x.index)->project, p);
			assert_true(twin_loses(e, AT(project_people, VeilProjectPerson, y.index)->person));
		} else {
			assert_int_equal(x.kind, VEIL_FACT_NONE);
			assert_true(y.kind == VEIL_FACT_PROJECT_PERSON || y.kind == VEIL_FACT_PROJECT_EXCLUDE);
		}
		if (y.kind == VEIL_FACT_PROJECT_PERSON)
			assert_int_equal(AT(project_people, VeilProjectPerson, y.index)->project, p);
		if (y.kind == VEIL_FACT_PROJECT_ORG)
			assert_int_equal(AT(project_orgs, VeilProjectOrg, y.index)->project, p);
		if (y.kind == VEIL_FACT_POST)
			assert_true(twin_behind(&t, AT(posts, VeilPost, y.index)->person) && covers(y.when));
	}
	assert_int_equal(mask, expected);
}

static void
check_against_twin(const VeilFacts *f, const VeilPolicy *policy)
{
	g_autoptr(VeilExclusions) x = veil_conflict_find(f, policy, as_of, &coin, NULL);

	assert_non_null(x);
	assert_int_equal(x->n_projects, f->projects->len);
	for (guint32 p = 0; p < f->projects->len; p++)
		for (guint32 e = 0; e < f->persons->len; e++) {
			guint32 all = twin_mask(f, policy, p, e), pair = all & ~E04;
			gboolean forbidden = pair & forbidding(policy);

			assert_int_equal(look_up(x->pairs, x->offset[p], x->offset[p + 1], e), forbidden ? pair : 0);
			assert_int_equal(look_up(x->flags, x->flag_offset[p], x->flag_offset[p + 1], e), forbidden ? 0 : pair);
			assert_int_equal(look_up(x->everywhere, 0, x->n_everywhere, e), all & E04);
			check_reasons(f, policy, p, e, all);
		}
}

/* --- random facts -------------------------------------------------------------------------------------------------- */

static VeilInterval
random_interval(GRand *rand)
{
	const VeilDay days[] = {VEIL_DAY_MIN,	  window_start - 1, window_start, window_start + 1, as_of - 32, as_of - 31,
				as_of - 1,	  as_of,	    as_of + 1,	  VEIL_DAY_MAX,	    veil_day_from_civil(2021, 1, 1),
				veil_day_from_civil(2021, 12, 31)};
	VeilDay a = days[g_rand_int_range(rand, 0, G_N_ELEMENTS(days))], b = days[g_rand_int_range(rand, 0, G_N_ELEMENTS(days))];

	if (g_rand_int_range(rand, 0, 5) == 0) /* unknown on both sides, as an employer cell is */
		return (VeilInterval){VEIL_DAY_MIN, VEIL_DAY_MAX};
	return (VeilInterval){MIN(a, b), MAX(a, b)};
}

static VeilFacts *
random_facts(GRand *rand)
{
	VeilFacts *f = veil_facts_new();
	gint32 persons = g_rand_int_range(rand, 1, 8), orgs = g_rand_int_range(rand, 1, 5), projects = g_rand_int_range(rand, 1, 4);

#define PERSON ((guint32)g_rand_int_range(rand, 0, persons))
#define ORG ((guint32)g_rand_int_range(rand, 0, orgs))
#define PROJECT ((guint32)g_rand_int_range(rand, 0, projects))
#define SOME(n) for (gint32 i = g_rand_int_range(rand, 0, n); i > 0; i--)
	for (gint32 i = 0; i < persons; i++)
		ADD(f->persons, VeilPerson,
		    {.in_pool = g_rand_int_range(rand, 0, 4) > 0, .active = g_rand_boolean(rand), .max_load = -1, .province = VEIL_NONE,
		     .rank = VEIL_NONE, .kind = VEIL_NONE});
	for (gint32 i = 0; i < orgs; i++)
		ADD(f->orgs, VeilOrg, {.parent = VEIL_NONE});
	for (gint32 i = 0; i < projects; i++)
		ADD(f->projects, VeilProject, {.province = VEIL_NONE, .project_class = VEIL_NONE, .demand = -1});
	f->n_works = 4;
	SOME(8) ADD(f->posts, VeilPost, {PERSON, ORG, (VeilPostKind)g_rand_int_range(rand, 0, VEIL_N_POSTS), random_interval(rand)});
	SOME(10) ADD(f->authorships, VeilAuthorship, {(guint32)g_rand_int_range(rand, 0, 4), PERSON, random_interval(rand)});
	SOME(6) ADD(f->relations, VeilRelation, {(VeilRelationKind)g_rand_int_range(rand, 0, VEIL_N_RELATIONS), PERSON, PERSON, random_interval(rand)});
	SOME(3) ADD(f->bans, VeilBan, {PERSON, random_interval(rand)});
	SOME(3) ADD(f->avoids, VeilAvoid, {PERSON, ORG});
	SOME(6)
	ADD(f->project_people, VeilProjectPerson,
	    {PROJECT, PERSON, g_rand_boolean(rand) ? VEIL_PERSON_APPLICANT : VEIL_PERSON_PARTICIPANT, g_rand_boolean(rand) ? ORG : VEIL_NONE});
	SOME(4) ADD(f->project_orgs, VeilProjectOrg, {PROJECT, ORG, g_rand_boolean(rand) ? VEIL_ORG_UNIT : VEIL_ORG_PARTNER});
	SOME(3) ADD(f->project_excludes, VeilProjectExclude, {PROJECT, PERSON});
	assert_true(veil_facts_finish(f, NULL));
	return f;
}

static VeilPolicy
random_policy(GRand *rand)
{
	VeilPolicy policy = {0};
	static const int months[] = {36, 36, 36, -1, 0, 1};

	for (guint r = 0; r < VEIL_N_RULES; r++) {
		policy.rules[r].enabled = g_rand_int_range(rand, 0, 5) > 0;
		policy.rules[r].severity = (VeilSeverity)g_rand_int_range(rand, 0, r == VEIL_RULE_E04 ? 2 : 3);
		policy.rules[r].window_months = months[g_rand_int_range(rand, 0, G_N_ELEMENTS(months))];
	}
	policy.rules[VEIL_RULE_C13].max_authors = g_rand_int_range(rand, 0, 4);
	return policy;
}

static void
twin_agrees(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20240331);

	(void)state;
	for (int round = 0; round < 6000; round++) {
		g_autoptr(VeilFacts) f = random_facts(rand);
		VeilPolicy policy = random_policy(rand);

		check_against_twin(f, &policy);
	}
}

static guint32 *
random_order(GRand *rand, guint n)
{
	guint32 *order = g_new(guint32, n + 1);

	for (guint i = 0; i < n; i++)
		order[i] = i;
	for (guint i = n; i > 1; i--) {
		guint j = (guint)g_rand_int_range(rand, 0, (gint32)i);
		guint32 t = order[i - 1];

		order[i - 1] = order[j], order[j] = t;
	}
	return order;
}

/* The same facts under other numbers. */
static VeilFacts *
relabelled(const VeilFacts *f, const guint32 *person, const guint32 *org, const guint32 *project, const guint32 *work)
{
	VeilFacts *g = veil_facts_new();

	g_array_set_size(g->persons, f->persons->len);
	for (guint i = 0; i < f->persons->len; i++)
		*veil_facts_at(g->persons, VeilPerson, person[i]) = *AT(persons, VeilPerson, i);
	g_array_append_vals(g->orgs, f->orgs->data, f->orgs->len);
	g_array_append_vals(g->projects, f->projects->data, f->projects->len);
	g->n_works = f->n_works;
#define COPY(array, Type, ...)                                                                                                    \
	for (guint i = f->array->len; i > 0; i--) {                                                                               \
		Type row = *AT(array, Type, i - 1);                                                                               \
		__VA_ARGS__;                                                                                                      \
		g_array_append_val(g->array, row);                                                                                \
	}
	COPY(posts, VeilPost, row.person = person[row.person], row.org = org[row.org]);
	COPY(authorships, VeilAuthorship, row.person = person[row.person], row.work = work[row.work]);
	COPY(relations, VeilRelation, row.a = person[row.a], row.b = person[row.b]);
	COPY(bans, VeilBan, row.person = person[row.person]);
	COPY(avoids, VeilAvoid, row.person = person[row.person], row.org = org[row.org]);
	COPY(project_people, VeilProjectPerson, row.project = project[row.project], row.person = person[row.person],
	     row.org = row.org == VEIL_NONE ? VEIL_NONE : org[row.org]);
	COPY(project_orgs, VeilProjectOrg, row.project = project[row.project], row.org = org[row.org]);
	COPY(project_excludes, VeilProjectExclude, row.project = project[row.project], row.person = person[row.person]);
	assert_true(veil_facts_finish(g, NULL));
	return g;
}

static void
names_do_not_matter(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(5);

	(void)state;
	for (int round = 0; round < 1500; round++) {
		g_autoptr(VeilFacts) f = random_facts(rand);
		g_autofree guint32 *person = random_order(rand, f->persons->len), *org = random_order(rand, f->orgs->len);
		g_autofree guint32 *project = random_order(rand, f->projects->len), *work = random_order(rand, f->n_works);
		g_autoptr(VeilFacts) g = relabelled(f, person, org, project, work);
		VeilPolicy policy = random_policy(rand);
		g_autofree const char **moved = g_new(const char *, f->persons->len + 1);
		VeilCoin other = {coin.freeze_id, moved};

		for (guint i = 0; i < f->persons->len; i++)
			moved[person[i]] = coin.code[i];
		g_autoptr(VeilExclusions) x = veil_conflict_find(f, &policy, as_of, &coin, NULL), y = veil_conflict_find(g, &policy, as_of, &other, NULL);

		for (guint32 p = 0; p < f->projects->len; p++)
			for (guint32 e = 0; e < f->persons->len; e++) {
				g_autoptr(GArray) a = veil_conflict_explain(f, &policy, as_of, &coin, p, e);
				g_autoptr(GArray) b = veil_conflict_explain(g, &policy, as_of, &other, project[p], person[e]);
				guint32 q = project[p];

				assert_int_equal(look_up(x->pairs, x->offset[p], x->offset[p + 1], e),
						 look_up(y->pairs, y->offset[q], y->offset[q + 1], person[e]));
				assert_int_equal(look_up(x->flags, x->flag_offset[p], x->flag_offset[p + 1], e),
						 look_up(y->flags, y->flag_offset[q], y->flag_offset[q + 1], person[e]));
				assert_int_equal(a->len, b->len);
			}
		assert_int_equal(x->n_everywhere, y->n_everywhere);
	}
}

/* --- edges, one by one --------------------------------------------------------------------------------------------- */

/* Expert 0 (in the pool), applicant 1 (a stub); organisations 0 (the unit) and 1; project 0. */
static VeilFacts *
small_facts(void)
{
	VeilFacts *f = veil_facts_new();

	for (int i = 0; i < 3; i++)
		ADD(f->persons, VeilPerson, {.in_pool = i != 1, .active = TRUE, .max_load = -1, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE});
	for (int i = 0; i < 2; i++)
		ADD(f->orgs, VeilOrg, {.parent = VEIL_NONE});
	ADD(f->projects, VeilProject, {.province = VEIL_NONE, .project_class = VEIL_NONE, .demand = -1});
	ADD(f->project_people, VeilProjectPerson, {0, 1, VEIL_PERSON_APPLICANT, VEIL_NONE});
	ADD(f->project_orgs, VeilProjectOrg, {0, 0, VEIL_ORG_UNIT});
	f->n_works = 3;
	return f;
}

static guint32
verdict(VeilFacts *f, const VeilPolicy *policy)
{
	g_autoptr(VeilExclusions) x = NULL;
	guint32 mask;

	assert_true(veil_facts_finish(f, NULL));
	x = veil_conflict_find(f, policy, as_of, &coin, NULL);
	mask = look_up(x->pairs, 0, x->offset[1], 0) | look_up(x->everywhere, 0, x->n_everywhere, 0);
	check_reasons(f, policy, 0, 0, mask);
	return mask;
}

#define RULE(name) (1u << VEIL_RULE_##name)

static guint32
verdict_of_post(VeilPostKind kind, VeilDay since, VeilDay until)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();

	ADD(f->posts, VeilPost, {0, 0, kind, {since, until}});
	return verdict(f, &policy);
}

static void
posts_at_their_edges(void **state)
{
	static const VeilPostKind work[] = {VEIL_POST_EMPLOYEE, VEIL_POST_ADJUNCT, VEIL_POST_HEAD};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(work); i++) {
		assert_int_equal(verdict_of_post(work[i], VEIL_DAY_MIN, window_start - 1), 0);
		assert_int_equal(verdict_of_post(work[i], VEIL_DAY_MIN, window_start), RULE(C05));
		assert_int_equal(verdict_of_post(work[i], VEIL_DAY_MIN, as_of - 1), RULE(C05));
		assert_int_equal(verdict_of_post(work[i], VEIL_DAY_MIN, as_of), RULE(C04));
		assert_int_equal(verdict_of_post(work[i], as_of, VEIL_DAY_MAX), RULE(C04));
		assert_int_equal(verdict_of_post(work[i], as_of + 1, VEIL_DAY_MAX), 0);
	}
	assert_int_equal(verdict_of_post(VEIL_POST_EMPLOYER, VEIL_DAY_MIN, VEIL_DAY_MAX), RULE(C04));
	assert_int_equal(verdict_of_post(VEIL_POST_EMPLOYER, VEIL_DAY_MIN, as_of - 1), 0);
	assert_int_equal(verdict_of_post(VEIL_POST_DIRECTOR, VEIL_DAY_MIN, VEIL_DAY_MAX), RULE(C06));
	assert_int_equal(verdict_of_post(VEIL_POST_DIRECTOR, VEIL_DAY_MIN, window_start), RULE(C06));
	assert_int_equal(verdict_of_post(VEIL_POST_DIRECTOR, VEIL_DAY_MIN, window_start - 1), 0);
	assert_int_equal(verdict_of_post(VEIL_POST_SHAREHOLDER, as_of, as_of), RULE(C07));
	assert_int_equal(verdict_of_post(VEIL_POST_ADVISER, as_of + 1, as_of + 1), 0);
	assert_int_equal(verdict_of_post(VEIL_POST_ADVISER, VEIL_DAY_MIN, as_of), RULE(C09));
}

static guint32
verdict_of_relation(VeilRelationKind kind, gboolean turned, VeilInterval when)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();

	ADD(f->relations, VeilRelation, {kind, turned ? 1 : 0, turned ? 0 : 1, when});
	return verdict(f, &policy);
}

static void
relations_at_their_edges(void **state)
{
	static const guint32 rule[] = {RULE(C02), RULE(C12), RULE(C13), RULE(C17), RULE(C16)};
	VeilInterval year;

	(void)state;
	for (guint kind = 0; kind < VEIL_N_RELATIONS; kind++) {
		gboolean any_time = kind == VEIL_RELATION_KIN || kind == VEIL_RELATION_ADVISOR;

		for (int turned = 0; turned < 2; turned++) {
			assert_int_equal(verdict_of_relation(kind, turned, (VeilInterval){0, window_start - 1}), any_time ? rule[kind] : 0);
			assert_int_equal(verdict_of_relation(kind, turned, (VeilInterval){0, window_start}), rule[kind]);
			assert_int_equal(verdict_of_relation(kind, turned, (VeilInterval){as_of, VEIL_DAY_MAX}), rule[kind]);
			assert_int_equal(verdict_of_relation(kind, turned, (VeilInterval){as_of + 1, VEIL_DAY_MAX}), 0);
			assert_int_equal(verdict_of_relation(kind, turned, (VeilInterval){VEIL_DAY_MIN, VEIL_DAY_MAX}), rule[kind]);
		}
	}
	/* A year is widened to its last day: "2021" reaches into a window that starts on 2021-03-31, "2020" does not. */
	assert_true(veil_interval_parse("2021", &year));
	assert_int_equal(verdict_of_relation(VEIL_RELATION_COLLABORATOR, FALSE, year), RULE(C13));
	assert_true(veil_interval_parse("2020", &year));
	assert_int_equal(verdict_of_relation(VEIL_RELATION_COLLABORATOR, FALSE, year), 0);
	assert_true(veil_interval_parse("2021-03", &year));
	assert_int_equal(verdict_of_relation(VEIL_RELATION_COLLABORATOR, FALSE, year), RULE(C13));
	assert_true(veil_interval_parse("2021-02", &year));
	assert_int_equal(verdict_of_relation(VEIL_RELATION_COLLABORATOR, FALSE, year), 0);
}

static void
works_span_their_rows(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();

	(void)state;
	/* Neither row lies in the window, the hull of both does. */
	ADD(f->authorships, VeilAuthorship, {0, 0, {0, 10}});
	ADD(f->authorships, VeilAuthorship, {0, 1, {as_of + 5, as_of + 9}});
	assert_int_equal(verdict(f, &policy), RULE(C13));
	ADD(f->authorships, VeilAuthorship, {0, 2, {0, 0}});
	policy.rules[VEIL_RULE_C13].max_authors = 3;
	assert_int_equal(verdict(f, &policy), RULE(C13));
	/* A repeated row is no further author. */
	ADD(f->authorships, VeilAuthorship, {0, 2, {1, 1}});
	assert_int_equal(verdict(f, &policy), RULE(C13));
	policy.rules[VEIL_RULE_C13].max_authors = 2;
	assert_int_equal(verdict(f, &policy), 0);
}

static void
an_author_is_no_collaborator(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();

	(void)state;
	ADD(f->project_people, VeilProjectPerson, {0, 0, VEIL_PERSON_PARTICIPANT, VEIL_NONE});
	ADD(f->authorships, VeilAuthorship, {1, 0, {as_of, as_of}});
	ADD(f->authorships, VeilAuthorship, {1, 1, {as_of, as_of}});
	ADD(f->relations, VeilRelation, {VEIL_RELATION_COLLABORATOR, 0, 1, {as_of, as_of}});
	ADD(f->relations, VeilRelation, {VEIL_RELATION_ADVISOR, 1, 0, {as_of, as_of}});
	assert_int_equal(verdict(f, &policy), RULE(C01) | RULE(C12));
	policy.rules[VEIL_RULE_C01].enabled = FALSE;
	assert_int_equal(verdict(f, &policy), RULE(C12));
}

static void
the_project_side_is_wide(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();

	(void)state;
	ADD(f->posts, VeilPost, {0, 1, VEIL_POST_ADJUNCT, {VEIL_DAY_MIN, VEIL_DAY_MAX}});
	ADD(f->avoids, VeilAvoid, {0, 1});
	assert_int_equal(verdict(f, &policy), 0);
	/* The applicant sits on the board there: no employer of his. He is employed there: it is. */
	ADD(f->posts, VeilPost, {1, 1, VEIL_POST_DIRECTOR, {VEIL_DAY_MIN, VEIL_DAY_MAX}});
	ADD(f->posts, VeilPost, {1, 1, VEIL_POST_EMPLOYEE, {VEIL_DAY_MIN, as_of - 1}});
	assert_int_equal(verdict(f, &policy), 0);
	ADD(f->posts, VeilPost, {1, 1, VEIL_POST_EMPLOYEE, {as_of, as_of}});
	assert_int_equal(verdict(f, &policy), RULE(C04) | RULE(C19));
}

static void
stubs_are_never_listed(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();
	g_autoptr(VeilExclusions) x = NULL;
	g_autoptr(GArray) reasons = NULL;

	(void)state;
	ADD(f->posts, VeilPost, {1, 0, VEIL_POST_EMPLOYEE, {VEIL_DAY_MIN, VEIL_DAY_MAX}});
	ADD(f->bans, VeilBan, {1, {VEIL_DAY_MIN, VEIL_DAY_MAX}});
	ADD(f->avoids, VeilAvoid, {1, 0});
	ADD(f->project_excludes, VeilProjectExclude, {0, 1});
	assert_true(veil_facts_finish(f, NULL));
	x = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	reasons = veil_conflict_explain(f, &policy, as_of, &coin, 0, 1);
	assert_int_equal(x->offset[1], 0);
	assert_int_equal(x->flag_offset[1], 0);
	assert_int_equal(x->n_everywhere, 0);
	assert_int_equal(reasons->len, 0);
}

static void
flags_do_not_exclude(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();
	g_autoptr(VeilExclusions) x = NULL, y = NULL, z = NULL;

	(void)state;
	policy.rules[VEIL_RULE_C04].severity = VEIL_SEVERITY_FLAG;
	ADD(f->posts, VeilPost, {0, 0, VEIL_POST_EMPLOYEE, {VEIL_DAY_MIN, VEIL_DAY_MAX}});
	assert_true(veil_facts_finish(f, NULL));
	x = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	assert_int_equal(x->offset[1], 0);
	assert_int_equal(look_up(x->flags, 0, x->flag_offset[1], 0), RULE(C04));
	/* Beside a rule that excludes, the flag is one more reason. */
	ADD(f->project_excludes, VeilProjectExclude, {0, 0});
	y = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	assert_int_equal(look_up(y->pairs, 0, y->offset[1], 0), RULE(C04) | RULE(C18));
	assert_int_equal(y->flag_offset[1], 0);
	policy = policy_with(FALSE);
	z = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	assert_int_equal(z->offset[1] + z->flag_offset[1] + z->n_everywhere, 0);
}

static void
a_ban_is_no_flag(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = small_facts();
	g_autoptr(GError) error = NULL;

	(void)state;
	policy.rules[VEIL_RULE_E04].severity = VEIL_SEVERITY_FLAG;
	assert_true(veil_facts_finish(f, NULL));
	assert_null(veil_conflict_find(f, &policy, as_of, &coin, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_INPUT));
	assert_non_null(strstr(error->message, "conflict.E04"));
}

/* Of every two who could review each other exactly one is stopped, on all projects of the other; about half of the codes each. */
static void
one_direction_of_each_pair(void **state)
{
	enum { N = 60 };
	VeilPolicy policy = policy_with(FALSE);
	g_autoptr(VeilFacts) f = veil_facts_new();
	g_autoptr(VeilExclusions) x = NULL;
	g_autoptr(GError) error = NULL;
	guint lesser = 0;

	(void)state;
	policy.rules[VEIL_RULE_R05] = (VeilRule){.enabled = TRUE, .severity = VEIL_SEVERITY_FORBID_WAIVABLE, .window_months = -1};
	for (guint32 i = 0; i < N + 1; i++)
		ADD(f->persons, VeilPerson, {.in_pool = TRUE, .active = i != N, .max_load = -1, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE});
	for (guint32 i = 0; i < 2 * N; i++) {
		ADD(f->projects, VeilProject, {.province = VEIL_NONE, .project_class = VEIL_NONE, .demand = -1});
		ADD(f->project_people, VeilProjectPerson, {i, i % N, VEIL_PERSON_APPLICANT, VEIL_NONE});
	}
	/* One who may not review stops nobody and is not stopped. */
	ADD(f->project_people, VeilProjectPerson, {0, N, VEIL_PERSON_PARTICIPANT, VEIL_NONE});
	assert_true(veil_facts_finish(f, NULL));
	assert_null(veil_conflict_find(f, &policy, as_of, NULL, &error));
	x = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	for (guint32 e = 0; e < N; e++)
		for (guint32 g = 0; g < N; g++) {
			gboolean stopped = look_up(x->pairs, x->offset[g], x->offset[g + 1], e) != 0;

			assert_int_equal(stopped, look_up(x->pairs, x->offset[g + N], x->offset[g + N + 1], e) != 0);
			assert_int_equal(look_up(x->pairs, x->offset[g], x->offset[g + 1], N), 0);
			if (e == g)
				assert_false(stopped);
			else
				assert_int_equal(stopped, !look_up(x->pairs, x->offset[e], x->offset[e + 1], g));
			lesser += stopped && strcmp(codes[e], codes[g]) < 0;
		}
	/* N (N - 1) / 2 = 1,770 fair coins: five standard deviations are 105. */
	assert_in_range(lesser, 885 - 105, 885 + 105);
}

static void
nothing_excludes_nobody(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = veil_facts_new();
	g_autoptr(VeilExclusions) x = NULL;

	(void)state;
	assert_true(veil_facts_finish(f, NULL));
	x = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	assert_int_equal(x->n_projects, 0);
	assert_int_equal(x->offset[0], 0);
	veil_exclusions_free(NULL);
}

/* More than 4,096 persons: the second level of bits. */
static void
rows_of_many_words(void **state)
{
	VeilPolicy policy = policy_with(TRUE);
	g_autoptr(VeilFacts) f = veil_facts_new();
	g_autoptr(VeilExclusions) x = NULL;
	guint64 at = 0;

	(void)state;
	for (int i = 0; i < 10000; i++)
		ADD(f->persons, VeilPerson, {.in_pool = TRUE, .active = TRUE, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE});
	ADD(f->orgs, VeilOrg, {.parent = VEIL_NONE});
	for (int i = 0; i < 2; i++) {
		ADD(f->projects, VeilProject, {.province = VEIL_NONE, .project_class = VEIL_NONE});
		ADD(f->project_orgs, VeilProjectOrg, {(guint32)i, 0, VEIL_ORG_UNIT});
	}
	for (guint32 i = 0; i < 10000; i++)
		if (i % 7 == 3 || i == 9999)
			ADD(f->posts, VeilPost, {i, 0, VEIL_POST_EMPLOYER, {VEIL_DAY_MIN, VEIL_DAY_MAX}});
	assert_true(veil_facts_finish(f, NULL));
	x = veil_conflict_find(f, &policy, as_of, &coin, NULL);
	for (int p = 0; p < 2; p++)
		for (guint32 i = 0; i < 10000; i++)
			if (i % 7 == 3 || i == 9999)
				assert_int_equal(x->pairs[at++].person, i);
	assert_int_equal(x->offset[2], at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twin_agrees),
		cmocka_unit_test(names_do_not_matter),
		cmocka_unit_test(posts_at_their_edges),
		cmocka_unit_test(relations_at_their_edges),
		cmocka_unit_test(works_span_their_rows),
		cmocka_unit_test(an_author_is_no_collaborator),
		cmocka_unit_test(the_project_side_is_wide),
		cmocka_unit_test(stubs_are_never_listed),
		cmocka_unit_test(flags_do_not_exclude),
		cmocka_unit_test(a_ban_is_no_flag),
		cmocka_unit_test(one_direction_of_each_pair),
		cmocka_unit_test(nothing_excludes_nobody),
		cmocka_unit_test(rows_of_many_words),
	};

	return cmocka_run_group_tests(tests, set_days, NULL);
}
