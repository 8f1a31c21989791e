/* batch-files.h - the places of a batch's files, and the shape they have in messages. */
#pragma once

#include <veil/base.h>

/* VEIL_ERROR_USAGE unless NAME may name files: letters, digits, . _ -, CJK letters; at most 60 bytes; not starting with a dot or dash. */
gboolean veil_batch_name_check(const char *name, GError **error);
/* (transfer full) SITE/FOLDER/NAME.SUFFIX */
char *veil_batch_path(const char *site, const char *folder, const char *name, const char *suffix);
/* As veil_batch_path for draw/NAME.veil, after veil_batch_name_check; VEIL_ERROR_NOT_AVAILABLE when there is no such file. */
char *veil_batch_find(const char *site, const char *folder, const char *name, const char *suffix, GError **error);
/* "2026-03-02T01:22Z" (transfer full) */
char *veil_minute(gint64 unix_s);
