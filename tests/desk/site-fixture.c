/* site-fixture.c - see site-fixture.h. */
#include "site-fixture.h"

#include <unistd.h>

static void
remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		if (g_unlink(inner) != 0)
			remove_tree(inner);
	}
	if (dir != NULL)
		g_dir_close(dir);
	g_rmdir(path);
}

int
fixture_set_up(void **state)
{
	Fixture *fixture = g_new0(Fixture, 1);
	VeilSiteOptions options = {.rehearsal = TRUE, .operator_handle = "op1", .random = veil_random_system};
	g_autoptr(GError) error = NULL;

	alarm(100); /* a test that hangs is a failed test */
	g_unsetenv("VEIL_PASSPHRASE_FILE");
	assert_true(veil_blind_init(NULL));
	fixture->folder = g_dir_make_tmp("veil-desk-XXXXXX", NULL);
	fixture->dir = g_build_filename(fixture->folder, "site", NULL);
	if (!veil_site_create(fixture->dir, &options, &error))
		fail_msg("%s", error->message);
	fixture->site = veil_site_open(fixture->dir, &error);
	assert_non_null(fixture->site);
	fixture->options = (VeilImportOptions){.operator_handle = "op1", .random = veil_random_system, .today = veil_day_from_civil(2026, 1, 1)};
	*state = fixture;
	return 0;
}

static void
forget(Fixture *fixture)
{
	g_clear_pointer(&fixture->last, veil_import_result_free);
	g_clear_pointer(&fixture->message, g_free);
	fixture->code = -1;
}

int
fixture_tear_down(void **state)
{
	Fixture *fixture = *state;

	forget(fixture);
	veil_site_free(fixture->site);
	remove_tree(fixture->folder);
	g_free(fixture->dir);
	g_free(fixture->folder);
	g_free(fixture);
	return 0;
}

char *
fixture_file(Fixture *fixture, const char *name, const char *text, gssize len)
{
	char *path = g_build_filename(fixture->folder, name, NULL);

	assert_true(g_file_set_contents(path, text, len, NULL));
	return path;
}

static gboolean
note_error(Fixture *fixture, gboolean ok, GError *error)
{
	if (ok) {
		assert_null(error);
		return TRUE;
	}
	assert_non_null(error);
	assert_int_equal(error->domain, VEIL_ERROR);
	assert_null(strchr(error->message, '\n'));
	fixture->message = g_strdup(error->message);
	fixture->code = error->code;
	return FALSE;
}

gboolean
fixture_import_file(Fixture *fixture, const char *kind, const char *path)
{
	const char *const files[] = {path, NULL};
	g_autoptr(GError) error = NULL;
	gboolean ok;

	forget(fixture);
	ok = veil_import_run(fixture->site, kind, files, &fixture->options, &fixture->last, &error);
	return note_error(fixture, ok, error);
}

gboolean
fixture_import(Fixture *fixture, const char *kind, const char *text)
{
	g_autofree char *path = fixture_file(fixture, "list.csv", text, -1);

	return fixture_import_file(fixture, kind, path);
}

void
fixture_must(Fixture *fixture, const char *kind, const char *text)
{
	if (!fixture_import(fixture, kind, text))
		fail_msg("%s: %s", kind, fixture->message);
	for (guint i = 0; i < fixture->last->rejects->len; i++)
		fail_msg("%s: line %d: %s", kind, (int)g_array_index(fixture->last->rejects, VeilImportNote, i).line,
			 g_array_index(fixture->last->rejects, VeilImportNote, i).text);
}

void
fixture_counts(const Fixture *fixture, const char *expected)
{
	const VeilImportResult *r = fixture->last;
	g_autofree char *got = NULL;

	assert_non_null(r);
	got = g_strdup_printf("%d %d %d %d %d %d", (int)r->rows, (int)r->new_rows, (int)r->changed, (int)r->unchanged, (int)r->rejected,
			      (int)r->duplicates);
	assert_string_equal(got, expected);
}

void
fixture_reject(const Fixture *fixture, guint64 line, const char *column, const char *fragment)
{
	const VeilImportNote *note;

	assert_non_null(fixture->last);
	assert_int_equal(fixture->last->rejects->len, 1);
	note = &g_array_index(fixture->last->rejects, VeilImportNote, 0);
	assert_int_equal(note->line, line);
	assert_string_equal(note->what, column);
	if (strstr(note->text, fragment) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", note->text, fragment);
}

gboolean
fixture_batch(Fixture *fixture, const char *name, const char *projects, const char *people)
{
	g_autofree char *projects_path = fixture_file(fixture, "projects.csv", projects, -1);
	g_autofree char *people_path = people ? fixture_file(fixture, "people.csv", people, -1) : NULL;
	VeilIntakeResult result = {0};
	g_autoptr(GError) error = NULL;
	gboolean ok;

	forget(fixture);
	ok = veil_intake_run(fixture->site, name, "standard", projects_path, people_path, &fixture->options, &result, &error);
	fixture->last = g_steal_pointer(&result.rows);
	return note_error(fixture, ok, error);
}

void
fixture_load(Fixture *fixture, const char *batch, VeilFacts **out_facts, VeilFeatures **out_features)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilRegistry) registry = veil_site_open_registry(fixture->site, VEIL_REGISTRY_READ, &error);

	if (registry == NULL || !veil_registry_begin(registry, &error) ||
	    !veil_registry_load(registry, batch, out_facts, out_features, &error))
		fail_msg("%s", error->message);
}

char *
fixture_digest(const Fixture *fixture)
{
	g_autofree char *path = veil_site_path(fixture->site, VEIL_FOLDER_REGISTRY, "registry.db");
	g_autofree char *bytes = NULL;
	gsize len;

	assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guint8 *)bytes, len);
}

gboolean
fixture_holds(const char *folder, const char *bytes, gsize len)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	gboolean found = FALSE;

	if (dir == NULL) {
		g_autofree char *content = NULL;
		gsize n;

		return g_file_get_contents(folder, &content, &n, NULL) && memmem(content, n, bytes, len) != NULL;
	}
	while (!found && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inner = g_build_filename(folder, name, NULL);

		found = strstr(name, bytes) != NULL || fixture_holds(inner, bytes, len);
	}
	g_dir_close(dir);
	return found;
}
