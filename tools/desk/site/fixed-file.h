/* fixed-file.h - files that go out: one date, one mode, whole or not at all. */
#pragma once

#include <veil/base.h>

typedef struct VeilFixedFolder VeilFixedFolder;

/* A new folder that gets its name when it is closed; what lies there must not exist or be an empty folder (VEIL_ERROR_REFUSED). What an interrupted run left beside it is removed. */
VeilFixedFolder *veil_fixed_folder_new(const char *path, GError **error);
gboolean veil_fixed_folder_put(VeilFixedFolder *folder, const char *name, const char *bytes, gsize len, GError **error);
gboolean veil_fixed_folder_close(VeilFixedFolder *folder, GError **error);
/* Without close nothing is left. */
void veil_fixed_folder_free(VeilFixedFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilFixedFolder, veil_fixed_folder_free)

/* In an outbox of a site with users (route.h) a file gets mode 0640, for the group that reads it; anywhere else nothing changes. */
gboolean veil_fixed_readers(const char *path, GError **error);
/* Access and change of 2000-01-01, UTC. */
gboolean veil_fixed_time(const char *path, GError **error);
/* A plain file of at most max bytes, with a zero byte behind them; FALSE for anything else (a pipe, a folder, a longer file). */
gboolean veil_fixed_file_read(const char *path, gsize max, char **out_bytes, gsize *out_len);
/* (transfer full) The same, and without a zero byte in it; NULL for anything else. */
char *veil_fixed_file_get(const char *path, gsize max, gsize *out_len);
