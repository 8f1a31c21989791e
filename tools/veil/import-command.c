/* import-command.c - from flags to import options; progress on a terminal; the clock and chance enter here. */
#include "import-command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>


static gboolean shown;

static void
show_progress(const char *what, guint64 rows, gpointer data)
{
	(void)data;
	shown = TRUE;
	fprintf(stderr, "\r%s: %" G_GUINT64_FORMAT " rows", what, rows);
}

void
veil_import_progress_end(void)
{
	if (shown)
		fprintf(stderr, "\r\033[K");
	shown = FALSE;
}

gboolean
veil_import_options(const VeilContext *context, const VeilImportFlags *flags, VeilImportOptions *out, GError **error)
{
	const char *encoding = flags->encoding ? flags->encoding : "auto";

	*out = (VeilImportOptions){
		.source = flags->source,
		.map = flags->map,
		.dry_run = flags->dry_run,
		.strict = flags->strict,
		.schema_changed = flags->schema_changed,
		.rejects = flags->rejects,
		.today = (VeilDay)(g_get_real_time() / G_USEC_PER_SEC / 86400),
		.operator_handle = context->operator_handle,
		.random = veil_random_system,
		.progress = !context->quiet && isatty(STDERR_FILENO) ? show_progress : NULL,
	};
	if (g_ascii_strcasecmp(encoding, "utf-8") == 0 || g_ascii_strcasecmp(encoding, "utf8") == 0)
		out->encoding = VEIL_ENCODING_UTF8;
	else if (g_ascii_strcasecmp(encoding, "gb18030") == 0 || g_ascii_strcasecmp(encoding, "gbk") == 0)
		out->encoding = VEIL_ENCODING_GB18030;
	else if (strcmp(encoding, "auto") == 0)
		out->encoding = VEIL_ENCODING_AUTO;
	else
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--encoding is auto, utf-8 or gb18030");
	return error == NULL || *error == NULL;
}

int
veil_import_exit(const VeilImportResult *result)
{
	return result->rejected > 0 ? VEIL_EXIT_PARTLY : VEIL_EXIT_DONE;
}
