/* freeze.h - the two files of a freeze: who was excluded and why, who could be drawn. */
#pragma once

#include "log/log.h"
#include "problem/problem.h"

/* --- batch-file.c, audit-file.c ----------------------------------------------------------------------------------- */

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
const char *meta(GHashTable *table, const char *key); /* "" if absent */
gboolean read_meta(sqlite3_stmt *row, gpointer data);

gboolean batch_read(const char *path, Batch *out);
void batch_clear(Batch *batch);
/* key: of the auditor; NULL: auditor.key beside the file, as in a rehearsal. */
gboolean audit_read(const char *path, const char *key, Audit *out);
void audit_clear(Audit *audit);

/* --- sealed.c ----------------------------------------------------------------------------------------------------- */

gboolean sealed_is(const guint8 *file, gsize len);
/* To be freed; NULL with a verdict. key_path: the auditor's key file. */
guint8 *sealed_open(const guint8 *file, gsize len, const char *key_path, gsize *out_len);

/* --- waivers.c, conflicts.c --------------------------------------------------------------------------------------- */

/* The batch.waiver records of this freeze, against policy and audit file. */
gboolean waivers_read(const Ledger *ledger, const char *freeze_id, const Policy *policy, Audit *audit);
guint32 waived(const Audit *audit, guint32 project, guint32 person, guint32 facts); /* mask; those that the facts have are met */
gboolean waivers_met(const Audit *audit); /* all of them */
/* Every exclusion and flag again from the facts; out_counts: pairs a rule excludes (E04: people). */
gboolean conflicts_verify(const Audit *audit, gint64 as_of, guint64 out_counts[N_RULES]);

/* --- pool.c ------------------------------------------------------------------------------------------------------- */

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

gboolean reviewers_check(Check *c);
gboolean lists_check(const Check *c);
gboolean cells_check(const Check *c);
gboolean rules_check(Check *c);

/* --- peers.c ------------------------------------------------------------------------------------------------------ */

/* The marks of every listed pair again, from the disciplines in the audit file. */
gboolean marks_check(const Check *c);
