/* batch-pool.c - who may be drawn, and what the drawer may see of them: steps 5 and 8 of docs/design/formats.md 3. */
#include <string.h>

#include "verify.h"

static gboolean
attribute_check(const Check *c, const char *given, guint32 label, const char *code, const char *name)
{
	if (given == NULL || (label != NONE && strcmp(given, c->audit.labels->pdata[label]) == 0))
		return TRUE;
	return verdict_reject("batch file: reviewer %s: its %s is not that of the audit file", code, name);
}

typedef struct {
	gint64 load;
	guint32 reviewer;
} Load;

static int
by_load(gconstpointer a, gconstpointer b)
{
	const Load *x = a, *y = b;

	return x->load != y->load ? (x->load > y->load ? 1 : -1) : (x->reviewer > y->reviewer) - (x->reviewer < y->reviewer);
}

/* Personal loads as the drawer may see them: shared by five. In ascending order (ties by code) runs of at least five take the
 * load of their first; a rest of fewer than five at the end takes that of the run before. */
static gboolean
loads_check(const Check *c, GArray *loads)
{
	gint64 shared = 0;

	g_array_sort(loads, by_load);
	for (guint start = 0, end; start < loads->len; start = end) {
		gint64 first = g_array_index(loads, Load, start).load;

		for (end = start; end < loads->len && (end - start < 5 || g_array_index(loads, Load, end).load == first); end++)
			;
		if (end - start >= 5 || start == 0)
			shared = first;
		for (guint i = start; i < end; i++) {
			const Reviewer *reviewer = REVIEWER(&c->batch, g_array_index(loads, Load, i).reviewer);

			if (reviewer->max_load != shared || reviewer->min_load != MIN(c->policy.min_load, shared))
				return verdict_reject("batch file: reviewer %s: its load bounds are not those of the audit file and the policy",
						      reviewer->code);
		}
	}
	return TRUE;
}

/* The reviewers of the batch file are the eligible persons, no more and no fewer, with their loads. */
gboolean
reviewers_check(Check *c)
{
	guint32 found = 0, pool = 0;
	g_autofree char *rounded = NULL;
	g_autoptr(GHashTable) codes = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GArray) loads = g_array_new(FALSE, FALSE, sizeof(Load));

	c->person_reviewer = g_new(guint32, c->audit.persons->len + 1);
	for (guint32 i = 0; i < c->audit.persons->len; i++) {
		const Person *person = PERSON(&c->audit, i);
		gint64 own = person->max_load < 0 ? c->policy.max_load : MIN(person->max_load, c->policy.max_load);
		gboolean eligible = person->in_pool && person->active && c->audit.everywhere[i] == 0 && own > 0;
		guint32 index = person->reviewer ? GPOINTER_TO_UINT(g_hash_table_lookup(c->batch.reviewer_index, person->reviewer)) : 0;
		const Reviewer *reviewer = index ? REVIEWER(&c->batch, index - 1) : NULL;

		pool += person->in_pool;
		if (person->reviewer && !g_hash_table_add(codes, person->reviewer))
			return verdict_reject("audit file: two persons have the reviewer code %s", person->reviewer);
		c->person_reviewer[i] = index ? index - 1 : NONE;
		if (eligible && index == 0)
			return verdict_reject("batch file: the eligible reviewer %s is missing", person->reviewer);
		if (!eligible && index != 0)
			return verdict_reject("batch file: reviewer %s is not eligible", reviewer->code);
		if (index == 0)
			continue;
		found++;
		g_array_append_val(loads, ((Load){own, index - 1}));
		if (!attribute_check(c, reviewer->kind, person->kind, reviewer->code, "kind") ||
		    !attribute_check(c, reviewer->province, person->province, reviewer->code, "province") ||
		    !attribute_check(c, reviewer->rank, person->rank, reviewer->code, "rank"))
			return FALSE;
	}
	if (found != c->batch.reviewers->len)
		return verdict_reject("batch file: %u of its reviewers are not in the audit file", c->batch.reviewers->len - found);
	if (!loads_check(c, loads))
		return FALSE;
	rounded = g_strdup_printf("%u", pool / 10 * 10);
	if (strcmp(meta(c->batch.meta, "experts"), rounded) != 0)
		return verdict_reject("batch file: meta names another size of the pool than the audit file");
	verdict_ok("eligibility", "the %u reviewers are exactly those that are in the pool, active, not banned and have a load", found);
	verdict_number("reviewers", found);
	return TRUE;
}

/* What the drawer sees of a reviewer (load, kind, province, rank) at least five share, unless fewer than five exist and nothing is said of
 * them. Employer tokens: at least two. */
