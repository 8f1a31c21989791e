/* conflicts.c - the auditor's view of exclusions, in the drawer's codes so that both files can be held side by side.
 *
 * The list is what the freeze stored (veil-verify recomputes it); explain asks the rules again, on the facts of the audit file.
 * Persons are named by the auditor's codes, organisations by their tokens: there are no names here.
 */
#include <stdio.h>
#include <string.h>

#include "audit/conflicts.h"
#include "site/rows.h"

static void
rules_text(guint32 mask, char *out, gsize size)
{
	*out = '\0';
	for (int rule = 0; rule < VEIL_N_RULES; rule++)
		if (mask >> rule & 1) {
			if (*out)
				g_strlcat(out, ";", size);
			g_strlcat(out, veil_rule_name((VeilRuleId)rule), size);
		}
}

static int
compare_reviewer(gconstpointer a, gconstpointer b, gpointer data)
{
	const VeilAuditPerson *persons = data;

	return strcmp(persons[((const VeilExclusion *)a)->person].reviewer, persons[((const VeilExclusion *)b)->person].reviewer);
}

/* The pairs of one project and the batch-wide ones, merged by person. */
static void
collect(const VeilExclusions *e, guint32 project, GArray *out)
{
	guint64 i = e->offset[project], end = e->offset[project + 1];
	guint32 j = 0;

	g_array_set_size(out, 0);
	while (i < end || j < e->n_everywhere) {
		VeilExclusion pair;

		if (j == e->n_everywhere || (i < end && e->pairs[i].person < e->everywhere[j].person)) {
			pair = e->pairs[i++];
		} else if (i == end || e->everywhere[j].person < e->pairs[i].person) {
			pair = e->everywhere[j++];
		} else {
			pair = e->pairs[i++];
			pair.mask |= e->everywhere[j++].mask;
		}
		g_array_append_val(out, pair);
	}
}

gboolean
veil_conflicts_print(const VeilAudit *audit, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"project", "reviewer", "rules"};
	g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
	char rules[VEIL_N_RULES * 4 + 1];
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "conflicts", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint32 p = 0; p < audit->exclusions->n_projects; p++) {
		collect(audit->exclusions, p, pairs);
		g_array_sort_with_data(pairs, compare_reviewer, audit->persons);
		for (guint i = 0; i < pairs->len; i++) {
			const VeilExclusion *pair = &g_array_index(pairs, VeilExclusion, i);
			const char *cells[] = {audit->projects[p], audit->persons[pair->person].reviewer, rules};

			rules_text(pair->mask, rules, sizeof rules);
			veil_rows_add(&rows, cells);
		}
	}
	return veil_rows_end(&rows, error);
}

/* --- explain --------------------------------------------------------------------------------------------------------- */

static const char *const post_names[] = {"employee", "adjunct", "director", "adviser", "shareholder", "head", "employer"};
static const char *const relation_names[] = {"kin", "advisor", "collaborator", "dispute", "nominator"};

static void
append_when(GString *text, VeilInterval when)
{
	char since[12], until[12];

	veil_day_format(when.since, since);
	veil_day_format(when.until, until);
	if (when.since == VEIL_DAY_MIN && when.until == VEIL_DAY_MAX)
		g_string_append(text, ", dates unknown");
	else
		g_string_append_printf(text, ", %s to %s", strcmp(since, "-") == 0 ? "unknown" : since,
				       strcmp(until, "-") == 0 ? "open" : until);
}

static const char *
person_code(const VeilAudit *audit, guint32 person)
{
	return audit->persons[person].code;
}

static char *
fact_text(const VeilAudit *audit, const VeilFactRef *fact)
{
	const VeilFacts *f = audit->facts;
	GString *text = g_string_new(NULL);

	switch (fact->kind) {
	case VEIL_FACT_PROJECT_PERSON: {
		const VeilProjectPerson *row = veil_facts_at(f->project_people, VeilProjectPerson, fact->index);

		g_string_append_printf(text, "%s %s of project %s", row->role == VEIL_PERSON_APPLICANT ? "applicant" : "participant",
				       person_code(audit, row->person), audit->projects[row->project]);
		if (row->org != VEIL_NONE)
			g_string_append_printf(text, ", of organisation %s", audit->orgs[row->org]);
		break;
	}
	case VEIL_FACT_PROJECT_ORG: {
		const VeilProjectOrg *row = veil_facts_at(f->project_orgs, VeilProjectOrg, fact->index);

		g_string_append_printf(text, "%s of the project: organisation %s", row->role == VEIL_ORG_UNIT ? "unit" : "partner",
				       audit->orgs[row->org]);
		break;
	}
	case VEIL_FACT_PROJECT_EXCLUDE:
		g_string_append(text, "named by the applicant among those not to review");
		break;
	case VEIL_FACT_POST: {
		const VeilPost *row = veil_facts_at(f->posts, VeilPost, fact->index);

		g_string_append_printf(text, "%s %s at organisation %s", person_code(audit, row->person), post_names[row->kind],
				       audit->orgs[row->org]);
		append_when(text, fact->when);
		break;
	}
	case VEIL_FACT_AUTHORSHIP: {
		const VeilAuthorship *row = veil_facts_at(f->authorships, VeilAuthorship, fact->index);

		g_string_append_printf(text, "%s author of work %u", person_code(audit, row->person), row->work);
		append_when(text, fact->when);
		break;
	}
	case VEIL_FACT_RELATION: {
		const VeilRelation *row = veil_facts_at(f->relations, VeilRelation, fact->index);

		g_string_append_printf(text, "%s: %s and %s", relation_names[row->kind], person_code(audit, row->a),
				       person_code(audit, row->b));
		append_when(text, fact->when);
		break;
	}
	case VEIL_FACT_BAN:
		g_string_append(text, "banned from reviewing");
		append_when(text, fact->when);
		break;
	case VEIL_FACT_AVOID: {
		const VeilAvoid *row = veil_facts_at(f->avoids, VeilAvoid, fact->index);

		g_string_append_printf(text, "the expert's own list of organisations to avoid: %s", audit->orgs[row->org]);
		break;
	}
	case VEIL_FACT_NONE:
		g_string_append(text, "-");
		break;
	}
	return g_string_free(text, FALSE);
}

