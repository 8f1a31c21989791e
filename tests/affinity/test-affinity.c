/* test-affinity.c - scores against plain floating point, and candidate lists against sorting everything.
 *
 * The twin here computes tf-idf cosines and tree distances naively in doubles; the engine's integers must agree within a few thousandths
 * (its logarithms have 12 bits, its vectors 15). Lists are compared exactly, given the engine's own rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <veil/affinity.h>

enum { MOST = 64, TERMS = 40, NODES = 15 };

typedef struct {
	guint32 n_persons, n_projects, n_reviewers;
	guint32 count[2][MOST][TERMS];	 /* [person or project][row][term] */
	guint32 disc[2][MOST][NODES];	 /* weight in millionths, 0 = none */
	guint32 parent[NODES];
	guint32 reviewers[MOST];
	VeilFeatures *features;
	VeilPolicy *policy;
} World;

static guint64 state;

static guint32
pick(guint32 n)
{
	guint64 z = state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
	return (guint32)((z ^ (z >> 31)) % n);
}

static void
fill_rows(World *w, int side, guint32 n, GArray *offset, GArray *terms, GArray *disc_offset, GArray *discs)
{
	guint64 end = 0;

	g_array_set_size(offset, 0);
	g_array_set_size(disc_offset, 0);
	g_array_append_val(offset, end);
	g_array_append_val(disc_offset, end);
	for (guint32 i = 0; i < n; i++) {
		for (guint32 t = 0; t < TERMS; t++)
			if (w->count[side][i][t] > 0) {
				VeilTermCount c = {t * G_GUINT64_CONSTANT(0x100000001b3), w->count[side][i][t]};

				g_array_append_val(terms, c);
			}
		for (guint32 v = 0; v < NODES; v++)
			if (w->disc[side][i][v] > 0) {
				VeilDisciplineWeight d = {v, w->disc[side][i][v]};

				g_array_append_val(discs, d);
			}
		end = terms->len;
		g_array_append_val(offset, end);
		end = discs->len;
		g_array_append_val(disc_offset, end);
	}
}

static World *
make_world(guint64 seed)
{
	World *w = g_new0(World, 1);

	state = seed * 7919;
	w->n_persons = 1 + pick(MOST - 1);
	w->n_projects = 1 + pick(8);
	for (int side = 0; side < 2; side++)
		for (guint32 i = 0; i < (side ? w->n_projects : w->n_persons); i++) {
			gboolean text = pick(8) > 0, disc = pick(3) > 0;

			for (guint32 t = 0; t < TERMS && text; t++)
				w->count[side][i][t] = pick(4) == 0 ? 1 + pick(9) : 0;
			for (guint32 k = 0; k < 1 + pick(2) && disc; k++)
				w->disc[side][i][pick(NODES)] = 250000 * (1 + pick(4));
		}
	/* Three trees: parents have smaller numbers. */
	for (guint32 v = 0; v < NODES; v++)
		w->parent[v] = v < 3 ? VEIL_NONE : pick(v);
	for (guint32 i = 0; i < w->n_persons; i++)
		if (pick(5) > 0)
			w->reviewers[w->n_reviewers++] = i;
	w->features = veil_features_new();
	fill_rows(w, 0, w->n_persons, w->features->person_offset, w->features->person_terms, w->features->person_disc_offset,
		  w->features->person_disc);
	fill_rows(w, 1, w->n_projects, w->features->project_offset, w->features->project_terms, w->features->project_disc_offset,
		  w->features->project_disc);
	g_array_append_vals(w->features->discipline_parent, w->parent, NODES);
	w->policy = veil_policy_load("standard", NULL);
	w->policy->step_micro = seed % 2 ? 1 : 1000;
	return w;
}

static void
free_world(World *w)
{
	veil_features_free(w->features);
	veil_policy_free(w->policy);
	g_free(w);
}

/* --- the twin ---------------------------------------------------------------------------------------------------- */

static double
idf(const World *w, guint32 t)
{
	guint32 df = 0;

	for (guint32 r = 0; r < w->n_reviewers; r++)
		df += w->count[0][w->reviewers[r]][t] > 0;
	return df ? log2((w->n_reviewers + 1.0) / df) : 0; /* a word the pool does not know counts nothing */
}

static double
weight(const World *w, int side, guint32 i, guint32 t)
{
	return w->count[side][i][t] ? (1 + log2(w->count[side][i][t])) * idf(w, t) : 0;
}

static double
cosine(const World *w, guint32 project, guint32 person, gboolean *out_any)
{
	double dot = 0, a = 0, b = 0;

	for (guint32 t = 0; t < TERMS; t++) {
		double x = weight(w, 1, project, t), y = weight(w, 0, person, t);

		dot += x * y;
		a += x * x;
		b += y * y;
	}
	*out_any = a > 0;
	return a > 0 && b > 0 ? dot / sqrt(a * b) : 0;
}

