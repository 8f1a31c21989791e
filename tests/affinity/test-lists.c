/* test-lists.c - scores against real arithmetic, lists against a sort, and the laws of both.
 *
 * The twin computes every score in doubles from the formulas of docs/design/affinity.md, with its own walk of the tree; what
 * integers round away is bounded. Lists are compared with sorting a whole row.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../engine/affinity/affinity-internal.h"


static VeilPolicy
policy_of(gint64 text, gint64 discipline, gint64 step, gint64 decay)
{
	return (VeilPolicy){.text_micro = text, .discipline_micro = discipline, .step_micro = step, .discipline_decay_micro = decay};
}

static void
end_row(GArray *offset, GArray *rows)
{
	guint64 end = rows->len;

	g_array_append_val(offset, end);
}

static void
random_terms(GRand *rand, int n_words, int most, gboolean huge, GArray *offset, GArray *terms)
{
	for (int t = 0; t < n_words; t++) {
		VeilTermCount term = {(guint64)t * G_GUINT64_CONSTANT(0x123456789ABCDEF) % 1000003, 0};

		/* Early words are common, late ones rare. */
		if (g_rand_int_range(rand, 0, 3 + t) >= most)
			continue;
		term.weight = huge ? g_rand_int(rand) | 1 : (guint32)g_rand_int_range(rand, 1, 6);
		g_array_append_val(terms, term);
	}
	end_row(offset, terms);
}

static gint
by_term(gconstpointer a, gconstpointer b)
{
	guint64 x = ((const VeilTermCount *)a)->term, y = ((const VeilTermCount *)b)->term;

	return x < y ? -1 : x > y;
}

static void
sort_terms(GArray *offset, GArray *terms)
{
	for (guint i = 0; i + 1 < offset->len; i++) {
		guint64 from = g_array_index(offset, guint64, i), to = g_array_index(offset, guint64, i + 1);

		if (to > from)
			qsort(&g_array_index(terms, VeilTermCount, from), to - from, sizeof(VeilTermCount), by_term);
	}
}

static void
random_disciplines(GRand *rand, int n_nodes, GArray *offset, GArray *rows)
{
	for (int i = g_rand_int_range(rand, 0, 4); n_nodes > 0 && i > 0; i--) {
		VeilDisciplineWeight d = {(guint32)g_rand_int_range(rand, 0, n_nodes), (guint32)g_rand_int_range(rand, 0, 4) * 500000};

		g_array_append_val(rows, d);
	}
	end_row(offset, rows);
}

static VeilFeatures *
random_features(GRand *rand, int n_persons, int n_projects, gboolean huge)
{
	VeilFeatures *f = veil_features_new();
	int n_nodes = g_rand_int_range(rand, 0, 12), n_words = g_rand_int_range(rand, 0, 40);

	for (int i = 0; i < n_nodes; i++) {
		guint32 parent = i > 0 && g_rand_int_range(rand, 0, 4) ? (guint32)g_rand_int_range(rand, 0, i) : VEIL_NONE;

		g_array_append_val(f->discipline_parent, parent);
	}
	for (int i = 0; i < n_persons; i++) {
		random_terms(rand, n_words, g_rand_int_range(rand, 0, 6), huge, f->person_offset, f->person_terms);
		random_disciplines(rand, n_nodes, f->person_disc_offset, f->person_disc);
	}
	for (int i = 0; i < n_projects; i++) {
		random_terms(rand, n_words + 5, g_rand_int_range(rand, 0, 6), huge, f->project_offset, f->project_terms);
		random_disciplines(rand, n_nodes, f->project_disc_offset, f->project_disc);
	}
	sort_terms(f->person_offset, f->person_terms);
	sort_terms(f->project_offset, f->project_terms);
	return f;
}

/* --- the twin: doubles --------------------------------------------------------------------------------------------- */

typedef struct {
	const VeilFeatures *f;
	const guint32 *reviewers;
	guint32 n;
} Pool;

static double
count_of(GArray *offset, GArray *terms, guint32 i, guint64 term)
{
	for (guint64 k = g_array_index(offset, guint64, i); k < g_array_index(offset, guint64, i + 1); k++)
		if (g_array_index(terms, VeilTermCount, k).term == term)
			return g_array_index(terms, VeilTermCount, k).weight;
	return 0;
}

