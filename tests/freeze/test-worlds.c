/* test-worlds.c - two worlds, one batch file: what no rule asks for leaves no trace in what the drawer gets, what a rule asks for does.
 *
 * The same key and the same scores; the worlds differ in names, values and reasons that the drawer must not learn. Files are compared by their root and their rows' bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "freeze/freeze.h"
#include "freeze/freeze-wide.h"
#include "solve/instance.h"
#include "freeze/minima.h"

enum { N_PERSONS = 160, N_PROJECTS = 24, N_ORGS = 12, N_STAFF = 20 };

static void
seeded(void *out, gsize n, gpointer data)
{
	GRand *rand = data;

	for (gsize i = 0; i < n; i++)
		((guint8 *)out)[i] = (guint8)g_rand_int_range(rand, 0, 256);
}

/* What may differ between worlds. */
typedef struct {
	const char *provinces[4]; /* index i % 4 of person i */
	const char *ranks[2], *kinds[3], *classes[3];
	guint32 lonely_shift;	  /* other employers for those who are alone with theirs */
	guint32 reasons;	  /* other rules exclude the same pairs */
	guint32 teams;		  /* names of teams, not who is in them */
	guint32 discipline[6];	  /* index i % 6 of person i; 0 and 1 lie in field 6, 2 and 3 in field 7 */
	guint32 only;		  /* not 0: of those with index 0 only so many have discipline 0, the others 5 */
	/* In which order the registry gives the rows: place -> number. NULL: as they come. */
	const guint32 *persons, *projects;
} World;

static const World plain = {{"广东", "湖北", "青海", "广东"}, {"正高级", "副高级"}, {"technical", "finance", "technical"}, {"A", "B", "C"}, 0, 0, 0, {0, 1, 2, 3, 4, 5}, 0, NULL, NULL};

static guint32
at(const guint32 *order, guint32 place)
{
	return order != NULL ? order[place] : place;
}

static guint32
place_of(const guint32 *order, guint32 n, guint32 number)
{
	guint32 place = 0;

	while (place < n && at(order, place) != number)
		place++;
	return place;
}

static guint32
label(VeilFacts *f, const char *text)
{
	if (text == NULL)
		return VEIL_NONE;
	for (guint i = 0; i < f->labels->len; i++)
		if (strcmp(g_ptr_array_index(f->labels, i), text) == 0)
			return i;
	g_ptr_array_add(f->labels, g_strdup(text));
	return f->labels->len - 1;
}

static VeilId
id_of(guint32 n, guint8 kind)
{
	VeilId id = {{kind}};

	id.b[1] = (guint8)(n >> 8);
	id.b[2] = (guint8)n;
	return id;
}

static VeilFacts *
facts_of(const World *w)
{
	VeilFacts *f = veil_facts_new();

	for (guint32 i = 0; i < N_ORGS + N_STAFF; i++) {
		VeilOrg org = {id_of(i, 2), VEIL_NONE};

		g_array_append_val(f->orgs, org);
	}
	for (guint32 place = 0; place < N_PERSONS; place++) {
		guint32 i = at(w->persons, place);
		VeilPerson p = {.id = id_of(i, 1), .in_pool = TRUE, .active = TRUE, .max_load = i % 10 == 0 ? 2 : -1, .province = label(f, w->provinces[i % 4]),
				.rank = label(f, w->ranks[i / 4 % 2]), .kind = label(f, w->kinds[i / 8 % 3]), .city = VEIL_NONE};
		guint32 org = i < N_STAFF ? N_ORGS + (i + w->lonely_shift) % N_STAFF : i % N_ORGS;
		VeilPost post = {place, org, VEIL_POST_EMPLOYER, {VEIL_DAY_MIN, VEIL_DAY_MAX}};

		g_array_append_val(f->persons, p);
		g_array_append_val(f->posts, post);
	}
	for (guint32 place = 0; place < N_PROJECTS; place++) {
		guint32 i = at(w->projects, place);
		VeilProject p = {.id = id_of(i, 3), .province = VEIL_NONE, .demand = -1, .project_class = label(f, w->classes[i % 3]), .has_team = i < 12,
				 .team = id_of(i / 3 + w->teams, 4)};

		g_array_append_val(f->projects, p);
	}
	assert_true(veil_facts_finish(f, NULL));
	return f;
}

