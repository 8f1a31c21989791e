/* model.h - the made-up venue of the benchmarks: vectors of topics, and an index from topics to reviewers. Seeded; the same in every program.
 *
 * 200 topics of Zipf popularity, ranked differently for projects (2-4 topics) and reviewers (2-6); the score of any pair is the cosine times a reviewer's factor
 * 0.6-1 plus pair noise of 0.05; 1 % of pairs are in conflict.
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wunused-function"

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

typedef struct {
	uint32_t P, R;
	Vector *projects, *reviewers;
	double *factor;
	Inverted index;
} Model;

static int
in_conflict(uint32_t p, uint32_t r)
{
	return pair_uniform(p, r, 1) < 0.01;
}

static double
noise(uint32_t p, uint32_t r)
{
	return 0.05 * pair_uniform(p, r, 2);
}

static void
draw_factors(Model *m, int topics)
{
	m->factor = malloc(m->R * sizeof *m->factor);
	for (uint32_t r = 0; r < m->R; r++)
		m->factor[r] = topics ? 0.6 + 0.4 * uniform() : 1;
}

static Model
topic_model(uint32_t P, uint32_t R, uint64_t seed)
{
	Model m = {.P = P, .R = R};

	state = mix(seed + 1);
	m.projects = topic_vectors(P, 2, 4, zipf(200, 0.7, 1));
	m.reviewers = topic_vectors(R, 2, 6, zipf(200, 0.7, 0));
	draw_factors(&m, 1);
	m.index = invert(m.reviewers, R, 200);
	return m;
}
