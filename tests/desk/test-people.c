/* test-people.c - who is whom, which employer is which, and whether the order of imports matters. It must not. */
#include "site-fixture.h"

#include "../../tools/desk/import/expert.h"

static guint
n_in_pool(const VeilFacts *facts)
{
	guint n = 0;

	for (guint i = 0; i < facts->persons->len; i++)
		n += veil_facts_at(facts->persons, VeilPerson, i)->in_pool != 0;
	return n;
}

static gboolean
batch_with(Fixture *fixture, VeilFacts **out_facts)
{
	if (!fixture_batch(fixture, "B", "id,title\nP1,t\n", NULL))
		return FALSE;
	fixture_load(fixture, "B", out_facts, NULL);
	return TRUE;
}

static void
test_a_stub_becomes_an_expert(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "works", "work,person,date\nW1,E1,2023\nW1,X,2023\n");
	fixture_must(fixture, "bans", "person,since,until\nE1,2020,2021\n");
	fixture_must(fixture, "experts", "id,name\nE1,张三\n");
	fixture_counts(fixture, "1 1 0 0 0 0");
	assert_true(batch_with(fixture, &facts));
	assert_int_equal(facts->persons->len, 2);
	assert_int_equal(n_in_pool(facts), 1);
	assert_int_equal(facts->authorships->len, 2);
	assert_true(veil_facts_at(facts->persons, VeilPerson, veil_facts_at(facts->bans, VeilBan, 0)->person)->in_pool);
}

/* A rejected row leaves nothing behind, not even a stub of the person it names. */
static void
test_a_rejected_relation_adds_nobody(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_import(fixture, "relations", "kind,a,b\nkin,E1,E1\n");
	fixture_reject(fixture, 2, "b", "same person");
	assert_true(batch_with(fixture, &facts));
	assert_int_equal(facts->persons->len, 0);
}

/* The same id in two sources is two persons unless something strong agrees. */
static void
test_sources_join_only_on_strong_agreement(void **state)
{
	static const struct {
		const char *a, *b;
		guint persons;
	} cases[] = {
		{"E1,张三,,,,", "E1,张三,,,,", 2},
		{"E1,张三,420106197001010011,,,", "E9,ZHANG San,４２０１０６１９７００１０１００１１,,,", 1},
		{"E1,张三,,0000-0002-1825-0097,,", "E9,Zhang,,https://orcid.org/0000-0002-1825-0097,,", 1},
		{"E1,张三,,,13800138000,", "E9,张 三,,,+86 138-0013-8000,", 1},
		{"E1,张三,,,13800138000,", "E9,李四,,,13800138000,", 2},
		{"E1,Zoë Müller,,,,Z.M@Example.org", "E9,Zoe Muller,,,,z.m@example.org", 1},
		{"E1,张三,,,,office@example.org", "E9,李四,,,,office@example.org", 2},
		{"E1,张三,0,,00000000,无", "E9,张三,0,,00000000,无", 2},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Fixture *fixture;
		g_autoptr(VeilFacts) facts = NULL;
		g_autofree char *a = g_strdup_printf("id,name,id_number,orcid,phone,email\n%s\n", cases[i].a);
		g_autofree char *b = g_strdup_printf("id,name,id_number,orcid,phone,email\n%s\n", cases[i].b);

		if (i > 0) {
			fixture_tear_down(state);
			fixture_set_up(state);
		}
		fixture = *state;
		fixture_must(fixture, "experts", a);
		fixture->options.source = "other";
		fixture_must(fixture, "experts", b);
		fixture_counts(fixture, "1 1 0 0 0 0");
		fixture->options.source = NULL;
		assert_true(batch_with(fixture, &facts));
		if (facts->persons->len != cases[i].persons)
			fail_msg("case %u: %u persons", i, facts->persons->len);
	}
}

