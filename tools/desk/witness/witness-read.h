/* witness-read.h - a copy of the log read by a witness: the roots at the sizes he asks about, and its pulse. */
#pragma once

#include <veil/ledger-store.h>

typedef struct {
	guint64 size;
	guint8 root[32]; /* of the copy, filled when it has so many records */
	gboolean reached;
} VeilStation;

typedef struct {
	guint64 size;		  /* records in the copy */
	char last_time[32];	  /* of the last record; "" when there is none */
	char promised[32];	  /* by when the last heartbeat promised the next record; "" */
	char *tally;		  /* of the last heartbeat; NULL */
	guint64 gaps, first_gap;  /* records that came later than the heartbeat before them promised; the first of them */
} VeilPulse;

void veil_pulse_clear(VeilPulse *pulse);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VeilPulse, veil_pulse_clear)

/* Reads, parses and hashes every record of an export. stations: VeilStation, any order; sorted by size on return. Nothing of the file but its records is
 * believed. VEIL_ERROR_VERIFY names the first record that does not hold. */
gboolean veil_witness_read(const char *path, const char *vkey, GArray *stations, VeilPulse *out, GError **error);

/* The entry of the witness with this key line in a heartbeat's tally. FALSE: none. */
gboolean veil_tally_find(const char *tally, const char *vkey, guint64 *out_size, gint64 *out_time);
/* "HASH=SIZE@TIME": one entry of a tally, appended with ';' between. */
void veil_tally_add(GString *tally, const char *vkey, guint64 size, gint64 time);
