/* tie.c - see tie.h.
 *
 * Whoever may ask often learns the facts one by one, so a question costs a request, another operator and a place in the count. What was asked is logged in codes; the answer is
 * worked out before the record is written, so that an unreadable file costs nobody his approval, and is shown after it.
 */
#include "audit/tie.h"

#include <string.h>

#include <veil/audit.h>
#include <veil/batch.h>

#include "site/auditors.h"
#include "site/batch-files.h"
#include "site/words.h"

typedef struct {
	const VeilStep *step;
	const VeilTieQuestion *question;
	char project[VEIL_CODE_CHARS + 1], subject[VEIL_CODE_CHARS + 1]; /* subject "panel": see tie.h */
	VeilRuleId rule;
	char *batch, *freeze_id; /* "-": no batch has the project */
	gboolean available;
	VeilTie answer;
} Tie;

static gboolean
usage(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, text);
	return FALSE;
}

/* Nothing typed goes on unless it is a code: a name must not reach the log. */
static gboolean
parse_question(Tie *t, GError **error)
{
	const VeilTieQuestion *q = t->question;
	int rule = 0;

	while (rule < VEIL_N_RULES && g_ascii_strcasecmp(q->rule, veil_rule_name((VeilRuleId)rule)) != 0)
		rule++;
	if (rule == VEIL_N_RULES)
		return usage(error, "--rule is the name of a rule on conflicts, e.g. C04: `veil policy show` has them");
	t->rule = (VeilRuleId)rule;
	if (q->reviewer != NULL && q->person != NULL)
		return usage(error, "give --reviewer or --person, not both");
	g_strlcpy(t->subject, "panel", sizeof t->subject);
	if (!veil_code_parse(q->project, VEIL_CODE_PROJECT, t->project) || (q->reviewer != NULL && !veil_code_parse(q->reviewer, VEIL_CODE_REVIEWER, t->subject)) ||
	    (q->person != NULL && !veil_code_parse(q->person, VEIL_CODE_PERSON, t->subject)))
		return usage(error, "this is no code of that kind: a character is mistyped");
	return veil_reference_valid(q->reference) ||
	       usage(error, "--reference is the file number of the case: up to 64 letters, digits and ./_-()[], a digit among them");
}

static int
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *
veil_batch_of_project(const VeilSite *site, const char *project, GError **error)
{
	g_autofree char *folder = veil_batch_reading_path(site, VEIL_FOLDER_DRAW, NULL);
	g_autoptr(GDir) open = g_dir_open(folder, 0, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *file;

	if (open == NULL)
		return NULL;
	while ((file = g_dir_read_name(open)) != NULL)
		if (g_str_has_suffix(file, ".veil"))
			g_ptr_array_add(names, g_strndup(file, strlen(file) - strlen(".veil")));
	g_ptr_array_sort(names, by_text);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *name = g_strconcat(names->pdata[i], ".veil", NULL);
		g_autofree char *path = veil_site_check_name(names->pdata[i], "batch", NULL) ? g_build_filename(folder, name, NULL) : NULL;
		g_autoptr(VeilBatch) batch = path ? veil_batch_read(path, error) : NULL;

		if (path != NULL && batch == NULL)
			return NULL;
		if (batch != NULL && veil_batch_find_project(batch, project) >= 0)
			return g_strdup(names->pdata[i]);
	}
	return NULL;
}

/* --- the answer -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const Tie *tie;
	GHashTable *persons; /* auditor's codes whose waiver of the rule is wanted */
	gboolean found;
} Waived;

static gboolean
find_waiver(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Waived *w = data;
	const char *person = veil_record_get(record, "person");

	(void)bytes, (void)len, (void)error;
	if (strcmp(record->act, "batch.waiver") == 0 && g_strcmp0(veil_record_get(record, "freeze-id"), w->tie->freeze_id) == 0 &&
	    g_strcmp0(veil_record_get(record, "project"), w->tie->project) == 0 && g_strcmp0(veil_record_get(record, "rule"), veil_rule_name(w->tie->rule)) == 0 &&
	    person != NULL && g_hash_table_contains(w->persons, person))
		w->found = TRUE;
	return TRUE;
}