static double
twin_weight(const Pool *pool, guint64 term, double count)
{
	guint df = 0;

	for (guint32 r = 0; r < pool->n; r++)
		df += count_of(pool->f->person_offset, pool->f->person_terms, pool->reviewers[r], term) > 0;
	if (count == 0 || df == 0 || (df > 64 && df > pool->n / 4))
		return 0;
	return (1 + log2(count)) * log2((pool->n + 1.0) / df);
}

static double
norm_of(const Pool *pool, GArray *offset, GArray *terms, guint32 i)
{
	double sum = 0;

	for (guint64 k = g_array_index(offset, guint64, i); k < g_array_index(offset, guint64, i + 1); k++) {
		double w = twin_weight(pool, g_array_index(terms, VeilTermCount, k).term, g_array_index(terms, VeilTermCount, k).weight);

		sum += w * w;
	}
	return sqrt(sum);
}

static double
twin_cosine(const Pool *pool, guint32 person, guint32 project)
{
	const VeilFeatures *f = pool->f;
	double dot = 0, a = norm_of(pool, f->person_offset, f->person_terms, person), b = norm_of(pool, f->project_offset, f->project_terms, project);

	for (guint64 k = g_array_index(f->project_offset, guint64, project); k < g_array_index(f->project_offset, guint64, project + 1); k++) {
		guint64 term = g_array_index(f->project_terms, VeilTermCount, k).term;

		dot += twin_weight(pool, term, g_array_index(f->project_terms, VeilTermCount, k).weight) *
		       twin_weight(pool, term, count_of(f->person_offset, f->person_terms, person, term));
	}
	return a > 0 && b > 0 ? dot / a / b : 0;
}

static int
distance(const VeilFeatures *f, guint32 a, guint32 b)
{
	int up = 0;

	for (guint32 x = a; x != VEIL_NONE; x = g_array_index(f->discipline_parent, guint32, x), up++) {
		int down = 0;

		for (guint32 y = b; y != VEIL_NONE; y = g_array_index(f->discipline_parent, guint32, y), down++)
			if (x == y)
				return up + down;
	}
	return -1;
}

static double
twin_fit(const VeilFeatures *f, double decay, guint32 person, guint32 project)
{
	double best = 0, largest = 0;
	guint64 from = g_array_index(f->person_disc_offset, guint64, person), to = g_array_index(f->person_disc_offset, guint64, person + 1);

	for (guint64 k = from; k < to; k++)
		largest = MAX(largest, g_array_index(f->person_disc, VeilDisciplineWeight, k).weight_micro);
	for (guint64 i = g_array_index(f->project_disc_offset, guint64, project); i < g_array_index(f->project_disc_offset, guint64, project + 1); i++)
		for (guint64 k = from; k < to; k++) {
			const VeilDisciplineWeight *d = &g_array_index(f->person_disc, VeilDisciplineWeight, k);
			int steps = distance(f, g_array_index(f->project_disc, VeilDisciplineWeight, i).node, d->node);

			if (steps >= 0 && largest > 0)
				best = MAX(best, pow(1 - decay, steps) * d->weight_micro / largest);
		}
	return best;
}

static double
twin_score(const Pool *pool, const VeilPolicy *policy, guint32 person, guint32 project)
{
	const VeilFeatures *f = pool->f;
	gboolean worded = norm_of(pool, f->project_offset, f->project_terms, project) > 0;
	gboolean coded = g_array_index(f->project_disc_offset, guint64, project) < g_array_index(f->project_disc_offset, guint64, project + 1);
	double text = (double)policy->text_micro, discipline = (double)policy->discipline_micro;

	if (!coded)
		text += discipline, discipline = 0;
	else if (!worded)
		discipline += text, text = 0;
	return text * twin_cosine(pool, person, project) +
	       discipline * twin_fit(f, (double)policy->discipline_decay_micro / 1e6, person, project);
}

static guint32 *
random_pool(GRand *rand, guint32 n_persons, guint32 *out_n)
{
	guint32 *reviewers = g_new(guint32, n_persons + 1);

	*out_n = 0;
	for (guint32 i = 0; i < n_persons; i++)
		if (g_rand_int_range(rand, 0, 5))
			reviewers[(*out_n)++] = i;
	for (guint32 i = *out_n; i > 1; i--) {
		guint32 j = (guint32)g_rand_int_range(rand, 0, (gint32)i), t = reviewers[i - 1];

		reviewers[i - 1] = reviewers[j], reviewers[j] = t;
	}
	return reviewers;
}

