/* site-fixture.h - a rehearsal site in a temporary folder, lists written as text, and what came of them. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "../../tools/desk/import/import.h"
#include "../../tools/desk/import/intake.h"

typedef struct {
	char *folder, *dir;
	VeilSite *site;
	VeilImportOptions options;
	VeilImportResult *last; /* of the last import */
	char *message;		/* of its error, or NULL */
	int code;
} Fixture;

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* (transfer full) A file of this content in the fixture's folder. len -1: to the NUL. */
char *fixture_file(Fixture *fixture, const char *name, const char *text, gssize len);
/* Imports the text as a list of this kind; TRUE when it was taken. */
gboolean fixture_import(Fixture *fixture, const char *kind, const char *text);
gboolean fixture_import_file(Fixture *fixture, const char *kind, const char *path);
void fixture_must(Fixture *fixture, const char *kind, const char *text);
/* rows new changed unchanged rejected duplicates of the last import */
void fixture_counts(const Fixture *fixture, const char *expected);
/* The only reject of the last import. */
void fixture_reject(const Fixture *fixture, guint64 line, const char *column, const char *fragment);
gboolean fixture_batch(Fixture *fixture, const char *name, const char *projects, const char *people);
void fixture_load(Fixture *fixture, const char *batch, VeilFacts **out_facts, VeilFeatures **out_features);
/* (transfer full) SHA-256 of registry.db, to see whether a byte moved. */
char *fixture_digest(const Fixture *fixture);
/* TRUE if some file below the folder holds these bytes. */
gboolean fixture_holds(const char *folder, const char *bytes, gsize len);
