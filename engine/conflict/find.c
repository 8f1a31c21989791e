/* find.c - all excluded pairs of a batch.
 *
 * Each fact is judged once, for the whole batch: does a post, a relation, a work satisfy some rule on the expert's side? Those that do
 * go into lists by what they can meet (by organisation, by person, by work). A project then only walks the lists of its own
 * organisations and people and ORs masks into one row of persons; two levels of bits say which entries are set, so a row is read
 * in ascending order without sorting and without looking at the rest.
 *
 * Cost: linear in facts and pairs. Memory: the lists, one row, the answer; never experts x projects.
 */
#include <string.h>

#include "conflict-internal.h"

/* Compressed lists: items of key k are item[offset[k] .. offset[k + 1]). */
typedef struct {
	guint32 other, mask;
} Item;

typedef struct {
	guint32 *offset;
	Item *items;
} Lists;

typedef struct {
	const VeilFacts *facts;
	const VeilPolicy *policy;
	VeilDay as_of;
	Lists at_org;	    /* org -> experts with a mask of post and avoid rules */
	Lists related;	    /* person -> the other end of a relation */
	Lists works;	    /* person -> first row of each work inside the window, mask */
	Lists current_orgs; /* person -> organisations of his current posts */
	guint32 c01, c18, r05; /* bit, or 0 when disabled */
	const VeilCoin *coin;
	gboolean *seeks;	/* R05: by person */
	guint32 *seeker;	/* the same as a list, ascending */
	guint32 n_seekers;
} Index;

#define AT(field, Type, i) veil_facts_at(x->facts->field, Type, i)

typedef struct {
	guint32 key;
	Item item;
} Entry;

static void
add(GArray *entries, guint32 key, guint32 other, guint32 mask)
{
	Entry entry = {key, {other, mask}};

	if (mask)
		g_array_append_val(entries, entry);
}

/* A counting sort of entries by key. */
static void
lists_build(Lists *lists, guint32 n_keys, GArray *entries)
{
	guint32 *at;

	lists->offset = g_new0(guint32, (gsize)n_keys + 2);
	lists->items = g_new(Item, entries->len);
	at = lists->offset + 1; /* shifted by one: filling moves each start to its end */
	for (guint i = 0; i < entries->len; i++)
		at[g_array_index(entries, Entry, i).key + 1]++;
	for (guint32 k = 0; k < n_keys; k++)
		at[k + 1] += at[k];
	for (guint i = 0; i < entries->len; i++) {
		const Entry *e = &g_array_index(entries, Entry, i);

		lists->items[at[e->key]++] = e->item;
	}
	g_array_unref(entries);
}

static GArray *
entries_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(Entry));
}

static guint32
judge(const Index *x, VeilFamily family, guint kind, VeilInterval when)
{
	return veil_conflict__mask(x->policy, x->as_of, family, kind, when);
}

static void
index_posts(Index *x)
{
	static const VeilInterval always = {VEIL_DAY_MIN, VEIL_DAY_MAX};
	GArray *at_org = entries_new(), *current = entries_new();

	for (guint i = 0; i < x->facts->posts->len; i++) {
		const VeilPost *post = AT(posts, VeilPost, i);

		if (veil_conflict__is_current_work(post, x->as_of))
			add(current, post->person, post->org, 1);
		if (AT(persons, VeilPerson, post->person)->in_pool)
			add(at_org, post->org, post->person, judge(x, VEIL_FAMILY_POST, post->kind, post->when));
	}
	for (guint i = 0; i < x->facts->avoids->len; i++) {
		const VeilAvoid *avoid = AT(avoids, VeilAvoid, i);

		if (AT(persons, VeilPerson, avoid->person)->in_pool)
			add(at_org, avoid->org, avoid->person, judge(x, VEIL_FAMILY_AVOID, 0, always));
	}
	lists_build(&x->at_org, x->facts->orgs->len, at_org);
	lists_build(&x->current_orgs, x->facts->persons->len, current);
}

static void
index_relations(Index *x)
{
	GArray *related = entries_new();

	for (guint i = 0; i < x->facts->relations->len; i++) {
		const VeilRelation *r = AT(relations, VeilRelation, i);
		guint32 mask = judge(x, VEIL_FAMILY_RELATION, r->kind, r->when);

		add(related, r->a, r->b, mask);
		if (r->a != r->b)
			add(related, r->b, r->a, mask);
	}
	lists_build(&x->related, x->facts->persons->len, related);
}

static guint
work_end(const VeilFacts *facts, guint first)
{
	guint end = first + 1;
	guint32 work = veil_facts_at(facts->authorships, VeilAuthorship, first)->work;

	while (end < facts->authorships->len && veil_facts_at(facts->authorships, VeilAuthorship, end)->work == work)
		end++;
	return end;
}