static void
scores_are_the_formula(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(11);
	double worst = 0;

	(void)state;
	for (int round = 0; round < 400; round++) {
		int n_persons = round % 40 == 0 ? 300 : g_rand_int_range(rand, 1, 12), n_projects = g_rand_int_range(rand, 1, 5);
		g_autoptr(VeilFeatures) f = random_features(rand, n_persons, n_projects, round % 3 == 0);
		Pool pool = {f, NULL, 0};
		g_autofree guint32 *reviewers = random_pool(rand, (guint32)n_persons, &pool.n);
		VeilPolicy policy = policy_of(g_rand_int_range(rand, 0, 3) * 300000, g_rand_int_range(rand, 0, 3) * 200000, 1,
					      g_rand_int_range(rand, 0, 6) * 200000);
		g_autoptr(VeilAffinity) a = veil_affinity_new(f, &policy, reviewers, pool.n, NULL);
		g_autofree gint32 *row = g_new(gint32, pool.n + 1);

		pool.reviewers = reviewers;
		assert_non_null(a);
		for (guint32 p = 0; p < (guint32)n_projects; p++) {
			veil_affinity_row(a, p, row);
			for (guint32 r = 0; r < pool.n; r++) {
				double expected = twin_score(&pool, &policy, reviewers[r], p);

				assert_true(row[r] >= 0 && row[r] <= 1000000);
				worst = MAX(worst, fabs(expected - row[r]));
			}
		}
	}
	/* Eight binary digits of a logarithm: small counts have weights of a few units. */
	assert_true(worst < 2500);
}

static void
logarithm_and_root(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(12);

	(void)state;
	for (int i = 0; i < 64; i++)
		assert_int_equal(veil_fixed_log2_q8(G_GUINT64_CONSTANT(1) << i), i * 256);
	for (guint64 x = 1; x < 5000; x++) {
		double exact = log2((double)x) * 256;
		guint64 root = veil_fixed_sqrt_up(x);

		assert_true(veil_fixed_log2_q8(x) <= exact + 1e-6 && veil_fixed_log2_q8(x) > exact - 1.001);
		assert_true(root * root >= x && (root - 1) * (root - 1) < x);
	}
	for (int i = 0; i < 20000; i++) {
		guint64 x = ((guint64)g_rand_int(rand) << 32 | g_rand_int(rand)) >> g_rand_int_range(rand, 0, 60);
		guint64 root = veil_fixed_sqrt_up(x);

		assert_true((unsigned __int128)root * root >= x);
		assert_true(x == 0 || (unsigned __int128)(root - 1) * (root - 1) < x);
	}
	assert_int_equal(veil_fixed_sqrt_up(0), 0);
	assert_int_equal(veil_fixed_sqrt_up(G_MAXUINT64), G_GUINT64_CONSTANT(1) << 32);
	assert_int_equal(veil_fixed_log2_q8(G_MAXUINT64), 63 * 256 + 255);
}

/* --- lists --------------------------------------------------------------------------------------------------------- */

static VeilExclusions *
random_exclusions(GRand *rand, guint32 n_persons, guint32 n_projects)
{
	VeilExclusions *x = g_new0(VeilExclusions, 1);
	GArray *pairs = g_array_new(FALSE, FALSE, sizeof(VeilExclusion)), *everywhere = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
	int often = g_rand_int_range(rand, 1, 8);

	x->n_projects = n_projects;
	x->offset = g_new0(guint64, n_projects + 1);
	x->flag_offset = g_new0(guint64, n_projects + 1);
	for (guint32 p = 0; p < n_projects; p++) {
		for (guint32 e = 0; e < n_persons; e++) {
			VeilExclusion pair = {e, 1};

			if (g_rand_int_range(rand, 0, often) == 0)
				g_array_append_val(pairs, pair);
		}
		x->offset[p + 1] = pairs->len;
	}
	for (guint32 e = 0; e < n_persons; e++) {
		VeilExclusion ban = {e, 1u << VEIL_RULE_E04};

		if (g_rand_int_range(rand, 0, 10) == 0)
			g_array_append_val(everywhere, ban);
	}
	x->n_everywhere = everywhere->len;
	x->pairs = (VeilExclusion *)(void *)g_array_free(pairs, FALSE);
	x->everywhere = (VeilExclusion *)(void *)g_array_free(everywhere, FALSE);
	return x;
}

