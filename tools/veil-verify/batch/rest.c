/* rest.c - what a later draw could choose from: the first draw's problem less what is taken (docs/design/formats.md 3.1). */
#include "batch/batch.h"

static const Held *
held_of(const GArray *held, guint i)
{
	return &g_array_index(held, Held, i);
}

/* How many of project p's seats, at least so firmly held, the label counts (value 0: all that it counts). */
static gint64
counted(const Instance *x, const GArray *held, guint32 p, const Bound *bound, guint32 value, int least)
{
	gint64 n = 0;

	for (guint i = 0; i < held->len; i++) {
		const Held *h = held_of(held, i);

		guint32 label = h->project == p && (int)h->as >= least ? bound_label(x, bound, p, h->reviewer) : 0;

		n += label != 0 && (value == 0 || label == value);
	}
	return n;
}

/* The rules over all seats that the project then has, less those who sit or wait. A maximum of each value is one for all values: the room of the fullest that has room left; full ones are
 * off the list. */
static Bound
rest_bound(const Instance *x, const Bound *bound, const gint64 *seats, const gint64 *demand, const GArray *held)
{
	guint n = x->projects->len;
	Bound out = {bound->rule, bound->label, bound->mark, bound->each, g_new0(gint64, n + 1), g_new(gint64, n + 1)};

	for (guint32 p = 0; p < n; p++) {
		Project project = *PROJECT(x, p);
		gint64 min, max, fullest = 0;

		project.demand = seats[p];
		rule_range(bound->rule, &project, seats[p], &min, &max);
		out.max[p] = max;
		if (demand[p] == 0)
			continue;
		if (!bound->each)
			out.min[p] = MAX(min - counted(x, held, p, bound, 0, HELD_SITTING), 0);
		for (guint i = 0; i < held->len && bound->each && max != G_MAXINT64; i++) {
			guint32 value = bound_label(x, bound, p, held_of(held, i)->reviewer);
			gint64 count = held_of(held, i)->project == p && value ? counted(x, held, p, bound, value, HELD_WAITING) : 0;

			fullest = count < max ? MAX(fullest, count) : fullest;
		}
		if (max != G_MAXINT64)
			out.max[p] = MAX(max - (bound->each ? fullest : counted(x, held, p, bound, 0, HELD_WAITING)), 0);
	}
	return out;
}

static gboolean
shut_out(const Instance *x, guint32 p, gint64 seats, guint32 reviewer, const GArray *held)
{
	Project project = *PROJECT(x, p);

	project.demand = seats;
	for (guint i = 0; i < held->len; i++)
		if (held_of(held, i)->project == p && held_of(held, i)->reviewer == reviewer)
			return TRUE;
	for (guint b = 0; b < x->bounds->len; b++) {
		const Bound *bound = &g_array_index(x->bounds, Bound, b);
		guint32 value = bound_label(x, bound, p, reviewer);
		gint64 min, max;

		rule_range(bound->rule, &project, seats, &min, &max);
		if (value != 0 && max != G_MAXINT64 && counted(x, held, p, bound, bound->each ? value : 0, HELD_WAITING) >= max)
			return TRUE;
	}
	return FALSE;
}

void
rest_init(Instance *out, const Instance *x, const gint64 *seats, const gint64 *demand, const gint64 *left, const gint64 *taken, const GArray *held)
{
	*out = *x;
	out->projects = g_array_new(FALSE, FALSE, sizeof(Project));
	out->reviewers = g_array_new(FALSE, FALSE, sizeof(Reviewer));
	out->bounds = g_array_new(FALSE, FALSE, sizeof(Bound));
	out->shares = g_array_new(FALSE, FALSE, sizeof(Share));
	for (guint32 r = 0; r < x->reviewers->len; r++) {
		Reviewer reviewer = {REVIEWER(x, r)->id, 0, left[r], taken[r]};

		g_array_append_val(out->reviewers, reviewer);
	}
	for (guint32 p = 0; p < x->projects->len; p++) {
		const Project *all = PROJECT(x, p);
		Project project = *all;

		project.demand = demand[p];
		project.offer = g_new(Offer, (gsize)all->n_offers + 1);
		project.n_offers = 0;
		for (guint32 i = 0; demand[p] > 0 && i < all->n_offers; i++)
			if (left[all->offer[i].reviewer] > 0 && !shut_out(x, p, seats[p], all->offer[i].reviewer, held))
				project.offer[project.n_offers++] = all->offer[i];
		g_array_append_val(out->projects, project);
	}
	for (guint b = 0; b < x->bounds->len; b++) {
		Bound bound = rest_bound(x, &g_array_index(x->bounds, Bound, b), seats, demand, held);

		g_array_append_val(out->bounds, bound);
	}
}

void
rest_clear(Instance *rest)
{
	for (guint p = 0; p < rest->projects->len; p++)
		g_free(PROJECT(rest, p)->offer);
	for (guint b = 0; b < rest->bounds->len; b++) {
		g_free(g_array_index(rest->bounds, Bound, b).min);
		g_free(g_array_index(rest->bounds, Bound, b).max);
	}
	g_array_unref(rest->projects);
	g_array_unref(rest->reviewers);
	g_array_unref(rest->bounds);
	g_array_unref(rest->shares);
}
