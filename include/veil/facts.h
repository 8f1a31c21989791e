/* veil/facts.h - the facts a batch is judged by, in memory, without a name.
 *
 * Persons, organisations, projects are dense indexes 0..n-1 in the order of their random ids (or, when read from an
 * audit file, of their codes), so that no order tells when somebody was entered. Filled by db/ from the registry or
 * from an audit file; read by engine/conflict. Both sources give the same verdicts.
 *
 * Blinding: pseudonymous. No text of a person or an employer is in here.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_NONE G_MAXUINT32

typedef enum { /* never renumber: stored */
	VEIL_POST_EMPLOYEE,
	VEIL_POST_ADJUNCT,
	VEIL_POST_DIRECTOR,
	VEIL_POST_ADVISER,
	VEIL_POST_SHAREHOLDER,
	VEIL_POST_HEAD,
	VEIL_POST_EMPLOYER, /* the `organisation` cell of an expert, or of a row of people: current, dates unknown */
	VEIL_N_POSTS
} VeilPostKind;

typedef enum {
	VEIL_RELATION_KIN,
	VEIL_RELATION_ADVISOR,
	VEIL_RELATION_COLLABORATOR,
	VEIL_RELATION_DISPUTE,
	VEIL_RELATION_NOMINATOR,
	VEIL_N_RELATIONS
} VeilRelationKind;

typedef enum { VEIL_PERSON_APPLICANT, VEIL_PERSON_PARTICIPANT } VeilPersonRole;
typedef enum { VEIL_ORG_UNIT, VEIL_ORG_PARTNER } VeilOrgRole;

typedef struct {
	VeilId id;
	gboolean in_pool;  /* an expert, not a stub */
	gboolean active;   /* status allows drawing him at all */
	gint32 max_load;   /* -1: the policy's */
	guint32 province, rank, kind; /* index into labels, VEIL_NONE when unknown */
	guint32 city;	   /* index into cities, VEIL_NONE when unknown */
} VeilPerson;

typedef struct {
	VeilId id;
	guint32 parent; /* org or VEIL_NONE */
} VeilOrg;

typedef struct {
	guint32 person, org;
	VeilPostKind kind;
	VeilInterval when;
} VeilPost;

/* One person's share in one work. Rows of one work are adjacent: works are runs of equal `work`. */
typedef struct {
	guint32 work, person;
	VeilInterval when;
} VeilAuthorship;

typedef struct {
	VeilRelationKind kind;
	guint32 a, b;
	VeilInterval when;
} VeilRelation;

typedef struct {
	guint32 person;
	VeilInterval when;
} VeilBan;

typedef struct {
	guint32 person, org;
} VeilAvoid;

typedef struct {
	VeilId id;
	guint32 province; /* label or VEIL_NONE */
	gint32 demand;	  /* -1: the policy's */
	guint32 project_class; /* label or VEIL_NONE */
	gboolean has_team;     /* the list of projects names a team */
	VeilId team;	       /* token of its name */
} VeilProject;

typedef struct {
	guint32 project, person;
	VeilPersonRole role;
	guint32 org; /* employer as the row of people says, or VEIL_NONE */
} VeilProjectPerson;

typedef struct {
	guint32 project, org;
	VeilOrgRole role;
} VeilProjectOrg;

typedef struct {
	guint32 project, person;
} VeilProjectExclude;

typedef struct {
	GArray *persons;  /* VeilPerson */
	GArray *orgs;	  /* VeilOrg */
	GArray *posts;	  /* VeilPost, sorted by person */
	GArray *authorships; /* VeilAuthorship, sorted by work, then person */
	guint32 n_works;
	GArray *relations; /* VeilRelation */
	GArray *bans;	  /* VeilBan */
	GArray *avoids;	  /* VeilAvoid */
	GArray *projects; /* VeilProject */
	GArray *project_people;	  /* VeilProjectPerson, sorted by project */
	GArray *project_orgs;	  /* VeilProjectOrg, sorted by project */
	GArray *project_excludes; /* VeilProjectExclude, sorted by project */
	GPtrArray *labels; /* char*: coarse attribute values (province, rank, kind) and classes of projects */
	GArray *cities;	   /* VeilId: tokens of names of cities */
} VeilFacts;

VeilFacts *veil_facts_new(void);
void veil_facts_free(VeilFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilFacts, veil_facts_free)
/* Sorts every array as promised above and checks every index; VEIL_ERROR_FAILED names the array that breaks the rule. */
gboolean veil_facts_finish(VeilFacts *facts, GError **error);

#define veil_facts_at(array, Type, i) (&g_array_index((array), Type, (i)))

/* The other half: what affinity reads. Rows are persons of VeilFacts (same index) and projects of VeilFacts. */
typedef struct {
	guint64 term; /* keyed hash of a word: says nothing without the registry's token key */
	guint32 weight; /* occurrences x field weight */
} VeilTermCount;

typedef struct {
	guint32 node;	      /* index into parent[] */
	guint32 weight_micro; /* the expert's own weight of this discipline, 1,000,000 = 1 */
} VeilDisciplineWeight;

typedef struct {
	/* CSR: terms of person i are person_terms[person_offset[i] .. person_offset[i+1]), ascending term. veil_features_new
	 * puts the first 0 into each offset array; whoever fills a row appends its end. */
	GArray *person_offset, *person_terms;	/* guint64, VeilTermCount */
	GArray *project_offset, *project_terms; /* guint64, VeilTermCount */
	GArray *person_disc_offset, *person_disc;   /* guint64, VeilDisciplineWeight */
	GArray *project_disc_offset, *project_disc; /* guint64, VeilDisciplineWeight */
	GArray *discipline_parent; /* guint32: parent node or VEIL_NONE */
} VeilFeatures;

VeilFeatures *veil_features_new(void);
void veil_features_free(VeilFeatures *features);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilFeatures, veil_features_free)

G_END_DECLS
