/* batch.c - `veil-verify batch`: is this draw the one that the log committed to, and did it obey the rules?
 *
 * The steps are those of docs/design/formats.md 3, in that order.
 */
#include <string.h>

#include "verify.h"

#define REVIEWER(batch, i) (&g_array_index((batch)->reviewers, Reviewer, i))
#define PROJECT(array, i) (&g_array_index(array, Project, i))
#define PERSON(audit, i) (&g_array_index((audit)->persons, Person, i))

typedef struct {
	Batch batch;
	Audit audit;
	Ledger ledger;
	Policy policy;
	gint64 as_of;
	guint64 counts[N_RULES];
	guint32 *person_reviewer; /* index into the batch file's reviewers, or NONE */
	guint32 *group;		  /* employer of a reviewer, 0: none or the policy has no such rule */
	guint32 n_groups;
} Check;

static const char *
meta(GHashTable *table, const char *key)
{
	const char *value = g_hash_table_lookup(table, key);

	return value ? value : "";
}

/* --- 2, 3: commitments and policy --------------------------------------------------------------------------------- */

static gboolean
meta_check(const Check *c)
{
	static const char *const same[] = {"batch", "freeze_id", "freeze", "as_of", "policy", "policy_sha256", "engine", "origin"};
	GHashTable *batch = c->batch.meta, *audit = c->audit.meta;
	const char *policy = meta(batch, "policy");
	char digest[65];

	if (strcmp(meta(batch, "format"), "veil-batch/1") != 0)
		return verdict_reject("batch file: its format is not veil-batch/1");
	if (strcmp(meta(audit, "format"), "veil-audit/1") != 0)
		return verdict_reject("audit file: its format is not veil-audit/1");
	for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
		if (meta(batch, same[i])[0] == '\0')
			return verdict_reject("batch file: meta has no %s", same[i]);
		if (strcmp(meta(batch, same[i]), meta(audit, same[i])) != 0)
			return verdict_reject("batch file and audit file differ in %s: they are not of one freeze", same[i]);
	}
	if (!is_hex(meta(batch, "freeze_id"), 32))
		return verdict_reject("batch file: its freeze_id is not 32 hex digits");
	if (strcmp(meta(batch, "rehearsal"), "0") != 0 && strcmp(meta(batch, "rehearsal"), "1") != 0)
		return verdict_reject("batch file: meta does not say whether this is a rehearsal");
	if (strcmp(meta(batch, "origin"), c->ledger.origin ? c->ledger.origin : "") != 0)
		return verdict_reject("batch file: it belongs to another log than this ledger");
	sha256_hex(policy, strlen(policy), digest);
	if (strcmp(digest, meta(batch, "policy_sha256")) != 0)
		return verdict_reject("batch file: the policy has not the digest that stands beside it");
	return TRUE;
}

/* The one result of this act for this freeze; NULL if there is none (no verdict). */
static const Record *
find_record(const Ledger *ledger, const char *act, const char *freeze_id)
{
	for (guint i = 0; i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		if (strcmp(record->act, act) == 0 && g_strcmp0(record_get(record, "freeze-id"), freeze_id) == 0)
			return record;
	}
	return NULL;
}

static gboolean
field_is(const Record *record, const char *key, const char *value, const char *what)
{
	if (g_strcmp0(record_get(record, key), value) == 0)
		return TRUE;
	return verdict_reject("ledger record %" G_GUINT64_FORMAT " (%s): its %s is not that of the %s", record->seq, record->act, key, what);
}

