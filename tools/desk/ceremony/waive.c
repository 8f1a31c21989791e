/* waive.c - waivers before a freeze and in it.
 *
 * Before a freeze there are no codes, and the ledger must not hold ids: the request carries a digest of both ids under a salt that stays in the registry.
 * The freeze that uses an approved waiver says which pair it was by code, the project's as the drawer knows it and the person's as the auditor does, so
 * that only the auditor, who has the audit file, can put the two together.
 */
#include "ceremony/waive.h"

#include <string.h>

#include <veil/idmap.h>
#include <veil/blind.h>
#include <veil/text.h>

#include "ceremony/approve.h"
#include "site/words.h"

/* --- asking ---------------------------------------------------------------------------------------------------------------- */

typedef struct {
	const VeilStep *step;
	VeilKeys *keys;
	VeilRegistry *registry;
	VeilLog *log;
	VeilBatchRow *row;
	VeilToken token; /* looked for */
	VeilWaiverRow waiver;
	gboolean found;
	char request[VEIL_REQUEST_ID_BYTES]; /* of the same waiver, asked for before */
} Waive;

static void
clear_waive(Waive *w)
{
	veil_keys_free(w->keys);
	veil_registry_free(w->registry);
	veil_log_free(w->log);
	veil_batch_row_free(w->row);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Waive, clear_waive)

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

static void
make_token(Waive *w, const char *prefix, const char *source, const char *id)
{
	g_autofree char *domain = g_strconcat(prefix, source != NULL ? source : "local", NULL), *folded = veil_text_fold_id("id", id);

	veil_token(w->keys, domain, folded, strlen(folded), w->token.b);
	w->found = FALSE;
}

static gboolean
look_at_project(const VeilProjectRow *row, gpointer data, GError **error)
{
	Waive *w = data;

	(void)error;
	if (memcmp(row->token.b, w->token.b, sizeof w->token.b) == 0) {
		w->waiver.project = row->id;
		w->found = TRUE;
	}
	return TRUE;
}

static gboolean
look_at_entry(const VeilEntry *row, gpointer data, GError **error)
{
	Waive *w = data;

	(void)error;
	if (row->has_token && row->in_pool && memcmp(row->token.b, w->token.b, sizeof w->token.b) == 0) {
		w->waiver.entry = row->id;
		w->found = TRUE;
	}
	return TRUE;
}

static gboolean
not_available(const char *what, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "no such %s is available here; --source says whose id it is", what);
	return FALSE;
}

static gboolean
find_pair(Waive *w, const char *name, const VeilWaiver *wanted, GError **error)
{
	make_token(w, "project/", wanted->source, wanted->project);
	if (!veil_registry_each_project(w->registry, name, look_at_project, w, error))
		return FALSE;
	if (!w->found)
		return not_available("project", error);
	make_token(w, "source/", wanted->source, wanted->reviewer);
	return veil_registry_each_entry(w->registry, look_at_entry, w, error) && (w->found || not_available("expert", error));
}

static gboolean
check_rule(Waive *w, const char *name, GError **error)
{
	g_autoptr(VeilPolicy) policy = veil_policy_parse(w->row->policy, strlen(w->row->policy), "policy", error);
	VeilRuleId rule;

	if (policy == NULL)
		return FALSE;
	if (!veil_rule_from_name(name, &rule)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--rule takes the name of a rule, such as C13; `veil policy show` lists them");
		return FALSE;
	}
	if (!policy->rules[rule].enabled || policy->rules[rule].severity != VEIL_SEVERITY_FORBID_WAIVABLE) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "rule %s cannot be waived in this batch: its policy does not say forbid* there",
			    veil_rule_name(rule));
		return FALSE;
	}
	w->waiver.rule = (guint)rule;
	return TRUE;
}

