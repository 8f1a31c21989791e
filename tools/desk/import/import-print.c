/* import-print.c - what an import says: counts to standard output, warnings and rejects to standard error, never a cell. */
#include <stdio.h>

#include "import/import.h"

#define SHOWN 10

void
veil_import_print_messages(const VeilImportResult *result, const VeilImportOptions *options)
{
	for (guint i = 0; i < result->warnings->len; i++)
		fprintf(stderr, "veil: warning: %s\n", (const char *)g_ptr_array_index(result->warnings, i));
	for (guint i = 0; i < MIN(result->rejects->len, SHOWN); i++) {
		const VeilImportNote *note = &g_array_index(result->rejects, VeilImportNote, i);

		fprintf(stderr, "veil: rejected: %s line %" G_GUINT64_FORMAT "%s%s: %s\n", note->file, note->line, *note->what ? ", " : "", note->what,
			note->text);
	}
	if (result->rejects->len > SHOWN && options->rejects == NULL)
		fprintf(stderr, "veil: rejected: %u rows more; --rejects FILE lists them all\n", result->rejects->len - SHOWN);
	else if (result->rejects->len > SHOWN)
		fprintf(stderr, "veil: rejected: %u rows more in the file of rejects\n", result->rejects->len - SHOWN);
}

void
veil_import_print_counts(const VeilImportResult *result)
{
	printf("\"rows\": %" G_GUINT64_FORMAT ", \"new\": %" G_GUINT64_FORMAT ", \"changed\": %" G_GUINT64_FORMAT ", \"unchanged\": %" G_GUINT64_FORMAT
	       ", \"rejected\": %" G_GUINT64_FORMAT ", \"duplicates\": %" G_GUINT64_FORMAT ", \"seconds\": %d.%03d",
	       result->rows, result->new_rows, result->changed, result->unchanged, result->rejected, result->duplicates, (int)result->seconds,
	       (int)((result->seconds - (int)result->seconds) * 1000));
}

static void
print_differences(const VeilImportResult *result)
{
	for (guint i = 0; i < result->differences->len; i++) {
		const VeilImportNote *note = &g_array_index(result->differences, VeilImportNote, i);

		printf("%s line %" G_GUINT64_FORMAT ": %s%s%s\n", note->file, note->line, note->what, *note->text ? ": " : "", note->text);
	}
}

void
veil_import_print(const VeilImportResult *result, const char *label, const VeilImportOptions *options, gboolean json)
{
	veil_import_print_messages(result, options);
	if (json) {
		printf("{");
		veil_import_print_counts(result);
		printf("}\n");
		return;
	}
	if (options->dry_run)
		print_differences(result);
	printf("%s: %" G_GUINT64_FORMAT " rows: %" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT " changed, %" G_GUINT64_FORMAT
	       " unchanged, %" G_GUINT64_FORMAT " rejected, %" G_GUINT64_FORMAT " duplicates%s\n",
	       label, result->rows, result->new_rows, result->changed, result->unchanged, result->rejected, result->duplicates,
	       options->dry_run ? " (dry run: nothing was written)"
	       : result->new_rows + result->changed == 0 ? "; nothing changed" : "");
}
