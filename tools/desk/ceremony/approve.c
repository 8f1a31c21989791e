/* approve.c - requests and approvals, read out of the ledger each time they are asked for.
 *
 * There is no table of open requests: what a request is worth follows from the records alone, so the checker comes to the same answer.
 */
#include "ceremony/approve.h"

#include <string.h>

#include "site/operator.h"
#include "site/staff.h"

#define HOUR 60
#define DAY (G_GINT64_CONSTANT(24) * HOUR)

typedef struct {
	const char *purpose;
	guint n_approvals;
	guint roles;	    /* of which the approver holds at least one; 0: any */
	gint64 minutes;	    /* after which the request expires */
	gboolean one_use;
} Purpose;

static const Purpose purposes[] = {
	{"freeze", 1, VEIL_ROLE_REGISTRAR | VEIL_ROLE_AUDITOR, 7 * DAY, TRUE},
	{"waiver", 1, VEIL_ROLE_REGISTRAR | VEIL_ROLE_AUDITOR, 30 * DAY, TRUE},
	{"exception", 3, 0, 7 * DAY, FALSE},
	{"operator", 1, VEIL_ROLE_REGISTRAR | VEIL_ROLE_AUDITOR, 7 * DAY, TRUE},
	{"unmask", 1, VEIL_ROLE_AUDITOR, DAY, TRUE},
	{"close", 1, VEIL_ROLE_REQUESTER | VEIL_ROLE_AUDITOR, 30 * DAY, TRUE},
	{"escrow.destroy", 1, VEIL_ROLE_AUDITOR, 30 * DAY, TRUE},
	{"witnesses", 1, VEIL_ROLE_AUDITOR, 7 * DAY, TRUE},
	{"tie", 1, VEIL_ROLE_REGISTRAR | VEIL_ROLE_AUDITOR, DAY, TRUE},
};

static const Purpose *
purpose_of(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(purposes); i++)
		if (g_strcmp0(purposes[i].purpose, name) == 0)
			return &purposes[i];
	return NULL;
}

void
veil_approval_free(VeilApproval *approval)
{
	if (approval == NULL)
		return;
	g_free(approval->purpose);
	g_free(approval->requester);
	g_free(approval->time);
	g_free(approval->expires);
	g_strfreev(approval->fields);
	g_strfreev(approval->approvers);
	g_free(approval->approval_seq);
	g_free(approval);
}

const char *
veil_approval_get(const VeilApproval *approval, const char *key)
{
	for (char **field = approval->fields; field != NULL && *field != NULL; field += 2)
		if (strcmp(field[0], key) == 0)
			return field[1];
	return "";
}

const char *
veil_approval_roles(const VeilApproval *approval)
{
	const Purpose *purpose = purpose_of(approval->purpose);
	g_autofree char *roles = veil_roles_text(purpose != NULL ? purpose->roles : 0);

	return g_intern_string(*roles != '\0' ? roles : "any");
}

/* --- what the ledger says ---------------------------------------------------------------------------------------------- */

typedef struct {
	GPtrArray *all;	  /* VeilApproval, in order of seq; owns them */
	GHashTable *by_id; /* borrowed; only looked up, never walked */
} Walk;

static gboolean
own_field(const char *key)
{
	return strcmp(key, "purpose") == 0 || strcmp(key, "expires") == 0;
}

static void
take_request(Walk *walk, const VeilRecord *record, const guint8 *bytes, gsize len)
{
	const Purpose *purpose = purpose_of(veil_record_get(record, "purpose"));
	const char *expires = veil_record_get(record, "expires");
	g_autoptr(GPtrArray) fields = g_ptr_array_new();
	guint8 leaf[32];

	if (purpose == NULL || expires == NULL)
		return; /* of a later version: nothing here can act upon it */
	VeilApproval *a = g_new0(VeilApproval, 1);
	veil_tree_leaf(bytes, len, leaf);
	veil_hex_encode(leaf, 8, a->id);
	a->seq = record->seq;
	a->purpose = g_strdup(purpose->purpose);
	a->requester = g_strdup(record->actor);
	a->time = g_strdup(record->time);
	a->expires = g_strdup(expires);
	for (guint i = 0; i < record->n_fields; i++)
		if (!own_field(record->fields[i].key)) {
			g_ptr_array_add(fields, g_strdup(record->fields[i].key));
			g_ptr_array_add(fields, g_strdup(record->fields[i].value));
		}
	g_ptr_array_add(fields, NULL);
	a->fields = (char **)g_ptr_array_steal(fields, NULL);
	a->approvers = g_new0(char *, 1);
	a->missing = purpose->n_approvals;
	a->state = VEIL_APPROVAL_WAITING;
	g_ptr_array_add(walk->all, a);
	g_hash_table_insert(walk->by_id, a->id, a);
}