gboolean
cells_check(Check *c)
{
	g_autoptr(GHashTable) cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) employers = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree guint32 *members = g_new0(guint32, c->batch.reviewers->len + 1);
	gboolean few = c->batch.reviewers->len < 5;
	GHashTableIter iter;
	gpointer value;

	c->group = g_new0(guint32, c->batch.reviewers->len + 1);
	for (guint i = 0; i < c->batch.reviewers->len; i++) {
		const Reviewer *r = REVIEWER(&c->batch, i);
		char *cell = g_strdup_printf("%" G_GINT64_FORMAT "\n%s\n%s\n%s", r->max_load, r->kind ? r->kind : "", r->province ? r->province : "",
					     r->rank ? r->rank : "");
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(cells, cell));

		few = few && r->kind == NULL && r->province == NULL && r->rank == NULL;
		g_hash_table_replace(cells, cell, GUINT_TO_POINTER(n + 1));
		if (r->employer == NULL)
			continue;
		n = GPOINTER_TO_UINT(g_hash_table_lookup(employers, r->employer));
		if (n == 0)
			g_hash_table_insert(employers, r->employer, GUINT_TO_POINTER(n = ++c->n_groups));
		members[n]++;
		c->group[i] = c->policy.group_attribute ? n : 0;
	}
	g_hash_table_iter_init(&iter, cells);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (GPOINTER_TO_UINT(value) < 5 && !few)
			return verdict_reject("batch file: fewer than five reviewers share one combination of load, kind, province and rank");
	for (guint n = 1; n <= c->n_groups; n++)
		if (members[n] < 2)
			return verdict_reject("batch file: an employer token stands at one reviewer only");
	verdict_ok("cells", "%u combinations of load and coarse attributes, each shared by %s; %u employer tokens, each by at least two",
		   g_hash_table_size(cells), few ? "all there are" : "at least five", c->n_groups);
	return TRUE;
}

/* One project's list: no excluded reviewer on it, scores in steps; without a cut everybody else is on it. */
static gboolean
list_check(const Check *c, guint32 p, guint32 *excluded)
{
	const Project *project = PROJECT(c->batch.projects, p);
	const GArray *pairs = c->audit.exclusions[p];
	guint32 n_excluded = 0;

	for (guint i = 0; pairs && i < pairs->len; i++) {
		guint32 r = c->person_reviewer[g_array_index(pairs, Exclusion, i).person];

		if (r != NONE) {
			excluded[r] = p + 1;
			n_excluded++;
		}
	}
	for (guint32 i = 0; i < project->n_candidates; i++) {
		const Candidate *candidate = &project->candidates[i];

		if (excluded[candidate->reviewer] == p + 1)
			return verdict_reject("batch file: project %s lists reviewer %s, who is excluded", project->code,
					      REVIEWER(&c->batch, candidate->reviewer)->code);
		if (c->policy.step > 0 && candidate->score % c->policy.step != 0)
			return verdict_reject("batch file: project %s: a score is not a multiple of the policy's step", project->code);
	}
	if (!project->has_cut && project->n_candidates != c->batch.reviewers->len - n_excluded)
		return verdict_reject("batch file: project %s has no cut, but its list leaves out allowed reviewers", project->code);
	return TRUE;
}

gboolean
lists_check(const Check *c)
{
	g_autofree guint32 *excluded = g_new0(guint32, c->batch.reviewers->len + 1);
	guint64 pairs = 0, cuts = 0;

	if (c->batch.projects->len != c->audit.projects->len)
		return verdict_reject("batch file and audit file have different numbers of projects");
	for (guint32 p = 0; p < c->batch.projects->len; p++) {
		const Project *project = PROJECT(c->batch.projects, p), *other = PROJECT(c->audit.projects, p);

		if (strcmp(project->code, other->code) != 0)
			return verdict_reject("batch file: project %s is not the audit file's project in that place", project->code);
		if (project->demand != (other->demand < 0 ? c->policy.demand : other->demand))
			return verdict_reject("batch file: project %s: its demand is not that of the audit file and the policy", project->code);
		if (!list_check(c, p, excluded))
			return FALSE;
		pairs += project->n_candidates;
		cuts += project->has_cut;
	}
	verdict_ok("candidates", "%u projects list %" G_GUINT64_FORMAT " pairs, none of them excluded; %" G_GUINT64_FORMAT " lists end with a cut",
		   c->batch.projects->len, pairs, cuts);
	verdict_number("projects", c->batch.projects->len);
	verdict_number("pairs", (gint64)pairs);
	return TRUE;
}
