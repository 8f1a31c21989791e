/* verify.h - what the auditor's checker is made of.
 *
 * veil-verify reads what `veil` wrote and believes nothing of it. It shares no code with the engine: own hashing (OpenSSL), own rules, own
 * bound; it knows no solver. What it demands is written in docs/design/ledger-format.md and docs/design/formats.md.
 *
 * Read in this order; each part uses only those before it.
 *
 *   tools       verdict.c what was checked, what failed, the exit status; hash.c SHA-256, HMAC, tree, random stream; csv.c rows and numbers
 *   log         record.c canonical records; note.c signed checkpoints, witnesses; operators.c who signed, who approved; seed.c ceremonies; statement.c that there was no opening;
 *               ledger.c the whole; inclusion.c one record without the log
 *   problem     policy.c the policy text; instance.c projects, reviewers, rules worked out; certificate.c what proves a result
 *   judgement   legal.c does an assignment obey the rules; bound.c what none can exceed; proof.c total, fair, infeasible;
 *               replay.c from odds and seed to people; draw.c are the odds right
 *   match       lists.c published lists; match.c `veil-verify match`
 *   batch       table.c SQLite files and roots; batch-file.c, audit-file.c the two files of a freeze; conflicts.c, waivers.c exclusions from facts;
 *               batch-pool.c who may be drawn; batch-draw.c the draws; batch-rest.c what a later one chose from; journal.c what came after; batch.c `veil-verify batch`
 *   handed over bundle.c a folder of all of it; procedure.c the certificate of one project
 *
 * How many lines each part has and which are enough for one question: docs/design/bundle.md.
 *
 * Every function that returns gboolean returns FALSE only after it has told the verdict why.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

/* --- verdict.c ---------------------------------------------------------------------------------------------------- */

enum { EXIT_VERIFIED = 0, EXIT_UNREADABLE = 1, EXIT_USAGE = 2, EXIT_REJECTED = 5 };

