/* pool.c - who may be drawn, and what the drawer may see of them: steps 5 and 8 of docs/design/formats.md 3. */
#include <string.h>

#include "freeze/freeze.h"

/* Whether some rule names this value of the attribute, with or without !, or looks at each. */
static gboolean
rules_name(const GArray *rules, const char *attribute, const char *value)
{
	for (guint i = 0; i < rules->len; i++) {
		const PanelRule *rule = &g_array_index(rules, PanelRule, i);

		if (strcmp(rule->attribute, attribute) == 0 &&
		    (rule->value[0] == '\0' || strcmp(rule->value + (rule->value[0] == '!'), value) == 0))
			return TRUE;
	}
	return FALSE;
}

/* Not said, as the audit file says it, or "*" for a value that no rule names. */
static gboolean
attribute_check(const Check *c, const char *given, guint32 label, const char *code, const char *name)
{
	const char *own = label != NONE ? c->audit.labels->pdata[label] : NULL;
	gboolean named = own && (rules_name(c->policy.panels, name, own) || rules_name(c->policy.shares, name, own));

	if (given == NULL || (own && strcmp(given, own) == 0) || (own && !named && strcmp(given, "*") == 0))
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
			const Reviewer *reviewer = REVIEWER(&c->batch.x, g_array_index(loads, Load, i).reviewer);

			if (reviewer->max_load != shared || reviewer->min_load != MIN(c->policy.min_load, shared))
				return verdict_reject("batch file: reviewer %s: its load bounds are not those of the audit file and the policy",
						      reviewer->id);
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
		guint32 index = person->reviewer ? instance_find(c->batch.x.reviewer_index, person->reviewer) : NONE;
		const Reviewer *reviewer = index != NONE ? REVIEWER(&c->batch.x, index) : NULL;
		const Look *look = index != NONE ? &g_array_index(c->batch.looks, Look, index) : NULL;

		pool += person->in_pool;
		if (person->reviewer && !g_hash_table_add(codes, person->reviewer))
			return verdict_reject("audit file: two persons have the reviewer code %s", person->reviewer);
		c->person_reviewer[i] = index;
		if (eligible && index == NONE)
			return verdict_reject("batch file: the eligible reviewer %s is missing", person->reviewer);
		if (!eligible && index != NONE)
			return verdict_reject("batch file: reviewer %s is not eligible", reviewer->id);
		if (index == NONE)
			continue;
		found++;
		g_array_append_val(loads, ((Load){own, index}));
		if (!attribute_check(c, look->kind, person->kind, reviewer->id, "kind") ||
		    !attribute_check(c, look->province, person->province, reviewer->id, "province") ||
		    !attribute_check(c, look->rank, person->rank, reviewer->id, "rank"))
			return FALSE;
	}
	if (found != c->batch.x.reviewers->len)
		return verdict_reject("batch file: %u of its reviewers are not in the audit file", c->batch.x.reviewers->len - found);
	if (!loads_check(c, loads))
		return FALSE;
	rounded = g_strdup_printf("%u", pool / 10 * 10);
	if (strcmp(meta(c->batch.meta, "experts"), rounded) != 0)
		return verdict_reject("batch file: meta names another size of the pool than the audit file");
	verdict_ok("eligibility", "the %u reviewers are exactly those that are in the pool, active, not banned and have a load", found);
	verdict_number("reviewers", found);
	return TRUE;
}

/* What the drawer sees of a reviewer (load, kind, province, rank and what else panel rules need) at least five share, unless fewer than five exist and nothing is
 * said of them. Employer tokens: at least two. */
gboolean
cells_check(const Check *c)
{
	g_autoptr(GHashTable) cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) employers = g_hash_table_new(g_str_hash, g_str_equal);
	gboolean few = c->batch.x.reviewers->len < 5;
	GHashTableIter iter;
	gpointer value;

	for (guint i = 0; i < c->batch.looks->len; i++) {
		const Look *look = &g_array_index(c->batch.looks, Look, i);
		const char *said[] = {look->kind, look->province, look->rank, look->attributes};
		g_autoptr(GString) cell = g_string_new(NULL);

		g_string_printf(cell, "%" G_GINT64_FORMAT, REVIEWER(&c->batch.x, i)->max_load);
		for (guint k = 0; k < G_N_ELEMENTS(said); k++) {
			g_string_append_printf(cell, "\n%s", said[k] ? said[k] : "");
			few = few && said[k] == NULL;
		}
		g_hash_table_replace(cells, g_strdup(cell->str), GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(cells, cell->str)) + 1));
		if (look->employer)
			g_hash_table_replace(employers, look->employer, GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(employers, look->employer)) + 1));
	}
	g_hash_table_iter_init(&iter, cells);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (GPOINTER_TO_UINT(value) < 5 && !few)
			return verdict_reject("batch file: fewer than five reviewers share one combination of load, kind, province and rank");
	g_hash_table_iter_init(&iter, employers);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (GPOINTER_TO_UINT(value) < 2)
			return verdict_reject("batch file: an employer token stands at one reviewer only");
	verdict_ok("cells", "%u combinations of load and coarse attributes, each shared by %s; %u employer tokens, each by at least two",
		   g_hash_table_size(cells), few ? "all there are" : "at least five", g_hash_table_size(employers));
	return TRUE;
}

