/* demo.h - the invented world from which veil-demo writes its lists.
 *
 * The generator knows every fact it writes, so it can also say what a correct freeze must find (answer.c), with code of
 * its own: days are plain numbers 20260301, intervals two of them, nothing is shared with the engine but GLib.
 *
 * Everything follows from the seed: one splitmix64 stream for each part, so that a change in one part
 * leaves the others as they were. No clock, no locale, no floating point: the same bytes on every machine.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

#define DEMO_AS_OF 20260301
#define DEMO_WINDOW 20230301 /* 36 months before */
#define DEMO_NONE G_MAXUINT32

/* --- words --- */

typedef struct {
	const char *code, *name;
	const char *terms; /* separated by |, leaves only */
} DemoField;

extern const DemoField demo_fields[];
extern const gsize demo_n_fields;
extern const char *const demo_surnames[], *const demo_given[], *const demo_foreign[];
extern const char *const demo_place_first[], *const demo_place_second[], *const demo_provinces[];
extern const gsize demo_n_surnames, demo_n_given, demo_n_foreign, demo_n_place_first, demo_n_place_second, demo_n_provinces;

/* --- chance (rng.c) --- */

typedef struct {
	guint64 state;
} DemoRng;

DemoRng demo_rng(guint64 seed, const char *part);
guint64 demo_next(DemoRng *rng);
guint32 demo_below(DemoRng *rng, guint32 n); /* 0 .. n-1 */
gboolean demo_chance(DemoRng *rng, guint32 percent);
guint32 demo_between(DemoRng *rng, guint32 low, guint32 high); /* both included */

/* --- the world --- */

/* A date as it is written, and the days it covers; an empty text is an unknown side. */
typedef struct {
	char text[16];
	int low, high;
} DemoDate;

typedef struct {
	DemoDate since, until;
} DemoSpan;

typedef enum { DEMO_UNIVERSITY, DEMO_INSTITUTE, DEMO_HOSPITAL, DEMO_COMPANY, DEMO_FIRM, DEMO_N_ORG_KINDS } DemoOrgKind;

typedef struct {
	char *code, *name, *english;
	char *aliases[3];
	guint n_aliases;
	guint parent;
	DemoOrgKind kind;
	const char *province;
	char *city;
	gboolean listed; /* FALSE: appears only as free text */
	guint leaves[8];
	guint n_leaves;
	guint64 weight; /* of its number of experts */
	GArray *members; /* guint: experts whose employer it is */
} DemoOrg;

typedef struct {
	char id[12];
	char *name, *pinyin;
	gboolean expert;
	guint org, leaf, second_leaf; /* second_leaf may be DEMO_NONE */
	guint kind, rank;
	int max_load; /* -1: the policy's */
	guint avoid[2];
	guint n_avoid;
	guint8 spelling; /* DemoSpelling of the employer's cell */
	gboolean quiet;	 /* never behind a project: holds posts whose rules the standard policy leaves off */
} DemoPerson;

typedef enum { DEMO_EMPLOYEE, DEMO_ADJUNCT, DEMO_DIRECTOR, DEMO_ADVISER, DEMO_SHAREHOLDER, DEMO_HEAD } DemoPostKind;

typedef struct {
	guint person, org;
	DemoPostKind kind;
	DemoSpan when;
} DemoPost;

typedef struct {
	guint work, person;
	DemoDate date;
} DemoAuthorship;

typedef struct {
	guint leaf;
	char *title;
	const char *kind;
	guint first, n; /* rows in authorships */
	int low, high;	/* hull of the rows' dates */
} DemoWork;

typedef enum { DEMO_KIN, DEMO_ADVISOR, DEMO_COLLABORATOR } DemoRelationKind;

typedef struct {
	DemoRelationKind kind;
	guint a, b;
	DemoSpan when;
} DemoRelation;

typedef struct {
	guint person;
	DemoSpan when;
} DemoBan;

typedef struct {
	guint person;
	gboolean named_only; /* no id in the row */
	gboolean applicant;
	gboolean wide; /* the id is typed in full-width digits */
	guint org; /* as the row says, DEMO_NONE when the cell is empty */
} DemoBehind;

typedef struct {
	char id[16];
	char *title, *abstract, *keywords;
	guint leaf, second_leaf, unit;
	guint partners[2];
	guint n_partners;
	DemoBehind people[6];
	guint n_people;
	guint exclude[3];
	gboolean exclude_by_name[3]; /* name@organisation */
	guint n_exclude;
	guint amount;
} DemoProject;

