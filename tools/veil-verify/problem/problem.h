/* problem.h - one problem, whether it came from published lists or from a batch file, and what is said to solve it. */
#pragma once

#include "base/base.h"

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

/* --- instance.c: the problem, whether it came from published lists or from a batch file --------------------------- */

#define NONE G_MAXUINT32
#define MAX_PRICE (G_GINT64_CONSTANT(1) << 61)
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

/* --- certificate.c ------------------------------------------------------------------------------------------------ */

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