static gboolean
freeze_check(const Check *c)
{
	GHashTable *table = c->batch.meta;
	const char *id = meta(table, "freeze_id");
	const Record *freeze = find_record(&c->ledger, "batch.freeze", id);
	char batch_root[65], audit_root[65];
	guint later = 0;

	if (freeze == NULL)
		return verdict_reject("ledger: it has no batch.freeze with the freeze-id of the batch file");
	hex_of(c->batch.root, 32, batch_root);
	hex_of(c->audit.root, 32, audit_root);
	if (!field_is(freeze, "batch", meta(table, "batch"), "batch file") || !field_is(freeze, "freeze", meta(table, "freeze"), "batch file") ||
	    !field_is(freeze, "as-of", meta(table, "as_of"), "batch file") || !field_is(freeze, "engine", meta(table, "engine"), "batch file") ||
	    !field_is(freeze, "policy-sha256", meta(table, "policy_sha256"), "batch file") ||
	    !field_is(freeze, "batch-root", batch_root, "batch file") || !field_is(freeze, "audit-root", audit_root, "audit file"))
		return FALSE;
	if (!is_hex(record_get(freeze, "registry-root"), 64))
		return verdict_reject("ledger record %" G_GUINT64_FORMAT " (batch.freeze): it has no registry-root", freeze->seq);
	for (guint i = 0; i < c->ledger.records->len; i++) {
		const Record *record = c->ledger.records->pdata[i];

		later += record->seq > freeze->seq && strcmp(record->act, "batch.freeze") == 0 &&
			 g_strcmp0(record_get(record, "batch"), meta(table, "batch")) == 0;
	}
	verdict_ok("freeze", "batch %s, freeze %s, as of %s: batch file and audit file are those of ledger record %" G_GUINT64_FORMAT " (%s)",
		   meta(table, "batch"), meta(table, "freeze"), meta(table, "as_of"), freeze->seq, freeze->time);
	if (strcmp(meta(table, "freeze"), "1") != 0)
		verdict_note("this batch was frozen more than once: this is freeze %s", meta(table, "freeze"));
	if (later > 0)
		verdict_note("the ledger has %u later freeze(s) of this batch: this file is not the last word", later);
	if (strcmp(meta(table, "rehearsal"), "1") == 0)
		verdict_note("this is a rehearsal");
	return TRUE;
}

static gboolean
policy_check(Check *c)
{
	const char *text = meta(c->batch.meta, "policy");
	guint enabled = 0;

	if (!policy_parse(text, strlen(text), "batch file", FALSE, &c->policy))
		return FALSE;
	for (int i = 0; i < N_RULES; i++) {
		const Rule *says = &c->policy.rule[i], *has = &c->audit.rule[i];

		if (has->severity == NULL)
			return verdict_reject("audit file: table rule lacks %s", rule_names[i]);
		if (says->enabled != has->enabled)
			return verdict_reject("audit file: rule %s is %s, the policy says otherwise", rule_names[i], has->enabled ? "on" : "off");
		if (!has->enabled)
			continue;
		enabled++;
		if (strcmp(says->severity, has->severity) != 0)
			return verdict_reject("audit file: rule %s has another severity than the policy", rule_names[i]);
		if (says->window != has->window || says->max_authors != has->max_authors)
			return verdict_reject("audit file: rule %s has another window or author cap than the policy", rule_names[i]);
		if (g_strcmp0(says->citation ? says->citation : "", has->citation ? has->citation : "") != 0)
			return verdict_reject("audit file: rule %s has another citation than the policy", rule_names[i]);
	}
	if (c->policy.group_attribute != NULL && strcmp(c->policy.group_attribute, "employer") != 0)
		return verdict_reject("batch file: the policy has a panel rule on %s, which this checker cannot check", c->policy.group_attribute);
	verdict_ok("policy", "its digest is the committed one; %u conflict rules on, demand %" G_GINT64_FORMAT ", load at most %" G_GINT64_FORMAT "%s", enabled,
		   c->policy.demand, c->policy.max_load, c->policy.group_attribute ? ", one of an employer" : "");
	return TRUE;
}

/* --- 4: exclusions ------------------------------------------------------------------------------------------------ */