/* Three sources of one person, joined in a chain within one delivery and across two: still one. */
static void
test_chains_of_agreement_make_one_person(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "experts", "id,name,id_number,orcid\nE1,a,420106197001010011,\nE2,b,,0000-0002-1825-0097\nE3,c,,\n");
	fixture->options.source = "second";
	fixture_must(fixture, "experts", "id,name,id_number,orcid\nF1,a,420106197001010011,0000-0002-1825-0097\nF2,c,,\n");
	fixture->options.source = "third";
	fixture_must(fixture, "experts", "id,name,id_number,orcid\nG1,a,,0000-0002-1825-0097\nG2,x,510106197001010011,\nG3,y,510106197001010011,\n");
	fixture->options.source = NULL;
	assert_true(batch_with(fixture, &facts));
	assert_int_equal(facts->persons->len, 4); /* E1 E2 F1 G1 · E3 · F2 · G2 G3 */
}

static void
test_suspended_and_merged_by_hand(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;
	g_autoptr(GError) error = NULL;
	guint active = 0;

	fixture_must(fixture, "experts", "id,name\nE1,a\nE2,b\nE3,c\n");
	fixture_must(fixture, "works", "work,person,date\nW1,X,2020\n");
	assert_true(veil_expert_suspend(fixture->site, "op1", "local", " Ｅ1 ", NULL));
	assert_false(veil_expert_suspend(fixture->site, "op1", "local", "E1", &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_false(veil_expert_suspend(fixture->site, "op1", "local", "X", &error)); /* a stub */
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_false(veil_expert_suspend(fixture->site, "op1", "other", "E1", &error));
	assert_int_equal(error->code, VEIL_ERROR_NOT_AVAILABLE);
	assert_null(strstr(error->message, "E1"));
	assert_true(veil_expert_merge(fixture->site, "op1", "local", "E2", "local", "E3", NULL));
	assert_false(veil_expert_merge(fixture->site, "op1", "local", "E3", "local", "E2", NULL));
	fixture_must(fixture, "experts", "id,name\nE1,a\nE2,b\nE3,c\n"); /* a list that says nothing of it undoes neither */
	fixture_counts(fixture, "3 0 0 3 0 0");
	assert_true(batch_with(fixture, &facts));
	assert_int_equal(facts->persons->len, 3);
	for (guint i = 0; i < 3; i++)
		active += veil_facts_at(facts->persons, VeilPerson, i)->in_pool && veil_facts_at(facts->persons, VeilPerson, i)->active;
	assert_int_equal(active, 1);
}

/* A homonym is no person; one source's two ids are two persons. */
static void
test_homonyms_stay_apart(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "experts", "id,name,organisation\nN1,王健,东北大学\nN2,王健,武汉大学\nN3,王健,武汉大学\n");
	assert_true(fixture_batch(fixture, "B", "id,title\nP1,t\n", "project,person,name,organisation\nP1,N1,王健,东北大学\n"));
	fixture_load(fixture, "B", &facts, NULL);
	assert_int_equal(facts->persons->len, 3);
	assert_int_equal(facts->project_people->len, 1); /* a row with an id is never matched by name */
}

/* A row of people without an id means every expert of that name and employer, whether they came before or after it. */
static void
test_names_without_an_id_mean_everybody_of_that_name_and_employer(void **state)
{
	static const char experts[] = "id,name,variants,organisation\nN1,王健,,东北大学\nN2,王 健,,东北大学\nN3,王健,,武汉大学\nN4,Wang Jian,王健,东北大学\nN5,李四,,东北大学\n";
	static const char projects[] = "id,title,organisation\nP1,t,东北大学\nP2,t,甲厂\nP3,t,乙厂\n";
	static const char people[] = "project,person,name,role,organisation\nP1,,王健,applicant,\nP2,,王健,applicant,东北大学\nP3,,王健,applicant,丙厂\n";
	Fixture *fixture = *state;

	for (int order = 0; order < 2; order++) {
		g_autoptr(VeilFacts) facts = NULL;
		guint pool[3] = {0}, stubs[3] = {0};

		if (order == 0)
			fixture_must(fixture, "experts", experts);
		assert_true(fixture_batch(fixture, "B", projects, people));
		if (order == 1)
			fixture_must(fixture, "experts", experts);
		fixture_load(fixture, "B", &facts, NULL);
		for (guint i = 0; i < facts->project_people->len; i++) {
			const VeilProjectPerson *row = veil_facts_at(facts->project_people, VeilProjectPerson, i);
			gboolean has_unit = FALSE;
			guint p = 2;

			/* P1 is where the unit is 东北大学, P2 where the row's employer is; P3 has only the stub */
			for (guint k = 0; k < facts->project_orgs->len; k++)
				if (veil_facts_at(facts->project_orgs, VeilProjectOrg, k)->project == row->project)
					has_unit = TRUE;
			assert_true(has_unit);
			if (row->org == VEIL_NONE)
				p = 0;
			else if (veil_facts_at(facts->persons, VeilPerson, row->person)->in_pool)
				p = 1;
			(veil_facts_at(facts->persons, VeilPerson, row->person)->in_pool ? pool : stubs)[p]++;
		}
		assert_int_equal(pool[0], 3); /* N1, N2, N4 */
		assert_int_equal(stubs[0], 0);
		assert_int_equal(pool[1], 3);
		assert_int_equal(pool[2], 0);
		assert_int_equal(stubs[2], 1);
		if (order == 0) {
			fixture_tear_down(state);
			fixture_set_up(state);
			fixture = *state;
		}
	}
}

static void
test_excludes_by_id_and_by_name(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "experts", "id,name,organisation\nN1,王健,东北大学\nN2,李四,东北大学\nN3,王健,武汉大学\n");
	assert_true(fixture_batch(fixture, "B", "id,title,exclude\nP1,t,N2；王健@武汉大学\nP2,t,钱七@武汉大学\nP3,t,@x\nP4,t,1.5E+9\n", NULL));
	fixture_counts(fixture, "4 2 0 0 2 0");
	fixture_load(fixture, "B", &facts, NULL);
	assert_int_equal(facts->project_excludes->len, 3);
	for (guint i = 0, pool = 0; i < 3; i++) {
		pool += veil_facts_at(facts->persons, VeilPerson, veil_facts_at(facts->project_excludes, VeilProjectExclude, i)->person)->in_pool;
		if (i == 2)
			assert_int_equal(pool, 2);
	}
}

