/* exception.c - see exception.h. Asked for by code: who the project belongs to is not the drawer's to know. */
#include "ceremony/exception.h"

#include <string.h>

#include <veil/blind.h>

#include "ceremony/approve.h"
#include "site/batch-files.h"
#include "site/history.h"
#include "site/words.h"

static gboolean
has_project(const VeilBatch *batch, const char *code)
{
	for (guint32 p = 0; p < batch->n_projects; p++)
		if (strcmp(batch->projects[p].code, code) == 0)
			return TRUE;
	return FALSE;
}

gboolean
veil_step_exception(const VeilStep *step, const char *name, const char *project_code, const char *reason, GError **error)
{
	g_autofree char *path = veil_batch_find(step->site, VEIL_FOLDER_DRAW, name, "veil", error);
	g_autoptr(VeilBatch) batch = path != NULL ? veil_batch_read(path, error) : NULL;
	g_autoptr(VeilLog) log = batch != NULL ? veil_log_open(step->site->dir, step->operator_handle, error) : NULL;
	char code[VEIL_CODE_CHARS + 1], id[VEIL_REQUEST_ID_BYTES];

	if (log == NULL)
		return FALSE;
	const char *freeze_id = veil_batch_get(batch, "freeze_id");
	if (!veil_code_parse(project_code, VEIL_CODE_PROJECT, code) || !has_project(batch, code)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "this project is not available here");
		return FALSE;
	}
	veil_log_set_now(log, step->now_unix_s);
	if (!veil_history_check_latest(veil_log_ledger(log), name, freeze_id, error) || !veil_history_check_unsettled(log, freeze_id, error) ||
	    !veil_exception_find(log, freeze_id, code, id, error))
		return FALSE;
	return *id != '\0' ||
	       (veil_reason_check(reason, error) && veil_approval_require(log, "drawer", "exception", id, error, "batch", name, "freeze-id", freeze_id,
									  "project", code, "reason", reason, NULL));
}
