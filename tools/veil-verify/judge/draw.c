/* draw.c - method draw: are these the people that odds and seed give, in every assignment of a lottery a legal panel? (docs/design/draw.md)
 *
 * Nothing is solved. The odds themselves are judged in odds.c; a lottery's are counted from its assignments first. Lists with everybody who has the
 * missing score are written out before, for whoever may be drawn must be looked at.
 */
#include "judge/odds.h"

#define MAX_WRITTEN_OUT 50000000

/* People of one assignment, by project: which of them are the panel. FALSE: a project has no legal panel among them. */
static gboolean
seat(const Instance *x, GArray *people, const guint8 seed[32], const char *what)
{
	for (guint i = 0, end; i < people->len; i = end) {
		guint32 p = PLACE(people, i)->project;

		for (end = i; end < people->len && PLACE(people, end)->project == p; end++)
			;
		if (!replay_panel(x, p, seed, PLACE(people, i), end - i))
			return verdict_reject("%s: project %s has no legal panel among the people drawn", what, PROJECT(x, p)->id);
	}
	g_array_sort(people, place_compare);
	return TRUE;
}

/* The assignments of a lottery: all legal, weights that sum to one, and odds that are how often they name a pair. */
static gboolean
lottery_holds(Odds *o, GArray *marginals, const guint8 seed[32])
{
	g_autoptr(GHashTable) number = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gint64 weights = 0;

	for (guint t = 0; t < o->c->tickets->len; t++) {
		const Ticket *ticket = &g_array_index(o->c->tickets, Ticket, t);
		g_autoptr(GArray) people = g_array_copy(ticket->places);

		if (ticket->weight < 1 || ticket->weight > ODDS_ONE)
			return verdict_reject("lottery: a weight is not from 1 to %d", ODDS_ONE);
		weights += ticket->weight;
		if (!seat(o->x, people, seed, "lottery") || !places_legal(o->x, people))
			return FALSE;
		for (guint i = 0; i < people->len; i++) {
			Place pair = {.project = PLACE(people, i)->project, .reviewer = PLACE(people, i)->reviewer, .score = ticket->weight};
			char *key = g_strdup_printf("%u %u", pair.project, pair.reviewer);
			guint at = GPOINTER_TO_UINT(g_hash_table_lookup(number, key));

			if (at == 0) {
				g_array_append_val(marginals, pair);
				g_hash_table_insert(number, key, GUINT_TO_POINTER(marginals->len));
			} else {
				PLACE(marginals, at - 1)->score += ticket->weight;
				g_free(key);
			}
		}
	}
	if (weights != ODDS_ONE)
		return verdict_reject("lottery: its weights do not sum to %d", ODDS_ONE);
	g_array_sort(marginals, place_compare);
	for (guint i = 0; o->c->odds && i < MAX(marginals->len, o->c->odds->len); i++)
		if (i >= marginals->len || i >= o->c->odds->len || place_compare(PLACE(marginals, i), PLACE(o->c->odds, i)) != 0 || PLACE(marginals, i)->score != PLACE(o->c->odds, i)->score)
			return verdict_reject("lottery: the odds written beside it are not those that it gives");
	return TRUE;
}

/* Where rules lie in one another odds say all, and have to be equal: a lottery there would let somebody pick the assignments. */
static gboolean
lottery_called_for(const Odds *o)
{
	gboolean needed = o->x->shares->len > 0;

	for (guint32 p = 0; p < o->x->projects->len && !needed; p++)
		needed = PROJECT(o->x, p)->leader != p || odds_rules_cross(o, p);
	if (!needed)
		return verdict_reject("lottery: nothing calls for one: no panel rules cross, there are no teams and no shares");
	verdict_ok("lottery", "%u assignments, each of them legal, drawn by weight", o->c->tickets->len);
	verdict_note("where a lottery is needed, equal odds of equally fit reviewers are aimed at and not proved: the cap and the bound are");
	return TRUE;
}

static gboolean
is_drawn(const Odds *o, const GArray *places, const guint8 seed[32])
{
	g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(Place));
	Wide total = 0;

	if (o->c->tickets)
		g_array_append_vals(people, g_array_index(o->c->tickets, Ticket, replay_lottery(o->c->tickets, seed)).places->data,
				    g_array_index(o->c->tickets, Ticket, replay_lottery(o->c->tickets, seed)).places->len);
	else if (!replay_round(o->x, o->odds, seed, people))
		return FALSE;
	if (!seat(o->x, people, seed, "odds"))
		return FALSE;
	for (guint i = 0; i < MAX(people->len, places->len); i++) {
		const Place *a = i < people->len ? PLACE(people, i) : NULL, *b = i < places->len ? PLACE(places, i) : NULL;

		if (a == NULL || b == NULL || place_compare(a, b) != 0 || a->reserve != b->reserve || (b->order != 0 && a->order != b->order))
			return verdict_reject("assignment: these are not the people that odds and seed give: project %s", PROJECT(o->x, (b ? b : a)->project)->id);
		total += b->reserve ? 0 : b->score;
	}
	if (total != o->c->drawn_total)
		return verdict_reject("assignment: the total of the people drawn is not the one that is said");
	verdict_ok("replay", "odds and seed give exactly these people, in this order");
	return TRUE;
}

