/* auction.c - a cheap start: projects bid for reviewers until nobody can raise a price.
 *
 * Bertsekas' auction with many places a bidder and many a reviewer, with increment 0: a project that lacks k places takes the k candidates worth
 * most to it and bids for each the price at which he would be worth no more than the best one left over. A full reviewer drops the
 * lowest bid he holds, and his price is the lowest he keeps. So at every moment each panel is a best panel of its size at the present
 * prices, and only full reviewers have one: exactly the invariant of the searches, which fill what is left. An increment above
 * 0 would fill every place but leave all prices slightly wrong, and mending them costs more than the searches do.
 *
 * With increment 0 an auction stalls among equals. When it has, a bid equal to the price may displace an equal bid, a limited number
 * of times: the gap then wanders among equals and mostly finds somebody with room. Projects wait in a queue: served in turn, not
 * depth first, they need a fifth of the bids. Both were measured.
 */
#include "solver.h"

enum { SPARE = 8, TIES_PER_PLACE = 32, WORK_PER_PLACE = 2000 };

typedef struct {
	gint64 others; /* nobody outside the list is worth more */
	guint32 n;
} Shortlist;

typedef struct {
	Solver *s;
	guint32 *queue; /* ring of projects that lack places */
	guint32 head, n;
	guint8 *queued;
	Shortlist *lists;
	Entry *entries; /* shortlists: demand + SPARE each */
	Entry *best;	/* chosen now, best first, and what they are worth; the last is the best one left over */
	gint64 *value;
	gint64 *rival;	/* with groups: the best one whom the chosen one alone keeps out */
	guint64 ties, work;
} Auction;

static void
enqueue(Auction *a, guint32 p)
{
	if (a->queued[p])
		return;
	a->queued[p] = 1;
	a->queue[(a->head + a->n++) % a->s->n_projects] = p;
}

/* The lowest bid that r holds, and the second lowest. */
static guint32
lowest_holder(Auction *a, guint32 r, gint64 *out_second)
{
	const Solver *s = a->s;
	guint32 found = NOBODY;
	gint64 low = INFINITE, second = INFINITE;

	for (guint32 slot = s->reviewers[r].first; slot != NOBODY; slot = s->slots[slot].next) {
		gint64 bid = s->slots[slot].bid;

		if (bid < low) {
			second = low;
			low = bid;
			found = slot;
		} else if (bid < second) {
			second = bid;
		}
	}
	a->work += s->reviewers[r].load;
	*out_second = second;
	return found;
}

/* Empties a slot and moves the last filled one into the gap, so that the filled ones come first. */
static void
vacate(Solver *s, guint32 slot)
{
	guint32 p = s->slots[slot].project, last = (guint32)(s->slot_offset[p] + --s->projects[p].filled);

	veil_match__slot_take(s, slot);
	if (slot != last) {
		guint32 r = s->holder[last];
		gint64 score = s->slots[last].score, bid = s->slots[last].bid;

		veil_match__slot_take(s, last);
		veil_match__slot_put(s, slot, r, score);
		s->slots[slot].bid = bid;
	}
}

static void
award(Auction *a, guint32 p, Entry e, gint64 bid)
{
	Solver *s = a->s;
	Reviewer *reviewer = &s->reviewers[e.reviewer];
	guint32 slot;
	gint64 second;

	if (reviewer->load == reviewer->max_load) {
		guint32 out = lowest_holder(a, e.reviewer, &second);

		enqueue(a, s->slots[out].project);
		vacate(s, out);
		s->price[e.reviewer] = MIN(second, bid);
	}
	slot = (guint32)(s->slot_offset[p] + s->projects[p].filled++);
	veil_match__slot_put(s, slot, e.reviewer, e.score);
	s->slots[slot].bid = bid;
	if (reviewer->load == reviewer->max_load && s->price[e.reviewer] == 0)
		s->price[e.reviewer] = s->slots[lowest_holder(a, e.reviewer, &second)].bid;
}

/* The demand + SPARE best candidates of p at the present prices, members of the panel among them. Prices only rise, so that nobody
 * else is ever worth more than the last of these is now: most bids need look no further. */
static void
refill(Auction *a, guint32 p)
{
	Solver *s = a->s;
	Shortlist *list = &a->lists[p];
	Entry *best = a->entries + s->slot_offset[p] + (gsize)p * SPARE;
	guint32 room = s->in->demand[p] + SPARE, n = 0, i;
	gint64 *value = a->value;
	const Entry *e;

	for (i = 0; (e = list_at(s, p, i)) != NULL; i++) {
		gint64 worth = e->score - s->price[e->reviewer];
		guint32 at;

		if (n == room && e->score <= value[room - 1])
			break;
		if ((n == room && worth <= value[room - 1]) || s->in->max_load[e->reviewer] == 0)
			continue;
		at = n < room ? n++ : room - 1;
		for (; at > 0 && value[at - 1] < worth; at--) {
			value[at] = value[at - 1];
			best[at] = best[at - 1];
		}
		value[at] = worth;
		best[at] = *e;
	}
	a->work += i;
	list->n = n;
	list->others = n == room ? value[room - 1] : G_MININT64;
}