/* Counts in the drawer's file: nothing under five. */
static gboolean
counts_check(const Check *c)
{
	g_autoptr(GString) expected = g_string_new(NULL), given = g_string_new(NULL);
	const char *p = meta(c->batch.meta, "exclusions");

	for (; *p; p++) /* {"C01": 12, "C04": "<5"} -> C01:12,C04:<5 */
		if (!strchr(" {}\"", *p))
			g_string_append_c(given, *p);
	for (int i = 0; i < N_RULES; i++) {
		g_autofree char *name = g_strdup_printf("%s:", rule_names[i]);
		const char *at = strstr(given->str, name);
		g_autofree char *wanted = c->counts[i] == 0 ? g_strdup("0") : c->counts[i] < 5 ? g_strdup("<5") : g_strdup_printf("%" G_GUINT64_FORMAT, c->counts[i]);
		g_autofree char *said = at ? g_strndup(at + strlen(name), strcspn(at + strlen(name), ",")) : g_strdup("0");

		if (strcmp(said, wanted) != 0)
			return verdict_reject("batch file: meta counts exclusions by %s otherwise than the audit file holds them", rule_names[i]);
	}
	return TRUE;
}

static gboolean
exclusions_check(Check *c)
{
	guint64 pairs = 0, flags = 0, facts = c->audit.posts->len + c->audit.authorships->len + c->audit.relations->len + c->audit.bans->len +
					      c->audit.avoids->len + c->audit.project_people->len + c->audit.project_orgs->len +
					      c->audit.project_excludes->len;

	if (!conflicts_verify(&c->audit, c->as_of, c->counts) || !counts_check(c))
		return FALSE;
	for (guint i = 0; i < c->audit.projects->len; i++) {
		pairs += c->audit.exclusions[i] ? c->audit.exclusions[i]->len : 0;
		flags += c->audit.flags[i] ? c->audit.flags[i]->len : 0;
	}
	verdict_ok("exclusions", "%" G_GUINT64_FORMAT " excluded pairs, %" G_GUINT64_FORMAT " flagged, %" G_GUINT64_FORMAT
		   " people excluded everywhere: each follows from the %" G_GUINT64_FORMAT " facts, and every fact that makes one has made it",
		   pairs, flags, c->counts[E04], facts);
	verdict_number("excluded_pairs", (gint64)pairs);
	verdict_number("flagged_pairs", (gint64)flags);
	verdict_number("facts", (gint64)facts);
	return TRUE;
}

/* --- 5, 8: who may be drawn --------------------------------------------------------------------------------------- */

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
static gboolean
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
static gboolean
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

static gboolean
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

/* --- 6, 7: the draw ----------------------------------------------------------------------------------------------- */

static gboolean
draw_record_check(const Check *c, const Record *record)
{
	GHashTable *table = c->batch.meta;
	const char *method = c->batch.method;
	g_autofree char *draw = g_strdup_printf("%" G_GINT64_FORMAT, c->batch.draw);
	g_autofree char *objective = g_strdup_printf("%" G_GINT64_FORMAT, c->batch.objective);
	g_autofree char *bound = g_strdup_printf("%" G_GINT64_FORMAT, c->batch.bound);
	char root[65];

	hex_of(c->batch.draw_root, 32, root);
	if (!field_is(record, "batch", meta(table, "batch"), "batch file") || !field_is(record, "draw", draw, "batch file") ||
	    !field_is(record, "seed", c->batch.seed, "batch file") || !field_is(record, "seed-source", c->batch.seed_source, "batch file") ||
	    !field_is(record, "method", method, "batch file") || !field_is(record, "objective", objective, "batch file") ||
	    !field_is(record, "bound", bound, "batch file") || !field_is(record, "draw-root", root, "batch file"))
		return FALSE;
	if (strcmp(method, "total") != 0 || strcmp(meta(table, "method"), "total") != 0)
		return verdict_reject("batch file: this checker knows the method total only");
	if (strcmp(c->batch.seed_source, "system") != 0 &&
	    (strcmp(c->batch.seed_source, "given") != 0 || strcmp(meta(table, "rehearsal"), "1") != 0))
		return verdict_reject("batch file: the seed was %s, which only a rehearsal may do", c->batch.seed_source);
	verdict_ok("draw", "seed, method, result and draw-root are those of ledger record %" G_GUINT64_FORMAT, record->seq);
	return TRUE;
}

