/* verify.h - what the auditor's checker is made of.
 *
 * veil-verify reads what `veil` wrote and believes nothing of it. It shares no code with the engine: own hashing (OpenSSL), own rules, own
 * bound; it knows no solver. What it demands is written in docs/design/ledger-format.md and docs/design/formats.md.
 *
 *   verdict.c    what was checked, what failed, the exit status    hash.c       SHA-256, RFC 6962 tree
 *   record.c     canonical log records                             note.c       signed checkpoints, Ed25519
 *   ledger.c     the log as a whole                                table.c      SQLite files, read-only, and their roots
 *   batch-file.c, audit-file.c  the two files of a freeze          policy.c     the policy text
 *   conflicts.c  rules over facts                                  prices.c     the price bound
 *   batch.c, batch-pool.c, batch-draw.c  `veil-verify batch`       csv.c        CSV rows and decimal numbers
 *   match.c, instance.c, certificate.c   `veil-verify match`       witness.c    why no assignment exists
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
/* Something the reader should know that is no failure. */
void verdict_note(const char *format, ...) G_GNUC_PRINTF(1, 2);
void verdict_number(const char *name, gint64 value);
/* Both return FALSE. The first reason stands. */
gboolean verdict_reject(const char *format, ...) G_GNUC_PRINTF(1, 2);
gboolean verdict_unreadable(const char *format, ...) G_GNUC_PRINTF(1, 2);
const char *verdict_reason(void); /* NULL so far so good */
/* Prints and returns the exit status. */
int verdict_print(const char *command, gboolean as_json);
/* The whole file, or exit 1. */
gboolean read_whole_file(const char *path, char **out_bytes, gsize *out_len);

/* --- hash.c ------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 size;
	guint8 node[64][32]; /* node[k]: root of the full subtree of 2^k leaves, there when bit k of size is set */
} Tree;

void sha256(const void *bytes, gsize len, guint8 out[32]);
void sha256_hex(const void *bytes, gsize len, char out[65]);
void hex_of(const guint8 *bytes, gsize n, char *out); /* lower case, 2n + 1 bytes */
gboolean is_hex(const char *text, gsize n);	      /* exactly n lower case hex digits */
void tree_add(Tree *tree, const void *leaf, gsize len);
void tree_root(const Tree *tree, guint8 out[32]);

/* --- record.c ----------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 seq;
	char *time, *origin, *actor, *role, *act;
	GPtrArray *fields; /* key, value, key, value, ... decoded */
} Record;

/* NULL when the bytes are no canonical record; *out_why says what is wrong. */
Record *record_parse(const guint8 *bytes, gsize len, const char **out_why);
void record_free(Record *record);
const char *record_get(const Record *record, const char *key); /* NULL if absent */
gboolean is_minute(const char *text);			       /* 2026-03-02T01:22Z */
gboolean read_day(const char *text, gint64 *out_day);	       /* 2026-03-02, days since 1970 */
gint64 day_minus_months(gint64 day, gint64 months);	       /* the day clamped to the month's last */

/* --- note.c ------------------------------------------------------------------------------------------------------- */

typedef struct {
	char *name;
	guint8 id[4], key[32];
} NoteKey;

typedef struct {
	char *file; /* for messages */
	guint64 size;
	guint8 root[32];
} Checkpoint;

/* Ed25519 as both sides accept it: canonical and not of small order, S < L. */
gboolean ed25519_verify(const guint8 key[32], const guint8 signature[64], const void *message, gsize len);
gboolean note_key_parse(const char *vkey, NoteKey *out_key);
gboolean checkpoint_open(const char *file, const char *note, gsize len, const NoteKey *key, Checkpoint *out);

/* --- ledger.c ----------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *ledger, *key;	/* key: verifier key or a file that holds it; NULL: beside the ledger */
	char **checkpoints;		/* NULL or NULL-terminated paths given by the user */
} LedgerOptions;

typedef struct {
	guint64 size;
	char *origin;
	GPtrArray *records; /* Record: those whose act begins with "batch." */
} Ledger;

gboolean ledger_verify(const LedgerOptions *options, Ledger *out);
void ledger_clear(Ledger *ledger);

/* --- table.c ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const char *name;
	const char *columns; /* separated by blanks, in the order of the format */
	const char *types;   /* I T B, small letters where NULL is allowed */
	const char *order;   /* primary key */
} TableSpec;

typedef gboolean (*RowFunc)(sqlite3_stmt *row, gpointer data);

