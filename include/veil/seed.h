/* veil/seed.h - a seed that nobody chose: commitments, and the value that follows from what was revealed and from a public beacon.
 *
 * Pure functions; who did what when is the ledger's (docs/design/ledger-format.md, "Seed ceremony").
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_SEED_BYTES 32

/* SHA-256("veil/commit/1" | lp(batch) | lp(freeze_id) | lp(party) | secret), lp(x) being the length as u32 LE and the bytes. */
void veil_seed_commitment(const char *batch, const char *freeze_id, const char *party, const guint8 secret[VEIL_SEED_BYTES], guint8 out[32]);

typedef struct {
	const char *batch, *freeze_id;
	guint draw;
	const guint8 *freeze_leaf;	     /* 32: leaf hash of the batch.freeze record */
	const guint8 (*reveals)[VEIL_SEED_BYTES]; /* of those who revealed, in the order of the plan */
	guint n_reveals;
	const char *beacon; /* as recorded */
} VeilSeedParts;

/* HMAC-SHA-256 under "veil/seed/1" of lp() of all parts in this order; the draw as decimal text. */
void veil_seed_derive(const VeilSeedParts *parts, guint8 out[VEIL_SEED_BYTES]);

/**
 * veil_seed_beacon_text:
 * (transfer full) A beacon as recorded: Unicode form NFKC, runs of blanks one space, none at either end. NULL unless it is UTF-8 of 1 to 200
 * bytes without control or formatting characters (a direction override would let two people see different values).
 */
char *veil_seed_beacon_text(const char *typed);

G_END_DECLS
