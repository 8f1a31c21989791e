/* test-sealed-file.c - sealed files: whoever they are not for opens nothing, what was altered, cut, moved or joined opens for nobody. */
#include "blind-test.h"

#include <glib/gstdio.h>

#include <veil/sealed.h>

typedef struct {
	char *dir, *path[3];
	VeilAuditorKey *key[3];
	VeilReader reader[3];
} Readers;

static int
set_up(void **state)
{
	Readers *r = g_new0(Readers, 1);

	r->dir = g_dir_make_tmp("veil-sealed-XXXXXX", NULL);
	for (guint i = 0; i < 3; i++) {
		g_autofree char *name = g_strdup_printf("%u.key", i), *line = NULL;
		r->path[i] = g_build_filename(r->dir, name, NULL);
		assert_true(veil_auditor_key_create(r->path[i], i == 2 ? "of the third" : NULL, TRUE, veil_random_system, NULL, &line, NULL));
		r->key[i] = veil_auditor_key_open(r->path[i], i == 2 ? "of the third" : NULL, NULL);
		assert_non_null(r->key[i]);
		veil_auditor_key_public(r->key[i], r->reader[i].key);
		guint8 parsed[32];
		assert_true(veil_auditor_public_parse(line, parsed));
		assert_memory_equal(parsed, r->reader[i].key, 32);
	}
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	Readers *r = *state;

	for (guint i = 0; i < 3; i++) {
		g_unlink(r->path[i]);
		veil_auditor_key_free(r->key[i]);
		g_free(r->path[i]);
	}
	g_rmdir(r->dir);
	g_free(r->dir);
	g_free(r);
	return 0;
}

static GBytes *
seal(const Readers *r, const guint8 *text, gsize len, guint n)
{
	GBytes *file = veil_sealed_make(text, len, r->reader, n, veil_random_system, NULL, NULL);
	assert_non_null(file);
	return file;
}

static int
try_open(const guint8 *file, gsize len, const VeilAuditorKey *key)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) plain = veil_sealed_open(file, len, "x.audit", key, &error);

	return plain != NULL ? -1 : error->code;
}

static void
every_length_comes_back_to_each_reader_and_to_nobody_else(void **state)
{
	const Readers *r = *state;
	static const gsize lengths[] = {0, 1, 15, 16, 65535, 65536, 65537, 131072, 200000};
	g_autofree guint8 *text = g_malloc(200000);

	veil_random_system(text, 200000, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
		g_autoptr(GBytes) file = seal(r, text, lengths[i], 2), same = seal(r, text, lengths[i], 2);
		gsize len = 0;
		const guint8 *bytes = g_bytes_get_data(file, &len);

		assert_false(g_bytes_equal(file, same));
		for (guint k = 0; k < 2; k++) {
			g_autoptr(GBytes) plain = veil_sealed_open(bytes, len, "x", r->key[k], NULL);
			assert_non_null(plain);
			assert_int_equal(g_bytes_get_size(plain), lengths[i]);
			assert_memory_equal(g_bytes_get_data(plain, NULL), text, lengths[i]);
		}
		assert_int_equal(try_open(bytes, len, r->key[2]), VEIL_ERROR_REFUSED);
	}
}

static void
what_was_altered_opens_for_nobody(void **state)
{
	const Readers *r = *state;
	guint8 text[70000] = "exclusions";
	g_autoptr(GBytes) file = seal(r, text, sizeof text, 2);
	gsize len = 0;
	const guint8 *bytes = g_bytes_get_data(file, &len);
	g_autofree guint8 *copy = g_memdup2(bytes, len);

	/* Every byte of the head and the readers' entries, and some of each chunk. The first reader's own entry makes it no file for him. */
	for (gsize at = 0; at < len; at += at < 56 + 160 ? 1 : 997) {
		copy[at] ^= 0x20;
		assert_int_not_equal(try_open(copy, len, r->key[0]), -1);
		assert_int_not_equal(try_open(copy, len, r->key[1]), -1);
		copy[at] ^= 0x20;
	}
	assert_int_equal(try_open(copy, len, r->key[0]), -1);
}

static void
what_was_cut_joined_or_reordered_opens_for_nobody(void **state)
{
	const Readers *r = *state;
	const gsize chunk = 65536 + 16, head = 56 + 80;
	g_autofree guint8 *text = g_malloc0(3 * 65536), *copy = NULL;
	g_autoptr(GBytes) file = seal(r, text, 3 * 65536, 1), other = seal(r, text, 3 * 65536, 1);
	gsize len = 0;
	const guint8 *bytes = g_bytes_get_data(file, &len), *another = g_bytes_get_data(other, NULL);

	for (gsize cut = 0; cut < len; cut += 4099)
		assert_int_equal(try_open(bytes, cut, r->key[0]), VEIL_ERROR_VERIFY);
	/* At the end of a chunk, which is a whole file but for the mark of the last one. */
	assert_int_equal(try_open(bytes, head + chunk, r->key[0]), VEIL_ERROR_VERIFY);
	assert_int_equal(try_open(bytes, head + 2 * chunk, r->key[0]), VEIL_ERROR_VERIFY);
	copy = g_malloc(len + chunk);
	memcpy(copy, bytes, len);
	memcpy(copy + head, bytes + head + chunk, chunk); /* the second in the first's place */
	assert_int_equal(try_open(copy, len, r->key[0]), VEIL_ERROR_VERIFY);
	memcpy(copy, bytes, len);
	memcpy(copy + head, another + head, chunk); /* of another file with the same text */
	assert_int_equal(try_open(copy, len, r->key[0]), VEIL_ERROR_VERIFY);
	memcpy(copy, bytes, len);
	memcpy(copy + len, bytes + head, chunk); /* one too many */
	assert_int_equal(try_open(copy, len + chunk, r->key[0]), VEIL_ERROR_VERIFY);
	memcpy(copy, bytes, len);
	memset(copy + len, 0, 16);
	assert_int_equal(try_open(copy, len + 16, r->key[0]), VEIL_ERROR_VERIFY);
}

