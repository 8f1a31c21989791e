/* people-fixture.h - a site that is no rehearsal, with operators of different roles and a clock of the test's. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ceremony/approve.h"
#include "site/batch.h"
#include "site/log.h"
#include "ceremony/operators.h"

#define START 1767225600 /* 2026-01-01T00:00Z */
#define MINUTES(n) (START + 60 * (n))

typedef struct {
	char *folder, *dir, *passphrase;
	VeilSite *site;
	gint64 now;
	GError *error; /* of the last step that was refused */
} People;

int people_set_up(void **state);
/* The same as a rehearsal. */
int people_set_up_rehearsal(void **state);
int people_tear_down(void **state);

/* (transfer full) where this operator's key lies; made on the first call, not wrapped. */
char *people_key(People *people, const char *handle);
/* Makes this operator the one who acts: a step at people->now. */
VeilStep people_act(People *people, const char *handle);
/* A log of this operator at people->now. */
VeilLog *people_log(People *people, const char *handle);
/* Names an operator; the site's first is "first" and adds the others. */
void people_add(People *people, const char *handle, const char *roles);
/* Asserts that the last call failed so, with a message that holds this text. */
void people_refused(People *people, gboolean ok, VeilErrorCode code, const char *text);
#define people_must(people, ok) people_must_at(people, ok, __FILE__, __LINE__)
void people_must_at(People *people, gboolean ok, const char *file, int line);
/* How many records of this act there are. */
guint64 people_count(People *people, const char *act);
