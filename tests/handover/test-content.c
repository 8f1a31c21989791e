/* test-content.c - the requester's file of a freeze: two worlds that differ in who reviews, and in who applies, give the same bytes; the file is read back as written or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "freeze/freeze-content.h"

enum { N_PERSONS = 40, N_PROJECTS = 6, N_ORGS = 5 };

static void
seeded(void *out, gsize n, gpointer data)
{
	for (gsize i = 0; i < n; i++)
		((guint8 *)out)[i] = (guint8)g_rand_int_range(data, 0, 256);
}

static VeilId
id_of(guint32 n, guint8 kind)
{
	return (VeilId){{kind, (guint8)(n >> 8), (guint8)n}};
}

/* What may differ: who applies, where people work, what they are called. */
typedef struct {
	guint32 applicant_shift, employer_shift;
	const char *const *names; /* of persons 0, 1, 2 */
} World;

static const char *const plain_names[] = {"司徒怀瑾", "高峰", "Li Wei"}, *const other_names[] = {"欧阳明远", "白云", "Ann Marie Smith"};

static const char *const texts[N_PROJECTS] = {"赤潮预警的方法\n第二行", "高峰期用电负荷", "a method \\ of two lines\r\n", "又一个题目", "五", "本题与司徒怀瑾无关"};

static char *
content_of(const World *w, guint *out_others)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);
	g_autoptr(VeilBatchKey) key = veil_batch_key_new(seeded, rand);
	g_autoptr(VeilFacts) f = veil_facts_new();
	g_autoptr(VeilFrozenTexts) frozen = veil_frozen_texts_new(N_PROJECTS);
	g_autoptr(VeilContent) content = NULL;
	g_autoptr(VeilPlaces) places = NULL;
	VeilExclusions none = {.n_projects = N_PROJECTS, .offset = g_new0(guint64, N_PROJECTS + 1), .flag_offset = g_new0(guint64, N_PROJECTS + 1)};
	g_autoptr(VeilPolicy) policy = veil_policy_parse("[batch]\ndemand=2\n", 17, "p", NULL);
	VeilFreezeInput input = {.facts = f, .policy = policy, .key = key, .as_of = 20000, .n_threads = 1};
	gsize len;

	for (guint32 i = 0; i < N_ORGS; i++) {
		VeilOrg org = {id_of(i, 2), VEIL_NONE};

		g_array_append_val(f->orgs, org);
	}
	for (guint32 i = 0; i < N_PERSONS; i++) {
		VeilPerson p = {.id = id_of(i, 1), .in_pool = TRUE, .active = TRUE, .max_load = -1, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE, .city = VEIL_NONE};
		VeilPost post = {i, (i + w->employer_shift) % N_ORGS, VEIL_POST_EMPLOYER, {VEIL_DAY_MIN, VEIL_DAY_MAX}};

		g_array_append_val(f->persons, p);
		g_array_append_val(f->posts, post);
	}
	for (guint32 i = 0; i < N_PROJECTS; i++) {
		VeilProject p = {.id = id_of(i, 3), .province = VEIL_NONE, .demand = -1, .project_class = VEIL_NONE};
		VeilProjectPerson behind = {i, 10 + (i + w->applicant_shift) % 20, VEIL_PERSON_APPLICANT, VEIL_NONE};

		g_array_append_val(f->projects, p);
		g_array_append_val(f->project_people, behind);
		veil_frozen_texts_add(frozen, i, "title", texts[i]);
	}
	for (guint32 i = 0; i < 3; i++)
		veil_frozen_texts_name(frozen, VEIL_LEAK_PERSON, i, w->names[i]);
	veil_frozen_texts_name(frozen, VEIL_LEAK_PERSON, 10, "赤潮"); /* behind project 0 of the plain world */
	veil_frozen_texts_ready(frozen);
	assert_true(veil_facts_finish(f, NULL));
	places = veil_places_new(&input, &none);
	content = veil_freeze_content(frozen, f, places, key, "B", "0123456789abcdef0123456789abcdef", out_others);
	g_free(none.offset);
	g_free(none.flag_offset);
	return veil_content_format(content, &len);
}

static void
names_of_the_pool_leave_no_trace(void **state)
{
	const World plain = {0, 0, plain_names}, renamed = {0, 3, other_names};
	guint others, renamed_others;
	g_autofree char *a = content_of(&plain, &others), *b = content_of(&renamed, &renamed_others);

	(void)state;
	/* A title names an expert: the registrar is told how often, the requester nothing. */
	assert_string_equal(a, b);
	assert_int_equal(others, 1);
	assert_int_equal(renamed_others, 0);
	assert_non_null(strstr(a, "\nleak person title 1 1\n")); /* the applicant's own */
	assert_null(strstr(strstr(a, "\nleak ") + 1, "\nleak "));
}

/* The test can fail: of who applies, what a text says is there, and nothing else. */
static void
an_applicant_who_is_named_is_found(void **state)
{
	const World plain = {0, 0, plain_names}, moved = {1, 0, plain_names};
	guint others;
	g_autofree char *a = content_of(&plain, &others), *b = content_of(&moved, &others);
	g_auto(GStrv) lines = g_strsplit(a, "\n", -1);

	(void)state;
	assert_string_not_equal(a, b);
	assert_null(strstr(b, "\nleak ")); /* a short name of somebody behind another project is often a word */
	for (guint i = 0; lines[i] != NULL; i++)
		if (!g_str_has_prefix(lines[i], "leak ") && !g_str_has_prefix(lines[i], "end "))
			assert_non_null(strstr(b, lines[i]));
}

static void
read_as_written_or_not_at_all(void **state)
{
	const World plain = {0, 0, plain_names};
	guint others;
	g_autofree char *text = content_of(&plain, &others), *again = NULL;
	gsize len = strlen(text), n;
	g_autoptr(VeilContent) content = veil_content_parse(text, len, NULL);
	g_autoptr(GRand) rand = g_rand_new_with_seed(9);

	(void)state;
	assert_non_null(content);
	again = veil_content_format(content, &n);
	assert_string_equal(again, text);
	for (guint i = 0; i < N_PROJECTS; i++) {
		gboolean there = FALSE;

		for (guint p = 0; p < N_PROJECTS; p++)
			there |= strcmp(g_array_index(g_array_index(content->projects, VeilContentProject, p).texts, VeilContentText, 0).text, texts[i]) == 0;
		assert_true(there);
	}
	for (guint i = 0; i < 300; i++) {
		g_autofree char *forged = g_memdup2(text, len + 1);
		gsize at = (gsize)g_rand_int_range(rand, 0, (gint32)len);

		forged[at] = (char)(forged[at] ^ (1 << g_rand_int_range(rand, 0, 7)));
		assert_null(veil_content_parse(forged, len, NULL));
		assert_null(veil_content_parse(text, at, NULL));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_pool_leave_no_trace),
		cmocka_unit_test(an_applicant_who_is_named_is_found),
		cmocka_unit_test(read_as_written_or_not_at_all),
	};

	return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
