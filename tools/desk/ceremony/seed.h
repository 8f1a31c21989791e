/* seed.h - the seed of a draw: parties commit, reveal, and a public beacon comes last.
 *
 * Nothing of a ceremony lies anywhere but in the ledger; docs/design/ledger-format.md has its records, docs/guide/ceremony.md its steps. A ceremony
 * belongs to one draw of one freeze. The seed is durable as record `batch.seed` before anything is assigned by it.
 */
#pragma once

#include "site/batch.h"
#include "site/log.h"
#include "site/rows.h"

/* One word: "none" (no plan), "planned" (commitments are awaited), "committed" (reveals), "revealed" (the beacon's time), "beacon" (an entry
 * stands, another operator's equal one is awaited), "ready" (the seed is in the ledger). */
#define VEIL_SEED_STATE_BYTES 16

/**
 * veil_seed_find:
 * For the draw: the seed of draw draw_n (1, 2, ...) of this freeze. out_seed is "" unless the state is "ready". The state follows from
 * the records alone, not from the clock. Reads the ledger only.
 * Errors: VEIL_ERROR_VERIFY (the ledger is damaged), VEIL_ERROR_DB.
 */
gboolean veil_seed_find(VeilLog *log, const char *freeze_id, guint draw_n, char out_seed[65], char out_state[VEIL_SEED_STATE_BYTES], GError **error);

/* --- the steps (step->now_unix_s is the clock of all of them; draw_n 0: the next one of the freeze) ------------------- */

typedef struct {
	const char *parties;	 /* handles, ';' or ',' between; NULL: the policy's */
	const char *beacon;	 /* which public number, in words; NULL: the policy's */
	const char *beacon_time; /* 2026-03-02T12:00Z; NULL: now and the policy's delay */
	const char *commit_until; /* NULL: half-way to the beacon */
} VeilSeedPlan;

/* VEIL_ERROR_REFUSED: planned already, draw begun, fewer than two parties, a party that is no operator, a beacon that is not in the future. */
gboolean veil_seed_plan(const VeilStep *step, const char *name, guint draw_n, const VeilSeedPlan *plan, GError **error);
/* Reads the party's secret (64 hex digits) from path, or draws one and leaves it there, mode 0600, when there is no such file. */
gboolean veil_seed_commit(const VeilStep *step, const char *name, guint draw_n, const char *path, GError **error);
/* A secret that does not fit is logged and refused; the party may come again with the right one. */
gboolean veil_seed_reveal(const VeilStep *step, const char *name, guint draw_n, const char *path, GError **error);
/* One operator's entry of the public value. *out_ready: it was the second equal one, and the seed is in the ledger. VEIL_ERROR_REFUSED too when another
 * value stands: both are logged, and who erred enters again. */
gboolean veil_seed_beacon(const VeilStep *step, const char *name, guint draw_n, const char *value, gboolean *out_ready, GError **error);
gboolean veil_seed_print_status(const VeilStep *step, const char *name, guint draw_n, VeilPrint how, GError **error);
/* (transfer full) Where a party's secret lies unless it says otherwise: veil-BATCH-FREEZE-DRAW-HANDLE.secret in the current folder. */
char *veil_seed_default_path(const VeilStep *step, const char *name, guint draw_n, GError **error);
