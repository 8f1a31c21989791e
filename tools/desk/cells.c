/* cells.c - coarse attributes in cells of at least five people, and loads that tell nobody apart.
 *
 * Rare combinations are names: on a simulated pool of 40,000, discipline and province alone single out one expert in four. The drawer therefore gets
 * (kind, province, rank) only where at least five reviewers share the whole combination and the load. Attributes are given up in a fixed order, rank first,
 * then province, then kind, because panel rules ask for kind oftener than for rank. What is given up is "not said", which never equals
 * anything and never fills a minimum.
 *
 * A personal maximum load is needed as it is, so it cannot be left out; a load that fewer than five share is lowered to the next smaller one
 * that is shared, and the smallest is filled up from the next larger group. Lowering is always safe: nobody gets more than he offered.
 */
#include <string.h>

#include "cells.h"

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

static char *
cell_key(const VeilBatchReviewer *r)
{
	return g_strdup_printf("%u\x1f%s\x1f%s\x1f%s", r->max_load, r->kind ? r->kind : "", r->province ? r->province : "",
			       r->rank ? r->rank : "");
}

static GHashTable *
count_cells(const VeilBatchReviewer *reviewers, guint32 n)
{
	GHashTable *cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint32 i = 0; i < n; i++) {
		char *key = cell_key(&reviewers[i]);
		guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(cells, key));

		g_hash_table_replace(cells, key, GUINT_TO_POINTER(seen + 1));
	}
	return cells;
}

/* Blanks one attribute of everybody in a cell that is too small. Returns whether any cell was. */
static gboolean
give_up(VeilBatchReviewer *reviewers, guint32 n, gsize attribute_offset)
{
	g_autoptr(GHashTable) cells = count_cells(reviewers, n);
	gboolean any = FALSE;

	for (guint32 i = 0; i < n; i++) {
		g_autofree char *key = cell_key(&reviewers[i]);

		if (GPOINTER_TO_UINT(g_hash_table_lookup(cells, key)) >= CELL)
			continue;
		*(const char **)(gpointer)((char *)&reviewers[i] + attribute_offset) = NULL;
		any = TRUE;
	}
	return any;
}

/* Two who said nothing among thousands who did are a cell of two: the smallest cell of their load joins them. */
static gboolean
absorb(VeilBatchReviewer *reviewers, guint32 n)
{
	g_autoptr(GHashTable) cells = count_cells(reviewers, n);

	for (guint32 i = 0; i < n; i++) {
		g_autofree char *key = cell_key(&reviewers[i]), *best = NULL;
		guint best_count = G_MAXUINT;

		if (GPOINTER_TO_UINT(g_hash_table_lookup(cells, key)) >= CELL)
			continue;
		for (guint32 j = 0; j < n; j++) {
			g_autofree char *other = NULL;
			guint count;

			if (reviewers[j].max_load != reviewers[i].max_load)
				continue;
			other = cell_key(&reviewers[j]);
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
		for (guint32 j = 0; j < n; j++) {
			g_autofree char *other = cell_key(&reviewers[j]);

			if (strcmp(other, best) == 0)
				reviewers[j].kind = reviewers[j].province = reviewers[j].rank = NULL;
		}
		return TRUE;
	}
	return FALSE;
}

void
veil_cells_coarsen(VeilBatchReviewer *reviewers, guint32 n)
{
	give_up(reviewers, n, G_STRUCT_OFFSET(VeilBatchReviewer, rank));
	give_up(reviewers, n, G_STRUCT_OFFSET(VeilBatchReviewer, province));
	give_up(reviewers, n, G_STRUCT_OFFSET(VeilBatchReviewer, kind));
	while (absorb(reviewers, n))
		;
}