static void
take_approval(VeilApproval *a, const VeilRecord *record)
{
	guint n = g_strv_length(a->approvers);

	if (a->missing == 0 || strcmp(record->actor, a->requester) == 0 || g_strv_contains((const char *const *)a->approvers, record->actor) ||
	    strcmp(record->time, a->expires) > 0)
		return; /* veil does not write such a record; one that stands all the same is worth nothing */
	a->approvers = g_renew(char *, a->approvers, n + 2);
	a->approvers[n] = g_strdup(record->actor);
	a->approvers[n + 1] = NULL;
	a->approval_seq = g_renew(guint64, a->approval_seq, n + 1);
	a->approval_seq[n] = record->seq;
	if (--a->missing == 0)
		a->state = VEIL_APPROVAL_GIVEN;
}

static gboolean
walk_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Walk *walk = data;
	const char *id = veil_record_get(record, "request");
	VeilApproval *a = id != NULL ? g_hash_table_lookup(walk->by_id, id) : NULL;

	(void)error;
	if (strcmp(record->act, "request") == 0)
		take_request(walk, record, bytes, len);
	else if (a == NULL || strcmp(record->act, "approve.refused") == 0)
		return TRUE;
	else if (strcmp(record->act, "approve") == 0)
		take_approval(a, record);
	else
		a->state = VEIL_APPROVAL_USED;
	return TRUE;
}

/* All requests with their state at this minute. */
static GPtrArray *
read_all(VeilLedger *ledger, const char *now, GError **error)
{
	g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)veil_approval_free);
	static const char *const concerned[] = {"\nact request\n", "\nrequest ", NULL};
	Walk walk = {all, by_id};

	if (!veil_ledger_each_with(ledger, concerned, walk_one, &walk, error))
		return NULL;
	for (guint i = 0; i < all->len; i++) {
		VeilApproval *a = all->pdata[i];
		gboolean lasting = a->missing == 0 && !purpose_of(a->purpose)->one_use;
		if ((a->state == VEIL_APPROVAL_WAITING || a->state == VEIL_APPROVAL_GIVEN) && !lasting && strcmp(now, a->expires) > 0)
			a->state = VEIL_APPROVAL_EXPIRED;
	}
	return g_steal_pointer(&all);
}

static GPtrArray *
read_now(VeilLog *log, GError **error)
{
	char now[VEIL_MINUTE_BYTES];

	veil_log_now(log, now);
	return read_all(veil_log_ledger(log), now, error);
}

/* (transfer full) out of the array; an empty one with state NONE for an index behind its end. */
static VeilApproval *
take(GPtrArray *all, guint index)
{
	if (index >= all->len)
		return g_new0(VeilApproval, 1);
	return g_ptr_array_steal_index(all, index);
}

static guint
index_of(const GPtrArray *all, const char *id)
{
	guint i = 0;
	while (i < all->len && g_ascii_strcasecmp(((const VeilApproval *)all->pdata[i])->id, id) != 0)
		i++;
	return i;
}

VeilApproval *
veil_approval_find(VeilLog *log, const char *id, GError **error)
{
	g_autoptr(GPtrArray) all = read_now(log, error);

	return all != NULL ? take(all, index_of(all, id)) : NULL;
}

static gboolean
is_like(const VeilApproval *a, const char *purpose, const char *actor, const GArray *fields)
{
	if (strcmp(a->purpose, purpose) != 0 || strcmp(a->requester, actor) != 0 ||
	    (a->state != VEIL_APPROVAL_WAITING && a->state != VEIL_APPROVAL_GIVEN))
		return FALSE;
	for (guint i = 0; i < fields->len; i++) {
		const VeilField *field = &g_array_index(fields, VeilField, i);
		if (strcmp(veil_approval_get(a, field->key), field->value) != 0)
			return FALSE;
	}
	return TRUE;
}

static VeilApproval *
find_like(VeilLog *log, const char *purpose, const GArray *fields, GError **error)
{
	g_autoptr(GPtrArray) all = read_now(log, error);

	if (all == NULL)
		return NULL;
	for (guint i = all->len; i > 0; i--)
		if (is_like(all->pdata[i - 1], purpose, veil_log_actor(log), fields))
			return take(all, i - 1);
	return take(all, all->len);
}

