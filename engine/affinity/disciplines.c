/* disciplines.c - fit by distance in the tree.
 *
 * fit = (1 - decay) ^ (steps from the project's discipline to the expert's along the tree) x the expert's weight of it by his largest weight; the best
 * pair counts. Trees of different schemes share no root and never meet. From the project's node the tree is walked outwards until the
 * fit is under a thousandth, so a row costs the neighbourhood and not the pool.
 */
#include <string.h>

#include "disciplines.h"

enum { LEAST_FIT = 1000 }; /* millionths */

static const VeilDisciplineWeight *
weights_of(const GArray *offset, const GArray *weights, guint32 row, guint64 *out_n)
{
	guint64 start = g_array_index(offset, guint64, row), end = g_array_index(offset, guint64, row + 1);

	*out_n = end - start;
	return end > start ? &g_array_index(weights, VeilDisciplineWeight, start) : NULL;
}

static void
fill_lists(VeilDisciplineIndex *index, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers)
{
	g_autofree guint64 *next = g_new(guint64, index->n_nodes + 1);
	guint64 n;

	index->offset = g_new0(guint64, index->n_nodes + 1);
	for (guint32 r = 0; r < n_reviewers; r++) {
		const VeilDisciplineWeight *w = weights_of(features->person_disc_offset, features->person_disc, reviewers[r], &n);

		for (guint64 i = 0; i < n; i++)
			index->offset[w[i].node + 1]++;
	}
	for (guint32 v = 0; v < index->n_nodes; v++)
		index->offset[v + 1] += index->offset[v];
	memcpy(next, index->offset, sizeof(guint64) * (index->n_nodes + 1));
	index->reviewer = g_new(guint32, index->offset[index->n_nodes] + 1);
	index->share = g_new(guint32, index->offset[index->n_nodes] + 1);
	for (guint32 r = 0; r < n_reviewers; r++) {
		const VeilDisciplineWeight *w = weights_of(features->person_disc_offset, features->person_disc, reviewers[r], &n);
		guint64 largest = 1;

		for (guint64 i = 0; i < n; i++)
			largest = MAX(largest, w[i].weight_micro);
		for (guint64 i = 0; i < n; i++) {
			guint64 k = next[w[i].node]++;

			index->reviewer[k] = r;
			index->share[k] = (guint32)((guint64)w[i].weight_micro * 1000000 / largest);
		}
	}
}

void
veil_discipline_index_init(VeilDisciplineIndex *index, const VeilFeatures *features, gint64 decay_micro, const guint32 *reviewers,
			   guint32 n_reviewers)
{
	memset(index, 0, sizeof *index);
	index->n_nodes = features->discipline_parent->len;
	index->parent = (const guint32 *)(gpointer)features->discipline_parent->data;
	index->keep_micro = 1000000 - decay_micro;
	index->child = g_new(guint32, index->n_nodes + 1);
	index->sibling = g_new(guint32, index->n_nodes + 1);
	memset(index->child, 0xff, sizeof(guint32) * (index->n_nodes + 1));
	for (guint32 v = index->n_nodes; v-- > 0;) {
		index->sibling[v] = VEIL_NONE;
		if (index->parent[v] != VEIL_NONE) {
			index->sibling[v] = index->child[index->parent[v]];
			index->child[index->parent[v]] = v;
		}
	}
	fill_lists(index, features, reviewers, n_reviewers);
}

void
veil_discipline_index_clear(VeilDisciplineIndex *index)
{
	g_free(index->child);
	g_free(index->sibling);
	g_free(index->offset);
	g_free(index->reviewer);
	g_free(index->share);
	memset(index, 0, sizeof *index);
}

static void
lift(const VeilDisciplineIndex *index, guint32 node, guint64 fit, guint32 *out_fit)
{
	for (guint64 k = index->offset[node]; k < index->offset[node + 1]; k++) {
		guint32 value = (guint32)(fit * index->share[k] / 1000000);

		if (value > out_fit[index->reviewer[k]])
			out_fit[index->reviewer[k]] = value;
	}
}

/* The subtree of node but for the child we came from. Import refuses trees so deep that recursion could matter (no cycles, fit falls at every step). */
static void
descend(const VeilDisciplineIndex *index, guint32 node, guint32 but, guint64 fit, guint32 steps_left, guint32 *out_fit)
{
	if (fit < LEAST_FIT || steps_left == 0)
		return;
	lift(index, node, fit, out_fit);
	for (guint32 v = index->child[node]; v != VEIL_NONE; v = index->sibling[v])
		if (v != but)
			descend(index, v, VEIL_NONE, fit * (guint64)index->keep_micro / 1000000, steps_left - 1, out_fit);
}

gboolean
veil_discipline_index_row(const VeilDisciplineIndex *index, const VeilFeatures *features, guint32 project, guint32 *out_fit)
{
	enum { MOST_STEPS = 64 };
	guint64 n;
	const VeilDisciplineWeight *own = weights_of(features->project_disc_offset, features->project_disc, project, &n);

	for (guint64 i = 0; i < n; i++) {
		guint64 fit = 1000000;
		guint32 from = VEIL_NONE, node = own[i].node;

		for (int step = 0; step < MOST_STEPS && node != VEIL_NONE && fit >= LEAST_FIT; step++) {
			descend(index, node, from, fit, MOST_STEPS, out_fit);
			from = node;
			node = index->parent[node];
			fit = fit * (guint64)index->keep_micro / 1000000;
		}
	}
	return n > 0;
}
