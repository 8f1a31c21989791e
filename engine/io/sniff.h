/* sniff.h - which encoding a list is in. Inside engine/io only. */
#pragma once

#include <veil/io.h>

#include "lines.h"

/* Reads the whole list once. told: what the caller says, AUTO to find out. The header of veil_table_open has the rules. */
gboolean veil_sniff(VeilLines *lines, const char *name, VeilEncoding told, VeilEncoding *out_encoding, GError **error);

/* Where text stops being UTF-8, or length. NUL is taken. out_wide (nullable): + characters of three or more bytes. */
gsize veil_utf8_valid_bytes(const guint8 *text, gsize length, guint64 *out_wide);
