/* test-cells.c - nobody is alone in a cell: random pools, hostile pools, tiny pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "freeze/cells.h"

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

enum { COLUMNS = 3 };

static gboolean
same_cell(const guint32 *load, const char **said, guint32 i, guint32 j, guint32 columns)
{
	gboolean same = load[i] == load[j];

	for (guint32 c = 0; c < columns; c++)
		same = same && g_strcmp0(said[i * columns + c], said[j * columns + c]) == 0;
	return same;
}

/* Random pools with any number of columns: five in every cell, nobody more load than he offered, no value but his own. */
static void
test_every_cell_has_five(void **unused)
{
	(void)unused;
	for (state = 1; state < 4000; state += 7) {
		guint64 seed = state;
		guint32 n = 1 + pick(120), columns = pick(COLUMNS + 1);
		g_autofree VeilBatchReviewer *all = g_new0(VeilBatchReviewer, n);
		g_autofree guint32 *load = g_new(guint32, n), *offered = g_new(guint32, n);
		g_autofree const char **said = g_new0(const char *, n * COLUMNS + 1), **before = NULL;

		for (guint32 i = 0; i < n; i++) {
			const char *const values[COLUMNS] = {RANKS[skewed(4)], PROVINCES[skewed(5)], KINDS[skewed(4)]};

			all[i].max_load = offered[i] = 1 + skewed(9);
			for (guint32 c = 0; c < columns; c++)
				said[i * columns + c] = values[c];
		}
		before = g_memdup2(said, (n * COLUMNS + 1) * sizeof *said);
		veil_cells_merge_loads(all, n);
		for (guint32 i = 0; i < n; i++)
			load[i] = all[i].max_load;
		veil_cells_coarsen(load, said, n, columns);
		for (guint32 i = 0; i < n; i++) {
			guint32 size = 0;

			for (guint32 j = 0; j < n; j++)
				size += same_cell(load, said, i, j, columns);
			assert_true(size >= MIN(5, n));
			assert_true(load[i] <= offered[i] && load[i] > 0);
			for (guint32 c = 0; c < columns; c++)
				assert_true(said[i * columns + c] == NULL || said[i * columns + c] == before[i * columns + c]);
		}
		state = seed;
	}
}

static void
test_common_values_survive(void **unused)
{
	guint32 load[12];
	const char *said[24];

	(void)unused;
	for (int i = 0; i < 12; i++) {
		load[i] = 8;
		said[2 * i] = PROVINCES[0];
		said[2 * i + 1] = KINDS[i % 2];
	}
	veil_cells_coarsen(load, said, 12, 2);
	for (int i = 0; i < 12; i++) {
		assert_ptr_equal(said[2 * i], PROVINCES[0]);
		assert_ptr_equal(said[2 * i + 1], KINDS[i % 2]);
	}
}

/* Where cells are too small the first column goes first, and the last is kept if that is enough. */
static void
test_the_first_column_is_given_up_first(void **unused)
{
	guint32 load[10];
	const char *said[20];

	(void)unused;
	for (int i = 0; i < 10; i++) {
		load[i] = 3;
		said[2 * i] = RANKS[i % 3];
		said[2 * i + 1] = KINDS[i % 2];
	}
	veil_cells_coarsen(load, said, 10, 2);
	for (int i = 0; i < 10; i++) {
		assert_null(said[2 * i]);
		assert_ptr_equal(said[2 * i + 1], KINDS[i % 2]);
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
		cmocka_unit_test(test_the_first_column_is_given_up_first),
		cmocka_unit_test(test_a_single_small_load_is_shared),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
