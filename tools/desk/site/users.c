/* users.c - see users.h.
 *
 * The layout follows from one rule: a folder has one writer. So nobody can plant a link, a FIFO or another file where somebody else writes, and what a reader
 * finds is of the one who may have put it there. The ledger is the exception: all append, so all could also damage it; that is what signatures and
 * witnesses are for. DIR and handover/ are root's, or whoever owned them could put a folder of his own in another's place.
 */
#include "site/users.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site/route.h"

static const char *const roles[VEIL_N_USERS] = {"registrar", "requester", "drawer", "notifier", "auditor"};

void
veil_users_free(VeilUsers *users)
{
	if (users == NULL)
		return;
	for (guint i = 0; i < VEIL_N_USERS; i++)
		g_free(users->name[i]);
	g_free(users->ledger_name);
	g_free(users);
}

VeilUser
veil_user_of_role(const char *role)
{
	guint i = 0;

	while (i < VEIL_N_USERS && strcmp(roles[i], role) != 0)
		i++;
	return (VeilUser)i;
}

const char *
veil_user_role(VeilUser user)
{
	return roles[user];
}

static gboolean
refuse(GError **error, const char *format, const char *a, const char *b)
{
	g_autofree char *text = b != NULL ? g_strdup_printf("%s %s %s", a, format, b) : g_strdup_printf("%s %s", a, format);

	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* --- names to ids ------------------------------------------------------------------------------------------------------ */

static gboolean
all_digits(const char *text, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
	return n > 0 && n < 10;
}

/* UID or UID:GID, without asking who that is; GID is UID where it is left out. */
static gboolean
parse_numbers(const char *text, uid_t *out_uid, gid_t *out_gid)
{
	const char *colon = strchr(text, ':');
	gsize n = colon != NULL ? (gsize)(colon - text) : strlen(text);

	if (!all_digits(text, n) || (colon != NULL && !all_digits(colon + 1, strlen(colon + 1))))
		return FALSE;
	*out_uid = (uid_t)g_ascii_strtoull(text, NULL, 10);
	*out_gid = colon != NULL ? (gid_t)g_ascii_strtoull(colon + 1, NULL, 10) : (gid_t)*out_uid;
	return TRUE;
}

static gboolean
find_user(VeilUsers *users, VeilUser user, GError **error)
{
	const struct passwd *entry;

	if (parse_numbers(users->name[user], &users->uid[user], &users->gid[user]))
		return TRUE;
	entry = getpwnam(users->name[user]);
	if (entry == NULL)
		return refuse(error, "is no user of this system; `adduser --system --group NAME` makes one", users->name[user], NULL);
	users->uid[user] = entry->pw_uid;
	users->gid[user] = entry->pw_gid;
	return TRUE;
}

static gboolean
find_group(VeilUsers *users, GError **error)
{
	const struct group *entry;

	if (all_digits(users->ledger_name, strlen(users->ledger_name))) {
		users->ledger_gid = (gid_t)g_ascii_strtoull(users->ledger_name, NULL, 10);
		return TRUE;
	}
	entry = getgrnam(users->ledger_name);
	if (entry == NULL)
		return refuse(error, "is no group of this system; `addgroup --system NAME` makes one", users->ledger_name, NULL);
	users->ledger_gid = entry->gr_gid;
	return TRUE;
}

static gboolean
find_ids(VeilUsers *users, GError **error)
{
	for (guint i = 0; i < VEIL_N_USERS; i++)
		if (!find_user(users, (VeilUser)i, error))
			return FALSE;
	return find_group(users, error);
}

/* The groups of a user whom the system knows: in the ledger's, in no other role's. */
static gboolean
check_groups(const VeilUsers *users, VeilUser user, GError **error)
{
	const struct passwd *entry = getpwuid(users->uid[user]);
	gid_t groups[256];
	int n = G_N_ELEMENTS(groups);
	gboolean appends = FALSE;

	if (entry == NULL)
		return TRUE; /* known by number only: whoever gives it out answers for its groups */
	g_autofree char *name = g_strdup(entry->pw_name);
	if (getgrouplist(name, users->gid[user], groups, &n) < 0)
		return refuse(error, "is in more groups than can be looked through", name, NULL);
	for (int k = 0; k < n; k++) {
		appends |= groups[k] == users->ledger_gid;
		for (guint i = 0; i < VEIL_N_USERS; i++)
			if (i != user && groups[k] == users->gid[i])
				return refuse(error, "is in the group of", name, users->name[i]);
	}
	return appends || refuse(error, "is not in the group", name, users->ledger_name);
}

static gboolean
check_apart(const VeilUsers *users, GError **error)
{
	for (guint i = 0; i < VEIL_N_USERS; i++) {
		if (users->uid[i] == 0 || users->gid[i] == 0)
			return refuse(error, "is root or of its group, who can open everything: a role needs a user of its own", roles[i], NULL);
		if (users->gid[i] == users->ledger_gid)
			return refuse(error, "has the ledger's group for his own: files for him would be for all", roles[i], NULL);
		for (guint k = 0; k < i; k++) {
			if (users->uid[i] == users->uid[k])
				return refuse(error, "is the same user as", roles[i], roles[k]);
			if (users->gid[i] == users->gid[k])
				return refuse(error, "has the same own group as", roles[i], roles[k]);
		}
	}
	if (users->ledger_gid == 0)
		return refuse(error, "is root's group: the ledger needs one of its own", users->ledger_name, NULL);
	for (guint i = 0; i < VEIL_N_USERS; i++)
		if (!check_groups(users, (VeilUser)i, error))
			return FALSE;
	return TRUE;
}

/* --- as text ----------------------------------------------------------------------------------------------------------- */

static gboolean
usage(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
			    "--users takes default, or registrar=USER,requester=USER,drawer=USER,notifier=USER,auditor=USER,ledger=GROUP, each once");
	return FALSE;
}

