/* journal.c - what happened after the draw: vacancies, promotions, strikes, withdrawals, later draws (docs/design/formats.md 1.1).
 *
 * Every line is a ledger record first. The seats are followed line by line; who moves up is worked out again, so that nobody could be passed over.
 */
#include <string.h>

#include "batch/batch.h"

typedef enum { NOT_YET, SITTING, WAITING, VACATED, RELEASED } Seat;

typedef struct {
	const Check *c;
	const Instance *x;
	const GArray *places;
	Seat *seat;	      /* of each place */
	guint *start;	      /* of each project among the places */
	GHashTable *barred;   /* "project reviewer" struck without a place */
	guint8 *withdrawn, *released; /* by reviewer, by project */
} Journal;

static gboolean
wrong(const Event *e, const char *what)
{
	return verdict_reject("batch file: event %" G_GINT64_FORMAT ": %s", e->seq, what);
}

/* --- the line and its record --------------------------------------------------------------------------------------- */

static gboolean
record_check(const Journal *j, const Event *e)
{
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, e->seq);
	const char *id = meta(j->c->batch.meta, "freeze_id");
	const Record *record = NULL;

	for (guint i = 0; i < j->c->ledger.records->len && record == NULL; i++) {
		const Record *r = j->c->ledger.records->pdata[i];

		if (strcmp(r->act, "batch.vacancy") == 0 && g_strcmp0(record_get(r, "freeze-id"), id) == 0 && g_strcmp0(record_get(r, "event"), number) == 0)
			record = r;
	}
	if (record == NULL)
		return wrong(e, "the ledger has no record of it");
	if (strcmp(record->time, e->time) != 0 || strcmp(record->actor, e->operator) != 0)
		return wrong(e, "its time or operator is not that of its ledger record");
	return field_is(record, "kind", e->kind, "journal") && field_is(record, "project", e->project_code, "journal") &&
	       field_is(record, "reviewer", e->reviewer_code, "journal") && field_is(record, "reason", e->reason, "journal") &&
	       field_is(record, "promoted", e->promoted_code, "journal") && field_is(record, "record", e->record, "journal") &&
	       field_is(record, "batch", meta(j->c->batch.meta, "batch"), "batch file");
}

static gboolean
words_check(const Event *e)
{
	static const char *const reasons[] = {"declined", "no-reply", "ill", "declared", "found", "withdrawn", "void", NULL};
	gboolean strike = strcmp(e->kind, "strike") == 0, project = strcmp(e->kind, "withdraw-project") == 0, reviewer = strcmp(e->kind, "withdraw") == 0;

	if (!g_strv_contains(reasons, e->reason) || (strike && strcmp(e->reason, "found") != 0) || ((project || reviewer) && strcmp(e->reason, "withdrawn") != 0))
		return wrong(e, "its reason is not on the list");
	if ((e->project == NONE) != reviewer || (e->reviewer == NONE) != project)
		return wrong(e, "it does not say whom or what it is about");
	return e->record[0] != '\0' || wrong(e, "it rests on no record");
}

/* --- seats -------------------------------------------------------------------------------------------------------- */

/* Places that the project's panel has by now: drawn for it, but for those that only filled seats up again. */
static gint64
seats_of(const Journal *j, guint32 p)
{
	gint64 seats = 0;

	for (guint i = j->start[p]; i < j->start[p + 1]; i++) {
		const Place *place = PLACE(j->places, i);
		const char *kind = g_array_index(j->c->batch.draws, Draw, place->draw - 1).kind;

		seats += j->seat[i] != NOT_YET && !place->reserve && g_strcmp0(kind, "top-up") != 0;
	}
	return seats;
}

/* By the rules of the project and of all that share its panel and are still there. */
static gboolean
fits_all(const Journal *j, guint32 p, const guint32 *people, guint n)
{
	for (guint32 q = 0; q < j->x->projects->len; q++)
		if (PROJECT(j->x, q)->leader == PROJECT(j->x, p)->leader && (q == p || !j->released[q]) && !panel_fits(j->x, q, seats_of(j, q), people, n))
			return FALSE;
	return TRUE;
}

