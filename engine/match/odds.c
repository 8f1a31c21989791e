/* odds.c - method draw: from an instance to odds. */
#include <veil/odds.h>

VeilOdds *
veil_odds_solve(const VeilInstance *instance, const VeilOddsOptions *options, GError **error)
{
	(void)instance;
	(void)options;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "method draw is not there yet in this version");
	return NULL;
}

void
veil_odds_free(VeilOdds *odds)
{
	if (odds == NULL)
		return;
	g_free(odds->places);
	g_free(odds->cap);
	g_free(odds->odds);
	g_free(odds->price);
	g_free(odds->open);
	g_free(odds->witness.projects);
	g_free(odds->witness.reviewers);
	g_free(odds->witness.price);
	g_free(odds->witness.share_price);
	g_free(odds->weight);
	g_free(odds->panels);
	g_free(odds);
}

guint32
veil_odds_cap(const VeilInstance *in, guint32 p, guint32 cap, guint32 reserves)
{
	if (reserves == 0 || in->demand[p] == 0)
		return cap;
	for (guint32 b = 0; b < in->n_bounds; b++)
		if (!in->bounds[b].each && in->bounds[b].min != NULL && in->bounds[b].min[p] > 0)
			return cap;
	return (guint32)MIN((guint64)cap * ((guint64)in->demand[p] + reserves) / in->demand[p], VEIL_ODDS_WHOLE);
}

guint32
veil_odds_smallest_set(guint32 demand)
{
	return demand > 5 ? (demand > G_MAXUINT32 / 6 ? G_MAXUINT32 : 6 * demand) : 30;
}
