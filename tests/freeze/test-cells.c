/* test-cells.c - nobody is alone in a cell: random pools, hostile pools, tiny pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cells.h"

static const char *const KINDS[] = {"technical", "finance", "industry", NULL};
static const char *const PROVINCES[] = {"广东", "湖北", "青海", "西藏", NULL};
static const char *const RANKS[] = {"正高级", "副高级", "中级", NULL};

static guint64 state;

static guint32
pick(guint32 n)
{
	state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
	guint64 z = (state ^ (state >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);

	z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
	return (guint32)((z ^ (z >> 31)) % n);
}

/* Skewed, so that some values are rare. */
static guint32
skewed(guint32 n)
{
	return MIN(pick(n), MIN(pick(n), pick(n)));
}

static gboolean
same(const char *a, const char *b)
{
	return g_strcmp0(a, b) == 0;
}

static gboolean
same_cell(const VeilBatchReviewer *a, const VeilBatchReviewer *b)
{
	return a->max_load == b->max_load && same(a->kind, b->kind) && same(a->province, b->province) && same(a->rank, b->rank);
}

static guint32
cell_size(const VeilBatchReviewer *all, guint32 n, guint32 i)
{
	guint32 size = 0;

	for (guint32 j = 0; j < n; j++)
		size += same_cell(&all[i], &all[j]);
	return size;
}

static void
test_every_cell_has_five(void **unused)
{
	(void)unused;
	for (state = 1; state < 4000; state += 7) {
		guint64 seed = state;
		guint32 n = 1 + pick(120);
		g_autofree VeilBatchReviewer *all = g_new0(VeilBatchReviewer, n), *before = NULL;

		for (guint32 i = 0; i < n; i++) {
			all[i].max_load = 1 + skewed(9);
			all[i].kind = KINDS[skewed(4)];
			all[i].province = PROVINCES[skewed(5)];
			all[i].rank = RANKS[skewed(4)];
		}
		before = g_memdup2(all, n * sizeof *all);
		veil_cells_merge_loads(all, n);
		veil_cells_coarsen(all, n);
		for (guint32 i = 0; i < n; i++) {
			assert_true(cell_size(all, n, i) >= MIN(5, n));
			/* Never more load than offered, never a value that was not the person's own. */
			assert_true(all[i].max_load <= before[i].max_load && all[i].max_load > 0);
			assert_true(all[i].kind == NULL || all[i].kind == before[i].kind);
			assert_true(all[i].province == NULL || all[i].province == before[i].province);
			assert_true(all[i].rank == NULL || all[i].rank == before[i].rank);
		}
		state = seed;
	}
}

static void
test_common_values_survive(void **unused)
{
	g_autofree VeilBatchReviewer *all = g_new0(VeilBatchReviewer, 12);

	(void)unused;
	for (int i = 0; i < 12; i++) {
		all[i].max_load = 8;
		all[i].kind = KINDS[i % 2];
		all[i].province = PROVINCES[0];
	}
	veil_cells_merge_loads(all, 12);
	veil_cells_coarsen(all, 12);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(all[i].max_load, 8);
		assert_ptr_equal(all[i].kind, KINDS[i % 2]);
		assert_ptr_equal(all[i].province, PROVINCES[0]);
	}
}

static void
test_a_single_small_load_is_shared(void **unused)
{
	g_autofree VeilBatchReviewer *all = g_new0(VeilBatchReviewer, 20);
	int ones = 0;

	(void)unused;
	for (int i = 0; i < 20; i++)
		all[i].max_load = i == 11 ? 1 : 8;
	veil_cells_merge_loads(all, 20);
	for (int i = 0; i < 20; i++)
		ones += all[i].max_load == 1;
	assert_int_equal(ones, 5);
	assert_int_equal(all[11].max_load, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell_has_five),
		cmocka_unit_test(test_common_values_survive),
		cmocka_unit_test(test_a_single_small_load_is_shared),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
