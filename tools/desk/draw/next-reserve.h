/* next-reserve.h - which reserve takes a vacated seat. */
#pragma once

#include <veil/batch.h>
#include <veil/policy.h>

/* one: the project, as the desk reads it; leaving: whose seat is vacated. *out_code (transfer full): the reserve's code; NULL: nobody may come in. FALSE: the file cannot be read. */
gboolean veil_next_reserve(VeilBatchDesk *desk, const VeilBatch *one, const VeilPolicy *policy, const VeilBatchPlace *leaving, char **out_code, GError **error);