static int
distance(const World *w, guint32 a, guint32 b)
{
	int steps_a = 0;

	for (guint32 x = a; x != VEIL_NONE; x = w->parent[x], steps_a++) {
		int steps_b = 0;

		for (guint32 y = b; y != VEIL_NONE; y = w->parent[y], steps_b++)
			if (x == y)
				return steps_a + steps_b;
	}
	return -1;
}

static double
discipline_fit(const World *w, guint32 project, guint32 person, gboolean *out_any)
{
	double keep = 1 - (double)w->policy->discipline_decay_micro / 1e6, best = 0;
	guint32 largest = 1;

	*out_any = FALSE;
	for (guint32 v = 0; v < NODES; v++)
		largest = MAX(largest, w->disc[0][person][v]);
	for (guint32 a = 0; a < NODES; a++) {
		if (w->disc[1][project][a] == 0)
			continue;
		*out_any = TRUE;
		for (guint32 b = 0; b < NODES; b++) {
			int d = distance(w, a, b);

			if (w->disc[0][person][b] > 0 && d >= 0)
				best = MAX(best, pow(keep, d) * w->disc[0][person][b] / largest);
		}
	}
	return best;
}

static double
expected(const World *w, guint32 project, guint32 person)
{
	gboolean has_text, has_disc;
	double c = cosine(w, project, person, &has_text), f = discipline_fit(w, project, person, &has_disc);
	double text = (double)w->policy->text_micro / 1e6, disc = (double)w->policy->discipline_micro / 1e6;

	if (!has_disc)
		return (text + disc) * c;
	return has_text ? text * c + disc * f : (text + disc) * f;
}

static void
test_scores_agree_with_doubles(void **unused)
{
	(void)unused;
	for (guint64 seed = 1; seed <= 300; seed++) {
		World *w = make_world(seed);
		g_autoptr(VeilAffinity) affinity = veil_affinity_new(w->features, w->policy, w->reviewers, w->n_reviewers, NULL);
		gint32 scores[MOST];

		for (guint32 p = 0; p < w->n_projects; p++) {
			veil_affinity_row(affinity, p, scores);
			for (guint32 r = 0; r < w->n_reviewers; r++) {
				double want = 1e6 * expected(w, p, w->reviewers[r]);

				assert_true(scores[r] >= 0 && scores[r] <= 1000000);
				assert_int_equal(scores[r] % w->policy->step_micro, 0);
				/* Three thousandths, and one step that rounding down may take. */
				assert_true(scores[r] <= want + 3000);
				assert_true(scores[r] >= want - 3000 - (double)w->policy->step_micro);
			}
		}
		free_world(w);
	}
}

/* --- lists --------------------------------------------------------------------------------------------------------- */

static VeilExclusions *
make_exclusions(const World *w)
{
	VeilExclusions *e = g_new0(VeilExclusions, 1);
	guint64 k = 0;

	e->n_projects = w->n_projects;
	e->offset = g_new0(guint64, w->n_projects + 1);
	e->flag_offset = g_new0(guint64, w->n_projects + 1);
	e->pairs = g_new0(VeilExclusion, w->n_projects * w->n_persons + 1);
	for (guint32 p = 0; p < w->n_projects; p++) {
		for (guint32 i = 0; i < w->n_persons; i++)
			if (pick(4) == 0)
				e->pairs[k++] = (VeilExclusion){i, 1};
		e->offset[p + 1] = k;
	}
	return e;
}

static gboolean
is_excluded(const VeilExclusions *e, guint32 project, guint32 person)
{
	for (guint64 k = e->offset[project]; k < e->offset[project + 1]; k++)
		if (e->pairs[k].person == person)
			return TRUE;
	return FALSE;
}

