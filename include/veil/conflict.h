/* veil/conflict.h - rules over facts give reasons.
 *
 * Pure: no clock, no database, no names. A pair is excluded when an enabled rule of severity forbid or forbid* holds.
 * Rules and their defaults: RULES 1 and 2; definitions (window, overlap, equality): RULES 0.
 * - Project side: everyone behind the project, its unit, its partners, the employers its people rows name, and the current
 *   posts of those people.
 * - A person behind the project gets C01 and no C13; every other rule is listed beside.
 * - C04: a current post (interval holds as_of; unknown end = ongoing) of kind employee, adjunct, head or employer, same organisation.
 * - C05: such a post that ended inside the window and does not hold as_of.
 * - C13: a work both share, or a relation `collaborator`, whose interval overlaps the window. A work's interval is the hull of its rows'.
 * - R05: of two eligible persons who stand behind projects, the coin closes to one the projects of the other; not for somebody behind the project himself.
 * - C12 either direction, window -1. C18 project_excludes. C19 avoids. E04: a ban holds as_of; excludes from the whole batch.
 */
#pragma once

#include <veil/facts.h>
#include <veil/policy.h>

G_BEGIN_DECLS

typedef struct {
	guint32 person;
	guint32 mask; /* bit VeilRuleId */
} VeilExclusion;

typedef struct {
	guint32 n_projects;
	guint64 *offset;	 /* n_projects + 1 */
	VeilExclusion *pairs;	 /* per project ascending person; only persons in the pool; E04 not repeated here */
	VeilExclusion *flags;	 /* pairs that only rules of severity flag touch, same shape */
	guint64 *flag_offset;
	VeilExclusion *everywhere; /* batch-wide (E04), ascending person */
	guint32 n_everywhere;
} VeilExclusions;

/* What the coin of R05 is thrown with. Nobody has both before the freeze; with the audit file everybody does. */
typedef struct {
	const char *freeze_id;
	const char *const *code; /* by person: the auditor's code; may be NULL for persons behind no project */
} VeilCoin;

/**
 * veil_conflict_find:
 * coin is needed where R05 is on [FAILED], else nullable.
 * Cost: linear in the facts plus the pairs found; R05: a digest for each two who stand behind projects. Determinism: facts, rules, as_of; not the number of threads.
 */
VeilExclusions *veil_conflict_find(const VeilFacts *facts, const VeilPolicy *policy, VeilDay as_of, const VeilCoin *coin, GError **error);
void veil_exclusions_free(VeilExclusions *exclusions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilExclusions, veil_exclusions_free)

typedef enum {
	VEIL_FACT_PROJECT_PERSON, VEIL_FACT_PROJECT_ORG, VEIL_FACT_PROJECT_EXCLUDE, VEIL_FACT_POST,
	VEIL_FACT_AUTHORSHIP, VEIL_FACT_RELATION, VEIL_FACT_BAN, VEIL_FACT_AVOID, VEIL_FACT_NONE
} VeilFactKind;

/* One side of a reason: which fact, and the days it covers. index is into the array of that kind in VeilFacts. */
typedef struct {
	VeilFactKind kind;
	guint32 index;
	VeilInterval when;
} VeilFactRef;

typedef struct {
	VeilRuleId rule;
	VeilFactRef expert_side, project_side; /* both facts; for C01 only the project side is set */
	VeilInterval window;	/* what the rule looked at */
} VeilReason;

/* Every reason for one pair: (transfer full) GArray of VeilReason, sorted by rule, then facts. Empty when allowed. */
GArray *veil_conflict_explain(const VeilFacts *facts, const VeilPolicy *policy, VeilDay as_of, const VeilCoin *coin, guint32 project, guint32 person);

G_END_DECLS
