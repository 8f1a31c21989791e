/* unmask.c - see unmask.h.
 *
 * Everything that can refuse is asked first, the opened text lies ready in memory, then the record unmask.open is written under the ledger's own lock
 * together with the question whether the approval is still unused; only when it is durable is anything printed. A run that dies between the two has
 * disclosed, as far as anybody can tell, and is not repeated: the approval is used up.
 */
#include "custody/unmask.h"

#include <stdio.h>
#include <string.h>

#include "custody/custody.h"
#include "custody/escrow.h"
#include "site/found.h"
#include "witness/witness.h"
#include "site/words.h"

const char *const veil_unmask_purposes[] = {"complaint", "misconduct", "court", "audit-sample", "emergency", NULL};
const char *const veil_unmask_fields[] = {"id", "title", "name", "organisation", "phone", "email", NULL};

/* --- refusing, with a record --------------------------------------------------------------------------------------------- */

typedef struct {
	const VeilStep *step;
	VeilLog *log;
	const char *role, *batch, *request; /* batch, request: NULL while they are not known to be any */
} Attempt;

/* why: one word, for the record; text: for the person. What was typed is never repeated: it may be a name. */
static gboolean
refuse(const Attempt *a, const char *why, const char *text, GError **error)
{
	if (!veil_log_append(a->log, a->role, "unmask.refused", error, "batch", a->batch, "of", a->request, "why", why, NULL))
		return FALSE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* The same for what another step has refused. */
static gboolean
refuse_because(const Attempt *a, const char *why, GError *cause, GError **error)
{
	if (cause->domain == VEIL_ERROR &&
	    (cause->code == VEIL_ERROR_REFUSED || cause->code == VEIL_ERROR_VERIFY || cause->code == VEIL_ERROR_NOT_AVAILABLE) &&
	    !veil_log_append(a->log, a->role, "unmask.refused", error, "batch", a->batch, "of", a->request, "why", why, NULL)) {
		g_error_free(cause);
		return FALSE;
	}
	g_propagate_error(error, cause);
	return FALSE;
}

/* --- how many ---------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *actor, *batch;
	char hour[VEIL_MINUTE_BYTES], day[VEIL_MINUTE_BYTES];
	guint requests_officer, requests_batch, opened_officer, opened_batch;
} Count;

static gboolean
count_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Count *c = data;
	gboolean request = strcmp(record->act, "request") == 0 && g_strcmp0(veil_record_get(record, "purpose"), "unmask") == 0;
	gboolean opened = strcmp(record->act, "unmask.open") == 0;

	(void)bytes, (void)len, (void)error;
	if (!request && !opened)
		return TRUE;
	if (strcmp(record->actor, c->actor) == 0 && strcmp(record->time, c->hour) > 0)
		(*(request ? &c->requests_officer : &c->opened_officer))++;
	if (g_strcmp0(veil_record_get(record, "batch"), c->batch) == 0 && strcmp(record->time, c->day) > 0)
		(*(request ? &c->requests_batch : &c->opened_batch))++;
	return TRUE;
}

static gboolean
count_recent(VeilLog *log, const char *batch, Count *c, GError **error)
{
	static const char *const concerned[] = {"\nact request\n", "\nact unmask.open\n", NULL};

	c->actor = veil_log_actor(log);
	c->batch = batch;
	veil_log_later(log, -60, c->hour);
	veil_log_later(log, -G_GINT64_CONSTANT(24) * 60, c->day);
	return veil_ledger_each_with(veil_log_ledger(log), concerned, count_one, c, error);
}

/* --- asking ------------------------------------------------------------------------------------------------------------ */

/* What is wrong with a request's content; *out_code is filled when nothing is. */
static const char *
content_fault(const VeilUnmaskRequest *r, char out_code[VEIL_CODE_CHARS + 1], const char **out_text)
{
	const char *fault = NULL;

	if (!g_strv_contains(veil_unmask_purposes, r->purpose))
		fault = "purpose", *out_text = "the purpose is none of complaint, misconduct, court, audit-sample, emergency";
	else if (!g_strv_contains(veil_unmask_fields, r->field))
		fault = "field", *out_text = "the field is none of id, title, name, organisation, phone, email";
	else if (!veil_reference_valid(r->reference))
		fault = "reference", *out_text = "the reference is the file number of the case: up to 64 letters, digits and ./_-()[], no telephone and nobody's name";
	else if (r->reviewer != NULL ? !veil_code_parse(r->reviewer, VEIL_CODE_REVIEWER, out_code) :
				       !veil_code_parse(r->project, VEIL_CODE_PROJECT, out_code))
		fault = "code", *out_text = "this is no code of that kind: a character is mistyped";
	return fault;
}

gboolean
veil_unmask_request(const VeilStep *step, const VeilUnmaskRequest *r, char out_id[VEIL_REQUEST_ID_BYTES], GError **error)
{
	g_autoptr(VeilLog) log = NULL;
	g_autoptr(VeilFound) freeze = NULL;
	char code[VEIL_CODE_CHARS + 1];
	const char *text = NULL, *fault;
	Count recent = {0};

	if (!veil_site_check_name(r->batch, "batch", error) || (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	if (!veil_log_find(log, "batch.freeze", "batch", r->batch, &freeze, error))
		return FALSE;
	Attempt attempt = {.step = step, .log = log, .role = "anyone", .batch = freeze != NULL ? r->batch : NULL};
	if (freeze == NULL)
		return refuse(&attempt, "batch", "there is no such batch, or it has no codes yet", error);
	if ((fault = content_fault(r, code, &text)) != NULL)
		return refuse(&attempt, fault, text, error);
	if (!count_recent(log, r->batch, &recent, error))
		return FALSE;
	if (recent.requests_officer >= step->site->officer_per_hour)
		return refuse(&attempt, "officer-rate", "you have asked too often within an hour", error);
	if (recent.requests_batch >= step->site->batch_per_day)
		return refuse(&attempt, "batch-rate", "too much has been asked of this batch within a day", error);
	return veil_request_log(log, "anyone", "unmask", out_id, error, "batch", r->batch, "freeze-id", veil_found_get(freeze, "freeze-id"), "side",
				r->reviewer != NULL ? "reviewer" : "project", "subject", code, "field", r->field, "ground", r->purpose, "reason",
				r->reference, NULL);
}

/* --- opening ----------------------------------------------------------------------------------------------------------- */

typedef struct {
	GHashTable *officers; /* handles; only looked up */
	const char *batch;
} Officers;

static gboolean
take_officer(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Officers *o = data;

	(void)bytes, (void)len, (void)error;
	if (g_strcmp0(veil_record_get(record, "batch"), o->batch) == 0)
		g_hash_table_add(o->officers, g_strdup(record->actor));
	return TRUE;
}

/* Whoever took the batch in, froze or drew it has no say in opening it. */
static gboolean
approver_is_officer(VeilLog *log, const VeilApproval *approval, const char *batch, gboolean *out, GError **error)
{
	static const char *const concerned[] = {"\nact batch.new\n",  "\nact batch.freeze\n", "\nact batch.freeze.intent\n",
						"\nact batch.draw\n", "\nact batch.draw.intent\n", NULL};
	g_autoptr(GHashTable) officers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Officers o = {officers, batch};

	if (!veil_ledger_each_with(veil_log_ledger(log), concerned, take_officer, &o, error))
		return FALSE;
	*out = FALSE;
	for (guint i = 0; approval->approvers[i] != NULL; i++)
		*out = *out || g_hash_table_contains(officers, approval->approvers[i]);
	return TRUE;
}

static const char *
state_text(VeilApprovalState state, const char **out_why)
{
	switch (state) {
	case VEIL_APPROVAL_NONE:
		*out_why = "request";
		return "there is no such request; `veil approve list` shows them";
	case VEIL_APPROVAL_WAITING:
		*out_why = "approval";
		return "this request waits for another operator's approval: `veil approve`";
	case VEIL_APPROVAL_USED:
		*out_why = "used";
		return "this request was opened already: it serves once, and an opening that was cut off counts as one";
	case VEIL_APPROVAL_EXPIRED:
		*out_why = "expired";
		return "this request has expired: it has to be made again";
	case VEIL_APPROVAL_GIVEN:
		break;
	}
	return NULL;
}

/* All that the ledger alone can refuse. */
static gboolean
ledger_allows(Attempt *a, const VeilApproval *approval, const char *note_path, guint64 *out_size, GError **error)
{
	const char *why = NULL, *text = state_text(approval->state, &why);
	Count recent = {0};
	gboolean officer = FALSE;
	GError *inner = NULL;

	if (text != NULL)
		return refuse(a, why, text, error);
	if (!count_recent(a->log, a->batch, &recent, error) || !approver_is_officer(a->log, approval, a->batch, &officer, error))
		return FALSE;
	if (officer)
		return refuse(a, "approver", "the request was approved by an officer of this very batch: it takes somebody else", error);
	if (recent.opened_officer >= a->step->site->officer_per_hour)
		return refuse(a, "officer-rate", "you have opened too often within an hour", error);
	if (recent.opened_batch >= a->step->site->batch_per_day)
		return refuse(a, "batch-rate", "too much of this batch was opened within a day", error);
	/* The approval is later than the request, so a checkpoint that covers it covers both. */
	if (!veil_witnessed(a->step->site, a->log, note_path, approval->approval_seq[g_strv_length(approval->approvers) - 1], a->step->now_unix_s, out_size,
			    &inner))
		return refuse_because(a, "witness", inner, error);
	return TRUE;
}

static char *
read_value(const Attempt *a, const VeilApproval *approval, const char *const *part_paths, char **out_custodians, GError **error)
{
	g_autoptr(VeilKeys) keys = veil_site_open_keys(a->step->site, error);
	g_autoptr(VeilRegistry) registry = keys != NULL ? veil_site_open_registry(a->step->site, VEIL_REGISTRY_READ, error) : NULL;
	g_autoptr(VeilBatchRow) row = registry != NULL ? veil_registry_batch_get(registry, a->batch, error) : NULL;
	g_autoptr(VeilBatchKey) key = NULL;
	gboolean project = strcmp(veil_approval_get(approval, "side"), "project") == 0;

	if (row == NULL)
		return NULL;
	if (g_strcmp0(row->freeze_id, veil_approval_get(approval, "freeze-id")) != 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the batch was frozen anew since this was asked: its codes are others");
		return NULL;
	}
	key = part_paths != NULL ? veil_escrow_join_key(registry, keys, a->log, row, part_paths, out_custodians, error) :
				   veil_live_key_open(a->step->site, keys, row, error);
	return key != NULL ? veil_unmask_value(registry, keys, key, a->batch, project ? VEIL_SUBJECT_PROJECT : VEIL_SUBJECT_REVIEWER,
					       veil_approval_get(approval, "subject"), veil_approval_get(approval, "field"), error) :
			     NULL;
}

static gboolean
print_value(const VeilApproval *approval, const char *value, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"subject", "field", "value"};
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "unmasked", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	veil_rows_add(&rows, (const char *const[]){veil_approval_get(approval, "subject"), veil_approval_get(approval, "field"), value});
	return veil_rows_end(&rows, error) && fflush(stdout) == 0;
}

gboolean
veil_unmask_open(const VeilStep *step, const char *id, const char *note_path, const char *const *part_paths, VeilPrint how, GError **error)
{
	g_autoptr(VeilLog) log = veil_log_open(step->site->dir, step->operator_handle, error);
	g_autoptr(VeilApproval) approval = NULL;
	g_autofree char *custodians = NULL;
	char covered[24];
	GError *inner = NULL;
	guint64 size = 0;
	gboolean ok;

	if (log == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	if ((approval = veil_approval_find(log, id, error)) == NULL)
		return FALSE;
	Attempt a = {.step = step, .log = log, .role = "registrar"};
	if (approval->state == VEIL_APPROVAL_NONE || strcmp(approval->purpose, "unmask") != 0)
		return refuse(&a, "request", "there is no such request of an unmasking; `veil approve list` shows them", error);
	a.batch = veil_approval_get(approval, "batch");
	a.request = approval->id;
	if (!ledger_allows(&a, approval, note_path, &size, error))
		return FALSE;
	char *value = read_value(&a, approval, part_paths, &custodians, &inner);
	if (value == NULL)
		return refuse_because(&a, "key-or-subject", inner, error);
	g_snprintf(covered, sizeof covered, "%" G_GUINT64_FORMAT, size);
	ok = veil_approval_use(log, approval->id, "registrar", "unmask.open", error, "batch", a.batch, "freeze-id", veil_approval_get(approval, "freeze-id"),
			       "side", veil_approval_get(approval, "side"), "subject", veil_approval_get(approval, "subject"), "field",
			       veil_approval_get(approval, "field"), "ground", veil_approval_get(approval, "ground"), "reason",
			       veil_approval_get(approval, "reason"), "witnessed-size", covered, "custodians", custodians, NULL) &&
	     print_value(approval, value, how, error) && veil_log_append(log, "registrar", "unmask.done", error, "batch", a.batch, "of", approval->id, NULL);
	if (ok && *value == '\0' && !step->quiet)
		g_printerr("veil: the registry knows nothing of this field\n");
	explicit_bzero(value, strlen(value));
	g_free(value);
	return ok;
}
