/* expert.h - single experts on the registrar's side: found, shown, suspended, joined. Each leaves a record without saying who. */
#pragma once

#include "site/rows.h"
#include "site/site.h"

/* Columns source,id,name,organisation,pool,status of whoever bears this name, phone, e-mail, id number, ORCID or source's id exactly (after folding). */
gboolean veil_expert_find(const VeilSite *site, const char *operator_handle, const char *text, VeilPrint how, GError **error);
/* Columns field,value. VEIL_ERROR_NOT_AVAILABLE if the source has no such id. */
gboolean veil_expert_show(const VeilSite *site, const char *operator_handle, const char *source, const char *id, VeilPrint how, GError **error);
/* Nobody is drawn from a batch frozen from now on whose entry is suspended. An import that gives a status says otherwise again. */
gboolean veil_expert_suspend(const VeilSite *site, const char *operator_handle, const char *source, const char *id, GError **error);
/* All entries of the second person become entries of the first. VEIL_ERROR_REFUSED when they are one already. */
gboolean veil_expert_merge(const VeilSite *site, const char *operator_handle, const char *source, const char *id, const char *other_source,
			   const char *other_id, GError **error);
