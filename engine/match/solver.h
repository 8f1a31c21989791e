/* solver.h - the state that the parts of the match solver share. Private to this room.
 *
 * Vocabulary: a place (slot) is one of the demand[p] seats of project p; slots of all projects are numbered through. The value of
 * reviewer r to project p is score - price[r]; pi[p] is the smallest value in p's panel. Invariant between searches: every panel,
 * as far as it is filled, is a best panel at the current prices; a reviewer below his maximum load has no positive price.
 */
#pragma once

#include <veil/match.h>

#define INFINITE G_MAXINT64
#define NOBODY G_MAXUINT32

typedef VeilPair Entry; /* 12 bytes: what a listed pair may cost at most */

/* The best candidates of a project at the prices of some moment (shelf.c). */
typedef struct {
	Entry *entry;
	guint32 n, room;
	gint64 beyond; /* nobody else of the row is worth more as long as prices only rise; G_MININT64: there is nobody else */
	guint32 renewed;
} Shelf;

typedef struct {
	gint64 dist;
	gint64 via_score;
	guint32 stamp, settled;
	guint32 via; /* slot whose reviewer makes room, or the slot to be filled */
	guint32 load, max_load;
	guint32 first; /* list of slots held */
} Reviewer;

typedef struct {
	gint64 dist;
	gint64 pi;
	guint32 stamp;
	guint32 settled;
	guint32 via;
	guint32 filled;
} Project;

typedef struct {
	gint64 score;
	guint32 project;
	guint32 next, prev; /* slots of the same reviewer */
} Slot;

typedef struct {
	gint64 score;
	guint32 project;
} __attribute__((packed, aligned(4))) Back;

typedef struct {
	gint64 key;
	guint32 node; /* reviewer r, n_reviewers + project, or n_reviewers + n_projects + number of a pause */
} HeapItem;

typedef struct {
	const VeilInstance *in;
	const guint32 *order;
	guint32 n_projects, n_reviewers;
	guint64 n_slots;
	const VeilScoreSource *source; /* NULL: the rows of the instance */
	Shelf *shelves;
	gpointer scratch; /* shelf.c */
	Reviewer *reviewers;
	gint64 *price;	/* by reviewer; apart from the rest because nearly every look at a reviewer ends here */
	guint32 *group; /* by reviewer, 0 none; NULL when no group has two members */
	Project *projects;
	Slot *slots;
	guint32 *holder; /* by slot: the reviewer who fills it */
	guint64 *slot_offset; /* n_projects + 1 */
	HeapItem *heap;
	gsize heap_n, heap_room;
	guint32 stamp;
	guint32 *settled; /* reviewers settled by the current search */
	guint32 n_settled;
	/* project lists of reviewers, for minimum loads */
	guint64 *back_offset;
	Back *back;
} Solver;

/* shelf.c. Closed before a price falls. */
void veil_match__shelves_open(Solver *s);
void veil_match__shelves_close(Solver *s);
/* Fills p's shelf anew at the present prices. */
void veil_match__shelf_renew(Solver *s, guint32 p, gboolean larger);

/* heap.c */
void veil_match__heap_push(Solver *s, gint64 key, guint32 node);
HeapItem veil_match__heap_pop(Solver *s);

/* state.c */
Solver *veil_match__solver_new(const VeilInstance *in, const VeilScoreSource *source, const guint32 *order);
void veil_match__solver_free(Solver *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Solver, veil_match__solver_free)
void veil_match__slot_put(Solver *s, guint32 slot, guint32 reviewer, gint64 score);
void veil_match__slot_take(Solver *s, guint32 slot);
guint32 veil_match__next_stamp(Solver *s);
/* The group of reviewer r is not in p's panel, the slot `except` aside; he himself neither. */
static inline gboolean
may_enter(const Solver *s, guint32 p, guint32 r, guint32 except)
{
	const guint32 *holder = s->holder + s->slot_offset[p];
	guint32 group = s->group ? s->group[r] : 0, n = s->projects[p].filled;

	for (guint32 i = 0; i < n; i++) {
		if (holder[i] == r)
			return FALSE;
		if (group != 0 && s->group[holder[i]] == group && s->slot_offset[p] + i != except)
			return FALSE;
	}
	return TRUE;
}

/* auction.c: fills most places, prices that prove them best included. FALSE: it stopped in the middle, because the bids went on for so long that
 * it was worth asking whether there is an assignment at all, and there is none. */
gboolean veil_match__auction(Solver *s);
/* places.c: fills the next place of p by a cheapest chain of moves; FALSE when there is none. */
gboolean veil_match__fill(Solver *s, guint32 p);
/* minimum.c: raises everybody to his minimum load; FALSE: infeasible, s->settled are those who share the shortage. */
gboolean veil_match__raise_minimum(Solver *s);
/* match.c: the assignment and its total, the prices with it; demands, loads and sizes as they must be. */
gboolean veil_match__take_panels(Solver *s, VeilMatch *match, GError **error);
gboolean veil_match__check_sizes(const VeilInstance *in, GError **error);

/* --- rules/: what match.c sends there ------------------------------------------------------------------------------ */

gboolean veil_match__has_rules(const VeilInstance *in);
/* Shape of bounds, shares, teams and floors. */
gboolean veil_match__rules_check(const VeilInstance *in, GError **error);
/* rules.c: method total under rules. */
VeilMatch *veil_match__total_with_rules(const VeilInstance *in, const guint32 *order, GError **error);
/* fair.c */
VeilMatch *veil_match__fair(const VeilInstance *in, const guint32 *order, GError **error);
/* even.c */
VeilMatch *veil_match__even(const VeilInstance *in, const guint32 *held, const guint32 *order, GError **error);
