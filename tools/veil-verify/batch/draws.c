/* draws.c - the draws: their records, the panels, the reserves, the proof. Steps 6 and 7 of docs/design/formats.md 3. */
#include <string.h>

#include "batch/batch.h"

static gboolean
draw_record_check(const Check *c, const Draw *draw, const Record *record)
{
	GHashTable *table = c->batch.meta;
	const char *method = c->batch.version > 1 && c->policy.method ? c->policy.method : "total"; /* a policy that names none draws by total */
	gboolean rehearsal = strcmp(meta(table, "rehearsal"), "1") == 0;
	g_autofree char *n = g_strdup_printf("%" G_GINT64_FORMAT, draw->n), *objective = g_strdup_printf("%" G_GINT64_FORMAT, draw->objective);
	g_autofree char *bound = g_strdup_printf("%" G_GINT64_FORMAT, draw->bound);
	const Record *intent = find_record(&c->ledger, "batch.draw.intent", meta(table, "freeze_id"), n);
	char root[65];
	const char *const fields[][2] = {{"batch", meta(table, "batch")}, {"draw", n}, {"seed", draw->seed}, {"seed-source", draw->seed_source},
					 {"method", draw->method}, {"objective", objective}, {"bound", bound}, {"draw-root", root}, {"kind", draw->kind}};

	hex_of(draw->root, 32, root);
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if ((c->batch.version > 1 || strcmp(fields[i][0], "kind") != 0) && !field_is(record, fields[i][0], fields[i][1], "batch file"))
			return FALSE;
	if (strcmp(draw->method, method) != 0)
		return verdict_reject("batch file: it was drawn by method %s, the freeze says %s", draw->method, method);
	if (strcmp(draw->seed_source, "ceremony") != 0 && !rehearsal && (strcmp(draw->seed_source, "system") != 0 || c->batch.version > 1))
		return verdict_reject("batch file: the seed was %s, which only a rehearsal may do", draw->seed_source);
	if (c->batch.version > 1 && (draw->n == 1) != (strcmp(draw->kind, "draw") == 0))
		return verdict_reject("batch file: draw %s is a %s", n, draw->kind);
	if (c->batch.version > 1 && (intent == NULL || g_strcmp0(record_get(intent, "asked"), draw->request) != 0 || (draw->n == 1) != (draw->request == NULL)))
		return verdict_reject("batch file: draw %s was asked for otherwise than its intent in the ledger says", n);
	verdict_ok("draw", "seed, method, result and draw-root are those of ledger record %" G_GUINT64_FORMAT, record->seq);
	return TRUE;
}

/* Everybody was a candidate, at the frozen score; places are numbered 1, 2, ... in each role of each draw. */
static gboolean
candidates_check(const Check *c)
{
	const Instance *x = &c->batch.x;
	const GArray *places = c->batch.places;

	for (guint i = 0, start = 0; i < places->len; i++) {
		const Place *place = PLACE(places, i);
		const Project *project = place->project != NONE ? PROJECT(x, place->project) : NULL;
		const Offer *offer = project && place->reviewer != NONE ? project_offer(project, place->reviewer) : NULL;
		gint64 before = 0, same = 0;

		if (offer == NULL)
			return verdict_reject("assignment: place %" G_GUINT64_FORMAT ": this reviewer is no candidate of project %s", place->row, project ? project->id : "?");
		if (offer->score != place->score)
			return verdict_reject("assignment: project %s, reviewer %s: its score is not the frozen one", project->id, REVIEWER(x, place->reviewer)->id);
		start = PLACE(places, start)->project == place->project ? start : i;
		for (guint k = start; k < places->len && PLACE(places, k)->project == place->project; k++) {
			const Place *other = PLACE(places, k);

			before += other->draw == place->draw && other->reserve == place->reserve && other->order < place->order;
			same += other->draw == place->draw && other->reserve == place->reserve && other->order == place->order;
		}
		if (c->batch.version > 1 && (before + 1 != place->order || same != 1))
			return verdict_reject("assignment: project %s: its places are not numbered one by one", project->id);
	}
	return TRUE;
}

GArray *
places_of(const Check *c, gint64 draw)
{
	GArray *places = g_array_new(FALSE, FALSE, sizeof(Place));

	for (guint i = 0; i < c->batch.places->len; i++)
		if (PLACE(c->batch.places, i)->draw == draw)
			g_array_append_val(places, *PLACE(c->batch.places, i));
	return places;
}

/* Within a role and a draw people stand in the order of their tickets, so that nobody could arrange who moves up first. */
static gboolean
tickets_check(const Check *c, const Draw *draw, const GArray *places)
{
	guint8 seed[32];

	hex_bytes(draw->seed, seed, 32);
	for (guint i = 0; i < places->len; i++) {
		const Place *a = PLACE(places, i);
		guint64 ticket = replay_ticket(&c->batch.x, a->project, a->reviewer, seed);

		for (guint k = i + 1; k < places->len && PLACE(places, k)->project == a->project; k++) {
			const Place *b = PLACE(places, k);
			guint64 other = replay_ticket(&c->batch.x, b->project, b->reviewer, seed);

			if (a->reserve == b->reserve && (a->order < b->order) != (ticket < other || (ticket == other && a->reviewer < b->reviewer)))
				return verdict_reject("assignment: project %s: draw %" G_GINT64_FORMAT ": its places are not in the order that the seed gives",
						      PROJECT(&c->batch.x, a->project)->id, draw->n);
		}
	}
	return TRUE;
}

