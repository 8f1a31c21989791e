/* witness.c - why no assignment exists, counted again.
 *
 * places:  the projects P of the witness need sum of demands. Its reviewers R give at most their maximum loads; everybody else who may
 *          review a project of P gives it one place, one of a group. What is missing is short_by.
 * minimum: its reviewers R must get their minimum loads together. Each project gives them at most its demand, and no more than R has
 *          reviewers (one of a group) that may review it. What is missing is short_by.
 */
#include "verify.h"

/* How many of the reviewers with in[r] == which may review this project, one of a group. seen: stamps of groups, barred: of reviewers. */
static gint64
count_allowed(const Instance *x, guint32 p, const guint8 *in, guint8 which, guint32 *seen, guint32 *barred)
{
	gint64 n = 0;
	const Pair *pair;

	if (x->has_missing) {
		for (guint64 i = x->conflict_start[p]; i < x->conflict_start[p + 1]; i++)
			barred[g_array_index(x->conflicts, Pair, i).reviewer] = p + 1;
		for (guint32 r = 0; r < x->reviewers->len; r++) {
			guint32 group = x->group[r];

			if (in[r] != which || barred[r] == p + 1 || (group != 0 && seen[group] == p + 1))
				continue;
			seen[group] = p + 1;
			n++;
		}
		return n;
	}
	for (guint64 i = x->score_start[p]; i < x->score_start[p + 1]; i++) {
		guint32 group;

		pair = &g_array_index(x->scores, Pair, i);
		group = x->group[pair->reviewer];
		if (in[pair->reviewer] != which || (group != 0 && seen[group] == p + 1) ||
		    instance_find(x->conflicts, x->conflict_start, p, pair->reviewer))
			continue;
		seen[group] = p + 1;
		n++;
	}
	return n;
}

gboolean
witness_verify(const Instance *x, gboolean minimum, const guint8 *project_in, const guint8 *reviewer_in, gint64 short_by)
{
	g_autofree guint32 *seen = g_new0(guint32, x->n_groups + 1), *barred = g_new0(guint32, x->reviewers->len + 1);
	Wide wanted = 0, given = 0;

	for (guint32 r = 0; r < x->reviewers->len; r++)
		if (reviewer_in[r])
			*(minimum ? &wanted : &given) += minimum ? x->min_load[r] : x->max_load[r];
	for (guint32 p = 0; p < x->projects->len; p++) {
		if (!minimum && !project_in[p])
			continue;
		wanted += minimum ? 0 : x->demand[p];
		given += minimum ? MIN(x->demand[p], count_allowed(x, p, reviewer_in, 1, seen, barred)) : count_allowed(x, p, reviewer_in, 0, seen, barred);
	}
	if (short_by < 1 || wanted - given != short_by)
		return verdict_reject("certificate: the witness does not show what it says: counted again, %" G_GINT64_FORMAT " places are missing, it says %" G_GINT64_FORMAT,
				      fits_int64(wanted - given) ? MAX((gint64)(wanted - given), 0) : 0, short_by);
	verdict_ok("infeasible", minimum ? "the reviewers of the witness cannot get their minimum loads: %" G_GINT64_FORMAT " places are missing, whoever is chosen"
					 : "the projects of the witness stay %" G_GINT64_FORMAT " places short, whoever is chosen", short_by);
	verdict_number("short_by", short_by);
	return TRUE;
}
