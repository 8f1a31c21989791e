/* ruled.h - small random instances with panel rules, teams, shares and floors, and what every legal assignment of them can reach. */
#pragma once

#include "instance.h"

typedef struct {
	Instance *x;
	VeilInstance in; /* x->in with the rules below */
	VeilPanelBound bounds[4];
	VeilBatchShare shares[2];
	guint32 *label[6], *min[4], *max[4], *team;
	guint8 *mark;
	gint64 *floor;
} Ruled;

typedef struct {
	Shape shape;
	guint32 counted, each; /* how many rules */
	gboolean nested;       /* classes of the counted rules lie one in the other, no each rules across them */
	gboolean teams, minima;
	guint32 shares;
	gboolean pairs; /* some counted rules (nested: all of them) count pairs */
} RuledShape;

Ruled *ruled_random(GRand *random, const RuledShape *shape);
void ruled_free(Ruled *ruled);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ruled, ruled_free)

/* Every assignment is tried: the best total; the largest minimum of a project's total with the best total that keeps it; and with that minimum the smallest load that
 * nobody exceeds, with its best total. FALSE: none. */
typedef struct {
	gint64 total, minimum, fair_total;
	gint64 even_minimum, even_total;
	guint32 even_cap;
} RuledBest;
gboolean ruled_brute_force(const VeilInstance *in, RuledBest *out);
/* Every rule of match.h, counted anew; fails the running test. */
void ruled_assert_legal(const VeilInstance *in, const VeilMatch *match);
/* The bound by trying every panel; scores times `scale` of each project (NULL: 1), plus the floors' weights. */
__int128 ruled_bound(const VeilInstance *in, const gint64 *price, const gint64 *share_price, const gint64 *weight, const gint64 *scale);
/* What a witness says, counted from the instance: the shortage, or 0 or less when it proves nothing. */
gint64 ruled_shortage(const VeilInstance *in, const VeilWitness *witness);
