/* batch-command.h - what the batch commands share: the site opened, the step filled in, how to print. */
#pragma once

#include "batch.h"
#include "command.h"
#include "rows.h"

/* The context's site, opened; NULL with *error. */
VeilSite *veil_context_open_site(const VeilContext *context, GError **error);
VeilStep veil_context_step(const VeilContext *context, const VeilSite *site);
VeilPrint veil_context_print(const VeilContext *context);