VeilApproval *
veil_approval_find_like(VeilLog *log, const char *purpose, GError **error, ...)
{
	va_list pairs;
	va_start(pairs, error);
	const char *first = va_arg(pairs, const char *);
	g_autoptr(GArray) fields = veil_log_fields(first, pairs);
	va_end(pairs);

	return find_like(log, purpose, fields, error);
}

GPtrArray *
veil_approval_list(VeilLog *log, GError **error)
{
	g_autoptr(GPtrArray) all = read_now(log, error);

	for (guint i = 0; all != NULL && i < all->len / 2; i++) {
		gpointer first = all->pdata[i];
		all->pdata[i] = all->pdata[all->len - 1 - i];
		all->pdata[all->len - 1 - i] = first;
	}
	return g_steal_pointer(&all);
}

gboolean
veil_exception_find(VeilLog *log, const char *freeze_id, const char *project_code, char out_id[VEIL_REQUEST_ID_BYTES], GError **error)
{
	g_autoptr(GPtrArray) all = read_now(log, error);

	if (all == NULL)
		return FALSE;
	out_id[0] = '\0';
	for (guint i = 0; i < all->len && out_id[0] == '\0'; i++) {
		const VeilApproval *a = all->pdata[i];
		if (a->state == VEIL_APPROVAL_GIVEN && strcmp(a->purpose, "exception") == 0 &&
		    strcmp(veil_approval_get(a, "freeze-id"), freeze_id) == 0 && strcmp(veil_approval_get(a, "project"), project_code) == 0)
			g_strlcpy(out_id, a->id, VEIL_REQUEST_ID_BYTES);
	}
	return TRUE;
}

/* --- asking -------------------------------------------------------------------------------------------------------------- */

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

static void
add_field(GArray *fields, const char *key, const char *value)
{
	VeilField field = {key, value};
	g_array_append_val(fields, field);
}

static gboolean
log_request(VeilLog *log, const char *role, const char *purpose_name, GArray *fields, char out_id[VEIL_REQUEST_ID_BYTES], GError **error)
{
	const Purpose *purpose = purpose_of(purpose_name);
	g_return_val_if_fail(purpose != NULL, FALSE);
	char expires[VEIL_MINUTE_BYTES];
	guint8 leaf[32];
	guint64 seq = 0;
	gsize len = 0;

	veil_log_later(log, purpose->minutes, expires);
	add_field(fields, "purpose", purpose->purpose);
	add_field(fields, "expires", expires);
	if (!veil_log_append_if(log, role, "request", fields, NULL, NULL, &seq, error))
		return FALSE;
	g_autoptr(GBytes) record = veil_ledger_record(veil_log_ledger(log), seq, error);
	if (record == NULL)
		return FALSE;
	const void *bytes = g_bytes_get_data(record, &len);
	veil_tree_leaf(bytes, len, leaf);
	veil_hex_encode(leaf, 8, out_id);
	return TRUE;
}

gboolean
veil_request_log(VeilLog *log, const char *role, const char *purpose, char out_id[VEIL_REQUEST_ID_BYTES], GError **error, ...)
{
	va_list pairs;
	va_start(pairs, error);
	const char *first = va_arg(pairs, const char *);
	g_autoptr(GArray) fields = veil_log_fields(first, pairs);
	va_end(pairs);

	return log_request(log, role, purpose, fields, out_id, error);
}

gboolean
veil_approval_require(VeilLog *log, const char *role, const char *purpose, char out_id[VEIL_REQUEST_ID_BYTES], GError **error, ...)
{
	va_list pairs;
	va_start(pairs, error);
	const char *first = va_arg(pairs, const char *);
	g_autoptr(GArray) fields = veil_log_fields(first, pairs);
	va_end(pairs);
	g_autoptr(VeilApproval) like = find_like(log, purpose, fields, error);

	if (like == NULL)
		return FALSE;
	if (like->state == VEIL_APPROVAL_GIVEN) {
		g_strlcpy(out_id, like->id, VEIL_REQUEST_ID_BYTES);
		return TRUE;
	}
	if (like->state == VEIL_APPROVAL_WAITING)
		g_strlcpy(out_id, like->id, VEIL_REQUEST_ID_BYTES);
	else if (!log_request(log, role, purpose, fields, out_id, error))
		return FALSE;
	guint n = like->state == VEIL_APPROVAL_WAITING ? like->missing : purpose_of(purpose)->n_approvals;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "request %s waits for %s: `veil approve %s`, then run this command again as it stands", out_id,
		    n == 1 ? "another operator" : n == 2 ? "two other operators" : "three other operators", out_id);
	return FALSE;
}