/* A step held. */
void verdict_ok(const char *step, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Something that these files do not prove, or that nothing could. */
void verdict_open(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Something the reader should know that is no failure. */
void verdict_note(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* The batch that is spoken of from now on; NULL: none. */
void verdict_about(const char *batch);
void verdict_limits(void); /* verdict_open: what no file can show */
void verdict_number(const char *name, gint64 value);
/* Both return FALSE. The first reason stands. */
gboolean verdict_reject(const char *format, ...) G_GNUC_PRINTF(1, 2);
gboolean verdict_unreadable(const char *format, ...) G_GNUC_PRINTF(1, 2);
const char *verdict_reason(void); /* NULL so far so good */
void verdict_forget(void);	  /* all of it: for who asks more than once */
typedef enum { PRINT_LINES, PRINT_SENTENCES, PRINT_JSON } PrintAs;
/* Prints and returns the exit status. */
int verdict_print(const char *command, PrintAs how);
/* The whole file, or exit 1. */
gboolean read_whole_file(const char *path, char **out_bytes, gsize *out_len);

/* --- hash.c ------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 size;
	guint8 node[64][32]; /* node[k]: root of the full subtree of 2^k leaves, there when bit k of size is set */
} Tree;

/* Numbers from a seed (docs/design/draw.md 1). */
typedef struct {
	struct evp_cipher_ctx_st *cipher;
	guint8 block[4096];
	guint used;
} Stream;

void stream_init(Stream *stream, const guint8 seed[32], const char *label);
void stream_clear(Stream *stream);
guint64 stream_below(Stream *stream, guint64 bound); /* 0 .. bound - 1, without bias */
void hmac_sha256(const void *key, gsize key_len, const void *bytes, gsize len, guint8 out[32]);
void put_lp(GByteArray *out, const void *bytes, gsize len);
void hex_bytes(const char *hex, guint8 *out, gsize n); /* of 2n hex digits */
void sha256(const void *bytes, gsize len, guint8 out[32]);
void sha256_hex(const void *bytes, gsize len, char out[65]);
gboolean sha256_file(const char *path, guint64 *out_length, char out[65]); /* no verdict */
void hex_of(const guint8 *bytes, gsize n, char *out); /* lower case, 2n + 1 bytes */
gboolean is_hex(const char *text, gsize n);	      /* exactly n lower case hex digits */
void leaf_hash(const void *leaf, gsize len, guint8 out[32]);
void tree_add(Tree *tree, const void *leaf, gsize len);
void tree_add_hash(Tree *tree, const guint8 leaf[32]); /* the same for who has its hash already */
void tree_root(const Tree *tree, guint8 out[32]);

/* --- record.c ----------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 seq;
	int version;
	char *time, *origin, *actor, *role, *act;
	GPtrArray *fields; /* key, value, key, value, ... decoded */
	guint8 *signature; /* version 2: 64 bytes, over signed_text */
	GByteArray *signed_text;
	guint8 leaf[32]; /* set by the ledger */
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

/* --- operators.c, seed.c -------------------------------------------------------------------------------------------- */

typedef struct Operators Operators;

Operators *operators_new(void);
void operators_free(Operators *operators);
/* The signatures of the first size records are not verified again: the log is held to a checkpoint of theirs, under which they were. */
void operators_checked(Operators *operators, guint64 size);
/* The next record: is it signed by the key its actor has, in a role he has, and with the approvals that it needs? Keeps the record. */
gboolean operators_judge(Operators *operators, const Record *record);
/* (transfer full) "freeze-id LF project" of every exception for a small field (RULES D06) that three operators approved. */
GHashTable *operators_exceptions(const Operators *operators);
gboolean operators_rehearsal(const Operators *operators); /* as site.init says */
guint operators_named(const Operators *operators);	    /* operators whose keys are in the log */

/* Every seed ceremony among the records (of acts batch.*), step by step. */
gboolean seeds_judge(const Ledger *ledger);

/* --- table.c ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const char *name;
	const char *columns; /* separated by blanks, in the order of the format */
	const char *types;   /* I T B, small letters where NULL is allowed */
	const char *order;   /* primary key */
} TableSpec;

typedef gboolean (*RowFunc)(sqlite3_stmt *row, gpointer data);

/* Read-only; checks application_id, SQLite's own integrity, user_version (1, or 2 where specs_2 is not NULL), and that the file has the tables of its
 * version with these columns and (alone) nothing else. specs end with a name NULL. NULL after a verdict. */
sqlite3 *db_open(const char *path, const char *label, const TableSpec *specs, const TableSpec *specs_2, gboolean alone);
sqlite3 *db_open_bytes(const guint8 *bytes, gsize len, const char *label, const TableSpec *specs); /* a copy of them */
/* Every row (where: nullable, of those alone) in primary-key order: types checked, leaf added to tree (nullable), then func. */
gboolean table_read(sqlite3 *db, const char *label, const TableSpec *spec, const char *where, Tree *tree, RowFunc func, gpointer data);
gint64 db_version(sqlite3 *db);
gint64 table_count(sqlite3 *db, const TableSpec *spec); /* rows */

/* --- policy.c ----------------------------------------------------------------------------------------------------- */

enum { C01, C02, C04, C05, C06, C07, C09, C12, C13, C16, C17, C18, C19, E04, R05, N_RULES }; /* place in masks and files */
extern const char *const rule_names[N_RULES];

typedef struct {
	gboolean enabled, flag_only;
	gint64 window, max_authors; /* window in months, -1: no limit */
	char *severity, *citation;
} Rule;

/* [panel.NAME]: bounds on one project's panel. [share.NAME]: the same over all places of a batch. */
typedef struct {
	char *name, *attribute;
	char *value;	/* "": each value by itself; "!x": said, and not x */
	char **classes; /* of projects; empty: all */
	gint64 min, max, min_share, max_share; /* -1: none; shares in millionths */
	gboolean odd;
} PanelRule;

typedef struct {
	Rule rule[N_RULES];
	gint64 demand, reserves, min_load, max_load, smallest_set; /* smallest_set -1: max(30, 6 k) */
	gboolean equity;
	gint64 step, odds, band, perturbation;			   /* millionths */
	char *method;
	GArray *panels, *shares; /* PanelRule */
} Policy;

/* for_match: the policy of `veil match`, whose rules on conflicts nobody can apply. */
gboolean policy_parse(const char *text, gsize len, const char *label, gboolean for_match, Policy *out);
void policy_clear(Policy *policy);
char *mask_names(guint32 mask); /* "C04;C13" */

/* --- instance.c: the problem, whether it came from published lists or from a batch file ------------------------------- */

#define NONE G_MAXUINT32
#define MAX_PRICE (G_GINT64_CONSTANT(1) << 61)
#define MAX_SCORE G_GINT64_CONSTANT(1000000000000)
#define MILLION 1000000
#define ODDS_ONE 10000 /* odds are whole numbers over this */

__extension__ typedef __int128 Wide; /* sums never wrap */

typedef struct {
	guint32 reviewer;
	gint64 score;
	guint8 mark; /* MARK_*: rules on peer level that count this pair */
} Offer;

enum { MARK_LEAF = 1, MARK_NEAR = 2 };

/* What stands in for the reviewers that a project does not list. */
typedef enum {
	REST_NONE,    /* nobody: the list is complete */
	REST_DUMMIES, /* as many dummies as wanted, score `rest_score`, price the lowest among the unlisted, against no maximum, for every minimum */
	REST_REAL,    /* every reviewer that is neither listed nor barred, score `rest_score` */
} Rest;

typedef struct {
	char *id, *class_, *team; /* class and team NULL: none */
	gint64 demand;
	Offer *offer; /* n_offers, allowed, by reviewer */
	guint32 *barred; /* n_barred, by number */
	guint32 n_offers, n_barred;
	Rest rest;
	gint64 rest_score;
	guint32 leader; /* first project of its team, itself if it has none */
} Project;

typedef struct {
	char *id;
	gint64 min_load, max_load; /* -1: not yet known. Whose maximum is less than what a panel takes (1, or a team's projects) is no candidate */
	gint64 held;		   /* places of earlier draws: a cap on loads counts them */
} Reviewer;

typedef struct {
	char *name;
	GHashTable *number; /* value -> 1, 2, ... */
	GPtrArray *values;  /* value of number i + 1 */
	GArray *of;	    /* guint32 a reviewer: number of the value, 0: not said */
} Attribute;

/* A panel rule, worked out. */
typedef struct {
	const PanelRule *rule;
	guint32 *label; /* a reviewer: number of the value where each counts by itself, else 1 or 0; NULL with `mark` */
	guint8 mark;	/* not 0: counted are the pairs with this mark */
	gboolean each;
	gint64 *min, *max; /* a project; max G_MAXINT64: none */
} Bound;

typedef struct {
	const PanelRule *rule;
	guint32 *label; /* 1 or 0 */
	gint64 min, max; /* places of the batch */
} Share;

typedef struct {
	GArray *projects, *reviewers; /* Project, Reviewer */
	GHashTable *project_index, *reviewer_index; /* id -> GUINT_TO_POINTER(index + 1) */
	GArray *attributes;			    /* Attribute */
	GArray *bounds, *shares;		    /* Bound, Share */
	gboolean marked;			    /* attribute=peer means the marks of pairs: in a batch */
} Instance;

typedef struct {
	guint32 project, reviewer;
	gint64 score;
	gint64 order, draw; /* of a reserve: its place in the list, from 1; which draw */
	gboolean reserve;
	guint64 row;
} Place;

#define REVIEWER(x, i) (&g_array_index((x)->reviewers, Reviewer, i))
#define PROJECT(x, i) (&g_array_index((x)->projects, Project, i))
#define PLACE(places, i) (&g_array_index(places, Place, i))

void instance_init(Instance *x);
void instance_clear(Instance *x);
guint32 instance_project(Instance *x, const char *id);	/* makes it if there is none */
guint32 instance_reviewer(Instance *x, const char *id);
guint32 instance_find(GHashTable *index, const char *id); /* NONE if there is none */
const Offer *project_offer(const Project *project, guint32 reviewer); /* NULL: not listed */
gboolean project_bars(const Project *project, guint32 reviewer);
/* What a rule says of a reviewer on project p: the number of his value, or 1 and 0. */
guint32 bound_label(const Instance *x, const Bound *bound, guint32 p, guint32 reviewer);
/* NULL if no rule asks for an attribute of this name. */
Attribute *instance_attribute(Instance *x, const char *name);
void attribute_set(Attribute *attribute, guint32 reviewer, const char *value);
/* The attributes that the rules ask for; then, when all is read, teams, bounds and shares. */
void instance_attributes_of(Instance *x, const Policy *policy);
gboolean instance_rules(Instance *x, const Policy *policy);
/* Bounds of a rule for this project with so many places; no maximum: G_MAXINT64. */
void rule_range(const PanelRule *rule, const Project *project, gint64 places, gint64 *out_min, gint64 *out_max);
gboolean instance_has_teams(const Instance *x);
int place_compare(gconstpointer a, gconstpointer b); /* by project, then reviewer */

/* --- legal.c: does an assignment obey the rules? ------------------------------------------------------------------- */

/* Sorted by project and reviewer. Panels: demand, minima, maxima, teams, shares; panels and reserves together: loads and maxima. */
gboolean places_legal(const Instance *x, const GArray *places);
/* May these people sit on a panel of so many places, what minima lack being left to who is still to come? Without a verdict. */
gboolean panel_fits(const Instance *x, guint32 project, gint64 places, const guint32 *reviewers, guint n);

/* --- bound.c: what no legal assignment can exceed ------------------------------------------------------------------- */

typedef struct {
	const gint64 *price;  /* a reviewer; |price| <= MAX_PRICE */
	const gint64 *share;  /* a share, NULL: 0 */
	const gint64 *lambda; /* a project, millionths: a score counts 1 + lambda times, rounded up; NULL: once */
	const gint64 *weight; /* a project: a score counts so many times; NULL: once */
	gboolean blank;	      /* every score counts nothing */
} Dual;

/* sum of the best legal panels at score - prices, and of the loads' and shares' terms. FALSE after a verdict. */
gboolean dual_bound(const Instance *x, const Dual *dual, Wide *out_bound);
/* Is there no legal panel for this project (its team) among the allowed? FALSE if there is, or if that cannot be told. */
gboolean panel_impossible(const Instance *x, guint32 project);
Wide ceil_div(Wide a, Wide b); /* b > 0 */
Wide floor_div(Wide a, Wide b);
gboolean fits_int64(Wide value);

/* --- batch-file.c, audit-file.c ------------------------------------------------------------------------------------ */

/* What the drawer sees of a reviewer; NULL: not said. */
typedef struct {
	char *employer, *kind, *province, *rank, *attributes;
} Look;

/* One row of table draw with its odds and lottery. */
typedef struct {
	gint64 n, objective, bound;
	char *kind, *seed, *seed_source, *method, *certificate, *request, *operator;
	gint64 *prices;	 /* a reviewer */
	GArray *odds;	 /* Place, score: odds */
	GArray *tickets; /* Ticket */
	guint8 root[32];
} Draw;

/* One line of the journal. */
typedef struct {
	gint64 seq;
	char *kind, *reason, *record, *time, *operator;
	guint32 project, reviewer, promoted; /* NONE where NULL */
	char *project_code, *reviewer_code, *promoted_code;
} Event;

typedef struct {
	int version;
	GHashTable *meta;
	Instance x;
	GArray *looks;	/* Look, a reviewer */
	GArray *draws;	/* Draw */
	GArray *places; /* Place, as drawn, by project and reviewer */
	GArray *events; /* Event */
	guint8 root[32];
} Batch;

typedef struct {
	gint64 since, until; /* days, the extremes of gint64 where unknown */
} Interval;

typedef struct {
	char *code, *reviewer;
	gboolean in_pool, active;
	gint64 max_load; /* -1: the policy's */
	guint32 province, rank, kind; /* label or NONE */
} Person;

/* One shape for every fact: a and b are what the table links (person, org, project, work), kind its enumeration. */
typedef struct {
	guint32 a, b, kind;
	guint32 org; /* project_person only */
	Interval when;
} Fact;

enum { POST_EMPLOYEE, POST_ADJUNCT, POST_DIRECTOR, POST_ADVISER, POST_SHAREHOLDER, POST_HEAD, POST_EMPLOYER, N_POSTS };
enum { REL_KIN, REL_ADVISOR, REL_COLLABORATOR, REL_DISPUTE, REL_NOMINATOR, N_RELATIONS };

typedef struct {
	guint32 person, mask;
} Exclusion;

typedef struct {
	guint32 project, person, mask; /* one bit */
	gboolean met;		       /* the facts have this rule for the pair */
} Waiver;

typedef struct {
	GHashTable *meta;
	Rule rule[N_RULES];
	GPtrArray *labels;
	GArray *persons;  /* Person */
	GArray *projects; /* Project: id, demand (-1: the policy's) and, from format 2, class and team only */
	guint32 n_orgs, n_works;
	GArray *posts;		  /* Fact: a person, b org */
	GArray *authorships;	  /* a work (renumbered from 0), b person */
	GArray *relations;	  /* a, b persons */
	GArray *bans;		  /* a person */
	GArray *avoids;		  /* a person, b org */
	GArray *project_people;	  /* a project, b person */
	GArray *project_orgs;	  /* a project, b org */
	GArray *project_excludes; /* a project, b person */
	GArray **exclusions, **flags; /* Exclusion, one array a project, NULL where empty */
	GArray *waivers;	      /* Waiver; NULL before waivers_read */
	guint32 *everywhere;	      /* mask a person */
	guint8 root[32];
} Audit;

gint64 row_int(sqlite3_stmt *row, int i);
char *row_text(sqlite3_stmt *row, int i);
guint32 read_u32(const guint8 *p);    /* little-endian */
gboolean code_ok(const char *code);   /* letters, digits, dashes */
gboolean read_meta(sqlite3_stmt *row, gpointer data);

gboolean batch_read(const char *path, Batch *out);
void batch_clear(Batch *batch);
/* key: of the auditor; NULL: auditor.key beside the file, as in a rehearsal. */
gboolean audit_read(const char *path, const char *key, Audit *out);
void audit_clear(Audit *audit);

/* --- conflicts.c -------------------------------------------------------------------------------------------------- */

/* Every exclusion and flag again from the facts; out_counts: pairs a rule excludes (E04: people). */
/* The batch.waiver records of this freeze, against policy and audit file. */
gboolean waivers_read(const Ledger *ledger, const char *freeze_id, const Policy *policy, Audit *audit);
guint32 waived(const Audit *audit, guint32 project, guint32 person, guint32 facts); /* mask; those that the facts have are met */
gboolean waivers_met(const Audit *audit); /* all of them */
gboolean conflicts_verify(const Audit *audit, gint64 as_of, guint64 out_counts[N_RULES]);

/* --- batch-peers.c ------------------------------------------------------------------------------------------------ */

struct Check;
/* The marks of every listed pair again, from the disciplines in the audit file. */
gboolean marks_check(const struct Check *c);

/* --- batch.c, batch-pool.c, batch-draw.c --------------------------------------------------------------------------- */

#define PERSON(audit, i) (&g_array_index((audit)->persons, Person, i))

typedef struct Check {
	Batch batch;
	Audit audit;
	Ledger ledger;
	Policy policy;
	gboolean blind; /* no audit file: audit is empty, and what needs it is not asked */
	gint64 as_of;
	guint64 counts[N_RULES];
	guint32 *person_reviewer; /* index into the batch file's reviewers, or NONE */
} Check;

const char *meta(GHashTable *table, const char *key); /* "" if absent */
/* The one result of this act for this freeze (and draw, NULL: any); NULL if there is none, without a verdict. */
const Record *find_record(const Ledger *ledger, const char *act, const char *freeze_id, const char *draw);
gboolean field_is(const Record *record, const char *key, const char *value, const char *what);
gboolean reviewers_check(Check *c);
gboolean lists_check(const Check *c);
gboolean cells_check(const Check *c);
gboolean rules_check(Check *c);
gboolean smallest_check(const Check *c); /* method draw: nobody is drawn from too few */
gboolean draw_check(const Check *c);
gboolean journal_check(const Check *c);
GArray *places_of(const Check *c, gint64 draw); /* of one draw alone */
/* x is the problem that this draw had: the batch's for the first, else what was left. Places of this draw. */
gboolean draw_proof(const Check *c, const Instance *x, const Draw *draw, const GArray *places);

typedef struct {
	const char *file, *audit, *audit_key; /* audit NULL: looked for beside; audit_key: of a sealed audit file */
	gboolean without_audit;		      /* there is none: what it would show is said to be unproved */
} BatchFiles;

/* given: a ledger that was verified already; NULL: the one that options name. */
gboolean batch_verify(const BatchFiles *files, LedgerOptions *options, const Ledger *given);

/* --- procedure.c ------------------------------------------------------------------------------------------------------ */

char *procedure_note(const char *file, const char *text, gsize len); /* the checkpoint in it; NULL after a verdict */
gboolean procedure_check(const Check *c, const char *path);

/* --- bundle.c ------------------------------------------------------------------------------------------------------- */

typedef struct {
	char *path;
	guint64 length;
	char sha256[65];
} BundleFile;

/* (transfer full) BundleFile; NULL after a verdict. */
GArray *bundle_list_parse(const char *text, gsize len);
const char *bundle_kind(const char *path); /* ledger, checkpoint, key, batch, facts, statement; NULL: in no bundle */
gboolean bundle_verify(const char *dir, const char *audit_key, LedgerOptions *options);


/* --- sealed.c ------------------------------------------------------------------------------------------------------- */

gboolean sealed_is(const guint8 *file, gsize len);
/* To be freed; NULL with a verdict. key_path: the auditor's key file. */
guint8 *sealed_open(const guint8 *file, gsize len, const char *key_path, gsize *out_len);

/* --- batch-rest.c -------------------------------------------------------------------------------------------------- */

/* A reviewer who is out of the question for a project, and whether he counts for its rules. */
typedef struct {
	guint32 project, reviewer;
	enum { HELD_BARRED, HELD_WAITING, HELD_SITTING } as;
} Held;

/* seats: of the project's panel when the draw is done; demand: what is drawn for it; left, taken: loads. Shares the rest with x. */
void rest_init(Instance *out, const Instance *x, const gint64 *seats, const gint64 *demand, const gint64 *left, const gint64 *taken, const GArray *held);
void rest_clear(Instance *rest);

/* --- certificate.c, proof.c ----------------------------------------------------------------------------------------- */

typedef enum { WITNESS_PLACES, WITNESS_MINIMUM, WITNESS_RULE, WITNESS_PANEL, WITNESS_PRICES, N_WITNESSES } WitnessKind;

typedef struct {
	WitnessKind kind;
	char *rule;
	guint8 *project_in, *reviewer_in;
	gint64 short_by, *price, *share_price;
} Witness;

typedef struct {
	gint64 weight;
	GArray *places; /* Place, by project and reviewer */
} Ticket;

typedef struct {
	char *method, *status, *digest;
	gint64 objective, bound;
	gint64 *price, *share_price, *lambda; /* lambda NULL: not fair */
	gint64 minimum, minimum_bound, *min_weight, *min_price, *min_share_price;
	gint64 load_cap, load_cap_bound, *cap_weight, *cap_price, *cap_share_price; /* cap_weight NULL: no equity */
	Witness witness; /* infeasible only */
	char *seed;
	gint64 odds_cap, band, perturbation, expected, drawn_total;
	GArray *odds;	 /* Place by project and reviewer, score: odds over ODDS_ONE; NULL: only a lottery */
	GArray *tickets; /* Ticket */
} Certificate;

/* Ids are looked up in these: the instance's own, or numbers for the certificate inside a batch file. */
typedef struct {
	GHashTable *projects, *reviewers;
} Names;

gboolean certificate_parse(const char *text, gsize len, const Instance *x, const Names *names, Certificate *out);
void certificate_clear(Certificate *certificate);
/* The certificate inside a batch file adds to what its columns say. */
gboolean certificate_add(const char *text, const Instance *x, Certificate *out);
/* What a later draw was asked for: behind how many events, how many places of each role (n_projects each, to be freed). */
gboolean request_parse(const char *text, const Instance *x, gint64 *out_after, gint64 **out_panel, gint64 **out_reserves);
/* A JSON object of further attributes, each a text. */
gboolean attributes_set(Instance *x, guint32 reviewer, const char *json);
/* Places are sorted, and legal. */
gboolean proof_total(const Instance *x, const Certificate *certificate, const GArray *places);
gboolean proof_draw(const Instance *x, const Certificate *certificate, const GArray *places);
/* A certificate of method fair has a cap on loads where the policy asks for equity, and only there. */
gboolean cap_asked_for(const Policy *policy, const Certificate *certificate);
gboolean proof_infeasible(const Instance *x, const Witness *witness);

/* --- replay.c ------------------------------------------------------------------------------------------------------- */

/* Rounds odds (Place by project and reviewer, score: odds) to people, as docs/design/draw.md 2 has it; *out_places: project and reviewer, sorted. */
gboolean replay_round(const Instance *x, const GArray *odds, const guint8 seed[32], GArray *out_places);
/* The ticket drawn from a lottery. */
guint replay_lottery(const GArray *tickets, const guint8 seed[32]);
/* The number that puts people in order; a team's projects share it. */
guint64 replay_ticket(const Instance *x, guint32 project, guint32 reviewer, const guint8 seed[32]);
/* Puts one project's people in the order of their tickets, the panel first, by the instance's bounds; sets reserve and order. FALSE: no choice among them is legal. */
gboolean replay_panel(const Instance *x, guint32 project, const guint8 seed[32], Place *place, guint n);

/* --- match.c, lists.c ----------------------------------------------------------------------------------------------- */

typedef struct {
	char *scores, *conflicts, *loads, *demands, *attributes, *missing_score, *method, *policy, *assignment, *certificate;
	char *demand, *max_load, *min_load, *odds, *band, *perturbation, *seed, *out;
} MatchOptions;

typedef struct {
	guint64 scores, conflicts;
} ListCounts;

gboolean lists_read(const MatchOptions *options, Instance *x, Policy *policy, ListCounts *out_counts);
gboolean match_verify(const MatchOptions *options);

/* --- csv.c -------------------------------------------------------------------------------------------------------- */

/* field[i] is the cell of columns[i]; columns is NULL-terminated, other columns of the file are passed over; one whose name begins with ? may be
 * missing and is NULL then. */
typedef gboolean (*CsvFunc)(char **field, guint64 row, gpointer data);
gboolean csv_each(const char *path, const char *const *columns, CsvFunc func, gpointer data);
gboolean micro_parse(const char *text, gint64 *out_micro); /* no verdict */
gboolean count_parse(const char *text, gint64 *out_count); /* 0 .. 2^31 - 1, no verdict */
