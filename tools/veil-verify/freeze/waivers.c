/* waivers.c - pairs that two persons let pass: the ledger's batch.waiver records of one freeze, found in the audit file.
 *
 * That each rests on an approved request is the log's affair (operators.c). Here: the rule is one that the policy lets be waived, the pair exists, and no
 * waiver stands twice. Whether the rule held at all, the comparison with the facts finds out.
 */
#include <string.h>

#include "freeze/freeze.h"

static guint
project_of(const Audit *audit, const char *code)
{
	guint i = 0;
	while (i < audit->projects->len && g_strcmp0(g_array_index(audit->projects, Project, i).id, code) != 0)
		i++;
	return i;
}

static guint
person_of(const Audit *audit, const char *code)
{
	guint i = 0;
	while (i < audit->persons->len && g_strcmp0(g_array_index(audit->persons, Person, i).code, code) != 0)
		i++;
	return i;
}

static gboolean
take(const Record *record, const Policy *policy, Audit *audit)
{
	Waiver waiver = {project_of(audit, record_get(record, "project")), person_of(audit, record_get(record, "person")), 0, FALSE};
	int rule = 0;

	while (rule < N_RULES && g_strcmp0(rule_names[rule], record_get(record, "rule")) != 0)
		rule++;
	if (rule == N_RULES || !policy->rule[rule].enabled || g_strcmp0(policy->rule[rule].severity, "forbid*") != 0)
		return record_wrong(record, "its rule is not one that the policy lets be waived");
	if (waiver.project == audit->projects->len || waiver.person == audit->persons->len)
		return record_wrong(record, "its pair is not in the audit file");
	waiver.mask = (guint32)1 << rule;
	for (guint i = 0; i < audit->waivers->len; i++) {
		const Waiver *other = &g_array_index(audit->waivers, Waiver, i);
		if (other->project == waiver.project && other->person == waiver.person && other->mask == waiver.mask)
			return record_wrong(record, "the same waiver stands twice");
	}
	g_array_append_val(audit->waivers, waiver);
	return TRUE;
}

gboolean
waivers_read(const Ledger *ledger, const char *freeze_id, const Policy *policy, Audit *audit)
{
	gboolean frozen = FALSE;

	audit->waivers = g_array_new(FALSE, FALSE, sizeof(Waiver));
	for (guint i = 0; i < ledger->records->len; i++) {
		const Record *record = ledger->records->pdata[i];

		if (g_strcmp0(record_get(record, "freeze-id"), freeze_id) != 0)
			continue;
		frozen = frozen || strcmp(record->act, "batch.freeze") == 0;
		if (strcmp(record->act, "batch.waiver") == 0 && (frozen ? !record_wrong(record, "it follows the freeze that it is for") : !take(record, policy, audit)))
			return FALSE;
	}
	if (audit->waivers->len > 0)
		verdict_note("%u pair(s) were waived by two persons each; the ledger has rule, codes and approval", audit->waivers->len);
	return TRUE;
}

guint32
waived(const Audit *audit, guint32 project, guint32 person, guint32 facts)
{
	guint32 mask = 0;

	for (guint i = 0; audit->waivers != NULL && i < audit->waivers->len; i++) {
		Waiver *waiver = &g_array_index(audit->waivers, Waiver, i);

		if (waiver->project != project || waiver->person != person)
			continue;
		mask |= waiver->mask;
		waiver->met = (waiver->mask & facts) != 0;
	}
	return mask;
}

gboolean
waivers_met(const Audit *audit)
{
	for (guint i = 0; audit->waivers != NULL && i < audit->waivers->len; i++) {
		const Waiver *waiver = &g_array_index(audit->waivers, Waiver, i);

		if (!waiver->met)
			return verdict_reject("ledger: project %s, person %s: a rule was waived that does not hold there", g_array_index(audit->projects, Project, waiver->project).id,
					      g_array_index(audit->persons, Person, waiver->person).code);
	}
	return TRUE;
}