/* The words of one person or project: the same whatever the order. */
static void
add_words(GArray *terms, int side, guint32 number)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7 + 1000 * (guint32)side + number);

	for (guint64 t = 0; t < 30; t++) {
		VeilTermCount term = {t, (guint32)g_rand_int_range(rand, 1, 9)};

		if (g_rand_int_range(rand, 0, 5) == 0)
			g_array_append_val(terms, term);
	}
}

static VeilFeatures *
features_of(const World *w)
{
	VeilFeatures *f = veil_features_new();
	GArray *offsets[] = {f->person_offset, f->project_offset}, *terms[] = {f->person_terms, f->project_terms};
	GArray *disc_offsets[] = {f->person_disc_offset, f->project_disc_offset}, *discs[] = {f->person_disc, f->project_disc};

	for (guint32 i = 0; i < 8; i++) {
		guint32 parent = i < 2 ? 6 : i < 4 ? 7 : VEIL_NONE;

		g_array_append_val(f->discipline_parent, parent);
	}
	for (int side = 0; side < 2; side++)
		for (guint32 place = 0; place < (side ? N_PROJECTS : N_PERSONS); place++) {
			guint32 i = at(side ? w->projects : w->persons, place);
			VeilDisciplineWeight d = {side ? i % 6 : w->only && i % 6 == 0 && i / 6 >= w->only ? 5 : w->discipline[i % 6], 1000000};
			guint64 end;

			add_words(terms[side], side, i);
			end = terms[side]->len;
			g_array_append_val(offsets[side], end);
			g_array_append_val(discs[side], d);
			end = discs[side]->len;
			g_array_append_val(disc_offsets[side], end);
		}
	return f;
}

static int
by_person(gconstpointer a, gconstpointer b)
{
	guint32 x = ((const VeilExclusion *)a)->person, y = ((const VeilExclusion *)b)->person;

	return x < y ? -1 : x > y;
}

/* Person i is out of the question for some projects, for one reason or another. */
static VeilExclusions *
exclusions_of(const World *w)
{
	VeilExclusions *e = g_new0(VeilExclusions, 1);
	GArray *pairs = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));

	e->n_projects = N_PROJECTS;
	e->offset = g_new0(guint64, N_PROJECTS + 1);
	e->flag_offset = g_new0(guint64, N_PROJECTS + 1);
	for (guint32 place = 0; place < N_PROJECTS; place++) {
		guint32 p = at(w->projects, place), first = pairs->len;

		for (guint32 i = p % 7; i < N_PERSONS; i += 7 + p % 3) {
			VeilExclusion pair = {place_of(w->persons, N_PERSONS, i), 1u << (w->reasons ? VEIL_RULE_C12 : VEIL_RULE_C04)};

			g_array_append_val(pairs, pair);
		}
		if (pairs->len > first)
			qsort(&g_array_index(pairs, VeilExclusion, first), pairs->len - first, sizeof(VeilExclusion), by_person);
		e->offset[place + 1] = pairs->len;
	}
	e->pairs = (VeilExclusion *)(gpointer)g_array_free(pairs, FALSE);
	return e;
}

