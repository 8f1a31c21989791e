/* log.h - the ledger: records, signatures, checkpoints, approvals, ceremonies. */
#pragma once

#include "base/base.h"

/* --- record.c ----------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 seq;
	int version;
	char *time, *origin, *actor, *role, *act;
	GPtrArray *fields; /* key, value, key, value, ... decoded */
	guint8 *signature; /* version 2: 64 bytes, over signed_text */
	GByteArray *signed_text;
	guint8 leaf[32]; /* set by the ledger */
	const guint8 *tried; /* NULL, or the key under which operators_try has tried the signature ... */
	gboolean holds;	     /* ... and whether it holds */
} Record;

/* NULL when the bytes are no canonical record; *out_why says what is wrong. */
Record *record_parse(const guint8 *bytes, gsize len, const char **out_why);
void record_free(Record *record);
const char *record_get(const Record *record, const char *key); /* NULL if absent */
gboolean record_wrong(const Record *record, const char *what); /* FALSE, after a verdict that names the record */
gboolean is_minute(const char *text);			       /* 2026-03-02T01:22Z */
gboolean read_day(const char *text, gint64 *out_day);	       /* 2026-03-02, days since 1970 */
gint64 day_minus_months(gint64 day, gint64 months);	       /* the day clamped to the month's last */

/* --- note.c ------------------------------------------------------------------------------------------------------- */

typedef enum { NOTE_LOG = 1, NOTE_WITNESS = 4 } NoteType; /* C2SP signature types: Ed25519, cosignature/v1 */

typedef struct {
	char *name;
	guint8 id[4], key[32];
} NoteKey;

typedef struct {
	char *file; /* for messages */
	guint64 size;
	guint8 root[32];
	guint64 *cosigned; /* a witness: when he cosigned, seconds since 1970; 0: he did not */
} Checkpoint;

/* Ed25519 as both sides accept it: canonical and not of small order, S < L. */
gboolean ed25519_verify(const guint8 key[32], const guint8 signature[64], const void *message, gsize len);
gboolean point_ok(const guint8 point[32]);
guint8 *base64_strict(const char *text, gsize *out_len); /* NULL unless it is the one spelling of its bytes */
gboolean note_key_parse(const char *vkey, NoteType type, NoteKey *out_key);
/* witnesses: NoteKey, or NULL. *out is to be cleared whatever is returned. */
gboolean checkpoint_open(const char *file, const char *note, gsize len, const NoteKey *key, const GArray *witnesses, Checkpoint *out);
void checkpoint_clear(Checkpoint *point);

/* --- inclusion.c -------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 index;
	GArray *hashes; /* 32 bytes each */
	char *note;	/* the checkpoint */
} InclusionProof;

gboolean inclusion_parse(const char *file, const char *text, gsize len, InclusionProof *out); /* *out is to be cleared whatever is returned */
gboolean inclusion_holds(const char *file, const InclusionProof *proof, const guint8 leaf[32], const Checkpoint *point);
void inclusion_clear(InclusionProof *proof);
/* record_path: the record's bytes; vkey: a key line or a file that holds it. */
gboolean inclusion_verify(const char *path, const char *record_path, const char *vkey);

/* --- statement.c -------------------------------------------------------------------------------------------------- */

/* `veil audit opened --statement`: so many records, and no opening of the batch among them. */
typedef struct {
	char *file, *batch; /* file: for messages */
	guint64 size;
	char *note; /* the checkpoint of that size, at the end of its text */
} Statement;

/* Shape only: the checkpoint in it is checked like any other, when the log is read. */
gboolean statement_parse(const char *file, const char *text, gsize len, const char *origin, Statement *out);
void statement_clear(Statement *statement);
/* Of a certificate of procedure: (transfer full) a text in it, or NULL; the checkpoint, NULL after a verdict. */
char *procedure_member(const char *text, gsize len, const char *name);
char *procedure_note(const char *file, const char *text, gsize len);

/* --- ledger.c ----------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *ledger, *key;	/* key: verifier key or a file that holds it; NULL: beside the ledger */
	char **checkpoints;		/* NULL or NULL-terminated paths given by the user */
	char **witnesses;		/* NULL or NULL-terminated: key lines of witnesses, or files that hold some, one a line */
	int quorum;			/* how many of these must have cosigned; 0: all */
	char **statements;		/* NULL or NULL-terminated paths */
	const char *procedure;		/* NULL, or a certificate of procedure whose checkpoint counts like any other */
	const char *checked;		/* NULL, or a checkpoint the user keeps of a log whose signatures he had verified: theirs are not again */
} LedgerOptions;

typedef struct {
	guint64 size;
	char *origin;
	GPtrArray *records; /* Record: of the acts batch.* and what is asked of the log beside them (kept_acts in ledger.c) */
	GHashTable *exceptions; /* see operators_exceptions */
	gboolean rehearsal;
} Ledger;

gboolean ledger_verify(const LedgerOptions *options, Ledger *out);
/* How many of the first size records are openings of the batch; the first of them. */
guint ledger_openings(const Ledger *ledger, const char *batch, guint64 size, const Record **out_first);
void ledger_clear(Ledger *ledger);
/* The one result of this act for this freeze (and draw, NULL: any); NULL if there is none, without a verdict. */
const Record *find_record(const Ledger *ledger, const char *act, const char *freeze_id, const char *draw);
gboolean field_is(const Record *record, const char *key, const char *value, const char *what); /* what: of what else it should be */

/* --- operators.c, seed.c ------------------------------------------------------------------------------------------ */

typedef struct Operators Operators;

Operators *operators_new(void);
void operators_free(Operators *operators);
/* The signatures of the first size records are not verified again: the log is held to a checkpoint of theirs, under which they were. */
void operators_checked(Operators *operators, guint64 size);
/* Tries the signatures of records (Record) that are still to be judged, on all processors, under the keys that their actors have now. Judges nothing: it only saves time. */
void operators_try(const Operators *operators, GPtrArray *records);
/* The next record: is it signed by the key its actor has, in a role he has, and with the approvals that it needs? Keeps the record. */
gboolean operators_judge(Operators *operators, const Record *record);
/* (transfer full) "freeze-id LF project" of every exception for a small field (RULES D06) that three operators approved. */
GHashTable *operators_exceptions(const Operators *operators);
gboolean operators_rehearsal(const Operators *operators); /* as site.init says */
guint operators_named(const Operators *operators);	    /* operators whose keys are in the log */

/* Every seed ceremony among the records (of acts batch.*), step by step. */
gboolean seeds_judge(const Ledger *ledger);
