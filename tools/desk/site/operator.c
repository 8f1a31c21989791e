/* operator.c - the ledger's operators: docs/design/ledger-format.md, "Operators". */
#include "site/operator.h"

#include <string.h>

static const char *const role_names[] = {"registrar", "requester", "drawer", "notifier", "auditor", "custodian"};

guint
veil_roles_parse(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, ",;", -1);
	guint roles = 0;

	for (char **word = words; *word != NULL; word++) {
		guint i = 0;
		g_strstrip(*word);
		while (i < G_N_ELEMENTS(role_names) && strcmp(*word, role_names[i]) != 0)
			i++;
		if (i == G_N_ELEMENTS(role_names))
			return 0;
		roles |= 1u << i;
	}
	return roles;
}

char *
veil_roles_text(guint roles)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(role_names); i++)
		if (roles >> i & 1)
			g_string_append_printf(text, "%s%s", text->len > 0 ? ";" : "", role_names[i]);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

gboolean
veil_operator_check_handle(const char *handle, GError **error)
{
	gboolean good = veil_handle_valid(handle) && g_ascii_isalnum(*handle);

	if (!good)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "an operator's handle has up to 64 letters, digits, '.', '_', ':' and '-', and begins with a letter or digit");
	return good;
}

/* --- out of the ledger ------------------------------------------------------------------------------------------------- */

static void
free_one(gpointer data)
{
	VeilOperator *operator= data;

	g_free(operator->handle);
	g_free(operator);
}

void
veil_operators_free(VeilOperators *operators)
{
	if (operators == NULL)
		return;
	g_ptr_array_unref(operators->list);
	g_free(operators);
}

static void
add(VeilOperators *operators, const char *handle, const char *key, const char *roles)
{
	guint8 public_key[32];

	if (handle == NULL || key == NULL || roles == NULL || !veil_operator_public_parse(key, public_key))
		return; /* a log of version 1 */
	VeilOperator *operator= g_new0(VeilOperator, 1);
	operator->handle = g_strdup(handle);
	memcpy(operator->key, public_key, 32);
	operator->roles = veil_roles_parse(roles);
	g_ptr_array_add(operators->list, operator);
}

static gboolean
read_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	VeilOperators *operators = data;
	const char *key = veil_record_get(record, "operator-key"), *roles = veil_record_get(record, "roles");

	(void)bytes, (void)len, (void)error;
	if (strcmp(record->act, "site.init") == 0) {
		operators->rehearsal = g_strcmp0(veil_record_get(record, "rehearsal"), "1") == 0;
		add(operators, record->actor, key, roles);
	} else if (strcmp(record->act, "operator.add") == 0) {
		add(operators, veil_record_get(record, "handle"), key, roles);
	} else if (strcmp(record->act, "operator.revoke") == 0) {
		const char *handle = veil_record_get(record, "handle");
		for (guint i = 0; i < operators->list->len; i++) {
			VeilOperator *operator= operators->list->pdata[i];
			operator->revoked |= g_strcmp0(operator->handle, handle) == 0;
		}
	}
	return TRUE;
}

VeilOperators *
veil_operators_read(VeilLedger *ledger, GError **error)
{
	static const char *const concerned[] = {"\nact site.init\n", "\nact operator.", NULL};
	g_autoptr(VeilOperators) operators = g_new0(VeilOperators, 1);
	gboolean imported, made;

	operators->list = g_ptr_array_new_with_free_func(free_one);
	if (!veil_ledger_each_with(ledger, concerned, read_one, operators, error) || !veil_ledger_has(ledger, "import", &imported, error) ||
	    !veil_ledger_has(ledger, "batch.new", &made, error))
		return NULL;
	operators->begun = imported || made;
	return g_steal_pointer(&operators);
}

const VeilOperator *
veil_operators_find(const VeilOperators *operators, const char *handle)
{
	for (guint i = 0; i < operators->list->len; i++) {
		const VeilOperator *operator= operators->list->pdata[i];
		if (!operator->revoked && strcmp(operator->handle, handle) == 0)
			return operator;
	}
	return NULL;
}

const VeilOperator *
veil_operators_find_key(const VeilOperators *operators, const guint8 key[32])
{
	for (guint i = 0; i < operators->list->len; i++) {
		const VeilOperator *operator= operators->list->pdata[i];
		if (!operator->revoked && memcmp(operator->key, key, 32) == 0)
			return operator;
	}
	return NULL;
}

gboolean
veil_operators_check_role(const VeilOperators *operators, const char *handle, const char *role, GError **error)
{
	const VeilOperator *who = veil_operators_find(operators, handle);

	if (operators->rehearsal)
		return TRUE;
	if (who == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    operators->list->len == 0 ? "this site's ledger names no operator yet: `veil operator add %s --roles ...` makes the first" :
							"%s is no operator of this site, or no longer; name yourself with --operator-key FILE or --operator HANDLE",
			    handle);
		return FALSE;
	}
	if (strcmp(role, "anyone") == 0 || (who->roles & veil_roles_parse(role)) != 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this takes the role %s, which operator %s does not hold", role, handle);
	return FALSE;
}