/* The first waiting reserve, by draw and place, whose entry keeps the panel legal; -1: nobody. */
static gint64
next_reserve(const Journal *j, guint32 p)
{
	g_autofree guint32 *people = g_new(guint32, j->start[p + 1] - j->start[p] + 1);
	gint64 seats = seats_of(j, p), after_draw = 0, after_order = 0;
	guint n = 0;

	for (guint i = j->start[p]; i < j->start[p + 1]; i++)
		if (j->seat[i] == SITTING)
			people[n++] = PLACE(j->places, i)->reviewer;
	while (n < seats) {
		gint64 best = -1;

		for (guint i = j->start[p]; i < j->start[p + 1]; i++) {
			const Place *place = PLACE(j->places, i), *so_far = best >= 0 ? PLACE(j->places, best) : NULL;

			if (j->seat[i] == WAITING && (place->draw > after_draw || (place->draw == after_draw && place->order > after_order)) &&
			    (so_far == NULL || place->draw < so_far->draw || (place->draw == so_far->draw && place->order < so_far->order)))
				best = i;
		}
		if (best < 0)
			return -1;
		people[n] = PLACE(j->places, best)->reviewer;
		if (fits_all(j, p, people, n + 1))
			return best;
		after_draw = PLACE(j->places, best)->draw, after_order = PLACE(j->places, best)->order;
	}
	return -1;
}

static gint64
place_of(const Journal *j, guint32 p, guint32 r)
{
	for (guint i = j->start[p]; i < j->start[p + 1]; i++)
		if (PLACE(j->places, i)->reviewer == r && j->seat[i] != NOT_YET)
			return i;
	return -1;
}

static gboolean
follow_vacancy(Journal *j, const Event *e)
{
	gint64 at = place_of(j, e->project, e->reviewer), next = -1;
	gboolean strike = strcmp(e->kind, "strike") == 0, sat;

	if (j->released[e->project])
		return wrong(e, "its project was withdrawn before");
	if (at < 0 && !strike)
		return wrong(e, "it vacates a seat that the reviewer does not have");
	if (at < 0) {
		g_hash_table_add(j->barred, g_strdup_printf("%u %u", e->project, e->reviewer));
		return e->promoted == NONE || wrong(e, "it promotes somebody where no seat is free");
	}
	if (j->seat[at] != SITTING && j->seat[at] != WAITING)
		return wrong(e, "it vacates a seat that the reviewer does not have any more");
	sat = j->seat[at] == SITTING;
	j->seat[at] = VACATED;
	if (sat)
		next = next_reserve(j, e->project);
	if (next >= 0)
		j->seat[next] = SITTING;
	if ((next >= 0 ? PLACE(j->places, next)->reviewer : NONE) != e->promoted)
		return wrong(e, e->promoted == NONE ? "it promotes nobody, although a reserve is next" : "it promotes another than the reserve whose turn it is");
	return TRUE;
}

static gboolean
follow(Journal *j, const Event *e)
{
	if (!record_check(j, e) || !words_check(e))
		return FALSE;
	if (strcmp(e->kind, "withdraw") == 0) {
		j->withdrawn[e->reviewer] = 1;
	} else if (strcmp(e->kind, "withdraw-project") == 0) {
		j->released[e->project] = 1;
		for (guint i = j->start[e->project]; i < j->start[e->project + 1]; i++)
			j->seat[i] = j->seat[i] == SITTING || j->seat[i] == WAITING ? RELEASED : j->seat[i];
	} else {
		return follow_vacancy(j, e);
	}
	return e->promoted == NONE || wrong(e, "it promotes somebody where no seat is free");
}

