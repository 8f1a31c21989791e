/* site.c - laying out a site and finding one's way in it.
 *
 * site.ini is written last: a folder without it is no site, so an `init` that was cut off is no half of one.
 */
#include "site/site.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site/auditors.h"
#include "site/log.h"
#include "site/operator.h"
#include "site/passphrase.h"

#define SITE_FORMAT 1

static const char *const folder_names[VEIL_N_FOLDERS] = {"registry", "desk", "draw", "notify", "audit", "ledger"};

void
veil_site_free(VeilSite *site)
{
	if (site == NULL)
		return;
	g_free(site->dir);
	g_free(site->origin);
	g_strfreev(site->witnesses);
	veil_users_free(site->users);
	g_free(site);
}

/* A number of site.ini that may be left out. FALSE: it is there and makes no sense. */
static gboolean
read_number(GKeyFile *file, const char *group, const char *key, guint fallback, guint *out)
{
	g_autofree char *text = g_key_file_get_value(file, group, key, NULL);
	guint64 number = fallback;

	if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 0, 1000, &number, NULL))
		return FALSE;
	*out = (guint)number;
	return TRUE;
}

char *
veil_site_witness_ini(const VeilSite *site)
{
	return site->users != NULL ? veil_site_path(site, VEIL_FOLDER_LEDGER, "witness.ini") : g_build_filename(site->dir, "site.ini", NULL);
}

/* Of a site with users, none is like an empty one; a link or FIFO in the place of the file is none of ours. */
static GKeyFile *
open_witness_ini(const VeilSite *site)
{
	g_autofree char *path = veil_site_witness_ini(site);
	g_autoptr(GBytes) bytes = veil_file_get(path, "list of witnesses", 1000000, NULL);
	GKeyFile *file = g_key_file_new();

	if (bytes != NULL)
		g_key_file_load_from_bytes(file, bytes, G_KEY_FILE_NONE, NULL);
	return file;
}

static gboolean
read_unmasking(GKeyFile *file, VeilSite *site)
{
	g_autoptr(GKeyFile) witness = open_witness_ini(site);

	site->witnesses = g_key_file_get_string_list(witness, "witness", "keys", NULL, NULL);
	if (site->witnesses == NULL)
		site->witnesses = g_new0(char *, 1);
	return read_number(witness, "witness", "quorum", 0, &site->quorum) && read_number(file, "unmask", "officer_per_hour", 2, &site->officer_per_hour) &&
	       read_number(file, "unmask", "batch_per_day", 10, &site->batch_per_day);
}

VeilSite *
veil_site_open(const char *dir, GError **error)
{
	g_autofree char *path = g_build_filename(dir, "site.ini", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *origin = NULL;
	VeilSite *site;
	int format;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "the folder named is no site of veil; `veil init DIR` makes one");
		return NULL;
	}
	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL) ||
	    (format = g_key_file_get_integer(file, "site", "format", NULL)) < 1 ||
	    (origin = g_key_file_get_string(file, "site", "origin", NULL)) == NULL || *origin == '\0') {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "site.ini of the site is damaged");
		return NULL;
	}
	if (format > SITE_FORMAT) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the site was made by a newer version of veil; use that one");
		return NULL;
	}
	site = g_new0(VeilSite, 1);
	site->dir = g_strdup(dir);
	site->origin = g_steal_pointer(&origin);
	site->rehearsal = g_key_file_get_boolean(file, "site", "rehearsal", NULL);
	if (!veil_users_read(file, &site->users, error)) {
		veil_site_free(site);
		return NULL;
	}
	if (read_unmasking(file, site))
		return site;
	veil_site_free(site);
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "site.ini of the site is damaged");
	return NULL;
}

char *
veil_site_path(const VeilSite *site, VeilFolder folder, const char *name)
{
	return g_build_filename(site->dir, folder_names[folder], name, NULL);
}

static gboolean
name_char(gunichar c)
{
	if (c < 0x80)
		return g_ascii_isalnum((char)c) || c == '.' || c == '_' || c == '-';
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x20000 && c <= 0x3ffff);
}

gboolean
veil_site_check_name(const char *name, const char *what, GError **error)
{
	gboolean good = *name != '\0' && *name != '.' && *name != '-' && strlen(name) <= 64 && g_utf8_validate(name, -1, NULL);

	for (const char *p = name; good && *p != '\0'; p = g_utf8_next_char(p))
		good = name_char(g_utf8_get_char(p));
	if (!good)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE,
			    "the name of a %s has up to 64 bytes of letters, digits, '.', '_', '-' and Chinese characters, and begins with none of '.' and '-'",
			    what);
	return good;
}

VeilRegistry *
veil_site_open_registry(const VeilSite *site, VeilRegistryMode mode, GError **error)
{
	g_autofree char *path = veil_site_path(site, VEIL_FOLDER_REGISTRY, "registry.db");

	return veil_registry_open(path, mode, error);
}