/* A list of reserves is shorter than the policy's only where nobody who is listed has room for it. Checked where at most one of a value may sit: there the text says
 * exactly who fits. */
static gboolean
reserves_check(const Check *c, const GArray *places)
{
	const Instance *x = &c->batch.x;
	g_autofree gint64 *load = g_new0(gint64, x->reviewers->len + 1);
	g_autofree guint32 *people = g_new(guint32, places->len + 2);
	guint64 missing = 0;
	guint at = 0;

	for (guint i = 0; i < places->len; i++)
		load[PLACE(places, i)->reviewer]++;
	for (guint p = 0; p < x->projects->len; p++) {
		const Project *project = PROJECT(x, p);
		gint64 reserves = 0;
		guint n = 0;

		for (; at < places->len && PLACE(places, at)->project == p; at++) {
			reserves += PLACE(places, at)->reserve;
			people[n++] = PLACE(places, at)->reviewer;
		}
		if (reserves > c->policy.reserves)
			return verdict_reject("assignment: project %s has more reserves than the policy gives", project->id);
		if (project->demand == 0 || reserves == c->policy.reserves || c->batch.version == 1)
			continue;
		missing += (guint64)(c->policy.reserves - reserves);
		for (guint32 i = 0; x->bounds->len <= 1 && project->team == NULL && i < project->n_offers; i++) {
			guint32 r = project->offer[i].reviewer;
			gboolean there = FALSE;

			for (guint k = 0; k < n; k++)
				there = there || people[k] == r;
			people[n] = r;
			if (!there && load[r] < REVIEWER(x, r)->max_load && panel_fits(x, p, n + 1, people, n + 1))
				return verdict_reject("assignment: project %s has fewer reserves than the policy gives, although reviewer %s has room", project->id,
						      REVIEWER(x, r)->id);
		}
	}
	if (missing > 0)
		verdict_note("%" G_GUINT64_FORMAT " reserve place(s) are empty: the pool left nobody for them", missing);
	return TRUE;
}

static gboolean
reserves_counted(const Check *c, const GArray *places)
{
	g_autofree gint64 *reserves = g_new0(gint64, c->batch.x.projects->len + 1);
	gint64 missing = 0;

	for (guint i = 0; i < places->len; i++)
		reserves[PLACE(places, i)->project] += PLACE(places, i)->reserve;
	for (guint p = 0; p < c->batch.x.projects->len; p++) {
		if (reserves[p] > c->policy.reserves)
			return verdict_reject("assignment: project %s has more reserves than the policy gives", PROJECT(&c->batch.x, p)->id);
		missing += PROJECT(&c->batch.x, p)->demand > 0 ? c->policy.reserves - reserves[p] : 0;
	}
	if (missing > 0)
		verdict_note("%" G_GINT64_FORMAT " reserve place(s) are empty: that there are no odds for them is not checked", missing);
	return TRUE;
}

/* A draw among few is no draw: every list has at least the policy's smallest set (max(30, 6 k) where it says none), or three operators agreed to an exception. */
gboolean
smallest_check(const Check *c)
{
	const Instance *x = &c->batch.x;
	guint excepted = 0;

	for (guint32 p = 0; p < x->projects->len; p++) {
		const Project *project = PROJECT(x, p);
		gint64 least = c->policy.smallest_set >= 0 ? c->policy.smallest_set : MAX(30, 6 * project->demand);
		g_autofree char *key = g_strdup_printf("%s\n%s", meta(c->batch.meta, "freeze_id"), project->id);

		if (project->demand == 0 || (gint64)project->n_offers >= least)
			continue;
		if (c->ledger.exceptions == NULL || !g_hash_table_contains(c->ledger.exceptions, key))
			return verdict_reject("batch file: project %s is drawn from %u candidates, the policy's smallest set is %" G_GINT64_FORMAT ", and the ledger has no exception for it",
					      project->id, project->n_offers, least);
		excepted++;
	}
	if (excepted > 0)
		verdict_note("%u project(s) were drawn from fewer candidates than the policy's smallest set, by an exception that three operators approved", excepted);
	return TRUE;
}

static gboolean
panels_check(const Check *c, const Draw *draw, const GArray *places)
{
	gboolean odds = strcmp(draw->method, "draw") == 0;

	if ((odds && !smallest_check(c)) || (odds ? !reserves_counted(c, places) : !reserves_check(c, places)) || !places_legal(&c->batch.x, places) || (c->batch.version > 1 && !odds && !tickets_check(c, draw, places)))
		return FALSE;
	verdict_ok("panels", "%u places: every project has its demand, no load is exceeded, no score was changed%s", places->len,
		   c->batch.x.bounds->len ? ", panel rules hold" : "");
	return TRUE;
}

