/* test-facts.c - facts come out in one order, and no index points nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <veil/facts.h>

#define ALWAYS {VEIL_DAY_MIN, VEIL_DAY_MAX}
#define ADD(array, Type, ...)                                                                                                     \
	do {                                                                                                                      \
		Type row_ = __VA_ARGS__;                                                                                          \
		g_array_append_val(array, row_);                                                                                  \
	} while (0)

static VeilFacts *
sound_facts(void)
{
	VeilFacts *f = veil_facts_new();

	for (int i = 0; i < 3; i++) {
		ADD(f->persons, VeilPerson, {.in_pool = TRUE, .active = TRUE, .max_load = -1, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE});
		ADD(f->orgs, VeilOrg, {.parent = VEIL_NONE});
		ADD(f->projects, VeilProject, {.province = VEIL_NONE, .project_class = VEIL_NONE, .demand = -1});
	}
	f->n_works = 3;
	return f;
}

static void
rows_come_in_one_order(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);
	g_autofree VeilAuthorship *first = NULL;
	g_autofree VeilPost *first_posts = NULL;

	(void)state;
	for (int round = 0; round < 50; round++) {
		g_autoptr(VeilFacts) f = sound_facts();
		int order[24];

		for (int i = 0; i < 24; i++)
			order[i] = i;
		for (int i = 23; i > 0; i--) {
			int j = g_rand_int_range(rand, 0, i + 1), t = order[i];

			order[i] = order[j], order[j] = t;
		}
		for (int i = 0; i < 24; i++) {
			guint x = (guint)order[i];

			ADD(f->authorships, VeilAuthorship, {.work = x % 3, .person = x / 3 % 3, .when = {(VeilDay)(x / 9), 100}});
			ADD(f->posts, VeilPost, {.person = x % 3, .org = x / 3 % 3, .kind = x % 2 ? VEIL_POST_HEAD : VEIL_POST_EMPLOYEE, .when = {(VeilDay)x, 100}});
		}
		assert_true(veil_facts_finish(f, NULL));
		for (guint i = 1; i < 24; i++) {
			const VeilAuthorship *a = veil_facts_at(f->authorships, VeilAuthorship, i - 1), *b = a + 1;

			assert_true(a->work < b->work || (a->work == b->work && a->person <= b->person));
			assert_true(veil_facts_at(f->posts, VeilPost, i - 1)->person <= veil_facts_at(f->posts, VeilPost, i)->person);
		}
		if (!first) {
			first = g_memdup2(f->authorships->data, 24 * sizeof *first);
			first_posts = g_memdup2(f->posts->data, 24 * sizeof *first_posts);
		}
		assert_memory_equal(first, f->authorships->data, 24 * sizeof *first);
		assert_memory_equal(first_posts, f->posts->data, 24 * sizeof *first_posts);
	}
}

static void
assert_refused(VeilFacts *facts, const char *array)
{
	g_autoptr(VeilFacts) owned = facts;
	g_autoptr(GError) error = NULL;

	assert_false(veil_facts_finish(owned, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_FAILED));
	assert_non_null(strstr(error->message, array));
}

static void
no_index_points_nowhere(void **state)
{
	VeilFacts *f;

	(void)state;
#define BAD(array, Type, ...)                                                                                                     \
	f = sound_facts();                                                                                                        \
	ADD(f->array, Type, __VA_ARGS__);                                                                                         \
	assert_refused(f, #array)
	BAD(persons, VeilPerson, {.province = 0, .rank = VEIL_NONE, .kind = VEIL_NONE});
	BAD(persons, VeilPerson, {.province = VEIL_NONE, .rank = VEIL_NONE, .kind = 7});
	BAD(orgs, VeilOrg, {.parent = 4});
	BAD(posts, VeilPost, {.person = 3, .org = 0, .when = ALWAYS});
	BAD(posts, VeilPost, {.person = 0, .org = 3, .when = ALWAYS});
	BAD(posts, VeilPost, {.person = 0, .org = 0, .kind = VEIL_N_POSTS, .when = ALWAYS});
	BAD(authorships, VeilAuthorship, {.person = 3, .work = 0, .when = ALWAYS});
	BAD(authorships, VeilAuthorship, {.person = 0, .work = 3, .when = ALWAYS});
	BAD(relations, VeilRelation, {.a = 0, .b = 3, .when = ALWAYS});
	BAD(relations, VeilRelation, {.a = VEIL_NONE, .b = 0, .when = ALWAYS});
	BAD(relations, VeilRelation, {.kind = VEIL_N_RELATIONS, .when = ALWAYS});
	BAD(bans, VeilBan, {.person = 3, .when = ALWAYS});
	BAD(avoids, VeilAvoid, {.person = 0, .org = 3});
	BAD(projects, VeilProject, {.province = 0, .project_class = VEIL_NONE});
	BAD(projects, VeilProject, {.province = VEIL_NONE, .project_class = 0});
	BAD(project_people, VeilProjectPerson, {.project = 3, .org = VEIL_NONE});
	BAD(project_people, VeilProjectPerson, {.person = 3, .org = VEIL_NONE});
	BAD(project_people, VeilProjectPerson, {.org = 3});
	BAD(project_orgs, VeilProjectOrg, {.org = 3});
	BAD(project_excludes, VeilProjectExclude, {.project = 3});
}

static void
empty_facts_are_facts(void **state)
{
	g_autoptr(VeilFacts) f = veil_facts_new();
	g_autoptr(VeilFeatures) features = veil_features_new();

	(void)state;
	assert_true(veil_facts_finish(f, NULL));
	assert_int_equal(features->person_offset->len, 1);
	assert_int_equal(g_array_index(features->project_disc_offset, guint64, 0), 0);
	veil_facts_free(NULL);
	veil_features_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_in_one_order),
		cmocka_unit_test(no_index_points_nowhere),
		cmocka_unit_test(empty_facts_are_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
