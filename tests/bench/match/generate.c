/* generate.c - benchmark instances, seeded: generate KIND PROJECTS REVIEWERS CANDIDATES DEMAND MAX MIN SEED FILE
 *
 * topics  200 topics of Zipf popularity, ranked differently for projects (2-4 topics) and reviewers (2-6); cosine times a reviewer's factor
 *         0.6-1 plus pair noise of 0.05; 1 % random conflicts. Contested.
 * steps   the same, scores rounded down to 0.001: thousands of equal scores.
 * text    words of Zipf frequency around a subject; tf-idf cosine, rounded down to 0.001. Loosely contested.
 * tight   maximum loads drawn so that supply is DEMAND x PROJECTS / 0.98, minimum loads up to MIN; else as topics.
 * Kept are the CANDIDATES best allowed reviewers of each project.
 */
#include <math.h>
#include <string.h>

#include "instance-file.h"

static uint64_t state;

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static double
uniform(void)
{
	return (double)(mix(state += UINT64_C(0x9E3779B97F4A7C15)) >> 11) * 0x1p-53;
}

/* Uniform in [0, 1) for a pair, the same however it is reached. */
static double
pair_uniform(uint64_t p, uint64_t r, uint64_t salt)
{
	return (double)(mix(mix(p * UINT64_C(0x9E3779B97F4A7C15) + salt) ^ (r * UINT64_C(0xD1B54A32D192ED03))) >> 11) * 0x1p-53;
}

static uint32_t
pick(const double *cumulative, uint32_t n)
{
	double u = uniform() * cumulative[n - 1];
	uint32_t low = 0, high = n - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (cumulative[middle] > u)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static double *
zipf(uint32_t n, double exponent, int shuffled)
{
	double *cumulative = malloc(n * sizeof *cumulative);
	uint32_t *rank = malloc(n * sizeof *rank);

	for (uint32_t i = 0; i < n; i++)
		rank[i] = i;
	/* shuffled: ranks move by some tens, so that what is popular here is middling there */
	for (uint32_t i = 0; shuffled && i + 1 < n; i++) {
		uint32_t j = i + (uint32_t)(uniform() * (n - i < 40 ? n - i : 40)), t = rank[i];

		rank[i] = rank[j];
		rank[j] = t;
	}
	for (uint32_t i = 0; i < n; i++)
		cumulative[i] = (i ? cumulative[i - 1] : 0) + pow(1.0 + rank[i], -exponent);
	free(rank);
	return cumulative;
}

/* A sparse vector of unit length. */
typedef struct {
	uint32_t n, term[64];
	double weight[64];
} Vector;

static void
vector_add(Vector *v, uint32_t term, double weight)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (v->term[i] == term) {
			v->weight[i] += weight;
			return;
		}
	if (v->n < 64) {
		v->term[v->n] = term;
		v->weight[v->n++] = weight;
	}
}

static void
vector_normalise(Vector *v, const double *idf)
{
	double sum = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		if (idf)
			v->weight[i] *= idf[v->term[i]];
		sum += v->weight[i] * v->weight[i];
	}
	for (uint32_t i = 0; i < v->n; i++)
		v->weight[i] /= sqrt(sum);
}

static Vector *
topic_vectors(uint32_t n, uint32_t low, uint32_t high, const double *popularity)
{
	Vector *v = calloc(n, sizeof *v);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t want = low + (uint32_t)(uniform() * (high - low + 1));

		while (v[i].n < want)
			vector_add(&v[i], pick(popularity, 200), 0.2 + 0.8 * uniform());
		vector_normalise(&v[i], NULL);
	}
	return v;
}

enum { WORDS = 20000, SUBJECTS = 400 };

/* Words: half of the language at large, half of a neighbourhood of the subject. */
static Vector *
text_vectors(uint32_t n, uint32_t words, const double *language, const double *subjects, const double *near, double *frequency)
{
	Vector *v = calloc(n, sizeof *v);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t subject = pick(subjects, SUBJECTS), other = pick(subjects, SUBJECTS);

		for (uint32_t k = 0; k < words; k++) {
			double u = uniform();
			uint32_t s = u < 0.4 ? subject : other;
			uint32_t word = u < 0.6 ? 500 + (s * 47 + pick(near, 400)) % (WORDS - 500) : pick(language, WORDS);

			vector_add(&v[i], word, 1);
		}
		for (uint32_t k = 0; k < v[i].n; k++)
			frequency[v[i].term[k]]++;
	}
	return v;
}

typedef struct {
	int64_t score;
	uint32_t reviewer;
} Candidate;

static int
better(const void *a, const void *b)
{
	const Candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->reviewer < y->reviewer ? -1 : 1;
}

static int
by_reviewer(const void *a, const void *b)
{
	const Candidate *x = a, *y = b;

	return x->reviewer < y->reviewer ? -1 : 1;
}

typedef struct {
	uint32_t n_terms;
	uint32_t *start, *reviewer;
	float *weight;
} Inverted;

static Inverted
invert(const Vector *v, uint32_t n, uint32_t n_terms)
{
	Inverted x = {n_terms, calloc(n_terms + 2, 4), NULL, NULL};
	uint32_t *at;

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < v[i].n; k++)
			x.start[v[i].term[k] + 1]++;
	for (uint32_t t = 0; t < n_terms; t++)
		x.start[t + 1] += x.start[t];
	x.reviewer = malloc(4 * (size_t)x.start[n_terms] + 4);
	x.weight = malloc(4 * (size_t)x.start[n_terms] + 4);
	at = malloc(4 * (n_terms + 1));
	memcpy(at, x.start, 4 * n_terms);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < v[i].n; k++) {
			x.reviewer[at[v[i].term[k]]] = i;
			x.weight[at[v[i].term[k]]++] = (float)v[i].weight[k];
		}
	free(at);
	return x;
}

