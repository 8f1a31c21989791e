/* batch-command.h - what the batch commands share: the site opened, the step filled in, how to print. */
#pragma once

#include "site/batch.h"
#include "command.h"
#include "site/rows.h"

/* A row of options, for commands that open an audit file. */
#define VEIL_OPTION_AUDITOR_KEY(variable) \
	{"auditor-key", 0, 0, G_OPTION_ARG_FILENAME, variable, "the key that opens the audit file (or VEIL_AUDITOR_KEY)", "FILE"}

/* The context's site, opened; NULL with *error. */
VeilSite *veil_context_open_site(const VeilContext *context, GError **error);
VeilStep veil_context_step(const VeilContext *context, const VeilSite *site);
VeilPrint veil_context_print(const VeilContext *context);
