/* auction.c - a cheap start: projects bid for reviewers until nobody can raise a price.
 *
 * Bertsekas' auction with many places a bidder and many a reviewer, with increment 0: a project that lacks k places takes the k candidates worth
 * most to it and bids for each, and anew for those it has, the price at which he would be worth no more than the best one left over.
 * A full reviewer drops the lowest bid he holds, and his price is the lowest he keeps. So at every moment each panel is a best panel of its
 * size at the present prices, and only full reviewers have one: exactly the invariant of the searches, which fill what is left. An
 * increment above 0 would fill every place but leave all prices slightly wrong, and mending them costs more than the searches do.
 *
 * With increment 0 an auction stalls among equals. When it has, a bid equal to the price may displace an equal bid, a limited number
 * of times: the gap then wanders among equals and mostly finds somebody with room. Projects wait in a queue: served in turn, not
 * depth first, they need a fifth of the bids. Both were measured.
 *
 * Nearly all the time goes into waiting for memory; so what a bid looks at lies together by project, and is fetched while the one
 * before in the queue still bids.
 */
#include "flow.h"
#include "solver.h"

enum { SPARE = 8, TIES_PER_PLACE = 32, DOUBT_PER_PLACE = 100, WORK_PER_PLACE = 2000 };

typedef struct {
	gint64 others;	      /* nobody outside the shortlist is worth more */
	guint32 first;	      /* slot */
	guint32 filled;	      /* places */
	guint32 n;	      /* shortlist */
	guint32 queued;
} Bidder;

/* By slot: who fills it, and where in his heap of seats that stands. */
typedef struct {
	gint64 score;
	guint32 reviewer, seat;
} Held;

typedef struct {
	gint64 bid;
	guint32 slot, project;
} Seat;

typedef struct {
	Solver *s;
	Seat **seats; /* by reviewer: a heap of what he holds once he is full; NULL: he cannot be */
	Seat *all_seats;
	Held *held;
	guint32 *queue; /* ring of projects that lack places */
	guint32 head, n;
	Bidder *bidders;
	Entry *entries; /* shortlists: demand + SPARE each */
	Entry *best;	/* scratch: candidates, best first, and what they are worth */
	gint64 *value;
	guint32 n_chosen; /* the first of them */
	gint64 left;	  /* what the best one not chosen is worth */
	guint64 ties, work;
} Auction;

static void
enqueue(Auction *a, guint32 p)
{
	guint32 at = a->head + a->n;

	if (a->bidders[p].queued)
		return;
	a->bidders[p].queued = 1;
	a->n++;
	a->queue[at < a->s->n_projects ? at : at - a->s->n_projects] = p;
}

static inline void
set_seat(Auction *a, Seat *seats, guint32 i, Seat seat)
{
	seats[i] = seat;
	a->held[seat.slot].seat = i;
}

/* The lowest bid lies first. */
static void
sift_down(Auction *a, Seat *seats, guint32 i, guint32 n)
{
	Seat seat = seats[i];

	for (guint32 down; (down = 2 * i + 1) < n; i = down) {
		if (down + 1 < n && seats[down + 1].bid < seats[down].bid)
			down++;
		if (seats[down].bid >= seat.bid)
			break;
		set_seat(a, seats, i, seats[down]);
	}
	set_seat(a, seats, i, seat);
	a->work++;
}

/* Empties a slot and moves the last filled one of the project into the gap, so that the filled ones come first. */
static void
vacate(Auction *a, guint32 p, guint32 slot)
{
	Bidder *bidder = &a->bidders[p];
	guint32 last = bidder->first + --bidder->filled;

	if (slot == last)
		return;
	a->held[slot] = a->held[last];
	if (a->seats[a->held[slot].reviewer] != NULL)
		a->seats[a->held[slot].reviewer][a->held[slot].seat].slot = slot;
}

static void
award(Auction *a, guint32 p, Entry e, gint64 bid)
{
	Solver *s = a->s;
	Reviewer *reviewer = &s->reviewers[e.reviewer];
	Seat *seats = a->seats[e.reviewer], seat = {bid, 0, p};
	guint32 n = reviewer->max_load;
	gboolean full = reviewer->load == n;

	if (full) {
		enqueue(a, seats[0].project);
		vacate(a, seats[0].project, seats[0].slot);
	}
	seat.slot = a->bidders[p].first + a->bidders[p].filled++;
	a->held[seat.slot] = (Held){e.score, e.reviewer, 0};
	if (!full)
		reviewer->load++;
	if (seats == NULL)
		return;
	set_seat(a, seats, full ? 0 : reviewer->load - 1, seat);
	if (full)
		sift_down(a, seats, 0, n);
	for (guint32 i = !full && reviewer->load == n ? n / 2 : 0; i-- > 0;)
		sift_down(a, seats, i, n);
	if (reviewer->load == n)
		s->price[e.reviewer] = seats[0].bid;
}

