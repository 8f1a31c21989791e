/* nest.c - the sets that panel rules form inside one project, and whether they nest.
 *
 * A rule gives one set (those it counts) or one for each value (employers). Where any two are nested or disjoint, the rules of a project and the loads of reviewers are two
 * trees, and both the odds and the draw are network flows: exact. Sets are taken in order of size; a set fits exactly when all its members have so far the same smallest set.
 * Rules that cannot bind are left out before, so that rules cross only where it matters.
 */
#include <stdlib.h>
#include <string.h>

#include <veil/odds.h>

typedef struct {
	VeilNestSet set;
	guint32 begin; /* its members in nest->members */
} Found;

struct _VeilNest {
	const VeilInstance *in;
	guint32 *stamp, *slot; /* by label: which project saw it last, where its sums stand */
	guint32 turn;
	GArray *values;	 /* guint32, by entry: the label that the rule at hand gives it */
	GArray *sums;	 /* Sums, one a label of the rule at hand */
	GArray *found;	 /* Found */
	GArray *members; /* guint32: indexes into the entries */
	GArray *sets;	 /* VeilNestSet */
	GArray *inner;	 /* guint32 */
};

typedef struct {
	guint64 upper, lower;
	guint32 open, label, at;
	gboolean kept;
} Sums;

static guint32
largest_label(const guint32 *label, guint32 n, guint32 largest)
{
	for (guint32 r = 0; label != NULL && r < n; r++)
		largest = MAX(largest, label[r]);
	return largest;
}

VeilNest *
veil_nest_new(const VeilInstance *in)
{
	VeilNest *nest = g_new0(VeilNest, 1);
	guint32 largest = largest_label(in->group, in->n_reviewers, 1);

	for (guint32 b = 0; b < in->n_bounds; b++)
		if (in->bounds[b].each)
			largest = largest_label(in->bounds[b].label, in->n_reviewers, largest);
	nest->in = in;
	nest->stamp = g_new0(guint32, (gsize)largest + 1);
	nest->slot = g_new0(guint32, (gsize)largest + 1);
	nest->values = g_array_new(FALSE, FALSE, sizeof(guint32));
	nest->sums = g_array_new(FALSE, FALSE, sizeof(Sums));
	nest->found = g_array_new(FALSE, FALSE, sizeof(Found));
	nest->members = g_array_new(FALSE, FALSE, sizeof(guint32));
	nest->sets = g_array_new(FALSE, FALSE, sizeof(VeilNestSet));
	nest->inner = g_array_new(FALSE, FALSE, sizeof(guint32));
	return nest;
}

void
veil_nest_free(VeilNest *nest)
{
	if (nest == NULL)
		return;
	g_free(nest->stamp);
	g_free(nest->slot);
	g_array_unref(nest->values);
	g_array_unref(nest->sums);
	g_array_unref(nest->found);
	g_array_unref(nest->members);
	g_array_unref(nest->sets);
	g_array_unref(nest->inner);
	g_free(nest);
}

/* What each value of the rule could contribute. Without `each` all that counts is one value. */
static void
sum_up(VeilNest *nest, gboolean each, const VeilNestEntry *entries, guint32 n)
{
	nest->turn++;
	g_array_set_size(nest->sums, 0);
	for (guint32 i = 0; i < n; i++) {
		guint32 value = g_array_index(nest->values, guint32, i);
		Sums *sums;

		if (value == 0)
			continue;
		value = each ? value : 1;
		if (nest->stamp[value] != nest->turn) {
			Sums fresh = {.label = value};

			nest->stamp[value] = nest->turn;
			nest->slot[value] = nest->sums->len;
			g_array_append_val(nest->sums, fresh);
		}
		sums = &g_array_index(nest->sums, Sums, nest->slot[value]);
		sums->upper += entries[i].upper;
		sums->lower += entries[i].lower;
		sums->open += entries[i].open;
	}
}