static const Candidate *
find_candidate(const Project *project, guint32 reviewer)
{
	guint32 low = 0, high = project->n_candidates;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;

		if (project->candidates[middle].reviewer < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < project->n_candidates && project->candidates[low].reviewer == reviewer ? &project->candidates[low] : NULL;
}

/* Places come sorted by project, reviewer. */
static gboolean
panels_check(const Check *c, Wide *out_objective)
{
	g_autofree guint64 *load = g_new0(guint64, c->batch.reviewers->len + 1);
	g_autofree guint32 *panel = g_new0(guint32, c->batch.projects->len + 1), *reserve = g_new0(guint32, c->batch.projects->len + 1);
	g_autofree guint32 *taken = g_new0(guint32, c->n_groups + 1);

	for (guint i = 0; i < c->batch.places->len; i++) {
		const Place *place = &g_array_index(c->batch.places, Place, i);
		guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(c->batch.project_index, place->project));
		guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(c->batch.reviewer_index, place->reviewer));
		const Candidate *candidate = p && r ? find_candidate(PROJECT(c->batch.projects, p - 1), r - 1) : NULL;

		if (candidate == NULL)
			return verdict_reject("assignment: place %u: this reviewer is no candidate of project %s", i + 1, place->project);
		if (candidate->score != place->score)
			return verdict_reject("assignment: project %s, reviewer %s: its score is not the frozen one", place->project, place->reviewer);
		if (c->group[r - 1] != 0 && taken[c->group[r - 1]] == p)
			return verdict_reject("assignment: project %s has two reviewers of one employer", place->project);
		taken[c->group[r - 1]] = p;
		load[r - 1]++;
		*(place->reserve ? &reserve[p - 1] : &panel[p - 1]) += 1;
		*out_objective += place->reserve ? 0 : place->score;
	}
	for (guint p = 0; p < c->batch.projects->len; p++) {
		const Project *project = PROJECT(c->batch.projects, p);

		if (panel[p] != project->demand)
			return verdict_reject("assignment: project %s has %u reviewers, its demand is %" G_GINT64_FORMAT, project->code, panel[p], project->demand);
		if (reserve[p] > c->policy.reserves)
			return verdict_reject("assignment: project %s has more reserves than the policy gives", project->code);
	}
	for (guint r = 0; r < c->batch.reviewers->len; r++) {
		const Reviewer *reviewer = REVIEWER(&c->batch, r);

		if ((gint64)load[r] > reviewer->max_load || (gint64)load[r] < reviewer->min_load)
			return verdict_reject("assignment: reviewer %s has %" G_GUINT64_FORMAT " projects, which is outside the load bounds", reviewer->code, load[r]);
	}
	verdict_ok("panels", "%u places: every project has its demand, no load is exceeded, no score was changed%s", c->batch.places->len,
		   c->policy.group_attribute ? ", nobody sits beside a colleague" : "");
	return TRUE;
}