/* The demand + SPARE best of p's shelf at the present prices, members of the panel among them. Prices only rise, so that nobody
 * else is ever worth more than `others` is now: most bids need look no further. */
static void
refill(Auction *a, guint32 p)
{
	Solver *s = a->s;
	const Shelf *shelf = &s->shelves[p];
	Entry *best = a->entries + a->bidders[p].first + (gsize)p * SPARE;
	guint32 room = s->in->demand[p] + SPARE, n = 0;
	gint64 *value = a->value, left_out = shelf->beyond;

	for (guint32 i = 0; i < shelf->n; i++) {
		Entry e = shelf->entry[i];
		gint64 worth = e.score - s->price[e.reviewer];
		guint32 at;

		if (n == room && worth <= value[room - 1]) {
			left_out = MAX(left_out, worth);
			continue;
		}
		if (n == room)
			left_out = MAX(left_out, value[room - 1]);
		at = n < room ? n++ : room - 1;
		for (; at > 0 && value[at - 1] < worth; at--) {
			value[at] = value[at - 1];
			best[at] = best[at - 1];
		}
		value[at] = worth;
		best[at] = e;
	}
	a->work += shelf->n / 2;
	a->bidders[p].n = n;
	a->bidders[p].others = left_out;
}

static inline gboolean
is_member(const Auction *a, guint32 p, guint32 r)
{
	const Held *held = a->held + a->bidders[p].first;

	for (guint32 i = 0; i < a->bidders[p].filled; i++)
		if (held[i].reviewer == r)
			return TRUE;
	return FALSE;
}

/* The k best of the shortlist outside the panel, and what the best one left over is worth; FALSE when nobody is left over. */
static gboolean
choose(Auction *a, guint32 p, guint32 k)
{
	Solver *s = a->s;
	const Entry *candidate = a->entries + a->bidders[p].first + (gsize)p * SPARE;
	guint32 n = 0;

	for (guint32 i = 0; i < a->bidders[p].n; i++) {
		Entry e = candidate[i];
		gint64 worth = e.score - s->price[e.reviewer];
		guint32 at;

		if ((n == k + 1 && worth <= a->value[k]) || is_member(a, p, e.reviewer))
			continue;
		at = n < k + 1 ? n++ : k;
		for (; at > 0 && a->value[at - 1] < worth; at--) {
			a->value[at] = a->value[at - 1];
			a->best[at] = a->best[at - 1];
		}
		a->value[at] = worth;
		a->best[at] = e;
	}
	a->n_chosen = k;
	a->left = n > k ? a->value[k] : G_MININT64;
	return n > k;
}

/* Nobody of r's group is in p's panel or among those just chosen. */
static gboolean
group_is_free(const Auction *a, guint32 p, guint32 r)
{
	const guint32 *group = a->s->group;
	const Held *held = a->held + a->bidders[p].first;

	if (group[r] == 0)
		return TRUE;
	for (guint32 i = 0; i < a->bidders[p].filled; i++)
		if (group[held[i].reviewer] == group[r])
			return FALSE;
	for (guint32 i = 0; i < a->n_chosen; i++)
		if (group[a->best[i].reviewer] == group[r])
			return FALSE;
	return TRUE;
}

/* The same where groups matter. Whoever is kept out by his group alone counts as left over: when the one who keeps him out is outbid, he
 * could enter, and must not be worth more than anybody in the panel then. Bids are lower for that, and more is left to the searches. */
