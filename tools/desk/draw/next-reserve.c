/* next-reserve.c - which reserve takes a vacated seat.
 *
 * The first of those who wait, in the order of their draws and places, whose entry keeps the panel legal. Projects of a team share one panel: what the rules of any of them ask
 * holds for it, so that the same reserve comes next in all, whichever of them is looked at.
 */
#include "draw/next-reserve.h"

#include <string.h>

#include "solve/instance.h"

/* Whoever waits, by draw and place: the order in which they may be promoted. */
static int
compare_waiting(const void *a, const void *b)
{
	const VeilBatchPlace *x = *(VeilBatchPlace *const *)a, *y = *(VeilBatchPlace *const *)b;

	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* One project of a team: its rules bind the panel that all share. */
typedef struct {
	VeilBatch *batch;
	VeilBatchInstance instance;
} Mate;

static void
free_mate(gpointer data)
{
	Mate *mate = data;

	veil_batch_instance_clear(&mate->instance);
	veil_batch_free(mate->batch);
	g_free(mate);
}

/* The project itself and the others of its team that are still in the batch. */
static GPtrArray *
mates_of(VeilBatchDesk *desk, const VeilBatch *one, const VeilPolicy *policy, GError **error)
{
	const char *team = one->projects[0].team;
	g_autoptr(GPtrArray) codes = team != NULL ? veil_batch_desk_team(desk, team, error) : g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) mates = g_ptr_array_new_with_free_func(free_mate);

	if (team == NULL)
		g_ptr_array_add(codes, g_strdup(one->projects[0].code));
	for (guint i = 0; codes != NULL && i < codes->len; i++) {
		VeilBatch *batch = veil_batch_desk_project(desk, g_ptr_array_index(codes, i), error);
		guint32 seats = batch != NULL ? veil_batch_seats(batch, 0) : 0;
		Mate *mate;

		if (batch == NULL)
			return NULL;
		mate = g_new0(Mate, 1);
		mate->batch = batch;
		veil_batch_instance_init(&mate->instance, batch, policy, &seats);
		g_ptr_array_add(mates, mate);
	}
	return codes != NULL ? g_steal_pointer(&mates) : NULL;
}

static gboolean
fits_all(GPtrArray *mates, const VeilBatch *one, const guint32 *people, guint32 n)
{
	g_autofree guint32 *theirs = g_new(guint32, n + 1);

	for (guint i = 0; i < mates->len; i++) {
		const Mate *mate = g_ptr_array_index(mates, i);

		for (guint32 k = 0; k < n; k++) {
			int at = veil_batch_find_reviewer(mate->batch, one->reviewers[people[k]].code);

			if (at < 0)
				return FALSE;
			theirs[k] = (guint32)at;
		}
		if (!veil_panel_fits(&mate->instance.instance, 0, theirs, n))
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_next_reserve(VeilBatchDesk *desk, const VeilBatch *one, const VeilPolicy *policy, const VeilBatchPlace *leaving, char **out_code, GError **error)
{
	guint32 seats = veil_batch_seats(one, 0), n = 0;
	g_autofree guint32 *people = g_new(guint32, one->n_places + 1);
	g_autoptr(GPtrArray) waiting = g_ptr_array_new(), mates = mates_of(desk, one, policy, error);

	if (mates == NULL)
		return FALSE;
	for (guint64 i = 0; i < one->n_places; i++) {
		if (&one->places[i] != leaving && one->places[i].seat == VEIL_SEAT_SITTING)
			people[n++] = one->places[i].reviewer;
		if (&one->places[i] != leaving && one->places[i].seat == VEIL_SEAT_WAITING)
			g_ptr_array_add(waiting, &one->places[i]);
	}
	g_ptr_array_sort(waiting, compare_waiting);
	for (guint i = 0; *out_code == NULL && n < seats && i < waiting->len; i++) {
		const VeilBatchPlace *place = g_ptr_array_index(waiting, i);

		people[n] = place->reviewer;
		if (fits_all(mates, one, people, n + 1))
			*out_code = g_strdup(one->reviewers[place->reviewer].code);
	}
	return TRUE;
}
