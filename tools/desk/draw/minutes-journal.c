/* minutes-journal.c - what the journal says beyond its lines: whether the next in order came in, and if not why.
 *
 * Events and draws are told in the order in which they happened; a further draw stands behind as many events as its request says.
 */
#include "draw/minutes-journal.h"

#include <string.h>

#include "solve/draw-places.h"

static VeilBatchPlace *
find_place(const VeilBatch *batch, VeilBatchPlace *places, guint32 project, const char *code)
{
	for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++)
		if (strcmp(batch->reviewers[places[i].reviewer].code, code) == 0)
			return &places[i];
	return NULL;
}

/* The first that waits, by draw and place, among draws that were there. */
static const VeilBatchPlace *
next_in_order(const VeilBatch *batch, const VeilBatchPlace *places, const guint32 *before, guint32 project, guint32 event)
{
	const VeilBatchPlace *next = NULL;

	for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++) {
		const VeilBatchPlace *place = &places[i];

		if (place->seat == VEIL_SEAT_WAITING && before[place->draw - 1] < event &&
		    (next == NULL || place->draw < next->draw || (place->draw == next->draw && place->place < next->place)))
			next = place;
	}
	return next;
}

static const char *
remark_on(const VeilBatch *batch, VeilBatchPlace *places, const guint32 *before, const VeilBatchEvent *event)
{
	int project = veil_batch_find_project(batch, event->project);
	VeilBatchPlace *left = project >= 0 && *event->reviewer ? find_place(batch, places, (guint32)project, event->reviewer) : NULL;
	VeilBatchPlace *came = project >= 0 && *event->promoted ? find_place(batch, places, (guint32)project, event->promoted) : NULL;
	const VeilBatchPlace *next;
	VeilSeat seat;

	if (project < 0)
		return "the whole batch";
	if (left == NULL)
		return *event->reviewer ? "" : "the project";
	seat = left->seat;
	left->seat = VEIL_SEAT_VACATED;
	if (seat == VEIL_SEAT_WAITING)
		return "a sealed reserve";
	next = next_in_order(batch, places, before, (guint32)project, event->seq);
	if (came != NULL)
		came->seat = VEIL_SEAT_SITTING;
	return came == NULL ? "nobody was left to come in" : came == next ? "" : "the next in order was passed over: a minimum";
}

GArray *
veil_minutes_events(const VeilBatch *batch)
{
	GArray *out = g_array_new(FALSE, TRUE, sizeof(VeilMinutesEvent));
	g_autofree VeilBatchPlace *places = g_memdup2(batch->places, sizeof *batch->places * batch->n_places);
	g_autofree guint32 *before = veil_draw_requests_after(batch);

	for (guint64 i = 0; i < batch->n_places; i++)
		places[i].seat = places[i].role == VEIL_ROLE_PANEL ? VEIL_SEAT_SITTING : VEIL_SEAT_WAITING;
	for (guint32 e = 0; e < batch->n_events; e++) {
		const VeilBatchEvent *event = &batch->events[e];
		VeilMinutesEvent row = {event->seq, event->time, event->project, event->reviewer, event->reason, event->promoted,
					remark_on(batch, places, before, event)};

		g_array_append_val(out, row);
	}
	return out;
}

void
veil_minutes_reserves(const VeilBatch *batch, guint32 asked_each, guint64 *out_drawn, guint64 *out_short, guint32 *out_projects_short)
{
	*out_drawn = *out_short = 0;
	*out_projects_short = 0;
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 first = 0;

		for (guint64 i = batch->place_offset[p]; i < batch->place_offset[p + 1]; i++) {
			*out_drawn += batch->places[i].role == VEIL_ROLE_RESERVE;
			first += batch->places[i].role == VEIL_ROLE_RESERVE && batch->places[i].draw == 1;
		}
		if (batch->projects[p].demand == 0 || first >= asked_each)
			continue;
		*out_short += asked_each - first;
		(*out_projects_short)++;
	}
}

GArray *
veil_minutes_odds(const VeilBatch *batch, guint32 cap)
{
	enum { BANDS = 10 };
	GArray *out = g_array_new(FALSE, TRUE, sizeof(VeilCount));
	guint64 count[BANDS] = {0}, all = 0;

	for (guint32 d = 0; d < batch->n_draws; d++)
		for (guint64 k = 0; batch->draws[d].odds_offset != NULL && k < batch->draws[d].odds_offset[batch->n_projects]; k++, all++)
			count[MIN((batch->draws[d].odds[k] - 1) * BANDS / MAX(cap, 1), BANDS - 1)]++;
	for (int i = 0; all > 0 && i < BANDS; i++) {
		double whole = VEIL_ODDS_WHOLE;
		VeilCount row = {g_strdup_printf("%.3g-%.3g", i * (double)cap / BANDS / whole, (i + 1) * (double)cap / BANDS / whole), count[i]};

		g_array_append_val(out, row);
	}
	return out;
}
