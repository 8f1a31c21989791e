/* intake.h - `batch new`: a policy, the projects and who stands behind them become a batch. */
#pragma once

#include "import/import.h"

typedef struct {
	guint64 projects, people;
	VeilImportResult *rows; /* of both lists together */
} VeilIntakeResult;

void veil_intake_result_clear(VeilIntakeResult *result);

/**
 * veil_intake_run:
 * One transaction. people may be NULL. out_result->rows is set on failure too when rows were read.
 * Errors: VEIL_ERROR_USAGE (name), VEIL_ERROR_REFUSED (there is a batch of that name), VEIL_ERROR_INPUT (policy, lists, no project left).
 */
gboolean veil_intake_run(const VeilSite *site, const char *name, const char *policy, const char *projects, const char *people,
			 const VeilImportOptions *options, VeilIntakeResult *out_result, GError **error);
