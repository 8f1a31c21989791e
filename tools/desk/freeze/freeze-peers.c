/* freeze-peers.c - see freeze-peers.h.
 *
 * Experts are found by discipline, so a project costs as many steps as its field has experts. Whoever counts belongs to a cell of five at least that the project's
 * marks tell apart (formats.md 1.1): of fewer nobody is marked. Projects of one team have one panel, so what counts is what counts for each of them.
 */
#include <string.h>

#include "freeze/freeze-peers.h"
#include "solve/instance.h"

enum { CELL = 5 };

struct VeilPeers {
	const VeilFreezeInput *input;
	const VeilExclusions *exclusions;
	const VeilPlaces *places;
	const guint32 *team;
	guint32 n_projects, n_reviewers, n_nodes;
	const guint32 *parent;
	guint8 *has_child;	/* by node: no leaf */
	guint8 *asked;		/* by project: marks that rules with a minimum ask for */
	guint64 *start, *under; /* by node: its experts in `expert`; its children in `child` */
	guint32 *expert, *child;
	guint8 *mark, *now; /* by reviewer: what counts for all mates so far; for one of them */
};

/* --- what is asked ------------------------------------------------------------------------------------------------- */

static gboolean
find_asked(VeilPeers *x, const VeilBatch *batch)
{
	const VeilPolicy *policy = x->input->policy;
	guint8 any = 0;

	x->asked = g_new0(guint8, MAX(x->n_projects, 1));
	for (guint i = 0; i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];

		for (guint32 p = 0; veil_peer_mark(rule) != 0 && p < x->n_projects; p++) {
			guint32 min = 0, max;

			if (batch->projects[p].demand > 0 && veil_panel_rule_binds(rule, batch->projects[p].project_class))
				veil_panel_rule_counts(rule, batch->projects[p].demand, &min, &max);
			x->asked[p] |= min > 0 ? veil_peer_mark(rule) : 0;
			any |= x->asked[p];
		}
	}
	return any != 0;
}

/* --- the tree, and who is where in it ------------------------------------------------------------------------------ */

static const VeilDisciplineWeight *
disciplines_of(GArray *offset, GArray *rows, guint32 i, guint32 *out_n)
{
	guint64 first = g_array_index(offset, guint64, i);

	*out_n = (guint32)(g_array_index(offset, guint64, i + 1) - first);
	return (const VeilDisciplineWeight *)(gconstpointer)rows->data + first;
}

static void
count_up(guint64 *start, guint32 n)
{
	for (guint32 i = 0; i < n; i++)
		start[i + 1] += start[i];
}

static void
find_children(VeilPeers *x)
{
	g_autofree guint64 *next = NULL;

	x->under = g_new0(guint64, (gsize)x->n_nodes + 1);
	for (guint32 i = 0; i < x->n_nodes; i++)
		if (x->parent[i] < x->n_nodes) {
			x->has_child[x->parent[i]] = 1;
			x->under[x->parent[i] + 1]++;
		}
	count_up(x->under, x->n_nodes);
	next = g_memdup2(x->under, sizeof *next * ((gsize)x->n_nodes + 1));
	x->child = g_new(guint32, x->under[x->n_nodes] + 1);
	for (guint32 i = 0; i < x->n_nodes; i++)
		if (x->parent[i] < x->n_nodes)
			x->child[next[x->parent[i]]++] = i;
}

static void
find_experts(VeilPeers *x)
{
	const VeilFeatures *f = x->input->features;
	g_autofree guint64 *next = NULL;
	guint32 n;

	x->start = g_new0(guint64, (gsize)x->n_nodes + 1);
	for (int pass = 0; pass < 2; pass++) {
		for (guint32 r = 0; r < x->n_reviewers; r++) {
			const VeilDisciplineWeight *own = disciplines_of(f->person_disc_offset, f->person_disc, x->places->reviewer_person[r], &n);

			for (guint32 i = 0; i < n; i++)
				if (own[i].weight_micro > 0 && pass == 0)
					x->start[own[i].node + 1]++;
				else if (own[i].weight_micro > 0)
					x->expert[next[own[i].node]++] = r;
		}
		if (pass == 1)
			break;
		count_up(x->start, x->n_nodes);
		next = g_memdup2(x->start, sizeof *next * ((gsize)x->n_nodes + 1));
		x->expert = g_new(guint32, x->start[x->n_nodes] + 1);
	}
}

