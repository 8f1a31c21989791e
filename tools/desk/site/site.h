/* site.h - a site: its folders, what it says of itself, and opening what a role may open.
 *
 * DIR/site.ini   format, origin of the ledger, rehearsal; [witness] and [unmask]
 * DIR/{registry,desk,draw,notify,audit,ledger}   mode 0700, one owner each (DESIGN 5); with [users] those of users.h, and DIR/handover between them
 */
#pragma once

#include <veil/blind.h>
#include <veil/registry.h>

#include "site/users.h"

typedef enum {
	VEIL_FOLDER_REGISTRY,
	VEIL_FOLDER_DESK,
	VEIL_FOLDER_DRAW,
	VEIL_FOLDER_NOTIFY,
	VEIL_FOLDER_AUDIT,
	VEIL_FOLDER_LEDGER,
	VEIL_N_FOLDERS
} VeilFolder;

typedef struct {
	char *dir;
	char *origin;	    /* the ledger's name */
	gboolean rehearsal; /* holds all roles and says so on everything it prints */
	guint quorum;	    /* [witness] quorum: how many must have cosigned before an unmasking is opened */
	char **witnesses;   /* [witness] keys: their key lines, NULL-terminated */
	guint officer_per_hour, batch_per_day; /* [unmask]: requests and openings at most */
	VeilUsers *users; /* [users]: the roles as users of the system; NULL: one user has them all */
} VeilSite;

/* VEIL_ERROR_NOT_AVAILABLE: there is no site; VEIL_ERROR_REFUSED: made by a newer version; VEIL_ERROR_VERIFY: site.ini is damaged. */
VeilSite *veil_site_open(const char *dir, GError **error);
void veil_site_free(VeilSite *site);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilSite, veil_site_free)

/* (transfer full) Where [witness] lies: site.ini, or, where that is root's, ledger/witness.ini. What it says counts by the digest in the ledger alone. */
char *veil_site_witness_ini(const VeilSite *site);
/* (transfer full) name NULL: the folder itself. */
char *veil_site_path(const VeilSite *site, VeilFolder folder, const char *name);
/* Names of batches and sources go into file names and messages: letters, digits, '.', '_', '-', CJK ideographs; no dot in front; 64 bytes at most.
 * what: "batch", "source". VEIL_ERROR_USAGE. */
gboolean veil_site_check_name(const char *name, const char *what, GError **error);

VeilRegistry *veil_site_open_registry(const VeilSite *site, VeilRegistryMode mode, GError **error);
/* Asks for the passphrase (passphrase.h) when the key file is wrapped. */
VeilKeys *veil_site_open_keys(const VeilSite *site, GError **error);

typedef struct {
	gboolean rehearsal;
	const char *origin;	 /* NULL: veil.local/ and 8 random hex digits */
	const char *passphrase;	 /* NULL: the keys are not wrapped; only in a rehearsal */
	const char *second_passphrase; /* of a second officer, without whom the keys do not open; NULL: one is enough */
	const char *auditor_key; /* public line of the auditor to whom audit files are sealed; NULL: a rehearsal makes one, another site names one later */
	const char *operator_handle; /* the first operator */
	guint roles;		 /* his, VeilRoles of operator.h; 0: registrar; a rehearsal's has all */
	const VeilUsers *users;	 /* NULL: the site is this user's alone */
	VeilRandomFunc random;
	gpointer random_data;
} VeilSiteOptions;

/* A new site in dir, which must not exist or be empty (VEIL_ERROR_REFUSED). Whatever fails leaves nothing of it behind. With users, root gives every folder to
 * its own; anybody else leaves that to root (veil_users_script). */
gboolean veil_site_create(const char *dir, const VeilSiteOptions *options, GError **error);
