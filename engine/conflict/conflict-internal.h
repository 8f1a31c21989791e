/* conflict-internal.h - the table of rules, shared by the search over all pairs and by the account of one. */
#pragma once

#include <veil/conflict.h>

/* Which facts of an expert a rule looks at, and what on the project side they must meet. */
typedef enum {
	VEIL_FAMILY_BEHIND,   /* the expert is behind the project */
	VEIL_FAMILY_RELATION, /* a relation with somebody behind it */
	VEIL_FAMILY_POST,     /* a post at an organisation of the project side */
	VEIL_FAMILY_WORK,     /* a work shared with somebody behind it */
	VEIL_FAMILY_EXCLUDE,  /* the project names him */
	VEIL_FAMILY_AVOID,    /* he avoids an organisation of the project side */
	VEIL_FAMILY_BAN,      /* no project side */
	VEIL_FAMILY_SEEKER,   /* stands behind another project, and a coin decides */
} VeilFamily;

typedef enum {
	VEIL_WHEN_ANY,	  /* the fact has no days */
	VEIL_WHEN_NOW,	  /* holds as_of */
	VEIL_WHEN_WINDOW, /* overlaps the window */
	VEIL_WHEN_FORMER, /* overlaps the window and does not hold as_of */
} VeilWhen;

typedef struct {
	VeilRuleId rule;
	VeilFamily family;
	guint kinds; /* bits of VeilPostKind or VeilRelationKind; ignored by the other families */
	VeilWhen when;
} VeilRuleRow;

extern const VeilRuleRow veil_conflict__rules[];
extern const guint veil_conflict__n_rules;

/* Posts that make an organisation the employer of the person who holds them. */
#define VEIL_POSTS_OF_WORK                                                                                                        \
	(1u << VEIL_POST_EMPLOYEE | 1u << VEIL_POST_ADJUNCT | 1u << VEIL_POST_HEAD | 1u << VEIL_POST_EMPLOYER)

#define VEIL_RULE_BIT(rule) (1u << (rule))

static inline gboolean
veil_interval_holds(VeilInterval when, VeilDay day)
{
	return when.since <= day && day <= when.until;
}

/* The enabled rules of a family that a fact of this kind and these days satisfies on the expert's side. */
guint32 veil_conflict__mask(const VeilPolicy *policy, VeilDay as_of, VeilFamily family, guint kind, VeilInterval when);
/* What the rule looks at: a window, one day, or all time. */
VeilInterval veil_conflict__window(const VeilPolicy *policy, VeilDay as_of, const VeilRuleRow *row);
/* Whether a post adds its organisation to the project side of a project its holder is behind. */
gboolean veil_conflict__is_current_work(const VeilPost *post, VeilDay as_of);

/* R05. Persons who are eligible and stand behind a project. (transfer full) */
gboolean *veil_conflict__seekers(const VeilFacts *facts, const VeilPolicy *policy, VeilDay as_of);
/* Whether the coin closes to e the projects that f stands behind; exactly one of the two directions is closed. */
gboolean veil_conflict__loses(const VeilCoin *coin, guint32 e, guint32 f);