static void
insert(Auction *a, guint32 n, guint32 at, Entry e, gint64 worth)
{
	for (guint32 i = n; i > at; i--) {
		a->value[i] = a->value[i - 1];
		a->best[i] = a->best[i - 1];
	}
	a->value[at] = worth;
	a->best[at] = e;
}

/* The k + 1 best of the shortlist outside the panel; how many there are. */
static guint32
choose(Auction *a, guint32 p, guint32 k)
{
	Solver *s = a->s;
	const Entry *candidate = a->entries + s->slot_offset[p] + (gsize)p * SPARE;
	guint32 n = 0;

	for (guint32 i = 0; i < a->lists[p].n; i++) {
		const Entry *e = &candidate[i];
		gint64 worth = e->score - s->price[e->reviewer];
		guint32 at;

		if ((n == k + 1 && worth <= a->value[k]) || !may_enter(s, p, e->reviewer, NOBODY))
			continue;
		at = n < k + 1 ? n++ : k;
		while (at > 0 && a->value[at - 1] < worth)
			at--;
		insert(a, n - 1, at, *e, worth);
	}
	return n;
}

/* The same where groups matter: one of a group, and of each chosen one the best rival whom only he keeps out. */
static guint32
choose_by_group(Auction *a, guint32 p, guint32 k)
{
	Solver *s = a->s;
	const Entry *candidate = a->entries + s->slot_offset[p] + (gsize)p * SPARE;
	guint32 n = 0, kept = 0;

	for (guint32 i = 0; i < a->lists[p].n; i++) {
		gint64 worth = candidate[i].score - s->price[candidate[i].reviewer];
		guint32 at = n;

		if (!may_enter(s, p, candidate[i].reviewer, NOBODY))
			continue;
		while (at > 0 && a->value[at - 1] < worth)
			at--;
		insert(a, n++, at, candidate[i], worth);
	}
	for (guint32 i = 0; i < n && kept < k + 1; i++) {
		guint32 group = s->group[a->best[i].reviewer], same = kept;

		for (guint32 j = 0; j < kept && group != 0; j++)
			if (s->group[a->best[j].reviewer] == group)
				same = j;
		if (same < kept) {
			a->rival[same] = MAX(a->rival[same], a->value[i]);
			continue;
		}
		a->best[kept] = a->best[i];
		a->value[kept] = a->value[i];
		a->rival[kept++] = G_MININT64;
	}
	return kept;
}

static guint32
look(Auction *a, guint32 p, guint32 k)
{
	return a->s->group != NULL ? choose_by_group(a, p, k) : choose(a, p, k);
}

static void
bid_for(Auction *a, guint32 p)
{
	Solver *s = a->s;
	guint32 k = s->in->demand[p] - s->projects[p].filled, n = look(a, p, k);

	a->work += a->lists[p].n;
	if (n <= k || a->value[k] < a->lists[p].others) {
		refill(a, p);
		n = look(a, p, k);
	}
	if (n <= k) /* nobody to measure a bid by: the searches will do it */
		return;
	for (guint32 i = 0; i < k; i++) {
		Entry e = a->best[i];
		gint64 left = s->group != NULL ? MAX(a->value[k], a->rival[i]) : a->value[k], bid = e.score - left;
		gboolean room = s->reviewers[e.reviewer].load < s->reviewers[e.reviewer].max_load;

		if (!room && bid == s->price[e.reviewer] && a->ties > 0)
			a->ties--;
		else if (!room && bid <= s->price[e.reviewer])
			continue;
		award(a, p, e, bid);
	}
}

static void
run(Auction *a)
{
	Solver *s = a->s;
	guint64 budget = s->n_slots * WORK_PER_PLACE;

	while (a->n > 0 && a->work < budget) {
		guint32 p = a->queue[a->head];

		a->head = (a->head + 1) % s->n_projects;
		a->n--;
		a->queued[p] = 0;
		bid_for(a, p);
	}
}

/* Everybody who lacks places joins the queue; how many places. */
static guint64
enqueue_all(Auction *a)
{
	const Solver *s = a->s;
	guint64 lacking = 0;

	for (guint32 p = 0; p < s->n_projects; p++)
		if (s->projects[p].filled < s->in->demand[p]) {
			lacking += s->in->demand[p] - s->projects[p].filled;
			enqueue(a, p);
		}
	return lacking;
}

void
veil_match__auction(Solver *s)
{
	Auction a = {.s = s};
	guint32 most = 0;

	for (guint32 p = 0; p < s->n_projects; p++)
		most = MAX(most, s->in->demand[p]);
	a.queue = g_new(guint32, (gsize)s->n_projects + 1);
	a.queued = g_new0(guint8, (gsize)s->n_projects + 1);
	a.lists = g_new0(Shortlist, (gsize)s->n_projects + 1);
	a.entries = g_new(Entry, s->n_slots + (gsize)s->n_projects * SPARE + 1);
	a.best = g_new(Entry, (gsize)most + SPARE + 2);
	a.value = g_new(gint64, (gsize)most + SPARE + 2);
	a.rival = g_new(gint64, (gsize)most + SPARE + 2);
	enqueue_all(&a);
	run(&a);
	a.ties = enqueue_all(&a) * TIES_PER_PLACE;
	run(&a);
	g_free(a.queue);
	g_free(a.queued);
	g_free(a.lists);
	g_free(a.entries);
	g_free(a.best);
	g_free(a.value);
	g_free(a.rival);
}
