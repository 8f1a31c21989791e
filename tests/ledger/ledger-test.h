/* ledger-test.h - what the tests of the ledger share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include <veil/ledger-store.h>

static inline void
assert_failed_with(GError *error, VeilErrorCode code)
{
	assert_non_null(error);
	if (error->domain != VEIL_ERROR || error->code != (int)code)
		fail_msg("expected error %d, got %d: %s", (int)code, error->code, error->message);
}

static inline void
assert_ok(gboolean ok, GError *error)
{
	if (!ok || error != NULL)
		fail_msg("%s", error != NULL ? error->message : "failed without an error");
}

/* A field of a counted record: enough bytes to be different. */
static inline void
counted(guint64 i, char out[32])
{
	g_snprintf(out, 32, "value %" G_GUINT64_FORMAT, i);
}