static gboolean
good_name(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && strchr("._-:", *c) == NULL)
			return FALSE;
	return *name != '\0' && *name != '-' && strlen(name) <= 64;
}

static gboolean
take_word(VeilUsers *users, const char *word, GError **error)
{
	const char *equals = strchr(word, '=');
	g_autofree char *role = equals != NULL ? g_strndup(word, (gsize)(equals - word)) : NULL;
	char **place;

	if (role == NULL || !good_name(equals + 1))
		return usage(error);
	if (strcmp(role, "ledger") == 0)
		place = &users->ledger_name;
	else if (veil_user_of_role(role) < VEIL_N_USERS)
		place = &users->name[veil_user_of_role(role)];
	else
		return usage(error);
	if (*place != NULL)
		return usage(error);
	*place = g_strdup(equals + 1);
	return TRUE;
}

static gboolean
is_whole(const VeilUsers *users)
{
	for (guint i = 0; i < VEIL_N_USERS; i++)
		if (users->name[i] == NULL)
			return FALSE;
	return users->ledger_name != NULL;
}

VeilUsers *
veil_users_parse(const char *text, GError **error)
{
	g_autoptr(VeilUsers) users = g_new0(VeilUsers, 1);
	g_auto(GStrv) words = g_strsplit(text, ",", -1);

	if (strcmp(text, "default") == 0) {
		for (guint i = 0; i < VEIL_N_USERS; i++)
			users->name[i] = g_strconcat("veil-", roles[i], NULL);
		users->ledger_name = g_strdup("veil-ledger");
	} else {
		for (guint i = 0; words[i] != NULL; i++)
			if (!take_word(users, words[i], error))
				return NULL;
	}
	if (!is_whole(users)) {
		usage(error);
		return NULL;
	}
	return find_ids(users, error) && check_apart(users, error) ? g_steal_pointer(&users) : NULL;
}

