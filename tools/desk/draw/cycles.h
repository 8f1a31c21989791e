/* cycles.h - who of those that ask for money judges whom of them: the auditor's report on reciprocal reviewing (R05). */
#pragma once

#include <veil/audit.h>
#include <veil/batch.h>

#include "site/rows.h"

typedef struct {
	guint32 seekers;	   /* reviewers of the batch who stand behind a project of it */
	guint64 possible;	   /* pairs of them either of whom is listed for a project of the other */
	guint64 reviews;	   /* panel seats of theirs on projects of another of them */
	guint64 cycles[3];	   /* of two (reciprocal pairs), three, four people, each counted once */
	gboolean has_odds;
	guint32 cap, highest;	   /* over VEIL_ODDS_WHOLE: the policy's, and the highest of a pair whose reviewer is one of them */
} VeilCycles;

/* VEIL_ERROR_VERIFY: the files are of different freezes. Only those who sit count; a vacated place and a waiting reserve do not. */
gboolean veil_cycles_count(const VeilBatch *batch, const VeilAudit *audit, VeilCycles *out, GError **error);
/* Figures to standard output; pairs: the reciprocal pairs instead, one a row, in the drawer's codes. */
gboolean veil_cycles_print(const VeilBatch *batch, const VeilAudit *audit, gboolean pairs, VeilPrint how, GError **error);