/* The rules, with what the drawer's file says of everybody. */
gboolean
rules_check(Check *c)
{
	Instance *x = &c->batch.x;

	instance_attributes_of(x, &c->policy);
	for (guint i = 0; i < c->batch.looks->len; i++) {
		const Look *look = &g_array_index(c->batch.looks, Look, i);
		const char *const names[] = {"employer", "kind", "province", "rank"}, *const said[] = {look->employer, look->kind, look->province, look->rank};

		for (guint k = 0; k < G_N_ELEMENTS(names); k++)
			attribute_set(instance_attribute(x, names[k]), i, said[k]);
		if (look->attributes && !attributes_set(x, i, look->attributes))
			return verdict_reject("batch file: reviewer %s: its attributes are no JSON object of texts", REVIEWER(x, i)->id);
	}
	return instance_rules(x, &c->policy);
}

/* Stamps whom the audit file excludes from project p; returns how many were not stamped yet. */
static guint32
stamp_excluded(const Check *c, guint32 p, guint32 stamp, guint32 *excluded)
{
	const GArray *pairs = c->audit.exclusions[p];
	guint32 n = 0;

	for (guint i = 0; pairs && i < pairs->len; i++) {
		guint32 r = c->person_reviewer[g_array_index(pairs, Exclusion, i).person];

		if (r != NONE && excluded[r] != stamp) {
			excluded[r] = stamp;
			n++;
		}
	}
	return n;
}

/* One project's list: nobody on it whom the project, or another of its team, excludes; scores in steps; without a cut everybody else is on it. */
static gboolean
list_check(const Check *c, guint32 p, guint32 *excluded)
{
	const Project *project = PROJECT(&c->batch.x, p);
	guint32 n_excluded = stamp_excluded(c, p, p + 1, excluded);

	for (guint32 other = 0; project->team && other < c->batch.x.projects->len; other++)
		if (other != p && g_strcmp0(PROJECT(&c->batch.x, other)->team, project->team) == 0)
			n_excluded += stamp_excluded(c, other, p + 1, excluded);
	for (guint32 i = 0; i < project->n_offers; i++) {
		const Offer *candidate = &project->offer[i];

		if (excluded[candidate->reviewer] == p + 1)
			return verdict_reject("batch file: project %s lists reviewer %s, who is excluded", project->id,
					      REVIEWER(&c->batch.x, candidate->reviewer)->id);
		if (c->policy.step > 0 && candidate->score % c->policy.step != 0)
			return verdict_reject("batch file: project %s: a score is not a multiple of the policy's step", project->id);
	}
	if (project->rest == REST_NONE && project->n_offers != c->batch.x.reviewers->len - n_excluded)
		return verdict_reject("batch file: project %s has no cut, but its list leaves out allowed reviewers", project->id);
	return TRUE;
}

gboolean
lists_check(const Check *c)
{
	g_autofree guint32 *excluded = g_new0(guint32, c->batch.x.reviewers->len + 1);
	guint64 pairs = 0, cuts = 0;

	if (c->batch.x.projects->len != c->audit.projects->len)
		return verdict_reject("batch file and audit file have different numbers of projects");
	for (guint32 p = 0; p < c->batch.x.projects->len; p++) {
		const Project *project = PROJECT(&c->batch.x, p), *other = &g_array_index(c->audit.projects, Project, p);

		if (strcmp(project->id, other->id) != 0)
			return verdict_reject("batch file: project %s is not the audit file's project in that place", project->id);
		if (project->demand != (other->demand < 0 ? c->policy.demand : other->demand))
			return verdict_reject("batch file: project %s: its demand is not that of the audit file and the policy", project->id);
		if (!list_check(c, p, excluded))
			return FALSE;
		pairs += project->n_offers;
		cuts += project->rest == REST_DUMMIES;
	}
	verdict_ok("candidates", "%u projects list %" G_GUINT64_FORMAT " pairs, none of them excluded; %" G_GUINT64_FORMAT " lists end with a cut",
		   c->batch.x.projects->len, pairs, cuts);
	verdict_number("projects", c->batch.x.projects->len);
	verdict_number("pairs", (gint64)pairs);
	return TRUE;
}