/* Does a list of pairs (or the batch-wide one) have the rule for this person? */
static gboolean
list_has(const VeilExclusion *pairs, guint64 from, guint64 to, guint32 person, VeilRuleId rule)
{
	gboolean has = FALSE;

	for (guint64 i = from; i < to; i++)
		has |= pairs[i].person == person && (pairs[i].mask >> rule & 1);
	return has;
}

/* Codes (the drawer's) of who is asked about. */
static GHashTable *
subjects_of(const Tie *t, const VeilBatch *batch)
{
	GHashTable *subjects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	int project = veil_batch_find_project(batch, t->project);

	if (strcmp(t->subject, "panel") != 0)
		g_hash_table_add(subjects, g_strdup(t->subject));
	for (guint64 i = 0; project >= 0 && strcmp(t->subject, "panel") == 0 && i < batch->n_places; i++)
		if (batch->places[i].project == (guint32)project)
			g_hash_table_add(subjects, g_strdup(batch->reviewers[batch->places[i].reviewer].code));
	return subjects;
}

static gboolean
answer(Tie *t, VeilLog *log, const VeilBatch *batch, const VeilAudit *audit, GError **error)
{
	static const char *const concerned[] = {"\nact batch.waiver\n", NULL};
	const VeilExclusions *e = audit->exclusions;
	g_autoptr(GHashTable) subjects = subjects_of(t, batch), persons = g_hash_table_new(g_str_hash, g_str_equal);
	Waived waived = {t, persons, FALSE};
	guint32 project = VEIL_NONE;
	gboolean tied = FALSE;

	for (guint32 p = 0; p < audit->facts->projects->len; p++)
		if (strcmp(audit->projects[p], t->project) == 0)
			project = p;
	for (guint32 i = 0; project != VEIL_NONE && i < audit->facts->persons->len; i++) {
		if (!g_hash_table_contains(subjects, audit->persons[i].reviewer) && !g_hash_table_contains(subjects, audit->persons[i].code))
			continue;
		g_hash_table_add(persons, audit->persons[i].code);
		tied |= list_has(e->pairs, e->offset[project], e->offset[project + 1], i, t->rule);
		tied |= list_has(e->flags, e->flag_offset[project], e->flag_offset[project + 1], i, t->rule);
		tied |= list_has(e->everywhere, 0, e->n_everywhere, i, t->rule);
	}
	if (!veil_ledger_each_with(veil_log_ledger(log), concerned, find_waiver, &waived, error))
		return FALSE;
	t->available = project != VEIL_NONE && (strcmp(t->subject, "panel") == 0 || g_hash_table_size(persons) > 0);
	t->answer = !audit->policy->rules[t->rule].enabled ? VEIL_TIE_NOT_ASKED : tied || waived.found ? VEIL_TIE_YES : VEIL_TIE_NO;
	return TRUE;
}

static gboolean
look(Tie *t, VeilLog *log, GError **error)
{
	g_autofree char *draw = NULL;
	g_autoptr(VeilBatch) batch = NULL;
	g_autoptr(VeilAudit) audit = NULL;
	GError *inner = NULL;

	t->batch = t->question->batch ? g_strdup(t->question->batch) : veil_batch_of_project(t->step->site, t->project, &inner);
	if (inner != NULL)
		return g_propagate_error(error, inner), FALSE;
	if (t->batch == NULL) {
		t->batch = g_strdup("-");
		t->freeze_id = g_strdup("-");
		return TRUE;
	}
	draw = veil_batch_find(t->step->site, VEIL_FOLDER_DRAW, t->batch, "veil", error);
	batch = draw ? veil_batch_read(draw, error) : NULL;
	audit = batch ? veil_audit_open(t->step->site, t->batch, t->question->auditor_key, error) : NULL;
	if (audit == NULL)
		return FALSE;
	t->freeze_id = g_strdup(veil_audit_get(audit, "freeze_id"));
	if (t->freeze_id == NULL || g_strcmp0(t->freeze_id, veil_batch_get(batch, "freeze_id")) != 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "batch %s: batch file and audit file are not of one freeze", t->batch);
		return FALSE;
	}
	return answer(t, log, batch, audit, error);
}