/* The drawer's file of this world under this policy. */
static VeilBatch *
freeze(const World *w, const char *policy_text, VeilExclusions **out_exclusions, VeilPlaces **out_places)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(11);
	g_autoptr(VeilBatchKey) key = veil_batch_key_new(seeded, rand);
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilPolicy) policy = veil_policy_parse(policy_text, strlen(policy_text), "p", &error);
	g_autoptr(VeilFacts) facts = facts_of(w);
	g_autoptr(VeilFeatures) features = features_of(w);
	VeilExclusions *exclusions = exclusions_of(w);
	VeilFreezeInput input = {.facts = facts, .features = features, .policy = policy, .key = key, .as_of = 20000, .n_threads = 1};
	VeilPlaces *places;
	VeilBatch *batch;

	if (policy == NULL)
		fail_msg("policy: %s", error->message);
	places = veil_places_new(&input, exclusions);
	batch = veil_freeze_batch(&input, exclusions, places, &error);
	if (batch == NULL)
		fail_msg("freeze: %s", error->message);
	veil_batch_set(batch, "format", VEIL_BATCH_FORMAT);
	if (out_exclusions != NULL) {
		*out_exclusions = exclusions;
		*out_places = places;
	} else {
		veil_exclusions_free(exclusions);
		veil_places_free(places);
	}
	return batch;
}

static char *
root_of(const World *w, const char *policy)
{
	g_autoptr(VeilBatch) batch = freeze(w, policy, NULL, NULL);
	g_autofree char *folder = g_dir_make_tmp("veil-worlds-XXXXXX", NULL), *path = g_build_filename(folder, "w.veil", NULL);
	g_autoptr(GError) error = NULL;
	char *hex = g_malloc(65);
	guint8 root[32];

	if (!veil_batch_write(path, batch, root, &error))
		fail_msg("%s", error->message);
	veil_hex_encode(root, 32, hex);
	g_unlink(path);
	g_rmdir(folder);
	return hex;
}

#define BASE "[batch]\nmethod=total\ncandidates=20\ndemand=3\nmax_load=6\n"
#define OUTSIDE BASE "[panel.outside]\nattribute=province\nvalue=!广东\nmin=1\n"
#define CLASSES OUTSIDE "[panel.money]\nclass=A\nattribute=kind\nvalue=finance\nmin=1\n"
#define TEAMS BASE "[team]\nby=column\n"
/* Scores that no discipline moves, so that only marks can tell of them. Class A: projects of disciplines 0 and 3. */
#define BLIND BASE "[affinity]\ntext=1\ndiscipline=0\n"
#define PEERS(value) BLIND "[panel.peer]\nclass=A\nattribute=peer\nvalue=" value "\nmin=1\n"

static void
what_no_rule_asks_for_leaves_no_trace(void **state)
{
	g_autofree char *base = root_of(&plain, BASE), *outside = root_of(&plain, OUTSIDE), *classes = root_of(&plain, CLASSES), *teams = root_of(&plain, TEAMS);
	World other = plain;

	(void)state;
	/* Ranks, kinds, classes and provinces under a policy that looks at none of them. */
	other = (World){{"西藏", NULL, "x", "y"}, {NULL, "中级"}, {"industry", NULL, "management"}, {"Z", NULL, "Y"}, 7, 1, 40, {0, 1, 2, 3, 4, 5}, 0, NULL, NULL};
	{
		g_autofree char *root = root_of(&other, BASE);

		assert_string_equal(root, base);
	}
	/* Provinces that !广东 does not tell apart; everything else too. */
	other = (World){{"广东", "西藏", "新疆", "广东"}, {"中级", NULL}, {"industry", NULL, "management"}, {"Q", "R", NULL}, 3, 1, 9, {0, 1, 2, 3, 4, 5}, 0, NULL, NULL};
	{
		g_autofree char *root = root_of(&other, OUTSIDE);

		assert_string_equal(root, outside);
	}
	/* A class and a kind that the rule does not name. */
	other = plain;
	other.kinds[0] = "management";
	other.classes[1] = "another";
	other.classes[2] = NULL;
	{
		g_autofree char *root = root_of(&other, CLASSES);

		assert_string_equal(root, classes);
	}
	other = plain;
	other.reasons = 1;
	{
		g_autofree char *root = root_of(&other, TEAMS);

		assert_string_equal(root, teams);
	}
}