static gboolean
bound_check(const Check *c, Wide objective)
{
	g_autoptr(GArray) offers = g_array_new(FALSE, FALSE, sizeof(Offer));
	Prices prices;
	Wide bound = 0, value = 0;
	gboolean ok = prices_init(&prices, c->batch.reviewers->len, c->batch.prices, c->group, c->n_groups);

	for (guint p = 0; ok && p < c->batch.projects->len; p++) {
		const Project *project = PROJECT(c->batch.projects, p);

		g_array_set_size(offers, 0);
		for (guint32 i = 0; i < project->n_candidates; i++) {
			Offer offer = {project->candidates[i].reviewer, project->candidates[i].score};

			g_array_append_val(offers, offer);
		}
		if (!prices_best_panel(&prices, (const Offer *)offers->data, offers->len, NULL, 0, (guint64)project->demand,
				       project->has_cut ? REST_DUMMIES : REST_NONE, project->cut, &value))
			ok = verdict_reject("batch file: project %s lists too few candidates for its demand", project->code);
		bound += value;
	}
	for (guint r = 0; ok && r < c->batch.reviewers->len; r++)
		bound += prices_load_term(c->batch.prices[r], REVIEWER(&c->batch, r)->min_load, REVIEWER(&c->batch, r)->max_load);
	prices_clear(&prices);
	if (!ok)
		return FALSE;
	if (!fits_int64(objective) || (gint64)objective != c->batch.objective)
		return verdict_reject("batch file: the stored objective is not the sum of the panels' scores");
	if (!fits_int64(bound) || (gint64)bound != c->batch.bound)
		return verdict_reject("batch file: the prices do not give the stored bound");
	if (bound != objective)
		return verdict_reject("batch file: the prices leave a gap of %" G_GINT64_FORMAT " millionths: this assignment is not proved to be the best",
				      (gint64)(bound - objective));
	verdict_ok("optimum", "objective %" G_GINT64_FORMAT " millionths = price bound over all allowed pairs: no legal assignment has a better total",
		   (gint64)objective);
	verdict_number("objective", (gint64)objective);
	verdict_number("bound", (gint64)bound);
	return TRUE;
}

static gboolean
draw_check(const Check *c)
{
	const Record *record = find_record(&c->ledger, "batch.draw", meta(c->batch.meta, "freeze_id"));
	Wide objective = 0;

	if (c->batch.n_draws == 0 && record != NULL)
		return verdict_reject("batch file: it has no draw, but ledger record %" G_GUINT64_FORMAT " has drawn it", record->seq);
	if (c->batch.n_draws == 0 && c->batch.places->len > 0)
		return verdict_reject("batch file: it has an assignment without a draw");
	if (c->batch.n_draws == 0) {
		verdict_note("nothing is drawn yet: the freeze alone was checked");
		return TRUE;
	}
	if (record == NULL)
		return verdict_reject("ledger: it has no batch.draw for the draw in the batch file (interrupted? run `veil batch draw` again)");
	return draw_record_check(c, record) && panels_check(c, &objective) && bound_check(c, objective);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* SITE/draw/NAME.veil has SITE/FOLDER/NAME; a copy may lie beside it. */
static char *
look_for(const char *file, const char *folder, const char *name)
{
	g_autofree char *dir = g_path_get_dirname(file);
	char *path = g_build_filename(dir, "..", folder, name, NULL);
	g_autofree char *beside = g_build_filename(dir, name, NULL);

	if (!g_file_test(path, G_FILE_TEST_EXISTS) && g_file_test(beside, G_FILE_TEST_EXISTS)) {
		g_free(path);
		return g_steal_pointer(&beside);
	}
	return path;
}

gboolean
batch_verify(const char *file, const char *audit, LedgerOptions *options)
{
	g_autofree char *base = g_path_get_basename(file), *name = NULL, *audit_path = NULL, *ledger_path = NULL;
	Check c = {0};
	gboolean ok;

	if (g_str_has_suffix(base, ".veil"))
		base[strlen(base) - strlen(".veil")] = '\0';
	name = g_strconcat(base, ".audit", NULL);
	audit_path = audit ? g_strdup(audit) : look_for(file, "audit", name);
	ledger_path = options->ledger ? g_strdup(options->ledger) : look_for(file, "ledger", "ledger.db");
	options->ledger = ledger_path;
	ok = batch_read(file, &c.batch) && ledger_verify(options, &c.ledger) && audit_read(audit_path, &c.audit) && meta_check(&c) &&
	     freeze_check(&c);
	if (ok && !read_day(meta(c.batch.meta, "as_of"), &c.as_of))
		ok = verdict_reject("batch file: its as_of is no date");
	ok = ok && policy_check(&c) && exclusions_check(&c) && reviewers_check(&c) && lists_check(&c) && cells_check(&c) && draw_check(&c);
	options->ledger = NULL;
	batch_clear(&c.batch);
	audit_clear(&c.audit);
	ledger_clear(&c.ledger);
	policy_clear(&c.policy);
	g_free(c.person_reviewer);
	g_free(c.group);
	return ok;
}