/* --- approving, using ---------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *id, *actor;
	char now[VEIL_MINUTE_BYTES];
} Case;

static const char *
state_fault(const VeilApproval *a)
{
	switch (a->state) {
	case VEIL_APPROVAL_NONE:
		return "there is no such request: `veil approve list` shows those that wait";
	case VEIL_APPROVAL_USED:
		return "this request has been acted upon already: an approval serves once";
	case VEIL_APPROVAL_EXPIRED:
		return "this request has expired: it has to be made again";
	case VEIL_APPROVAL_WAITING:
	case VEIL_APPROVAL_GIVEN:
		break;
	}
	return NULL;
}

static const char *
approver_fault(const VeilApproval *a, const VeilOperators *operators, const char *actor)
{
	const Purpose *purpose = purpose_of(a->purpose);
	const VeilOperator *who = veil_operators_find(operators, actor);

	if (strcmp(a->requester, actor) == 0)
		return "who asks does not approve: this takes another operator";
	if (g_strv_contains((const char *const *)a->approvers, actor))
		return "this operator has approved the request already: it takes another one";
	if (a->missing == 0)
		return "this request has all the approvals it needs";
	if (!operators->rehearsal && purpose->roles != 0 && (who == NULL || (who->roles & purpose->roles) == 0))
		return "this operator's roles do not allow approving such a request";
	return NULL;
}

static gboolean
may_approve(VeilLedger *ledger, gpointer data, GError **error)
{
	const Case *c = data;
	g_autoptr(GPtrArray) all = read_all(ledger, c->now, error);
	g_autoptr(VeilOperators) operators = all != NULL ? veil_operators_read(ledger, error) : NULL;

	if (operators == NULL)
		return FALSE;
	g_autoptr(VeilApproval) a = take(all, index_of(all, c->id));
	const char *fault = state_fault(a);
	if (fault == NULL)
		fault = approver_fault(a, operators, c->actor);
	if (fault != NULL)
		return refuse(error, fault);
	const char *batch = veil_approval_get(a, "batch");
	return *batch == '\0' || veil_staff_check(ledger, batch, c->actor, error);
}

/* A refused try on a request that exists is worth a record; one on a made-up id is not: the log is not for strangers to fill. */
static gboolean
log_refusal(VeilLog *log, const char *id, const GError *why)
{
	g_autoptr(VeilApproval) a = veil_approval_find(log, id, NULL);

	return a == NULL || a->state == VEIL_APPROVAL_NONE ||
	       veil_log_append(log, "anyone", "approve.refused", NULL, "request", a->id, "why", why->message, NULL);
}

gboolean
veil_approve(VeilLog *log, const char *id, GError **error)
{
	g_autofree char *lower = g_ascii_strdown(id, -1);
	g_autoptr(GError) inner = NULL;
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	Case c = {.id = lower, .actor = veil_log_actor(log)};

	veil_log_now(log, c.now);
	add_field(fields, "request", lower);
	if (veil_log_append_if(log, "anyone", "approve", fields, may_approve, &c, NULL, &inner))
		return TRUE;
	if (g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_REFUSED))
		log_refusal(log, lower, inner);
	g_propagate_error(error, g_steal_pointer(&inner));
	return FALSE;
}

static gboolean
may_use(VeilLedger *ledger, gpointer data, GError **error)
{
	const Case *c = data;
	g_autoptr(GPtrArray) all = read_all(ledger, c->now, error);

	if (all == NULL)
		return FALSE;
	g_autoptr(VeilApproval) a = take(all, index_of(all, c->id));
	const char *fault = state_fault(a);
	if (fault == NULL && a->state == VEIL_APPROVAL_WAITING)
		fault = "this request waits for another operator: `veil approve list` shows it";
	return fault == NULL || refuse(error, fault);
}

gboolean
veil_approval_use(VeilLog *log, const char *id, const char *role, const char *act, GError **error, ...)
{
	Case c = {.id = id, .actor = veil_log_actor(log)};
	va_list pairs;

	va_start(pairs, error);
	const char *first = va_arg(pairs, const char *);
	g_autoptr(GArray) fields = veil_log_fields(first, pairs);
	va_end(pairs);
	veil_log_now(log, c.now);
	add_field(fields, "request", id);
	return veil_log_append_if(log, role, act, fields, may_use, &c, NULL, error);
}