static void
shuffle(guint32 *order, guint32 n, GRand *rand)
{
	for (; n > 1; n--) {
		guint32 j = (guint32)g_rand_int_range(rand, 0, (gint32)n), last = order[n - 1];

		order[n - 1] = order[j];
		order[j] = last;
	}
}

/* THREATS 2.21: the same input in a hundred orders, one file. */
static void
order_of_rows_leaves_no_trace(void **state)
{
	static const char *const policies[] = {BASE, CLASSES, TEAMS, CLASSES "[team]\nby=discipline\nmax_size=3\n"};
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);
	guint32 persons[N_PERSONS], projects[N_PROJECTS];

	(void)state;
	for (guint32 i = 0; i < N_PERSONS; i++)
		persons[i] = i;
	for (guint32 i = 0; i < N_PROJECTS; i++)
		projects[i] = i;
	for (guint k = 0; k < G_N_ELEMENTS(policies); k++) {
		g_autofree char *first = root_of(&plain, policies[k]);
		World other = plain;

		other.persons = persons;
		other.projects = projects;
		for (int round = 0; round < 25; round++) {
			g_autofree char *root = NULL;

			shuffle(persons, N_PERSONS, rand);
			shuffle(projects, N_PROJECTS, rand);
			root = root_of(&other, policies[k]);
			assert_string_equal(root, first);
		}
	}
}

/* The test can fail: what a rule names is in the file. */
static void
what_a_rule_asks_for_is_there(void **state)
{
	g_autofree char *base = root_of(&plain, CLASSES);
	World others[4] = {plain, plain, plain, plain};

	(void)state;
	others[0].provinces[1] = "广东";
	others[1].provinces[0] = NULL; /* not said is neither 广东 nor another */
	others[2].kinds[1] = "technical";
	others[3].classes[0] = "B";
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *root = root_of(&others[i], CLASSES);

		assert_string_not_equal(root, base);
	}
}

static void
assert_same(const World *a, const World *b, const char *policy, gboolean same)
{
	g_autofree char *one = root_of(a, policy), *two = root_of(b, policy);

	assert_int_equal(strcmp(one, two) == 0, same);
}

/* Who is of a project's discipline is told where a rule asks, and of no other project, no other discipline, no field of which nobody asks; and never of fewer than five. */
static void
disciplines_leave_no_trace_but_marks(void **state)
{
	World other = plain, few = plain;

	(void)state;
	for (guint32 i = 0; i < 6; i++)
		other.discipline[i] = 5 - i;
	assert_same(&plain, &other, BLIND, TRUE);
	assert_same(&plain, &other, PEERS("leaf"), FALSE);
	other = plain;
	other.discipline[1] = 2, other.discipline[2] = 1, other.discipline[4] = 5, other.discipline[5] = 4;
	assert_same(&plain, &other, PEERS("leaf"), TRUE);
	assert_same(&plain, &other, PEERS("near"), FALSE);
	other = plain;
	other.discipline[0] = 1, other.discipline[1] = 0, other.discipline[2] = 3, other.discipline[3] = 2;
	assert_same(&plain, &other, PEERS("near"), TRUE);
	assert_same(&plain, &other, PEERS("leaf"), FALSE);
	other = few = plain;
	other.only = 4, few.only = 1;
	assert_same(&other, &few, PEERS("leaf"), TRUE);
	other.only = 12;
	assert_same(&other, &few, PEERS("leaf"), FALSE);
}

