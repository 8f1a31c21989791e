/* manual-shared.h - the tables and small words that manual.c (help) and manpage.c (roff) have in common. */
#pragma once

#include "manual.h"

typedef struct {
	int status;
	const char *meaning;
} VeilManualExit;

typedef struct {
	const char *name, *meaning;
} VeilManualVariable;

extern const VeilManualExit veil_manual__exits[];	    /* ends with -1, NULL */
extern const VeilManualVariable veil_manual__environment[]; /* ends with NULL */
extern const char veil_manual__overview_text[];

char *veil_manual__noun(const VeilCommand *command);
gboolean veil_manual__in_group(const VeilCommand *command, const char *noun);
/* "registry/, ledger/", or NULL for none. */
char *veil_manual__opens(guint opens);
char *veil_manual__option_heading(const GOptionEntry *option);
gboolean veil_manual__option_shown(const GOptionEntry *option);
char **veil_manual__exit_notes(const char *notes);
/* Exit status of a command that has only printed. */
int veil_manual__written(FILE *out);
