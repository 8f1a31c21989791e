/* signer.c - the key with which this process signs: one process, one operator, one key.
 *
 * FILE holds the wrapped secret, FILE.pub the public half, so that who somebody is can be told without a passphrase. What FILE.pub says is never
 * believed: a signature is made with the secret, and only if its own public half is the one the ledger names.
 */
#include "site/operator.h"

#include <string.h>

#include "site/passphrase.h"

static char *named_file;
static GHashTable *opened; /* path -> key; kept to the end of the process, so a borrowed key never goes away */

void
veil_operator_use_key_file(const char *path)
{
	g_free(named_file);
	named_file = g_strdup(path != NULL && *path != '\0' ? path : NULL);
}

char *
veil_operator_key_file(const char *site, const char *handle)
{
	g_autofree char *name = g_strdup_printf("%s.key", handle);

	return named_file != NULL ? g_strdup(named_file) : g_build_filename(site, "ledger", "operators", name, NULL);
}

static gboolean
read_public(const char *path, guint8 out[32], GError **error)
{
	g_autofree char *file = g_strconcat(path, ".pub", NULL), *name = g_path_get_basename(file), *text = NULL;

	if (!g_file_get_contents(file, &text, NULL, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot read: the public half of an operator's key lies beside the key", name);
		return FALSE;
	}
	g_strchomp(text);
	if (veil_operator_public_parse(text, out))
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or no operator's public key: restore it from a copy", name);
	return FALSE;
}

char *
veil_operator_handle_of_key(VeilLedger *ledger, GError **error)
{
	g_autoptr(VeilOperators) operators = NULL;
	guint8 public_key[32];

	if (named_file == NULL || !read_public(named_file, public_key, error) || (operators = veil_operators_read(ledger, error)) == NULL)
		return NULL;
	const VeilOperator *who = veil_operators_find_key(operators, public_key);
	if (who == NULL)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the key named is no operator's of this site, or no longer");
	return who != NULL ? g_strdup(who->handle) : NULL;
}

static char *
ask(GError **error)
{
	gboolean own = veil_passphrase_offered(VEIL_PASSPHRASE_OPERATOR) || !veil_passphrase_offered(VEIL_PASSPHRASE_FIRST);

	return veil_passphrase_read(own ? VEIL_PASSPHRASE_OPERATOR : VEIL_PASSPHRASE_FIRST, FALSE, error);
}

const VeilOperatorKey *
veil_operator_keep_key(const char *path, VeilOperatorKey *key)
{
	if (opened == NULL)
		opened = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)veil_operator_key_free);
	g_hash_table_replace(opened, g_strdup(path), key);
	return key;
}

const VeilOperatorKey *
veil_operator_key_of_file(const char *path, GError **error)
{
	g_auto(VeilPassphrase) passphrase = NULL;
	VeilOperatorKey *key = opened != NULL ? g_hash_table_lookup(opened, path) : NULL;
	VeilWrapping wrapping;

	if (key != NULL)
		return key;
	if (!veil_operator_key_wrapping(path, &wrapping, error) || (wrapping != VEIL_WRAPPED_NOT && (passphrase = ask(error)) == NULL))
		return NULL;
	key = veil_operator_key_open(path, passphrase, error);
	if (key == NULL) {
		g_prefix_error(error, "operator's key: ");
		return NULL;
	}
	return veil_operator_keep_key(path, key);
}

VeilOperatorKey *
veil_operator_make_key(const char *path, const char *passphrase, GError **error)
{
	g_autofree char *file = g_strconcat(path, ".pub", NULL), *line = NULL;
	g_autoptr(VeilOperatorKey) key = veil_operator_key_create(path, passphrase, FALSE, veil_random_system, NULL, error);
	guint8 public_key[32];

	if (key == NULL)
		return NULL;
	veil_operator_key_public(key, public_key);
	g_autofree char *text = veil_operator_public_format(public_key);
	line = g_strconcat(text, "\n", NULL);
	return veil_file_put(file, line, strlen(line), 0644, error) ? g_steal_pointer(&key) : NULL;
}