static void
index_works(Index *x)
{
	const int cap = x->policy->rules[VEIL_RULE_C13].max_authors;
	GArray *works = entries_new();
	guint end;

	for (guint first = 0; first < x->facts->authorships->len; first = end) {
		VeilInterval hull = AT(authorships, VeilAuthorship, first)->when;
		int authors = 0;
		guint32 mask;

		end = work_end(x->facts, first);
		for (guint i = first; i < end; i++) {
			const VeilAuthorship *row = AT(authorships, VeilAuthorship, i);

			hull.since = MIN(hull.since, row->when.since);
			hull.until = MAX(hull.until, row->when.until);
			authors += i == first || row->person != AT(authorships, VeilAuthorship, i - 1)->person;
		}
		mask = cap > 0 && authors > cap ? 0 : judge(x, VEIL_FAMILY_WORK, 0, hull);
		for (guint i = first; mask && i < end; i++)
			add(works, AT(authorships, VeilAuthorship, i)->person, first, mask);
	}
	lists_build(&x->works, x->facts->persons->len, works);
}

static void
lists_clear(Lists *lists)
{
	g_free(lists->offset);
	g_free(lists->items);
}

static void
index_seekers(Index *x)
{
	x->seeks = veil_conflict__seekers(x->facts, x->policy, x->as_of);
	x->seeker = g_new(guint32, x->facts->persons->len + 1);
	for (guint32 i = 0; i < x->facts->persons->len; i++)
		if (x->seeks[i])
			x->seeker[x->n_seekers++] = i;
}

static void
index_build(Index *x)
{
	x->r05 = x->policy->rules[VEIL_RULE_R05].enabled ? VEIL_RULE_BIT(VEIL_RULE_R05) : 0;
	if (x->r05)
		index_seekers(x);
	index_posts(x);
	index_relations(x);
	index_works(x);
	x->c01 = x->policy->rules[VEIL_RULE_C01].enabled ? VEIL_RULE_BIT(VEIL_RULE_C01) : 0;
	x->c18 = x->policy->rules[VEIL_RULE_C18].enabled ? VEIL_RULE_BIT(VEIL_RULE_C18) : 0;
}

static void
index_clear(Index *x)
{
	lists_clear(&x->at_org);
	lists_clear(&x->related);
	lists_clear(&x->works);
	lists_clear(&x->current_orgs);
	g_free(x->seeks);
	g_free(x->seeker);
}

/* One row of persons: masks, and two levels of bits for those that are not 0. */
typedef struct {
	guint32 *mask;
	guint64 *set, *summary;
	guint32 n_summary;
	guint32 *org_stamp; /* the last project (+ 1) that walked this organisation */
} Row;

#define BEHIND 0x80000000u /* a mark beside the rules' bits: C13 and R05 spare him */

static void
row_or(Row *row, guint32 person, guint32 mask)
{
	row->mask[person] |= mask;
	row->set[person >> 6] |= G_GUINT64_CONSTANT(1) << (person & 63);
	row->summary[person >> 12] |= G_GUINT64_CONSTANT(1) << (person >> 6 & 63);
}

static void
meet_org(const Index *x, Row *row, guint32 project, guint32 org)
{
	if (org == VEIL_NONE || row->org_stamp[org] == project + 1)
		return;
	row->org_stamp[org] = project + 1;
	for (guint32 i = x->at_org.offset[org]; i < x->at_org.offset[org + 1]; i++)
		row_or(row, x->at_org.items[i].other, x->at_org.items[i].mask);
}

static void
meet_person(const Index *x, Row *row, guint32 project, const VeilProjectPerson *behind)
{
	guint32 person = behind->person;

	row_or(row, person, x->c01 | BEHIND);
	for (guint32 i = 0; i < x->n_seekers && x->seeks[person]; i++)
		if (x->seeker[i] != person && veil_conflict__loses(x->coin, x->seeker[i], person))
			row_or(row, x->seeker[i], x->r05);
	meet_org(x, row, project, behind->org);
	for (guint32 i = x->current_orgs.offset[person]; i < x->current_orgs.offset[person + 1]; i++)
		meet_org(x, row, project, x->current_orgs.items[i].other);
	for (guint32 i = x->related.offset[person]; i < x->related.offset[person + 1]; i++)
		row_or(row, x->related.items[i].other, x->related.items[i].mask);
	for (guint32 i = x->works.offset[person]; i < x->works.offset[person + 1]; i++) {
		guint32 first = x->works.items[i].other, work = AT(authorships, VeilAuthorship, first)->work;

		for (guint j = first; j < x->facts->authorships->len && AT(authorships, VeilAuthorship, j)->work == work; j++)
			row_or(row, AT(authorships, VeilAuthorship, j)->person, x->works.items[i].mask);
	}
}

