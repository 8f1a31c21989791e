/* import.h - lists become facts: one command is one transaction.
 *
 * Everything that may identify is sealed under one key an import; tokens of normalised identifiers find who is known already. A
 * bad row is rejected with its line, its column and a reason, and never with its content.
 */
#pragma once

#include <veil/io.h>

#include "site/site.h"

typedef struct {
	const char *source;	    /* NULL: local */
	const char *map;	    /* key file, or NULL */
	VeilEncoding encoding;
	gboolean dry_run, strict, schema_changed;
	VeilDay today;		    /* later dates are warned of; VEIL_DAY_MIN: unknown */
	const char *rejects;	    /* file for rejected rows, or NULL */
	const char *operator_handle;
	VeilRandomFunc random;
	gpointer random_data;
	void (*progress)(const char *what, guint64 rows, gpointer data); /* may be NULL */
	gpointer progress_data;
} VeilImportOptions;

typedef struct {
	const char *file; /* basename, borrowed from the result */
	guint64 line;
	const char *what; /* rejects: the column, "" for the whole row; differences: new, changed */
	char *text;	  /* rejects: the reason; differences: the columns that change */
} VeilImportNote;

typedef struct {
	guint64 rows, new_rows, changed, unchanged, rejected, duplicates;
	double seconds;
	GArray *rejects;      /* VeilImportNote by file and line */
	GArray *differences;  /* VeilImportNote, dry run only */
	GPtrArray *warnings;  /* char* */
	GPtrArray *files;     /* char*: basenames */
	GPtrArray *digests;   /* char*: SHA-256 of the decoded files */
} VeilImportResult;

void veil_import_result_free(VeilImportResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilImportResult, veil_import_result_free)

/**
 * veil_import_run:
 * Takes the files of one kind (not projects or people: intake.h) into the registry. *out_result is set on failure too when rows were read, so that
 * the caller can show why.
 * Errors: VEIL_ERROR_INPUT (nothing taken: an unreadable file, a missing column, a lost column without schema_changed, strict and a bad row),
 * VEIL_ERROR_USAGE (no such kind, bad source name), those of the registry and the keys.
 */
gboolean veil_import_run(const VeilSite *site, const char *kind, const char *const *files, const VeilImportOptions *options,
			 VeilImportResult **out_result, GError **error);

/* Text for people, or one JSON object, on standard output; warnings and the first rejects on standard error. label: "experts". */
void veil_import_print(const VeilImportResult *result, const char *label, const VeilImportOptions *options, gboolean json);
/* The members of the JSON object, without braces. */
void veil_import_print_counts(const VeilImportResult *result);
/* Warnings and the first rejects, on standard error. */
void veil_import_print_messages(const VeilImportResult *result, const VeilImportOptions *options);
