/* staff.c - see staff.h.
 *
 * Found once, at the freeze, where the facts are; remembered by handle in the ledger, which every role can read. So the drawer's commands refuse
 * without the registry, and the refusal says nothing of why.
 */
#include "site/staff.h"

#include <string.h>

/* Of the rules that exist: behind the project, kin, employment now and before, director, shareholder, adviser. */
static const VeilRuleId ties[] = {VEIL_RULE_C01, VEIL_RULE_C02, VEIL_RULE_C04, VEIL_RULE_C05, VEIL_RULE_C06, VEIL_RULE_C07, VEIL_RULE_C09};

typedef struct {
	char *handle;
	VeilId entry, person;
	guint32 index; /* in the facts, VEIL_NONE: in none of them */
	gboolean in_pool, active, barred;
} Member;

static void
free_member(gpointer data)
{
	Member *member = data;

	g_free(member->handle);
	g_free(member);
}

static gboolean
note_member(const char *handle, const VeilId *entry, gpointer data, GError **error)
{
	Member *member = g_new0(Member, 1);

	(void)error;
	member->handle = g_strdup(handle);
	member->entry = *entry;
	member->index = VEIL_NONE;
	g_ptr_array_add(data, member);
	return TRUE;
}

static gboolean
note_person(const VeilEntry *entry, gpointer data, GError **error)
{
	const GPtrArray *members = data;

	(void)error;
	for (guint i = 0; i < members->len; i++) {
		Member *member = members->pdata[i];
		if (veil_id_equal(&member->entry, &entry->id))
			member->person = entry->person;
	}
	return TRUE;
}

static void
find_in_facts(const GPtrArray *members, const VeilFacts *facts)
{
	for (guint32 p = 0; p < facts->persons->len; p++) {
		const VeilPerson *person = veil_facts_at(facts->persons, VeilPerson, p);
		for (guint i = 0; i < members->len; i++) {
			Member *member = members->pdata[i];
			if (!veil_id_equal(&member->person, &person->id))
				continue;
			member->index = p;
			member->in_pool = person->in_pool;
			member->active = person->active;
			member->barred = person->in_pool && person->active;
		}
	}
}

/* The engine judges experts; for this question staff are looked at as if they were some. */
static void
lend(const GPtrArray *members, VeilFacts *facts, gboolean on)
{
	for (guint i = 0; i < members->len; i++) {
		const Member *member = members->pdata[i];
		if (member->index == VEIL_NONE)
			continue;
		VeilPerson *person = veil_facts_at(facts->persons, VeilPerson, member->index);
		person->in_pool = on ? TRUE : member->in_pool;
		person->active = on ? TRUE : member->active;
	}
}

static void
bar_tied(const GPtrArray *members, const VeilExclusions *tied)
{
	for (guint64 k = 0; k < tied->offset[tied->n_projects]; k++)
		for (guint i = 0; i < members->len; i++) {
			Member *member = members->pdata[i];
			member->barred |= member->index == tied->pairs[k].person;
		}
}

static gboolean
find_tied(const GPtrArray *members, const VeilPolicy *policy, VeilFacts *facts, VeilDay as_of, GError **error)
{
	VeilPolicy strict = *policy;
	g_autoptr(VeilExclusions) tied = NULL;

	for (guint rule = 0; rule < VEIL_N_RULES; rule++)
		strict.rules[rule].enabled = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(ties); i++) {
		strict.rules[ties[i]].enabled = TRUE;
		strict.rules[ties[i]].severity = VEIL_SEVERITY_FORBID;
	}
	lend(members, facts, TRUE);
	tied = veil_conflict_find(facts, &strict, as_of, NULL, error);
	lend(members, facts, FALSE);
	if (tied != NULL)
		bar_tied(members, tied);
	return tied != NULL;
}

static int
by_handle(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const Member *const *)a)->handle, (*(const Member *const *)b)->handle);
}

static gboolean
refuse(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "this operator does not act in this batch: he has a part or a tie in it; another operator of the role does");
	return FALSE;
}

gboolean
veil_staff_bar(VeilLog *log, VeilRegistry *registry, const char *batch, const char *freeze_id, const VeilPolicy *policy, VeilFacts *facts, VeilDay as_of,
	       GError **error)
{
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func(free_member);
	g_autoptr(GString) handles = g_string_new(NULL);

	if (!veil_registry_each_staff(registry, note_member, members, error))
		return FALSE;
	if (members->len == 0)
		return TRUE;
	if (!veil_registry_each_entry(registry, note_person, members, error))
		return FALSE;
	find_in_facts(members, facts);
	if (!find_tied(members, policy, facts, as_of, error))
		return FALSE;
	g_ptr_array_sort(members, by_handle);
	for (guint i = 0; i < members->len; i++) {
		const Member *member = members->pdata[i];
		if (member->barred && strcmp(member->handle, veil_log_actor(log)) == 0)
			return refuse(error);
		if (member->barred)
			g_string_append_printf(handles, "%s%s", handles->len > 0 ? ";" : "", member->handle);
	}
	return veil_log_append(log, "registrar", "batch.barred", error, "batch", batch, "freeze-id", freeze_id, "operators",
			       handles->len > 0 ? handles->str : "-", NULL);
}

gboolean
veil_staff_check(VeilLedger *ledger, const char *batch, const char *handle, GError **error)
{
	VeilRecord record;
	gpointer storage = NULL;

	if (batch == NULL)
		return TRUE;
	if (!veil_ledger_find_last(ledger, "batch.barred", "batch", batch, &record, &storage, error))
		return FALSE;
	if (storage == NULL)
		return TRUE;
	const char *operators = veil_record_get(&record, "operators");
	g_auto(GStrv) handles = g_strsplit(operators != NULL ? operators : "", ";", -1);
	gboolean barred = g_strv_contains((const char *const *)handles, handle);
	veil_record_storage_free(storage);
	return !barred || refuse(error);
}
