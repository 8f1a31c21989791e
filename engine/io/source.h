/* source.h - the bytes of a list: a file or standard input, gunzipped, readable twice. Inside engine/io only. */
#pragma once

#include <veil/base.h>

typedef struct VeilSource VeilSource;

/* path "-" is standard input. */
VeilSource *veil_source_open(const char *path, GError **error);
void veil_source_free(VeilSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilSource, veil_source_free)
const char *veil_source_name(const VeilSource *source);
/* Up to n bytes of the list itself (decompressed); 0 at the end, -1 on error. */
gssize veil_source_read(VeilSource *source, guint8 *out, gsize n, GError **error);
/* Back to the first byte. */
gboolean veil_source_rewind(VeilSource *source, GError **error);
