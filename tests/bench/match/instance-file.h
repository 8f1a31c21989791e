/* instance-file.h - the instance as it lies on disk between the generator and the solvers: host byte order, one machine only.
 *
 * u64: magic, projects, reviewers, pairs; then demand u32[P], min u32[R], max u32[R], offset u64[P+1], reviewer u32[pairs],
 * score i64[pairs] (millionths).
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INSTANCE_MAGIC UINT64_C(0x3148435441434d56)

typedef struct {
	uint64_t projects, reviewers, pairs;
	uint32_t *demand, *min_load, *max_load;
	uint64_t *offset;
	uint32_t *reviewer;
	int64_t *score;
} InstanceFile;

static inline void *
instance_block(FILE *file, uint64_t n, size_t size)
{
	void *block = malloc(n * size + 1);

	if (block == NULL || fread(block, size, n, file) != n) {
		fprintf(stderr, "instance file too short\n");
		exit(3);
	}
	return block;
}

static inline InstanceFile
instance_read(const char *path)
{
	FILE *file = fopen(path, "rb");
	InstanceFile x;
	uint64_t head[4];

	if (file == NULL || fread(head, sizeof head, 1, file) != 1 || head[0] != INSTANCE_MAGIC) {
		fprintf(stderr, "%s: no instance\n", path);
		exit(3);
	}
	x.projects = head[1], x.reviewers = head[2], x.pairs = head[3];
	x.demand = (uint32_t *)instance_block(file, x.projects, 4);
	x.min_load = (uint32_t *)instance_block(file, x.reviewers, 4);
	x.max_load = (uint32_t *)instance_block(file, x.reviewers, 4);
	x.offset = (uint64_t *)instance_block(file, x.projects + 1, 8);
	x.reviewer = (uint32_t *)instance_block(file, x.pairs, 4);
	x.score = (int64_t *)instance_block(file, x.pairs, 8);
	fclose(file);
	return x;
}
