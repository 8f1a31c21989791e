/* operators.c - naming operators and revoking them: docs/design/ledger-format.md, "Operators". */
#include "ceremony/operators.h"

#include <string.h>

#include "ceremony/approve.h"
#include "site/log.h"
#include "site/words.h"

typedef struct {
	const char *handle;
	guint8 key[32];
} Newcomer;

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* A handle is used once, a key belongs to one handle: for ever, or old signatures would change their meaning. */
static gboolean
is_new(VeilLedger *ledger, gpointer data, GError **error)
{
	const Newcomer *newcomer = data;
	g_autoptr(VeilOperators) operators = veil_operators_read(ledger, error);

	if (operators == NULL)
		return FALSE;
	for (guint i = 0; i < operators->list->len; i++) {
		const VeilOperator *one = operators->list->pdata[i];
		if (strcmp(one->handle, newcomer->handle) == 0)
			return refuse(error, one->revoked ? "this handle was revoked and does not come back; take another" :
							    "this handle is an operator's already");
		if (memcmp(one->key, newcomer->key, 32) == 0)
			return refuse(error, "this key is or was another operator's: two persons need two keys");
	}
	return TRUE;
}

static gboolean
take_key(const VeilStep *step, const char *public_key, Newcomer *newcomer, GError **error)
{
	if (public_key != NULL && !veil_operator_public_parse(public_key, newcomer->key)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--public-key takes the 44 characters that `veil operator key` prints, which are no key here");
		return FALSE;
	}
	if (public_key != NULL)
		return TRUE;
	if (!step->site->rehearsal)
		return refuse(error, "a key is missing: its owner makes it with `veil operator key --out FILE` and gives you what that prints, for --public-key");
	g_autofree char *name = g_strconcat(newcomer->handle, ".key", NULL);
	g_autofree char *path = g_build_filename(step->site->dir, "ledger", "operators", name, NULL);
	g_autoptr(VeilOperatorKey) made = g_file_test(path, G_FILE_TEST_EXISTS) ? veil_operator_key_open(path, NULL, error) :
										   veil_operator_make_key(path, NULL, error);
	if (made != NULL)
		veil_operator_key_public(made, newcomer->key);
	return made != NULL;
}

/* The first operator of a ledger without any names himself, by his own key. */
static gboolean
add_first(VeilLog *log, const VeilStep *step, const GArray *fields, Newcomer *newcomer, GError **error)
{
	g_autofree char *path = veil_operator_key_file(step->site->dir, newcomer->handle);
	guint8 own[32];

	if (strcmp(veil_log_actor(log), newcomer->handle) != 0)
		return refuse(error, "this ledger names no operator yet: the first one adds himself, with --operator HANDLE --operator-key FILE");
	const VeilOperatorKey *key = veil_operator_key_of_file(path, error);
	if (key == NULL)
		return FALSE;
	veil_operator_key_public(key, own);
	if (memcmp(own, newcomer->key, 32) != 0)
		return refuse(error, "the key named with --operator-key is not that of --public-key");
	return veil_log_append_self(log, key, "registrar", "operator.add", fields, is_new, newcomer, error);
}

static GArray *
add_fields(const char *handle, const char *key, const char *roles)
{
	const VeilField own[] = {{"handle", handle}, {"operator-key", key}, {"roles", roles}};
	GArray *fields = g_array_new(FALSE, FALSE, sizeof(VeilField));

	g_array_append_vals(fields, own, G_N_ELEMENTS(own));
	return fields;
}

gboolean
veil_step_operator_add(const VeilStep *step, const char *handle, guint roles, const char *public_key, const char *reason, GError **error)
{
	Newcomer newcomer = {.handle = handle};
	g_autoptr(VeilLog) log = veil_log_open(step->site->dir, step->operator_handle, error);
	g_autoptr(VeilOperators) operators = log != NULL ? veil_operators_read(veil_log_ledger(log), error) : NULL;
	char id[VEIL_REQUEST_ID_BYTES];

	if (operators == NULL || !veil_operator_check_handle(handle, error) || (reason != NULL && !veil_reason_check(reason, error)) || !take_key(step, public_key, &newcomer, error) ||
	    !is_new(veil_log_ledger(log), &newcomer, error))
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	g_autofree char *key = veil_operator_public_format(newcomer.key), *words = veil_roles_text(roles);
	g_autoptr(GArray) fields = add_fields(handle, key, words);
	if (operators->list->len == 0 && !operators->rehearsal)
		return add_first(log, step, fields, &newcomer, error);
	if (operators->rehearsal || !operators->begun)
		return veil_log_append_if(log, "registrar", "operator.add", fields, is_new, &newcomer, NULL, error);
	return veil_approval_require(log, "registrar", "operator", id, error, "handle", handle, "operator-key", key, "roles", words, "reason",
				     reason != NULL ? reason : "-", NULL) &&
	       veil_approval_use(log, id, "registrar", "operator.add", error, "handle", handle, "operator-key", key, "roles", words, NULL);
}

static gboolean
may_go(VeilLedger *ledger, gpointer data, GError **error)
{
	const char *handle = data;
	g_autoptr(VeilOperators) operators = veil_operators_read(ledger, error);
	guint others = 0;

	if (operators == NULL)
		return FALSE;
	if (veil_operators_find(operators, handle) == NULL)
		return refuse(error, "there is no operator of this handle, or no longer; `veil operator list` shows them");
	for (guint i = 0; i < operators->list->len; i++) {
		const VeilOperator *one = operators->list->pdata[i];
		others += !one->revoked && (one->roles & VEIL_ROLE_REGISTRAR) != 0 && strcmp(one->handle, handle) != 0;
	}
	return others > 0 || refuse(error, "this is the last registrar: name another one first");
}

gboolean
veil_step_operator_revoke(const VeilStep *step, const char *handle, const char *reason, GError **error)
{
	g_autoptr(VeilLog) log = veil_log_open(step->site->dir, step->operator_handle, error);
	const VeilField own[] = {{"handle", handle}, {"reason", reason}};
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));

	if (log == NULL || !veil_operator_check_handle(handle, error) || (reason != NULL && !veil_reason_check(reason, error)))
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	g_array_append_vals(fields, own, reason != NULL ? 2 : 1);
	return veil_log_append_if(log, "registrar", "operator.revoke", fields, may_go, (gpointer)handle, NULL, error);
}

gboolean
veil_operators_print(const VeilSite *site, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"handle", "roles", "key", "state"};
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, error);
	g_autoptr(VeilOperators) operators = ledger != NULL ? veil_operators_read(ledger, error) : NULL;
	VeilRows rows;

	if (operators == NULL || !veil_rows_begin(&rows, how, "operators", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < operators->list->len; i++) {
		const VeilOperator *one = operators->list->pdata[i];
		g_autofree char *roles = veil_roles_text(one->roles), *key = veil_operator_public_format(one->key);
		const char *cells[] = {one->handle, roles, key, one->revoked ? "revoked" : "active"};
		veil_rows_add(&rows, cells);
	}
	return veil_rows_end(&rows, error);
}
