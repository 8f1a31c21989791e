/* route.h - the files that go from one role to another.
 *
 * On a site with users (users.h) a file that crosses lies in handover/FROM-TO/, which FROM alone writes and TO alone reads; nobody writes in anybody else's
 * folder. On a site of one user it lies where its reader looks for it, as ever. A step that writes or reads such a file asks here for its path.
 */
#pragma once

#include "site/site.h"

typedef enum {
	VEIL_ROUTE_BATCH,    /* registrar to drawer: NAME.veil of a freeze */
	VEIL_ROUTE_AUDIT,    /* registrar to auditor: NAME.audit */
	VEIL_ROUTE_DRAWN,    /* drawer to registrar: NAME.drawn, whom to contact */
	VEIL_ROUTE_RESULT,   /* drawer to auditor: NAME.veil as it stands after draws and vacancies */
	VEIL_ROUTE_PLACES,   /* drawer to requester: who gets which project, by codes */
	VEIL_ROUTE_CONTACTS, /* registrar to notifier: people, no projects */
	VEIL_ROUTE_CONTENT,  /* registrar to requester: projects by code */
	VEIL_ROUTE_REQUESTS, /* requester to registrar: projects taken in */
	VEIL_ROUTE_ANSWERS,  /* notifier to requester: sealed answers that came back */
	VEIL_ROUTE_VACANCIES, /* requester to drawer: what was answered, by code */
	VEIL_N_ROUTES
} VeilRoute;

typedef struct {
	VeilUser from, to;
	VeilFolder folder;    /* on a site of one user */
	const char *outbox;   /* below handover/ */
} VeilRouteRow;
extern const VeilRouteRow veil_routes[VEIL_N_ROUTES];

/* (transfer full) */
char *veil_route_path(const VeilSite *site, VeilRoute route, const char *name);
/* 0600, or 0640 where the reader is another user. */
int veil_route_mode(const VeilSite *site);

/**
 * veil_handover_sync:
 * What a drawer's command does first on a site with users: takes the latest freeze of the batch out of the registrar's outbox into draw/ (its rows are compared
 * with the root in the ledger; an earlier freeze's file stays beside as NAME.Fn.veil), and puts a copy of the batch as it stands into his own outbox for the
 * auditor. Nothing on other sites and for other users. VEIL_ERROR_VERIFY: the file is not the one the ledger names.
 */
gboolean veil_handover_sync(const VeilSite *site, const char *name, GError **error);
