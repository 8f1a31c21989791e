/* close.c - see close.h.
 *
 * Order: the record that uses the approval up (the intent), the registry (wrapped key overwritten), the live half (overwritten, removed), the
 * result. A run that is cut off is completed by the next, which finds the intent and no result.
 */
#include "custody/close.h"

#include <stdio.h>
#include <string.h>

#include <veil/policy.h>

#include "ceremony/approve.h"
#include "site/batch-files.h"
#include "custody/custody.h"
#include "site/found.h"

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* --- settled --------------------------------------------------------------------------------------------------------- */

gboolean
veil_step_settle(const VeilStep *step, const char *name, GError **error)
{
	g_autoptr(VeilLog) log = NULL;
	g_autoptr(VeilFound) draw = NULL, intent = NULL, settled = NULL;

	if (!veil_site_check_name(name, "batch", error) || (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	if (!veil_log_find(log, "batch.draw", "batch", name, &draw, error))
		return FALSE;
	if (draw == NULL)
		return refuse(error, "this batch is not drawn yet: nothing can be settled");
	if (!veil_log_find(log, "batch.settle", "freeze-id", veil_found_get(draw, "freeze-id"), &settled, error) ||
	    !veil_log_find(log, "batch.draw.intent", "freeze-id", veil_found_get(draw, "freeze-id"), &intent, error))
		return FALSE;
	if (settled != NULL)
		return refuse(error, "this batch is settled already");
	if (intent != NULL && strcmp(veil_found_get(intent, "draw"), veil_found_get(draw, "draw")) != 0)
		return refuse(error, "a further draw of this batch was begun; finish `veil batch draw NAME --top-up` (or --round) first");
	return veil_log_append(log, "requester", "batch.settle", error, "batch", name, "freeze-id", veil_found_get(draw, "freeze-id"), NULL);
}

/* --- terms and approvals ----------------------------------------------------------------------------------------------- */

/* So many years and days after a record's minute. FALSE when that is still to come. */
static gboolean
is_over(const VeilStep *step, const char *minute, int years, int days)
{
	int y, mo, d, h, mi;
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(step->now_unix_s), from = NULL, later = NULL, end = NULL;

	if (sscanf(minute, "%4d-%2d-%2dT%2d:%2dZ", &y, &mo, &d, &h, &mi) != 5 || (from = g_date_time_new_utc(y, mo, d, h, mi, 0)) == NULL)
		return FALSE;
	later = g_date_time_add_years(from, years);
	end = g_date_time_add_days(later, days);
	return g_date_time_compare(now, end) >= 0;
}

/* The id of an approval that is given; else a request is made or waits, and the refusal says which. */
static gboolean
approved(VeilLog *log, const char *purpose, const char *reason, const char *name, const char *freeze_id, char out_id[VEIL_REQUEST_ID_BYTES], GError **error)
{
	g_autoptr(VeilApproval) like = veil_approval_find_like(log, purpose, error, "batch", name, "freeze-id", freeze_id, NULL);

	if (like == NULL)
		return FALSE;
	g_strlcpy(out_id, like->id, VEIL_REQUEST_ID_BYTES);
	if (like->state == VEIL_APPROVAL_GIVEN)
		return TRUE;
	if (like->state == VEIL_APPROVAL_NONE &&
	    !veil_request_log(log, "registrar", purpose, out_id, error, "batch", name, "freeze-id", freeze_id, "reason", reason, NULL))
		return FALSE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this needs another operator: `veil approve %s`, then run it again", out_id);
	return FALSE;
}

/* --- closing --------------------------------------------------------------------------------------------------------- */

typedef struct {
	const VeilStep *step;
	const char *name;
	VeilRegistry *registry;
	VeilLog *log;
	VeilBatchRow *row;
	VeilPolicy *policy;
} Close;

static void
close_clear(Close *c)
{
	veil_registry_free(c->registry);
	veil_log_free(c->log);
	veil_batch_row_free(c->row);
	veil_policy_free(c->policy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Close, close_clear)

static gboolean
open_all(Close *c, GError **error)
{
	if (!veil_site_check_name(c->name, "batch", error) ||
	    (c->registry = veil_site_open_registry(c->step->site, VEIL_REGISTRY_WRITE, error)) == NULL ||
	    (c->log = veil_log_open(c->step->site->dir, c->step->operator_handle, error)) == NULL ||
	    (c->row = veil_registry_batch_get(c->registry, c->name, error)) == NULL ||
	    (c->policy = veil_policy_parse(c->row->policy, strlen(c->row->policy), "policy", error)) == NULL)
		return FALSE;
	veil_log_set_now(c->log, c->step->now_unix_s);
	return c->row->freeze_id != NULL || refuse(error, "this batch was never frozen: there is nothing to close");
}

static gboolean
may_close(Close *c, char out_id[VEIL_REQUEST_ID_BYTES], GError **error)
{
	g_autoptr(VeilFound) settled = NULL;

	if (strcmp(c->row->state, "frozen") != 0)
		return refuse(error, "this batch is not frozen: a freeze under way is completed first");
	if (!veil_log_find(c->log, "batch.settle", "freeze-id", c->row->freeze_id, &settled, error))
		return FALSE;
	if (settled == NULL)
		return refuse(error, "this batch is not settled yet; `veil batch settle` says that all results stand");
	if (!is_over(c->step, settled->record.time, 0, c->policy->complaint_days)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the term for complaints is not over: %d days from %.10s", c->policy->complaint_days,
			    settled->record.time);
		return FALSE;
	}
	return approved(c->log, "close", "settled, and the term for complaints is over", c->name, c->row->freeze_id, out_id, error);
}

static gboolean
destroy_key(Close *c, GError **error)
{
	if (strcmp(c->row->state, "closed") != 0 &&
	    (!veil_registry_begin(c->registry, error) || !veil_registry_batch_set_closed(c->registry, c->name, c->row->freeze_id, error) ||
	     !veil_registry_commit(c->registry, error)))
		return FALSE;
	return veil_live_key_destroy(c->step->site, c->row->freeze_id, error);
}

static gboolean
count_custodians(Close *c, guint *out_k, char out_text[24], GError **error)
{
	g_autoptr(VeilEscrowRow) row = NULL;
	g_autoptr(VeilEscrow) escrow = NULL;

	*out_k = 0;
	g_strlcpy(out_text, "none", 24);
	if (!veil_registry_get_escrow(c->registry, c->row->freeze_id, &row, error))
		return FALSE;
	if (row == NULL)
		return TRUE;
	if ((escrow = veil_escrow_parse(row->sealed, strlen(row->sealed), "registry.db", error)) == NULL)
		return FALSE;
	*out_k = escrow->k;
	g_snprintf(out_text, 24, "%u of %u", escrow->k, escrow->n);
	return TRUE;
}

gboolean
veil_step_close(const VeilStep *step, const char *name, guint *out_openable, GError **error)
{
	g_auto(Close) c = {.step = step, .name = name};
	g_autoptr(VeilFound) intent = NULL, done = NULL;
	char id[VEIL_REQUEST_ID_BYTES], custodians[24];

	if (!open_all(&c, error) || !veil_log_find(c.log, "batch.close.intent", "freeze-id", c.row->freeze_id, &intent, error) ||
	    !veil_log_find(c.log, "batch.close", "freeze-id", c.row->freeze_id, &done, error))
		return FALSE;
	if (done != NULL)
		return refuse(error, "this batch is closed already");
	if (intent == NULL && (!may_close(&c, id, error) || !veil_approval_use(c.log, id, "registrar", "batch.close.intent", error, "batch", name,
									       "freeze-id", c.row->freeze_id, NULL)))
		return FALSE;
	return count_custodians(&c, out_openable, custodians, error) && destroy_key(&c, error) &&
	       veil_log_append(c.log, "registrar", "batch.close", error, "batch", name, "freeze-id", c.row->freeze_id, "custodians", custodians, NULL);
}

/* --- the end --------------------------------------------------------------------------------------------------------- */

static gboolean
may_destroy(Close *c, char out_id[VEIL_REQUEST_ID_BYTES], GError **error)
{
	g_autoptr(VeilFound) closed = NULL;

	if (!veil_log_find(c->log, "batch.close", "freeze-id", c->row->freeze_id, &closed, error))
		return FALSE;
	if (closed == NULL)
		return refuse(error, "this batch is not closed; `veil batch close` comes first");
	if (!is_over(c->step, closed->record.time, c->policy->retention_years, 0)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the escrow is kept for %d years from %.10s", c->policy->retention_years,
			    closed->record.time);
		return FALSE;
	}
	return approved(c->log, "escrow.destroy", "the years of retention are over", c->name, c->row->freeze_id, out_id, error);
}

/* Those of former freezes of the batch too. */
static gboolean
drop_escrows(Close *c, GError **error)
{
	g_autoptr(GPtrArray) rows = veil_registry_escrows(c->registry, error);

	for (guint i = 0; rows != NULL && i < rows->len; i++) {
		const VeilEscrowRow *row = g_ptr_array_index(rows, i);

		if (strcmp(row->batch, c->name) == 0 && !veil_registry_drop_escrow(c->registry, row->id, error))
			return FALSE;
	}
	return rows != NULL;
}

gboolean
veil_step_escrow_destroy(const VeilStep *step, const char *name, GError **error)
{
	g_auto(Close) c = {.step = step, .name = name};
	g_autoptr(VeilFound) intent = NULL, done = NULL;
	g_autofree char *path = NULL;
	char id[VEIL_REQUEST_ID_BYTES];

	if (!open_all(&c, error) || !veil_log_find(c.log, "escrow.destroy.intent", "freeze-id", c.row->freeze_id, &intent, error) ||
	    !veil_log_find(c.log, "escrow.destroy", "freeze-id", c.row->freeze_id, &done, error))
		return FALSE;
	if (done != NULL)
		return refuse(error, "the escrow of this batch is destroyed already");
	if (intent == NULL && (!may_destroy(&c, id, error) || !veil_approval_use(c.log, id, "registrar", "escrow.destroy.intent", error, "batch", name,
										 "freeze-id", c.row->freeze_id, NULL)))
		return FALSE;
	path = veil_batch_path(step->site, VEIL_FOLDER_REGISTRY, name, "escrow");
	return veil_registry_begin(c.registry, error) && drop_escrows(&c, error) &&
	       veil_registry_commit(c.registry, error) && veil_custody_shred(path, error) &&
	       veil_log_append(c.log, "registrar", "escrow.destroy", error, "batch", name, "freeze-id", c.row->freeze_id, NULL);
}