static gboolean
choose_by_group(Auction *a, guint32 p, guint32 k)
{
	Solver *s = a->s;
	const Entry *candidate = a->entries + a->bidders[p].first + (gsize)p * SPARE;
	guint32 n = 0;

	a->n_chosen = 0;
	a->left = G_MININT64;
	for (guint32 i = 0; i < a->bidders[p].n; i++) {
		gint64 worth = candidate[i].score - s->price[candidate[i].reviewer];
		guint32 at = n;

		if (is_member(a, p, candidate[i].reviewer))
			continue;
		n++;
		for (; at > 0 && a->value[at - 1] < worth; at--) {
			a->value[at] = a->value[at - 1];
			a->best[at] = a->best[at - 1];
		}
		a->value[at] = worth;
		a->best[at] = candidate[i];
	}
	for (guint32 i = 0; i < n; i++) {
		if (a->n_chosen < k && group_is_free(a, p, a->best[i].reviewer))
			a->best[a->n_chosen++] = a->best[i];
		else
			a->left = MAX(a->left, a->value[i]);
	}
	return n > a->n_chosen;
}

/* p stays with those it has until they are worth no more than `left` either: all its bids rise to that. Else an older bid could be
 * topped at a value above what a newer one allows, and the panel would no longer be a best one. */
static void
raise_bids(Auction *a, guint32 p)
{
	Solver *s = a->s;
	const Held *held = a->held + a->bidders[p].first;

	for (guint32 i = 0; i < a->bidders[p].filled; i++) {
		guint32 r = held[i].reviewer, at = held[i].seat;
		Seat *seats = a->seats[r];

		if (seats == NULL)
			continue;
		seats[at].bid = held[i].score - a->left;
		if (s->reviewers[r].load < s->reviewers[r].max_load)
			continue;
		sift_down(a, seats, at, s->reviewers[r].max_load);
		s->price[r] = seats[0].bid;
	}
}

/* TRUE when the shortlist has enough to bid by, and nobody outside it can be worth more than what is left over. */
static gboolean
look(Auction *a, guint32 p, guint32 k)
{
	a->work += a->bidders[p].n;
	return (a->s->group != NULL ? choose_by_group(a, p, k) : choose(a, p, k)) && a->left >= a->bidders[p].others;
}

static gboolean
look_further(Auction *a, guint32 p, guint32 k)
{
	refill(a, p);
	if (look(a, p, k))
		return TRUE;
	if (a->s->shelves[p].beyond == G_MININT64) /* the shelf holds the whole row: nobody to measure a bid by, the searches will do it */
		return FALSE;
	veil_match__shelf_renew(a->s, p, FALSE);
	a->work += a->s->shelves[p].room;
	refill(a, p);
	return look(a, p, k);
}

static void
bid_for(Auction *a, guint32 p)
{
	Solver *s = a->s;
	guint32 k = s->in->demand[p] - a->bidders[p].filled;

	if (!look(a, p, k) && !look_further(a, p, k))
		return;
	raise_bids(a, p);
	for (guint32 i = 0; i < a->n_chosen; i++) {
		Entry e = a->best[i];
		gint64 bid = e.score - a->left, price = s->price[e.reviewer];
		gboolean room = s->reviewers[e.reviewer].load < s->reviewers[e.reviewer].max_load;

		if (bid < price) /* somebody whom his group keeps out is worth more */
			continue;
		if (!room && bid == price) {
			if (a->ties == 0)
				continue;
			a->ties--;
		}
		award(a, p, e, bid);
	}
}

/* Asks for the memory that the bids after the next ones will look at. */
static void
prefetch(const Auction *a)
{
	guint32 n = a->s->n_projects;

	if (a->n > 2) {
		guint32 at = a->head + 2 < n ? a->head + 2 : a->head + 2 - n;

		__builtin_prefetch(&a->bidders[a->queue[at]]);
	}
	if (a->n > 1) {
		guint32 p = a->queue[a->head + 1 < n ? a->head + 1 : a->head + 1 - n];
		const char *entry = (const char *)(a->entries + a->bidders[p].first + (gsize)p * SPARE);
		const char *held = (const char *)(a->held + a->bidders[p].first);

		__builtin_prefetch(entry);
		__builtin_prefetch(entry + 64);
		__builtin_prefetch(entry + 128);
		__builtin_prefetch(held);
		__builtin_prefetch(held + 64);
	}
	if (a->n > 0) {
		const Held *held = a->held + a->bidders[a->queue[a->head]].first;

		for (guint32 i = 0, filled = MIN(a->bidders[a->queue[a->head]].filled, 8); i < filled; i++)
			__builtin_prefetch(a->seats[held[i].reviewer]);
	}
}