/* Reads the row in ascending order and leaves it empty. */
static void
row_take(const Index *x, Row *row, guint32 forbidding, GArray *pairs, GArray *flags)
{
	for (guint32 s = 0; s < row->n_summary; s++) {
		for (; row->summary[s]; row->summary[s] &= row->summary[s] - 1) {
			guint32 word = s << 6 | (guint32)__builtin_ctzll(row->summary[s]);

			for (; row->set[word]; row->set[word] &= row->set[word] - 1) {
				VeilExclusion e = {.person = word << 6 | (guint32)__builtin_ctzll(row->set[word])};

				e.mask = row->mask[e.person];
				row->mask[e.person] = 0;
				if (e.mask & BEHIND)
					e.mask &= ~(BEHIND | VEIL_RULE_BIT(VEIL_RULE_C13) | VEIL_RULE_BIT(VEIL_RULE_R05));
				if (e.mask == 0 || !AT(persons, VeilPerson, e.person)->in_pool)
					continue;
				if (e.mask & forbidding)
					g_array_append_val(pairs, e);
				else
					g_array_append_val(flags, e);
			}
		}
	}
}

static void
find_pairs(const Index *x, VeilExclusions *out)
{
	const VeilFacts *f = x->facts;
	guint32 n = f->persons->len, forbidding = 0;
	guint person = 0, org = 0, exclude = 0;
	GArray *pairs = g_array_new(FALSE, FALSE, sizeof(VeilExclusion)), *flags = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
	Row row = {g_new0(guint32, n), g_new0(guint64, n / 64 + 1), g_new0(guint64, n / 4096 + 1), n / 4096 + 1, g_new0(guint32, f->orgs->len)};

	for (guint r = 0; r < VEIL_N_RULES; r++)
		if (x->policy->rules[r].severity != VEIL_SEVERITY_FLAG)
			forbidding |= VEIL_RULE_BIT(r);
	for (guint32 p = 0; p < f->projects->len; p++) {
		for (; person < f->project_people->len && AT(project_people, VeilProjectPerson, person)->project == p; person++)
			meet_person(x, &row, p, AT(project_people, VeilProjectPerson, person));
		for (; org < f->project_orgs->len && AT(project_orgs, VeilProjectOrg, org)->project == p; org++)
			meet_org(x, &row, p, AT(project_orgs, VeilProjectOrg, org)->org);
		for (; exclude < f->project_excludes->len && AT(project_excludes, VeilProjectExclude, exclude)->project == p; exclude++)
			row_or(&row, AT(project_excludes, VeilProjectExclude, exclude)->person, x->c18);
		row_take(x, &row, forbidding, pairs, flags);
		out->offset[p + 1] = pairs->len;
		out->flag_offset[p + 1] = flags->len;
	}
	out->pairs = (VeilExclusion *)(void *)g_array_free(pairs, FALSE);
	out->flags = (VeilExclusion *)(void *)g_array_free(flags, FALSE);
	g_free(row.mask);
	g_free(row.set);
	g_free(row.summary);
	g_free(row.org_stamp);
}

/* Bans are sorted by person. */
static void
find_everywhere(const Index *x, VeilExclusions *out)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));

	for (guint i = 0; i < x->facts->bans->len; i++) {
		const VeilBan *ban = AT(bans, VeilBan, i);
		VeilExclusion e = {ban->person, judge(x, VEIL_FAMILY_BAN, 0, ban->when)};

		if (e.mask == 0 || !AT(persons, VeilPerson, e.person)->in_pool)
			continue;
		if (found->len == 0 || g_array_index(found, VeilExclusion, found->len - 1).person != e.person)
			g_array_append_val(found, e);
	}
	out->n_everywhere = found->len;
	out->everywhere = (VeilExclusion *)(void *)g_array_free(found, FALSE);
}

VeilExclusions *
veil_conflict_find(const VeilFacts *facts, const VeilPolicy *policy, VeilDay as_of, const VeilCoin *coin, GError **error)
{
	VeilExclusions *out;
	Index x = {.facts = facts, .policy = policy, .as_of = as_of, .coin = coin};

	if (policy->rules[VEIL_RULE_R05].enabled && coin == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "conflicts: R05 is on and there is no coin to throw");
		return NULL;
	}
	if (policy->rules[VEIL_RULE_E04].enabled && policy->rules[VEIL_RULE_E04].severity == VEIL_SEVERITY_FLAG) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "policy: [conflict.E04] severity cannot be flag, a ban excludes from the whole batch; use forbid or forbid*");
		return NULL;
	}
	out = g_new0(VeilExclusions, 1);
	out->n_projects = facts->projects->len;
	out->offset = g_new0(guint64, (gsize)out->n_projects + 1);
	out->flag_offset = g_new0(guint64, (gsize)out->n_projects + 1);
	index_build(&x);
	find_pairs(&x, out);
	find_everywhere(&x, out);
	index_clear(&x);
	return out;
}

void
veil_exclusions_free(VeilExclusions *exclusions)
{
	if (!exclusions)
		return;
	g_free(exclusions->offset);
	g_free(exclusions->pairs);
	g_free(exclusions->flags);
	g_free(exclusions->flag_offset);
	g_free(exclusions->everywhere);
	g_free(exclusions);
}
