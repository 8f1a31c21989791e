/* cells.c - coarse attributes in cells of at least five people, and loads that tell nobody apart.
 *
 * Rare combinations are names: on a simulated pool of 40,000, discipline and province alone single out one expert in four. The drawer therefore gets
 * the attributes that panel rules need only where at least five reviewers share the whole combination and the load. They are given up column by
 * column in the order in which they are handed in. What is given up is "not said", which never equals anything and never fills a minimum.
 *
 * A personal maximum load is needed as it is, so it cannot be left out; a load that fewer than five share is lowered to the next smaller one
 * that is shared, and the smallest is filled up from the next larger group. Lowering is always safe: nobody gets more than he offered.
 */
#include <string.h>

#include "freeze/cells.h"

enum { CELL = 5 };

static int
compare_u32(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

/* Indexes ascending by load, ties by index (code order is random, so nobody is singled out by the tie). */
static int
compare_load(gconstpointer a, gconstpointer b, gpointer data)
{
	const VeilBatchReviewer *reviewers = data;
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	if (reviewers[x].max_load != reviewers[y].max_load)
		return reviewers[x].max_load < reviewers[y].max_load ? -1 : 1;
	return compare_u32(a, b);
}

/* Walks the loads upwards: a run shorter than a cell takes in the next ones at its own (smaller) load. A rest shorter than a cell at
 * the top joins the run below it. */
void
veil_cells_merge_loads(VeilBatchReviewer *reviewers, guint32 n)
{
	g_autofree guint32 *order = g_new(guint32, MAX(n, 1));
	guint32 start = 0, previous = 0;

	for (guint32 i = 0; i < n; i++)
		order[i] = i;
	g_qsort_with_data(order, (gint)n, sizeof *order, compare_load, reviewers);
	while (start < n) {
		guint32 load = reviewers[order[start]].max_load, end = start;

		while (end < n && (reviewers[order[end]].max_load == load || end - start < CELL))
			end++;
		if (end - start < CELL && start > 0)
			load = reviewers[order[previous]].max_load;
		for (guint32 i = start; i < end; i++)
			reviewers[order[i]].max_load = load;
		previous = start;
		start = end;
	}
}

typedef struct {
	const guint32 *load;
	const char **said; /* rows of n_columns */
	guint32 n, n_columns;
} Table;

static char *
cell_key(const Table *t, guint32 row)
{
	GString *key = g_string_new(NULL);

	g_string_printf(key, "%u", t->load[row]);
	for (guint32 c = 0; c < t->n_columns; c++) {
		const char *said = t->said[(gsize)row * t->n_columns + c];

		g_string_append_printf(key, "\x1f%s", said ? said : "");
	}
	return g_string_free(key, FALSE);
}

static GHashTable *
count_cells(const Table *t)
{
	GHashTable *cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint32 i = 0; i < t->n; i++) {
		char *key = cell_key(t, i);
		guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(cells, key));

		g_hash_table_replace(cells, key, GUINT_TO_POINTER(seen + 1));
	}
	return cells;
}

/* Blanks one column of everybody in a cell that is too small. */
static void
give_up(Table *t, guint32 column)
{
	g_autoptr(GHashTable) cells = count_cells(t);

	for (guint32 i = 0; i < t->n; i++) {
		g_autofree char *key = cell_key(t, i);

		if (GPOINTER_TO_UINT(g_hash_table_lookup(cells, key)) < CELL)
			t->said[(gsize)i * t->n_columns + column] = NULL;
	}
}

/* Two who said nothing among thousands who did are a cell of two: the smallest cell of their load joins them. */
static gboolean
absorb(Table *t)
{
	g_autoptr(GHashTable) cells = count_cells(t);

	for (guint32 i = 0; i < t->n; i++) {
		g_autofree char *key = cell_key(t, i), *best = NULL;
		guint best_count = G_MAXUINT;

		if (GPOINTER_TO_UINT(g_hash_table_lookup(cells, key)) >= CELL)
			continue;
		for (guint32 j = 0; j < t->n; j++) {
			g_autofree char *other = NULL;
			guint count;

			if (t->load[j] != t->load[i])
				continue;
			other = cell_key(t, j);
			count = GPOINTER_TO_UINT(g_hash_table_lookup(cells, other));
			if (strcmp(other, key) != 0 &&
			    (count < best_count || (count == best_count && strcmp(other, best) < 0))) {
				best_count = count;
				g_free(best);
				best = g_steal_pointer(&other);
			}
		}
		if (best == NULL)
			return FALSE; /* the whole pool of this load is one small cell: nothing more can be given up */
		for (guint32 j = 0; j < t->n; j++) {
			g_autofree char *other = cell_key(t, j);

			if (strcmp(other, best) == 0)
				memset(t->said + (gsize)j * t->n_columns, 0, sizeof *t->said * t->n_columns);
		}
		return TRUE;
	}
	return FALSE;
}

void
veil_cells_coarsen(const guint32 *load, const char **said, guint32 n, guint32 n_columns)
{
	Table t = {load, said, n, n_columns};

	if (n_columns == 0)
		return;
	for (guint32 c = 0; c < n_columns; c++)
		give_up(&t, c);
	while (absorb(&t))
		;
}
