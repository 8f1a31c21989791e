/* operators.c - who signed, in what role, and who else had to agree (docs/design/ledger-format.md, "Operators", "Requests and approvals").
 *
 * The records are judged one by one in the order of the log, so that everything is judged by what stood before it.
 */
#include <string.h>

#include "log/log.h"

typedef struct {
	char *handle, *roles; /* roles: names, ; between */
	guint8 key[32];
	gboolean revoked;
} Operator;

typedef struct {
	Record *record; /* a copy of what the ledger keeps */
	GPtrArray *approvers;
	const char *acted; /* by which act it was used up */
	char *acted_for;   /* and for which freeze */
} Request;

struct Operators {
	GPtrArray *list;	/* Operator */
	GHashTable *requests;	/* id -> Request */
	GHashTable *exceptions; /* "freeze-id LF project" of those that have all their approvals */
	GHashTable *hats;	/* "handle LF batch" -> the role in which he acted there */
	GHashTable *barred;	/* batch -> handles, ; between, of who has a part or a tie in it */
	gboolean rehearsal, ever, imported; /* ever: an operator was named; imported: something to protect is in */
	guint64 checked; /* signatures of so many records were verified before */
};

/* Whom a request may concern. */
static const struct {
	const char *purpose, *acts, *roles; /* of the approver; NULL: any */
	guint approvals;
} purposes[] = {
	{"freeze", "batch.freeze.intent", "registrar;auditor", 1},
	{"waiver", "batch.waiver", "registrar;auditor", 1},
	{"exception", NULL, NULL, 3},
	{"operator", "operator.add", "registrar;auditor", 1},
	{"unmask", "unmask.open", "auditor", 1},
	{"close", "batch.close.intent", "requester;auditor", 1},
	{"escrow.destroy", "escrow.destroy.intent", "auditor", 1},
	{"witnesses", "site.witnesses", "auditor", 1},
	{"tie", "audit.tie", "registrar;auditor", 1},
};

static void
operator_free(gpointer data)
{
	Operator *o = data;

	g_free(o->handle), g_free(o->roles), g_free(o);
}

static void
request_free(gpointer data)
{
	Request *r = data;

	g_ptr_array_unref(r->record->fields), g_free(r->record->actor), g_free(r->record);
	g_ptr_array_unref(r->approvers), g_free(r->acted_for), g_free(r);
}

Operators *
operators_new(void)
{
	Operators *o = g_new0(Operators, 1);

	o->list = g_ptr_array_new_with_free_func(operator_free);
	o->requests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, request_free);
	o->exceptions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	o->hats = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	o->barred = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return o;
}

void
operators_free(Operators *o)
{
	g_ptr_array_unref(o->list);
	g_hash_table_unref(o->requests);
	g_hash_table_unref(o->exceptions);
	g_hash_table_unref(o->hats);
	g_hash_table_unref(o->barred);
	g_free(o);
}

GHashTable *
operators_exceptions(const Operators *o)
{
	return g_hash_table_ref(o->exceptions);
}

void
operators_checked(Operators *o, guint64 size)
{
	o->checked = size;
}

gboolean
operators_rehearsal(const Operators *o)
{
	return o->rehearsal;
}

guint
operators_named(const Operators *o)
{
	return o->list->len;
}

static Operator *
operator_of(const Operators *o, const char *handle)
{
	for (guint i = 0; i < o->list->len; i++)
		if (g_strcmp0(((Operator *)o->list->pdata[i])->handle, handle) == 0)
			return o->list->pdata[i];
	return NULL;
}

/* Do two lists, ; between, share a name? */
static gboolean
share_role(const char *a, const char *b)
{
	g_auto(GStrv) ours = g_strsplit(a ? a : "", ";", -1), theirs = g_strsplit(b ? b : "", ";", -1);

	for (guint i = 0; ours[i]; i++)
		if (ours[i][0] && g_strv_contains((const char *const *)theirs, ours[i]))
			return TRUE;
	return FALSE;
}

static gboolean
handle_ok(const char *handle)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";

	return handle && g_ascii_isalnum(handle[0]) && strlen(handle) <= 64 && strspn(handle, letters) == strlen(handle);
}

