/* bundle-fixture.h - one hand-made site (site.h) that is a bundle but for its list; the checker runs in the test's process.
 *
 * The forger writes list, digests, roots and log as he likes; what he has not is the witnesses' keys and the notes that others hold.
 */
#pragma once

#include "site.h"
#include "verify.h"

#define ORIGIN "test.example/veil"

enum { N_FILES = 7 };
extern const char *const files[N_FILES];
extern Site *shared; /* sealed; whoever changes a file of it puts it back */

/* A text edited: regular expressions. */
typedef struct {
	const char *name, *from, *to, *reason; /* reason NULL: it holds */
} Edit;

int set_up_shared(void **state);
int tear_down_shared(void **state);
char *path_of(const Site *site, const char *file);
char *list_text(const Site *site); /* the list of what is there */
void write_list(const Site *site);
char *statement_text(Site *site, guint size, const char *batch);
void seal(Site *site); /* roots, ledger, notes, statement and list as everything stands now */
gboolean holds(const Site *site, LedgerOptions options);
void expect(const char *name, gboolean ok, const char *reason); /* of what was judged last */
char *edited(const char *text, const char *from, const char *to); /* fails where that changes nothing */
char *mutate(GRand *random, const char *text, gsize *io_len);

#define EACH(table, function) \
	for (guint i = 0; argc == 1 && i < G_N_ELEMENTS(table); i++) \
		tests[n++] = (struct CMUnitTest){((const char *const *)(const void *)&table[i])[0], function, NULL, NULL, (void *)&table[i]}