/* A conflict that was put there on purpose, with the trick. */
typedef struct {
	guint project, person;
	const char *rule; /* "" : must not be a conflict by this fact */
	const char *how;
} DemoPlant;

typedef struct {
	guint64 seed;
	guint n_experts, n_projects;
	GArray *orgs, *persons, *posts, *authorships, *works, *relations, *bans, *projects, *plants;
	GArray *leaves; /* guint: indexes of demo_fields */
	GArray **by_leaf; /* experts of each leaf, by position in leaves */
	GHashTable *names; /* name -> number of bearers */
} DemoWorld;

#define demo_at(array, Type, i) (&g_array_index((array), Type, (i)))

/* Each fills its part; the order is this one. */
void demo_make_orgs(DemoWorld *world);
void demo_make_persons(DemoWorld *world);
void demo_make_facts(DemoWorld *world);
void demo_make_projects(DemoWorld *world);
void demo_plant(DemoWorld *world); /* plants.c */

DemoWorld *demo_world_new(guint64 seed, guint n_experts, guint n_projects);
void demo_world_free(DemoWorld *world);

/* words.c */
char *demo_keywords(DemoRng *rng, guint leaf, guint n); /* n <= 6 different terms of the leaf */
char *demo_title(DemoRng *rng, guint leaf);
char *demo_profile(DemoRng *rng, guint leaf, guint second_leaf);
char *demo_abstract(DemoRng *rng, guint leaf);
char *demo_hanzi(const char *entry); /* "王" of "王 wang" */
const char *demo_pinyin(const char *entry);
char *demo_wide(const char *text); /* full-width letters and digits */

/* dates.c */
DemoDate demo_date_none(void);
DemoDate demo_date_year(int year);
DemoDate demo_date_month(int year, int month);
DemoDate demo_date_day(int year, int month, int day);
/* Random, of random precision and spelling. */
DemoDate demo_date_random(DemoRng *rng, int first_year, int last_year);

/* Spellings of an organisation that mean the same (orgs.c). */
typedef enum {
	DEMO_SPELL_NAME, DEMO_SPELL_ALIAS, DEMO_SPELL_WIDE, DEMO_SPELL_UPPER, DEMO_SPELL_DECOMPOSED, DEMO_SPELL_PADDED, DEMO_SPELL_ANY
} DemoSpelling;
char *demo_spell_org(DemoRng *rng, const DemoOrg *org);
char *demo_spell_org_as(const DemoOrg *org, DemoSpelling spelling);

/* codes.c: numbers with valid check characters that nobody can have */
char *demo_id_number(DemoRng *rng, guint serial, int birth_year);
char *demo_org_code(guint serial);
char *demo_orcid(guint serial);

/* For facts.c, projects.c, plants.c. */
guint demo_random_member(DemoRng *rng, const DemoOrg *org); /* DEMO_NONE if it has none */
guint demo_random_peer(const DemoWorld *world, DemoRng *rng, guint leaf);
guint demo_random_outsider(const DemoWorld *world, DemoRng *rng);
guint demo_random_org(const DemoWorld *world, DemoRng *rng);
gboolean demo_name_is_unique(const DemoWorld *world, const char *name);
void demo_add_post(DemoWorld *world, guint person, guint org, DemoPostKind kind, DemoDate since, DemoDate until);
void demo_add_work(DemoWorld *world, DemoRng *rng, guint leaf, const guint *persons, const DemoDate *dates, guint n);

/* csv.c */
typedef struct DemoCsv DemoCsv;
typedef enum { DEMO_PLAIN = 0, DEMO_BOM = 1, DEMO_CRLF = 2, DEMO_GB18030 = 4, DEMO_GZIP = 8 } DemoCsvFlags;
DemoCsv *demo_csv_open(const char *folder, const char *name, guint flags, const char *const *header);
void demo_csv_cell(DemoCsv *csv, const char *text); /* NULL: empty */
void demo_csv_take(DemoCsv *csv, char *text);	    /* (transfer full) */
void demo_csv_end(DemoCsv *csv);
gboolean demo_csv_close(DemoCsv *csv, GError **error);
gboolean demo_write_text(const char *folder, const char *name, const char *text, GError **error);

/* lists.c, answer.c */
gboolean demo_write_lists(const DemoWorld *world, const char *folder, GError **error);
gboolean demo_write_answer(const DemoWorld *world, const char *folder, GError **error);