/* In their order, each once, none unknown. */
static gboolean
roles_ok(const char *roles)
{
	static const char *const names[] = {"registrar", "requester", "drawer", "notifier", "auditor", "custodian"};
	g_auto(GStrv) said = g_strsplit(roles ? roles : "", ";", -1);
	guint at = 0, n = g_strv_length(said);

	for (guint i = 0; i < n; i++, at++) {
		while (at < G_N_ELEMENTS(names) && strcmp(names[at], said[i]) != 0)
			at++;
		if (at == G_N_ELEMENTS(names))
			return FALSE;
	}
	return n > 0;
}

/* --- operators ---------------------------------------------------------------------------------------------------- */

/* The operator that site.init or operator.add names. */
static gboolean
name_operator(Operators *o, const Record *record, const char *handle)
{
	const char *key_text = record_get(record, "operator-key"), *roles = record_get(record, "roles");
	g_autofree guint8 *key = NULL;
	gsize len = 0;
	Operator *operator;

	key = key_text ? base64_strict(key_text, &len) : NULL;
	if (key == NULL || len != 32 || !point_ok(key))
		return record_wrong(record, "it names no Ed25519 key of an operator");
	if (!handle_ok(handle))
		return record_wrong(record, "it names no handle");
	if (!roles_ok(roles))
		return record_wrong(record, "its roles are not known, or not in their order");
	for (guint i = 0; i < o->list->len; i++) {
		if (strcmp(((Operator *)o->list->pdata[i])->handle, handle) == 0)
			return record_wrong(record, "this handle was given before");
		if (memcmp(((Operator *)o->list->pdata[i])->key, key, 32) == 0)
			return record_wrong(record, "this key belongs to another handle");
	}
	operator = g_new0(Operator, 1);
	operator->handle = g_strdup(handle);
	operator->roles = g_strdup(roles);
	memcpy(operator->key, key, 32);
	g_ptr_array_add(o->list, operator);
	o->ever = TRUE;
	return TRUE;
}

static gboolean
judge_add(Operators *o, const Record *record)
{
	const char *handle = record_get(record, "handle");
	const Operator *actor = operator_of(o, record->actor);
	gboolean self = g_strcmp0(handle, record->actor) == 0;

	if (self && !o->rehearsal && o->ever)
		return record_wrong(record, "an operator named himself");
	if (!self && (actor == NULL || actor->revoked || !share_role(actor->roles, "registrar")))
		return record_wrong(record, "only a registrar names operators");
	if (!o->rehearsal && o->imported && record_get(record, "request") == NULL)
		return record_wrong(record, "an operator was named without a second person");
	return name_operator(o, record, handle);
}

static gboolean
judge_revoke(Operators *o, const Record *record)
{
	Operator *operator = operator_of(o, record_get(record, "handle"));
	const Operator *actor = operator_of(o, record->actor);
	guint registrars = 0;

	if (actor == NULL || actor->revoked || !share_role(actor->roles, "registrar"))
		return record_wrong(record, "only a registrar revokes");
	if (operator == NULL || operator->revoked)
		return record_wrong(record, "it revokes nobody who is an operator");
	operator->revoked = TRUE;
	for (guint i = 0; i < o->list->len; i++)
		registrars += !((Operator *)o->list->pdata[i])->revoked && share_role(((Operator *)o->list->pdata[i])->roles, "registrar");
	return registrars > 0 || record_wrong(record, "it leaves the log without a registrar");
}

static gboolean
signature_holds(const Record *record, const guint8 key[32])
{
	return ed25519_verify(key, record->signature, record->signed_text->data, record->signed_text->len);
}

/* by: who signs; the operator that the record itself names, or the one its actor was before it. */
static gboolean
judge_signature(const Operators *o, const Record *record, const Operator *by)
{
	if (record->version == 1)
		return !o->ever || record_wrong(record, "it is not signed, although operators' keys are in the log");
	if (by == NULL)
		return record_wrong(record, "its actor is no operator at this point");
	if (record->seq >= o->checked && !(record->tried == by->key ? record->holds : signature_holds(record, by->key)))
		return record_wrong(record, "its operator's signature does not hold");
	if (!o->rehearsal && strcmp(record->role, "anyone") != 0 && !share_role(by->roles, record->role))
		return record_wrong(record, "its operator does not hold the role that it was made in");
	return TRUE;
}

/* What one thread tries: every `step`th record from `first` on. */
typedef struct {
	GPtrArray *records;
	guint first, step;
} Stripe;

static gpointer
try_stripe(gpointer data)
{
	const Stripe *stripe = data;

	for (guint i = stripe->first; i < stripe->records->len; i += stripe->step) {
		Record *record = stripe->records->pdata[i];

		if (record->tried != NULL)
			record->holds = signature_holds(record, record->tried);
	}
	return NULL;
}