static VeilExclusions *
no_exclusions(guint32 n_projects)
{
	VeilExclusions *x = g_new0(VeilExclusions, 1);

	x->n_projects = n_projects;
	x->offset = g_new0(guint64, n_projects + 1);
	return x;
}

typedef struct {
	guint32 reviewer, turn;
	gint32 score;
} Entry;

static int
by_rank(const void *pa, const void *pb)
{
	const Entry *a = pa, *b = pb;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->turn < b->turn ? -1 : a->turn > b->turn;
}

static int
by_reviewer(const void *pa, const void *pb)
{
	const Entry *a = pa, *b = pb;

	return a->reviewer < b->reviewer ? -1 : a->reviewer > b->reviewer;
}

static gboolean
is_excluded(const VeilExclusions *x, guint32 project, guint32 person)
{
	for (guint64 i = x->offset[project]; i < x->offset[project + 1]; i++)
		if (x->pairs[i].person == person)
			return TRUE;
	for (guint32 i = 0; i < x->n_everywhere; i++)
		if (x->everywhere[i].person == person)
			return TRUE;
	return FALSE;
}

static void
check_list(const VeilCandidates *c, guint32 p, const gint32 *row, const Pool *pool, const VeilExclusions *x, guint32 want, guint64 spin)
{
	g_autofree Entry *all = g_new(Entry, pool->n + 1);
	guint32 n = 0, taken;
	gint32 cut;

	for (guint32 r = 0; r < pool->n; r++)
		if (!is_excluded(x, p, pool->reviewers[r]))
			all[n++] = (Entry){r, (guint32)((r + pool->n - spin % pool->n) % pool->n), row[r]};
	qsort(all, n, sizeof *all, by_rank);
	taken = MIN(want, n);
	if (want == 0 && pool->n > 0) { /* not asked for */
		assert_int_equal(c->offset[p + 1], c->offset[p]);
		assert_int_equal(c->cut[p], 1000000);
		return;
	}
	cut = taken < n ? all[taken].score : -1;
	qsort(all, taken, sizeof *all, by_reviewer);
	assert_int_equal(c->offset[p + 1] - c->offset[p], taken);
	for (guint32 i = 0; i < taken; i++) {
		assert_int_equal(c->reviewer[c->offset[p] + i], all[i].reviewer);
		assert_int_equal(c->score[c->offset[p] + i], all[i].score);
	}
	assert_int_equal(c->cut[p], cut);
}

static void
lists_are_the_best(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(13);
	static const gint64 steps[] = {1, 7, 1000, 50000, 1000000};

	(void)state;
	for (int round = 0; round < 600; round++) {
		guint32 n_persons = round % 20 == 0 ? 2500 : (guint32)g_rand_int_range(rand, 1, 40), n_projects = (guint32)g_rand_int_range(rand, 1, 40);
		g_autoptr(VeilFeatures) f = random_features(rand, (int)n_persons, (int)n_projects, FALSE);
		Pool pool = {f, NULL, 0};
		g_autofree guint32 *reviewers = random_pool(rand, n_persons, &pool.n), *place = g_new(guint32, n_persons);
		g_autofree guint32 *want = g_new(guint32, n_projects);
		g_autofree guint64 *spin = g_new(guint64, n_projects);
		VeilPolicy policy = policy_of(600000, 400000, steps[g_rand_int_range(rand, 0, G_N_ELEMENTS(steps))], 500000);
		g_autoptr(VeilAffinity) a = veil_affinity_new(f, &policy, reviewers, pool.n, NULL);
		g_autoptr(VeilExclusions) x = round % 5 ? random_exclusions(rand, n_persons, n_projects) : no_exclusions(n_projects);
		g_autofree gint32 *row = g_new(gint32, pool.n + 1);
		g_autoptr(VeilCandidates) c = NULL;

		pool.reviewers = reviewers;
		for (guint32 i = 0; i < n_persons; i++)
			place[i] = VEIL_NONE;
		for (guint32 r = 0; r < pool.n; r++)
			place[reviewers[r]] = r;
		for (guint32 p = 0; p < n_projects; p++) {
			want[p] = (guint32)g_rand_int_range(rand, 0, (gint32)MAX(n_persons / (p % 2 ? 1 : 6), 1) + 3);
			spin[p] = (guint64)g_rand_int(rand) << 32 | g_rand_int(rand);
		}
		c = veil_affinity_candidates(a, x, place, want, spin, (guint)g_rand_int_range(rand, 1, 5), NULL);
		assert_non_null(c);
		assert_int_equal(c->n_projects, n_projects);
		for (guint32 p = 0; p < n_projects; p++) {
			veil_affinity_row(a, p, row);
			for (guint32 r = 0; r < pool.n; r++)
				assert_int_equal(row[r] % policy.step_micro, 0);
			check_list(c, p, row, &pool, x, want[p], spin[p]);
		}
	}
}