/* What happens to one project of a team happens to all, in lines next to each other. */
static gboolean
teams_check(const Journal *j)
{
	const GArray *events = j->c->batch.events;

	for (guint i = 0; i < events->len; i++) {
		const Event *e = &g_array_index(events, Event, i);
		guint members = 0, lines = 0;

		if (e->project == NONE || PROJECT(j->x, e->project)->team == NULL || strcmp(e->kind, "withdraw-project") == 0)
			continue;
		for (guint p = 0; p < j->x->projects->len; p++)
			members += PROJECT(j->x, p)->leader == PROJECT(j->x, e->project)->leader && !j->released[p];
		for (guint k = i >= members ? i - members + 1 : 0; k < events->len && k < i + members; k++) {
			const Event *other = &g_array_index(events, Event, k);

			lines += other->project != NONE && PROJECT(j->x, other->project)->leader == PROJECT(j->x, e->project)->leader &&
				 other->reviewer == e->reviewer && strcmp(other->reason, e->reason) == 0;
		}
		if (lines < members)
			return wrong(e, "it concerns one project of a team and not the others");
	}
	return TRUE;
}

/* --- later draws --------------------------------------------------------------------------------------------------- */

static gboolean
seat_project(Journal *j, const Draw *draw, guint32 p, gint64 panel, gint64 reserves)
{
	const char *id = PROJECT(j->x, p)->id;
	gint64 seats = seats_of(j, p), sitting = 0, n_panel = 0, n_reserves = 0, all = 0;
	g_autofree guint32 *people = g_new(guint32, j->start[p + 1] - j->start[p] + 1);

	for (guint i = j->start[p]; i < j->start[p + 1]; i++)
		sitting += j->seat[i] == SITTING;
	for (guint i = j->start[p]; i < j->start[p + 1]; i++) {
		const Place *place = PLACE(j->places, i);
		g_autofree char *key = g_strdup_printf("%u %u", p, place->reviewer);

		if (place->draw != draw->n)
			continue;
		if (draw->n > 1 && (j->released[p] || j->withdrawn[place->reviewer] || g_hash_table_contains(j->barred, key)))
			return verdict_reject("assignment: draw %" G_GINT64_FORMAT ": project %s was given somebody who was out of the question", draw->n, id);
		n_panel += !place->reserve;
		n_reserves += place->reserve;
		j->seat[i] = place->reserve ? WAITING : SITTING;
	}
	if (draw->n == 1)
		return TRUE;
	if (n_panel != panel || n_reserves > reserves)
		return verdict_reject("assignment: draw %" G_GINT64_FORMAT ": project %s was given other places than were asked for", draw->n, id);
	if (strcmp(draw->kind, "top-up") == 0 && n_panel > 0 && sitting + n_panel != seats)
		return verdict_reject("assignment: draw %" G_GINT64_FORMAT ": a top-up of project %s fills other seats than the empty ones", draw->n, id);
	seats = seats_of(j, p);
	for (int pass = 0; pass < 2; pass++) /* the panel with its minima; then with all who wait, maxima alone */
		for (guint i = j->start[p]; i < j->start[p + 1]; i++)
			if (j->seat[i] == (pass ? WAITING : SITTING))
				people[all++] = PLACE(j->places, i)->reviewer;
	if (n_panel + n_reserves > 0 && (!panel_fits(j->x, p, seats, people, (guint)(sitting + n_panel)) || !panel_fits(j->x, p, MAX(seats, all), people, (guint)all)))
		return verdict_reject("assignment: draw %" G_GINT64_FORMAT ": the panel and reserves of project %s break a panel rule", draw->n, id);
	return TRUE;
}

/* A place that was given back counts in its reviewer's load all the same. */
static gboolean
loads_check(const Journal *j)
{
	g_autofree gint64 *load = g_new0(gint64, j->x->reviewers->len + 1);

	for (guint i = 0; i < j->places->len; i++)
		if (++load[PLACE(j->places, i)->reviewer] > REVIEWER(j->x, PLACE(j->places, i)->reviewer)->max_load)
			return verdict_reject("assignment: reviewer %s was given more places in all draws than his load allows",
					      REVIEWER(j->x, PLACE(j->places, i)->reviewer)->id);
	return TRUE;
}