void
operators_try(const Operators *o, GPtrArray *records)
{
	guint n = g_get_num_processors(), to_try = 0;
	g_autofree Stripe *stripe = g_new(Stripe, n);
	g_autofree GThread **thread = g_new(GThread *, n);

	for (guint i = 0; i < records->len; i++) {
		Record *record = records->pdata[i];
		const Operator *by = record->version == 2 && record->seq >= o->checked ? operator_of(o, record->actor) : NULL;

		record->tried = by ? by->key : NULL;
		to_try += by != NULL;
	}
	n = MIN(n, to_try / 32 + 1); /* a thread for fewer costs more than it saves */
	for (guint t = 0; t < n; t++) {
		stripe[t] = (Stripe){records, t, n};
		thread[t] = t > 0 ? g_thread_new("signatures", try_stripe, &stripe[t]) : NULL;
	}
	try_stripe(&stripe[0]);
	for (guint t = 1; t < n; t++)
		g_thread_join(thread[t]);
}

/* One person, one role in a batch; and who has a part or a tie in it (batch.barred of its latest freeze) leaves no record there. */
static gboolean
judge_batch(Operators *o, const Record *record)
{
	const char *batch = record_get(record, "batch"), *before;
	g_autofree char *key = NULL;
	g_auto(GStrv) barred = NULL;

	if (batch == NULL || strcmp(batch, "-") == 0 || !o->ever)
		return TRUE;
	before = g_hash_table_lookup(o->barred, batch);
	barred = g_strsplit(before ? before : "", ";", -1);
	if (g_strv_contains((const char *const *)barred, record->actor))
		return record_wrong(record, "its operator has a part or a tie in this batch");
	if (strcmp(record->act, "batch.barred") == 0)
		g_hash_table_replace(o->barred, g_strdup(batch), g_strdup(record_get(record, "operators")));
	if (o->rehearsal || strcmp(record->role, "anyone") == 0)
		return TRUE;
	key = g_strdup_printf("%s\n%s", record->actor, batch);
	before = g_hash_table_lookup(o->hats, key);
	if (before != NULL && strcmp(before, record->role) != 0)
		return record_wrong(record, "its operator has acted in this batch in another role");
	if (before == NULL)
		g_hash_table_insert(o->hats, g_steal_pointer(&key), g_strdup(record->role));
	return TRUE;
}

/* --- requests and approvals --------------------------------------------------------------------------------------- */

static guint
purpose_number(const Request *request)
{
	guint i = 0;

	while (i < G_N_ELEMENTS(purposes) && g_strcmp0(purposes[i].purpose, record_get(request->record, "purpose")) != 0)
		i++;
	return i;
}

static gboolean
take_request(Operators *o, const Record *record)
{
	Request *request = g_new0(Request, 1);
	char id[17];

	request->record = g_new0(Record, 1);
	request->record->seq = record->seq;
	request->record->actor = g_strdup(record->actor);
	request->record->fields = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < record->fields->len; i++)
		g_ptr_array_add(request->record->fields, g_strdup(record->fields->pdata[i]));
	request->approvers = g_ptr_array_new_with_free_func(g_free);
	hex_of(record->leaf, 8, id);
	g_hash_table_replace(o->requests, g_strdup(id), request);
	return is_minute(record_get(record, "expires")) || record_wrong(record, "it does not say when it expires");
}

static gboolean
judge_approval(const Operators *o, const Record *record, Request *request)
{
	const Operator *by = operator_of(o, record->actor);
	guint purpose = purpose_number(request);

	if (purpose == G_N_ELEMENTS(purposes))
		return record_wrong(record, "it approves a request of a purpose that this checker does not know");
	if (strcmp(record->actor, request->record->actor) == 0)
		return record_wrong(record, "who asked approves himself");
	for (guint i = 0; i < request->approvers->len; i++)
		if (strcmp(request->approvers->pdata[i], record->actor) == 0)
			return record_wrong(record, "the same operator approves twice");
	if (strcmp(record->time, record_get(request->record, "expires")) > 0)
		return record_wrong(record, "it approves a request that has expired");
	if (!o->rehearsal && purposes[purpose].roles && by && !share_role(by->roles, purposes[purpose].roles))
		return record_wrong(record, "its operator may not approve such a request");
	g_ptr_array_add(request->approvers, g_strdup(record->actor));
	if (strcmp(purposes[purpose].purpose, "exception") == 0 && request->approvers->len >= purposes[purpose].approvals)
		g_hash_table_add(o->exceptions, g_strdup_printf("%s\n%s", record_get(request->record, "freeze-id"), record_get(request->record, "project")));
	return TRUE;
}

