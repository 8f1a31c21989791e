/* log.h - what every command uses to leave its record.
 *
 * Records are signed by the operator's key (operator.h), and made only in a role he holds. In a rehearsal operators come into being when they first act:
 * the key is made in the site, unwrapped, and adds itself with all roles.
 */
#pragma once

#include <stdarg.h>

#include <veil/ledger-store.h>

typedef struct VeilLog VeilLog;

/* The ledger of a site, for the operator with this handle. */
VeilLog *veil_log_open(const char *site, const char *actor, GError **error);
void veil_log_free(VeilLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilLog, veil_log_free)
/* (transfer none) For looking things up. */
VeilLedger *veil_log_ledger(VeilLog *log);
const char *veil_log_actor(const VeilLog *log);
/* The clock of this log's records; without it, the system's. Steps that compare times pass the time they were given. */
void veil_log_set_now(VeilLog *log, gint64 now_unix_s);
/* For the record that ends a restoring, and no other (restore.c). */
void veil_log_lift_read_only(VeilLog *log);
/* "2026-03-02T01:22Z": the minute a record written now would bear; times of records compare as texts. */
#define VEIL_MINUTE_BYTES (sizeof "2026-03-02T01:22Z")
void veil_log_now(const VeilLog *log, char out[VEIL_MINUTE_BYTES]);
/* A minute so many minutes later. */
void veil_log_later(const VeilLog *log, gint64 minutes, char out[VEIL_MINUTE_BYTES]);

/**
 * veil_log_append:
 * One record of now (UTC, minute), durable on return, and the quick checkpoint behind it. After error: "key", "value", ... in any order, then
 * NULL; a pair whose value is NULL is left out.
 *
 *	veil_log_append(log, "drawer", "batch.draw.intent", error, "batch", name, "seed", seed, NULL)
 */
gboolean veil_log_append(VeilLog *log, const char *role, const char *act, GError **error, ...) G_GNUC_NULL_TERMINATED;

/* Several records of one step, durable together when the group ends, or none of them: one commit instead of many. Nothing may be done outside the ledger on the strength
 * of one of them before that. An append that fails ends the group and takes it back. */
gboolean veil_log_group_begin(VeilLog *log, GError **error);
gboolean veil_log_group_end(VeilLog *log, GError **error);
/* After a failure in between, whether or not an append was it. */
void veil_log_group_undo(VeilLog *log);

/* Asked inside the ledger's write transaction, so that what it sees still holds when the record stands. FALSE with *error: no record. */
typedef gboolean (*VeilLogCheck)(VeilLedger *ledger, gpointer data, GError **error);

/* (transfer full) "key", "value", ... up to NULL as fields; pairs whose value is NULL are left out. Borrows the texts. */
GArray *veil_log_fields(const char *first_key, va_list pairs);
/* The general form: fields of VeilField, an optional check, the record's seq if out_seq is not NULL. */
gboolean veil_log_append_if(VeilLog *log, const char *role, const char *act, const GArray *fields, VeilLogCheck check, gpointer data, guint64 *out_seq,
			    GError **error);

/* The same, signed by a key of which the ledger does not know yet: `site.init` and a self-made `operator.add`, which name it themselves. */
gboolean veil_log_append_self(VeilLog *log, const VeilOperatorKey *key, const char *role, const char *act, const GArray *fields, VeilLogCheck check,
			      gpointer data, GError **error);
