/* freeze-again.c - a second freeze.
 *
 * One draw a freeze is worth little if a freeze can be had for the asking; so a new one needs a reason and another operator, stays counted, and leaves
 * every file and record of the old one where it can be read. Its intent comes first, under the approval: whatever is interrupted after that goes on
 * with the id and the date of that intent, and asks nobody again.
 */
#include "ceremony/freeze-again.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/approve.h"
#include "site/found.h"
#include "site/route.h"
#include "site/words.h"

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

static gboolean
check_state(VeilLog *log, const VeilBatchRow *row, GError **error)
{
	g_autoptr(VeilFound) settled = NULL;

	if (strcmp(row->state, "frozen") != 0)
		return refuse(error, strcmp(row->state, "draft") == 0 ? "this batch was never frozen: leave --again out" :
									"this batch is closed and is not frozen again");
	if (!veil_log_find(log, "batch.settle", "freeze-id", row->freeze_id, &settled, error))
		return FALSE;
	return settled == NULL || refuse(error, "this batch is settled: what was decided stands, and a new freeze would be another batch");
}

static gboolean
log_intent(VeilLog *log, const VeilBatchRow *row, VeilDay day, const char *reason, char freeze_id[33], GError **error)
{
	char request[VEIL_REQUEST_ID_BYTES], date[12], number[24];
	guint8 id[16];

	if (!veil_reason_check(reason, error) || !veil_approval_require(log, "registrar", "freeze", request, error, "batch", row->name, "freeze-id",
									row->freeze_id, "reason", reason, NULL))
		return FALSE;
	veil_random_system(id, sizeof id, NULL);
	veil_hex_encode(id, sizeof id, freeze_id);
	veil_day_format(day, date);
	g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, row->freezes + 1);
	return veil_approval_use(log, request, "registrar", "batch.freeze.intent", error, "batch", row->name, "freeze-id", freeze_id, "freeze", number,
				 "as-of", date, "replaces", row->freeze_id, "reason", reason, NULL);
}

gboolean
veil_refreeze_begin(VeilLog *log, const VeilBatchRow *row, VeilDay day, gboolean day_given, const char *reason, char out_freeze_id[33],
		    VeilDay *out_as_of, GError **error)
{
	g_autoptr(VeilFound) begun = NULL;
	VeilInterval as_of;

	if (!check_state(log, row, error) || !veil_log_find(log, "batch.freeze.intent", "replaces", row->freeze_id, &begun, error))
		return FALSE;
	if (begun == NULL) {
		*out_as_of = day;
		return log_intent(log, row, day, reason, out_freeze_id, error);
	}
	if (!veil_interval_parse(veil_found_get(begun, "as-of"), &as_of) || strlen(veil_found_get(begun, "freeze-id")) != 32) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the intent of the interrupted freeze is not in its form");
		return FALSE;
	}
	if (day_given && day != as_of.since)
		return refuse(error, "an interrupted freeze is completed with the date it began with; leave --as-of out");
	g_strlcpy(out_freeze_id, veil_found_get(begun, "freeze-id"), 33);
	*out_as_of = as_of.since;
	return TRUE;
}

char *
veil_refreeze_replaced(VeilLog *log, const char *freeze_id, GError **error)
{
	g_autoptr(VeilFound) intent = NULL;

	if (!veil_log_find(log, "batch.freeze.intent", "freeze-id", freeze_id, &intent, error))
		return NULL;
	return g_strdup(intent != NULL ? veil_found_get(intent, "replaces") : "");
}

/* --- files --------------------------------------------------------------------------------------------------------------- */

static gboolean
keep(const VeilSite *site, VeilRoute route, const char *name, const char *older, const char *suffix, GError **error)
{
	g_autofree char *from_name = g_strdup_printf("%s.%s", name, suffix), *to_name = g_strdup_printf("%s.%s", older, suffix);
	g_autofree char *from = veil_route_path(site, route, from_name), *to = veil_route_path(site, route, to_name);
	g_autofree char *journal = g_strconcat(from, "-journal", NULL);
	struct stat info;

	if (access(from, F_OK) != 0)
		return TRUE;
	/* A journal that is not empty would be rolled back into the file that takes the name. */
	if (stat(journal, &info) == 0 && info.st_size > 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a step of the earlier freeze was interrupted and left %s.%s-journal: run that step again first", name,
			    suffix);
		return FALSE;
	}
	if (access(to, F_OK) == 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s.%s is in the way of the earlier freeze's file: move it elsewhere, then run this again", older,
			    suffix);
		return FALSE;
	}
	if (rename(from, to) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot keep the earlier freeze's file %s.%s: %s", older, suffix, g_strerror(errno));
	return FALSE;
}

gboolean
veil_refreeze_keep_older(const VeilSite *site, const char *name, gint64 number, GError **error)
{
	g_autofree char *older = g_strdup_printf("%s.F%" G_GINT64_FORMAT, name, number - 1);
	g_autofree char *draw_name = g_strconcat(name, ".veil.part", NULL), *audit_name = g_strconcat(name, ".audit.part", NULL);
	g_autofree char *draw_part = veil_route_path(site, VEIL_ROUTE_BATCH, draw_name), *audit_part = veil_route_path(site, VEIL_ROUTE_AUDIT, audit_name);

	/* A part that is there has not got its name yet, so what bears the name is the earlier freeze's. What another user wrote he keeps himself, when he takes the
	 * new freeze. */
	return (access(audit_part, F_OK) != 0 || keep(site, VEIL_ROUTE_AUDIT, name, older, "audit", error)) &&
	       (access(draw_part, F_OK) != 0 ||
		((site->users != NULL || keep(site, VEIL_ROUTE_DRAWN, name, older, "drawn", error)) && keep(site, VEIL_ROUTE_BATCH, name, older, "veil", error)));
}