static void
panel_places(const GArray *places, GArray *out)
{
	for (guint i = 0; i < places->len; i++)
		if (!PLACE(places, i)->reserve)
			g_array_append_val(out, *PLACE(places, i));
}

/* Odds are those that the policy asks for. */
static gboolean
odds_asked_for(const Check *c, const Certificate *certificate)
{
	if (certificate->odds_cap != CLAMP(c->policy.odds / (MILLION / ODDS_ONE), 1, ODDS_ONE))
		return verdict_reject("odds: their cap is not the policy's");
	if (certificate->band != c->policy.band || certificate->perturbation != (c->policy.perturbation ? c->policy.perturbation : MILLION / 10)) /* 0: the usual one */
		return verdict_reject("odds: their band or perturbation is not the policy's");
	return TRUE;
}

/* An assignment of a lottery names no projects: they come in code order, each with as many people as it was given by this draw. */
static gboolean
name_projects(const Draw *draw, const GArray *places)
{
	for (guint t = 0; t < draw->tickets->len; t++) {
		GArray *people = g_array_index(draw->tickets, Ticket, t).places;

		if (people->len != places->len)
			return verdict_reject("lottery: assignment %u has %u places, %u were drawn", t, people->len, places->len);
		for (guint i = 0; i < people->len; i++)
			PLACE(people, i)->project = PLACE(places, i)->project;
	}
	return TRUE;
}

gboolean
draw_proof(const Check *c, const Instance *x, const Draw *draw, const GArray *places)
{
	/* At most one of a value leaves no gap, where the lists were made for it. Floors may. */
	gboolean plain = draw->n == 1 && strcmp(draw->method, "fair") != 0 && x->bounds->len <= 1 && x->shares->len == 0 && !instance_has_teams(x);
	Certificate certificate = {.method = g_strdup(draw->method), .status = g_strdup(plain ? "optimal" : "feasible"), .seed = g_strdup(draw->seed),
				   .objective = draw->objective, .bound = draw->bound, .price = g_memdup2(draw->prices, sizeof(gint64) * x->reviewers->len)};
	g_autoptr(GArray) panels = g_array_new(FALSE, FALSE, sizeof(Place));
	gboolean ok = strcmp(draw->method, "total") == 0 || strcmp(draw->method, "fair") == 0 || strcmp(draw->method, "draw") == 0;

	if (!ok)
		verdict_reject("batch file: this checker knows no method %s", draw->method);
	ok = ok && (draw->certificate == NULL || certificate_add(draw->certificate, x, &certificate));
	if (strcmp(draw->method, "draw") == 0) {
		certificate.odds = g_array_ref(draw->odds); /* beside a lottery: what it makes of them */
		certificate.tickets = draw->tickets->len ? g_array_ref(draw->tickets) : NULL;
		ok = ok && odds_asked_for(c, &certificate) && name_projects(draw, places) && proof_draw(x, &certificate, places);
	} else {
		panel_places(places, panels);
		ok = ok && cap_asked_for(&c->policy, &certificate) && (draw->n == 1 || places_legal(x, panels)) && proof_total(x, &certificate, panels);
	}
	certificate_clear(&certificate);
	return ok;
}

static gboolean
one_draw(const Check *c, const Draw *draw)
{
	g_autofree char *n = g_strdup_printf("%" G_GINT64_FORMAT, draw->n);
	const Record *record = find_record(&c->ledger, "batch.draw", meta(c->batch.meta, "freeze_id"), n);
	g_autoptr(GArray) places = places_of(c, draw->n);

	if (record == NULL)
		return verdict_reject("ledger: it has no batch.draw for the draw in the batch file (interrupted? run `veil batch draw` again)");
	if (!draw_record_check(c, draw, record) || (draw == &g_array_index(c->batch.draws, Draw, 0) && !candidates_check(c)))
		return FALSE;
	if (draw->n == 1)
		return panels_check(c, draw, places) && draw_proof(c, &c->batch.x, draw, places);
	return strcmp(draw->method, "draw") == 0 || tickets_check(c, draw, places); /* the rest with the journal: it says what was left */
}

gboolean
draw_check(const Check *c)
{
	const Record *record = find_record(&c->ledger, "batch.draw", meta(c->batch.meta, "freeze_id"), NULL);

	if (c->batch.draws->len == 0 && record != NULL)
		return verdict_reject("batch file: it has no draw, but ledger record %" G_GUINT64_FORMAT " has drawn it", record->seq);
	if (c->batch.draws->len == 0)
		verdict_note("nothing is drawn yet: the freeze alone was checked");
	for (guint i = 0; i < c->batch.draws->len; i++)
		if (!one_draw(c, &g_array_index(c->batch.draws, Draw, i)))
			return FALSE;
	return TRUE;
}
