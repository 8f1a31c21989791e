/* witness-cosign.h - what a witness does with a checkpoint he is shown. */
#pragma once

#include "witness/witness-state.h"

/* How long a log may stay silent before a witness says so, unless its heartbeats promise otherwise. */
#define VEIL_WITNESS_SILENCE_S (48 * 3600)

typedef struct {
	const char *const *files; /* a note; or a note with its proof (veil ledger prove --from); or an export, with its note beside it or named too */
	const char *const *also;  /* checkpoints of this log from elsewhere: another witness's, a printed one */
	gboolean first;		  /* the witness has never cosigned this log */
	gint64 silence_s, now_unix_s;
} VeilWitnessInput;

typedef struct {
	char *line; /* his cosignature, with its LF */
	guint64 size;
	GPtrArray *warnings; /* texts: silence, gaps; nothing that stops him */
	char *evidence;	     /* path of what was kept when a fork was found; set on failure too */
} VeilWitnessResult;

void veil_witness_result_clear(VeilWitnessResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VeilWitnessResult, veil_witness_result_clear)

/**
 * veil_witness_cosign:
 * Cosigns the checkpoint if it is by the log's key, not smaller than the last one he cosigned, and history continues from that one, which a consistency proof or
 * the records themselves show. His state is durable before the line is made.
 * Errors: VEIL_ERROR_VERIFY (another history, a note, proof or copy that does not hold, a state of his that is older than his own cosignatures),
 * VEIL_ERROR_REFUSED (a smaller checkpoint, no proof, the first time without being told so, a clock that ran backwards), VEIL_ERROR_INPUT (what the files are).
 */
gboolean veil_witness_cosign(VeilWitnessState *state, const VeilWitnessInput *input, VeilWitnessResult *out, GError **error);