/* --- employers ----------------------------------------------------------------------------------------------------- */

/* The same organisation under code, name, alias and another spelling: one, in whichever order the lists come. */
static void
test_employers_are_one_in_any_order_of_lists(void **state)
{
	static const char *const kinds[] = {"experts", "organisations", "posts"};
	static const char *const lists[] = {
		"id,name,organisation,organisation_code\nE1,a,中国社会科学院,\nE2,b,中国社科院,\nE3,c,,U1\nE4,d,中国社会科学院 ,\nE5,e,ＣＡＳＳ,\nE6,f,0,\nE7,g,别处,\n",
		"code,name,aliases\nU1,中国社会科学院,中国社科院；cass\n",
		"person,organisation,kind\nE8,CASS,adjunct\n",
	};
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	for (guint o = 0; o < 6; o++) {
		g_autoptr(VeilFacts) facts = NULL;
		Fixture *fixture;
		guint same = 0;

		if (o > 0) {
			fixture_tear_down(state);
			fixture_set_up(state);
		}
		fixture = *state;
		for (int i = 0; i < 3; i++)
			fixture_must(fixture, kinds[orders[o][i]], lists[orders[o][i]]);
		assert_true(batch_with(fixture, &facts));
		assert_int_equal(facts->orgs->len, 2);
		assert_int_equal(facts->posts->len, 7); /* E6 works for a filler */
		for (guint i = 0; i < facts->posts->len; i++)
			for (guint k = 0; k < i; k++)
				same += veil_facts_at(facts->posts, VeilPost, i)->org == veil_facts_at(facts->posts, VeilPost, k)->org;
		assert_int_equal(same, 15); /* six at one place, one elsewhere */
	}
}