VeilKeys *
veil_site_open_keys(const VeilSite *site, GError **error)
{
	g_autofree char *path = veil_site_path(site, VEIL_FOLDER_REGISTRY, "registry.key");
	g_autofree char *next = veil_site_path(site, VEIL_FOLDER_REGISTRY, "registry.key.next");
	g_auto(VeilPassphrase) first = NULL, second = NULL;
	VeilWrapping wrapping;

	if (g_file_test(next, G_FILE_TEST_EXISTS)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a rotation of the registry's keys was interrupted; `veil keys rotate` completes it");
		return NULL;
	}
	if (!veil_keys_wrapping(path, &wrapping, error) ||
	    (wrapping != VEIL_WRAPPED_NOT && (first = veil_passphrase_read(VEIL_PASSPHRASE_FIRST, FALSE, error)) == NULL) ||
	    (wrapping == VEIL_WRAPPED_BY_TWO && (second = veil_passphrase_read(VEIL_PASSPHRASE_SECOND, FALSE, error)) == NULL))
		return NULL;
	return veil_keys_open(path, &(VeilPassphrases){first, second}, error);
}

/* --- a new site ------------------------------------------------------------------------------------------------------ */

/* Removes what lies in a folder that this run has made itself. */
static void
remove_tree(const char *path)
{
	GDir *handle = g_dir_open(path, 0, NULL);
	const char *name;

	while (handle != NULL && (name = g_dir_read_name(handle)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		if (g_unlink(inner) != 0)
			remove_tree(inner);
	}
	if (handle != NULL)
		g_dir_close(handle);
	g_rmdir(path);
}

/* dir was empty before, so all that has one of our names in it is ours. */
static void
undo(const char *dir, gboolean made_dir)
{
	g_autofree char *ini = g_build_filename(dir, "site.ini", NULL);

	g_unlink(ini);
	for (guint i = 0; i <= VEIL_N_FOLDERS; i++) {
		g_autofree char *path = g_build_filename(dir, i < VEIL_N_FOLDERS ? folder_names[i] : "handover", NULL);

		remove_tree(path);
	}
	if (made_dir)
		g_rmdir(dir);
}

static gboolean
is_empty(const char *dir)
{
	GDir *handle = g_dir_open(dir, 0, NULL);
	gboolean empty = handle != NULL && g_dir_read_name(handle) == NULL;

	if (handle != NULL)
		g_dir_close(handle);
	return empty;
}

static gboolean
fail_errno(const char *what, GError **error)
{
	int code = errno;

	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot make %s: %s", what, g_strerror(code));
	return FALSE;
}

static gboolean
make_dir(const char *dir, gboolean *out_made, GError **error)
{
	if (g_mkdir(dir, 0700) == 0) {
		*out_made = TRUE;
		return TRUE;
	}
	if (errno != EEXIST)
		return fail_errno("the site's folder", error);
	if (!is_empty(dir)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the site's folder is there and is not an empty folder; name another");
		return FALSE;
	}
	return g_chmod(dir, 0700) == 0 || fail_errno("the site's folder private", error);
}

static gboolean
put_site_ini(const VeilSite *site, const VeilUsers *users, GError **error)
{
	g_autofree char *own = users != NULL ? veil_users_format(users) : g_strdup("");
	g_autofree char *path = g_build_filename(site->dir, "site.ini", NULL);
	g_autofree char *text = g_strdup_printf("[site]\nformat=%d\norigin=%s\nrehearsal=%s\n%s", SITE_FORMAT, site->origin,
						site->rehearsal ? "true" : "false", own);

	return veil_file_put_new(path, text, strlen(text), 0644, error);
}

/* The first operator's key: the file named if it is there, else a new one. In a rehearsal it is not wrapped: commands run unattended. */
static const VeilOperatorKey *
first_key(const VeilSite *site, const VeilSiteOptions *options, GError **error)
{
	g_autofree char *own_dir = g_build_filename(site->dir, "ledger", "operators", NULL);
	g_autofree char *path = veil_operator_key_file(site->dir, options->operator_handle);
	g_autoptr(VeilOperatorKey) made = NULL;

	if (g_mkdir(own_dir, 0700) != 0) {
		fail_errno("the folder of the operators' keys", error);
		return NULL;
	}
	if (!g_file_test(path, G_FILE_TEST_EXISTS) &&
	    (made = veil_operator_make_key(path, site->rehearsal ? NULL : options->passphrase, error)) == NULL)
		return NULL;
	return made != NULL ? veil_operator_keep_key(path, g_steal_pointer(&made)) : veil_operator_key_of_file(path, error);
}

/* (transfer full) The public line of the auditor, NULL when there is none. A rehearsal's own lies unwrapped where everything finds it. */
static gboolean
first_auditor(const VeilSite *site, const VeilSiteOptions *options, char **out_line, GError **error)
{
	g_autofree char *path = veil_site_path(site, VEIL_FOLDER_AUDIT, VEIL_AUDITOR_KEY_NAME);
	guint8 key[32];

	*out_line = NULL;
	if (options->auditor_key == NULL)
		return !site->rehearsal || veil_auditor_key_create(path, NULL, TRUE, options->random, options->random_data, out_line, error);
	if (!veil_auditor_public_parse(options->auditor_key, key)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--auditor-key takes the line veil-auditor+... that `veil auditor key` printed; this one is mistyped");
		return FALSE;
	}
	*out_line = veil_auditor_public_format(key);
	return TRUE;
}

static gboolean
make_ledger(const VeilSite *site, const VeilSiteOptions *options, GError **error)
{
	g_autofree char *auditor = NULL;
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_create(dir, site->origin, options->random, options->random_data, error);
	g_autoptr(VeilLog) log = NULL;
	guint roles = site->rehearsal ? VEIL_ROLES_ALL : options->roles != 0 ? options->roles : VEIL_ROLE_REGISTRAR;
	guint8 public_key[32];

	if (ledger == NULL || !first_auditor(site, options, &auditor, error))
		return FALSE;
	g_clear_pointer(&ledger, veil_ledger_free);
	log = veil_log_open(site->dir, options->operator_handle, error);
	const VeilOperatorKey *key = log != NULL ? first_key(site, options, error) : NULL;
	if (key == NULL)
		return FALSE;
	veil_operator_key_public(key, public_key);
	g_autofree char *text = veil_operator_public_format(public_key), *words = veil_roles_text(roles);
	const VeilField own[] = {{"rehearsal", site->rehearsal ? "1" : "0"}, {"suite", "veil-s1"}, {"operator-key", text}, {"roles", words}, {"auditor-key", auditor}};
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	g_array_append_vals(fields, own, auditor != NULL ? 5 : 4);
	return veil_log_append_self(log, key, "registrar", "site.init", fields, NULL, NULL, error);
}

static gboolean
fill(const VeilSite *site, const VeilSiteOptions *options, GError **error)
{
	g_autofree char *keys = veil_site_path(site, VEIL_FOLDER_REGISTRY, "registry.key");
	g_autofree char *registry = veil_site_path(site, VEIL_FOLDER_REGISTRY, "registry.db");
	g_autofree char *registry_folder = veil_site_path(site, VEIL_FOLDER_REGISTRY, NULL);

	for (guint i = 0; i < VEIL_N_FOLDERS; i++) {
		g_autofree char *path = veil_site_path(site, (VeilFolder)i, NULL);

		if (g_mkdir(path, 0700) != 0)
			return fail_errno("a folder of the site", error);
	}
	/* The names of the folders must last before a record in one of them counts as written. */
	if (!veil_file_sync_folder(registry_folder, error) || !veil_file_sync_folder(site->dir, error))
		return FALSE;
	return veil_keys_create(keys, &(VeilPassphrases){options->passphrase, options->second_passphrase}, options->random, options->random_data, error) &&
	       veil_registry_create(registry, error) && make_ledger(site, options, error) &&
	       (options->users == NULL || veil_users_make_folders(site->dir, error)) && put_site_ini(site, options->users, error) &&
	       (options->users == NULL || geteuid() != 0 || veil_users_apply(options->users, site->dir, site->rehearsal, error));
}

static gboolean
check_origin(const char *origin, GError **error)
{
	gboolean good = *origin != '\0' && strlen(origin) <= 128;

	for (const char *p = origin; good && *p != '\0'; p++)
		good = g_ascii_isalnum(*p) || strchr("./_-", *p) != NULL;
	if (!good)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "an origin has up to 128 letters, digits, '.', '/', '_' and '-', such as kjj.example.gov/veil");
	return good;
}

gboolean
veil_site_create(const char *dir, const VeilSiteOptions *options, GError **error)
{
	VeilSite site = {.dir = (char *)dir, .rehearsal = options->rehearsal};
	g_autofree char *origin = g_strdup(options->origin);
	gboolean made_dir = FALSE;

	if (!options->rehearsal && options->passphrase == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a site that is no rehearsal needs a passphrase for its keys");
		return FALSE;
	}
	if (origin == NULL) {
		guint8 bytes[4];
		char hex[9];

		options->random(bytes, sizeof bytes, options->random_data);
		veil_hex_encode(bytes, sizeof bytes, hex);
		origin = g_strconcat("veil.local/", hex, NULL);
	}
	if (!check_origin(origin, error) || !veil_operator_check_handle(options->operator_handle, error) || !make_dir(dir, &made_dir, error))
		return FALSE;
	site.origin = origin;
	if (fill(&site, options, error))
		return TRUE;
	undo(dir, made_dir);
	return FALSE;
}