/* The sets of one rule that can bind, with their members: as nest->values say. */
static void
add_rule(VeilNest *nest, gboolean each, guint32 min, guint32 max, guint32 places, const VeilNestEntry *entries, guint32 n)
{
	gboolean any = FALSE;

	sum_up(nest, each, entries, n);
	for (guint32 i = 0; i < nest->sums->len; i++) {
		Sums *sums = &g_array_index(nest->sums, Sums, i);
		Found found = {{.size = sums->open, .min = min, .max = max}, nest->members->len};

		sums->kept = sums->open > 0 && ((max < places && (guint64)max * VEIL_ODDS_WHOLE < sums->upper) || (guint64)min * VEIL_ODDS_WHOLE > sums->lower);
		if (!sums->kept)
			continue;
		any = TRUE;
		sums->at = found.begin;
		g_array_set_size(nest->members, nest->members->len + sums->open);
		g_array_append_val(nest->found, found);
	}
	for (guint32 i = 0; any && i < n; i++) {
		guint32 value = g_array_index(nest->values, guint32, i);
		Sums *sums = value == 0 ? NULL : &g_array_index(nest->sums, Sums, nest->slot[each ? value : 1]);

		if (sums != NULL && sums->kept && entries[i].open)
			g_array_index(nest->members, guint32, sums->at++) = i;
	}
}

static int
compare_found(gconstpointer a, gconstpointer b)
{
	const VeilNestSet *x = &((const Found *)a)->set, *y = &((const Found *)b)->set;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Puts one more set below those that are there; none of them is smaller. */
static gboolean
insert(VeilNest *nest, const Found *found)
{
	const guint32 *member = &g_array_index(nest->members, guint32, found->begin);
	guint32 *inner = (guint32 *)(gpointer)nest->inner->data;
	guint32 around = inner[member[0]];
	VeilNestSet *parent = &g_array_index(nest->sets, VeilNestSet, around), set = found->set;

	for (guint32 i = 1; i < set.size; i++)
		if (inner[member[i]] != around)
			return FALSE;
	if (parent->size == set.size) { /* the very same members */
		parent->min = MAX(parent->min, set.min);
		parent->max = MIN(parent->max, set.max);
		return TRUE;
	}
	set.parent = around;
	for (guint32 i = 0; i < set.size; i++)
		inner[member[i]] = nest->sets->len;
	g_array_append_val(nest->sets, set);
	return TRUE;
}

gboolean
veil_nest_project(VeilNest *nest, guint32 p, guint32 places, const VeilNestEntry *entries, guint32 n, const VeilNestSet **out_sets, guint32 *out_n_sets,
		  const guint32 **out_inner)
{
	const VeilInstance *in = nest->in;
	VeilNestSet whole = {.min = places, .max = places};
	gboolean nested = TRUE;

	g_array_set_size(nest->found, 0);
	g_array_set_size(nest->members, 0);
	g_array_set_size(nest->sets, 0);
	g_array_set_size(nest->inner, n);
	for (guint32 i = 0; i < n; i++) {
		g_array_index(nest->inner, guint32, i) = 0;
		whole.size += entries[i].open;
	}
	g_array_append_val(nest->sets, whole);
	g_array_set_size(nest->values, n);
	if (in->group != NULL && places > 1) {
		for (guint32 i = 0; i < n; i++)
			g_array_index(nest->values, guint32, i) = in->group[entries[i].reviewer];
		add_rule(nest, TRUE, 0, 1, places, entries, n);
	}
	for (guint32 b = 0; b < in->n_bounds; b++) {
		const VeilPanelBound *bound = &in->bounds[b];
		guint32 min = bound->min != NULL ? bound->min[p] : 0, max = bound->max != NULL ? bound->max[p] : G_MAXUINT32;

		if (min == 0 && max >= places)
			continue;
		for (guint32 i = 0; i < n; i++)
			g_array_index(nest->values, guint32, i) = veil_bound_of(in, bound, p, entries[i].reviewer);
		add_rule(nest, bound->each, min, max, places, entries, n);
	}
	for (guint32 i = 0; i < nest->found->len; i++) {
		Found *found = &g_array_index(nest->found, Found, i);

		found->set.first = g_array_index(nest->members, guint32, found->begin);
	}
	g_array_sort(nest->found, compare_found);
	for (guint32 i = 0; i < nest->found->len && nested; i++)
		nested = insert(nest, &g_array_index(nest->found, Found, i));
	*out_sets = (const VeilNestSet *)(gpointer)nest->sets->data;
	*out_n_sets = nest->sets->len;
	*out_inner = (const guint32 *)(gpointer)nest->inner->data;
	return nested;
}