static gboolean
look_at_waiver(const VeilWaiverRow *row, gpointer data, GError **error)
{
	Waive *w = data;
	g_autoptr(VeilApproval) a = NULL;

	if (!veil_id_equal(&row->project, &w->waiver.project) || !veil_id_equal(&row->entry, &w->waiver.entry) || row->rule != w->waiver.rule)
		return TRUE;
	if ((a = veil_approval_find(w->log, row->request, error)) == NULL)
		return FALSE;
	if (a->state == VEIL_APPROVAL_WAITING || a->state == VEIL_APPROVAL_GIVEN) {
		w->found = a->state == VEIL_APPROVAL_GIVEN;
		g_strlcpy(w->request, row->request, sizeof w->request);
	}
	return TRUE;
}

static void
put(GByteArray *to, const guint8 *bytes, guint len)
{
	guint8 length[4];

	veil_put_u32(length, len);
	g_byte_array_append(to, length, sizeof length);
	g_byte_array_append(to, bytes, len);
}

static void
pair_digest(const VeilWaiverRow *row, char out[65])
{
	static const char label[] = "veil/waiver/1";
	g_autoptr(GByteArray) text = g_byte_array_new();
	guint8 digest[32];

	g_byte_array_append(text, (const guint8 *)label, sizeof label - 1);
	put(text, row->salt, sizeof row->salt);
	put(text, row->project.b, sizeof row->project.b);
	put(text, row->entry.b, sizeof row->entry.b);
	veil_sha256(text->data, text->len, digest);
	veil_hex_encode(digest, sizeof digest, out);
}

static gboolean
ask(Waive *w, const char *name, const char *reason, GError **error)
{
	char pair[65];

	veil_random_system(w->waiver.salt, sizeof w->waiver.salt, NULL);
	pair_digest(&w->waiver, pair);
	if (!veil_request_log(w->log, "registrar", "waiver", w->request, error, "batch", name, "rule", veil_rule_name((VeilRuleId)w->waiver.rule), "pair", pair,
			      "reason", reason, NULL))
		return FALSE;
	w->waiver.request = w->request;
	w->waiver.batch = name;
	return veil_registry_begin(w->registry, error) && veil_registry_put_waiver(w->registry, &w->waiver, error) &&
	       veil_registry_commit(w->registry, error);
}

gboolean
veil_step_waive(const VeilStep *step, const char *name, const VeilWaiver *wanted, GError **error)
{
	g_auto(Waive) w = {.step = step};

	if (!veil_site_check_name(name, "batch", error) || !veil_reason_check(wanted->reason, error) ||
	    (w.keys = veil_site_open_keys(step->site, error)) == NULL ||
	    (w.registry = veil_site_open_registry(step->site, VEIL_REGISTRY_WRITE, error)) == NULL ||
	    (w.log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL ||
	    (w.row = veil_registry_batch_get(w.registry, name, error)) == NULL)
		return FALSE;
	veil_log_set_now(w.log, step->now_unix_s);
	if (strcmp(w.row->state, "draft") != 0 && strcmp(w.row->state, "frozen") != 0)
		return refuse(error, "a waiver comes before a freeze: this batch is being frozen or is closed");
	if (!check_rule(&w, wanted->rule, error) || !find_pair(&w, name, wanted, error))
		return FALSE;
	w.found = FALSE;
	if (!veil_registry_each_waiver(w.registry, name, look_at_waiver, &w, error))
		return FALSE;
	if (w.found)
		return TRUE;
	if (*w.request == '\0' && !ask(&w, name, wanted->reason, error))
		return FALSE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "request %s waits for another operator: `veil approve %s`; the batch's next freeze uses it", w.request,
		    w.request);
	return FALSE;
}

/* --- in the freeze ----------------------------------------------------------------------------------------------------- */

