/* ceremony.h - a seed ceremony as its records tell it. Used by seed.c and its printing only. */
#pragma once

#include <veil/ledger-store.h>
#include <veil/seed.h>

typedef struct {
	char *handle;
	char *commitment; /* hex, NULL: none yet */
	char *value;	  /* hex, NULL: none yet */
	gboolean missing; /* said to be, by record */
} VeilParty;

typedef struct {
	char *actor, *value;
} VeilBeaconEntry;

typedef struct {
	char *batch, *freeze_id;
	guint draw;
	gboolean frozen;      /* there is a batch.freeze of this id */
	guint8 freeze_leaf[32];
	gboolean draw_begun;  /* there is a batch.draw.intent of this draw */
	gboolean planned;
	GPtrArray *parties;   /* VeilParty, in the order of the plan */
	char *beacon, *beacon_time, *commit_until;
	GPtrArray *entries;   /* VeilBeaconEntry, in order */
	const char *agreed;   /* the first value two operators entered, borrowed; NULL: none */
	char *seed;	      /* NULL: not in the ledger */
	GHashTable *commitments; /* every one of the log, of whatever ceremony: a set */
} VeilCeremony;

/* What the ledger says of this ceremony; may be called inside its write transaction. */
VeilCeremony *veil_ceremony_read(VeilLedger *ledger, const char *freeze_id, guint draw, GError **error);
void veil_ceremony_free(VeilCeremony *ceremony);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilCeremony, veil_ceremony_free)
VeilParty *veil_ceremony_party(const VeilCeremony *ceremony, const char *handle);
guint veil_ceremony_n_committed(const VeilCeremony *ceremony);
guint veil_ceremony_n_revealed(const VeilCeremony *ceremony);
/* As in seed.h. */
const char *veil_ceremony_state(const VeilCeremony *ceremony);
/* The seed that follows from the records, in hex, and who revealed ("a;c", "-" for nobody; transfer full). agreed must be set. */
void veil_ceremony_derive(const VeilCeremony *ceremony, char out_seed[65], char **out_revealed);