static void
check_list(const World *w, const VeilAffinity *affinity, const VeilExclusions *e, const VeilCandidates *c, guint32 p, guint32 want, guint64 spin)
{
	gint32 scores[MOST], cut = -1;
	gboolean listed[MOST] = {FALSE};
	guint32 n = (guint32)(c->offset[p + 1] - c->offset[p]), allowed = 0;

	veil_affinity_row(affinity, p, scores);
	for (guint32 r = 0; r < w->n_reviewers; r++)
		allowed += !is_excluded(e, p, w->reviewers[r]);
	assert_int_equal(n, MIN(want, allowed));
	for (guint64 k = c->offset[p]; k < c->offset[p + 1]; k++) {
		assert_true(k == c->offset[p] || c->reviewer[k - 1] < c->reviewer[k]);
		assert_false(is_excluded(e, p, w->reviewers[c->reviewer[k]]));
		assert_int_equal(c->score[k], scores[c->reviewer[k]]);
		listed[c->reviewer[k]] = TRUE;
	}
	for (guint32 r = 0; r < w->n_reviewers; r++) {
		if (listed[r] || is_excluded(e, p, w->reviewers[r]))
			continue;
		cut = MAX(cut, scores[r]);
		for (guint64 k = c->offset[p]; k < c->offset[p + 1]; k++) {
			guint32 other = c->reviewer[k];

			assert_true(c->score[k] >= scores[r]);
			/* Of two that tie, the one nearer behind the starting point is listed. */
			if (c->score[k] == scores[r])
				assert_true((other + w->n_reviewers - spin % w->n_reviewers) % w->n_reviewers <
					    (r + w->n_reviewers - spin % w->n_reviewers) % w->n_reviewers);
		}
	}
	assert_int_equal(c->cut[p], cut);
}

static void
test_lists_are_the_best_allowed(void **unused)
{
	(void)unused;
	for (guint64 seed = 1; seed <= 300; seed++) {
		World *w = make_world(seed);
		g_autoptr(VeilAffinity) affinity = NULL;
		g_autoptr(VeilExclusions) e = NULL;
		g_autoptr(VeilCandidates) one = NULL, many = NULL;
		guint32 to_reviewer[MOST], want[MOST];
		guint64 spin[MOST];

		if (seed % 3 == 0)
			w->policy->step_micro = 250000; /* almost everybody ties */
		affinity = veil_affinity_new(w->features, w->policy, w->reviewers, w->n_reviewers, NULL);
		e = make_exclusions(w);
		memset(to_reviewer, 0xff, sizeof to_reviewer);
		for (guint32 r = 0; r < w->n_reviewers; r++)
			to_reviewer[w->reviewers[r]] = r;
		for (guint32 p = 0; p < w->n_projects; p++) {
			want[p] = 1 + pick(w->n_persons + 3);
			spin[p] = pick(G_MAXINT32);
		}
		one = veil_affinity_candidates(affinity, e, to_reviewer, want, spin, 1, NULL);
		many = veil_affinity_candidates(affinity, e, to_reviewer, want, spin, 5, NULL);
		assert_memory_equal(one->offset, many->offset, sizeof(guint64) * (w->n_projects + 1));
		assert_memory_equal(one->reviewer, many->reviewer, sizeof(guint32) * one->offset[w->n_projects]);
		assert_memory_equal(one->score, many->score, sizeof(gint32) * one->offset[w->n_projects]);
		assert_memory_equal(one->cut, many->cut, sizeof(gint32) * w->n_projects);
		for (guint32 p = 0; p < w->n_projects && w->n_reviewers > 0; p++)
			check_list(w, affinity, e, one, p, want[p], spin[p]);
		free_world(w);
	}
}

static void
test_hostile_features_are_refused(void **unused)
{
	World *w = make_world(5);
	g_autoptr(GError) error = NULL;
	guint64 absurd = 1000000;

	(void)unused;
	g_array_index(w->features->project_offset, guint64, w->n_projects) = absurd;
	assert_null(veil_affinity_new(w->features, w->policy, w->reviewers, w->n_reviewers, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_FAILED));
	free_world(w);
}

static void
test_huge_counts_do_not_overflow(void **unused)
{
	World *w = make_world(9);
	g_autoptr(VeilAffinity) affinity = NULL;
	gint32 scores[MOST];

	(void)unused;
	for (guint i = 0; i < w->features->person_terms->len; i++)
		g_array_index(w->features->person_terms, VeilTermCount, i).weight = G_MAXUINT32;
	for (guint i = 0; i < w->features->person_disc->len; i++)
		g_array_index(w->features->person_disc, VeilDisciplineWeight, i).weight_micro = G_MAXUINT32;
	affinity = veil_affinity_new(w->features, w->policy, w->reviewers, w->n_reviewers, NULL);
	for (guint32 p = 0; p < w->n_projects; p++) {
		veil_affinity_row(affinity, p, scores);
		for (guint32 r = 0; r < w->n_reviewers; r++)
			assert_true(scores[r] >= 0 && scores[r] <= 1000000);
	}
	free_world(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scores_agree_with_doubles),
		cmocka_unit_test(test_lists_are_the_best_allowed),
		cmocka_unit_test(test_hostile_features_are_refused),
		cmocka_unit_test(test_huge_counts_do_not_overflow),
	};

	return cmocka_run_group_tests_name("affinity", tests, NULL, NULL);
}