int
main(int argc, char **argv)
{
	const char *kind;
	uint32_t P, R, C, demand, max_load, min_load, n_terms = 200;
	uint64_t pairs = 0;
	Vector *projects, *reviewers;
	double *factor;
	int topics, steps;
	Inverted index;
	InstanceFile x = {0};

	if (argc != 10) {
		fprintf(stderr, "usage: generate KIND PROJECTS REVIEWERS CANDIDATES DEMAND MAX MIN SEED FILE\n");
		return 2;
	}
	kind = argv[1];
	P = (uint32_t)atol(argv[2]), R = (uint32_t)atol(argv[3]), C = (uint32_t)atol(argv[4]);
	demand = (uint32_t)atol(argv[5]), max_load = (uint32_t)atol(argv[6]), min_load = (uint32_t)atol(argv[7]);
	state = mix((uint64_t)atol(argv[8]) + 1);
	topics = strcmp(kind, "text") != 0;
	steps = !topics || strcmp(kind, "steps") == 0;
	factor = malloc(R * sizeof *factor);
	if (topics) {
		projects = topic_vectors(P, 2, 4, zipf(200, 0.7, 1));
		reviewers = topic_vectors(R, 2, 6, zipf(200, 0.7, 0));
	} else {
		double *frequency = calloc(WORDS, sizeof *frequency), *language = zipf(WORDS, 1, 0), *near = zipf(400, 0.8, 0);

		n_terms = WORDS;
		projects = text_vectors(P, 60, language, zipf(SUBJECTS, 0.5, 1), near, frequency);
		reviewers = text_vectors(R, 50, language, zipf(SUBJECTS, 0.5, 0), near, frequency);
		for (uint32_t t = 0; t < WORDS; t++)
			frequency[t] = log((P + R) / (1.0 + frequency[t]));
		for (uint32_t i = 0; i < P; i++)
			vector_normalise(&projects[i], frequency);
		for (uint32_t i = 0; i < R; i++)
			vector_normalise(&reviewers[i], frequency);
	}
	for (uint32_t r = 0; r < R; r++)
		factor[r] = topics ? 0.6 + 0.4 * uniform() : 1;
	index = invert(reviewers, R, n_terms);
	x.demand = malloc(4 * (size_t)P), x.min_load = malloc(4 * (size_t)R), x.max_load = malloc(4 * (size_t)R);
	x.offset = calloc(P + 1, 8), x.reviewer = malloc(4 * (size_t)P * C), x.score = malloc(8 * (size_t)P * C);
	for (uint32_t r = 0; r < R; r++) {
		double mean = strcmp(kind, "tight") == 0 ? (double)demand * P / 0.98 / R : 0;

		x.max_load[r] = mean > 0 ? (uint32_t)(mean + uniform()) : max_load;
		x.min_load[r] = min_load ? (uint32_t)(uniform() * (min_load + 1)) : 0;
		if (x.min_load[r] > x.max_load[r])
			x.min_load[r] = x.max_load[r];
	}
	{
		float *sum = calloc(R, sizeof *sum);
		uint32_t *touched = malloc(4 * (size_t)R);
		Candidate *candidate = malloc(R * sizeof *candidate);

		for (uint32_t p = 0; p < P; p++) {
			uint32_t n = 0, m = 0;

			for (uint32_t k = 0; k < projects[p].n; k++)
				for (uint32_t i = index.start[projects[p].term[k]]; i < index.start[projects[p].term[k] + 1]; i++) {
					if (sum[index.reviewer[i]] == 0)
						touched[n++] = index.reviewer[i];
					sum[index.reviewer[i]] += (float)projects[p].weight[k] * index.weight[i];
				}
			for (uint32_t i = 0; i < n; i++) {
				uint32_t r = touched[i];
				double value = sum[r];

				sum[r] = 0;
				if (pair_uniform(p, r, 1) < 0.01)
					continue;
				if (topics)
					value = value * factor[r] + 0.05 * pair_uniform(p, r, 2);
				candidate[m].score = steps ? (int64_t)(value * 1000) * 1000 : (int64_t)(value * 1000000);
				candidate[m++].reviewer = r;
			}
			qsort(candidate, m, sizeof *candidate, better);
			if (m > C)
				m = C;
			qsort(candidate, m, sizeof *candidate, by_reviewer);
			for (uint32_t i = 0; i < m; i++) {
				x.reviewer[pairs] = candidate[i].reviewer;
				x.score[pairs++] = candidate[i].score;
			}
			x.offset[p + 1] = pairs;
			x.demand[p] = demand;
		}
	}
	{
		FILE *file = fopen(argv[9], "wb");
		uint64_t head[4] = {INSTANCE_MAGIC, P, R, pairs};

		if (file == NULL)
			return 1;
		fwrite(head, sizeof head, 1, file);
		fwrite(x.demand, 4, P, file);
		fwrite(x.min_load, 4, R, file);
		fwrite(x.max_load, 4, R, file);
		fwrite(x.offset, 8, P + 1, file);
		fwrite(x.reviewer, 4, pairs, file);
		fwrite(x.score, 8, pairs, file);
		if (fclose(file) != 0)
			return 1;
	}
	return 0;
}
