/* discipline.c - how far two codes of a discipline tree lie apart.
 *
 *   fit(project, reviewer) = max over both sides' codes of (1 - decay)^(steps up from one to the lowest common ancestor and
 *                            down to the other) x the reviewer's weight of the code / his largest weight
 *
 * Codes without a common ancestor (another scheme, another root) do not meet. Only nodes that some reviewer has are looked at;
 * there are hundreds, not thousands, and each is a walk of a few steps up.
 */
#include <string.h>

#include "affinity-internal.h"

static gboolean
complain(GError **error, const char *what)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "features: %s, rebuild them from the registry", what);
	return FALSE;
}

/* A tree has an end above every node: walks of length n_nodes or more are cycles. */
static gboolean
check_tree(const VeilDisciplineIndex *x, guint32 *out_height, GError **error)
{
	g_autofree guint32 *depth = g_new0(guint32, x->n_nodes + 1); /* + 1; 0: not known yet */

	*out_height = 0;
	for (guint32 i = 0; i < x->n_nodes; i++) {
		guint32 up = 0, node, top;

		for (node = i; node != VEIL_NONE && depth[node] == 0; node = x->parent[node])
			if ((x->parent[node] != VEIL_NONE && x->parent[node] >= x->n_nodes) || ++up > x->n_nodes)
				return complain(error, "the discipline tree has a cycle or a parent that does not exist");
		top = node == VEIL_NONE ? 0 : depth[node];
		*out_height = MAX(*out_height, top + up);
		for (node = i; node != VEIL_NONE && depth[node] == 0; node = x->parent[node])
			depth[node] = top + up--;
	}
	return TRUE;
}

static void
tabulate_fits(VeilDisciplineIndex *x, guint32 kept, guint32 height)
{
	guint64 value = VEIL_ONE;

	x->fit = g_new0(guint32, (gsize)height * 2 + 1);
	for (x->n_fits = 0; x->n_fits <= height * 2 && value > 0; x->n_fits++, value = value * kept / VEIL_ONE)
		x->fit[x->n_fits] = (guint32)value;
}

static const VeilDisciplineWeight *
span(GArray *offset, GArray *rows, guint32 i, gsize *out_n)
{
	guint64 start = g_array_index(offset, guint64, i);

	*out_n = g_array_index(offset, guint64, i + 1) - start;
	return (const VeilDisciplineWeight *)(const void *)rows->data + start;
}

static gboolean
check_nodes(const VeilDisciplineIndex *x, GArray *rows, GError **error)
{
	for (guint i = 0; i < rows->len; i++)
		if (g_array_index(rows, VeilDisciplineWeight, i).node >= x->n_nodes)
			return complain(error, "a discipline does not exist");
	return TRUE;
}

static void
copy_reviewers(VeilDisciplineIndex *x, const guint32 *reviewers)
{
	g_autofree gboolean *seen = g_new0(gboolean, x->n_nodes + 1);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(VeilReviewerDiscipline));

	x->offset = g_new0(guint64, (gsize)x->n_reviewers + 1);
	x->used = g_new(guint32, x->n_nodes + 1);
	for (guint32 r = 0; r < x->n_reviewers; r++) {
		gsize n;
		const VeilDisciplineWeight *d = span(x->features->person_disc_offset, x->features->person_disc, reviewers[r], &n);
		guint32 largest = 0;

		for (gsize i = 0; i < n; i++)
			largest = MAX(largest, d[i].weight_micro);
		for (gsize i = 0; i < n; i++) {
			VeilReviewerDiscipline own = {d[i].node, 0};

			if (d[i].weight_micro == 0)
				continue;
			own.share = (guint32)((guint64)d[i].weight_micro * VEIL_ONE / largest);
			g_array_append_val(all, own);
			if (!seen[own.node])
				x->used[x->n_used++] = own.node;
			seen[own.node] = TRUE;
		}
		x->offset[r + 1] = all->len;
	}
	x->disciplines = (VeilReviewerDiscipline *)(void *)g_array_free(all, FALSE);
}

gboolean
veil_discipline_index_build(VeilDisciplineIndex *x, const VeilFeatures *features, gint64 decay_micro, const guint32 *reviewers,
			    guint32 n_reviewers, GError **error)
{
	guint32 height;

	x->features = features;
	x->n_reviewers = n_reviewers;
	x->n_nodes = features->discipline_parent->len;
	x->parent = (const guint32 *)(const void *)features->discipline_parent->data;
	if (!check_tree(x, &height, error) || !check_nodes(x, features->person_disc, error) || !check_nodes(x, features->project_disc, error))
		return FALSE;
	tabulate_fits(x, (guint32)(VEIL_ONE - decay_micro), height);
	copy_reviewers(x, reviewers);
	return TRUE;
}

void
veil_discipline_index_clear(VeilDisciplineIndex *x)
{
	g_free(x->used);
	g_free(x->fit);
	g_free(x->offset);
	g_free(x->disciplines);
}

const VeilDisciplineWeight *
veil_discipline_index_of(const VeilDisciplineIndex *x, guint32 project, gsize *out_n)
{
	return span(x->features->project_disc_offset, x->features->project_disc, project, out_n);
}

gboolean
veil_discipline_index_row(const VeilDisciplineIndex *x, guint32 project, guint32 *scratch, guint32 *fits)
{
	guint32 *steps = scratch, *node_fit = scratch + x->n_nodes; /* steps: up from the project's code, + 1; 0: no ancestor */
	gsize n;
	const VeilDisciplineWeight *own = veil_discipline_index_of(x, project, &n);

	memset(fits, 0, x->n_reviewers * sizeof *fits);
	memset(scratch, 0, (gsize)x->n_nodes * 2 * sizeof *scratch);
	for (gsize i = 0; i < n; i++) {
		guint32 up = 1;

		for (guint32 node = own[i].node; node != VEIL_NONE; node = x->parent[node])
			steps[node] = up++;
		for (guint32 u = 0; u < x->n_used; u++) {
			guint32 node = x->used[u], down = 0;

			while (node != VEIL_NONE && steps[node] == 0)
				node = x->parent[node], down++;
			if (node != VEIL_NONE && steps[node] - 1 + down < x->n_fits)
				node_fit[x->used[u]] = MAX(node_fit[x->used[u]], x->fit[steps[node] - 1 + down]);
		}
		for (guint32 node = own[i].node; node != VEIL_NONE; node = x->parent[node])
			steps[node] = 0;
	}
	for (guint32 r = 0; n > 0 && r < x->n_reviewers; r++)
		for (guint64 k = x->offset[r]; k < x->offset[r + 1]; k++)
			fits[r] = MAX(fits[r], (guint32)((guint64)node_fit[x->disciplines[k].node] * x->disciplines[k].share / VEIL_ONE));
	return n > 0;
}