static void
test_brackets_make_different_universities(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "experts", "id,name,organisation\nE1,a,中国地质大学（武汉）\nE2,b,中国地质大学(武汉)\nE3,c,中国地质大学（北京）\n");
	assert_true(batch_with(fixture, &facts));
	assert_int_equal(facts->orgs->len, 2);
}

/* Two listed organisations of one name stay two; a unified code means the same in every source, an own code does not. */
static void
test_codes_and_clashing_aliases(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	fixture_must(fixture, "organisations", "code,name,aliases,parent\n91420100MA4KXAAA1B,甲厂,厂,\nU2,乙厂,厂,U3\nU3,丙厂,,\n");
	fixture->options.source = "other";
	fixture_must(fixture, "organisations", "code,name,aliases,parent\n91420100ma4kxaaa1b,甲厂,,\nU2,丁厂,,\n");
	fixture_counts(fixture, "2 1 1 0 0 0");
	fixture->options.source = NULL;
	assert_true(batch_with(fixture, &facts));
	assert_int_equal(facts->orgs->len, 4);
}

/* --- features ------------------------------------------------------------------------------------------------------ */

static guint
terms_of_pool(const VeilFacts *facts, const VeilFeatures *features)
{
	guint n = 0;

	for (guint i = 0; i < facts->persons->len; i++)
		if (veil_facts_at(facts->persons, VeilPerson, i)->in_pool)
			n += (guint)(g_array_index(features->person_offset, guint64, i + 1) - g_array_index(features->person_offset, guint64, i));
	return n;
}

static void
test_terms_of_profiles_and_works_fold_into_the_person(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;
	g_autoptr(VeilFeatures) features = NULL;

	fixture_must(fixture, "experts", "id,name,keywords,profile\nE1,a,forestry,ecology of forestry\nE2,b,,\n");
	fixture_must(fixture, "works", "work,person,date,title\nW1,E2,2020,forestry ecology\nW1,E1,2020,\nW2,X,2020,zoology\n");
	assert_true(fixture_batch(fixture, "B", "id,title,abstract\nP1,ecology,zoology\n", NULL));
	fixture_load(fixture, "B", &facts, &features);
	assert_int_equal(terms_of_pool(facts, features), 4); /* forestry, ecology: twice each */
	assert_int_equal(features->project_terms->len, 2);
	for (guint i = 1; i < features->project_terms->len; i++)
		assert_true(g_array_index(features->project_terms, VeilTermCount, i - 1).term < g_array_index(features->project_terms, VeilTermCount, i).term);
	/* a cleared profile is forgotten */
	g_clear_pointer(&facts, veil_facts_free);
	g_clear_pointer(&features, veil_features_free);
	fixture_must(fixture, "experts", "id,name,keywords,profile\nE1,,-,botany\n");
	fixture_load(fixture, "B", &facts, &features);
	assert_int_equal(terms_of_pool(facts, features), 5); /* E1: botany and the work's two */
}

static void
test_disciplines_count_only_when_their_tree_knows_them(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;
	g_autoptr(VeilFeatures) features = NULL;

	fixture_must(fixture, "experts", "id,name,disciplines\nE1,a,GB:110=2;GB:999;XX:110\n");
	assert_int_equal(fixture->last->warnings->len, 1);
	fixture_must(fixture, "disciplines", "scheme,code,parent,name\nGB,11010,110,b\nGB,110,,a\n");
	assert_true(fixture_batch(fixture, "B", "id,title,disciplines\nP1,t,GB:11010\n", NULL));
	fixture_load(fixture, "B", &facts, &features);
	assert_int_equal(features->person_disc->len, 1);
	assert_int_equal(g_array_index(features->person_disc, VeilDisciplineWeight, 0).weight_micro, 2000000);
	assert_int_equal(features->project_disc->len, 1);
	assert_int_equal(features->discipline_parent->len, 2);
}

