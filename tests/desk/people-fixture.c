/* people-fixture.c - see people-fixture.h. */
#include "people-fixture.h"

#include <stdlib.h>

static int
set_up(void **state, gboolean rehearsal)
{
	People *p = g_new0(People, 1);
	VeilSiteOptions options = {
		.rehearsal = rehearsal, .passphrase = rehearsal ? NULL : "of the registry", .operator_handle = "first", .random = veil_random_system};

	assert_true(veil_blind_init(NULL));
	p->folder = g_dir_make_tmp("veil-people-XXXXXX", NULL);
	p->dir = g_build_filename(p->folder, "site", NULL);
	p->passphrase = g_build_filename(p->folder, "passphrase", NULL);
	assert_true(g_file_set_contents(p->passphrase, "of the registry\n", -1, NULL));
	g_setenv("VEIL_PASSPHRASE_FILE", p->passphrase, TRUE);
	p->now = START;
	if (!rehearsal) {
		g_autofree char *key = people_key(p, "first");
		veil_operator_use_key_file(key);
	} else {
		veil_operator_use_key_file(NULL);
	}
	people_must(p, veil_site_create(p->dir, &options, &p->error));
	people_must(p, (p->site = veil_site_open(p->dir, &p->error)) != NULL);
	*state = p;
	return 0;
}

int
people_set_up(void **state)
{
	return set_up(state, FALSE);
}

int
people_set_up_rehearsal(void **state)
{
	return set_up(state, TRUE);
}

int
people_tear_down(void **state)
{
	People *p = *state;
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", p->folder);

	assert_int_equal(system(command), 0);
	veil_operator_use_key_file(NULL);
	g_unsetenv("VEIL_PASSPHRASE_FILE");
	g_clear_error(&p->error);
	veil_site_free(p->site);
	g_free(p->folder);
	g_free(p->dir);
	g_free(p->passphrase);
	g_free(p);
	return 0;
}

char *
people_key(People *p, const char *handle)
{
	g_autofree char *name = g_strconcat(handle, ".key", NULL), *public_file = NULL, *text = NULL;
	char *path = g_build_filename(p->folder, name, NULL);
	guint8 public_key[32];

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return path;
	g_autoptr(VeilOperatorKey) key = veil_operator_key_create(path, NULL, TRUE, veil_random_system, NULL, NULL);
	assert_non_null(key);
	veil_operator_key_public(key, public_key);
	text = veil_operator_public_format(public_key);
	public_file = g_strconcat(path, ".pub", NULL);
	assert_true(g_file_set_contents(public_file, text, -1, NULL));
	return path;
}

VeilStep
people_act(People *p, const char *handle)
{
	g_autofree char *key = p->site->rehearsal ? NULL : people_key(p, handle);

	veil_operator_use_key_file(key);
	return (VeilStep){.site = p->site, .operator_handle = handle, .now_unix_s = p->now, .quiet = TRUE};
}

VeilLog *
people_log(People *p, const char *handle)
{
	VeilStep step = people_act(p, handle);
	VeilLog *log = veil_log_open(p->dir, step.operator_handle, &p->error);

	people_must(p, log != NULL);
	veil_log_set_now(log, p->now);
	return log;
}

void
people_add(People *p, const char *handle, const char *roles)
{
	g_autofree char *path = people_key(p, handle), *public_file = g_strconcat(path, ".pub", NULL), *text = NULL;
	VeilStep step = people_act(p, "first");

	assert_true(g_file_get_contents(public_file, &text, NULL, NULL));
	people_must(p, veil_step_operator_add(&step, handle, veil_roles_parse(roles), text, NULL, &p->error));
}

void
people_refused(People *p, gboolean ok, VeilErrorCode code, const char *text)
{
	assert_false(ok);
	assert_non_null(p->error);
	if (!g_error_matches(p->error, VEIL_ERROR, (int)code) || strstr(p->error->message, text) == NULL)
		fail_msg("wanted \"%s\", got %d: %s", text, p->error->code, p->error->message);
	assert_null(strchr(p->error->message, '\n'));
	g_clear_error(&p->error);
}

void
people_must_at(People *p, gboolean ok, const char *file, int line)
{
	if (!ok)
		print_error("%s:%d: %s\n", file, line, p->error != NULL ? p->error->message : "failed without an error");
	assert_true(ok);
	assert_null(p->error);
}

static gboolean
count_one(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	(void)record, (void)bytes, (void)len, (void)error;
	++*(guint64 *)data;
	return TRUE;
}

guint64
people_count(People *p, const char *act)
{
	g_autofree char *dir = veil_site_path(p->site, VEIL_FOLDER_LEDGER, NULL), *line = g_strdup_printf("\nact %s\n", act);
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, &p->error);
	const char *const texts[] = {line, NULL};
	guint64 n = 0;

	people_must(p, ledger != NULL && veil_ledger_each_with(ledger, texts, count_one, &n, &p->error));
	return n;
}