gboolean
veil_users_read(GKeyFile *file, VeilUsers **out, GError **error)
{
	g_autoptr(VeilUsers) users = g_new0(VeilUsers, 1);

	*out = NULL;
	if (!g_key_file_has_group(file, "users"))
		return TRUE;
	for (guint i = 0; i < VEIL_N_USERS; i++)
		users->name[i] = g_key_file_get_string(file, "users", roles[i], NULL);
	users->ledger_name = g_key_file_get_string(file, "users", "ledger", NULL);
	if (!is_whole(users)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "site.ini of the site is damaged: [users] names not every role");
		return FALSE;
	}
	if (!find_ids(users, error))
		return FALSE;
	*out = g_steal_pointer(&users);
	return TRUE;
}

char *
veil_users_format(const VeilUsers *users)
{
	GString *text = g_string_new("[users]\n");

	for (guint i = 0; i < VEIL_N_USERS; i++)
		g_string_append_printf(text, "%s=%s\n", roles[i], users->name[i]);
	g_string_append_printf(text, "ledger=%s\n", users->ledger_name);
	return g_string_free(text, FALSE);
}

/* --- who runs this ------------------------------------------------------------------------------------------------------- */

gboolean
veil_users_is(const VeilUsers *users, VeilUser user)
{
	return geteuid() == users->uid[user];
}

gboolean
veil_users_check(const VeilUsers *users, const char *role, GError **error)
{
	VeilUser user = veil_user_of_role(role);

	if (geteuid() == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "root runs no command on a site whose roles are users: what root writes is nobody's; run it as the role's user");
		return FALSE;
	}
	if (user == VEIL_N_USERS || veil_users_is(users, user))
		return TRUE; /* anyone's, a custodian's: what he can open is all there is to it */
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this command is the %s's: run it as the user %s", role, users->name[user]);
	return FALSE;
}

/* --- the layout ---------------------------------------------------------------------------------------------------------- */

typedef struct {
	char *path; /* below DIR, "" for DIR */
	uid_t uid;
	gid_t gid;
	mode_t mode;
} Owned;

static void
clear_owned(gpointer data)
{
	g_free(((Owned *)data)->path);
}

static void
own(GArray *rows, const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	Owned row = {g_strdup(path), uid, gid, mode};

	g_array_append_val(rows, row);
}

static gboolean
outbox_known(const GArray *rows, const char *path)
{
	for (guint i = 0; i < rows->len; i++)
		if (strcmp(g_array_index(rows, Owned, i).path, path) == 0)
			return TRUE;
	return FALSE;
}

/* What lies in a role's own folder: his, files as private as they are. */
static void
own_below(GArray *rows, const char *dir, const char *folder, uid_t uid, gid_t gid)
{
	g_autofree char *full = g_build_filename(dir, folder, NULL);
	GDir *handle = g_dir_open(full, 0, NULL);
	const char *name;

	while (handle != NULL && (name = g_dir_read_name(handle)) != NULL) {
		g_autofree char *inner = g_build_filename(folder, name, NULL), *path = g_build_filename(dir, inner, NULL);
		struct stat info;

		if (lstat(path, &info) != 0 || S_ISLNK(info.st_mode))
			continue;
		own(rows, inner, uid, gid, S_ISDIR(info.st_mode) ? 0700 : g_str_has_suffix(name, ".pub") ? 0644 : 0600);
		if (S_ISDIR(info.st_mode))
			own_below(rows, dir, inner, uid, gid);
	}
	if (handle != NULL)
		g_dir_close(handle);
}

static void
own_ledger(GArray *rows, const VeilUsers *users, const char *dir, gboolean rehearsal)
{
	static const struct {
		const char *path;
		mode_t mode;
	} parts[] = {{"ledger/ledger.db", 0660}, {"ledger/ledger.db-journal", 0660}, {"ledger/ledger.key", 0640}, {"ledger/vkey", 0644},
		     {"ledger/checkpoint", 0644}, {"ledger/checkpoints", 02770}};
	uid_t uid = users->uid[VEIL_USER_REGISTRAR];

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = g_build_filename(dir, parts[i].path, NULL);
		if (g_file_test(path, G_FILE_TEST_EXISTS))
			own(rows, parts[i].path, uid, users->ledger_gid, parts[i].mode);
	}
	/* A rehearsal's operators make their keys here when they first act; on another site only the first one's lies here, the registrar's. */
	own_below(rows, dir, "ledger/operators", uid, users->gid[VEIL_USER_REGISTRAR]);
	own(rows, "ledger/operators", uid, rehearsal ? users->ledger_gid : users->gid[VEIL_USER_REGISTRAR], rehearsal ? 02770 : 0700);
	own(rows, "ledger", uid, users->ledger_gid, 02770);
}

