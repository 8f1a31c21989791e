/* test-keys.c - the key file under damage and wrong passphrases, and the keyed hashes. */
#include "private.h"

#include "blind-test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct {
	char *dir, *path, *plain;
} Fixture;

static const char passphrase[] = "correct horse 电池";
static const VeilPassphrases none, one = {passphrase, NULL};
static const VeilHardness least = {1, 8192};

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	guint64 seed = 1;
	f->dir = g_dir_make_tmp("veil-keys-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "registry.key", NULL);
	f->plain = g_build_filename(f->dir, "plain.key", NULL);
	/* The least hardness that Argon2id has: the tests below open the file hundreds of times. */
	assert_true(veil_keys__create_with(f->path, &one, &least, seeded, &seed, NULL));
	assert_true(veil_keys_create(f->plain, &none, seeded, &seed, NULL));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	g_unlink(f->path);
	g_unlink(f->plain);
	assert_int_equal(g_rmdir(f->dir), 0); /* no temporary is left behind */
	g_free(f->dir), g_free(f->path), g_free(f->plain), g_free(f);
	return 0;
}

static void
put(const char *path, const char *bytes, gsize n)
{
	/* Without a sync: a thousand files are written here. */
	assert_true(g_file_set_contents_full(path, bytes, (gssize)n, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static void
opens_again_with_the_same_keys(void **state)
{
	Fixture *f = *state;
	struct stat st;
	VeilWrapping wrapped = VEIL_WRAPPED_NOT;
	guint8 a[16], b[16];

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(veil_keys_wrapping(f->path, &wrapped, NULL));
	assert_int_equal(wrapped, VEIL_WRAPPED_BY_ONE);
	g_autoptr(VeilKeys) keys = veil_keys_open(f->path, &one, NULL);
	g_autoptr(VeilKeys) two = veil_keys_open(f->path, &one, NULL);
	assert_non_null(keys);
	veil_token(keys, "name", "x", 1, a);
	veil_token(two, "name", "x", 1, b);
	assert_memory_equal(a, b, 16);
	assert_true(veil_term_token(keys, "x", 1) == veil_term_token(two, "x", 1));

	assert_true(veil_keys_wrapping(f->plain, &wrapped, NULL));
	assert_int_equal(wrapped, VEIL_WRAPPED_NOT);
	g_autoptr(VeilKeys) plain = veil_keys_open(f->plain, &none, NULL);
	assert_non_null(plain);
	veil_token(plain, "name", "x", 1, b);
	assert_memory_not_equal(a, b, 16);
}

static void
is_never_overwritten(void **state)
{
	Fixture *f = *state;
	guint64 seed = 2;
	g_autoptr(GError) error = NULL;
	assert_false(veil_keys__create_with(f->path, &one, &least, seeded, &seed, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	g_autoptr(VeilKeys) keys = veil_keys_open(f->path, &one, NULL);
	assert_non_null(keys);
}

static void
wrong_passphrase_has_one_text(void **state)
{
	Fixture *f = *state;
	static const char *const wrong[] = {"", "correct horse", "correct horse 电池 ", "Correct horse 电池"};
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(veil_keys_open(f->path, &(VeilPassphrases){wrong[i], NULL}, &error));
		assert_failed_with(error, VEIL_ERROR_REFUSED);
		assert_string_equal(error->message, "wrong passphrase");
	}
	g_autoptr(GError) error = NULL;
	assert_null(veil_keys_open(f->path, &none, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	guint64 seed = 3;
	g_autofree char *other = g_build_filename(f->dir, "empty.key", NULL);
	g_clear_error(&error);
	assert_false(veil_keys_create(other, &(VeilPassphrases){"", NULL}, seeded, &seed, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
}

static void
damage_at_every_byte_is_noticed(void **state)
{
	Fixture *f = *state;
	const char *paths[] = {f->path, f->plain};
	for (gsize k = 0; k < 2; k++) {
		g_autofree char *bytes = NULL;
		gsize n;
		g_autofree char *bad = g_build_filename(f->dir, "bad.key", NULL);
		assert_true(g_file_get_contents(paths[k], &bytes, &n, NULL));
		for (gsize at = 0; at < n; at++)
			for (int bit = 0; bit < 8; bit += 7) {
				g_autoptr(GError) error = NULL;
				VeilWrapping wrapped = 7;
				bytes[at] ^= (char)(1 << bit);
				put(bad, bytes, n);
				bytes[at] ^= (char)(1 << bit);
				assert_null(veil_keys_open(bad, &one, &error));
				assert_failed_with(error, VEIL_ERROR_VERIFY);
				assert_false(veil_keys_wrapping(bad, &wrapped, NULL));
				assert_int_equal(wrapped, 7);
			}
		for (gsize len = 0; len < n; len++) {
			g_autoptr(GError) error = NULL;
			put(bad, bytes, len);
			assert_null(veil_keys_open(bad, &one, &error));
			assert_failed_with(error, VEIL_ERROR_VERIFY);
		}
		g_autofree char *longer = g_malloc0(n + 1);
		memcpy(longer, bytes, n);
		put(bad, longer, n + 1);
		assert_null(veil_keys_open(bad, &one, NULL));
		g_unlink(bad);
	}
	g_autoptr(GError) error = NULL;
	assert_null(veil_keys_open(f->dir, &one, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
}

/* Someone who repairs the digest after changing the header: the header is associated data, and absurd costs are not tried. */
static void
forged_header_does_not_open(void **state)
{
	Fixture *f = *state;
	static const struct {
		gsize at;
		guint8 xor;
		VeilErrorCode code;
	} forgeries[] = {
		{8, 2, VEIL_ERROR_REFUSED}, /* version 3: newer */
		{8, 3, VEIL_ERROR_VERIFY}, /* version 2, which only two officers' files are */
		{12, 1, VEIL_ERROR_VERIFY}, /* "not wrapped" */
		{12, 2, VEIL_ERROR_VERIFY}, /* an unknown way of wrapping */
		{16, 1, VEIL_ERROR_VERIFY}, /* another suite */
		{24, 2, VEIL_ERROR_REFUSED}, /* other passes: another key, so "wrong passphrase" */
		{31, 1, VEIL_ERROR_VERIFY}, /* 2^56 passes */
		{38, 1, VEIL_ERROR_VERIFY}, /* 2^48 bytes of memory */
		{40, 1, VEIL_ERROR_REFUSED}, /* salt */
		{56, 1, VEIL_ERROR_REFUSED}, /* nonce */
		{80, 1, VEIL_ERROR_REFUSED}, /* secret */
		{191, 1, VEIL_ERROR_REFUSED}, /* tag */
	};
	g_autofree char *bytes = NULL;
	gsize n;
	g_autofree char *bad = g_build_filename(f->dir, "bad.key", NULL);
	assert_true(g_file_get_contents(f->path, &bytes, &n, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(forgeries); i++) {
		g_autofree char *copy = g_memdup2(bytes, n);
		g_autoptr(GError) error = NULL;
		copy[forgeries[i].at] ^= (char)forgeries[i].xor;
		crypto_generichash((guint8 *)copy + 192, 32, (guint8 *)copy, 192, NULL, 0);
		put(bad, copy, n);
		assert_null(veil_keys_open(bad, &one, &error));
		assert_failed_with(error, forgeries[i].code);
	}
	g_unlink(bad);
}

static void
full_disk_leaves_nothing(void **state)
{
	Fixture *f = *state;
	guint64 seed = 4;
	g_autofree char *path = g_build_filename(f->dir, "new.key", NULL);
	g_autoptr(GError) error = NULL;
	struct rlimit before, tight;
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	tight = before;
	tight.rlim_cur = 100;
	setrlimit(RLIMIT_FSIZE, &tight);
	gboolean ok = veil_keys_create(path, &none, seeded, &seed, &error);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, old);
	assert_false(ok);
	assert_failed_with(error, VEIL_ERROR_FAILED);
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS)); /* and teardown finds the folder empty */
}

static void
moderate_hardness_is_the_default(void **state)
{
	Fixture *f = *state;
	guint64 seed = 5;
	g_autofree char *path = g_build_filename(f->dir, "hard.key", NULL);
	g_autofree char *bytes = NULL;
	gsize n;
	assert_true(veil_keys_create(path, &one, seeded, &seed, NULL));
	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	assert_true(veil_get_u64((guint8 *)bytes + 24) == crypto_pwhash_OPSLIMIT_MODERATE);
	assert_true(veil_get_u64((guint8 *)bytes + 32) == crypto_pwhash_MEMLIMIT_MODERATE);
	g_autoptr(VeilKeys) keys = veil_keys_open(path, &one, NULL);
	assert_non_null(keys);
	g_unlink(path);
}

static void
two_officers_open_it_together_only(void **state)
{
	Fixture *f = *state;
	guint64 seed = 6;
	static const VeilPassphrases two = {"first 一", "second 二"};
	static const VeilPassphrases wrong[] = {{"first 一", "x"}, {"x", "second 二"}, {"second 二", "first 一"}, {"x", "y"}};
	static const VeilPassphrases bad[] = {{"same", "same"}, {NULL, "only"}, {"", "b"}, {"a", ""}};
	g_autofree char *path = g_build_filename(f->dir, "two.key", NULL);
	VeilWrapping wrapping = VEIL_WRAPPED_NOT;
	g_autoptr(GError) error = NULL;

	assert_true(veil_keys__create_with(path, &two, &least, seeded, &seed, NULL));
	assert_true(veil_keys_wrapping(path, &wrapping, NULL));
	assert_int_equal(wrapping, VEIL_WRAPPED_BY_TWO);
	g_autoptr(VeilKeys) keys = veil_keys_open(path, &two, NULL);
	assert_non_null(keys);
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_clear_error(&error);
		assert_null(veil_keys_open(path, &wrong[i], &error));
		assert_failed_with(error, VEIL_ERROR_REFUSED);
		assert_string_equal(error->message, "wrong passphrase");
	}
	g_clear_error(&error);
	assert_null(veil_keys_open(path, &(VeilPassphrases){"first 一", NULL}, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	assert_non_null(strstr(error->message, "two officers"));

	g_autofree char *bytes = NULL;
	gsize n;
	g_autofree char *broken = g_build_filename(f->dir, "bad.key", NULL);
	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	assert_int_equal(n, 240);
	for (gsize at = 0; at < n; at++) {
		bytes[at] ^= 1;
		put(broken, bytes, n);
		bytes[at] ^= 1;
		assert_null(veil_keys_open(broken, &two, NULL));
	}
	/* Made a file of one officer by someone who repairs the digest: the second salt then stands where the nonce would. */
	bytes[8] = 1, bytes[12] = 1;
	crypto_generichash((guint8 *)bytes + 208, 32, (guint8 *)bytes, 208, NULL, 0);
	put(broken, bytes, n);
	g_clear_error(&error);
	assert_null(veil_keys_open(broken, &(VeilPassphrases){"first 一", NULL}, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_unlink(broken);
		assert_false(veil_keys__create_with(broken, &bad[i], &least, seeded, &seed, NULL));
		assert_false(g_file_test(broken, G_FILE_TEST_EXISTS));
	}
	g_unlink(path);
}

static void
rotated_and_wrapped_anew(void **state)
{
	Fixture *f = *state;
	guint64 seed = 7;
	guint8 a[16], b[16], sealed[VEIL_SEALED_KEY_BYTES], again[VEIL_SEALED_KEY_BYTES], box[3 + VEIL_SEAL_OVERHEAD];
	VeilId row = {{1}};
	g_autofree char *path = g_build_filename(f->dir, "next.key", NULL);
	g_autoptr(VeilKeys) keys = veil_keys_open(f->path, &one, NULL);
	g_autoptr(VeilKeys) next = veil_keys_rotated(keys, seeded, &seed);
	g_autoptr(VeilSealKey) import = veil_seal_key_new(keys, seeded, &seed, sealed);

	veil_token(keys, "name", "x", 1, a);
	veil_token(next, "name", "x", 1, b);
	assert_memory_equal(a, b, 16);
	assert_memory_not_equal(keys->box_secret, next->box_secret, 32);
	assert_memory_not_equal(keys->wrap, next->wrap, 32);
	assert_true(veil_seal_key_reseal(keys, next, sealed, seeded, &seed, again, NULL));
	assert_null(veil_seal_key_open(next, sealed, NULL));
	assert_null(veil_seal_key_open(keys, again, NULL));
	g_autoptr(VeilSealKey) reopened = veil_seal_key_open(next, again, NULL);
	veil_seal(import, 1, "t", "c", &row, "abc", 3, box);
	g_autofree char *text = veil_unseal(reopened, 1, "t", "c", &row, box, sizeof box, NULL, NULL);
	assert_string_equal(text, "abc");

	assert_true(veil_keys_save(next, path, FALSE, &none, seeded, &seed, NULL));
	assert_false(veil_keys_save(next, path, FALSE, &none, seeded, &seed, NULL));
	assert_true(veil_keys_save(keys, path, TRUE, &none, seeded, &seed, NULL));
	g_autoptr(VeilKeys) saved = veil_keys_open(path, &none, NULL);
	assert_memory_equal(saved->box_secret, keys->box_secret, 32);
	g_unlink(path);
}

/* The header's formula, computed the slow way. */
static void
token_is_what_the_header_says(void **state)
{
	Fixture *f = *state;
	static const char message[] = "veil/token/source/acl\0a1b2";
	guint8 want[32], have[16];
	g_autoptr(VeilKeys) keys = veil_keys_open(f->path, &one, NULL);
	crypto_auth_hmacsha256(want, (const guint8 *)message, sizeof message - 1, keys->token);
	veil_token(keys, "source/acl", "a1b2", 4, have);
	assert_memory_equal(have, want, 16);
	/* Domain and text cannot slide into one another. */
	guint8 slid[16];
	veil_token(keys, "source/acla", "1b2", 3, slid);
	assert_memory_not_equal(have, slid, 16);
	assert_true(veil_cell_digest(keys, "ab", "c", 1) != veil_cell_digest(keys, "a", "bc", 2));
	assert_true(veil_cell_digest(keys, "a", "", 0) != veil_cell_digest(keys, "b", "", 0));
	assert_true(veil_cell_digest(keys, "a", "x", 1) == veil_cell_digest(keys, "a", "x", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_again_with_the_same_keys),
		cmocka_unit_test(is_never_overwritten),
		cmocka_unit_test(wrong_passphrase_has_one_text),
		cmocka_unit_test(damage_at_every_byte_is_noticed),
		cmocka_unit_test(forged_header_does_not_open),
		cmocka_unit_test(full_disk_leaves_nothing),
		cmocka_unit_test(moderate_hardness_is_the_default),
		cmocka_unit_test(two_officers_open_it_together_only),
		cmocka_unit_test(rotated_and_wrapped_anew),
		cmocka_unit_test(token_is_what_the_header_says),
	};
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("blind-keys", tests, setup, teardown);
}