/* Everybody alike: who is listed is decided by spin alone, and everybody is listed equally often over all spins. */
static void
ties_turn_with_spin(void **state)
{
	g_autoptr(VeilFeatures) f = veil_features_new();
	enum { N = 10, WANT = 3 };
	guint32 reviewers[N], place[N], want[N], count[N] = {0};
	guint64 spin[N];
	VeilPolicy policy = policy_of(600000, 400000, 1000, 500000);
	g_autoptr(VeilExclusions) x = no_exclusions(N);
	g_autoptr(VeilAffinity) a = NULL;
	g_autoptr(VeilCandidates) c = NULL;

	(void)state;
	for (guint32 i = 0; i < N; i++) {
		reviewers[i] = place[i] = i, want[i] = WANT, spin[i] = i + 7 * N;
		end_row(f->person_offset, f->person_terms);
		end_row(f->person_disc_offset, f->person_disc);
		end_row(f->project_offset, f->project_terms);
		end_row(f->project_disc_offset, f->project_disc);
	}
	a = veil_affinity_new(f, &policy, reviewers, N, NULL);
	c = veil_affinity_candidates(a, x, place, want, spin, 2, NULL);
	for (guint32 p = 0; p < N; p++) {
		assert_int_equal(c->cut[p], 0);
		for (guint32 i = 0; i < WANT; i++) {
			count[c->reviewer[c->offset[p] + i]]++;
			assert_true((c->reviewer[c->offset[p] + i] + N - p) % N < WANT);
		}
	}
	for (guint32 i = 0; i < N; i++)
		assert_int_equal(count[i], WANT);
}

/* Persons in another order, terms under other numbers: the same scores. */
static void
names_do_not_matter(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(14);

	(void)state;
	for (int round = 0; round < 200; round++) {
		guint32 n = (guint32)g_rand_int_range(rand, 1, 30), m = 4;
		g_autoptr(VeilFeatures) f = random_features(rand, (int)n, (int)m, FALSE);
		guint32 all;
		g_autofree guint32 *order = random_pool(rand, n, &all), *turned = g_new(guint32, n + 1);
		VeilPolicy policy = policy_of(600000, 400000, 1, 500000);
		g_autofree gint32 *row = g_new(gint32, n + 1), *other = g_new(gint32, n + 1);
		g_autoptr(VeilAffinity) a = veil_affinity_new(f, &policy, order, all, NULL), b = NULL;

		for (guint32 i = 0; i < all; i++)
			turned[i] = order[all - 1 - i];
		for (guint p = 0; p < m; p++) {
			veil_affinity_row(a, p, row);
			if (p == 0) {
				for (guint i = 0; i < f->person_terms->len; i++)
					g_array_index(f->person_terms, VeilTermCount, i).term *= 3;
				for (guint i = 0; i < f->project_terms->len; i++)
					g_array_index(f->project_terms, VeilTermCount, i).term *= 3;
				b = veil_affinity_new(f, &policy, turned, all, NULL);
				veil_affinity_row(b, p, other);
				for (guint32 i = 0; i < all; i++)
					assert_int_equal(row[i], other[all - 1 - i]);
				break;
			}
		}
	}
}

