/* witness-state.h - what a witness keeps on his own machine: his key, the log's key, and the last checkpoint that he cosigned.
 *
 * DIR/witness.key (+ .pub)  his Ed25519 key      DIR/vkey  his key line, for the site      DIR/log.vkey  the log's, from a source he trusts
 * DIR/state                 the last checkpoint he cosigned, and when                      DIR/history   one line a cosignature
 * DIR/last.note             that checkpoint as he signed it, to show to others             DIR/evidence  what he found
 *
 * One folder, one log. Whoever holds an open state holds the folder's lock.
 */
#pragma once

#include <veil/blind.h>
#include <veil/ledger.h>

typedef struct {
	char *dir, *vkey, *log; /* key lines */
	int lock;
	gboolean begun;	      /* something was cosigned; else the rest is zero */
	guint64 size, count;  /* of the checkpoint; how many cosignatures so far */
	guint8 root[32];
	gint64 time, since;   /* of the last cosignature; of the first one at this size */
	char *note;	      /* the checkpoint as the log signed it */
} VeilWitnessState;

/* A new folder with a new key. passphrase NULL: the key is not wrapped. log: the log's key line, compared with nothing: the caller has it from outside.
 * VEIL_ERROR_USAGE name or log; VEIL_ERROR_REFUSED there is a witness in dir. */
gboolean veil_witness_create(const char *dir, const char *name, const char *log, const char *passphrase, GError **error);
/* VEIL_ERROR_VERIFY: damaged, what to do; VEIL_ERROR_NOT_AVAILABLE: no witness there; VEIL_ERROR_REFUSED: another process has it. wait: for that one. */
VeilWitnessState *veil_witness_open(const char *dir, gboolean wait, GError **error);
void veil_witness_free(VeilWitnessState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilWitnessState, veil_witness_free)
/* The witness's key, asking for its passphrase if it has one. */
const VeilOperatorKey *veil_witness_key(const VeilWitnessState *state, GError **error);

/**
 * veil_witness_advance:
 * The state says from now on that this checkpoint was cosigned at this time; durable on return, and only then may the cosignature be shown to anybody. Never
 * to a smaller size, nor backwards in time, nor to another root at one size: that is the caller's to have refused.
 */
gboolean veil_witness_advance(VeilWitnessState *state, guint64 size, const guint8 root[32], const char *note, gint64 now_unix_s, GError **error);
/* After that: DIR/last.note with the cosignature, for others. */
gboolean veil_witness_show(const VeilWitnessState *state, const char *line, GError **error);

/* Keeps two notes that contradict each other, in a file of its own; (transfer full) its path. shown may be what has no note. */
char *veil_witness_evidence(const VeilWitnessState *state, const char *what, const char *held, const char *shown, gint64 now_unix_s, GError **error);
