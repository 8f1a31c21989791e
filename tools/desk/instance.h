/* instance.h - a batch file as the problem that match solves. */
#pragma once

#include <veil/batch.h>
#include <veil/match.h>
#include <veil/policy.h>

typedef struct {
	VeilInstance instance; /* borrows from the batch */
	guint32 *demand, *min_load, *max_load, *group;
	gint64 *cut;
} VeilBatchInstance;

void veil_batch_instance_init(VeilBatchInstance *out, const VeilBatch *batch, gboolean one_per_employer);
void veil_batch_instance_clear(VeilBatchInstance *instance);

/* Whether the policy asks for at most one reviewer of an employer. */
gboolean veil_policy_one_per_employer(const VeilPolicy *policy);
/* VEIL_ERROR_REFUSED names the first thing this version cannot draw by: other panel rules, reserves, methods fair and draw. */
gboolean veil_policy_check_supported(const VeilPolicy *policy, GError **error);
