/* restore.h - after a copy of the ledger was put back: read-only until witnesses have seen that history continues. */
#pragma once

#include "site/batch.h"

typedef struct {
	gboolean index;	  /* only make the index of acts anew */
	const char *note; /* a checkpoint held elsewhere, where the site has no witnesses */
} VeilRestore;

typedef enum {
	VEIL_RESTORE_DECLARED, /* read-only from now on */
	VEIL_RESTORE_LIFTED,   /* it takes records again */
	VEIL_RESTORE_INDEXED,
} VeilRestoreResult;

/**
 * veil_step_restore:
 * The first run verifies every record, keeps the checkpoint as checkpoints/SIZE.note and makes the ledger read-only. A later run lifts that, when every record holds and
 * the site's quorum of witnesses has cosigned the checkpoint of exactly what is here after the ledger became read-only: a witness does so only if history
 * continues from what he saw last. Where no witness is named, note takes their place; a rehearsal without witnesses needs none. Then `ledger.restored` is
 * logged.
 * Errors: VEIL_ERROR_REFUSED what is missing still, or that it never will be lifted (a fork); VEIL_ERROR_VERIFY a record or the note does not hold.
 */
gboolean veil_step_restore(const VeilStep *step, const VeilRestore *restore, VeilRestoreResult *out, guint64 *out_size, GError **error);
