/* rules.h - what the parts of the solver for panel rules share. Private to this room.
 *
 * Vocabulary: a unit is what gets one panel: a project, or a team of `size` projects that share it. A counted rule bounds how many
 * members of a panel belong to a class (bit of a reviewer's mask); an each rule bounds how many share one value. Two candidates of
 * equal mask are of one type: a reviewer's own, unless a rule counts pairs. The profit of a reviewer to a unit is score - size x price,
 * where the price includes those of the shares.
 */
#pragma once

#include "solver.h"

typedef __int128 Wide;

typedef struct {
	const guint32 *reviewer; /* candidates, ascending */
	const gint64 *score;	 /* theirs: summed over the team, floors' weights included */
	gint64 *own_score;	 /* score, where it is not the instance's */
	const guint8 *mark;	 /* of the candidates, where a rule counts pairs; else NULL */
	guint32 n, demand, size;
	guint32 first;		 /* its projects in Rules.member */
	gboolean cut;
	gint64 cut_score;
} Unit;

typedef struct {
	const VeilInstance *in;
	const guint32 *order; /* breaks ties, NULL: by number */
	guint32 n_counted, n_each, n_types, n_units;
	guint32 *mask;	      /* by type */
	guint32 *type;	      /* by reviewer, the rules on pairs aside; NOBODY: his maximum load is 0 */
	guint32 *marked_type; /* by that type and mark, 256 a type; NULL where no rule counts pairs: the types above are all there are */
	const guint32 **value; /* by each rule: by reviewer */
	guint32 *min, *max;   /* n_units x n_counted */
	guint32 *cap;	      /* n_units x n_each */
	Unit *units;
	guint32 *member;      /* projects in the order of their units */
	guint32 *unit_of;     /* by project */
	guint32 most;	      /* largest demand */
} Rules;

static inline guint32
type_at(const Rules *x, const Unit *unit, guint32 place)
{
	guint32 type = x->type[unit->reviewer[place]];

	return unit->mark == NULL || type == NOBODY ? type : x->marked_type[(gsize)type << 8 | unit->mark[place]];
}

/* weight (nullable): millionths added to or, with only_weight, in place of each project's score. */
Rules *veil_match__rules_new(const VeilInstance *in, const guint32 *order, const gint64 *weight, gboolean only_weight, GError **error);
/* The unit's scores with this floor's weight. */
void veil_match__unit_reweigh(Rules *rules, guint32 unit, gint64 weight);
void veil_match__rules_free(Rules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rules, veil_match__rules_free)

/* --- panel.c: the best legal panel of one unit, exactly --------------------------------------------------------- */

typedef struct {
	gint64 profit;
	guint32 place; /* in the unit's list */
	guint32 mask, reviewer, type;
} Pick;

typedef struct Oracle Oracle;
Oracle *veil_match__oracle_new(const Rules *rules);
void veil_match__oracle_free(Oracle *oracle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Oracle, veil_match__oracle_free)

typedef struct {
	const gint64 *price;	/* by reviewer */
	gboolean no_score;	/* every score 0 */
	gint64 at_least;	/* only panels better than this are wanted; G_MININT64: any */
	gboolean dummies;	/* the list is cut: dummies of this profit may enter */
	gint64 dummy;
} Question;

typedef enum { PANEL_NONE, PANEL_FOUND, PANEL_TOO_HARD } PanelAnswer;

/* PANEL_NONE: no legal panel better than at_least. out_place: demand places, ascending, G_MAXUINT32 for dummies at the end. */
PanelAnswer veil_match__panel(Oracle *oracle, guint32 unit, const Question *question, gint64 *out_value, guint32 *out_place);
/* Whether these places are a legal panel. */
gboolean veil_match__panel_legal(const Rules *rules, guint32 unit, const guint32 *place);

/* --- rules-bound.c ------------------------------------------------------------------------------------------------ */

/* The bound of veil/match.h without the floors' part; the rules carry the weights. no_score: every score 0 (a witness). */
gboolean veil_match__rules_bound(const Rules *rules, const gint64 *price, const gint64 *share_price, gboolean no_score, Wide *out_bound,
				 GArray *open, GError **error);