static gboolean
find_pair(const VeilAudit *audit, const char *project, const char *reviewer, guint32 *out_project, guint32 *out_person,
	  GError **error)
{
	*out_project = *out_person = VEIL_NONE;
	for (guint i = 0; i < audit->facts->projects->len; i++)
		if (strcmp(audit->projects[i], project) == 0)
			*out_project = i;
	for (guint i = 0; i < audit->facts->persons->len; i++)
		if (*reviewer != '\0' && strcmp(audit->persons[i].reviewer, reviewer) == 0) /* who is outside the pool has no code: no code names nobody */
			*out_person = i;
	if (*out_project != VEIL_NONE && *out_person != VEIL_NONE)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "no such project or reviewer in this batch; give the codes that "
									  "`veil batch conflicts` prints");
	return FALSE;
}

static void
add_reason(VeilRows *rows, const VeilAudit *audit, const VeilReason *reason)
{
	static const char *const severities[] = {"forbid", "forbid*", "flag"};
	const VeilRule *rule = &audit->policy->rules[reason->rule];
	g_autofree char *expert = fact_text(audit, &reason->expert_side), *project = fact_text(audit, &reason->project_side);
	char since[12], until[12];
	g_autofree char *window = NULL;

	veil_day_format(reason->window.since, since);
	veil_day_format(reason->window.until, until);
	window = g_strdup_printf("%s to %s", strcmp(since, "-") == 0 ? "any time" : since, until);
	veil_rows_add(rows, (const char *const[]){veil_rule_name(reason->rule), severities[rule->severity], expert, project, window,
						  rule->citation ? rule->citation : ""});
}

gboolean
veil_explain_print(const VeilAudit *audit, const char *project, const char *reviewer, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"rule", "severity", "expert side", "project side", "window", "citation"};
	g_autoptr(GArray) reasons = NULL;
	VeilInterval as_of;
	g_autofree const char **codes = g_new0(const char *, MAX(audit->facts->persons->len, 1));
	VeilCoin coin = {veil_audit_get(audit, "freeze_id"), codes};
	guint32 p, r;
	VeilRows rows;

	for (guint i = 0; i < audit->facts->persons->len; i++)
		codes[i] = audit->persons[i].code;
	if (!find_pair(audit, project, reviewer, &p, &r, error))
		return FALSE;
	if (veil_audit_get(audit, "as_of") == NULL || !veil_interval_parse(veil_audit_get(audit, "as_of"), &as_of)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "audit file is damaged: it has no date");
		return FALSE;
	}
	reasons = veil_conflict_explain(audit->facts, audit->policy, as_of.since, &coin, p, r);
	if (how == VEIL_PRINT_TEXT) {
		printf("project %s, reviewer %s: %s\n", project, reviewer,
		       reasons->len ? "reasons against this pair" : "no rule of this batch speaks against this pair");
		for (guint i = 0; i < reasons->len; i++) {
			const VeilReason *reason = &g_array_index(reasons, VeilReason, i);
			const VeilRule *rule = &audit->policy->rules[reason->rule];
			g_autofree char *expert = fact_text(audit, &reason->expert_side), *other = fact_text(audit, &reason->project_side);
			char since[12], until[12];

			veil_day_format(reason->window.since, since);
			veil_day_format(reason->window.until, until);
			printf("%s\n  expert side   %s\n  project side  %s\n  window        %s to %s\n  rule          %s\n",
			       veil_rule_name(reason->rule), expert, other, strcmp(since, "-") == 0 ? "any time" : since, until,
			       rule->citation && *rule->citation ? rule->citation : "-");
		}
		return TRUE;
	}
	if (!veil_rows_begin(&rows, how, "reasons", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < reasons->len; i++)
		add_reason(&rows, audit, &g_array_index(reasons, VeilReason, i));
	return veil_rows_end(&rows, error);
}
