/* batch.h - `veil-verify batch`: draws, what came after them, and the whole. */
#pragma once

#include "freeze/freeze.h"
#include "judge/judge.h"

/* --- draws.c, journal.c, batch.c ---------------------------------------------------------------------------------- */

gboolean smallest_check(const Check *c); /* method draw: nobody is drawn from too few */
gboolean draw_check(const Check *c);
gboolean journal_check(const Check *c);
GArray *places_of(const Check *c, gint64 draw); /* of one draw alone */
/* x is the problem that this draw had: the batch's for the first, else what was left. Places of this draw. */
gboolean draw_proof(const Check *c, const Instance *x, const Draw *draw, const GArray *places);

typedef struct {
	const char *file, *audit, *audit_key; /* audit NULL: looked for beside; audit_key: of a sealed audit file */
	gboolean without_audit;		      /* there is none: what it would show is said to be unproved */
} BatchFiles;

/* given: a ledger that was verified already; NULL: the one that options name. */
gboolean batch_verify(const BatchFiles *files, LedgerOptions *options, const Ledger *given);

/* --- rest.c ------------------------------------------------------------------------------------------------------- */

/* A reviewer who is out of the question for a project, and whether he counts for its rules. */
typedef struct {
	guint32 project, reviewer;
	enum { HELD_BARRED, HELD_WAITING, HELD_SITTING } as;
} Held;

/* seats: of the project's panel when the draw is done; demand: what is drawn for it; left, taken: loads. Shares the rest with x. */
void rest_init(Instance *out, const Instance *x, const gint64 *seats, const gint64 *demand, const gint64 *left, const gint64 *taken, const GArray *held);
void rest_clear(Instance *rest);

/* --- procedure.c -------------------------------------------------------------------------------------------------- */

gboolean procedure_check(const Check *c, const char *path);