typedef struct {
	VeilLog *log;
	VeilRegistry *registry;
	const VeilBatchRow *row;
	const char *freeze_id;
	const VeilBatchKey *key;
	const VeilFacts *facts;
	const VeilPolicy *policy;
	VeilExclusions *exclusions;
	GArray *rows;	   /* VeilWaiverRow, request in strings */
	GPtrArray *strings;
	GHashTable *persons; /* VeilId of an entry that is waived for -> VeilId of its person */
	GHashTable *used;    /* request ids this freeze has used already: a set */
	gboolean changed;
} Apply;

static gboolean
keep_waiver(const VeilWaiverRow *row, gpointer data, GError **error)
{
	Apply *a = data;
	VeilWaiverRow copy = *row;

	(void)error;
	copy.request = g_strdup(row->request);
	copy.batch = NULL;
	g_ptr_array_add(a->strings, (gpointer)copy.request);
	g_array_append_val(a->rows, copy);
	g_hash_table_replace(a->persons, g_memdup2(&row->entry, sizeof row->entry), g_new0(VeilId, 1));
	return TRUE;
}

static gboolean
note_person(const VeilEntry *entry, gpointer data, GError **error)
{
	Apply *a = data;
	VeilId *person = g_hash_table_lookup(a->persons, &entry->id);

	(void)error;
	if (person != NULL)
		*person = entry->person;
	return TRUE;
}

static gboolean
note_used(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Apply *a = data;
	const char *request = veil_record_get(record, "request");

	(void)bytes, (void)len, (void)error;
	if (request != NULL && g_strcmp0(veil_record_get(record, "freeze-id"), a->freeze_id) == 0)
		g_hash_table_add(a->used, g_strdup(request));
	return TRUE;
}

/* The pair's place among the exclusions, NULL when it is excluded by nothing. */
static VeilExclusion *
find_excluded(const Apply *a, const VeilWaiverRow *row)
{
	const VeilId *person = g_hash_table_lookup(a->persons, &row->entry);
	const VeilExclusions *e = a->exclusions;

	for (guint32 p = 0; p < e->n_projects; p++) {
		if (!veil_id_equal(&veil_facts_at(a->facts->projects, VeilProject, p)->id, &row->project))
			continue;
		for (guint64 i = e->offset[p]; i < e->offset[p + 1]; i++)
			if (veil_id_equal(&veil_facts_at(a->facts->persons, VeilPerson, e->pairs[i].person)->id, person))
				return &e->pairs[i];
	}
	return NULL;
}

static gboolean
log_use(const Apply *a, const VeilWaiverRow *row, GError **error)
{
	const VeilId *person = g_hash_table_lookup(a->persons, &row->entry);
	char project_code[VEIL_CODE_CHARS + 1], person_code[VEIL_CODE_CHARS + 1];

	veil_code(a->key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_DRAWER, &row->project, project_code);
	veil_code(a->key, VEIL_CODE_PERSON, VEIL_AUDIENCE_AUDITOR, person, person_code);
	return veil_approval_use(a->log, row->request, "registrar", "batch.waiver", error, "batch", a->row->name, "freeze-id", a->freeze_id, "project",
				 project_code, "person", person_code, "rule", veil_rule_name((VeilRuleId)row->rule), NULL);
}

/* An approved waiver of a rule that does exclude the pair: said, then done. Any other stays where it is. */
static gboolean
apply_one(Apply *a, const VeilWaiverRow *row, GError **error)
{
	VeilExclusion *pair = find_excluded(a, row);
	guint32 bit = (guint32)1 << row->rule;
	g_autoptr(VeilApproval) approval = NULL;

	if (pair == NULL || (pair->mask & bit) == 0 || a->policy->rules[row->rule].severity != VEIL_SEVERITY_FORBID_WAIVABLE)
		return TRUE;
	if (!g_hash_table_contains(a->used, row->request)) {
		if ((approval = veil_approval_find(a->log, row->request, error)) == NULL)
			return FALSE;
		if (approval->state != VEIL_APPROVAL_GIVEN)
			return TRUE;
		if (!log_use(a, row, error))
			return FALSE;
	}
	pair->mask &= ~bit;
	a->changed = TRUE;
	return TRUE;
}

