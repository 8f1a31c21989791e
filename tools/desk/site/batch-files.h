/* batch-files.h - finding a batch's files by its name. */
#pragma once

#include "site/site.h"

/* (transfer full) SITE/FOLDER/NAME.SUFFIX; the name must have passed veil_site_check_name. */
char *veil_batch_path(const VeilSite *site, VeilFolder folder, const char *name, const char *suffix);
/* (transfer full) Where this process reads such a file: what others hand to the auditor lies in their outboxes (route.h). file NULL: the folder. */
char *veil_batch_reading_path(const VeilSite *site, VeilFolder folder, const char *file);
/* The same for a file that must be there. VEIL_ERROR_USAGE for a name that cannot name a batch, VEIL_ERROR_NOT_AVAILABLE else. */
char *veil_batch_find(const VeilSite *site, VeilFolder folder, const char *name, const char *suffix, GError **error);
/* "2026-03-02T01:22Z" (transfer full) */
char *veil_minute(gint64 unix_s);