/* --- batches ------------------------------------------------------------------------------------------------------- */

static void
test_a_batch_is_made_whole_or_not_at_all(void **state)
{
	static const char *const bad_names[] = {"", ".", "..", "../x", "a/b", "a b", "-x", "x\n", "一、二", "\xff"};
	Fixture *fixture = *state;
	g_autofree char *before = fixture_digest(fixture), *after = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(bad_names); i++) {
		assert_false(fixture_batch(fixture, bad_names[i], "id,title\nP1,t\n", NULL));
		assert_int_equal(fixture->code, VEIL_ERROR_USAGE);
	}
	assert_false(fixture_batch(fixture, "B", "id,title\n", NULL));
	assert_false(fixture_batch(fixture, "B", "id,title\nP1,t\n", "project,person\n")); /* nobody, where a list of people is named */
	assert_false(fixture_batch(fixture, "B", "id,title\nP1,t\n", "project\nP1\nP1,too,many\n") && fixture->last->rejected == 0);
	fixture->options.strict = TRUE;
	assert_false(fixture_batch(fixture, "B2", "id,title\nP1,t\n", "project,person\nP2,E1\n"));
	assert_int_equal(fixture->code, VEIL_ERROR_INPUT);
	fixture->options.strict = FALSE;
	assert_true(fixture_batch(fixture, "2026年甲批", "id,title\nP1,t\n", "project,person,name\nP2,E1,\nP1,,\nP1,E1,x\nP1,E1,x\nP1,E1,y\n"));
	fixture_counts(fixture, "6 2 0 0 3 1");
	assert_false(fixture_batch(fixture, "2026年甲批", "id,title\nP1,t\n", NULL));
	assert_int_equal(fixture->code, VEIL_ERROR_REFUSED);
	after = fixture_digest(fixture);
	assert_string_not_equal(before, after);
}

/* A freeze reads the projects of its own batch only. */
static void
test_batches_do_not_mix(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(VeilFacts) facts = NULL;

	assert_true(fixture_batch(fixture, "A", "id,title,organisation,exclude\nP1,t,甲厂,X\nP2,t,,\n", "project,person\nP1,E1\n"));
	assert_true(fixture_batch(fixture, "B", "id,title,organisation,exclude\nP1,t,乙厂,Y\n", "project,person\nP1,E2\n"));
	fixture_load(fixture, "B", &facts, NULL);
	assert_int_equal(facts->projects->len, 1);
	assert_int_equal(facts->project_people->len, 1);
	assert_int_equal(facts->project_orgs->len, 1);
	assert_int_equal(facts->project_excludes->len, 1);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_a_stub_becomes_an_expert),
		CASE(test_a_rejected_relation_adds_nobody),
		CASE(test_sources_join_only_on_strong_agreement),
		CASE(test_chains_of_agreement_make_one_person),
		CASE(test_suspended_and_merged_by_hand),
		CASE(test_homonyms_stay_apart),
		CASE(test_names_without_an_id_mean_everybody_of_that_name_and_employer),
		CASE(test_excludes_by_id_and_by_name),
		CASE(test_employers_are_one_in_any_order_of_lists),
		CASE(test_brackets_make_different_universities),
		CASE(test_codes_and_clashing_aliases),
		CASE(test_terms_of_profiles_and_works_fold_into_the_person),
		CASE(test_disciplines_count_only_when_their_tree_knows_them),
		CASE(test_a_batch_is_made_whole_or_not_at_all),
		CASE(test_batches_do_not_mix),
	};

	return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