static void
run(Auction *a, guint64 budget)
{
	Solver *s = a->s;

	while (a->n > 0 && a->work < budget) {
		guint32 p = a->queue[a->head];

		a->head = a->head + 1 == s->n_projects ? 0 : a->head + 1;
		a->n--;
		a->bidders[p].queued = 0;
		prefetch(a);
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
		if (a->bidders[p].filled < s->in->demand[p]) {
			lacking += s->in->demand[p] - a->bidders[p].filled;
			enqueue(a, p);
		}
	return lacking;
}

/* Whoever is listed by no more projects than he may take needs no seats: he is never full. */
static void
give_seats(Auction *a)
{
	Solver *s = a->s;
	const VeilInstance *in = s->in;
	g_autofree guint32 *listed = g_new0(guint32, (gsize)s->n_reviewers + 1);
	gsize n = 0;

	for (guint64 i = 0; s->source == NULL && i < in->offset[s->n_projects]; i++)
		listed[in->reviewer[i]]++;
	for (guint32 r = 0; r < s->n_reviewers; r++) {
		if (s->source != NULL)
			listed[r] = s->n_projects;
		n += in->max_load[r] < listed[r] ? in->max_load[r] : 0;
	}
	a->all_seats = g_new(Seat, n + 1);
	a->seats = g_new0(Seat *, (gsize)s->n_reviewers + 1);
	n = 0;
	for (guint32 r = 0; r < s->n_reviewers; r++)
		if (in->max_load[r] < listed[r]) {
			a->seats[r] = a->all_seats + n;
			n += in->max_load[r];
		}
}

static void
set_up(Auction *a)
{
	Solver *s = a->s;
	guint32 most = 0;

	a->queue = g_new(guint32, (gsize)s->n_projects + 1);
	a->bidders = g_new0(Bidder, (gsize)s->n_projects + 1);
	for (guint32 p = 0; p < s->n_projects; p++) {
		most = MAX(most, s->in->demand[p]);
		a->bidders[p].first = (guint32)s->slot_offset[p];
		a->bidders[p].others = G_MAXINT64; /* no shortlist yet */
	}
	a->entries = g_new(Entry, s->n_slots + (gsize)s->n_projects * SPARE + 1);
	a->held = g_new(Held, s->n_slots + 1);
	a->best = g_new(Entry, (gsize)most + SPARE + 2);
	a->value = g_new(gint64, (gsize)most + SPARE + 2);
	give_seats(a);
}

/* The searches keep their own lists of who holds what. */
static void
hand_over(Auction *a)
{
	Solver *s = a->s;

	for (guint32 r = 0; r < s->n_reviewers; r++)
		s->reviewers[r].load = 0;
	for (guint32 p = 0; p < s->n_projects; p++) {
		s->projects[p].filled = a->bidders[p].filled;
		for (guint32 i = 0; i < a->bidders[p].filled; i++) {
			const Held *held = &a->held[a->bidders[p].first + i];

			veil_match__slot_put(s, a->bidders[p].first + i, held->reviewer, held->score);
		}
	}
}

/* Where some field is short of reviewers its projects outbid each other for ever. */
static gboolean
can_be_filled(const Auction *a)
{
	const Solver *s = a->s;
	g_autoptr(Flow) flow = s->source ? NULL : veil_match__flow_new(s->in, NULL);

	if (flow == NULL)
		return TRUE;
	for (guint32 p = 0; p < s->n_projects; p++)
		for (guint32 i = 0; i < a->bidders[p].filled; i++)
			veil_match__flow_give(flow, p, a->held[a->bidders[p].first + i].reviewer);
	return veil_match__flow_fill(flow) == 0;
}

gboolean
veil_match__auction(Solver *s)
{
	Auction a = {.s = s};
	gboolean hopeless;

	set_up(&a);
	enqueue_all(&a);
	run(&a, s->n_slots * DOUBT_PER_PLACE);
	hopeless = a.n > 0 && !can_be_filled(&a);
	if (!hopeless) {
		run(&a, s->n_slots * WORK_PER_PLACE);
		a.ties = enqueue_all(&a) * TIES_PER_PLACE;
		run(&a, s->n_slots * WORK_PER_PLACE);
	}
	hand_over(&a);
	g_free(a.seats);
	g_free(a.all_seats);
	g_free(a.held);
	g_free(a.queue);
	g_free(a.bidders);
	g_free(a.entries);
	g_free(a.best);
	g_free(a.value);
	return !hopeless;
}
