/* heartbeat.h - a record that says "still here", so that a log that is silent can be told from one that was cut. */
#pragma once

#include "site/batch.h"

#define VEIL_HEARTBEAT_WITHIN_S (24 * 3600)

typedef struct {
	gint64 within_s;   /* the next record comes within so much time: what this record promises */
	gint64 if_older_s; /* only when the last record is older; -1: in any case */
} VeilHeartbeat;

/* Writes ledger.heartbeat: by when the next record comes, and which cosignatures of each witness have arrived. out_written FALSE: not yet due. */
gboolean veil_step_heartbeat(const VeilStep *step, const VeilHeartbeat *beat, gboolean *out_written, GError **error);
