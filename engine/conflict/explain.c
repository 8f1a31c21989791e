/* explain.c - every reason for one pair, with both facts.
 *
 * Asked seldom and for one pair, so it reads the facts straight through instead of keeping an index: less to go wrong in
 * the answer that has to stand in an inquiry. The rules are those of the table; tests hold its verdicts against those of find.c.
 */
#include <stdlib.h>

#include "conflict-internal.h"

static const VeilInterval always = {VEIL_DAY_MIN, VEIL_DAY_MAX};

typedef struct {
	guint32 org;
	VeilFactRef ref;
} SideOrg;

typedef struct {
	const VeilFacts *facts;
	const VeilPolicy *policy;
	VeilDay as_of;
	const VeilCoin *coin;
	guint32 project, person;
	guint first_behind, end_behind; /* rows of project_people */
	GArray *side_orgs;		/* SideOrg: why an organisation is on the project side */
	GArray *reasons;
} Account;

#define AT(field, Type, i) veil_facts_at(a->facts->field, Type, i)

/* One reason for each rule in mask that belongs to the family. */
static void
add(Account *a, VeilFamily family, guint32 mask, guint kind, VeilFactRef expert, VeilFactRef project)
{
	for (guint i = 0; i < veil_conflict__n_rules; i++) {
		const VeilRuleRow *row = &veil_conflict__rules[i];
		VeilReason reason = {row->rule, expert, project, veil_conflict__window(a->policy, a->as_of, row)};

		if (row->family != family || !(mask & VEIL_RULE_BIT(row->rule)))
			continue;
		if ((family == VEIL_FAMILY_POST || family == VEIL_FAMILY_RELATION) && !(row->kinds >> kind & 1))
			continue;
		g_array_append_val(a->reasons, reason);
	}
}

static guint32
judge(const Account *a, VeilFamily family, guint kind, VeilInterval when)
{
	return veil_conflict__mask(a->policy, a->as_of, family, kind, when);
}

static VeilFactRef
ref(VeilFactKind kind, guint32 index, VeilInterval when)
{
	return (VeilFactRef){kind, index, when};
}

static const VeilFactRef no_fact = {VEIL_FACT_NONE, VEIL_NONE, {VEIL_DAY_MIN, VEIL_DAY_MAX}};

static gboolean
is_behind(const Account *a, guint32 person)
{
	for (guint i = a->first_behind; i < a->end_behind; i++)
		if (AT(project_people, VeilProjectPerson, i)->person == person)
			return TRUE;
	return FALSE;
}

static void
find_behind(Account *a)
{
	guint i = 0, n = a->facts->project_people->len;

	while (i < n && AT(project_people, VeilProjectPerson, i)->project < a->project)
		i++;
	a->first_behind = i;
	while (i < n && AT(project_people, VeilProjectPerson, i)->project == a->project)
		i++;
	a->end_behind = i;
}

static void
add_side_org(Account *a, guint32 org, VeilFactRef why)
{
	SideOrg side = {org, why};

	g_array_append_val(a->side_orgs, side);
}

static void
find_side_orgs(Account *a)
{
	for (guint i = 0; i < a->facts->project_orgs->len; i++)
		if (AT(project_orgs, VeilProjectOrg, i)->project == a->project)
			add_side_org(a, AT(project_orgs, VeilProjectOrg, i)->org, ref(VEIL_FACT_PROJECT_ORG, i, always));
	for (guint i = a->first_behind; i < a->end_behind; i++)
		if (AT(project_people, VeilProjectPerson, i)->org != VEIL_NONE)
			add_side_org(a, AT(project_people, VeilProjectPerson, i)->org, ref(VEIL_FACT_PROJECT_PERSON, i, always));
	for (guint i = 0; i < a->facts->posts->len; i++) {
		const VeilPost *post = AT(posts, VeilPost, i);

		if (veil_conflict__is_current_work(post, a->as_of) && is_behind(a, post->person))
			add_side_org(a, post->org, ref(VEIL_FACT_POST, i, post->when));
	}
}

