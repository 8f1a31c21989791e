/* words.h - what people type that goes into records: everybody who reads the ledger or the minutes reads it, so it is held to be nobody's name as far as a program can. */
#pragma once

#include <veil/base.h>

/* A reason: one line, up to 200 bytes, nothing that steers a terminal or turns a line round, no e-mail address and no run of digits as long as a
 * telephone's (11, blanks and hyphens between them not counted). VEIL_ERROR_USAGE; the text is not repeated. */
gboolean veil_reason_check(const char *reason, GError **error);

/* A reference: the number of a file, letter or call. Up to 64 ASCII letters, digits and ./_-()[], at least one digit, fewer than eleven of them in a row. */
gboolean veil_reference_valid(const char *text);