/* What a file says of its user_version, unchecked; 0 when it cannot be read. */
int db_version(const char *path);
/* Read-only; checks application_id, user_version, SQLite's own integrity, and that the file has these tables with these columns and (alone)
 * nothing else. NULL after a verdict. */
sqlite3 *db_open(const char *path, const char *label, const TableSpec *specs, guint n_specs, gboolean alone, int version);
/* Every row in primary-key order: types checked, leaf added to tree (nullable), then func. */
gboolean table_read(sqlite3 *db, const char *label, const TableSpec *spec, Tree *tree, RowFunc func, gpointer data);

/* --- policy.c ----------------------------------------------------------------------------------------------------- */

enum { C01, C02, C04, C05, C06, C07, C09, C12, C13, C16, C17, C18, C19, E04, R05, N_RULES }; /* place in masks and files */
extern const char *const rule_names[N_RULES];

typedef struct {
	gboolean enabled, flag_only;
	gint64 window, max_authors; /* window in months, -1: no limit */
	char *severity, *citation;
} Rule;

typedef struct {
	Rule rule[N_RULES];
	gint64 demand, reserves, min_load, max_load, step;
	char *method;
	char *group_attribute; /* at most one of it on a panel; NULL: no such rule */
} Policy;

/* for_match: the policy of `veil match`, of which only [batch] numbers and [panel.*] count. */
gboolean policy_parse(const char *text, gsize len, const char *label, gboolean for_match, Policy *out);
void policy_clear(Policy *policy);
char *mask_names(guint32 mask); /* "C04;C13" */

/* --- batch-file.c, audit-file.c ------------------------------------------------------------------------------------ */

#define NONE G_MAXUINT32

typedef struct {
	char *code, *employer, *kind, *province, *rank; /* NULL: not said */
	gint64 min_load, max_load;
} Reviewer;

typedef struct {
	guint32 reviewer;
	gint32 score;
} Candidate;

typedef struct {
	char *code;
	gint64 demand, cut;
	gboolean has_cut;
	Candidate *candidates;
	guint32 n_candidates;
} Project;

typedef struct {
	char *project, *reviewer;
	gint64 score;
	gboolean reserve;
} Place;

