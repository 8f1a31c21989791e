/* test-sealed.c - what a thief of the site's files learns of people: nothing. And who may make and open a site. */
#include "site-fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/desk/import/import-private.h"

/* Every identifying cell of every kind, each a string of its own. */
static const struct {
	const char *kind, *list;
} lists[] = {
	{"organisations", "code,name,aliases,parent,city\nORGCODE-7001,Organisation Seven Oh Two,Alias Seven Oh Three,,City Seven Oh Four\n"},
	{"disciplines", "scheme,code,parent,name\nGB,110,,Discipline Seven Oh Five\n"},
	{"experts",
	 "id,name,variants,id_number,orcid,phone,email,birth,organisation,organisation_code,city,country,keywords,profile,avoid\n"
	 "SRCID-7006,Name Seven Oh Seven,Variant Seven Oh Eight,420106197007090011,0000-0002-1825-0097,13870107010,seven.ten@example.org,1970-11-12,"
	 "Employer Seven Eleven,CODE-7012,Town Seven Thirteen,Country Seven Fourteen,Keyword Seven Fifteen,Profile Seven Sixteen,Avoid Seven Seventeen\n"
	 "SRCID-7018,张七一九,,,,,,,无,,,,,,\n"},
	{"posts", "person,organisation,kind\nSTUBID-7020,Post Seven TwentyOne,adviser\n"},
	{"works", "work,person,date,title,abstract\nWORKID-7022,STUBID-7023,2024,Title Seven TwentyFour,Abstract Seven TwentyFive\n"},
	{"relations", "kind,a,b,evidence\nkin,STUBID-7026,STUBID-7027,Evidence Seven TwentyEight\n"},
	{"bans", "person,since,reason\nSTUBID-7029,2024,Reason Seven Thirty\n"},
};
static const char projects[] = "id,title,abstract,keywords,organisation,organisation_code,partners,amount,exclude\n"
			       "PROJ-7031,Project Seven ThirtyTwo,Abstract Seven ThirtyThree,Keyword Seven ThirtyFour,Unit Seven ThirtyFive,CODE-7036,"
			       "Partner Seven ThirtySeven,7038765.43,EXCL-7039;Excluded Seven Forty@Place Seven FortyOne\n";
static const char people[] = "project,person,name,role,organisation\nPROJ-7031,STUBID-7042,Person Seven FortyThree,applicant,House Seven FortyFour\n"
			     "PROJ-7031,,Nobody Seven FortyFive,participant,\n";
static const char *const canaries[] = {"ORGCODE-7001", "Seven", "SRCID-", "STUBID-", "WORKID-", "PROJ-70", "EXCL-", "CODE-70", "420106197007090011",
				       "0000-0002-1825-0097", "0000000218250097", "13870107010", "example.org", "1970-11-12", "张七一九", "7038765",
				       "seven", "thirtytwo"};