VeilPeers *
veil_peers_new(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, const guint32 *team, const VeilBatch *batch)
{
	g_autoptr(VeilPeers) x = g_new0(VeilPeers, 1);

	x->input = input;
	x->exclusions = exclusions;
	x->places = places;
	x->team = team;
	x->n_projects = places->n_projects;
	x->n_reviewers = places->n_reviewers;
	x->n_nodes = input->features->discipline_parent->len;
	x->parent = (const guint32 *)(gconstpointer)input->features->discipline_parent->data;
	if (!find_asked(x, batch))
		return NULL;
	x->has_child = g_new0(guint8, (gsize)x->n_nodes + 1);
	x->mark = g_new0(guint8, MAX(x->n_reviewers, 1));
	x->now = g_new0(guint8, MAX(x->n_reviewers, 1));
	find_children(x);
	find_experts(x);
	return g_steal_pointer(&x);
}

void
veil_peers_free(VeilPeers *x)
{
	if (x == NULL)
		return;
	g_free(x->has_child);
	g_free(x->asked);
	g_free(x->start);
	g_free(x->under);
	g_free(x->expert);
	g_free(x->child);
	g_free(x->mark);
	g_free(x->now);
	g_free(x);
}

/* --- one project --------------------------------------------------------------------------------------------------- */

static void
mark_node(VeilPeers *x, guint32 node, guint8 mark)
{
	for (guint64 i = x->start[node]; i < x->start[node + 1]; i++)
		x->now[x->expert[i]] |= mark;
}

/* x->now: whoever is of one of the project's disciplines, of the field around it, or of another discipline of that field. */
static void
mark_levels(VeilPeers *x, guint32 project)
{
	const VeilFeatures *f = x->input->features;
	guint32 n;
	const VeilDisciplineWeight *own = disciplines_of(f->project_disc_offset, f->project_disc, x->places->project_fact[project], &n);

	memset(x->now, 0, x->n_reviewers);
	for (guint32 i = 0; i < n; i++) {
		guint32 node = own[i].node, field = x->has_child[node] ? node : x->parent[node];

		mark_node(x, node, (guint8)(VEIL_MARK_NEAR | (x->has_child[node] ? 0 : VEIL_MARK_LEAF)));
		if (field >= x->n_nodes)
			continue;
		mark_node(x, field, VEIL_MARK_NEAR);
		for (guint64 k = x->under[field]; k < x->under[field + 1]; k++)
			mark_node(x, x->child[k], VEIL_MARK_NEAR);
	}
}

static void
bar_excluded(VeilPeers *x, guint32 project)
{
	guint32 fact = x->places->project_fact[project];

	for (guint64 i = x->exclusions->offset[fact]; i < x->exclusions->offset[fact + 1]; i++) {
		guint32 reviewer = x->places->person_reviewer[x->exclusions->pairs[i].person];

		if (reviewer != VEIL_NONE)
			x->mark[reviewer] = 0;
	}
}

/* Cells of five: fewer of the leaf are as those of the field, fewer of the field alone as those outside. */
static void
coarsen(VeilPeers *x, guint8 asked)
{
	guint32 cell[VEIL_MARK_LEAF + VEIL_MARK_NEAR + 1] = {0}, near = 0;
	gboolean few;

	for (guint32 r = 0; r < x->n_reviewers; r++)
		cell[x->mark[r] &= asked]++;
	few = (cell[VEIL_MARK_LEAF] > 0 && cell[VEIL_MARK_LEAF] < CELL) || (cell[VEIL_MARK_LEAF | VEIL_MARK_NEAR] > 0 && cell[VEIL_MARK_LEAF | VEIL_MARK_NEAR] < CELL);
	for (guint32 r = 0; r < x->n_reviewers; r++) {
		if (few)
			x->mark[r] &= (guint8)~VEIL_MARK_LEAF;
		near += x->mark[r] == VEIL_MARK_NEAR;
	}
	for (guint32 r = 0; near < CELL && r < x->n_reviewers; r++)
		if (x->mark[r] == VEIL_MARK_NEAR)
			x->mark[r] = 0;
}

const guint8 *
veil_peers_of(VeilPeers *x, guint32 project)
{
	guint32 team = x->team ? x->team[project] : 0;
	guint8 asked = 0;

	memset(x->mark, 0xff, x->n_reviewers);
	for (guint32 p = team ? 0 : project; p < (team ? x->n_projects : project + 1); p++) {
		if (team != 0 && x->team[p] != team)
			continue;
		bar_excluded(x, p);
		if (x->asked[p] == 0)
			continue;
		asked |= x->asked[p];
		mark_levels(x, p);
		for (guint32 r = 0; r < x->n_reviewers; r++)
			x->mark[r] &= (guint8)(x->now[r] | (guint8)~x->asked[p]);
	}
	if (asked == 0)
		return NULL;
	coarsen(x, asked);
	return x->mark;
}