/* What this draw could choose from, before it is seated. */
static void
left_for(const Journal *j, const Draw *draw, const gint64 *demand, Instance *out)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(Held));
	g_autofree gint64 *left = g_new(gint64, j->x->reviewers->len + 1), *taken = g_new0(gint64, j->x->reviewers->len + 1), *seats = g_new(gint64, j->x->projects->len + 1);
	GHashTableIter iter;
	gpointer key;

	for (guint32 r = 0; r < j->x->reviewers->len; r++)
		left[r] = REVIEWER(j->x, r)->max_load;
	for (guint i = 0; i < j->places->len; i++) {
		const Place *place = PLACE(j->places, i);
		Held one = {place->project, place->reviewer, j->seat[i] == SITTING ? HELD_SITTING : j->seat[i] == WAITING ? HELD_WAITING : HELD_BARRED};

		if (j->seat[i] == NOT_YET)
			continue;
		g_array_append_val(held, one);
		left[place->reviewer] -= MIN(left[place->reviewer], 1);
		taken[place->reviewer]++;
	}
	for (guint32 r = 0; r < j->x->reviewers->len; r++)
		left[r] = j->withdrawn[r] ? 0 : left[r];
	g_hash_table_iter_init(&iter, j->barred);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		char *rest = NULL;
		Held one = {(guint32)g_ascii_strtoull(key, &rest, 10), 0, HELD_BARRED};

		one.reviewer = (guint32)g_ascii_strtoull(rest, NULL, 10);
		g_array_append_val(held, one);
	}
	for (guint32 p = 0; p < j->x->projects->len; p++)
		seats[p] = seats_of(j, p) + (strcmp(draw->kind, "round") == 0 ? demand[p] : 0);
	rest_init(out, j->x, seats, demand, left, taken, held);
}

/* Seats a draw; a later one is then held to what was left for it. */
static gboolean
seat_draw(Journal *j, const Draw *draw, const gint64 *panel, const gint64 *reserves)
{
	g_autoptr(GArray) places = places_of(j->c, draw->n);
	Instance rest;
	gboolean ok = TRUE;

	if (draw->n > 1)
		left_for(j, draw, panel, &rest);
	for (guint32 p = 0; ok && p < j->x->projects->len; p++)
		ok = seat_project(j, draw, p, panel ? panel[p] : 0, reserves ? reserves[p] : 0);
	if (draw->n == 1)
		return ok;
	if (ok && instance_has_teams(j->x))
		verdict_note("draw %" G_GINT64_FORMAT " (%s): its places are checked for legality and order; that none better exist is not: there are teams", draw->n, draw->kind);
	else
		ok = ok && draw_proof(j->c, &rest, draw, places);
	if (ok && strcmp(draw->method, "draw") != 0)
		verdict_note("draw %" G_GINT64_FORMAT " (%s): its reserves are checked for legality and order alone", draw->n, draw->kind);
	rest_clear(&rest);
	return ok;
}

static gboolean
replay(Journal *j)
{
	const GArray *events = j->c->batch.events, *draws = j->c->batch.draws;
	guint at = 0;

	for (guint d = 0; d < draws->len; d++) {
		const Draw *draw = &g_array_index(draws, Draw, d);
		gint64 after = 0;
		g_autofree gint64 *panel = NULL, *reserves = NULL;

		if (draw->n > 1 && !request_parse(draw->request, j->x, &after, &panel, &reserves))
			return FALSE;
		if (after < at || after > events->len)
			return verdict_reject("batch file: draw %" G_GINT64_FORMAT " was asked for behind events that are not there", draw->n);
		while (at < after)
			if (!follow(j, &g_array_index(events, Event, at++)))
				return FALSE;
		if (!seat_draw(j, draw, panel, reserves))
			return FALSE;
	}
	while (at < events->len)
		if (!follow(j, &g_array_index(events, Event, at++)))
			return FALSE;
	return teams_check(j) && loads_check(j);
}