static void
threads_do_not_matter(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(15);
	g_autoptr(VeilFeatures) f = random_features(rand, 400, 200, FALSE);
	guint32 reviewers[400], want[200];
	guint64 spin[200];
	VeilPolicy policy = policy_of(600000, 400000, 1000, 500000);
	g_autoptr(VeilExclusions) x = random_exclusions(rand, 400, 200);
	g_autoptr(VeilAffinity) a = NULL;
	g_autoptr(VeilCandidates) first = NULL;

	(void)state;
	for (guint32 i = 0; i < 400; i++)
		reviewers[i] = i;
	for (guint32 p = 0; p < 200; p++)
		want[p] = 20 + p, spin[p] = p * 31;
	a = veil_affinity_new(f, &policy, reviewers, 400, NULL);
	first = veil_affinity_candidates(a, x, reviewers, want, spin, 1, NULL);
	for (guint threads = 2; threads < 9; threads++) {
		g_autoptr(VeilCandidates) c = veil_affinity_candidates(a, x, reviewers, want, spin, threads, NULL);

		assert_memory_equal(c->offset, first->offset, 201 * sizeof *c->offset);
		assert_memory_equal(c->reviewer, first->reviewer, c->offset[200] * sizeof *c->reviewer);
		assert_memory_equal(c->score, first->score, c->offset[200] * sizeof *c->score);
		assert_memory_equal(c->cut, first->cut, 200 * sizeof *c->cut);
	}
}

/* Texts of one term with the largest weight there is, and of many: nothing wraps. */
static void
huge_weights_stay_in_range(void **state)
{
	g_autoptr(VeilFeatures) f = veil_features_new();
	VeilPolicy policy = policy_of(999999, 1, 1, 0);
	guint32 reviewers[] = {0, 1};
	gint32 row[2];
	g_autoptr(VeilAffinity) a = NULL;

	(void)state;
	for (guint64 i = 0; i < 200000; i++) {
		VeilTermCount t = {i, G_MAXUINT32};

		g_array_append_val(f->person_terms, t);
		g_array_append_val(f->project_terms, t);
	}
	end_row(f->person_offset, f->person_terms);
	end_row(f->person_offset, f->person_terms);
	end_row(f->project_offset, f->project_terms);
	end_row(f->person_disc_offset, f->person_disc);
	end_row(f->person_disc_offset, f->person_disc);
	end_row(f->project_disc_offset, f->project_disc);
	a = veil_affinity_new(f, &policy, reviewers, 2, NULL);
	assert_non_null(a);
	veil_affinity_row(a, 0, row);
	assert_in_range(row[0], 980000, 1000000);
	assert_int_equal(row[1], 0);
}

/* One expert with 数学, one with its child, one of another scheme; a project of the child. */
static void
disciplines_fall_with_distance(void **state)
{
	g_autoptr(VeilFeatures) f = veil_features_new();
	static const guint32 parent[] = {VEIL_NONE, 0, 0, VEIL_NONE, 1};
	static const VeilDisciplineWeight own[] = {{0, 1000000}, {1, 1000000}, {2, 7}, {3, 1000000}, {4, 1000000}};
	static const gint32 expected[] = {500000, 1000000, 250000, 0, 500000, 0, 500000};
	VeilDisciplineWeight mixed[] = {{0, 500000}, {1, 250000}, {3, 500000}}, project = {1, 0};
	VeilPolicy policy = policy_of(600000, 400000, 1000, 500000);
	guint32 reviewers[] = {0, 1, 2, 3, 4, 5, 6};
	gint32 row[7];
	g_autoptr(VeilAffinity) a = NULL;

	(void)state;
	g_array_append_vals(f->discipline_parent, parent, G_N_ELEMENTS(parent));
	for (guint i = 0; i < 7; i++) {
		if (i < 5)
			g_array_append_val(f->person_disc, own[i]);
		if (i == 6)
			g_array_append_vals(f->person_disc, mixed, 3);
		end_row(f->person_disc_offset, f->person_disc);
		end_row(f->person_offset, f->person_terms);
	}
	g_array_append_val(f->project_disc, project);
	end_row(f->project_disc_offset, f->project_disc);
	end_row(f->project_offset, f->project_terms);
	a = veil_affinity_new(f, &policy, reviewers, 7, NULL);
	veil_affinity_row(a, 0, row);
	for (guint i = 0; i < 7; i++)
		assert_int_equal(row[i], expected[i]);
}

static void
assert_refused(const VeilFeatures *f, const VeilPolicy *policy, VeilErrorCode code)
{
	g_autoptr(GError) error = NULL;
	guint32 reviewer = 0;

	assert_null(veil_affinity_new(f, policy, &reviewer, 1, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, code));
}

