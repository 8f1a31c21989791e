/* put.h - files that are whole or absent. Inside engine/io only. */
#pragma once

#include <veil/io.h>

/* The draft's path (transfer full), open for writing in *out_fd; NULL on error. */
char *veil_put_begin(const char *path, int mode, int *out_fd, GError **error);
/* Sync, close, rename, sync the folder; on error the draft is gone. */
gboolean veil_put_end(const char *draft, const char *path, int fd, GError **error);
/* All bytes or FALSE with errno. */
gboolean veil_put_write(int fd, const void *bytes, gsize len);
/* Sets the error and is FALSE. */
gboolean veil_put_fail(const char *path, int number, GError **error);