/* Inner ones first, DIR last. */
static GArray *
layout(const VeilUsers *users, const char *dir, gboolean rehearsal)
{
	static const struct {
		const char *folder;
		VeilUser user;
	} folders[] = {{"registry", VEIL_USER_REGISTRAR}, {"desk", VEIL_USER_REQUESTER}, {"draw", VEIL_USER_DRAWER}, {"notify", VEIL_USER_NOTIFIER}, {"audit", VEIL_USER_AUDITOR}};
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(Owned));

	g_array_set_clear_func(rows, clear_owned);
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
		uid_t uid = users->uid[folders[i].user];
		gid_t gid = users->gid[folders[i].user];
		own_below(rows, dir, folders[i].folder, uid, gid);
		own(rows, folders[i].folder, uid, gid, 0700);
	}
	own_ledger(rows, users, dir, rehearsal);
	for (guint i = 0; i < VEIL_N_ROUTES; i++) {
		g_autofree char *path = g_build_filename("handover", veil_routes[i].outbox, NULL);
		if (!outbox_known(rows, path))
			own(rows, path, users->uid[veil_routes[i].from], users->gid[veil_routes[i].to], 02750);
	}
	own(rows, "handover", 0, 0, 0755);
	own(rows, "site.ini", 0, 0, 0644);
	own(rows, "", 0, 0, 0755);
	return rows;
}

gboolean
veil_users_make_folders(const char *dir, GError **error)
{
	g_autofree char *handover = g_build_filename(dir, "handover", NULL), *checkpoints = g_build_filename(dir, "ledger", "checkpoints", NULL);
	gboolean ok = g_mkdir(handover, 0700) == 0 && g_mkdir(checkpoints, 0700) == 0;

	for (guint i = 0; ok && i < VEIL_N_ROUTES; i++) {
		g_autofree char *path = g_build_filename(handover, veil_routes[i].outbox, NULL);
		ok = g_mkdir(path, 0700) == 0 || errno == EEXIST;
	}
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot make the folders between roles: %s", g_strerror(errno));
	return ok;
}

gboolean
veil_users_apply(const VeilUsers *users, const char *dir, gboolean rehearsal, GError **error)
{
	g_autoptr(GArray) rows = layout(users, dir, rehearsal);

	for (guint i = 0; i < rows->len; i++) {
		const Owned *row = &g_array_index(rows, Owned, i);
		g_autofree char *path = g_build_filename(dir, row->path, NULL);

		/* The owner first: changing him takes the set-group bit away. */
		if (lchown(path, row->uid, row->gid) == 0 && chmod(path, row->mode) == 0)
			continue;
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot give %s to its user: %s", *row->path != '\0' ? row->path : "the site's folder", g_strerror(errno));
		return FALSE;
	}
	return TRUE;
}

char *
veil_users_script(const VeilUsers *users, const char *dir, gboolean rehearsal)
{
	g_autoptr(GArray) rows = layout(users, dir, rehearsal);
	g_autofree char *absolute = g_canonicalize_filename(dir, NULL), *quoted = g_shell_quote(absolute);
	GString *text = g_string_new("#!/bin/sh\n# To be run by root, before anybody works here.\nset -e\n");

	g_string_append_printf(text, "cd %s\nchown 0:0 . && chmod 0700 .\n", quoted);
	for (guint i = 0; i < rows->len; i++) {
		const Owned *row = &g_array_index(rows, Owned, i);
		g_autofree char *path = g_shell_quote(*row->path != '\0' ? row->path : ".");
		g_string_append_printf(text, "chown -h %u:%u %s && chmod %04o %s\n", (guint)row->uid, (guint)row->gid, path, (guint)row->mode, path);
	}
	return g_string_free(text, FALSE);
}