/* Marks of plain, counted anew; lists hold enough of those who have one. */
static void
check_marks(const char *policy_text, gboolean near)
{
	VeilExclusions *exclusions;
	VeilPlaces *places;
	g_autoptr(VeilBatch) batch = freeze(&plain, policy_text, &exclusions, &places);
	guint marked = 0;

	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 fact = places->project_fact[p], own = fact % 6, field = own / 2;
		gboolean asks = g_strcmp0(batch->projects[p].project_class, "A") == 0;
		guint count = 0, all = 0;

		assert_int_equal(asks, fact % 3 == 0);
		for (guint32 r = 0; r < batch->n_reviewers; r++) {
			guint32 person = places->reviewer_person[r];
			gboolean counts = asks && (near && own < 4 ? person % 6 / 2 == field : person % 6 == own);

			for (guint64 i = exclusions->offset[fact]; i < exclusions->offset[fact + 1]; i++)
				counts = counts && exclusions->pairs[i].person != person;
			all += counts;
			if (!veil_batch_lists(batch, p, r))
				continue;
			for (guint64 k = batch->offset[p]; k < batch->offset[p + 1]; k++)
				if (batch->reviewer[k] == r)
					assert_int_equal(batch->mark[k], counts ? near ? VEIL_MARK_NEAR : VEIL_MARK_LEAF : 0);
			count += counts;
		}
		assert_true(count >= MIN(all, 6));
		marked += count;
	}
	assert_true(marked > 40);
	veil_exclusions_free(exclusions);
	veil_places_free(places);
}

static void
marks_are_the_peers(void **state)
{
	(void)state;
	check_marks(PEERS("leaf"), FALSE);
	check_marks(PEERS("near"), TRUE);
}

/* What is said of a world's minima, joined by line breaks. */
static char *
warnings_of(const World *w, const char *policy_text)
{
	g_autoptr(VeilBatch) batch = freeze(w, policy_text, NULL, NULL);
	g_autoptr(VeilPolicy) policy = veil_policy_parse(policy_text, strlen(policy_text), "p", NULL);
	g_autoptr(GPtrArray) warnings = veil_minima_warnings(batch, policy);

	g_ptr_array_add(warnings, NULL);
	return g_strjoinv("\n", (char **)warnings->pdata);
}

/* A minimum on what is not said of many is warned of, with counts of five at least; one that nobody asks for is not. */
static void
minima_at_risk_are_told(void **state)
{
	World blank = plain, few = plain;
	g_autofree char *none = warnings_of(&plain, OUTSIDE), *some = NULL, *unasked = NULL, *peers = NULL, *all = warnings_of(&plain, PEERS("leaf"));

	(void)state;
	blank.provinces[1] = NULL; /* a quarter of 160 */
	few.only = 4;
	assert_string_equal(none, "");
	assert_string_equal(all, "");
	some = warnings_of(&blank, OUTSIDE);
	assert_string_equal(some, "[panel.outside] asks for province=!广东, and of at least 40 of 160 reviewers province is not said: they fill no minimum");
	unasked = warnings_of(&blank, BASE "[panel.outside]\nattribute=province\nvalue=!广东\nmax=2\n");
	assert_string_equal(unasked, "");
	peers = warnings_of(&few, PEERS("leaf"));
	assert_string_equal(peers, "[panel.peer] asks for peers in 8 projects, and in 4 of them nobody counts: fewer than five experts of the discipline may review them");
}