/* --- how often --------------------------------------------------------------------------------------------------------- */

typedef struct {
	const Tie *tie;
	const char *actor;
	char hour[VEIL_MINUTE_BYTES], day[VEIL_MINUTE_BYTES];
	guint officer, batch;
} Recent;

static gboolean
count_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Recent *r = data;

	(void)bytes, (void)len, (void)error;
	if (strcmp(record->act, "request") != 0 || g_strcmp0(veil_record_get(record, "purpose"), "tie") != 0)
		return TRUE;
	r->officer += strcmp(record->actor, r->actor) == 0 && strcmp(record->time, r->hour) > 0;
	r->batch += g_strcmp0(veil_record_get(record, "batch"), r->tie->batch) == 0 && strcmp(record->time, r->day) > 0;
	return TRUE;
}

/* As for unmaskings: [unmask] in site.ini. A request that waits already is none more. */
static gboolean
not_too_often(const Tie *t, VeilLog *log, GError **error)
{
	static const char *const concerned[] = {"\npurpose tie\n", NULL};
	Recent r = {.tie = t, .actor = veil_log_actor(log)};

	veil_log_later(log, -60, r.hour);
	veil_log_later(log, -G_GINT64_CONSTANT(24) * 60, r.day);
	if (!veil_ledger_each_with(veil_log_ledger(log), concerned, count_one, &r, error))
		return FALSE;
	if (r.officer < t->step->site->officer_per_hour && r.batch < t->step->site->batch_per_day)
		return TRUE;
	if (veil_log_append(log, "auditor", "audit.tie.refused", error, "batch", t->batch, "why", r.officer < t->step->site->officer_per_hour ? "batch-rate" : "officer-rate", NULL))
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "too much was asked: so many ties an hour by one operator, and a day about one batch (site.ini, [unmask])");
	return FALSE;
}

/* --- asking ------------------------------------------------------------------------------------------------------------ */

static gboolean
ask(Tie *t, VeilLog *log, GError **error)
{
	const char *rule = veil_rule_name(t->rule), *reference = t->question->reference;
	g_autoptr(VeilApproval) like = veil_approval_find_like(log, "tie", error, "batch", t->batch, "freeze-id", t->freeze_id, "project", t->project, "rule", rule, "subject",
							       t->subject, "reason", reference, NULL);
	char id[VEIL_REQUEST_ID_BYTES];

	if (like == NULL || (like->state == VEIL_APPROVAL_NONE && !not_too_often(t, log, error)) ||
	    !veil_approval_require(log, "auditor", "tie", id, error, "batch", t->batch, "freeze-id", t->freeze_id, "project", t->project, "rule", rule, "subject", t->subject,
				   "reason", reference, NULL))
		return FALSE;
	return veil_approval_use(log, id, "auditor", "audit.tie", error, "batch", t->batch, "freeze-id", t->freeze_id, "project", t->project, "rule", rule, "subject",
				 t->subject, NULL);
}

gboolean
veil_tie_ask(const VeilStep *step, const VeilTieQuestion *question, VeilTie *out, GError **error)
{
	Tie t = {.step = step, .question = question};
	g_autoptr(VeilLog) log = NULL;
	gboolean ok = (question->batch == NULL || veil_site_check_name(question->batch, "batch", error)) && parse_question(&t, error) &&
		      (log = veil_log_open(step->site->dir, step->operator_handle, error)) != NULL;

	if (ok)
		veil_log_set_now(log, step->now_unix_s);
	ok = ok && look(&t, log, error) && ask(&t, log, error);
	if (ok && !t.available) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "not available");
		ok = FALSE;
	}
	if (ok)
		*out = t.answer;
	g_free(t.batch);
	g_free(t.freeze_id);
	return ok;
}