static void
test_no_identifying_cell_is_in_any_byte(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *tmp = g_build_filename(fixture->folder, "tmp", NULL);

	g_mkdir(tmp, 0700);
	g_setenv("TMPDIR", tmp, TRUE);
	g_setenv("SQLITE_TMPDIR", tmp, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		fixture_must(fixture, lists[i].kind, lists[i].list);
	assert_true(fixture_batch(fixture, "B", projects, people));
	assert_int_equal(fixture->last->rejected, 0);
	for (guint i = 0; i < G_N_ELEMENTS(canaries); i++) {
		if (fixture_holds(fixture->dir, canaries[i], strlen(canaries[i])))
			fail_msg("canary %u is in the site", i);
		assert_false(fixture_holds(tmp, canaries[i], strlen(canaries[i])));
	}
	g_unsetenv("TMPDIR");
	g_unsetenv("SQLITE_TMPDIR");
}

/* --- what the owner of the key reads ------------------------------------------------------------------------------- */

typedef struct {
	Fixture *fixture;
	VeilRegistry *registry;
	VeilKeys *keys;
	GHashTable *seal_keys;
	VeilId entry;
	GPtrArray *texts;
} Reader;

static gboolean
first_expert(const VeilEntry *entry, gpointer data, GError **error)
{
	(void)error;
	if (entry->in_pool)
		((Reader *)data)->entry = entry->id;
	return TRUE;
}

static gboolean
open_cell(const VeilCell *cell, gpointer data, GError **error)
{
	Reader *reader = data;
	char *text = veil_cell_open(reader->registry, reader->keys, reader->seal_keys, cell->key, "cell", cell->field, &cell->owner, cell->text, error);
	VeilId other = cell->owner;

	assert_non_null(text);
	g_ptr_array_add(reader->texts, g_strdup_printf("%s=%s", cell->field, text));
	g_free(text);
	if (cell->typed.bytes != NULL) {
		g_autofree char *column = g_strconcat(cell->field, ".typed", NULL);

		text = veil_cell_open(reader->registry, reader->keys, reader->seal_keys, cell->key, "cell", column, &cell->owner, cell->typed, error);
		assert_non_null(text);
		g_ptr_array_add(reader->texts, g_strdup_printf("%s=%s", column, text));
		g_free(text);
	}
	/* moved to another row or column it does not open */
	other.b[0] ^= 1;
	assert_null(veil_cell_open(reader->registry, reader->keys, reader->seal_keys, cell->key, "cell", cell->field, &other, cell->text, NULL));
	assert_null(veil_cell_open(reader->registry, reader->keys, reader->seal_keys, cell->key, "cell", "other", &cell->owner, cell->text, NULL));
	return TRUE;
}

static void
free_seal_key(gpointer key)
{
	veil_seal_key_free(key);
}

static void
test_what_was_typed_is_kept_beside_its_normal_form(void **state)
{
	Reader reader = {.fixture = *state, .texts = g_ptr_array_new_with_free_func(g_free)};
	g_autofree char *all = NULL;

	fixture_must(reader.fixture, "experts", "id,name,organisation\nE1, Zoe\xcc\x88 ,武汉大学\n");
	reader.registry = veil_site_open_registry(reader.fixture->site, VEIL_REGISTRY_READ, NULL);
	reader.keys = veil_site_open_keys(reader.fixture->site, NULL);
	reader.seal_keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_seal_key);
	assert_true(veil_registry_each_entry(reader.registry, first_expert, &reader, NULL));
	/* the key of a cell is looked up while cells are read: one statement each */
	assert_true(veil_registry_each_cell(reader.registry, &reader.entry, open_cell, &reader, NULL));
	g_ptr_array_add(reader.texts, NULL);
	all = g_strjoinv("\n", (char **)reader.texts->pdata);
	assert_string_equal(all, "name=Zo\xc3\xab\nname.typed= Zoe\xcc\x88 \norganisation=武汉大学");
	g_ptr_array_unref(reader.texts);
	g_hash_table_unref(reader.seal_keys);
	veil_keys_free(reader.keys);
	veil_registry_free(reader.registry);
}

/* Two registries of the same list share no byte sequence of id or token: nobody can join a stolen copy with his own. */
static gboolean
collect_ids(const VeilEntry *entry, gpointer data, GError **error)
{
	(void)error;
	g_byte_array_append(data, entry->id.b, sizeof entry->id.b);
	g_byte_array_append(data, entry->token.b, sizeof entry->token.b);
	return TRUE;
}

static void
test_two_sites_cannot_be_joined(void **state)
{
	GByteArray *ids[2] = {g_byte_array_new(), g_byte_array_new()};

	for (int i = 0; i < 2; i++) {
		Fixture *fixture = *state;
		g_autoptr(VeilRegistry) registry = NULL;

		fixture_must(fixture, "experts", "id,name\nE1,a\nE2,b\nE3,c\nE4,d\n");
		registry = veil_site_open_registry(fixture->site, VEIL_REGISTRY_READ, NULL);
		assert_true(veil_registry_each_entry(registry, collect_ids, ids[i], NULL));
		g_clear_pointer(&registry, veil_registry_free);
		if (i == 0) {
			fixture_tear_down(state);
			fixture_set_up(state);
		}
	}
	assert_int_equal(ids[0]->len, ids[1]->len);
	for (guint i = 0; i < ids[0]->len; i += 16)
		assert_null(memmem(ids[1]->data, ids[1]->len, ids[0]->data + i, 16));
	g_byte_array_unref(ids[0]);
	g_byte_array_unref(ids[1]);
}