/* In a team whoever is missing from one project's list sits in none: the lists that the bound goes over are what all of them share. */
static void
close_teams(GArray *projects, guint n_reviewers)
{
	g_autofree guint32 *lists = g_new0(guint32, (gsize)n_reviewers + 1), *turn = g_new0(guint32, (gsize)n_reviewers + 1);
	const guint32 n_projects = projects->len;

	for (guint32 p = 0; p < n_projects; p++) {
		guint32 size = 0;

		if (g_array_index(projects, Project, p).team == NULL || g_array_index(projects, Project, p).leader != p)
			continue;
		for (guint32 q = p; q < n_projects; q++) {
			const Project *project = &g_array_index(projects, Project, q);

			size += project->leader == p;
			for (guint32 i = 0; project->leader == p && i < project->n_offers; i++) {
				guint32 r = project->offer[i].reviewer;

				lists[r] = turn[r] == p + 1 ? lists[r] + 1 : 1;
				turn[r] = p + 1;
			}
		}
		for (guint32 q = p; q < n_projects; q++) {
			Project *project = &g_array_index(projects, Project, q);
			guint32 n = 0;

			for (guint32 i = 0; project->leader == p && i < project->n_offers; i++)
				if (lists[project->offer[i].reviewer] == size)
					project->offer[n++] = project->offer[i];
			project->n_offers = project->leader == p ? n : project->n_offers;
		}
	}
}

/* Lists with everybody who has the missing score written out: whoever may be drawn must be looked at. */
static gboolean
write_out(const Instance *x, Instance *out)
{
	guint64 all = 0;

	*out = *x;
	out->projects = g_array_new(FALSE, FALSE, sizeof(Project));
	for (guint32 p = 0; p < x->projects->len; p++) {
		Project project = *PROJECT(x, p);

		project.offer = g_memdup2(project.offer, sizeof(Offer) * project.n_offers);
		all += x->reviewers->len;
		if (project.rest == REST_REAL && all > MAX_WRITTEN_OUT) {
			project.rest = REST_NONE;
			g_array_append_val(out->projects, project);
			return verdict_reject("odds over all pairs of so large an instance are beyond this checker");
		}
		if (project.rest == REST_REAL) {
			g_free(project.offer);
			project.offer = g_new(Offer, (gsize)x->reviewers->len + 1);
			project.n_offers = 0;
			for (guint32 r = 0; r < x->reviewers->len; r++) {
				const Offer *listed = project_offer(PROJECT(x, p), r);

				if (!project_bars(&project, r))
					project.offer[project.n_offers++] = (Offer){r, listed ? listed->score : project.rest_score, listed ? listed->mark : 0};
			}
			project.rest = REST_NONE;
		}
		g_array_append_val(out->projects, project);
	}
	close_teams(out->projects, x->reviewers->len);
	return TRUE;
}

gboolean
proof_draw(const Instance *lists, const Certificate *c, const GArray *places)
{
	g_autoptr(GArray) marginals = g_array_new(FALSE, FALSE, sizeof(Place));
	Instance x;
	gboolean ok = write_out(lists, &x);
	Odds o = {&x, c, c->tickets ? marginals : c->odds, g_new0(guint, lists->projects->len + 2), g_new0(gint64, lists->reviewers->len + 1)};
	guint8 seed[32];

	hex_bytes(c->seed, seed, 32);
	ok = ok && (c->tickets == NULL || lottery_holds(&o, marginals, seed));
	for (guint i = 0; ok && i < o.odds->len; i++) {
		o.start[PLACE(o.odds, i)->project + 1]++;
		o.load[PLACE(o.odds, i)->reviewer] += PLACE(o.odds, i)->score;
	}
	for (guint p = 0; ok && p < x.projects->len; p++)
		o.start[p + 1] += o.start[p];
	ok = ok && (c->tickets == NULL || lottery_called_for(&o)) && odds_hold(&o) && (c->tickets || odds_equal(&o)) && odds_expected(&o) && is_drawn(&o, places, seed);
	for (guint p = 0; p < x.projects->len; p++)
		g_free(PROJECT(&x, p)->offer);
	g_array_unref(x.projects);
	g_free(o.start), g_free(o.load);
	return ok;
}