typedef struct {
	int version; /* of the file: 1 or 2 */
	GHashTable *meta;
	GArray *reviewers; /* Reviewer, by code */
	GArray *projects;  /* Project, by code */
	GArray *places;	   /* Place */
	GHashTable *reviewer_index, *project_index; /* code -> GUINT_TO_POINTER(index + 1) */
	guint n_draws;
	gint64 draw, objective, bound;
	char *seed, *seed_source, *method;
	gint64 *prices;
	guint8 root[32], draw_root[32];
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
	GHashTable *meta;
	Rule rule[N_RULES];
	GPtrArray *labels;
	GArray *persons;  /* Person */
	GArray *projects; /* Project: code and demand (-1: the policy's) only */
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
gboolean audit_read(const char *path, Audit *out);
void audit_clear(Audit *audit);

/* --- conflicts.c -------------------------------------------------------------------------------------------------- */

/* Every exclusion and flag again from the facts; out_counts: pairs a rule excludes (E04: people). */
gboolean conflicts_verify(const Audit *audit, gint64 as_of, guint64 out_counts[N_RULES]);

/* --- prices.c ----------------------------------------------------------------------------------------------------- */

__extension__ typedef __int128 Wide; /* sums never wrap */

typedef struct {
	guint32 n;	      /* reviewers */
	const gint64 *price;  /* |price| <= MAX_PRICE */
	const guint32 *group; /* 0: none */
	guint32 *by_price;    /* reviewers, cheapest first */
	guint32 *listed, *taken, stamp;
	GArray *offers;
} Prices;

typedef struct {
	guint32 reviewer;
	gint64 score;
} Offer;

/* What stands in for the reviewers that a project does not list. */
typedef enum {
	REST_NONE,    /* nobody: the list is complete */
	REST_DUMMIES, /* as many dummies as wanted, score `rest_score`, price the lowest among the unlisted, no group */
	REST_REAL,    /* every unlisted reviewer, score `rest_score` */
} Rest;

#define MAX_PRICE (G_GINT64_CONSTANT(1) << 61)
#define MAX_SCORE G_GINT64_CONSTANT(1000000000000)

gboolean prices_init(Prices *prices, guint32 n, const gint64 *price, const guint32 *group, guint32 n_groups);
void prices_clear(Prices *prices);
/* Best panel of `places`, one a group at most, at score minus price. barred: reviewers that are no part of the rest. FALSE, without a
 * verdict, when there are too few. */
gboolean prices_best_panel(Prices *prices, const Offer *offer, guint32 n, const guint32 *barred, guint32 n_barred, guint64 places,
			   Rest rest, gint64 rest_score, Wide *out_value);
Wide prices_load_term(gint64 price, gint64 min_load, gint64 max_load);
gboolean fits_int64(Wide value);

/* --- batch.c, batch-pool.c, batch-draw.c --------------------------------------------------------------------------- */

#define REVIEWER(batch, i) (&g_array_index((batch)->reviewers, Reviewer, i))
#define PROJECT(array, i) (&g_array_index(array, Project, i))
#define PERSON(audit, i) (&g_array_index((audit)->persons, Person, i))

typedef struct {
	Batch batch;
	Audit audit;
	Ledger ledger;
	Policy policy;
	gint64 as_of;
	guint64 counts[N_RULES];
	guint32 *person_reviewer; /* index into the batch file's reviewers, or NONE */
	guint32 *group;		  /* employer of a reviewer, 0: none or the policy has no such rule */
	guint32 n_groups;
} Check;

const char *meta(GHashTable *table, const char *key); /* "" if absent */
/* The one result of this act for this freeze; NULL if there is none, without a verdict. */
const Record *find_record(const Ledger *ledger, const char *act, const char *freeze_id);
gboolean field_is(const Record *record, const char *key, const char *value, const char *what);
gboolean reviewers_check(Check *c);
gboolean lists_check(const Check *c);
gboolean cells_check(Check *c);
gboolean draw_check(const Check *c);
gboolean batch_verify(const char *file, const char *audit, LedgerOptions *options);

/* --- match.c, instance.c, certificate.c, witness.c ----------------------------------------------------------------- */

typedef struct {
	char *scores, *conflicts, *loads, *demands, *attributes, *missing_score, *method, *policy, *assignment, *certificate;
	char *demand, *max_load, *min_load, *odds, *seed, *out;
} MatchOptions;

gboolean match_verify(const MatchOptions *options);

typedef struct {
	guint32 project, reviewer;
	gint64 score;
	guint64 row; /* of its file */
} Pair;

typedef struct {
	GHashTable *project_index, *reviewer_index; /* id -> GUINT_TO_POINTER(index + 1) */
	GPtrArray *projects, *reviewers;	    /* ids; the reviewers' are for look-up only and reach no message */
	GArray *scores, *conflicts;		    /* Pair, sorted by project, then reviewer */
	guint64 *score_start, *conflict_start;	    /* n_projects + 1 */
	gint64 *demand, *min_load, *max_load;
	guint32 *group, n_groups; /* group 0: none */
	gboolean has_missing;
	gint64 missing;
} Instance;

typedef struct {
	Instance x;
	const MatchOptions *options;
	Policy policy;
	gint64 default_demand, default_min, default_max;
	GArray *demand, *min_load, *max_load; /* gint64, -1: the default; grow with the ids */
	GArray *group;			      /* guint32 */
	GHashTable *group_index, *seen;
	GArray *places; /* Pair */
	/* the certificate */
	gint64 objective, bound;
	gboolean infeasible, minimum;
	char *status, *digest;
	gint64 *prices, short_by;
	guint8 *project_in, *reviewer_in;
} Match;

gboolean instance_read(Match *m);
gboolean certificate_read(Match *m);
int pair_compare(gconstpointer a, gconstpointer b); /* by project, then reviewer */
/* Is it in `pairs` (a slice of Instance)? NULL if not. */
const Pair *instance_find(const GArray *pairs, const guint64 *start, guint32 project, guint32 reviewer);
gboolean witness_verify(const Instance *instance, gboolean minimum, const guint8 *project_in, const guint8 *reviewer_in, gint64 short_by);

/* --- csv.c -------------------------------------------------------------------------------------------------------- */

/* field[i] is the cell of columns[i]; columns is NULL-terminated, other columns of the file are passed over. */
typedef gboolean (*CsvFunc)(char **field, guint64 row, gpointer data);
gboolean csv_each(const char *path, const char *const *columns, CsvFunc func, gpointer data);
/* One more column, by name: field[n_columns]. */
gboolean csv_each_with(const char *path, const char *const *columns, const char *extra, CsvFunc func, gpointer data);
gboolean micro_parse(const char *text, gint64 *out_micro); /* no verdict */
gboolean count_parse(const char *text, gint64 *out_count); /* 0 .. 2^31 - 1, no verdict */