/* --- sites --------------------------------------------------------------------------------------------------------- */

static void
must_not_create(const char *dir, const VeilSiteOptions *options, int code)
{
	g_autoptr(GError) error = NULL;

	assert_false(veil_site_create(dir, options, &error));
	assert_int_equal(error->code, code);
}

static void
test_a_site_is_private_and_made_once(void **state)
{
	static const char *const folders[] = {"registry", "desk", "draw", "notify", "audit", "ledger"};
	Fixture *fixture = *state;
	VeilSiteOptions options = {.rehearsal = TRUE, .operator_handle = "op1", .random = veil_random_system};
	g_autofree char *other = g_build_filename(fixture->folder, "other", NULL);
	struct stat info;

	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(fixture->dir, folders[i], NULL);

		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0700);
	}
	must_not_create(fixture->dir, &options, VEIL_ERROR_REFUSED);
	options.origin = "bad origin";
	must_not_create(other, &options, VEIL_ERROR_USAGE);
	options.origin = NULL;
	options.rehearsal = FALSE;
	must_not_create(other, &options, VEIL_ERROR_REFUSED); /* no passphrase */
	assert_int_not_equal(stat(other, &info), 0);
	options.rehearsal = TRUE;
	options.operator_handle = ""; /* the first record cannot be written: nothing stays */
	assert_false(veil_site_create(other, &options, NULL));
	assert_int_not_equal(stat(other, &info), 0);
}

static void
test_a_wrong_passphrase_is_one_plain_error(void **state)
{
	Fixture *fixture = *state;
	VeilSiteOptions options = {.operator_handle = "op1", .passphrase = "right horse", .random = veil_random_system};
	g_autofree char *dir = g_build_filename(fixture->folder, "real", NULL);
	g_autofree char *good = fixture_file(fixture, "good.txt", "right horse\n", -1);
	g_autofree char *bad = fixture_file(fixture, "bad.txt", "wrong horse\n", -1);
	g_autoptr(VeilSite) site = NULL;
	g_autoptr(VeilKeys) keys = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(veil_site_create(dir, &options, NULL));
	site = veil_site_open(dir, NULL);
	assert_false(site->rehearsal);
	g_setenv("VEIL_PASSPHRASE_FILE", bad, TRUE);
	assert_null(veil_site_open_keys(site, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_setenv("VEIL_PASSPHRASE_FILE", good, TRUE);
	keys = veil_site_open_keys(site, NULL);
	assert_non_null(keys);
	g_unsetenv("VEIL_PASSPHRASE_FILE");
}

static void
test_what_is_no_site_is_said_plainly(void **state)
{
	Fixture *fixture = *state;
	g_autofree char *ini = g_build_filename(fixture->dir, "site.ini", NULL);
	g_autoptr(GError) error = NULL;

	assert_null(veil_site_open(fixture->folder, &error));
	assert_int_equal(error->code, VEIL_ERROR_NOT_AVAILABLE);
	g_clear_error(&error);
	g_file_set_contents(ini, "[site]\nformat=2\norigin=x\n", -1, NULL);
	assert_null(veil_site_open(fixture->dir, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	g_file_set_contents(ini, "rubbish", -1, NULL);
	assert_null(veil_site_open(fixture->dir, &error));
	assert_int_equal(error->code, VEIL_ERROR_VERIFY);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_no_identifying_cell_is_in_any_byte),
		CASE(test_what_was_typed_is_kept_beside_its_normal_form),
		CASE(test_two_sites_cannot_be_joined),
		CASE(test_a_site_is_private_and_made_once),
		CASE(test_a_wrong_passphrase_is_one_plain_error),
		CASE(test_what_is_no_site_is_said_plainly),
	};

	return cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
}
