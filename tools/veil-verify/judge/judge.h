/* judge.h - is an assignment lawful, is it the best, are odds and people those that they must be?. */
#pragma once

#include "problem/problem.h"

/* --- legal.c: does an assignment obey the rules? ------------------------------------------------------------------ */

/* Sorted by project and reviewer. Panels: demand, minima, maxima, teams, shares; panels and reserves together: loads and maxima. */
gboolean places_legal(const Instance *x, const GArray *places);
/* May these people sit on a panel of so many places, what minima lack being left to who is still to come? Without a verdict. */
gboolean panel_fits(const Instance *x, guint32 project, gint64 places, const guint32 *reviewers, guint n);

/* --- bound.c: what no legal assignment can exceed ----------------------------------------------------------------- */

typedef struct {
	const gint64 *price;  /* a reviewer; |price| <= MAX_PRICE */
	const gint64 *share;  /* a share, NULL: 0 */
	const gint64 *lambda; /* a project, millionths: a score counts 1 + lambda times, rounded up; NULL: once */
	const gint64 *weight; /* a project: a score counts so many times; NULL: once */
	gboolean blank;	      /* every score counts nothing */
} Dual;

/* sum of the best legal panels at score - prices, and of the loads' and shares' terms. FALSE after a verdict. */
gboolean dual_bound(const Instance *x, const Dual *dual, Wide *out_bound);
/* Is there no legal panel for this project (its team) among the allowed? FALSE if there is, or if that cannot be told. */
gboolean panel_impossible(const Instance *x, guint32 project);
Wide ceil_div(Wide a, Wide b); /* b > 0 */
Wide floor_div(Wide a, Wide b);
gboolean fits_int64(Wide value);

/* --- replay.c ----------------------------------------------------------------------------------------------------- */

/* Rounds odds (Place by project and reviewer, score: odds) to people, as docs/design/draw.md 2 has it; *out_places: project and reviewer, sorted. */
gboolean replay_round(const Instance *x, const GArray *odds, const guint8 seed[32], GArray *out_places);
/* The ticket drawn from a lottery. */
guint replay_lottery(const GArray *tickets, const guint8 seed[32]);
/* The number that puts people in order; a team's projects share it. */
guint64 replay_ticket(const Instance *x, guint32 project, guint32 reviewer, const guint8 seed[32]);
/* Puts one project's people in the order of their tickets, the panel first, by the instance's bounds; sets reserve and order. FALSE: no choice among them is legal. */
gboolean replay_panel(const Instance *x, guint32 project, const guint8 seed[32], Place *place, guint n);

/* --- proof.c, draw.c ---------------------------------------------------------------------------------------------- */

/* Places are sorted, and legal. */
gboolean proof_total(const Instance *x, const Certificate *certificate, const GArray *places);
gboolean proof_draw(const Instance *x, const Certificate *certificate, const GArray *places);
/* A certificate of method fair has a cap on loads where the policy asks for equity, and only there. */
gboolean cap_asked_for(const Policy *policy, const Certificate *certificate);
gboolean proof_infeasible(const Instance *x, const Witness *witness);