/* What is settled stands: nothing is vacated and no draw is begun behind it. */
static gboolean
settled_check(const Check *c)
{
	const char *id = meta(c->batch.meta, "freeze_id");
	const Record *settled = find_record(&c->ledger, "batch.settle", id, NULL);

	for (guint i = 0; settled && i < c->ledger.records->len; i++) {
		const Record *r = c->ledger.records->pdata[i];

		if (r->seq > settled->seq && (strcmp(r->act, "batch.vacancy") == 0 || strcmp(r->act, "batch.draw.intent") == 0) && g_strcmp0(record_get(r, "freeze-id"), id) == 0)
			return verdict_reject("ledger record %" G_GUINT64_FORMAT " (%s): the batch was settled before", r->seq, r->act);
	}
	return TRUE;
}

static void
tell(const Journal *j)
{
	const GArray *events = j->c->batch.events;
	guint records = 0, promoted = 0, empty = 0;

	for (guint i = 0; i < j->c->ledger.records->len; i++) {
		const Record *r = j->c->ledger.records->pdata[i];

		records += strcmp(r->act, "batch.vacancy") == 0 && g_strcmp0(record_get(r, "freeze-id"), meta(j->c->batch.meta, "freeze_id")) == 0;
	}
	for (guint i = 0; i < events->len; i++)
		promoted += g_array_index(events, Event, i).promoted != NONE;
	for (guint p = 0; p < j->x->projects->len; p++) {
		gint64 sitting = 0;

		for (guint i = j->start[p]; i < j->start[p + 1]; i++)
			sitting += j->seat[i] == SITTING;
		empty += !j->released[p] && sitting < seats_of(j, p);
	}
	if (events->len > 0)
		verdict_ok("journal", "%u events, each a ledger record; %u reserves moved up, each in his turn; nothing else moved", events->len, promoted);
	if (empty > 0)
		verdict_note("%u project(s) have an empty seat", empty);
	if (records > events->len)
		verdict_note("the ledger has %u vacancies that are not yet in the journal (interrupted?)", records - events->len);
	for (guint i = 0; i < j->places->len; i++)
		if (j->withdrawn[PLACE(j->places, i)->reviewer] && (j->seat[i] == SITTING || j->seat[i] == WAITING))
			verdict_note("reviewer %s has withdrawn and still has a seat (interrupted?)", REVIEWER(j->x, PLACE(j->places, i)->reviewer)->id);
}

gboolean
journal_check(const Check *c)
{
	const Instance *x = &c->batch.x;
	Journal j = {.c = c, .x = x, .places = c->batch.places, .seat = g_new0(Seat, c->batch.places->len + 1), .start = g_new0(guint, x->projects->len + 2),
		     .barred = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), .withdrawn = g_new0(guint8, x->reviewers->len + 1),
		     .released = g_new0(guint8, x->projects->len + 1)};
	gboolean ok = TRUE;

	for (guint i = 0; i < j.places->len; i++)
		j.start[PLACE(j.places, i)->project + 1]++;
	for (guint p = 0; p < x->projects->len; p++)
		j.start[p + 1] += j.start[p];
	if (c->batch.draws->len == 0 && c->batch.events->len > 0)
		ok = verdict_reject("batch file: it has events and no draw");
	ok = ok && settled_check(c) && (c->batch.version == 1 || replay(&j));
	if (ok && c->batch.version > 1)
		tell(&j);
	g_free(j.seat), g_free(j.start), g_free(j.withdrawn), g_free(j.released);
	g_hash_table_unref(j.barred);
	return ok;
}