static void
explain_people(Account *a)
{
	for (guint i = a->first_behind; i < a->end_behind; i++)
		if (AT(project_people, VeilProjectPerson, i)->person == a->person)
			add(a, VEIL_FAMILY_BEHIND, judge(a, VEIL_FAMILY_BEHIND, 0, always), 0, no_fact, ref(VEIL_FACT_PROJECT_PERSON, i, always));
	for (guint i = 0; i < a->facts->project_excludes->len; i++) {
		const VeilProjectExclude *e = AT(project_excludes, VeilProjectExclude, i);

		if (e->project == a->project && e->person == a->person)
			add(a, VEIL_FAMILY_EXCLUDE, judge(a, VEIL_FAMILY_EXCLUDE, 0, always), 0, no_fact,
			    ref(VEIL_FACT_PROJECT_EXCLUDE, i, always));
	}
}

static void
explain_relations(Account *a)
{
	gboolean behind = is_behind(a, a->person);

	for (guint i = 0; i < a->facts->relations->len; i++) {
		const VeilRelation *r = AT(relations, VeilRelation, i);
		guint32 other = r->a == a->person ? r->b : r->a, mask;

		if (r->a != a->person && r->b != a->person)
			continue;
		mask = judge(a, VEIL_FAMILY_RELATION, r->kind, r->when);
		if (behind)
			mask &= ~VEIL_RULE_BIT(VEIL_RULE_C13);
		for (guint j = a->first_behind; j < a->end_behind; j++)
			if (AT(project_people, VeilProjectPerson, j)->person == other)
				add(a, VEIL_FAMILY_RELATION, mask, r->kind, ref(VEIL_FACT_RELATION, i, r->when),
				    ref(VEIL_FACT_PROJECT_PERSON, j, always));
	}
}

static void
meet_side_orgs(Account *a, VeilFamily family, guint32 mask, guint kind, guint32 org, VeilFactRef expert)
{
	for (guint i = 0; mask && i < a->side_orgs->len; i++) {
		const SideOrg *side = &g_array_index(a->side_orgs, SideOrg, i);

		if (side->org == org)
			add(a, family, mask, kind, expert, side->ref);
	}
}

static void
explain_orgs(Account *a)
{
	for (guint i = 0; i < a->facts->posts->len; i++) {
		const VeilPost *post = AT(posts, VeilPost, i);

		if (post->person == a->person)
			meet_side_orgs(a, VEIL_FAMILY_POST, judge(a, VEIL_FAMILY_POST, post->kind, post->when), post->kind, post->org,
				       ref(VEIL_FACT_POST, i, post->when));
	}
	for (guint i = 0; i < a->facts->avoids->len; i++) {
		const VeilAvoid *avoid = AT(avoids, VeilAvoid, i);

		if (avoid->person == a->person)
			meet_side_orgs(a, VEIL_FAMILY_AVOID, judge(a, VEIL_FAMILY_AVOID, 0, always), 0, avoid->org,
				       ref(VEIL_FACT_AVOID, i, always));
	}
}

/* Rows [first, end) are one work in which the expert has a share. */
static void
explain_work(Account *a, guint first, guint end)
{
	const int cap = a->policy->rules[VEIL_RULE_C13].max_authors;
	VeilInterval hull = AT(authorships, VeilAuthorship, first)->when;
	int authors = 1;
	guint32 mask;

	for (guint i = first + 1; i < end; i++) {
		const VeilAuthorship *row = AT(authorships, VeilAuthorship, i);

		hull.since = MIN(hull.since, row->when.since);
		hull.until = MAX(hull.until, row->when.until);
		authors += row->person != AT(authorships, VeilAuthorship, i - 1)->person;
	}
	mask = judge(a, VEIL_FAMILY_WORK, 0, hull);
	if (mask == 0 || (cap > 0 && authors > cap))
		return;
	for (guint i = first; i < end; i++)
		for (guint j = first; j < end; j++) {
			const VeilAuthorship *mine = AT(authorships, VeilAuthorship, i), *theirs = AT(authorships, VeilAuthorship, j);

			if (mine->person == a->person && is_behind(a, theirs->person))
				add(a, VEIL_FAMILY_WORK, mask, 0, ref(VEIL_FACT_AUTHORSHIP, i, mine->when),
				    ref(VEIL_FACT_AUTHORSHIP, j, theirs->when));
		}
}