static void
add_rest(GArray *to, const VeilExclusion *pairs, guint64 from, guint64 until)
{
	if (until > from)
		g_array_append_vals(to, pairs + from, (guint)(until - from));
}

static int
by_person(gconstpointer a, gconstpointer b)
{
	guint32 x = ((const VeilExclusion *)a)->person, y = ((const VeilExclusion *)b)->person;

	return x < y ? -1 : x > y;
}

/* Pairs that no excluding rule touches any more leave the exclusions; with a flag left they join the flagged ones. */
static void
settle(Apply *a)
{
	VeilExclusions *e = a->exclusions;
	GArray *pairs = g_array_new(FALSE, FALSE, sizeof(VeilExclusion)), *flags = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
	guint32 excluding = 0;

	for (guint rule = 0; rule < VEIL_N_RULES; rule++)
		if (a->policy->rules[rule].enabled && a->policy->rules[rule].severity != VEIL_SEVERITY_FLAG)
			excluding |= (guint32)1 << rule;
	for (guint32 p = 0; p < e->n_projects; p++) {
		g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(VeilExclusion));
		guint64 from = e->offset[p], flags_from = e->flag_offset[p], begin = pairs->len, flags_begin = flags->len;

		for (guint64 i = from; i < e->offset[p + 1]; i++)
			if ((e->pairs[i].mask & excluding) != 0)
				g_array_append_val(pairs, e->pairs[i]);
			else if (e->pairs[i].mask != 0)
				g_array_append_val(own, e->pairs[i]);
		add_rest(own, e->flags, flags_from, e->flag_offset[p + 1]);
		g_array_sort(own, by_person);
		add_rest(flags, (const VeilExclusion *)(gconstpointer)own->data, 0, own->len);
		e->offset[p] = begin;
		e->flag_offset[p] = flags_begin;
	}
	e->offset[e->n_projects] = pairs->len;
	e->flag_offset[e->n_projects] = flags->len;
	g_free(e->pairs);
	g_free(e->flags);
	e->pairs = (VeilExclusion *)(gpointer)g_array_free(pairs, FALSE);
	e->flags = (VeilExclusion *)(gpointer)g_array_free(flags, FALSE);
}

gboolean
veil_waivers_apply(VeilLog *log, VeilRegistry *registry, const VeilBatchRow *row, const char *freeze_id, const VeilPolicy *policy, const VeilBatchKey *key,
		   const VeilFacts *facts, VeilExclusions *exclusions, GError **error)
{
	static const char *const concerned[] = {"\nact batch.waiver\n", NULL};
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(VeilWaiverRow));
	g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) persons = g_hash_table_new_full(veil_id_table_hash, veil_id_table_equal, g_free, g_free);
	g_autoptr(GHashTable) used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Apply a = {.log = log, .registry = registry, .row = row, .freeze_id = freeze_id, .key = key, .facts = facts, .policy = policy,
		   .exclusions = exclusions, .rows = rows, .strings = strings, .persons = persons, .used = used};

	if (!veil_registry_each_waiver(registry, row->name, keep_waiver, &a, error))
		return FALSE;
	if (rows->len == 0)
		return TRUE;
	if (!veil_registry_each_entry(registry, note_person, &a, error) ||
	    !veil_ledger_each_with(veil_log_ledger(log), concerned, note_used, &a, error))
		return FALSE;
	if (!veil_log_group_begin(log, error))
		return FALSE;
	for (guint i = 0; i < rows->len; i++)
		if (!apply_one(&a, &g_array_index(rows, VeilWaiverRow, i), error)) {
			veil_log_group_undo(log);
			return FALSE;
		}
	if (!veil_log_group_end(log, error))
		return FALSE;
	if (a.changed)
		settle(&a);
	return TRUE;
}
