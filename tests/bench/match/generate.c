/* generate.c - benchmark instances, seeded: generate KIND PROJECTS REVIEWERS CANDIDATES DEMAND MAX MIN SEED FILE
 *
 * topics  200 topics of Zipf popularity, ranked differently for projects (2-4 topics) and reviewers (2-6); cosine times a reviewer's factor
 *         0.6-1 plus pair noise of 0.05; 1 % random conflicts. Contested.
 * steps   the same, scores rounded down to 0.001: thousands of equal scores.
 * text    words of Zipf frequency around a subject; tf-idf cosine, rounded down to 0.001. Loosely contested.
 * tight   maximum loads drawn so that supply is DEMAND x PROJECTS / 0.98, minimum loads up to MIN; else as topics.
 * Kept are the CANDIDATES best allowed reviewers of each project.
 */
#include "instance-file.h"
#include "model.h"

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

static Model
text_model(uint32_t P, uint32_t R, uint64_t seed)
{
	Model m = {.P = P, .R = R};
	double *frequency = calloc(WORDS, sizeof *frequency), *language, *near;

	state = mix(seed + 1);
	language = zipf(WORDS, 1, 0);
	near = zipf(400, 0.8, 0);
	m.projects = text_vectors(P, 60, language, zipf(SUBJECTS, 0.5, 1), near, frequency);
	m.reviewers = text_vectors(R, 50, language, zipf(SUBJECTS, 0.5, 0), near, frequency);
	for (uint32_t t = 0; t < WORDS; t++)
		frequency[t] = log((P + R) / (1.0 + frequency[t]));
	for (uint32_t i = 0; i < P; i++)
		vector_normalise(&m.projects[i], frequency);
	for (uint32_t i = 0; i < R; i++)
		vector_normalise(&m.reviewers[i], frequency);
	draw_factors(&m, 0);
	m.index = invert(m.reviewers, R, WORDS);
	return m;
}

int
main(int argc, char **argv)
{
	const char *kind;
	uint32_t P, R, C, demand, max_load, min_load;
	uint64_t pairs = 0;
	Model venue;
	int topics, steps;
	InstanceFile x = {0};

	if (argc != 10) {
		fprintf(stderr, "usage: generate KIND PROJECTS REVIEWERS CANDIDATES DEMAND MAX MIN SEED FILE\n");
		return 2;
	}
	kind = argv[1];
	P = (uint32_t)atol(argv[2]), R = (uint32_t)atol(argv[3]), C = (uint32_t)atol(argv[4]);
	demand = (uint32_t)atol(argv[5]), max_load = (uint32_t)atol(argv[6]), min_load = (uint32_t)atol(argv[7]);
	topics = strcmp(kind, "text") != 0;
	steps = !topics || strcmp(kind, "steps") == 0;
	venue = (topics ? topic_model : text_model)(P, R, (uint64_t)atol(argv[8]));
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

			for (uint32_t k = 0; k < venue.projects[p].n; k++)
				for (uint32_t i = venue.index.start[venue.projects[p].term[k]]; i < venue.index.start[venue.projects[p].term[k] + 1]; i++) {
					if (sum[venue.index.reviewer[i]] == 0)
						touched[n++] = venue.index.reviewer[i];
					sum[venue.index.reviewer[i]] += (float)venue.projects[p].weight[k] * venue.index.weight[i];
				}
			for (uint32_t i = 0; i < n; i++) {
				uint32_t r = touched[i];
				double value = sum[r];

				sum[r] = 0;
				if (in_conflict(p, r))
					continue;
				if (topics)
					value = value * venue.factor[r] + noise(p, r);
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