static void
a_key_that_is_none_is_refused(void **state)
{
	const Readers *r = *state;
	VeilReader readers[2] = {r->reader[0], {{0}}};
	g_autoptr(GError) error = NULL;
	guint8 key[32];

	assert_null(veil_sealed_make("x", 1, readers, 2, veil_random_system, NULL, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_autofree char *line = veil_auditor_public_format(r->reader[0].key), *custodian = veil_custodian_public_format(r->reader[0].key);
	assert_false(veil_auditor_public_parse(custodian, key));
	assert_false(veil_custodian_public_parse(line, key));
	line[strlen(line) - 5] ^= 1;
	assert_false(veil_auditor_public_parse(line, key));
	assert_false(veil_auditor_public_parse("", key));
}

static void
a_key_file_opens_with_its_passphrase_and_whole(void **state)
{
	const Readers *r = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *line = NULL, *copy_path = g_build_filename(r->dir, "copy.key", NULL);
	gsize len = 0;

	assert_null(veil_auditor_key_open(r->path[2], "of another", &error));
	assert_string_equal(error->message, "wrong passphrase");
	g_clear_error(&error);
	assert_null(veil_auditor_key_open(r->path[2], NULL, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	assert_false(veil_auditor_key_create(r->path[2], NULL, TRUE, veil_random_system, NULL, &line, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	assert_true(g_file_get_contents(r->path[2], &text, &len, NULL));
	for (gsize at = 0; at < len; at++) {
		text[at] ^= 1;
		assert_true(g_file_set_contents(copy_path, text, (gssize)len, NULL));
		g_clear_error(&error);
		assert_null(veil_auditor_key_open(copy_path, "of the third", &error));
		assert_int_equal(error->code, VEIL_ERROR_VERIFY);
		text[at] ^= 1;
	}
	for (gsize cut = 0; cut < len; cut += 7) {
		assert_true(g_file_set_contents(copy_path, text, (gssize)cut, NULL));
		g_clear_error(&error);
		assert_null(veil_auditor_key_open(copy_path, "of the third", &error));
	}
	g_unlink(copy_path);
}

static void
the_registry_opens_what_is_sealed_to_it(void **state)
{
	const Readers *r = *state;
	g_autofree char *path = g_build_filename(r->dir, "registry.key", NULL), *other_path = g_build_filename(r->dir, "other.key", NULL);
	g_autoptr(VeilKeys) keys = NULL, other = NULL;
	VeilReader readers[2] = {r->reader[0]};
	g_autoptr(GError) error = NULL;

	assert_true(veil_keys_create(path, &(VeilPassphrases){0}, veil_random_system, NULL, NULL));
	assert_true(veil_keys_create(other_path, &(VeilPassphrases){0}, veil_random_system, NULL, NULL));
	keys = veil_keys_open(path, &(VeilPassphrases){0}, NULL);
	other = veil_keys_open(other_path, &(VeilPassphrases){0}, NULL);
	veil_keys_public(keys, readers[1].key);
	g_autoptr(GBytes) file = veil_sealed_make("facts", 5, readers, 2, veil_random_system, NULL, NULL);
	gsize len = 0;
	const guint8 *bytes = g_bytes_get_data(file, &len);
	g_autoptr(GBytes) plain = veil_sealed_open_by_registry(bytes, len, "x", keys, NULL);
	assert_memory_equal(g_bytes_get_data(plain, NULL), "facts", 5);
	assert_null(veil_sealed_open_by_registry(bytes, len, "x", other, &error));
	assert_int_equal(error->code, VEIL_ERROR_REFUSED);
	g_unlink(path);
	g_unlink(other_path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back_to_each_reader_and_to_nobody_else),
		cmocka_unit_test(what_was_altered_opens_for_nobody),
		cmocka_unit_test(what_was_cut_joined_or_reordered_opens_for_nobody),
		cmocka_unit_test(a_key_that_is_none_is_refused),
		cmocka_unit_test(a_key_file_opens_with_its_passphrase_and_whole),
		cmocka_unit_test(the_registry_opens_what_is_sealed_to_it),
	};

	return cmocka_run_group_tests_name("blind-sealed-file", tests, set_up, tear_down);
}
