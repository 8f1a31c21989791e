/* rules.c - the rules as a table.
 *
 * A rule is a line: which facts of the expert, of which kinds, and how their days must lie. What on the project side they meet
 * follows from the family. Severity, window and citation are the policy's. A new rule over facts we have is a new line here
 * and a new name in veil/policy.h; docs/design/conflicts.md has the same table in words.
 */
#include "conflict-internal.h"

#define POST(kind) (1u << VEIL_POST_##kind)
#define RELATION(kind) (1u << VEIL_RELATION_##kind)

/* clang-format off */
const VeilRuleRow veil_conflict__rules[] = {
	{VEIL_RULE_C01, VEIL_FAMILY_BEHIND,   0,                      VEIL_WHEN_ANY},
	{VEIL_RULE_C02, VEIL_FAMILY_RELATION, RELATION(KIN),          VEIL_WHEN_WINDOW},
	{VEIL_RULE_C04, VEIL_FAMILY_POST,     VEIL_POSTS_OF_WORK,     VEIL_WHEN_NOW},
	/* An employer cell is current by definition: it cannot be a former post. */
	{VEIL_RULE_C05, VEIL_FAMILY_POST,     VEIL_POSTS_OF_WORK & ~POST(EMPLOYER), VEIL_WHEN_FORMER},
	{VEIL_RULE_C06, VEIL_FAMILY_POST,     POST(DIRECTOR),         VEIL_WHEN_WINDOW},
	{VEIL_RULE_C07, VEIL_FAMILY_POST,     POST(SHAREHOLDER),      VEIL_WHEN_WINDOW},
	{VEIL_RULE_C09, VEIL_FAMILY_POST,     POST(ADVISER),          VEIL_WHEN_WINDOW},
	{VEIL_RULE_C12, VEIL_FAMILY_RELATION, RELATION(ADVISOR),      VEIL_WHEN_WINDOW},
	{VEIL_RULE_C13, VEIL_FAMILY_RELATION, RELATION(COLLABORATOR), VEIL_WHEN_WINDOW},
	{VEIL_RULE_C13, VEIL_FAMILY_WORK,     0,                      VEIL_WHEN_WINDOW},
	{VEIL_RULE_C16, VEIL_FAMILY_RELATION, RELATION(NOMINATOR),    VEIL_WHEN_WINDOW},
	{VEIL_RULE_C17, VEIL_FAMILY_RELATION, RELATION(DISPUTE),      VEIL_WHEN_WINDOW},
	{VEIL_RULE_C18, VEIL_FAMILY_EXCLUDE,  0,                      VEIL_WHEN_ANY},
	{VEIL_RULE_C19, VEIL_FAMILY_AVOID,    0,                      VEIL_WHEN_ANY},
	{VEIL_RULE_E04, VEIL_FAMILY_BAN,      0,                      VEIL_WHEN_NOW},
	{VEIL_RULE_R05, VEIL_FAMILY_SEEKER,   0,                      VEIL_WHEN_ANY},
};
/* clang-format on */
const guint veil_conflict__n_rules = G_N_ELEMENTS(veil_conflict__rules);

VeilInterval
veil_conflict__window(const VeilPolicy *policy, VeilDay as_of, const VeilRuleRow *row)
{
	switch (row->when) {
	case VEIL_WHEN_NOW:
		return (VeilInterval){as_of, as_of};
	case VEIL_WHEN_WINDOW:
	case VEIL_WHEN_FORMER:
		return veil_window(as_of, policy->rules[row->rule].window_months);
	case VEIL_WHEN_ANY:
		break;
	}
	return (VeilInterval){VEIL_DAY_MIN, VEIL_DAY_MAX};
}

static gboolean
holds(const VeilPolicy *policy, VeilDay as_of, const VeilRuleRow *row, guint kind, VeilInterval when)
{
	if (row->family == VEIL_FAMILY_POST || row->family == VEIL_FAMILY_RELATION)
		if (!(row->kinds >> kind & 1))
			return FALSE;
	if (!veil_interval_overlaps(when, veil_conflict__window(policy, as_of, row)))
		return FALSE;
	return row->when != VEIL_WHEN_FORMER || !veil_interval_holds(when, as_of);
}

guint32
veil_conflict__mask(const VeilPolicy *policy, VeilDay as_of, VeilFamily family, guint kind, VeilInterval when)
{
	guint32 mask = 0;

	for (guint i = 0; i < veil_conflict__n_rules; i++) {
		const VeilRuleRow *row = &veil_conflict__rules[i];

		if (row->family == family && policy->rules[row->rule].enabled && holds(policy, as_of, row, kind, when))
			mask |= VEIL_RULE_BIT(row->rule);
	}
	return mask;
}

gboolean
veil_conflict__is_current_work(const VeilPost *post, VeilDay as_of)
{
	return (VEIL_POSTS_OF_WORK >> post->kind & 1) && veil_interval_holds(post->when, as_of);
}