/* Every list: nobody excluded from the project or a mate; all mates list the same people; enough for each minimum; and the cut is honest. */
static void
check_lists(const char *policy_text)
{
	g_autoptr(VeilFeatures) features = features_of(&plain);
	g_autoptr(VeilFacts) facts = facts_of(&plain);
	g_autoptr(VeilPolicy) policy = veil_policy_parse(policy_text, strlen(policy_text), "p", NULL);
	VeilExclusions *exclusions;
	VeilPlaces *places;
	g_autoptr(VeilBatch) batch = freeze(&plain, policy_text, &exclusions, &places);
	g_autoptr(VeilAffinity) affinity = veil_affinity_new(features, policy, places->reviewer_person, places->n_reviewers, NULL);
	g_autofree gint32 *row = g_new(gint32, places->n_reviewers);

	for (guint32 p = 0; p < batch->n_projects; p++) {
		g_autofree guint8 *barred = g_new0(guint8, places->n_reviewers), *listed = g_new0(guint8, places->n_reviewers);
		guint finance = 0, all_finance = 0;

		for (guint32 q = 0; q < batch->n_projects; q++) {
			guint32 fact = places->project_fact[q];

			if (q != p && (batch->projects[p].team == NULL || g_strcmp0(batch->projects[p].team, batch->projects[q].team) != 0))
				continue;
			for (guint64 i = exclusions->offset[fact]; i < exclusions->offset[fact + 1]; i++)
				barred[places->person_reviewer[exclusions->pairs[i].person]] = 1;
			assert_int_equal(batch->offset[q + 1] - batch->offset[q] == batch->offset[p + 1] - batch->offset[p], TRUE);
			if (batch->offset[q + 1] - batch->offset[q] == batch->offset[p + 1] - batch->offset[p])
				assert_memory_equal(batch->reviewer + batch->offset[q], batch->reviewer + batch->offset[p],
						    sizeof(guint32) * (batch->offset[p + 1] - batch->offset[p]));
		}
		veil_affinity_row(affinity, places->project_fact[p], row);
		for (guint64 k = batch->offset[p]; k < batch->offset[p + 1]; k++) {
			listed[batch->reviewer[k]] = 1;
			assert_false(barred[batch->reviewer[k]]);
			assert_int_equal(batch->score[k], row[batch->reviewer[k]]);
		}
		for (guint32 r = 0; r < places->n_reviewers; r++) {
			gboolean is_finance = g_strcmp0(batch->reviewers[r].kind, "finance") == 0;

			all_finance += is_finance && !barred[r];
			finance += is_finance && listed[r];
			if (!listed[r] && !barred[r]) {
				assert_int_not_equal(batch->projects[p].cut, -1);
				assert_true(row[r] <= batch->projects[p].cut);
			}
		}
		if (g_strcmp0(batch->projects[p].project_class, "A") == 0)
			assert_true(finance >= MIN(all_finance, 6));
	}
	veil_exclusions_free(exclusions);
	veil_places_free(places);
}

static void
lists_serve_the_rules(void **state)
{
	(void)state;
	check_lists(BASE);
	check_lists(CLASSES);
	check_lists(TEAMS);
	check_lists(CLASSES "[team]\nby=column\n");
	check_lists(CLASSES "[team]\nby=discipline\nmax_size=3\n");
	check_lists(BASE "[share.money]\nattribute=kind\nvalue=finance\nmin_share=1/3\n");
}

/* Teams by discipline: the same disciplines, as even as the bound on their size allows. */
static void
teams_by_discipline(void **state)
{
	g_autoptr(VeilBatch) batch = freeze(&plain, BASE "[team]\nby=discipline\nmax_size=3\n", NULL, NULL);
	g_autoptr(GHashTable) sizes = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer size;

	(void)state;
	for (guint32 p = 0; p < batch->n_projects; p++) {
		assert_non_null(batch->projects[p].team); /* 24 projects, 6 disciplines: four each, in two teams of two */
		size = g_hash_table_lookup(sizes, batch->projects[p].team);
		g_hash_table_insert(sizes, (gpointer)batch->projects[p].team, GUINT_TO_POINTER(GPOINTER_TO_UINT(size) + 1));
	}
	assert_int_equal(g_hash_table_size(sizes), 12);
	g_hash_table_iter_init(&iter, sizes);
	while (g_hash_table_iter_next(&iter, NULL, &size))
		assert_int_equal(GPOINTER_TO_UINT(size), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_rule_asks_for_leaves_no_trace),
		cmocka_unit_test(order_of_rows_leaves_no_trace),
		cmocka_unit_test(what_a_rule_asks_for_is_there),
		cmocka_unit_test(disciplines_leave_no_trace_but_marks),
		cmocka_unit_test(marks_are_the_peers),
		cmocka_unit_test(minima_at_risk_are_told),
		cmocka_unit_test(lists_serve_the_rules),
		cmocka_unit_test(teams_by_discipline),
	};

	return cmocka_run_group_tests_name("worlds", tests, NULL, NULL);
}