static VeilFeatures *
plain_features(void)
{
	VeilFeatures *f = veil_features_new();

	end_row(f->person_offset, f->person_terms);
	end_row(f->person_disc_offset, f->person_disc);
	end_row(f->project_offset, f->project_terms);
	end_row(f->project_disc_offset, f->project_disc);
	return f;
}

static void
broken_features_are_refused(void **state)
{
	VeilPolicy good = policy_of(600000, 400000, 1000, 500000), bad;
	g_autoptr(VeilFeatures) f = plain_features(), cycle = plain_features(), orphan = plain_features(), node = plain_features();
	g_autoptr(VeilFeatures) disorder = veil_features_new(), empty = veil_features_new();
	guint32 parents[] = {1, 2, 1}, nowhere = 5;
	VeilDisciplineWeight d = {0, 1};
	VeilTermCount terms[] = {{5, 1}, {5, 1}};

	(void)state;
	bad = good, bad.step_micro = 0;
	assert_refused(f, &bad, VEIL_ERROR_INPUT);
	bad = good, bad.text_micro = -1;
	assert_refused(f, &bad, VEIL_ERROR_INPUT);
	bad = good, bad.discipline_decay_micro = 1000001;
	assert_refused(f, &bad, VEIL_ERROR_INPUT);
	g_array_append_vals(cycle->discipline_parent, parents, 3);
	assert_refused(cycle, &good, VEIL_ERROR_FAILED);
	g_array_append_val(orphan->discipline_parent, nowhere);
	assert_refused(orphan, &good, VEIL_ERROR_FAILED);
	g_array_append_val(node->person_disc, d);
	assert_refused(node, &good, VEIL_ERROR_FAILED);
	g_array_append_vals(disorder->person_terms, terms, 2);
	end_row(disorder->person_offset, disorder->person_terms);
	end_row(disorder->person_disc_offset, disorder->person_disc);
	assert_refused(disorder, &good, VEIL_ERROR_FAILED);
	assert_refused(empty, &good, VEIL_ERROR_FAILED);
}

static void
nobody_and_nothing(void **state)
{
	g_autoptr(VeilFeatures) f = plain_features();
	VeilPolicy policy = policy_of(600000, 400000, 1000, 500000);
	guint32 none = 0, want = 5;
	guint64 spin = 12;
	g_autoptr(VeilAffinity) a = veil_affinity_new(f, &policy, &none, 0, NULL), b = veil_affinity_new(f, &policy, &none, 1, NULL);
	g_autoptr(VeilExclusions) x = no_exclusions(1);
	g_autoptr(VeilCandidates) c = veil_affinity_candidates(a, x, &none, &want, &spin, 2, NULL);
	g_autoptr(VeilCandidates) d = veil_affinity_candidates(b, x, &none, &want, &spin, 2, NULL);

	(void)state;
	assert_int_equal(c->offset[1], 0);
	assert_int_equal(c->cut[0], -1);
	assert_int_equal(d->offset[1], 1);
	assert_int_equal(d->score[0], 0);
	assert_int_equal(d->cut[0], -1);
	veil_affinity_free(NULL);
	veil_candidates_free(NULL);
}

static void
exclusions_of_another_batch(void **state)
{
	g_autoptr(VeilFeatures) f = plain_features();
	VeilPolicy policy = policy_of(600000, 400000, 1000, 500000);
	guint32 none = 0, want = 5;
	guint64 spin = 0;
	g_autoptr(VeilAffinity) a = veil_affinity_new(f, &policy, &none, 1, NULL);
	VeilExclusions x = {.n_projects = 2};
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(veil_affinity_candidates(a, &x, &none, &want, &spin, 1, &error));
	assert_true(g_error_matches(error, VEIL_ERROR, VEIL_ERROR_FAILED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_the_formula),
		cmocka_unit_test(logarithm_and_root),
		cmocka_unit_test(lists_are_the_best),
		cmocka_unit_test(ties_turn_with_spin),
		cmocka_unit_test(names_do_not_matter),
		cmocka_unit_test(threads_do_not_matter),
		cmocka_unit_test(huge_weights_stay_in_range),
		cmocka_unit_test(disciplines_fall_with_distance),
		cmocka_unit_test(broken_features_are_refused),
		cmocka_unit_test(nobody_and_nothing),
		cmocka_unit_test(exclusions_of_another_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