/* A record that rests on a request does what was asked, while it may, and once (an intent may be repeated for the same freeze). */
static gboolean
judge_act(const Record *record, Request *request)
{
	guint purpose = purpose_number(request);
	const GPtrArray *asked = request->record->fields;
	const char *freeze_id = record_get(record, "freeze-id");

	if (purpose == G_N_ELEMENTS(purposes) || g_strcmp0(purposes[purpose].acts, record->act) != 0)
		return record_wrong(record, "the request that it rests on is for something else");
	if (request->approvers->len < purposes[purpose].approvals)
		return record_wrong(record, "the request that it rests on was not approved");
	if (request->acted && (strcmp(request->acted, record->act) != 0 || !g_str_has_suffix(record->act, ".intent") || g_strcmp0(request->acted_for, freeze_id) != 0))
		return record_wrong(record, "the request that it rests on was used before");
	if (!request->acted && strcmp(record->time, record_get(request->record, "expires")) > 0)
		return record_wrong(record, "the request that it rests on had expired");
	for (guint i = 0; i + 1 < asked->len; i += 2) {
		const char *key = asked->pdata[i], *ours;

		if (strcmp(key, "purpose") == 0 || strcmp(key, "reason") == 0 || strcmp(key, "expires") == 0)
			continue;
		ours = record_get(record, strcmp(key, "freeze-id") == 0 && strcmp(record_get(request->record, "purpose"), "freeze") == 0 ? "replaces" : key);
		if (strcmp(key, "pair") != 0 && g_strcmp0(ours, asked->pdata[i + 1]) != 0)
			return record_wrong(record, "it is not what the request that it rests on asked for");
	}
	request->acted = purposes[purpose].acts;
	g_free(request->acted_for);
	request->acted_for = g_strdup(freeze_id);
	return TRUE;
}

/* From the second freeze of a batch on somebody else agreed, as for a waiver and for the opening of an identity. */
static gboolean
needs_request(const Operators *o, const Record *record)
{
	if (!o->ever || o->rehearsal)
		return FALSE; /* a log from before there were operators; or one of exercises */
	return (strcmp(record->act, "batch.freeze.intent") == 0 && g_strcmp0(record_get(record, "freeze"), "1") != 0) ||
	       strcmp(record->act, "batch.waiver") == 0 || strcmp(record->act, "unmask.open") == 0 || strcmp(record->act, "audit.tie") == 0;
}

gboolean
operators_judge(Operators *o, const Record *record)
{
	gboolean init = strcmp(record->act, "site.init") == 0, add = strcmp(record->act, "operator.add") == 0;
	gboolean names = (init && record_get(record, "operator-key")) || add;
	const char *id = record_get(record, "request");
	Operator *by = operator_of(o, record->actor);
	Request *request = id ? g_hash_table_lookup(o->requests, id) : NULL;

	if (init && record->seq != 0)
		return record_wrong(record, "a site begins once");
	if (init)
		o->rehearsal = g_strcmp0(record_get(record, "rehearsal"), "1") == 0;
	if (by && by->revoked)
		return record_wrong(record, "its actor is no operator at this point");
	if (names && !(init ? name_operator(o, record, record->actor) : judge_add(o, record)))
		return FALSE;
	by = by ? by : operator_of(o, record->actor); /* named by this very record */
	if (!judge_signature(o, record, by) || !judge_batch(o, record))
		return FALSE;
	if (strcmp(record->act, "operator.revoke") == 0)
		return judge_revoke(o, record);
	o->imported = o->imported || strcmp(record->act, "import") == 0 || strcmp(record->act, "batch.new") == 0;
	if (strcmp(record->act, "request") == 0)
		return take_request(o, record);
	if (strcmp(record->act, "approve.refused") == 0)
		return TRUE;
	if (id != NULL && request == NULL)
		return record_wrong(record, "it rests on a request that is not in the log before it");
	if (id == NULL && needs_request(o, record))
		return record_wrong(record, "it was done without a second person");
	if (request == NULL)
		return TRUE;
	return strcmp(record->act, "approve") == 0 ? judge_approval(o, record, request) : judge_act(record, request);
}