static void
explain_works(Account *a)
{
	guint end, n = a->facts->authorships->len;

	if (is_behind(a, a->person))
		return;
	for (guint first = 0; first < n; first = end) {
		gboolean his = FALSE;

		for (end = first; end < n && AT(authorships, VeilAuthorship, end)->work == AT(authorships, VeilAuthorship, first)->work; end++)
			his |= AT(authorships, VeilAuthorship, end)->person == a->person;
		if (his)
			explain_work(a, first, end);
	}
}

static void
explain_bans(Account *a)
{
	for (guint i = 0; i < a->facts->bans->len; i++) {
		const VeilBan *ban = AT(bans, VeilBan, i);

		if (ban->person == a->person)
			add(a, VEIL_FAMILY_BAN, judge(a, VEIL_FAMILY_BAN, 0, ban->when), 0, ref(VEIL_FACT_BAN, i, ban->when), no_fact);
	}
}

/* His own row behind another project, and the row of each in this project to whom he lost. */
static void
explain_seekers(Account *a)
{
	g_autofree gboolean *seeks = NULL;
	guint32 mask = judge(a, VEIL_FAMILY_SEEKER, 0, always), own = 0;

	if (mask == 0 || a->coin == NULL || is_behind(a, a->person))
		return;
	seeks = veil_conflict__seekers(a->facts, a->policy, a->as_of);
	if (!seeks[a->person])
		return;
	while (AT(project_people, VeilProjectPerson, own)->person != a->person)
		own++;
	for (guint i = a->first_behind; i < a->end_behind; i++) {
		guint32 other = AT(project_people, VeilProjectPerson, i)->person;

		if (seeks[other] && veil_conflict__loses(a->coin, a->person, other))
			add(a, VEIL_FAMILY_SEEKER, mask, 0, ref(VEIL_FACT_PROJECT_PERSON, own, always), ref(VEIL_FACT_PROJECT_PERSON, i, always));
	}
}

#define BY(x, y)                                                                                                                  \
	do {                                                                                                                      \
		if ((x) != (y))                                                                                                   \
			return (x) < (y) ? -1 : 1;                                                                                \
	} while (0)

static gint
by_rule_then_facts(gconstpointer px, gconstpointer py)
{
	const VeilReason *x = px, *y = py;

	BY(x->rule, y->rule);
	BY(x->expert_side.kind, y->expert_side.kind);
	BY(x->expert_side.index, y->expert_side.index);
	BY(x->project_side.kind, y->project_side.kind);
	BY(x->project_side.index, y->project_side.index);
	return 0;
}

GArray *
veil_conflict_explain(const VeilFacts *facts, const VeilPolicy *policy, VeilDay as_of, const VeilCoin *coin, guint32 project, guint32 person)
{
	GArray *reasons = g_array_new(FALSE, FALSE, sizeof(VeilReason));
	Account account = {.facts = facts, .policy = policy, .as_of = as_of, .coin = coin, .project = project, .person = person, .reasons = reasons};

	g_return_val_if_fail(project < facts->projects->len && person < facts->persons->len, reasons);
	if (!veil_facts_at(facts->persons, VeilPerson, person)->in_pool)
		return reasons;
	account.side_orgs = g_array_new(FALSE, FALSE, sizeof(SideOrg));
	find_behind(&account);
	find_side_orgs(&account);
	explain_people(&account);
	explain_relations(&account);
	explain_orgs(&account);
	explain_works(&account);
	explain_bans(&account);
	explain_seekers(&account);
	g_array_unref(account.side_orgs);
	g_array_sort(reasons, by_rule_then_facts);
	return reasons;
}
