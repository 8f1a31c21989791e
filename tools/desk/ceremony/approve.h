/* approve.h - what needs a second person: a request, an approval by somebody else, one use.
 *
 * A request is a ledger record of act `request`; its id is the first 16 hex digits of its leaf hash. `veil approve ID` by another operator
 * writes `approve`. Whatever then acts upon it carries the field `request ID`, and the first record that does so uses the approval up.
 * Purposes and who may approve them: the table in approve.c and docs/design/ledger-format.md.
 */
#pragma once

#include "site/log.h"

#define VEIL_REQUEST_ID_BYTES 17 /* 16 hex digits and a zero */

typedef enum {
	VEIL_APPROVAL_NONE,    /* no such request */
	VEIL_APPROVAL_WAITING, /* approvals are missing */
	VEIL_APPROVAL_GIVEN,   /* approved by all it needs, not used, not expired */
	VEIL_APPROVAL_USED,
	VEIL_APPROVAL_EXPIRED,
} VeilApprovalState;

typedef struct {
	char id[VEIL_REQUEST_ID_BYTES];
	VeilApprovalState state;
	guint64 seq;	      /* of the request */
	char *purpose;	      /* "freeze", "waiver", "exception", "operator", "unmask", ... */
	char *requester;      /* handle */
	char *time, *expires; /* minutes, as in records */
	char **fields;	      /* "key", "value", ..., NULL: the request's own, without purpose and expires */
	char **approvers;     /* handles, in order; NULL-terminated */
	guint64 *approval_seq; /* one an approver */
	guint missing;	      /* approvals still needed */
} VeilApproval;

void veil_approval_free(VeilApproval *approval);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilApproval, veil_approval_free)
/* A field of the request; "" when it has none. */
const char *veil_approval_get(const VeilApproval *approval, const char *key);
/* The roles that may approve it, "registrar;auditor"; "any". */
const char *veil_approval_roles(const VeilApproval *approval);

/**
 * veil_request_log:
 * Writes a request of the log's operator under role. purpose: one of the table. After error: "key", "value", ..., NULL as in veil_log_append; of them
 * none may be "purpose" or "expires". `reason` is required. out_id: its id, for `veil approve`.
 */
gboolean veil_request_log(VeilLog *log, const char *role, const char *purpose, char out_id[VEIL_REQUEST_ID_BYTES], GError **error, ...) G_GNUC_NULL_TERMINATED;

/**
 * veil_approval_find:
 * What the ledger says of this request now (the log's clock decides what has expired). Always gives an object; state NONE when there is no such request.
 */
VeilApproval *veil_approval_find(VeilLog *log, const char *id, GError **error);

/**
 * veil_approval_find_like:
 * The latest request of this purpose by the log's own operator whose fields are all those given ("key", "value", ..., NULL), neither used nor
 * expired; state NONE when there is none. So a command can be run again after the approval without being told the id.
 */
VeilApproval *veil_approval_find_like(VeilLog *log, const char *purpose, GError **error, ...) G_GNUC_NULL_TERMINATED;

/**
 * veil_approval_use:
 * Appends the record that acts upon the request, with `request` = id among its fields, if and only if the approval is GIVEN at that very
 * moment (looked at inside the ledger's transaction, so two processes never use one approval). VEIL_ERROR_REFUSED says why not.
 */
gboolean veil_approval_use(VeilLog *log, const char *id, const char *role, const char *act, GError **error, ...) G_GNUC_NULL_TERMINATED;

/**
 * veil_approval_require:
 * For a command that needs a second person and is run again after the approval. TRUE: the operator's request with these fields (purpose's own and
 * `reason`) is approved, out_id names it, and veil_approval_use may act upon it. Else the request is logged, unless it waits already, and VEIL_ERROR_REFUSED
 * says which id another operator has to approve.
 */
gboolean veil_approval_require(VeilLog *log, const char *role, const char *purpose, char out_id[VEIL_REQUEST_ID_BYTES], GError **error, ...)
	G_GNUC_NULL_TERMINATED;

/* Approves as the log's operator; VEIL_ERROR_REFUSED for the requester himself, a second approval by one operator, an expired or used
 * request, a role that may not approve this purpose. Each refusal of a known request is logged as `approve.refused`. */
gboolean veil_approve(VeilLog *log, const char *id, GError **error);

/* All requests, latest first; (transfer full) of VeilApproval. */
GPtrArray *veil_approval_list(VeilLog *log, GError **error);

/**
 * veil_exception_find:
 * The exception for a small field (RULES D06): is there a request of purpose `exception` for this freeze and this project code with its three
 * approvals? out_id "" when there is none. Not used up: it holds for the freeze.
 */
gboolean veil_exception_find(VeilLog *log, const char *freeze_id, const char *project_code, char out_id[VEIL_REQUEST_ID_BYTES], GError **error);
