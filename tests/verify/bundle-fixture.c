/* bundle-fixture.c - see bundle-fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "bundle-fixture.h"

const char *const files[N_FILES] = {"audit/2026A.audit", "audit/2026A.openings", "draw/2026A.veil", "ledger/checkpoint", "ledger/checkpoints/3.note", "ledger/ledger.db", "ledger/vkey"};

/* --- a bundle ---------------------------------------------------------------------------------------------------------- */

char *
path_of(const Site *site, const char *file)
{
	return g_build_filename(site->dir, file, NULL);
}

/* The list of what is there. */
char *
list_text(const Site *site)
{
	GString *list = g_string_new("veil-bundle/1\n");

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = path_of(site, files[i]), *bytes = NULL, *digest = NULL;
		gsize len = 0;

		if (!g_file_get_contents(path, &bytes, &len, NULL))
			continue;
		digest = sha256_text(bytes, len);
		g_string_append_printf(list, "%" G_GSIZE_FORMAT " %s %s\n", len, digest, files[i]);
	}
	return g_string_free(list, FALSE);
}

void
write_list(const Site *site)
{
	g_autofree char *list = list_text(site);

	write_file(site->dir, "BUNDLE", list);
}

char *
statement_text(Site *site, guint size, const char *batch)
{
	g_autofree char *note = site_note(site, size, site->seed, ORIGIN);

	return g_strdup_printf("veil-openings/1\norigin " ORIGIN "\nbatch %s\nsize %u\nopenings 0\n\n%s", batch, size, note);
}

void
seal(Site *site)
{
	g_autofree char *statement = NULL;

	site_seal(site);
	statement = statement_text(site, site->records->len, "2026A");
	write_file(site->dir, files[1], statement);
	site_close(site);
	write_list(site);
}

gboolean
holds(const Site *site, LedgerOptions options)
{
	options.key = options.key ? options.key : site->vkey;
	verdict_forget();
	return bundle_verify(site->dir, NULL, &options) && verdict_reason() == NULL;
}

void
expect(const char *name, gboolean ok, const char *reason)
{
	if (reason ? ok || verdict_reason() == NULL || strstr(verdict_reason(), reason) == NULL : !ok)
		fail_msg("%s: wanted \"%s\", got \"%s\"", name, reason ? reason : "VERIFIED", verdict_reason() ? verdict_reason() : "VERIFIED");
}

char *
edited(const char *text, const char *from, const char *to)
{
	g_autoptr(GRegex) regex = g_regex_new(from, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
	char *out;

	assert_non_null(regex);
	out = g_regex_replace(regex, text, -1, 0, to, 0, NULL);
	if (out == NULL || strcmp(out, text) == 0)
		fail_msg("\"%s\" changes nothing", from);
	return out;
}

Site *shared;

int
set_up_shared(void **state)
{
	(void)state;
	shared = site_new();
	seal(shared);
	return 0;
}

int
tear_down_shared(void **state)
{
	(void)state;
	site_free(shared);
	return 0;
}

/* --- random mutations ---------------------------------------------------------------------------------------------------- */

char *
mutate(GRand *random, const char *text, gsize *io_len)
{
	g_autoptr(GString) out = g_string_new_len(text, (gssize)*io_len);

	for (int k = g_rand_int_range(random, 1, 4); k > 0; k--) {
		gsize at = (gsize)g_rand_int_range(random, 0, (gint32)out->len), other = (gsize)g_rand_int_range(random, 0, (gint32)out->len), n = (gsize)g_rand_int_range(random, 1, 12);

		n = MIN(n, out->len - at);
		switch (g_rand_int_range(random, 0, 6)) {
		case 0: out->str[at] = (char)(out->str[at] ^ 1 << g_rand_int_range(random, 0, 8)); break;
		case 1: out->str[at] = "0123456789abcdef \n/.-x"[g_rand_int_range(random, 0, 22)]; break;
		case 2: g_string_erase(out, (gssize)at, (gssize)n); break;
		case 3: { g_autofree char *piece = g_strndup(out->str + at, n); g_string_insert_len(out, (gssize)other, piece, (gssize)n); break; }
		case 4: g_string_insert_c(out, (gssize)at, (char)g_rand_int_range(random, 0, 256)); break;
		default: g_string_truncate(out, at ? at : 1);
		}
		if (out->len == 0)
			g_string_append_c(out, 'v');
	}
	*io_len = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