/* --- for the auditor ----------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 order;
	guint32 node;
} Numbered;

static int
compare_numbered(gconstpointer a, gconstpointer b)
{
	const Numbered *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order ? 1 : -1) : (x->node > y->node) - (x->node < y->node);
}

/* Disciplines of the projects that are asked; where the field counts, it and what lies in it. */
static guint8 *
find_kept(const VeilPeers *x)
{
	const VeilFeatures *f = x->input->features;
	guint8 *keep = g_new0(guint8, (gsize)x->n_nodes + 1);

	for (guint32 p = 0; p < x->n_projects; p++) {
		guint32 n;
		const VeilDisciplineWeight *own = disciplines_of(f->project_disc_offset, f->project_disc, x->places->project_fact[p], &n);

		for (guint32 i = 0; x->asked[p] != 0 && i < n; i++) {
			guint32 node = own[i].node, field = x->has_child[node] ? node : x->parent[node];

			keep[node] = 1;
			if (!(x->asked[p] & VEIL_MARK_NEAR) || field >= x->n_nodes)
				continue;
			keep[field] = 1;
			for (guint64 k = x->under[field]; k < x->under[field + 1]; k++)
				keep[x->child[k]] |= x->start[x->child[k]] < x->start[x->child[k] + 1];
		}
	}
	return keep;
}

static int
compare_u32(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return (x > y) - (x < y);
}

/* [3,7,12]: the kept disciplines of one row, ascending. */
static void
append_row(GString *out, const VeilDisciplineWeight *own, guint32 n, gboolean weighed, const guint32 *number)
{
	g_autofree guint32 *row = g_new(guint32, (gsize)n + 1);
	guint32 kept = 0;

	for (guint32 i = 0; i < n; i++)
		if (number[own[i].node] != VEIL_NONE && (!weighed || own[i].weight_micro > 0))
			row[kept++] = number[own[i].node];
	qsort(row, kept, sizeof *row, compare_u32);
	g_string_append_c(out, '[');
	for (guint32 i = 0; i < kept; i++)
		g_string_append_printf(out, "%s%u", i ? "," : "", row[i]);
	g_string_append_c(out, ']');
}

char *
veil_peers_facts(const VeilPeers *x)
{
	const VeilFeatures *f = x->input->features;
	g_autofree guint8 *keep = find_kept(x);
	g_autofree guint32 *number = g_new(guint32, (gsize)x->n_nodes + 1);
	g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(Numbered));
	GString *out = g_string_new("{\"disciplines\":[");
	guint32 n;

	for (guint32 i = 0; i < x->n_nodes; i++) {
		VeilId id = {{0}};
		Numbered one = {0, i};

		number[i] = VEIL_NONE;
		veil_put_u32(id.b, i);
		one.order = veil_batch_number(x->input->key, "discipline", &id);
		if (keep[i])
			g_array_append_val(nodes, one);
	}
	g_array_sort(nodes, compare_numbered);
	for (guint32 i = 0; i < nodes->len; i++)
		number[g_array_index(nodes, Numbered, i).node] = i;
	for (guint32 i = 0; i < nodes->len; i++) {
		guint32 node = g_array_index(nodes, Numbered, i).node, parent = x->parent[node];

		g_string_append_printf(out, "%s[%d,%d]", i ? "," : "", !x->has_child[node], parent < x->n_nodes && number[parent] != VEIL_NONE ? (int)number[parent] : -1);
	}
	g_string_append(out, "],\"experts\":[");
	for (guint32 r = 0; r < x->n_reviewers; r++) {
		const VeilDisciplineWeight *own = disciplines_of(f->person_disc_offset, f->person_disc, x->places->reviewer_person[r], &n);

		g_string_append(out, r ? "," : "");
		append_row(out, own, n, TRUE, number);
	}
	g_string_append(out, "],\"projects\":[");
	for (guint32 p = 0; p < x->n_projects; p++) {
		const VeilDisciplineWeight *own = disciplines_of(f->project_disc_offset, f->project_disc, x->places->project_fact[p], &n);

		g_string_append(out, p ? "," : "");
		append_row(out, own, x->asked[p] ? n : 0, FALSE, number);
	}
	return g_string_free(g_string_append(out, "]}"), FALSE);
}
