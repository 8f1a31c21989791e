/* users.h - a site whose roles are users of the operating system: who they are, and which folder is whose.
 *
 * site.ini [users]: registrar, requester, drawer, notifier, auditor = a user's name or UID[:GID]; ledger = a group's name or GID. docs/design/roles.md has the
 * layout and its reasons, docs/guide/users.md how to set it up. Without [users] the whole site is one user's, every folder 0700.
 */
#pragma once

#include <sys/types.h>

#include <veil/base.h>

typedef enum { VEIL_USER_REGISTRAR, VEIL_USER_REQUESTER, VEIL_USER_DRAWER, VEIL_USER_NOTIFIER, VEIL_USER_AUDITOR, VEIL_N_USERS } VeilUser;

typedef struct {
	char *name[VEIL_N_USERS]; /* as site.ini has it */
	uid_t uid[VEIL_N_USERS];
	gid_t gid[VEIL_N_USERS]; /* each user's own group: files for him bear it */
	char *ledger_name;
	gid_t ledger_gid; /* of everybody who appends to the ledger */
} VeilUsers;

void veil_users_free(VeilUsers *users);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilUsers, veil_users_free)

/* "default" (veil-registrar, ..., group veil-ledger) or "registrar=U,requester=U,drawer=U,notifier=U,auditor=U,ledger=G", every one once. VEIL_ERROR_USAGE for the
 * text; VEIL_ERROR_REFUSED for users who are not there, are root, share an id or a group, or are in each other's. */
VeilUsers *veil_users_parse(const char *text, GError **error);
/* [users] of a site.ini; *out NULL when it has none. */
gboolean veil_users_read(GKeyFile *file, VeilUsers **out, GError **error);
/* (transfer full) The lines of [users]. */
char *veil_users_format(const VeilUsers *users);

/* "registrar", ..., "auditor"; VEIL_N_USERS for another word. */
VeilUser veil_user_of_role(const char *role);
const char *veil_user_role(VeilUser user);
/* Is the process this user? */
gboolean veil_users_is(const VeilUsers *users, VeilUser user);
/* May this process run a command of the role? VEIL_ERROR_REFUSED with whom to run it as. */
gboolean veil_users_check(const VeilUsers *users, const char *role, GError **error);

/* The folders between roles, below dir; mode 0700 until veil_users_apply. */
gboolean veil_users_make_folders(const char *dir, GError **error);
/* Owner, group and mode of everything in a site that nobody else can enter yet. By root; DIR itself comes last. */
gboolean veil_users_apply(const VeilUsers *users, const char *dir, gboolean rehearsal, GError **error);
/* (transfer full) The same as a script for root. */
char *veil_users_script(const VeilUsers *users, const char *dir, gboolean rehearsal);
