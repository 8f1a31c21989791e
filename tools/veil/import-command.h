/* import-command.h - options that `import` and `batch new` share. */
#pragma once

#include "command.h"
#include "import/import.h"

typedef struct {
	char *source, *map, *encoding, *rejects;
	gboolean dry_run, strict, schema_changed;
} VeilImportFlags;

#define VEIL_IMPORT_OPTIONS(flags) \
	{"source", 0, 0, G_OPTION_ARG_STRING, &(flags).source, "whose ids these are; default local", "NAME"}, \
	{"map", 0, 0, G_OPTION_ARG_FILENAME, &(flags).map, "key file: a group [columns] of lines column=Header in the file", "FILE"}, \
	{"encoding", 0, 0, G_OPTION_ARG_STRING, &(flags).encoding, "auto (default), utf-8 or gb18030", "NAME"}, \
	{"dry-run", 0, 0, G_OPTION_ARG_NONE, &(flags).dry_run, "show what would change, write nothing", NULL}, \
	{"rejects", 0, 0, G_OPTION_ARG_FILENAME, &(flags).rejects, "write rejected rows here: line, column, reason", "FILE"}, \
	{"strict", 0, 0, G_OPTION_ARG_NONE, &(flags).strict, "one bad row rejects everything (exit 3)", NULL}, \
	{"schema-changed", 0, 0, G_OPTION_ARG_NONE, &(flags).schema_changed, "columns of the last delivery may be missing", NULL}

/* FALSE with VEIL_ERROR_USAGE. */
gboolean veil_import_options(const VeilContext *context, const VeilImportFlags *flags, VeilImportOptions *out, GError **error);
/* Wipes the progress line, if there is one. */
void veil_import_progress_end(void);
int veil_import_exit(const VeilImportResult *result);
